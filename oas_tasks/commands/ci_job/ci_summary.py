"""Writes what a CI job did with slices as Markdown, below what `affected` says: counts, faults, stale slices.

Together they fit into a comment. Faults have a row each, whatever the number of their endpoints.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from oas_tasks.amounts import counted
from oas_tasks.commands.markdown import cell, code_cell, fitting
from oas_tasks.queries.check import Verified
from oas_tasks.queries.committed_slices import CommittedSlices
from oas_tasks.settings import Settings
from oas_tasks.slices.diagnostic import Diagnostic
from oas_tasks.state.fault_list import FaultyEndpoint, endpoints_by_fault, named

#: The most faults and files that have a row, and the most characters of a message and of the whole.
_MOST_FAULTS, _MOST_FILES, _LONGEST_MESSAGE, _LONGEST = 10, 20, 300, 5_000


def ci_summary(built: Sequence[tuple[Settings, Verified]], committed: CommittedSlices, stale: str) -> str:
    """Return the summary of a build and of what git says about it.

    stale: what happens to stale slices: fail, commit or ignore.
    """
    endpoints = sum(verified.endpoints for _, verified in built)
    failed = [each for _, verified in built for each in verified.failed]
    warned = [each for _, verified in built for each in verified.warned]
    verdict = f"{endpoints - len(failed):,} of {counted(endpoints, 'endpoint')} have a slice"
    lines = [f"### Slices: {verdict}", ""]
    lines += _fault_lines("no slice", failed)
    lines += _fault_lines("a slice with a fault of the document", warned)
    lines += _stale_lines(committed, stale)
    return "\n".join(fitting(lines, _LONGEST)) + "\n"


def _fault_lines(what: str, found: Sequence[FaultyEndpoint]) -> list[str]:
    if not found:
        return []
    faults = sorted(endpoints_by_fault(found).items(), key=lambda each: -len(each[1]))
    lines = [f"{counted(len(found), 'endpoint')} {'has' if len(found) == 1 else 'have'} {what}:", ""]
    lines += ["| place | fault | endpoints |", "|---|---|---|"]
    lines += [_fault_row(fault, tuple(labels)) for fault, labels in faults[:_MOST_FAULTS]]
    return [*lines, *_more(len(faults) - _MOST_FAULTS, "fault"), ""]


def _fault_row(fault: Diagnostic, labels: Sequence[str]) -> str:
    message = fault.message
    if len(message) > _LONGEST_MESSAGE:
        message = f"{message[: _LONGEST_MESSAGE - 3]}..."
    place = code_cell(fault.place) if fault.place else ""
    return f"| {place} | {cell(message)} | {cell(named(labels))} |"


def _stale_lines(committed: CommittedSlices, stale: str) -> list[str]:
    lines: list[str] = []
    if committed.changed:
        does = {"commit": "; they are committed", "ignore": ""}.get(stale, ": run `slice-oas --batch` and commit them")
        lines += [f"{counted(len(committed.changed), 'file')} differed from what the document gives{does}.", ""]
        lines += _listed(map(str, committed.changed))
    if committed.foreign:
        lines += [f"{counted(len(committed.foreign), 'committed slice')} without an endpoint, to be deleted:", ""]
        lines += _listed(committed.foreign)
    return lines


def _listed(names: Iterable[str]) -> list[str]:
    listed = list(names)
    lines = [f"- {code_cell(name)}" for name in listed[:_MOST_FILES]]
    return [*lines, *_more(len(listed) - _MOST_FILES, "file"), ""]


def _more(count: int, what: str) -> list[str]:
    return ["", f"and {count:,} more {what}{'' if count == 1 else 's'}"] if count > 0 else []
