"""Phase 1: checks the structure of a document against the official OpenAPI schemas, as a whole or piece by piece.

No rule of the official schemas relates a component to another or to the rest of a document. So a document has the right
structure if its skeleton has, and each component on its own.

The schemas are files of openapi-spec-validator, read as data: importing that package takes longer than validating. For
3.1 and 3.2 the plain schema does not check Schema Objects, so the dialect is added here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault, Phase, quoted
from oas_tasks.openapi.model import Family, model_of
from oas_tasks.openapi.validation.structure_hints import misspelt, mistake_at, near, strangers, stray_fields
from oas_tasks.openapi.walk import kind_at

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

#: The files of the dialect of a family's Schema Objects and of its vocabulary, in openapi_schema_validator.
_DIALECTS: dict[Family, tuple[str, str]] = {
    "3.1": ("schemas/oas3.1/metaschema.json", "schemas/oas3.1/vocabularies/base"),
    "3.2": ("schemas/oas3.2/dialect/2025-09-17.json", "schemas/oas3.2/meta/2025-09-17.json"),
}


#: OpenAPI's own dialect, unless a Schema Object says that it is of another one.
ANY_DIALECT = "any"


def is_valid(family: Family, document: Value, dialect: str | None = ANY_DIALECT) -> bool:
    """Whether a document has the structure of its version.

    dialect: that of its Schema Objects (`dialect_of`).
    """
    known = dialect_of(family, document) if dialect == ANY_DIALECT else dialect
    return _validator(family, known).is_valid(document)


def skeleton(document: dict[str, Value]) -> dict[str, Value]:
    """Return a document without its components; their kinds stay."""
    components = document.get("components")
    if not isinstance(components, dict):
        return document
    kinds: dict[str, Value] = {kind: {} if isinstance(found, dict) else found for kind, found in components.items()}
    return {**document, "components": kinds}


def _alone(family: Family, kind: str, name: str, value: Value) -> dict[str, Value]:
    """Return a document that holds one component."""
    return {
        "openapi": f"{family}.0",
        "info": {"title": "", "version": ""},
        "paths": {},
        "components": {kind: {name: value}},
    }


def is_valid_component(family: Family, dialect: str | None, kind: str, name: str, value: Value) -> bool:
    """Whether a component of a document with this dialect has the structure of its version and an allowed name."""
    return _validator(family, dialect).is_valid(_alone(family, kind, name, value))


def component_faults(family: Family, dialect: str | None, kind: str, name: str, value: Value) -> list[Fault]:
    """Return the structural faults of a component, with places from the root of its document."""
    return _faults(family, dialect, _alone(family, kind, name, value))


def faults(family: Family, document: Value) -> list[Fault]:
    """Return a document's structural faults, the most helpful first; none if it is valid."""
    return _faults(family, dialect_of(family, document), document)


def root_faults(family: Family, root: Mapping[str, Value]) -> list[Fault]:
    """Return the structural faults of a document's root, without its endpoints and components."""
    alone: dict[str, Value] = {name: value for name, value in root.items() if name not in _HOLDING}
    alone["paths"] = {}
    return [] if is_valid(family, alone) else faults(family, alone)


#: Root fields that are validated separately.
_HOLDING = frozenset({"paths", "webhooks", "components"})


def most_telling_first(found: Iterable[Fault]) -> list[Fault]:
    """Return faults without duplicates in the order of reporting: the innermost first, which tell most."""
    return sorted(dict.fromkeys(found), key=lambda fault: -len(fault.tokens))


def _faults(family: Family, dialect: str | None, document: Value) -> list[Fault]:
    found = _validator(family, dialect).iter_errors(document)
    telling = sorted((each for error in found for each in _causes(error)), key=lambda error: -len(error.instance_path))
    return [_fault(family, document, error) for error in telling if not _follows_from(family, error, telling)]


def _follows_from(family: Family, error: ValidationError, others: Iterable[ValidationError]) -> bool:
    """Whether an error rejects fields only because the rule that allows them fails for another reason.

    Source: JSON Schema 2020-12 Core, 11.3: what a subschema that fails has seen is not evaluated.
    """
    if _kind(error) != "UnevaluatedProperties":
        return False
    path = list(error.instance_path)
    kind = kind_at(model_of(family), "OpenAPI", tuple(map(str, path))) if path else "OpenAPI"
    fields = model_of(family).types[kind].fields.keys() if kind is not None else ()
    return all(name in fields for name in _unexpected(error)) and any(
        list(each.instance_path)[: len(path)] == path
        and (_kind(each) != "UnevaluatedProperties" or len(each.instance_path) > len(path))
        for each in others
    )


def _unexpected(error: ValidationError) -> list[str]:
    return [str(name) for name in getattr(error.kind, "unexpected", ())]


