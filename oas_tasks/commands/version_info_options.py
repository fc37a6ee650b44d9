"""The options of `slice-oas version-info`."""

from __future__ import annotations

import sys

import click

from oas_tasks.commands.command_line import SettingsCommand, json_option, proposing
from oas_tasks.commands.given_settings import GivenSettings


@click.command(
    cls=SettingsCommand,
    unused=("csv", "html", "output_dir", "format", "validate", "volatile"),
    examples=(
        ("slice-oas version-info --output-version 3.0.x", "what a build of 3.0 slices would block or lose"),
        ("slice-oas version-info openapi.yaml", "the same for each other version"),
    ),
)
@json_option
@click.argument("endpoint", nargs=-1, shell_complete=proposing("endpoint"))
def command(given: GivenSettings, endpoint: tuple[str, ...], as_json: bool) -> int:
    """List what conversions would lose."""
    from oas_tasks.commands.version_info import version_info

    words = given.document_first(endpoint)
    return version_info(given.load(), words, sys.stdout, as_json)
