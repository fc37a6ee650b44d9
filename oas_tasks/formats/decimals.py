"""Reads and writes decimal numbers: as a float if that keeps every digit of the text, else as a Decimal.

A float holds 15 to 17 digits and nothing beyond 1.8e308. RFC 8259 (section 6) and YAML 1.2.2 (section 10.2.1.4) set no
such limit, and bounds of money, `decimal(18,2)`, are longer.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

#: The message for a number whose exponent is too large for a Decimal.
TOO_LARGE = "this number is too large"

#: A float is exact enough for any text of so few characters, unless it became 0 or infinity.
_HOLDS_ALL = 15


def number(text: str) -> float | Decimal | None:
    """Return the number in a text, in the notation of JSON or YAML; None for one that is out of bounds."""
    found = float(text)
    if len(text) <= _HOLDS_ALL and found and not math.isinf(found):
        return found
    return _exactly(text, found)


def _exactly(text: str, found: float) -> float | Decimal | None:
    from decimal import Decimal, InvalidOperation  # hardly any document needs it

    try:
        exact = Decimal(text)
    except InvalidOperation:
        return None
    return found if math.isfinite(found) and exact == Decimal(repr(found)) else exact


def decimal_text(exact: Decimal) -> str:
    """Return a number with the digits that were read, in JSON's notation.

    An exponent is used if the number would need zeros that were not read, or very many.
    """
    shift = exact.as_tuple().exponent
    if isinstance(shift, int) and shift <= 0 and exact.adjusted() > -_MOST_ZEROS:
        return format(exact, "f")
    return f"{exact:e}".replace("e+", "e")


#: The most zeros in front of the first digit of a number without an exponent.
_MOST_ZEROS = 50


def is_number(value: object) -> bool:
    """Whether a value is a number; a boolean is none."""
    if isinstance(value, int | float):
        return not isinstance(value, bool)
    from decimal import Decimal

    return isinstance(value, Decimal)


def exceeds(one: object, other: object) -> bool:
    """Whether the first of two numbers is larger, compared digit by digit instead of as floats."""
    from decimal import Decimal

    first, second = (Decimal(repr(each)) if isinstance(each, float) else each for each in (one, other))
    return bool(first > second)  # type: ignore[operator]  # both are numbers
