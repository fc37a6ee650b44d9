"""Judges instances by schemas of both dialects, without code of the conversion.

3.0 is read as draft 4 with null added to an explicit `type` where `nullable` is true (proposal 2019-10-31, Clarify
Nullable); a `$ref` has no siblings. 3.1 is draft 2020-12. Formats are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

_ASSERTIONS = frozenset(
    {
        *("type", "enum", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength"),
        *("minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties", "required"),
    }
)


def as_draft_4(schema: Any) -> Any:
    """Return a Schema Object of 3.0 as a schema of draft 4 that accepts the same."""
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str):
        return {"$ref": schema["$ref"]}
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("allOf", "anyOf", "oneOf"):
            made[key] = [as_draft_4(each) for each in value]
        elif key == "properties":
            made[key] = {name: as_draft_4(each) for name, each in value.items()}
        elif key in ("items", "not", "additionalProperties"):
            made[key] = as_draft_4(value)
        elif key in _ASSERTIONS:
            made[key] = value
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        made["type"] = [schema["type"], "null"]
    return made


class Verdicts:
    """Tells which instances the named schemas of a document accept."""

    def __init__(self, family: str, schemas: Mapping[str, Any]) -> None:
        is_30 = family == "3.0"
        plain = {name: as_draft_4(schema) for name, schema in schemas.items()} if is_30 else dict(schemas)
        draft = jsonschema_rs.Draft4 if is_30 else jsonschema_rs.Draft202012
        self._registry = jsonschema_rs.Registry([("urn:d", {"components": {"schemas": plain}})], draft=draft)
        self._class = jsonschema_rs.Draft4Validator if is_30 else jsonschema_rs.Draft202012Validator
        self._known: dict[str, Any] = {}

    def accepts(self, name: str, instance: Any) -> bool:
        validator = self._known.get(name)
        if validator is None:
            place = name.replace("~", "~0").replace("/", "~1")
            validator = self._known[name] = self._class(
                {"$ref": f"urn:d#/components/schemas/{place}"}, registry=self._registry, validate_formats=False
            )
        return bool(validator.is_valid(instance))
