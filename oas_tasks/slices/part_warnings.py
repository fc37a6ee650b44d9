"""Warnings about parts, which every slice with the part has: in the same words, so that each is shown once.

They are about component names that the specification does not allow, merge keys, and schemas in unknown dialects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from oas_tasks.document.document import Document
from oas_tasks.document.files import Sources
from oas_tasks.document.place import ENTRY, Place, note_around
from oas_tasks.openapi.pointer import MISSING, escape, readable, resolve
from oas_tasks.openapi.validation.structure import COMPONENT_NAME, is_known_dialect
from oas_tasks.openapi.walk import walk_field
from oas_tasks.parts.part import Part, field_of
from oas_tasks.slices.diagnostic import Diagnostic

#: Shown for the first place in each slice, and once for a document.
_MERGES = (
    "the merge key '<<' is followed here and wherever else it stands outside of data;"
    " YAML 1.2, which OpenAPI is written in, has none"
)


class PartWarnings:
    """The warnings about the parts of one document, found when a slice has the part."""

    def __init__(self, document: Document, sources: Sources) -> None:
        self._document = document
        self._sources = sources
        self._known: dict[str, tuple[Diagnostic, ...]] = {}

    def of(self, part: Part) -> tuple[Diagnostic, ...]:
        """Return the warnings about a part, of equal ones the first; without lines, which edits elsewhere move."""
        known = self._known.get(part.id)
        if known is None:
            known = self._known[part.id] = each_once(self._found(part))
        return known

    def _found(self, part: Part) -> Iterator[Diagnostic]:
        if part.name and not part.moved and not COMPONENT_NAME.fullmatch(part.name):
            name = f"{part.section}/{escape(part.name)}"
            yield self._at(part.place, f"the name of '{name}' should have only letters, digits, '.', '-' and '_'")
        merge = self._merges.first_in(part) if self._merges.places else None
        if merge is not None:
            yield self._at((merge[0], merge[1][:-1]), _MERGES)
        for dialect in _unknown_dialects(self._document, self._sources, part):
            yield Diagnostic("", "", f"schemas of the dialect '{dialect}' were not judged, since it is not known here")

    def _at(self, place: Place, text: str) -> Diagnostic:
        return Diagnostic(self._sources.shown_path(place[0]), readable(place[1]), text)

    @cached_property
    def _merges(self) -> _Merges:
        return _Merges(self._document, self._sources)


def each_once(warnings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the first of the warnings with the same message."""
    found: dict[str, Diagnostic] = {}
    for each in warnings:
        found.setdefault(each.message, each)
    return tuple(found.values())


class _Merges:
    """The values that merge keys brought into the files of a document.

    places: of these.
    """

    def __init__(self, document: Document, sources: Sources) -> None:
        files = {ENTRY: document.merged, **sources.merged}
        self.places = {(file, tokens) for file, places in files.items() for tokens in places}
        self._around: dict[Place, list[Place]] = {}
        for file, places in files.items():
            for tokens in places:
                note_around(self._around, (file, tokens), (file, tokens))

    def first_in(self, part: Part) -> Place | None:
        """Return the place of the first merged value that is in a part, or that the part is in."""
        for at, (file, start) in part.sources():
            outer = ((file, start[:length]) for length in range(len(start) + 1))
            found = next((place for place in outer if place in self.places), None)
            if found is not None:
                return found
            for place in self._around.get((file, start), ()):
                if resolve(part.value, (*map(str, at), *place[1][len(start) :])) is not MISSING:
                    return place
        return None


def _unknown_dialects(document: Document, sources: Sources, part: Part) -> Iterator[str]:
    """Yield the unknown dialects of schemas in a part, as often as they occur."""
    model = document.model
    if not model.schema_ref_is_keyword:
        return
    root = document.root.get("jsonSchemaDialect")
    default = root if isinstance(root, str) and not is_known_dialect(root) else None
    if default is None and not document.names_dialects and not sources.names_dialects:
        return
    for site in walk_field(model, field_of(part.section), part.value):
        if site.kind == "Schema" and not site.is_reference:
            named = site.value.get("$schema")
            dialect = named if isinstance(named, str) and not is_known_dialect(named) else None
            if dialect is None and named is None:
                dialect = default
            if dialect is not None:
                yield dialect
