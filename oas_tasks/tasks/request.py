"""Decides what a run is for, from what doit was asked to do. This happens in two steps, and only here.

Before tasks are made: whether only stale endpoints need tasks. doit makes all tasks before it selects some, and making
a task takes far longer than checking that its endpoint is up to date.

After doit has selected tasks: which endpoints a run is for, and whether their own tasks or the index task fail for
their faults. A reporter only shows what happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from doit.task import Task

from oas_tasks.errors import UserError
from oas_tasks.plan.plan import Endpoint
from oas_tasks.printable import printable
from oas_tasks.state.output_folder import make_folder
from oas_tasks.state.plans import Announce, unannounced
from oas_tasks.state.run import Run
from oas_tasks.state.runs import expect_slices
from oas_tasks.tasks.names import index_task_name, is_slice_task

if TYPE_CHECKING:
    from oas_tasks.document.place import EndpointKey
    from oas_tasks.tasks.doit_backend import Backend


class Request(NamedTuple):
    """What the command that runs tasks asks of the task generators.

    only_stale: tasks of endpoints that are up to date need not be made.
    forgotten: the tasks that `doit forget` named, which have to be made all the same.
    is_ignored: whether `doit ignore` named a task.
    processes: how many processes may work at the same time.
    announce: told what is done before there are tasks.
    make_room: called before others may write to the terminal.
    """

    only_stale: bool = False
    forgotten: frozenset[str] = frozenset()
    is_ignored: Callable[[str], bool] = lambda name: False
    processes: int = 1
    announce: Announce = unannounced
    make_room: Callable[[], object] = lambda: None

    @classmethod
    def for_all(cls, states: Backend, processes: int) -> Request:
        """Return the request for whatever is stale, given the state of doit's tasks."""
        return cls(True, states.forgotten(), lambda name: bool(states.get(name, "ignore:")), processes)


class TaskGenerators:
    """Task generators that take doit's request into account.

    request: set by our `run` command before it calls them; None under any other command.
    """

    request: Request | None = None

    @property
    def fault(self) -> UserError | None:
        """The reason why there are no tasks, None where there are some."""
        raise NotImplementedError

    def namespace(self) -> dict[str, Callable[[], object]]:
        """Return the generators under the names that doit looks for."""
        raise NotImplementedError


class OwnMeta(dict[str, object]):
    """The `meta` of a task of ours, with its run.

    It is pickled as a plain dictionary, since the run stays in the main process.
    """

    def __init__(self, run: Run, **values: object) -> None:
        super().__init__(values)
        self.run = run

    def __reduce__(self) -> tuple[type[dict[str, object]], tuple[dict[str, object]]]:
        return (dict, (dict(self),))


class SliceMeta(OwnMeta):
    """The `meta` of a slice task; `doit info` shows with it what the slice depends on.

    alone: this task has to fail for a fault of its endpoint, since no index task follows that would. It is true
        until `decide` knows better, so that no failure passes for a success.
    """

    def __init__(self, run: Run, number: int) -> None:
        super().__init__(run, alone=True)
        self.number = number

    @property
    def endpoint(self) -> Endpoint:
        """The slice's endpoint."""
        return self.run.plan.endpoints[self.number]

    def __repr__(self) -> str:
        run = self.run
        lines = [
            "",
            printable(f" - {run.settings.spec}") + f" (xxh3-128 {run.planned.digest})",
            f" - fingerprint {self.endpoint.fingerprint} over its operation and",
            *(printable(f" - #/{part}") for part in run.dependencies_of(self.number)),
        ]
        return "\n".join(lines)


def runs_of(tasks: Iterable[Task]) -> list[Run]:
    """Return the runs that tasks belong to, in the order of the specs."""
    return list({id(task.meta.run): task.meta.run for task in tasks if isinstance(task.meta, OwnMeta)}.values())


def decide(tasks: Mapping[str, Task], selected: Iterable[str], is_ignored: Callable[[Task], bool]) -> list[Run]:
    """Decide what each run is for, after doit has selected tasks and before it starts any; return the runs.

    tasks: all tasks by name.
    is_ignored: whether `doit ignore` named a task.

    Raises UserError where an output folder is needed and cannot be made.
    """
    names = set(with_dependencies(tasks, selected))
    slices = [task.meta for name, task in tasks.items() if name in names and isinstance(task.meta, SliceMeta)]
    runs = runs_of(tasks.values())
    for run in runs:
        index = tasks.get(index_task_name(run.settings))
        with_index = index is not None and index.name in names and not is_ignored(index)
        keys = frozenset(meta.endpoint.key for meta in slices if meta.run is run)
        asked = None if with_index else keys
        if run.checker.stale and (asked is None or asked):
            make_folder(run.settings.output_dir)
        run.begin(asked, with_index)
        expect_slices(run, keys)
        if asked is None and 2 * len(run.checker.stale) > run.total and run.records.by_key:
            from oas_tasks.state.common_cause import common_cause  # reads stored documents, which few runs need

            run.common_cause = common_cause(run)
    for meta in slices:
        meta["alone"] = not meta.run.index_wanted
    for name in names:
        task = tasks[name]
        meta = task.meta
        if isinstance(meta, SliceMeta) and not meta["alone"] and meta.run.checker.is_known_failure(meta.endpoint):
            task.targets = []  # doit would run it again for want of a file
    return runs


def will_run_with(states: Any, always: bool) -> Callable[[Task], bool]:
    """Return a function that foretells whether doit is going to run a slice task.

    states: doit's, which it may have forgotten although the slice is up to date.
    always: it runs all tasks.
    """
    return lambda task: always or not task.uptodate[0][0](task, states.get_values(task.name))


def with_dependencies(tasks: Mapping[str, Task], names: Iterable[str]) -> Iterator[str]:
    """Yield the names of tasks and of all tasks that may run before them."""
    seen: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in seen and name in tasks:
            seen.add(name)
            task = tasks[name]
            pending += [*task.task_dep, *task.setup_tasks, *task.calc_dep]
            yield name


def failed_slices(tasks: Mapping[str, Task], task: Task) -> list[str]:
    """Return the slice tasks that a task of the repository depends on and whose slices do not exist.

    If the index task reports the faults, those slice tasks have not failed themselves.
    """
    metas = ((name, tasks[name].meta) for name in task.task_dep if is_slice_task(name) and name in tasks)
    return [name for name, meta in metas if isinstance(meta, SliceMeta) and meta.run.has_no_slice(meta.endpoint)]


def unreported_failures(runs: Iterable[Run], is_reported: Callable[[Run, EndpointKey], bool]) -> Iterator[str]:
    """Yield the messages about failed endpoints that have not been reported.

    is_reported: whether a reporter has shown why an endpoint failed.
    """
    from oas_tasks.state.fault_list import failure_message  # needed only where there are faults

    for run in runs:
        failures = [each for each in run.failures() if not is_reported(run, each.endpoint.key)]
        if failures:
            yield failure_message(failures, run.total if run.asked is None else len(run.asked), run.settings)
