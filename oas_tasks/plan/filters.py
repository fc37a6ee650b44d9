"""Which endpoints are sliced: the filters of the settings, all of which an endpoint has to pass.

Of one filter several values may be given, and an endpoint passes it by one of them. A value that lets no endpoint
through is most likely a mistake, and is told of.
"""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from oas_tasks.document.place import ANY_METHOD
from oas_tasks.plan.plan import Idle
from oas_tasks.settings import Settings

#: What a glob begins with that says which paths are left out.
_NOT = "!"


class Candidate(NamedTuple):
    """What filters look at of an endpoint.

    tags: the operation's.
    operation_id: empty where the operation has none.
    """

    path: str
    method: str
    tags: tuple[str, ...]
    operation_id: str


def selected(settings: Settings, candidates: Iterable[Candidate]) -> list[bool]:
    """Return for each endpoint whether it is among those that the settings ask for."""
    tests = [_TESTS[name](settings) for name in _TESTS if getattr(settings, name)]
    return [all(test(each) for test in tests) for each in candidates]


def _path_test(settings: Settings) -> Callable[[Candidate], bool]:
    wanted, unwanted = _patterns(settings.filter, settings.filter_type)
    return lambda each: (
        (not wanted or any(pattern.search(each.path) for pattern in wanted))
        and not any(pattern.search(each.path) for pattern in unwanted)
    )


def _method_test(settings: Settings) -> Callable[[Candidate], bool]:
    methods = frozenset(map(str.lower, settings.methods))
    return lambda each: each.method == ANY_METHOD or each.method.lower() in methods


def _tag_test(settings: Settings) -> Callable[[Candidate], bool]:
    tags = frozenset(settings.tags)
    return lambda each: each.method == ANY_METHOD or not tags.isdisjoint(each.tags)


def _id_test(settings: Settings) -> Callable[[Candidate], bool]:
    ids = frozenset(settings.operation_ids)
    return lambda each: each.method == ANY_METHOD or each.operation_id in ids


#: What an endpoint passes each filter by, under the filter's name. Which methods there are at a path whose path item
#: cannot be had (ANY_METHOD), nobody knows, and that is to be told.
_TESTS: Mapping[str, Callable[[Settings], Callable[[Candidate], bool]]] = {
    "filter": _path_test,
    "methods": _method_test,
    "tags": _tag_test,
    "operation_ids": _id_test,
}


def filters_of(settings: Settings) -> dict[str, str]:
    """Return what every endpoint has to pass, in words, by the names of the settings."""
    return {name: ", ".join(value) for name in _TESTS if (value := getattr(settings, name))}


@functools.lru_cache(maxsize=8)
def _patterns(filters: tuple[str, ...], filter_type: str) -> tuple[list[re.Pattern[str]], list[re.Pattern[str]]]:
    """Return the patterns of which a path has to match one, and those of which it may match none."""
    if filter_type == "regex":
        return [re.compile(each) for each in filters], []
    wanted = [_glob(each) for each in filters if not each.startswith(_NOT)]
    return wanted, [_glob(each[1:]) for each in filters if each.startswith(_NOT)]


def _glob(pattern: str) -> re.Pattern[str]:
    # A glob is translated to an expression that ends where the path ends, but may begin anywhere.
    return re.compile(r"\A" + fnmatch.translate(pattern))


def idle(settings: Settings, candidates: Sequence[Candidate]) -> tuple[Idle, ...]:
    """Return the values of filters that let nothing through, though it may be that others do.

    candidates: all endpoints of the document.
    """
    names = [name for name in _TESTS if getattr(settings, name)]
    if not names:
        return ()
    passes = {name: [test(each) for each in candidates] for name in names for test in [_TESTS[name](settings)]}
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
                found.append(Idle(name, _NOTHING[name](value), _guess(name, value, settings, candidates)))
            elif key not in let_through:
                found.append(Idle(name, _NOTHING_LEFT[name](value), ""))
    return tuple(found)


def _matched(name: str, settings: Settings, candidates: Sequence[Candidate]) -> dict[str, list[int]]:
    """Return for every value of a filter the numbers of the endpoints that it is about, where there are any."""
    found: dict[str, list[int]] = {}
    if name == "filter":
        for pattern in settings.filter:
            wanted, unwanted = _patterns((pattern,), settings.filter_type)
            compiled = (wanted or unwanted)[0]
            numbers = [number for number, each in enumerate(candidates) if compiled.search(each.path)]
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
    """Return which value was probably meant, "" where nothing is near."""
    if name == "filter":
        return "" if settings.filter_type == "regex" else _near_glob(value, candidates)
    near = _near(value, dict.fromkeys(known for each in candidates for known in _VALUES[name](each) if known))
    return near.upper() if name == "methods" else near


def _near(value: str, known: Iterable[str]) -> str:
    """Return the most similar of some texts, in which case counts for little."""
    from difflib import get_close_matches

    by_folded = {each.casefold(): each for each in known}
    close = get_close_matches(value.casefold(), by_folded, n=1)
    return by_folded[close[0]] if close else ""


#: The text of a glob before the first character that stands for others.
_LITERAL = re.compile(r"[^*?\[]*")


def _near_glob(pattern: str, candidates: Sequence[Candidate]) -> str:
    """Return a glob like one that matches nothing, whose beginning is that of a path."""
    sign, pattern = (_NOT, pattern[1:]) if pattern.startswith(_NOT) else ("", pattern)
    literal = (_LITERAL.match(pattern) or [""])[0]
    rest = pattern[len(literal) :]
    known: dict[str, None] = {}
    for each in candidates:
        known[each.path] = None
        position = each.path.find("/")
        while rest and position >= 0:
            known[each.path[: position + 1]] = None
            position = each.path.find("/", position + 1)
    known.pop("/", None)  # which all paths begin with
    near = _near(literal, known)
    is_better = near and any(_glob(near + rest).search(each.path) for each in candidates)
    return f"{sign}{near}{rest}" if is_better else ""
