"""The verdict over a slice before it is written: the phases of validation, with what is found of parts remembered.

A part is looked at once for each way that its holes are filled; a slice is then a matter of sets, of the structure of
the whole, and of its one operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault
from oas_tasks.openapi.model import FieldType, Model
from oas_tasks.openapi.validation import operation, structure
from oas_tasks.openapi.validation.defaults import Defaults
from oas_tasks.openapi.validation.pointing import (
    Component,
    Piece,
    completeness_faults,
    reference_faults,
    summary,
)
from oas_tasks.slicing.assembly import Draft
from oas_tasks.slicing.parts import SECURITY


@dataclass(slots=True)
class Verdicts:
    """Validates the slices of one document.

    schemas: the document's named schemas, for the defaults of schemas that refer to them.
    """

    model: Model
    schemas: Mapping[str, Value]
    _defaults: Defaults = field(init=False)
    _known: dict[object, tuple[Piece, tuple[Fault, ...]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._defaults = Defaults(self.model, self.schemas)

    def faults(self, made: Draft, path: str, root_field: str) -> list[Fault]:
        """Return what is wrong with a slice, the faults of the first failing phase.

        path: the endpoint's path or its webhook's name; root_field: where it stands, "paths" or "webhooks".
        """
        document = made.value
        if not structure.is_valid(self.model.family, document):
            return structure.faults(self.model.family, document)
        kind = FieldType("Paths", "one", False) if root_field == "paths" else FieldType("PathItem", "map", False)
        own = Piece((root_field,), summary(self.model, kind, document[root_field]))
        found = self._misfits(kind, document[root_field], (root_field,))
        pieces: dict[Component, Piece] = {}
        for section, members in made.components.items():
            holds = FieldType(self.model.component_kinds[section], "one", True)
            for name, part, fills, value in members:
                key = (part.id, name, fills)
                known = self._known.get(key)
                if known is None:
                    place = ("components", section, name)
                    piece = Piece(place, summary(self.model, holds, value))
                    known = self._known[key] = (piece, self._misfits(holds, value, place))
                pieces[section, name] = known[0]
                found += known[1]
        if found:
            return list(found)
        security = None
        if SECURITY in document:
            requirements = FieldType("SecurityRequirement", "list", False)
            security = Piece((SECURITY,), summary(self.model, requirements, document[SECURITY]))
        return (
            operation.faults(self.model, document, path)
            or reference_faults(document, own, pieces)
            or completeness_faults(document, own, pieces, security)
        )

    def _misfits(self, holds: FieldType, value: Value, place: tuple[str, ...]) -> tuple[Fault, ...]:
        """Return the defaults that do not fit, with their places in the slice."""
        return tuple(
            Fault(fault.phase, fault.message, place + fault.tokens) for fault in self._defaults.faults(holds, value)
        )
