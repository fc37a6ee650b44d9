"""Breaks a document in all small ways: yields the change, its place and the broken copy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple


class Mutant(NamedTuple):
    """A document with one change."""

    what: str
    at: tuple[str | int, ...]
    document: Any


def mutants(document: Any) -> Iterator[Mutant]:
    """Every mutant of a document."""
    for at in _places(document):
        if not at:
            continue
        yield Mutant("deleted", at, _without(document, at))
        for what, value in _changes(_at(document, at)):
            mutant = _copied(document)
            _at(mutant, at[:-1])[at[-1]] = value
            yield Mutant(what, at, mutant)
        yield from _renamed(document, at)


def _changes(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, bool):
        yield "as a number", int(value)
        yield "negated", not value
    elif isinstance(value, int | float):
        yield "of the other number type", float(value) if isinstance(value, int) else int(value)
        yield "one more", value + 1
        yield "true", True
        yield "as a string", str(value)
    elif isinstance(value, str):
        yield "longer", value + "x"
        yield "null", None
    elif value is None:
        yield "an empty string", ""
    elif isinstance(value, list):
        if value != value[::-1]:
            yield "reversed", value[::-1]
        yield "with one more", [*value, None]
        if value:
            yield "with one twice", [*value, value[0]]
    elif isinstance(value, dict):
        yield "with a new key", {**value, "zz": 1}
        yield "with a new extension", {**value, "x-zz": 1}
        yield "null", None
        yield "a list", []
        if len(value) > 1:
            yield "reordered", dict(reversed(value.items()))
        if "$ref" in value:
            yield "with a sibling", {**value, "description": "beside"}


def _renamed(document: Any, at: tuple[str | int, ...]) -> Iterator[Mutant]:
    """A component under another name, with every reference to it."""
    if len(at) != 3 or at[0] != "components":
        return
    before, after = "/".join(("#", *map(str, at))), "/".join(("#", *map(str, at[:2]), "Another"))
    mutant = _copied(document)
    members = mutant["components"][at[1]]
    mutant["components"][at[1]] = {("Another" if name == at[2] else name): member for name, member in members.items()}
    yield Mutant("renamed", at, _replaced(mutant, before, after))


def _replaced(node: Any, before: str, after: str) -> Any:
    if isinstance(node, dict):
        return {key: _replaced(value, before, after) for key, value in node.items()}
    if isinstance(node, list):
        return [_replaced(value, before, after) for value in node]
    return after if node == before else node


def _places(node: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield at
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _places(value, (*at, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _places(value, (*at, index))


def _at(node: Any, at: tuple[str | int, ...]) -> Any:
    for token in at:
        node = node[token]
    return node


def _without(document: Any, at: tuple[str | int, ...]) -> Any:
    mutant = _copied(document)
    del _at(mutant, at[:-1])[at[-1]]
    return mutant


def _copied(node: Any) -> Any:
    """Return a deep copy of a value, five times as fast as `copy` does."""
    if isinstance(node, dict):
        return {key: _copied(value) for key, value in node.items()}
    return [_copied(value) for value in node] if isinstance(node, list) else node
