"""Writes the faults of documents and stale slices as a Code Quality report, which GitLab shows in merge requests.

The format is a subset of Code Climate's: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from xxhash import xxh3_128_hexdigest

from oas_tasks.printable import printable, printable_json
from oas_tasks.queries.check import Verified
from oas_tasks.queries.committed_slices import CommittedSlices
from oas_tasks.queries.git import git
from oas_tasks.settings import Settings
from oas_tasks.slices.diagnostic import Diagnostic
from oas_tasks.state.fault_list import endpoints_by_fault, named
from oas_tasks.state.fault_places import fault_places

#: The most characters of a description, and the most stale files that have an entry each.
_LONGEST, _MOST_FILES = 1_000, 100


def code_quality(built: Sequence[tuple[Settings, Verified]], committed: CommittedSlices) -> str:
    """Return the report, with each fault once, however many endpoints it touches."""
    top = Path(git("rev-parse", "--show-toplevel") or ".").resolve()
    found = [entry for settings, verified in built for entry in _of_document(settings, verified, top)]
    found += _of_slices(committed, top)
    return printable_json(found)


def _of_document(settings: Settings, verified: Verified, top: Path) -> Iterator[dict[str, object]]:
    for fault, labels in endpoints_by_fault(verified.failed).items():
        yield _of_fault(settings, fault, fault.place, tuple(labels), "openapi-fault", "major", top)
    located = fault_places(settings)  # faults in slices are stored without lines
    for fault, labels in endpoints_by_fault(verified.warned).items():
        yield _of_fault(settings, fault, located(fault).place, tuple(labels), "openapi-warning", "minor", top)


def _of_fault(
    settings: Settings, fault: Diagnostic, place: str, labels: Sequence[str], check: str, severity: str, top: Path
) -> dict[str, object]:
    file, line = split_place(place, str(settings.spec))
    words = f"{fault.message} ({named(labels)})"
    return _entry(words, (file, fault.pointer, fault.message), check, severity, in_repository(file, top), line)


def _of_slices(committed: CommittedSlices, top: Path) -> Iterator[dict[str, object]]:
    for number, file in enumerate(committed.changed[:_MOST_FILES], 1):
        words = "this is not what the document gives: run 'slice-oas --batch' and commit the result"
        if number == _MOST_FILES < len(committed.changed):
            words = f"{words}; so are {len(committed.changed) - number:,} more files"
        yield _entry(words, (file.path,), "stale-slice", "major", file.path, 1)
    for name in committed.foreign:
        yield _entry("no endpoint has this slice: delete it", (name,), "stale-slice", "major", in_repository(name, top))


def _entry(
    words: str, identity: Iterable[str], check: str, severity: str, path: str, line: int = 1
) -> dict[str, object]:
    """Return an entry of the report.

    identity: what a later report has to have in common for it to be the same finding; lines move.
    """
    plain = printable(words)
    return {
        "description": plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 3]}...",
        "check_name": check,
        "fingerprint": xxh3_128_hexdigest("\0".join((check, *identity)).encode("utf-8", "surrogatepass")),
        "severity": severity,
        "location": {"path": printable(path), "lines": {"begin": line}},
    }


def split_place(place: str, default: str) -> tuple[str, int]:
    """Return the file and the line of a place such as `api.yaml:104:20`; the first line where there is none.

    default: the file where the place names none.
    """
    found = re.fullmatch(r"(.*?):(\d+)(?::\d+)?", place)
    return (found[1], int(found[2])) if found else (place or default, 1)


def in_repository(file: str, top: Path) -> str:
    """Return the path of a file in the repository, with slashes; one outside of it as it is."""
    absolute = Path(os.path.abspath(file))  # noqa: PTH100  a link may lead out of the repository
    for way in (absolute, absolute.parent.resolve() / absolute.name):
        if way.is_relative_to(top):
            return way.relative_to(top).as_posix()
    return Path(file).as_posix()
