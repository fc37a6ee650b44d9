"""Whether what is on disk is what the document gives: slices, their index, and files that do not belong there.

What the records of a run cannot vouch for is made, and compared with the file. The gate of CI takes a run without any:
records can be planted beside the slices that they vouch for.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from oas_tasks.file_stamp import NO_STAMP
from oas_tasks.plan.plan import Endpoint
from oas_tasks.queries.dry_run import FileState, Match, matches
from oas_tasks.slices.told import encoded, reason_of
from oas_tasks.state.fault_list import Faulty, faulty
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
from oas_tasks.state.output_folder import holds, holds_but_for_line_ends, is_slice
from oas_tasks.state.run import Key, Run
from oas_tasks.state.store import Record
from oas_tasks.state.targets import SLICE_NAME


class FindingKind(Enum):
    """What is wrong with a file.

    STALE: it is not what the document gives; an earlier document gave it, as far as can be told.
    MISSING: it is not there.
    EDITED: it is not what was written, though the document still gives what it gave then.
    FOREIGN: it is a slice by its look, but of no endpoint of the document.
    INDEX: rows of the index are not what the document gives.
    """

    STALE = "stale"
    MISSING = "missing"
    EDITED = "edited"
    FOREIGN = "foreign"
    INDEX = "index"


#: The reason of a finding that git makes rather than people, where it converts line ends.
LINE_ENDS = "only its line ends differ"


@dataclass(frozen=True, slots=True)
class Finding:
    """A file that is not as it should be.

    file: with the output folder in front, and `/`.
    path, method: of its endpoint, "" where it has none.
    reason: more about it in words, or "".
    """

    kind: FindingKind
    file: str
    path: str = ""
    method: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found.

    endpoints: how many there are.
    findings: those of slices in document order, then foreign files, then the index.
    failed: the endpoints that can have no slice. warned: those whose slices have faults of the document.
    """

    endpoints: int
    findings: tuple[Finding, ...]
    failed: tuple[Faulty, ...]
    warned: tuple[Faulty, ...]


def verify(run: Run, remembered: Mapping[Key, Record] | None = None) -> Verified:
    """Compare the output folder of a run with its document; nothing is written.

    remembered: records that are asked for no more than whether a file was edited or its document was; those of the run
        where it is None.
    """
    remembered = run.records if remembered is None and run.whole is None else remembered or {}
    if run.whole is not None:
        warned = _with_status(WARN, run.rows() if run.whole.warned else ())
        return Verified(run.total, tuple(_foreign(run)), (), warned)
    findings: list[Finding] = []
    rows: list[tuple[Endpoint, Record]] = []
    changed: set[Key] = set()
    earlier = read_index(run.settings.output_dir / FILE_NAME) if run.settings.csv else {}
    matched = matches(run, [endpoint for endpoint in run.plan.endpoints if not run.is_current(endpoint)])
    for endpoint in run.plan.endpoints:
        key = (endpoint.path, endpoint.method)
        if run.is_current(endpoint):
            record = run.records[key]
        else:
            record, finding = _compared(run, next(matched), earlier.get(key), remembered.get(key))
            if finding is not None:
                findings.append(finding)
                changed.add(key)
        rows.append((endpoint, record))
    findings += _foreign(run)
    if run.settings.csv and (changed or not run.index_is_current):
        findings += _index_findings(run, rows, changed, earlier)
    return Verified(len(rows), tuple(findings), _with_status(FAIL, rows), _with_status(WARN, rows))


def _with_status(status: str, rows: Iterable[tuple[Endpoint, Record]]) -> tuple[Faulty, ...]:
    return tuple(faulty(endpoint, record) for endpoint, record in rows if record.status == status)


def _shown(run: Run, name: str) -> str:
    return (run.settings.output_dir / name).as_posix()


def _compared(
    run: Run, made: Match, row: dict[str, str] | None, before: Record | None
) -> tuple[Record, Finding | None]:
    """Return the record that a build would leave of an endpoint, and what is wrong with its file.

    row: its row in the index that is there, which tells when it was made and how long that took.
    before: what is remembered of it.
    """
    endpoint = made.endpoint
    key = (endpoint.path, endpoint.method)
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
    """Yield the files in the output folder that are slices of no endpoint."""
    wanted = {endpoint.file.casefold() for endpoint in run.plan.endpoints}
    folder = run.settings.output_dir
    if not folder.is_dir():
        return
    for name in sorted(file.name for file in folder.iterdir()):
        if name.casefold() not in wanted and SLICE_NAME.fullmatch(name) and is_slice(folder, name):
            yield Finding(FindingKind.FOREIGN, _shown(run, name))


def _index_findings(
    run: Run, rows: list[tuple[Endpoint, Record]], changed: set[Key], earlier: dict[Key, dict[str, str]]
) -> Iterator[Finding]:
    """Yield the rows of the index that are not as a build would leave them.

    rows: what they should be. changed: endpoints whose slices a build writes, and so whose time and size it sets.
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
        key = (endpoint.path, endpoint.method)
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
    present = {(endpoint.path, endpoint.method) for endpoint, _ in rows}
    for path, method in earlier:
        if (path, method) not in present:
            found = True
            yield Finding(FindingKind.INDEX, shown, path, method, "has a row and is not in the document")
    if not found and not changed:
        is_converted = holds_but_for_line_ends(file, expected)
        reason = LINE_ENDS if is_converted else "its rows are right, but not their order or spelling"
        yield Finding(FindingKind.INDEX, shown, reason=reason)
