"""What a slice fills in where a part does not read as it does in the document: names of moved parts, links.

Everything here follows from the endpoint and what it reaches, so that no other endpoint's change can show in a slice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from types import MappingProxyType
from typing import NamedTuple, TypeAlias
from urllib.parse import quote

from oas_tasks.document.edited import DROP, Change, Renamed, Tokens, edited
from oas_tasks.document.place import TAGS, Place
from oas_tasks.formats import Value
from oas_tasks.openapi.conversion.binary import DATA, Role, role_at, settled
from oas_tasks.openapi.model import ComponentName, Model
from oas_tasks.openapi.pointer import encode, resolve
from oas_tasks.parts.part import Alternate, EndpointPart, Hole, HoleKind, Part, field_of
from oas_tasks.plan.moved_names import moved_names, moved_order

Operation = tuple[str, str]


class Filling(NamedTuple):
    """What fills the holes of one slice.

    names: the names of its moved parts, by id.
    operation: path and method of the endpoint.
    operation_ids: of the operations in the slice, those in callbacks included.
    files: the files of all slices that are made, by path and method.
    dropped: ids of the Link components that go because their operation is nowhere to be found.
    roles: what the schemas of the slice describe, by the ids of their parts; what is not here describes data.
    ambiguous: the anchors of `$dynamicRef`s that more than one schema of the slice has.
    loosened: the names of the schemas that accept more in the slice, since a `$dynamicRef` by one of these is left out.
    tags: where the declared tags of the slice stand in its list, by the ids of their parts; none where none has a hole.
    """

    names: Mapping[str, str]
    operation: Operation
    operation_ids: frozenset[str]
    files: Mapping[Operation, str]
    dropped: frozenset[str]
    roles: Mapping[str, Role] = MappingProxyType({})
    ambiguous: frozenset[str] = frozenset()
    loosened: frozenset[str] = frozenset()
    tags: Mapping[str, int] = MappingProxyType({})


_EMPTY: frozenset[str] = frozenset()


def filling_of(
    endpoint: EndpointPart,
    closure: Sequence[Part],
    files: Mapping[Operation, str],
    shared: Mapping[str, Part],
    own_names: Set[ComponentName],
    held_names: Set[ComponentName],
    heading: Part | None = None,
    tags: Iterable[str] = (),
) -> Filling:
    """Return what fills the holes of the slice of an endpoint that reaches the parts in `closure`.

    closure: those at least that have holes or anchors, are moved or have operations inside.
    own_names: those of the document's components. held_names: of those that the slice has.
    heading: what every slice has of the root, which may need parts as well.
    tags: the ids of the declared tags that the slice has, in order.
    """
    operation = (endpoint.path, endpoint.method)
    ids = frozenset(i for part in (endpoint.part, *closure) for i in part.operation_ids)
    is_moving = any(part.moved for part in closure)
    starts = (endpoint.part,) if heading is None else (endpoint.part, heading)
    names = moved_names(moved_order(starts, shared), shared, own_names, held_names) if is_moving else {}
    filling = Filling(names, operation, ids, files, _EMPTY, ambiguous=_ambiguous((endpoint.part, *closure)))
    if any(part.section == TAGS for part in closure):
        filling = filling._replace(tags={part_id: number for number, part_id in enumerate(tags)})
    dropped = {
        part.id
        for part in closure
        if part.section == "links"
        and any(
            hole.kind is HoleKind.LINK and len(hole.tokens) == 1 and _link(hole, filling) is DROP for hole in part.holes
        )
    }
    if dropped:
        size = 0
        while size != len(dropped):  # a Link that refers to one that goes, goes as well
            size = len(dropped)
            dropped |= {
                part.id for part in closure for hole in part.holes if hole.tokens == () and hole.target in dropped
            }
        filling = filling._replace(dropped=frozenset(dropped))
    return filling


def _ambiguous(parts: Iterable[Part]) -> frozenset[str]:
    """Return the `$dynamicAnchor`s that more than one schema in some parts has.

    Only the way that led there tells which of them a `$dynamicRef` means; what is not in the slice lies on none.
    Source: JSON Schema 2020-12 Core, 8.2.3.2.
    """
    places: dict[str, set[Place]] = {}
    for part in parts:
        for name, place in part.dynamic_anchors:
            places.setdefault(name, set()).add(place)
    return frozenset(name for name, found in places.items() if len(found) > 1)


class Mapped(NamedTuple):
    """In the place of a change: a discriminator's mapping gets these entries, values and pointers."""

    entries: tuple[tuple[str, str], ...]


class Loosened(NamedTuple):
    """Beside what fills the holes of a part: names of schemas that accept more in the slice that it is for."""

    names: frozenset[str]


#: In the place of a change: what stands there stays, or is what it is by the role of the part.
Fill: TypeAlias = "Change | Mapped | Role | Loosened | None"


def fills_of(part: Part, filling: Filling, shared: Mapping[str, Part]) -> tuple[Fill, ...]:
    """Return what goes into each hole of a part."""
    return tuple(_fill(hole, filling, shared) for hole in part.holes)


