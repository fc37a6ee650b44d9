"""Checks the output folder against the document: slices, their index, and files that do not belong there.

A slice that no record shows to be up to date is made and compared with its file. A CI gate uses a run without
records, since these can be planted together with the slices.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from oas_tasks.document.place import EndpointKey
from oas_tasks.file_stamp import NO_STAMP
from oas_tasks.plan.plan import Endpoint
from oas_tasks.queries.dry_run import FileState, Match, matches
from oas_tasks.slices.diagnostic import encoded, reason_of
from oas_tasks.state.fault_list import FaultyEndpoint, faulty_endpoint
from oas_tasks.state.index_csv import (
    COLUMNS,
    FAIL,
    FILE_NAME,
    WARN,
    WhenMade,
    index_bytes,
    read_index,
    when_made,
)
from oas_tasks.state.output_folder import holds, holds_but_for_line_ends, slice_contents
from oas_tasks.state.run import Run
from oas_tasks.state.store import Record
from oas_tasks.state.target_conflicts import SLICE_NAME


class FindingKind(Enum):
    """What is wrong with a file.

    STALE: its content differs from what the document gives, probably since the document changed.
    MISSING: it does not exist.
    EDITED: its content differs from what was written, though the document gives the same as then.
    FOREIGN: it looks like a slice, but of no endpoint of the document.
    INDEX: rows of the index differ from what the document gives.
    """

    STALE = "stale"
    MISSING = "missing"
    EDITED = "edited"
    FOREIGN = "foreign"
    INDEX = "index"


#: The reason of a finding where git converted line ends on checkout.
LINE_ENDS = "only its line ends differ"


@dataclass(frozen=True, slots=True)
class Finding:
    """A file that is not as it should be.

    file: path with the output folder, with `/` as separator.
    path, method: the endpoint's, "" where there is none.
    reason: details in words, or "".
    """

    kind: FindingKind
    file: str
    path: str = ""
    method: str = ""
    reason: str = ""

    @property
    def key(self) -> EndpointKey:
        """The path and method of its endpoint."""
        return self.path, self.method


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of a check.

    endpoints: how many there are.
    findings: slices in document order, then foreign files, then the index.
    failed: endpoints that can have no slice. warned: endpoints whose slices have faults of the document.
    """

    endpoints: int
    findings: tuple[Finding, ...]
    failed: tuple[FaultyEndpoint, ...]
    warned: tuple[FaultyEndpoint, ...]


def verify(run: Run, earlier_records: Mapping[EndpointKey, Record] | None = None) -> Verified:
    """Compare the output folder of a run with its document.

    earlier_records: only used to tell an edited file from an edited document; None for the run's own records.
    """
    known = run.records.by_key if earlier_records is None and run.clean_output is None else earlier_records or {}
    if run.clean_output is not None:
        warned = _with_status(WARN, run.rows() if run.clean_output.warned else ())
        return Verified(run.total, tuple(_foreign(run)), (), warned)
    findings: list[Finding] = []
    rows: list[tuple[Endpoint, Record]] = []
    changed: set[EndpointKey] = set()
    earlier = read_index(run.settings.output_dir / FILE_NAME) if run.settings.csv else {}
    matched = matches(run, [endpoint for endpoint in run.plan.endpoints if not run.checker.is_up_to_date(endpoint)])
    for endpoint in run.plan.endpoints:
        key = endpoint.key
        if run.checker.is_up_to_date(endpoint):
            record = run.records.by_key[key]
        else:
            record, finding = _compared(run, next(matched), earlier.get(key), known.get(key))
            if finding is not None:
                findings.append(finding)
                changed.add(key)
        rows.append((endpoint, record))
    findings += _foreign(run)
    if run.settings.csv and (changed or not run.is_index_up_to_date()):
        findings += _index_findings(run, rows, changed, earlier)
    return Verified(len(rows), tuple(findings), _with_status(FAIL, rows), _with_status(WARN, rows))


