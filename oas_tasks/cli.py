"""slice-oas: the command line for people who do not program. Reads options, asks for what is missing, prints errors."""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

from oas_tasks import __version__
from oas_tasks.config import Settings, load_settings
from oas_tasks.errors import UserError

if TYPE_CHECKING:
    from oas_tasks.build.run import Run
    from oas_tasks.build.tasks import Builds

ALL_BUILT, SOME_FAILED, WRONG_REQUEST, INTERRUPTED = 0, 1, 2, 130


class _Parser(argparse.ArgumentParser):
    """Wrong usage is one sentence and where to find more, not the whole usage."""

    def error(self, message: str) -> NoReturn:
        raise UserError(message[:1].lower() + message[1:], None, f"'{self.prog} --help' shows what there is")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="slice-oas",
        description="Slices an OpenAPI document into one small, self-contained, validated file per endpoint.",
        epilog="Settings that are not given are read from [tool.oas_tasks] in pyproject.toml, where there is one.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--input", dest="spec", metavar="FILE", help="the OpenAPI document, YAML or JSON")
    add("--output-dir", metavar="DIR", help="where slices and index.csv go (default: slices)")
    add("--batch", action="store_true", help="slice every endpoint, or all that the filters let through")
    add("--path", metavar="PATH", help="slice just this endpoint, together with --method")
    add("--method", dest="methods", metavar="METHOD", action="append", help="only these methods; can be repeated")
    add("--filter", metavar="PATTERN", help="only paths that match, such as '/users/*'")
    add("--filter-type", choices=("glob", "regex"), help="how to read --filter (default: glob)")
    add("--tag", dest="tags", metavar="TAG", action="append", help="only endpoints with this tag; can be repeated")
    add("--operation-id", dest="operation_ids", metavar="ID", action="append", help="only this operationId; repeatable")
    add("--format", choices=("yaml", "json"), help="of the slices (default: yaml)")
    add("--output-version", metavar="VERSION", help="auto, 3.0.x, 3.1.x or 3.2.x (default: auto, as the document)")
    add("--concurrency", metavar="N", type=int, help="how many processes, 1 to 16 (default: 4)")
    add("--no-csv", dest="csv", action="store_const", const=False, help="make no index.csv")
    add("--dry-run", action="store_true", help="say what would be done and write nothing")
    add("--strict", action="store_const", const=True, help="a conversion that loses something fails the endpoint")
    add("--full", dest="validate", action="store_const", const="full", help="validate with openapi-spec-validator too")
    add("--webhooks", action="store_const", const=True, help="slice webhooks too")
    add(
        "--allow-outside",
        action="store_const",
        const=True,
        help="read referenced files outside of the document's folder",
    )
    add(
        "--drop-extension", dest="drop_extensions", metavar="NAME", action="append", help="leave this root x- field out"
    )
    add("--cache-dir", metavar="DIR", help="where the cache goes (default: .oas_tasks)")
    add("--quiet", action="store_true", help="say nothing but what is wrong")
    add("--debug", action="store_true", help="show internals when something goes wrong")
    add("--version", action="version", version=f"slice-oas {__version__}")
    return parser


