"""What a run says: live progress, and at the end what was made, unchanged, removed and failed.

Under doit and under `slice-oas` alike. Plain lines, since a log is where they mostly go; a bar on a terminal is the
command line's own.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from doit.exceptions import BaseFail, TaskFailed, UnmetDependency
from doit.reporter import ConsoleReporter
from doit.task import Task

from oas_tasks.build.index import FAIL, FILE_NAME
from oas_tasks.build.output import Output, Unhindered
from oas_tasks.build.run import RUNS, Run
from oas_tasks.build.task_names import index_task_name, is_own_task, is_slice_task, slice_task_name
from oas_tasks.printable import printable_lines

#: How many failed endpoints, and how many warnings, the summary names; the index has all the failed ones.
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

    aborted: why the run ended before its time, in words.
    tells_why_aborted: False where somebody else does.
    """

    desc = "progress and summary of oas-tasks"

    #: Whether nothing went wrong but that tasks failed, and that others waited for those.
    only_failed = True

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
        self._sliced = False

    def initialize(self, tasks: Mapping[str, Task], selected_tasks: Sequence[str]) -> None:
        """Find out what is asked for: doit has loaded the tasks and starts nothing yet."""
        selected = set(_with_dependencies(tasks, selected_tasks))
        for run in RUNS:
            run.index_wanted = index_task_name(run.settings) in selected
        alone = not any(run.index_wanted for run in RUNS)
        for name in selected:
            self._sliced = self._sliced or name.partition(":")[0] == "slice"
            if is_slice_task(name):
                tasks[name].meta["alone"] = alone
        for run in RUNS if alone else ():
            run.asked = frozenset(
                (e.path, e.method)
                for e in run.plan.endpoints
                if slice_task_name(run.settings, e.method, e.path) in selected
            )
        for run in RUNS if self._sliced else ():
            run.intend()
        stale = {slice_task_name(run.settings, method, path) for run in RUNS for path, method in run.stale}
        self._total = len(stale & selected)

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
        self.only_failed = self.only_failed and isinstance(fail, TaskFailed | UnmetDependency)
        if not is_own_task(task.name):
            super().add_failure(task, fail)
            return
        if is_slice_task(task.name):
            self._finished()
        self.progress.clear()
        if task.name.partition(":")[0] == "index" and (isinstance(fail, UnmetDependency) or _faults()):
            return  # the summary says it
        if isinstance(fail, TaskFailed) and is_slice_task(task.name) and self._refused(task.name, fail.message):
            return
        if not isinstance(fail, UnmetDependency):
            self.write(printable_lines(fail.message.rstrip().splitlines()))

    def _refused(self, name: str, reason: str) -> bool:
        """Note why an endpoint that was asked for alone has no slice; whether it is one."""
        for run in RUNS:
            for path, method in run.asked or ():
                if slice_task_name(run.settings, method, path) == name:
                    run.refused[path, method] = reason.strip()
                    return True
        return False

    def _finished(self) -> None:
        self._done += 1
        self._total = max(self._total, self._done)
        self.progress.show(self._done, self._total)

    def complete_run(self) -> None:
        """Called at the end of the run."""
        self.progress.clear()
        self.aborted, self.runtime_errors = tuple(self.runtime_errors), []
        super().complete_run()
        if self._sliced:
            self.write(summary(RUNS, self._removed, time.monotonic() - self._started))
        for sentence in self.aborted if self.tells_why_aborted else ():
            self.write(printable_lines([f"Stopped: {sentence.rstrip()}"]))


def summary(runs: Iterable[Run], removed: int, seconds: float) -> str:
    """Return the lines that close a run: counts, pass rate, time, where things are, what failed.

    They are about what the run was asked for, which may be one endpoint.
    """
    lines: list[str] = []
    for run in runs:
        total = run.total if run.asked is None else len(run.asked)
        if run.asked is not None and not run.asked:
            continue
        is_whole = run.whole is not None and not run.finished_now
        rows = [] if is_whole else [(e, r) for e, r in run.rows() if run.is_asked_for(e)]
        failed = [(endpoint, record) for endpoint, record in rows if record.status == FAIL]
        reasons = {(e.path, e.method): record.reason for e, record in failed} | run.refused
        tried = total if is_whole else len(rows) + len(reasons) - len(failed)
        passed = tried - len(reasons)
        name = f"{run.settings.name}: " if run.settings.name else ""
        unchanged = passed - run.made
        counts = f"{name}{run.made:,} made, {unchanged:,} unchanged, {removed:,} removed, {len(reasons):,} failed"
        if tried < total:
            counts += f", {total - tried:,} not tried"
        rate = f"{100 * passed / total:.1f}% passed" if total else "nothing to slice"
        lines.append(f"{counts}; {rate} ({seconds:.1f} s)")
        where = f"Slices are in {run.settings.output_dir}"
        lines.append(where + (f", their index is {run.settings.output_dir / FILE_NAME}" if run.settings.csv else ""))
        lines += [f"Note: {notice}" for notice in run.notices if run.asked is None]
        if run.not_saved:
            lines.append(f"The cache could not be written ({run.not_saved}): the next run makes this again.")
        if reasons:
            lines.append("Failed endpoints:")
            lines += _listed(f"{method} {path}: {reason}" for (path, method), reason in reasons.items())
            if run.refused:
                lines.append("Mend what it says and run it again.")
            elif all(record.fingerprint for _, record in failed):
                lines.append("Mend the document where it says so and run the build again: only these are redone.")
            else:
                lines.append("They are tried again next time.")
        warned: dict[str, list[str]] = {}
        for endpoint, record in rows:
            for text in record.warnings.splitlines():
                warned.setdefault(text, []).append(endpoint.label)
        if warned:
            lines.append("Warnings:")
            lines += _listed(f"{_first_of(names)}: {text}" for text, names in warned.items())
    return printable_lines(lines)


def _first_of(names: Sequence[str]) -> str:
    """Return what many endpoints have in common by the first of them: one loss in a shared part concerns all alike."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more"


def _listed(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    more = [f"  and {len(every) - _NAMED:,} more"] if len(every) > _NAMED else []
    return [f"  {line}" for line in every[:_NAMED]] + more


def _faults() -> bool:
    return any(record.status == FAIL for run in RUNS if run.may_have_failed for _, record in run.rows())


def _with_dependencies(tasks: Mapping[str, Task], names: Sequence[str]) -> Iterable[str]:
    """Yield the names of tasks and of all that they depend on."""
    seen: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in seen and name in tasks:
            seen.add(name)
            pending.extend(tasks[name].task_dep)
            yield name
