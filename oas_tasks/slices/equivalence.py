"""Phase 6: compares a slice with the document, piece by piece.

Reads the source again where each piece is said to come from; `piece_comparison.py` compares one with the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from oas_tasks.document.place import ENDPOINT_FIELDS, ENTRY, TAGS, EndpointKey, Place
from oas_tasks.document.root import Entry
from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault, Phase
from oas_tasks.openapi.model import ComponentName
from oas_tasks.parts.part import EndpointPart, Part
from oas_tasks.slices.piece_comparison import NOTHING_FOUND, Claim, Findings, PieceComparison

#: How many tokens lead to a component, and to a declared tag.
_DEPTHS = {"components": 3, TAGS: 2}


#: Root fields that are compared piece by piece.
_NOT_HEADING = frozenset({*ENDPOINT_FIELDS, "components", "tags", "security"})


def heading_of(document: Mapping[str, Value]) -> Value:
    """Return the root fields that every slice has."""
    return {name: document[name] for name in document if name not in _NOT_HEADING}


class Source:
    """The document that slices are compared with.

    drop_extensions: names of root extensions that slices do not have.
    files: the files of all slices that are made, by path and method.
    """

    def __init__(self, entry: Entry, drop_extensions: Iterable[str], files: Mapping[EndpointKey, str]) -> None:
        self.entry = entry
        self.files = files
        self._ends: dict[Place, Place] = {}
        gone = {*_NOT_HEADING, "$self", *drop_extensions}
        self._heading = [name for name in entry.root if name not in gone]

    def of_part(self, part: Part, value: Value) -> Findings:
        """Compare the value of a shared part in a slice with the source."""
        source = self.entry.resolver.value(part.place)
        if source is value:
            return NOTHING_FOUND
        return PieceComparison(self.entry, self.files, part).findings(source, value)

    def of_endpoint(self, own: EndpointPart, value: Value) -> Findings:
        """Compare the root field with an endpoint's path in a slice with the source."""
        return PieceComparison(self.entry, self.files, own.part, self._ends).endpoint_findings(own, value)

    def of_heading(self, heading: Part, document: Mapping[str, Value]) -> Findings:
        """Compare the root fields that every slice has with the source's."""
        own = heading_of(document)
        source = {name: self.entry.root[name] for name in self._heading}
        return PieceComparison(self.entry, self.files, heading).findings(source, own)

    def faults(
        self, findings: Findings, place: tuple[str, ...], pieces: Mapping[ComponentName, Place]
    ) -> Iterator[Fault]:
        """Yield the faults of a piece in a slice.

        place: where it stands there.
        pieces: where each component of the slice comes from, and each declared tag, by its number.
        """
        for tokens in findings.differences:
            message = "the slice differs from the document here, which is a fault of oas-tasks; please report it"
            yield Fault(Phase.EQUIVALENCE, message, place + tokens)
        for claim in findings.claims:
            if not self._holds(claim, pieces):
                message = "this leads elsewhere than in the document, which is a fault of oas-tasks; please report it"
                yield Fault(Phase.EQUIVALENCE, message, place + claim.tokens)

    def _holds(self, claim: Claim, pieces: Mapping[ComponentName, Place]) -> bool:
        target = claim.target
        depth = _DEPTHS.get(target[0], 0) if target else 0
        if depth and len(target) >= depth:
            start = pieces.get((target[depth - 2], target[depth - 1]))
            return start is not None and (start[0], start[1] + target[depth:]) == self.entry.canonical(claim.place)
        return claim.place == (ENTRY, target)
