"""`slice-oas` without a command: asks on a terminal for what is missing, then builds slices or previews the build."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oas_tasks.commands.asking.prompts import NothingDone, is_terminal, nothing_done, say
from oas_tasks.commands.exit_codes import ALL_BUILT, INTERRUPTED, SOME_FAILED, WRONG_REQUEST
from oas_tasks.commands.given_settings import GivenSettings
from oas_tasks.errors import UserError
from oas_tasks.printable import printable, printable_lines

if TYPE_CHECKING:
    from oas_tasks.api.batch_extraction import Chosen, Extraction

#: The settings that are filters.
_FILTERS = ("filter", "methods", "tags", "operation_ids")


@dataclass
class SliceRequest:
    """What was asked for on the command line, and in answers to questions.

    path: slice just the endpoint at this path, if there is one.
    endpoints: slice just these endpoints, if there are some.
    no_prune: keep slices that are not asked for any more.
    """

    given: GivenSettings
    batch: bool
    path: str | None
    endpoints: tuple[str, ...]
    no_prune: bool
    dry_run: bool
    quiet: bool

    @property
    def selection(self) -> dict[str, Sequence[str]]:
        """The options that are no settings, with their values."""
        found: dict[str, Sequence[str]] = {}
        if self.path is not None:
            found["--path"] = [self.path]
        elif self.endpoints:
            found["--endpoint"] = self.endpoints
        elif not self.dry_run:
            found["--batch"] = []
        flags = {"--no-prune": self.no_prune, "--dry-run": self.dry_run, "--quiet": self.quiet}
        return found | {name: [] for name, is_on in flags.items() if is_on}


def slice_document(request: SliceRequest) -> int:
    """Slice what is asked for and return the exit code. Raises UserError."""
    if request.endpoints and (request.batch or request.path is not None):
        other = "--batch" if request.batch else "--path"
        raise UserError(f"--endpoint and {other} exclude each other", None, "Leave out one of them")
    if "spec" in request.given.overrides:
        request.given.load()  # what is wrong with the document's name is told before anything is asked
    try:
        return _sliced(request)
    except NothingDone:
        _print_errors(["Nothing was done."])
        return INTERRUPTED


def _sliced(request: SliceRequest) -> int:
    _ask_for_missing(request)
    path, method = (None, None) if request.path is None else _named(request.path, request.given)
    removed: list[str] = []
    found = _extracted(request, path, method, removed)
    removals = [_removal(removed, request)] if removed else []
    if removals and not request.quiet:
        sys.stdout.write(printable_lines(removals))
    if request.path is None and (request.dry_run or request.quiet):  # otherwise the summary has them
        notices = (*(removals if request.quiet else ()), *found.result.notices)
        _print_errors(f"slice-oas: {notice}" for notice in notices)
    if request.quiet and not request.dry_run:
        _print_errors(found.failure_lines)
        sys.stderr.write(found.annotations)
    return found.code if found.code in (ALL_BUILT, SOME_FAILED) else WRONG_REQUEST


def _extracted(request: SliceRequest, path: str | None, method: str | None, removed: list[str]) -> Extraction:
    """Extract what is asked for, with live progress and a summary unless they are unwanted. Raises UserError.

    path, method: of the one endpoint that is asked for, if there is one.
    removed: gets the endpoints whose slices are removed without a question although a filter leaves them out.
    """
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

        chosen = _chosen(request, removed) if path is None else Chosen(path, method)
        return extract_documents(settings, chosen, request.dry_run, out, progress)


def _removal(removed: Sequence[str], request: SliceRequest) -> str:
    from oas_tasks.tasks.left_out import removal_sentence

    return removal_sentence(len(removed), "--no-prune", request.dry_run)


def _chosen(request: SliceRequest, removed: list[str]) -> Chosen:
    """Return what is asked for besides settings, if that is not one endpoint.

    removed: gets the endpoints whose slices are removed without a question although a filter leaves them out.
    """
    from oas_tasks.api.batch_extraction import Chosen

    overrides = request.given.overrides
    if request.endpoints or not any(overrides.get(name) for name in _FILTERS):
        return Chosen(endpoints=request.endpoints, prune=not request.no_prune)

    def may_remove(left_out: Sequence[str]) -> bool:
        if is_terminal() and not request.dry_run:
            from oas_tasks.commands.asking.left_out_question import may_remove

            return may_remove(left_out)
        removed.extend(left_out)
        return True

    return Chosen(prune=not request.no_prune, may_remove=may_remove)


#: An endpoint as messages name it: `v1:GET /users`, with or without the document and the method.
_NAMED = re.compile(r"(?:(?P<spec>[^/:]*[^/:\s]):\s*)?(?:(?P<method>[^\s/:]+)\s+)?(?P<path>/.*)", re.DOTALL)


def _named(path: str, given: GivenSettings) -> tuple[str, str | None]:
    """Return the path and the method of the one endpoint that is asked for. Raises UserError.

    path: as it was typed; a method and the name of a document can be in front.
    given: gets the document. Its methods are removed, as they are no filter here.
    """
    method = _one_of(given.overrides.pop("methods", []))
    found = None if path.startswith("/") else _NAMED.fullmatch(path.strip())
    if found is None:
        return path, method
    if method is not None and found["method"] is not None and method.upper() != found["method"].upper():
        raise UserError(f"--path '{path}' and --method {method} contradict each other", None, "Leave out one method")
    if found["spec"] is not None:
        if given.spec_names not in ((), (found["spec"],)):
            message = f"--path '{path}' and --spec {' --spec '.join(given.spec_names)} contradict each other"
            raise UserError(message, None, "Leave out one document")
        given.spec_names = (found["spec"],)
    return found["path"], found["method"] or method


def _one_of(methods: object) -> str | None:
    """Return the one method that is given, if any. Raises UserError where there are more."""
    assert isinstance(methods, Sequence)
    if len(methods) > 1:
        hint = "Several endpoints are sliced with --batch and filters"
        raise UserError("with --path just one --method can be given", None, hint)
    return methods[0] if methods else None


def _print_errors(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        print(printable(sentence), file=sys.stderr)  # noqa: T201


def _ask_for_missing(request: SliceRequest) -> None:
    """Ask for what is missing on a terminal; elsewhere it is a usage error. Raises UserError and NothingDone."""
    is_settled = request.batch or request.dry_run or request.path is not None or bool(request.endpoints)
    has_document = "spec" in request.given.overrides or _configured(request.given)
    if is_settled and has_document:
        return
    if is_terminal():
        _ask(request, is_settled)
    elif not has_document:
        raise UserError("which document? Say --input FILE")
    else:
        raise UserError("which endpoints? Say --batch for all of them, or --path PATH --method METHOD for one")


def _ask(request: SliceRequest, is_settled: bool) -> None:
    """Ask for what is missing, then show what is going to be done and how to say so. Raises UserError, NothingDone."""
    with nothing_done():
        from oas_tasks.commands.asking.equivalent_command import equivalent_command
        from oas_tasks.commands.asking.questions import Asked, complete
        from oas_tasks.commands.asking.terminal_prompts import prompts_of_terminal
        from oas_tasks.settings import configured_names

        asked = Asked(request.given, request.endpoints, is_settled, request.dry_run)
        done = complete(asked, prompts_of_terminal(), configured_names(Path.cwd()))
        request.endpoints = asked.endpoints
        if not request.quiet:
            command = equivalent_command(request.given.overrides, request.given.spec_names, request.selection)
            say(done)
            say(f"Next time: {command}", is_command=True)


def _configured(given: GivenSettings) -> bool:
    """Whether the current folder's pyproject.toml names a document. Raises SettingsError where it is invalid."""
    from oas_tasks.settings import MissingSpec, load_settings

    try:
        load_settings(Path.cwd(), {}, only=given.spec_names)
    except MissingSpec:
        return False
    return True
