"""Lists the faults of a build, each once: its place, what is wrong there, and the endpoints that it affects.

One fault in a shared schema affects a thousand endpoints, but needs one correction. The summary, `check`, `hook`,
`--dry-run` and the message of the index task consist of these lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from oas_tasks.amounts import counted
from oas_tasks.plan.plan import Endpoint
from oas_tasks.printable import printable_lines
from oas_tasks.settings import Settings
from oas_tasks.slices.diagnostic import Diagnostic, decoded
from oas_tasks.state.index_csv import FILE_NAME
from oas_tasks.state.store import Record

#: The most faults that are listed, the most endpoints of each, and the most places of the same fault.
_MOST_FAULTS, _MOST_ENDPOINTS, _MOST_PLACES = 10, 3, 3


class FaultyEndpoint(NamedTuple):
    """An endpoint with faults.

    is_tolerable: the setting `source_faults` decides whether there is a slice.
    is_of_document: the faults are in the document, and not the machine's.
    """

    endpoint: Endpoint
    faults: Sequence[Diagnostic]
    is_tolerable: bool = False
    is_of_document: bool = True


def faulty_endpoint(endpoint: Endpoint, record: Record) -> FaultyEndpoint:
    """Return an endpoint with the faults in its record."""
    known = decoded(record.faults) or [Diagnostic("", "", record.reason)]
    return FaultyEndpoint(endpoint, known, record.is_tolerable, record.fingerprint != "")


class _Group(NamedTuple):
    """Faults that are listed together, since they affect the same endpoints.

    lines: one for each fault, or for several with the same message.
    labels: the affected endpoints.
    """

    lines: list[str]
    labels: tuple[str, ...]


def failure_message(failed: Sequence[FaultyEndpoint], total: int, settings: Settings) -> str:
    """Return the message of a task that fails for endpoints without a slice."""
    lines = [f"{len(failed):,} of {counted(total, 'endpoint')} failed:", *fault_lines(failed, settings)]
    return printable_lines([*lines, *leniency_lines(failed)]).rstrip("\n")


def failure_lines(found: Sequence[FaultyEndpoint], settings: Settings) -> list[str]:
    """Return the lines about endpoints without a slice, and about the setting with which they would have one."""
    if not found:
        return []
    count = len(endpoints_by_fault(found))
    verb = "keeps" if count == 1 else "keep"
    lines = [f"{counted(count, 'fault')} {verb} {counted(len(found), 'endpoint')} from being sliced:"]
    lines += fault_lines(found, settings)
    return lines + leniency_lines(found)


def leniency_lines(found: Sequence[FaultyEndpoint]) -> list[str]:
    """Return a line about the faults that `source_faults` tolerates, none where it tolerates none of them."""
    tolerable = sum(each.is_tolerable for each in found)
    if not tolerable:
        return []
    count = sum(each.is_of_document for each in found)
    have, them = ("has", "it as it is") if count == 1 else ("have", "them as they are")
    them = them if tolerable == count else f"{tolerable:,} of them as they are"
    return [f"{counted(count, 'endpoint')} {have} no slice for faults of the document; --lenient slices {them}"]


def warning_lines(
    found: Sequence[FaultyEndpoint], settings: Settings, located: Callable[[Diagnostic], Diagnostic]
) -> list[str]:
    """Return the lines about slices that have faults of the document.

    located: adds the line of a fault, which is not stored, since any edit may move it.
    """
    if not found:
        return []
    count = len(endpoints_by_fault(found))
    verb = "is" if count == 1 else "are"
    lines = [f"{counted(count, 'fault')} of the document {verb} in {counted(len(found), 'slice')} (WARN):"]
    return lines + fault_lines(found, settings, located)


def earlier_warning_lines(count: int, settings: Settings) -> list[str]:
    """Return a line about slices with faults that an earlier run listed, none where there are none."""
    if not count:
        return []
    have = "has" if count == 1 else "have"
    where = f": WARN in {settings.output_dir / FILE_NAME}" if settings.csv else ""
    return [f"{counted(count, 'slice')} {have} faults of the document, as before{where}"]


def fault_lines(
    found: Sequence[FaultyEndpoint], settings: Settings, located: Callable[[Diagnostic], Diagnostic] | None = None
) -> list[str]:
    """Return the lines about faults and their endpoints, most endpoints first, and where the rest is listed."""
    groups = _groups(found, located)
    lines: list[str] = []
    left = _MOST_FAULTS
    for group in groups:
        if left > 0:
            lines += [f"  {line}" for line in group.lines[:left]]
            lines.append(f"    {named(group.labels)}")
        left -= len(group.lines)
    if left < 0:
        where = str(settings.output_dir / FILE_NAME) if settings.csv else "'slice-oas check --json'"
        lines.append(f"  and {-left:,} more, see {where}")
    return lines


def _groups(found: Sequence[FaultyEndpoint], located: Callable[[Diagnostic], Diagnostic] | None) -> list[_Group]:
    by_fault = endpoints_by_fault(found)
    by_message: dict[str, list[Diagnostic]] = {}
    for fault in by_fault:
        by_message.setdefault(fault.message, []).append(fault)
    together: dict[tuple[str, ...], list[str]] = {}
    for fault, labels in by_fault.items():
        same = by_message[fault.message]
        if len(same) > _MOST_PLACES:
            if fault is not same[0]:
                continue
            labels = dict.fromkeys(label for each in same for label in by_fault[each])
        fault = fault if located is None else located(fault)
        more = f" and {len(same) - 1:,} more places" if len(same) > _MOST_PLACES else ""
        line = f"{fault.place}{more}  {fault.message}" if fault.place else fault.message
        together.setdefault(tuple(labels), []).append(line)
    groups = [_Group(lines, labels) for labels, lines in together.items()]
    return sorted(groups, key=lambda group: -len(group.labels))


def endpoints_by_fault(found: Iterable[FaultyEndpoint]) -> dict[Diagnostic, dict[str, None]]:
    """Return each fault with the labels of its endpoints, in order of occurrence."""
    by_fault: dict[Diagnostic, dict[str, None]] = {}
    for endpoint, faults, *_ in found:
        for fault in faults:
            by_fault.setdefault(fault, {})[endpoint.label] = None
    return by_fault


def named(labels: Sequence[str]) -> str:
    """Return many endpoints, named by the first ones: `24 endpoints: GET /a0, GET /a1, GET /a2 and 21 more`."""
    if len(labels) == 1:
        return labels[0]
    more = f" and {len(labels) - _MOST_ENDPOINTS:,} more" if len(labels) > _MOST_ENDPOINTS else ""
    return f"{counted(len(labels), 'endpoint')}: {', '.join(labels[:_MOST_ENDPOINTS])}{more}"
