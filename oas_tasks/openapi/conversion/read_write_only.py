"""Finds `readOnly` and `writeOnly` in schemas, including what they inherit from other schemas.

In 3.0 such a property is required in one direction only. A schema inherits from the members of its `allOf` and from the
schema that it refers to. The facts about named schemas are in `Surroundings`; `one_way_schemas` finds them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from oas_tasks.formats import Value
from oas_tasks.openapi.conversion.context import OneWay, schema_named, with_users
from oas_tasks.openapi.conversion.rules import Fields, Spot
from oas_tasks.openapi.pointer import decode, tokens_of

#: Where properties with these fields occur.
DIRECTIONS = {"readOnly": "responses", "writeOnly": "requests"}

_WAYS = tuple(DIRECTIONS)
_NONE: frozenset[str] = frozenset()
_NOTHING = OneWay()
_NOBODY: Mapping[str, OneWay] = {}

#: A schema, or a member of its `allOf`, and its place in the schema.
SchemaLevel: TypeAlias = tuple[tuple[str, ...], Fields]


def required_one_way(spot: Spot, siblings_apply: bool) -> Iterator[tuple[tuple[str, ...], dict[str, list[str]]]]:
    """Yield each `required` in a schema that names read-only or write-only properties: its place, and these names by
    keyword.

    The schema is taken as a whole, so that a member of an `allOf` is seen with the schema around it.
    siblings_apply: keywords beside a `$ref` have an effect, as since 3.1.
    """
    tokens = tokens_of(spot.path)
    if tokens[-2:-1] == ("allOf",):
        return
    pieces = list(_pieces(spot.source, siblings_apply))
    for at, piece in pieces:
        required = piece.get("required")
        found: dict[str, list[str]] = {}
        for name in required if isinstance(required, list) and _has_own(piece, siblings_apply) else ():
            ways = _of_property(pieces, name, siblings_apply, spot.around.one_way) if isinstance(name, str) else _NONE
            way = next((each for each in _WAYS if each in ways), None)
            if way is not None:
                found.setdefault(way, []).append(f"'{name}'")
        if found:
            yield (*tokens, *at, "required"), found


def one_way_schemas(
    schemas: Mapping[str, Value], references: Iterable[tuple[str, Sequence[str | int], str]], siblings_apply: bool
) -> dict[str, OneWay]:
    """Return which named schemas are read-only or write-only, or have such properties.

    references: those of schemas to whole other ones: the name of the referring schema, the place of its `$ref`, and the
    name of the other.
    """
    itself: dict[str, set[str]] = {way: set() for way in _WAYS}
    properties: _Properties = {}
    for name, schema in schemas.items():
        for way in _of_schema(schema, siblings_apply, _NOBODY):
            itself[way].add(name)
        for _, piece in _pieces(schema, siblings_apply):
            for key, member in _properties(piece, siblings_apply).items():
                _note(properties, name, key, _of_schema(member, siblings_apply, _NOBODY))
    if not properties and not any(itself.values()):
        return {}
    heirs, holders = _users(references)
    every = {way: with_users(found, heirs) for way, found in itself.items()}
    for name, key, used in holders:
        _note(properties, name, key, {way for way in _WAYS if used in every[way]})
    inherited: _Properties = {}
    for name, members in properties.items():
        for heir in with_users([name], heirs):
            for key, said in members.items():
                _note(inherited, heir, key, said)
    return {
        name: OneWay(
            frozenset(way for way in _WAYS if name in every[way]),
            {key: frozenset(said) for key, said in inherited.get(name, {}).items()},
        )
        for name in {*inherited, *(name for found in every.values() for name in found)}
    }


#: The fields of `_WAYS` that apply to properties, by the name of the schema and that of the property.
_Properties: TypeAlias = dict[str, dict[str, set[str]]]


def _note(properties: _Properties, schema: str, name: str, ways: Collection[str]) -> None:
    """Add fields to those of a property, if there are any."""
    if ways:
        properties.setdefault(schema, {}).setdefault(name, set()).update(ways)


def _users(
    references: Iterable[tuple[str, Sequence[str | int], str]],
) -> tuple[dict[str, set[str]], list[tuple[str, str, str]]]:
    """Return the schemas that refer to named schemas: as a whole, and in a property.

    The first maps a schema's name to the names of those that refer to it as a whole; the second lists properties: their
    schema, their name and the schema that they refer to.
    """
    heirs: dict[str, set[str]] = {}
    holders: list[tuple[str, str, str]] = []
    for name, place, used in references:
        inside = _below_all_of(place[:-1])
        if not inside:
            heirs.setdefault(used, set()).add(name)
        elif inside[0] == "properties" and len(inside) > 1 and not _below_all_of(inside[2:]):
            holders.append((name, str(inside[1]), used))
    return heirs, holders


def _has_own(piece: Fields, siblings_apply: bool) -> bool:
    """Whether keywords of a schema take effect although it may have a `$ref` beside them."""
    return siblings_apply or not isinstance(piece.get("$ref"), str)


def _pieces(schema: Value, siblings_apply: bool) -> Iterator[SchemaLevel]:
    """Yield a schema and the members of its `allOf`, and of theirs."""
    pending: list[tuple[tuple[str, ...], Value]] = [((), schema)]
    while pending:
        at, piece = pending.pop()
        if isinstance(piece, dict):
            yield at, piece
            members = piece.get("allOf")
            if isinstance(members, list) and _has_own(piece, siblings_apply):
                pending += [((*at, "allOf", str(i)), member) for i, member in reversed(list(enumerate(members)))]


def _properties(piece: Fields, siblings_apply: bool) -> Fields:
    members = piece.get("properties")
    return members if isinstance(members, dict) and _has_own(piece, siblings_apply) else {}


def _of_schema(schema: Value, siblings_apply: bool, named: Mapping[str, OneWay]) -> frozenset[str]:
    """Return the fields that restrict a schema as a whole to one direction."""
    if not isinstance(schema, dict) or schema.keys().isdisjoint(("$ref", "allOf", *_WAYS)):
        return _NONE
    found: set[str] = set()
    for _, piece in _pieces(schema, siblings_apply):
        found |= _named(piece, named).itself
        if _has_own(piece, siblings_apply):
            found.update(way for way in _WAYS if piece.get(way) is True)
    return frozenset(found)


def _of_property(
    pieces: Iterable[SchemaLevel], name: str, siblings_apply: bool, named: Mapping[str, OneWay]
) -> frozenset[str]:
    found = _NONE
    for _, piece in pieces:
        found |= _named(piece, named).properties.get(name, _NONE)
        members = _properties(piece, siblings_apply)
        if name in members:
            found |= _of_schema(members[name], siblings_apply, named)
    return found


def _named(piece: Fields, named: Mapping[str, OneWay]) -> OneWay:
    """Return the facts about the named schema, or the property of one, that a schema refers to."""
    target = piece.get("$ref")
    found = named.get(schema_named(target) or "", _NOTHING) if named else _NOTHING
    tokens = decode(target[1:]) if found is not _NOTHING and isinstance(target, str) else None
    if tokens is None or len(tokens) == 3:
        return found
    is_property = len(tokens) == 5 and tokens[3] == "properties"
    return OneWay(found.properties.get(tokens[4], _NONE)) if is_property else _NOTHING


def _below_all_of(place: Sequence[str | int]) -> Sequence[str | int]:
    while len(place) > 1 and place[0] == "allOf":
        place = place[2:]
    return place
