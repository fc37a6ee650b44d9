"""Converts JSON Schemas of 3.1 to Schema Objects of 3.0.

The rules are applied in the order of RULES. What 3.0 cannot express is loosened, never tightened. So no schema that
accepts more than before is left under a `not`, in a `oneOf` or as the condition of an `if`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oas_tasks.formats import Value
from oas_tasks.formats.decimals import exceeds, is_number
from oas_tasks.openapi.conversion.from_30_to_31 import OCTETS, admits_null, without_null_by_default
from oas_tasks.openapi.conversion.json_schema import (
    NOTHING,
    conditional,
    contains,
    dependent,
    equal,
    is_larger,
    one_of_types,
)
from oas_tasks.openapi.conversion.losses import Loss
from oas_tasks.openapi.conversion.read_write_only import DIRECTIONS, required_one_way
from oas_tasks.openapi.conversion.rules import Fields, Rule, Spot, rule
from oas_tasks.openapi.model import model_of
from oas_tasks.openapi.pointer import tokens_of

_V30 = model_of("3.0").types["Schema"].fields
_V31 = model_of("3.1").types["Schema"].fields.keys() - {"additionalItems", "dependencies"}

#: The keywords that apply schemas to the same instance, which `unevaluated...` takes into account.
_IN_PLACE = frozenset(
    {"$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"},
)
#: The keywords that may be beside `contentMediaType` in the schema of a string of bytes.
_OF_BYTES = frozenset(
    {
        *("contentMediaType", "maxLength", "minLength", "pattern", "title", "description", "default", "deprecated"),
        *("readOnly", "writeOnly", "example", "examples", "externalDocs", "xml", "$comment", "$id", "$anchor"),
    }
)
#: The names of encodings in 3.0; "binary" means none. Source: RFC 2045 section 6.2; 3.0.4 "Data Types".
_FORMATS = {"base64": "byte", "binary": "binary"}
#: The keywords whose values are whole numbers.
_WHOLE = frozenset(name for name, field in _V30.items() if field.holds == "integer")
_IMPOSSIBLE = "{} cannot be said in 3.0"


def boolean(schema: bool) -> Value:
    """Return a boolean schema as an object. Source: 3.1.2 'Schema Object'; 3.0.4 has none but in one place."""
    return {} if schema else dict(NOTHING)


#: The fields in which a boolean is left. Source: 3.0.4 'JSON Schema Keywords', `additionalProperties`.
BOOLEANS_STAY = frozenset({"additionalProperties"})


def _known_loosened(spot: Spot) -> None:
    if spot.around.is_loosened(spot.source["$ref"]):
        spot.journal.loosened.append((*tokens_of(spot.path), "$ref"))


def _unknown(spot: Spot) -> None:
    """Set keywords aside that 3.1 does not define: 3.0 forbids them, and `nullable` would take effect."""
    if spot.source.keys() <= _V31:
        return
    for name in spot.source:
        is_of_tuple = name == "additionalItems" and isinstance(spot.source.get("items"), list)
        if name not in _V31 and not name.startswith("x-") and not is_of_tuple:
            spot.set_aside(name, f"'{name}' is no keyword of the document's version and may not stand in 3.0")


def _nullable(spot: Spot) -> None:
    types = _types(spot.source.get("type"))
    if spot.source["nullable"] is True and "null" not in types and not admits_null(spot.source, _is_null_of_type):
        without_null_by_default(spot)


def _is_null_of_type(schema: Fields) -> bool:
    return "type" not in schema or "null" in _types(schema["type"])


def _identities(spot: Spot) -> None:
    """Drop the names of schemas: references to them have become pointers."""
    for name in ("$id", "$anchor", "$dynamicAnchor", "$vocabulary", "$defs", "definitions"):
        if name in spot.fields:
            spot.forget(name)
    if "$dynamicRef" in spot.fields:
        spot.drop_lost("$dynamicRef", "'$dynamicRef' cannot be followed in 3.0", "loosened")


def _dialect(spot: Spot) -> None:
    if is_own_dialect(spot.fields["$schema"]):
        spot.drop("$schema")
    else:
        spot.drop_lost("$schema", "3.0 has one dialect and no '$schema'")


def is_own_dialect(uri: Value) -> bool:
    """Whether a dialect is OpenAPI's default one."""
    return isinstance(uri, str) and uri.startswith("https://spec.openapis.org/oas/")


