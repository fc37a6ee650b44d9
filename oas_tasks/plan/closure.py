"""Transitive closures over a graph, as sets of bits.

Computed over strongly connected components (Tarjan's algorithm, iterative), so that each part of the graph is looked
at once however many start from it, and recursion among schemas costs nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar


def closures(edges: Sequence[Sequence[int]]) -> list[int]:
    """Return for every node the nodes that it reaches, itself included, as an integer with bit n for node n.

    edges: for each node, the nodes it points at.
    """
    count = len(edges)
    order = [0] * count  # when a node was first seen, from 1; 0 is not yet
    low = [0] * count
    on_stack = bytearray(count)
    reached = [0] * count
    component: list[int] = []
    clock = 0
    for start in range(count):
        if order[start]:
            continue
        path: list[tuple[int, int]] = [(start, 0)]
        while path:
            node, next_edge = path.pop()
            if next_edge == 0:
                clock += 1
                order[node] = low[node] = clock
                component.append(node)
                on_stack[node] = 1
            targets = edges[node]
            descended = False
            while next_edge < len(targets):
                target = targets[next_edge]
                next_edge += 1
                if not order[target]:
                    path.append((node, next_edge))
                    path.append((target, 0))
                    descended = True
                    break
                if on_stack[target]:
                    low[node] = min(low[node], order[target])
            if descended:
                continue
            if low[node] == order[node]:
                _close(node, component, on_stack, edges, reached)
            if path:
                parent = path[-1][0]
                low[parent] = min(low[parent], low[node])
    return reached


def _close(
    root: int, stack: list[int], on_stack: bytearray, edges: Sequence[Sequence[int]], reached: list[int]
) -> None:
    """Give the strongly connected component on top of the stack, down to `root`, its one common closure."""
    members: list[int] = []
    while True:
        node = stack.pop()
        on_stack[node] = 0
        members.append(node)
        if node == root:
            break
    bits = 0
    for member in members:
        bits |= 1 << member
        for target in edges[member]:
            bits |= reached[target]
    for member in members:
        reached[member] = bits


def members(bits: int) -> Iterator[int]:
    """Yield the nodes of a set of bits, smallest first."""
    digits = bin(bits)[:1:-1]
    index = digits.find("1")
    while index >= 0:
        yield index
        index = digits.find("1", index + 1)


Found = TypeVar("Found")
Key = TypeVar("Key")

#: How many are remembered: each is a list or two as long as there are components in a slice.
_MOST = 64


class Recent(Generic[Found]):
    """What was found of the objects that were asked for last, by their identity or by a key."""

    def __init__(self) -> None:
        # The object is kept with what was found of it, so that no other one can have its identity.
        self._found: OrderedDict[object, tuple[object, Found]] = OrderedDict()

    def of(self, asked: Key, find: Callable[[Key], Found]) -> Found:
        """Return what was found of this very object, or find it."""
        return self.by(id(asked), asked, lambda: find(asked))

    def by(self, key: object, asked: object, find: Callable[[], Found]) -> Found:
        """Return what was found under a key, or find it."""
        known = self._found.get(key)
        if known is None:
            known = self._found[key] = (asked, find())
            if len(self._found) > _MOST:
                self._found.popitem(last=False)
        else:
            self._found.move_to_end(key)
        return known[1]