def _with_status(status: str, rows: Iterable[tuple[Endpoint, Record]]) -> tuple[FaultyEndpoint, ...]:
    return tuple(faulty_endpoint(endpoint, record) for endpoint, record in rows if record.status == status)


def _shown(run: Run, name: str) -> str:
    return (run.settings.output_dir / name).as_posix()


def _compared(
    run: Run, made: Match, row: dict[str, str] | None, before: Record | None
) -> tuple[Record, Finding | None]:
    """Return the record that a build would make of an endpoint, and what is wrong with its file.

    row: its row in the present index, from which the times are taken.
    before: its earlier record.
    """
    endpoint = made.endpoint
    key = endpoint.key
    when = (None if row is None else when_made(row)) or WhenMade("", 0.0)
    reason = reason_of(made.faults)
    record = Record(
        *key,
        file="" if made.status == FAIL else endpoint.file,
        fingerprint=endpoint.fingerprint if made.is_of_document else "",
        status=made.status,
        reason=reason,
        size=made.size,
        stamp=NO_STAMP,
        digest=made.digest,
        created_at=when.created_at,
        milliseconds=when.milliseconds,
        warnings="",
        schema_count=made.schema_count,
        faults=encoded(made.faults),
        is_tolerable=made.is_tolerable,
    )
    kind = None
    match made.state:
        case FileState.LEFT:
            kind = FindingKind.STALE
        case FileState.MISSING if made.status != FAIL:
            kind, reason = FindingKind.MISSING, ""
        case FileState.OTHER | FileState.LINE_ENDS:
            is_same = before is not None and before.fingerprint == endpoint.fingerprint
            kind = FindingKind.EDITED if is_same else FindingKind.STALE
            reason = LINE_ENDS if made.state is FileState.LINE_ENDS else ""
    return record, None if kind is None else Finding(kind, _shown(run, endpoint.file), *key, reason)


def _foreign(run: Run) -> Iterator[Finding]:
    """Yield the files in the output folder that look like slices but belong to no endpoint."""
    wanted = {endpoint.file.casefold() for endpoint in run.plan.endpoints}
    folder = run.settings.output_dir
    if not folder.is_dir():
        return
    for name in sorted(file.name for file in folder.iterdir()):
        if name.casefold() not in wanted and SLICE_NAME.fullmatch(name) and slice_contents(folder, name) is not None:
            yield Finding(FindingKind.FOREIGN, _shown(run, name))


def _index_findings(
    run: Run, rows: list[tuple[Endpoint, Record]], changed: set[EndpointKey], earlier: dict[EndpointKey, dict[str, str]]
) -> Iterator[Finding]:
    """Yield the rows of the index that differ from those that a build would write.

    rows: the expected ones. changed: endpoints whose slices a build would write, so that times and size may differ.
    """
    file = run.settings.output_dir / FILE_NAME
    shown = _shown(run, FILE_NAME)
    if not file.is_file():
        yield Finding(FindingKind.MISSING, shown)
        return
    expected = index_bytes(rows, run.plan.family)
    if not changed and holds(file, expected):
        return
    found = False
    for (endpoint, _), cells in zip(rows, csv.DictReader(io.StringIO(expected.decode(), newline="")), strict=True):
        key = endpoint.key
        row = earlier.get(key)
        if row is None:
            found = True
            yield Finding(FindingKind.INDEX, shown, *key, "has no row")
        else:
            free = ("created_at", "extraction_time_ms", "file_size_kb") if key in changed else ()
            differing = [name for name in COLUMNS if row[name] != cells[name] and name not in free]
            if differing:
                found = True
                yield Finding(FindingKind.INDEX, shown, *key, f"differs in {', '.join(differing)}")
    expected_keys = {endpoint.key for endpoint, _ in rows}
    for key in earlier:
        if key not in expected_keys:
            found = True
            yield Finding(FindingKind.INDEX, shown, *key, "has a row and is not in the document")
    if not found and not changed:
        is_converted = holds_but_for_line_ends(file, expected)
        reason = LINE_ENDS if is_converted else "its rows are right, but not their order or spelling"
        yield Finding(FindingKind.INDEX, shown, reason=reason)
