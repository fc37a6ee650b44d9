"""Phase 1: the structure of a document, by the official OpenAPI schemas; the whole of it, or piece by piece.

No rule of the official schemas joins one component with another or with the rest of a document, so that a document has
the structure of its version where its skeleton has, and each component on its own.

The schemas are those that openapi-spec-validator brings along, read as data: importing that package costs more than
validating. For 3.1 and 3.2 the plain schema does not look inside Schema Objects; here the dialect is wired in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault, Phase, quoted
from oas_tasks.openapi.model import Family, model_of
from oas_tasks.openapi.validation.common_mistakes import mistake_at

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

#: Where the dialect of a family's Schema Objects and its vocabulary are, below openapi_schema_validator.
_DIALECTS: dict[Family, tuple[str, str]] = {
    "3.1": ("schemas/oas3.1/metaschema.json", "schemas/oas3.1/vocabularies/base"),
    "3.2": ("schemas/oas3.2/dialect/2025-09-17.json", "schemas/oas3.2/meta/2025-09-17.json"),
}


def is_valid(family: Family, document: Value) -> bool:
    """Whether a document has the structure of its version."""
    return _validator(family, dialect_of(family, document)).is_valid(document)


def skeleton(document: dict[str, Value]) -> dict[str, Value]:
    """Return a document without its components; their kinds stay."""
    components = document.get("components")
    if not isinstance(components, dict):
        return document
    kinds: dict[str, Value] = {kind: {} if isinstance(found, dict) else found for kind, found in components.items()}
    return {**document, "components": kinds}


def _alone(family: Family, kind: str, name: str, value: Value) -> dict[str, Value]:
    """Return a document of one component."""
    return {
        "openapi": f"{family}.0",
        "info": {"title": "", "version": ""},
        "paths": {},
        "components": {kind: {name: value}},
    }


def is_valid_component(family: Family, dialect: str | None, kind: str, name: str, value: Value) -> bool:
    """Whether a component of a document with this dialect has the structure of its version, and a name that may be."""
    return _validator(family, dialect).is_valid(_alone(family, kind, name, value))


def component_faults(family: Family, dialect: str | None, kind: str, name: str, value: Value) -> list[Fault]:
    """Return what is wrong with the structure of a component, with places from the root of its document."""
    return _faults(family, dialect, _alone(family, kind, name, value))


def faults(family: Family, document: Value) -> list[Fault]:
    """Return what is wrong with a document's structure, the most telling first; nothing where it is valid."""
    return _faults(family, dialect_of(family, document), document)


def most_telling_first(found: Iterable[Fault]) -> list[Fault]:
    """Return faults in the order in which they are told: those deepest inside say most; each is there once."""
    return sorted(dict.fromkeys(found), key=lambda fault: -len(fault.tokens))


def _faults(family: Family, dialect: str | None, document: Value) -> list[Fault]:
    found = _validator(family, dialect).iter_errors(document)
    telling = sorted((_most_telling(error) for error in found), key=lambda error: -len(error.instance_path))
    return [_fault(family, document, error) for error in telling]


def dialect_of(family: Family, document: Value) -> str | None:
    """Return the dialect that Schema Objects are checked by: None is OpenAPI's own, "" one that is not known here."""
    dialect = document.get("jsonSchemaDialect") if isinstance(document, dict) and family != "3.0" else None
    if not isinstance(dialect, str) or dialect.startswith("https://spec.openapis.org/oas/"):
        return None
    return dialect if dialect.rstrip("#") in _JSON_SCHEMA else ""


#: The dialects of JSON Schema whose meta-schemas jsonschema-rs brings along.
_JSON_SCHEMA = frozenset(
    {
        "https://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "http://json-schema.org/draft-07/schema",
        "http://json-schema.org/draft-06/schema",
        "http://json-schema.org/draft-04/schema",
    }
)


