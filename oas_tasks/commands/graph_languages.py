"""Writes a picture of a graph in the languages of Graphviz and Mermaid, with colours and shapes for kinds of parts."""

from __future__ import annotations

from oas_tasks.pages.graph_picture import COLOURS, ENDPOINT, Drawing, DrawnNode, colour_class, kinds_in, shortened
from oas_tasks.printable import printable

#: The shape of each kind: of Graphviz, and around a label of Mermaid. Any other kind has the last.
_SHAPES: dict[str, tuple[str, str, str]] = {
    ENDPOINT: ("oval", "([", "])"),
    "schemas": ("box", "[", "]"),
    "responses": ("box3d", "[[", "]]"),
    "parameters": ("parallelogram", "[/", "/]"),
    "requestBodies": ("cds", "[(", ")]"),
    "headers": ("note", "{{", "}}"),
    "examples": ("tab", ">", "]"),
    "securitySchemes": ("octagon", "[\\", "\\]"),
    "": ("component", "(", ")"),
}


def as_dot(drawing: Drawing) -> str:
    """Return the picture in the language of Graphviz."""
    kinds = kinds_in(drawing.nodes)
    lines = [
        "digraph slices {",
        "  rankdir=LR; nodesep=0.14; ranksep=0.9;",
        '  node [style="filled,rounded" fontname="Helvetica" fontsize=11 height=0.3 margin="0.12,0.05"];',
        '  edge [color="#9aa3b2" arrowsize=0.6];',
        "  subgraph cluster_legend {",
        '    label="Kinds" fontname="Helvetica" fontsize=11 color="#c9ced8";',
        *(f"    {_quoted(f'legend {kind}')} [label={_quoted(kind)}{_look(kind)}];" for kind in kinds),
        "  }",
    ]
    for node in drawing.nodes:
        label = _quoted(node.label, node.more)
        dashed = ' style="filled,rounded,dashed"' if node.more else ""
        lines.append(f"  {_quoted(node.name)} [label={label}{_look(node.kind)}{dashed} tooltip={_quoted(node.name)}];")
    names = [_quoted(node.name) for node in drawing.nodes]
    lines += [f"  {names[start]} -> {names[end]};" for start, end in drawing.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _look(kind: str) -> str:
    """Return the attributes of Graphviz for a kind."""
    colour, _ = COLOURS.get(kind, COLOURS[""])
    shape = _SHAPES.get(kind, _SHAPES[""])[0]
    return f' shape={shape} color="{colour}" fillcolor="{colour}1a" fontcolor="#1a2030"'


def _quoted(*lines: str) -> str:
    """Return lines as a quoted string of DOT, with escapes for quotes and backslashes."""
    escaped = [printable(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines if line]
    return f'"{_BREAK.join(escaped)}"'


#: A line break in a string of DOT.
_BREAK = "\\n"


def as_mermaid(drawing: Drawing) -> str:
    """Return the picture in the language of Mermaid."""
    kinds = kinds_in(drawing.nodes)
    lines = ["flowchart LR"]
    lines += [f"  n{number}{_shaped(node)}" for number, node in enumerate(drawing.nodes)]
    lines += [f"  n{start} --> n{end}" for start, end in drawing.edges]
    lines.append('  subgraph legend["Kinds"]')
    lines += [f"    k{number}{_shaped(DrawnNode(kind, kind, kind))}" for number, kind in enumerate(kinds)]
    lines.append("  end")
    for colour in dict.fromkeys(map(colour_class, kinds)):
        shade = COLOURS.get(colour.removeprefix("k-"), COLOURS[""])[0]
        lines.append(f"  classDef {colour} fill:{shade}1a,stroke:{shade}")
    return "\n".join(lines) + "\n"


def _shaped(node: DrawnNode) -> str:
    """Return the label of a node in the shape of its kind, with its class."""
    _, opening, closing = _SHAPES.get(node.kind, _SHAPES[""])
    label = mermaid_label(shortened(node.label))
    if node.more:
        label += f"<br>{mermaid_label(node.more)}"
    return f'{opening}"{label}"{closing}:::{colour_class(node.kind)}'


#: Mermaid's entities for characters that have a meaning in Mermaid, HTML or Markdown.
_ENTITIES = str.maketrans({character: f"#{ord(character)};" for character in '#%&"<>`'})


def mermaid_label(name: str) -> str:
    """Return a name as the text of a quoted label of Mermaid."""
    return printable(name).translate(_ENTITIES)
