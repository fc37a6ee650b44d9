"""Which endpoints the filters let through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate
from functools import cache

from oas_tasks.config import Settings


def matches(settings: Settings, path: str, method: str, tags: Sequence[str], operation_id: str) -> bool:
    """Whether an endpoint is to be sliced: it matches every filter that is given.

    A glob must match the whole path, and its `*` also crosses `/`; a regular expression may match anywhere in it.
    Methods are compared without regard to case.
    """
    if settings.filter is not None:
        pattern = _pattern(settings.filter, settings.filter_type)
        if pattern.search(path) is None:
            return False
    if settings.methods and method.upper() not in settings.methods:
        return False
    if settings.tags and not set(settings.tags).intersection(tags):
        return False
    return not settings.operation_ids or operation_id in settings.operation_ids


@cache
def _pattern(text: str, kind: str) -> re.Pattern[str]:
    # fnmatch's own translation ends in \Z; searching from the start makes it match the whole path.
    return re.compile(r"\A" + translate(text) if kind == "glob" else text)
