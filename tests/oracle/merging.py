"""YAML's merge keys in an OpenAPI document (SEMANTICS.md, section 6): merged, except inside of data.

It goes by the names of fields: a mapping has fields, or names that the author chose, or is data.
"""

from __future__ import annotations

from typing import Any


class Merge(str):
    """A plain `<<` as a key."""


#: Fields whose value is data.
_DATA = {"example", "default", "enum", "const", "value", "dataValue", "requestBody of a Link", "parameters of a Link"}
#: Fields whose value, if it is a mapping, has names instead of fields.
_NAMED = {
    *("paths", "webhooks", "schemas", "responses", "parameters", "examples", "requestBodies", "headers", "links"),
    *("securitySchemes", "callbacks", "pathItems", "mediaTypes", "content", "encoding", "properties", "$defs"),
    *("patternProperties", "dependentSchemas", "definitions", "variables", "mapping", "scopes"),
}


def merged(value: Any, field: str = "", named: bool = False, around: str = "") -> Any:
    """The value of a field with merge keys resolved; `named`: the field is a name that the author chose."""
    if not named:
        what = f"{field} of a Link" if around == "links" else field
        if what in _DATA or field.startswith("x-") or (field == "examples" and isinstance(value, list)):
            return value
    if isinstance(value, list):
        return [merged(item, "", False, around) for item in value]
    if not isinstance(value, dict):
        return value
    value = _one_level(value)
    has_names = (not named and field in _NAMED) or (named and around == "callbacks")
    inside = field if has_names and not named else around if named else ""
    return {key: merged(each, key, has_names, inside) for key, each in value.items()}


def _one_level(mapping: dict[str, Any]) -> dict[str, Any]:
    key = next((key for key in mapping if isinstance(key, Merge)), None)
    sources = [] if key is None else mapping[key] if isinstance(mapping[key], list) else [mapping[key]]
    if not sources or not all(isinstance(source, dict) for source in sources):
        return mapping
    found: dict[str, Any] = {}
    for source in reversed(sources):
        found = {**found, **_one_level(source)}
    order = [name for source in sources for name in _one_level(source)]
    new = {name: found[name] for name in dict.fromkeys(order) if name not in mapping}
    result: dict[str, Any] = {}
    for name, each in mapping.items():
        result.update(new if name is key else {name: each})
    return result
