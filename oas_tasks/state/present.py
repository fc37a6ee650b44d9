"""What a slice's file holds where that is what the document gives, so that it stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from oas_tasks.regular_files import read_regular

if TYPE_CHECKING:
    from oas_tasks.slices.slicer import Slicer


def current_content(file: Path, content: bytes, slicer: Slicer) -> bytes | None:
    """Return what a slice's file holds where it is up to date; None where it is not, or there is no file.

    content: the slice as it would be written. The file may have other values in volatile places.
    """
    volatile = slicer.volatile_in_slices
    try:
        if not volatile and file.lstat().st_size != len(content):
            return None
        found = read_regular(file, follow=False)
    except OSError:
        return None
    if found == content:
        return content
    if not volatile:
        return None
    from oas_tasks.slices.alike import are_alike  # which whoever finds all files as they were needs not

    return found if are_alike(content, found, slicer.format, volatile) else None
