"""Describes OpenAPI's objects as data: one table per version, object -> field -> type of the field's value.

No other module knows where a Reference, a Schema or an Operation is allowed. `walk.py` goes through documents by these
tables, and references, validation, conversion and the counts of the index use it.

Notation of a field's type, after the specification's own:

    Schema              one object of that type
    [Server]            a list of them
    {Header | ref}      a map from names to them; `| ref`: a Reference Object may stand in its place
    Schema | [Schema]   one of them, or a list
    any                 data: nothing inside is a reference
    example             the same, but for a whole example that is a `$ref` to another file
    extension           what an `x-` field holds: data in which a `$ref` to something that exists is followed
    string, boolean...  a plain value

The key `*` stands for the patterned fields of an object (every key that is not `x-...`).
Sources: OpenAPI 3.0.4, 3.1.2 and 3.2.0, the field tables of each object ("OpenAPI Object" and following).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple

Family = Literal["3.0", "3.1", "3.2"]
FAMILIES: tuple[Family, ...] = ("3.0", "3.1", "3.2")

#: Field types that hold no OpenAPI object.
PLAIN_TYPES = frozenset({"any", "example", "extension", "string", "boolean", "integer", "number"})

#: A component's section of the Components Object, such as `schemas`, and its name.
ComponentName = tuple[str, str]

_Table = dict[str, dict[str, str]]

_SERVERS = "[Server]"
_PARAMETERS = "[Parameter | ref]"

_V30: _Table = {
    "OpenAPI": {
        "openapi": "string",
        "info": "Info",
        "servers": _SERVERS,
        "paths": "Paths",
        "components": "Components",
        "security": "[SecurityRequirement]",
        "tags": "[Tag]",
        "externalDocs": "ExternalDocumentation",
    },
    "Info": {
        "title": "string",
        "description": "string",
        "termsOfService": "string",
        "contact": "Contact",
        "license": "License",
        "version": "string",
    },
    "Contact": {"name": "string", "url": "string", "email": "string"},
    "License": {"name": "string", "url": "string"},
    "Server": {"url": "string", "description": "string", "variables": "{ServerVariable}"},
    "ServerVariable": {"enum": "[string]", "default": "string", "description": "string"},
    "Components": {
        "schemas": "{Schema | ref}",
        "responses": "{Response | ref}",
        "parameters": "{Parameter | ref}",
        "examples": "{Example | ref}",
        "requestBodies": "{RequestBody | ref}",
        "headers": "{Header | ref}",
        "securitySchemes": "{SecurityScheme | ref}",
        "links": "{Link | ref}",
        "callbacks": "{Callback | ref}",
    },
    "Paths": {"*": "PathItem"},
    "PathItem": {
        "$ref": "string",
        "summary": "string",
        "description": "string",
        "get": "Operation",
        "put": "Operation",
        "post": "Operation",
        "delete": "Operation",
        "options": "Operation",
        "head": "Operation",
        "patch": "Operation",
        "trace": "Operation",
        "servers": _SERVERS,
        "parameters": _PARAMETERS,
    },
    "Operation": {
        "tags": "[string]",
        "summary": "string",
        "description": "string",
        "externalDocs": "ExternalDocumentation",
        "operationId": "string",
        "parameters": _PARAMETERS,
        "requestBody": "RequestBody | ref",
        "responses": "Responses",
        "callbacks": "{Callback | ref}",
        "deprecated": "boolean",
        "security": "[SecurityRequirement]",
        "servers": _SERVERS,
    },
    "ExternalDocumentation": {"description": "string", "url": "string"},
    "Parameter": {
        "name": "string",
        "in": "string",
        "description": "string",
        "required": "boolean",
        "deprecated": "boolean",
        "allowEmptyValue": "boolean",
        "style": "string",
        "explode": "boolean",
        "allowReserved": "boolean",
        "schema": "Schema | ref",
        "example": "example",
        "examples": "{Example | ref}",
        "content": "{MediaType}",
    },
    "RequestBody": {"description": "string", "content": "{MediaType}", "required": "boolean"},
    "MediaType": {
        "schema": "Schema | ref",
        "example": "example",
        "examples": "{Example | ref}",
        "encoding": "{Encoding}",
    },
    "Encoding": {
        "contentType": "string",
        "headers": "{Header | ref}",
        "style": "string",
        "explode": "boolean",
        "allowReserved": "boolean",
    },
    "Responses": {"*": "Response | ref"},
    "Response": {
        "description": "string",
        "headers": "{Header | ref}",
        "content": "{MediaType}",
        "links": "{Link | ref}",
    },
    "Callback": {"*": "PathItem"},
    "Example": {"summary": "string", "description": "string", "value": "any", "externalValue": "string"},
    "Link": {
        "operationRef": "string",
        "operationId": "string",
        "parameters": "{any}",
        "requestBody": "any",
        "description": "string",
        "server": "Server",
    },
    "Header": {
        "description": "string",
        "required": "boolean",
        "deprecated": "boolean",
        "allowEmptyValue": "boolean",
        "style": "string",
        "explode": "boolean",
        "allowReserved": "boolean",
        "schema": "Schema | ref",
        "example": "example",
        "examples": "{Example | ref}",
        "content": "{MediaType}",
    },
    "Tag": {"name": "string", "description": "string", "externalDocs": "ExternalDocumentation"},
    "Schema": {
        "title": "string",
        "multipleOf": "number",
        "maximum": "number",
        "exclusiveMaximum": "boolean",
        "minimum": "number",
        "exclusiveMinimum": "boolean",
        "maxLength": "integer",
        "minLength": "integer",
        "pattern": "string",
        "maxItems": "integer",
        "minItems": "integer",
        "uniqueItems": "boolean",
        "maxProperties": "integer",
        "minProperties": "integer",
        "required": "[string]",
        "enum": "[any]",
        "type": "string",
        "allOf": "[Schema | ref]",
        "oneOf": "[Schema | ref]",
        "anyOf": "[Schema | ref]",
        "not": "Schema | ref",
        "items": "Schema | ref",
        "properties": "{Schema | ref}",
        "additionalProperties": "Schema | ref",
        "description": "string",
        "format": "string",
        "default": "any",
        "nullable": "boolean",
        "discriminator": "Discriminator",
        "readOnly": "boolean",
        "writeOnly": "boolean",
        "xml": "XML",
        "externalDocs": "ExternalDocumentation",
        "example": "example",
        "deprecated": "boolean",
    },
    "Discriminator": {"propertyName": "string", "mapping": "{string}"},
    "XML": {
        "name": "string",
        "namespace": "string",
        "prefix": "string",
        "attribute": "boolean",
        "wrapped": "boolean",
    },
    "SecurityScheme": {
        "type": "string",
        "description": "string",
        "name": "string",
        "in": "string",
        "scheme": "string",
        "bearerFormat": "string",
        "flows": "OAuthFlows",
        "openIdConnectUrl": "string",
    },
    "OAuthFlows": {
        "implicit": "OAuthFlow",
        "password": "OAuthFlow",
        "clientCredentials": "OAuthFlow",
        "authorizationCode": "OAuthFlow",
    },
    "OAuthFlow": {
        "authorizationUrl": "string",
        "tokenUrl": "string",
        "refreshUrl": "string",
        "scopes": "{string}",
    },
    "SecurityRequirement": {"*": "[string]"},
}

# In 3.1 a Schema is a JSON Schema of draft 2020-12: `$ref` is one of its keywords and its siblings apply.
_SCHEMA_31: dict[str, str] = {
    "$id": "string",
    "$schema": "string",
    "$ref": "string",
    "$anchor": "string",
    "$dynamicRef": "string",
    "$dynamicAnchor": "string",
    "$vocabulary": "any",
    "$comment": "string",
    "$defs": "{Schema}",
    # The name of `$defs` up to draft 7, which 2020-12's own schema still accepts.
    "definitions": "{Schema}",
    "title": "string",
    "description": "string",
    "default": "any",
    "deprecated": "boolean",
    "readOnly": "boolean",
    "writeOnly": "boolean",
    "examples": "[any]",
    "type": "string",  # or a list of them
    "const": "any",
    "enum": "[any]",
    "multipleOf": "number",
    "maximum": "number",
    "exclusiveMaximum": "number",
    "minimum": "number",
    "exclusiveMinimum": "number",
    "maxLength": "integer",
    "minLength": "integer",
    "pattern": "string",
    "maxItems": "integer",
    "minItems": "integer",
    "uniqueItems": "boolean",
    "maxContains": "integer",
    "minContains": "integer",
    "maxProperties": "integer",
    "minProperties": "integer",
    "required": "[string]",
    "dependentRequired": "{string}",  # of lists of them
    "allOf": "[Schema]",
    "anyOf": "[Schema]",
    "oneOf": "[Schema]",
    "not": "Schema",
    "if": "Schema",
    "then": "Schema",
    "else": "Schema",
    "dependentSchemas": "{Schema}",
    # The older drafts' name for it and for `dependentRequired`, which 2020-12's own schema still accepts.
    "dependencies": "{Schema}",
    "prefixItems": "[Schema]",
    # A list in the drafts before 2020-12, with the schema of the items after it.
    "items": "Schema | [Schema]",
    "additionalItems": "Schema",
    "contains": "Schema",
    "properties": "{Schema}",
    "patternProperties": "{Schema}",
    "additionalProperties": "Schema",
    "propertyNames": "Schema",
    "unevaluatedItems": "Schema",
    "unevaluatedProperties": "Schema",
    "format": "string",
    "contentEncoding": "string",
    "contentMediaType": "string",
    "contentSchema": "Schema",
    "discriminator": "Discriminator",
    "xml": "XML",
    "externalDocs": "ExternalDocumentation",
    "example": "example",
}


def _extended(base: _Table, changes: _Table) -> _Table:
    """Return `base` with the fields of `changes` added; object types that it lacks are new."""
    table = {name: dict(fields) for name, fields in base.items()}
    for name, fields in changes.items():
        table.setdefault(name, {}).update(fields)
    return table


_V31 = _extended(
    {name: fields for name, fields in _V30.items() if name != "Schema"},
    {
        "OpenAPI": {"jsonSchemaDialect": "string", "webhooks": "{PathItem}"},
        "Info": {"summary": "string"},
        "License": {"identifier": "string"},
        "Components": {"schemas": "{Schema}", "pathItems": "{PathItem}"},
        "Parameter": {"schema": "Schema"},
        "Header": {"schema": "Schema"},
        "MediaType": {"schema": "Schema"},
        "Schema": _SCHEMA_31,
    },
)

_CONTENT_32 = "{MediaType | ref}"

_V32 = _extended(
    _V31,
    {
        "OpenAPI": {"$self": "string"},
        "Server": {"name": "string"},
        "Components": {"mediaTypes": _CONTENT_32},
        "PathItem": {"query": "Operation", "additionalOperations": "{Operation}"},
        "Parameter": {"content": _CONTENT_32},
        "Header": {"content": _CONTENT_32},
        "RequestBody": {"content": _CONTENT_32},
        "Response": {"summary": "string", "content": _CONTENT_32},
        "MediaType": {"itemSchema": "Schema", "prefixEncoding": "[Encoding]", "itemEncoding": "Encoding"},
        "Encoding": {"encoding": "{Encoding}", "prefixEncoding": "[Encoding]", "itemEncoding": "Encoding"},
        "Example": {"dataValue": "any", "serializedValue": "string"},
        "Tag": {"summary": "string", "parent": "string", "kind": "string"},
        "Discriminator": {"defaultMapping": "string"},
        "XML": {"nodeType": "string"},
        "SecurityScheme": {"deprecated": "boolean", "oauth2MetadataUrl": "string"},
        "OAuthFlows": {"deviceAuthorization": "OAuthFlow"},
        "OAuthFlow": {"deviceAuthorizationUrl": "string"},
    },
)


class FieldType(NamedTuple):
    """The type of a field's value.

    holds: the name of an object type, or one of PLAIN_TYPES.
    container: whether it holds one, a list, or a map of them.
    referenceable: a Reference Object may stand in the place of each.
    or_list: for a field that holds one: a list of them is allowed instead.
    """

    holds: str
    container: Literal["one", "list", "map"]
    referenceable: bool
    or_list: bool = False


#: The type of every field whose name begins with `x-` ("Specification Extensions").
EXTENSION = FieldType("extension", "one", False)


class ObjectType(NamedTuple):
    """One object of the specification.

    fields: its fixed fields.
    patterned: the type of every other key that is not `x-...`, None if no other key is allowed.
    later: fields that hold objects in later versions only. They are not allowed here, but an author who uses one
        means the same by it, so their references are followed.
    """

    name: str
    fields: Mapping[str, FieldType]
    patterned: FieldType | None
    later: Mapping[str, FieldType] = MappingProxyType({})


class Model(NamedTuple):
    """The object model of one family of versions.

    methods: the fields of a Path Item that hold an operation, in the specification's order.
    component_kinds: field of Components -> the object type of its members.
    """

    family: Family
    types: Mapping[str, ObjectType]
    methods: tuple[str, ...]
    component_kinds: Mapping[str, str]

    @property
    def schema_ref_is_keyword(self) -> bool:
        """Whether `$ref` in a Schema is a keyword beside others (3.1 on), not a Reference Object (3.0)."""
        return "$ref" in self.types["Schema"].fields


def _field_type(notation: str) -> FieldType:
    inner = notation.strip("[]{}")
    holds, _, alternative = inner.partition(" | ")
    container: Literal["one", "list", "map"] = "one"
    if notation[0] in "[{":
        container = "list" if notation[0] == "[" else "map"
    return FieldType(holds, container, alternative == "ref", or_list=alternative.startswith("["))


def _object_type(name: str, fields: dict[str, str]) -> ObjectType:
    types = {field: _field_type(notation) for field, notation in fields.items()}
    patterned = types.pop("*", None)
    return ObjectType(name, MappingProxyType(types), patterned)


def _later(own: ObjectType, types: Mapping[str, ObjectType]) -> Mapping[str, FieldType]:
    """Return the fields of an object that hold objects in the latest version and do not exist in its own."""
    latest = {field: _field_type(notation) for field, notation in _TABLES[FAMILIES[-1]][own.name].items()}
    found: dict[str, FieldType] = {}
    for name, field in latest.items():
        if name not in own.fields and name != "*" and field.holds not in PLAIN_TYPES:
            # In 3.0 a Schema's `$ref` makes a Reference Object.
            is_reference = field.holds == "Schema" and "$ref" not in types["Schema"].fields
            found[name] = field._replace(referenceable=field.referenceable or is_reference)
    return MappingProxyType(found)


_TABLES: Mapping[Family, _Table] = {"3.0": _V30, "3.1": _V31, "3.2": _V32}


@cache
def model_of(family: Family) -> Model:
    """Return the object model of a family of versions, the same object at every call."""
    types = {name: _object_type(name, fields) for name, fields in _TABLES[family].items()}
    if family != FAMILIES[-1]:
        types = {name: each._replace(later=_later(each, types)) for name, each in types.items()}
    methods = tuple(
        field
        for field, kind in types["PathItem"].fields.items()
        if kind.holds == "Operation" and kind.container == "one"
    )
    kinds = {field: kind.holds for field, kind in types["Components"].fields.items()}
    return Model(family, MappingProxyType(types), methods, MappingProxyType(kinds))
