"""Lays a graph out in columns, from left to right, so that no two boxes overlap and few edges cross.

The steps are those of Sugiyama, Tagawa and Toda ("Methods for visual understanding of hierarchical system structures",
1981): edges against the direction are turned, each node gets a column, edges over several columns get a bend in each,
the nodes of a column are put in the order of their neighbours, and each as near to its neighbours as the others let it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

#: How often the columns are put in order, and how often their nodes are moved towards their neighbours.
_ORDERINGS, _MOVES = 12, 10

#: Pixels between boxes, between bends, and from column to column without any edge and more for each.
_GAP, _BEND_GAP, _COLUMN_GAP, _EDGE_GAP, _MOST_COLUMN_GAP = 10.0, 7.0, 56.0, 1.6, 190.0

#: A node in the layout: a box by its number, or a bend by the edge and its column.
_Node = int | tuple[int, int, int]


class Box(NamedTuple):
    """The size of a node, in pixels."""

    width: float
    height: float


class PlacedBox(NamedTuple):
    """A node: its left upper corner and its size, in pixels."""

    x: float
    y: float
    width: float
    height: float


class GraphLayout(NamedTuple):
    """A graph with places.

    boxes: in the order of the nodes. edges: for each edge its bends, pairs of the points where it enters and leaves a
    column between its ends; from the left to the right, also where it was turned.
    """

    boxes: tuple[PlacedBox, ...]
    edges: Mapping[tuple[int, int], tuple[tuple[float, float, float], ...]]
    width: float
    height: float


def laid_out(boxes: Sequence[Box], edges: Sequence[tuple[int, int]]) -> GraphLayout:
    """Return a layout. Same graph, same layout.

    edges: pairs of numbers of boxes; an edge of a node to itself has no bends.
    """
    needs: list[list[int]] = [[] for _ in boxes]
    for start, end in dict.fromkeys(edges):
        if start != end:
            needs[start].append(end)
    turned = _turned(needs)
    columns = _columns(turned)
    return _Columns(boxes, turned, columns).layout(edges)


def _turned(needs: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the edges without circles: those that lead back on a way from the first nodes are turned."""
    found: list[list[int]] = [[] for _ in needs]
    state = [0] * len(needs)  # 1 on the way, 2 done
    has_user = {end for ends in needs for end in ends}
    for first in sorted(range(len(needs)), key=lambda node: (node in has_user, node)):
        stack = [(first, iter(needs[first]))] if not state[first] else []
        state[first] = state[first] or 1
        while stack:
            node, ends = stack[-1]
            end = next(ends, None)
            if end is None:
                state[node] = 2
                stack.pop()
            elif state[end] == 1:
                found[end].append(node)
            else:
                found[node].append(end)
                if not state[end]:
                    state[end] = 1
                    stack.append((end, iter(needs[end])))
    return [list(dict.fromkeys(ends)) for ends in found]


def _columns(needs: Sequence[Sequence[int]]) -> list[int]:
    """Return the column of each node: one behind the last that needs it."""
    waiting = [0] * len(needs)
    for ends in needs:
        for end in ends:
            waiting[end] += 1
    column = [0] * len(needs)
    ready = [node for node, count in enumerate(waiting) if not count]
    while ready:
        node = ready.pop()
        for end in needs[node]:
            column[end] = max(column[end], column[node] + 1)
            waiting[end] -= 1
            if not waiting[end]:
                ready.append(end)
    return column


