"""Writes whole documents and single values from the entries of the writers, since the package only joins entries."""

from __future__ import annotations

from oas_tasks.formats import Value
from oas_tasks.formats.json_write import json_entry
from oas_tasks.formats.yaml_write import yaml_entry


def json_document(value: Value) -> str:
    """Return a value as JSON, with a line break at its end."""
    return json_entry("", value, 0).removeprefix('"": ') + "\n"


def yaml_document(value: dict[str, Value]) -> str:
    """Return a mapping as a YAML document."""
    return "".join(yaml_entry(key, member, 0) for key, member in value.items()) or "{}\n"


def render_yaml(value: Value, indent: int) -> str:
    """Return the text after the colon of a key that is indented by `indent` spaces."""
    return yaml_entry("x", value, indent)[indent + len("x:") :]
