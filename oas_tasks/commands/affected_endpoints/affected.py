"""`slice-oas affected`: lists the endpoints that changed since a git revision or between two files, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from oas_tasks.commands.affected_endpoints.affected_changes import Wanted, changes
from oas_tasks.commands.affected_endpoints.affected_output import WRITERS
from oas_tasks.commands.ci_job.ci_output import append
from oas_tasks.commands.exit_codes import ALL_BUILT, STALE
from oas_tasks.commands.given_settings import GivenSettings
from oas_tasks.errors import UserError
from oas_tasks.printable import printable_lines
from oas_tasks.queries.affected import Affected, affected_between, affected_since
from oas_tasks.settings import load_settings


@dataclass(frozen=True, slots=True)
class AffectedOptions:
    """The arguments of the command.

    files: two to compare, or the document, or none, if `base` is to be compared with; None stands for HEAD.
    output: the name of a writer.
    summary: a file to which the result is appended as Markdown.
    exit_code: return 3 if an endpoint is affected.
    wanted: which changes are written, and how; its `since` is set here.
    """

    files: Sequence[str]
    base: str | None
    output: str
    summary: str | None
    exit_code: bool
    wanted: Wanted


def affected(request: AffectedOptions, given: GivenSettings, out: TextIO, notes: TextIO) -> int:
    """Write the affected endpoints; return 0, or 3 with `exit_code` if there are any. Raises UserError.

    given: the settings that were given as options.
    notes: gets a line for each document that there is nothing to compare with.
    """
    wanted = request.wanted
    if wanted.nul and request.output not in ("paths", "schemathesis"):
        raise UserError("-z goes with --output paths or --output schemathesis")
    if wanted.by_operation_id and request.output != "schemathesis":
        raise UserError("--by-operation-id goes with --output schemathesis")
    if len(request.files) > 1:
        since, found = request.files[0], [_between(*_two(request), given)]
    else:
        given.take_document(request.files[0] if request.files else None)
        since = "HEAD" if request.base is None else request.base
        found = affected_since(since, given.load(), given.overrides, given.spec_names)
    for each in found:
        if each.note:
            notes.write(printable_lines([f"slice-oas: {each.settings.spec}: {each.note}"]))
    wanted = wanted._replace(since=since)
    if request.summary is not None:
        append(Path(request.summary), WRITERS["markdown"](found, wanted))
    out.write(WRITERS[request.output](found, wanted))
    return STALE if request.exit_code and any(True for _ in changes(found, wanted.only)) else ALL_BUILT


def _two(request: AffectedOptions) -> tuple[str, str]:
    if len(request.files) != 2:
        hint = "To compare a document with a git revision: slice-oas affected FILE --base REV"
        raise UserError("two files can be compared, an older and a newer one", None, hint)
    if request.base is not None:
        raise UserError("either two files are compared or a revision: --base goes with one document")
    old, new = request.files
    return old, new


def _between(old: str, new: str, given: GivenSettings) -> Affected:
    """Compare two files with the same settings: of one of them, if it is among the documents of pyproject.toml."""
    before, after = (
        load_settings(Path.cwd(), {**given.overrides, "spec": file}, given.names)[0] for file in (old, new)
    )
    settings = after if after.name else before
    return affected_between(replace(settings, spec=before.spec), replace(settings, spec=after.spec))
