"""Converts whole documents without slicing them: collects the facts that their pieces need about one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from oas_tasks.formats import Value
from oas_tasks.openapi.binary import DATA, Role, has_bytes, role_at, settled
from oas_tasks.openapi.conversion import OneWay, Surroundings, convert, one_way_schemas, with_users
from oas_tasks.openapi.conversion.context import component_named, schema_named
from oas_tasks.openapi.conversion.rules import Fields
from oas_tasks.openapi.model import Family, FieldType, Model, model_of
from oas_tasks.openapi.pointer import decode, tokens_of
from oas_tasks.openapi.references import Via, connections
from oas_tasks.openapi.walk import walk


def surroundings(source: Family, target: Family, root: Value) -> Surroundings:
    """Return the facts that the conversion of each piece of a document needs about the others.

    root: the whole document, or the components of interest.
    """
    components = root.get("components") if isinstance(root, dict) else None
    kinds = components if isinstance(components, dict) else {}
    schemes, schemas = kinds.get("securitySchemes"), kinds.get("schemas")
    types = {
        name: str(scheme["type"])
        for name, scheme in (schemes.items() if isinstance(schemes, dict) else ())
        if isinstance(scheme, dict) and "type" in scheme
    }
    loosened: frozenset[str] = frozenset()
    one_way: Mapping[str, OneWay] = {}
    if source != target and isinstance(schemas, dict):
        if "3.0" in (source, target):
            one_way = one_way_schemas(schemas, _references(source, schemas), model_of(source).schema_ref_is_keyword)
        loosened = _loosened(source, target, schemas, Surroundings(one_way=one_way))
    roles = roles_in(model_of(source), root) if (source == "3.0") != (target == "3.0") else {}
    return Surroundings(loosened, types, _querystrings(kinds.get("parameters")), one_way, roles=roles)


def _references(source: Family, schemas: Fields) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for name, schema in schemas.items():
        for site in walk(model_of(source), "Schema", schema):
            target = site.value.get("$ref")
            used = schema_named(target)
            if used is not None and isinstance(target, str) and target.count("/") == 3:
                yield name, (*tokens_of(site.path), "$ref"), used


def _querystrings(parameters: Value) -> Fields:
    """Return the parameters in `querystring` among component parameters, by their names, aliases included."""
    members = parameters if isinstance(parameters, dict) else {}
    found: Fields = {}
    for name, written in members.items():
        seen: set[str] = set()
        while isinstance(written, dict) and isinstance(written.get("$ref"), str):
            used = component_named("parameters", written["$ref"])
            if used is None or used in seen:
                break
            seen.add(used)
            written = members.get(used)
        if isinstance(written, dict) and written.get("in") == "querystring":
            found[name] = written
    return found


def _loosened(source: Family, target: Family, schemas: Fields, around: Surroundings) -> frozenset[str]:
    """Return the names of the schemas that accept more, by themselves or through a reference."""
    field = FieldType("Schema", "one", True)
    found = {name for name, schema in schemas.items() if convert(source, target, field, schema, around).loosens}
    if not found:
        return frozenset()
    users: dict[str, set[str]] = {}
    for name, schema in schemas.items():
        for site in walk(model_of(source), "Schema", schema):
            used = schema_named(site.value.get("$ref"))
            if used is not None:
                users.setdefault(used, set()).add(name)
    return with_users(found, users)


def roles_in(model: Model, root: Value) -> dict[str, Role]:
    """Return the roles of a document's component schemas by name, empty if none of them matters."""
    whole = FieldType("OpenAPI", "one", False)
    if not has_bytes(model, whole, root):
        return {}
    starts: list[tuple[str, Role]] = []
    inner: dict[str, list[tuple[str, tuple[str, ...] | None]]] = {}
    for connection in connections(model, whole, root).found:
        tokens = decode(connection.target[1:]) if connection.target.startswith("#") else None
        if connection.via is Via.MAPPING and tokens is None:
            name, is_whole = connection.target, False
        elif tokens is not None and tokens[:2] == ("components", "schemas") and len(tokens) > 2:
            name, is_whole = tokens[2], len(tokens) == 3 and connection.via is Via.REFERENCE
        else:
            continue
        at = tokens_of(connection.path)[:-1]
        if at[:2] == ("components", "schemas"):
            inner.setdefault(at[2], []).append((name, at[3:] if is_whole else None))
        else:
            starts.append((name, role_at(model, whole, root, at, DATA, {}) if is_whole else DATA))
    schemas = root["components"]["schemas"] if inner else {}  # type: ignore[call-overload, index]  # found below it

    def uses(name: str, role: Role) -> Iterator[tuple[str, Role]]:
        for used, at in inner.get(name, ()):
            field = FieldType("Schema", "one", True)
            yield used, DATA if at is None else role_at(model, field, schemas[name], at, role, {})  # type: ignore[call-overload, index]

    return settled(starts, uses)
