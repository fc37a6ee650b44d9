"""The faults of a build, each told once: its place, what is wrong there, and the endpoints that it touches.

One fault in a shared schema touches a thousand endpoints, and what has to be mended is the fault. Summary, `check`,
`hook`, `--dry-run` and the index task's message are made of these lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from oas_tasks.plan.plan import Endpoint
from oas_tasks.settings import Settings
from oas_tasks.slices.told import Told, decoded
from oas_tasks.state.index_csv import FILE_NAME
from oas_tasks.state.store import Record

#: How many faults are told, and of each how many endpoints; and how many places that have the same fault are told one
#: by one.
_MOST_FAULTS, _MOST_ENDPOINTS, _MOST_PLACES = 10, 3, 3


class Faulty(NamedTuple):
    """An endpoint with faults.

    is_tolerable: they are such that the setting `source_faults` decides whether there is a slice.
    is_of_document: it is the document that has to be mended, and not the machine.
    """

    endpoint: Endpoint
    faults: Sequence[Told]
    is_tolerable: bool = False
    is_of_document: bool = True


def faulty(endpoint: Endpoint, record: Record) -> Faulty:
    """Return an endpoint with the faults that its record tells of."""
    known = decoded(record.faults) or [Told("", "", record.reason)]
    return Faulty(endpoint, known, record.is_tolerable, record.fingerprint != "")


class _Group(NamedTuple):
    """Faults that are told together: all of them say the same, or touch the same endpoints.

    lines: one for each fault, or for several that say the same.
    labels: of the endpoints that are touched.
    """

    lines: list[str]
    labels: tuple[str, ...]


def refusals(found: Sequence[Faulty], settings: Settings) -> list[str]:
    """Return the lines about endpoints that have no slice, and how to have one all the same."""
    if not found:
        return []
    count = len(_distinct(found))
    verb = "keeps" if count == 1 else "keep"
    lines = [f"{counted(count, 'fault')} {verb} {counted(len(found), 'endpoint')} from being sliced:"]
    lines += told(found, settings)
    return lines + leniency(found)


def leniency(found: Sequence[Faulty]) -> list[str]:
    """Return the line about what `source_faults` would have let pass, where it would have anything."""
    tolerable = sum(each.is_tolerable for each in found)
    if not tolerable:
        return []
    count = sum(each.is_of_document for each in found)
    have, them = ("has", "it as it is") if count == 1 else ("have", f"{tolerable:,} of them as they are")
    return [f"{counted(count, 'endpoint')} {have} no slice for faults of the document; --lenient slices {them}"]


def warnings(found: Sequence[Faulty], settings: Settings, located: Callable[[Told], Told]) -> list[str]:
    """Return the lines about slices that have faults of the document.

    located: finds the line of a fault, which is not stored, since any edit may move it.
    """
    if not found:
        return []
    count = len(_distinct(found))
    verb = "stands" if count == 1 else "stand"
    lines = [f"{counted(count, 'fault')} of the document {verb} in {counted(len(found), 'slice')} (WARN):"]
    return lines + told(found, settings, located)


def warnings_in_short(count: int, settings: Settings) -> list[str]:
    """Return the line about slices with faults that were told before."""
    if not count:
        return []
    have = "has" if count == 1 else "have"
    where = f": WARN in {settings.output_dir / FILE_NAME}" if settings.csv else ""
    return [f"{counted(count, 'slice')} {have} faults of the document, as before{where}"]


def told(found: Sequence[Faulty], settings: Settings, located: Callable[[Told], Told] | None = None) -> list[str]:
    """Return faults with the endpoints that they touch, those that touch most first; and where the rest is told."""
    groups = _groups(found, located)
    lines: list[str] = []
    left = _MOST_FAULTS
    for group in groups:
        if left > 0:
            lines += [f"  {line}" for line in group.lines[:left]]
            lines.append(f"    {_named(group.labels)}")
        left -= len(group.lines)
    if left < 0:
        where = str(settings.output_dir / FILE_NAME) if settings.csv else "'slice-oas check --json'"
        lines.append(f"  and {-left:,} more, see {where}")
    return lines


def _groups(found: Sequence[Faulty], located: Callable[[Told], Told] | None) -> list[_Group]:
    by_fault = _distinct(found)
    by_message: dict[str, list[Told]] = {}
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


def _distinct(found: Iterable[Faulty]) -> dict[Told, dict[str, None]]:
    """Return each fault with the endpoints that it touches, in the order in which they are met."""
    by_fault: dict[Told, dict[str, None]] = {}
    for endpoint, faults, *_ in found:
        for fault in faults:
            by_fault.setdefault(fault, {})[endpoint.label] = None
    return by_fault


def _named(labels: Sequence[str]) -> str:
    """Return endpoints by the first of them: `24 endpoints: GET /a0, GET /a1, GET /a2 and 21 more`."""
    if len(labels) == 1:
        return labels[0]
    more = f" and {len(labels) - _MOST_ENDPOINTS:,} more" if len(labels) > _MOST_ENDPOINTS else ""
    return f"{counted(len(labels), 'endpoint')}: {', '.join(labels[:_MOST_ENDPOINTS])}{more}"


def counted(count: int, what: str) -> str:
    """Return how many there are of what: `1 endpoint`, `1,078 endpoints`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
