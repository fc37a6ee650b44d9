"""The options of `slice-oas init`."""

from __future__ import annotations

import sys

import click

from oas_tasks.commands.command_line import OneOf, SettingsCommand, option
from oas_tasks.commands.given_settings import GivenSettings
from oas_tasks.errors import UserError
from oas_tasks.settings import SETTINGS

#: The settings that it writes; others belong into pyproject.toml.
_WRITTEN = ("spec", "output_dir")


@click.command(
    cls=SettingsCommand,
    unused=tuple(name for name in SETTINGS if name not in _WRITTEN),
    examples=(
        ("slice-oas init openapi.yaml", "show what is missing here, and write it after a yes"),
        ("slice-oas init --yes", "without a question, with the document that is here"),
    ),
)
@option("--yes", "-y", "is_agreed", is_flag=True, help="write without a question")
@option(
    "--ci",
    type=OneOf(("auto", "github", "gitlab", "none")),
    default="auto",
    help="the CI system to write a job for (default: GitLab where there is a .gitlab-ci.yml, else GitHub)",
)
@option("--pre-commit", is_flag=True, help="make a .pre-commit-config.yaml, where there is none to add to")
@click.argument("document", required=False)
def command(given: GivenSettings, document: str | None, is_agreed: bool, ci: str, pre_commit: bool) -> int:
    """Write the files that a repository needs."""
    from oas_tasks.commands.init import init
    from oas_tasks.queries.starter_files import Wishes

    given.take_document(document)
    others = [name for name in given.overrides if name not in _WRITTEN]
    if others:
        option_name = SETTINGS[others[0]].option
        raise UserError(f"init has no use for {option_name}", None, "Write the setting into pyproject.toml afterwards")
    spec, output_dir = (given.overrides.get(name) for name in _WRITTEN)
    wishes = Wishes(
        None if spec is None else str(spec), None if output_dir is None else str(output_dir), ci, pre_commit
    )
    return init(wishes, is_agreed, sys.stdout)
