"""A document, and its slicer, from its file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from oas_tasks.config import Settings
from oas_tasks.formats import Value, read_spans
from oas_tasks.garbage import collection_held
from oas_tasks.slicing.document import Document, cut_document, parse_document, read_bytes
from oas_tasks.slicing.slicer import Slicer
from oas_tasks.slicing.sources import Sources

#: Makes the sources of a document: its file, the file's path as the user wrote it, its value, `allow_outside`.
MakeSources = Callable[[Path, str, Value, bool], Sources]


def load_slicer(settings: Settings, shown: str, make_sources: MakeSources = Sources) -> Slicer:
    """Return the slicer of a whole document. Raises UserError where it cannot be sliced.

    shown: the document's path as the user wrote it.
    """
    with collection_held():
        document = load_document(settings.spec, shown)
        return Slicer(document, make_sources(settings.spec, shown, document.root, settings.allow_outside), settings)


def load_document(file: Path, shown: str) -> Document:
    """Return a whole document. Raises UserError where it cannot be read or is none.

    shown: its path as the user wrote it.
    """
    content = read_bytes(file, shown)
    with collection_held():
        spans = cut_document(content, shown)
        return parse_document(content, shown, None if spans is None else read_spans(content, spans))
