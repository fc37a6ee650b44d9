"""Writes affected endpoints as text or JSON; `WRITERS` has all output formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from oas_tasks.commands.affected_endpoints.affected_changes import Wanted, changes
from oas_tasks.commands.affected_endpoints.affected_lists import entry, matrix, paths, schemathesis
from oas_tasks.commands.affected_endpoints.affected_markdown import markdown
from oas_tasks.commands.affected_endpoints.affected_words import cause_lines, counts, notes
from oas_tasks.commands.causes import as_json as cause_as_json
from oas_tasks.printable import printable_json, printable_lines
from oas_tasks.queries.affected import Affected


def text(affected: Sequence[Affected], wanted: Wanted) -> str:
    """Return the changes as text."""
    lines = [counts(affected, wanted.since), *notes(affected, wanted)]
    for change in changes(affected, wanted.only):
        name = f"{change.settings.name}: " if change.settings.name else ""
        extent = f" ({change.extent.value})" if change.change == "changed" else ""
        lines.append(f"{change.change:<8} {name}{change.endpoint.label}{extent}")
        lines += [f"           {line}" for line in cause_lines(change)]
    return printable_lines(lines)


def as_json(affected: Sequence[Affected], wanted: Wanted) -> str:
    """Return the changes as JSON."""
    found = [each.comparison for each in affected]
    value = {
        "since": wanted.since,
        "unchanged": sum(each.unchanged for each in found),
        "volatile": list(dict.fromkeys(name for each in found for name in each.volatile)),
        "affected": [
            {
                **entry(change),
                "extent": change.extent.value,
                "causes": [cause_as_json(cause) for cause in change.causes],
                **({"reason": change.reason} if change.reason else {}),
            }
            for change in changes(affected, wanted.only)
        ],
    }
    return printable_json(value)


WRITERS: Mapping[str, Callable[[Sequence[Affected], Wanted], str]] = {
    "text": text,
    "json": as_json,
    "markdown": markdown,
    "matrix": matrix,
    "paths": paths,
    "schemathesis": schemathesis,
}
