"""Makes the dependency graph of a document: endpoints, shared parts, and which needs which."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from oas_tasks.plan.digests import part_names
from oas_tasks.plan.plan import Endpoint
from oas_tasks.slices.slicer import Slicer


class Graph(NamedTuple):
    """The dependencies of some endpoints.

    endpoints: their names, `GET /users`, in document order. parts: the names of the shared parts, likewise.
    edges: for each endpoint and part, the names of the parts that it needs, in order of first use.
    """

    endpoints: tuple[str, ...]
    parts: tuple[str, ...]
    edges: dict[str, tuple[str, ...]]


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
    return Graph(own, tuple(names[part_id] for part_id in parts), edges)
