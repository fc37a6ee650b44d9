"""The options of `slice-oas` without a command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from oas_tasks import __version__
from oas_tasks.commands.command_line import GroupedOption, SettingsCommand, listed_commands, nearest, option, proposing
from oas_tasks.commands.given_settings import GivenSettings, is_document, is_file
from oas_tasks.errors import UserError
from oas_tasks.settings import SETTINGS

_WHAT = SETTINGS["spec"].heading

#: What people try as a command, by what there is instead.
_HABITS = {
    "build": "'slice-oas --batch'",
    "diff": "'slice-oas affected'",
    "endpoints": "'slice-oas list'",
    "extract": "'slice-oas --batch'",
    "ls": "'slice-oas list'",
    "run": "'slice-oas --batch'",
    "status": "'slice-oas check'",
    "validate": "'slice-oas check'",
    "verify": "'slice-oas check'",
    "version": "'slice-oas --version'",
}


_METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "QUERY")


class SliceCommand(SettingsCommand):
    """Slicing, which needs no command's name. Its help is that of the whole tool."""

    def superfluous(self, words: Sequence[str], ctx: click.Context) -> UserError:
        """Return the error for words that mean nothing here, which may be those of another command or of an option."""
        word = words[0]
        if word in listed_commands(ctx):
            return UserError(f"the command '{word}' comes first", None, f"Write: slice-oas {word} ...")
        if word.startswith("/"):
            message = f"it is not clear what '{word}' is for"
            return UserError(message, None, f"Write --path '{word}' for one endpoint, or --filter '{word}'")
        if word.upper() in _METHODS:
            return UserError(f"it is not clear what '{word}' is for", None, f"Write --method {word.upper()}")
        return super().superfluous(words, ctx)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write both forms of the command line."""
        formatter.write_usage("slice-oas", "[OPTIONS] [DOCUMENT]")
        formatter.write_usage("slice-oas", "COMMAND [OPTIONS] ...", prefix=" " * len("Usage: "))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, the examples and the commands."""
        super().format_options(ctx, formatter)
        with formatter.section("Commands, each with a --help of its own"):
            formatter.write_dl(list(listed_commands(ctx).items()))
        from oas_tasks.commands.guidance.topics import TOPICS

        with formatter.section("Topics, with 'slice-oas help TOPIC'"):
            formatter.write_dl([(name, topic.help) for name, topic in TOPICS.items()])


def _checked(ctx: click.Context, param: click.Parameter, word: str | None) -> str | None:
    """Return the document that was given without an option. Raises UserError for a word that is none."""
    if word is None or is_document(word) or ctx.resilient_parsing:
        return word
    if word == "-":
        raise UserError("a document cannot be read from the standard input", None, "Save it, and name the file")
    if Path(word).is_dir():
        raise UserError(f"'{word}' is a folder", None, "Name the document in it, as in: slice-oas openapi.yaml")
    known = listed_commands(ctx)
    message = f"there is no command '{word}'"
    if word in known or word.startswith("/"):
        assert isinstance(ctx.command, SliceCommand)
        raise ctx.command.superfluous([word], ctx)
    if word.casefold() in _HABITS:
        hint = f"Did you mean {_HABITS[word.casefold()]}?"
    elif document := next((name for name in _names_of(word) if is_file(name)), ""):
        hint = f"Did you mean '{document}'?"
    else:
        close = nearest(word, known)
        hint = f"Did you mean '{close}'?" if close else "'slice-oas --help' shows what there is"
    raise UserError(message, None, hint)


def _names_of(word: str) -> Iterator[str]:
    """Yield the files that a word may mean: one with an ending, or without the quotes around it."""
    plain = word.strip(" '\"")
    yield from (f"{plain}{ending}" for ending in ("", ".yaml", ".yml", ".json"))


def _commands_and_files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Return what a shell proposes for the first word: commands, and files."""
    from click.shell_completion import CompletionItem

    commands = listed_commands(ctx) if not ctx.params.get("document") else {}
    found = [CompletionItem(name, help=text) for name, text in commands.items() if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


@click.command(
    cls=SliceCommand,
    examples=(
        ("slice-oas openapi.yaml --batch", "every endpoint, into the folder slices"),
        ("slice-oas openapi.yaml --batch --filter '/users/*' --output-dir users", "only some, into another folder"),
        ("slice-oas openapi.yaml --endpoint 'GET /users/{id}'", "one endpoint; all other slices stay"),
        ("slice-oas --sample", "a sample, to see what comes out"),
        ("slice-oas --batch", "whatever [tool.oas_tasks] in pyproject.toml asks for"),
    ),
)
@option("--batch", is_flag=True, heading=_WHAT, help="slice every endpoint, or all that the filters let through")
@option(
    "--path",
    metavar="PATH",
    heading=_WHAT,
    shell_complete=proposing("path"),
    help="slice just this endpoint, together with --method",
)
@option("--sample", is_flag=True, heading=_WHAT, help="slice a sample document, into a folder of its own")
@option(
    "--endpoint",
    "endpoints",
    metavar="ENDPOINT",
    multiple=True,
    heading=_WHAT,
    help="slice just this endpoint, such as 'GET /users/{id}' or an operationId; repeatable",
)
@option(
    "--no-prune",
    is_flag=True,
    heading="Output",
    help="keep slices that are not asked for any more, with their rows in index.csv",
)
@option("--dry-run", is_flag=True, heading="Display", help="show what would be done and write nothing")
@option("--quiet", is_flag=True, heading="Display", help="print errors only")
@click.argument("document", required=False, callback=_checked, shell_complete=_commands_and_files)
@click.version_option(
    __version__,
    *("-V", "--version"),
    prog_name="slice-oas",
    message="%(prog)s %(version)s",
    cls=GroupedOption,
    heading="Display",
    help="show the version",
)
def command(
    given: GivenSettings,
    document: str | None,
    batch: bool,
    path: str | None,
    sample: bool,
    endpoints: tuple[str, ...],
    no_prune: bool,
    dry_run: bool,
    quiet: bool,
) -> int:
    """Slice an OpenAPI document into one small, self-contained, validated file per endpoint.

    Settings that are not given are read from [tool.oas_tasks] in pyproject.toml, where there is one.
    """
    from oas_tasks.commands.slice import SliceRequest, slice_document

    if batch and path is not None:
        raise UserError("--batch and --path exclude each other", None, "--batch is for all endpoints, --path for one")
    given.take_document(document)
    if not sample:
        return slice_document(SliceRequest(given, batch, path, endpoints, no_prune, dry_run, quiet))
    from oas_tasks.commands.sample import sample_settings
    from oas_tasks.printable import printable

    own = sample_settings(given, is_written=not dry_run)
    is_whole = batch or (path is None and not endpoints)
    code = slice_document(SliceRequest(own, is_whole, path, endpoints, no_prune, dry_run, quiet))
    if code == 0 and not (dry_run or quiet):
        file = printable(str(own.overrides["spec"]))
        click.echo(f"The document is {file}. Edit it and run the same again: only what the edit touches is made again.")
    return code
