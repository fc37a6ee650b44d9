"""The options of `slice-oas check`."""

from __future__ import annotations

import sys

import click

from oas_tasks.commands.command_line import SettingsCommand, json_option, option, proposing
from oas_tasks.commands.given_settings import GivenSettings


@click.command(
    cls=SettingsCommand,
    examples=(
        ("slice-oas check", "0 if slices and index.csv match the document, 3 if they do not"),
        ("slice-oas check openapi.yaml --output-dir out --json", "the same for other files, as JSON"),
    ),
)
@json_option
@option("--trust-cache", is_flag=True, help="compare only what the cache cannot vouch for")
@click.argument("document", required=False, shell_complete=proposing("spec"))
def command(given: GivenSettings, document: str | None, as_json: bool, trust_cache: bool) -> int:
    """Compare the slices on disk with the document."""
    from oas_tasks.commands.check import check

    given.take_document(document)
    return check(given.load(), sys.stdout, as_json, trust_cache)
