"""Finds the one change that makes most endpoints stale, if there is one, such as a root field that every slice has."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from oas_tasks.document.place import EndpointKey
from oas_tasks.openapi.pointer import readable
from oas_tasks.plan.planned_document import PlannedDocument
from oas_tasks.state.run import CommonCause, Run
from oas_tasks.state.store import DAMAGE, key_before
from oas_tasks.state.stored_document import stored_document

#: Root fields whose value changes what a document means, so that nobody is advised to declare them volatile.
_MEANINGFUL = ("openapi", "jsonSchemaDialect")


def common_cause(run: Run) -> CommonCause | None:
    """Return the change that makes more than half of a run's endpoints stale, None where there is none.

    Only endpoints with an earlier slice count; new ones and deleted files are stale for other reasons.
    """
    endpoints = {each.key: each for each in run.plan.endpoints}
    changed: dict[EndpointKey, str] = {}
    for key in run.checker.stale:
        record = run.records.by_key.get(key)
        if record is not None and record.fingerprint and record.fingerprint != endpoints[key].fingerprint:
            changed[key] = record.fingerprint
    if 2 * len(changed) <= len(endpoints):
        return None
    try:
        after, before = stored_document(run.store, run.planned.key), _document_before(run, changed)
        if before is None or after is None:
            return None
        found = max(_causes(run, before, after, changed), key=lambda each: len(each.endpoints), default=None)
    except DAMAGE:
        return None
    return found if found is not None and 2 * len(found.endpoints) > len(endpoints) else None


def _document_before(run: Run, fingerprints: dict[EndpointKey, str]) -> PlannedDocument | None:
    """Return the stored document in which most of these endpoints have these fingerprints, None where there is none."""
    first = key_before(run.planned.key)
    for key in (first, *(each for each in run.store.plan_keys() if each not in (first, run.planned.key))):
        document = stored_document(run.store, key)
        if document is not None:
            same = sum(fingerprints.get(each.key) == each.fingerprint for each in document.plan.endpoints)
            if 2 * same > len(fingerprints):
                return document
    return None


def _causes(
    run: Run, before: PlannedDocument, after: PlannedDocument, changed: Collection[EndpointKey]
) -> Iterator[CommonCause]:
    keys = frozenset(changed)
    if before.digests.settings != after.digests.settings:
        yield CommonCause(keys, "the settings or the version of oas-tasks changed", "")
        return
    then, now = before.digests.root, after.digests.root
    for name in {**now, **then}:
        if then.get(name, "") != now.get(name, ""):
            yield CommonCause(keys, f"{name} changed, which is in every slice", _hint(run, name))
    names = {name for name in {**before.shared, **after.shared} if before.shared.get(name) != after.shared.get(name)}
    reached: dict[str, set[EndpointKey]] = {name: set() for name in names}
    for document in (before, after):
        for key in keys & document.numbers.keys():
            for name in names.intersection(document.reached(key)):
                reached[name].add(key)
    for name, its in reached.items():
        yield CommonCause(frozenset(its), f"{name} changed, which they all use", "")


def _hint(run: Run, name: str) -> str:
    """Return the setting with which slices would not be stale though a root field changed."""
    if name in _MEANINGFUL:
        return ""
    pointer = readable(name.split(".", 1) if name.startswith("info.") else [name])[1:]
    listed = ", ".join(f'"{each}"' for each in (*run.settings.volatile, pointer))
    return f"With volatile = [{listed}] such a change leaves them alone"
