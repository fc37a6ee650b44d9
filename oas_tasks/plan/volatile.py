"""The places of a document's root that change at every release, such as `info.version`.

They are in slices but not in fingerprints: a change that is only in them makes no slice stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from oas_tasks.formats import Value
from oas_tasks.openapi.pointer import from_readable

#: The tokens of a pointer. A token that ends in `*` matches every name that begins so, and every index of a list.
Pattern: TypeAlias = tuple[str, ...]


class Volatile:
    """The places in the root of a document that the setting `volatile` names."""

    def __init__(self, pointers: Iterable[str]) -> None:
        """Parse JSON Pointers such as `/info/version` and `/info/x-*`."""
        self._patterns: list[Pattern] = [from_readable(each) for each in pointers]
        self._spared: frozenset[tuple[str, ...]] = frozenset()

    def but_for(self, places: Iterable[tuple[str, ...]]) -> Volatile:
        """Return the same places except some, given by their tokens."""
        others = Volatile(())
        others._patterns, others._spared = self._patterns, self._spared.union(places)
        return others

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._patterns)

    @property
    def is_of_versions(self) -> bool:
        """Whether all places are `info.version` or `x-` fields, of which only the version can be at fault."""
        return all(pattern == ("info", "version") or pattern[-1].startswith("x-") for pattern in self._patterns)

    @property
    def names(self) -> list[str]:
        """The root fields that have such places, as the pointers spell them."""
        return list(dict.fromkeys(pattern[0] for pattern in self._patterns))

    def is_in(self, name: str) -> bool:
        """Whether a root field has such a place, or may have one."""
        return any(_matches(pattern[0], name) for pattern in self._patterns)

    def is_all_of(self, name: str) -> bool:
        """Whether a root field is such a place as a whole."""
        if (name,) in self._spared:
            return False
        return any(len(pattern) == 1 and _matches(pattern[0], name) for pattern in self._patterns)

    def without(self, root: Mapping[str, Value]) -> dict[str, Value]:
        """Return the fields of a root without these places."""
        return {name: self.field_without(name, value) for name, value in root.items() if not self.is_all_of(name)}

    def field_without(self, name: str, value: Value) -> Value:
        """Return the value of a root field without these places."""
        patterns = [pattern[1:] for pattern in self._patterns if len(pattern) > 1 and _matches(pattern[0], name)]
        return self._without(value, patterns, (name,))

    def _without(self, value: Value, patterns: Sequence[Pattern], at: tuple[str, ...]) -> Value:
        if not patterns or not isinstance(value, dict | list):
            return value
        members = value.items() if isinstance(value, dict) else ((str(n), item) for n, item in enumerate(value))
        left: dict[str, Value] = {}
        for key, child in members:
            inner = [pattern[1:] for pattern in patterns if _matches(pattern[0], key)]
            if () not in inner or (*at, key) in self._spared:
                left[key] = self._without(child, [each for each in inner if each], (*at, key))
        return left if isinstance(value, dict) else list(left.values())

    def holds(self, tokens: Sequence[str]) -> bool:
        """Whether a place of the root is one of these or inside of one."""
        return any(len(pattern) <= len(tokens) and all(map(_matches, pattern, tokens)) for pattern in self._patterns)


def _matches(token: str, name: str) -> bool:
    return name.startswith(token[:-1]) if token.endswith("*") else name == token
