"""slice-oas, the command line: finds the command, calls it, and prints errors.

Without the name of a command it slices. Commands are imported when they are called, since a run with nothing to do
should import as little as possible.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import click

from oas_tasks import errors
from oas_tasks.commands.command_line import SLICE, ListedCommands
from oas_tasks.commands.exit_codes import ALL_BUILT, INTERRUPTED, SOME_FAILED, WRONG_REQUEST
from oas_tasks.errors import UserError
from oas_tasks.printable import printable_lines
from oas_tasks.processes import collection_held


class CommandEntry(NamedTuple):
    """A command.

    module: where it is, as `command`, in `oas_tasks.commands`.
    help: one line, without a full stop.
    """

    module: str
    help: str


COMMANDS: Mapping[str, CommandEntry] = {
    "affected": CommandEntry(
        "affected_endpoints.affected_options", "list the endpoints that changed since a git revision, and why"
    ),
    "check": CommandEntry("check_options", "compare the slices on disk with the document; writes nothing"),
    "ci": CommandEntry(
        "ci_job.ci_options", "for CI jobs: list what a change touches, build, find committed slices that are stale"
    ),
    "completion": CommandEntry("guidance.completion", "write the script with which a shell completes command lines"),
    "graph": CommandEntry("graph_options", "write the graph of the parts that endpoints reach"),
    "help": CommandEntry("guidance.help_", "show the help on a command or a topic"),
    "hook": CommandEntry("hook_options", "for pre-commit: build or check the slices that a commit concerns"),
    "impact": CommandEntry("impact_options", "list the endpoints that a change of a part would touch"),
    "init": CommandEntry(
        "init_options", "write what a repository needs, after showing it: dodo.py, settings, a CI job"
    ),
    "list": CommandEntry("list_options", "list the endpoints, with their files and operationIds"),
    "report": CommandEntry("report_options", "write index.html, a page to look at what was sliced"),
    "stats": CommandEntry("stats_options", "count endpoints and components, and show what is shared, large or unused"),
    "version-info": CommandEntry(
        "version_info_options",
        "list what a build to each other version (or to --output-version) would block or lose",
    ),
    "why": CommandEntry("why_options", "explain whether an endpoint is up to date, and what it depends on"),
}


class Commands(ListedCommands):
    """All commands, each of which is imported when it is called or its options are shown."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands that the help shows."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, None where there is none of this name."""
        listed = CommandEntry("slice_options", "") if cmd_name == SLICE else COMMANDS.get(cmd_name)
        if listed is None:
            return None
        command = import_module(f"oas_tasks.commands.{listed.module}").command
        assert isinstance(command, click.Command)
        command.name = cmd_name
        command.help = f"{listed.help[:1].upper()}{listed.help[1:]}." if listed.help else command.help
        return command

    def help_line(self, name: str) -> str:
        """Return what a command does, in one line."""
        return COMMANDS[name].help

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the name of the command from the front, or slice."""
        name, rest = (args[0], args[1:]) if args and args[0] in (*COMMANDS, SLICE) else (SLICE, args)
        return super().parse_args(ctx, ["--", name, *rest])


#: The variable by which a shell asks what to propose.
_ASKED_BY_A_SHELL = "_SLICE_OAS_COMPLETE"

_COMMANDS = Commands("slice-oas", add_help_option=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. Prints every error as one plain sentence."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    # Spawned processes import no modules from the current folder, where they could be planted.
    os.environ["PYTHONSAFEPATH"] = "1"
    if sys.stdout is None:  # the parent process closed it
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  open as long as the process
    errors.CRASHES.clear()
    if _ASKED_BY_A_SHELL in os.environ:
        from oas_tasks.commands.guidance.completion import answer

        with contextlib.suppress(Exception):  # whatever happens, a prompt is no place for messages
            answer(_COMMANDS, os.environ)
        return ALL_BUILT
    try:
        return _with_crashes(_run(given), given)
    except UserError as error:
        return _say(error, given)
    except (KeyboardInterrupt, EOFError):  # Ctrl-C, and Ctrl-D at a question
        print(errors.INTERRUPTED, file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        return WRONG_REQUEST
    except OSError as error:  # such as a full disk, if no command has reported it
        what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
        return _say(UserError(f"the machine stopped slice-oas: {what}"), given)
    except UnicodeEncodeError as error:
        return _say(_unnamable(error), given)
    except Exception as error:  # noqa: BLE001  the one place where an error in this tool becomes a sentence
        message = f"an internal error stopped slice-oas ({type(error).__name__}: {error})"
        return _say(UserError(message, None, "Please report it, with what --debug shows"), given)


def _run(given: Sequence[str]) -> int:
    slices = not given or given[0] not in COMMANDS
    if not slices and isinstance(sys.stdout, io.TextIOWrapper):  # no character that a terminal lacks stops an answer
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        # The commands that answer load a document and leave next to no garbage.
        with nullcontext() if slices else collection_held(), _COMMANDS.make_context("slice-oas", list(given)) as ctx:
            code = _COMMANDS.invoke(ctx)
            assert isinstance(code, int)
            return code
    except click.exceptions.Exit as done:  # after --help and --version
        return done.exit_code


def _unnamable(error: UnicodeEncodeError) -> UserError:
    """Return the error for the name of a file that this locale has no characters for, or for one in this tool."""
    if error.encoding.lower() in ("utf-8", "utf8"):
        message = f"an internal error stopped slice-oas ({type(error).__name__}: {error})"
        return UserError(message, None, "Please report it, with what --debug shows")
    return UserError(f"no file can be called '{error.object}' where names are in {error.encoding}: use a UTF-8 locale")


def _with_crashes(code: int, given: Sequence[str]) -> int:
    """Return the exit code of a command that continued after errors in this tool, which is never a success.

    Also print these errors: with `--debug` their tracebacks, otherwise what the command has not reported itself.
    """
    crashes = list(dict.fromkeys(errors.CRASHES))
    for crash in crashes:
        if "--debug" in given:
            lines = [f"{crash.at}:", *crash.traceback.splitlines(), ""]
            print(printable_lines(lines), end="", file=sys.stderr)  # noqa: T201
        elif code != SOME_FAILED:  # otherwise it is among the reported failures
            lines = [f"slice-oas: {crash.at}: {crash.reason}"]
            print(printable_lines(lines), end="", file=sys.stderr)  # noqa: T201
    return code or (SOME_FAILED if crashes else ALL_BUILT)


def _say(error: UserError, given: Sequence[str]) -> int:
    if "--debug" in given:
        import traceback

        print(printable_lines(traceback.format_exc().splitlines()), end="", file=sys.stderr)  # noqa: T201
    print(f"slice-oas: {error}", file=sys.stderr)  # noqa: T201
    return WRONG_REQUEST
