"""Draws a graph of endpoints and parts: as SVG, and as a page to move around in."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from oas_tasks.pages.html_page import page
from oas_tasks.pages.layered_layout import Box, GraphLayout, PlacedBox, laid_out
from oas_tasks.printable import printable

#: The kind of nodes that are endpoints; parts have the names of their sections.
ENDPOINT = "endpoint"

#: A colour for each kind, as text and border in light and in dark; any other kind has the last.
COLOURS: dict[str, tuple[str, str]] = {
    ENDPOINT: ("#4338ca", "#a5a8ff"),
    "schemas": ("#1d4ed8", "#86b4ff"),
    "responses": ("#15713a", "#5fd08f"),
    "parameters": ("#945200", "#f3b862"),
    "requestBodies": ("#6d28d9", "#bfa3ff"),
    "headers": ("#0c6b68", "#5bd3c7"),
    "examples": ("#a21a6c", "#f79bd0"),
    "securitySchemes": ("#b91239", "#ff8a9d"),
    "": ("#59627a", "#9aa5b8"),
}

#: Pixels of a character of 12-pixel type, of a line, around a label, and around the picture.
_CHARACTER, _LINE, _PADDING, _MARGIN = 7.23, 15.0, 11.0, 24.0

#: The most characters of a label.
_LONGEST = 46

_LEGEND_HEIGHT = 34.0


class DrawnNode(NamedTuple):
    """A node of a picture.

    name: in full. label: shorter. more: what is said below it of what is not drawn, or "".
    """

    name: str
    label: str
    kind: str
    more: str = ""


class Drawing(NamedTuple):
    """A graph to be drawn.

    edges: pairs of numbers of nodes. notes: what else there is to say, such as what is left out.
    """

    title: str
    nodes: tuple[DrawnNode, ...]
    edges: tuple[tuple[int, int], ...]
    notes: tuple[str, ...] = ()


def shortened(label: str, most: int = _LONGEST) -> str:
    """Return a label of at most so many characters, without those in its middle."""
    if len(label) <= most:
        return label
    return f"{label[: most // 2]}\u2026{label[len(label) - most + most // 2 + 1 :]}"


def kinds_in(nodes: Sequence[DrawnNode]) -> list[str]:
    """Return the kinds of some nodes, in the order of the legend."""
    known = {each.kind for each in nodes}
    return [kind for kind in COLOURS if kind in known] + sorted(known - COLOURS.keys())


def colour_class(kind: str) -> str:
    """Return the name of a kind's colour in styles."""
    return f"k-{kind}" if kind in COLOURS and kind else "k-other"


def svg(drawing: Drawing) -> str:
    """Return the picture as a file of its own, for light and dark."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_svg(drawing, _style())}\n'


def picture_page(drawing: Drawing) -> bytes:
    """Return the picture as a page, in which one can search, come closer, and see who needs whom."""
    notes = "".join(f"<p>{_text(note)}</p>" for note in drawing.notes)
    slots = {"picture": _svg(drawing, ""), "notes": notes, "heading": _text(drawing.title)}
    return page("graph.html", drawing.title, ("theme.css", "graph.css"), ("theme.js", "graph.js"), slots)


def _style() -> str:
    """Return the styles of a picture that is a file of its own: plain ones, since not only browsers show it."""
    light, dark = _Theme("#ffffff", "#9aa3b2", "#1a2030", 0), _Theme("#0d1117", "#59647a", "#e7eaf0", 1)
    common = (
        "text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}.more{font-size:11px}"
        "rect{stroke-width:1.3}.endpoint>rect{stroke-width:2}.cut>rect{stroke-dasharray:5 3}"
        ".edges path{fill:none;stroke-width:1.1;opacity:.8}.edges .tip{stroke:none}"
    )
    return f"<style>{common}{light.rules()}@media(prefers-color-scheme:dark){{{dark.rules()}}}</style>"


class _Theme(NamedTuple):
    """Colours of background, edges and text, and which of a kind's colours is the theme's."""

    background: str
    edge: str
    text: str
    number: int

    def rules(self) -> str:
        """Return the rules of styles for these colours."""
        kinds = "".join(
            f".{colour_class(kind)}>rect{{fill:{_mixed(pair[self.number], self.background, 0.1)};"
            f"stroke:{pair[self.number]}}}.{colour_class(kind)} .more{{fill:{pair[self.number]}}}"
            for kind, pair in COLOURS.items()
        )
        endpoint = _mixed(COLOURS[ENDPOINT][self.number], self.background, 0.24)
        return (
            f"svg{{background:{self.background}}}.back{{fill:{self.background};stroke:none}}text{{fill:{self.text}}}"
            f".edges path{{stroke:{self.edge}}}.edges .tip{{fill:{self.edge}}}{kinds}.endpoint>rect{{fill:{endpoint}}}"
        )


def _mixed(colour: str, other: str, share: float) -> str:
    """Return a mix of two colours, `#rrggbb`, with that share of the first."""
    pairs = ((int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one * share + another * (1 - share)):02x}" for one, another in pairs)


def _svg(drawing: Drawing, style: str) -> str:
    boxes = [_box_of(node) for node in drawing.nodes]
    layout = laid_out(boxes, drawing.edges)
    kinds = kinds_in(drawing.nodes)
    legend, legend_width = _legend(kinds)
    notes = [] if not style else list(drawing.notes)  # the page has them elsewhere
    below = sum((_LINE + 4 for _ in notes), 0.0)
    width = max([layout.width, legend_width, *(len(note) * _CHARACTER for note in notes)]) + 2 * _MARGIN
    height = layout.height + 2 * _MARGIN + _LEGEND_HEIGHT + below
    size = f'width="{_n(width)}" height="{_n(height)}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" {size} role="img">',
        f"<title>{_text(drawing.title)}</title>{style}",
        f'<rect class="back" {size}/>' if style else "",
        f'<g class="legend" transform="translate({_n(_MARGIN)} {_n(_MARGIN)})">{legend}</g>',
        f'<g transform="translate({_n(_MARGIN)} {_n(_MARGIN + _LEGEND_HEIGHT)})">',
        f'<g class="edges">{_edges(drawing, layout)}</g>',
        *(_node(number, node, layout.boxes[number]) for number, node in enumerate(drawing.nodes)),
        *(
            f'<text class="note" x="0" y="{_n(layout.height + 22 + index * (_LINE + 4))}">{_text(note)}</text>'
            for index, note in enumerate(notes)
        ),
        "</g></svg>",
    ]
    return "\n".join(filter(None, lines))


def _box_of(node: DrawnNode) -> Box:
    widest = max(_cells(shortened(printable(node.label))), _cells(node.more) * 11 / 12)
    return Box(widest * _CHARACTER + 2 * _PADDING, (2 if node.more else 1) * _LINE + 11)


def _cells(text: str) -> int:
    """Return the width of a text in characters: those of East Asia are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _legend(kinds: Sequence[str]) -> tuple[str, float]:
    """Return the legend and its width."""
    x, found = 0.0, []
    for kind in kinds:
        label = shortened(printable(kind), 24)
        found.append(
            f'<g class="{_classes(kind)}" transform="translate({_n(x)} 0)">'
            f'<rect width="16" height="12" rx="{_radius(kind, 12)}"/>{_label(label, 22, 10.5)}</g>'
        )
        x += 22 + _cells(label) * _CHARACTER + 22
    return "".join(found), x


