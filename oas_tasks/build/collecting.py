"""doit's runners without a search for garbage that is not there.

Making slices leaves next to no cycles of objects behind (measured: none of 18,345 slices, and 5 objects at the most for
any document), and a search goes through all that is known of one: a fifth of the time of a run over 182 MB. What the
repository's own tasks leave is another matter: for those all is as it was.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from doit.exceptions import BaseFail
from doit.runner import Runner
from doit.task import Task

from oas_tasks.build.task_names import is_own_task
from oas_tasks.garbage import made_to_stay


class Uncollected:
    """To be mixed into a runner: the garbage collector rests, but for what a task of the repository's own does."""

    #: Whether the collector worked before the run. A process that was started anew knows of none.
    _was_on = True

    def run_all(self, task_dispatcher: Any) -> int:
        """Run all tasks and return doit's exit code. Called by doit."""
        self._was_on = gc.isenabled()
        with made_to_stay():
            return super().run_all(task_dispatcher)  # type: ignore[misc,no-any-return]

    def select_task(self, node: Any, tasks: Any) -> bool:
        """Return whether a task is to be run. Called by doit."""
        with self._as_before(node.task):
            return super().select_task(node, tasks)  # type: ignore[misc,no-any-return]

    def execute_task(self, task: Task) -> BaseFail | None:
        """Run one task. Called by doit, in whatever process it is run."""
        with self._as_before(task):
            return super().execute_task(task)  # type: ignore[misc]

    def process_task_result(self, node: Any, base_fail: BaseFail | None) -> None:
        """Take what became of a task. Called by doit."""
        with self._as_before(node.task):
            super().process_task_result(node, base_fail)  # type: ignore[misc]

    @contextmanager
    def _as_before(self, task: Task) -> Iterator[None]:
        """Let the collector do as it did before the run, if this task is the repository's."""
        if not self._was_on or is_own_task(task.name):
            yield
            return
        gc.enable()
        try:
            yield
        finally:
            gc.disable()


class SerialRunner(Uncollected, Runner):  # type: ignore[misc]
    """Runs tasks one after another, in this process."""