#: Options that are not settings.
_REQUEST = ("batch", "path", "dry_run", "quiet", "debug")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. Prints every error as one plain sentence."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        return _slice(_parser().parse_args(given))
    except UserError as error:
        return _say(error, given)
    except (KeyboardInterrupt, EOFError):  # Ctrl-C, and Ctrl-D at a question
        print("Interrupted. What was finished is kept; run the same command again to go on.", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        return WRONG_REQUEST
    except Exception as error:  # noqa: BLE001  the one border where a fault of this tool becomes a sentence
        message = f"an internal error stopped slice-oas ({type(error).__name__}: {error})"
        return _say(UserError(message, None, "Please report it, with what --debug shows"), given)


def _say(error: UserError, given: Sequence[str]) -> int:
    if "--debug" in given:
        traceback.print_exc()
    print(f"slice-oas: {error}", file=sys.stderr)  # noqa: T201
    return WRONG_REQUEST


def _slice(options: argparse.Namespace) -> int:
    from oas_tasks.build.tasks import Builds

    single = options.path is not None
    _ask_for_missing(options)
    single = single or options.path is not None
    overrides = {name: value for name, value in vars(options).items() if name not in _REQUEST and value is not None}
    if single:
        overrides.pop("methods", None)
    settings = load_settings(Path.cwd(), overrides)
    with tempfile.TemporaryDirectory() as scratch:
        if options.dry_run:
            settings = tuple(s if s.cache_dir.exists() else replace(s, cache_dir=Path(scratch)) for s in settings)
        builds = Builds(lambda: settings)
        runs = builds.runs
        names: list[str] = []
        if single:
            names = [_one(runs, options.path, options.methods or [])]
        out = _Quiet() if options.quiet else sys.stdout
        if options.dry_run:
            return _dry_run(runs, names, out)
        return _run(builds, names, settings, out, options.quiet)


class _Quiet:
    """A stream that drops what is written."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""


def _ask_for_missing(options: argparse.Namespace) -> None:
    """Ask on a terminal for what the request lacks; elsewhere that is a usage error."""
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    configured = _configured()
    if options.spec is None and not configured:
        if not terminal:
            raise UserError("which document? Say --input FILE")
        while not options.spec:
            options.spec = input("Which OpenAPI document do you want to slice? ").strip()
        if options.output_dir is None:
            options.output_dir = input("Where should the slices go? [slices] ").strip() or None
    if options.path is not None or options.batch or options.dry_run:
        return
    if not terminal:
        raise UserError("which endpoints? Say --batch for all of them, or --path PATH --method METHOD for one")
    answer = input("Slice all endpoints, or one? [all] ").strip().lower()
    if answer in ("", "all", "a", "y", "yes"):
        options.batch = True
        return
    path = answer if answer.startswith("/") else ""
    while not path:
        path = input("Which path, such as /users/{id}? ").strip()
    options.path = path
    if not options.methods:
        options.methods = [input("Which method? [GET] ").strip() or "GET"]


def _configured() -> bool:
    """Whether the current folder's pyproject.toml names a document. Raises SettingsError where it is wrong."""
    from oas_tasks.config import MissingSpec

    try:
        load_settings(Path.cwd(), {})
    except MissingSpec:
        return False
    return True


def _one(runs: Sequence[Run], path: str, methods: Sequence[str]) -> str:
    """Return the name of the task of the one endpoint that is asked for."""
    from oas_tasks.build.task_names import slice_task_name

    if len(methods) > 1:
        raise UserError("with --path just one --method can be given")
    endpoints = [(run, endpoint) for run in runs for endpoint in run.plan.endpoints]
    at_path = [(run, endpoint) for run, endpoint in endpoints if endpoint.path == path]
    if not at_path:
        close = get_close_matches(path, [endpoint.path for _, endpoint in endpoints], n=1)
        hint = f"Did you mean '{close[0]}'?" if close else None
        raise UserError(f"the document has no path '{path}'", None, hint)
    found = at_path
    if methods:
        wanted = methods[0]
        found = [(run, e) for run, e in at_path if e.method == wanted]
        found = found or [(run, e) for run, e in at_path if e.method.upper() == wanted.upper()]
    if len(found) != 1:
        has = ", ".join(endpoint.method for _, endpoint in at_path)
        if methods and not found:
            raise UserError(f"the path '{path}' has no {methods[0].upper()}; it has {has}")
        raise UserError(f"the path '{path}' has {has}", None, "Say which with --method")
    run, endpoint = found[0]
    return slice_task_name(run.settings, endpoint.method, endpoint.path)


def _run(builds: Builds, names: list[str], settings: Sequence[Settings], out: TextIO | _Quiet, quiet: bool) -> int:
    from oas_tasks.build.index_task import update_row
    from oas_tasks.build.launch import run_tasks

    progress = None if quiet or not sys.stdout.isatty() else _Bar(sys.stdout)
    code = run_tasks(builds, names, settings[0].concurrency, out, progress)
    if names:
        for run in builds.runs:
            update_row(run)
    if quiet:
        for run in builds.runs:
            for endpoint, record in run.failed():
                print(f"{endpoint.method} {endpoint.path}: {record.reason}", file=sys.stderr)  # noqa: T201
    return code if code in (ALL_BUILT, SOME_FAILED) else WRONG_REQUEST


def _dry_run(runs: Sequence[Run], names: Sequence[str], out: TextIO | _Quiet) -> int:
    """Say what a build would do, by doing all of it but the writing."""
    from oas_tasks.build.preview import preview

    failed = False
    for run in runs:
        for line in (shown := preview(run, names)).lines:
            out.write(line + "\n")
        failed = failed or shown.failed > 0
    return SOME_FAILED if failed else ALL_BUILT


class _Bar:
    """Live progress as a bar on a terminal."""

    _WIDTH = 30

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = ""

    def show(self, done: int, total: int) -> None:
        """Draw the bar, where it looks different from the last one."""
        share = done / max(total, 1)
        filled = int(share * self._WIDTH)
        text = f"[{'#' * filled}{'.' * (self._WIDTH - filled)}] endpoint {done:,}/{total:,} ({int(share * 100)}%)"
        if text != self._shown:
            self._stream.write(f"\r{text}")
            self._stream.flush()
            self._shown = text

    def clear(self) -> None:
        """Wipe the bar away."""
        if self._shown:
            self._stream.write("\r" + " " * len(self._shown) + "\r")
            self._shown = ""
