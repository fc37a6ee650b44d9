"""The verdict over a slice before it is written: the phases of validation, with what is found of parts remembered.

Phase 7, the version, needs nothing of its own here: phase 1 goes by the official schema of the version that the slice
is written in, and phase 6 sees to it that the slice names the same one as the document.

A part is looked at once for each way that its holes are filled; a slice is then a matter of sets, of the structure of
the whole, and of its one operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault, Phase
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
from oas_tasks.slicing.assembly import Draft, Member
from oas_tasks.slicing.equivalence import DIFFERENT, NOTHING_FOUND, Findings, Source
from oas_tasks.slicing.parts import PATHS, SECURITY, TAGS, EndpointPart, Part


@dataclass(frozen=True, slots=True)
class _Known:
    """What was found of a part in one reading."""

    piece: Piece
    misfits: tuple[Fault, ...]
    findings: Findings


@dataclass(slots=True)
class Verdicts:
    """Validates the slices of one document.

    schemas: the document's named schemas, for the defaults of schemas that refer to them.
    source: the document, for phase 6.
    """

    model: Model
    schemas: Mapping[str, Value]
    source: Source
    _defaults: Defaults = field(init=False)
    _known: dict[object, _Known] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._defaults = Defaults(self.model, self.schemas)

    def faults(self, made: Draft, endpoint: EndpointPart, heading: Part) -> list[Fault]:
        """Return what is wrong with the slice of an endpoint, the faults of the first failing phase."""
        document = made.value
        if not structure.is_valid(self.model.family, document):
            return structure.faults(self.model.family, document)
        field_name = endpoint.part.section
        if field_name not in document:
            return [Fault(Phase.EQUIVALENCE, "the slice has lost its endpoint", ())]
        value = document[field_name]
        kind = FieldType("Paths", "one", False) if field_name == PATHS else FieldType("PathItem", "map", False)
        own = Piece((field_name,), summary(self.model, kind, value))
        found = self._misfits(kind, value, (field_name,))
        known = {
            (section, member.name): self._of_part(section, member)
            for section, members in made.components.items()
            for member in members
        }
        for each in known.values():
            found += each.misfits
        if found:
            return list(found)
        pieces = {component: each.piece for component, each in known.items()}
        security = None
        if SECURITY in document:
            requirements = FieldType("SecurityRequirement", "list", False)
            security = Piece((SECURITY,), summary(self.model, requirements, document[SECURITY]))
        return (
            operation.faults(self.model, document, endpoint.path)
            or reference_faults(document, own, pieces)
            or completeness_faults(document, own, pieces, security)
            or _missing(made, endpoint)
            or self._differences(made, endpoint, heading, known)
        )

    def _of_part(self, section: str, member: Member) -> _Known:
        key = (member.part.id, member.name, member.fills)
        known = self._known.get(key)
        if known is None:
            holds = FieldType(self.model.component_kinds[section], "one", True)
            place = ("components", section, member.name)
            known = self._known[key] = _Known(
                Piece(place, summary(self.model, holds, member.value)),
                self._misfits(holds, member.value, place),
                self.source.of_part(member.part, member.value) if _has_its_name(member) else DIFFERENT,
            )
        return known

    def _differences(
        self, made: Draft, endpoint: EndpointPart, heading: Part, known: Mapping[Component, _Known]
    ) -> list[Fault]:
        """Return where a slice says something else than the document."""
        document = made.value
        places = {
            (section, member.name): member.part.place
            for section, members in made.components.items()
            for member in members
        }
        findings: list[tuple[Findings, tuple[str, ...]]] = [
            (self.source.of_heading(heading, document), ()),
            (self.source.of_endpoint(endpoint, document[endpoint.part.section]), (endpoint.part.section,)),
        ]
        findings += [(each.findings, each.piece.place) for each in known.values()]
        for index, (part, value) in enumerate(made.tags):
            findings.append((self.source.of_part(part, value), (TAGS, str(index))))
        if made.security is not None:
            findings.append((self.source.of_part(made.security, document[SECURITY]), (SECURITY,)))
        return [
            fault
            for each, place in findings
            if each is not NOTHING_FOUND
            for fault in self.source.faults(each, place, places)
        ]

    def _misfits(self, holds: FieldType, value: Value, place: tuple[str, ...]) -> tuple[Fault, ...]:
        """Return the defaults that do not fit, with their places in the slice."""
        return tuple(
            Fault(fault.phase, fault.message, place + fault.tokens) for fault in self._defaults.faults(holds, value)
        )


def _has_its_name(member: Member) -> bool:
    """Whether a component is called as in the document; moved ones have no name there."""
    return member.part.moved or member.name == member.part.name


def _missing(made: Draft, endpoint: EndpointPart) -> list[Fault]:
    """Return what the pieces of a slice need and the slice does not have, beside what references lead to.

    Such are the declarations of tags, the root's security, and the alternates of a discriminator's base.
    """
    parts = [member.part for members in made.components.values() for member in members]
    parts += [part for part, _ in made.tags]
    if made.security is not None:
        parts.append(made.security)
    present = {part.id for part in parts}
    if made.security is not None and SECURITY not in made.value:
        present.discard(SECURITY)
    return [
        Fault(Phase.COMPLETENESS, f"'{need}' is needed and not in the slice", ())
        for part in (endpoint.part, *parts)
        if not present.issuperset(part.needs)
        for need in part.needs
        if need not in present and not need.startswith(_MAY_GO)
    ]


#: The ids of Link components, which go with their operation.
_MAY_GO = ("components/links/", "links@")
