"""Finds places in a text that is given as steps with offsets, the same for YAML and JSON.

The readers make values without places, because a document of 250,000 nodes is read far more often than a message needs
a place in it. To find a place, the text is gone through again in these steps.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from oas_tasks.formats.value import Value

StepKind = Literal["mapping", "list", "end", "scalar", "alias"]


class Step(NamedTuple):
    """One step through a text: the start or end of a container, a scalar or an alias.

    Keys of mappings are steps too, each followed by its value.

    offset: of its first character in the text.
    value: that of a scalar of JSON, or the literal text of one of YAML; None for every other kind.
    name: the anchor that marks the node, or the anchor that an alias stands for.
    """

    kind: StepKind
    offset: int
    value: Value = None
    name: str | None = None


#: Every call starts again. The iterator raises FormatError where the text is broken.
Steps: TypeAlias = Callable[[], Iterator[Step]]


class Position(NamedTuple):
    """The offsets of a value and of the key in front of it (twice the same for an item and for the document)."""

    value: int
    key: int


def find(steps: Steps, tokens: Sequence[str]) -> Position:
    """Return the place that a JSON Pointer's decoded tokens lead to, or of the deepest that exists.

    Aliases on the way are followed, and a final alias is found itself. Of duplicate keys the first counts.

    Raises FormatError if the text is broken before that place.
    """
    walk = _Walk(steps)
    step = next(walk)
    place = Position(step.offset, step.offset)
    for token in tokens:
        while step.kind == "alias":
            ordinal = walk.anchors.get(step.name or "")
            if ordinal is None:
                return place
            walk = _Walk(steps)
            step = next(walk)
            while walk.ordinal < ordinal:
                step = next(walk)
        if step.kind == "mapping":
            child = _under_key(walk, token)
        elif step.kind == "list":
            child = _at_index(walk, token)
        else:
            child = None
        if child is None:
            return place
        step, place = child
    return place


class _Walk:
    """The steps from the start, counted, with the last node of each anchor so far: its ordinal and value."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps()
        self.ordinal = 0
        self.anchors: dict[str, int] = {}
        self.texts: dict[str, Value] = {}

    def __next__(self) -> Step:
        step = next(self.steps)
        self.ordinal += 1
        if step.name is not None and step.kind != "alias":
            self.anchors[step.name] = self.ordinal
            self.texts[step.name] = step.value
        return step

    def pass_by(self, step: Step) -> None:
        """Skip the node that `step` opens."""
        depth = 1 if step.kind in ("mapping", "list") else 0
        while depth:
            kind = next(self).kind
            if kind == "mapping" or kind == "list":
                depth += 1
            elif kind == "end":
                depth -= 1


def _under_key(walk: _Walk, key: str) -> tuple[Step, Position] | None:
    while (at_key := next(walk)).kind != "end":
        text = walk.texts.get(at_key.name or "") if at_key.kind == "alias" else at_key.value
        walk.pass_by(at_key)
        at_value = next(walk)
        if text == key:
            return at_value, Position(at_value.offset, at_key.offset)
        walk.pass_by(at_value)
    return None


def _at_index(walk: _Walk, token: str) -> tuple[Step, Position] | None:
    index = 0
    while (item := next(walk)).kind != "end":
        if str(index) == token:
            return item, Position(item.offset, item.offset)
        walk.pass_by(item)
        index += 1
    return None


class Index:
    """All steps through a text, in some fifty bytes each, to find many places in it.

    Raises FormatError if the text is broken.
    """

    def __init__(self, steps: Iterable[Step]) -> None:
        #: By the numbers of steps: their kinds, their offsets, and the step after the whole node.
        self._kinds: list[StepKind] = []
        self._offsets = array("Q")
        self._following = array("Q")
        #: The values of scalars that are keys, and of aliases of scalars.
        self._texts: list[Value] = []
        #: The numbers of the nodes that aliases stand for, by their own; None if there is no such anchor.
        self._meant: dict[int, int | None] = {}
        anchors: dict[str, int] = {}
        opened: list[int] = []
        at_key = [False]  # for each open container, whether a key is due
        for number, step in enumerate(steps):
            text = step.value if at_key[-1] or step.name is not None else None
            if step.kind == "alias":
                meant = self._meant[number] = anchors.get(step.name or "")
                text = None if meant is None else self._texts[meant]
            elif step.name is not None:
                anchors[step.name] = number
            self._kinds.append(step.kind)
            self._offsets.append(step.offset)
            self._following.append(number + 1)
            self._texts.append(text)
            if step.kind in ("mapping", "list"):
                opened.append(number)
                at_key.append(step.kind == "mapping")
                continue
            if step.kind == "end":
                at_key.pop()
                self._following[opened.pop()] = number + 1
            at_key[-1] = bool(opened) and self._kinds[opened[-1]] == "mapping" and not at_key[-1]

    def find(self, tokens: Sequence[str]) -> Position:
        """Return what `find` returns for these tokens."""
        node = key = 0
        place = Position(self._offsets[node], self._offsets[node])
        for token in tokens:
            while self._kinds[node] == "alias":
                meant = self._meant[node]
                if meant is None:
                    return place
                node = meant
            child = self._child(node, token)
            if child is None:
                return place
            key, node = child
            place = Position(self._offsets[node], self._offsets[key])
        return place

    def _child(self, node: int, token: str) -> tuple[int, int] | None:
        """Return the numbers of a child's key and value, twice the same for an item of a list."""
        kind, child, index = self._kinds[node], node + 1, 0
        if kind not in ("mapping", "list"):
            return None
        while self._kinds[child] != "end":
            if kind == "list" and str(index) == token:
                return child, child
            if kind == "mapping":
                key, child = child, self._following[child]
                if self._texts[key] == token:
                    return key, child
            child, index = self._following[child], index + 1
        return None
