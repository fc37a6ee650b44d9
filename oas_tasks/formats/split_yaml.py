"""Splits a large YAML document into the bytes of its members, without reading them.

It goes by lines: in block style the members of a mapping begin at the same column, each with its key on one line. The
lines in between are not examined; whether they are a single member shows when it is read. A text that is not plain is
read as a whole. Source: YAML 1.2.2, sections 5.4, 6.1, 8.2.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice

from oas_tasks.formats.split import Containers, Span, is_container

#: Characters that end a line for some readers only, or that belong to other encodings.
_DOUBTFUL = (b"\x00", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xef\xbb\xbf")

#: A possible anchor, with its name. If there may be an alias of it, one part may depend on another. Most matches are
#: text: `{&page}` in an address, `*page*` in Markdown.
_ANCHOR = re.compile(rb"&(?<![^\s\[{,:-]&)([^\s,\[\]{}&][^\s,\[\]{}]*)")
_MOST_ANCHORS = 20

#: Blank lines and comments.
_NOTHING = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?(?:\n|\Z))*")
_BLANK_LINE = re.compile(rb"[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)")
#: The same, for bytes that no reader will decode.
_SOUND_NOTHING = re.compile(rb"(?:[ \t]*(?:#[ -~]*)?\r?\n)*")
_DOCUMENT_START = re.compile(rb"---[ \t]*\r?\n")

#: A line that begins with a key, and the text after the key.
_PLAIN = rb"""[A-Za-z0-9_/$.~](?:[^\s:]|:(?=[^\s])|[ ](?=[^\s#:]))*+"""
_TEXT = rb"(?:(?P<plain>%s)|\"(?P<double>[^\"\\\n]*)\"|'(?P<single>[^'\n]*)')" % _PLAIN
_KEY = re.compile(rb" *%s[ \t]*:(?=[ \t\r\n]|\Z)(?P<value>[^\n]*)" % _TEXT)
#: The same for a long key, whose colon is on the next line: PyYAML writes keys over 128 characters so.
_LONG_KEY = re.compile(rb"(?P<pad> *)\? %s[ \t]*\r?\n(?P=pad):(?=[ \t\r\n]|\Z)(?P<value>[^\n]*)" % _TEXT)
_NO_VALUE = re.compile(rb"[ \t]*(?:#[ -~]*)?\r?")


class _DoubtfulError(Exception):
    """The text is not plain."""


def cut_yaml(content: bytes, containers: Containers) -> list[Span] | None:
    """Return the members of the root in order; for a container its members instead, if it can be split.

    Returns None unless the text is clearly a block mapping.
    """
    if not is_plain(content):
        return None
    mark = _DOCUMENT_START.match(content, _end_of_nothing(content, 0, len(content)))
    try:
        first, *others = _members(content, mark.end() if mark is not None else 0, len(content), (), containers)
        if len(first.keys) == 1:
            return [first._replace(start=0), *others]
        return [first, *others] if mark is None or _SOUND_NOTHING.fullmatch(content, 0, mark.start()) else None
    except (_DoubtfulError, UnicodeDecodeError):
        return None


def cut_yaml_members(content: bytes, left: Span, right: Span, containers: Containers) -> list[Span] | None:
    """Return the members between two members of the same mapping; None where the text there is not plain."""
    start, end = left.end, right.start
    is_at_line_start = content[end - 1 : end] == b"\n"  # else an edit right in front of it has joined it to others
    if left.keys[:-1] != right.keys[:-1] or not is_at_line_start or not is_plain(content):
        return None
    if start == end:
        return []
    column = _column(content, _end_of_nothing(content, left.start, left.end), left.end)
    # A comment in front would be the left one's, and what is indented further may be.
    if _end_of_nothing(content, start, end) != start or _column(content, start, end) != column:
        return None
    try:
        return _members(content, start, end, left.keys[:-1], containers)
    except (_DoubtfulError, UnicodeDecodeError):
        return None


def is_plain(text: bytes) -> bool:
    """Whether a text, or some whole lines of one, can be understood without the rest of the document."""
    if any(each in text for each in _DOUBTFUL) or text.count(b"\r") != text.count(b"\r\n"):
        return False
    names = {match[1] for match in islice(_ANCHOR.finditer(text), _MOST_ANCHORS + 1)}
    return len(names) <= _MOST_ANCHORS and not any(b"*" + name in text for name in names)


def _members(content: bytes, start: int, end: int, keys: tuple[str, ...], containers: Containers) -> list[Span]:
    """Return the members of the mapping between two offsets, the first at the beginning of a line."""
    first = _end_of_nothing(content, start, end)
    column = _column(content, first, end)
    begins: list[tuple[str, int, re.Match[bytes]]] = []
    colon = 0  # after the first line of a long key
    for line in [first, *_lines_at(content, first, end, column)]:
        if line < colon:
            continue
        if column == 0 and content.startswith(b"-", line) and _is_item(content, line):
            continue  # an item of a list, which may begin at the column of its key
        match = _KEY.match(content, line, end)
        if match is None:
            match = _LONG_KEY.match(content, line, end)
            if match is None:
                raise _DoubtfulError
            colon = match.end()
        begins.append((_written_key(match).decode(), line, match))
    names = [name for name, _, _ in begins]
    if not begins or begins[0][1] != first or len(set(names)) != len(names):
        raise _DoubtfulError
    found: list[Span] = []
    ends = [begin for _, begin, _ in begins[1:]] + [end]
    begins[0] = (names[0], start, begins[0][2])  # with the comments in front, which may have faults as well
    for (name, begin, match), stop in zip(begins, ends, strict=True):
        here = (*keys, name)
        if (
            is_container(here, containers)
            and name.isascii()
            and name.isprintable()
            and _holds_members(content, match, stop)
        ):
            if not _SOUND_NOTHING.fullmatch(content, begin, match.start()):
                raise _DoubtfulError
            found += _members(content, min(match.end() + 1, stop), stop, here, containers)
        else:
            found.append(Span(here, begin, stop, "yaml"))
    return found


def _lines_at(content: bytes, start: int, end: int, column: int) -> Iterator[int]:
    """Yield the offsets of lines after the first that have content from this column on."""
    for found in _line_up_to(column).finditer(content, start, end):
        begin, stop = found.span()
        if content[stop : stop + 1] == b"\t" and _BLANK_LINE.match(content, stop):
            continue
        if stop - begin <= column:
            raise _DoubtfulError  # there is content before the column
        if content[stop : stop + 1] != b"\t":
            yield begin + 1


def _written_key(match: re.Match[bytes]) -> bytes:
    return next(text for text in match.group("plain", "double", "single") if text is not None)


def _holds_members(content: bytes, match: re.Match[bytes], end: int) -> bool:
    """Whether the value of a key is a block mapping whose members are indented more than the key."""
    if _NO_VALUE.fullmatch(match["value"]) is None:
        return False
    first = _end_of_nothing(content, min(match.end() + 1, end), end)
    if first >= end:
        return False
    column = _column(content, first, end)
    own = len(match[0]) - len(match[0].lstrip(b" "))
    return column > own and _KEY.match(content, first, end) is not None


def _end_of_nothing(content: bytes, start: int, end: int) -> int:
    match = _NOTHING.match(content, start, end)
    return start if match is None else match.end()


def _column(content: bytes, start: int, end: int) -> int:
    column = 0
    while start + column < end and content[start + column] == 0x20:
        column += 1
    return column


def _is_item(content: bytes, start: int) -> bool:
    return content[start + 1 : start + 2] in (b" ", b"\n", b"\r")


@cache
def _line_up_to(column: int) -> re.Pattern[bytes]:
    """Return a pattern for a line break and the indentation of a line that begins at or before this column."""
    return re.compile(rb"\n {0,%d}+(?=[^ #\r\n])" % column)
