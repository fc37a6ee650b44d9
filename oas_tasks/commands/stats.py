"""`slice-oas stats`: the numbers of a document in some lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TextIO

from oas_tasks.amounts import counted, size
from oas_tasks.commands.exit_codes import ALL_BUILT
from oas_tasks.printable import printable, printable_json, printable_lines
from oas_tasks.queries.stats import FaultCounts, Stats, stats
from oas_tasks.settings import Settings

#: The width of the first column, and of a line with names, which is as long as a line on a terminal.
_FIRST, _WIDTH = 16, 80


def write_stats(settings: Sequence[Settings], out: TextIO, as_json: bool) -> int:
    """Write the numbers of each document. Raises UserError."""
    found = [stats(each) for each in settings]
    if as_json:
        out.write(printable_json([_as_json(each) for each in found]))
        return ALL_BUILT
    for number, each in enumerate(found):
        out.write(("\n" if number else "") + printable_lines(_lines(each)))
    return ALL_BUILT


def _as_json(found: Stats) -> dict[str, object]:
    value = asdict(found)
    value["largest"] = [each._asdict() for each in found.largest]
    value["faults"] = None if found.faults is None else found.faults._asdict()
    if found.name is None:
        del value["name"]
    return value


def _lines(found: Stats) -> Iterator[str]:
    name = f"{found.name}: " if found.name else ""
    files = f" in {counted(found.files, 'file')}" if found.files > 1 else ""
    yield f"{name}{found.document}: OpenAPI {found.version}, {size(found.size)}{files}"
    yield _line("Title", [f"{printable(found.title)} {found.api_version}".strip()])
    webhooks = f" and {counted(found.webhooks, 'webhook')}" if found.webhooks else ""
    yield _line(
        "Endpoints", _numbers(found.methods), f"{found.endpoints:,} on {counted(found.paths, 'path')}{webhooks}"
    )
    untagged = [f"{found.untagged:,} without"] if found.untagged else []
    yield _line("Tags", [*untagged, *_numbers(found.tags)], f"{len(found.tags):,}")
    elsewhere = f", {found.elsewhere:,} more elsewhere" if found.elsewhere else ""
    yield _line("Components", _numbers(found.components), f"{sum(found.components.values()):,}{elsewhere}")
    yield _line("Unused", found.unused, f"{len(found.unused):,}")
    yield _line("References", [f"{found.references:,}, each counted once for what refers and what it refers to"])
    if found.depth:
        yield _line("Deepest", [f"{found.deepest}, {counted(found.depth, 'reference')} to its farthest component"])
    large = (f"{each.endpoint} ({each.components:,}, about {size(each.size)})" for each in found.largest)
    yield _line("Most components", large)
    shared = [f"{name.partition('/')[2]}: {count:,}" for name, count in found.shared.items()]
    yield _line("Most shared", [f"{shared[0]} endpoints", *shared[1:]] if shared else ["nothing"])
    yield _line("Deprecated", found.deprecated, f"{len(found.deprecated):,}")
    yield _line("No security", found.without_security, f"{len(found.without_security):,}")
    yield _line("No operationId", found.without_operation_id, f"{len(found.without_operation_id):,}")
    yield _line("Faults", [_fault_words(found.faults)])


def _fault_words(found: FaultCounts | None) -> str:
    if found is None:
        return "not known before a build; 'slice-oas --batch' builds, 'slice-oas check' only checks"
    words = f"{counted(found.failed, 'endpoint')} without a slice, {found.warned:,} with a warning"
    return f"{words}; {found.unknown:,} not known before a build" if found.unknown else words


def _numbers(found: Mapping[str, int]) -> Iterator[str]:
    return (f"{count:,} {name}" for name, count in found.items())


def _line(title: str, names: Iterable[str], count: str = "") -> str:
    """Return a line with as many of the names as it has room for, and how many more there are; at least one."""
    line = f"{title:<{_FIRST}}{count}"
    listed = [" ".join(name.split()) for name in names]
    for number, name in enumerate(listed):
        added = (": " if number == 0 and count else ", " if number else "") + name
        left = len(listed) - number - 1
        more = f" and {left:,} more" if left else ""
        if number and len(line) + len(added) + len(more) > _WIDTH:
            return f"{line} and {left + 1:,} more"
        line += added
    return line
