"""Selects the endpoints to slice by the filters of the settings.

An endpoint has to pass every filter, and passes a filter with several values by matching one of them. A value that lets
no endpoint through is probably a mistake and is reported.
"""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from oas_tasks.document.place import ANY_METHOD
from oas_tasks.plan.bounded_regex import matching
from oas_tasks.plan.plan import Idle
from oas_tasks.settings import Settings

#: The beginning of a glob that excludes paths.
_NOT = "!"


class Candidate(NamedTuple):
    """The properties of an endpoint that filters look at.

    tags: those of the operation.
    operation_id: empty if the operation has none.
    """

    path: str
    method: str
    tags: tuple[str, ...]
    operation_id: str


def selected(settings: Settings, candidates: Iterable[Candidate]) -> list[bool]:
    """Return for each endpoint whether it passes all filters."""
    candidates = list(candidates)
    tests = [_TESTS[name](settings, candidates) for name in _TESTS if getattr(settings, name)]
    return [all(test(each) for test in tests) for each in candidates]


def _path_test(settings: Settings, candidates: Sequence[Candidate]) -> Callable[[Candidate], bool]:
    if settings.filter_type == "regex":
        paths = _paths(candidates)
        found = frozenset().union(*(matching(each, paths) for each in settings.filter))
        return lambda each: each.path in found
    wanted, unwanted = _globs(settings.filter)
    return lambda each: (
        (not wanted or any(pattern.search(each.path) for pattern in wanted))
        and not any(pattern.search(each.path) for pattern in unwanted)
    )


def _paths(candidates: Iterable[Candidate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.path for each in candidates))


def _method_test(settings: Settings, _: Sequence[Candidate]) -> Callable[[Candidate], bool]:
    methods = frozenset(map(str.lower, settings.methods))
    return lambda each: each.method == ANY_METHOD or each.method.lower() in methods


def _tag_test(settings: Settings, _: Sequence[Candidate]) -> Callable[[Candidate], bool]:
    tags = frozenset(settings.tags)
    return lambda each: each.method == ANY_METHOD or not tags.isdisjoint(each.tags)


def _id_test(settings: Settings, _: Sequence[Candidate]) -> Callable[[Candidate], bool]:
    ids = frozenset(settings.operation_ids)
    return lambda each: each.method == ANY_METHOD or each.operation_id in ids


#: The test of each filter, by the filter's name. A path whose path item cannot be found (ANY_METHOD) may have any
#: method, tag and id, so it passes and its fault is reported.
_TESTS: Mapping[str, Callable[[Settings, Sequence[Candidate]], Callable[[Candidate], bool]]] = {
    "filter": _path_test,
    "methods": _method_test,
    "tags": _tag_test,
    "operation_ids": _id_test,
}


def filters_of(settings: Settings) -> dict[str, str]:
    """Return the values of the filters that are set, as text, by the names of the settings."""
    return {name: ", ".join(value) for name in _TESTS if (value := getattr(settings, name))}


@functools.lru_cache(maxsize=8)
def _globs(filters: tuple[str, ...]) -> tuple[list[re.Pattern[str]], list[re.Pattern[str]]]:
    """Return two lists of patterns: a path has to match one of the first and none of the second."""
    wanted = [_glob(each) for each in filters if not each.startswith(_NOT)]
    return wanted, [_glob(each[1:]) for each in filters if each.startswith(_NOT)]


def _glob(pattern: str) -> re.Pattern[str]:
    # `translate` anchors the pattern at its end only.
    return re.compile(r"\A" + fnmatch.translate(pattern))


def idle(settings: Settings, candidates: Sequence[Candidate]) -> tuple[Idle, ...]:
    """Return the values of filters that let no endpoint through.

    candidates: all endpoints of the document.
    """
    names = [name for name in _TESTS if getattr(settings, name)]
    if not names:
        return ()
    passes = {
        name: [test(each) for each in candidates] for name in names for test in [_TESTS[name](settings, candidates)]
    }
    found: list[Idle] = []
    for name in names:
        others = [each for each in names if each != name]
        matched, let_through = _matched(name, settings, candidates), set[str]()
        for value, numbers in matched.items():
            if any(all(passes[other][number] for other in others) for number in numbers):
                let_through.add(value)
        for value in dict.fromkeys(getattr(settings, name)):
            key = value.lower() if name == "methods" else value
            if key not in matched:
                guess = _guess(name, value, settings, candidates)
                found.append(Idle(name, _NOTHING[name](value), guess, _there_is(name, candidates)))
            elif key not in let_through:
                found.append(Idle(name, _NOTHING_LEFT[name](value), ""))
    return tuple(found)


