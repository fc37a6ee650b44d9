"""What moved parts are called in a slice.

A name follows from the endpoint and what it reaches, so that no other endpoint's change can show in a slice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from oas_tasks.openapi.model import ComponentName
from oas_tasks.parts.part import Part


def moved_order(starts: Iterable[Part], shared: Mapping[str, Part]) -> list[str]:
    """Return the ids of the moved parts that some parts reach, in the order of first use, depth first."""
    order: list[str] = []
    seen: set[str] = set()
    pending = [need for start in starts for need in start.needs]
    pending.reverse()
    while pending:
        part_id = pending.pop()
        if part_id in seen or part_id not in shared:
            continue
        seen.add(part_id)
        part = shared[part_id]
        if part.moved:
            order.append(part_id)
        pending.extend(reversed(part.needs))
    return order


def own_names(parts: Iterable[Part]) -> frozenset[ComponentName]:
    """Return the names that the document's own components among some parts have, by section."""
    return frozenset((part.section, part.name) for part in parts if not part.moved)


def moved_names(
    order: Iterable[str], shared: Mapping[str, Part], own_names: Set[ComponentName], held_names: Set[ComponentName]
) -> dict[str, str]:
    """Name moved parts: as they would like, with `_2`, `_3`, ... where that is taken.

    order: their ids by first use, which decides among them.

    Names of the document's own components always win, of those that are not in the slice as well: a name means the same
    in all slices, and in a discriminator's values it is what tells schemas apart. Only what is hoisted, which is a part
    of one of them and no name of anything, gives way to those in the slice alone: so no component that is added to the
    document bears on slices without it.
    """
    taken: set[ComponentName] = set()
    names: dict[str, str] = {}
    for part_id in order:
        part = shared[part_id]
        name = part.name
        number = 1
        before = held_names if part.hoisted else own_names
        while (part.section, name) in taken or (part.section, name) in before:
            number += 1
            name = f"{part.name}_{number}"
        taken.add((part.section, name))
        names[part_id] = name
    return names
