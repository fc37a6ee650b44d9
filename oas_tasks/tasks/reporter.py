"""Reports a run: live progress, and at the end what was made, unchanged, removed and failed.

It serves doit and `slice-oas` alike, and writes plain lines, since most end up in a log. `slice-oas` shows a progress
bar on a terminal (`commands/slice.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from doit.exceptions import BaseFail, TaskFailed, UnmetDependency
from doit.reporter import ConsoleReporter
from doit.task import Task

from oas_tasks.plan.plan import Endpoint
from oas_tasks.printable import printable_lines
from oas_tasks.slices.diagnostic import Diagnostic, decoded
from oas_tasks.state.fault_list import FaultyEndpoint, earlier_warning_lines, failure_lines, warning_lines
from oas_tasks.state.index_csv import FAIL, FILE_NAME
from oas_tasks.state.run import Run
from oas_tasks.state.store import Record
from oas_tasks.tasks.names import is_own_task, is_slice_task
from oas_tasks.tasks.output import Output, SafeStream
from oas_tasks.tasks.request import SliceMeta, runs_of, with_dependencies

#: The most warnings of conversions that the summary lists.
_NAMED = 20


class Progress(Protocol):
    """A display of live progress."""

    def show(self, done: int, total: int, endpoint: str) -> None:
        """Show that `done` of `total` endpoints are finished, the last of them `GET /users`, say."""

    def clear(self) -> None:
        """Make room for other lines."""


class ProgressLines:
    """Live progress as lines, at most one for every whole percent: `Extracting endpoint 45/100 (45%)`."""

    def __init__(self, stream: Output) -> None:
        self._stream = stream
        self._percent = -1

    def show(self, done: int, total: int, endpoint: str) -> None:
        """Show that `done` of `total` endpoints are finished, the last of them `GET /users`, say."""
        percent = 100 * done // max(total, 1)
        if percent != self._percent or done == total:
            self._percent = percent
            self._stream.write(f"Extracting endpoint {done:,}/{total:,} ({percent}%)\n")
            self._stream.flush()

    def clear(self) -> None:
        """Make room for other lines."""


class Reporter(ConsoleReporter):  # type: ignore[misc]
    """doit's reporter for builds of slices; it reports other tasks of the same dodo.py like doit's own.

    It decides nothing: a build is the same under every reporter.

    faults: what other tasks of ours than slices failed for.
    aborted: the reasons why the run ended early.
    reports_abort: write these reasons; not if the caller does.
    """

    desc = "progress and summary of oas-tasks"

    def __init__(self, outstream: Output | None, options: Mapping[str, object]) -> None:
        unhindered = SafeStream(outstream)
        super().__init__(unhindered, options)
        self.progress: Progress = ProgressLines(unhindered)
        self.runtime_errors: list[str] = []
        self.faults: list[str] = []
        self.aborted: tuple[str, ...] = ()
        self.reports_abort = True
        self._started = time.monotonic()
        self._total = 0
        self._done = 0
        self._removed = 0
        self._runs: list[Run] = []
        self._slices: dict[str, SliceMeta] = {}

    def initialize(self, tasks: Mapping[str, Task], selected_tasks: Sequence[str]) -> None:
        """Count the stale slices. Called after tasks are selected and before any is started."""
        self._runs = runs_of(tasks.values())
        metas = {name: tasks[name].meta for name in with_dependencies(tasks, selected_tasks)}
        self._slices = {name: meta for name, meta in metas.items() if isinstance(meta, SliceMeta)}
        self._total = sum(not meta.run.checker.is_up_to_date(meta.endpoint) for meta in self._slices.values())

    def execute_task(self, task: Task) -> None:
        """Report a task that starts. Called by doit."""
        if not is_own_task(task.name):
            super().execute_task(task)

    def skip_uptodate(self, task: Task) -> None:
        """Report a task that is up to date. Called by doit."""
        if not is_own_task(task.name):
            super().skip_uptodate(task)

    def add_success(self, task: Task) -> None:
        """Report a task that succeeded. Called by doit."""
        if is_slice_task(task.name):
            self._finished(task)
        elif is_own_task(task.name):
            self._removed += int(task.values.get("removed", 0))

    def add_failure(self, task: Task, fail: BaseFail) -> None:
        """Report a task that failed, unless the summary will. Called by doit."""
        if not is_own_task(task.name):
            super().add_failure(task, fail)
            return
        if is_slice_task(task.name):
            self._finished(task)
        self.progress.clear()
        is_index = task.name.partition(":")[0] == "index"
        if is_index and (isinstance(fail, UnmetDependency) or any(run.failures() for run in self._runs)):
            return
        if isinstance(fail, TaskFailed) and isinstance(task.meta, SliceMeta):
            return
        if not isinstance(fail, UnmetDependency):
            self.faults.append(fail.message.rstrip())
            self.write(printable_lines(fail.message.rstrip().splitlines()))

    def _finished(self, task: Task) -> None:
        self._done += 1
        self._total = max(self._total, self._done)
        meta = self._slices.get(task.name)  # the task itself has another one when it comes from another process
        self.progress.show(self._done, self._total, task.name if meta is None else meta.endpoint.label)

    def complete_run(self) -> None:
        """Write the summary. Called by doit at the end of the run."""
        self.progress.clear()
        self.aborted, self.runtime_errors = tuple(self.runtime_errors), []
        super().complete_run()
        self.write(summary(self._runs, self._removed, time.monotonic() - self._started))
        for sentence in self.aborted if self.reports_abort else ():
            self.write(printable_lines([f"Stopped: {sentence.rstrip()}"]))


def summary(runs: Iterable[Run], removed: int, seconds: float) -> str:
    """Return the lines at the end of a build: counts, pass rate, time, where the slices are, what failed.

    They cover the endpoints that were asked for, which may be just one.
    """
    lines: list[str] = []
    for run in runs:
        total = run.asked_total
        if total or run.asked is None:
            lines += _summary_of(run, total, removed, seconds)
    return printable_lines(lines)


def _summary_of(run: Run, total: int, removed: int, seconds: float) -> Iterator[str]:
    """Yield the lines about one run, which was for so many endpoints in total."""
    rows = [] if run.clean_output is not None else [(e, r) for e, r in run.rows() if run.is_asked_for(e)]
    failed, warned = run.failures(), run.warned()
    sliced = sum(record.status != FAIL for _, record in rows) if run.clean_output is None else total
    tried = sliced + len(failed)
    name = f"{run.settings.name}: " if run.settings.name else ""
    counts = f"{name}{run.made:,} made, {sliced - run.made:,} unchanged, {removed:,} removed, {len(failed):,} failed"
    if warned:
        counts += f", {warned:,} warned"
    if tried < total:
        counts += f", {total - tried:,} not tried"
    rate = f"{100 * sliced / total:.1f}% passed" if total else "nothing to slice"
    yield f"{counts}; {rate} ({seconds:.1f} s)"
    where = f"Slices are in {run.settings.output_dir}"
    yield where + (f", their index is {run.settings.output_dir / FILE_NAME}" if run.settings.csv else "")
    cause = run.common_cause
    if cause is not None and 2 * run.made > total:
        yield cause.sentence(run.made)
    if run.asked is None:
        yield from (f"Note: {notice}" for notice in run.notices)
    yield from _failed(run, failed)
    warned_now = run.warned_now()
    if warned_now:
        yield from warning_lines(warned_now, run.settings, _fault_places(run))
    yield from earlier_warning_lines(warned - len(warned_now), run.settings)
    yield from _losses(run, rows)


def _failed(run: Run, failed: Sequence[FaultyEndpoint]) -> Iterator[str]:
    """Yield the lines about failed endpoints."""
    if not failed:
        return
    yield from failure_lines(failed, run.settings)
    if run.refused:
        yield "Correct the document and run it again."
    elif all(each.is_of_document for each in failed):
        yield "Correct the document and run the build again: only these endpoints are sliced again."
    else:
        yield "The next run tries them again."


def _losses(run: Run, rows: Iterable[tuple[Endpoint, Record]]) -> Iterator[str]:
    """Yield the lines about warnings of conversions, each with the endpoints that have it."""
    found: dict[tuple[str, str], tuple[Diagnostic, list[str]]] = {}
    for endpoint, record in rows:
        for loss in decoded(record.warnings):
            found.setdefault((loss.place, loss.message), (loss, []))[1].append(endpoint.label)
    if not found:
        return
    yield "Warnings:"
    located = _fault_places(run)
    listed = list(found.values())
    yield from (f"  {_first_of(names)}: {located(loss)}" for loss, names in listed[:_NAMED])
    if len(listed) > _NAMED:
        yield f"  and {len(listed) - _NAMED:,} more"


def _fault_places(run: Run) -> Callable[[Diagnostic], Diagnostic]:
    from oas_tasks.state.fault_places import fault_places  # a run with nothing to do does not need it

    return fault_places(run.settings)


def _first_of(names: Sequence[str]) -> str:
    """Return the first of many endpoints and the number of the others, which have the same loss in a shared part."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more"


def has_summary(reporter: object) -> bool:
    """Whether a reporter ends with our summary, which lists all failed endpoints."""
    kind: Any = type(reporter)
    return (
        isinstance(reporter, Reporter)
        and kind.initialize is Reporter.initialize
        and kind.complete_run is Reporter.complete_run
        and kind.write is Reporter.write
    )
