"""Defines faults of an endpoint as data, and the phases of validation that find them.

A fault is a result, not an exception. The endpoint gets no slice and a FAIL row. If the fault is in the document and
the settings tolerate such faults, it gets a slice with the same fault and a WARN row.
"""

from __future__ import annotations

from enum import Enum, IntEnum
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


#: Phases that a slice which equals its source fails only because of faults in the source.
_OF_SOURCE = frozenset({Phase.STRUCTURE, Phase.OPERATION, Phase.RESPONSES, Phase.VERSION})


class FaultKind(Enum):
    """The effect of a fault on its slice, apart from its phase.

    FAULT: depending on its phase, the source is at fault, or the slice would not mean the same as the source.
    ADVICE: the specification only recommends otherwise; it is reported, and the slice is made all the same.
    MADE: the source is not at fault, whatever the phase: a conversion or this tool caused it.
    """

    FAULT = "fault"
    ADVICE = "advice"
    MADE = "made"


class Fault(NamedTuple):
    """One fault, with its place.

    message: one clause in plain words, without its place: "'strng' is not a type (array, boolean, ...)".
    tokens: the decoded JSON Pointer of the place, from the root of the document that was checked.
    file: the file that the place is in, by its path relative to the entry's folder; "" for the entry.
    key: the faulty field of the object at the place, for its line and column; "" if the whole object is at fault.
    kind: its effect on the slice.
    traceback: that of an internal error, otherwise "".
    """

    phase: Phase
    message: str
    tokens: tuple[str, ...]
    file: str = ""
    key: str = ""
    kind: FaultKind = FaultKind.FAULT
    traceback: str = ""

    @property
    def is_of_source(self) -> bool:
        """Whether the fault is in the source, so that a slice which equals its source has it too."""
        return self.kind is FaultKind.FAULT and self.phase in _OF_SOURCE


def quoted(value: object) -> str:
    """Return a value as JSON for a message, cut if it is long."""
    import json

    from oas_tasks.formats.json_write import canonical

    try:
        text = json.dumps(value, ensure_ascii=False)
    except TypeError:  # a number of many digits
        text = canonical(value).decode()  # type: ignore[arg-type]  # it was read
    return text if len(text) <= 60 else text[:57] + "..."
