"""Replaces tabs in blank lines and comment lines of YAML, where libyaml refuses them and YAML 1.2 does not.

YAML allows them: l-comment [78] begins with s-separate-in-line, which is spaces or tabs (YAML 1.2.2, sections 6.6 and
6.1). libyaml takes the tab for indentation. Inside of a scalar such a line may be content, depending on the structure
around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import yaml

_LINE = re.compile(r"^( *)\t[ \t]*(#[^\r\n]*)?(?=[\r\n]|\Z)", re.MULTILINE)
_CONTENT = re.compile(r"^( *)[^ \r\n]", re.MULTILINE)

#: A parser of libyaml or PyYAML, with `get_event`.
Parser = Callable[[str], Any]


class _Scalar(NamedTuple):
    """A scalar of several lines.

    start, end: its offsets.
    indent: that of its lines; None for one in quotes.
    """

    start: int
    end: int
    indent: int | None


def without_tabs(text: str, parser: Parser) -> str | None:
    """Return a text of the same meaning without tabs in blank lines, or None if there are no such tabs.

    It has the same length, and the offsets of `text`.
    """
    lines = list(_LINE.finditer(text))
    if not lines:
        return None
    # A comment ends what it would end at the column of its tab; a line without a comment counts as empty.
    outline = list(text)
    for line in lines:
        tab, end = line.end(1), line.end()
        outline[tab:end] = "\n" * (end - tab) if line[2] is None else f"#{text[tab + 1 : end]}"
    scalars = _scalars("".join(outline), parser)
    scalars.reverse()
    mended = list(text)
    for line in lines:
        start, tab, end = line.start(), line.end(1), line.end()
        while scalars and scalars[-1].end <= start:
            scalars.pop()
        inside = scalars[-1] if scalars and scalars[-1].start < start else None
        if inside is not None and (inside.indent is None or tab - start >= inside.indent):
            continue  # it is content, or folded away
        if inside is None and line[2] is None:
            mended[tab:end] = " " * (end - tab)
        else:
            mended[tab] = "#"
    return "".join(mended)


def _scalars(text: str, parser: Parser) -> list[_Scalar]:
    """Return the quoted and block scalars of a text in order, up to where it cannot be read."""
    found: list[_Scalar] = []
    columns: list[int | None] = []  # the columns of the open collections; None for those in brackets
    try:
        next_event = parser(text).get_event
        event: Any
        while not isinstance(event := next_event(), yaml.StreamEndEvent):
            start, end = event.start_mark, event.end_mark
            if isinstance(event, yaml.CollectionStartEvent):
                columns.append(None if event.flow_style else start.column)
            elif isinstance(event, yaml.CollectionEndEvent):
                columns.pop()
            elif isinstance(event, yaml.ScalarEvent) and event.style:
                indent = None
                if event.style in "|>":
                    indent = _indent(text[start.index : end.index], (columns[-1] or 0) if columns else 0)
                found.append(_Scalar(start.index, end.index, indent))
    except (yaml.YAMLError, UnicodeEncodeError):
        pass  # reading the text will report it
    return found


def _indent(block: str, around: int) -> int:
    """Return the indentation of the content of a block scalar.

    block: its text from the header on.
    around: the column of the collection around it.
    """
    header, _, content = block.partition("\n")
    digits = re.search(r"[1-9]", header.partition("#")[0])
    if digits is not None:
        return around + int(digits[0])
    first = _CONTENT.search(content)
    return len(first[1]) if first is not None else len(content) + 1