def _matched(name: str, settings: Settings, candidates: Sequence[Candidate]) -> dict[str, list[int]]:
    """Return the values of a filter that match endpoints, with the numbers of these endpoints."""
    found: dict[str, list[int]] = {}
    if name == "filter":
        for pattern in settings.filter:
            if settings.filter_type == "regex":
                paths = matching(pattern, _paths(candidates))
                numbers = [number for number, each in enumerate(candidates) if each.path in paths]
            else:
                wanted, unwanted = _globs((pattern,))
                search = (wanted or unwanted)[0].search
                numbers = [number for number, each in enumerate(candidates) if search(each.path)]
            if numbers:
                found[pattern] = numbers
        return found
    for number, each in enumerate(candidates):
        for value in _VALUES[name](each):
            found.setdefault(value, []).append(number)
    return found


_VALUES: Mapping[str, Callable[[Candidate], tuple[str, ...]]] = {
    "methods": lambda each: (each.method.lower(),),
    "tags": lambda each: each.tags,
    "operation_ids": lambda each: (each.operation_id,),
}

_NOTHING: Mapping[str, Callable[[str], str]] = {
    "filter": lambda value: f"no path matches the filter '{value}'",
    "methods": lambda value: f"no endpoint has the method {value.upper()}",
    "tags": lambda value: f"no endpoint has the tag '{value}'",
    "operation_ids": lambda value: f"no endpoint has the operationId '{value}'",
}

_NOTHING_LEFT: Mapping[str, Callable[[str], str]] = {
    "filter": lambda value: f"no endpoint at a path that matches the filter '{value}' passes the other filters",
    "methods": lambda value: f"no endpoint with the method {value.upper()} passes the other filters",
    "tags": lambda value: f"no endpoint with the tag '{value}' passes the other filters",
    "operation_ids": lambda value: f"the endpoint with the operationId '{value}' does not pass the other filters",
}


def _guess(name: str, value: str, settings: Settings, candidates: Sequence[Candidate]) -> str:
    """Return the value that was probably meant, "" if none is similar."""
    if name == "filter":
        return "" if settings.filter_type == "regex" else _near_glob(value, candidates)
    near = _near(value, dict.fromkeys(known for each in candidates for known in _VALUES[name](each) if known))
    return near.upper() if name == "methods" else near


#: The most values that a sentence names.
_MOST_NAMED = 12


def _there_is(name: str, candidates: Sequence[Candidate]) -> str:
    """Return which methods or tags there are, if they are few: "" otherwise, and for other filters."""
    if name not in ("methods", "tags"):
        return ""
    known = sorted({value for each in candidates for value in _VALUES[name](each)} - {ANY_METHOD})
    if not 0 < len(known) <= _MOST_NAMED:
        return ""
    return f"The document has {', '.join(known).upper() if name == 'methods' else ', '.join(known)}"


def _near(value: str, known: Iterable[str]) -> str:
    """Return the most similar of some texts, ignoring case, "" if none is similar."""
    from difflib import get_close_matches

    by_folded = {each.casefold(): each for each in known}
    close = get_close_matches(value.casefold(), by_folded, n=1)
    return by_folded[close[0]] if close else ""


#: The text of a glob before its first wildcard.
_LITERAL = re.compile(r"[^*?\[]*")


def _near_glob(pattern: str, candidates: Sequence[Candidate]) -> str:
    """Return a similar glob that matches a path, given one that matches none; "" if there is none."""
    sign, pattern = (_NOT, pattern[1:]) if pattern.startswith(_NOT) else ("", pattern)
    begun = pattern if pattern.startswith("/") else f"/{pattern}"
    literal = (_LITERAL.match(pattern) or [""])[0]
    rest = pattern[len(literal) :]
    known: dict[str, None] = {}
    for each in candidates:
        known[each.path] = None
        position = each.path.find("/")
        while rest and position >= 0:
            known[each.path[: position + 1]] = None
            position = each.path.find("/", position + 1)
    known.pop("/", None)  # all paths begin with it
    near = _near(literal, known)
    is_better = near and any(_glob(near + rest).search(each.path) for each in candidates)
    if is_better:
        return f"{sign}{near}{rest}"
    # It may be the beginning of a path, or stand in the midst of one.
    for attempt in (begun, f"{begun}*", f"*{pattern.strip('*')}*") if literal.strip("/") else ():
        glob = _glob(attempt)
        if any(glob.search(each.path) for each in candidates):
            return f"{sign}{attempt}"
    return ""
