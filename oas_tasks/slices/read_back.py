"""The bytes of a slice, read again as somebody else would: the setting `validate: full`."""

from __future__ import annotations

from collections.abc import Sequence

from oas_tasks import formats
from oas_tasks.formats import Format
from oas_tasks.openapi.faults import Fault, FaultKind, Phase
from oas_tasks.openapi.model import Family
from oas_tasks.openapi.validation import second_opinion
from oas_tasks.slices.assemble import Draft


def read_back_faults(content: bytes, form: Format, made: Draft, family: Family, known: Sequence[Fault]) -> list[Fault]:
    """Return what a second validator finds wrong with a slice's bytes.

    known: the document's faults, which that one says in words of its own.
    """
    if formats.read(content, f"slice.{form}") != made.value:
        message = "the slice does not read back as it was made, which is a fault of oas-tasks; please report it"
        return [Fault(Phase.EQUIVALENCE, message, ())]
    found = second_opinion.faults(family, made.value)
    if any(fault.is_of_source for fault in known):
        return [fault for fault in found if fault.phase is Phase.REFERENCES]
    return [fault for fault in found if fault.kind is not FaultKind.ADVICE] if known else found