def _fill(hole: Hole, filling: Filling, shared: Mapping[str, Part]) -> Fill:
    if hole.anchor and hole.anchor in filling.ambiguous:
        return None
    match hole.kind:
        case HoleKind.TEXT | HoleKind.ANCHOR | HoleKind.ADDRESS:
            return Renamed(hole.key, hole.text) if hole.key else hole.text
        case HoleKind.IDENTIFIER:
            return DROP
        case HoleKind.NAME:
            section = shared[hole.target].section
            if section == TAGS:
                start: tuple[str, ...] = (TAGS, str(filling.tags[hole.target]))
            else:
                start = ("components", section, filling.names[hole.target])
            pointer = encode(start) + hole.text
            return Renamed(hole.key, pointer) if hole.key else pointer
        case HoleKind.KEY:
            return Renamed(filling.names[hole.target] if hole.target else hole.text)
        case HoleKind.LINK_REFERENCE:
            return DROP if hole.target in filling.dropped else None
        case HoleKind.LINK:
            return _link(hole, filling)
        case HoleKind.MAPPING:
            return _mapped(hole.alternates, filling)
        case HoleKind.ROLE:
            return filling.roles.get(hole.target, DATA)


def _mapped(alternates: Iterable[Alternate], filling: Filling) -> Mapped | None:
    """Return the mapping by which alternates keep their values that have other names in a slice.

    Where another alternate has the name by now, nobody can tell which of them was meant.
    """
    named = [(each.value, filling.names.get(each.part_id, "") if each.part_id else each.name) for each in alternates]
    names = {name for _, name in named}
    found: dict[str, str] = {}
    for value, name in named:
        if name and value not in names:
            found.setdefault(value, encode(("components", "schemas", name)))
    return Mapped(tuple(found.items())) if found else None


def _link(hole: Hole, filling: Filling) -> Change | None:
    """Return what a Link reads: as it is where its operation is in the slice, else into the slice where that is.

    The specification fixes nothing here, but an operationId "MUST be resolvable" ("Link Object").
    """
    if hole.operation == filling.operation or (hole.operation_id and hole.operation_id in filling.operation_ids):
        return None if hole.stands else Renamed("operationRef", hole.text)
    file = filling.files.get(hole.operation) if hole.operation is not None else None
    if file is None or hole.operation is None:
        return DROP
    return Renamed("operationRef", slice_address(file) + link_target(hole, hole.operation))


def slice_address(file: str) -> str:
    """Return the relative reference from a slice to another one's file (RFC 3986, section 3.3)."""
    return f"./{quote(file)}"


def link_target(hole: Hole, operation: Operation) -> str:
    """Return the pointer to a Link's operation in the slice of the endpoint that it is or is part of."""
    if hole.text:
        return hole.text
    path, method = operation
    # A method in capitals is that of a fixed field; whoever is spelt otherwise stands in additionalOperations.
    at = (method.lower(),) if method.isupper() and method in _FIXED else ("additionalOperations", method)
    return encode(("paths", path, *at))


_FIXED = frozenset({"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "QUERY"})


def filled(part: Part, fills: Sequence[Fill]) -> Value:
    """Return a part's value as it reads in a slice."""
    changes: dict[Tokens, Change] = {}
    for hole, fill in zip(part.holes, fills, strict=True):
        if fill is None or isinstance(fill, Mapped | Role | Loosened):
            continue
        if hole.kind is HoleKind.LINK and fill is DROP:
            if len(hole.tokens) > 1:
                changes[hole.tokens[:-1]] = DROP
        elif hole.tokens:
            changes[hole.tokens] = fill
    value = edited(part.value, changes)
    for hole, fill in zip(part.holes, fills, strict=True):
        if isinstance(fill, Mapped):
            value = edited(value, {hole.tokens: _with_mapping(value, hole.tokens, fill)})
    return value


def _with_mapping(value: Value, at: Tokens, mapped: Mapped) -> Value:
    """Return the discriminator at a place of a value with further entries in its mapping."""
    discriminator = resolve(value, map(str, at))
    assert isinstance(discriminator, dict)
    mapping = discriminator.get("mapping")
    return {**discriminator, "mapping": {**(mapping if isinstance(mapping, dict) else {}), **dict(mapped.entries)}}


def dropped_links(part: Part, filling: Filling) -> list[Hole]:
    """Return the holes of the Links of a part that go because their operation is nowhere to be found."""
    return [hole for hole in part.holes if hole.kind is HoleKind.LINK and _link(hole, filling) is DROP]


_NOTHING_NAMED: Mapping[str, Role] = {}


def roles_in_slices(
    model: Model, endpoints: Iterable[EndpointPart], telling: Sequence[Part], shared: Mapping[str, Part]
) -> Mapping[str, Role]:
    """Return the roles of the schemas that endpoints reach, by the ids of their parts; none where none matters.

    model: the document's. telling: the parts that they reach, those at least that have holes.
    """
    if not any(hole.kind is HoleKind.ROLE for part in telling for hole in part.holes):
        return _NOTHING_NAMED

    def uses(part_id: str, role: Role) -> Iterator[tuple[str, Role]]:
        part = shared.get(part_id)
        return iter(()) if part is None else _uses(model, part, role)

    return settled([use for each in endpoints for use in _uses(model, each.part, DATA)], uses)


def _uses(model: Model, part: Part, role: Role) -> Iterator[tuple[str, Role]]:
    """Yield what a part of a role uses, and in what role; of what is no schema the role says nothing."""
    for use in part.uses:
        if use.is_whole:
            at = tuple(map(str, use.tokens[:-1]))
            yield use.part_id, role_at(model, field_of(part.section), part.value, at, role, _NOTHING_NAMED)
        else:
            yield use.part_id, DATA
