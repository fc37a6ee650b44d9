"""Generates the table in docs/settings.md and the JSON schema in the package from the table of settings.

`python -m tests.settings.generated` renews both. A test checks that they are up to date.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from oas_tasks.settings.table import ADDRESS_START, MOST_PROCESSES, SETTINGS, UNUSABLE_IN_NAMES, Kind, Setting

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "settings.md"
SCHEMA = ROOT / "oas_tasks" / "settings" / "pyproject.schema.json"

#: The page's table, from its heading to its last row.
_TABLE = re.compile(r"\| setting \|.*\n(?:\|.*\n)+")


def settings_table() -> str:
    """Return the table of settings in Markdown."""
    head = "| setting | values | default | meaning |\n|---|---|---|---|\n"
    return head + "".join(_row(name, setting) for name, setting in SETTINGS.items())


def _row(name: str, setting: Setting) -> str:
    """Return a setting's row."""
    values = {
        Kind.PATH: "path",
        Kind.CHOICE: ", ".join(f"`{choice}`" for choice in setting.choices),
        Kind.LIST: "list",
        Kind.PATTERNS: "text or list",
        Kind.PROCESSES: f"1 to {MOST_PROCESSES}",
        Kind.FLAG: "`true`, `false`",
    }
    default = _plain(setting.default)
    items = default if isinstance(default, list) else [] if default is None else [default]
    defaults = ", ".join(f"`{item if isinstance(item, str) else json.dumps(item)}`" for item in items)
    cells = (f"`{name}` (`{setting.option}`)", values[setting.kind], defaults, _meaning(setting))
    return f"| {' | '.join(cells)} |\n".replace("|  |", "| |")


def _meaning(setting: Setting) -> str:
    """Return the meaning of a setting, in sentences."""
    text = f"{setting.help[:1].upper()}{setting.help[1:]}."
    return f"{text} {setting.more}" if setting.more else text


def _plain(value: object) -> object:
    """Return a default in JSON."""
    return list(value) if isinstance(value, tuple) else value.as_posix() if isinstance(value, Path) else value


def schema() -> dict[str, Any]:
    """Return the JSON schema of a pyproject.toml, which restricts only `[tool.oas_tasks]`.

    It is valid in draft 4, which Taplo supports, and in draft 7, which the JSON Schema Store prefers.
    """
    settings = {name: _value_schema(name, setting) for name, setting in SETTINGS.items()}
    documents = {
        "description": "The documents, where there are several. Each takes what it does not set from the table above.",
        "type": "array",
        "items": {"$ref": "#/definitions/document"},
    }
    name = {
        "description": "What the document is called in the names of tasks.",
        "type": "string",
        "pattern": f"^(?! )(?!.* $)[^{re.escape(UNUSABLE_IN_NAMES)}]+$",
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "pyproject.toml with [tool.oas_tasks]",
        "type": "object",
        "properties": {"tool": {"type": "object", "properties": {"oas_tasks": {"$ref": "#/definitions/oas_tasks"}}}},
        "definitions": {
            "oas_tasks": {
                "title": "oas-tasks",
                "description": "Slices an OpenAPI document into one file per endpoint.",
                "type": "object",
                "properties": {**{name: {"$ref": f"#/definitions/{name}"} for name in settings}, "specs": documents},
                "additionalProperties": False,
            },
            "document": {
                "title": "one of several documents",
                "type": "object",
                "properties": {"name": name, **{name: {"$ref": f"#/definitions/{name}"} for name in settings}},
                "required": ["name"],
                "additionalProperties": False,
            },
            **settings,
        },
    }


def _value_schema(name: str, setting: Setting) -> dict[str, Any]:
    """Return the schema of a setting's value."""
    found: dict[str, Any] = {"description": _meaning(setting)}
    text: dict[str, Any] = {"type": "string"}
    if setting.items:
        text["pattern"] = f"^(?:{setting.items.pattern})$"
    match setting.kind:
        case Kind.PATH if setting.default is None:  # an empty one is not set, rather than wrong
            found |= {"type": "string", "pattern": f"^(?!{ADDRESS_START})"}
        case Kind.PATH:
            found |= {"type": "string", "minLength": 1}
        case Kind.CHOICE:
            found["enum"] = list(setting.choices)
        case Kind.LIST:
            found |= {"type": "array", "items": text}
        case Kind.PATTERNS:
            found |= {"type": ["string", "array"], "items": text}
        case Kind.PROCESSES:
            found |= {"type": "integer", "minimum": 1, "maximum": MOST_PROCESSES}
        case Kind.FLAG:
            found["type"] = "boolean"
    if setting.default is not None:
        found["default"] = _plain(setting.default)
    return found


def written_schema() -> str:
    """Return the text of the schema's file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def written_page(page: str) -> str:
    """Return docs/settings.md with its table renewed."""
    renewed, count = _TABLE.subn(lambda _: settings_table(), page)
    assert count == 1, "the page has one table of settings, with its heading"
    return renewed


def renew() -> None:
    """Write both."""
    SCHEMA.write_text(written_schema(), encoding="utf-8", newline="\n")
    PAGE.write_text(written_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    renew()
