"""Converts a referenced file that is an OpenAPI document of another version than the entry.

The same fields mean different things in different versions, so a slice cannot take them over as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from oas_tasks.document.edited import DROP, Change, Tokens, edited
from oas_tasks.formats import Value
from oas_tasks.openapi.conversion import Loss, Surroundings, convert, with_users
from oas_tasks.openapi.conversion.context import schema_named
from oas_tasks.openapi.model import Family, FieldType, model_of
from oas_tasks.openapi.pointer import Pointer, indexes_of, readable, tokens_of
from oas_tasks.openapi.references import Via, connections
from oas_tasks.openapi.walk import walk

_SCHEMA = FieldType("Schema", "one", True)


#: A value that is kept, the section of the component that keeps it, and its place in that component.
_Kept = tuple[Value, str, Pointer]


class Brought(NamedTuple):
    """A document converted to another version.

    losses: with their places in `value`.
    moved: the maps that the new version has no place for: their places in the document -> their places in `value`.
    anchors: the schemas with plain names, if the new version has no such names: their places in the document.
    """

    value: Value
    losses: tuple[Loss, ...]
    moved: Mapping[Pointer, Pointer]
    anchors: Mapping[str, Pointer]


def in_version(source: Family, target: Family, document: dict[str, Value]) -> Brought:
    """Return a whole document in another version, with everything in it that can be referred to."""
    document, moved, anchors = _within_reach(source, target, document)
    around = Surroundings(loosened=_loosened(source, document)) if target == "3.0" else Surroundings()
    made = convert(source, target, FieldType("OpenAPI", "one", False), document, around)
    return Brought(made.value, made.losses, moved, anchors)


def _within_reach(
    source: Family, target: Family, document: dict[str, Value]
) -> tuple[dict[str, Value], dict[Pointer, Pointer], dict[str, Pointer]]:
    """Return a document in which the maps that the conversion would leave out are moved to places that it converts.

    These are components with names that no component can have; `moved` and `anchors` are those of `Brought`.
    """
    model, to = model_of(source), model_of(target)
    moved: dict[Pointer, Pointer] = {}
    anchors: dict[str, Pointer] = {}
    #: The maps to keep, by their places. A map inside of another one is dropped there, so that it is converted once.
    kept: dict[Tokens, _Kept] = {}
    inside: dict[Tokens, dict[Tokens, Change]] = {(): {}}

    def keep(at: Tokens, value: Value, section: str, *below: str) -> None:
        if isinstance(value, dict) and value:
            around = next(at[:length] for length in range(len(at) - 1, -1, -1) if at[:length] in inside)
            inside[around][at[len(around) :]] = DROP
            inside[at] = {}
            kept[at] = (value, section, below)

    components = document.get("components")
    components = components if isinstance(components, dict) else {}
    for section in model.component_kinds.keys() - to.component_kinds.keys():
        keep(("components", section), components.get(section), *_HOLDERS[section])
    if "webhooks" not in to.types["OpenAPI"].fields:
        keep(("webhooks",), document.get("webhooks"), "callbacks")
    if model.schema_ref_is_keyword and not to.schema_ref_is_keyword:
        for site in walk(model, "OpenAPI", document):
            if site.kind == "Schema":
                for keyword in ("$anchor", "$dynamicAnchor"):
                    if isinstance(name := site.value.get(keyword), str):
                        anchors.setdefault(name, tokens_of(site.path))
                for keyword in ("$defs", "definitions"):
                    keep((*indexes_of(site.path), keyword), site.value.get(keyword), "schemas", "properties")
    for at, (_, section, below) in kept.items():
        tokens = tuple(map(str, at))
        moved[tokens] = ("components", section, readable(tokens), *below)
    return _with_kept(document, kept, inside) if kept else document, moved, anchors


def _with_kept(
    document: dict[str, Value], kept: Mapping[Tokens, _Kept], inside: Mapping[Tokens, Mapping[Tokens, Change]]
) -> dict[str, Value]:
    """Return a document with some maps moved to its components; `inside` has the changes in each of them."""
    components = document.get("components")
    left: Value = edited(document, inside[()])
    assert isinstance(left, dict)
    of_left = left.get("components")
    sections = dict(of_left) if isinstance(of_left, dict) else {}
    for at, (value, section, below) in kept.items():
        members = sections.setdefault(section, {})
        if isinstance(members, dict):
            if isinstance(components, dict) and members is components.get(section):
                members = sections[section] = dict(members)
            value = edited(value, inside[at])
            for key in reversed(below):
                value = {key: value}
            members[readable(map(str, at))] = value
    return {**left, "components": sections}


#: For components that a version lacks: the section that keeps them, and the place in the component there.
_HOLDERS = {"pathItems": ("callbacks",), "mediaTypes": ("responses", "content")}


def _loosened(source: Family, document: dict[str, Value]) -> frozenset[str]:
    """Return the names of the component schemas that accept more in 3.0, which changes what a `not` over one means."""
    components = document.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    if not isinstance(schemas, dict):
        return frozenset()
    model = model_of(source)
    users: dict[str, set[str]] = {}
    for name, schema in schemas.items():
        for each in connections(model, _SCHEMA, schema).found:
            used = schema_named(each.target) if each.via is Via.REFERENCE else None
            if used is not None:
                users.setdefault(used, set()).add(name)
    found = {name for name, schema in schemas.items() if convert(source, "3.0", _SCHEMA, schema).loosens}
    return with_users(found, users)
