"""What the slicer gives: the slice of an endpoint, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from oas_tasks.formats import Value
from oas_tasks.plan.plan import Endpoint
from oas_tasks.printable import printable
from oas_tasks.slices.diagnostic import Diagnostic

if TYPE_CHECKING:
    from oas_tasks.openapi.conversion import Loss


class ReportedLoss(NamedTuple):
    """A loss of a slice with its place in the sources; several parts that have that place have the same one.

    file: as the user would write it. pointer: in it, for people; `loss.tokens` are the same.
    warning: the loss in words.
    """

    loss: Loss
    file: str
    pointer: str
    warning: Diagnostic

    @classmethod
    def of(cls, loss: Loss, file: str, pointer: str) -> ReportedLoss:
        """Return a loss at a place in the sources."""
        words = printable(f"{file}{pointer}: {loss.what}; {loss.became}")
        return cls(loss, file, pointer, Diagnostic("", "", words))


class Slice(NamedTuple):
    """The slice of an endpoint, or why it has none.

    content: the slice's bytes, None where a fault leaves the endpoint without a slice.
    reason: the first fault in words, with its place in the document; empty where there is none.
    warnings: what the slice could not keep, and what else is odd about its parts; without lines, as faults of the
        document.
    schema_count: the schemas in its components, 0 where there is no slice.
    losses: what the conversion loses, also among the warnings; where they forbid the slice, those that do.
    traceback: of the internal error because of which there is no slice, else "".
    faults: where there is no slice those that forbid it, else those of the document that the slice has as well. The
        latter have no lines, which edits elsewhere move.
    is_tolerable: faults of the document alone, such that the setting `source_faults` decides whether there is a slice.
    document: what the content says, which shares its values with other slices; None where there is none.
    """

    endpoint: Endpoint
    content: bytes | None
    reason: str
    warnings: tuple[Diagnostic, ...] = ()
    schema_count: int = 0
    losses: tuple[ReportedLoss, ...] = ()
    traceback: str = ""
    faults: tuple[Diagnostic, ...] = ()
    is_tolerable: bool = False
    document: Mapping[str, Value] | None = None
