"""Whether what a build would write is its own to write; a build that would do harm ends before it begins.

It must not write over its document, nor over any file that this refers to; not make an output folder its own that holds
another document's slices, which it would remove; and not replace a table that happens to be called like the index.
Of a single file that stands where a slice goes, the slice's task sees to it that it stays (`slice_task`).
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from oas_tasks.errors import UserError, Where
from oas_tasks.regular_files import read_regular
from oas_tasks.state.index_csv import COLUMNS, FILE_NAME, read_index
from oas_tasks.state.output_folder import Seen, is_slice_of, seen_in, slice_by_look
from oas_tasks.state.plans import stored_files
from oas_tasks.state.run import Key, Run
from oas_tasks.state.store import from_cache

_CHOOSE = "Choose another folder with 'output_dir' (--output-dir)"

#: The name of a slice, whatever its endpoint.
SLICE_NAME = re.compile(r"[^.].*_[^_]+\.(yaml|json)")

#: How many slices of endpoints that the document does not have are looked at to tell whose they are.
_LOOKED_AT = 10


def check_targets(run: Run) -> None:
    """Raise UserError where a build would write over what is not its own, and note whose slices the folder has."""
    sources = sources_in(run)
    _check_sources(run, sources)
    _check_owner(run)
    _check_others(run, sources)
    _check_index(run)
    spec = from_cache(run.settings.spec, run.settings)
    if run.store.owner(run.output) != spec:
        run.store.save_owner(run.output, spec)


def sources_in(run: Run) -> dict[str, str]:
    """Return the files of a document that are in its output folder: their names there, and their paths as written.

    A file is known under all its names, whether by links or by the case of letters: the file system is asked.
    """
    folder = run.settings.output_dir
    identities: dict[tuple[int, int], str] = {}
    found: dict[str, str] = {}
    for file in stored_files(run.store, run.planned.key):
        try:
            status = os.stat(file.path)  # noqa: PTH116  thousands of them
        except OSError:  # it was looked for, and making it would change what the document says
            missing = Path(os.path.abspath(file.path))  # noqa: PTH100
            if missing.parent == Path(os.path.abspath(folder)) or _is_same(missing.parent, folder):  # noqa: PTH100
                found[missing.name] = file.path
        else:
            identities.setdefault((status.st_dev, status.st_ino), file.path)
    numbers = {number for _, number in identities}
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.inode() in numbers or entry.is_symlink():
                with contextlib.suppress(OSError):
                    status = os.stat(entry.path)  # noqa: PTH116  of a DirEntry it has no number on Windows
                    if (status.st_dev, status.st_ino) in identities:
                        found[entry.name] = identities[status.st_dev, status.st_ino]
    return found


def _is_same(path: str | Path, other: str | Path) -> bool:
    try:
        return os.path.samefile(path, other)  # noqa: PTH121
    except OSError:
        return False


def _check_sources(run: Run, sources: Mapping[str, str]) -> None:
    if not sources:
        return
    folder = run.settings.output_dir
    writes = {each.file: f"the slice of {each.method} {each.path}" for each in run.plan.endpoints}
    if run.settings.csv:
        writes[FILE_NAME] = "the index of the slices"
    by_folded = {name.casefold(): name for name in writes}
    for name, source in sources.items():
        target = name if name in writes else by_folded.get(name.casefold())
        if target is None or (target != name and not _is_same(folder / target, folder / name)):
            continue
        what = "this is the document" if source == str(run.settings.spec) else "the document refers to this file"
        raise UserError(f"{what}, and {writes[target]} would overwrite it", Where(source), _CHOOSE)


def _check_owner(run: Run) -> None:
    """Raise UserError where the folder has slices that were made of another document, which is still there."""
    settings = run.settings
    owner = run.store.owner(run.output)
    if owner is None or owner == from_cache(settings.spec, settings):
        return
    other = settings.cache_dir / owner
    if not other.exists() or _is_same(other, settings.spec):
        return  # the document was moved, or has two names
    if any((settings.output_dir / name).exists() for name in run.own_files):
        raise _others(run, f"the slices of '{_shown(other)}'")


def _shown(file: Path) -> str:
    """Return a path as a user would write it."""
    with contextlib.suppress(ValueError):  # it is on another drive
        relative = os.path.relpath(file)
        if not relative.startswith(".."):
            return Path(relative).as_posix()
    return Path(file).absolute().as_posix()


def _others(run: Run, whose: str) -> UserError:
    return UserError(
        f"this folder holds {whose}, which a build of '{run.settings.spec}' would remove or overwrite",
        Where(str(run.settings.output_dir)),
        f"{_CHOOSE}, or delete this one if its slices are not needed any more",
    )


def _check_others(run: Run, sources: Mapping[str, str]) -> None:
    """Raise UserError where the folder has slices of another document by their look, of which nothing is remembered."""
    spec = str(run.settings.spec)
    name = next((name for name, source in sources.items() if source == spec), None)
    if name is not None and slice_by_look(run.settings.output_dir, name) is not None:
        present = {endpoint.file for endpoint in run.plan.endpoints} | {name}
        if run.own_files - present or any(other.name != name for other in _strangers(run)):
            raise _others(run, f"the slices that '{spec}' is one of")
    if is_of_another_document(run):
        raise _others(run, "the slices of another document")


class _Stranger(NamedTuple):
    """A file that may be a slice of an endpoint that the document does not have.

    key: the endpoint's path and method, None where the file alone says so.
    """

    name: str
    key: Key | None


def _strangers(run: Run) -> Iterator[_Stranger]:
    """Yield them, as the index tells of them; where there is none, by their names."""
    wanted = {endpoint.file for endpoint in run.plan.endpoints}
    rows = rows_of_others(run)
    if rows:
        for key, row in rows.items():
            name = row["filename"]
            if name and name not in wanted and name not in run.own_files:
                yield _Stranger(name, key)
    elif not run.records:
        with contextlib.suppress(OSError):
            for name in sorted(os.listdir(run.settings.output_dir)):  # noqa: PTH208
                if name not in wanted and name not in run.own_files and SLICE_NAME.fullmatch(name):
                    yield _Stranger(name, None)


def rows_of_others(run: Run) -> Mapping[Key, dict[str, str]]:
    """Return the rows of an index that no run made of which anything is remembered."""
    return run.rows_from_elsewhere if run.records else read_index(run.settings.output_dir / FILE_NAME)


def is_of_another_document(run: Run) -> bool:
    """Whether slices that are in the output folder, and of which nothing is remembered, are another document's.

    A fresh clone has slices of endpoints that its document has no more, and so has a folder of another document. The
    former are known by their title, or where that was changed too, by most others being of endpoints that there are.
    """
    folder = run.settings.output_dir
    looked_at: list[Seen] = []
    for number, stranger in enumerate(_strangers(run)):
        if number == _LOOKED_AT:
            break
        seen = slice_by_look(folder, stranger.name)
        if seen is not None and (stranger.key is None or stranger.key == (seen.path, seen.method)):
            looked_at.append(seen)
    if not looked_at or any(seen.title == run.plan.title for seen in looked_at):
        return False
    return not _has_most(run)


def _has_most(run: Run) -> bool:
    """Whether most of the slices in the folder are of endpoints that the document has."""
    rows = rows_of_others(run)
    present = {(endpoint.path, endpoint.method) for endpoint in run.plan.endpoints}
    if rows:
        return 2 * sum(key in present for key in rows) > len(rows)
    wanted = {endpoint.file for endpoint in run.plan.endpoints}
    with contextlib.suppress(OSError):
        names = [name for name in os.listdir(run.settings.output_dir) if SLICE_NAME.fullmatch(name)]  # noqa: PTH208
        return 2 * sum(name in wanted for name in names) > len(names)
    return False


def own_leftovers(run: Run, rows: Mapping[Key, Mapping[str, str]]) -> Iterator[str]:
    """Yield the files of slices that an index tells of and that are this document's, of which nothing is remembered."""
    folder = run.settings.output_dir
    has_most: bool | None = None
    for (path, method), row in rows.items():
        name = row["filename"]
        seen = seen_in(folder / name) if is_slice_of(folder, name, path, method) else None
        if seen is None:
            continue
        if seen.title != run.plan.title and has_most is None:
            has_most = _has_most(run)
        if seen.title == run.plan.title or has_most:
            yield name


#: What every index has begun with since there is one.
_INDEX_START = ",".join(list(COLUMNS)[:2]).encode() + b","


def _check_index(run: Run) -> None:
    """Raise UserError where a file that is called like the index is none, and nobody remembers to have written it."""
    file = run.settings.output_dir / FILE_NAME
    if not run.settings.csv or run.records or run.store.stamp(run.output) is not None:
        return
    with contextlib.suppress(OSError):
        start = read_regular(file)[:4096]
        lines: Iterable[bytes] = start.removeprefix(b"\xef\xbb\xbf").splitlines()
        if start.strip() and not any(line.startswith(_INDEX_START) for line in lines):
            raise UserError(
                "this is no index of slices, and would be overwritten by one",
                Where(str(file)),
                f"{_CHOOSE}, or have no index made with 'csv = false' (--no-csv)",
            )
