"""Finds the files and lines in which endpoints and shared parts of a document stand."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from oas_tasks.document.document import CONTAINERS
from oas_tasks.document.place import SECURITY, TAGS, EndpointKey
from oas_tasks.formats.locate import Locator
from oas_tasks.parts.part import Part
from oas_tasks.regular_files import read_regular
from oas_tasks.slices.slicer import Slicer


class PartPlace(NamedTuple):
    """Where a part stands.

    path: of the file. shown: the same as the user would write it.
    line: counted from 1; 0 where the file cannot be read any more.
    """

    path: Path
    shown: str
    line: int


class PartPlaces:
    """Finds the places of one document's parts; each file is read once."""

    def __init__(self, slicer: Slicer) -> None:
        self._sources = slicer.sources
        self._endpoints = {each.key: each for each in slicer.parts.endpoints}
        self._locators: dict[str, Locator | None] = {}

    def of_endpoint(self, key: EndpointKey) -> PartPlace:
        """Return the place of an operation."""
        found = self._endpoints[key]
        return self._place(*found.part.source((found.path, *map(str, found.at))), key=True)

    def of_shared(self, part: Part) -> PartPlace:
        """Return the place of a shared part."""
        file, tokens = part.place
        return self._place(file, tokens, key=part.section not in (TAGS, SECURITY))

    def _place(self, file: str, tokens: tuple[str, ...], key: bool) -> PartPlace:
        shown = self._sources.shown_path(file)
        locator = self._locator(file, shown)
        written = self._sources.place_written(file, tokens)
        found = None if locator is None else locator.locate(written, key=key and bool(written))
        return PartPlace(self._sources.path(file), shown, 0 if found is None else found[0])

    def _locator(self, file: str, shown: str) -> Locator | None:
        if file not in self._locators:
            try:
                self._locators[file] = Locator(read_regular(self._sources.path(file)), shown, CONTAINERS)
            except OSError:
                self._locators[file] = None
        return self._locators[file]
