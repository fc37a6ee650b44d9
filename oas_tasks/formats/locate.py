"""Finds the line and column of a value in a file, for messages about it."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from oas_tasks.errors import FormatError
from oas_tasks.formats.detect import cut, told_format
from oas_tasks.formats.split import Containers, Span
from oas_tasks.formats.text import decode, line_and_column, line_starts
from oas_tasks.formats.value import Format
from oas_tasks.processes import collection_held

if TYPE_CHECKING:
    from oas_tasks.formats.positions import Index, Position, Step, Steps

Answer = TypeVar("Answer")

#: The number of searches of a text after which an index of all its places is built.
_WORTH_AN_INDEX = 3


def locate(content: bytes, file: str, tokens: Sequence[str], key: bool = False) -> tuple[int, int] | None:
    """Return the line and column, both counted from 1, of the value that a JSON Pointer leads to in a file.

    content: the bytes of the file; its name tells the format, as it does for `read`.
    tokens: the pointer's reference tokens, decoded; an item of a list by its index. If they lead to nothing, the
        deepest value on the way is located. Aliases are followed.
    key: return the place of the key in front of the value instead.

    Returns None if the text cannot be read up to there.
    """
    try:
        text = decode(content, file)
        with collection_held():
            place = _find(text, file, tokens)
    except FormatError:
        return None
    return line_and_column(text, place.key if key else place.value)


class Locator:
    """Locates many places in one readable file without reading it each time.

    A large text takes a tenth of a second and more. So if the text can be split, only the member with the value is
    searched, and a text that is searched often gets an index.

    content, file: as in `locate`.
    containers: the mappings whose members are searched one by one.
    """

    def __init__(self, content: bytes, file: str, containers: Containers) -> None:
        self._content = content
        self._file = file
        self._containers = containers
        #: Searches of single members, by their keys.
        self._searched: dict[tuple[str, ...], _Searched] = {}

    def locate(self, tokens: Sequence[str], key: bool = False) -> tuple[int, int] | None:
        """Return the line and column of the value at the decoded tokens, None if the text cannot be read up to there.

        key: return those of the key in front of it instead.
        """
        for length in range(len(tokens), 0, -1):
            member = self._members.get(tuple(tokens[:length]))
            if member is not None:
                span, line = member
                if key and length == len(tokens) and span.form == "json":  # its text does not contain its key
                    before = self._key_before(span)
                    if before is None:
                        break
                    return self._line_and_column(before, line - self._breaks(before, span.start), before)
                # The text of a member of YAML is a mapping of its key to its value.
                inside = tokens[length:] if span.form == "json" else tokens[length - 1 :]
                searched = self._searched.setdefault(span.keys, _Searched(partial(_readings_of_member, span.form)))
                try:
                    text = self._content[span.start : span.end].decode()
                    place = searched.find(text, inside)
                except (FormatError, UnicodeDecodeError, _AliasError):
                    break
                offset = place.key if key else place.value
                inwards = offset if self._is_ascii else len(text[:offset].encode())
                return self._line_and_column(span.start, line, span.start + inwards)
        return self._locate_anywhere(tokens, key)

    @cached_property
    def _members(self) -> dict[tuple[str, ...], tuple[Span, int]]:
        """Return the spans of the members by their keys, each with the number of its first line."""
        found: dict[tuple[str, ...], tuple[Span, int]] = {}
        line, end = 1, 0
        for span in cut(self._content, self._file, self._containers) or ():
            line += self._breaks(end, span.start)
            end = span.start
            found[span.keys] = (span, line)
        return found

    def _key_before(self, span: Span) -> int | None:
        """Return the offset of the key of a JSON member, None where it is spelled with unusual escapes."""
        end = self._content.rfind(b'"', 0, self._content.rfind(b":", 0, span.start)) + 1
        for as_ascii in (False, True):
            spelled = json.dumps(span.keys[-1], ensure_ascii=as_ascii).encode("utf-8", "surrogatepass")
            if self._content.endswith(spelled, 0, end):
                return end - len(spelled)
        return None

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

        start: an earlier byte, whose line is `line`.
        """
        begin = self._content.rfind(b"\n", 0, place) + 1
        if self._has_returns:
            begin = max(begin, self._content.rfind(b"\r", 0, place) + 1)
        column = place - begin if self._is_ascii else len(self._content[begin:place].decode(errors="replace"))
        return line + self._breaks(start, place), column + 1

    def _locate_anywhere(self, tokens: Sequence[str], key: bool) -> tuple[int, int] | None:
        try:
            text, lines, searched = self._whole
            place = searched.find(text, tokens)
        except FormatError:
            return None
        offset = place.key if key else place.value
        line = bisect_right(lines, offset)
        return line, offset - lines[line - 1] + 1

    @cached_property
    def _whole(self) -> tuple[str, Sequence[int], _Searched]:
        """Return the whole text and the offsets of its lines. Raises FormatError."""
        text = decode(self._content, self._file)
        return text, line_starts(text), _Searched(partial(_readings, file=self._file))


class _Searched:
    """Searches one text for places, and builds an index of it after enough searches.

    readings: the steps through the text, for each format that it may have.
    """

    def __init__(self, readings: Callable[[str], Sequence[Steps]]) -> None:
        self._readings = readings
        self._searches = 0
        self._index: Index | None = None

    def find(self, text: str, tokens: Sequence[str]) -> Position:
        """Return a place in the text. Raises what the steps raise."""
        from oas_tasks.formats.positions import Index, find

        self._searches += 1
        with collection_held():
            if self._searches < _WORTH_AN_INDEX:
                return _first(self._readings(text), lambda steps: find(steps, tokens))
            if self._index is None:
                self._index = _first(self._readings(text), lambda steps: Index(steps()))
        return self._index.find(tokens)


class _AliasError(Exception):
    """The way to a place leads through an alias, whose anchor may be anywhere."""


def _readings_of_member(form: Format, text: str) -> list[Steps]:
    """Return the steps through a member's text, which may also raise _AliasError."""
    from oas_tasks.formats.json_steps import json_steps
    from oas_tasks.formats.yaml_events import yaml_steps

    def unaliased() -> Iterator[Step]:
        for step in (json_steps if form == "json" else yaml_steps)(text, ""):
            if step.kind == "alias":
                raise _AliasError
            yield step

    return [unaliased]


def _find(text: str, file: str, tokens: Sequence[str]) -> Position:
    from oas_tasks.formats.positions import find

    return _first(_readings(text, file), lambda steps: find(steps, tokens))


def _readings(text: str, file: str) -> list[Steps]:
    """Return the steps through a text for each format that it may have; the first that can be read is right."""
    # The readers are imported only once there is a fault.
    from oas_tasks.formats.json_steps import json_steps
    from oas_tasks.formats.yaml_events import yaml_steps

    form, looks_like_json = told_format(file, text)
    as_json, as_yaml = partial(json_steps, text, file), partial(yaml_steps, text, file)
    if form == "json":
        return [as_json]
    return [as_json, as_yaml] if looks_like_json else [as_yaml]


def _first(readings: Sequence[Steps], search: Callable[[Steps], Answer]) -> Answer:
    """Return the result of a search in the first reading that succeeds. Raises FormatError if none does."""
    for steps in readings[:-1]:
        with suppress(FormatError):
            return search(steps)
    return search(readings[-1])
