"""Schemas in, schemas out: one line for each rule of SEMANTICS section 4, and for frequent mistakes."""

from __future__ import annotations

from typing import Any

import pytest

from oas_tasks.openapi.conversion import OneWay, Surroundings, convert
from oas_tasks.openapi.model import Family, FieldType
from oas_tasks.openapi.validation import second_opinion

SCHEMA = FieldType("Schema", "one", True)
S: dict[str, Any] = {"$ref": "#/components/schemas/S"}

UP = {
    "null joins an explicit type": ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    "an enum without null stays without": (
        {"type": "string", "nullable": True, "enum": ["a"]},
        {"type": ["string", "null"], "enum": ["a"]},
    ),
    "nullable false says nothing": ({"type": "string", "nullable": False}, {"type": "string"}),
    "siblings of a reference are dead": ({**S, "nullable": True, "description": "d"}, S),
    "a bound of 0 is a bound": ({"minimum": 0, "exclusiveMinimum": True}, {"exclusiveMinimum": 0}),
    "a bound that is not exclusive stays": ({"maximum": 3, "exclusiveMaximum": False}, {"maximum": 3}),
    "a modifier without a bound says nothing": ({"exclusiveMaximum": True}, {}),
    "both bounds": (
        {"minimum": 1, "exclusiveMinimum": True, "maximum": 10**30, "exclusiveMaximum": True},
        {"exclusiveMinimum": 1, "exclusiveMaximum": 10**30},
    ),
    "a text of data that is called binary keeps its type": (
        {"description": "d", "type": "string", "format": "binary", "nullable": True},
        {"description": "d", "type": ["string", "null"], "contentMediaType": "application/octet-stream"},
    ),
    "what may be anything is not bytes": ({"format": "binary"}, {"format": "binary"}),
    "an alternative keeps its type": (
        {"oneOf": [{"type": "string", "format": "binary"}, {"type": "object"}]},
        {"oneOf": [{"type": "string", "contentMediaType": "application/octet-stream"}, {"type": "object"}]},
    ),
    "base64": (
        {"type": "string", "format": "byte", "nullable": True},
        {"type": ["string", "null"], "contentEncoding": "base64"},
    ),
    "a format of something else stays": ({"type": "array", "format": "binary"}, {"type": "array", "format": "binary"}),
    "an example stays": ({"example": {"nullable": True}}, {"example": {"nullable": True}}),
    "data is not converted": (
        {"enum": [{"nullable": True}], "default": {"$ref": "#", "nullable": True}, "x-a": {"nullable": True}},
        {"enum": [{"nullable": True}], "default": {"$ref": "#", "nullable": True}, "x-a": {"nullable": True}},
    ),
    "names of properties are not keywords": (
        {"properties": {"nullable": {"type": "string", "nullable": True}, "$ref": {"type": "string"}}},
        {"properties": {"nullable": {"type": ["string", "null"]}, "$ref": {"type": "string"}}},
    ),
    "an additional property that may be anything": ({"additionalProperties": True}, {"additionalProperties": True}),
}

