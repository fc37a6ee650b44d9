"""The options of `slice-oas impact`."""

from __future__ import annotations

import sys

import click

from oas_tasks.commands.command_line import SettingsCommand, json_option
from oas_tasks.commands.given_settings import GivenSettings
from oas_tasks.errors import UserError

_NAME_ONE = "Name a part, such as components/schemas/User, or schemas/User. 'slice-oas graph' shows them"


@click.command(
    cls=SettingsCommand,
    unused=("csv", "html", "concurrency", "validate", "strict", "source_faults"),
    words_help=_NAME_ONE,
    examples=(
        ("slice-oas impact schemas/User", "the endpoints that use this schema"),
        ("slice-oas impact openapi.yaml schemas/User", "the same for another document"),
    ),
)
@json_option
@click.argument("part", nargs=-1, required=True)
def command(given: GivenSettings, part: tuple[str, ...], as_json: bool) -> int:
    """List the endpoints that a change of a part would touch."""
    from oas_tasks.commands.impact import impact

    words = given.document_first(part, _NAME_ONE)
    if len(words) > 1:
        listed = ", ".join(f"'{word}'" for word in words)
        raise UserError(f"slice-oas impact takes one part at a time, and was given {listed}", None, _NAME_ONE)
    return impact(given.load(), words[0], sys.stdout, as_json)
