"""The options of `slice-oas graph`."""

from __future__ import annotations

import sys

import click

from oas_tasks.commands.command_line import GivenSettings, OneOf, SettingsCommand, option

#: The names of the writers.
OUTPUTS = ("text", "json", "dot", "mermaid")


@click.command(
    cls=SettingsCommand,
    unused=(
        *("csv", "html", "concurrency", "validate", "strict", "source_faults", "volatile", "output_dir", "format"),
        "output_version",
    ),
    examples=(
        ("slice-oas graph 'GET /users/{id}'", "what one endpoint depends on"),
        ("slice-oas graph --output dot | dot -Tsvg > parts.svg", "a picture of all of it, with Graphviz"),
    ),
)
@option("--output", type=OneOf(OUTPUTS), default="text", help="how to write it (default: text)")
@click.argument("endpoint", nargs=-1)
def command(given: GivenSettings, endpoint: tuple[str, ...], output: str) -> int:
    """Write the graph of the parts that endpoints reach."""
    from oas_tasks.commands.graph import graph

    words = given.document_first(endpoint)
    return graph(given.load(), words, output, sys.stdout)