DOWN = {
    "null beside one type": (
        {"description": "d", "type": ["null", "string"], "maxLength": 1},
        {"description": "d", "type": "string", "nullable": True, "maxLength": 1},
    ),
    "a list of one type": ({"type": ["integer"]}, {"type": "integer"}),
    "several types are branches, null and items inside": (
        {"type": ["string", "array", "null"], "items": {"type": "integer"}, "maxItems": 1},
        {
            "anyOf": [{"type": "string", "nullable": True}, {"type": "array", "items": {"type": "integer"}}],
            "maxItems": 1,
        },
    ),
    "several types beside an anyOf": (
        {"type": ["string", "integer"], "anyOf": [{"minLength": 1}]},
        {"anyOf": [{"minLength": 1}], "allOf": [{"anyOf": [{"type": "string"}, {"type": "integer"}]}]},
    ),
    "null alone": ({"type": "null"}, {"enum": [None]}),
    "null alone, in a list": ({"type": ["null"]}, {"enum": [None]}),
    "null and a value that is not": ({"type": "null", "enum": [1]}, {"enum": [None], "not": {}}),
    "an array has items": ({"type": "array"}, {"type": "array", "items": {}}),
    "a constant": ({"const": {"const": 1}}, {"enum": [{"const": 1}]}),
    "a constant that is null": ({"const": None}, {"enum": [None]}),
    "a constant that is listed": ({"enum": [1, 2], "const": 1.0}, {"enum": [1.0]}),
    "a constant that is not listed": ({"enum": [1], "const": True}, {"enum": [True], "not": {}}),
    "no value at all": ({"enum": []}, {"not": {}}),
    "nothing required": ({"required": []}, {}),
    "booleans": (
        {"properties": {"a": True, "b": False}, "additionalProperties": False, "items": False},
        {"properties": {"a": {}, "b": {"not": {}}}, "additionalProperties": False, "items": {"not": {}}},
    ),
    "a property named additionalProperties": (
        {"properties": {"additionalProperties": True}},
        {"properties": {"additionalProperties": {}}},
    ),
    "a schema or null": (
        {"anyOf": [S, {"type": "null"}]},
        {"anyOf": [S, {"enum": [None]}]},
    ),
    "the stricter bound wins": ({"minimum": 5, "exclusiveMinimum": 0}, {"minimum": 5}),
    "of equal bounds the exclusive one": (
        {"maximum": 0, "exclusiveMaximum": 0},
        {"maximum": 0, "exclusiveMaximum": True},
    ),
    "a bound alone": ({"exclusiveMinimum": 0}, {"minimum": 0, "exclusiveMinimum": True}),
    "a reference alone": (S, S),
    "a reference with siblings": ({**S, "description": "d"}, {"allOf": [S], "description": "d"}),
    "a reference beside an allOf": (
        {"allOf": [{"minLength": 1}], **S},
        {"allOf": [S, {"minLength": 1}]},
    ),
    "a reference beside definitions that are moved": ({**S, "$defs": {"A": {"const": 1}}, "$id": "urn:a"}, S),
    "if and then": ({"if": S, "then": {"minLength": 2}}, {"anyOf": [{"minLength": 2}, {"not": S}]}),
    "if and else": ({"if": S, "else": {"minLength": 2}}, {"anyOf": [S, {"minLength": 2}]}),
    "if, then and else beside an anyOf": (
        {"anyOf": [S], "if": S, "then": {"minLength": 2}, "else": {"minLength": 1}},
        {
            "anyOf": [S],
            "allOf": [{"anyOf": [{"allOf": [S, {"minLength": 2}]}, {"allOf": [{"not": S}, {"minLength": 1}]}]}],
        },
    ),
    "if alone": ({"if": {"propertyNames": S}}, {}),
    "a dependent requirement": (
        {"dependentRequired": {"a": ["b"], "c": []}},
        {"anyOf": [{"not": {"type": "object", "required": ["a"]}}, {"required": ["b"]}]},
    ),
    "a dependent schema is for objects alone": (
        {"dependentSchemas": {"a": {"type": "object"}}},
        {"anyOf": [{"not": {"type": "object", "required": ["a"]}}, {"type": "object"}]},
    ),
    "one item at least": (
        {"contains": S},
        {"not": {"type": "array", "items": {"not": S}}},
    ),
    "no item at least": ({"contains": {"propertyNames": S}, "minContains": 0}, {}),
    "counts without anything to count": ({"minContains": 2, "maxContains": 3}, {}),
    "all items of a tuple alike": ({"prefixItems": [S, S], "items": S}, {"items": S}),
    "a tuple of anything that ends": ({"prefixItems": [True, {}], "items": False}, {"maxItems": 2}),
    "no patterns of names": (
        {"not": {"type": "object", "additionalProperties": False, "patternProperties": {}}},
        {"not": {"type": "object", "additionalProperties": False}},
    ),
    "names that may be anything": ({"propertyNames": True}, {}),
    "no names": ({"propertyNames": False}, {"maxProperties": 0}),
    "what is left over where nothing else looks": (
        {"properties": {"a": S}, "unevaluatedProperties": False, "unevaluatedItems": S},
        {"properties": {"a": S}, "additionalProperties": False, "items": S},
    ),
    "nothing is left over": (
        {"allOf": [S], "additionalProperties": S, "unevaluatedProperties": False},
        {"allOf": [S], "additionalProperties": S},
    ),
    "base64": ({"type": "string", "contentEncoding": "base64"}, {"type": "string", "format": "byte"}),
    "bytes as they are": ({"type": "string", "contentEncoding": "binary"}, {"type": "string", "format": "binary"}),
    "a text of data that is called bytes": (
        {"type": ["string", "null"], "contentMediaType": "application/octet-stream", "maxLength": 9},
        {"type": "string", "nullable": True, "format": "binary", "maxLength": 9},
    ),
    "one example": ({"examples": [{"examples": [1]}]}, {"example": {"examples": [1]}}),
    "no example": ({"examples": []}, {}),
    "whole numbers with an exponent or a fraction": (
        {"type": "integer", "default": 1e3, "maxLength": 1e2, "minItems": 1.0, "maximum": 1e3},
        {"type": "integer", "default": 1000, "maxLength": 100, "minItems": 1, "maximum": 1e3},
    ),
    "defaults of their types": (
        {"anyOf": [{"type": ["string", "null"], "default": None}, {"type": ["string", "integer"], "default": True}]},
        {
            "anyOf": [
                {"type": "string", "nullable": True, "default": None},
                {"anyOf": [{"type": "string"}, {"type": "integer"}], "default": True},
            ]
        },
    ),
    "OpenAPI's own dialect": (
        {"$schema": "https://spec.openapis.org/oas/3.1/dialect/base", "title": "t"},
        {"title": "t"},
    ),
    "data is not converted": (
        {"enum": [{"const": 1}], "default": {"type": ["a"]}, "example": {"if": 1}, "x-a": {"examples": [1]}},
        {"enum": [{"const": 1}], "default": {"type": ["a"]}, "example": {"if": 1}, "x-a": {"examples": [1]}},
    ),
}