def _read(package: str, name: str) -> dict[str, Any]:
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} is not installed")
    file = Path(found.submodule_search_locations[0]) / name
    if file.is_dir():
        file = next(iter(sorted(file.iterdir())))
    value = json.loads(file.read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


def correct(schema: dict[str, Any]) -> None:
    """Mend an official schema where it was published with a slip of the pen, and mended since.

    That of 3.1 of 2022 calls the `server` of a Link `body`. Source: OAI/OpenAPI-Specification#4463.
    """
    fields = schema.get("$defs", {}).get("link", {}).get("properties", {})
    if "body" in fields:
        fields.setdefault("server", fields.pop("body"))


@cache
def _validator(family: Family, foreign_dialect: str | None) -> Validator:
    import jsonschema_rs

    schema = _read("openapi_spec_validator", f"resources/schemas/v{family}/schema.json")
    correct(schema)
    if family == "3.0":
        return jsonschema_rs.Draft4Validator(schema, validate_formats=False)
    if foreign_dialect == "":
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=False)
    dialect, vocabulary = (_read("openapi_schema_validator", name) for name in _DIALECTS[family])
    wrapper = {
        "$id": f"urn:oas-tasks:{family}",
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": schema["$id"],
        # The outermost anchor of this name is what every Schema Object of the official schema refers to.
        "$defs": {"schema": {"$dynamicAnchor": "meta", "$ref": foreign_dialect or dialect["$id"]}},
    }
    resources = [(each["$id"], each) for each in (schema, dialect, vocabulary)]
    registry = jsonschema_rs.Registry(resources, draft=jsonschema_rs.Draft202012)
    return jsonschema_rs.Draft202012Validator(wrapper, registry=registry, validate_formats=False)


def _most_telling(error: ValidationError) -> ValidationError:
    """Return the error in the branch of anyOf or oneOf that fits best: the one that fails deepest."""
    while True:
        branches: list[list[ValidationError]] = getattr(error.kind, "context", None) or []
        inner = [each for branch in branches if (each := _deepest(branch)) is not None]
        deepest = _deepest(inner)
        if deepest is None or len(deepest.instance_path) < len(error.instance_path):
            return error
        error = deepest


def _deepest(errors: Iterable[ValidationError]) -> ValidationError | None:
    """Return the error furthest down; where several are, one about a value rather than about what it might be."""
    return max(errors, key=lambda error: (len(error.instance_path), _weight(error)), default=None)


#: Kinds of errors that say little where another one is there: they mean that a branch was not meant.
_WEAK = {"Required": -1, "Enum": -1, "Constant": -2, "Type": -1, "FalseSchema": -3}


def _weight(error: ValidationError) -> int:
    return _WEAK.get(_kind(error), 0)


def _kind(error: ValidationError) -> str:
    return type(error.kind).__name__.rpartition("_")[2]


def _fault(family: Family, document: Value, error: ValidationError) -> Fault:
    tokens = tuple(str(token) for token in error.instance_path)
    message, tokens = mistake_at(model_of(family), document, tokens) or (_words(error), tokens)
    return Fault(Phase.STRUCTURE, message, tokens)


_NOUNS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a string",
    "boolean": "a boolean",
    "integer": "a whole number",
    "number": "a number",
    "null": "null",
}


def _words(error: ValidationError) -> str:
    """Return an error in plain words."""
    kind = error.kind
    match _kind(error):
        case "Required":
            return f"'{str(getattr(kind, 'property', '')).strip(chr(34))}' is missing"
        case "AdditionalProperties" | "UnevaluatedProperties":
            names = ", ".join(f"'{name}'" for name in getattr(kind, "unexpected", ()))
            return f"{names} may not stand here"
        case "Type":
            types = getattr(kind, "types", ())
            allowed = " or ".join(_NOUNS.get(name, name) for name in types)
            return f"this must be {allowed}, and it is {_noun(error.instance)}"
        case "Enum":
            options = getattr(kind, "options", ())
            return f"{quoted(error.instance)} is not one of {_listed(options)}"
        case "UniqueItems":
            return f"{_repeated(error.instance)} stands more than once in this list"
    return str(error.message)


def _listed(options: object) -> str:
    values = json.loads(options) if isinstance(options, str) else options
    return ", ".join(map(str, values)) if isinstance(values, list | tuple) else str(values)


def _repeated(items: object) -> str:
    """Return the first item of a list that stands there again."""
    seen: set[str] = set()
    for item in items if isinstance(items, list) else ():
        text = json.dumps(item, sort_keys=True)
        if text in seen:
            return quoted(item)
        seen.add(text)
    return "an item"


def _noun(value: object) -> str:
    for kinds, noun in (((bool,), "boolean"), ((dict,), "object"), ((list,), "array"), ((str,), "string")):
        if isinstance(value, kinds):
            return _NOUNS[noun]
    return "null" if value is None else "a number"
