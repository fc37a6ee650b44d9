"""Makes slices without doit: takes a document's file and settings, returns every endpoint's slice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from oas_tasks.document.document import parse_document, read_bytes
from oas_tasks.document.files import Sources
from oas_tasks.plan.cut_document import cut_and_plan
from oas_tasks.settings import load_settings
from oas_tasks.slices.slice_result import Slice
from oas_tasks.slices.slicer import Slicer


def slices_of(file: Path, **settings: Any) -> dict[str, Slice]:
    """Return the slices of a document by the names of their files, those with a fault included.

    Faults name the document by its bare file name.
    """
    (found,) = load_settings(file.parent, {"spec": str(file), **settings})
    document = parse_document(read_bytes(file, file.name), file.name)
    slicer = Slicer(cut_and_plan(document, Sources(file, file.name, document.root, found.allow_outside), found), found)
    made = [slicer.make(endpoint.path, endpoint.method) for endpoint in slicer.plan.endpoints]
    return {each.endpoint.file: each for each in made}
