"""Finds the connections of a piece of a document: references, and names that stand for something else.

Sources: "Reference Object", "Resolving Implicit Connections" (component names in Security Requirements, discriminator
mappings, tag names, operationIds in Links), "Discriminator Object".
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from oas_tasks.formats import Value
from oas_tasks.openapi.discriminator import lists_no_alternates
from oas_tasks.openapi.model import EXTENSION, FieldType, Model
from oas_tasks.openapi.pointer import Path
from oas_tasks.openapi.walk import Site, is_plain_map, walk_field


class Via(Enum):
    """The rule of the specification that makes a connection."""

    __hash__ = object.__hash__  # Enum's own is in Python, and every connection is a key

    REFERENCE = "$ref"  # a URI reference
    STRAY = "stray $ref"  # one where the specification allows none: its target belongs in its very place
    MAP = "$ref for a map"  # one that may be a key of a map of texts: a stray one where its target is a map, else data
    EXTENSION = "$ref in an extension"  # one in an `x-` field: a URI reference where its target exists, else data
    DYNAMIC_REFERENCE = "$dynamicRef"  # a URI reference whose anchor is looked up again while evaluating
    MAPPING = "mapping"  # a schema's name, or else a URI reference
    SECURITY = "security"  # a security scheme's name (3.2: or else a URI)
    TAG = "tag"  # a tag's name; it need not be declared
    OPERATION_ID = "operationId"  # of a Link
    OPERATION_REF = "operationRef"  # of a Link, a URI reference
    ADDRESS = "address"  # a URI reference to something that is no description of an API; `$self` is its base (3.2)


class Connection(NamedTuple):
    """A connection from one place of a document to another.

    via: the rule by which `target` is to be read.
    target: as written.
    expects: the object type that its place needs, "Schema".
    path: the place of the referring value below the piece that was walked.
    field: for a stray reference, the type of the field that it stands for.
    """

    via: Via
    target: str
    expects: str
    path: Path
    field: FieldType | None = None


class OperationSite(NamedTuple):
    """An operation inside a piece of a document.

    path: its place below the piece that was walked.
    operation_id: None where it has none.
    inherits_security: it has no security of its own, so that the root's applies.
    """

    path: Path
    operation_id: str | None
    inherits_security: bool


class Connections(NamedTuple):
    """The connections of one piece of a document, and the names that it defines.

    found: in document order.
    bases: the schemas that set a base URI for their content: their places and their `$id`s (3.1 on).
    anchors: the plain names that schemas in it define, with the places of the keywords (3.1 on).
    operations: the operations inside, in document order.
    has_base: a schema inside is one that `is_base_of_children`.
    has_defaults: a schema inside has a `default`.
    """

    found: tuple[Connection, ...]
    bases: tuple[tuple[Path, str], ...]
    anchors: tuple[tuple[Path, str], ...]
    operations: tuple[OperationSite, ...]
    has_base: bool
    has_defaults: bool

    @property
    def inherits_security(self) -> bool:
        """Whether the root's security applies to an operation inside."""
        return any(operation.inherits_security for operation in self.operations)

    @property
    def operation_ids(self) -> tuple[str, ...]:
        """The ids of the operations inside, in document order."""
        return tuple(each.operation_id for each in self.operations if each.operation_id is not None)


#: The keywords that name a schema (3.1 on).
_NAMING = ("$id", "$anchor", "$dynamicAnchor")


def connections(model: Model, field: FieldType, value: Value) -> Connections:
    """Return the connections of a field's value."""
    found: list[Connection] = []
    bases: list[tuple[Path, str]] = []
    anchors: list[tuple[Path, str]] = []
    operations: list[OperationSite] = []
    has_base = False
    has_defaults = False
    names_schemas = model.schema_ref_is_keyword
    has_self = "$self" in model.types["OpenAPI"].fields
    for site in walk_field(model, field, value, extensions=True):
        if site.is_reference:
            found.append(_reference(site))
            continue
        kind, said = site.kind, site.value
        if kind == "Schema":  # by far the most, and most point at nothing
            if "$ref" in said or "$dynamicRef" in said:
                found.extend(_own_references(site))
            if "discriminator" in said:
                has_base = has_base or lists_no_alternates(said)
            if "default" in said:
                has_defaults = True
            if names_schemas and not said.keys().isdisjoint(_NAMING):
                _note_names(site, bases, anchors)
        elif kind in _RULES:
            found.extend(_RULES[kind](site))
        if has_self:
            found.extend(_addresses(site))
        if kind == "Operation":
            operation_id = said.get("operationId")
            known = operation_id if isinstance(operation_id, str) else None
            operations.append(OperationSite(site.path, known, "security" not in said))
    return Connections(tuple(found), tuple(bases), tuple(anchors), tuple(operations), has_base, has_defaults)


