"""Finds the named schemas that build on a discriminator's base through `allOf`, and so are alternates of it.

Source: 3.0.4 "Conditions for Using the Discriminator Object".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from oas_tasks.document.place import Place
from oas_tasks.document.resolver import Base, Broken
from oas_tasks.document.root import Entry
from oas_tasks.openapi.discriminator import built_on, is_base_of_children, renames
from oas_tasks.openapi.pointer import MISSING
from oas_tasks.openapi.references import Connection, Via
from oas_tasks.parts.facts import Memory
from oas_tasks.parts.part import component_id


def alternates(entry: Entry, memory: Memory) -> dict[Place, tuple[str, ...]]:
    """Return, for each schema whose discriminator makes them alternates, the ids of the named schemas built on it.

    Transitively: a child of a child is an alternate too. The base may stand anywhere, and by its own or another's name.
    """
    children: dict[Place, dict[str, None]] = {}
    for name in list(entry.resolver.members("schemas")):
        for base in bases_with_children(entry, entry.origin(("components", "schemas", name)), memory):
            children.setdefault(base, {})[component_id("schemas", name)] = None
    return {base: tuple(ids) for base, ids in children.items()}


def bases_with_children(entry: Entry, origin: Place, memory: Memory) -> Sequence[Place]:
    """Return the schemas that the one at a place builds on and whose discriminators make it an alternate."""
    known = memory.bases(origin)
    if known is not None:
        return known
    trace = entry.resolver.sources.trace
    trace.begin()
    found = [
        base
        for base in bases_of(entry, origin)
        if is_base_of_children(entry.resolver.value(base))  # type: ignore[arg-type]  # it was found
    ]
    memory.note_bases(origin, found, trace.end())
    return found


def bases_of(entry: Entry, origin: Place) -> Iterator[Place]:
    """Yield the places of all schemas that the one at a place builds on, directly or not."""
    seen: set[Place] = set()
    pending = [(target, origin[0]) for target in _built_on(entry, origin)]
    while pending:
        target, file = pending.pop()
        place = entry.resolver.place(Connection(Via.REFERENCE, target, "Schema", ()), Base(file))
        if isinstance(place, Broken):
            continue
        tokens = entry.aliased(place)
        place = place if tokens is None else entry.origin(tokens)
        if place in seen:
            continue
        seen.add(place)
        yield place
        pending += [(further, place[0]) for further in _built_on(entry, place)]
        renamed = renames(entry.resolver.value(place))  # type: ignore[arg-type]  # it was found
        if renamed is not None:
            pending.append((renamed, place[0]))


def _built_on(entry: Entry, place: Place) -> tuple[str, ...]:
    """Return the references of the schema at a place to those that it builds on."""
    value = entry.resolver.value(place)
    if value is MISSING or (isinstance(value, dict) and "$ref" in value and not entry.model.schema_ref_is_keyword):
        return ()  # before 3.1 nothing beside a `$ref` counts
    return built_on(value)  # type: ignore[arg-type]
