"""Finds the endpoints that a change affects: between a git revision and now, or between two files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xxhash import xxh3_128_hexdigest

from oas_tasks.document.place import SourceFile
from oas_tasks.errors import SettingsError, UserError, Where
from oas_tasks.queries.compare import Comparison, Side, compare
from oas_tasks.queries.git import Revision
from oas_tasks.queries.read_only_run import read_only_run
from oas_tasks.regular_files import read_regular
from oas_tasks.settings import MissingSpec, Settings, load_settings


@dataclass(frozen=True, slots=True)
class Affected:
    """The changes of one document.

    settings: its present ones, or the earlier ones where it is gone.
    note: why there is nothing to compare it with, or "".
    """

    settings: Settings
    comparison: Comparison
    note: str = ""


def affected_between(before: Settings, after: Settings) -> Affected:
    """Compare two files. Raises UserError where one of them cannot be sliced."""
    return Affected(after, compare(_side(_as_volatile(before, after)), _side(after)))


def affected_since(
    name: str, settings: Sequence[Settings], overrides: Mapping[str, object], only: Sequence[str] = ()
) -> list[Affected]:
    """Compare the present documents with those of a revision, using the revision's own settings. Raises UserError.

    overrides: the settings that were given as options.
    only: the names of the documents that are meant; empty for all.
    """
    with Revision(name) as revision:
        for each in settings:
            if not revision.holds(revision.path_of(each.spec)):
                message = "the document is outside of the git repository that the current folder is in"
                raise UserError(message, Where(str(each.spec)), "Name two files instead")
        pairs, gone = _paired(revision, _settings_then(revision, settings, overrides, only), settings)
        found = [_since(revision, then, now) for then, now in pairs]
        for each in gone:
            before, _ = _side_then(revision, each)
            if before is not None:
                found.append(_all_removed(each, before))
        return found


def _paired(
    revision: Revision, then: Sequence[Settings], now: Sequence[Settings]
) -> tuple[list[tuple[Settings | None, Settings]], list[Settings]]:
    """Return pairs of each present document and its earlier self, and the documents that are gone.

    Documents match by name, or else by output folder, or by file.
    """
    left = list(then)
    found: dict[int, Settings] = {}
    for identity in (
        lambda each: each.name,
        lambda each: revision.path_of(each.output_dir),
        lambda each: revision.path_of(each.spec),
    ):
        for number, each in enumerate(now):
            same = [other for other in left if identity(other) == identity(each)] if number not in found else []
            if same:
                found[number] = same[0]
                left.remove(same[0])
    return [(found.get(number), each) for number, each in enumerate(now)], left


def _as_volatile(then: Settings, now: Settings) -> Settings:
    """Return earlier settings with the present volatile places, so that those are left out of both documents."""
    return replace(then, volatile=now.volatile)


def _side(settings: Settings) -> Side:
    from oas_tasks.slices.loading import load_slicer

    return Side.of(load_slicer(settings, str(settings.spec)), settings)


def _settings_then(
    revision: Revision, settings: Sequence[Settings], overrides: Mapping[str, object], only: Sequence[str]
) -> tuple[Settings, ...]:
    """Return the settings of a revision; the present ones where it has none, or invalid ones."""
    root = revision.path_of(Path.cwd())
    root.mkdir(parents=True, exist_ok=True)
    given = {key: _moved(revision, value) if key == "spec" else value for key, value in overrides.items()}
    revision.fetch(root / "pyproject.toml")
    try:
        return load_settings(root, given, only=only)
    except (MissingSpec, SettingsError):
        return tuple(replace(each, spec=revision.path_of(each.spec)) for each in settings)


def _moved(revision: Revision, value: object) -> str:
    return str(revision.path_of(Path(str(value)).expanduser()))


def _since(revision: Revision, then: Settings | None, now: Settings) -> Affected:
    if then is None:
        return _all_added(now, f"there was no document of this name at {revision.name}")
    then = _as_volatile(then, now)
    if _is_same(then, now) and (same := _unchanged(revision, now)) is not None:
        return Affected(now, same)
    after = _side(now)
    if _is_same(then, now) and after.slicer is not None and _holds(revision, after.slicer.sources.files(), now):
        return Affected(now, Comparison((), (), (), len(after.plan.endpoints), {}))
    before, note = _side_then(revision, then)
    if before is None:
        return _all_added(now, note, after)
    return Affected(now, compare(before, after))


def _side_then(revision: Revision, settings: Settings) -> tuple[Side | None, str]:
    """Return a document as it was, or None and the reason why there was none."""
    from oas_tasks.slices.loading import load_slicer

    shown = revision.display_name(settings.spec)
    if not revision.fetch(settings.spec):
        return None, f"there was no {shown}"
    try:
        return Side.of(load_slicer(settings, shown, revision.fetch), settings), ""
    except UserError as error:
        return None, f"nothing could be sliced before: {error}"


def _is_same(then: Settings, now: Settings) -> bool:
    """Whether two settings make the same slices of the same document."""
    moved = replace(then, spec=now.spec, output_dir=now.output_dir, cache_dir=now.cache_dir)
    return replace(moved, concurrency=now.concurrency, csv=now.csv, html=now.html) == now


def _unchanged(revision: Revision, settings: Settings) -> Comparison | None:
    """Return an empty comparison if the stored plan shows that nothing changed, else None."""
    if not _is_as_then(revision, settings.spec):
        return None
    run = read_only_run(settings)
    stored = run.store.plan(run.planned.key)
    files = [SourceFile(*each) for each in json.loads(stored.files)] if stored is not None else []
    return Comparison((), (), (), run.total, {}) if files and _holds(revision, files, settings) else None


def _holds(revision: Revision, files: Sequence[SourceFile], settings: Settings) -> bool:
    """Whether a revision has all files of a document with the same content."""
    if not _is_as_then(revision, settings.spec):
        return False
    for file in files:
        there = revision.path_of(Path(file.path))
        if not revision.fetch(there):
            if file.size != -1:
                return False
        elif xxh3_128_hexdigest(read_regular(there)) != file.digest:
            return False
    return True


def _is_as_then(revision: Revision, file: Path) -> bool:
    there = revision.path_of(file)
    try:
        return revision.fetch(there) and read_regular(there) == read_regular(file)
    except OSError:
        return False


def _all_added(settings: Settings, note: str, after: Side | None = None) -> Affected:
    after = _side(settings) if after is None else after
    reasons = {
        endpoint.key: reason for endpoint in after.plan.endpoints if (reason := after.outcome(endpoint.key).reason)
    }
    return Affected(settings, Comparison(after.plan.endpoints, (), (), 0, reasons), note)


def _all_removed(settings: Settings, before: Side) -> Affected:
    return Affected(settings, Comparison((), before.plan.endpoints, (), 0, {}), "the document is no longer configured")
