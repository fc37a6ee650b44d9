"""Slices put together: one as a document, and its bytes as the join of rendered parts under fixed headings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from oas_tasks.formats import Format, Value
from oas_tasks.formats.json_writer import json_entry
from oas_tasks.formats.yaml_writer import yaml_entry
from oas_tasks.slicing.filling import Fill, Filling, filled, fills_of
from oas_tasks.slicing.parts import ENDPOINT_FIELDS, SECURITY, TAGS, EndpointPart, Part, Parts
from oas_tasks.slicing.recent import Recent


@dataclass(frozen=True, slots=True)
class Layout:
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


class Member(NamedTuple):
    """A component of a slice: its name there, the part, what fills the part's holes, and the value so filled."""

    name: str
    part: Part
    fills: tuple[Fill, ...]
    value: Value


@dataclass(frozen=True, slots=True)
class Draft:
    """A slice before it is written.

    value: the whole document; shares the values of parts.
    components: its components by kind; slices that have the very same ones may share the object.
    tags: its declared tags, each with its value.
    security: the part that the root's requirements come from, None where it has none.
    """

    value: dict[str, Value]
    components: dict[str, list[Member]]
    tags: list[tuple[Part, Value]]
    security: Part | None


class Gathered(NamedTuple):
    """The shared parts of a slice, put together.

    components: its components by kind.
    value: the Components Object.
    tags: its declared tags, each with its value.
    security: the part that the root's requirements come from, None where it has none.
    """

    components: dict[str, list[Member]]
    value: dict[str, Value]
    tags: list[tuple[Part, Value]]
    security: Part | None


def gathered(parts: Parts, closure: Sequence[Part], filling: Filling) -> Gathered:
    """Put the parts together that a slice reaches, in the order that they have in `closure`."""
    tags: list[tuple[Part, Value]] = []
    security: Part | None = None
    components: dict[str, list[Member]] = {}
    for part in closure:
        if part.section == SECURITY:
            security = part
        elif part.id not in filling.dropped:
            fills = fills_of(part, filling, parts.shared) if part.holes else ()
            value_of_part = filled(part, fills) if part.holes else part.value
            if part.section == TAGS:
                tags.append((part, value_of_part))
            else:
                name = filling.names[part.id] if part.moved else part.name
                components.setdefault(part.section, []).append(Member(name, part, fills, value_of_part))
    value: dict[str, Value] = {kind: {m.name: m.value for m in members} for kind, members in components.items()}
    return Gathered(components, value, tags, security)


def draft(
    parts: Parts, endpoint: EndpointPart, closure: Sequence[Part], filling: Filling, shared: Gathered | None = None
) -> Draft:
    """Put a slice together as a document.

    closure: the parts that it reaches, in the slice's order.
    shared: these put together, where that was done for another slice already.
    """
    components, components_value, tags, security = shared or gathered(parts, closure, filling)
    heading = _filled_in(parts.heading, filling, parts)
    assert isinstance(heading, dict)
    value: dict[str, Value] = {}
    for name in parts.root_order:
        if name in ENDPOINT_FIELDS:
            if name == endpoint.part.section:
                value[name] = _filled_in(endpoint.part, filling, parts)
        elif name == "components":
            if components:
                value[name] = components_value
        elif name == TAGS:
            if tags:
                value[name] = [tag for _, tag in tags]
        elif name == SECURITY:
            if security is not None:
                value[name] = _filled_in(security, filling, parts)
        else:
            value[name] = heading[name]
    return Draft(value, components, tags, security)


def _filled_in(part: Part, filling: Filling, parts: Parts) -> Value:
    return filled(part, fills_of(part, filling, parts.shared)) if part.holes else part.value


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

    def _component_pieces(self, components: dict[str, list[Member]]) -> list[bytes]:
        layout = LAYOUTS[self.format]
        pieces = [layout.opened("components", 0)]
        for kind, members in components.items():
            pieces.append(layout.opened(kind, 2))
            for member in members:
                pieces += (self._component(*member), layout.separator)
            pieces[-1] = layout.closed(2)
            pieces.append(layout.separator)
        pieces[-1] = layout.closed(0)
        return pieces

    def _component(self, name: str, part: Part, fills: tuple[Fill, ...], value: Value) -> bytes:
        key = (part.id, name, fills) if fills or part.moved else part.id
        content = self.rendered.get(key)
        if content is None:
            content = self.rendered[key] = LAYOUTS[self.format].rendered(name, value, 4)
        return content

    def _root_field(self, name: str, value: Value) -> bytes:
        content = self.rendered.get(name)
        if content is None:
            content = self.rendered[name] = LAYOUTS[self.format].rendered(name, value, 0)
        return content
