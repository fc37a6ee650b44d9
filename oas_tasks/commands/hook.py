"""`slice-oas hook`: what pre-commit calls with the files of a commit; slices, or with `--check` only looks.

pre-commit chooses files by a fixed pattern and knows no settings, so that it is decided here whether a commit concerns
slices at all. Nor does it tell which files a commit deletes or renames: git is asked for those.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import TextIO

from oas_tasks.commands.check import check
from oas_tasks.commands.exit_codes import ALL_BUILT, SOME_FAILED, WRONG_REQUEST
from oas_tasks.commands.filter_notices import tell_notices
from oas_tasks.commands.quiet import Quiet
from oas_tasks.document.place import SourceFile
from oas_tasks.errors import UserError
from oas_tasks.printable import printable_lines
from oas_tasks.queries.git import paths
from oas_tasks.queries.snapshot import CopiedStore, look, look_afresh
from oas_tasks.regular_files import read_regular
from oas_tasks.settings import Settings
from oas_tasks.state.plans import known_files

#: How many files of one fate are told one by one; where there are more, all of them are one line, by the first of them.
_MOST_FILES = 4
_FIRST = 3


def hook(
    settings: Sequence[Settings], files: Sequence[str], check_only: bool, environment: Mapping[str, str], out: TextIO
) -> int:
    """Return 0 where a commit leaves the slices as they have to be, and say what is wrong where it does not.

    files: what pre-commit tells of the commit's files, relative to the current folder. Where there are none, and git
        knows of none either, everything is looked at.
    check_only: nothing is changed. Without it slices are made, and that anything was changed is a failure.
    environment: variables, of which pre-commit sets some.
    """
    changed = {*map(Path, files), *_changed(environment)}
    if changed:
        settings = [each for each in settings if _concern(changed, each, trust_cache=not check_only)]
    if not settings:
        return ALL_BUILT
    code = _checked(settings, out) if check_only else _sliced(settings, out)
    for each in settings:
        missing = [file.as_posix() for file in _not_added(each)]
        if len(missing) > _MOST_FILES:
            out.write(printable_lines([f"{_first_of(missing)} are not in the commit: git add them"]))
        else:
            out.write(printable_lines(f"{file} is not in the commit: git add it" for file in missing))
        code = code or (SOME_FAILED if missing else ALL_BUILT)
    return code


def _changed(environment: Mapping[str, str]) -> set[Path]:
    """Return the files that git has staged, or that changed in the revisions that pre-commit runs over.

    Those that are deleted are among them, and of one that is renamed both names.
    """
    names = ("diff", "--name-only", "--relative", "--no-renames")
    since, until = environment.get("PRE_COMMIT_FROM_REF"), environment.get("PRE_COMMIT_TO_REF")
    if since and until:
        return paths(*names, "--end-of-options", f"{since}...{until}", "--") or set()
    return paths(*names, "--cached", "--") or set()


def _concern(files: set[Path], settings: Settings, trust_cache: bool) -> bool:
    """Whether files are among those that the slices of a document depend on, or are slices.

    trust_cache: the cache may say which those are; otherwise the document is asked.
    """
    absolute = {_absolute(file) for file in files}
    if _are_among(absolute, (settings.spec, Path("pyproject.toml"))):
        return True
    folder = _absolute(settings.output_dir)
    if any(file.is_relative_to(folder) for file in absolute):
        return True
    known = _known_files(settings, absolute, trust_cache)
    if known is None:  # what the document refers to is not known, but where that is allowed to be
        return settings.allow_outside or any(f.is_relative_to(_absolute(settings.spec).parent) for f in absolute)
    return _are_among(absolute, (Path(file.path) for file in known))


def _known_files(settings: Settings, changed: Set[Path], trust_cache: bool) -> list[SourceFile] | None:
    """Return the files that a document is made of, None where that is not known."""
    known = known_files(settings, CopiedStore(settings.cache_dir))
    if known is None or trust_cache or _are_among(changed, (Path(file.path) for file in known)):
        return known
    try:
        return known_files(settings, look_afresh(settings).store)
    except UserError:  # the check says what is wrong
        return None


def _are_among(changed: Set[Path], files: Iterable[Path]) -> bool:
    """Whether files are among those that changed: by themselves, as what a link leads to, or within a submodule.

    Of a submodule git names nothing but its folder.
    """
    for file in files:
        here, there = _absolute(file), Path(os.path.realpath(file))
        if not changed.isdisjoint({here, there, *here.parents, *there.parents}):
            return True
    return False


def _absolute(file: Path) -> Path:
    return Path(os.path.abspath(file))  # noqa: PTH100  `..` goes, and links stay what they are


def _checked(settings: Sequence[Settings], out: TextIO) -> int:
    return check(settings, out, as_json=False)


def _sliced(settings: Sequence[Settings], out: TextIO) -> int:
    from oas_tasks.state.fault_list import refusals, warnings
    from oas_tasks.state.fault_places import fault_places
    from oas_tasks.tasks.launch import run_tasks
    from oas_tasks.tasks.tasks import Builds

    before = [_contents(each) for each in settings]
    processes = max(each.concurrency for each in settings)
    builds = Builds(lambda: tuple(settings), processes)
    tell_notices(builds.runs)
    code = run_tasks(builds, [], processes, Quiet(), None)
    for each, was in zip(settings, before, strict=True):
        now = _contents(each)
        listed = _listed(each, "--cached", "--others", "--exclude-standard")
        done: dict[str, list[str]] = {}
        for name in sorted(was.keys() | now.keys()):
            file = each.output_dir / name
            if was.get(name) != now.get(name) and (listed is None or _absolute(file) in listed):
                what = "removed" if name not in now else "changed" if name in was else "made"
                done.setdefault(what, []).append(file.as_posix())
                code = code or SOME_FAILED
        for what, files in done.items():
            out.write(printable_lines(_told(what, files)))
    for run in builds.runs:
        told = refusals(run.failures(), run.settings)
        warned = run.warned_now()
        if warned:
            told += warnings(warned, run.settings, fault_places(run.settings))
        out.write(printable_lines(told))
    return code if code in (ALL_BUILT, SOME_FAILED) else WRONG_REQUEST


def _told(what: str, files: Sequence[str]) -> list[str]:
    """Return the lines on what was done to files: one for each, or one for all where they are many."""
    return [f"{what} {file}" for file in files] if len(files) <= _MOST_FILES else [f"{what} {_first_of(files)}"]


def _first_of(files: Sequence[str]) -> str:
    """Return many files by the first of them."""
    return f"{', '.join(files[:_FIRST])} and {len(files) - _FIRST:,} more"


def _contents(settings: Settings) -> dict[str, object]:
    """Return what tells whether a file in the output folder was written: its time, of the index its bytes."""
    from oas_tasks.state.index_csv import FILE_NAME

    folder = settings.output_dir
    if not folder.is_dir():
        return {}
    found = (file for file in folder.iterdir() if file.is_file() and not file.is_symlink())
    return {file.name: read_regular(file) if file.name == FILE_NAME else file.stat().st_mtime_ns for file in found}


def _listed(settings: Settings, *kinds: str) -> set[Path] | None:
    """Return the files in the output folder that git has of these kinds, None where there is no repository."""
    return _listed_in(settings.output_dir, *kinds)


def _listed_in(folder: Path, *kinds: str) -> set[Path] | None:
    if not folder.is_dir():
        return set()
    listed = paths("ls-files", *kinds, "--", str(folder))
    return None if listed is None else set(map(_absolute, listed))


def _not_added(settings: Settings) -> list[Path]:
    """Return the slices, and the files that the document is made of, that are neither known to git nor ignored."""
    from oas_tasks.state.index_csv import FILE_NAME

    folders = (settings.output_dir, settings.spec.parent)
    others = {file for folder in folders for file in _listed_in(folder, "--others", "--exclude-standard") or ()}
    if not others:
        return []
    run = look(settings)
    slices = [settings.output_dir / name for name in (*(e.file for e in run.plan.endpoints), FILE_NAME)]
    sources = [Path(file.path) for file in known_files(settings, run.store) or ()]
    return [file for file in (*slices, *sources) if _absolute(file) in others]
