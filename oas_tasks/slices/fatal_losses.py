"""Which losses of a conversion cost an endpoint its slice: the impossible ones, and under `strict` all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import TYPE_CHECKING

from oas_tasks.document.place import Place
from oas_tasks.openapi.faults import Fault, FaultKind, Phase
from oas_tasks.openapi.model import Model
from oas_tasks.parts.part import EndpointPart, Part, field_of
from oas_tasks.slices.assemble import Draft

if TYPE_CHECKING:
    from oas_tasks.openapi.conversion import Loss


def fatal_losses(
    made: Draft, own: EndpointPart, model: Model, shared: Mapping[str, Part], is_strict: bool
) -> list[Fault]:
    """Return the losses of a slice that forbid it, as faults; the impossible ones first.

    model: the document's. shared: its parts but the endpoints', by id.
    """
    impossible = [each for each in made.losses if each[1].kind == "impossible"]
    if any(not loss.stays and part is not own.part for part, loss in impossible):
        direct = _outside_callbacks(model, own, shared)
        impossible = [(part, loss) for part, loss in impossible if loss.stays or part.id in direct]
    others = [each for each in made.losses if each not in impossible]
    first, rest = ([(part.source(loss.tokens), loss) for part, loss in listed] for listed in (impossible, others))
    return _as_faults(first, rest, is_strict)


def fatal_in_files(found: Iterable[tuple[str, Loss]], is_strict: bool) -> list[Fault]:
    """Return the losses of files in other versions than the document that forbid a slice, as faults."""
    at = [((file, loss.tokens), loss) for file, loss in found]
    impossible = [each for each in at if each[1].kind == "impossible"]
    return _as_faults(impossible, (each for each in at if each not in impossible), is_strict)


def _as_faults(
    impossible: Iterable[tuple[Place, Loss]], others: Iterable[tuple[Place, Loss]], is_strict: bool
) -> list[Fault]:
    found = [(place, loss.what) for place, loss in impossible]
    if is_strict:
        reason = "and 'strict' lets nothing be lost"
        found += [(place, f"{loss.what}, {reason}") for place, loss in others if loss.kind != "ambiguous"]
    return [Fault(Phase.VERSION, said, tokens, file, kind=FaultKind.MADE) for (file, tokens), said in found]


def _outside_callbacks(model: Model, endpoint: EndpointPart, shared: Mapping[str, Part]) -> Set[str]:
    """Return the ids of the parts that an endpoint reaches otherwise than through a callback, its own among them."""
    from oas_tasks.openapi.conversion import is_in_callback  # a quarter of all code, and seldom used

    reached = {endpoint.part.id}
    pending = [endpoint.part]
    while pending:
        part = pending.pop()
        holds = field_of(part.section)
        for use in part.uses:
            is_new = use.part_id in shared and use.part_id not in reached
            if is_new and not is_in_callback(model, holds, tuple(map(str, use.tokens))):
                reached.add(use.part_id)
                pending.append(shared[use.part_id])
    return reached
