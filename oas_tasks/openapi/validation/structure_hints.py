"""Explains frequent mistakes in a document's structure better than the official schemas do.

The official schemas express such rules as alternatives, and report only that none of them fits. The rules here apply
only once a fault was found, and reject nothing that the schemas accept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from oas_tasks.formats import Value
from oas_tasks.openapi.model import Model
from oas_tasks.openapi.pointer import Pointer, resolve
from oas_tasks.openapi.walk import kind_at

_PLACES = ("query", "header", "path", "cookie")
_CODE = re.compile(r"[1-5](?:[0-9]{2}|XX)|default")


def mistake_at(model: Model, document: Value, tokens: Pointer) -> tuple[str, Pointer] | None:
    """Return the known mistake at a place or directly above it, in words, with its own place; None if there is
    none.

    tokens: the place of the schema's error.
    """
    for length in (len(tokens), len(tokens) - 1):
        at = tokens[:length]
        value = resolve(document, at) if length >= 0 else None
        if length < len(tokens) and isinstance(resolve(document, tokens), dict | list):
            break  # the object itself is at fault
        rule = _RULES.get(kind_at(model, "OpenAPI", at) or "")
        if rule is None or not isinstance(value, dict) or isinstance(value.get("$ref"), str):
            continue
        found = next(rule(model, value), None)
        if found is not None:
            return found[0], at + found[1]
    return None


def stray_fields(model: Model, document: Value, tokens: Pointer, names: Sequence[str]) -> str:
    """Return the sentence about fields that an object does not have, with the field that was probably meant.

    tokens: the place of the object.
    """
    quoted = [f"'{name}'" for name in names]
    said = f"{', '.join(quoted)} may not stand here"
    kind = kind_at(model, "OpenAPI", tokens) if tokens else "OpenAPI"
    if kind == "Paths":
        return f"{said}: a path begins with '/'. Did you mean '/{names[0]}'?"
    value = resolve(document, tokens)
    present = value.keys() if isinstance(value, dict) else ()
    fields = model.types[kind].fields if kind is not None else {}
    if names and names[0] in fields:
        return said  # beside others it may
    return said + near(names[0] if names else None, [name for name in fields if name not in present])


def strangers(model: Model, tokens: Pointer, names: Iterable[str]) -> list[str]:
    """Return the names that are not fields of the object at a place; none if it may have any field."""
    kind = kind_at(model, "OpenAPI", tokens) if tokens else "OpenAPI"
    known = model.types[kind] if kind is not None else None
    return [name for name in names if name not in known.fields] if known is not None and not known.patterned else []


def misspelt(model: Model, document: Value, tokens: Pointer, missing: str) -> tuple[str, str] | None:
    """Return the sentence about a missing field whose name is probably misspelt, and that name.

    None if no name is similar.
    """
    from difflib import get_close_matches

    value = resolve(document, tokens)
    kind = kind_at(model, "OpenAPI", tokens) if tokens else "OpenAPI"
    if kind is None or not isinstance(value, dict):
        return None
    known = model.types[kind].fields
    strays = [name for name in value if name not in known and not name.startswith("x-")]
    close = get_close_matches(missing, strays, n=1)
    return (stray_fields(model, document, tokens, close), close[0]) if close else None


def near(name: object, known: Iterable[object]) -> str:
    """Return the question whether a similar known name was meant, as the end of a sentence; "" if none is similar."""
    from difflib import get_close_matches

    texts = [each for each in known if isinstance(each, str)]
    if not isinstance(name, str):
        return ""
    close = [each for each in texts if each.lower() == name.lower()] or get_close_matches(name, texts, n=1)
    return f". Did you mean '{close[0]}'?" if close else ""


def _parameter(model: Model, parameter: dict[str, Value]) -> Iterator[tuple[str, Pointer]]:
    """Source: "Parameter Object", `name`, `in`, `required`, `schema`, `content`, "Style Values"."""
    yield from _missing(parameter, ("name", "in"))
    place = parameter.get("in")
    places = _PLACES if model.family != "3.2" else (*_PLACES, "querystring")
    if place not in places:
        hint = "; OpenAPI 3 has 'requestBody' for it" if place in ("body", "formData") else ""
        yield f"a parameter cannot be in '{place}' (only in {', '.join(places)}{hint}){near(place, places)}", ("in",)
    if place == "path" and parameter.get("required") is not True:
        yield f"the path parameter '{parameter.get('name')}' must be 'required: true'", ()
    styles = _STYLES.get(str(place), ()) if model.family != "3.2" or place != "cookie" else ("form", "cookie")
    style = parameter.get("style")
    if "schema" in parameter and isinstance(style, str) and styles and style not in styles:
        yield (
            f"a {place} parameter cannot have the style '{style}' (only {', '.join(styles)}){near(style, styles)}",
            ("style",),
        )
    yield from _described(model, parameter)


#: Source: 3.1.2 "Style Values".
_STYLES = {
    "path": ("matrix", "label", "simple"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}


def _described(model: Model, parameter: dict[str, Value]) -> Iterator[tuple[str, Pointer]]:
    """Source: "Parameter Object" and "Header Object": `schema` or `content`, `example` or `examples`."""
    if "schema" in parameter and "content" in parameter:
        yield "'schema' and 'content' may not stand together", ("content",)
    if "schema" not in parameter and "content" not in parameter:
        yield "'schema' or 'content' is missing", ()
    if "example" in parameter and "examples" in parameter and model.family != "3.1":
        yield "'example' and 'examples' may not stand together", ("examples",)
    for name in _ONLY_WITH_SCHEMA if model.family == "3.0" and "content" in parameter else ():
        if name in parameter:
            yield f"'{name}' may not stand beside 'content'", (name,)


#: Source: 3.0.4 "Fixed Fields for use with `schema`".
_ONLY_WITH_SCHEMA = ("style", "explode", "allowReserved", "example", "examples")


def _responses(model: Model, responses: dict[str, Value]) -> Iterator[tuple[str, Pointer]]:
    """Source: "Responses Object", patterned fields."""
    for code in responses:
        if not code.startswith("x-") and not _CODE.fullmatch(code):
            yield f"'{code}' is no response code (such as 200, 4XX or default)", (code,)
    if not any(not code.startswith("x-") for code in responses):
        yield "at least one response is needed", ()


def _security_scheme(model: Model, scheme: dict[str, Value]) -> Iterator[tuple[str, Pointer]]:
    """Source: "Security Scheme Object", the fields that each type requires."""
    yield from _missing(scheme, ("type",))
    types = [name for name in _NEEDED_BY_TYPE if model.family != "3.0" or name != "mutualTLS"]
    kind = scheme.get("type")
    if kind not in types:
        yield f"'{kind}' is no type of security scheme ({', '.join(types)}){near(kind, types)}", ("type",)
        return
    yield from _missing(scheme, _NEEDED_BY_TYPE[str(kind)])
    if kind == "http" and "bearerFormat" in scheme and str(scheme.get("scheme")).lower() != "bearer":
        yield "'bearerFormat' may stand only beside 'scheme: bearer'", ("bearerFormat",)


_NEEDED_BY_TYPE: dict[str, tuple[str, ...]] = {
    "apiKey": ("name", "in"),
    "http": ("scheme",),
    "mutualTLS": (),
    "oauth2": ("flows",),
    "openIdConnect": ("openIdConnectUrl",),
}


def _link(model: Model, link: dict[str, Value]) -> Iterator[tuple[str, Pointer]]:
    """Source: "Link Object": what names its operation. 3.0's schema lets one do without."""
    if model.family != "3.0" and "operationRef" not in link and "operationId" not in link:
        yield "'operationRef' or 'operationId' is missing", ()


def _missing(value: dict[str, Value], names: Iterable[str]) -> Iterator[tuple[str, Pointer]]:
    for name in names:
        if name not in value:
            yield f"'{name}' is missing", ()


_RULES = {
    "Parameter": _parameter,
    "Header": _described,
    "Link": _link,
    "Responses": _responses,
    "SecurityScheme": _security_scheme,
}
