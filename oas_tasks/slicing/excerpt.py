"""Plans again after an edit from those members of a document that the edit touches, without reading the others.

A document is a sequence of members: root fields, path items, components. Where the same members follow one another as
when the last plan was made, and only the bytes of some of them are others, then only endpoints that reach one of these
can have changed. They are planned and sliced from an excerpt: the root fields, these endpoints' path items, and the
components that they reach, in the document's order. That gives what the whole document gives, as long as no rule looks
further than from reference to target; wherever one might, there is no excerpt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from oas_tasks.config import Settings
from oas_tasks.formats import Span, Value, read_spans
from oas_tasks.formats.cut_again import Cut, compared, cut_again
from oas_tasks.openapi.connections import Via, connections
from oas_tasks.openapi.model import FieldType, Model, model_of
from oas_tasks.openapi.pointer import decode, resolve
from oas_tasks.slicing.document import CONTAINERS, Document
from oas_tasks.slicing.parts import PATHS, WEBHOOKS, Parts, component_id
from oas_tasks.slicing.plan import Dependencies, Plan
from oas_tasks.slicing.planning import plan_digest
from oas_tasks.slicing.slicer import Slicer
from oas_tasks.slicing.sources import Sources

#: More than this share of the members, and planning from the whole document costs less.
_MOST = 0.3

#: What makes a schema known by another name than its own, or looked up while evaluating (3.1 on).
_IDENTIFIERS = (b"$id", b"$anchor", b"$dynamicAnchor", b"$dynamicRef", b"$self")
_DISCRIMINATOR = b"discriminator"
_ALL_OF = b"allOf"
_DEEP_REFERENCE = re.compile(rb"#/components/([^\s\"'/]+/[^\s\"'/]+)/")
#: A letter, `$`, `#` or `/` that is escaped, so that none of the above can be told by their bytes.
_ESCAPED = re.compile(rb"\\(?:/|[xuU]0*(?:2[34fF]|4[1-9a-fA-F]|5[0-9aA]|6[1-9a-fA-F]|7[0-9aA]))")


class Members(NamedTuple):
    """The members of a document that was planned.

    cut: where they stand, and what later ones are compared by.
    length: of the document, in bytes.
    sensitive: the keys of members on whose content more depends than what reaches them.
    has_discriminators: there are schemas with one, so that what builds on others through `allOf` is sensitive.
    """

    cut: Cut
    length: int
    sensitive: frozenset[tuple[str, ...]]
    has_discriminators: bool


class Replanned(NamedTuple):
    """A plan that was brought up to date.

    slicer: makes the slices of `stale`, and of no others.
    stale: path and method of every endpoint that may have changed.
    members: for the next time.
    """

    slicer: Slicer
    stale: frozenset[tuple[str, str]]
    plan: Plan
    dependencies: Dependencies
    members: Members


def members_again(content: bytes, before: Members) -> Cut | None:
    """Return the members of a document where they are those that it had before, found without cutting all of it."""
    return cut_again(content, before.cut, before.length, CONTAINERS)


def members_of(content: bytes, spans: Sequence[Span], slicer: Slicer) -> Members | None:
    """Return the members of a document that was planned as a whole; None where an excerpt can never stand for it."""
    parts = slicer.parts
    if slicer.conversion is not None:
        return None  # what is left of a piece depends on others
    if slicer.sources.files() or not _is_plain(parts) or not _is_legible(content):
        return None
    if _has_identifiers(slicer.document.model, content):
        return None
    has_discriminators = _DISCRIMINATOR in content
    sensitive: set[tuple[str, ...]] = set()
    for match in _DEEP_REFERENCE.finditer(content):
        tokens = decode(f"/{match[1].decode()}")
        sensitive.add(("components", *(tokens or ())))
    for part in parts.shared.values():
        if _is_reference(part.value):
            sensitive.add(("components", part.section, part.name))
    for span in spans if has_discriminators else ():
        chunk = content[span.start : span.end]
        if _DISCRIMINATOR in chunk or (span.keys[:2] == ("components", "schemas") and _ALL_OF in chunk):
            sensitive.add(span.keys)
    return Members(compared(content, spans), len(content), frozenset(sensitive), has_discriminators)


def plan_by_excerpt(
    content: bytes,
    cut: Cut,
    before: Members,
    plan: Plan,
    dependencies: Dependencies,
    settings: Settings,
    wanted: Iterable[tuple[str, str]] = (),
) -> Replanned | None:
    """Return what became of a plan since it was made of the document with these members.

    cut: the members that the document has now.
    wanted: path and method of endpoints whose slices are to be made though nothing has changed that they reach.

    Returns None where the whole document has to be planned.
    """
    spans = cut.spans
    if [span.keys for span in spans] != [span.keys for span in before.cut.spans]:
        return None
    model = model_of(plan.family)
    changed = [span for span, new, old in zip(spans, cut.digests, before.cut.digests, strict=True) if new != old]
    if len(changed) > _MOST * len(spans) or not all(
        _is_harmless(model, content[span.start : span.end], span.keys, before) for span in changed
    ):
        return None
    stale = _stale(plan, dependencies, {span.keys for span in changed}, frozenset(wanted))
    document = _excerpt(content, spans, changed, plan, dependencies, stale, settings)
    if document is None:
        return None
    files = {(endpoint.path, endpoint.method): endpoint.file for endpoint in plan.endpoints}
    sources = Sources(settings.spec, str(settings.spec), document.root, settings.allow_outside)
    slicer = Slicer(document, sources, settings, files)
    if sources.files() or not _is_plain(slicer.parts):
        return None
    if any(_is_reference(resolve(document.root, span.keys)) for span in changed):
        return None
    planned = _with_stale(slicer, plan, dependencies, stale)
    if planned is None:
        return None
    keys = frozenset((plan.endpoints[number].path, plan.endpoints[number].method) for number in stale)
    return Replanned(slicer, keys, *planned, before._replace(cut=cut, length=len(content)))


def _is_plain(parts: Parts) -> bool:
    """Whether every part stands where the document has it and reads as it does there, whatever slice it is in."""
    return all(not part.moved and not part.holes and not part.inlined for part in parts.shared.values()) and all(
        not endpoint.part.holes and len(endpoint.part.inlined) == 1 for endpoint in parts.endpoints
    )


def _has_identifiers(model: Model, content: bytes) -> bool:
    return model.schema_ref_is_keyword and any(name in content for name in _IDENTIFIERS)


def _is_legible(content: bytes) -> bool:
    """Whether bytes can be searched for the names above."""
    return _ESCAPED.search(content) is None


def _is_harmless(model: Model, chunk: bytes, keys: tuple[str, ...], before: Members) -> bool:
    """Whether a member's change matters to nothing but what reaches it, as far as its bytes tell."""
    if keys in before.sensitive or _is_everywhere(keys):
        return False
    if not _is_legible(chunk) or _has_identifiers(model, chunk):
        return False
    if _DISCRIMINATOR in chunk or _DEEP_REFERENCE.search(chunk):
        return False
    return not (before.has_discriminators and _ALL_OF in chunk)


