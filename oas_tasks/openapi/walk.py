"""The one walk over a document: every OpenAPI object in a value, with its type and its place.

Goes by the tables of `model.py` and enters nothing else, so that a `$ref` in data (examples, defaults, enums, `x-`
fields, link parameters) is never seen. Whoever looks for something in a document filters what this yields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from oas_tasks.formats import Value
from oas_tasks.openapi.model import PLAIN_TYPES, FieldType, Model, ObjectType
from oas_tasks.openapi.pointer import Path


class Site(NamedTuple):
    """An object of the specification where it stands.

    kind: the object type that its place calls for, "Schema".
    value: the object itself, as read.
    path: its place below the value that is walked.
    is_reference: it is a Reference Object that stands for one of `kind`.
    stray: it is a mapping with a `$ref` where the specification allows none; what the place calls for. Bundlers
    follow such references all the same, and many documents of several files have them (an Operation, a whole map of
    properties, a description).
    """

    kind: str
    value: dict[str, Value]
    path: Path
    is_reference: bool
    stray: FieldType | None = None


def walk(model: Model, kind: str, value: Value, path: Path = (), referenceable: bool = True) -> Iterator[Site]:
    """Yield every object in `value`, itself first, in document order; nothing below a reference.

    kind: the object type of `value`.
    referenceable: whether `value` itself may be a Reference Object.
    """
    return walk_field(model, FieldType(kind, "one", referenceable), value, path)


def walk_field(model: Model, field: FieldType, value: Value, path: Path = ()) -> Iterator[Site]:
    """Yield every object in a field's value, as `walk` does: of one object, a list or a map of them."""
    types = model.types
    stack: list[tuple[FieldType, Value, Path]] = [(field, value, path)]
    while stack:
        field, value, path = stack.pop()
        if field.container != "one":
            stack.extend(reversed(_members(field, value, path)))
            if _is_stray_container(field, value):
                yield Site(field.holds, value, path, True, field)  # type: ignore[arg-type]  # just found a dict
            continue
        if type(value) is not dict:
            continue  # a boolean schema, or a fault that validation reports
        if field.holds in PLAIN_TYPES:
            if field.holds != "any" and len(value) == 1 and type(value.get("$ref")) is str:
                yield Site(field.holds, value, path, True, field)
            continue
        object_type = types[field.holds]
        if type(value.get("$ref")) is str and "$ref" not in object_type.fields:
            yield Site(field.holds, value, path, True, None if field.referenceable else field)
            continue
        yield Site(field.holds, value, path, False)
        stack.extend(reversed(_fields(object_type, value, path)))


Children = list[tuple[FieldType, Value, Path]]


def _fields(object_type: ObjectType, value: dict[str, Value], path: Path) -> Children:
    """Return the fields of an object that may hold objects, or references in their place."""
    fields, patterned = object_type.fields, object_type.patterned
    children: Children = []
    for key, child in value.items():
        if type(child) is not dict and type(child) is not list:
            continue
        field = fields.get(key)
        if field is None:
            if patterned is None or key.startswith("x-"):
                continue
            field = patterned
        if field.holds not in PLAIN_TYPES or (field.holds != "any" and type(child) is dict and len(child) == 1):
            children.append((field, child, (path, key)))
    return children


def _members(field: FieldType, value: Value, path: Path) -> Children:
    """Return the members of a list or a map of objects."""
    if field.holds in PLAIN_TYPES:
        return []
    each = _one_of(field)
    if field.container == "map" and type(value) is dict:
        return [(each, child, (path, key)) for key, child in value.items()]
    if field.container == "list" and type(value) is list:
        return [(each, child, (path, index)) for index, child in enumerate(value)]
    return []


def _is_stray_container(field: FieldType, value: Value) -> bool:
    """Whether a mapping with just a `$ref` stands where a list or a map of objects is called for."""
    if type(value) is not dict or len(value) != 1 or type(value.get("$ref")) is not str:
        return False
    return field.container == "list" or field.holds not in PLAIN_TYPES


_ONE: dict[FieldType, FieldType] = {}


def _one_of(field: FieldType) -> FieldType:
    one = _ONE.get(field)
    if one is None:
        one = _ONE[field] = FieldType(field.holds, "one", field.referenceable)
    return one


def kind_at(model: Model, kind: str, tokens: Sequence[str]) -> str | None:
    """Return the object type that stands at the tokens below an object of type `kind`.

    None where no object of the specification stands: inside data, at a map or a list, at a plain field.
    """
    field: FieldType | None = FieldType(kind, "one", False)
    for token in tokens:
        if field is None or field.holds in PLAIN_TYPES:
            return None
        if field.container != "one":
            field = _one_of(field)
            continue
        object_type = model.types[field.holds]
        field = object_type.fields.get(token)
        if field is None and not token.startswith("x-"):
            field = object_type.patterned
    if field is None or field.container != "one" or field.holds in PLAIN_TYPES:
        return None
    return field.holds
