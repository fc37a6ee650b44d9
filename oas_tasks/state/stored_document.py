"""Reads the stored plan of a document together with its dependencies and digests."""

from __future__ import annotations

from oas_tasks.plan.plan import decoded_dependencies, decoded_plan
from oas_tasks.plan.planned_document import PlannedDocument, decoded
from oas_tasks.state.store import DAMAGE, Store


def stored_document(store: Store, key: str) -> PlannedDocument | None:
    """Return the stored document of a plan, None where it is missing or damaged."""
    stored, dependencies, digests = store.plan(key), store.dependencies(key), store.digests(key)
    if stored is None or dependencies is None or digests is None:
        return None
    try:
        plan, known = decoded_plan(stored.endpoints), decoded_dependencies(dependencies)
        found = decoded(digests, known.parts)
    except DAMAGE:
        return None
    counts = (len(known.closures), len(found.own), len(found.shared))
    return PlannedDocument(plan, known, found) if counts == (*[len(plan.endpoints)] * 2, len(known.parts)) else None
