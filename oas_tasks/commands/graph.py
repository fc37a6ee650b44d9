"""`slice-oas graph`: writes the dependency graph of endpoints and parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from oas_tasks.amounts import counted
from oas_tasks.api.chosen_endpoint import chosen_endpoint, which_spec
from oas_tasks.commands.exit_codes import ALL_BUILT
from oas_tasks.commands.graph_languages import as_dot, as_mermaid
from oas_tasks.errors import UserError
from oas_tasks.pages.graph_picture import ENDPOINT, Drawing, DrawnNode, picture_page, svg
from oas_tasks.printable import printable_json, printable_lines
from oas_tasks.queries.graph import Excerpt, Graph, Hidden, excerpt, graph_of
from oas_tasks.queries.read_only_run import read_only_run
from oas_tasks.settings import Settings
from oas_tasks.slices.loading import load_slicer


@dataclass(frozen=True, slots=True)
class GraphOptions:
    """The arguments of the command.

    words: name an endpoint; none for all.
    output: text, json, or the name of a kind of picture.
    depth: the most steps from an endpoint, None for all.
    most: the most references in a picture, 0 for all.
    """

    words: Sequence[str]
    output: str
    depth: int | None
    most: int


def graph(settings: Sequence[Settings], options: GraphOptions, out: TextIO, notes: TextIO) -> int:
    """Write the graph of one endpoint, or of all. Raises UserError.

    notes: gets a line about what a picture leaves out.
    """
    if options.words:
        run, endpoint = chosen_endpoint([read_only_run(each) for each in settings], options.words)
        only, endpoints, title = run.settings, [endpoint], endpoint.label
    else:
        if len(settings) > 1:
            names = ", ".join(str(each.spec) for each in settings)
            raise UserError(f"there are several documents: {names}", None, which_spec(settings))
        only, endpoints, title = settings[0], [], str(settings[0].spec)
    slicer = load_slicer(only, str(only.spec))
    whole = graph_of(slicer, endpoints or slicer.plan.endpoints)
    if options.output in WRITERS:
        out.write(WRITERS[options.output](excerpt(whole, options.depth, 0).graph))
        return ALL_BUILT
    found = excerpt(whole, options.depth, options.most)
    left_out = _left_out(found, whole, options)
    if left_out:
        notes.write(printable_lines([f"slice-oas: {left_out}"]))
    out.write(PICTURES[options.output](_drawing(found, title, left_out)))
    return ALL_BUILT


def _left_out(found: Excerpt, whole: Graph, options: GraphOptions) -> str:
    """Return a sentence about what a limit of references leaves out, "" where it leaves out nothing."""
    if not options.most or whole.size <= options.most or found.graph.size == whole.size:
        return ""
    if options.depth is not None and excerpt(whole, options.depth, 0).graph.size == found.graph.size:
        return ""  # that is what was asked for
    drawn = f"the picture shows {found.graph.size:,} of {counted(whole.size, 'reference')}"
    missing = len(whole.parts) - len(found.graph.parts)
    parts = f" and leaves out {counted(missing, 'part')}" if missing else ""
    if found.left_out:
        parts += f" and {counted(found.left_out, 'endpoint')}"
    mermaid = " (Mermaid draws 500 at most)" if options.output == "mermaid" else ""
    which = "" if len(whole.endpoints) == 1 else "name an endpoint, or "
    advice = f"{which}choose what is shown with --depth N, or show more with --max-edges N{mermaid}"
    return f"{drawn}{parts}. {advice[:1].upper()}{advice[1:]}"


def _drawing(found: Excerpt, title: str, left_out: str) -> Drawing:
    graph = found.graph
    numbers = {name: number for number, name in enumerate(graph.edges)}
    nodes = [DrawnNode(name, name, ENDPOINT, _more(found.hidden.get(name))) for name in graph.endpoints]
    nodes += [
        DrawnNode(name, graph.short[name], graph.kinds[name], _more(found.hidden.get(name))) for name in graph.parts
    ]
    edges = tuple((numbers[name], numbers[need]) for name, needs in graph.edges.items() for need in needs)
    return Drawing(title, tuple(nodes), edges, (f"{left_out[:1].upper()}{left_out[1:]}.",) if left_out else ())


def _more(hidden: Hidden | None) -> str:
    """Return what is said in a node of that which is not drawn behind it."""
    if hidden is None:
        return ""
    if hidden.parts:
        return f"and {hidden.parts:,} more behind"
    return f"refers to {hidden.edges:,} of these"


def _text(found: Graph) -> str:
    lines: list[str] = []
    for name, needs in found.edges.items():
        lines += [name, *(f"  {need}" for need in needs)]
    return printable_lines(lines)


def _json(found: Graph) -> str:
    value = {"endpoints": found.endpoints, "parts": found.parts, "edges": found.edges}
    return printable_json(value)


WRITERS: Mapping[str, Callable[[Graph], str]] = {"text": _text, "json": _json}

PICTURES: Mapping[str, Callable[[Drawing], str]] = {
    "dot": as_dot,
    "mermaid": as_mermaid,
    "svg": svg,
    "html": lambda drawing: picture_page(drawing).decode("ascii"),
}
