"""The options of `slice-oas graph`."""

from __future__ import annotations

import sys

import click

from oas_tasks.commands.command_line import OneOf, SettingsCommand, option, proposing
from oas_tasks.commands.given_settings import GivenSettings
from oas_tasks.errors import UserError

#: The names of the writers.
OUTPUTS = ("text", "json", "dot", "mermaid", "svg", "html")

#: The most references in a picture, unless it is said otherwise: Mermaid draws 500, and more cannot be followed.
_MOST_EDGES = 400


def _count(ctx: click.Context, param: click.Parameter, text: str | None) -> int | None:
    """Return a whole number. Raises UserError for anything else."""
    least = 1 if param.name == "depth" else 0
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= least):
        raise UserError(f"{param.opts[0]} must be a whole number from {least} on, and it is '{text}'")
    return int(text)


class _Output(OneOf):
    """The forms of a graph. The name of a file is a mistake of its own, since `--output` names files elsewhere."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the form. Raises UserError where there is no such form."""
        ending = value.rpartition(".")[2].casefold()
        if value not in self.choices and "." in value and ending in self.choices:
            hint = f"Write --output {ending}, and > and the file's name at the end"
            raise UserError(f"--output names a form, and '{value}' is a file", None, hint)
        return super().convert(value, param, ctx)


@click.command(
    cls=SettingsCommand,
    unused=(
        *("csv", "html", "concurrency", "validate", "strict", "source_faults", "volatile", "output_dir", "format"),
        "output_version",
    ),
    examples=(
        ("slice-oas graph 'GET /users/{id}'", "what one endpoint depends on"),
        ("slice-oas graph 'GET /users/{id}' --output html > graph.html", "a picture of it, to move around in"),
        ("slice-oas graph --output dot | dot -Tsvg > parts.svg", "a picture of everything, with Graphviz"),
    ),
)
@option("--output", type=_Output(OUTPUTS), default="text", help="how to write it (default: text)")
@option("--depth", callback=_count, metavar="N", help="only what is at most N steps from an endpoint")
@option(
    "--max-edges",
    callback=_count,
    default=str(_MOST_EDGES),
    metavar="N",
    help=f"in a picture, what is farther away is left out beyond N references; 0 for no limit (default: {_MOST_EDGES})",
)
@click.argument("endpoint", nargs=-1, shell_complete=proposing("endpoint"))
def command(given: GivenSettings, endpoint: tuple[str, ...], output: str, depth: int | None, max_edges: int) -> int:
    """Write the graph of the parts that endpoints reach."""
    from oas_tasks.commands.graph import GraphOptions, graph

    words = given.document_first(endpoint)
    return graph(given.load(), GraphOptions(words, output, depth, max_edges), sys.stdout, sys.stderr)
