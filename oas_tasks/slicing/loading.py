"""A document's slicer, from its bytes."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

from oas_tasks.config import Settings
from oas_tasks.formats import Value, read_spans
from oas_tasks.slicing.document import cut_document, parse_document, read_bytes
from oas_tasks.slicing.slicer import Slicer
from oas_tasks.slicing.sources import Sources

#: Makes the sources of a document: its file, the file's path as the user wrote it, its value, `allow_outside`.
MakeSources = Callable[[Path, str, Value, bool], Sources]


def load_slicer(settings: Settings, shown: str, make_sources: MakeSources = Sources) -> Slicer:
    """Return the slicer of a whole document. Raises UserError where it cannot be sliced.

    shown: the document's path as the user wrote it.
    """
    content = read_bytes(settings.spec, shown)
    collecting = gc.isenabled()
    gc.disable()  # there is no garbage while a document is read, only much to look through for it
    try:
        spans = cut_document(content, shown)
        document = parse_document(content, shown, None if spans is None else read_spans(content, spans))
        sources = make_sources(settings.spec, shown, document.root, settings.allow_outside)
        return Slicer(document, sources, settings)
    finally:
        if collecting:
            gc.enable()
