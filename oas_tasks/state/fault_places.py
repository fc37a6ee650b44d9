"""Finds the lines of faults, which an edit elsewhere in the document moves without making the slice stale.

Those in slices that were made all the same are stored without lines. Those for which there is no slice have them in
their reason, and are looked for again when the document has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from oas_tasks.document.place import ENDPOINT_FIELDS
from oas_tasks.plan.plan import Endpoint
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


def moved_faults(
    endpoint: Endpoint, faults: Sequence[Diagnostic], settings: Settings, located: Callable[[Diagnostic], Diagnostic]
) -> list[Diagnostic] | None:
    """Return the faults for which an endpoint has no slice with the lines that they have now, None where in doubt.

    faults: as they were when the endpoint had the same fingerprint, and so the same content below the places of its
    own path and of components. What stands elsewhere may have moved to another pointer.
    located: from `fault_places`.
    """
    from oas_tasks.openapi.pointer import from_readable

    found: list[Diagnostic] = []
    for fault in faults:
        file, *position = fault.place.rsplit(":", 2)
        tokens = from_readable(fault.pointer)
        is_of_path = len(tokens) > 1 and tokens[0] in ENDPOINT_FIELDS and tokens[1] == endpoint.path
        if file != str(settings.spec) or len(position) < 2 or not (is_of_path or tokens[:1] == ("components",)):
            return None
        moved = located(fault._replace(place=file))
        if moved.place == file:
            return None
        found.append(moved)
    return found or None


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
