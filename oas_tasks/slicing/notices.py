"""What is to be told of the slices that a part is in, though nothing is wrong with them: told once, in the same words.

Component names that the specification does not allow, merge keys, and schemas that nobody here can judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from oas_tasks.openapi.pointer import MISSING, readable, resolve
from oas_tasks.openapi.validation.structure import COMPONENT_NAME, is_known_dialect
from oas_tasks.openapi.walk import walk_field
from oas_tasks.slicing.document import Document
from oas_tasks.slicing.parts import Part, Parts, Place, field_of
from oas_tasks.slicing.sources import ENTRY, Sources


class Notice(NamedTuple):
    """What is to be told, and of which place in the sources; None where it is of no single one."""

    text: str
    place: Place | None


def notices(parts: Parts, document: Document, sources: Sources) -> dict[str, tuple[Notice, ...]]:
    """Return what is to be told of each part, by its id; that of the root fields is "heading"."""
    found: dict[str, list[Notice]] = {}
    for part in parts.shared.values():
        if part.name and not part.moved and not COMPONENT_NAME.fullmatch(part.name):
            text = "the name of a component should have only letters, digits, '.', '-' and '_'"
            found.setdefault(part.id, []).append(Notice(f"{text} (at {readable(part.place[1])})", part.place))
    merges = [(ENTRY, place) for place in document.merged]
    merges += [(file, place) for file, places in sources.merged.items() for place in places]
    everything = (parts.heading, *parts.shared.values(), *(endpoint.part for endpoint in parts.endpoints))
    if merges:
        file, tokens = merges[0]
        text = (
            "the merge key '<<' is followed here and wherever else it stands outside of data;"
            " YAML 1.2, which OpenAPI is written in, has none"
        )
        for part in everything:
            if any(_holds(part, merge) for merge in merges):
                found.setdefault(part.id, []).append(Notice(text, (file, tokens[:-1])))
    for part, dialect in _unknown_dialects(document, sources, everything):
        text = f"schemas of the dialect '{dialect}' were not judged, since it is not known here"
        found.setdefault(part.id, []).append(Notice(text, None))
    return {part_id: tuple(dict.fromkeys(texts)) for part_id, texts in found.items()}


def _holds(part: Part, place: Place) -> bool:
    """Whether what stands at a place in the sources is in a part, or the part in that."""
    file, tokens = place
    for at, (source, start) in [((), part.place), *part.inlined]:
        if source == file and tokens[: len(start)] == start:
            inside = (*map(str, at), *tokens[len(start) :])
            if resolve(part.value, inside) is not MISSING:
                return True
        elif source == file and start[: len(tokens)] == tokens:
            return True
    return False


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
