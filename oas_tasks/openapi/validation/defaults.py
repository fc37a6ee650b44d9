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
from oas_tasks.openapi.validation.excerpts import BrokenError, Excerpts, NamedError, TooMuchError, nodes
from oas_tasks.openapi.walk import Site, walk, walk_field

if TYPE_CHECKING:
    from jsonschema_rs import Registry

#: The URI of a document's schemas while defaults are checked.
_DOCUMENT = "urn:oas-tasks:document"

#: A default with more nodes than this may need much work, whatever its schema.
_LARGE = 100

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
        self._contents: dict[str, Value] = {}
        self._excerpts: Excerpts | None = None
        self._registry: Registry | None = None

    def faults(self, field: FieldType, value: Value) -> list[Fault]:
        """Return the defaults in a field's value that do not fit; their places are below the value."""
        found: list[Fault] = []
        for site in walk_field(self.model, field, value):
            if site.kind == "Schema" and not site.is_reference and "default" in site.value:
                fits = self._fits(site.value)
                if not fits:
                    found.append(self._fault(site, is_checked=fits is not None))
        return found

    def _fault(self, site: Site, is_checked: bool) -> Fault:
        shown = quoted(site.value["default"])
        reason = f"the default {shown} does not fit its own schema"
        if not is_checked:
            reason = f"the default {shown} was not checked: its schema stands for too much"
        is_advice = not is_checked or self._is_of_its_type(site.value)
        kind = FaultKind.ADVICE if is_advice else FaultKind.FAULT
        return Fault(Phase.STRUCTURE, reason, (*tokens_of(site.path), "default"), kind=kind)

    def _is_of_its_type(self, schema: dict[str, Value]) -> bool:
        """Whether a default is of the type that the specification demands."""
        if self.model.family != "3.0" or not isinstance(schema.get("type"), str):
            return True
        return bool(self._fits({name: schema[name] for name in ("type", "nullable", "default") if name in schema}))

    def _fits(self, schema: dict[str, Value]) -> bool | None:
        """Whether a default fits its schema; None where that would take too much work to tell."""
        import jsonschema_rs

        default = schema["default"]
        if default is None and schema.get("nullable") is True:
            return True
        try:
            said, registry = self._needed(schema, default)
            compiled = jsonschema_rs.validator_for(
                {"$schema": _DIALECTS[self.model.family], **said},
                registry=registry,
                validate_formats=False,
                base_uri=_DOCUMENT + "/default",
            )
            return bool(compiled.is_valid(default))
        except TooMuchError:
            return None
        except (BrokenError, ValueError, jsonschema_rs.ReferencingError):
            return True  # the schema itself is at fault, which is reported elsewhere

    def _needed(self, schema: dict[str, Value], default: Value) -> tuple[dict[str, Value], Registry | None]:
        """Return what there is to validate a default by: a schema, and the document where it refers to that.

        Raises TooMuchError and BrokenError.
        """
        plain = _plain(self.model, schema)
        is_large = isinstance(default, dict | list) and nodes(default) > _LARGE
        if not (is_large or _refers(self.model, schema)):
            return plain, None
        if self._excerpts is None:
            named: dict[str, Value] = {name: _plain(self.model, each) for name, each in self._schemas.items()}
            self._contents = {"components": {"schemas": named}}
            self._excerpts = Excerpts(self._contents, _DOCUMENT)
        try:
            return self._excerpts.of(plain, default), None
        except NamedError:
            if not self._excerpts.is_small:
                raise TooMuchError from None
            return plain, self._known()

    def _known(self) -> Registry:
        import jsonschema_rs

        if self._registry is None:
            draft = jsonschema_rs.Draft4 if self.model.family == "3.0" else jsonschema_rs.Draft202012
            self._registry = jsonschema_rs.Registry([(_DOCUMENT, self._contents)], draft=draft)
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