def _comment(spot: Spot) -> None:
    spot.set_aside("$comment", "'$comment' does not exist in 3.0")


def _bytes(spot: Spot) -> None:
    media_type, encoding = spot.fields.get("contentMediaType"), spot.fields.get("contentEncoding")
    if "contentSchema" in spot.fields:
        spot.drop_lost("contentSchema", "'contentSchema' does not exist in 3.0")
    if encoding is not None:
        names = _types(spot.source.get("type", "string"))
        known = _FORMATS.get(encoding) if isinstance(encoding, str) else None
        if known is not None and "string" in names and spot.fields.get("format", known) == known:
            spot.replace("contentEncoding", {"format": known})
        else:
            spot.set_aside("contentEncoding", f"'{encoding}' as 'contentEncoding' does not exist in 3.0")
    if media_type is None:
        return
    if encoding is not None and media_type == OCTETS:
        spot.drop("contentMediaType")
    elif encoding is None and media_type == OCTETS and set(_types(spot.fields.get("type"))) - {"null"} == {"string"}:
        spot.replace("contentMediaType", {} if "format" in spot.fields else {"format": "binary"})
    elif encoding is None and _says_bytes_alone(spot.source) and (role := spot.role).is_bytes:
        spot.fields = {"type": "string", "format": "binary", **spot.fields}
        if media_type in (OCTETS, role.media_type):
            spot.drop("contentMediaType")
        else:
            spot.set_aside("contentMediaType", "the media type of bytes is said by what is around their schema in 3.0")
    else:
        # A `type` would reject data that is not a string.
        spot.set_aside("contentMediaType", "'contentMediaType' does not exist in 3.0")


def _says_bytes_alone(schema: Fields) -> bool:
    return not any(key not in _OF_BYTES and not key.startswith("x-") for key in schema)


def _examples(spot: Spot) -> None:
    examples = spot.fields["examples"]
    if not isinstance(examples, list) or ("example" in spot.fields and examples):
        spot.set_aside("examples", "3.0 has one 'example' of a schema")
    elif not examples:
        spot.drop("examples")
    elif len(examples) == 1:
        spot.replace("examples", {"example": examples[0]})
    else:
        is_taken = "x-examples" in spot.fields
        spot.replace("examples", {"example": examples[0], **({} if is_taken else {"x-examples": examples[1:]})})
        others = "dropped" if is_taken else "as 'x-examples'"
        spot.lose("examples", "3.0 has one 'example' of a schema", f"the first is kept, the others {others}")


def _values(spot: Spot) -> None:
    """Turn `const` into an `enum` with one value; constants that contradict each other accept nothing."""
    listed = spot.fields.get("enum")
    if "const" in spot.fields:
        const = spot.fields["const"]
        if isinstance(listed, list):
            spot.drop("const")
            spot.put("enum", [const])
            if not any(equal(const, each) for each in listed):
                _reject_all(spot)
        else:
            spot.replace("const", {"enum": [const]})
    elif listed == []:
        spot.drop("enum")
        _reject_all(spot)


def _reject_all(spot: Spot) -> None:
    if spot.fields.get("not") != {}:
        spot.require(NOTHING)


def _negations(spot: Spot) -> None:
    """Loosen `not` and `oneOf` over schemas that accept more than before, since they would accept less otherwise."""
    if "not" in spot.fields and spot.is_loosened("not"):
        spot.drop_lost("not", _IMPOSSIBLE.format("what 'not' rules out"), "loosened")
    if "oneOf" in spot.fields and spot.is_loosened("oneOf"):
        alternatives = spot.fields["oneOf"]
        if "anyOf" in spot.fields:
            spot.drop("oneOf")
            spot.require({"anyOf": alternatives})
        else:
            spot.replace("oneOf", {"anyOf": alternatives})
        what = "alternatives of 'oneOf' accept more, so that several may fit"
        spot.lose("oneOf", what, "loosened to 'anyOf'", "loosened")


#: The most values in a condition, which is written twice: nested conditions would double at each level.
_MOST_IN_A_CONDITION = 10_000


