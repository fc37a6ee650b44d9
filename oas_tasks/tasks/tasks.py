"""Generates the doit tasks: `slice`, one per endpoint, `prune` and `index`.

A repository's dodo.py imports `task_slice`, `task_prune`, `task_index` and `DOIT_CONFIG`. The generators raise no
errors: for an invalid document or setting they make one task that fails with the reason, so that the repository's other
tasks can run.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from doit import doit_cmd, get_var
from doit.exceptions import TaskError

from oas_tasks.errors import UserError
from oas_tasks.plan.plan import Endpoint
from oas_tasks.printable import printable
from oas_tasks.processes import made_to_stay
from oas_tasks.settings import SETTINGS, Settings, check_spelling, load_settings
from oas_tasks.state.index_csv import FILE_NAME
from oas_tasks.state.output_folder import RemoveSlice
from oas_tasks.state.plans import Announce, unannounced
from oas_tasks.state.run import Run
from oas_tasks.state.runs import abandon, start_run
from oas_tasks.state.store import REPORT_NAME
from oas_tasks.tasks.index_task import write_index
from oas_tasks.tasks.names import index_task_name, sub_task_name
from oas_tasks.tasks.prune_task import leftovers, prune
from oas_tasks.tasks.request import OwnMeta, Request, SliceMeta, TaskGenerators
from oas_tasks.tasks.run_command import take_over
from oas_tasks.tasks.slice_task import build_slice

TaskDict = dict[str, object]

#: Actions print nothing, and doit's capturing of output mixes up threads.
_QUIET: dict[str, object] = {"io": {"capture": False}, "verbosity": 0}


class SliceUpToDate:
    """Tells doit whether a slice is up to date: its fingerprint is unchanged and its file is as it was written.

    It also hands the task's values to the run: doit calls `value_savers` in the main process, under any reporter.
    """

    # Without it doit would inspect the signature of each instance, which takes longer than the check itself.
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
        """Take the task. Called by doit when it makes the task."""
        self.task = task
        task.value_savers.append(self._save)  # type: ignore[attr-defined]

    def __call__(self, task: object, values: Mapping[str, object]) -> bool:
        """Return whether the slice is up to date; `values` are those of the last run, none after `doit forget`."""
        if self.run.checker.is_known_failure(self.endpoint) and self.task.meta.get("alone"):  # type: ignore[attr-defined]
            return False  # the task has to fail again, since nothing else reports the fault
        return values.get("fingerprint") == self.endpoint.fingerprint and self.run.checker.is_up_to_date(self.endpoint)

    def _save(self) -> dict[str, object]:
        self.run.finished(self.endpoint, self.task.values)  # type: ignore[attr-defined]
        return {}

    def __repr__(self) -> str:
        return f"the fingerprint {self.endpoint.fingerprint}, or the file that was written for it"


class IndexUpToDate:
    """Tells doit whether the index is up to date: no row changed, nothing failed, and the file is as it was written."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __call__(self) -> bool:
        """Return whether it is up to date. Called by doit after all slice tasks; saves records for the index task."""
        self.run.records.save()
        run = self.run
        is_current = not run.failures() and run.is_index_up_to_date() and run.is_report_up_to_date()
        if is_current:
            self.run.complete()
        return is_current

    def __repr__(self) -> str:
        return f"the rows of {FILE_NAME}, or the file itself"


def slice_tasks(run: Run, request: Request) -> Iterator[TaskDict]:
    """Yield the tasks of a run's endpoints, or of the stale ones only if no others are wanted."""
    settings = run.settings
    # An ignored index task does not report known faults, so that their tasks have to run.
    only_stale = request.only_stale and not request.is_ignored(index_task_name(settings))
    if only_stale and not request.forgotten and not run.checker.stale:
        return
    endpoints = run.plan.endpoints
    digest = run.planned.digest
    for number, endpoint in enumerate(endpoints):
        is_skipped = only_stale and run.checker.is_up_to_date(endpoint)
        if is_skipped and not request.forgotten:
            continue
        name = sub_task_name(settings, endpoint.key)
        if is_skipped and f"slice:{name}" not in request.forgotten:
            continue
        file = settings.output_dir / endpoint.file
        yield {
            "name": name,
            "doc": printable(endpoint.cells.summary) or None,
            "actions": [(build_slice, [settings, digest, endpoint.key, endpoint.file in run.own_files, run.processes])],
            "targets": [str(file)],
            "uptodate": [SliceUpToDate(run, endpoint)],
            "clean": [RemoveSlice(settings, endpoint.key, endpoint.file)],
            "meta": SliceMeta(run, number),
            **_QUIET,
        }


