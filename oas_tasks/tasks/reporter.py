"""What a run says: live progress, and at the end what was made, unchanged, removed and failed.

Under doit and under `slice-oas` alike. Plain lines, since a log is where they mostly go; a bar on a terminal is the
command line's own.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from doit.exceptions import BaseFail, TaskFailed, UnmetDependency
from doit.reporter import ConsoleReporter
from doit.task import Task

from oas_tasks.printable import printable_lines
from oas_tasks.slices.told import Told, decoded
from oas_tasks.state.fault_list import refusals, warnings, warnings_in_short
from oas_tasks.state.fault_places import fault_places
from oas_tasks.state.index_csv import FAIL, FILE_NAME
from oas_tasks.state.run import Run
from oas_tasks.tasks.names import is_own_task, is_slice_task
from oas_tasks.tasks.output import Output, Unhindered
from oas_tasks.tasks.request import SliceMeta, runs_of, with_dependencies

#: How many warnings of conversions the summary names.
_NAMED = 20


class Progress(Protocol):
    """Whoever shows live progress."""

    def show(self, done: int, total: int) -> None:
        """Say that `done` of `total` endpoints are finished."""

    def clear(self) -> None:
        """Make room for other lines."""


class ProgressLines:
    """Live progress as lines, one for every whole percent at most: `Extracting endpoint 45/100 (45%)`."""

    def __init__(self, stream: Output) -> None:
        self._stream = stream
        self._percent = -1

    def show(self, done: int, total: int) -> None:
        """Say that `done` of `total` endpoints are finished."""
        percent = 100 * done // max(total, 1)
        if percent != self._percent or done == total:
            self._percent = percent
            self._stream.write(f"Extracting endpoint {done:,}/{total:,} ({percent}%)\n")
            self._stream.flush()

    def clear(self) -> None:
        """Make room for other lines."""


class Reporter(ConsoleReporter):  # type: ignore[misc]
    """doit's reporter for builds of slices; other tasks of the same dodo.py are reported as doit does.

    It shows, and settles nothing: a build is the same under every reporter.

    aborted: why the run ended before its time, in words.
    tells_why_aborted: False where somebody else does.
    """

    desc = "progress and summary of oas-tasks"

    def __init__(self, outstream: Output | None, options: Mapping[str, object]) -> None:
        unhindered = Unhindered(outstream)
        super().__init__(unhindered, options)
        self.progress: Progress = ProgressLines(unhindered)
        self.runtime_errors: list[str] = []
        self.aborted: tuple[str, ...] = ()
        self.tells_why_aborted = True
        self._started = time.monotonic()
        self._total = 0
        self._done = 0
        self._removed = 0
        self._runs: list[Run] = []

    def initialize(self, tasks: Mapping[str, Task], selected_tasks: Sequence[str]) -> None:
        """Called when tasks are selected, before any is started."""
        self._runs = runs_of(tasks.values())
        metas = (tasks[name].meta for name in with_dependencies(tasks, selected_tasks))
        slices = (meta for meta in metas if isinstance(meta, SliceMeta))
        self._total = sum(not meta.run.is_current(meta.endpoint) for meta in slices)

    def execute_task(self, task: Task) -> None:
        """Called when a task starts."""
        if not is_own_task(task.name):
            super().execute_task(task)

    def skip_uptodate(self, task: Task) -> None:
        """Called for a task that is up to date."""
        if not is_own_task(task.name):
            super().skip_uptodate(task)

    def add_success(self, task: Task) -> None:
        """Called when a task succeeded."""
        if is_slice_task(task.name):
            self._finished()
        elif is_own_task(task.name):
            self._removed += int(task.values.get("removed", 0))

    def add_failure(self, task: Task, fail: BaseFail) -> None:
        """Called when a task failed."""
        if not is_own_task(task.name):
            super().add_failure(task, fail)
            return
        if is_slice_task(task.name):
            self._finished()
        self.progress.clear()
        is_index = task.name.partition(":")[0] == "index"
        if is_index and (isinstance(fail, UnmetDependency) or any(run.failures() for run in self._runs)):
            return  # the summary says it
        if isinstance(fail, TaskFailed) and isinstance(task.meta, SliceMeta):
            return  # and this
        if not isinstance(fail, UnmetDependency):
            self.write(printable_lines(fail.message.rstrip().splitlines()))

    def _finished(self) -> None:
        self._done += 1
        self._total = max(self._total, self._done)
        self.progress.show(self._done, self._total)

    def complete_run(self) -> None:
        """Called at the end of the run."""
        self.progress.clear()
        self.aborted, self.runtime_errors = tuple(self.runtime_errors), []
        super().complete_run()
        self.write(summary(self._runs, self._removed, time.monotonic() - self._started))
        for sentence in self.aborted if self.tells_why_aborted else ():
            self.write(printable_lines([f"Stopped: {sentence.rstrip()}"]))


def summary(runs: Iterable[Run], removed: int, seconds: float) -> str:
    """Return the lines that close a run: counts, pass rate, time, where things are, what failed.

    They are about what the run was asked for, which may be one endpoint.
    """
    lines: list[str] = []
    for run in runs:
        total = run.total if run.asked is None else len(run.asked | run.refused.keys())
        if not total and run.asked is not None:
            continue
        is_whole = run.whole is not None and not run.finished_now
        rows = [] if is_whole else [(e, r) for e, r in run.rows() if run.is_asked_for(e)]
        failed, warned = run.failures(), run.warned
        sliced = total if is_whole else sum(record.status != FAIL for _, record in rows)
        tried = sliced + len(failed)
        name = f"{run.settings.name}: " if run.settings.name else ""
        unchanged = sliced - run.made
        counts = f"{name}{run.made:,} made, {unchanged:,} unchanged, {removed:,} removed, {len(failed):,} failed"
        if warned:
            counts += f", {warned:,} warned"
        if tried < total:
            counts += f", {total - tried:,} not tried"
        rate = f"{100 * sliced / total:.1f}% passed" if total else "nothing to slice"
        lines.append(f"{counts}; {rate} ({seconds:.1f} s)")
        where = f"Slices are in {run.settings.output_dir}"
        lines.append(where + (f", their index is {run.settings.output_dir / FILE_NAME}" if run.settings.csv else ""))
        cause = run.common_cause
        if cause is not None and 2 * run.made > total:
            lines.append(cause.told(run.made))
        lines += [f"Note: {notice}" for notice in run.notices if run.asked is None]
        if failed:
            lines += refusals(failed, run.settings)
            if run.refused:
                lines.append("Mend what it says and run it again.")
            elif all(each.is_of_document for each in failed):
                lines.append("Mend the document where it says so and run the build again: only these are redone.")
            else:
                lines.append("They are tried again next time.")
        warned_now = run.warned_now()
        if warned_now:
            lines += warnings(warned_now, run.settings, fault_places(run.settings))
        lines += warnings_in_short(warned - len(warned_now), run.settings)
        lossy: dict[tuple[str, str], tuple[Told, list[str]]] = {}
        for endpoint, record in rows:
            for told in decoded(record.warnings):
                lossy.setdefault((told.place, told.message), (told, []))[1].append(endpoint.label)
        if lossy:
            lines.append("Warnings:")
            located = fault_places(run.settings)
            listed = list(lossy.values())
            lines += [f"  {_first_of(names)}: {located(told)}" for told, names in listed[:_NAMED]]
            lines += [f"  and {len(listed) - _NAMED:,} more"] if len(listed) > _NAMED else []
    return printable_lines(lines)


def _first_of(names: Sequence[str]) -> str:
    """Return what many endpoints have in common by the first of them: one loss in a shared part concerns all alike."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more"


def sums_up(reporter: object) -> bool:
    """Whether a reporter ends with the summary, in which every endpoint that failed is named."""
    kind: Any = type(reporter)
    return (
        isinstance(reporter, Reporter)
        and kind.initialize is Reporter.initialize
        and kind.complete_run is Reporter.complete_run
        and kind.write is Reporter.write
    )