class _Columns:
    """The columns of a layout, with the bends of edges that pass them."""

    def __init__(self, boxes: Sequence[Box], needs: Sequence[Sequence[int]], columns: Sequence[int]) -> None:
        self._boxes = boxes
        self._columns: list[list[_Node]] = [[] for _ in range(max(columns, default=0) + 1)]
        for node, column in enumerate(columns):
            self._columns[column].append(node)
        self._after: dict[_Node, list[_Node]] = {}
        self._before: dict[_Node, list[_Node]] = {}
        self._bends: dict[tuple[int, int], list[_Node]] = {}
        for start, ends in enumerate(needs):
            for end in ends:
                between: list[_Node] = [(start, end, column) for column in range(columns[start] + 1, columns[end])]
                for bend, column in zip(between, range(columns[start] + 1, columns[end]), strict=True):
                    self._columns[column].append(bend)
                self._bends[start, end] = between
                way: list[_Node] = [start, *between, end]
                for one, other in pairwise(way):
                    self._after.setdefault(one, []).append(other)
                    self._before.setdefault(other, []).append(one)

    def layout(self, edges: Sequence[tuple[int, int]]) -> GraphLayout:
        """Return the layout."""
        self._order()
        middles = self._middles()
        lefts, width = self._lefts()
        top = min((middles[node] - self._height(node) / 2 for column in self._columns for node in column), default=0.0)
        placed: dict[int, PlacedBox] = {}
        bends: dict[_Node, tuple[float, float, float]] = {}
        for column, (left, wide) in zip(self._columns, lefts, strict=True):
            for node in column:
                y = middles[node] - top
                if isinstance(node, int):
                    box = self._boxes[node]
                    placed[node] = PlacedBox(left, y - box.height / 2, box.width, box.height)
                else:
                    bends[node] = (left, left + wide, y)
        height = max((each.y + each.height for each in placed.values()), default=0.0)
        height = max([height, *(y for _, _, y in bends.values())])
        found = {}
        for start, end in edges:
            way = self._bends.get((start, end), self._bends.get((end, start), []))
            found[start, end] = tuple(bends[node] for node in way)
        return GraphLayout(tuple(placed[node] for node in range(len(self._boxes))), found, width, height)

    def _height(self, node: _Node) -> float:
        return self._boxes[node].height if isinstance(node, int) else 0.0

    def _order(self) -> None:
        """Put each column in the order of its neighbours' places, from left to right and back, and keep the best."""
        best, fewest = [list(column) for column in self._columns], self._crossings()
        for number in range(_ORDERINGS):
            forward = number % 2 == 0
            neighbours = self._before if forward else self._after
            for at in range(len(self._columns)) if forward else reversed(range(len(self._columns))):
                beside = at - 1 if forward else at + 1
                if not 0 <= beside < len(self._columns):
                    continue
                place = {node: index for index, node in enumerate(self._columns[beside])}
                column = self._columns[at]
                own = {node: index for index, node in enumerate(column)}
                keys: dict[_Node, float] = {}
                for node in column:
                    places = [place[each] for each in neighbours.get(node, ())]
                    keys[node] = sum(places) / len(places) if places else float(own[node])
                column.sort(key=lambda node: (keys[node], own[node]))
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(column) for column in self._columns], crossings
        self._columns = best

    def _crossings(self) -> int:
        """Count the pairs of edges that cross."""
        total = 0
        for column, following in pairwise(self._columns):
            place = {node: index for index, node in enumerate(following)}
            seen = [0] * (len(following) + 1)  # a Fenwick tree of the places where earlier edges end
            count = 0
            for node in column:
                ends = [place[each] for each in self._after.get(node, ())]
                for end in ends:
                    below, index = 0, end + 1
                    while index:
                        below += seen[index]
                        index &= index - 1
                    total += count - below
                for end in ends:
                    index = end + 1
                    while index < len(seen):
                        seen[index] += 1
                        index += index & -index
                count += len(ends)
        return total

    def _middles(self) -> dict[_Node, float]:
        """Return the height of each node's middle: near its neighbours, in the order of its column, with room."""
        middles: dict[_Node, float] = {}
        for column in self._columns:
            middles.update(zip(column, self._spread(column, [0.0] * len(column)), strict=True))
        for number in range(_MOVES):
            columns = self._columns if number % 2 == 0 else self._columns[::-1]
            for column in columns:
                wanted = []
                for node in column:
                    beside = (*self._before.get(node, ()), *self._after.get(node, ()))
                    heights = sorted(middles[each] for each in beside)
                    half = len(heights) // 2
                    wanted.append((heights[half] + heights[-half - 1]) / 2 if heights else middles[node])
                middles.update(zip(column, self._spread(column, wanted), strict=True))
        return middles

    def _spread(self, column: Sequence[_Node], wanted: Sequence[float]) -> list[float]:
        """Return the heights nearest to the wanted ones, by least squares, that keep the order and the gaps.

        With the gaps taken off it is an isotonic regression: neighbours that would overlap share their mean.
        """
        offsets = [0.0]
        for above, below in pairwise(column):
            gap = _GAP if isinstance(above, int) or isinstance(below, int) else _BEND_GAP
            offsets.append(offsets[-1] + (self._height(above) + self._height(below)) / 2 + gap)
        blocks: list[tuple[float, int]] = []
        for y, offset in zip(wanted, offsets, strict=False):
            total, count = y - offset, 1
            while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
                earlier = blocks.pop()
                total, count = total + earlier[0], count + earlier[1]
            blocks.append((total, count))
        means = [total / count for total, count in blocks for _ in range(count)]
        return [mean + offset for mean, offset in zip(means, offsets, strict=False)]

    def _lefts(self) -> tuple[list[tuple[float, float]], float]:
        """Return the left edge and the width of each column, and the width of all."""
        found: list[tuple[float, float]] = []
        x = 0.0
        for column in self._columns:
            wide = max((self._boxes[node].width for node in column if isinstance(node, int)), default=0.0)
            found.append((x, wide))
            edges = sum(len(self._after.get(node, ())) for node in column)
            x += wide + min(_MOST_COLUMN_GAP, _COLUMN_GAP + _EDGE_GAP * edges)
        return found, found[-1][0] + found[-1][1]
