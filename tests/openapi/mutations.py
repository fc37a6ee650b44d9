"""Adds one fault to a valid document, of the kinds that people make."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

Place = tuple[str | int, ...]


class Mutation(NamedTuple):
    """A document with one fault.

    kind: the kind of change. at: its place.
    """

    kind: str
    at: Place
    document: dict[str, Any]


def mutation(document: dict[str, Any], rng: Random) -> Mutation:
    """Return a copy of a document with one random change."""
    while True:
        kind = rng.choice(list(_KINDS))
        changed = copy.deepcopy(document)
        at = _KINDS[kind](changed, rng)
        if at is not None:
            return Mutation(kind, at, changed)


def _places(value: Any, at: Place = ()) -> Iterator[Place]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*at, key)
        yield from _places(member, (*at, key))


def _at(value: Any, at: Place) -> Any:
    for key in at:
        value = value[key]
    return value


def _one_of(document: Any, rng: Random, is_meant: Callable[[Place, Any], bool]) -> tuple[Place, Any] | None:
    found = [at for at in _places(document) if at != ("openapi",) and is_meant(at, _at(document, at))]
    at = rng.choice(found) if found else None
    return None if at is None else (at, _at(document, at))


def _remove(document: Any, rng: Random) -> Place | None:
    found = _one_of(document, rng, lambda at, value: at != ("paths",) and len(at) > 0)
    if found:
        del _at(document, found[0][:-1])[found[0][-1]]
    return found and found[0]


def _wrong_type(document: Any, rng: Random) -> Place | None:
    found = _one_of(document, rng, lambda at, value: True)
    if found:
        values: list[Any] = [3, "text", None, [], {}, True, ["a"]]
        others = [each for each in values if type(each) is not type(found[1])]
        _at(document, found[0][:-1])[found[0][-1]] = rng.choice(others)
    return found and found[0]


def _unknown_key(document: Any, rng: Random) -> Place | None:
    found = _one_of(document, rng, lambda at, value: isinstance(value, dict))
    if found:
        found[1][rng.choice(["bogus", "typ", "Get"])] = rng.choice(["text", {}, 1])
    return found and found[0]


def _text(document: Any, rng: Random) -> Place | None:
    found = _one_of(document, rng, lambda at, value: isinstance(value, str))
    if found:
        _at(document, found[0][:-1])[found[0][-1]] = rng.choice(["", "xxx", "not an email", found[1].upper()])
    return found and found[0]


def _is_reference(at: Place, value: Any) -> bool:
    return at[-1] == "$ref" and isinstance(value, str) and value.startswith("#/components/")


def _dangling(document: Any, rng: Random) -> Place | None:
    found = _one_of(document, rng, _is_reference)
    if found:
        _at(document, found[0][:-1])["$ref"] = found[1] + "Nope"
    return found and found[0]


def _wrong_kind(document: Any, rng: Random) -> Place | None:
    found = _one_of(document, rng, _is_reference)
    others = [
        f"#/components/{kind}/{name}"
        for kind, members in document.get("components", {}).items()
        for name in members
        if found and not found[1].startswith(f"#/components/{kind}/")
    ]
    if not found or not others:
        return None
    _at(document, found[0][:-1])["$ref"] = rng.choice(others)
    return found[0]


def _duplicate_parameter(document: Any, rng: Random) -> Place | None:
    found = _one_of(document, rng, lambda at, value: at[-1] == "parameters" and isinstance(value, list) and value != [])
    if found:
        found[1].append(copy.deepcopy(rng.choice(found[1])))
    return found and found[0]


def _bad_code(document: Any, rng: Random) -> Place | None:
    found = _one_of(document, rng, lambda at, value: at[-1] == "responses" and at[0] == "paths" and bool(value))
    if found:
        found[1][rng.choice(["2000", "99", "abc", "2xx", "600"])] = copy.deepcopy(next(iter(found[1].values())))
    return found and found[0]


def _default(document: Any, rng: Random) -> Place | None:
    found = _one_of(document, rng, lambda at, value: isinstance(value, dict) and isinstance(value.get("type"), str))
    if found:
        found[1]["default"] = rng.choice([1, "a", None, [], {}, True, 1.5])
    return found and found[0]


def _path_parameter_missing(document: Any, rng: Random) -> Place | None:
    if not document.get("paths"):
        return None
    (path, item), *_ = document["paths"].items()
    document["paths"] = {f"{path}/{{extra}}": item}
    return ("paths",)


def _path_parameter_optional(document: Any, rng: Random) -> Place | None:
    found = _one_of(document, rng, lambda at, value: isinstance(value, dict) and value.get("in") == "path")
    if found:
        found[1]["required"] = False
    return found and found[0]


def _bad_name(document: Any, rng: Random) -> Place | None:
    found = _one_of(document, rng, lambda at, value: at[0] == "components" and len(at) == 3)
    if found:
        members = _at(document, found[0][:-1])
        members["bad name"] = members.pop(found[0][-1])
    return found and found[0]


_KINDS: dict[str, Callable[[Any, Random], Place | None]] = {
    "removed": _remove,
    "of another type": _wrong_type,
    "an unknown key": _unknown_key,
    "another text": _text,
    "a dangling reference": _dangling,
    "a reference to another kind": _wrong_kind,
    "a parameter twice": _duplicate_parameter,
    "a bad response code": _bad_code,
    "a default": _default,
    "no path parameter": _path_parameter_missing,
    "an optional path parameter": _path_parameter_optional,
    "a bad component name": _bad_name,
}