LOSSY: dict[str, tuple[Any, Any, list[tuple[str, str, str]]]] = {
    "examples after the first": (
        {"examples": [1, 2, 3]},
        {"example": 1, "x-examples": [2, 3]},
        [("examples", "lossy", "the first is kept, the others as 'x-examples'")],
    ),
    "examples after the first whose place is taken": (
        {"examples": [1, 2, 3], "x-examples": {"a": 4}},
        {"example": 1, "x-examples": {"a": 4}},
        [("examples", "lossy", "the first is kept, the others dropped")],
    ),
    "examples beside an example": (
        {"example": 1, "examples": [2]},
        {"example": 1, "x-examples": [2]},
        [("examples", "lossy", "kept as 'x-examples'")],
    ),
    "a default of another type": (
        {"type": "object", "default": None},
        {"type": "object", "x-default": None},
        [("default", "lossy", "kept as 'x-default'")],
    ),
    "a default that is no whole number": (
        {"type": "integer", "default": 1.5},
        {"type": "integer", "x-default": 1.5},
        [("default", "lossy", "kept as 'x-default'")],
    ),
    "a comment": ({"$comment": "c"}, {"x-comment": "c"}, [("$comment", "lossy", "kept as 'x-comment'")]),
    "an unknown keyword, and nullable is one": (
        {"type": "string", "nullable": True, "min_items": 1},
        {"type": "string", "x-nullable": True, "x-min_items": 1},
        [("nullable", "lossy", "kept as 'x-nullable'"), ("min_items", "lossy", "kept as 'x-min_items'")],
    ),
    "a bound as 3.0 has it": (
        {"minimum": 0, "exclusiveMinimum": True},
        {"minimum": 0, "x-exclusiveMinimum": True},
        [("exclusiveMinimum", "lossy", "kept as 'x-exclusiveMinimum'")],
    ),
    "an unknown keyword whose place is taken": (
        {"nullable": True, "x-nullable": 1},
        {"x-nullable": 1},
        [("nullable", "lossy", "dropped")],
    ),
    "a foreign dialect": ({"$schema": "urn:a"}, {}, [("$schema", "lossy", "dropped")]),
    "an encoding that 3.0 does not have": (
        {"type": "string", "contentEncoding": "base32"},
        {"type": "string", "x-contentEncoding": "base32"},
        [("contentEncoding", "lossy", "kept as 'x-contentEncoding'")],
    ),
    "the media type of a text": (
        {"type": "string", "contentMediaType": "text/html", "contentSchema": {"patternProperties": {"a": S}}},
        {"type": "string", "x-contentMediaType": "text/html"},
        [("contentSchema", "lossy", "dropped"), ("contentMediaType", "lossy", "kept as 'x-contentMediaType'")],
    ),
    "the media type of what may be anything": (
        {"contentMediaType": "application/octet-stream", "maxLength": 9},
        {"x-contentMediaType": "application/octet-stream", "maxLength": 9},
        [("contentMediaType", "lossy", "kept as 'x-contentMediaType'")],
    ),
    "patterns of names": (
        {"patternProperties": {"^a": S}, "additionalProperties": False},
        {"additionalProperties": True},
        [("patternProperties", "loosened", "dropped, and 'additionalProperties' loosened to true")],
    ),
    "what names look like": ({"propertyNames": S}, {}, [("propertyNames", "loosened", "dropped")]),
    "several items at least": (
        {"contains": S, "minContains": 2, "maxContains": 3},
        {"not": {"type": "array", "items": {"not": S}}},
        [("minContains", "loosened", "loosened to 1"), ("maxContains", "loosened", "dropped")],
    ),
    "a tuple": (
        {"type": "array", "prefixItems": [S, {"type": "null"}], "items": False, "maxItems": 5},
        {"type": "array", "maxItems": 2, "items": {"anyOf": [S, {"enum": [None]}]}},
        [("prefixItems", "loosened", "loosened to 'items' of any of them")],
    ),
    "the start of an array": (
        {"prefixItems": [S]},
        {},
        [("prefixItems", "loosened", "dropped")],
    ),
    "what is left over by alternatives": (
        {"allOf": [S], "unevaluatedProperties": False},
        {"allOf": [S]},
        [("unevaluatedProperties", "loosened", "dropped")],
    ),
    "a reference that goes by the dynamic scope": (
        {"$dynamicRef": "#a", "$dynamicAnchor": "a"},
        {},
        [("$dynamicRef", "loosened", "dropped")],
    ),
    "what is ruled out, once it accepts more": (
        {"not": {"propertyNames": S}},
        {},
        [("not", "loosened", "dropped")],
    ),
    "alternatives of which one accepts more": (
        {"oneOf": [{"propertyNames": S}, {"type": "string"}]},
        {"anyOf": [{}, {"type": "string"}]},
        [("oneOf/0/propertyNames", "loosened", "dropped"), ("oneOf", "loosened", "loosened to 'anyOf'")],
    ),
    "a condition that accepts more": (
        {"if": {"propertyNames": S}, "then": {"minLength": 1}},
        {},
        [("if", "loosened", "dropped")],
    ),
    "a condition that accepts more, with an else": (
        {"if": {"propertyNames": S}, "then": {"minLength": 1}, "else": S},
        {"anyOf": [{"allOf": [{}, {"minLength": 1}]}, S]},
        [("if/propertyNames", "loosened", "dropped"), ("if", "loosened", "loosened to either branch")],
    ),
}


