"""Integers between text and number, where CPython sets a limit to their digits (`MAX_DIGITS`)."""

from __future__ import annotations

from oas_tasks.errors import FormatError
from oas_tasks.formats.limits import MAX_DIGITS

TOO_LONG = f"this integer has more than {MAX_DIGITS:,} digits"


def integer(digits: str) -> int | None:
    """Return the number that decimal digits, with or without a sign, are; None for too many of them."""
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