def _stale(
    plan: Plan, dependencies: Dependencies, changed: set[tuple[str, ...]], wanted: frozenset[tuple[str, str]]
) -> list[int]:
    """Return the numbers of the endpoints that are wanted, that reached a changed member, or whose path item is one."""
    ids = {component_id(keys[1], keys[2]) for keys in changed if keys[0] == "components"}
    numbers = {number for number, part_id in enumerate(dependencies.parts) if part_id in ids}
    return [
        number
        for number, (endpoint, closure) in enumerate(zip(plan.endpoints, dependencies.closures, strict=True))
        if (endpoint.path, endpoint.method) in wanted
        or not numbers.isdisjoint(closure)
        or (PATHS, endpoint.path) in changed
        or (WEBHOOKS, endpoint.path) in changed
    ]


def _excerpt(
    content: bytes,
    spans: Sequence[Span],
    changed: Sequence[Span],
    plan: Plan,
    dependencies: Dependencies,
    stale: Sequence[int],
    settings: Settings,
) -> Document | None:
    """Return the document with all root fields and with just those members that stale endpoints need."""
    by_id = {component_id(*span.keys[1:3]): span for span in spans if len(span.keys) == 3}
    dropped = frozenset(settings.drop_extensions)
    wanted = {span.keys for span in spans if _is_everywhere(span.keys) and span.keys[0] not in dropped}
    wanted |= {span.keys for span in changed}
    for number in stale:
        wanted.update({(PATHS, plan.endpoints[number].path), (WEBHOOKS, plan.endpoints[number].path)})
        reached = (dependencies.parts[index] for index in dependencies.closures[number])
        wanted.update(by_id[part_id].keys for part_id in reached if part_id in by_id)
    model = model_of(plan.family)
    values: dict[tuple[str, ...], Value] = {}
    pending = [span for span in spans if span.keys in wanted]
    while pending:
        found = read_spans(content, pending)
        if found is None:
            return None
        values.update(found)
        following = {
            by_id[part_id].keys
            for keys, value in found.items()
            for part_id in _targets(model, keys, value)
            if part_id in by_id
        }
        pending = [span for span in spans if span.keys in following and span.keys not in values]
        if any(_DISCRIMINATOR in content[span.start : span.end] for span in pending):
            return None  # what is reached for the first time may bring its alternates
    root: dict[str, Value] = {}
    for span in spans:
        within = root
        for key in span.keys[:-1]:
            within = within.setdefault(key, {})  # type: ignore[assignment]  # as the spans were cut
        if span.keys in values:
            within[span.keys[-1]] = values[span.keys]
    return Document(str(settings.spec), root, model)


