"""Adds `[tool.oas_tasks]` to the text of a pyproject.toml, all of which stays as it is otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

#: The header of the table, if it has one of its own.
_HEADER = re.compile(r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*oas_tasks[ \t]*\][ \t]*(?:#[^\n]*)?$", re.MULTILINE)


def with_section(text: str, values: Mapping[str, str]) -> str | None:
    """Return the text with these settings in `[tool.oas_tasks]`, None where that has to be done by hand.

    text: valid TOML, in which these settings are not set yet.
    """
    import tomllib

    newline = "\r\n" if "\r\n" in text else "\n"
    # A JSON string is a basic string of TOML.
    lines = "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}{newline}" for name, value in values.items())
    header = _HEADER.search(text)
    if header is not None:
        end = text.find("\n", header.end())
        before, after = (f"{text}{newline}", "") if end < 0 else (text[: end + 1], text[end + 1 :])
        made = f"{before}{lines}{after}"
    else:
        gap = "" if not text.strip() else newline if text.endswith("\n") else newline * 2
        made = f"{text}{gap}[tool.oas_tasks]{newline}{lines}"
    try:
        expected, found = tomllib.loads(text), tomllib.loads(made)
    except (tomllib.TOMLDecodeError, RecursionError):  # `tool` may be an inline table, say
        return None
    tool = expected.setdefault("tool", {})
    tool["oas_tasks"] = {**tool.get("oas_tasks", {}), **values}
    return made if found == expected else None