def _conditions(spot: Spot) -> None:
    fields = spot.fields
    condition, then, otherwise = fields.get("if"), fields.get("then"), fields.get("else")
    is_twice = then is not None and otherwise is not None
    what = "the condition of 'if'"
    loosened = spot.is_loosened("if")
    if not loosened and is_twice and is_larger(condition, _MOST_IN_A_CONDITION):
        loosened, condition, what = True, {}, f"a condition of more than {_MOST_IN_A_CONDITION:,} values"
    spot.drop("if", "then", "else")
    formula = None
    if "if" in spot.source:
        formula = conditional(condition, then, otherwise, loosened)
    if formula is not None:
        spot.require(formula)
    else:
        for name in ("if", "then", "else"):
            spot.forget(name)
    if loosened and then is not None:
        became = "dropped" if formula is None else "loosened to either branch"
        spot.lose("if", _IMPOSSIBLE.format(what), became, "loosened")


def _dependents(spot: Spot) -> None:
    names = spot.fields.get("dependentRequired")
    schemas = spot.fields.get("dependentSchemas")
    spot.drop("dependentRequired", "dependentSchemas")
    for name, required in names.items() if isinstance(names, dict) else ():
        if isinstance(required, list) and required:
            spot.require(dependent(name, {"required": required}))
    for name, schema in schemas.items() if isinstance(schemas, dict) else ():
        if schema != {}:
            spot.require(dependent(name, schema))


def _contains(spot: Spot) -> None:
    least, most = spot.fields.get("minContains", 1), spot.fields.get("maxContains")
    member = spot.fields.get("contains")
    spot.drop("contains", "minContains", "maxContains")
    if member is None:
        return
    if least == 0:
        spot.forget("contains")
    if isinstance(least, int | float) and least >= 1:
        spot.require(contains(member))
        if least > 1:
            spot.lose("minContains", _IMPOSSIBLE.format("'minContains' above 1"), "loosened to 1", "loosened")
    if most is not None:
        spot.lose("maxContains", _IMPOSSIBLE.format("'maxContains'"), "dropped", "loosened")


def _tuples(spot: Spot) -> None:
    """Let each item of a tuple fit any of the schemas of its first items, or that of the rest.

    Before draft 2020-12 `items` was a list of those, and the rest's schema `additionalItems`.
    """
    is_older = isinstance(spot.fields.get("items"), list)
    first, others = ("items", "additionalItems") if is_older else ("prefixItems", "items")
    if first not in spot.fields:
        return
    prefix, rest, ends = spot.fields[first], spot.fields.get(others, {}), spot.source.get(others) is False
    spot.drop(first, *([others] if is_older else []))
    if not isinstance(prefix, list) or not prefix:
        return
    members: list[Value] = []
    for member in [*prefix, *([] if ends else [rest])]:
        if not any(equal(member, other) for other in members):
            members.append(member)
    if ends:
        longest = spot.fields.get("maxItems")
        is_shorter = isinstance(longest, int | float) and longest < len(prefix)
        spot.put("maxItems", longest if is_shorter else len(prefix))
    anything = {} in members
    if anything or len(members) > 1:
        spot.drop("items")
    if not anything:
        spot.put("items", members[0] if len(members) == 1 else {"anyOf": members})
    if len(members) > 1:
        became = "dropped" if anything else "loosened to 'items' of any of them"
        what = "a list of 'items'" if is_older else "'prefixItems'"
        spot.lose(first, _IMPOSSIBLE.format(what), became, "loosened")


def _left_over(spot: Spot, name: str, same: str, also: tuple[str, ...]) -> None:
    """Replace an `unevaluated...` keyword: by the keyword `same` if no other schema can have evaluated a member, else
    drop it.
    """
    if name not in spot.fields:
        return
    schema = spot.fields[name]
    if same in spot.source or schema == {}:
        spot.drop(name)
    elif spot.source.keys().isdisjoint(_IN_PLACE) and spot.source.keys().isdisjoint(also):
        if same == "additionalProperties" and isinstance(spot.source[name], bool):
            schema = spot.source[name]
        spot.replace(name, {same: schema})
    else:
        spot.forget(name)
        spot.lose(name, _IMPOSSIBLE.format(f"'{name}'"), "dropped", "loosened")


