"""Searches paths for a user's regular expressions, and ends where one of them takes too long.

Python's `re` tries one way after the other, so that `(a+)+$` takes time exponential in the length of a path, and not
every system can interrupt it. Expressions that may be of this kind are tried in a process of their own.
"""

from __future__ import annotations

import functools
import json
import re
import sys
import warnings
from collections.abc import Collection, Iterable

from oas_tasks.errors import UserError

#: How long a process may search, in seconds of real time: thousands of times longer than any use needs.
_SECONDS = 10

#: How many steps an expression without repetitions of repetitions may take for one path.
_MOST_STEPS = 10_000_000

_SEARCH = """
import json, re, sys, warnings
warnings.simplefilter("ignore")
pattern, texts = json.load(sys.stdin)
search = re.compile(pattern).search
json.dump([number for number, text in enumerate(texts) if search(text)], sys.stdout)
"""


@functools.lru_cache(maxsize=64)
def matching(pattern: str, texts: tuple[str, ...]) -> Collection[str]:
    """Return the texts in which a regular expression is found.

    Raises UserError where that takes too long.
    """
    longest = max(map(len, texts), default=0)
    if not _may_explode(pattern, longest):
        search = re.compile(pattern).search
        return {text for text in texts if search(text)}
    from subprocess import PIPE, TimeoutExpired, run  # most patterns need no process

    command = [sys.executable, "-I", "-S", "-c", _SEARCH]
    try:
        done = run(command, input=json.dumps([pattern, texts]).encode(), stdout=PIPE, timeout=_SECONDS, check=True)  # noqa: S603
    except TimeoutExpired:
        reason = f"the filter '{pattern}' takes too long on these paths: it has repetitions inside of repetitions"
        raise UserError(reason, hint="Write it without them, or use a glob") from None
    return {texts[number] for number in json.loads(done.stdout)}


def _may_explode(pattern: str, length: int) -> bool:
    """Whether searching a text of some length may take too many steps."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what a later Python may read otherwise
        repetitions, is_nested = _repetitions(_parsed(pattern))
    return is_nested or (length + 1) ** (repetitions + 1) > _MOST_STEPS


def _parsed(pattern: str) -> Iterable[object]:
    from re import _parser  # type: ignore[attr-defined]  # what `re` itself compiles

    return _parser.parse(pattern)  # type: ignore[no-any-return]


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
