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
from doit.task import Task

from oas_tasks.build.task_names import is_own_task


class Uncollected:
    """To be mixed into a runner: the garbage collector rests, but for what a task of the repository's own does."""

    #: Whether the collector works for the repository's own tasks, as it does where a process is started anew.
    _works = True
    #: Whether it rests for ours.
    _may_rest = True

    def run_all(self, task_dispatcher: Any) -> int:
        """Run all tasks and return doit's exit code. Called by doit."""
        # doit makes delayed tasks between two others, where nobody could let the collector work.
        self._may_rest = all(task.loader is None for task in task_dispatcher.tasks.values())
        if not self._may_rest:
            return super().run_all(task_dispatcher)  # type: ignore[misc,no-any-return]
        self._works = gc.isenabled()
        gc.disable()
        try:
            return super().run_all(task_dispatcher)  # type: ignore[misc,no-any-return]
        finally:
            gc.freeze()  # until the end of the process, which is near
            if self._works:
                gc.enable()

    def select_task(self, node: Any, tasks: Any) -> bool:
        """Return whether a task is to be run. Called by doit."""
        with self.collecting_for(node.task):
            return super().select_task(node, tasks)  # type: ignore[misc,no-any-return]

    def execute_task(self, task: Task) -> BaseFail | None:
        """Run one task. Called by doit, in whatever process it is run."""
        with self.collecting_for(task):
            return super().execute_task(task)  # type: ignore[misc]

    def process_task_result(self, node: Any, base_fail: BaseFail | None) -> None:
        """Take what became of a task. Called by doit."""
        with self.collecting_for(node.task):
            super().process_task_result(node, base_fail)  # type: ignore[misc]

    def teardown(self) -> None:
        """Do what tasks have to do at the very end, which ours have not. Called by doit."""
        with self.collecting_for(None):
            super().teardown()  # type: ignore[misc]

    @contextmanager
    def collecting_for(self, task: Task | None) -> Iterator[None]:
        """Let the collector do as it would without us, if this task is the repository's; None is one that is."""
        if not self._may_rest or (task is not None and is_own_task(task.name)):
            yield
            return
        if self._works:
            gc.enable()
        try:
            yield
        finally:
            self._works = gc.isenabled()  # which a task may settle for those after it
            gc.disable()
