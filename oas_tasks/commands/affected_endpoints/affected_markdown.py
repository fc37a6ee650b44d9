"""Writes affected endpoints as Markdown for a step summary or a comment.

Few of them have a row each. Many are grouped by what caused the change, since one edit of a shared schema or of the
root may touch a thousand; their rows are folded away, and only the first ones are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from oas_tasks.commands.affected_endpoints.affected_changes import AffectedEndpoint, Wanted, changes
from oas_tasks.commands.affected_endpoints.affected_words import cause_lines, counts, notes
from oas_tasks.commands.causes import in_words
from oas_tasks.commands.markdown import LONGEST, cell, code, code_cell, fitting
from oas_tasks.queries.affected import Affected

#: Up to so many endpoints are not grouped.
_MOST_UNGROUPED = 12
#: The most causes, endpoints of each cause, and rows of single endpoints where these are grouped.
_MOST_GROUPS, _MOST_NAMED, _MOST_ROWS = 20, 3, 200

_ROWS_HEAD = ("| | endpoint | because of |", "|---|---|---|")


def markdown(affected: Sequence[Affected], wanted: Wanted) -> str:
    """Return the changes as Markdown, as many as fit into a comment."""
    found = list(changes(affected, wanted.only))
    told = "".join(f"\n{cell(note)}.\n" for note in notes(affected, wanted))
    head = f"### Endpoints: {counts(affected, code(wanted.since))}\n{told}"
    if not found:
        return head
    room = LONGEST - len(head)
    if len(found) <= _MOST_UNGROUPED:
        return "\n".join([head, *_rows(found, room)]) + "\n"
    groups = _groups(found)
    room -= sum(len(line) + 1 for line in groups)
    title = f"<details><summary>The endpoints ({len(found):,})</summary>\n"
    return "\n".join([head, *groups, "", title, *_rows(found[:_MOST_ROWS], room, len(found)), "", "</details>"]) + "\n"


def _rows(found: Sequence[AffectedEndpoint], room: int, total: int | None = None) -> Iterator[str]:
    """Yield the table of endpoints.

    room: for how many characters. total: the number of all endpoints, of which these are the first.
    """
    rows = fitting([_row(change) for change in found], room - 300)
    yield from (*_ROWS_HEAD, *rows)
    left = (len(found) if total is None else total) - len(rows)
    if left:
        yield f"\nand {left:,} more: `slice-oas affected` lists them all"


def _row(change: AffectedEndpoint) -> str:
    extent = f" ({change.extent.value})" if change.change == "changed" else ""
    causes = "<br>".join(map(cell, cause_lines(change)))
    return f"| {change.change}{extent} | {code_cell(_label(change))} | {causes} |"


def _label(change: AffectedEndpoint) -> str:
    name = f"{change.settings.name}: " if change.settings.name else ""
    return f"{name}{change.endpoint.label}"


def _groups(found: Sequence[AffectedEndpoint]) -> list[str]:
    """Return a table of causes, those of most endpoints first. An endpoint counts for each of its causes."""
    by_cause: dict[str, list[AffectedEndpoint]] = {}
    for change in found:
        for cause in _causes(change):
            by_cause.setdefault(cause, []).append(change)
    groups = sorted(by_cause.items(), key=lambda group: -len(group[1]))
    lines = ["| because of | endpoints | |", "|---|---:|---|"]
    lines += [f"| {cell(cause)} | {len(touched):,} | {_named(touched)} |" for cause, touched in groups[:_MOST_GROUPS]]
    if len(groups) > _MOST_GROUPS:
        lines.append(f"\nand {len(groups) - _MOST_GROUPS:,} more causes")
    return fitting(lines, LONGEST // 2)


def _causes(change: AffectedEndpoint) -> Iterable[str]:
    """Return the causes of a change in words, without the way on which they reach the endpoint."""
    if change.change != "changed":
        return (f"the endpoint was {change.change}",)
    return dict.fromkeys(in_words(cause._replace(via=())) for cause in change.causes)


def _named(touched: Sequence[AffectedEndpoint]) -> str:
    more = f" and {len(touched) - _MOST_NAMED:,} more" if len(touched) > _MOST_NAMED else ""
    return ", ".join(code_cell(_label(change)) for change in touched[:_MOST_NAMED]) + more
