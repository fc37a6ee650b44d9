"""Reads JSON as steps with their offsets: slow and careful, to locate and explain the faults of a text.

The grammar is RFC 8259's. Beyond it, whatever YAML would not allow is refused as well: duplicate keys, numbers out of
bounds, halves of surrogate pairs, nesting beyond MAX_DEPTH.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from oas_tasks.errors import FormatError, Where
from oas_tasks.formats.decimals import TOO_LARGE, number
from oas_tasks.formats.positions import Step
from oas_tasks.formats.text import line_and_column, where
from oas_tasks.formats.value import MAX_DEPTH, TOO_LONG, Value, integer

if TYPE_CHECKING:
    from decimal import Decimal

_DECODER = json.JSONDecoder()
_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[-+.\w]+")
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}
_SURROGATE = re.compile("[\ud800-\udfff]")

#: Frequent mistakes in the place of a value, by their first character.
_NO_VALUES = {
    "'": "text stands in double quotes in JSON, not in single ones",
    "/": "JSON has no comments",
    "#": "JSON has no comments",
}

#: Why a string cannot be read: the beginning of json's message -> ours.
_STRING_FAULTS = {
    "Unterminated string": "the string that opens here is never closed",
    "Invalid control character": "a string holds a raw control character or line break; write an escape",
    "Invalid \\escape": "there is no such escape in JSON; write '\\\\' for a backslash",
    "Invalid \\uXXXX": "'\\u' must have 4 hexadecimal digits behind it",
}


@dataclass(slots=True)
class _Open:
    """A container that is still open.

    offset: of its bracket.
    fresh: none of its members has been read, so no comma is due.
    keys: the offset of each key of a mapping.
    """

    offset: int
    is_mapping: bool
    fresh: bool = True
    keys: dict[str, int] = field(default_factory=dict)


def json_steps(text: str, file: str) -> Iterator[Step]:
    """Yield the steps through the value of `text`.

    Raises FormatError, with line and column, at the first place that cannot be read.
    """
    return _Scan(text, file).steps()


class _Scan:
    """One text on its way to steps. `at` is the offset of the next character that is not blank."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.at = 0
        self.stack: list[_Open] = []

    def steps(self) -> Iterator[Step]:
        """Yield the steps. Raises FormatError."""
        self.move_to(0)
        if self.at == len(self.text):
            raise FormatError("the file is empty", Where(self.file))
        yield self.value()
        while self.stack:
            yield from self.member()
        if self.at < len(self.text):
            self.fail(self.at, "there is more text after the end of the document")

    def member(self) -> Iterator[Step]:
        """Yield the next item, key and value, or end of the innermost open container."""
        top = self.stack[-1]
        end, noun = ("}", "mapping") if top.is_mapping else ("]", "list")
        comma_at = None
        if top.fresh:
            top.fresh = False
        elif self.here() == ",":
            comma_at = self.at
            self.move_to(self.at + 1)
        elif self.here() != end:
            self.fail(self.at, f"a ',' or the closing '{end}' is missing", top)
        if self.here() == end:
            if comma_at is not None:
                self.fail(comma_at, f"there is a ',' behind the last entry of this {noun}")
            self.stack.pop()
            yield Step("end", self.at)
            self.move_to(self.at + 1)
            return
        if top.is_mapping:
            yield self.key(top)
        yield self.value()

    def key(self, top: _Open) -> Step:
        """Read a key and its colon."""
        offset = self.at
        if self.here() != '"':
            self.fail(offset, _NO_VALUES.get(self.here(), "a key in double quotes is expected here"), top)
        key = self.string()
        if key in top.keys:
            line, _ = line_and_column(self.text, top.keys[key])
            shown = key if len(key) <= 80 else key[:80] + "..."
            self.fail(offset, f"the key '{shown}' stands in this mapping already, in line {line}")
        top.keys[key] = offset
        if self.here() != ":":
            self.fail(self.at, "a ':' is expected behind a key", top)
        self.move_to(self.at + 1)
        return Step("scalar", offset, key)

    def value(self) -> Step:
        """Read a scalar, or the bracket that opens a container."""
        offset = self.at
        first = self.here()
        if first == "{" or first == "[":
            if len(self.stack) == MAX_DEPTH:
                self.fail(offset, f"mappings and lists are nested more than {MAX_DEPTH} levels deep")
            self.stack.append(_Open(offset, first == "{"))
            self.move_to(offset + 1)
            return Step("mapping" if first == "{" else "list", offset)
        if first == '"':
            return Step("scalar", offset, self.string())
        word = _WORD.match(self.text, offset)
        if word is None:
            self.fail(offset, _NO_VALUES.get(first, "a value is expected here"), *self.stack[-1:])
        self.move_to(word.end())
        if word[0] in _WORDS:
            return Step("scalar", offset, _WORDS[word[0]])
        return Step("scalar", offset, self.number(word[0], offset))

    def string(self) -> str:
        """Read a string."""
        offset = self.at
        try:
            string: str
            string, end = _DECODER.raw_decode(self.text, offset)
        except json.JSONDecodeError as error:
            messages = (ours for theirs, ours in _STRING_FAULTS.items() if error.msg.startswith(theirs))
            self.fail(error.pos, next(messages, error.msg))
        if _SURROGATE.search(string):
            self.fail(offset, "this string holds half of a surrogate pair, which is no character")
        self.move_to(end)
        return string

    def number(self, digits: str, offset: int) -> int | float | Decimal:
        """Return the number that `digits` spell."""
        if not _NUMBER.fullmatch(digits):
            self.fail(offset, f"'{digits[:40]}' is no value of JSON; text stands in double quotes")
        if digits.lstrip("-").isdigit():
            whole = integer(digits)
            if whole is None:
                self.fail(offset, TOO_LONG)
            return whole
        found = number(digits)
        if found is None:
            self.fail(offset, TOO_LARGE)
        return found

    def here(self) -> str:
        """Return the next character that is not blank, "" at the end."""
        return self.text[self.at : self.at + 1]

    def move_to(self, offset: int) -> None:
        """Continue after the blanks at `offset`."""
        blank = _BLANK.match(self.text, offset)
        self.at = blank.end() if blank else offset

    def fail(self, offset: int, message: str, inside: _Open | None = None) -> NoReturn:
        """Raise FormatError at `offset`, or, at the end of the text, where the container opens that is still open."""
        if inside is not None and offset == len(self.text):
            noun = "mapping" if inside.is_mapping else "list"
            offset, message = inside.offset, f"the {noun} that opens here is never closed"
        raise FormatError(message, where(self.text, offset, self.file))