def _reference(site: Site) -> Connection:
    """Return the connection of a Reference Object, or of a `$ref` where the specification allows none."""
    if site.stray is None:
        via = Via.REFERENCE
    elif site.stray is EXTENSION:
        via = Via.EXTENSION
    else:
        via = Via.MAP if is_plain_map(site.stray) else Via.STRAY
    return Connection(via, str(site.value["$ref"]), site.kind, (site.path, "$ref"), site.stray)


def _note_names(site: Site, bases: list[tuple[Path, str]], anchors: list[tuple[Path, str]]) -> None:
    """Add the base URI and the plain names that a schema defines."""
    for keyword in _NAMING:
        name = site.value.get(keyword)
        if isinstance(name, str) and keyword == "$id":
            bases.append((site.path, name))
        elif isinstance(name, str):
            anchors.append(((site.path, keyword), name))


def _own_references(site: Site) -> Iterator[Connection]:
    for keyword, via in (("$ref", Via.REFERENCE), ("$dynamicRef", Via.DYNAMIC_REFERENCE)):
        target = site.value.get(keyword)
        if isinstance(target, str):
            yield Connection(via, target, site.kind, (site.path, keyword))


def _mapping(site: Site) -> Iterator[Connection]:
    mapping = site.value.get("mapping")
    if isinstance(mapping, dict):
        place: Path = (site.path, "mapping")
        for key, target in mapping.items():
            if isinstance(target, str):
                yield Connection(Via.MAPPING, target, "Schema", (place, key))
    target = site.value.get("defaultMapping")
    if isinstance(target, str):
        yield Connection(Via.MAPPING, target, "Schema", (site.path, "defaultMapping"))


def _requirement(site: Site) -> Iterator[Connection]:
    for name in site.value:
        yield Connection(Via.SECURITY, name, "SecurityScheme", (site.path, name))


def _tags(site: Site) -> Iterator[Connection]:
    tags = site.value.get("tags")
    if isinstance(tags, list):
        place: Path = (site.path, "tags")
        for index, name in enumerate(tags):
            if isinstance(name, str):
                yield Connection(Via.TAG, name, "Tag", (place, index))


def _parent_tag(site: Site) -> Iterator[Connection]:
    parent = site.value.get("parent")
    if isinstance(parent, str):
        yield Connection(Via.TAG, parent, "Tag", (site.path, "parent"))


def _link(site: Site) -> Iterator[Connection]:
    for via in (Via.OPERATION_ID, Via.OPERATION_REF):
        target = site.value.get(via.value)
        if isinstance(target, str):
            yield Connection(via, target, "Operation", (site.path, via.value))


#: Fields that are URI references. Source: 3.2.0 "Relative References in API Description URIs"; what the sections on
#: the fields call a URL of the API itself (servers, OAuth) is relative to the server.
_URI_FIELDS = {
    "Info": ("termsOfService",),
    "Contact": ("url",),
    "License": ("url",),
    "ExternalDocumentation": ("url",),
    "Example": ("externalValue",),
    "Schema": ("$id",),
}


def _addresses(site: Site) -> Iterator[Connection]:
    for name in _URI_FIELDS.get(site.kind, ()):
        target = site.value.get(name)
        if isinstance(target, str):
            yield Connection(Via.ADDRESS, target, "", (site.path, name))


_RULES = {
    "PathItem": _own_references,
    "Discriminator": _mapping,
    "SecurityRequirement": _requirement,
    "Operation": _tags,
    "Tag": _parent_tag,
    "Link": _link,
}
