"""Fills the placeholders of parts for one slice: names of moved parts, links.

Everything here follows from the endpoint and its closure, so that no change of another endpoint shows in a slice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from types import MappingProxyType
from typing import NamedTuple, TypeAlias
from urllib.parse import quote

from oas_tasks.document.edited import DROP, Change, Renamed, Tokens, edited
from oas_tasks.document.place import TAGS, EndpointKey, Place
from oas_tasks.formats import Value
from oas_tasks.openapi.binary import DATA, Role, role_at, settled
from oas_tasks.openapi.model import ComponentName, Model
from oas_tasks.openapi.pointer import encode, resolve
from oas_tasks.parts.part import EndpointPart, Part, field_of
from oas_tasks.parts.placeholders import (
    AbsoluteUri,
    Alternate,
    AnchorName,
    AnyLink,
    DiscriminatorMapping,
    FixedPointer,
    LeftOutIdentifier,
    LinkById,
    LinkByReference,
    LinkReference,
    MovedSchemeName,
    PartPointer,
    Placeholder,
    SchemaRole,
    SchemeName,
    may_be_ambiguous,
)
from oas_tasks.plan.moved_names import moved_names, moved_order


class Filling(NamedTuple):
    """What fills the placeholders of one slice.

    names: the names of its moved parts, by id.
    operation: path and method of the endpoint.
    operation_ids: of the operations in the slice, those in callbacks included.
    files: the files of all slices that are made, by path and method.
    dropped: ids of the Link components that are left out because their operation has no slice.
    roles: what the schemas of the slice describe, by the ids of their parts; those that are missing describe data.
    ambiguous: the `$dynamicAnchor`s that more than one schema of the slice has.
    loosened: the names of the schemas that accept more in the slice, since a `$dynamicRef` to one of these is removed.
    tags: where the declared tags of the slice stand in its list, by the ids of their parts; none where no tag has a
        placeholder.
    """

    names: Mapping[str, str]
    operation: EndpointKey
    operation_ids: frozenset[str]
    files: Mapping[EndpointKey, str]
    dropped: frozenset[str]
    roles: Mapping[str, Role] = MappingProxyType({})
    ambiguous: frozenset[str] = frozenset()
    loosened: frozenset[str] = frozenset()
    tags: Mapping[str, int] = MappingProxyType({})


_EMPTY: frozenset[str] = frozenset()


def filling_of(
    endpoint: EndpointPart,
    closure: Sequence[Part],
    files: Mapping[EndpointKey, str],
    shared: Mapping[str, Part],
    own_names: Set[ComponentName],
    held_names: Set[ComponentName],
    heading: Part | None = None,
    tags: Iterable[str] = (),
) -> Filling:
    """Return what fills the placeholders of the slice of an endpoint that reaches the parts in `closure`.

    closure: at least those that have placeholders or anchors, are moved or have operations inside.
    own_names: of the document's components. held_names: of those that the slice has.
    heading: the root fields that every slice has, which may need parts as well.
    tags: the ids of the declared tags that the slice has, in order.
    """
    operation = endpoint.key
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
        if part.section == "links" and any(len(link.tokens) == 1 for link in dropped_links(part, filling))
    }
    if dropped:
        size = 0
        while size != len(dropped):  # a reference to a dropped Link is dropped as well
            size = len(dropped)
            dropped |= {
                part.id
                for part in closure
                for each in part.placeholders
                if isinstance(each, LinkReference) and each.tokens == () and each.part_id in dropped
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
    """The fill of a discriminator: its mapping gets these entries, values and pointers."""

    entries: tuple[tuple[str, str], ...]


class Loosened(NamedTuple):
    """The names of schemas that accept more in a slice; follows the fills of a part's placeholders."""

    names: frozenset[str]


#: What goes in the place of a placeholder. None: the place stays as it is in the part.
Fill: TypeAlias = "Change | Mapped | Role | Loosened | None"


def fills_of(part: Part, filling: Filling, shared: Mapping[str, Part]) -> tuple[Fill, ...]:
    """Return what goes in the place of each placeholder of a part."""
    return tuple(
        None if may_be_ambiguous(each, filling.ambiguous) else _fill(each, filling, shared)
        for each in part.placeholders
    )


def _fill(placeholder: Placeholder, filling: Filling, shared: Mapping[str, Part]) -> Fill:
    match placeholder:
        case FixedPointer(pointer=pointer, key=key):
            return Renamed(key, pointer) if key else pointer
        case PartPointer(part_id=part_id, inside=inside, key=key):
            pointer = _pointer_to(part_id, filling, shared) + inside
            return Renamed(key, pointer) if key else pointer
        case AnchorName(anchor=anchor):
            return anchor
        case AbsoluteUri(uri=uri):
            return uri
        case LeftOutIdentifier():
            return DROP
        case SchemeName(name=name):
            return Renamed(name)
        case MovedSchemeName(part_id=part_id):
            return Renamed(filling.names[part_id])
        case LinkReference(part_id=part_id):
            return DROP if part_id in filling.dropped else None
        case LinkById() | LinkByReference():
            return _link(placeholder, filling)
        case DiscriminatorMapping(alternates=alternates):
            return _mapped(alternates, filling)
        case SchemaRole(part_id=part_id):
            return filling.roles.get(part_id, DATA)


