"""Why an endpoint is sliced again by the next run, or why not: reasons as data, and what it depends on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from oas_tasks.plan.plan import Endpoint
from oas_tasks.plan.planned import PlannedDocument
from oas_tasks.queries.compare import Cause, Side, causes
from oas_tasks.queries.snapshot import CopiedStore
from oas_tasks.state.index_csv import FAIL
from oas_tasks.state.output_folder import is_as_written
from oas_tasks.state.run import Run
from oas_tasks.state.store import Record, key_before
from oas_tasks.state.stored import stored_document


class ReasonType(Enum):
    """Why an endpoint is not up to date.

    NEVER_MADE: no run is remembered that made it. DOCUMENT: the document or the settings changed what it depends on.
    MACHINE: the machine failed the last time. SETTING: `source_faults` decides otherwise now. FILE_NAME: its file has
    another name now. FILE_MISSING, FILE_EDITED: the file is not there, or not as it was written. FILE_LEFT: it has a
    fault, and there is a file all the same.
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
    """What is known of an endpoint.

    reasons: why it is not up to date; none where it is.
    record: what the last run did that had its turn, None where none is remembered.
    parts: the names of the shared parts that it depends on, in the document's order.
    causes: what changed since then; None where the document it was made from is no longer remembered.
    """

    endpoint: Endpoint
    reasons: tuple[ReasonType, ...]
    record: Record | None
    parts: tuple[str, ...]
    causes: tuple[Cause, ...] | None


def explain(run: Run, endpoint: Endpoint) -> Explanation:
    """Explain one endpoint of a run."""
    record = run.records.get((endpoint.path, endpoint.method))
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
    elif run.is_decided_otherwise(record):
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
    return tuple(planned_document(run).reached((endpoint.path, endpoint.method)))


def planned_document(run: Run) -> PlannedDocument:
    """Return what is stored of a run's document; where that cannot be read, it is worked out anew."""
    side = stored_document(run.store, run.planned.key)
    if side is None:
        run.planned.renewed()
        side = stored_document(run.store, run.planned.key)
    assert side is not None  # it was just stored
    return side


def _causes(run: Run, endpoint: Endpoint, record: Record) -> tuple[Cause, ...] | None:
    from oas_tasks.slices.loading import load_slicer

    key = (endpoint.path, endpoint.method)
    store = CopiedStore(run.settings.cache_dir)  # as the last run left it: planning has put today's plan into the run's
    # Others are of other settings, or of another version of this tool.
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
