"""What doit was asked for: known to its `run` command, decided here, in two steps and nowhere else.

When tasks are made: whether all that is stale, and nothing else, is wanted. doit makes all tasks before it looks which
are wanted, and a task costs far more than finding out that its endpoint is up to date.

When tasks are selected: which endpoints a run is for, and who tells of those that fail. A reporter only shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from doit.task import Task

from oas_tasks.errors import UserError
from oas_tasks.plan.plan import Endpoint
from oas_tasks.printable import printable
from oas_tasks.state.run import Run
from oas_tasks.tasks.index_task import failure_message
from oas_tasks.tasks.names import index_task_name, is_slice_task

if TYPE_CHECKING:
    from oas_tasks.state.run import Key


class Request(NamedTuple):
    """What task generators have to know of the command that they make tasks for.

    only_stale: tasks of endpoints that are up to date need not be made.
    forgotten: the names of the tasks that doit was made to forget, which are wanted all the same.
    is_ignored: whether doit was made to ignore the task of a name.
    processes: how many may be at work on one thing.
    """

    only_stale: bool = False
    forgotten: frozenset[str] = frozenset()
    is_ignored: Callable[[str], bool] = lambda name: False
    processes: int = 1


class Asked:
    """Whoever has task generators that want to know what doit was asked for.

    request: said by doit's command before it calls them; None where it says nothing.
    """

    request: Request | None = None

    @property
    def fault(self) -> UserError | None:
        """Why there are no tasks, None where there are."""
        raise NotImplementedError

    def namespace(self) -> dict[str, Callable[[], object]]:
        """Return the generators under the names that doit looks for."""
        raise NotImplementedError


class OwnMeta(dict[str, object]):
    """The `meta` of a task that is one of ours: whose it is.

    In other processes it is a plain dictionary: the run stays where it is.
    """

    def __init__(self, run: Run, **values: object) -> None:
        super().__init__(values)
        self.run = run

    def __reduce__(self) -> tuple[type[dict[str, object]], tuple[dict[str, object]]]:
        return (dict, (dict(self),))


class SliceMeta(OwnMeta):
    """The `meta` of a slice's task, and for `doit info` what it depends on, which is looked up only when it is shown.

    alone: no index task follows that would fail for a fault of this endpoint, so that this task has to. It is so
        unless somebody knows better: nothing may pass for a success that is none.
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
    """Settle what a run is for, once doit has selected tasks and before it starts any; return the runs that it is for.

    tasks: all that there are, by name.
    is_ignored: whether doit was made to ignore a task.
    """
    names = set(with_dependencies(tasks, selected))
    slices = [task.meta for name, task in tasks.items() if name in names and isinstance(task.meta, SliceMeta)]
    runs = runs_of(tasks.values())
    for run in runs:
        index = tasks.get(index_task_name(run.settings))
        with_index = index is not None and index.name in names and not is_ignored(index)
        asked = None
        if not with_index:
            asked = frozenset((meta.endpoint.path, meta.endpoint.method) for meta in slices if meta.run is run)
        run.begin(asked, with_index)
        if asked is None and 2 * len(run.stale) > run.total and run.records:
            from oas_tasks.state.stale_causes import common_cause  # with all that is stored, which few runs need

            run.common_cause = common_cause(run)
    for meta in slices:
        meta["alone"] = not meta.run.index_wanted
    for name in names:
        task = tasks[name]
        meta = task.meta
        if isinstance(meta, SliceMeta) and not meta["alone"] and meta.run.is_fault(meta.endpoint):
            task.targets = []  # there is no file, which doit would take for a reason to do it again
    return runs


def with_dependencies(tasks: Mapping[str, Task], names: Iterable[str]) -> Iterator[str]:
    """Yield the names of tasks, and of all that may be done before them."""
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
    """Return the tasks that a task of the repository's own names among what it needs, and whose slices are not there.

    Where the index tells of faults, those tasks have not failed.
    """
    metas = ((name, tasks[name].meta) for name in task.task_dep if is_slice_task(name) and name in tasks)
    return [name for name, meta in metas if isinstance(meta, SliceMeta) and meta.run.has_no_slice(meta.endpoint)]


def untold(runs: Iterable[Run], told: Callable[[Run, Key], bool]) -> Iterator[str]:
    """Yield what has to be said of endpoints that failed.

    told: whether somebody has said it already.
    """
    for run in runs:
        failures = [each for each in run.failures() if not told(run, (each[0].path, each[0].method))]
        if failures:
            yield failure_message(failures, run.total if run.asked is None else len(run.asked), run.settings)
