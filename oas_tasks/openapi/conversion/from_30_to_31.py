"""Converts Schema Objects of 3.0 to JSON Schemas of 3.1."""

from __future__ import annotations

from collections.abc import Callable

from oas_tasks.formats import Value
from oas_tasks.openapi.conversion.losses import Loss
from oas_tasks.openapi.conversion.read_write_only import DIRECTIONS, required_one_way
from oas_tasks.openapi.conversion.rules import Fields, Rule, Spot, rule

#: The default media type of a binary string. Source: 3.1.2 "Encoding Object", the table of defaults.
OCTETS = "application/octet-stream"


def _nullable(spot: Spot) -> None:
    """Turn `nullable` into a type of null: it extends an explicit `type` only, and an `enum` without null still rejects
    null.
    """
    nullable = spot.fields.get("nullable")
    own_type = spot.fields.get("type")
    if nullable is True and isinstance(own_type, str):
        spot.put("type", [own_type, "null"])
    elif nullable is True:
        before = "in documents of 3.0.0 to 3.0.2 'nullable' without 'type' may have been meant to allow null"
        spot.lose("nullable", before, "dropped, since it has no effect without 'type'", "ambiguous")
    if nullable is True and not admits_null(spot.source, _is_null_of_type):
        without_null_by_default(spot)
    spot.drop("nullable")


def _types(spot: Spot) -> None:
    if isinstance(spot.fields["type"], list):
        spot.set_aside("type", "a list of types means nothing before 3.1 and would come alive")


def _is_null_of_type(schema: Fields) -> bool:
    return "type" not in schema or schema.get("nullable") is True


def admits_null(schema: Value, is_of_type: Callable[[Fields], bool]) -> bool:
    """Whether a schema certainly accepts null; False for one that refers to another, where this is not known.

    is_of_type: null is of the type that the schema asks for.
    """
    if not isinstance(schema, dict):
        return schema is True
    enum, alternatives = schema.get("enum"), [schema.get("anyOf"), schema.get("oneOf")]
    if "$ref" in schema or "not" in schema or not is_of_type(schema) or schema.get("const") is not None:
        return False
    if isinstance(enum, list) and None not in enum:
        return False
    every = schema.get("allOf")
    return all(admits_null(each, is_of_type) for each in (every if isinstance(every, list) else ())) and all(
        any(admits_null(each, is_of_type) for each in members) for members in alternatives if isinstance(members, list)
    )


def without_null_by_default(spot: Spot) -> None:
    """Set the default aside where it is null.

    Validators accept it as long as `nullable` is beside it, though `nullable` alone does not allow null.
    """
    if "default" in spot.fields and spot.fields["default"] is None:
        spot.set_aside("default", "the default null may not fit, since 'nullable' alone does not allow null")


def _bound(exclusive: str, inclusive: str) -> Rule:
    """Turn a boolean `exclusive...` into a bound; without a bound it has no meaning."""

    def apply(spot: Spot) -> None:
        modifier = spot.fields[exclusive]
        bound = spot.fields.get(inclusive)
        if modifier is True and inclusive in spot.fields:
            spot.drop(inclusive)
            spot.put(exclusive, bound)
        elif isinstance(modifier, bool):
            spot.drop(exclusive)
        else:
            spot.set_aside(exclusive, f"a number as '{exclusive}' means nothing before 3.1 and would come alive")

    return rule("Schema", [exclusive], apply, "3.0.4 'JSON Schema Keywords'; 2020-12 Validation 6.2.3, 6.2.5")


def _strings_of_bytes(spot: Spot) -> None:
    """Drop the `type` of bytes, so that 3.1 gives them the right default content type in multipart."""
    if spot.source.get("type", "string") != "string":
        return
    if spot.fields.get("format") == "byte":
        spot.replace("format", {"contentEncoding": "base64"})
    if spot.fields.get("format") != "binary":
        return
    role = spot.role
    if role.is_bytes:
        spot.drop("type")
        if spot.source.get("nullable") is True and "type" in spot.source:
            _no_null_of_bytes(spot)
    elif "type" not in spot.source:
        return  # anything at all, in both versions
    elif role.is_both:
        what = "where it is bytes this may have no 'type' since 3.1, and where it is data it must"
        spot.lose("format", what, "kept with its 'type', so that a part of multipart is text by default")
    is_said = "contentMediaType" in spot.fields
    spot.replace("format", {} if is_said else {"contentMediaType": (role.is_bytes and role.media_type) or OCTETS})


def _no_null_of_bytes(spot: Spot) -> None:
    became = "dropped"
    if "x-nullable" not in spot.fields:
        spot.put("x-nullable", True)
        became = "kept as 'x-nullable'"
    spot.lose("nullable", "bytes have no 'type' since 3.1 that null could join", became)


def _required_one_way(spot: Spot) -> None:
    """Note each required property that is read-only or write-only: 3.0 required it in one direction only."""
    for tokens, names in required_one_way(spot, siblings_apply=False):
        said = [
            f"{', '.join(names[way])} {'was' if len(names[way]) == 1 else 'were'} required in {where} only"
            for way, where in DIRECTIONS.items()
            if way in names
        ]
        spot.journal.lose(Loss(tokens, " and ".join(said), "required both ways", "lossy"))


RULES: tuple[Rule, ...] = (
    rule("Schema", ["type"], _types, "3.0.4 'JSON Schema Keywords', `type`: 'Value MUST be a string'"),
    rule("Schema", ["nullable"], _nullable, "3.0.4 'Schema Object', `nullable`; proposal 2019-10-31 Clarify Nullable"),
    rule(
        "Schema", ["format"], _strings_of_bytes, "3.1.2 'Migrating binary descriptions from OAS 3.0', 'Encoding Object'"
    ),
    _bound("exclusiveMinimum", "minimum"),
    _bound("exclusiveMaximum", "maximum"),
    rule("Schema", ["required", "allOf"], _required_one_way, "3.0.4 'Schema Object', `readOnly`, `writeOnly`"),
)
