"""Checks whether the `default` of a schema is valid by the schema itself.

Sources: 3.0.4 "Schema Object" (`default`: it MUST conform to the type at the same level); JSON Schema 2020-12
Validation 9.2, which recommends that it fits. So a default that does not fit is
advice, except for a wrong type in 3.0, while openapi-spec-validator rejects it. Formats are not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault, FaultKind, Phase, quoted
from oas_tasks.openapi.model import FieldType, Model
from oas_tasks.openapi.pointer import tokens_of
from oas_tasks.openapi.walk import walk, walk_field

if TYPE_CHECKING:
    from jsonschema_rs import Registry

#: The URI of a document's schemas while defaults are checked.
_DOCUMENT = "urn:oas-tasks:document"

#: Keywords of 3.0's schemas that JSON Schema draft 4 does not have, or reads otherwise.
_NOT_DRAFT_4 = frozenset(
    {"nullable", "discriminator", "xml", "externalDocs", "example", "default", "format", "pattern"}
)


class Defaults:
    """Checks the defaults of one document's schemas.

    schemas: the document's named schemas, the targets of references.
    """

    def __init__(self, model: Model, schemas: Mapping[str, Value]) -> None:
        self.model = model
        self._schemas = schemas
        self._registry: Registry | None = None

    def faults(self, field: FieldType, value: Value) -> list[Fault]:
        """Return the defaults in a field's value that do not fit; their places are below the value."""
        return [
            Fault(
                Phase.STRUCTURE,
                f"the default {quoted(site.value['default'])} does not fit its own schema",
                (*tokens_of(site.path), "default"),
                kind=FaultKind.ADVICE if self._is_of_its_type(site.value) else FaultKind.FAULT,
            )
            for site in walk_field(self.model, field, value)
            if site.kind == "Schema"
            and not site.is_reference
            and "default" in site.value
            and not self._fits(site.value)
        ]

    def _is_of_its_type(self, schema: dict[str, Value]) -> bool:
        """Whether a default is of the type that the specification demands."""
        if self.model.family != "3.0" or not isinstance(schema.get("type"), str):
            return True
        return self._fits({name: schema[name] for name in ("type", "nullable", "default") if name in schema})

    def _fits(self, schema: dict[str, Value]) -> bool:
        import jsonschema_rs

        default = schema["default"]
        if default is None and schema.get("nullable") is True:
            return True
        draft = jsonschema_rs.Draft4 if self.model.family == "3.0" else jsonschema_rs.Draft202012
        try:
            compiled = jsonschema_rs.validator_for(
                {"$schema": _DIALECTS[self.model.family], **_plain(self.model, schema)},
                registry=self._known(draft) if _refers(self.model, schema) else None,
                validate_formats=False,
                base_uri=_DOCUMENT + "/default",
            )
            return bool(compiled.is_valid(default))
        except (ValueError, jsonschema_rs.ReferencingError):
            return True  # the schema itself is at fault, which is reported elsewhere

    def _known(self, draft: int) -> Registry:
        import jsonschema_rs

        if self._registry is None:
            plain = {name: _plain(self.model, schema) for name, schema in self._schemas.items()}
            contents = {"components": {"schemas": plain}}
            self._registry = jsonschema_rs.Registry([(_DOCUMENT, contents)], draft=draft)
        return self._registry


_DIALECTS = {
    "3.0": "http://json-schema.org/draft-04/schema#",
    "3.1": "https://json-schema.org/draft/2020-12/schema",
    "3.2": "https://json-schema.org/draft/2020-12/schema",
}


def _refers(model: Model, schema: Value) -> bool:
    return any(site.is_reference or "$ref" in site.value for site in walk(model, "Schema", schema))


def _plain(model: Model, schema: Value) -> dict[str, Value]:
    """Return a schema as JSON Schema of a draft: with absolute references, and 3.0's own keywords put into it.

    Patterns are left out: their dialects differ.
    """
    if schema is True or not isinstance(schema, dict):
        return {} if schema is not False else {"not": {}}
    plain: dict[str, Value] = {}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        plain["$ref"] = _DOCUMENT + reference if reference.startswith("#") else reference
        if not model.schema_ref_is_keyword:
            return plain
    fields = model.types["Schema"].fields
    for key, value in schema.items():
        if key == "$ref" or key in _NOT_DRAFT_4 or key.startswith("x-"):
            continue
        field = fields.get(key)
        if field is None or field.holds != "Schema":
            plain[key] = value
        elif field.container == "map" and isinstance(value, dict):
            plain[key] = {name: _plain(model, member) for name, member in value.items()}
        elif (field.container == "list" or field.or_list) and isinstance(value, list):
            plain[key] = [_plain(model, member) for member in value]
        elif isinstance(value, bool) and key in ("additionalProperties",):
            plain[key] = value
        else:
            plain[key] = _plain(model, value)
    if model.family == "3.0" and schema.get("nullable") is True and isinstance(schema.get("type"), str):
        plain["type"] = [schema["type"], "null"]
    return plain
