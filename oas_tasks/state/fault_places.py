"""Finds the lines of faults in slices that were made all the same.

They are not stored, since an edit elsewhere in the document moves them without making the slice stale.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from oas_tasks.regular_files import read_regular
from oas_tasks.settings import Settings
from oas_tasks.slices.diagnostic import Diagnostic

if TYPE_CHECKING:
    from oas_tasks.formats.locate import Locator


#: The pointer of a fault of the whole document.
_ROOT = "#/"


def fault_places(settings: Settings) -> Callable[[Diagnostic], Diagnostic]:
    """Return a function that adds line and column to a fault of a document, where they can be found."""
    from oas_tasks.document.document import CONTAINERS
    from oas_tasks.formats.locate import Locator  # needed only where there are faults
    from oas_tasks.openapi.pointer import from_readable

    locators: dict[str, Locator | None] = {}

    def read(file: str) -> Locator | None:
        if not _is_readable(Path(file), settings):
            return None
        try:
            return Locator(read_regular(file), file, CONTAINERS)
        except OSError:
            return None

    def located(fault: Diagnostic) -> Diagnostic:
        if not fault.pointer:
            return fault
        if fault.place not in locators:
            locators[fault.place] = read(fault.place)
        locator = locators[fault.place]
        tokens = from_readable(fault.pointer) if fault.pointer != _ROOT else ()
        found = None if locator is None else _located(locator, tokens, fault.key)
        return fault if found is None else fault._replace(place=f"{fault.place}:{found[0]}:{found[1]}")

    return located


def _located(locator: Locator, tokens: tuple[str, ...], key: str) -> tuple[int, int] | None:
    return locator.locate((*tokens, key), key=True) if key else locator.locate(tokens)


def _is_readable(file: Path, settings: Settings) -> bool:
    """Whether a file may belong to the document; a planted cache could name any file."""
    if file == settings.spec or settings.allow_outside:
        return True
    try:
        return file.resolve().is_relative_to(settings.spec.absolute().parent.resolve())
    except (OSError, RuntimeError):  # circular links
        return False