@pytest.mark.parametrize(("schema", "expected"), UP.values(), ids=UP)
def test_a_schema_of_30_in_31(schema: Any, expected: Any) -> None:
    made = convert("3.0", "3.1", SCHEMA, schema)
    assert (made.value, made.losses, made.loosens) == (expected, (), False)
    assert convert("3.0", "3.2", SCHEMA, schema) == made


@pytest.mark.parametrize(("schema", "expected"), DOWN.values(), ids=DOWN)
def test_a_schema_of_31_in_30(schema: Any, expected: Any) -> None:
    made = convert("3.1", "3.0", SCHEMA, schema)
    assert (made.value, made.losses, made.loosens) == (expected, (), False)
    assert convert("3.2", "3.0", SCHEMA, schema) == made


@pytest.mark.parametrize(("schema", "expected", "losses"), LOSSY.values(), ids=LOSSY)
def test_a_schema_of_31_loses_in_30(schema: Any, expected: Any, losses: list[tuple[str, str, str]]) -> None:
    made = convert("3.1", "3.0", SCHEMA, schema)
    assert made.value == expected
    assert [("/".join(loss.tokens), loss.kind, loss.became) for loss in made.losses] == losses
    assert made.loosens == any(kind == "loosened" for _, kind, _ in losses)


