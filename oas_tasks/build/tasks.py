"""The doit tasks: `slice`, one per endpoint, `prune` and `index`; and the configuration that suits them.

A repository's dodo.py imports `task_slice`, `task_prune`, `task_index` and `DOIT_CONFIG`. Nothing is raised while tasks
are generated: a document or a setting that is wrong gives one task that says so when it is run, so that a repository's
other tasks are not held up.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from doit import doit_cmd, get_var
from doit.exceptions import TaskError

from oas_tasks.build.index import FILE_NAME
from oas_tasks.build.index_stamp import index_is_current
from oas_tasks.build.index_task import write_index
from oas_tasks.build.ownership import RemoveSlice
from oas_tasks.build.plan_cache import dependencies_of
from oas_tasks.build.prune import leftovers, prune
from oas_tasks.build.request import forgotten_of_whole_run
from oas_tasks.build.run import Run, abandon, check_not_empty, start_run
from oas_tasks.build.runner import use_runners
from oas_tasks.build.slice_task import build_slice
from oas_tasks.build.targets import check_targets
from oas_tasks.build.task_names import sub_task_name
from oas_tasks.config import SETTINGS, Settings, check_spelling, load_settings
from oas_tasks.errors import UserError
from oas_tasks.garbage import made_to_stay
from oas_tasks.printable import printable
from oas_tasks.slicing.plan import Endpoint

TaskDict = dict[str, object]

#: Actions print nothing, and doit's own capturing of output is wrong with threads.
_QUIET: dict[str, object] = {"io": {"capture": False}, "verbosity": 0}


class SliceUpToDate:
    """Whether a slice is up to date: its fingerprint is unchanged and its file is the one that was written.

    Also takes the task's values, which doit hands to `value_savers` in the main process, whatever the reporter.
    """

    # doit looks at the signature of every callable it is given, which costs more than the check itself.
    __signature__ = inspect.Signature(
        [
            inspect.Parameter("task", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            inspect.Parameter("values", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        ]
    )

    def __init__(self, run: Run, endpoint: Endpoint) -> None:
        self.run = run
        self.endpoint = endpoint

    def configure_task(self, task: object) -> None:
        """Called by doit when it makes the task."""
        self.task = task
        task.value_savers.append(self._save)  # type: ignore[attr-defined]

    def __call__(self, task: object, values: Mapping[str, object]) -> bool:
        """Return the verdict; `values` are those of the last run, none after `doit forget`."""
        if self.run.is_fault(self.endpoint) and self.task.meta.get("alone"):  # type: ignore[attr-defined]
            return False  # nobody else would tell of it
        return values.get("fingerprint") == self.endpoint.fingerprint and self.run.is_current(self.endpoint)

    def _save(self) -> dict[str, object]:
        self.run.finished(self.endpoint, self.task.values)  # type: ignore[attr-defined]
        return {}

    def __repr__(self) -> str:
        return f"the fingerprint {self.endpoint.fingerprint}, or the file that was written for it"


class IndexUpToDate:
    """Whether no row of the index changed, nothing failed and the file is the one that was written."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __call__(self) -> bool:
        """Return the verdict, once all slices had their turn; the index task reads the records, so save them."""
        self.run.save()
        is_current = not self.run.failed() and index_is_current(self.run)
        if is_current:
            self.run.note_whole()
            self.run.come_to_end()
        return is_current

    def __repr__(self) -> str:
        return f"the rows of {FILE_NAME}, or the file itself"


class Meta(dict[str, object]):
    """A slice task's `meta`: whether it runs without the index, and for `doit info` what it depends on.

    The dependencies are looked up only when they are shown.
    """

    def __init__(self, run: Run, number: int) -> None:
        super().__init__(alone=False)
        self.run = run
        self.number = number

    def __repr__(self) -> str:
        run = self.run
        parts = dependencies_of(run.store, run.planned.key, self.number)
        lines = [
            "",
            printable(f" - {run.settings.spec}") + f" (xxh3-128 {run.planned.digest})",
            f" - fingerprint {run.plan.endpoints[self.number].fingerprint} over its operation and",
            *(printable(f" - #/{part}") for part in parts),
        ]
        return "\n".join(lines)

    def __reduce__(self) -> tuple[type[dict[str, object]], tuple[dict[str, object]]]:
        return (dict, (dict(self),))  # workers show nothing, and the run stays where it is


def slice_tasks(run: Run, forgotten: frozenset[str] | None) -> Iterator[TaskDict]:
    """Yield the tasks of a run's endpoints.

    forgotten: only endpoints that are stale are wanted, and those whose tasks' names are in it; None for all.
    """
    settings = run.settings
    digest = run.planned.digest
    if forgotten is not None and not forgotten and not run.stale:
        return
    for number, endpoint in enumerate(run.plan.endpoints):
        name = sub_task_name(settings, endpoint.method, endpoint.path)
        if forgotten is not None and run.is_current(endpoint) and f"slice:{name}" not in forgotten:
            continue
        file = settings.output_dir / endpoint.file
        yield {
            "name": name,
            "doc": printable(endpoint.cells.summary) or None,
            "actions": [
                (build_slice, [settings, digest, endpoint.path, endpoint.method, endpoint.file in run.own_files])
            ],
            # A known fault has no file, which doit would take for a reason to run.
            "targets": [] if run.is_fault(endpoint) else [str(file)],
            "uptodate": [SliceUpToDate(run, endpoint)],
            "clean": [RemoveSlice(settings, endpoint.path, endpoint.method, endpoint.file)],
            "meta": Meta(run, number),
            **_QUIET,
        }


