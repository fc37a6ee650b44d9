"""Measures what references stand for that are replaced by their targets, before any of it is done.

With two references in each target to the next, n targets stand for 2^n values. Each target is measured once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from oas_tasks.document.place import Place
from oas_tasks.openapi.model import FieldType

#: A target: its place, the type of the field that it is put into, and whether it gets another text there.
Target: TypeAlias = tuple[Place, FieldType, bool]


class Inside(NamedTuple):
    """A reference inside of a target that is replaced as well.

    written: as it is written. source: where it stands.
    """

    target: Target
    written: str
    source: Place


class Unfolded(NamedTuple):
    """What a target stands for when all references inside are replaced.

    weight: how many nodes. height: how many references deep.
    loop: a reference inside that leads to something around it, None where there is none.
    """

    weight: int
    height: int
    loop: Inside | None


#: Gives the nodes of a target as it is written, and the references inside.
Look: TypeAlias = Callable[[Target], tuple[int, list[Inside]]]


class _Step(NamedTuple):
    target: Target
    weight: int
    inside: list[Inside]


class Unfoldings:
    """What the targets of one document stand for, as far as it was asked."""

    def __init__(self) -> None:
        self._known: dict[Target, Unfolded] = {}

    def of(self, target: Target, look: Look) -> Unfolded:
        """Return what a target stands for."""
        known = self._known.get(target)
        if known is not None:
            return known
        path = [_Step(target, *look(target))]
        numbers = [0]
        active = {target}
        while path:
            step = path[-1]
            if numbers[-1] < len(step.inside):
                following = step.inside[numbers[-1]].target
                numbers[-1] += 1
                if following not in self._known and following not in active:
                    path.append(_Step(following, *look(following)))
                    numbers.append(0)
                    active.add(following)
                continue
            self._known[step.target] = self._summed(step)
            active.discard(step.target)
            path.pop()
            numbers.pop()
        return self._known[target]

    def _summed(self, step: _Step) -> Unfolded:
        weight, height, loop = step.weight, 0, None
        for each in step.inside:
            known = self._known.get(each.target)
            if known is None:  # it is being measured
                loop = loop or each
                continue
            weight += known.weight
            height = max(height, known.height + 1)
            loop = loop or known.loop
        return Unfolded(min(weight, _MANY), height, loop)


#: Weights are not counted any further, since they would be numbers of thousands of digits.
_MANY = 1 << 60
