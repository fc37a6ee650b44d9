"""Validates slices before they are written, phase by phase; results for parts are shared between slices.

Phase 7, the version, has no code here: phase 1 uses the official schema of the slice's version, phase 6 ensures that
the slice names the same version as the document, and losses of a conversion are known before.

A converted slice is validated as it is, with two exceptions: defaults are checked and phase 6 is done before the
conversion, and then the conversion of that must give the slice. A fault is the document's where the same place is at
fault before the conversion as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from oas_tasks.document.place import PATHS, SECURITY, TAGS, Place
from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault, FaultKind, Phase
from oas_tasks.openapi.model import ComponentName, FieldType, Model
from oas_tasks.openapi.pointer import MISSING
from oas_tasks.openapi.references import connections
from oas_tasks.openapi.validation import operation_faults, structure
from oas_tasks.openapi.validation.defaults import Defaults
from oas_tasks.openapi.validation.reference_faults import (
    Piece,
    Pieces,
    Summary,
    completeness_faults,
    reference_faults,
    summary,
)
from oas_tasks.parts.part import EndpointPart, Part, field_of
from oas_tasks.plan.recent import Recent
from oas_tasks.slices.assemble import Draft, FilledPart
from oas_tasks.slices.equivalence import Source, heading_of
from oas_tasks.slices.implicit_needs import ImplicitNeeds
from oas_tasks.slices.piece_comparison import DIFFERENT, NOTHING_FOUND, Findings
from oas_tasks.slices.validate_piece import PieceVerdict, PieceVerdicts

if TYPE_CHECKING:
    from oas_tasks.slices.convert_parts import Conversion


class _Group(NamedTuple):
    """The results for all components of a slice together.

    structure, misfits: of all of them.
    pieces: each with what it points at.
    places: where each comes from.
    findings: of those that were compared and have any, with their places in the slice.
    ids: of all their parts.
    needs: what they need beside one another.
    lacking: alternates of a base among them that are not.
    tags, operation_ids, inherits_security: of operations inside of them.
    """

    structure: tuple[Fault, ...]
    misfits: tuple[Fault, ...]
    pieces: Pieces
    places: dict[ComponentName, Place]
    findings: list[tuple[Findings, tuple[str, ...]]]
    ids: frozenset[str]
    needs: frozenset[str]
    lacking: tuple[Fault, ...]
    tags: frozenset[str]
    operation_ids: tuple[str, ...]
    inherits_security: bool


@dataclass(slots=True)
class Verdicts:
    """Validates the slices of one document.

    model: of the version that slices are in.
    schemas: the document's named schemas, for the defaults of schemas that refer to them.
    source: the document, for phase 6.
    conversion: None where slices are in the document's own version.
    names_dialects: schemas may say which dialect they are of.
    """

    model: Model
    schemas: Mapping[str, Value]
    source: Source
    conversion: Conversion | None
    names_dialects: bool = True
    _pieces: PieceVerdicts = field(init=False)
    _groups: Recent[_Group | None] = field(init=False, default_factory=Recent)
    #: The components that each component reaches, where all are the same in every slice.
    _reach: dict[ComponentName, frozenset[ComponentName]] = field(init=False, default_factory=dict)
    _implicit: ImplicitNeeds = field(init=False)
    #: The heading and its references.
    _heading: tuple[Value, Summary] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        defaults = Defaults(self.source.entry.model, self.schemas)
        self._pieces = PieceVerdicts(self.model, self.source, self.conversion, defaults)
        self._implicit = ImplicitNeeds(self.source.entry)

    def faults(self, made: Draft, endpoint: EndpointPart, heading: Part) -> list[Fault]:
        """Return the faults of an endpoint's slice, each once: those of the document with the most specific first, then
        those of the slice alone, and advice last.

        Of phases 4 to 6, only the first that fails has its faults here.
        """
        document, family = made.value, self.model.family
        dialect = structure.dialect_of(family, document, self.names_dialects)
        components = document.get("components", {})
        group = self._groups.by(
            (id(made.components), id(components), dialect),
            (made.components, components),
            lambda: self._of_components(made.components, components, dialect),
        )
        skeleton = structure.skeleton(document)
        found: list[Fault] = []
        if not structure.is_valid(family, skeleton, dialect):
            found = self._pieces.as_before(structure.faults(family, skeleton), self._skeleton_faults(made.written))
        if group is None:
            message = "its components are not those that it was made of, a fault of oas-tasks; please report it"
            return [*found, Fault(Phase.EQUIVALENCE, message, ("components",))]
        found = structure.most_telling_first((*found, *group.structure))
        field_name = endpoint.part.section
        if field_name not in document:
            return [*found, Fault(Phase.EQUIVALENCE, "the slice has lost its endpoint", ())]
        value = document[field_name]
        kind = FieldType("Paths", "one", False) if field_name == PATHS else FieldType("PathItem", "map", False)
        own = Piece((field_name,), summary(self.model, kind, value))
        found += self._pieces.misfits(kind, made.written[field_name], own) + group.misfits
        security = None
        if SECURITY in document:
            requirements = FieldType("SecurityRequirement", "list", False)
            security = Piece((SECURITY,), summary(self.model, requirements, document[SECURITY]))
        found += self._of_operation(made, endpoint, own.summary)
        found += (
            self._copied(made, endpoint, own.summary, group)
            or reference_faults(document, own, group.pieces)
            or self._overlooked(made, own.summary, group)
            or completeness_faults(
                document, own, group.pieces, security, made.written.get(TAGS), self._around(made, document)
            )
            or _missing(made, endpoint, group)
            or self._differences(made, endpoint, heading, group)
        )
        return sorted(dict.fromkeys(found), key=_rank) if found else found

    def _of_operation(self, made: Draft, endpoint: EndpointPart, own: Summary) -> list[Fault]:
        """Return the faults of a slice's operation."""
        found = operation_faults.faults(self.model, made.value, endpoint.path, own.operation_ids)
        if not found or self.conversion is None:
            return found
        model, section = self.source.entry.model, endpoint.part.section
        ids = connections(model, field_of(section), made.written[section]).operation_ids
        return self._pieces.as_before(found, operation_faults.faults(model, made.written, endpoint.path, ids))

    def _skeleton_faults(self, written: dict[str, Value]) -> Iterable[Fault]:
        """Return the faults in the structure of a slice before the conversion, except in its components."""
        family = self.source.entry.model.family
        return () if self.conversion is None else structure.faults(family, structure.skeleton(written))

    def _around(self, made: Draft, document: Mapping[str, Value]) -> list[Summary]:
        """Return the references of the heading and of the tags."""
        root = FieldType("OpenAPI", "one", False)
        found: list[Summary] = []
        if made.heading.part.needs:
            if self._heading is None or self._heading[0] is not made.heading.value:
                self._heading = made.heading.value, summary(self.model, root, made.heading.value)
            found.append(self._heading[1])
        if any(tag.part.needs for tag in made.tags):
            found.append(summary(self.model, root, {TAGS: document[TAGS]}))
        return found

    def _copied(self, made: Draft, endpoint: EndpointPart, own: Summary, group: _Group) -> list[Fault]:
        """Return faults for operations that several pieces have because a path item is inlined in each."""
        if self.conversion is None or not group.operation_ids:
            return []
        repeated = {name for name, n in Counter((*own.operation_ids, *group.operation_ids)).items() if n > 1}
        if not repeated:
            return []
        parts = [made.own.part, *(member.part for listed in made.components.values() for member in listed)]
        places = Counter(place for part in parts for place in {place for _, place in part.inlined})
        entry, item = self.source.entry, FieldType("PathItem", "one", False)
        copied = {
            each.operation_id
            for place, count in places.items()
            if count > 1
            for each in connections(entry.model, item, entry.resolver.value(place)).operations  # type: ignore[arg-type]
        }
        reason = f"since {self.model.family} cannot refer to a path item"
        return [
            Fault(
                Phase.OPERATION,
                f"the operationId '{name}' would stand twice, {reason}",
                (made.own.part.section, endpoint.path),
                kind=FaultKind.MADE,
            )
            for name in sorted(repeated)
            if name in copied
        ]

    def _of_components(
        self, components: Mapping[str, list[FilledPart]], value: Value, dialect: str | None
    ) -> _Group | None:
        """Validate the components of a slice; None where its Components Object is not made of just these.

        value: that object.
        """
        if not (_is_made_of(value, components) and components.keys() <= self.model.component_kinds.keys()):
            return None
        known: list[PieceVerdict] = []
        pieces: dict[ComponentName, Piece] = {}
        places: dict[ComponentName, Place] = {}
        needs: set[str] = set()
        is_same_everywhere = True
        for section, listed in components.items():
            for member in listed:
                found = self._pieces.component(section, member, dialect)
                known.append(found)
                part, component = member.part, (section, member.name)
                pieces[component] = found.piece
                places[component] = part.place
                needs.update(part.needs)
                if member.fills or part.moved:
                    is_same_everywhere = False
        ids = frozenset(member.part.id for listed in components.values() for member in listed)
        summaries = [each.piece.summary for each in known]
        return _Group(
            tuple(fault for each in known for fault in each.structure),
            tuple(fault for each in known for fault in each.misfits),
            Pieces(pieces, self._reach if is_same_everywhere else None),
            places,
            [(each.findings, each.piece.place) for each in known if each.findings is not NOTHING_FOUND],
            ids,
            frozenset(needs - ids),
            tuple(
                Fault(Phase.COMPLETENESS, f"'{name}' builds on '{base}' and is not in the slice", ())
                for base, name in self._implicit.alternates_lacking(ids)
            ),
            frozenset(tag for each in summaries if each.tags for tag in each.tags),
            tuple(name for each in summaries for name in each.operation_ids),
            any(each.inherits_security for each in summaries),
        )

    def _overlooked(self, made: Draft, own: Summary, group: _Group) -> list[Fault]:
        """Return faults for implicit needs that a slice lacks."""
        found = list(group.lacking)
        inherits = own.inherits_security or group.inherits_security
        if inherits and self._implicit.has_security and SECURITY not in made.value:
            found.append(Fault(Phase.COMPLETENESS, "the root's security is needed and not in the slice", ()))
        used = (own.tags | group.tags) & self._implicit.tags
        if used:
            listed = made.value.get(TAGS)
            names = {tag.get("name") for tag in listed if isinstance(tag, dict)} if isinstance(listed, list) else set()
            found += [
                Fault(Phase.COMPLETENESS, f"the declaration of the tag '{name}' is not in the slice", ())
                for name in sorted(used - names)
            ]
        return found

    def _differences(self, made: Draft, endpoint: EndpointPart, heading: Part, group: _Group) -> list[Fault]:
        """Return where a slice differs from the document."""
        document, written, field_name = made.value, made.written, endpoint.part.section
        findings: list[tuple[Findings, tuple[str, ...]]] = []
        if self.conversion is not None:
            if not self._pieces.is_converted(made.heading, heading_of(written), heading_of(document)):
                findings.append((DIFFERENT, ()))
            if not self._pieces.is_converted(made.own, written[field_name], document[field_name]):
                findings.append((DIFFERENT, (field_name,)))
        findings += [
            (self.source.of_heading(heading, written), ()),
            (self.source.of_endpoint(endpoint, written[field_name]), (field_name,)),
        ]
        findings += group.findings
        for index, tag in enumerate(made.tags):
            findings.append((self._pieces.findings(tag), (TAGS, str(index))))
        if made.security is not None:
            findings.append((self._pieces.findings(made.security), (SECURITY,)))
        places = group.places
        if made.unneeded:
            places = places | {(each.part.section, each.name): each.part.place for each in made.unneeded}
        if any(tag.part.placeholders for tag in made.tags):
            places = places | {(TAGS, str(index)): tag.part.place for index, tag in enumerate(made.tags)}
        return [
            fault
            for each, place in findings
            if each is not NOTHING_FOUND
            for fault in self.source.faults(each, place, places)
        ]


