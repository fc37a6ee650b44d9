"""Names moved parts in a slice.

A name depends only on the endpoint and what it reaches, so that a change of another endpoint never shows in a slice.
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
    """Return the section and name of each part that is a component of the document itself."""
    return frozenset((part.section, part.name) for part in parts if not part.moved)


def moved_names(
    order: Iterable[str], shared: Mapping[str, Part], own_names: Set[ComponentName], held_names: Set[ComponentName]
) -> dict[str, str]:
    """Return the names of moved parts by id: the preferred ones, with `_2`, `_3`, ... if they are taken.

    order: the ids by first use, which decides who gets a name.

    The document's own components keep their names, even those that are not in the slice: a name means the same in all
    slices, and discriminators tell schemas apart by name. A hoisted part has no name in the document, so it gives way
    only to the components in the slice; then adding a component to the document does not change slices without it.
    """
    taken: set[ComponentName] = set()
    names: dict[str, str] = {}
    #: The last number that was tried for each name: all below are taken.
    numbers: dict[tuple[str, str, bool], int] = {}
    for part_id in order:
        part = shared[part_id]
        key = (part.section, part.name, part.hoisted)
        number = numbers.get(key, 1)
        name = part.name if number == 1 else f"{part.name}_{number}"
        before = held_names if part.hoisted else own_names
        while (part.section, name) in taken or (part.section, name) in before:
            number += 1
            name = f"{part.name}_{number}"
        numbers[key] = number
        taken.add((part.section, name))
        names[part_id] = name
    return names
