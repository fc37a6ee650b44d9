"""Compares two documents: which endpoints are added, removed or changed, and which parts cause the changes.

Equal fingerprints mean equal slices. Where fingerprints differ the slices may still be equal (the order of tags, say,
does not show in a slice with one tag), so that their bytes are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from xxhash import xxh3_128_hexdigest

from oas_tasks.document.place import EndpointKey
from oas_tasks.errors import Crash, UserError, keep_crash
from oas_tasks.plan.plan import Dependencies, Endpoint, Plan
from oas_tasks.plan.planned_document import PlannedDocument
from oas_tasks.settings import Settings

if TYPE_CHECKING:
    from oas_tasks.formats import Value
    from oas_tasks.plan.planned_document import Digests
    from oas_tasks.slices.shape import Shapes
    from oas_tasks.slices.slicer import Slicer


class CauseKind(Enum):
    """What changed a slice.

    SETTINGS: settings that shape slices. ROOT: a root field. OPERATION: the operation or its path item.
    CHANGED, ADDED, REMOVED: a part that the endpoint reaches or reached. REACHED, LEFT: an unchanged part that is now
    reached, or no longer. LINK: the target of a link, which depends on which endpoints have slices. ORDER: the order of
    parts or root fields. FILE: the slice's file name. FAULT: a fault that came or went.
    """

    SETTINGS = "settings"
    ROOT = "root field"
    OPERATION = "operation"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    REACHED = "reached"
    LEFT = "left"
    LINK = "link"
    ORDER = "order"
    FILE = "file"
    FAULT = "fault"


class Extent(Enum):
    """How far a change goes.

    TEXT: only descriptions, summaries, titles, examples and `x-` fields differ. SHAPE: anything else does.
    """

    TEXT = "text"
    SHAPE = "shape"


class Cause(NamedTuple):
    """One change that changed a slice.

    part: the name of what changed: `components/schemas/User`, `tags/pets`, a root field, `info.title`; the earlier name
        of a FILE; the reason of a FAULT, or "".
    via: the parts between the operation and this part.
    """

    kind: CauseKind
    part: str = ""
    via: tuple[str, ...] = ()


class Side(PlannedDocument):
    """One of two documents that are compared.

    slicer: None where only the stored plan of the document is available.
    """

    def __init__(self, plan: Plan, dependencies: Dependencies, digests: Digests, slicer: Slicer | None = None) -> None:
        super().__init__(plan, dependencies, digests)
        self.slicer = slicer

    @classmethod
    def of(cls, slicer: Slicer, settings: Settings) -> Side:
        """Return the side of a document that can be sliced."""
        from oas_tasks.plan.digests import digests_of

        return cls(slicer.plan, slicer.dependencies, digests_of(slicer.parts, slicer.plan, settings), slicer)

    @property
    def is_lenient(self) -> bool:
        """Whether endpoints with faults of the document get slices, which fingerprints do not cover."""
        return self.slicer is not None and self.slicer.is_lenient

    def ways(self, key: EndpointKey) -> Mapping[str, tuple[str, ...]]:
        """Return, for each part that an endpoint reaches, the parts on a shortest path to it; needs the slicer."""
        if self.slicer is None:
            return {}
        names = dict(zip(self.dependencies.parts, self.digests.names, strict=True))
        shared = self.slicer.parts.shared
        found: dict[str, tuple[str, ...]] = {}
        pending: list[tuple[str, tuple[str, ...]]] = [(need, ()) for need in self.slicer.needs(*key)]
        while pending:
            following: list[tuple[str, tuple[str, ...]]] = []
            for part_id, way in pending:
                if part_id in shared and names[part_id] not in found:
                    found[names[part_id]] = way
                    following += [(need, (*way, names[part_id])) for need in shared[part_id].needs]
            pending = following
        return found

    def links(self, key: EndpointKey) -> dict[EndpointKey, str]:
        """Return the operations to which a slice's links lead, each with its slice's file, or "" if it has none."""
        if self.slicer is None:
            return {}
        from oas_tasks.parts.placeholders import linked_operations

        shared = self.slicer.parts.shared
        closure = self.dependencies.of(self.numbers[key])
        parts = [self.slicer.own_part(*key), *(shared[part_id] for part_id in closure)]
        operations = linked_operations(each for part in parts for each in part.placeholders)
        return {each: self._files.get(each, "") for each in sorted(operations)}

    @cached_property
    def _files(self) -> dict[EndpointKey, str]:
        return {endpoint.key: endpoint.file for endpoint in self.plan.endpoints}

    @cached_property
    def _shapes(self) -> Shapes:
        from oas_tasks.slices.shape import Shapes

        assert self.slicer is not None
        return Shapes(self.slicer.target_model)

    def shape(self, outcome: Outcome) -> bytes | None:
        """Return the digest of a slice's shape, None where there is no slice."""
        if self.slicer is None or outcome.document is None:
            return None
        return self._shapes.of(self.slicer.volatile_in_slices.without(outcome.document))

    def outcome(self, key: EndpointKey) -> Outcome:
        """Make the slice of an endpoint and return the outcome."""
        from oas_tasks.slices.alike import neutral

        assert self.slicer is not None
        try:
            made = self.slicer.make(*key)
        except UserError as error:
            return Outcome(None, str(error))
        if made.traceback:
            keep_crash(Crash(f"{key[1]} {key[0]}", made.reason, made.traceback))
            return Outcome(None, made.reason, is_unknown=True)
        if made.content is None:
            return Outcome(None, made.reason)
        content = neutral(made.content, self.slicer.format, self.slicer.volatile_in_slices)
        return Outcome(xxh3_128_hexdigest(content), "", document=made.document)


