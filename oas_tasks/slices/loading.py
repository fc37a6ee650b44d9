"""Loads a document from its file into a slicer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from oas_tasks.document.document import load_document, read_bytes
from oas_tasks.document.files import Sources
from oas_tasks.plan.cut_document import cut_and_plan
from oas_tasks.processes import collection_held
from oas_tasks.settings import Settings
from oas_tasks.slices.slicer import Slicer


def load_slicer(settings: Settings, shown: str, bring: Callable[[Path], object] | None = None) -> Slicer:
    """Return the slicer of a whole document. Raises UserError where it cannot be sliced.

    shown: the document's path as the user wrote it.
    bring: as in `Sources`.
    """
    with collection_held():
        document = load_document(read_bytes(settings.spec, shown), shown)
        sources = Sources(settings.spec, shown, document.root, settings.allow_outside, bring)
        return Slicer(cut_and_plan(document, sources, settings), settings)