def _is_everywhere(keys: tuple[str, ...]) -> bool:
    """Whether a member belongs into every excerpt: not a path item, and no component but a security scheme."""
    if keys[0] in (PATHS, WEBHOOKS):
        return len(keys) < 2 or (keys[0] == PATHS and keys[1].startswith("x-"))
    return keys[0] != "components" or len(keys) < 3 or keys[1] == "securitySchemes"


def _targets(model: Model, keys: tuple[str, ...], value: Value) -> Iterator[str]:
    """Yield the ids of the components that a member points at or into."""
    if keys[0] == "components":
        kind = model.component_kinds.get(keys[1]) if len(keys) == 3 else None
    else:
        kind = "PathItem" if keys[0] in (PATHS, WEBHOOKS) and len(keys) == 2 else None
    if kind is None:
        return
    for connection in connections(model, FieldType(kind, "one", True), value).found:
        if connection.via in (Via.SECURITY, Via.MAPPING):
            yield component_id(_NAMED[connection.via], connection.target)
        tokens = decode(connection.target[1:]) if connection.target.startswith("#") else None
        if tokens is not None and tokens[:1] == ("components",) and len(tokens) > 2:
            yield component_id(tokens[1], tokens[2])


_NAMED = {Via.SECURITY: "securitySchemes", Via.MAPPING: "schemas"}


def _with_stale(
    slicer: Slicer, plan: Plan, dependencies: Dependencies, stale: Sequence[int]
) -> tuple[Plan, Dependencies] | None:
    """Return a plan with the stale endpoints as an excerpt has them; None where that has others, or faults."""
    found = {(endpoint.path, endpoint.method): number for number, endpoint in enumerate(slicer.plan.endpoints)}
    paths = {plan.endpoints[number].path for number in stale}
    if list(found) != [(e.path, e.method) for e in plan.endpoints if e.path in paths]:
        return None
    indexes = {part_id: index for index, part_id in enumerate(dependencies.parts)}
    endpoints, closures = list(plan.endpoints), list(dependencies.closures)
    for number in stale:
        key = (endpoints[number].path, endpoints[number].method)
        reached = slicer.dependencies.of(found[key])
        if slicer.has_pointing_faults(*key) or not indexes.keys() >= set(reached):
            return None
        endpoints[number] = slicer.plan.endpoints[found[key]]
        closures[number] = tuple(indexes[part_id] for part_id in reached)
    return Plan(plan.family, plan_digest(endpoints), tuple(endpoints)), Dependencies(
        dependencies.parts, tuple(closures)
    )


def _is_reference(value: object) -> bool:
    return isinstance(value, dict) and "$ref" in value
