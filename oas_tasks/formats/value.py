"""Defines the values that texts of both formats are read into, and their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from oas_tasks.errors import FormatError

if TYPE_CHECKING:
    from decimal import Decimal

#: Keys are always strings; their order is the source's. A Decimal is a number with more digits than a float holds.
Value: TypeAlias = "bool | int | float | Decimal | str | list[Value] | dict[str, Value] | None"

Format = Literal["yaml", "json"]


class MergeKey(str):
    """The plain key `<<` of a YAML mapping whose value is a mapping, or a list of them.

    Code that does not know its place in the document treats it like any other key.
    """

    __slots__ = ()


#: The deepest nesting of mappings and lists in a text. An alias counts as its node.
MAX_DEPTH = 256

#: The message for a text that is nested deeper.
TOO_DEEP = f"mappings and lists are nested more than {MAX_DEPTH} levels deep"

#: The deepest nesting in a value that is written: a conversion may wrap more around what was read.
MAX_WRITTEN_DEPTH = 1_000

#: Digits of an integer: beyond it CPython refuses to convert between text and number (CVE-2020-10735).
MAX_DIGITS = 4_300

#: The most nodes that the aliases of a YAML text may add when each is replaced by its node.
#: A scalar counts 1, and another 1 for every 64 characters.
MAX_ALIASED_NODES = 2_000_000


def is_deeper(value: Value, depth: int) -> bool:
    """Whether the mappings and lists of a value are nested more than `depth` levels deep."""
    level = [value] if type(value) is dict or type(value) is list else []
    for _ in range(depth):
        if not level:
            return False
        level = [
            child
            for container in level
            for child in (container.values() if type(container) is dict else container)
            if type(child) is dict or type(child) is list
        ]
    return bool(level)


TOO_LONG = f"this integer has more than {MAX_DIGITS:,} digits"


def integer(digits: str) -> int | None:
    """Return the number of decimal digits with or without a sign, None for too many digits."""
    if len(digits.lstrip("+-")) > MAX_DIGITS:
        return None
    try:
        return int(digits)
    except ValueError:  # a lower limit set from outside, PYTHONINTMAXSTRDIGITS
        return None


def integer_text(number: int) -> str:
    """Return a number's decimal digits. Raises FormatError for more than CPython writes."""
    try:
        return str(number)
    except ValueError:
        raise FormatError(TOO_LONG) from None
