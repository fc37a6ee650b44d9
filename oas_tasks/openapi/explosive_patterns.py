"""Recognises regular expressions that may take time without end where they are matched by trying one way after another.

Python's `re` does that: `(a+)+$` takes time exponential in the length of a text in which it is not found.
"""

from __future__ import annotations

import re
import warnings
from re import _parser  # type: ignore[attr-defined]  # the one that `re` itself compiles by

#: How many steps an expression without repetitions of repetitions may take for one text.
_MOST_STEPS = 10_000_000


def may_explode(pattern: str, length: int) -> bool:
    """Whether searching a text of some length may take too many steps. An expression that is none takes none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a later Python may read otherwise
            repetitions, is_nested = _repetitions(_parser.parse(pattern))
    except (re.error, OverflowError, RecursionError):
        return False
    return is_nested or (length + 1) ** min(repetitions + 1, 99) > _MOST_STEPS


def _repetitions(parsed: object, is_inside: bool = False) -> tuple[int, bool]:
    """Return how many repetitions of no fixed length there are in a part of an expression, and whether some are in
    others, or choices are.
    """
    count, is_nested = 0, False
    for item in parsed if isinstance(parsed, list | tuple) or hasattr(parsed, "data") else ():  # type: ignore[attr-defined]
        inside = is_inside
        name = str(item[0]) if isinstance(item, tuple) and item else ""
        if name in _REPEATS and isinstance(item, tuple):
            least, most, _ = item[1]
            is_open = least != most
            count += is_open
            is_nested = is_nested or (is_inside and is_open)
            inside = inside or most > 1
        elif name in _CHOICES:
            is_nested = is_nested or is_inside
        if isinstance(item, list | tuple) or hasattr(item, "data"):
            further, is_nested_there = _repetitions(item, inside)
            count += further
            is_nested = is_nested or is_nested_there
    return count, is_nested


_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
_CHOICES = frozenset({"BRANCH", "GROUPREF_EXISTS"})
