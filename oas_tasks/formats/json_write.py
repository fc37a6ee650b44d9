"""Writes JSON: readable, entry by entry, for slices; and canonical, for hashes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, NamedTuple

from oas_tasks.errors import FormatError
from oas_tasks.formats.decimals import decimal_text, is_number
from oas_tasks.formats.value import MAX_WRITTEN_DEPTH, Value, integer_text


def json_entry(key: str, value: Value, indent: int) -> str:
    """Return one entry of a mapping that stands `indent` spaces from the left, with no comma or line break.

    Its layout is that of `json.dumps(indent=2, ensure_ascii=False)`.

    Raises FormatError for half of a surrogate pair in a string, infinity, NaN, an integer that is too long, and a value
    nested beyond MAX_WRITTEN_DEPTH.
    """
    return _sound(f"{' ' * indent}{encode_basestring(key)}: {_text(value, indent, _READABLE)}")


def canonical(value: Value) -> bytes:
    """Return bytes that are equal for two values only if these are the same: in all types, with keys in the same order.

    Compact JSON in ASCII, where infinity and NaN are `Infinity`, `-Infinity` and `NaN`. For hashing.

    Raises FormatError for half of a surrogate pair in a string, an integer too long, and a value nested
    beyond MAX_WRITTEN_DEPTH.
    """
    try:
        text = _ENCODER.encode(value)
    except (RecursionError, ValueError, TypeError):  # deep in the caller's stack; an integer too long; a Decimal
        text = _text(value, 0, _COMPACT)
    if "\\ud" in text:
        _sound(_text(value, 0, _COMPACT._replace(string=encode_basestring)))
    return text.encode()


def _sound(text: str) -> str:
    """Return `text`. Raises FormatError where it holds half of a surrogate pair."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            half = f"U+{ord(text[error.start]):04X}"
            message = f"a string holds half of a surrogate pair ({half}), which is no character"
            raise FormatError(message) from None
    return text


def _finite(number: float) -> str:
    if not math.isfinite(number):
        hint = "Write YAML, or replace the number in the document"
        raise FormatError("JSON has no infinity and no NaN", hint=hint)
    return repr(number)


def _any_float(number: float) -> str:
    if math.isfinite(number):
        return repr(number)
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


class _Layout(NamedTuple):
    """A layout of JSON.

    newline, step: the beginning of a line, and the indentation per level; both empty for everything on one line.
    """

    newline: str
    step: str
    colon: str
    string: Callable[[str], str]
    number: Callable[[float], str]


_READABLE = _Layout("\n", "  ", ": ", encode_basestring, _finite)
_COMPACT = _Layout("", "", ":", encode_basestring_ascii, _any_float)
_ENCODER = json.JSONEncoder(separators=(",", ":"), check_circular=False)
_WORDS = {None: "null", True: "true", False: "false"}


def _text(value: Value, indent: int, layout: _Layout) -> str:  # noqa: C901
    """Return a value's text, whose lines after the first are indented by `indent` spaces or more.

    One function: everything that is written goes through it, and calls for each value would double its time.
    """
    # No recursion, since the caller may be deep in its own. `lead` is the text in front of the next entry: the line
    # break and pad of its container, with a comma after the first entry.
    newline, step, colon, string, number = layout
    pieces: list[str] = []
    append = pieces.append
    stack: list[tuple[Iterator[Any], bool, str]] = []
    pad = newline + " " * indent if newline else ""
    entries: Iterator[Any] = iter((value,))
    in_mapping = False
    lead = ""
    head = ""
    while True:
        for entry in entries:
            if in_mapping:
                key, child = entry
                head = f"{lead}{string(key)}{colon}"
            else:
                child = entry
                head = lead
            kind = type(child)
            if kind is str:
                append(head + string(child))
            elif kind is dict or kind is list:
                if child:
                    if len(stack) > MAX_WRITTEN_DEPTH:
                        raise FormatError(f"the value is nested more than {MAX_WRITTEN_DEPTH:,} levels deep")
                    append(head + ("{" if kind is dict else "["))
                    stack.append((entries, in_mapping, pad))
                    pad += step
                    lead = pad
                    in_mapping = kind is dict
                    entries = iter(child.items() if in_mapping else child)
                    break
                append(head + ("{}" if kind is dict else "[]"))
            elif child is None or kind is bool:
                append(head + _WORDS[child])
            elif kind is int:
                append(head + integer_text(child))
            elif kind is float:
                append(head + number(child))
            elif is_number(child):
                append(head + decimal_text(child))
            else:
                raise TypeError(f"{kind.__name__} is no value of JSON")
            lead = "," + pad
        else:
            if not stack:
                return "".join(pieces)
            closing = "}" if in_mapping else "]"
            entries, in_mapping, pad = stack.pop()
            append(pad + closing)
            lead = "," + pad
