"""What is often wrong about the structure of a document, said better than its schema can.

The official schemas say such things through alternatives of which none fits. Asked only where a fault was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oas_tasks.formats import Value
from oas_tasks.openapi.model import Model
from oas_tasks.openapi.pointer import resolve
from oas_tasks.openapi.walk import kind_at

Tokens = tuple[str, ...]

_PLACES = ("query", "header", "path", "cookie")
_CODE = re.compile(r"[1-5](?:[0-9]{2}|XX)|default")


def mistake_at(model: Model, document: Value, tokens: Tokens) -> tuple[str, Tokens] | None:
    """Return what is wrong at or right above a place, in plain words, and its own place; None where nothing is known.

    tokens: the place that the schema complains of.
    """
    for length in (len(tokens), len(tokens) - 1):
        at = tokens[:length]
        value = resolve(document, at) if length >= 0 else None
        rule = _RULES.get(kind_at(model, "OpenAPI", at) or "")
        found = next(rule(model, value), None) if rule is not None and isinstance(value, dict) else None
        if found is not None:
            return found[0], at + found[1]
    return None


def _parameter(model: Model, parameter: dict[str, Value]) -> Iterator[tuple[str, Tokens]]:
    """Source: "Parameter Object", `in`, `required`, `schema`, `content`."""
    place = parameter.get("in")
    places = _PLACES if model.family != "3.2" else (*_PLACES, "querystring")
    if "in" in parameter and place not in places:
        hint = "; OpenAPI 3 has 'requestBody' for it" if place in ("body", "formData") else ""
        yield f"a parameter cannot be in '{place}' (only in {', '.join(places)}{hint})", ("in",)
    if place == "path" and parameter.get("required") is not True:
        yield f"the path parameter '{parameter.get('name')}' must be 'required: true'", ()
    yield from _header(model, parameter)


def _header(model: Model, header: dict[str, Value]) -> Iterator[tuple[str, Tokens]]:
    if "schema" in header and "content" in header:
        yield "'schema' and 'content' may not stand together", ("content",)
    if "example" in header and "examples" in header:
        yield "'example' and 'examples' may not stand together", ("examples",)


def _responses(model: Model, responses: dict[str, Value]) -> Iterator[tuple[str, Tokens]]:
    """Source: "Responses Object", patterned fields."""
    for code in responses:
        if not code.startswith("x-") and not _CODE.fullmatch(code):
            yield f"'{code}' is no response code (such as 200, 4XX or default)", (code,)
    if not any(not code.startswith("x-") for code in responses):
        yield "at least one response is needed", ()


_RULES = {"Parameter": _parameter, "Header": _header, "Responses": _responses}
