"""What the schemas of a slice describe, data or bytes: by all the places in it that refer to them.

Like all that fills holes it follows from the endpoint and what it reaches; in another slice the same component may be
something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from oas_tasks.openapi.model import Model
from oas_tasks.openapi.roles import DATA, Role, role_at, settled
from oas_tasks.slicing.parts import EndpointPart, HoleKind, Part, field_of

_NOTHING_NAMED: Mapping[str, Role] = {}


def roles_in_slices(
    model: Model, endpoints: Iterable[EndpointPart], telling: Sequence[Part], shared: Mapping[str, Part]
) -> Mapping[str, Role]:
    """Return the roles of the schemas that endpoints reach, by the ids of their parts; none where none matters.

    model: the document's. telling: the parts that they reach, those at least that have holes.
    """
    if not any(hole.kind is HoleKind.ROLE for part in telling for hole in part.holes):
        return _NOTHING_NAMED

    def uses(part_id: str, role: Role) -> Iterator[tuple[str, Role]]:
        part = shared.get(part_id)
        return iter(()) if part is None else _uses(model, part, role)

    return settled([use for each in endpoints for use in _uses(model, each.part, DATA)], uses)


def _uses(model: Model, part: Part, role: Role) -> Iterator[tuple[str, Role]]:
    """Yield what a part of a role uses, and in what role; of what is no schema the role says nothing."""
    for use in part.uses:
        if use.is_whole:
            at = tuple(map(str, use.tokens[:-1]))
            yield use.part_id, role_at(model, field_of(part.section), part.value, at, role, _NOTHING_NAMED)
        else:
            yield use.part_id, DATA
