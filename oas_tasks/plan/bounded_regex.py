"""Searches paths for a user's regular expressions, and ends where one of them takes too long.

Python's `re` tries one way after the other, so that `(a+)+$` takes time exponential in the length of a path, and not
every system can interrupt it. Expressions that may be of this kind are tried in a process of their own.
"""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Collection

from oas_tasks.errors import UserError
from oas_tasks.openapi.explosive_patterns import may_explode

#: How long a process may search, in seconds of real time: thousands of times longer than any use needs.
_SECONDS = 10

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
    if not may_explode(pattern, longest):
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