def _pointer_to(part_id: str, filling: Filling, shared: Mapping[str, Part]) -> str:
    """Return the pointer to a moved part or a tag in a slice."""
    section = shared[part_id].section
    if section == TAGS:
        return encode((TAGS, str(filling.tags[part_id])))
    return encode(("components", section, filling.names[part_id]))


def _mapped(alternates: Iterable[Alternate], filling: Filling) -> Mapped | None:
    """Return the mapping by which alternates with other names in a slice keep their values.

    A value that is the name of another alternate in the slice is ambiguous and left out.
    """
    named = [(each.value, filling.names.get(each.part_id, "") if each.part_id else each.name) for each in alternates]
    names = {name for _, name in named}
    found: dict[str, str] = {}
    for value, name in named:
        if name and value not in names:
            found.setdefault(value, encode(("components", "schemas", name)))
    return Mapped(tuple(found.items())) if found else None


def _link(link: AnyLink, filling: Filling) -> Change | None:
    """Return the fill of a Link: none where its operation is in the slice, else a reference to the operation's slice.

    The specification requires that an operationId "MUST be resolvable" ("Link Object").
    """
    operation_id = link.operation_id if isinstance(link, LinkById) else ""
    if link.operation == filling.operation or (operation_id and operation_id in filling.operation_ids):
        return None if isinstance(link, LinkById) or link.stands else Renamed("operationRef", link.pointer)
    file = filling.files.get(link.operation) if link.operation is not None else None
    if file is None or link.operation is None:
        return DROP
    return Renamed("operationRef", slice_address(file) + link_target(link, link.operation))


def slice_address(file: str) -> str:
    """Return the relative reference from a slice to another one's file (RFC 3986, section 3.3)."""
    return f"./{quote(file)}"


def link_target(link: AnyLink, operation: EndpointKey) -> str:
    """Return the pointer to a Link's operation in the slice of the endpoint that it is or is part of."""
    if isinstance(link, LinkByReference) and link.pointer:
        return link.pointer
    path, method = operation
    # The methods of fixed fields are in capitals; any other is a key of additionalOperations.
    at = (method.lower(),) if method.isupper() and method in _FIXED else ("additionalOperations", method)
    return encode(("paths", path, *at))


_FIXED = frozenset({"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "QUERY"})


def filled(part: Part, fills: Sequence[Fill]) -> Value:
    """Return a part's value with its placeholders filled."""
    changes: dict[Tokens, Change] = {}
    for placeholder, fill in zip(part.placeholders, fills, strict=True):
        if fill is None or isinstance(fill, Mapped | Role | Loosened):
            continue
        if fill is DROP and isinstance(placeholder, AnyLink):
            if len(placeholder.tokens) > 1:
                changes[placeholder.tokens[:-1]] = DROP
        elif placeholder.tokens:
            changes[placeholder.tokens] = fill
    value = edited(part.value, changes)
    for placeholder, fill in zip(part.placeholders, fills, strict=True):
        if isinstance(fill, Mapped):
            value = edited(value, {placeholder.tokens: _with_mapping(value, placeholder.tokens, fill)})
    return value


def _with_mapping(value: Value, at: Tokens, mapped: Mapped) -> Value:
    """Return the discriminator at a place of a value with further entries in its mapping."""
    discriminator = resolve(value, map(str, at))
    assert isinstance(discriminator, dict)
    mapping = discriminator.get("mapping")
    return {**discriminator, "mapping": {**(mapping if isinstance(mapping, dict) else {}), **dict(mapped.entries)}}


def dropped_links(part: Part, filling: Filling) -> list[AnyLink]:
    """Return the Links of a part that are left out because their operation has no slice."""
    return [each for each in part.placeholders if isinstance(each, AnyLink) and _link(each, filling) is DROP]


_NOTHING_NAMED: Mapping[str, Role] = {}


def roles_in_slices(
    model: Model, endpoints: Iterable[EndpointPart], telling: Sequence[Part], shared: Mapping[str, Part]
) -> Mapping[str, Role]:
    """Return the roles of the schemas that endpoints reach, by the ids of their parts; none where none matters.

    model: the document's. telling: the parts that they reach, at least those that have placeholders.
    """
    if not any(isinstance(each, SchemaRole) for part in telling for each in part.placeholders):
        return _NOTHING_NAMED

    def uses(part_id: str, role: Role) -> Iterator[tuple[str, Role]]:
        part = shared.get(part_id)
        return iter(()) if part is None else _uses(model, part, role)

    return settled([use for each in endpoints for use in _uses(model, each.part, DATA)], uses)


def _uses(model: Model, part: Part, role: Role) -> Iterator[tuple[str, Role]]:
    """Yield the parts that a part in a role uses, and their roles."""
    for use in part.uses:
        if use.is_whole:
            at = tuple(map(str, use.tokens[:-1]))
            yield use.part_id, role_at(model, field_of(part.section), part.value, at, role, _NOTHING_NAMED)
        else:
            yield use.part_id, DATA