class Outcome(NamedTuple):
    """The slice of an endpoint, or its fault.

    digest: xxh3-128 of the slice's bytes without volatile places, None where there is no slice.
    reason: the fault, or "".
    is_unknown: this tool failed, so that the slice is not known.
    document: the slice as a value, None where there is none.
    """

    digest: str | None
    reason: str
    is_unknown: bool = False
    document: Mapping[str, Value] | None = None


class Changed(NamedTuple):
    """An endpoint whose slice changed."""

    endpoint: Endpoint
    outcome: Outcome
    causes: tuple[Cause, ...]
    extent: Extent


class Comparison(NamedTuple):
    """The differences between two documents, each in document order.

    added, removed: endpoints that only one document has. reasons: the faults of added ones, where they have any.
    changed: endpoints of both whose slices differ.
    unchanged: the number of all others.
    volatile: the root fields, or members of `info`, that differ only in volatile places: `info.version`.
    """

    added: tuple[Endpoint, ...]
    removed: tuple[Endpoint, ...]
    changed: tuple[Changed, ...]
    unchanged: int
    reasons: Mapping[EndpointKey, str]
    volatile: tuple[str, ...] = ()


def compare(before: Side, after: Side) -> Comparison:
    """Compare two documents that can be sliced."""
    changed: list[Changed] = []
    unchanged = 0
    added: list[Endpoint] = []
    reasons: dict[EndpointKey, str] = {}
    for endpoint in after.plan.endpoints:
        key = endpoint.key
        number = before.numbers.get(key)
        if number is None:
            added.append(endpoint)
            reason = after.outcome(key).reason
            if reason:
                reasons[key] = reason
            continue
        earlier = before.plan.endpoints[number]
        found = _changed(before, after, key, earlier, endpoint)
        if found is None:
            unchanged += 1
        else:
            changed.append(found)
    removed = tuple(e for e in before.plan.endpoints if e.key not in after.numbers)
    return Comparison(tuple(added), removed, tuple(changed), unchanged, reasons, _volatile(before, after))


