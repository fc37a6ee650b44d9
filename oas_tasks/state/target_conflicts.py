"""Checks before a build that it overwrites and removes only its own files.

A build must not overwrite its document or a file that this refers to, must not take over an output folder with another
document's slices, which it would remove, and must not replace an unrelated table called `index.csv`. A single foreign
file in the place of a slice is left alone by the slice's task (`slice_task`).
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from oas_tasks.document.place import EndpointKey
from oas_tasks.errors import UserError, Where
from oas_tasks.regular_files import read_regular
from oas_tasks.state.index_csv import COLUMNS, FILE_NAME, read_index
from oas_tasks.state.output_folder import SliceContents, endpoint_contents, is_slice_of, slice_contents
from oas_tasks.state.plans import stored_files
from oas_tasks.state.report_file import is_foreign_page
from oas_tasks.state.run import Run
from oas_tasks.state.store import REPORT_NAME, from_cache

_CHOOSE = "Choose another folder with 'output_dir' (--output-dir)"

#: The pattern of all slices' file names.
SLICE_NAME = re.compile(r"[^.].*_[^_]+\.(yaml|json)")

#: How many slices of unknown endpoints are read to find out which document they belong to.
_MOST_EXAMINED = 10


def check_targets(run: Run) -> None:
    """Raise UserError where a build would overwrite foreign files, else store which document owns the folder."""
    sources = sources_in(run)
    _check_sources(run, sources)
    _check_owner(run)
    _check_foreign_slices(run, sources)
    _check_index(run)
    if run.settings.html:
        check_report_target(run)
    spec = from_cache(run.settings.spec, run.settings)
    if run.store.owner(run.output) != spec:
        run.store.save_owner(run.output, spec)


def sources_in(run: Run) -> dict[str, str]:
    """Return the files of a document that are in its output folder: their names there, and their paths as written.

    The file system decides whether two names are one file, so that links and letter case are no obstacle.
    """
    folder = run.settings.output_dir
    identities: dict[tuple[int, int], str] = {}
    found: dict[str, str] = {}
    for file in stored_files(run.store, run.planned.key):
        try:
            status = os.stat(file.path)  # noqa: PTH116  thousands of them
        except OSError:  # a reference to a missing file: writing it would change the document
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
    """Raise UserError where the folder has slices of another document, which still exists."""
    settings = run.settings
    owner = run.store.owner(run.output)
    if owner is None or owner == from_cache(settings.spec, settings):
        return
    other = settings.cache_dir / owner
    if not other.exists() or _is_same(other, settings.spec):
        return  # the document was moved, or has two names
    if any((settings.output_dir / name).exists() for name in run.own_files):
        raise _foreign_slices(run, f"the slices of '{_shown(other)}'")


def _shown(file: Path) -> str:
    """Return a path as a user would write it."""
    with contextlib.suppress(ValueError):  # it is on another drive
        relative = os.path.relpath(file)
        if not relative.startswith(".."):
            return Path(relative).as_posix()
    return Path(file).absolute().as_posix()


def _foreign_slices(run: Run, whose: str) -> UserError:
    return UserError(
        f"this folder holds {whose}, which a build of '{run.settings.spec}' would remove or overwrite",
        Where(str(run.settings.output_dir)),
        f"{_CHOOSE}, or delete this one if you no longer need its slices",
    )


def _check_foreign_slices(run: Run, sources: Mapping[str, str]) -> None:
    """Raise UserError where the folder has slices without records that look like another document's."""
    spec = str(run.settings.spec)
    name = next((name for name, source in sources.items() if source == spec), None)
    if name is not None and slice_contents(run.settings.output_dir, name) is not None:
        expected = {endpoint.file for endpoint in run.plan.endpoints} | {name}
        if run.own_files - expected or any(other.name != name for other in _unknown_slices(run)):
            raise _foreign_slices(run, f"the slices that '{spec}' is one of")
    if is_of_another_document(run):
        raise _foreign_slices(run, "the slices of another document")


class _UnknownSlice(NamedTuple):
    """A file that may be the slice of an endpoint that the document does not have.

    key: the endpoint according to the index, None where there is no index.
    """

    name: str
    key: EndpointKey | None


