"""Slices put together: one as a document, and its text as the join of rendered parts under fixed headings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from oas_tasks.formats import Format, Value
from oas_tasks.formats.json_writer import json_entry
from oas_tasks.formats.yaml_writer import yaml_entry
from oas_tasks.slicing.filling import Fill, Filling, filled, fills_of
from oas_tasks.slicing.parts import ENDPOINT_FIELDS, SECURITY, TAGS, EndpointPart, Part, Parts


@dataclass(frozen=True, slots=True)
class Layout:
    """How one format joins rendered entries.

    entry: renders a key and its value at an indent (in blanks).
    separator: between two entries of the same mapping.
    opening, closing: around the entries of a nested mapping, to be formatted with `pad` and `key`.
    first, last: around those of the whole document.
    """

    entry: Callable[[str, Value, int], str]
    separator: str
    opening: str
    closing: str
    first: str
    last: str

    def block(self, key: str, indent: int, entries: Sequence[str]) -> str:
        """Return a mapping of rendered entries under a key, which needs no quoting."""
        pad = " " * indent
        opening = self.opening.format(pad=pad, key=key)
        return opening + self.separator.join(entries) + self.closing.format(pad=pad)

    def document(self, entries: Sequence[str]) -> str:
        """Return the whole text from the entries of the root."""
        return self.first + self.separator.join(entries) + self.last


LAYOUTS: dict[Format, Layout] = {
    "yaml": Layout(yaml_entry, "", "{pad}{key}:\n", "", "", ""),
    "json": Layout(json_entry, ",\n", '{pad}"{key}": {{\n', "\n{pad}}}", "{\n", "\n}\n"),
}


class Member(NamedTuple):
    """A component of a slice: its name there, the part, what fills the part's holes, and the value so filled."""

    name: str
    part: Part
    fills: tuple[Fill, ...]
    value: Value


@dataclass(frozen=True, slots=True)
class Draft:
    """A slice before it is text.

    value: the whole document; shares the values of parts.
    components: its components by kind.
    tags: its declared tags, each with its value.
    security: the part that the root's requirements come from, None where it has none.
    """

    value: dict[str, Value]
    components: dict[str, list[Member]]
    tags: list[tuple[Part, Value]]
    security: Part | None


def draft(parts: Parts, endpoint: EndpointPart, closure: Sequence[Part], filling: Filling) -> Draft:
    """Put a slice together as a document; `closure` holds the parts that it reaches, in the slice's order."""
    heading = _filled_in(parts.heading, filling, parts)
    assert isinstance(heading, dict)
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
    value: dict[str, Value] = {}
    for name in parts.root_order:
        if name in ENDPOINT_FIELDS:
            if name == endpoint.part.section:
                value[name] = _filled_in(endpoint.part, filling, parts)
        elif name == "components":
            if components:
                value[name] = {kind: {m.name: m.value for m in members} for kind, members in components.items()}
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

    rendered: the texts of components, by id, name and fills; those of root fields, by name.
    """

    parts: Parts
    format: Format
    rendered: dict[object, str] = field(default_factory=dict)

    def text(self, made: Draft) -> str:
        """Return the text of a slice."""
        layout = LAYOUTS[self.format]
        entries: list[str] = []
        for name, value in made.value.items():
            if name in ENDPOINT_FIELDS:
                shown = value.items() if isinstance(value, dict) else ()
                entries.append(layout.block(name, 0, [layout.entry(key, item, 2) for key, item in shown]))
            elif name == "components":
                blocks = [
                    layout.block(kind, 2, [self._component(*member) for member in members])
                    for kind, members in made.components.items()
                ]
                entries.append(layout.block(name, 0, blocks))
            elif name == TAGS:
                entries.append(layout.entry(name, value, 0))
            else:
                entries.append(self._root_field(name, value))
        return layout.document(entries)

    def _component(self, name: str, part: Part, fills: tuple[Fill, ...], value: Value) -> str:
        key = (part.id, name, fills) if fills or part.moved else part.id
        text = self.rendered.get(key)
        if text is None:
            text = self.rendered[key] = LAYOUTS[self.format].entry(name, value, 4)
        return text

    def _root_field(self, name: str, value: Value) -> str:
        text = self.rendered.get(name)
        if text is None:
            text = self.rendered[name] = LAYOUTS[self.format].entry(name, value, 0)
        return text
