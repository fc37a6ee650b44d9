"""What `slice-oas affected` writes: text, JSON, Markdown for a summary or a comment, a matrix for GitHub Actions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from oas_tasks.build.affected import Affected
from oas_tasks.commands.causes import as_json as cause_as_json
from oas_tasks.commands.causes import in_words
from oas_tasks.config import Settings
from oas_tasks.printable import printable, printable_json, printable_lines
from oas_tasks.slicing.comparison import Cause, CauseKind
from oas_tasks.slicing.plan import Endpoint

#: A comment on GitHub may have 65,536 characters.
_LONGEST = 60_000

#: How many causes of one endpoint are written for people; JSON has them all.
_MOST_CAUSES = 5


class Change(NamedTuple):
    """One affected endpoint.

    change: added, removed or changed.
    reason: the fault that leaves it without a slice now, or "".
    """

    settings: Settings
    change: str
    endpoint: Endpoint
    causes: tuple[Cause, ...]
    reason: str

    @property
    def file(self) -> str:
        """The slice, with the output folder in front."""
        return (self.settings.output_dir / self.endpoint.file).as_posix()


def changes(affected: Sequence[Affected]) -> Iterator[Change]:
    """Yield what is affected: of each document first what was added, then what was removed, then what changed."""
    for document in affected:
        found = document.comparison
        for endpoint in found.added:
            reason = found.reasons.get((endpoint.path, endpoint.method), "")
            yield Change(document.settings, "added", endpoint, (), reason)
        for endpoint in found.removed:
            yield Change(document.settings, "removed", endpoint, (), "")
        for each in found.changed:
            yield Change(document.settings, "changed", each.endpoint, each.causes, each.outcome.reason)


def _counts(affected: Sequence[Affected], since: str) -> str:
    found = [each.comparison for each in affected]
    parts = (
        (sum(len(each.added) for each in found), "added"),
        (sum(len(each.removed) for each in found), "removed"),
        (sum(len(each.changed) for each in found), "changed"),
        (sum(each.unchanged for each in found), "unchanged"),
    )
    return ", ".join(f"{count:,} {word}" for count, word in parts) + f" since {since}"


def _told(change: Change) -> list[str]:
    """Return the lines on an endpoint's causes, the most of them."""
    lines = [in_words(cause) for cause in change.causes[:_MOST_CAUSES]]
    if len(change.causes) > _MOST_CAUSES:
        lines.append(f"and {len(change.causes) - _MOST_CAUSES:,} more")
    if change.reason and not any(cause.kind is CauseKind.FAULT for cause in change.causes):
        lines.append(f"a fault: {change.reason}")
    return lines


def text(affected: Sequence[Affected], since: str) -> str:
    """Return it for a terminal."""
    lines = [_counts(affected, since)]
    for change in changes(affected):
        name = f"{change.settings.name}: " if change.settings.name else ""
        lines.append(f"{change.change:<8} {name}{change.endpoint.label}")
        lines += [f"           {line}" for line in _told(change)]
    return printable_lines(lines)


def as_json(affected: Sequence[Affected], since: str) -> str:
    """Return all of it, for programs."""
    found = [each.comparison for each in affected]
    value = {
        "since": since,
        "unchanged": sum(each.unchanged for each in found),
        "affected": [
            {
                **_entry(change),
                "causes": [cause_as_json(cause) for cause in change.causes],
                **({"reason": change.reason} if change.reason else {}),
            }
            for change in changes(affected)
        ],
    }
    return printable_json(value)


def _entry(change: Change) -> dict[str, str]:
    named = {"document": change.settings.name} if change.settings.name else {}
    endpoint = change.endpoint
    return {
        **named,
        "method": endpoint.method,
        "path": endpoint.path,
        "file": change.file,
        "change": change.change,
    }


def matrix(affected: Sequence[Affected], since: str) -> str:
    """Return the matrix of a job in GitHub Actions, on one line as its outputs want it."""
    return printable_json({"include": [_entry(change) for change in changes(affected)]}, indent=None)


def markdown(affected: Sequence[Affected], since: str) -> str:
    """Return it for a step summary or a comment, as much of it as fits there."""
    found = list(changes(affected))
    head = f"### Endpoints: {_counts(affected, _code(since))}\n"
    if not found:
        return head
    lines = [head, "| | endpoint | because of |", "|---|---|---|"]
    size = len(head)
    for number, change in enumerate(found):
        name = f"{change.settings.name}: " if change.settings.name else ""
        endpoint = _code_cell(f"{name}{change.endpoint.label}")
        line = f"| {change.change} | {endpoint} | {'<br>'.join(map(_cell, _told(change)))} |"
        size += len(line) + 1
        if size > _LONGEST:
            lines.append(f"\nand {len(found) - number:,} more: `slice-oas affected` lists them all")
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def _code(words: str) -> str:
    """Return text as code (CommonMark, "Code spans"): its fence is longer than any run of backticks in it."""
    plain = " ".join(printable(words).split())
    fence = "`" * (1 + max(map(len, re.findall("`+", plain)), default=0))
    blank = "" if fence == "`" else " "
    return f"{fence}{blank}{plain}{blank}{fence}"


def _code_cell(words: str) -> str:
    """Return text as code in a cell of a table, which a `|` would end, also one behind a backslash."""
    return re.sub(r"\\+(?=\|)", lambda found: len(found[0]) * r"\u005c", _code(words)).replace("|", "\\|")


#: What GitHub makes of plain text: links, mentions, references to issues. An empty comment behind it prevents that.
_LINKED = re.compile(r"@(?=\w)|(?<=#)(?=\d)|(?:https?|ftp|mailto|xmpp)(?=:)|www(?=\.)", re.IGNORECASE)


def _cell(words: str) -> str:
    """Return text as it reads in a cell of a table."""
    plain = " ".join(printable(words).split()).replace("&", "&amp;")
    for character in "\\`*_<>[]#~|$":
        plain = plain.replace(character, f"\\{character}")
    return _LINKED.sub(r"\g<0><!-- -->", plain)


WRITERS: Mapping[str, Callable[[Sequence[Affected], str], str]] = {
    "text": text,
    "json": as_json,
    "markdown": markdown,
    "matrix": matrix,
}
