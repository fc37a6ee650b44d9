"""Finds the rows of an earlier plan that are those of a new plan as well, so that only the others are worked out.

A row follows from the endpoint's own part, from the shared parts that it reaches, and from what is the same for all
endpoints (`basis`). Parts are compared one by one; whatever depends on others than those is compared as a whole, and no
row is kept where that is another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from xxhash import xxh3_128_hexdigest

from oas_tasks.document.place import EndpointKey
from oas_tasks.parts.facts import Memory
from oas_tasks.parts.operations import is_required
from oas_tasks.parts.part import Part, Parts
from oas_tasks.parts.placeholders import linked_operations
from oas_tasks.plan.plan import Dependencies, Endpoint, Plan


class EarlierPlan(NamedTuple):
    """The plan that was made when the facts were found."""

    plan: Plan
    dependencies: Dependencies


class PlanRow(NamedTuple):
    """An endpoint of a plan, and the numbers of the shared parts that it reaches."""

    endpoint: Endpoint
    closure: tuple[int, ...]


def basis_of(parts: Parts, of_settings: bytes, of_root: bytes) -> str:
    """Return the identity of what the rows of all endpoints depend on, 32 hex digits.

    of_settings, of_root: the identities of the settings, and of the root fields that every slice has.
    """
    others = (parts.family, parts.root_order, parts.heading.needs, is_required(parts.root_security))
    return xxh3_128_hexdigest(of_settings + of_root + repr(others).encode("utf-8", "surrogatepass"))


def kept_rows(
    parts: Parts,
    numbers: Mapping[str, int],
    files: Mapping[EndpointKey, str],
    basis: str,
    memory: Memory,
    earlier: EarlierPlan | None,
) -> dict[EndpointKey, PlanRow]:
    """Return the rows of an earlier plan that are the same now, with the numbers that parts have now.

    numbers: those of the shared parts, by id.
    files: the names of all slices.
    basis: see `basis_of`.
    """
    if earlier is None or earlier.dependencies.basis != basis:
        return {}
    before = earlier.dependencies
    now = [numbers.get(part_id, -1) for part_id in before.parts]
    shared = list(parts.shared.values())
    if any(one > other for one, other in pairwise(each for each in now if each >= 0 and not shared[each].moved)):
        return {}  # components are in the order of the document
    own = {endpoint.key: endpoint.part for endpoint in parts.endpoints}
    if len(own) != len(parts.endpoints):
        return {}
    changes = _Changes(parts, numbers.keys() - set(before.parts), _are_renamed(earlier.plan, files), memory)
    if not changes.appeared.isdisjoint(parts.heading.needs):
        return {}
    changed = changes.numbers(now, shared)
    is_renumbered = now != list(range(len(now)))
    found: dict[EndpointKey, PlanRow] = {}
    for endpoint, closure in zip(earlier.plan.endpoints, before.closures, strict=True):
        key = endpoint.key
        part, file = own.get(key), files.get(key)
        if part is None or file is None or not changed.isdisjoint(closure):
            continue
        if memory.is_recalled(part) and not changes.concern(part):
            numbers_now = tuple(map(now.__getitem__, closure)) if is_renumbered else closure
            found[key] = PlanRow(endpoint if endpoint.file == file else endpoint._replace(file=file), numbers_now)
    return found


def _are_renamed(plan: Plan, files: Mapping[EndpointKey, str]) -> bool:
    """Whether other endpoints have slices than in a plan, or slices of other names, to which Links may lead."""
    return files != {endpoint.key: endpoint.file for endpoint in plan.endpoints}


class _Changes:
    """What changed since a plan.

    appeared: the ids of new parts.
    """

    def __init__(self, parts: Parts, appeared: Collection[str], are_renamed: bool, memory: Memory) -> None:
        self.appeared = frozenset(appeared)
        self._shared = parts.shared
        self._are_renamed = are_renamed
        self._memory = memory

    def concern(self, part: Part) -> bool:
        """Whether changes of others may change what follows from a part, which is unchanged itself."""
        is_led_elsewhere = self._are_renamed and bool(linked_operations(part.placeholders))
        return is_led_elsewhere or (bool(self.appeared) and not self.appeared.isdisjoint(part.needs))

    def numbers(self, now: Sequence[int], shared: Sequence[Part]) -> set[int]:
        """Return the earlier numbers of the parts that changed, or that changes concern.

        now: the present number of each, -1 for one that is gone.
        """
        # A component takes its name from a moved part, and gives it back when it goes.
        are_names_free = all(number >= 0 for number in now) and all(self._shared[each].moved for each in self.appeared)
        found: set[int] = set()
        for number, there in enumerate(now):
            part = shared[there] if there >= 0 else None
            if (
                part is None
                or (part.moved and not are_names_free)
                or not self._memory.is_same(part)
                or ((self.appeared or self._are_renamed) and self.concern(part))
            ):
                found.add(number)
        return found
