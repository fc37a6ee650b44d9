"""What makes most endpoints stale at once, where that is one thing, such as a root field that every slice carries."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from oas_tasks.openapi.pointer import readable
from oas_tasks.plan.planned import PlannedDocument
from oas_tasks.state.common_cause import CommonCause
from oas_tasks.state.store import DAMAGE, key_before
from oas_tasks.state.stored import stored_document

if TYPE_CHECKING:
    from oas_tasks.state.run import Key, Run

#: Root fields of which another value is another meaning, so that nobody should be told to look away from it.
_TELLING = ("openapi", "jsonSchemaDialect")


def common_cause(run: Run) -> CommonCause | None:
    """Return the one thing that makes more than half of the endpoints of a run stale, None where there is none.

    Only those count whose slices were made before; what was new or deleted is stale for another reason.
    """
    endpoints = {(each.path, each.method): each for each in run.plan.endpoints}
    changed: dict[Key, str] = {}
    for key in run.stale:
        record = run.records.get(key)
        if record is not None and record.fingerprint and record.fingerprint != endpoints[key].fingerprint:
            changed[key] = record.fingerprint
    if 2 * len(changed) <= len(endpoints):
        return None
    try:
        after, before = stored_document(run.store, run.planned.key), _side_of(run, changed)
        if before is None or after is None:
            return None
        found = max(_causes(run, before, after, changed), key=lambda each: len(each.endpoints), default=None)
    except DAMAGE:
        return None
    return found if found is not None and 2 * len(found.endpoints) > len(endpoints) else None


def _side_of(run: Run, fingerprints: dict[Key, str]) -> PlannedDocument | None:
    """Return what is stored of the document for which slices of these fingerprints were made."""
    first = key_before(run.planned.key)
    for key in (first, *(each for each in run.store.plan_keys() if each not in (first, run.planned.key))):
        side = stored_document(run.store, key)
        if side is not None:
            known = (
                (e.path, e.method) for e in side.plan.endpoints if fingerprints.get((e.path, e.method)) == e.fingerprint
            )
            if 2 * sum(1 for _ in known) > len(fingerprints):
                return side
    return None


def _causes(
    run: Run, before: PlannedDocument, after: PlannedDocument, changed: Collection[Key]
) -> Iterator[CommonCause]:
    keys = frozenset(changed)
    if before.digests.settings != after.digests.settings:
        yield CommonCause(keys, "the settings are others, or another version of oas-tasks makes them", "")
        return
    then, now = before.digests.root, after.digests.root
    for name in {**now, **then}:
        if then.get(name, "") != now.get(name, ""):
            yield CommonCause(keys, f"{name} changed, which every slice carries", _hint(run, name))
    names = {name for name in {**before.shared, **after.shared} if before.shared.get(name) != after.shared.get(name)}
    reached: dict[str, set[Key]] = {name: set() for name in names}
    for side in (before, after):
        for key in keys & side.numbers.keys():
            for name in names.intersection(side.reached(key)):
                reached[name].add(key)
    for name, its in reached.items():
        yield CommonCause(frozenset(its), f"{name} changed, which they all reach", "")


def _hint(run: Run, name: str) -> str:
    """Return the setting that would have left slices alone though a root field changed."""
    if name in _TELLING:
        return ""
    pointer = readable(name.split(".", 1) if name.startswith("info.") else [name])[1:]
    listed = ", ".join(f'"{each}"' for each in (*run.settings.volatile, pointer))
    return f"With volatile = [{listed}] they would be left alone"
