"""A file that is an OpenAPI document of another version than the one that refers to it, in the version of that one.

Each version says in words of its own what a document means, so that a slice cannot take over the others'.
"""

from __future__ import annotations

from oas_tasks.formats import Value
from oas_tasks.openapi.connections import Via, connections
from oas_tasks.openapi.conversion import Converted, Surroundings, convert, with_users
from oas_tasks.openapi.conversion.around import schema_named
from oas_tasks.openapi.model import Family, FieldType, model_of

_SCHEMA = FieldType("Schema", "one", True)


def in_version(source: Family, target: Family, document: dict[str, Value]) -> Converted:
    """Return a whole document in another version."""
    around = Surroundings(loosened=_loosened(source, document)) if target == "3.0" else Surroundings()
    return convert(source, target, FieldType("OpenAPI", "one", False), document, around)


def _loosened(source: Family, document: dict[str, Value]) -> frozenset[str]:
    """Return the names of the component schemas that accept more in 3.0, which bears on a `not` over one of them."""
    components = document.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    if not isinstance(schemas, dict):
        return frozenset()
    model = model_of(source)
    users: dict[str, set[str]] = {}
    for name, schema in schemas.items():
        for each in connections(model, _SCHEMA, schema).found:
            used = schema_named(each.target) if each.via is Via.REFERENCE else None
            if used is not None:
                users.setdefault(used, set()).add(name)
    found = {name for name, schema in schemas.items() if convert(source, "3.0", _SCHEMA, schema).loosens}
    return with_users(found, users)
