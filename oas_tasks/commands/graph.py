"""`slice-oas graph`: writes the dependency graph of endpoints and parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

from oas_tasks.commands.chosen_endpoint import chosen_endpoint
from oas_tasks.commands.exit_codes import ALL_BUILT
from oas_tasks.errors import UserError
from oas_tasks.printable import printable, printable_json, printable_lines
from oas_tasks.queries.graph import Graph, graph_of
from oas_tasks.queries.read_only_run import read_only_run
from oas_tasks.settings import Settings
from oas_tasks.slices.loading import load_slicer


def graph(settings: Sequence[Settings], words: Sequence[str], output: str, out: TextIO) -> int:
    """Write the graph of one endpoint, or of all if `words` are empty. Raises UserError.

    output: the name of a writer.
    """
    if words:
        run, endpoint = chosen_endpoint([read_only_run(each) for each in settings], words)
        only, endpoints = run.settings, [endpoint]
    else:
        if len(settings) > 1:
            names = ", ".join(str(each.spec) for each in settings)
            raise UserError(f"there are several documents: {names}", None, "Say which with --input")
        only, endpoints = settings[0], []
    slicer = load_slicer(only, str(only.spec))
    out.write(WRITERS[output](graph_of(slicer, endpoints or slicer.plan.endpoints)))
    return ALL_BUILT


def _text(found: Graph) -> str:
    lines: list[str] = []
    for name, needs in found.edges.items():
        lines += [name, *(f"  {need}" for need in needs)]
    return printable_lines(lines)


def _json(found: Graph) -> str:
    value = {"endpoints": found.endpoints, "parts": found.parts, "edges": found.edges}
    return printable_json(value)


def _dot(found: Graph) -> str:
    lines = ["digraph slices {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f"  {_quoted(name)} [style=bold];" for name in found.endpoints]
    lines += [f"  {_quoted(name)};" for name in found.parts]
    lines += [f"  {_quoted(name)} -> {_quoted(need)};" for name, needs in found.edges.items() for need in needs]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(name: str) -> str:
    """Return a name as a quoted string of DOT, with escapes for quotes and backslashes."""
    escaped = printable(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _mermaid(found: Graph) -> str:
    number = {name: f"n{index}" for index, name in enumerate(found.edges)}
    lines = ["flowchart LR"]
    for name in found.edges:
        text = _label(name)
        lines.append(f'  {number[name]}(["{text}"])' if name in found.endpoints else f'  {number[name]}["{text}"]')
    lines += [f"  {number[name]} --> {number[need]}" for name, needs in found.edges.items() for need in needs]
    return "\n".join(lines) + "\n"


#: Mermaid's entities for characters that have a meaning in Mermaid, HTML or Markdown.
_ENTITIES = str.maketrans({character: f"#{ord(character)};" for character in '#%&"<>`'})


def _label(name: str) -> str:
    """Return a name as the text of a quoted label of Mermaid."""
    return printable(name).translate(_ENTITIES)


WRITERS: Mapping[str, Callable[[Graph], str]] = {"text": _text, "json": _json, "dot": _dot, "mermaid": _mermaid}
