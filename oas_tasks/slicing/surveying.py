"""What the conversion of a whole document to another version loses, in all of its files."""

from __future__ import annotations

from oas_tasks.openapi.conversion import Loss, survey
from oas_tasks.openapi.model import Family, model_of
from oas_tasks.slicing.converting import Conversion
from oas_tasks.slicing.cutting import cut
from oas_tasks.slicing.document import Document
from oas_tasks.slicing.entry import Entry
from oas_tasks.slicing.parts import HoleKind, Place
from oas_tasks.slicing.roles import roles_in_slices
from oas_tasks.slicing.sources import ENTRY, Sources


def losses_of(document: Document, sources: Sources, target: Family) -> dict[Place, Loss]:
    """Return what is lost at which places: of the entry everywhere, of other files in what a slice may have of them."""
    entry = Entry.of(document, sources)
    found = {entry.origin(loss.tokens): loss for loss in survey(document.model.family, target, entry.root)}
    parts = cut(entry, model_of(target), with_webhooks=True)
    conversion = Conversion.of(entry, target, parts.shared)
    if conversion is not None and sources.files():
        roles = roles_in_slices(document.model, parts.endpoints, tuple(parts.shared.values()), parts.shared)
        for part in (parts.heading, *parts.shared.values(), *(endpoint.part for endpoint in parts.endpoints)):
            fills = tuple(roles.get(part.id) if hole.kind is HoleKind.ROLE else None for hole in part.holes)
            for loss in conversion.anew(part, fills, part.value).losses:
                place = part.source(loss.tokens)
                if place[0] != ENTRY:
                    found.setdefault(place, loss)
    return found
