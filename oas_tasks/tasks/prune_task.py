"""Removing slices of endpoints that are gone: which files those are, and the action of the prune task.

Only files that this tool wrote of this very document: those that its records name, or, where the index is from
elsewhere (a fresh clone, a checkout), those that it names and whose content is a slice of just that endpoint.
"""

from __future__ import annotations

import contextlib
import stat
import time
from collections.abc import Iterable
from pathlib import Path

from doit.exceptions import TaskFailed

from oas_tasks.printable import printable
from oas_tasks.settings import Settings
from oas_tasks.state.output_folder import TEMPORARY_SUFFIX, is_ours, is_slice_of
from oas_tasks.state.run import Key, Run
from oas_tasks.state.store import open_store, output_key

#: Seconds after which a temporary file belongs to no run that is still under way: it takes milliseconds to write one.
_ABANDONED = 10.0


def leftovers(run: Run) -> tuple[list[str], list[Key]]:
    """Return the files to remove from the output folder, and the records to forget.

    A file that somebody edited since is no longer this tool's and stays.
    """
    folder = run.settings.output_dir
    if run.whole is not None:
        return _abandoned(folder), []
    from oas_tasks.state.targets import (
        own_leftovers,
        rows_of_others,
        sources_in,
    )  # which a run with nothing to do needs not

    wanted = {endpoint.file for endpoint in run.plan.endpoints}
    present = {(endpoint.path, endpoint.method) for endpoint in run.plan.endpoints}
    files: dict[str, None] = {}
    gone: list[Key] = []
    for key, record in run.records.items():
        if key not in present:
            gone.append(key)
        if record.file and record.file not in wanted and is_ours(folder, record):
            files[record.file] = None
    known = {record.file for record in run.records.values()}
    rows = {
        key: row
        for key, row in rows_of_others(run).items()
        if row["filename"] and row["filename"] not in wanted and row["filename"] not in known
    }
    files.update(dict.fromkeys(own_leftovers(run, rows)))
    for each in run.never_recorded():
        if each.file not in wanted and is_slice_of(folder, each.file, each.path, each.method):
            files[each.file] = None
    if files:
        for name in sources_in(run):
            files.pop(name, None)
    # On a file system that ignores case, an old name can be the very file of a new one.
    same = {name.casefold() for name in wanted}
    removable = [name for name in files if name.casefold() not in same or _differs(folder, name, wanted)]
    return removable + _abandoned(folder), gone


def _differs(folder: Path, name: str, wanted: Iterable[str]) -> bool:
    """Whether no wanted file is, on this file system, the same as the one of this name."""
    for other in wanted:
        if other.casefold() == name.casefold():
            with contextlib.suppress(OSError):
                if (folder / other).samefile(folder / name):
                    return False
    return True


def _abandoned(folder: Path) -> list[str]:
    """Return the temporary files that killed runs left behind."""
    found: list[str] = []
    with contextlib.suppress(OSError):
        oldest = time.time() - _ABANDONED
        for file in folder.glob(f".*{TEMPORARY_SUFFIX}"):
            status = file.lstat()
            if stat.S_ISREG(status.st_mode) and status.st_mtime < oldest:
                found.append(file.name)
    return found


def prune(settings: Settings, files: list[str], gone: list[Key]) -> dict[str, object] | TaskFailed:
    """Remove files from the output folder and records from the store; return how many files went."""
    removed = 0
    for name in files:
        file = settings.output_dir / name
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            return TaskFailed(printable(f"{file}: cannot be removed: {error.strerror}"))
        removed += 1
    store = open_store(settings.cache_dir)
    store.forget_records(output_key(settings), gone)
    store.close()
    return {"removed": removed}
