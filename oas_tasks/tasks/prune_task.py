"""The action of the prune task, which removes slices of endpoints that are gone, and finding those files.

It removes only files that this tool wrote for this document: those in its records, and those in an index from elsewhere
(a fresh clone, a checkout) whose content is a slice of the row's endpoint.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from doit.exceptions import TaskFailed

from oas_tasks.document.place import EndpointKey
from oas_tasks.printable import printable
from oas_tasks.settings import Settings
from oas_tasks.state.output_folder import TEMPORARY_SUFFIX, is_ours, is_slice_of
from oas_tasks.state.run import Run
from oas_tasks.state.store import open_store, output_key

#: Seconds after which no running build still uses a temporary file: writing one takes milliseconds.
_ABANDONED = 10.0


class Leftovers(NamedTuple):
    """What to remove.

    files: their names in the output folder, with the endpoint that each is a slice of; None for temporary files.
    gone: the endpoints whose records to delete.
    """

    files: Mapping[str, EndpointKey | None]
    gone: Sequence[EndpointKey]


def leftovers(run: Run) -> Leftovers:
    """Return what to remove from the output folder and the store, without what the run keeps.

    A file that was edited since is no longer ours and stays.
    """
    folder = run.settings.output_dir
    if run.clean_output is not None:
        return Leftovers(dict.fromkeys(_abandoned(folder)), [])
    from oas_tasks.state.target_conflicts import own_files_in, rows_without_records, sources_in

    wanted = {endpoint.file for endpoint in run.plan.endpoints}
    keys = {endpoint.key for endpoint in run.plan.endpoints}
    files: dict[str, EndpointKey | None] = {}
    gone: list[EndpointKey] = []
    records = run.earlier_records
    for key, record in records.items():
        if key in run.kept:
            continue
        if key not in keys:
            gone.append(key)
        if record.file and record.file not in wanted and is_ours(folder, record):
            files[record.file] = key
    known = {record.file for record in records.values()}
    rows = {
        key: row
        for key, row in rows_without_records(run).items()
        if row["filename"] and row["filename"] not in wanted | known and key not in run.kept
    }
    files.update(own_files_in(run, rows))
    for each in run.journal.unrecorded(records):
        if each.file not in wanted and each.key not in run.kept and is_slice_of(folder, each.file, each.key):
            files[each.file] = each.key
    if files:
        for name in sources_in(run):
            files.pop(name, None)
    # On a file system that ignores case, an old name and a new one can be the same file.
    same = {name.casefold() for name in wanted}
    removable = {
        name: key
        for name, key in files.items()
        if name.casefold() not in same or _is_no_other_file(folder, name, wanted)
    }
    return Leftovers(removable | dict.fromkeys(_abandoned(folder)), gone)


def _is_no_other_file(folder: Path, name: str, wanted: Iterable[str]) -> bool:
    """Whether the file of this name is none of the wanted files, on a file system that may ignore case."""
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
        with os.scandir(folder) as entries:
            names = [each.name for each in entries if each.name.endswith(TEMPORARY_SUFFIX) and each.name[0] == "."]
        for name in names:
            status = (folder / name).lstat()
            if stat.S_ISREG(status.st_mode) and status.st_mtime < oldest:
                found.append(name)
    return found


def prune(settings: Settings, files: list[str], gone: list[EndpointKey]) -> dict[str, object] | TaskFailed:
    """Remove files from the output folder and records from the store; return how many files were removed."""
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
