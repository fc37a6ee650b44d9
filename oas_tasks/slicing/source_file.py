"""The identity of a file that a document is made of; apart from `sources.py`, which reads them, and light to import."""

from __future__ import annotations

from typing import NamedTuple


class SourceFile(NamedTuple):
    """A file that was read, or looked for and not found.

    path: where it is, for the file system.
    size, mtime_ns: as they were before it was read; -1 where there is none.
    digest: xxh3-128 of its bytes, 32 hex digits; "" where there is none.
    """

    path: str
    size: int
    mtime_ns: int
    digest: str
