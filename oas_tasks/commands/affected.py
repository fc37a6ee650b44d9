"""`slice-oas affected`: the endpoints that changed since a git revision or between two files, and what changed them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from oas_tasks.commands.affected_changes import Wanted, changes
from oas_tasks.commands.affected_output import WRITERS
from oas_tasks.commands.exit_codes import ALL_BUILT, STALE
from oas_tasks.errors import UserError, Where
from oas_tasks.printable import printable_lines
from oas_tasks.queries.affected import Affected, affected_between, affected_since
from oas_tasks.settings import load_settings


@dataclass(frozen=True, slots=True)
class AffectedOptions:
    """What is asked.

    files: two to compare, or none; then `base` is the revision, HEAD where it is None.
    output: the name of a writer.
    summary: a file that it is appended to as Markdown, too.
    exit_code: the exit code tells whether anything is affected.
    wanted: how changes are told; since when follows from the above.
    """

    files: Sequence[str]
    base: str | None
    output: str
    summary: str | None
    exit_code: bool
    wanted: Wanted


def affected(request: AffectedOptions, overrides: Mapping[str, object], out: TextIO, notes: TextIO) -> int:
    """Write what is affected; return 0, or 3 where that is asked for and anything is. Raises UserError.

    overrides: the settings that were given as options.
    notes: where it goes that there was nothing to compare with.
    """
    wanted = request.wanted
    if wanted.nul and request.output not in ("paths", "schemathesis"):
        raise UserError("-z goes with --output paths or --output schemathesis")
    if wanted.by_operation_id and request.output != "schemathesis":
        raise UserError("--by-operation-id goes with --output schemathesis")
    if request.files:
        if len(request.files) != 2:
            raise UserError("two files can be compared, an older and a newer one", None, "Or none, with --base REV")
        if request.base is not None:
            raise UserError("either two files are compared or a revision: --base goes without files")
        since, new = request.files
        found = [_between(since, new, overrides)]
    else:
        since = "HEAD" if request.base is None else request.base
        found = affected_since(since, load_settings(Path.cwd(), overrides), overrides)
    for each in found:
        if each.note:
            notes.write(printable_lines([f"slice-oas: {each.settings.spec}: {each.note}"]))
    wanted = wanted._replace(since=since)
    if request.summary is not None:
        _append(Path(request.summary), WRITERS["markdown"](found, wanted))
    out.write(WRITERS[request.output](found, wanted))
    return STALE if request.exit_code and any(True for _ in changes(found, wanted.only)) else ALL_BUILT


def _opened(file: str, flags: int) -> int:
    """Return a descriptor of a file; of a pipe that nobody reads none is waited for."""
    return os.open(file, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


def _append(file: Path, text: str) -> None:
    try:
        with open(file, "a", encoding="utf-8", errors="backslashreplace", newline="", opener=_opened) as stream:
            stream.write(text)
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror or error}", Where(str(file))) from None


def _between(old: str, new: str, overrides: Mapping[str, object]) -> Affected:
    before, after = (load_settings(Path.cwd(), {**overrides, "spec": file})[0] for file in (old, new))
    return affected_between(before, after)
