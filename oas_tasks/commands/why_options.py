"""The options of `slice-oas why`."""

from __future__ import annotations

import sys

import click

from oas_tasks.commands.command_line import SettingsCommand, json_option, proposing
from oas_tasks.commands.given_settings import GivenSettings

_NAME_ONE = "Name an endpoint, such as 'GET /users/{id}', or by its operationId. 'slice-oas list' shows them"


@click.command(
    cls=SettingsCommand,
    unused=("csv", "html", "concurrency"),
    words_help=_NAME_ONE,
    examples=(
        ("slice-oas why 'GET /users/{id}'", "whether its slice is up to date, and why"),
        ("slice-oas why getUser --json", "the same for an operationId, as JSON"),
    ),
)
@json_option
@click.argument("endpoint", nargs=-1, shell_complete=proposing("endpoint"), required=True)
def command(given: GivenSettings, endpoint: tuple[str, ...], as_json: bool) -> int:
    """Explain whether an endpoint is up to date."""
    from oas_tasks.commands.why import why

    words = given.document_first(endpoint, _NAME_ONE)
    return why(given.load(), words, sys.stdout, as_json)
