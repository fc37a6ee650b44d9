"""Finds the line and column of a value in a file. Called only when something is to be complained of."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from oas_tasks.errors import FormatError
from oas_tasks.formats.detection import cut, told_format
from oas_tasks.formats.encoding import decode, line_and_column, line_starts
from oas_tasks.formats.spans import Containers, Span
from oas_tasks.garbage import collection_held

if TYPE_CHECKING:
    from oas_tasks.formats.steps import Index, Place, Step, Steps

Found = TypeVar("Found")

#: How often a text is gone through for one place, before all of its places are remembered.
_WORTH_AN_INDEX = 3


def locate(content: bytes, file: str, tokens: Sequence[str], key: bool = False) -> tuple[int, int] | None:
    """Return the line and the column, counted from 1, of what a JSON Pointer leads to in a file.

    content: the bytes of the file; its name tells the format, as it does for `read`.
    tokens: the pointer's reference tokens, decoded; an item of a list by its index. Where the last ones lead
        to nothing it is the deepest value on the way that exists. Aliases are gone through.
    key: the place of the key in front of the value instead of the value's.

    Returns None where the text cannot be read so far.
    """
    try:
        text = decode(content, file)
        with collection_held():
            place = _find(text, file, tokens)
    except FormatError:
        return None
    return line_and_column(text, place.key if key else place.value)


class Locator:
    """Finds what `locate` finds, in a file that can be read and that much is to be found in.

    Going through a large text takes a tenth of a second and more, so only the member that holds a value is gone through
    where the text can be cut; and what is gone through again and again is remembered, step by step.

    content, file: as `locate` has them.
    containers: the mappings whose members are looked at one by one.
    """

    def __init__(self, content: bytes, file: str, containers: Containers) -> None:
        self._content = content
        self._file = file
        self._containers = containers
        #: How often a member, or with no keys all of the text, was gone through, and where that is remembered.
        self._searches: Counter[tuple[str, ...]] = Counter()
        self._indexes: dict[tuple[str, ...], tuple[str, Index]] = {}

    def locate(self, tokens: Sequence[str]) -> tuple[int, int] | None:
        """Return line and column of what the decoded tokens lead to, None where the text cannot be read so far."""
        for length in range(len(tokens), 0, -1):
            member = self._members.get(tuple(tokens[:length]))
            if member is not None:
                span, line = member
                # A member of YAML is a mapping with its key.
                inside = tokens[length:] if span.form == "json" else tokens[length - 1 :]
                try:
                    text, offset = self._found_in_member(span, inside)
                except (FormatError, UnicodeDecodeError, _AliasError):
                    break
                inwards = offset if self._is_ascii else len(text[:offset].encode())
                return self._line_and_column(span.start, line, span.start + inwards)
        return self._locate_anywhere(tokens)

    def _found_in_member(self, span: Span, tokens: Sequence[str]) -> tuple[str, int]:
        """Return a member's text and the offset in it. Raises FormatError, UnicodeDecodeError, _AliasError."""
        known = self._indexes.get(span.keys)
        if known is not None:
            return known[0], known[1].find(tokens)
        text = self._content[span.start : span.end].decode()
        self._searches[span.keys] += 1
        if self._searches[span.keys] < _WORTH_AN_INDEX:
            with collection_held():
                return text, _find_unaliased(text, span, tokens)
        from oas_tasks.formats.steps import Index

        with collection_held():
            index = Index(_unaliased(text, span))
        self._indexes[span.keys] = (text, index)
        return text, index.find(tokens)

    @cached_property
    def _members(self) -> dict[tuple[str, ...], tuple[Span, int]]:
        """The spans of the members by their keys, each with the line that it begins in."""
        found: dict[tuple[str, ...], tuple[Span, int]] = {}
        line, end = 1, 0
        for span in cut(self._content, self._file, self._containers) or ():
            line += self._breaks(end, span.start)
            end = span.start
            found[span.keys] = (span, line)
        return found

    @cached_property
    def _has_returns(self) -> bool:
        return b"\r" in self._content

    @cached_property
    def _is_ascii(self) -> bool:
        return self._content.isascii()

    def _breaks(self, start: int, end: int) -> int:
        """Count the line breaks between two bytes."""
        count = self._content.count
        found = count(b"\n", start, end)
        if self._has_returns:
            found += count(b"\r", start, end) - count(b"\r\n", start, end)
        return found

    def _line_and_column(self, start: int, line: int, place: int) -> tuple[int, int]:
        """Return the line and the column of a byte.

        start: another one in front of it, and `line` is that one's.
        """
        begin = self._content.rfind(b"\n", 0, place) + 1
        if self._has_returns:
            begin = max(begin, self._content.rfind(b"\r", 0, place) + 1)
        column = place - begin if self._is_ascii else len(self._content[begin:place].decode(errors="replace"))
        return line + self._breaks(start, place), column + 1

    def _locate_anywhere(self, tokens: Sequence[str]) -> tuple[int, int] | None:
        self._searches[()] += 1
        if self._searches[()] < _WORTH_AN_INDEX or self._index is None:
            return locate(self._content, self._file, tokens)
        index, lines = self._index
        offset = index.find(tokens)
        line = bisect_right(lines, offset)
        return line, offset - lines[line - 1] + 1

    @cached_property
    def _index(self) -> tuple[Index, Sequence[int]] | None:
        """The steps through the whole text, and the offsets of its lines; None where it cannot be read."""
        from oas_tasks.formats.steps import Index

        try:
            text = decode(self._content, self._file)
            with collection_held():
                return _first(_readings(text, self._file), lambda steps: Index(steps())), line_starts(text)
        except FormatError:
            return None


class _AliasError(Exception):
    """On the way is an alias, whose anchor may be anywhere."""


def _find_unaliased(text: str, span: Span, tokens: Sequence[str]) -> int:
    """Return the offset of what tokens lead to in a member's text. Raises FormatError, _AliasError."""
    from oas_tasks.formats.steps import find

    return find(partial(_unaliased, text, span), tokens).value


def _unaliased(text: str, span: Span) -> Iterator[Step]:
    """Yield the steps through a member's text. Raises FormatError, _AliasError."""
    from oas_tasks.formats.json_steps import json_steps
    from oas_tasks.formats.yaml_events import yaml_steps

    for step in (json_steps if span.form == "json" else yaml_steps)(text, ""):
        if step.kind == "alias":
            raise _AliasError
        yield step


def _find(text: str, file: str, tokens: Sequence[str]) -> Place:
    from oas_tasks.formats.steps import find

    return _first(_readings(text, file), lambda steps: find(steps, tokens))


def _readings(text: str, file: str) -> list[Steps]:
    """Return the steps through a text, in each way that it may be read; the first that can be is right."""
    # The readers are loaded only now that something is wrong.
    from oas_tasks.formats.json_steps import json_steps
    from oas_tasks.formats.yaml_events import yaml_steps

    form, looks_like_json = told_format(file, text)
    as_json, as_yaml = partial(json_steps, text, file), partial(yaml_steps, text, file)
    if form == "json":
        return [as_json]
    return [as_json, as_yaml] if looks_like_json else [as_yaml]


def _first(readings: Sequence[Steps], search: Callable[[Steps], Found]) -> Found:
    """Return what is found in the first reading that is right. Raises FormatError where none is."""
    for steps in readings[:-1]:
        with suppress(FormatError):
            return search(steps)
    return search(readings[-1])
