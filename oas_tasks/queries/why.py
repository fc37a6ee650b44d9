"""Explains why an endpoint is up to date or not: reasons as data, and its dependencies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from oas_tasks.plan.plan import Endpoint
from oas_tasks.plan.planned_document import PlannedDocument
from oas_tasks.queries.compare import Cause, Side, causes
from oas_tasks.queries.read_only_run import CopiedStore
from oas_tasks.state.index_csv import FAIL
from oas_tasks.state.output_folder import is_as_written
from oas_tasks.state.run import Run
from oas_tasks.state.store import Record, key_before
from oas_tasks.state.stored_document import stored_document


class ReasonType(Enum):
    """Why an endpoint is not up to date.

    NEVER_MADE: there is no record of it. DOCUMENT: one of its dependencies, or the settings, changed.
    MACHINE: the machine failed the last time. SETTING: `source_faults` has another value now. FILE_NAME: its file has
    another name now. FILE_MISSING, FILE_EDITED: the file is missing, or not as it was written. FILE_LEFT: there is a
    file though the endpoint has a fault.
    """

    NEVER_MADE = "never made"
    DOCUMENT = "document"
    MACHINE = "machine"
    SETTING = "setting"
    FILE_NAME = "file name"
    FILE_MISSING = "file missing"
    FILE_EDITED = "file edited"
    FILE_LEFT = "file left"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an endpoint is up to date or not.

    reasons: why it is not up to date; none where it is.
    record: its last result, None where it was never made.
    parts: the names of the shared parts that it depends on, in the document's order.
    causes: what changed since then; None where the earlier document is no longer stored.
    """

    endpoint: Endpoint
    reasons: tuple[ReasonType, ...]
    record: Record | None
    parts: tuple[str, ...]
    causes: tuple[Cause, ...] | None


def explain(run: Run, endpoint: Endpoint) -> Explanation:
    """Explain one endpoint of a run."""
    record = run.records.by_key.get(endpoint.key)
    reasons = tuple(_reasons(run, endpoint, record))
    found: tuple[Cause, ...] | None = ()
    if record is not None and record.fingerprint and record.fingerprint != endpoint.fingerprint:
        found = _causes(run, endpoint, record)
    return Explanation(endpoint, reasons, record, parts_of(run, endpoint), found)


def _reasons(run: Run, endpoint: Endpoint, record: Record | None) -> Iterator[ReasonType]:
    file = run.settings.output_dir / endpoint.file
    if record is None:
        yield ReasonType.NEVER_MADE
        return
    if not record.fingerprint:
        yield ReasonType.MACHINE
    elif record.fingerprint != endpoint.fingerprint:
        yield ReasonType.DOCUMENT
    elif run.checker.is_decided_otherwise(record):
        yield ReasonType.SETTING
    if record.status == FAIL:
        if file.exists():
            yield ReasonType.FILE_LEFT
    elif record.file != endpoint.file:
        yield ReasonType.FILE_NAME
    elif not file.exists():
        yield ReasonType.FILE_MISSING
    elif not is_as_written(file, record.digest):
        yield ReasonType.FILE_EDITED


def parts_of(run: Run, endpoint: Endpoint) -> tuple[str, ...]:
    """Return the names of the shared parts that an endpoint of a run reaches."""
    return tuple(planned_document(run).reached(endpoint.key))


def planned_document(run: Run) -> PlannedDocument:
    """Return the stored document of a run; if that is damaged, it is planned again."""
    side = stored_document(run.store, run.planned.key)
    if side is None:
        run.planned.renew()
        side = stored_document(run.store, run.planned.key)
    assert side is not None  # it was just stored
    return side


def _causes(run: Run, endpoint: Endpoint, record: Record) -> tuple[Cause, ...] | None:
    from oas_tasks.slices.loading import load_slicer

    key = endpoint.key
    store = CopiedStore(run.settings.cache_dir)  # the run's own store has today's plan already
    # Plans under other keys were made with other settings or by another version.
    own = (run.planned.key, key_before(run.planned.key))
    for stored_key in (*own, *(each for each in store.plan_keys() if each not in own)):
        stored = stored_document(store, stored_key)
        number = None if stored is None else stored.numbers.get(key)
        if stored is not None and number is not None:
            before = Side(stored.plan, stored.dependencies, stored.digests)
            if before.plan.endpoints[number].fingerprint != record.fingerprint:
                continue
            after = Side.of(load_slicer(run.settings, str(run.settings.spec)), run.settings)
            return tuple(causes(before, after, key))
    return None
