"""Places in the files of a document, and the names of its root fields. Light to import."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")

#: The entry document among the files.
ENTRY = ""

#: A place in one of the files of a document: the file as `Sources` knows it, and the decoded JSON Pointer.
Place = tuple[str, tuple[str, ...]]

#: The path and the method of an endpoint.
EndpointKey: TypeAlias = tuple[str, str]


SECURITY = "security"


TAGS = "tags"


PATHS = "paths"


WEBHOOKS = "webhooks"


#: The method of an endpoint that stands for a whole path, since its path item cannot be found.
ANY_METHOD = "*"


#: Root fields that hold endpoints.
ENDPOINT_FIELDS = (PATHS, WEBHOOKS)


class SourceFile(NamedTuple):
    """A file that was read, or looked for and not found.

    path: its path in the file system.
    size, stamp: those from before it was read (`file_stamp`); -1 and "" if the file does not exist.
    digest: xxh3-128 of its bytes, 32 hex digits; "" if the file does not exist.
    """

    path: str
    size: int
    stamp: str
    digest: str


def note_around(found: dict[Place, list[T]], place: Place, what: T) -> None:
    """Note something at its place and at every place above, so that a look-up finds all that is below a place."""
    file, tokens = place
    for length in range(len(tokens) + 1):
        found.setdefault((file, tokens[:length]), []).append(what)