def _classes(kind: str) -> str:
    return f"{colour_class(kind)} endpoint" if kind == ENDPOINT else colour_class(kind)


def _radius(kind: str, height: float) -> str:
    """Return the radius of a box's corners, which tells endpoints and schemas from other parts."""
    return _n(height / 2 if kind == ENDPOINT else 5 if kind == "schemas" else 0)


def _label(text: str, x: float, y: float, classes: str = "") -> str:
    """Return a label that is as wide as the layout takes it to be, in any font."""
    scale = 11 / 12 if classes else 1
    length = f' textLength="{_n(_cells(text) * _CHARACTER * scale)}" lengthAdjust="spacingAndGlyphs"' if text else ""
    return f'<text{classes} x="{_n(x)}" y="{_n(y)}"{length} xml:space="preserve">{_text(text)}</text>'


def _node(number: int, node: DrawnNode, box: PlacedBox) -> str:
    label = _label(shortened(printable(node.label)), _PADDING, _LINE + 2.5)
    more = _label(node.more, _PADDING, 2 * _LINE + 2, ' class="more"') if node.more else ""
    classes = f"node {_classes(node.kind)}{' cut' if node.more else ''}"
    at, size = f"translate({_n(box.x)} {_n(box.y)})", f'width="{_n(box.width)}" height="{_n(box.height)}"'
    name = f"{node.name} ({node.more})" if node.more else node.name
    return (
        f'<g class="{classes}" id="n{number}" transform="{at}"><title>{_text(name)}</title>'
        f'<rect {size} rx="{_radius(node.kind, box.height)}"/>{label}{more}</g>'
    )


def _edges(drawing: Drawing, layout: GraphLayout) -> str:
    found = []
    for start, end in drawing.edges:
        one, other = layout.boxes[start], layout.boxes[end]
        if start == end:
            path, tip = _loop(one)
        elif one.x < other.x:
            path, tip = _curve(_right(one), layout.edges[start, end], _left(other)), (*_left(other), 1)
        else:  # an edge that was turned: it leads back to the left
            path, tip = _curve(_right(other), layout.edges[start, end], _left(one)), (*_right(other), -1)
        x, y, way = tip
        arrow = f"M{_n(x)} {_n(y)}l{_n(-6 * way)} -3.2v6.4z"
        found.append(f'<g data-edge="{start} {end}"><path d="{path}"/><path class="tip" d="{arrow}"/></g>')
    return "".join(found)


def _left(box: PlacedBox) -> tuple[float, float]:
    return box.x, box.y + box.height / 2


def _right(box: PlacedBox) -> tuple[float, float]:
    return box.x + box.width, box.y + box.height / 2


def _loop(box: PlacedBox) -> tuple[str, tuple[float, float, int]]:
    x, y = _right(box)
    return f"M{_n(x)} {_n(y - 5)}c26 -16 26 26 0 10", (x, y + 5, -1)


def _curve(start: tuple[float, float], bends: Sequence[tuple[float, float, float]], end: tuple[float, float]) -> str:
    """Return a curve that is level wherever it enters or leaves a column."""
    x, y = start
    path = f"M{_n(x)} {_n(y)}"
    for left, right, height in (*bends, (end[0], end[0], end[1])):
        middle = (x + left) / 2
        path += f"C{_n(middle)} {_n(y)} {_n(middle)} {_n(height)} {_n(left)} {_n(height)}"
        if right > left:
            path += f"H{_n(right)}"
        x, y = right, height
    return path


def _n(number: float) -> str:
    """Return a number with at most one decimal."""
    return f"{number:.1f}".removesuffix(".0")


def _text(text: str) -> str:
    return html.escape(printable(text))
