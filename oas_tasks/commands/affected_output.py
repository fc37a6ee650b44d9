"""Writes affected endpoints as text, JSON, or Markdown for a summary or a comment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from oas_tasks.commands.affected_changes import AffectedEndpoint, Wanted, changes
from oas_tasks.commands.affected_lists import entry, matrix, paths, schemathesis
from oas_tasks.commands.causes import as_json as cause_as_json
from oas_tasks.commands.causes import in_words
from oas_tasks.printable import printable, printable_json, printable_lines
from oas_tasks.queries.affected import Affected
from oas_tasks.queries.compare import CauseKind, Extent

#: The most characters of a comment; GitHub allows 65,536.
_LONGEST = 60_000

#: The most causes of one endpoint in text and Markdown; JSON has all of them.
_MOST_CAUSES = 5


def _counts(affected: Sequence[Affected], since: str) -> str:
    found = [each.comparison for each in affected]
    texts = sum(each.extent is Extent.TEXT for document in found for each in document.changed)
    parts = (
        (sum(len(each.added) for each in found), "added"),
        (sum(len(each.removed) for each in found), "removed"),
        (sum(len(each.changed) for each in found), f"changed ({texts:,} in text only)" if texts else "changed"),
        (sum(each.unchanged for each in found), "unchanged"),
    )
    return ", ".join(f"{count:,} {word}" for count, word in parts) + f" since {since}"


def _notes(affected: Sequence[Affected], wanted: Wanted) -> list[str]:
    """Return notes about changes that are left out."""
    notes = []
    names = list(dict.fromkeys(name for each in affected for name in each.comparison.volatile))
    if names:
        verb, them = ("differs", "it is") if len(names) == 1 else ("differ", "they are")
        notes.append(f"{', '.join(names)} {verb} as well; {them} volatile and left out")
    count = sum(1 for _ in changes(affected)) - sum(1 for _ in changes(affected, wanted.only))
    if wanted.only is not None and count:
        notes.append(f"{count:,} left out by --only {wanted.only.value}")
    return notes


def _cause_lines(change: AffectedEndpoint) -> list[str]:
    """Return the lines about an endpoint's causes, up to the most that are written."""
    lines = [in_words(cause) for cause in change.causes[:_MOST_CAUSES]]
    if len(change.causes) > _MOST_CAUSES:
        lines.append(f"and {len(change.causes) - _MOST_CAUSES:,} more")
    if change.reason and not any(cause.kind is CauseKind.FAULT for cause in change.causes):
        lines.append(f"a fault: {change.reason}")
    return lines


def text(affected: Sequence[Affected], wanted: Wanted) -> str:
    """Return the changes as text."""
    lines = [_counts(affected, wanted.since), *_notes(affected, wanted)]
    for change in changes(affected, wanted.only):
        name = f"{change.settings.name}: " if change.settings.name else ""
        extent = f" ({change.extent.value})" if change.change == "changed" else ""
        lines.append(f"{change.change:<8} {name}{change.endpoint.label}{extent}")
        lines += [f"           {line}" for line in _cause_lines(change)]
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


def markdown(affected: Sequence[Affected], wanted: Wanted) -> str:
    """Return the changes as Markdown, as many as fit into a comment."""
    found = list(changes(affected, wanted.only))
    notes = "".join(f"\n{_cell(note)}.\n" for note in _notes(affected, wanted))
    head = f"### Endpoints: {_counts(affected, _code(wanted.since))}\n{notes}"
    if not found:
        return head
    lines = [head, "| | endpoint | because of |", "|---|---|---|"]
    size = len(head)
    for number, change in enumerate(found):
        name = f"{change.settings.name}: " if change.settings.name else ""
        endpoint = _code_cell(f"{name}{change.endpoint.label}")
        extent = f" ({change.extent.value})" if change.change == "changed" else ""
        line = f"| {change.change}{extent} | {endpoint} | {'<br>'.join(map(_cell, _cause_lines(change)))} |"
        size += len(line) + 1
        if size > _LONGEST:
            lines.append(f"\nand {len(found) - number:,} more: `slice-oas affected` lists them all")
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def _code(words: str) -> str:
    """Return text as a code span (CommonMark, "Code spans"), with a fence longer than any run of backticks in it."""
    plain = " ".join(printable(words).split())
    fence = "`" * (1 + max(map(len, re.findall("`+", plain)), default=0))
    blank = "" if fence == "`" else " "
    return f"{fence}{blank}{plain}{blank}{fence}"


def _code_cell(words: str) -> str:
    """Return text as a code span in a table cell, with escapes for `|`, even after a backslash."""
    return re.sub(r"\\+(?=\|)", lambda found: len(found[0]) * r"\u005c", _code(words)).replace("|", "\\|")


#: Text that GitHub turns into links, mentions or references to issues, unless an empty comment follows.
_LINKED = re.compile(r"@(?=\w)|(?<=#)(?=\d)|(?:https?|ftp|mailto|xmpp)(?=:)|www(?=\.)", re.IGNORECASE)


def _cell(words: str) -> str:
    """Return text with escapes for a table cell."""
    plain = " ".join(printable(words).split()).replace("&", "&amp;")
    for character in "\\`*_<>[]#~|$":
        plain = plain.replace(character, f"\\{character}")
    return _LINKED.sub(r"\g<0><!-- -->", plain)


WRITERS: Mapping[str, Callable[[Sequence[Affected], Wanted], str]] = {
    "text": text,
    "json": as_json,
    "markdown": markdown,
    "matrix": matrix,
    "paths": paths,
    "schemathesis": schemathesis,
}
