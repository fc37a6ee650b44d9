"""The bytes of slices: the join of rendered parts under fixed headings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from oas_tasks.document.place import ENDPOINT_FIELDS, TAGS
from oas_tasks.formats import Format, Value
from oas_tasks.formats.json_write import json_entry
from oas_tasks.formats.yaml_write import yaml_entry
from oas_tasks.plan.recent import Recent
from oas_tasks.slices.assemble import Draft, FilledPart


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


@dataclass(slots=True)
class Renderer:
    """Joins slices of one document in one format; a part is rendered once for each way that it is filled.

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
