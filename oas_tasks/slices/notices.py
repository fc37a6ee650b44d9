"""What is to be told of the slices that a part is in, though nothing is wrong with them: told once, in the same words.

Component names that the specification does not allow, merge keys, and schemas that nobody here can judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from oas_tasks.document.document import Document
from oas_tasks.document.files import Sources
from oas_tasks.document.place import ENTRY, Place, note_around
from oas_tasks.openapi.pointer import MISSING, escape, readable, resolve
from oas_tasks.openapi.validation.structure import COMPONENT_NAME, is_known_dialect
from oas_tasks.openapi.walk import walk_field
from oas_tasks.parts.part import Part, Parts, field_of
from oas_tasks.slices.told import Told

#: What is told of the first place of each slice; of a document it is told once.
_MERGES = (
    "the merge key '<<' is followed here and wherever else it stands outside of data;"
    " YAML 1.2, which OpenAPI is written in, has none"
)


def notices(parts: Parts, document: Document, sources: Sources) -> dict[str, tuple[Told, ...]]:
    """Return what is to be told of each part, by its id; that of the root fields is "heading".

    Without lines, which edits elsewhere move. What reads the same of several places is told of one of them.
    """
    found: dict[str, list[Told]] = {}

    def note(part: Part, place: Place | None, text: str) -> None:
        file, tokens = place or ("", ())
        told = Told("", "", text) if place is None else Told(sources.shown_path(file), readable(tokens), text)
        found.setdefault(part.id, []).append(told)

    for part in parts.shared.values():
        if part.name and not part.moved and not COMPONENT_NAME.fullmatch(part.name):
            name = f"{part.section}/{escape(part.name)}"
            note(part, part.place, f"the name of '{name}' should have only letters, digits, '.', '-' and '_'")
    everything = (parts.heading, *parts.shared.values(), *(endpoint.part for endpoint in parts.endpoints))
    merges = _Merges(document, sources)
    if merges.places:
        for part in everything:
            merge = merges.first_in(part)
            if merge is not None:
                note(part, (merge[0], merge[1][:-1]), _MERGES)
    for part, dialect in _unknown_dialects(document, sources, everything):
        note(part, None, f"schemas of the dialect '{dialect}' were not judged, since it is not known here")
    return {part_id: each_once(told) for part_id, told in found.items()}


def each_once(told: Iterable[Told]) -> tuple[Told, ...]:
    """Return of notices that read the same the first one."""
    found: dict[str, Told] = {}
    for each in told:
        found.setdefault(each.message, each)
    return tuple(found.values())


class _Merges:
    """What merge keys brought into the files of a document.

    places: of each such thing.
    """

    def __init__(self, document: Document, sources: Sources) -> None:
        files = {ENTRY: document.merged, **sources.merged}
        self.places = {(file, tokens) for file, places in files.items() for tokens in places}
        self._around: dict[Place, list[Place]] = {}
        for file, places in files.items():
            for tokens in places:
                note_around(self._around, (file, tokens), (file, tokens))

    def first_in(self, part: Part) -> Place | None:
        """Return the place of the first of it that is in a part, or that the part is in."""
        for at, (file, start) in part.sources():
            outer = ((file, start[:length]) for length in range(len(start) + 1))
            found = next((place for place in outer if place in self.places), None)
            if found is not None:
                return found
            for place in self._around.get((file, start), ()):
                if resolve(part.value, (*map(str, at), *place[1][len(start) :])) is not MISSING:
                    return place
        return None


def _unknown_dialects(document: Document, sources: Sources, parts: Sequence[Part]) -> Iterator[tuple[Part, str]]:
    """Yield the parts with schemas of a dialect that is not known here, as often as they have such."""
    model = document.model
    if not model.schema_ref_is_keyword:
        return
    root = document.root.get("jsonSchemaDialect")
    default = root if isinstance(root, str) and not is_known_dialect(root) else None
    if default is None and not document.names_dialects and not sources.names_dialects:
        return
    for part in parts:
        for site in walk_field(model, field_of(part.section), part.value):
            if site.kind == "Schema" and not site.is_reference:
                named = site.value.get("$schema")
                dialect = named if isinstance(named, str) and not is_known_dialect(named) else None
                if dialect is None and named is None:
                    dialect = default
                if dialect is not None:
                    yield part, dialect
