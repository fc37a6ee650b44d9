"""Finds the named schemas that build on a discriminator's base through `allOf`, and so are alternates of it.

Source: 3.0.4 "Conditions for Using the Discriminator Object".
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from oas_tasks.document.place import Place
from oas_tasks.document.resolver import Base, Broken
from oas_tasks.document.root import Entry
from oas_tasks.openapi.discriminator import built_on, is_base_of_children, renames
from oas_tasks.openapi.pointer import MISSING
from oas_tasks.openapi.references import Connection, Via
from oas_tasks.parts.facts import Memory, Parent
from oas_tasks.parts.part import component_id


def alternates(entry: Entry, memory: Memory) -> dict[Place, tuple[str, ...]]:
    """Return, for each schema whose alternates include them, the ids of the named schemas built on it directly.

    A child of a child is an alternate too, and follows from this: it is listed for the child. So the length of the
    lists together does not grow with the square of a chain's. The base may stand anywhere, and by its own or another's
    name; of children without a name, those that build on them are listed.
    """
    ids = {
        entry.origin(("components", "schemas", name)): component_id("schemas", name)
        for name in list(entry.resolver.members("schemas"))
    }
    children, bases = children_of(entry, ids, memory)
    parents: dict[Place, list[Place]] = {}
    for parent, listed in children.items():
        for child in listed:
            parents.setdefault(child, []).append(parent)
    # Another name of a schema counts where something is built on it.
    has_some = (
        place for place, listed in children.items() if any(is_built and c in ids for c, is_built in listed.items())
    )
    useful = reached(has_some, parents)
    found: dict[Place, tuple[str, ...]] = {}
    for place in reached(bases, children):
        named: dict[str, None] = {}
        for child in _nearest(place, children, ids, useful):
            named[ids[child]] = None
        if named:
            found[place] = tuple(named)
    return found


def children_of(
    entry: Entry, named: Iterable[Place], memory: Memory
) -> tuple[dict[Place, dict[Place, bool]], dict[Place, None]]:
    """Return what is built on each schema, and the schemas whose discriminators make that their alternates.

    With each child it is said whether it is built on the schema, or is another name of it.
    named: the schemas to begin with.
    """
    children: dict[Place, dict[Place, bool]] = {}
    bases: dict[Place, None] = {}
    pending = list(named)
    known = set(pending)
    for place in pending:
        for parent, is_built, is_base in _parents(entry, place, memory):
            children.setdefault(parent, {})[place] = is_built
            if is_base:
                bases[parent] = None
            if parent not in known:
                known.add(parent)
                pending.append(parent)
    return children, bases


def _parents(entry: Entry, origin: Place, memory: Memory) -> Sequence[Parent]:
    """Return what the schema at a place builds on directly, or is another name of."""
    known = memory.parents(origin)
    if known is not None:
        return known
    trace = entry.resolver.sources.trace
    trace.begin()
    found = [
        (place, is_built, is_base_of_children(entry.resolver.value(place)))  # type: ignore[arg-type]  # it was found
        for place, is_built in _built_on(entry, origin)
    ]
    memory.note_parents(origin, found, trace.end())
    return found


def reached(starts: Iterable[Place], onward: Mapping[Place, Iterable[Place]]) -> dict[Place, None]:
    """Return the places that can be reached from some, these included, each once."""
    found = dict.fromkeys(starts)
    pending = list(found)
    while pending:
        for place in onward.get(pending.pop(), ()):
            if place not in found:
                found[place] = None
                pending.append(place)
    return found


def _nearest(
    place: Place,
    children: Mapping[Place, Mapping[Place, bool]],
    named: Container[Place],
    useful: Container[Place],
) -> Iterator[Place]:
    """Yield the named schemas built on the one at a place, directly or through some without a name."""
    seen = {place}
    pending = [place]
    while pending:
        for child, is_built in children.get(pending.pop(), {}).items():
            if child not in named:
                if child not in seen:
                    seen.add(child)
                    pending.append(child)
            elif is_built or child in useful:
                yield child


def _built_on(entry: Entry, place: Place) -> Iterator[tuple[Place, bool]]:
    """Yield the schemas that the one at a place refers to in its `allOf`, or (with False) is another name of."""
    value = entry.resolver.value(place)
    if value is MISSING:
        return
    renamed = renames(value)  # type: ignore[arg-type]  # it is there
    targets: dict[str, bool] = {}
    if renamed is None or entry.model.schema_ref_is_keyword:  # before 3.1 nothing beside a `$ref` counts
        targets = dict.fromkeys(built_on(value), True)  # type: ignore[arg-type]
    if renamed is not None:
        targets.setdefault(renamed, False)
    for target, is_built in targets.items():
        found = entry.resolver.place(Connection(Via.REFERENCE, target, "Schema", ()), Base(place[0]))
        if not isinstance(found, Broken):
            tokens = entry.aliased(found)
            yield (found if tokens is None else entry.origin(tokens)), is_built
