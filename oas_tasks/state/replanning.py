"""A plan brought up to date: what was planned anew takes its place among what is as it was, in the document's order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from oas_tasks.document.place import ENDPOINT_FIELDS
from oas_tasks.parts.part import component_id
from oas_tasks.plan.file_names import file_names
from oas_tasks.plan.plan import Dependencies, Endpoint, Plan
from oas_tasks.plan.planner import plan_digest
from oas_tasks.slices.slicer import Slicer
from oas_tasks.state.members import Keys

Key = tuple[str, str]


def parts_now(
    before: Sequence[Keys], now: Sequence[Keys], ids: Sequence[str], added: Iterable[str]
) -> tuple[str, ...] | None:
    """Return the ids of a document's parts, in the document's order.

    before, now: the keys of its members. ids: of its parts before. added: of those that are new.

    Returns None where not every component was a member.
    """
    known = frozenset(ids)
    components = [part_id for part_id in map(_component_of, before) if part_id in known]
    members = frozenset(components)
    others = tuple(part_id for part_id in ids if part_id not in members)
    if (*others, *components) != tuple(ids) or any(part_id.startswith("components/") for part_id in others):
        return None
    known |= frozenset(added)
    return (*others, *(part_id for part_id in map(_component_of, now) if part_id in known))


def _component_of(keys: Keys) -> str:
    """Return the id of the part that a member is, "" of those that are no components."""
    return component_id(*keys[1:3]) if keys[0] == "components" and len(keys) == 3 else ""


class Names:
    """The files of slices, by what else has a file; called by who plans the endpoints that are planned anew.

    kept: path, method and file of those that are as they were.
    has_moved: one of these has another file now.
    """

    def __init__(self, plan: Plan, replaced: frozenset[str], form: str) -> None:
        """Take the plan before; replaced: the paths whose endpoints may be others now."""
        self._known = {(each.path, each.method): each.file for each in plan.endpoints}
        self._kept = [key for key in self._known if key[0] not in replaced]
        self._replaced = {key for key in self._known if key[0] in replaced}
        self._is_replaced = replaced.__contains__
        self._form = form
        self.has_moved = False

    def __call__(self, endpoints: Sequence[Key]) -> list[str]:
        """Return the files of the endpoints of an excerpt, given as (path, method), in the same order."""
        own = [key for key in endpoints if self._is_replaced(key[0])]
        if set(own) == self._replaced:
            return [self._known.get(key, "") for key in endpoints]
        everybody = [*self._kept, *own]
        files = dict(zip(everybody, file_names(everybody, self._form), strict=True))
        self.has_moved = any(files[key] != self._known[key] for key in self._kept)
        return [files.get(key, "") for key in endpoints]


def replanned(
    plan: Plan,
    dependencies: Dependencies,
    slicer: Slicer,
    stale: frozenset[Key],
    replaced: frozenset[str],
    members: Sequence[Keys],
    parts: tuple[str, ...],
) -> tuple[Plan, Dependencies] | None:
    """Return a plan in which some endpoints are as an excerpt has them.

    slicer: of the excerpt.
    stale: path and method of those that are taken from it.
    replaced: paths of which all endpoints are taken from it, whichever these are now.
    members: the keys of the document's members now, in order. parts: the ids of its parts.

    Returns None where the two do not fit together, or an endpoint that is taken has a fault in its pointing.
    """
    indexes = {part_id: index for index, part_id in enumerate(parts)}
    moved = _moved_to(dependencies.parts, indexes)
    rows: defaultdict[str, list[tuple[Endpoint, tuple[int, ...]]]] = defaultdict(list)
    anew = {(each.path, each.method): number for number, each in enumerate(slicer.plan.endpoints)}

    def row(key: Key) -> tuple[Endpoint, tuple[int, ...]] | None:
        number = anew.get(key)
        reached = () if number is None else slicer.dependencies.of(number)
        if number is None or slicer.has_pointing_faults(*key) or not indexes.keys() >= set(reached):
            return None
        return slicer.plan.endpoints[number], tuple(indexes[part_id] for part_id in reached)

    for endpoint, closure in zip(plan.endpoints, dependencies.closures, strict=True):
        key = (endpoint.path, endpoint.method)
        if endpoint.path in replaced:
            continue
        found = row(key) if key in stale else (endpoint, moved(closure))
        if found is None:
            return None
        rows[endpoint.path].append(found)
    for key in anew:
        if key[0] in replaced:
            found = row(key)
            if found is None:
                return None
            rows[key[0]].append(found)
    ordered = [row for path in _paths(members) for row in rows.pop(path, ())]
    if rows:
        return None  # of paths that are no members
    endpoints = tuple(endpoint for endpoint, _ in ordered)
    return (
        Plan(plan.family, plan_digest(endpoints), endpoints, slicer.plan.title, plan.idle),
        Dependencies(parts, tuple(closure for _, closure in ordered)),
    )


def _paths(members: Sequence[Keys]) -> list[str]:
    """Return the paths and the names of webhooks in the order of their endpoints."""
    return [keys[1] for field in ENDPOINT_FIELDS for keys in members if keys[0] == field and len(keys) == 2]


def _moved_to(ids: Sequence[str], indexes: Mapping[str, int]) -> Callable[[tuple[int, ...]], tuple[int, ...]]:
    """Return what turns indexes into parts as they were into those of the same parts now."""
    if list(ids) == list(indexes):
        return lambda closure: closure
    now = [indexes.get(part_id, -1) for part_id in ids]
    return lambda closure: tuple(now[index] for index in closure)