def prune_task(run: Run) -> TaskDict:
    """Return the task that removes slices of endpoints that are gone."""
    files, gone = leftovers(run)
    return {
        "doc": "Removes slices of endpoints that are gone.",
        "actions": [(prune, [run.settings, files, gone])],
        "uptodate": [not files and not gone],
        **_QUIET,
    }


def index_task(run: Run, after: list[str]) -> TaskDict:
    """Return the final task, which follows the tasks named in `after`."""
    file = run.settings.output_dir / FILE_NAME
    return {
        "doc": f"Regenerates {FILE_NAME}.",
        "actions": [(write_index, [run.settings, run.planned.digest])],
        "targets": [str(file)] if run.settings.csv else [],
        "uptodate": [IndexUpToDate(run)],
        "task_dep": after,
        "clean": True,
        **_QUIET,
    }


def fault_task(error: UserError) -> TaskDict:
    """Return a task in the place of those that cannot be made; running it says why."""
    return {"actions": [(_fault, [str(error)])], "doc": str(error), **_QUIET}


def _fault(sentence: str) -> TaskError:
    return TaskError(sentence)


class Builds:
    """The task generators over a set of settings.

    load: returns the settings of every document; called once, when the first generator is.
    """

    def __init__(self, load: Callable[[], tuple[Settings, ...]]) -> None:
        self._load = load

    @functools.cached_property
    def runs(self) -> list[Run]:
        """The runs, one for each document. Raises UserError."""
        found = [start_run(settings) for settings in self._load()]
        try:
            check_not_empty(found)
            for run in found:
                check_targets(run)
        except UserError:
            abandon(found)
            raise
        return found

    @functools.cached_property
    def _runs(self) -> list[Run] | UserError:
        try:
            return self.runs
        except UserError as error:
            return error

    def slices(self) -> Iterator[TaskDict] | TaskDict:
        """Return the slice tasks."""
        runs = self._runs
        if isinstance(runs, UserError):
            return fault_task(runs)
        use_runners()
        return self._slices(runs, forgotten_of_whole_run(self.namespace()))

    def _slices(self, runs: list[Run], forgotten: frozenset[str] | None) -> Iterator[TaskDict]:
        with made_to_stay():  # doit makes its tasks between two steps of this
            for run in runs:
                yield from slice_tasks(run, forgotten)

    def prunes(self) -> Iterator[TaskDict] | TaskDict:
        """Return the prune task, one per document where there are several."""
        return self._of_each(lambda run, name: prune_task(run))

    def indexes(self) -> Iterator[TaskDict] | TaskDict:
        """Return the index task, one per document where there are several."""
        return self._of_each(lambda run, name: index_task(run, ["slice", f"prune{name}"]))

    def _of_each(self, make: Callable[[Run, str], TaskDict]) -> Iterator[TaskDict] | TaskDict:
        runs = self._runs
        if isinstance(runs, UserError):
            return {"actions": [], "task_dep": ["slice"], "uptodate": [False]}
        if len(runs) == 1 and not runs[0].settings.name:
            return make(runs[0], "")
        return ({"name": run.settings.name, **make(run, f":{run.settings.name}")} for run in runs)

    def namespace(self) -> dict[str, Callable[[], Iterator[TaskDict] | TaskDict]]:
        """Return the generators under the names that doit looks for."""

        def task_slice() -> Iterator[TaskDict] | TaskDict:
            """Write one slice per endpoint."""
            return self.slices()

        def task_prune() -> Iterator[TaskDict] | TaskDict:
            """Remove slices of endpoints that are gone."""
            return self.prunes()

        def task_index() -> Iterator[TaskDict] | TaskDict:
            """Regenerate index.csv."""
            return self.indexes()

        return {"task_slice": task_slice, "task_prune": task_prune, "task_index": task_index}


def _settings_of_repository() -> tuple[Settings, ...]:
    """Read the settings from the current folder's pyproject.toml and from doit's variables."""
    # doit tells what a variable is, and nobody which there are; one that is misspelt would silently do nothing.
    check_spelling(getattr(doit_cmd, "_CMDLINE_VARS", None) or ())
    variables = {name: get_var(name) for name in SETTINGS}
    return load_settings(Path.cwd(), {name: value for name, value in variables.items() if value is not None})


_repository = Builds(_settings_of_repository)


def task_slice() -> Iterator[TaskDict] | TaskDict:
    """Write one slice per endpoint."""
    return _repository.slices()


def task_prune() -> Iterator[TaskDict] | TaskDict:
    """Remove slices of endpoints that are gone."""
    return _repository.prunes()


def task_index() -> Iterator[TaskDict] | TaskDict:
    """Regenerate index.csv."""
    return _repository.indexes()
