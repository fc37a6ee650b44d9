"""Puts a slice together as a document, of parts that are filled and converted; `render.py` makes bytes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from oas_tasks.document.place import ENDPOINT_FIELDS, SECURITY, TAGS
from oas_tasks.formats import Value
from oas_tasks.parts.part import MOVED, EndpointPart, Part, Parts, Target
from oas_tasks.parts.placeholders import DiscriminatorMapping
from oas_tasks.slices.fill import Fill, Filling, Loosened, filled, fills_of

if TYPE_CHECKING:
    from oas_tasks.openapi.conversion import Loss
    from oas_tasks.slices.convert_parts import Conversion


class FilledPart(NamedTuple):
    """A part in a slice.

    name: its name there.
    fills: what fills its placeholders.
    value: its value, filled and converted.
    written: the filled value before the conversion; the same object where there is no conversion.
    losses, lost: as `Converted` has them.
    """

    name: str
    part: Part
    fills: tuple[Fill, ...]
    value: Value
    written: Value
    losses: tuple[Loss, ...] = ()
    lost: frozenset[Target] = frozenset()


class Draft(NamedTuple):
    """A slice before it is written.

    value: the whole document; shares the values of parts.
    written: the same before the conversion.
    own, heading: the endpoint's own part, and what every slice has.
    components: its components by kind; slices that have the very same ones may share the object.
    tags: its declared tags.
    security: the root's requirements, None where it has none.
    losses: of the conversion, each with its part.
    unneeded: left out since only references that the conversion removes lead to them.
    """

    value: dict[str, Value]
    written: dict[str, Value]
    own: FilledPart
    heading: FilledPart
    components: dict[str, list[FilledPart]]
    tags: list[FilledPart]
    security: FilledPart | None
    losses: tuple[tuple[Part, Loss], ...] = ()
    unneeded: tuple[FilledPart, ...] = ()


class Gathered(NamedTuple):
    """The shared parts of a slice, in its order.

    components: its components by kind.
    value, written: the Components Object after and before the conversion, the same object where there is none.
    tags: its declared tags.
    security: the root's requirements, None where it has none.
    """

    components: dict[str, list[FilledPart]]
    value: dict[str, Value]
    written: dict[str, Value]
    tags: list[FilledPart]
    security: FilledPart | None

    def members(self) -> Iterator[FilledPart]:
        """Yield all of them."""
        for listed in self.components.values():
            yield from listed
        yield from self.tags
        if self.security is not None:
            yield self.security


def gathered(parts: Parts, closure: Iterable[Part], filling: Filling, conversion: Conversion | None) -> Gathered:
    """Gather the parts that a slice reaches, in the order of `closure`."""
    tags: list[FilledPart] = []
    security: FilledPart | None = None
    components: dict[str, list[FilledPart]] = {}
    for part in closure:
        if part.id in filling.dropped:
            continue
        member = _member(part, filling, parts, conversion)
        if part.section == SECURITY:
            security = member
        elif part.section == TAGS:
            tags.append(member)
        else:
            components.setdefault(part.section, []).append(member)
    value: dict[str, Value] = {kind: {m.name: m.value for m in members} for kind, members in components.items()}
    written = value
    if conversion is not None:
        written = {kind: {m.name: m.written for m in members} for kind, members in components.items()}
    return Gathered(components, value, written, tags, security)


def draft(
    parts: Parts,
    endpoint: EndpointPart,
    closure: Sequence[Part],
    filling: Filling,
    conversion: Conversion | None,
    shared: Gathered | None = None,
) -> Draft:
    """Assemble a slice.

    closure: the parts that it reaches, in the slice's order.
    conversion: None where the slice is in the document's own version.
    shared: the same parts gathered, where that was done for another slice already.
    """
    own = _member(endpoint.part, filling, parts, conversion)
    heading = _member(parts.heading, filling, parts, conversion)
    shared = shared or gathered(parts, closure, filling, conversion)
    unneeded: tuple[FilledPart, ...] = ()
    if conversion is not None and any(member.lost for member in (own, heading, *shared.members())):
        unneeded = _unneeded((own, heading), shared)
        if unneeded:
            gone = {member.part.id for member in unneeded}
            shared = gathered(parts, (part for part in closure if part.id not in gone), filling, conversion)
    written = _document(parts, own, heading.written, shared, [tag.written for tag in shared.tags], is_written=True)
    if conversion is None:
        return Draft(written, written, own, heading, shared.components, shared.tags, shared.security)
    value = _document(parts, own, heading.value, shared, [tag.value for tag in shared.tags], is_written=False)
    losses = tuple((each.part, loss) for each in (own, heading, *shared.members()) for loss in each.losses)
    return Draft(value, written, own, heading, shared.components, shared.tags, shared.security, losses, unneeded)


def _member(part: Part, filling: Filling, parts: Parts, conversion: Conversion | None) -> FilledPart:
    """Return a part as it is in a slice."""
    fills = fills_of(part, filling, parts.shared) if part.placeholders else ()
    written = filled(part, fills) if part.placeholders else part.value
    name = filling.names[part.id] if part.moved else part.name
    if conversion is None:
        return FilledPart(name, part, fills, written, written)
    if filling.loosened:
        fills = (*fills, Loosened(filling.loosened))
    made = conversion.converted(part, fills, written)
    return FilledPart(name, part, fills, made.value, written, made.losses, made.lost)


def _document(
    parts: Parts, own: FilledPart, heading: Value, shared: Gathered, tags: list[Value], is_written: bool
) -> dict[str, Value]:
    """Return a slice as a document, before or after the conversion."""
    assert isinstance(heading, dict)
    value: dict[str, Value] = {}
    for name in _order(parts.root_order, heading):
        if name in ENDPOINT_FIELDS:
            if name == own.part.section:
                value[name] = own.written if is_written else own.value
        elif name == "components":
            if shared.components:
                value[name] = shared.written if is_written else shared.value
        elif name == TAGS:
            if tags:
                value[name] = tags
        elif name == SECURITY:
            if shared.security is not None:
                value[name] = shared.security.written if is_written else shared.security.value
        elif name in heading:
            value[name] = heading[name]
    return value


def _order(root_order: tuple[str, ...], heading: dict[str, Value]) -> Sequence[str]:
    """Return the names of a slice's root fields in order. A field that a conversion sets aside keeps its place."""
    added = heading.keys() - set(root_order)
    if not added:
        return root_order
    from oas_tasks.openapi.conversion import aside_name

    asides = ((name, aside_name(name)) for name in root_order)
    return [aside if aside in added else name for name, aside in asides]


def _unneeded(starts: Iterable[FilledPart], shared: Gathered) -> tuple[FilledPart, ...]:
    """Return the shared parts to which only references lead that the conversion removes.

    starts: the endpoint's own part and the heading.
    """
    members = {member.part.id: member for member in shared.members()}
    ids: dict[Target, list[str]] = {}
    for member in members.values():
        tag = member.written if member.part.section == TAGS else None
        name = str(tag.get("name")) if isinstance(tag, dict) else member.name
        ids.setdefault((member.part.section, name), []).append(member.part.id)
        ids[MOVED, member.part.id] = [member.part.id]
    reached: set[str] = set()
    pending = [*starts]
    while pending:
        member = pending.pop()
        lost = {part_id for target in member.lost for part_id in ids.get(target, ())}
        # Moved schemas that build on a discriminator's are named by it once they are in the slice.
        mappings = (each for each in member.part.placeholders if isinstance(each, DiscriminatorMapping))
        named = (each.part_id for mapping in mappings for each in mapping.alternates)
        for need in (*member.part.needs, *named):
            if need in members and need not in reached and need not in lost:
                reached.add(need)
                pending.append(members[need])
    return tuple(member for part_id, member in members.items() if part_id not in reached)
