"""Runs tasks one after another or in threads; `worker_pool.py` runs them in several processes.

doit decides which tasks run and in which order. While ours run, the garbage collector is off: making slices leaves next
to no reference cycles (measured: none for 18,345 slices, and at most 5 objects per document), and a collection would
traverse the whole document, which takes a fifth of a run over 182 MB. It is on while a task of the repository runs.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from doit.exceptions import BaseFail
from doit.runner import MThreadRunner, Runner
from doit.task import Task

from oas_tasks.processes import exempt_from_collection
from oas_tasks.tasks.failure_tracking import FailureTrackingRunner
from oas_tasks.tasks.names import is_own_task


class Uncollected:
    """Mixed into a runner, turns the garbage collector off except while tasks of the repository run."""

    #: Whether the collector is on for the repository's tasks, as it is in a new process.
    _works = True
    #: Whether it is off for ours.
    _is_off = True

    def run_all(self, task_dispatcher: Any) -> int:
        """Run all tasks and return doit's exit code. Called by doit."""
        # doit makes delayed tasks between two others, where the collector could not be turned on.
        self._is_off = all(task.loader is None for task in task_dispatcher.tasks.values())
        if not self._is_off:
            return super().run_all(task_dispatcher)  # type: ignore[misc,no-any-return]
        self._works = gc.isenabled()
        gc.disable()
        try:
            return super().run_all(task_dispatcher)  # type: ignore[misc,no-any-return]
        finally:
            exempt_from_collection()  # the process ends soon
            if self._works:
                gc.enable()

    def select_task(self, node: Any, tasks: Any) -> bool:
        """Return whether a task is to be run. Called by doit."""
        with self.collecting_for(node.task):
            return super().select_task(node, tasks)  # type: ignore[misc,no-any-return]

    def execute_task(self, task: Task) -> BaseFail | None:
        """Run one task. Called by doit, in any process."""
        with self.collecting_for(task):
            return super().execute_task(task)  # type: ignore[misc]

    def process_task_result(self, node: Any, base_fail: BaseFail | None) -> None:
        """Process the result of a task. Called by doit."""
        with self.collecting_for(node.task):
            super().process_task_result(node, base_fail)  # type: ignore[misc]

    def teardown(self) -> None:
        """Run the teardown actions of tasks, which ours do not have. Called by doit."""
        with self.collecting_for(None):
            super().teardown()  # type: ignore[misc]

    @contextmanager
    def collecting_for(self, task: Task | None) -> Iterator[None]:
        """Turn the collector on inside the block if a task is the repository's; None stands for such a task."""
        if not self._is_off or (task is not None and is_own_task(task.name)):
            yield
            return
        if self._works:
            gc.enable()
        try:
            yield
        finally:
            self._works = gc.isenabled()  # a task may turn it off for later ones
            gc.disable()


class SerialRunner(FailureTrackingRunner, Uncollected, Runner):  # type: ignore[misc]
    """Runs tasks one after another, in this process."""


class ThreadRunner(FailureTrackingRunner, MThreadRunner):  # type: ignore[misc]
    """Runs tasks in several threads, as doit does."""
