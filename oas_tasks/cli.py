"""slice-oas, the command line: reads options, calls the command, prints errors.

Without the name of a command it slices. Commands are imported when they are called, since a run with nothing to do
should import as little as possible.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from oas_tasks import __version__, errors
from oas_tasks.commands.exit_codes import ALL_BUILT, INTERRUPTED, SOME_FAILED, WRONG_REQUEST
from oas_tasks.errors import UserError
from oas_tasks.printable import printable_lines
from oas_tasks.processes import collection_held
from oas_tasks.settings import SETTINGS, Kind, Setting, Settings, load_settings


class _Parser(argparse.ArgumentParser):
    """A parser that reports wrong usage in a sentence instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        raise UserError(message[:1].lower() + message[1:], None, f"'{self.prog} --help' shows what there is")


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the options that are settings, which all commands share."""
    add = parser.add_argument_group("settings").add_argument
    for name, setting in SETTINGS.items():
        add(setting.option, dest=name, help=_help_of(setting).replace("%", "%%"), **_arguments_of(setting))


def _arguments_of(setting: Setting) -> dict[str, Any]:
    """Return the arguments of `add_argument` for a setting; `load_settings` validates further."""
    if setting.switch is not None:
        return {"action": "store_const", "const": setting.switch}
    if setting.repeatable:
        return {"action": "append", "metavar": setting.metavar}
    if setting.metavar is None:
        return {"choices": setting.choices}
    return {"metavar": setting.metavar, "type": int if setting.kind is Kind.PROCESSES else None}


def _help_of(setting: Setting) -> str:
    """Return the help of a setting's option, with choices and default."""
    if setting.switch is not None:
        return (setting.switch_help or setting.help).replace("`", "'")
    text = setting.help.replace("`", "'")
    if setting.repeatable:
        text += "; can be repeated"
    if setting.empty_is_none:
        text += ", '' for none"
    notes = []
    if setting.choices and setting.metavar is not None:
        notes.append(setting.choices_in_words)
    if setting.default:
        default = setting.default
        notes.append(f"default: {', '.join(default) if isinstance(default, tuple) else default}")
    return f"{text} ({'; '.join(notes)})" if notes else text


