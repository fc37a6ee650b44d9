"""Where something stands in the files of a document, and which root fields hold what; light to import."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

T = TypeVar("T")

#: The entry document among the files.
ENTRY = ""

#: A place in one of the files of a document: the file as `Sources` knows it, and the decoded JSON Pointer.
Place = tuple[str, tuple[str, ...]]


SECURITY = "security"


TAGS = "tags"


PATHS = "paths"


WEBHOOKS = "webhooks"


#: The method of an endpoint that stands for all of a path whose path item cannot be had.
ANY_METHOD = "*"


#: Root fields that hold endpoints.
ENDPOINT_FIELDS = (PATHS, WEBHOOKS)


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


def note_around(found: dict[Place, list[T]], place: Place, what: T) -> None:
    """Note something at its place and at each one around it, so that of any place all that is below is at hand."""
    file, tokens = place
    for length in range(len(tokens) + 1):
        found.setdefault((file, tokens[:length]), []).append(what)
