"""A file that is an OpenAPI document of another version than the one that refers to it, in the version of that one.

Each version says in words of its own what a document means, so that a slice cannot take over the others'.
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


#: A value that is kept, the section of the component that keeps it, and where in that component it stands.
_Kept = tuple[Value, str, Pointer]


class Brought(NamedTuple):
    """A document in another version than its own.

    losses: with their places in `value`.
    moved: the maps that this version has no place for, by where the document has them: where they stand in `value`.
    anchors: the schemas that have plain names, where this version knows none: where they stand in the document.
    """

    value: Value
    losses: tuple[Loss, ...]
    moved: Mapping[Pointer, Pointer]
    anchors: Mapping[str, Pointer]


def in_version(source: Family, target: Family, document: dict[str, Value]) -> Brought:
    """Return a whole document in another version, in which all can still be referred to."""
    document, moved, anchors = _within_reach(source, target, document)
    around = Surroundings(loosened=_loosened(source, document)) if target == "3.0" else Surroundings()
    made = convert(source, target, FieldType("OpenAPI", "one", False), document, around)
    return Brought(made.value, made.losses, moved, anchors)


def _within_reach(
    source: Family, target: Family, document: dict[str, Value]
) -> tuple[dict[str, Value], dict[Pointer, Pointer], dict[str, Pointer]]:
    """Return a document in which what the conversion leaves out stands once more, where it is converted.

    It stands in components of names that no component can have; `moved` and `anchors` are as `Brought` has them.
    """
    model, to = model_of(source), model_of(target)
    moved: dict[Pointer, Pointer] = {}
    anchors: dict[str, Pointer] = {}
    #: What is kept, by the same places; what is kept of what is inside of it is dropped there, to be converted once.
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
    """Return a document with what is kept of it moved to its components; `inside` has what to change in each of it."""
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


#: In which components, and where in them, others are kept that a version does not have.
_HOLDERS = {"pathItems": ("callbacks",), "mediaTypes": ("responses", "content")}


def _loosened(source: Family, document: dict[str, Value]) -> frozenset[str]:
    """Return the names of the component schemas that accept more in 3.0, which bears on a `not` over one of them."""
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
