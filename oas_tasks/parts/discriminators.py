"""Keeps the implicit values of discriminators where slices have their schemas by other names.

Without a mapping a discriminator's value is the name of a schema ("Discriminator Object"). A moved schema may have to
take another name, and keeps its value by an entry in the mapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from oas_tasks.document.edited import Tokens
from oas_tasks.document.place import Place
from oas_tasks.document.resolver import Broken
from oas_tasks.document.root import Entry
from oas_tasks.formats import Value
from oas_tasks.openapi.pointer import decode, resolve
from oas_tasks.openapi.references import Via
from oas_tasks.parts.facts import Memory
from oas_tasks.parts.follow import name_of
from oas_tasks.parts.inline import Inlined, Pointed, fault_at
from oas_tasks.parts.part import Part
from oas_tasks.parts.placeholders import Alternate, AnyPointer, DiscriminatorMapping, PartPointer, Placeholder
from oas_tasks.parts.subtypes import children_of, reached

_LISTS = ("oneOf", "anyOf")

#: How many alternates in other files the discriminators of a document may have together: each of them names its own.
_MOST_ALTERNATES = 500_000


def listed_alternates(
    entry: Entry, local: Inlined, placeholders: Sequence[Placeholder]
) -> Iterator[DiscriminatorMapping]:
    """Yield the placeholders of discriminators in a value whose listed alternates have other names in slices.

    placeholders: those of the value's references.
    """
    rewritten = {each.tokens: each for each in placeholders if isinstance(each, AnyPointer)}
    parents = dict.fromkeys(tokens[:-3] for tokens in rewritten if tokens[-1] == "$ref" and tokens[-3:-2] in _TAILS)
    listed: dict[Tokens, list[Pointed]] = {}
    for p in local.pointed if parents else ():
        if p.tokens[-1] == "$ref" and p.tokens[-3:-2] in _TAILS and p.connection.via is Via.REFERENCE:
            listed.setdefault(p.tokens[:-3], []).append(p)
    for parent in parents:
        schema = resolve(local.value, map(str, parent))
        known = _values_of(schema.get("discriminator")) if isinstance(schema, dict) else None
        if known is None:
            continue
        pointed = listed.get(parent, ())
        found = [each for p in pointed if (each := _alternate(entry, p, rewritten.get(p.tokens))) is not None]
        alternates = tuple(each for each in found if each.value not in known)
        if any(each.part_id or each.name != each.value for each in alternates):
            yield DiscriminatorMapping((*parent, "discriminator"), alternates)


_TAILS = tuple((keyword,) for keyword in _LISTS)


def _values_of(discriminator: object) -> Mapping[str, Value] | None:
    """Return the mapping of a discriminator, None where it is no valid one."""
    if not isinstance(discriminator, dict):
        return None
    mapping = discriminator.get("mapping", {})
    return mapping if isinstance(mapping, dict) else None


def _alternate(entry: Entry, pointed: Pointed, written: AnyPointer | None) -> Alternate | None:
    """Return the alternate that a reference leads to; None where it has no name."""
    place = entry.resolver.place(pointed.connection, pointed.base)
    tokens = decode(pointed.connection.target.partition("#")[2])
    if isinstance(place, Broken) or tokens is None:
        return None
    place = entry.canonical(place)
    if isinstance(written, PartPointer):
        return Alternate(name_of(place), written.part_id, "", place) if _is_named(place) else None
    own = entry.aliased(place)
    if own is None or len(own) != 3 or own[:2] != ("components", "schemas"):
        return None
    # A whole file has only the name of the component that refers to it.
    return Alternate(tokens[-1] if tokens else own[2], "", own[2], place)


#: Fields that hold schemas by their names. A file of its own also names its schema.
_NAMING = frozenset({"schemas", "definitions", "$defs"})


def _is_named(place: Place) -> bool:
    """Whether the schema at a place has a name there, unlike one inside of an operation."""
    tokens = place[1]
    return len(tokens) < 2 or tokens[-2] in _NAMING


def children_elsewhere(
    entry: Entry, shared: Mapping[str, Part], own: Mapping[Place, Iterable[str]], memory: Memory
) -> Iterator[Part]:
    """Yield the parts whose discriminators have moved schemas among their alternates, since these build on them.

    shared: all parts but the endpoints', by id. own: for schemas the ids of the document's own that build on each.
    """
    moved = {
        part.place: part
        for part in shared.values()
        if part.moved and part.section == "schemas" and _is_named(part.place)
    }
    children, bases = children_of(entry, moved, memory)
    order = {place: number for number, place in enumerate(moved)}
    steps = 0
    for part in shared.values():
        if part.section != "schemas" or part.place not in bases:
            continue
        levels = list(_of_children(part.value))
        if not levels:
            continue
        if steps > _MOST_ALTERNATES:
            reason = "more schemas of other files build on this one and on others than can be named"
            yield replace(part, faults=(*part.faults, fault_at(reason, part.place)))
            continue
        below = reached([part.place], children)
        steps += len(below)
        built = {child for place in below for child, is_built in children.get(place, {}).items() if is_built}
        found = [moved[place] for place in sorted(built & order.keys(), key=order.__getitem__)]
        alternates = [Alternate(name_of(each.place), each.id, "", each.place) for each in found]
        if alternates:
            names = _names_below(part.place, shared, own)
            steps += len(names)
            taken = [Alternate(name, "", name, part.place) for name in names]
            mappings = [
                DiscriminatorMapping(at, (*(a for a in alternates if a.value not in known), *taken))
                for at, known in levels
            ]
            yield replace(part, placeholders=(*part.placeholders, *mappings))


def _names_below(place: Place, shared: Mapping[str, Part], own: Mapping[Place, Iterable[str]]) -> list[str]:
    """Return the names of the document's own schemas that build on the one at a place, however indirectly."""
    found: dict[str, None] = {}
    pending = [place]
    while pending:
        for part_id in own.get(pending.pop(), ()):
            if part_id not in found:
                found[part_id] = None
                pending.append(shared[part_id].place)
    return [shared[part_id].name for part_id in found]


def _of_children(schema: Value) -> Iterator[tuple[Tokens, Mapping[str, Value]]]:
    """Yield the discriminators of a schema whose alternates build on it, and the values that they map."""
    pending: list[tuple[Tokens, Value]] = [((), schema)]
    while pending:
        at, level = pending.pop()
        if not isinstance(level, dict):
            continue
        known = _values_of(level.get("discriminator"))
        if known is not None and not any(keyword in level for keyword in _LISTS):
            yield (*at, "discriminator"), known
        members = level.get("allOf")
        for index, member in enumerate(members if isinstance(members, list) else ()):
            if isinstance(member, dict) and "$ref" not in member:
                pending.append(((*at, "allOf", index), member))