def _volatile(before: Side, after: Side) -> tuple[str, ...]:
    then, now = before.digests.volatile, after.digests.volatile
    return tuple(name for name in {**now, **then} if then.get(name) != now.get(name))


def _changed(before: Side, after: Side, key: EndpointKey, earlier: Endpoint, endpoint: Endpoint) -> Changed | None:
    is_renamed = earlier.file != endpoint.file
    is_judged_alike = before.is_lenient == after.is_lenient
    if earlier.fingerprint == endpoint.fingerprint and not is_renamed and is_judged_alike:
        return None
    old, new = before.outcome(key), after.outcome(key)
    is_same = old.digest == new.digest and not new.is_unknown
    if is_same and (not is_renamed or new.digest is None):
        return None
    found = [] if is_same else list(causes(before, after, key))
    if is_renamed:
        found.append(Cause(CauseKind.FILE, earlier.file))
    if earlier.fingerprint == endpoint.fingerprint and not is_renamed:
        return Changed(endpoint, new, (Cause(CauseKind.SETTINGS),), Extent.SHAPE)
    if (old.digest is None) != (new.digest is None):
        found.append(Cause(CauseKind.FAULT, new.reason))
    return Changed(endpoint, new, tuple(found), _extent(before, after, old, new))


def _extent(before: Side, after: Side, old: Outcome, new: Outcome) -> Extent:
    if (old.digest is None) != (new.digest is None) or new.is_unknown or old.is_unknown:
        return Extent.SHAPE
    return Extent.TEXT if before.shape(old) == after.shape(new) else Extent.SHAPE


def causes(before: Side, after: Side, key: EndpointKey) -> Iterator[Cause]:
    """Yield the causes for which an endpoint's fingerprint changed."""
    found = False
    for cause in _differences(before, after, key):
        found = True
        yield cause
    if not found:
        yield from _fallbacks(before, after, key)


def _differences(before: Side, after: Side, key: EndpointKey) -> Iterator[Cause]:
    if before.digests.settings != after.digests.settings:
        yield Cause(CauseKind.SETTINGS)
    roots = (before.digests.root, after.digests.root)
    for name in {**roots[1], **roots[0]}:
        if roots[0].get(name, "") != roots[1].get(name, ""):
            yield Cause(CauseKind.ROOT, name)
    if before.own_digest(key) != after.own_digest(key):
        yield Cause(CauseKind.OPERATION)
    now, then = after.reached(key), before.reached(key)
    ways: Mapping[str, tuple[str, ...]] | None = None
    for name in dict.fromkeys([*now, *then]):
        if after.shared.get(name) != before.shared.get(name):
            if ways is None:
                ways = {**before.ways(key), **after.ways(key)}
            yield Cause(_kind_of(before, after, name), name, ways.get(name, ()))
    led = before.links(key)
    for operation, file in after.links(key).items():
        if led.get(operation, file) != file:
            yield Cause(CauseKind.LINK, " ".join(reversed(operation)))


def _kind_of(before: Side, after: Side, name: str) -> CauseKind:
    if name not in before.shared:
        return CauseKind.ADDED
    return CauseKind.CHANGED if name in after.shared else CauseKind.REMOVED


def _fallbacks(before: Side, after: Side, key: EndpointKey) -> Iterator[Cause]:
    """Yield the causes that remain where no part changed."""
    now, then = after.reached(key), before.reached(key)
    moves: list[tuple[CauseKind, list[str], set[str], Callable[[EndpointKey], Mapping[str, tuple[str, ...]]]]] = [
        (CauseKind.REACHED, now, set(then), after.ways),
        (CauseKind.LEFT, then, set(now), before.ways),
    ]
    found = False
    for kind, names, others, ways in moves:
        for name in names:
            if name not in others:
                found = True
                yield Cause(kind, name, ways(key).get(name, ()))
    if not found:
        yield Cause(CauseKind.ORDER)
