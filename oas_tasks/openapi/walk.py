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
    """

    kind: str
    value: dict[str, Value]
    path: Path
    is_reference: bool


def walk(
    model: Model, kind: str, value: Value, path: Path = (), referenceable: bool = True
) -> Iterator[Site]:
    """Yield every object in `value`, itself first, in document order; nothing below a Reference Object.

    kind: the object type of `value`.
    referenceable: whether `value` itself may be a Reference Object.
    """
    types = model.types
    referenceable = referenceable and not _ref_is_field(types[kind])
    stack: list[tuple[str, Value, Path, bool]] = [(kind, value, path, referenceable)]
    while stack:
        kind, value, path, referenceable = stack.pop()
        if type(value) is not dict:
            continue  # a boolean schema, or a fault that validation reports
        if referenceable and type(value.get("$ref")) is str:
            yield Site(kind, value, path, True)
            continue
        yield Site(kind, value, path, False)
        object_type = types[kind]
        fields, patterned = object_type.fields, object_type.patterned
        children: list[tuple[str, Value, Path, bool]] = []
        for key, child in value.items():
            if type(child) is not dict and type(child) is not list:
                continue
            field = fields.get(key)
            if field is None:
                if patterned is None or key.startswith("x-"):
                    continue
                field = patterned
            if field.holds in PLAIN_TYPES:
                continue
            if field.container == "one":
                children.append((field.holds, child, (path, key), field.referenceable))
            elif field.container == "map":
                if type(child) is dict:
                    place: Path = (path, key)
                    children.extend(
                        (field.holds, v, (place, k), field.referenceable) for k, v in child.items()
                    )
            elif type(child) is list:
                place = (path, key)
                children.extend(
                    (field.holds, v, (place, i), field.referenceable) for i, v in enumerate(child)
                )
        children.reverse()
        stack.extend(children)


def _ref_is_field(object_type: ObjectType) -> bool:
    return "$ref" in object_type.fields


def kind_at(model: Model, kind: str, tokens: Sequence[str]) -> str | None:
    """Return the object type that stands at the tokens below an object of type `kind`.

    None where no object of the specification stands: inside data, at a map or a list, at a plain field.
    """
    field: FieldType | None = FieldType(kind, "one", False)
    for token in tokens:
        if field is None or field.holds in PLAIN_TYPES:
            return None
        if field.container != "one":
            field = FieldType(field.holds, "one", field.referenceable)
            continue
        object_type = model.types[field.holds]
        field = object_type.fields.get(token)
        if field is None and not token.startswith("x-"):
            field = object_type.patterned
    if field is None or field.container != "one" or field.holds in PLAIN_TYPES:
        return None
    return field.holds
