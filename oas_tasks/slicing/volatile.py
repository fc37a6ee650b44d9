"""The places of a document's root that change at every release, such as `info.version`.

Slices have them, but no fingerprint does: a change of them alone makes no slice stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from oas_tasks.formats import Value
from oas_tasks.openapi.pointer import from_readable

#: The tokens of a pointer; one that ends in `*` stands for every name that begins so, and for every place in a list.
Pattern: TypeAlias = tuple[str, ...]


class Volatile:
    """Some places of the root of a document, as the setting `volatile` names them."""

    def __init__(self, pointers: Iterable[str]) -> None:
        """Take JSON Pointers: `/info/version`, `/info/x-*`."""
        self._patterns: list[Pattern] = [from_readable(each) for each in pointers]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._patterns)

    def is_in(self, name: str) -> bool:
        """Whether a root field has such a place, or may have one."""
        return any(_matches(pattern[0], name) for pattern in self._patterns)

    def is_all_of(self, name: str) -> bool:
        """Whether a root field is such a place as a whole."""
        return any(len(pattern) == 1 and _matches(pattern[0], name) for pattern in self._patterns)

    def without(self, root: Mapping[str, Value]) -> dict[str, Value]:
        """Return the fields of a root less these places."""
        return {name: self.field_without(name, value) for name, value in root.items() if not self.is_all_of(name)}

    def field_without(self, name: str, value: Value) -> Value:
        """Return what a root field holds, less these places."""
        patterns = [pattern[1:] for pattern in self._patterns if len(pattern) > 1 and _matches(pattern[0], name)]
        return _without(value, patterns)

    def holds(self, tokens: Sequence[str]) -> bool:
        """Whether a place of the root is one of these, or inside of one."""
        return any(len(pattern) <= len(tokens) and all(map(_matches, pattern, tokens)) for pattern in self._patterns)


def _without(value: Value, patterns: Sequence[Pattern]) -> Value:
    if not patterns:
        return value
    if isinstance(value, dict):
        return {key: _without(child, inner) for key, child, inner in _kept(value.items(), patterns)}
    if isinstance(value, list):
        items = ((str(index), item) for index, item in enumerate(value))
        return [_without(child, inner) for _, child, inner in _kept(items, patterns)]
    return value


def _kept(
    members: Iterable[tuple[str, Value]], patterns: Sequence[Pattern]
) -> Iterable[tuple[str, Value, list[Pattern]]]:
    """Yield the members that are not left out as a whole, each with what is left out of it."""
    for key, child in members:
        inner = [pattern[1:] for pattern in patterns if _matches(pattern[0], key)]
        if () not in inner:
            yield key, child, inner


def _matches(token: str, name: str) -> bool:
    return name.startswith(token[:-1]) if token.endswith("*") else name == token
