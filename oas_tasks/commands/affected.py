"""`slice-oas affected`: the endpoints that changed since a git revision or between two files, and what changed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from oas_tasks.build.affected import Affected, affected_between, affected_since
from oas_tasks.commands.affected_output import WRITERS, changes
from oas_tasks.commands.exit_codes import ALL_BUILT, STALE
from oas_tasks.config import load_settings
from oas_tasks.errors import UserError


def affected(
    files: Sequence[str],
    base: str | None,
    overrides: Mapping[str, object],
    output: str,
    out: TextIO,
    notes: TextIO,
    exit_code: bool,
) -> int:
    """Write what is affected; return 0, with `exit_code` 3 where anything is. Raises UserError.

    files: two to compare, or none; then `base` is the revision, HEAD where it is None.
    output: the name of a writer. notes: where it goes that there was nothing to compare with.
    """
    if files:
        if len(files) != 2:
            raise UserError("two files can be compared, an older and a newer one", None, "Or none, with --base REV")
        if base is not None:
            raise UserError("either two files are compared or a revision: --base goes without files")
        found = [_between(files[0], files[1], overrides)]
        since = files[0]
    else:
        since = base or "HEAD"
        found = affected_since(since, load_settings(Path.cwd(), overrides), overrides)
    for each in found:
        if each.note:
            notes.write(f"slice-oas: {each.settings.spec}: {each.note}\n")
    out.write(WRITERS[output](found, since))
    return STALE if exit_code and any(True for _ in changes(found)) else ALL_BUILT


def _between(old: str, new: str, overrides: Mapping[str, object]) -> Affected:
    before, after = (load_settings(Path.cwd(), {**overrides, "spec": file})[0] for file in (old, new))
    return affected_between(before, after)
