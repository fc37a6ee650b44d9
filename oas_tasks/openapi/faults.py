"""What can be wrong with an endpoint: the phases of validation, and a fault as data.

A fault is a result, not an exception: the endpoint gets no slice and a FAIL row with the first one as its reason.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Phase(IntEnum):
    """The phases in which a slice is validated, in order; the first that fails gives the reason."""

    STRUCTURE = 1
    OPERATION = 2
    RESPONSES = 3
    REFERENCES = 4
    COMPLETENESS = 5
    EQUIVALENCE = 6
    VERSION = 7


class Fault(NamedTuple):
    """One thing that is wrong, and where.

    message: plain words, one clause, no place in it: "'strng' is not a type (array, boolean, ...)".
    tokens: the decoded JSON Pointer of the place, from the root of the document that was looked at.
    file: which of a document's files the place is in, by its path relative to the entry's folder; "" for the entry.
    key: the field of what stands at the place that is at fault, whose line and column are told; "" where all of it is.
    """

    phase: Phase
    message: str
    tokens: tuple[str, ...]
    file: str = ""
    key: str = ""


def quoted(value: object) -> str:
    """Return a value as a message shows it: as JSON, and not longer than a reader would look at."""
    import json

    from oas_tasks.formats.json_writer import canonical

    try:
        text = json.dumps(value, ensure_ascii=False)
    except TypeError:  # a number of many digits
        text = canonical(value).decode()  # type: ignore[arg-type]  # it was read
    return text if len(text) <= 60 else text[:57] + "..."
