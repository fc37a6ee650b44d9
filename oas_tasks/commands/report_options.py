"""The options of `slice-oas report`."""

from __future__ import annotations

import sys

import click

from oas_tasks.commands.command_line import SettingsCommand, option
from oas_tasks.commands.given_settings import GivenSettings


@click.command(
    cls=SettingsCommand,
    unused=("csv", "html", "concurrency"),
    examples=(
        ("slice-oas report", "a page in the output folder, to open in a browser"),
        ("slice-oas report --base main", "with what changed since another branch"),
    ),
)
@option("--base", metavar="REV", help="show what changed since this git revision (default: HEAD, if that is quick)")
@click.argument("document", required=False)
def command(given: GivenSettings, document: str | None, base: str | None) -> int:
    """Write index.html, a page to look at what was sliced."""
    from oas_tasks.commands.report import report

    given.take_document(document)
    return report(given, base, sys.stdout)