def _properties(spot: Spot) -> None:
    patterns = spot.fields.get("patternProperties")
    if patterns is not None:
        spot.forget("patternProperties")
    if patterns:
        became = "dropped"
        if spot.fields.get("additionalProperties", True) not in (True, {}):
            spot.forget("additionalProperties")
            spot.put("additionalProperties", True)
            became = "dropped, and 'additionalProperties' loosened to true"
        spot.lose("patternProperties", _IMPOSSIBLE.format("'patternProperties'"), became, "loosened")
    if "propertyNames" in spot.fields:
        names = spot.fields["propertyNames"]
        spot.forget("propertyNames")
        if spot.source["propertyNames"] is False:
            spot.put("maxProperties", 0)
        elif names != {}:
            spot.lose("propertyNames", _IMPOSSIBLE.format("'propertyNames'"), "dropped", "loosened")


def _unevaluated(spot: Spot) -> None:
    _left_over(spot, "unevaluatedItems", "items", ("prefixItems", "contains"))
    _left_over(spot, "unevaluatedProperties", "additionalProperties", ("patternProperties",))


def _types(written: Value) -> list[str]:
    names = written if isinstance(written, list) else [written]
    return list(dict.fromkeys(name for name in names if isinstance(name, str)))


def _type(spot: Spot) -> None:
    names = _types(spot.fields["type"])
    others = [name for name in names if name != "null"]
    if not names:
        return
    if not others:
        listed = spot.fields.get("enum")
        if isinstance(listed, list):
            spot.drop("type")
            spot.put("enum", [None])
            if None not in listed:
                _reject_all(spot)
        else:
            spot.replace("type", {"enum": [None]})
    elif len(others) == 1:
        single: Fields = {"type": others[0]}
        if "null" in names:
            single["nullable"] = True
        if others[0] == "array" and "items" not in spot.fields:
            single["items"] = {}
        if spot.fields["type"] != others[0] or len(single) > 1:
            spot.replace("type", single)
    else:
        branches = one_of_types(names, spot.fields.get("items", {}))
        if "array" in others:
            spot.drop("items")
        if "anyOf" in spot.fields:
            spot.drop("type")
            spot.require({"anyOf": branches})
        else:
            spot.replace("type", {"anyOf": branches})


