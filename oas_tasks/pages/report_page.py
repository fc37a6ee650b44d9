"""Writes the report as a page: its data in columns, in which repeated texts are numbers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from oas_tasks.pages.html_page import DOCTYPE, inert_json, page
from oas_tasks.pages.report_content import Report, ReportedEndpoint, ReportedFault, ReportedPart
from oas_tasks.printable import printable
from oas_tasks.slices.part_places import PartPlace
from oas_tasks.state.index_csv import FAIL, PASS, SKIPPED, WARN
from oas_tasks.state.report_file import REPORT_START

_STATUSES = (PASS, WARN, FAIL, SKIPPED)
_DEPRECATED, _SECURED = 1, 2


class ShownChange(NamedTuple):
    """An endpoint that differs from an earlier revision.

    change: added, removed or changed. extent: how far, "" where it was added or removed.
    """

    change: str
    path: str
    method: str
    extent: str
    causes: tuple[str, ...]


class LastChange(NamedTuple):
    """What differs from an earlier revision. notes: what else there is to say of it."""

    since: str
    changes: tuple[ShownChange, ...]
    unchanged: int
    notes: tuple[str, ...]


class _Numbers:
    """The texts that a column has, each once, and their numbers."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.texts = {text: number for number, text in enumerate(known)}

    def of(self, text: str) -> int:
        """Return the number of a text."""
        return self.texts.setdefault(text, len(self.texts))


class _Files:
    """The files that parts stand in: how they are shown, and where they are from the output folder."""

    def __init__(self, output_dir: Path) -> None:
        self._folder = output_dir
        self._numbers: dict[tuple[Path, str], int] = {}
        self.rows: list[tuple[str, str]] = []

    def of(self, path: Path, shown: str) -> int:
        """Return the number of a file."""
        key = (path, shown)
        if key not in self._numbers:
            self._numbers[key] = len(self.rows)
            self.rows.append((printable(Path(shown).as_posix()), link_to(path, self._folder)))
        return self._numbers[key]


def link_to(file: Path, folder: Path) -> str:
    """Return the relative address of a file for a page in a folder, percent-encoded; "" where there is none."""
    try:
        relative = Path(os.path.relpath(file, folder))
    except ValueError:  # it is on another drive
        return ""
    return quote(os.fsencode(relative.as_posix()))


def report_page(report: Report, change: LastChange | None = None) -> bytes:
    """Return the page. Same report, same bytes."""
    title = report.title or Path(report.document).name
    slots = {"data": f'<script type="application/json" id="data">{inert_json(_columns(report, change))}</script>'}
    made = page("report.html", title, ("theme.css", "report.css"), ("theme.js", "report.js"), slots)
    return REPORT_START + made.removeprefix(DOCTYPE)


def _columns(report: Report, change: LastChange | None) -> dict[str, object]:
    files = _Files(report.output_dir)
    found: dict[str, object] = {
        "title": printable(report.title),
        "document": files.of(report.spec, report.document),
        "version": report.family,
        "endpoints": _endpoints(report.endpoints, files),
        "parts": _parts(report.parts, files),
        "faults": [_fault(each, files) for each in report.faults],
        "change": None if change is None else _change(change, report),
    }
    return {**found, "files": files.rows}


def _endpoints(endpoints: Sequence[ReportedEndpoint], files: _Files) -> dict[str, object]:
    tags, methods, codes = _Numbers(), _Numbers(), _Numbers()
    cells = [each.endpoint.cells for each in endpoints]
    return {
        "path": [printable(each.endpoint.path) for each in endpoints],
        "method": [methods.of(printable(each.endpoint.method)) for each in endpoints],
        "summary": [printable(each.summary) for each in cells],
        "id": [printable(each.operation_id) for each in cells],
        "tags": [[tags.of(printable(tag)) for tag in each.tags] for each in cells],
        "codes": [[codes.of(printable(code)) for code in each.response_codes] for each in cells],
        "flags": [_DEPRECATED * each.deprecated + _SECURED * each.security_required for each in cells],
        "parameters": [each.parameter_count for each in cells],
        "file": [each.record.file for each in endpoints],
        "size": [each.record.size for each in endpoints],
        "status": [_STATUSES.index(each.record.status) for each in endpoints],
        **_places([each.place for each in endpoints], files),
        "needs": [each.needs for each in endpoints],
        "reached": [each.reached for each in endpoints],
        "warnings": {number: each.warnings for number, each in enumerate(endpoints) if each.warnings},
        "methodNames": list(methods.texts),
        "tagNames": list(tags.texts),
        "codeNames": list(codes.texts),
    }


def _parts(parts: Sequence[ReportedPart], files: _Files) -> dict[str, object]:
    kinds = _Numbers()
    return {
        "kind": [kinds.of(printable(each.kind)) for each in parts],
        "name": [printable(each.name) for each in parts],
        **_places([each.place for each in parts], files),
        "needs": [each.needs for each in parts],
        "endpoints": [each.endpoints for each in parts],
        "kindNames": list(kinds.texts),
    }


def _places(places: Sequence[PartPlace], files: _Files) -> dict[str, object]:
    return {"at": [files.of(each.path, each.shown) for each in places], "line": [each.line for each in places]}


def _fault(found: ReportedFault, files: _Files) -> dict[str, object]:
    known = {shown: number for number, (shown, _) in enumerate(files.rows)}
    name = printable(Path(found.fault.place.rsplit(":", 2)[0]).as_posix()) if found.fault.place else ""
    return {
        "place": printable(found.fault.place),
        "pointer": printable(found.fault.pointer),
        "file": known.get(name, -1),
        "message": printable(found.fault.message),
        "status": _STATUSES.index(found.status),
        "endpoints": found.endpoints,
    }


def _change(change: LastChange, report: Report) -> dict[str, object]:
    numbers = {each.endpoint.key: number for number, each in enumerate(report.endpoints)}
    return {
        "since": printable(change.since),
        "unchanged": change.unchanged,
        "notes": [printable(note) for note in change.notes],
        "changes": [
            {
                "change": each.change,
                "endpoint": numbers.get((each.path, each.method), -1) if each.change != "removed" else -1,
                "path": printable(each.path),
                "method": printable(each.method),
                "extent": each.extent,
                "causes": [printable(cause) for cause in each.causes],
            }
            for each in change.changes
        ],
    }


def write_report(file: Path, content: bytes) -> None:
    """Write a report unless the file has this content already. Raises OSError."""
    from oas_tasks.state.output_folder import holds, write_atomically

    if not holds(file, content):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, content)
