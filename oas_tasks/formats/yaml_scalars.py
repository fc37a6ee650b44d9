"""Turns scalars of YAML 1.2 into null, booleans, numbers or texts.

The rules are those of the core schema (YAML 1.2.2, section 10.3.2). They apply to plain scalars; a quoted scalar is its
text, and a tag states the type.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from oas_tasks.formats.decimals import TOO_LARGE, number
from oas_tasks.formats.value import MAX_DIGITS, TOO_LONG, Value, integer

if TYPE_CHECKING:
    from decimal import Decimal

TAG_PREFIX = "tag:yaml.org,2002:"

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)

#: The first characters of scalars that may not be strings (or they are empty); few strings begin so.
_FIRST_CHARACTERS = frozenset("~nNtTfF-+.0123456789")

#: MAX_DIGITS in bits: the limit for hexadecimal numbers, which are written back in decimal.
_MAX_BITS = int(MAX_DIGITS * math.log2(10))


class UnfitScalar(Exception):  # noqa: N818 - never seen by a user: the reader gives it a place
    """A scalar without a value: a number that is too large, or a text that does not fit its tag."""


def plain_value(text: str) -> Value:
    """Return the value of a plain scalar without a tag. Raises UnfitScalar for a number that is out of range."""
    if text and text[0] not in _FIRST_CHARACTERS:
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return _bool(text)
    if _INT.fullmatch(text):
        return _int(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    return text


def tagged_value(tag: str, text: str) -> Value:
    """Return the value of a scalar with a tag.

    tag: in full, `tag:yaml.org,2002:int`, or `!` alone, which means a string.

    Raises UnfitScalar for a tag that the core schema does not have for scalars, or a text that does not fit it.
    """
    name = tag.removeprefix(TAG_PREFIX)
    if tag == "!" or name == "str":
        return text
    if tag == name or name not in _TAGGED:
        raise UnfitScalar(unknown_tag(tag, "a single value"))
    pattern, value_of = _TAGGED[name]
    if not pattern.fullmatch(text):
        shown = text if len(text) <= 40 else text[:40] + "..."
        raise UnfitScalar(f"the tag !!{name} does not fit '{shown}'")
    return value_of(text)


def unknown_tag(tag: str, stands_on: str) -> str:
    """Return the sentence about a tag that has no meaning on a node such as "a list"."""
    name = tag.removeprefix(TAG_PREFIX)
    shown = tag if tag == name else f"!!{name}"
    if name != tag and name in ("map", "seq", "str", *_TAGGED):
        return f"the tag {shown} does not fit {stands_on}"
    return f"the tag {shown} means nothing in OpenAPI's YAML"


class PlainValues(dict[str, Value]):
    """A cache of the values of plain scalars: a document repeats a few texts many times."""

    def __missing__(self, text: str) -> Value:
        value = self[text] = plain_value(text)
        return value


def _bool(text: str) -> bool:
    return text[0] in "tT"


def _int(text: str) -> int:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    number = integer(text) if base == 10 else int(text[2:], base)
    if number is None or number.bit_length() > _MAX_BITS:
        raise UnfitScalar(TOO_LONG)
    return number


def _float(text: str) -> float | Decimal:
    word = text.lstrip("+-").lower()
    if word == ".nan":
        return math.nan
    if word == ".inf":
        return -math.inf if text[0] == "-" else math.inf
    found = number(text)
    if found is None:
        raise UnfitScalar(TOO_LARGE)
    return found


_TAGGED: dict[str, tuple[re.Pattern[str], Callable[[str], Value]]] = {
    "null": (_NULL, lambda _: None),
    "bool": (_BOOL, _bool),
    "int": (_INT, _int),
    "float": (_FLOAT, _float),
}
