"""Changes values at some places: copies what contains a change and shares everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

from oas_tasks.formats import Value

#: The way to a place in a value: keys of mappings and indexes of lists.
Tokens = tuple[str | int, ...]


class _Drop:
    def __repr__(self) -> str:
        return "DROP"


#: Instead of a new value: removes the member.
DROP: Final = _Drop()


class Renamed(NamedTuple):
    """Instead of a new value: renames the member of a mapping, and sets its value unless that is None."""

    key: str
    value: str | None = None


Change: TypeAlias = "Value | _Drop | Renamed"

_Tree: TypeAlias = dict[str | int, "_Tree | _Leaf"]


class _Leaf:
    __slots__ = ("change",)

    def __init__(self, change: Change) -> None:
        self.change = change


def edited(value: Value, changes: Mapping[Tokens, Change]) -> Value:
    """Return `value` with changes at the places that the tokens lead to.

    A change inside another change is ignored. If two lists end up under the same key they are joined, such as the roles
    of a security scheme that a requirement names in two ways.

    Raises KeyError or IndexError for a place that does not exist.
    """
    if not changes:
        return value
    if () in changes:
        return changes[()]  # type: ignore[return-value]  # a whole value is neither dropped nor renamed
    tree: _Tree = {}
    for tokens in sorted(changes, key=len):
        node = tree
        for token in tokens[:-1]:
            below = node.setdefault(token, {})
            if isinstance(below, _Leaf):
                break
            node = below
        else:
            node.setdefault(tokens[-1], _Leaf(changes[tokens]))
    return _edited(value, tree)


def _edited(value: Value, tree: _Tree) -> Value:
    if isinstance(value, list):
        kept: list[Value] = []
        for index, item in enumerate(value):
            below = tree.get(index)
            if below is None:
                kept.append(item)
            elif not isinstance(below, _Leaf):
                kept.append(_edited(item, below))
            elif not isinstance(below.change, _Drop | Renamed):
                kept.append(below.change)
        return kept
    if not isinstance(value, dict):
        raise KeyError(next(iter(tree)))
    members: dict[str, Value] = {}
    for key, member in value.items():
        found = tree.get(key)
        if found is None:
            members[key] = _joined(members[key], member) if key in members else member
        elif not isinstance(found, _Leaf):
            members[key] = _edited(member, found)
        elif isinstance(found.change, Renamed):
            key, member = found.change.key, member if found.change.value is None else found.change.value
            members[key] = _joined(members[key], member) if key in members else member
        elif not isinstance(found.change, _Drop):
            members[key] = found.change
    return members


def _joined(first: Value, second: Value) -> Value:
    if not isinstance(first, list) or not isinstance(second, list):
        return second
    return [*first, *(item for item in second if item not in first)]
