"""`slice-oas` without a command: asks on a terminal for missing options, then builds slices or previews the build."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from oas_tasks.commands.exit_codes import ALL_BUILT, SOME_FAILED, WRONG_REQUEST
from oas_tasks.errors import UserError
from oas_tasks.printable import printable, printable_lines
from oas_tasks.settings import Settings, load_settings

if TYPE_CHECKING:
    from oas_tasks.state.run import Run
    from oas_tasks.tasks.output import Output
    from oas_tasks.tasks.tasks import Builds

#: Options that are not settings.
_REQUEST = ("batch", "path", "dry_run", "quiet", "debug")


def slice_document(options: argparse.Namespace) -> int:
    """Slice what the options ask for and return the exit code. Raises UserError."""
    from oas_tasks.tasks.output import SafeStream
    from oas_tasks.tasks.tasks import Builds

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
        builds = Builds(lambda: settings, settings[0].concurrency)
        runs = builds.runs
        names: list[str] = []
        if single:
            names = [_one(runs, options.path, options.methods or [])]
        out = SafeStream(None) if options.quiet else sys.stdout
        if not names and (options.dry_run or options.quiet):  # otherwise the summary has them
            from oas_tasks.commands.notices import print_notices

            print_notices(runs)
        if options.dry_run:
            return _dry_run(runs, names, out)
        return _run(builds, names, settings, out, options.quiet)


def _ask_for_missing(options: argparse.Namespace) -> None:
    """Ask for missing options on a terminal; elsewhere they are a usage error."""
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
    """Whether the current folder's pyproject.toml names a document. Raises SettingsError where it is invalid."""
    from oas_tasks.settings import MissingSpec

    try:
        load_settings(Path.cwd(), {})
    except MissingSpec:
        return False
    return True


def _one(runs: Sequence[Run], path: str, methods: Sequence[str]) -> str:
    """Return the name of the task of the requested endpoint. Raises UserError."""
    from oas_tasks.tasks.names import slice_task_name

    if len(methods) > 1:
        raise UserError("with --path just one --method can be given")
    endpoints = [(run, endpoint) for run in runs for endpoint in run.plan.endpoints]
    at_path = [(run, endpoint) for run, endpoint in endpoints if endpoint.path == path]
    if not at_path:
        from difflib import get_close_matches

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
    return slice_task_name(run.settings, endpoint.key)


def _run(builds: Builds, names: list[str], settings: Sequence[Settings], out: Output, quiet: bool) -> int:
    from oas_tasks.slices.diagnostic import reason_of
    from oas_tasks.tasks.index_task import update_rows
    from oas_tasks.tasks.launch import run_tasks

    progress = None if quiet or not sys.stdout.isatty() else _Bar(sys.stdout)
    code = run_tasks(builds, names, settings[0].concurrency, out, progress)
    if names:
        for run in builds.runs:
            update_rows(run)
    if quiet:
        for run in builds.runs:
            for endpoint, faults, *_ in run.failures():
                print(printable(f"{endpoint.label}: {reason_of(faults)}"), file=sys.stderr)  # noqa: T201
    return code if code in (ALL_BUILT, SOME_FAILED) else WRONG_REQUEST


def _dry_run(runs: Sequence[Run], names: Sequence[str], out: Output) -> int:
    """Write what a build would do: make all slices, but write no files."""
    from oas_tasks.queries.dry_run import preview

    failed = False
    for run in runs:
        shown = preview(run, names)
        out.write(printable_lines(shown.lines))
        failed = failed or shown.failed > 0
    return SOME_FAILED if failed else ALL_BUILT


class _Bar:
    """Live progress as a bar on a terminal."""

    _WIDTH = 30

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = ""

    def show(self, done: int, total: int) -> None:
        """Draw the bar if it has changed."""
        share = done / max(total, 1)
        filled = int(share * self._WIDTH)
        text = f"[{'#' * filled}{'.' * (self._WIDTH - filled)}] endpoint {done:,}/{total:,} ({int(share * 100)}%)"
        if text != self._shown:
            self._stream.write(f"\r{text}")
            self._stream.flush()
            self._shown = text

    def clear(self) -> None:
        """Remove the bar."""
        if self._shown:
            self._stream.write("\r" + " " * len(self._shown) + "\r")
            self._shown = ""
