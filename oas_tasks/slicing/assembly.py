"""Slices put together: the value of one, and its bytes as the join of rendered parts under fixed headings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from oas_tasks.formats import Format, Value
from oas_tasks.formats.json_writer import json_entry
from oas_tasks.formats.yaml_writer import yaml_entry
from oas_tasks.slicing.parts import SECURITY, EndpointPart, Part, Parts


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


def slice_value(parts: Parts, endpoint: EndpointPart, closure: Sequence[Part]) -> dict[str, Value]:
    """Return a slice as a document: the oracle of its bytes, and what is validated. Shares the parts' values."""
    tags, security, components = _sorted(closure)
    value: dict[str, Value] = {}
    for name in parts.root_order:
        if name == "paths":
            value[name] = endpoint.part.value
        elif name == "components":
            if components:
                value[name] = {
                    kind: {part.tokens[2]: part.value for part in members} for kind, members in components.items()
                }
        elif name == "tags":
            if tags:
                value[name] = [part.value for part in tags]
        elif name == SECURITY:
            if security:
                value[name] = security[0].value
        else:
            value[name] = parts.heading[name]
    return value


@dataclass(slots=True)
class Assembler:
    """Joins slices of one document in one format, rendering each part once.

    rendered: the text of parts and of root fields, by id and by name.
    """

    parts: Parts
    format: Format
    rendered: dict[str, str] = field(default_factory=dict)

    def text(self, endpoint: EndpointPart, closure: Sequence[Part]) -> str:
        """Return the text of a slice; `closure` holds the parts that it reaches, in document order."""
        layout = LAYOUTS[self.format]
        tags, security, components = _sorted(closure)
        entries: list[str] = []
        for name in self.parts.root_order:
            if name == "paths":
                shown = endpoint.part.value
                inner = [layout.entry(key, value, 2) for key, value in shown.items()] if isinstance(shown, dict) else []
                entries.append(layout.block(name, 0, inner))
            elif name == "components":
                if components:
                    blocks = [
                        layout.block(kind, 2, [self._component(part) for part in members])
                        for kind, members in components.items()
                    ]
                    entries.append(layout.block(name, 0, blocks))
            elif name == "tags":
                if tags:
                    entries.append(layout.entry(name, [part.value for part in tags], 0))
            elif name == SECURITY:
                if security:
                    entries.append(self._root_field(name, security[0].value))
            else:
                entries.append(self._root_field(name, self.parts.heading[name]))
        return layout.document(entries)

    def _component(self, part: Part) -> str:
        text = self.rendered.get(part.id)
        if text is None:
            text = self.rendered[part.id] = LAYOUTS[self.format].entry(part.tokens[2], part.value, 4)
        return text

    def _root_field(self, name: str, value: Value) -> str:
        text = self.rendered.get(name)
        if text is None:
            text = self.rendered[name] = LAYOUTS[self.format].entry(name, value, 0)
        return text


def _sorted(closure: Sequence[Part]) -> tuple[list[Part], list[Part], dict[str, list[Part]]]:
    """Return the tags, the root's security (none or one), and the components by kind."""
    tags: list[Part] = []
    security: list[Part] = []
    components: dict[str, list[Part]] = {}
    for part in closure:
        if part.tokens[0] == "tags":
            tags.append(part)
        elif part.tokens[0] == SECURITY:
            security.append(part)
        else:
            components.setdefault(part.tokens[1], []).append(part)
    return tags, security, components