#: The Python types of each type of 3.0.
_OF_TYPE: Mapping[str, Callable[[Value], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": is_number,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}

#: Beyond these, a number with a fraction or an exponent is not taken for a whole number.
_LARGEST_WHOLE = 10**15


def _as_whole(value: Value) -> Value:
    """Return a whole number without a fraction or exponent, with which it would not be an integer in 3.0."""
    if not is_number(value) or isinstance(value, int):
        return value
    found: Any = value  # a float or a Decimal
    return int(found) if abs(found) <= _LARGEST_WHOLE and found == int(found) else value


def _whole_numbers(spot: Spot) -> None:
    """Rewrite whole numbers: `1.0` and `1e3` are integers since 2020-12, but not before."""
    for name in _WHOLE:
        if name in spot.fields and (whole := _as_whole(spot.fields[name])) is not spot.fields[name]:
            spot.put(name, whole)


def _default(spot: Spot) -> None:
    """Set a default aside that is not of the type beside it, which 3.1 only recommends."""
    default, kind = spot.fields["default"], spot.fields.get("type")
    is_of_type = _OF_TYPE.get(kind) if isinstance(kind, str) else None
    if is_of_type is None or (default is None and spot.fields.get("nullable") is True):
        return
    if kind == "integer" and (whole := _as_whole(default)) is not default:
        spot.put("default", whole)
    elif not is_of_type(default):
        spot.set_aside("default", f"a default must be of its type in 3.0, and this one is no {kind}")


def _bound(exclusive: str, inclusive: str, sign: int) -> Rule:
    """Keep the stricter of two bounds; if they are equal, the exclusive one.

    sign: 1 where the larger bound is the stricter one, else -1.
    """

    def apply(spot: Spot) -> None:
        bound, other = spot.fields[exclusive], spot.fields.get(inclusive)
        if isinstance(bound, bool):
            spot.set_aside(exclusive, f"a boolean as '{exclusive}' means nothing since 3.1 and would come alive")
            return
        if not is_number(bound):
            return
        if is_number(other) and exceeds(*((other, bound) if sign > 0 else (bound, other))):
            spot.drop(exclusive)
        else:
            spot.drop(inclusive)
            spot.replace(exclusive, {inclusive: bound, exclusive: True})

    return rule("Schema", [exclusive], apply, "3.0.4 'JSON Schema Keywords'; 2020-12 Validation 6.2.3, 6.2.5")


def _required_one_way(spot: Spot) -> None:
    """Note each required property that is read-only or write-only: 3.0 requires it in one direction only.

    Nothing is changed: 3.0 accepts more in one direction only, and a schema that was converted from 3.0 gets its old
    meaning back.
    """
    for tokens, names in required_one_way(spot, siblings_apply=True):
        said = [f"{', '.join(names[way])} in {where} only" for way, where in DIRECTIONS.items() if way in names]
        spot.journal.lose(Loss(tokens, f"3.0 requires {' and '.join(said)}", "kept as it is", "lossy"))


def _no_requirement(spot: Spot) -> None:
    if spot.fields["required"] == []:
        spot.drop("required")


def _siblings(spot: Spot) -> None:
    """Move fields beside a `$ref`, which apply in 3.1 and are ignored in 3.0, into an `allOf`."""
    target = spot.fields["$ref"]
    if len(spot.fields) == 1 or not isinstance(target, str):
        return
    reference: Fields = {"$ref": target}
    members = spot.fields.get("allOf")
    if isinstance(members, list):
        spot.drop("$ref")
        spot.put("allOf", [reference, *members])
    else:
        spot.replace("$ref", {"allOf": [reference]})


_CORE = "JSON Schema 2020-12 Core; 3.0.4 'JSON Schema Keywords'"

RULES: tuple[Rule, ...] = (
    rule("Schema", ["$ref"], _known_loosened, _CORE),
    rule("Schema", ["required", "allOf"], _required_one_way, "3.0.4 'Schema Object', `readOnly`, `writeOnly`"),
    rule("Schema", ["nullable"], _nullable, "3.1.2 'Schema Object': no `nullable`; 3.0.4 `default`"),
    rule("Schema", None, _unknown, "3.1.2 'Schema Object'; 3.0.4 'JSON Schema Keywords': 'strictly unsupported'"),
    rule(
        "Schema",
        ["$id", "$anchor", "$dynamicAnchor", "$vocabulary", "$defs", "definitions", "$dynamicRef"],
        _identities,
        _CORE,
    ),
    rule("Schema", ["$schema"], _dialect, "3.1.2 'Specifying Schema Dialects'"),
    rule("Schema", ["$comment"], _comment, "2020-12 Core 8.3"),
    rule(
        "Schema",
        ["contentEncoding", "contentMediaType", "contentSchema"],
        _bytes,
        "3.1.2 'Migrating binary descriptions from OAS 3.0'",
    ),
    rule("Schema", ["examples"], _examples, "2020-12 Validation 9.5; 3.0.4 'Schema Object', `example`"),
    rule("Schema", ["const", "enum"], _values, "2020-12 Validation 6.1.2, 6.1.3; 3.0.4 `enum`"),
    rule("Schema", ["not", "oneOf"], _negations, "2020-12 Core 10.2.1"),
    rule("Schema", ["if", "then", "else"], _conditions, "2020-12 Core 10.2.2"),
    rule("Schema", ["dependentRequired", "dependentSchemas"], _dependents, "2020-12 Validation 6.5.4; Core 10.2.2.4"),
    rule("Schema", ["contains", "minContains", "maxContains"], _contains, "2020-12 Core 10.3.1.3"),
    rule("Schema", ["unevaluatedItems", "unevaluatedProperties"], _unevaluated, "2020-12 Core 11"),
    rule("Schema", ["prefixItems", "items"], _tuples, "2020-12 Core 10.3.1.1"),
    rule("Schema", ["patternProperties", "propertyNames"], _properties, "2020-12 Core 10.3.2"),
    _bound("exclusiveMinimum", "minimum", 1),
    _bound("exclusiveMaximum", "maximum", -1),
    rule("Schema", ["type"], _type, "3.0.4 'JSON Schema Keywords', `type`, `items`, `nullable`"),
    rule("Schema", _WHOLE, _whole_numbers, "draft-wright-json-schema-00 3.5; 2020-12 Core 4.2.3"),
    rule("Schema", ["default"], _default, "3.0.4 'Schema Object', `default`: 'MUST conform to the defined type'"),
    rule("Schema", ["required"], _no_requirement, "3.0.4 'JSON Schema Keywords'"),
    rule("Schema", ["$ref"], _siblings, "3.1.2 'Reference Object'; 3.0.4 'Reference Object'"),
)
