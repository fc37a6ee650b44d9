"""Makes text from documents, git and file names safe in Markdown: as code, or as plain text of a table's cell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oas_tasks.printable import printable

#: The most characters of one text: GitHub takes comments of 65,536 and step summaries of 1 MiB.
LONGEST = 60_000


def code(words: str) -> str:
    """Return text as a code span (CommonMark, "Code spans"), with a fence longer than any run of backticks in it."""
    plain = " ".join(printable(words).split())
    fence = "`" * (1 + max(map(len, re.findall("`+", plain)), default=0))
    blank = "" if fence == "`" else " "
    return f"{fence}{blank}{plain}{blank}{fence}"


def code_cell(words: str) -> str:
    """Return text as a code span in a table cell, with escapes for `|`, even after a backslash."""
    return re.sub(r"\\+(?=\|)", lambda found: len(found[0]) * r"\u005c", code(words)).replace("|", "\\|")


#: Text that GitHub turns into links, mentions or references to issues, unless an empty comment follows.
_LINKED = re.compile(r"@(?=\w)|(?<=#)(?=\d)|(?:https?|ftp|mailto|xmpp)(?=:)|www(?=\.)", re.IGNORECASE)


def cell(words: str) -> str:
    """Return text with escapes for a table cell."""
    plain = " ".join(printable(words).split()).replace("&", "&amp;")
    for character in "\\`*_<>[]#~|$":
        plain = plain.replace(character, f"\\{character}")
    return _LINKED.sub(r"\g<0><!-- -->", plain)


def fitting(lines: Sequence[str], room: int) -> list[str]:
    """Return as many of the first lines as fit into so many characters, each with its line break."""
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return list(lines[:number])
    return list(lines)
