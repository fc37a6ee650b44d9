"""The options of `slice-oas stats`."""

from __future__ import annotations

import sys

import click

from oas_tasks.commands.command_line import SettingsCommand, json_option
from oas_tasks.commands.given_settings import GivenSettings


@click.command(
    cls=SettingsCommand,
    unused=(
        *("output_dir", "methods", "filter", "filter_type", "tags", "operation_ids", "webhooks", "format", "csv"),
        *("html", "output_version", "concurrency", "strict", "source_faults", "validate", "volatile"),
    ),
    examples=(
        ("slice-oas stats openapi.yaml", "the numbers of a document, whatever the filters"),
        ("slice-oas stats --json", "the same for programs, with every name"),
    ),
)
@json_option
@click.argument("document", required=False)
def command(given: GivenSettings, document: str | None, as_json: bool) -> int:
    """Count what a document holds."""
    from oas_tasks.commands.stats import write_stats

    given.take_document(document)
    return write_stats(given.load(), sys.stdout, as_json)
