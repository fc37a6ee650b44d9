"""`slice-oas hook`: called by pre-commit with the files of a commit; builds the slices or, with `--check`, checks them.

pre-commit selects files by a fixed pattern and does not know the settings, so that this command decides whether a
commit concerns slices. It asks git for deleted and renamed files, which pre-commit leaves out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import TextIO

from oas_tasks.commands.check import check
from oas_tasks.commands.exit_codes import ALL_BUILT, SOME_FAILED, WRONG_REQUEST
from oas_tasks.commands.notices import print_notices
from oas_tasks.document.place import SourceFile
from oas_tasks.errors import UserError
from oas_tasks.printable import printable_lines
from oas_tasks.queries.git import paths
from oas_tasks.queries.read_only_run import CopiedStore, read_only_run, uncached_run
from oas_tasks.regular_files import read_regular
from oas_tasks.settings import Settings
from oas_tasks.state.plans import known_files

#: Up to so many files have a line each; more of them share a line that names the first ones.
_MOST_FILES = 4
_FIRST = 3


def hook(
    settings: Sequence[Settings], files: Sequence[str], check_only: bool, environment: Mapping[str, str], out: TextIO
) -> int:
    """Return 0 if the slices of a commit are up to date and in the commit, else write what is wrong.

    files: the commit's files from pre-commit, relative to the current folder. If there are none, from git either, all
        documents are checked.
    check_only: change nothing. Otherwise slices are built, and any changed file is a failure.
    environment: variables, of which pre-commit sets some.
    """
    changed = {*map(Path, files), *_changed(environment)}
    if changed:
        settings = [each for each in settings if _concern(changed, each, trust_cache=not check_only)]
    if not settings:
        return ALL_BUILT
    code = check(settings, out, as_json=False) if check_only else _sliced(settings, out)
    for each in settings:
        missing = [file.as_posix() for file in _not_added(each)]
        if len(missing) > _MOST_FILES:
            out.write(printable_lines([f"{_first_of(missing)} are not in the commit: git add them"]))
        else:
            out.write(printable_lines(f"{file} is not in the commit: git add it" for file in missing))
        code = code or (SOME_FAILED if missing else ALL_BUILT)
    return code


def _changed(environment: Mapping[str, str]) -> set[Path]:
    """Return the files that git has staged, or that changed between the revisions that pre-commit runs for.

    They include deleted files, and both names of renamed ones.
    """
    names = ("diff", "--name-only", "--relative", "--no-renames")
    since, until = environment.get("PRE_COMMIT_FROM_REF"), environment.get("PRE_COMMIT_TO_REF")
    if since and until:
        return paths(*names, "--end-of-options", f"{since}...{until}", "--") or set()
    return paths(*names, "--cached", "--") or set()


def _concern(files: set[Path], settings: Settings, trust_cache: bool) -> bool:
    """Whether any of these files is a slice of a document or one that its slices depend on.

    trust_cache: take the document's files from the cache instead of reading the document.
    """
    absolute = {_absolute(file) for file in files}
    if _are_among(absolute, (settings.spec, Path("pyproject.toml"))):
        return True
    folder = _absolute(settings.output_dir)
    if any(file.is_relative_to(folder) for file in absolute):
        return True
    known = _known_files(settings, absolute, trust_cache)
    if known is None:  # the document's files are unknown, but not the folder that they may be in
        return settings.allow_outside or any(f.is_relative_to(_absolute(settings.spec).parent) for f in absolute)
    return _are_among(absolute, (Path(file.path) for file in known))


def _known_files(settings: Settings, changed: Set[Path], trust_cache: bool) -> list[SourceFile] | None:
    """Return the files of a document, None where they are not known."""
    known = known_files(settings, CopiedStore(settings.cache_dir))
    if known is None or trust_cache or _are_among(changed, (Path(file.path) for file in known)):
        return known
    try:
        return known_files(settings, uncached_run(settings).store)
    except UserError:  # the check reports the error
        return None


def _are_among(changed: Set[Path], files: Iterable[Path]) -> bool:
    """Whether any of these files changed: itself, the target of a link, or a submodule that holds it.

    git only names the folder of a changed submodule.
    """
    for file in files:
        here, there = _absolute(file), Path(os.path.realpath(file))
        if not changed.isdisjoint({here, there, *here.parents, *there.parents}):
            return True
    return False


def _absolute(file: Path) -> Path:
    return Path(os.path.abspath(file))  # noqa: PTH100  removes `..` without following links


def _sliced(settings: Sequence[Settings], out: TextIO) -> int:
    from oas_tasks.state.fault_list import failure_lines, warning_lines
    from oas_tasks.state.fault_places import fault_places
    from oas_tasks.tasks.launch import run_tasks
    from oas_tasks.tasks.output import SafeStream
    from oas_tasks.tasks.tasks import Builds

    before = [_file_states(each) for each in settings]
    processes = max(each.concurrency for each in settings)
    builds = Builds(lambda: tuple(settings), processes)
    print_notices(builds.runs)
    code, reporter = run_tasks(builds, [], processes, SafeStream(None), None)
    for each, was in zip(settings, before, strict=True):
        now = _file_states(each)
        listed = _listed_in(each.output_dir, "--cached", "--others", "--exclude-standard")
        done: dict[str, list[str]] = {}
        for name in sorted(was.keys() | now.keys()):
            file = each.output_dir / name
            if was.get(name) != now.get(name) and (listed is None or _absolute(file) in listed):
                what = "removed" if name not in now else "changed" if name in was else "made"
                done.setdefault(what, []).append(file.as_posix())
                code = code or SOME_FAILED
        for what, files in done.items():
            out.write(printable_lines(_file_lines(what, files)))
    for run in builds.runs:
        lines = failure_lines(run.failures(), run.settings)
        warned = run.warned_now()
        if warned:
            lines += warning_lines(warned, run.settings, fault_places(run.settings))
        out.write(printable_lines(lines))
    out.write(reporter.annotations)
    return code if code in (ALL_BUILT, SOME_FAILED) else WRONG_REQUEST


def _file_lines(what: str, files: Sequence[str]) -> list[str]:
    """Return the lines about files: one for each, or one for all where there are many."""
    return [f"{what} {file}" for file in files] if len(files) <= _MOST_FILES else [f"{what} {_first_of(files)}"]


def _first_of(files: Sequence[str]) -> str:
    """Return many files, named by the first ones."""
    return f"{', '.join(files[:_FIRST])} and {len(files) - _FIRST:,} more"


def _file_states(settings: Settings) -> dict[str, object]:
    """Return the state of each file in the output folder, which shows changes: its time, or the index's content."""
    from oas_tasks.state.index_csv import FILE_NAME

    folder = settings.output_dir
    if not folder.is_dir():
        return {}
    found = (file for file in folder.iterdir() if file.is_file() and not file.is_symlink())
    return {file.name: read_regular(file) if file.name == FILE_NAME else file.stat().st_mtime_ns for file in found}


def _listed_in(folder: Path, *kinds: str) -> set[Path] | None:
    """Return the files of these kinds in a folder according to git, None where there is no repository."""
    if not folder.is_dir():
        return set()
    listed = paths("ls-files", *kinds, "--", str(folder))
    return None if listed is None else set(map(_absolute, listed))


def _not_added(settings: Settings) -> list[Path]:
    """Return the slices and the document's files that are untracked in git and not ignored."""
    from oas_tasks.state.index_csv import FILE_NAME
    from oas_tasks.state.store import REPORT_NAME

    folders = (settings.output_dir, settings.spec.parent)
    others = {file for folder in folders for file in _listed_in(folder, "--others", "--exclude-standard") or ()}
    if not others:
        return []
    run = read_only_run(settings)
    beside = [FILE_NAME, REPORT_NAME] if settings.html else [FILE_NAME]
    slices = [settings.output_dir / name for name in (*(e.file for e in run.plan.endpoints), *beside)]
    sources = [Path(file.path) for file in known_files(settings, run.store) or ()]
    return [file for file in (*slices, *sources) if _absolute(file) in others]