def dialect_of(family: Family, document: Value, names_dialects: bool = True) -> str | None:
    """Return the dialect of the Schema Objects that do not name another one: "" is one that is not known here.

    names_dialects: some may name another one. If none does, None is returned for OpenAPI's own dialect.
    """
    dialect = document.get("jsonSchemaDialect") if isinstance(document, dict) and family != "3.0" else None
    if not isinstance(dialect, str) or dialect.startswith(_OWN_DIALECTS):
        return ANY_DIALECT if names_dialects and family != "3.0" else None
    return plain if (plain := dialect.rstrip("#")) in DRAFTS else ""


def is_known_dialect(dialect: str) -> bool:
    """Whether schemas of a dialect can be checked against it."""
    return dialect.startswith(_OWN_DIALECTS) or dialect.rstrip("#") in DRAFTS


def needs_its_dialect(family: Family, document: Value, schema: dict[str, Value], dialect: str) -> bool:
    """Whether a schema is valid by its own dialect but not by the dialect of the document that it is moved into."""
    default = dialect_of(family, document)
    if is_valid_component(family, default, "schemas", "schema", schema):
        return False
    return is_valid_component(family, default, "schemas", "schema", {"$schema": dialect, **schema})


#: The beginning of the URIs of OpenAPI's own dialects.
_OWN_DIALECTS = "https://spec.openapis.org/oas/"

#: The dialects of JSON Schema itself, with the files of their meta-schemas in jsonschema_specifications.
DRAFTS = {
    "https://json-schema.org/draft/2020-12/schema": "draft202012",
    "https://json-schema.org/draft/2019-09/schema": "draft201909",
    "http://json-schema.org/draft-07/schema": "draft7",
    "http://json-schema.org/draft-06/schema": "draft6",
    "http://json-schema.org/draft-04/schema": "draft4",
}
_NEWEST = "https://json-schema.org/draft/2020-12/schema"


def _package(name: str) -> Path:
    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"{name} is not installed")
    return Path(found.submodule_search_locations[0])


