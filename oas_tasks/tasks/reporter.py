"""Reports a run: live progress, and at the end what was made, unchanged, removed and failed.

It serves doit and `slice-oas` alike. Progress is drawn or written in lines (`progress.py`); what failed is told by
`fault_summary.py`, and once more for GitHub's pages (`state/annotations.py`). A run with nothing to do imports none of
these.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from doit.exceptions import BaseFail, TaskFailed, UnmetDependency
from doit.reporter import ConsoleReporter
from doit.task import Task

from oas_tasks.amounts import counted, duration
from oas_tasks.printable import printable_lines
from oas_tasks.state.index_csv import FILE_NAME
from oas_tasks.state.run import Run
from oas_tasks.tasks.names import is_own_task, is_slice_task
from oas_tasks.tasks.output import Output, SafeStream
from oas_tasks.tasks.request import OwnMeta, SliceMeta, runs_of, with_dependencies

if TYPE_CHECKING:
    from oas_tasks.tasks.progress import Progress


class Reporter(ConsoleReporter):  # type: ignore[misc]
    """doit's reporter for builds of slices; it reports other tasks of the same dodo.py like doit's own.

    It decides nothing: a build is the same under every reporter.

    faults: what other tasks of ours than slices failed for.
    aborted: the reasons why the run ended early.
    reports_abort: write these reasons; not if the caller does.
    started: when the run began, in seconds of `time.monotonic`.
    will_run: whether doit is going to run a task that it has not looked at yet, where somebody knows.
    """

    desc = "progress and summary of oas-tasks"

    def __init__(self, outstream: Output | None, options: Mapping[str, object]) -> None:
        self._unhindered = SafeStream(outstream)
        super().__init__(self._unhindered, options)
        self.runtime_errors: list[str] = []
        self.faults: list[str] = []
        self.aborted: tuple[str, ...] = ()
        self.reports_abort = True
        self.will_run: Callable[[Task], bool] | None = None
        self._progress: Progress | None = None
        self._lines: Progress | None = None
        self.started = time.monotonic()
        self._total = 0
        self._done = 0
        self._removed: Counter[int] = Counter()
        self._runs: list[Run] = []
        self._slices: dict[str, SliceMeta] = {}
        self._selected: list[Task] = []
        self._others: set[str] = set()

    @property
    def progress(self) -> Progress:
        """The display of live progress: the one that was given, or that fits the stream."""
        if self._progress is None:
            from oas_tasks.tasks.progress import progress_on

            self._progress = progress_on(self._unhindered, os.environ)
        return self._progress

    @progress.setter
    def progress(self, given: Progress) -> None:
        self._progress = given

    def write(self, text: str) -> None:
        """Write a text, for which live progress makes room."""
        self.make_room()
        super().write(text)

    def make_room(self) -> None:
        """Clear live progress from the terminal, so that others can write."""
        if self._progress is not None:
            self._progress.clear()

    def initialize(self, tasks: Mapping[str, Task], selected_tasks: Sequence[str]) -> None:
        """Count the stale slices. Called after tasks are selected and before any is started."""
        self._runs = runs_of(tasks.values())
        selected = list(with_dependencies(tasks, selected_tasks))
        metas = {name: tasks[name].meta for name in selected}
        self._slices = {name: meta for name, meta in metas.items() if isinstance(meta, SliceMeta)}
        self._selected = [tasks[name] for name in self._slices]
        self._total = sum(not meta.run.checker.is_up_to_date(meta.endpoint) for meta in self._slices.values())
        if self._total:
            self._announce_slices()

    def execute_task(self, task: Task) -> None:
        """Report a task that starts. Called by doit."""
        if not is_own_task(task.name):
            self.others_begin(task)
            super().execute_task(task)
        elif is_slice_task(task.name):
            self._first_slice()
        elif task.name.partition(":")[0] == "index" and isinstance(task.meta, OwnMeta) and self._done:
            settings = task.meta.run.settings
            if settings.csv and not self._others:
                self.progress.phase(f"Writing {settings.output_dir / FILE_NAME}")

    def others_begin(self, task: Task) -> None:
        """Make room for what a task of the repository is going to write, until it has ended."""
        self._others.add(task.name)
        self.make_room()

    def _first_slice(self) -> None:
        """Count once more before the first slice: doit may have forgotten slices that are up to date."""
        if not self._selected:
            return
        selected, self._selected = self._selected, []
        if self.will_run is None or self._total == len(selected):
            return
        total = sum(map(self.will_run, selected))
        if total > self._total:
            self._total = total
            self._announce_slices()

    def _announce_slices(self) -> None:
        if not self._others:
            self.progress.phase(f"Slicing {counted(self._total, 'endpoint')}")

    def skip_uptodate(self, task: Task) -> None:
        """Report a task that is up to date. Called by doit."""
        if not is_own_task(task.name):
            super().skip_uptodate(task)

    def add_success(self, task: Task) -> None:
        """Report a task that succeeded. Called by doit."""
        self._others.discard(task.name)
        if is_slice_task(task.name):
            self._finished(task)
        elif is_own_task(task.name) and isinstance(task.meta, OwnMeta):
            self._removed[id(task.meta.run)] += int(task.values.get("removed", 0))

    def add_failure(self, task: Task, fail: BaseFail) -> None:
        """Report a task that failed, unless the summary will. Called by doit."""
        self._others.discard(task.name)
        if not is_own_task(task.name):
            super().add_failure(task, fail)
            return
        if is_slice_task(task.name):
            self._finished(task)
        is_index = task.name.partition(":")[0] == "index"
        if is_index and (isinstance(fail, UnmetDependency) or any(run.failures() for run in self._runs)):
            return
        if isinstance(fail, TaskFailed) and isinstance(task.meta, SliceMeta):
            return
        if not isinstance(fail, UnmetDependency):
            self.faults.append(fail.message.rstrip())
            self.write(printable_lines(fail.message.rstrip().splitlines()))

    def _folded(self, text: str) -> str:
        """Return lines folded to the width of the terminal, if it is one."""
        columns = self._unhindered.columns() if self._unhindered.isatty() else None
        if columns is None or (text.isascii() and all(len(line) < columns for line in text.splitlines())):
            return text
        from oas_tasks.columns import folded

        return folded(text, columns - 1)

    @property
    def annotations(self) -> str:
        """The lines that show faults on GitHub's pages; "" elsewhere."""
        if os.environ.get("GITHUB_ACTIONS") != "true":
            return ""
        from oas_tasks.state.annotations import annotations_of

        return annotations_of(self._runs, os.environ)

    def _finished(self, task: Task) -> None:
        self._done += 1
        self._total = max(self._total, self._done)
        meta = self._slices.get(task.name)  # the task itself has another one when it comes from another process
        shown = self.progress
        if shown.is_drawn and self._others:  # lines get along with what other tasks write
            shown = self._lines = self._lines or self._lines_of_progress()
        shown.show(self._done, self._total, task.name if meta is None else meta.endpoint.label)

    def _lines_of_progress(self) -> Progress:
        from oas_tasks.tasks.progress import ProgressLines

        return ProgressLines(self._unhindered)

    def teardown_task(self, task: Task) -> None:
        """Make room for what the teardown of a task writes. Called by doit."""
        self.make_room()
        super().teardown_task(task)

    def cleanup_error(self, exception: BaseFail) -> None:
        """Report an error after the run. Called by doit."""
        self.make_room()
        super().cleanup_error(exception)

    def complete_run(self) -> None:
        """Write the summary. Called by doit at the end of the run."""
        self.make_room()
        self.aborted, self.runtime_errors = tuple(self.runtime_errors), []
        super().complete_run()
        self.write(self._folded(summary(self._runs, self._removed, time.monotonic() - self.started)))
        if os.environ.get("GITHUB_ACTIONS") == "true":
            from oas_tasks.state.annotations import annotations_of

            self.write("".join(annotations_of(self._runs, os.environ)))
        for sentence in self.aborted if self.reports_abort else ():
            self.write(printable_lines([f"Stopped: {sentence.rstrip()}"]))