@pytest.mark.parametrize("schema", [True, False])
def test_a_boolean_is_a_schema_except_in_30(schema: bool) -> None:
    assert convert("3.1", "3.0", SCHEMA, schema).value == ({} if schema else {"not": {}})
    assert convert("3.1", "3.2", SCHEMA, schema).value is schema


def test_a_keyword_that_30_does_not_have_does_not_come_alive() -> None:
    made = convert("3.0", "3.1", SCHEMA, {"const": 1, "patternProperties": {"a": {}}})
    assert made.value == {"x-const": 1, "x-patternProperties": {"a": {}}}
    assert [(loss.tokens, loss.kind) for loss in made.losses] == [
        (("const",), "lossy"),
        (("patternProperties",), "lossy"),
    ]


def test_a_keyword_that_30_knows_otherwise_does_not_come_alive() -> None:
    schema: Any = {"type": ["integer", "null"], "exclusiveMinimum": 5, "exclusiveMaximum": 9.5}
    for target in ("3.1", "3.2"):
        made = convert("3.0", target, SCHEMA, schema)
        assert made.value == {f"x-{name}": value for name, value in schema.items()}
        assert sorted((loss.tokens, loss.kind) for loss in made.losses) == [
            (("exclusiveMaximum",), "lossy"),
            (("exclusiveMinimum",), "lossy"),
            (("type",), "lossy"),
        ]


def test_nullable_without_a_type_is_dropped_and_reported_as_ambiguous() -> None:
    made = convert("3.0", "3.1", SCHEMA, {"properties": {"a": {"nullable": True, "allOf": [S]}}})
    assert made.value == {"properties": {"a": {"allOf": [S]}}}
    assert [(loss.tokens, loss.kind) for loss in made.losses] == [(("properties", "a", "nullable"), "ambiguous")]


def test_a_property_that_is_required_in_one_direction_is_reported() -> None:
    schema: Any = {"required": ["id", "b"], "properties": {"id": {"readOnly": True}, "b": {}}}
    made = convert("3.0", "3.1", SCHEMA, schema)
    assert made.value is schema
    assert [(loss.tokens, loss.kind, loss.what) for loss in made.losses] == [
        (("required",), "lossy", "'id' was required in responses only")
    ]


ONE_WAY: dict[str, Any] = {
    "a property": {"required": ["id"], "properties": {"id": {"readOnly": True}}},
    "a reference": {"required": ["id"], "properties": {"id": S}},
    "a reference to a property": {
        "required": ["id"],
        "properties": {"id": {"$ref": "#/components/schemas/T/properties/id"}},
    },
    "a member of an allOf": {"required": ["id"], "properties": {"id": {"allOf": [{"allOf": [S]}]}}},
    "what the schema is made of": {"required": ["id"], "allOf": [{"properties": {"id": {"readOnly": True}}}]},
    "a named schema that it is made of": {"required": ["id"], "allOf": [{"$ref": "#/components/schemas/T"}]},
}


@pytest.mark.parametrize("schema", ONE_WAY.values(), ids=ONE_WAY)
def test_properties_required_in_one_direction_are_found_through_references_and_allof(schema: Any) -> None:
    around = Surroundings(
        one_way={
            "S": OneWay(frozenset({"readOnly"})),
            "T": OneWay(properties={"id": frozenset({"readOnly"})}),
        }
    )
    up = convert("3.0", "3.1", SCHEMA, schema, around)
    assert up.value is schema
    assert [(loss.tokens, loss.kind) for loss in up.losses] == [(("required",), "lossy")]
    down = convert("3.1", "3.0", SCHEMA, {"oneOf": [schema, S]}, around)
    assert down.value == {"oneOf": [schema, S]}  # a schema that comes from 3.0 gets its old form back
    assert [(loss.tokens, loss.kind, loss.what) for loss in down.losses] == [
        (("oneOf", "0", "required"), "lossy", "3.0 requires 'id' in responses only")
    ]


def test_siblings_of_a_reference_set_no_direction_in_30() -> None:
    schema: Any = {"required": ["id"], "properties": {"id": {**S, "readOnly": True}}}
    assert convert("3.0", "3.1", SCHEMA, schema).losses == ()
    assert [loss.kind for loss in convert("3.1", "3.0", SCHEMA, schema).losses] == ["lossy"]


