"""Which endpoints are sliced: the filters of the settings, all of which an endpoint has to pass."""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Iterable

from oas_tasks.config import Settings
from oas_tasks.slicing.parts import ANY_METHOD


def matches(settings: Settings, path: str, method: str, tags: Iterable[str], operation_id: str) -> bool:
    """Whether an endpoint is among those that the settings ask for.

    tags: the operation's.
    operation_id: empty where the operation has none.
    """
    if settings.filter is not None and not _pattern(settings.filter, settings.filter_type).search(path):
        return False
    if method == ANY_METHOD:  # nobody knows which there are, and that is to be told
        return True
    if settings.methods and method.lower() not in map(str.lower, settings.methods):
        return False
    if settings.tags and not any(tag in settings.tags for tag in tags):
        return False
    return not settings.operation_ids or operation_id in settings.operation_ids


def selects_all(settings: Settings) -> bool:
    """Whether the settings ask for every endpoint of a document."""
    return not filters_of(settings)


def filters_of(settings: Settings) -> dict[str, str]:
    """Return what every endpoint has to pass, in words, by the names of the settings."""
    values = {name: getattr(settings, name) for name in ("filter", "methods", "tags", "operation_ids")}
    return {name: value if isinstance(value, str) else ", ".join(value) for name, value in values.items() if value}


@functools.lru_cache(maxsize=8)
def _pattern(filter: str, filter_type: str) -> re.Pattern[str]:  # noqa: A002  the setting's name
    # A glob is translated to an expression that ends where the path ends, but may begin anywhere.
    return re.compile(r"\A" + fnmatch.translate(filter) if filter_type == "glob" else filter)