def summary(runs: Iterable[Run], removed: Mapping[int, int], seconds: float) -> str:
    """Return the lines at the end of a build: counts, pass rate, time, where the slices are, what failed.

    They cover the endpoints that were asked for, which may be just one.

    removed: how many files were removed, by the `id` of the run.
    """
    lines: list[str] = []
    for run in runs:
        total = run.asked_total
        if total or run.asked is None:
            lines += _summary_of(run, total, removed.get(id(run), 0), seconds)
    return printable_lines(lines)


def _summary_of(run: Run, total: int, removed: int, seconds: float) -> Iterator[str]:
    """Yield the lines about one run, which was for so many endpoints in total."""
    rows = [] if run.clean_output is not None else [(e, r) for e, r in run.new_rows() if run.is_asked_for(e)]
    failed, warned = run.failures(), run.warned()
    sliced = total if run.clean_output is not None else len(run.sliced())
    tried = sliced + len(failed)
    name = f"{run.settings.name}: " if run.settings.name else ""
    counts = f"{name}{run.made:,} made, {sliced - run.made:,} unchanged, {removed:,} removed, {len(failed):,} failed"
    if warned:
        counts += f", {warned:,} warned"
    if tried < total:
        counts += f", {total - tried:,} not tried"
    rate = f"{100 * sliced / total:.1f}% passed" if total else "nothing to slice"
    yield f"{counts}; {rate} ({duration(seconds)})"
    where = _where(run, sliced)
    if where:
        yield where
    cause = run.common_cause
    if cause is not None and 2 * run.made > total:
        yield cause.sentence(run.made)
    if run.asked is None:
        yield from (f"Note: {notice}" for notice in run.notices)
    if failed or warned or any(record.warnings for _, record in rows):
        from oas_tasks.tasks.fault_summary import failure_summary, loss_summary, warning_summary

        yield from failure_summary(run, failed)
        yield from warning_summary(run)
        yield from loss_summary(run, rows)


def _where(run: Run, sliced: int) -> str:
    """Return where the slices and their index are, the file itself where it is a single one."""
    folder = run.settings.output_dir
    index = f"index is {folder / FILE_NAME}" if run.settings.csv else ""
    if sliced == 0:
        return f"There are no slices; the {index}" if index and run.asked is None else ""
    if sliced > 1:
        return f"Slices are in {folder}" + (f", their {index}" if index else "")
    file = run.sliced()[0].file
    return f"The slice is {folder / file}" + (f", the {index}" if index and run.asked is None else "")


def has_summary(reporter: object) -> bool:
    """Whether a reporter ends with our summary, which lists all failed endpoints."""
    kind: Any = type(reporter)
    return (
        isinstance(reporter, Reporter)
        and kind.initialize is Reporter.initialize
        and kind.complete_run is Reporter.complete_run
        and kind.write is Reporter.write
    )