def test_a_member_of_an_allof_may_require_a_property_of_another_one() -> None:
    members: Any = [{"properties": {"id": {"writeOnly": True}}}, {"required": ["a", "id"]}]
    losses = convert("3.0", "3.1", SCHEMA, {"allOf": members}).losses
    assert [(loss.tokens, loss.what) for loss in losses] == [
        (("allOf", "1", "required"), "'id' was required in requests only")
    ]


def test_a_reference_to_a_schema_that_accepts_more_is_not_ruled_out() -> None:
    around = Surroundings(loosened=frozenset({"S"}))
    assert convert("3.1", "3.0", SCHEMA, {"not": {"items": S}}, around).value == {}
    assert convert("3.1", "3.0", SCHEMA, {"oneOf": [S, {}]}, around).value == {"anyOf": [S, {}]}
    assert convert("3.1", "3.0", SCHEMA, {"not": S}).value == {"not": S}


def test_what_does_not_change_is_shared() -> None:
    same: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}}
    assert convert("3.1", "3.0", SCHEMA, same).value is same
    assert convert("3.0", "3.1", SCHEMA, same).value is same
    assert convert("3.1", "3.2", SCHEMA, same).value is same
    changed: Any = {"properties": {"a": same, "b": {"type": "string", "nullable": True}}}
    made: Any = convert("3.0", "3.1", SCHEMA, changed).value
    assert made["properties"]["a"] is same
    assert changed["properties"]["b"] == {"type": "string", "nullable": True}


def test_the_order_of_keys_is_kept() -> None:
    made: Any = convert("3.1", "3.0", SCHEMA, {"title": "t", "type": ["string", "null"], "const": 1, "x-a": 1}).value
    assert list(made) == ["title", "type", "nullable", "enum", "x-a"]
    made = convert("3.0", "3.1", SCHEMA, {"title": "t", "minimum": 1, "exclusiveMinimum": True, "x-a": 1}).value
    assert list(made) == ["title", "exclusiveMinimum", "x-a"]


#: Schemas whose default null fits only because of `nullable`, as validators allow; and whether it fits anyway.
NULL_BY_DEFAULT: list[tuple[Family, dict[str, Any], bool]] = [
    ("3.0", {"type": "string"}, True),
    ("3.0", {"type": "string", "enum": ["a", None]}, True),
    ("3.0", {"description": "anything"}, True),
    ("3.0", {"type": "string", "enum": ["a"]}, False),
    ("3.0", {"anyOf": [{"type": "string"}]}, False),
    ("3.0", {"anyOf": [{"type": "string"}, {"type": "object", "nullable": True}]}, True),
    ("3.0", {"type": "object", "allOf": [{"type": "object"}]}, False),
    ("3.0", {"type": "object", "allOf": [{"description": "d"}, {"type": "object", "nullable": True}]}, True),
    ("3.1", {"type": ["string", "null"]}, True),
    ("3.1", {"description": "anything"}, True),
    ("3.1", {"type": "string"}, False),
    ("3.1", {"oneOf": [{"type": "string"}, {"type": "object"}]}, False),
    ("3.1", {"oneOf": [{"type": "string"}, {"type": "null"}]}, True),
    ("3.1", {"const": "a"}, False),
]


@pytest.mark.parametrize(("source", "schema", "fits"), NULL_BY_DEFAULT)
def test_a_default_of_null_stays_where_it_fits_after_the_conversion(
    source: Family, schema: dict[str, Any], fits: bool
) -> None:
    target: Family = "3.1" if source == "3.0" else "3.0"
    written: Any = {**schema, "nullable": True, "default": None}
    made = convert(source, target, SCHEMA, written)
    assert isinstance(made.value, dict)
    assert [loss.became for loss in made.losses if loss.tokens == ("default",)] == ["kept as 'x-default'"] * (not fits)
    assert ("default" in made.value, "x-default" in made.value) == (fits, not fits)
    for family, each in ((source, written), (target, made.value)):
        response = {"description": "", "content": {"a/json": {"schema": each}}}
        paths: Any = {"/a": {"get": {"responses": {"200": response}}}}
        document = {"openapi": f"{family}.0", "info": {"title": "T", "version": "1"}, "paths": paths}
        assert second_opinion.faults(family, document) == []