def _parser() -> argparse.ArgumentParser:
    """Return the parser for a command line without a command."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {command.help}" for name, command in COMMANDS.items())
    parser = _Parser(
        prog="slice-oas",
        description="Slices an OpenAPI document into one small, self-contained, validated file per endpoint.",
        epilog="Settings that are not given are read from [tool.oas_tasks] in pyproject.toml, where there is one.\n\n"
        f"commands, each with a --help of its own:\n{commands}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--batch", action="store_true", help="slice every endpoint, or all that the filters let through")
    add("--path", metavar="PATH", help="slice just this endpoint, together with --method")
    add("--dry-run", action="store_true", help="show what would be done and write nothing")
    add("--quiet", action="store_true", help="print errors only")
    add("--debug", action="store_true", help="show internals when something goes wrong")
    add("--version", action="version", version=f"slice-oas {__version__}")
    _add_settings(parser)
    return parser


class _Command(NamedTuple):
    """A command.

    help: one line, without a full stop.
    add_arguments: adds its arguments other than settings.
    run: runs it and returns the exit code.
    """

    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def _command_parser(name: str) -> argparse.ArgumentParser:
    command = COMMANDS[name]
    parser = _Parser(prog=f"slice-oas {name}", description=f"{command.help[0].upper()}{command.help[1:]}.")
    parser.allow_abbrev = False
    command.add_arguments(parser)
    parser.add_argument("--debug", action="store_true", help="show internals when something goes wrong")
    _add_settings(parser)
    return parser


def _overrides(options: argparse.Namespace) -> dict[str, object]:
    """Return the settings that were given as options."""
    return {name: value for name, value in vars(options).items() if name in SETTINGS and value is not None}


def _settings(options: argparse.Namespace) -> tuple[Settings, ...]:
    return load_settings(Path.cwd(), _overrides(options))


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="write JSON, for programs")


def _list(options: argparse.Namespace) -> int:
    from oas_tasks.commands.list_ import list_endpoints

    return list_endpoints(_settings(options), sys.stdout, options.json)


def _check(options: argparse.Namespace) -> int:
    from oas_tasks.commands.check import check

    return check(_settings(options), sys.stdout, options.json, options.trust_cache)


def _add_check(parser: argparse.ArgumentParser) -> None:
    _add_json(parser)
    parser.add_argument("--trust-cache", action="store_true", help="compare only what the cache cannot vouch for")


def _jobs(text: str) -> int:
    """Return a number of jobs. Raises ArgumentTypeError for one that a matrix cannot have."""
    from oas_tasks.commands.affected_changes import MOST_JOBS

    if not text.isdecimal() or not 1 <= int(text) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f"it must be a whole number from 1 to {MOST_JOBS}, and it is '{text}'")
    return int(text)


def _add_affected(parser: argparse.ArgumentParser) -> None:
    from oas_tasks.commands.affected_output import WRITERS

    parser.add_argument("files", nargs="*", metavar="FILE", help="two files to compare, the older one first")
    parser.add_argument("--base", metavar="REV", help="the git revision to compare with (default: HEAD)")
    parser.add_argument(
        "--output",
        choices=tuple(WRITERS),
        default="text",
        help="how to write it: matrix is for GitHub Actions, paths lists the slices, one a line, schemathesis the "
        "options with which that tests what is affected (default: text)",
    )
    parser.add_argument(
        "--only",
        choices=("shape", "text"),
        help="only changes of this extent: text is descriptions, summaries, titles, examples and x- fields",
    )
    parser.add_argument(
        "--jobs", type=_jobs, default="256", metavar="N", help="entries of the matrix at most (default: 256)"
    )
    parser.add_argument("-z", dest="nul", action="store_true", help="with paths, schemathesis: end each in a zero byte")
    parser.add_argument(
        "--by-operation-id", action="store_true", help="with schemathesis: by operationId where there is one"
    )
    parser.add_argument("--summary", metavar="FILE", help="append it to this file too, as Markdown")
    parser.add_argument("--exit-code", action="store_true", help="return 3 where an endpoint is affected, else 0")


def _affected(options: argparse.Namespace) -> int:
    from oas_tasks.commands.affected import AffectedOptions, affected
    from oas_tasks.commands.affected_changes import Wanted
    from oas_tasks.queries.compare import Extent

    only = None if options.only is None else Extent(options.only)
    wanted = Wanted(only=only, jobs=options.jobs, nul=options.nul, by_operation_id=options.by_operation_id)
    request = AffectedOptions(options.files, options.base, options.output, options.summary, options.exit_code, wanted)
    return affected(request, _overrides(options), sys.stdout, sys.stderr)


def _add_why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("endpoint", nargs="+", metavar="ENDPOINT", help="such as 'GET /users/{id}', or an operationId")
    _add_json(parser)


def _why(options: argparse.Namespace) -> int:
    from oas_tasks.commands.why import why

    return why(_settings(options), options.endpoint, sys.stdout, options.json)


def _add_impact(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("part", metavar="PART", help="such as components/schemas/User, or schemas/User")
    _add_json(parser)


def _impact(options: argparse.Namespace) -> int:
    from oas_tasks.commands.impact import impact

    return impact(_settings(options), options.part, sys.stdout, options.json)


def _add_graph(parser: argparse.ArgumentParser) -> None:
    from oas_tasks.commands.graph import WRITERS

    parser.add_argument("endpoint", nargs="*", metavar="ENDPOINT", help="only what this one reaches")
    parser.add_argument("--output", choices=tuple(WRITERS), default="text", help="how to write it (default: text)")


def _graph(options: argparse.Namespace) -> int:
    from oas_tasks.commands.graph import graph

    return graph(_settings(options), options.endpoint, options.output, sys.stdout)


def _add_hook(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="*", metavar="FILE", help="files of a commit, beside those that git has staged")
    parser.add_argument("--check", action="store_true", help="change nothing, and fail where slices are not current")


def _files_last(given: Sequence[str], parser: argparse.ArgumentParser) -> list[str]:
    """Return a command line with `--` before its files, so that none is taken for an option.

    pre-commit appends the names of a commit's files, whatever they look like. All words after the first file are files,
    and so is a word like an option that is none and exists as a file. Raises UserError for an option that is also the
    name of a file: it is ambiguous, and a planted file could exploit either meaning.
    """
    takes_value = {name: action.nargs != 0 for action in parser._actions for name in action.option_strings}
    number = 0
    while number < len(given):
        word = given[number]
        is_option = word.partition("=")[0] in takes_value
        if is_option and os.path.lexists(word):
            message = f"'{word}' is an option and the name of a file here"
            raise UserError(message, None, "Write files behind --, or let no names be passed (pass_filenames: false)")
        if not is_option and (word == "--" or not word.startswith("-") or os.path.lexists(word)):
            break
        number += 1 + takes_value.get(word, False)  # the parser reports unknown options
    files = given[number:]
    return [*given[:number], "--", *(files[1:] if files[:1] == ["--"] else files)]


def _hook(options: argparse.Namespace) -> int:
    from oas_tasks.commands.hook import hook

    return hook(_settings(options), options.files, options.check, os.environ, sys.stdout)


def _add_version_info(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("endpoint", nargs="*", metavar="ENDPOINT", help="only of this one, such as 'GET /users/{id}'")
    _add_json(parser)


def _version_info(options: argparse.Namespace) -> int:
    from oas_tasks.commands.version_info import version_info

    return version_info(_settings(options), options.endpoint, sys.stdout, options.json)


COMMANDS: dict[str, _Command] = {
    "affected": _Command("list the endpoints that changed since a git revision, and why", _add_affected, _affected),
    "check": _Command("compare the slices on disk with the document; writes nothing", _add_check, _check),
    "graph": _Command("write the graph of the parts that endpoints reach", _add_graph, _graph),
    "hook": _Command("for pre-commit: build or check the slices that a commit concerns", _add_hook, _hook),
    "impact": _Command("list the endpoints that a change of a part would touch", _add_impact, _impact),
    "list": _Command("list the endpoints, with their files and operationIds", _add_json, _list),
    "version-info": _Command(
        "list what a build to each other version (or to --output-version) would block or lose",
        _add_version_info,
        _version_info,
    ),
    "why": _Command("explain whether an endpoint is up to date, and what it depends on", _add_why, _why),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. Prints every error as one plain sentence."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    # Spawned processes import no modules from the current folder, where they could be planted.
    os.environ["PYTHONSAFEPATH"] = "1"
    if sys.stdout is None:  # the parent process closed it
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  open as long as the process
    errors.CRASHES.clear()
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
    except Exception as error:  # noqa: BLE001  the one place where an error in this tool becomes a sentence
        message = f"an internal error stopped slice-oas ({type(error).__name__}: {error})"
        return _say(UserError(message, None, "Please report it, with what --debug shows"), given)


def _run(given: Sequence[str]) -> int:
    if not given or given[0].startswith("-"):
        from oas_tasks.commands.slice import slice_document

        return slice_document(_parser().parse_args(given))
    name = given[0]
    if name not in COMMANDS:
        from difflib import get_close_matches

        close = get_close_matches(name, COMMANDS, n=1)
        hint = f"Did you mean '{close[0]}'?" if close else "'slice-oas --help' shows what there is"
        raise UserError(f"there is no command '{name}'", None, hint)
    if isinstance(sys.stdout, io.TextIOWrapper):  # never stop because of a character that a terminal lacks
        sys.stdout.reconfigure(errors="backslashreplace")
    parser = _command_parser(name)
    options = parser.parse_args(_files_last(given[1:], parser) if name == "hook" else given[1:])
    with collection_held():  # they load a document and leave next to no garbage
        return COMMANDS[name].run(options)


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
