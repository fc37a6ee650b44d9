"""Transitive closures over a graph, as sets of bits.

Computed over strongly connected components (Tarjan's algorithm, iterative), so that each node is visited once, however
many others reach it, and cycles among schemas cost nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence


class ReachedNodes:
    """What the nodes of a graph reach that can be reached from some of them."""

    def __init__(self, starts: Iterable[int], edges: Callable[[int], Iterable[int]]) -> None:
        """Look at the graph from some nodes on.

        edges: returns the nodes that a node points at.
        """
        targets: dict[int, list[int]] = {}
        starts = list(starts)
        pending = list(starts)
        while pending:
            node = pending.pop()
            if node not in targets:
                targets[node] = found = list(edges(node))
                pending += found
        self._nodes = sorted(targets)
        self._at = {node: number for number, node in enumerate(self._nodes)}
        edges_now = [[self._at[each] for each in targets[node]] for node in self._nodes]
        self._closures = closures(edges_now, {self._at[each] for each in starts})

    def bits(self, starts: Iterable[int]) -> int:
        """Return the set of the nodes that can be reached from some of the first ones, to be given to `nodes`."""
        found = 0
        for start in starts:
            found |= self._closures[self._at[start]]
        return found

    def nodes(self, bits: int) -> tuple[int, ...]:
        """Return the nodes in a set, smallest first."""
        return tuple(map(self._nodes.__getitem__, members(bits)))


def closures(edges: Sequence[Sequence[int]], wanted: Container[int] | None = None) -> list[int]:
    """Return for every node the nodes that it reaches, itself included, as an integer with bit n for node n.

    edges: for each node, the nodes it points at.
    wanted: the nodes whose sets are asked for, all without it. Others are given up as soon as nothing needs them any
        more: all sets of a chain together take memory in the square of its length.
    """
    count = len(edges)
    order = [0] * count  # when a node was first seen, counted from 1; 0 means not yet
    low = [0] * count
    on_stack = bytearray(count)
    reached = [0] * count
    component: list[int] = []
    users = Counter(target for targets in edges for target in targets) if wanted is not None else Counter()
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
                closed = _close(node, component, on_stack, edges, reached)
                _give_up(closed, edges, users, wanted, reached)
            if path:
                parent = path[-1][0]
                low[parent] = min(low[parent], low[node])
    return reached


def _close(
    root: int, stack: list[int], on_stack: bytearray, edges: Sequence[Sequence[int]], reached: list[int]
) -> list[int]:
    """Give the nodes of the component on top of the stack, down to `root`, their common closure, and return them."""
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
    return members


def _give_up(
    closed: list[int],
    edges: Sequence[Sequence[int]],
    users: Counter[int],
    wanted: Container[int] | None,
    reached: list[int],
) -> None:
    """Empty the sets that nothing needs any more, now that some nodes have theirs.

    users: how many nodes that are not done point at each.
    """
    if wanted is None:
        return
    for node in closed:
        for target in edges[node]:
            users[target] -= 1
    for node in closed:
        for each in (node, *edges[node]):
            if not users[each] and each not in wanted:
                reached[each] = 0


#: Bits that are looked at together. The parts of a closure mostly stand close together, among tens of thousands.
_TOGETHER = 1024
_MASK = (1 << _TOGETHER) - 1


def members(bits: int) -> Iterator[int]:
    """Yield the nodes of a set of bits, smallest first."""
    at = 0
    while bits:
        skipped = (bits & -bits).bit_length() - 1
        bits >>= skipped
        at += skipped
        digits = bin(bits & _MASK)[:1:-1]
        index = digits.find("1")
        while index >= 0:
            yield at + index
            index = digits.find("1", index + 1)
        bits >>= _TOGETHER
        at += _TOGETHER
