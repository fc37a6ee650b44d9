"""Slices put together: one as a document, and its bytes as the join of rendered parts under fixed headings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from oas_tasks.document.place import ENDPOINT_FIELDS, SECURITY, TAGS
from oas_tasks.formats import Format, Value
from oas_tasks.formats.json_write import json_entry
from oas_tasks.formats.yaml_write import yaml_entry
from oas_tasks.parts.part import MOVED, EndpointPart, Part, Parts, Target
from oas_tasks.plan.closure import Recent
from oas_tasks.slices.fill import Fill, Filling, Loosened, filled, fills_of

if TYPE_CHECKING:
    from oas_tasks.openapi.conversion import Loss
    from oas_tasks.slices.convert_parts import Conversion


class Layout(NamedTuple):
    """How one format joins rendered entries.

    entry: renders a key and its value at an indent (in blanks).
    separator: between two entries of the same mapping.
    opening, closing: around the entries of a nested mapping, to be formatted with `pad` and `key`.
    first, last: around those of the whole document.
    """

    entry: Callable[[str, Value, int], str]
    separator: bytes
    opening: str
    closing: str
    first: bytes
    last: bytes

    def opened(self, key: str, indent: int) -> bytes:
        """Return what stands in front of the entries of a mapping under a key, which needs no quoting."""
        return self.opening.format(pad=" " * indent, key=key).encode()

    def closed(self, indent: int) -> bytes:
        """Return what stands behind them."""
        return self.closing.format(pad=" " * indent).encode()

    def rendered(self, key: str, value: Value, indent: int) -> bytes:
        """Return one entry. Raises FormatError for what the format cannot say."""
        return self.entry(key, value, indent).encode()


LAYOUTS: dict[Format, Layout] = {
    "yaml": Layout(yaml_entry, b"", "{pad}{key}:\n", "", b"", b""),
    "json": Layout(json_entry, b",\n", '{pad}"{key}": {{\n', "\n{pad}}}", b"{\n", b"\n}\n"),
}


class FilledPart(NamedTuple):
    """A shared part in a slice: its name there, the part, what fills its holes, and its value so filled and converted.

    written: its value before the conversion, the same object where there is none.
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
    losses: what the conversion loses, each with the part that loses it.
    unneeded: what it would have, but for being reached only through what the conversion leaves out.
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
    """The shared parts of a slice, put together.

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
    """Put the parts together that a slice reaches, in the order that they have in `closure`."""
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
    """Put a slice together as a document.

    closure: the parts that it reaches, in the slice's order.
    conversion: None where the slice is in the document's own version.
    shared: these put together, where that was done for another slice already.
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
    fills = fills_of(part, filling, parts.shared) if part.holes else ()
    written = filled(part, fills) if part.holes else part.value
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
    """Return the names of a slice's root fields in order; what a conversion sets aside is where it was."""
    added = heading.keys() - set(root_order)
    if not added:
        return root_order
    from oas_tasks.openapi.conversion import aside_name

    asides = ((name, aside_name(name)) for name in root_order)
    return [aside if aside in added else name for name, aside in asides]


def _unneeded(starts: Iterable[FilledPart], shared: Gathered) -> tuple[FilledPart, ...]:
    """Return the shared parts that are reached only through what the conversion leaves out.

    starts: from which a slice reaches all that it has.
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
        named = (each.part_id for hole in member.part.holes for each in hole.alternates)
        for need in (*member.part.needs, *named):
            if need in members and need not in reached and need not in lost:
                reached.add(need)
                pending.append(members[need])
    return tuple(member for part_id, member in members.items() if part_id not in reached)


@dataclass(slots=True)
class Assembler:
    """Joins slices of one document in one format, rendering each part once for each way that its holes are filled.

    rendered: components, by id, name and fills; root fields, by name.
    """

    format: Format
    rendered: dict[object, bytes] = field(default_factory=dict)
    _components: Recent[list[bytes]] = field(default_factory=Recent)

    def content(self, made: Draft) -> bytes:
        """Return the bytes of a slice. Raises FormatError for what the format cannot say."""
        # Slices run to a megabyte, and most of the time goes into copying them: all pieces are joined at once.
        layout = LAYOUTS[self.format]
        pieces = [layout.first]
        for name, value in made.value.items():
            if name in ENDPOINT_FIELDS:
                pieces.append(layout.opened(name, 0))
                for key, item in value.items() if isinstance(value, dict) else ():
                    pieces += (layout.rendered(key, item, 2), layout.separator)
                pieces[-1] = layout.closed(0)
            elif name == "components":
                pieces += self._components.of(made.components, self._component_pieces)
            elif name == TAGS:
                pieces.append(layout.rendered(name, value, 0))
            else:
                pieces.append(self._root_field(name, value))
            pieces.append(layout.separator)
        pieces[-1] = layout.last
        return b"".join(pieces)

    def _component_pieces(self, components: dict[str, list[FilledPart]]) -> list[bytes]:
        layout = LAYOUTS[self.format]
        pieces = [layout.opened("components", 0)]
        for kind, members in components.items():
            pieces.append(layout.opened(kind, 2))
            for member in members:
                pieces += (self._component(member), layout.separator)
            pieces[-1] = layout.closed(2)
            pieces.append(layout.separator)
        pieces[-1] = layout.closed(0)
        return pieces

    def _component(self, member: FilledPart) -> bytes:
        part = member.part
        key = (part.id, member.name, member.fills) if member.fills or part.moved else part.id
        content = self.rendered.get(key)
        if content is None:
            content = self.rendered[key] = LAYOUTS[self.format].rendered(member.name, member.value, 4)
        return content

    def _root_field(self, name: str, value: Value) -> bytes:
        content = self.rendered.get(name)
        if content is None:
            content = self.rendered[name] = LAYOUTS[self.format].rendered(name, value, 0)
        return content
