"""The identity of a file that a document is made of; apart from `sources.py`, which reads them, and light to import."""

from __future__ import annotations

from typing import NamedTuple


class SourceFile(NamedTuple):
    """A file that was read, or looked for and not found.

    path: where it is, for the file system.
    size, stamp: as they were before it was read (`file_stamp`); -1 and "" where there is none.
    digest: xxh3-128 of its bytes, 32 hex digits; "" where there is none.
    """

    path: str
    size: int
    stamp: str
    digest: str
