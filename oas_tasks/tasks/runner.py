"""doit's runners: one after another, in threads, and over several processes that suit thousands of small tasks.

What is decided about tasks, and in which order, is all doit's own. Over none of them the garbage collector searches for
what is not there: making slices leaves next to no cycles of objects behind (measured: none of 18,345 slices, and 5
objects at the most for any document), and a search goes through all that is known of one, a fifth of the time of a run
over 182 MB. What the repository's own tasks leave is another matter: for those all is as it was.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from doit.exceptions import BaseFail, TaskError
from doit.runner import MReporter, MRunner, MThreadRunner, Runner
from doit.task import Task

from oas_tasks.processes import belong_to_parent
from oas_tasks.tasks.crew import Crew, Job, Message, Outbox, inbox_of, task_of
from oas_tasks.tasks.names import is_own_task, is_slice_task
from oas_tasks.tasks.outcomes import NotingRunner
from oas_tasks.tasks.slice_task import lost_slice

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


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


class SerialRunner(NotingRunner, Uncollected, Runner):  # type: ignore[misc]
    """Runs tasks one after another, in this process."""


class ThreadRunner(NotingRunner, MThreadRunner):  # type: ignore[misc]
    """Runs tasks in several threads, as doit does."""


class BatchRunner(NotingRunner, Uncollected, MRunner):  # type: ignore[misc]
    """Runs tasks in several processes; slices in batches, index and prune in this one."""

    def run_tasks(self, task_dispatcher: Any) -> None:
        """Run all tasks. Called by doit."""
        self._run_tasks_init(task_dispatcher)
        crew = Crew(self)
        try:
            crew.work()
        except BaseException:
            self.was_cut_short = True
            crew.terminate()
            raise
        crew.dismiss()

    def work_in_child(self, connection: Connection, inherited: list[Connection], reporter_class: type) -> None:
        """Do what comes out of a connection until it ends; in a process of its own.

        inherited: the main process's ends of connections, which must end with that one.
        """
        belong_to_parent()
        if self._may_rest:
            gc.disable()  # as in the main process
        for each in inherited:
            each.close()
        inbox = inbox_of(connection)
        outbox = Outbox(connection)
        self.result_q = outbox
        self.reporter = MReporter(self, reporter_class)
        try:
            while batch := inbox.get():
                for job in batch:
                    self._do(job, outbox)
                outbox.flush()
            self.teardown()
            outbox.flush()
        except (BrokenPipeError, ConnectionResetError):
            return  # the main process is gone
        except (SystemExit, KeyboardInterrupt, Exception) as error:  # noqa: BLE001  the main process ends the run
            outbox.put({"exit": error.__class__, "exception": str(error)})
            outbox.flush()

    def _do(self, job: Job, outbox: Outbox) -> None:
        task = task_of(job, self.tasks)
        outbox.is_patient = is_slice_task(task.name)
        failure = self.execute_task(task)
        outbox.put(
            {
                "name": task.name,
                **({"failure": failure} if failure else {}),
                "task": task.pickle_safe_dict(),
                "out": [action.out for action in task.actions],
                "err": [action.err for action in task.actions],
            }
        )

    def finish_task(self, message: Message) -> Any:
        """Take the result of a task that another process did; returns its node."""
        node = self.task_dispatcher.nodes[message["name"]]
        self._process_result(node, node.task, message)
        return node

    def lose_task(self, name: str, how: str) -> Any:
        """Take note that a task cannot be done, since the process that was at it is gone; returns its node.

        how: how that one ended, in words. A slice has a fault of the machine then, which is no failure of its task.
        """
        node = self.task_dispatcher.nodes[name]
        failure: BaseFail | None = TaskError(f"the process that was at it {how}")
        if is_slice_task(name):
            found = lost_slice(f"the process that was making it {how}", is_alone=bool(node.task.meta.get("alone")))
            if isinstance(found, dict):
                node.task.values.update(found)
            failure = None if isinstance(found, dict) else found
        self.process_task_result(node, failure)
        return node

    def do_here(self, name: str) -> Any:
        """Do a task in this process; returns its node."""
        node = self.task_dispatcher.nodes[name]
        self.process_task_result(node, self.execute_task(node.task))
        return node
