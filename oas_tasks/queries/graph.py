"""The graph of a document: endpoints, the shared parts, and which needs which."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from oas_tasks.plan.digests import part_names
from oas_tasks.plan.plan import Endpoint
from oas_tasks.slices.slicer import Slicer


class Graph(NamedTuple):
    """What some endpoints reach.

    endpoints: their names, `GET /users`, in the document's order. parts: those of the shared parts, likewise.
    edges: for every one of both the names of the parts that it needs, in order of first use.
    """

    endpoints: tuple[str, ...]
    parts: tuple[str, ...]
    edges: dict[str, tuple[str, ...]]


def graph_of(slicer: Slicer, endpoints: Iterable[Endpoint]) -> Graph:
    """Return the graph of what endpoints of a document reach."""
    shared = slicer.parts.shared
    names = part_names(shared)
    edges: dict[str, tuple[str, ...]] = {}
    reached: set[str] = set()
    pending: list[str] = []
    for endpoint in endpoints:
        needs = [need for need in slicer.needs(endpoint.path, endpoint.method) if need in shared]
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
    return Graph(own, tuple(names[part_id] for part_id in parts), edges)
