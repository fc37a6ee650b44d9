"""Tracks which tasks of a run failed, under any reporter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doit.exceptions import BaseFail, InvalidTask, TaskFailed, UnmetDependency
from doit.runner import Runner

from oas_tasks.tasks.names import index_task_name, is_own_task, slice_task_name
from oas_tasks.tasks.request import SliceMeta, failed_slices

if TYPE_CHECKING:
    from oas_tasks.document.place import EndpointKey
    from oas_tasks.state.run import Run


class FailureTrackingRunner(Runner):  # type: ignore[misc]
    """Mixed into a runner, tracks failed tasks, and keeps tasks from running without the slices that they depend on.

    failures: by task name.
    was_cut_short: the run did not reach its end.
    """

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        self.failures: dict[str, BaseFail] = {}
        self.was_cut_short = False

    @property
    def has_only_failed(self) -> bool:
        """Whether the only errors are failed tasks and tasks that depend on them."""
        kinds = (TaskFailed, UnmetDependency)
        return not self.was_cut_short and all(isinstance(fail, kinds) for fail in self.failures.values())

    def has_reported(self, run: Run, key: EndpointKey) -> bool:
        """Whether a task failed because of an endpoint, so that the reporter received the reason."""
        names = (slice_task_name(run.settings, key), index_task_name(run.settings))
        return any(isinstance(self.failures.get(name), TaskFailed) for name in names)

    def run_tasks(self, task_dispatcher: Any) -> None:
        """Run all tasks. Called by doit."""
        try:
            super().run_tasks(task_dispatcher)
        except InvalidTask:
            self.was_cut_short = True
            raise

    def select_task(self, node: Any, tasks: Any) -> bool:
        """Return whether a task has to run. Called by doit."""
        if node.run_status is None and not is_own_task(node.task.name):
            missing = failed_slices(tasks, node.task)
            if missing:
                self.reporter.get_status(node.task)
                self._handle_task_error(node, UnmetDependency(" ".join(missing)))
                return False
        return bool(super().select_task(node, tasks))

    def _handle_task_error(self, node: Any, base_fail: BaseFail) -> None:
        """Track a failed task. Called by doit, in the main process."""
        meta = node.task.meta
        self.failures[node.task.name] = base_fail
        if isinstance(meta, SliceMeta) and isinstance(base_fail, TaskFailed):
            faults, is_tolerable = getattr(base_fail, "faults", ""), getattr(base_fail, "is_tolerable", False)
            within = getattr(base_fail, "within", "")
            meta.run.refuse(meta.endpoint, base_fail.message, within, faults, is_tolerable)
        super()._handle_task_error(node, base_fail)
