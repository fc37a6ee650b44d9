"""The options of `slice-oas list`."""

from __future__ import annotations

import sys

import click

from oas_tasks.commands.command_line import SettingsCommand, json_option, proposing
from oas_tasks.commands.given_settings import GivenSettings


@click.command(
    cls=SettingsCommand,
    unused=("csv", "html", "concurrency"),
    examples=(
        ("slice-oas list openapi.yaml", "every endpoint of a document"),
        ("slice-oas list --filter '/users/*' --method GET", "those that a build with these filters would slice"),
    ),
)
@json_option
@click.argument("document", required=False, shell_complete=proposing("spec"))
def command(given: GivenSettings, document: str | None, as_json: bool) -> int:
    """List the endpoints."""
    from oas_tasks.commands.list_ import list_endpoints

    given.take_document(document)
    return list_endpoints(given.load(), sys.stdout, as_json)
