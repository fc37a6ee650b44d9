"""The options of `slice-oas hook`, and the care with which it takes the names of files."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from oas_tasks.commands.command_line import SettingsCommand, option
from oas_tasks.commands.given_settings import GivenSettings
from oas_tasks.errors import UserError
from oas_tasks.settings import MissingSpec


class HookCommand(SettingsCommand):
    """A command to whose line pre-commit appends the names of a commit's files, whatever they look like."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line. Raises UserError."""
        return super().parse_args(ctx, args if ctx.resilient_parsing else self._files_last(args))

    def _files_last(self, given: Sequence[str]) -> list[str]:
        """Return a command line with `--` before its files, so that none is taken for an option.

        All words after the first file are files, and so is a word like an option that is none and exists as a file.
        Raises UserError for an option that is also the name of a file: it is ambiguous, and a planted file could
        exploit either meaning.
        """
        takes_value = self.takes_value()
        number = 0
        while number < len(given):
            word = given[number]
            is_option = word.partition("=")[0] in takes_value
            if is_option and os.path.lexists(word):
                message = f"'{word}' is an option and the name of a file here"
                raise UserError(
                    message, None, "Write files behind --, or let no names be passed (pass_filenames: false)"
                )
            if not is_option and (word == "--" or not word.startswith("-") or os.path.lexists(word)):
                break
            number += 1 + takes_value.get(word, False)  # unknown options are reported later
        files = given[number:]
        return [*given[:number], "--", *(files[1:] if files[:1] == ["--"] else files)]


@click.command(cls=HookCommand)
@option("--check", "check_only", is_flag=True, help="change nothing, and fail where slices are not current")
@click.argument("files", nargs=-1)
def command(given: GivenSettings, files: tuple[str, ...], check_only: bool) -> int:
    """Build or check the slices that a commit concerns."""
    from oas_tasks.commands.hook import hook

    try:
        settings = given.load()
    except MissingSpec as error:
        hint = "Write args: [--input, openapi.yaml] in .pre-commit-config.yaml, or spec in pyproject.toml"
        raise UserError(error.message, None, hint) from None
    return hook(settings, files, check_only, os.environ, sys.stdout)
