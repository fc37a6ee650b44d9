"""Makes the dependency graph of a document: endpoints, shared parts, and which needs which; and what fits a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from oas_tasks.document.place import TAGS
from oas_tasks.parts.part import Part
from oas_tasks.plan.digests import part_names
from oas_tasks.plan.plan import Endpoint
from oas_tasks.slices.slicer import Slicer


class Graph(NamedTuple):
    """The dependencies of some endpoints.

    endpoints: their names, `GET /users`, in document order. parts: the names of the shared parts, likewise.
    edges: for each endpoint and part, the names of the parts that it needs, in order of first use.
    kinds: of the parts: `schemas`. short: the parts' names without their kind: `User`.
    """

    endpoints: tuple[str, ...]
    parts: tuple[str, ...]
    edges: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, str]
    short: Mapping[str, str]

    @property
    def size(self) -> int:
        """How many edges there are."""
        return sum(map(len, self.edges.values()))


class Hidden(NamedTuple):
    """What is not drawn of a node's needs.

    parts: how many parts can be reached only through it, or through others like it. edges: how many of its own edges.
    """

    parts: int
    edges: int


class Excerpt(NamedTuple):
    """As much of a graph as was asked for.

    hidden: the nodes behind which there is more. left_out: how many endpoints are not drawn.
    """

    graph: Graph
    hidden: Mapping[str, Hidden]
    left_out: int


def graph_of(slicer: Slicer, endpoints: Iterable[Endpoint]) -> Graph:
    """Return the graph of some endpoints of a document."""
    shared = slicer.parts.shared
    names = part_names(shared)
    edges: dict[str, tuple[str, ...]] = {}
    reached: set[str] = set()
    pending: list[str] = []
    for endpoint in endpoints:
        needs = [need for need in slicer.needs(*endpoint.key) if need in shared]
        edges[f"{endpoint.method} {endpoint.path}"] = tuple(names[need] for need in needs)
        pending += needs
    own = tuple(edges)
    while pending:
        part_id = pending.pop()
        if part_id not in reached:
            reached.add(part_id)
            pending += [need for need in shared[part_id].needs if need in shared]
    parts = [part_id for part_id in shared if part_id in reached]
    for part_id in parts:
        edges[names[part_id]] = tuple(names[need] for need in shared[part_id].needs if need in shared)
    kinds = {names[part_id]: shared[part_id].section for part_id in parts}
    short = {names[part_id]: _short_name(shared[part_id]) for part_id in parts}
    return Graph(own, tuple(names[part_id] for part_id in parts), edges, kinds, short)


def _short_name(part: Part) -> str:
    if part.section == TAGS and isinstance(part.value, dict):
        return str(part.value.get("name"))
    return part.name or part.section


def excerpt(graph: Graph, depth: int | None, most: int) -> Excerpt:
    """Return what is at most so many steps from an endpoint, and has at most so many edges.

    depth: None for all. most: 0 for all edges. What is nearer to an endpoint comes first.
    """
    if depth is None and (not most or graph.size <= most):
        return Excerpt(graph, {}, 0)
    left = most or graph.size
    edges: dict[str, tuple[str, ...]] = {}
    level = list(graph.endpoints)
    steps = left_out = 0
    while level:
        following: dict[str, None] = {}
        for name in level:
            needs = graph.edges[name]
            fits = len(needs) <= left or (not edges and steps == 0)
            if steps == 0 and not fits:
                left_out += 1
                continue
            drawn = needs[:left] if fits and (depth is None or steps < depth) else ()
            edges[name] = drawn
            left -= len(drawn)
            following |= dict.fromkeys(drawn)
        level = [name for name in following if name not in edges]
        steps += 1
    parts = tuple(name for name in graph.parts if name in edges)
    endpoints = tuple(name for name in graph.endpoints if name in edges)
    ordered = {name: edges[name] for name in (*endpoints, *parts)}
    hidden = {
        name: Hidden(_behind(graph, name, edges), len(graph.edges[name]) - len(drawn))
        for name, drawn in ordered.items()
        if len(drawn) < len(graph.edges[name])
    }
    return Excerpt(graph._replace(endpoints=endpoints, parts=parts, edges=ordered), hidden, left_out)


def _behind(graph: Graph, start: str, drawn: Mapping[str, object]) -> int:
    """Return how many parts that are not drawn can be reached from a node without passing one that is drawn."""
    found: set[str] = set()
    pending = [start]
    while pending:
        for need in graph.edges[pending.pop()]:
            if need not in drawn and need not in found:
                found.add(need)
                pending.append(need)
    return len(found)
