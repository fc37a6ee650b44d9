"""Measures what references stand for, before anything is put in their place.

With two references in each target to the next, n targets stand for 2^n values. Each target is measured once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

Target = TypeVar("Target", bound=Hashable)
Link = TypeVar("Link")

#: Gives the weight of a target alone, and what stands in it: further targets, each by a link.
Look: TypeAlias = Callable[[Target], tuple[int, Iterable[tuple[Target, Link]]]]


class Unfolded(NamedTuple, Generic[Link]):
    """What a target stands for when everything in it is put in its place.

    weight: of all of it. height: how many links deep.
    loop: a link inside that leads to something around it, None where there is none.
    """

    weight: int
    height: int
    loop: Link | None


class UnfoldsTooFarError(Exception):
    """More targets can be reached than may be looked at. path: from the first one to the last that was."""

    def __init__(self, path: list[Any]) -> None:
        super().__init__()
        self.path = path


class Unfoldings(Generic[Target, Link]):
    """What targets stand for, as far as it was asked."""

    def __init__(self) -> None:
        #: What was found out.
        self.known: dict[Target, Unfolded[Link]] = {}

    def of(self, target: Target, look: Look[Target, Link], most: int | None = None) -> Unfolded[Link]:
        """Return what a target stands for.

        most: how many targets may be looked at. Raises UnfoldsTooFarError where there are more.
        """
        path: list[tuple[Target, int, list[tuple[Target, Link]]]] = []
        numbers: list[int] = []
        active: set[Target] = set()
        looked_at = 0
        following = target
        while True:
            if following not in self.known and following not in active:
                looked_at += 1
                if most is not None and looked_at > most:
                    raise UnfoldsTooFarError([each[0] for each in path])
                weight, inside = look(following)
                path.append((following, weight, list(inside)))
                numbers.append(0)
                active.add(following)
            while path and numbers[-1] == len(path[-1][2]):
                done, weight, links = path.pop()
                numbers.pop()
                active.discard(done)
                self.known[done] = self._summed(weight, links)
            if not path:
                return self.known[target]
            following = path[-1][2][numbers[-1]][0]
            numbers[-1] += 1

    def _summed(self, weight: int, links: list[tuple[Target, Link]]) -> Unfolded[Link]:
        height = 0
        loop: Link | None = None
        for target, link in links:
            known = self.known.get(target)
            if known is None:  # it is being measured
                loop = link if loop is None else loop
                continue
            weight += known.weight
            height = max(height, known.height + 1)
            loop = known.loop if loop is None else loop
        return Unfolded(min(weight, _MANY), height, loop)


#: Weights are not counted any further, since they would be numbers of thousands of digits.
_MANY = 1 << 60
