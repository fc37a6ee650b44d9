"""The sources of a document of another revision; apart from the revision, which is also asked where nothing is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from oas_tasks.slicing.sources import Sources


class BroughtSources(Sources):
    """The files that a document is made of, each brought to its place when it is read for the first time.

    bring: brings a file, where there is one.
    """

    bring: Callable[[Path], object]

    def _look_for(self, file: str) -> None:
        self.bring(self.path(file))