def _read(package: str, name: str) -> dict[str, Any]:
    file = _package(package) / name
    if file.is_dir():
        file = next(iter(sorted(file.iterdir())))
    value = json.loads(file.read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


def official_schema(family: Family) -> dict[str, Any]:
    """Return the official schema of a version, amended.

    It is the dated one in openapi-spec-validator. It is amended where OAI's newest schema of the same version allows
    more, and where it differs from the text of the specification. An amendment has no effect on a schema that has it
    already.
    """
    schema = _read("openapi_spec_validator", f"resources/schemas/v{family}/schema.json")
    for amend in _AMENDMENTS[family]:
        amend(schema)
    return schema


def _link_server(schema: dict[str, Any]) -> None:
    """Let a Link have a `server`, which 3.1's schema of 2022 calls `body`. Source: OAI/OpenAPI-Specification#4463."""
    fields = schema["$defs"]["link"]["properties"]
    if "body" in fields:
        fields.setdefault("server", fields.pop("body"))


def _reference_siblings(schema: dict[str, Any]) -> None:
    """Let a Reference Object have other fields, which SHALL be ignored. Source: 3.1.2 "Reference Object"."""
    schema["$defs"]["reference"].pop("unevaluatedProperties", None)


def _path_item_siblings(schema: dict[str, Any]) -> None:
    """Let a Path Item have `$ref` beside other fields wherever one may stand. Source: 3.1.2 "Path Item Object"."""
    definitions = schema["$defs"]
    if "path-item-or-reference" in definitions:
        definitions["path-item-or-reference"] = {"$ref": "#/$defs/path-item"}
        definitions["path-item"]["properties"].setdefault("$ref", {"type": "string", "format": "uri-reference"})


def _path_parameter_names(schema: dict[str, Any]) -> None:
    """Let the name of a path parameter be anything that a path template allows. Source: 3.1.2 "Path Templating"."""
    styles = schema["$defs"]["parameter"]["dependentSchemas"]["schema"]["$defs"]
    styles["styles-for-path"]["then"]["properties"]["name"] = {"pattern": "^[^{}]+$"}


def _component_names_of_patterns(schema: dict[str, Any]) -> None:
    """Apply the rules for components also to those with invalid names, which 3.0's schema leaves unchecked.

    The name itself is reported as a warning (`COMPONENT_NAME`). Source: 3.0.4 "Components Object".
    """
    for kind in schema["definitions"]["Components"]["properties"].values():
        if "patternProperties" in kind:
            (kind["additionalProperties"],) = kind.pop("patternProperties").values()


def _component_names(schema: dict[str, Any]) -> None:
    """Allow all names of components; the warning covers them."""
    for rules in schema["$defs"]["components"]["patternProperties"].values():
        rules.pop("propertyNames", None)


#: The pattern of component names. Source: "Components Object", which says that it MUST.
COMPONENT_NAME = re.compile(r"[a-zA-Z0-9._-]+")

_AMENDMENTS: dict[Family, tuple[Callable[[dict[str, Any]], None], ...]] = {
    "3.0": (_component_names_of_patterns,),
    "3.1": (_component_names, _link_server, _reference_siblings, _path_item_siblings, _path_parameter_names),
    "3.2": (_component_names,),
}


@cache
def _validator(family: Family, foreign_dialect: str | None) -> Validator:
    import jsonschema_rs

    schema = official_schema(family)
    if family == "3.0":
        return jsonschema_rs.Draft4Validator(schema, validate_formats=False)
    dialect, vocabulary = (_read("openapi_schema_validator", name) for name in _DIALECTS[family])
    own: dict[str, Any] = {"$ref": dialect["$id"]}
    resources = [(each["$id"], each) for each in (schema, dialect, vocabulary)]
    judged = own
    if foreign_dialect is not None:
        judged = _by_named_dialect(own, foreign_dialect)
        resources += [(each["$id"], each) for each in _older_drafts()]
    wrapper = {
        "$id": f"urn:oas-tasks:{family}",
        "$schema": _NEWEST,
        "$ref": schema["$id"],
        # Every Schema Object of the official schema refers to the outermost anchor of this name.
        "$defs": {"schema": {"$dynamicAnchor": "meta", **judged}},
    }
    registry = jsonschema_rs.Registry(resources, draft=jsonschema_rs.Draft202012)
    return jsonschema_rs.Draft202012Validator(wrapper, registry=registry, validate_formats=False)


def _by_named_dialect(own: dict[str, Any], default: str) -> dict[str, Any]:
    """Return a rule that checks Schema Objects against the dialect that their `$schema` names.

    own: the rule of OpenAPI's own dialect; default: the dialect of those without `$schema`.
    """
    #: The rule that all dialects share, and the only check for schemas of an unknown one.
    unknown: dict[str, Any] = {"type": ["object", "boolean"]}
    named = [_where_named({"enum": [uri, f"{uri}#"]}, {"$ref": uri}) for uri in DRAFTS]
    named.append(_where_named({"pattern": f"^{re.escape(_OWN_DIALECTS)}"}, own))
    by_default = own if default == ANY_DIALECT else {"$ref": default} if default else unknown
    return {
        "if": {"type": "object", "required": ["$schema"]},
        "then": {"properties": {"$schema": {"type": "string"}}, "allOf": named},
        "else": by_default,
    }


def _where_named(uri: dict[str, Any], judged_by: dict[str, Any]) -> dict[str, Any]:
    """Return a rule for the schemas whose `$schema` fits."""
    return {"if": {"properties": {"$schema": uri}}, "then": judged_by}


def _older_drafts() -> Iterator[dict[str, Any]]:
    """Yield the meta-schemas of the older dialects of JSON Schema, written as schemas of 2020-12.

    A validation reads all schemas by one draft. These use few of the keywords that have changed since.
    """
    folder = _package("jsonschema_specifications") / "schemas"
    for draft in DRAFTS.values():
        if draft == DRAFTS[_NEWEST]:
            continue
        for file in sorted(each for each in (folder / draft).rglob("*") if each.is_file()):
            schema = _written_anew(json.loads(file.read_text(encoding="utf-8")))
            schema["$id"] = str(schema.pop("id", None) or schema["$id"]).rstrip("#")
            if isinstance(dependencies := schema.pop("dependencies", None), dict):
                schema["dependentRequired"] = dependencies
            yield {**schema, "$schema": _NEWEST}


def _written_anew(value: Any) -> Any:
    """Return a meta-schema with the keywords that 2020-12 has instead of older ones.

    Sources: JSON Schema 2020-12 Core 8.2.3.2 (`$dynamicRef` for `$recursiveRef`), draft-06 Validation 6.5
    (`exclusiveMinimum` is a number).
    """
    if isinstance(value, list):
        return [_written_anew(each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {key: _written_anew(each) for key, each in value.items()}
    if made.get("$recursiveRef") == "#":
        made["$dynamicRef"] = f"#{_RECURSION}"
        del made["$recursiveRef"]
    if made.pop("$recursiveAnchor", None) is True:
        made["$dynamicAnchor"] = _RECURSION
    if made.get("exclusiveMinimum") is True:
        made["exclusiveMinimum"] = made.pop("minimum")
    return made


_RECURSION = "recursion"


def _causes(error: ValidationError) -> list[ValidationError]:
    """Return the errors that explain an error: for anyOf and oneOf, those of the branch that was meant.

    If several may have been meant, it is the single deepest error.
    """
    contexts: list[list[ValidationError]] = getattr(error.kind, "context", None) or []
    branches = [[told for each in branch for told in _causes(each)] for branch in contexts if branch]
    if not branches:
        return [error]
    for was_not_meant in (_is_no_reference, _is_of_another_type, _has_another_tag):
        meant = [branch for branch in branches if not any(was_not_meant(error, each) for each in branch)]
        branches = meant or branches
    if len(branches) == 1:
        return branches[0]
    return [max((max(branch, key=_rank) for branch in branches), key=_rank)]


def _rank(error: ValidationError) -> tuple[int, int]:
    """Return how telling an error is: deeper ones more, and those about alternatives less."""
    return len(error.instance_path), -1 if _kind(error) in _VAGUE else 0


#: Kinds of errors that only reject something, without saying what is expected.
_VAGUE = frozenset({"AnyOf", "FalseSchema", "Not", "OneOfMultipleValid", "OneOfNotValid"})


def _is_no_reference(around: ValidationError, error: ValidationError) -> bool:
    """Whether an error only says that an object is not a Reference Object, since it has no `$ref`."""
    is_same = len(error.instance_path) == len(around.instance_path)
    return is_same and _kind(error) == "Required" and _required(error) == "$ref"


def _is_of_another_type(around: ValidationError, error: ValidationError) -> bool:
    return len(error.instance_path) == len(around.instance_path) and _kind(error) == "Type"


def _has_another_tag(around: ValidationError, error: ValidationError) -> bool:
    """Whether a field lacks the value that selects a branch, such as `type: http` or `in: query`."""
    is_below = len(error.instance_path) == len(around.instance_path) + 1
    return is_below and _kind(error) in ("Enum", "Constant")


def _kind(error: ValidationError) -> str:
    return type(error.kind).__name__.rpartition("_")[2]


def _required(error: ValidationError) -> str:
    return str(getattr(error.kind, "property", "")).strip('"')


def _fault(family: Family, document: Value, error: ValidationError) -> Fault:
    tokens = tuple(str(token) for token in error.instance_path)
    model = model_of(family)
    kind = _kind(error)
    if kind == "Required" and (told := misspelt(model, document, tokens, _required(error))):
        return Fault(Phase.STRUCTURE, told[0], tokens, key=told[1])
    strays = _unexpected(error) if kind in ("AdditionalProperties", "UnevaluatedProperties") else []
    unknown = strangers(model, tokens, strays)
    if not unknown and (found := mistake_at(model, document, tokens)):
        return Fault(Phase.STRUCTURE, *found)
    if strays:
        names = unknown or strays
        return Fault(Phase.STRUCTURE, stray_fields(model, document, tokens, names), tokens, key=names[0])
    return Fault(Phase.STRUCTURE, _words(error), tokens)


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
            return f"'{_required(error)}' is missing"
        case "Type":
            types = getattr(kind, "types", ())
            allowed = " or ".join(_NOUNS.get(name, name) for name in types)
            return f"this must be {allowed}, and it is {_noun(error.instance)}"
        case "Enum":
            options = _options(getattr(kind, "options", ()))
            return (
                f"{quoted(error.instance)} is not one of {', '.join(map(str, options))}{near(error.instance, options)}"
            )
        case "Constant":
            return f"{quoted(error.instance)} may not stand here, only {_shown(getattr(kind, 'expected_value', None))}"
        case "Not" if together := _together(error):
            return f"{' and '.join(together)} may not stand together"
        case "UniqueItems":
            return f"{_repeated(error.instance)} stands more than once in this list"
    return str(error.message)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else quoted(value)


def _together(error: ValidationError) -> list[str]:
    """Return the fields that a rule does not allow together, none if it forbids something else."""
    schema = getattr(error.kind, "schema", None)
    schema = json.loads(schema) if isinstance(schema, str) else schema
    names = schema.get("required") if isinstance(schema, dict) and len(schema) == 1 else None
    path = list(error.schema_path)
    around = [path[index + 1] for index, name in enumerate(path[:-1]) if name == "dependentSchemas"]
    found = [*map(str, around[-1:]), *map(str, names or ())]
    return [f"'{name}'" for name in found] if names and len(found) > 1 else []


def _options(options: object) -> list[object]:
    values = json.loads(options) if isinstance(options, str) else options
    return list(values) if isinstance(values, list | tuple) else [values]


def _repeated(items: object) -> str:
    """Return the first item of a list that occurs twice."""
    seen: set[str] = set()
    for item in items if isinstance(items, list) else ():
        text = json.dumps(item, sort_keys=True, default=str)
        if text in seen:
            return quoted(item)
        seen.add(text)
    return "an item"


def _noun(value: object) -> str:
    for kinds, noun in (((bool,), "boolean"), ((dict,), "object"), ((list,), "array"), ((str,), "string")):
        if isinstance(value, kinds):
            return _NOUNS[noun]
    return "null" if value is None else "a number"