def _unknown_slices(run: Run) -> Iterator[_UnknownSlice]:
    """Yield the files that may be slices of unknown endpoints: from the index, or by name where there is none."""
    wanted = {endpoint.file for endpoint in run.plan.endpoints}
    rows = rows_without_records(run)
    if rows:
        for key, row in rows.items():
            name = row["filename"]
            if name and name not in wanted and name not in run.own_files:
                yield _UnknownSlice(name, key)
    elif not run.has_records:
        with contextlib.suppress(OSError):
            for name in sorted(os.listdir(run.settings.output_dir)):  # noqa: PTH208
                if name not in wanted and name not in run.own_files and SLICE_NAME.fullmatch(name):
                    yield _UnknownSlice(name, None)


def rows_without_records(run: Run) -> Mapping[EndpointKey, dict[str, str]]:
    """Return the rows of an index that no recorded run wrote."""
    return run.records.rows_from_elsewhere if run.has_records else read_index(run.settings.output_dir / FILE_NAME)


def is_of_another_document(run: Run) -> bool:
    """Whether the slices without records in the output folder belong to another document.

    Both a fresh clone and a folder of another document have slices of endpoints that the document lacks. In a clone
    they have the document's title, or, if that was changed too, most of the other slices are of its endpoints.
    """
    folder = run.settings.output_dir
    examined: list[SliceContents] = []
    for number, unknown in enumerate(_unknown_slices(run)):
        if number == _MOST_EXAMINED:
            break
        seen = slice_contents(folder, unknown.name)
        if seen is not None and (unknown.key is None or unknown.key == seen.key):
            examined.append(seen)
    if not examined or any(seen.title == run.plan.title for seen in examined):
        return False
    return not _are_mostly_known(run)


def _are_mostly_known(run: Run) -> bool:
    """Whether most of the slices in the folder are of endpoints that the document has."""
    rows = rows_without_records(run)
    keys = {endpoint.key for endpoint in run.plan.endpoints}
    if rows:
        return 2 * sum(key in keys for key in rows) > len(rows)
    wanted = {endpoint.file for endpoint in run.plan.endpoints}
    with contextlib.suppress(OSError):
        names = [name for name in os.listdir(run.settings.output_dir) if SLICE_NAME.fullmatch(name)]  # noqa: PTH208
        return 2 * sum(name in wanted for name in names) > len(names)
    return False


def own_files_in(run: Run, rows: Mapping[EndpointKey, Mapping[str, str]]) -> Iterator[tuple[str, EndpointKey]]:
    """Yield the files in rows of an index that are slices of this document, each with its endpoint."""
    folder = run.settings.output_dir
    are_mostly_known: bool | None = None
    for key, row in rows.items():
        name = row["filename"]
        seen = endpoint_contents(folder / name) if is_slice_of(folder, name, key) else None
        if seen is None:
            continue
        if seen.title != run.plan.title and are_mostly_known is None:
            are_mostly_known = _are_mostly_known(run)
        if seen.title == run.plan.title or are_mostly_known:
            yield name, key


def check_report_target(run: Run) -> None:
    """Raise UserError where the report would be written over a file that this tool did not write."""
    folder = run.settings.output_dir
    file = folder / REPORT_NAME
    for name, source in sources_in(run).items():
        if name.casefold() == REPORT_NAME and (name == REPORT_NAME or _is_same(folder / name, file)):
            message = "the document refers to this file, and the report would overwrite it"
            raise UserError(message, Where(source), _CHOOSE)
    if is_foreign_page(file):
        message = "there is a page by this name already, which slice-oas did not write, and it stays as it is"
        raise UserError(message, Where(str(file)), f"Rename it. {_CHOOSE.replace('Choose', 'Or choose')}")


#: The start of the header of every version's index.
_INDEX_START = ",".join(list(COLUMNS)[:2]).encode() + b","


def _check_index(run: Run) -> None:
    """Raise UserError where index.csv is no index, and no run is recorded that wrote it."""
    file = run.settings.output_dir / FILE_NAME
    if not run.settings.csv or run.has_records or run.store.stamp(run.output) is not None:
        return
    with contextlib.suppress(OSError):
        start = read_regular(file)[:4096]
        lines: Iterable[bytes] = start.removeprefix(b"\xef\xbb\xbf").splitlines()
        if start.strip() and not any(line.startswith(_INDEX_START) for line in lines):
            raise UserError(
                "this file is not an index of slices, and a build would overwrite it",
                Where(str(file)),
                f"{_CHOOSE}, or build no index with 'csv = false' (--no-csv)",
            )
