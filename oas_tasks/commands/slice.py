"""`slice-oas` without a command: asks on a terminal for missing options, then builds slices or previews the build."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from oas_tasks.commands.exit_codes import ALL_BUILT, SOME_FAILED, WRONG_REQUEST
from oas_tasks.errors import UserError
from oas_tasks.printable import printable
from oas_tasks.settings import load_settings

#: Options that are not settings.
_REQUEST = ("batch", "path", "dry_run", "quiet", "debug")


def slice_document(options: argparse.Namespace) -> int:
    """Slice what the options ask for and return the exit code. Raises UserError."""
    from oas_tasks.api.batch_extraction import Chosen, extract_documents
    from oas_tasks.tasks.output import SafeStream

    _ask_for_missing(options)
    overrides = {name: value for name, value in vars(options).items() if name not in _REQUEST and value is not None}
    chosen = Chosen()
    if options.path is not None:
        chosen = Chosen(options.path, _one_of(overrides.pop("methods", [])))
    out = SafeStream(None) if options.quiet else sys.stdout
    bar = _Bar(sys.stdout) if sys.stdout.isatty() and not (options.quiet or options.dry_run) else None
    found = extract_documents(load_settings(Path.cwd(), overrides), chosen, options.dry_run, out, bar)
    if options.path is None and (options.dry_run or options.quiet):  # otherwise the summary has them
        _print_errors(f"slice-oas: {notice}" for notice in found.result.notices)
    if options.quiet and not options.dry_run:
        _print_errors(f"{each.method} {each.path}: {each.reason}" for each in found.result.failed_endpoints)
    return found.code if found.code in (ALL_BUILT, SOME_FAILED) else WRONG_REQUEST


def _one_of(methods: Sequence[str]) -> str | None:
    """Return the one method that is given, if any. Raises UserError where there are more."""
    if len(methods) > 1:
        raise UserError("with --path just one --method can be given")
    return methods[0] if methods else None


def _print_errors(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        print(printable(sentence), file=sys.stderr)  # noqa: T201


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


class _Bar:
    """Live progress as a bar on a terminal."""

    _WIDTH = 30

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = ""

    def show(self, done: int, total: int, endpoint: str) -> None:
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
