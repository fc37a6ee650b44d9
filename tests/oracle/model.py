"""The places of objects in OpenAPI documents, by version, from the field tables of 3.0.4, 3.1.2 and 3.2.0.

Only fields that hold objects of the specification are listed. Whatever is not listed (`example`, `default`, `enum`,
`const`, `servers`, `x-*`, unknown schema keywords, a Link's `parameters`...) is data: compared verbatim, not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Version = Literal["3.0", "3.1", "3.2"]


class Field(NamedTuple):
    """The content of a field: one object, a list of them or a map of names to them."""

    form: Literal["one", "list", "map"]
    kind: str


def _one(kind: str) -> Field:
    return Field("one", kind)


def _list(kind: str) -> Field:
    return Field("list", kind)


def _map(kind: str) -> Field:
    return Field("map", kind)


Objects = Mapping[str, Mapping[str, Field]]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PARAMETER = {"schema": _one("Schema"), "examples": _map("Example"), "content": _map("MediaType")}

_OBJECTS_30: Objects = {
    "OpenAPI": {"paths": _one("Paths"), "components": _one("Components")},
    "Components": {
        "schemas": _map("Schema"),
        "responses": _map("Response"),
        "parameters": _map("Parameter"),
        "examples": _map("Example"),
        "requestBodies": _map("RequestBody"),
        "headers": _map("Header"),
        "securitySchemes": _map("SecurityScheme"),
        "links": _map("Link"),
        "callbacks": _map("Callback"),
    },
    "PathItem": {"parameters": _list("Parameter"), **{method: _one("Operation") for method in _METHODS}},
    "Operation": {
        "parameters": _list("Parameter"),
        "requestBody": _one("RequestBody"),
        "responses": _one("Responses"),
        "callbacks": _map("Callback"),
    },
    "Parameter": _PARAMETER,
    "Header": _PARAMETER,
    "RequestBody": {"content": _map("MediaType")},
    # Here and in Schema, the fields of all versions: a field of a later version means the same in an earlier one.
    "MediaType": {
        "schema": _one("Schema"),
        "itemSchema": _one("Schema"),
        "examples": _map("Example"),
        "encoding": _map("Encoding"),
    },
    "Encoding": {"headers": _map("Header")},
    "Response": {"headers": _map("Header"), "content": _map("MediaType"), "links": _map("Link")},
    "Example": {},
    "Link": {},
    "SecurityScheme": {},
    "Schema": {
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _list("Schema")),
        **dict.fromkeys(
            ("properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"),
            _map("Schema"),
        ),
        **dict.fromkeys(
            (
                *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
                *("unevaluatedItems", "unevaluatedProperties", "contentSchema", "additionalItems"),
            ),
            _one("Schema"),
        ),
    },
}

_OBJECTS_31: Objects = {
    **_OBJECTS_30,
    "OpenAPI": {**_OBJECTS_30["OpenAPI"], "webhooks": _map("PathItem")},
    "Components": {**_OBJECTS_30["Components"], "pathItems": _map("PathItem")},
}

_NESTED_ENCODING = {"prefixEncoding": _list("Encoding"), "itemEncoding": _one("Encoding")}

_OBJECTS_32: Objects = {
    **_OBJECTS_31,
    "Components": {**_OBJECTS_31["Components"], "mediaTypes": _map("MediaType")},
    "PathItem": {**_OBJECTS_31["PathItem"], "query": _one("Operation"), "additionalOperations": _map("Operation")},
    "MediaType": {**_OBJECTS_31["MediaType"], **_NESTED_ENCODING},
    "Encoding": {**_OBJECTS_31["Encoding"], "encoding": _map("Encoding"), **_NESTED_ENCODING},
}

#: Objects whose fields, except extensions, all hold the same kind.
_PATTERNED = {"Paths": "PathItem", "Responses": "Response", "Callback": "PathItem"}

_REFERENCEABLE = frozenset(
    ("Schema", "Response", "Parameter", "Example", "RequestBody", "Header", "SecurityScheme", "Link", "Callback")
)


@dataclass(frozen=True)
class Model:
    """The object model of one version.

    referenceable: kinds whose place may have a `$ref`. A Path Item's `$ref` is a field, so it is not among them.
    methods: the Path Item fields that hold an operation.
    """

    version: Version
    objects: Objects
    referenceable: frozenset[str]
    methods: tuple[str, ...]

    def field(self, kind: str, key: object) -> Field | None:
        """The content of the field `key` of an object; None if it is data."""
        if kind in _PATTERNED:
            return None if is_extension(key) else _one(_PATTERNED[kind])
        return self.objects[kind].get(key)  # type: ignore[call-overload, no-any-return]

    def component_kind(self, section: str) -> str | None:
        """The kind of object that `components.<section>` holds."""
        field = self.objects["Components"].get(section)
        return field.kind if field else None

    def parts(self, kind: str, node: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, Any]]:
        """Yield (tokens below the object, kind, value) for every object inside of an object."""
        for key, value in node.items():
            field = self.field(kind, key)
            if field is None:
                continue
            # A list instead of an object or a map, or a map instead of a list, is a fault, but holds the same.
            if isinstance(value, list):
                for index, member in enumerate(value):
                    yield (str(key), str(index)), field.kind, member
            elif field.form == "one":
                yield (str(key),), field.kind, value
            elif isinstance(value, dict):
                for name, member in value.items():
                    yield (str(key), str(name)), field.kind, member


_MODELS: dict[str, Model] = {
    "3.0": Model("3.0", _OBJECTS_30, _REFERENCEABLE, _METHODS),
    "3.1": Model("3.1", _OBJECTS_31, _REFERENCEABLE, _METHODS),
    "3.2": Model("3.2", _OBJECTS_32, _REFERENCEABLE | {"MediaType"}, (*_METHODS, "query")),
}


def model_of(document: Mapping[str, Any]) -> Model:
    """The object model that a document's `openapi` field names; ValueError if there is none."""
    version = str(document.get("openapi"))[:3]
    if version not in _MODELS:
        raise ValueError(f"not an OpenAPI 3.0, 3.1 or 3.2 document: openapi is {document.get('openapi')!r}")
    return _MODELS[version]


def is_example_elsewhere(kind: str, key: object, value: object) -> bool:
    """Whether a field is a whole example that is kept in another file; the specification calls it data."""
    if key != "example" or kind not in ("Schema", "MediaType", "Parameter", "Header") or not is_bare_reference(value):
        return False
    return not value["$ref"].startswith("#") and re.match(r"[^/]*:", value["$ref"]) is None  # type: ignore[index]


def is_extension(key: object) -> bool:
    """Whether a field name is a Specification Extension's."""
    return isinstance(key, str) and key.startswith("x-")


def is_reference(node: object) -> bool:
    """Whether a value has the shape of a reference. The model knows where one is allowed."""
    return isinstance(node, dict) and isinstance(node.get("$ref"), str)


def is_bare_reference(node: object) -> bool:
    """Whether a value is a reference with nothing beside it."""
    return is_reference(node) and len(node) == 1  # type: ignore[arg-type]
