"""Fits printable text to the columns of a terminal: shortens it, or folds it at blanks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_ELLIPSIS = "..."

#: By how much the rest of a folded line is indented.
_INDENT = "  "


def fitting(text: str, columns: int) -> str:
    """Return a printable text that is no wider than some columns, shortened in the middle where it has to be."""
    if width_of(text) <= columns:
        return text
    if columns <= 2 * len(_ELLIPSIS):
        return _start(text, columns)
    front = (columns - len(_ELLIPSIS)) // 2
    head = _start(text, front)
    tail = _start(text[::-1], columns - len(_ELLIPSIS) - width_of(head))[::-1]
    return f"{head}{_ELLIPSIS}{tail}"


def _start(text: str, columns: int) -> str:
    """Return as much of the start of a text as fits."""
    taken = 0
    for index, character in enumerate(text):
        taken += _cells(character)
        if taken > columns:
            return text[:index]
    return text


def width_of(text: str) -> int:
    """Return how many columns of a terminal a printable text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def folded(text: str, columns: int) -> str:
    """Return lines of printable text folded at blanks, so that they fit where they can be.

    A word that is too long, such as a path, stays in one piece, so that it can be copied.
    """
    return "".join(f"{line}\n" for given in text.splitlines() for line in _folded(given, columns))


def _folded(line: str, columns: int) -> Iterator[str]:
    indent = line[: len(line) - len(line.lstrip(" "))]
    rest = line
    while width_of(rest) > columns:
        start = _start(rest, columns + 1)
        end = start.rfind(" ", len(indent) + 1)
        if end < 0 or not rest[:end].strip(" "):  # its first word is too long
            end = rest.find(" ", len(start))
            if end < 0:
                break
        yield rest[:end].rstrip(" ")
        indent = line[: len(line) - len(line.lstrip(" "))] + _INDENT
        rest = indent + rest[end:].lstrip(" ")
    yield rest
