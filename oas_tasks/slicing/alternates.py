"""Which named schemas are alternates of a base by building on it through `allOf`.

Source: 3.0.4 "Conditions for Using the Discriminator Object".
"""

from __future__ import annotations

from collections.abc import Mapping

from oas_tasks.formats import Value
from oas_tasks.openapi.connections import Connection, Via, built_on, is_base_of_children, renames
from oas_tasks.slicing.entry import Entry
from oas_tasks.slicing.parts import component_id
from oas_tasks.slicing.resolution import Base, Broken


def alternates(entry: Entry) -> dict[str, tuple[str, ...]]:
    """Return, for each named schema whose discriminator makes them alternates, the ids of the schemas built on it.

    Transitively: a child of a child is an alternate too.
    """
    schemas = entry.resolver.members("schemas")
    children: dict[str, list[str]] = {}
    for name, schema in schemas.items():
        file = entry.origin(("components", "schemas", name))[0]
        for target in built_on(schema):
            for base in _meant(entry, target, file):
                children.setdefault(base, []).append(name)
    return _descendants(schemas, children)


def _meant(entry: Entry, target: str, file: str) -> list[str]:
    """Return the named schemas that a reference means: the one that it leads to, and those that this one renames.

    file: where the reference stands.
    """
    names: list[str] = []
    while True:
        place = entry.resolver.place(Connection(Via.REFERENCE, target, "Schema", ()), Base(file))
        tokens = None if isinstance(place, Broken) else entry.aliased(place)
        if tokens is None or len(tokens) != 3 or tokens[:2] != ("components", "schemas") or tokens[2] in names:
            return names
        names.append(tokens[2])
        renamed = renames(entry.resolver.members("schemas")[tokens[2]])
        if renamed is None:
            return names
        target, file = renamed, entry.origin(tokens)[0]


def _descendants(schemas: Mapping[str, Value], children: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """Return the descendants of each schema with a discriminator."""
    bases: dict[str, tuple[str, ...]] = {}
    for name in children:
        if name in schemas and is_base_of_children(schemas[name]):
            reached: dict[str, None] = {}
            pending = [name]
            while pending:
                for child in children.get(pending.pop(0), ()):
                    if child not in reached:
                        reached[child] = None
                        pending.append(child)
            bases[name] = tuple(component_id("schemas", child) for child in reached)
    return bases
