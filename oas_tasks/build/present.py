"""What a slice's file holds where that is what the document gives, so that it stays as it is."""

from __future__ import annotations

from pathlib import Path

from oas_tasks.config import Settings
from oas_tasks.regular_files import read_regular


def current_content(file: Path, content: bytes, settings: Settings) -> bytes | None:
    """Return what a slice's file holds where it is up to date; None where it is not, or there is no file.

    content: the slice as it would be written. The file may have other values in volatile places.
    """
    try:
        if not settings.volatile and file.lstat().st_size != len(content):
            return None
        found = read_regular(file, follow=False)
    except OSError:
        return None
    if found == content:
        return content
    from oas_tasks.slicing.alike import are_alike  # which whoever finds all files as they were needs not
    from oas_tasks.slicing.volatile import Volatile

    is_current = settings.volatile and are_alike(content, found, settings.format, Volatile(settings.volatile))
    return found if is_current else None