def _rank(fault: Fault) -> int:
    """Return the place of a fault in the order of reports."""
    return 0 if fault.is_of_source else 2 if fault.kind is FaultKind.ADVICE else 1


def _is_made_of(value: Value, components: Mapping[str, list[FilledPart]]) -> bool:
    """Whether a Components Object has these very values under their names, and no others."""
    if not isinstance(value, dict) or value.keys() != components.keys():
        return False
    for kind, members in components.items():
        found = value[kind]
        if not isinstance(found, dict) or len(found) != len(members):
            return False
        for member in members:
            if found.get(member.name, MISSING) is not member.value:
                return False
    return True


def _missing(made: Draft, endpoint: EndpointPart, group: _Group) -> list[Fault]:
    """Return the needs of parts that a slice lacks, those without a reference included.

    Such are the declarations of tags, the root's security, and the alternates of a discriminator's base.
    """
    others = [endpoint.part, made.heading.part, *(tag.part for tag in made.tags)]
    present = {member.part.id for member in (*made.tags, *made.unneeded)}
    if made.security is not None:
        others.append(made.security.part)
        if SECURITY in made.value:
            present.add(made.security.part.id)
    needs = [need for part in others for need in part.needs if need not in present and need not in group.ids]
    needs += sorted(group.needs - present)
    return [
        Fault(Phase.COMPLETENESS, f"'{need}' is needed and not in the slice", ())
        for need in dict.fromkeys(needs)
        if not need.startswith(_MAY_GO)
    ]


#: The ids of Link components, which are left out where their operation has no slice.
_MAY_GO = ("components/links/", "links@")
