"""Runs the tasks from a program instead of a dodo.py: doit's tasks and runners, without its command line.

So nothing of doit's is left changed, and nothing is printed but what goes to the reporter's stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from doit.dependency import Dependency
from doit.loader import generate_tasks
from doit.task import Stream

from oas_tasks.errors import UserError
from oas_tasks.processes import most_processes
from oas_tasks.state.store import STORE_NAME
from oas_tasks.tasks.doit_backend import Backend
from oas_tasks.tasks.output import Output
from oas_tasks.tasks.reporter import Reporter
from oas_tasks.tasks.request import Request, decide, will_run_with
from oas_tasks.tasks.run_command import exit_code, runner_of, selected_tasks
from oas_tasks.tasks.tasks import Builds

if TYPE_CHECKING:
    from oas_tasks.tasks.progress import Progress


def run_tasks(
    builds: Builds,
    names: Sequence[str],
    processes: int,
    stream: Output,
    progress: Progress | None,
    started: float | None = None,
) -> tuple[int, Reporter]:
    """Run the named tasks, or all if none is named; return doit's exit code (0, 1 failed, 2 error), and the reporter.

    processes: the most to use.
    progress: shows live progress; lines on `stream` where it is None.
    started: when the run began, in seconds of `time.monotonic`; now where it is None.

    Raises UserError where the run was cut short, and finished slices are kept, or before anything is done, where the
    output folder cannot be made.
    """
    reporter = Reporter(stream, {})
    reporter.reports_abort = False
    if started is not None:
        reporter.started = started
    if progress is not None:
        reporter.progress = progress
    processes = most_processes(processes)
    states = Dependency(Backend, str(builds.runs[0].settings.cache_dir / STORE_NAME))
    builds.request = Request(processes=processes) if names else Request.for_all(states.backend, processes)
    tasks = [
        task
        for name, generator in builds.namespace().items()
        for task in generate_tasks(name.removeprefix("task_"), generator(), generator.__doc__)
    ]
    control = selected_tasks(tasks, list(names) or None)
    runs = decide(control.tasks, control.selected_tasks, states.status_is_ignore)
    reporter.will_run = will_run_with(states, always=False)
    runner = runner_of(processes if processes > 1 else 0, "process", (states, reporter, True, False, Stream(0)))
    code = exit_code(int(runner.run_all(control.task_dispatcher())), runner, runs, reporter)
    if reporter.aborted:
        raise UserError(" ".join(reporter.aborted))
    return code, reporter