def prune_task(run: Run) -> TaskDict:
    """Return the task that removes slices of endpoints that are gone."""
    files, gone = leftovers(run)
    return {
        "doc": "Removes slices of endpoints that are gone.",
        "actions": [(prune, [run.settings, list(files), gone])],
        "uptodate": [not files and not gone],
        "meta": OwnMeta(run),
        **_QUIET,
    }


def index_task(run: Run) -> TaskDict:
    """Return the task that writes the index, after all others of its document."""
    name = run.settings.name
    after = [f"slice:{name}:*", f"prune:{name}"] if name else ["slice", "prune"]
    settings = run.settings
    names = [FILE_NAME] * settings.csv + [REPORT_NAME] * settings.html
    return {
        "doc": f"Regenerates {' and '.join(names) or FILE_NAME}.",
        "actions": [(write_index, [settings, run.planned.digest])],
        "targets": [str(settings.output_dir / each) for each in names],
        "uptodate": [IndexUpToDate(run)],
        "task_dep": after,
        "clean": True,
        "meta": OwnMeta(run),
        **_QUIET,
    }


def fault_task(error: UserError) -> TaskDict:
    """Return a task that fails with an error, in place of tasks that cannot be generated."""
    return {"actions": [(_fault, [str(error)])], "doc": str(error), **_QUIET}


def _fault(sentence: str) -> TaskError:
    return TaskError(sentence)


class Builds(TaskGenerators):
    """The task generators for a set of documents, as methods that doit calls."""

    def __init__(
        self,
        load: Callable[[], tuple[Settings, ...]],
        processes: int = 1,
        until_exit: bool = True,
        announce: Announce = unannounced,
    ) -> None:
        """Take a function that returns the settings of every document; it is called by the first generator.

        processes: how many processes may work at the same time, unless doit says how many.
        until_exit: as in `start_run`.
        announce: told what is done before there are tasks, where there is no request.
        """
        self._load = load
        self._announce = announce
        self._processes = processes
        self._until_exit = until_exit

    @functools.cached_property
    def runs(self) -> list[Run]:
        """The runs, one for each document. Raises UserError."""
        if self.request is None:
            return self._begun(self._announce)
        try:
            return self._begun(self.request.announce)
        finally:
            self.request.make_room()  # other generators may write something

    def _begun(self, announce: Announce) -> list[Run]:
        processes = self._processes if self.request is None else self.request.processes
        found = [start_run(settings, processes, self._until_exit, announce) for settings in self._load()]
        try:
            if not any(run.total for run in found):
                from oas_tasks.state.no_endpoints import no_endpoints

                raise no_endpoints(found)
            for run in found:
                if run.clean_output is None:  # otherwise nothing will be written
                    from oas_tasks.state.target_conflicts import check_targets

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

    @property
    def fault(self) -> UserError | None:
        """The reason why there are no tasks, None where there are some."""
        return self._runs if isinstance(self._runs, UserError) else None

    def task_slice(self) -> Iterator[TaskDict] | TaskDict:
        """Write one slice per endpoint."""
        runs = self._runs
        if isinstance(runs, UserError):
            return fault_task(runs)
        if self.request is None:
            take_over()
        return self._slices(runs, self.request or Request())

    def _slices(self, runs: list[Run], request: Request) -> Iterator[TaskDict]:
        with made_to_stay():  # doit makes its task objects between the steps of this generator
            for run in runs:
                yield from slice_tasks(run, request)

    def task_prune(self) -> Iterator[TaskDict] | TaskDict:
        """Remove slices of endpoints that are gone."""
        return self._of_each(lambda run: prune_task(run))

    def task_index(self) -> Iterator[TaskDict] | TaskDict:
        """Regenerate index.csv."""
        return self._of_each(lambda run: index_task(run))

    def _of_each(self, make: Callable[[Run], TaskDict]) -> Iterator[TaskDict] | TaskDict:
        runs = self._runs
        if isinstance(runs, UserError):
            return {"actions": [], "task_dep": ["slice"], "uptodate": [False]}
        if len(runs) == 1 and not runs[0].settings.name:
            return make(runs[0])
        return ({"name": run.settings.name, **make(run)} for run in runs)

    def namespace(self) -> dict[str, Callable[[], object]]:
        """Return the generators under the names that doit looks for."""
        return {"task_slice": self.task_slice, "task_prune": self.task_prune, "task_index": self.task_index}


def _settings_of_repository() -> tuple[Settings, ...]:
    """Read the settings from the current folder's pyproject.toml and from doit's variables."""
    # `get_var` finds a variable by name, so that a misspelt one would silently have no effect.
    check_spelling(getattr(doit_cmd, "_CMDLINE_VARS", None) or ())
    variables = {name: get_var(name) for name in SETTINGS}
    return load_settings(Path.cwd(), {name: value for name, value in variables.items() if value is not None})


_repository = Builds(_settings_of_repository)
task_slice = _repository.task_slice
task_prune = _repository.task_prune
task_index = _repository.task_index
