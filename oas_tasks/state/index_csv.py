"""Writes and reads index.csv; its columns stand in `COLUMNS`."""

from __future__ import annotations

import csv
import io
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping, Set
from pathlib import Path
from typing import NamedTuple

from oas_tasks.document.place import EndpointKey
from oas_tasks.file_stamp import stamp_of
from oas_tasks.plan.plan import Endpoint
from oas_tasks.regular_files import read_regular
from oas_tasks.state.output_folder import write_atomically
from oas_tasks.state.store import Record

FILE_NAME = "index.csv"

#: Seconds between two writings while slices are made, and how many times the last one's duration at the least.
_LIVE_INTERVAL = 1.0
_LIVE_SHARE = 20

#: Seconds that writing a row takes, as is assumed until the file has been written once.
_SECONDS_PER_ROW = 3e-5

PASS, WARN, FAIL, SKIPPED = "PASS", "WARN", "FAIL", "SKIPPED"

Cell = Callable[[Endpoint, Record, str], str]


def _yes(value: bool) -> str:
    return "true" if value else "false"


#: The columns in order: name, and the cell for an endpoint, its record and the version family.
COLUMNS: dict[str, Cell] = {
    "path": lambda endpoint, record, family: endpoint.path,
    "method": lambda endpoint, record, family: endpoint.method,
    "summary": lambda endpoint, record, family: endpoint.cells.summary,
    "operation_id": lambda endpoint, record, family: endpoint.cells.operation_id,
    "tags": lambda endpoint, record, family: ",".join(endpoint.cells.tags),
    "filename": lambda endpoint, record, family: record.file,
    "file_size_kb": lambda endpoint, record, family: f"{record.size / 1024:.1f}",
    "schema_count": lambda endpoint, record, family: str(
        record.schema_count if record.file else endpoint.cells.schema_count
    ),
    "parameter_count": lambda endpoint, record, family: str(endpoint.cells.parameter_count),
    "response_codes": lambda endpoint, record, family: ",".join(endpoint.cells.response_codes),
    "security_required": lambda endpoint, record, family: _yes(endpoint.cells.security_required),
    "deprecated": lambda endpoint, record, family: _yes(endpoint.cells.deprecated),
    "created_at": lambda endpoint, record, family: record.created_at,
    "output_oas_version": lambda endpoint, record, family: f"{family}.x",
    "validation_status": lambda endpoint, record, family: record.status,
    "failure_reason": lambda endpoint, record, family: record.reason,
    "extraction_time_ms": lambda endpoint, record, family: f"{record.milliseconds:.1f}",
}

#: The first characters by which a spreadsheet takes a cell for a formula.
_FORMULA_STARTS = frozenset({"=", "+", "-", "@", "\t", "\r"})


def index_bytes(rows: Iterable[tuple[Endpoint, Record]], family: str) -> bytes:
    """Return the content of the file: RFC 4180, UTF-8, CRLF after every row. Same rows, same bytes."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    cells = tuple(COLUMNS.values())
    for endpoint, record in rows:
        row = [cell(endpoint, record, family) for cell in cells]
        if not _FORMULA_STARTS.isdisjoint([text[:1] for text in row]):
            row = [_inert(text) for text in row]
        writer.writerow(row)
    return stream.getvalue().encode("utf-8", "replace")


def _inert(text: str) -> str:
    return "'" + text if text[:1] in _FORMULA_STARTS else text


def read_index(file: Path) -> dict[EndpointKey, dict[str, str]]:
    """Return the rows of an index by endpoint, none where there is no readable one."""
    try:
        text = read_regular(file, follow=False).decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}
    return {
        (_unescaped(row["path"]), _unescaped(row["method"])): row
        for row in rows
        if row.keys() >= COLUMNS.keys() and None not in row.values()
    }


class WhenMade(NamedTuple):
    """When a slice was made, `2025-12-18T14:30:45Z` or "" where there is none, and how long it took."""

    created_at: str
    milliseconds: float


_WHEN = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)?")
_MILLISECONDS = re.compile(r"\d{1,12}\.\d")


def when_made(row: Mapping[str, str]) -> WhenMade | None:
    """Return when the slice of a row was made, None where the cells are not as this tool writes them."""
    when, took = row["created_at"], row["extraction_time_ms"]
    if not _WHEN.fullmatch(when) or not _MILLISECONDS.fullmatch(took) or (when == "") == (row["filename"] != ""):
        return None
    return WhenMade(when, float(took))


class LiveIndex:
    """Renews index.csv while slices are made, at a small share of the time that the slices take."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._written_at = time.monotonic()
        self._seconds: float | None = None

    def is_due(self, rows: int) -> bool:
        """Whether it is time to write the file again, with this many rows at the most."""
        seconds = rows * _SECONDS_PER_ROW if self._seconds is None else self._seconds
        return time.monotonic() - self._written_at >= max(_LIVE_INTERVAL, _LIVE_SHARE * seconds)

    def write(self, content: Callable[[], bytes]) -> None:
        """Write the file. Raises OSError."""
        started = time.monotonic()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._file, content())
        self._written_at = time.monotonic()
        self._seconds = self._written_at - started


def merged_index(file: Path, fresh: bytes, numbers: Mapping[EndpointKey, int]) -> bytes:
    """Return an earlier index in which the rows of another one are added or replaced.

    fresh: the content of the other index.
    numbers: the positions of the endpoints in the document; rows of other endpoints are kept at the end.
    """
    header, *rows = csv.reader(io.StringIO(fresh.decode()))
    by_key: dict[EndpointKey, list[str]] = {}
    for key, cells in read_index(file).items():
        by_key[key] = [cells[column] for column in COLUMNS]
    for row in rows:
        by_key[_unescaped(row[0]), _unescaped(row[1])] = row
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(by_key[key] for key in sorted(by_key, key=lambda key: numbers.get(key, len(numbers))))
    return stream.getvalue().encode()


def with_kept_rows(content: bytes, earlier: Mapping[EndpointKey, Mapping[str, str]], kept: Set[EndpointKey]) -> bytes:
    """Return an index with rows of an earlier one, each behind the row that it followed there.

    earlier: all rows of the earlier index.
    kept: the endpoints whose rows to add; the index has none of them.
    """
    header, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    present = {(_unescaped(row[0]), _unescaped(row[1])): row for row in rows}
    following: dict[EndpointKey | None, list[list[str]]] = {}
    before: EndpointKey | None = None
    for key, cells in earlier.items():
        if key in present:
            before = key
        elif key in kept:
            following.setdefault(before, []).append([cells[column] for column in COLUMNS])
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(following.get(None, ()))
    for key, row in present.items():
        writer.writerow(row)
        writer.writerows(following.get(key, ()))
    return stream.getvalue().encode()


def _unescaped(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA_STARTS else cell


def index_stamp(plan_digest: str, status: os.stat_result) -> list[object]:
    """Return what an index is up to date with: its plan and columns, and the file's size and stamp."""
    return [f"{plan_digest} {','.join(COLUMNS)}", status.st_size, stamp_of(status)]
