"""`slice-oas` without a command: asks on a terminal for missing options, then builds slices or previews the build."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oas_tasks.commands.command_line import GivenSettings
from oas_tasks.commands.exit_codes import ALL_BUILT, SOME_FAILED, WRONG_REQUEST
from oas_tasks.errors import UserError
from oas_tasks.printable import printable

if TYPE_CHECKING:
    from oas_tasks.api.batch_extraction import Extraction


@dataclass
class SliceRequest:
    """What was asked for on the command line, and in answers to questions.

    path: slice just the endpoint at this path, if there is one.
    """

    given: GivenSettings
    batch: bool
    path: str | None
    dry_run: bool
    quiet: bool


def slice_document(request: SliceRequest) -> int:
    """Slice what is asked for and return the exit code. Raises UserError."""
    _ask_for_missing(request)
    method = None if request.path is None else _one_of(request.given.overrides.pop("methods", []))
    found = _extracted(request, method)
    if request.path is None and (request.dry_run or request.quiet):  # otherwise the summary has them
        _print_errors(f"slice-oas: {notice}" for notice in found.result.notices)
    if request.quiet and not request.dry_run:
        _print_errors(found.failure_lines)
        sys.stderr.write(found.annotations)
    return found.code if found.code in (ALL_BUILT, SOME_FAILED) else WRONG_REQUEST


def _extracted(request: SliceRequest, method: str | None) -> Extraction:
    """Extract what is asked for, with live progress and a summary unless they are unwanted. Raises UserError."""
    from oas_tasks.errors import room_for_notes
    from oas_tasks.tasks.output import SafeStream
    from oas_tasks.tasks.progress import progress_on

    settings = request.given.load()
    out = SafeStream(None if request.quiet else sys.stdout)
    if request.quiet or (request.dry_run and not out.isatty()):
        progress, make_room = None, lambda: None
    else:
        progress = progress_on(out, os.environ)
        make_room = progress.clear
    with room_for_notes(make_room):
        if progress is not None:  # before what takes the first tenth of a second: importing doit
            progress.phase(f"Checking {settings[0].spec if len(settings) == 1 else f'{len(settings):,} documents'}")
        from oas_tasks.api.batch_extraction import Chosen, extract_documents

        chosen = Chosen() if request.path is None else Chosen(request.path, method)
        return extract_documents(settings, chosen, request.dry_run, out, progress)


def _one_of(methods: object) -> str | None:
    """Return the one method that is given, if any. Raises UserError where there are more."""
    assert isinstance(methods, Sequence)
    if len(methods) > 1:
        raise UserError("with --path just one --method can be given")
    return methods[0] if methods else None


def _print_errors(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        print(printable(sentence), file=sys.stderr)  # noqa: T201


def _ask_for_missing(request: SliceRequest) -> None:
    """Ask for missing options on a terminal; elsewhere they are a usage error."""
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    overrides = request.given.overrides
    if "spec" not in overrides and not _configured(request.given):
        if not terminal:
            raise UserError("which document? Say --input FILE")
        while not overrides.get("spec"):
            overrides["spec"] = input("Which OpenAPI document do you want to slice? ").strip()
        if "output_dir" not in overrides and (folder := input("Where should the slices go? [slices] ").strip()):
            overrides["output_dir"] = folder
    if request.path is not None or request.batch or request.dry_run:
        return
    if not terminal:
        raise UserError("which endpoints? Say --batch for all of them, or --path PATH --method METHOD for one")
    answer = input("Slice all endpoints, or one? [all] ").strip().lower()
    if answer in ("", "all", "a", "y", "yes"):
        request.batch = True
        return
    path = answer if answer.startswith("/") else ""
    while not path:
        path = input("Which path, such as /users/{id}? ").strip()
    request.path = path
    if not overrides.get("methods"):
        overrides["methods"] = [input("Which method? [GET] ").strip() or "GET"]


def _configured(given: GivenSettings) -> bool:
    """Whether the current folder's pyproject.toml names a document. Raises SettingsError where it is invalid."""
    from oas_tasks.settings import MissingSpec, load_settings

    try:
        load_settings(Path.cwd(), {}, only=given.spec_names)
    except MissingSpec:
        return False
    return True
