"""Validates one piece of a slice: its structure, its defaults, and that it equals its source.

A component is validated once for each way that it is filled, and for all slices that have it so.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, NamedTuple

from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault, FaultKind
from oas_tasks.openapi.model import FieldType, Model
from oas_tasks.openapi.validation import structure
from oas_tasks.openapi.validation.defaults import Defaults
from oas_tasks.openapi.validation.reference_faults import Piece, summary
from oas_tasks.slices.assemble import FilledPart
from oas_tasks.slices.equivalence import Source
from oas_tasks.slices.piece_comparison import DIFFERENT, Findings

if TYPE_CHECKING:
    from oas_tasks.slices.convert_parts import Conversion


class PieceVerdict(NamedTuple):
    """The results for a component that is filled in one way.

    structure: faults of its structure.
    misfits: faults of its defaults.
    """

    structure: tuple[Fault, ...]
    piece: Piece
    misfits: tuple[Fault, ...]
    findings: Findings


class PieceVerdicts:
    """Validates the pieces of one document's slices.

    model: of the version that slices are in.
    source: the document.
    conversion: None where slices are in the document's own version.
    """

    def __init__(self, model: Model, source: Source, conversion: Conversion | None, defaults: Defaults) -> None:
        self._model = model
        self._source = source
        self._conversion = conversion
        self._defaults = defaults
        self._known: dict[object, PieceVerdict] = {}

    def component(self, section: str, member: FilledPart, dialect: str | None) -> PieceVerdict:
        """Validate a component of a slice, once for all slices that have it so."""
        key = (member.part.id, member.name, member.fills, dialect)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._found(section, member, dialect)
        return known

    def _found(self, section: str, member: FilledPart, dialect: str | None) -> PieceVerdict:
        faults: list[Fault] = []
        if not structure.is_valid_component(self._model.family, dialect, section, member.name, member.value):
            faults = self._component_faults(section, member, dialect)
        holds = FieldType(self._model.component_kinds[section], "one", True)
        place = ("components", section, member.name)
        known = member.part.connections if self._conversion is None and member.value is member.part.value else None
        piece = Piece(place, summary(self._model, holds, member.value, known))
        return PieceVerdict(
            tuple(faults),
            piece,
            self.misfits(holds, member.written, piece),
            self.findings(member) if _has_its_name(member) else DIFFERENT,
        )

    def _component_faults(self, section: str, member: FilledPart, dialect: str | None) -> list[Fault]:
        """Return the faults in the structure of a component that is known to be invalid."""
        found = structure.component_faults(self._model.family, dialect, section, member.name, member.value)
        before: list[Fault] = []
        source = self._source.entry
        if self._conversion is not None:
            family, dialect = source.model.family, structure.dialect_of(source.model.family, source.root)
            before = structure.component_faults(family, dialect, section, member.name, member.written)
        return self.as_before(found, before)

    def findings(self, member: FilledPart) -> Findings:
        """Compare a shared part with the source."""
        if not self.is_converted(member, member.written, member.value):
            return DIFFERENT
        return self._source.of_part(member.part, member.written)

    def is_converted(self, member: FilledPart, written: Value, value: Value) -> bool:
        """Whether a piece is what the conversion makes of what was written."""
        if self._conversion is None:
            return written is value
        return self._conversion.gives(member.part, member.fills, written, value)

    def as_before(self, found: Iterable[Fault], before: Iterable[Fault]) -> list[Fault]:
        """Return the faults of a slice or a piece, marked as made by the conversion where they are not there before.

        before: the faults before the conversion.
        """
        if self._conversion is None:
            return list(found)
        places = {fault.tokens for fault in before}
        around = {tokens[:length] for tokens in places for length in range(1, len(tokens))}
        return [
            fault if _is_among(fault.tokens, places, around) else fault._replace(kind=FaultKind.MADE) for fault in found
        ]

    def misfits(self, holds: FieldType, written: Value, piece: Piece) -> tuple[Fault, ...]:
        """Return the defaults that do not fit, with their places in the slice."""
        if self._conversion is None and not piece.summary.has_defaults:
            return ()
        return tuple(
            fault._replace(tokens=piece.place + fault.tokens) for fault in self._defaults.faults(holds, written)
        )


def _is_among(tokens: tuple[str, ...], places: Set[tuple[str, ...]], around: Set[tuple[str, ...]]) -> bool:
    """Whether a place is one of some, in one of them, or around one; the root is only the same as itself.

    around: the places around them, but for the root.
    """
    if tokens in places or tokens in around:
        return True
    return any(tokens[:length] in places for length in range(1, len(tokens)))


def _has_its_name(member: FilledPart) -> bool:
    """Whether a component has its name in the document; moved ones have none there."""
    return member.part.moved or member.name == member.part.name
