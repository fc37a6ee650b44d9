"""Our version of doit's `run`: it hands the request to our task generators and decides what the run is for.

The entry point `doit.COMMAND` replaces doit's own command with it, for every dodo.py; without tasks of ours it behaves
the same. If doit does not load our entry points, and for other commands that run tasks, `take_over` installs it.
"""

from __future__ import annotations

import codecs
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from doit import cmd_run
from doit.action import PythonAction
from doit.control import TaskControl
from doit.exceptions import InvalidCommand
from doit.reporter import ConsoleReporter, ErrorOnlyReporter
from doit.task import Stream, Task

if TYPE_CHECKING:
    from oas_tasks.document.place import EndpointKey
    from oas_tasks.state.run import Run
    from oas_tasks.tasks.failure_tracking import FailureTrackingRunner
    from oas_tasks.tasks.progress import Progress
    from oas_tasks.tasks.reporter import Reporter
    from oas_tasks.tasks.request import Request, TaskGenerators

#: doit's exit codes: success, failed tasks, any other error.
_SUCCESS, _FAILED, _ERROR = 0, 1, 2

#: The method of doit's own command.
_as_doit = cmd_run.Run._execute


class RunCommand(cmd_run.Run):  # type: ignore[misc]
    """`doit run`, or `doit` alone."""

    name = "run"
    loader: Any

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        self._early = EarlyProgress()

    def execute(self, params: Mapping[str, object], args: Sequence[str]) -> int:
        """Load the tasks and run the requested ones. Called by doit."""
        from oas_tasks.errors import room_for_notes

        self.loader = _PreparedLoader(self.loader, lambda: self._hand_over(params))
        try:
            with room_for_notes(self._early.clear):
                return int(super().execute(params, args))
        except InvalidCommand as error:
            fault = self._fault_behind(error)
            if fault is None:
                raise
            raise InvalidCommand(fault) from None

    def _fault_behind(self, error: InvalidCommand) -> str | None:
        """Return why our generators made no tasks, if the task that was not found is one of ours."""
        from oas_tasks.tasks.names import is_own_task

        namespace = self.loader.namespace if is_own_task(str(error.not_found or "")) else None
        owners = (_owner(each) for each in _generators(namespace))
        return next((str(owner.fault) for owner in owners if owner is not None and owner.fault is not None), None)

    def _hand_over(self, params: Mapping[str, object]) -> None:
        """Hand the request to our generators in dodo.py."""
        generators = list(_generators(self.loader.namespace))
        self._early.begin(params)
        for generators_of_ours in {owner: None for each in generators if (owner := _owner(each)) is not None}:
            generators_of_ours.request = self._request(generators_of_ours, generators, params)

    def _request(
        self, ours: TaskGenerators, generators: Sequence[Callable[[], object]], params: Mapping[str, object]
    ) -> Request:
        """Return the request to one set of generators.

        They can leave out tasks that are up to date if all tasks are requested, no task of the repository can depend on
        them, and the index reports known faults.
        """
        from oas_tasks.tasks.doit_backend import Backend
        from oas_tasks.tasks.request import Request

        number = params.get("num_process")
        processes = number if isinstance(number, int) and number > 1 else 1
        is_everything = self.sel_default_tasks and not self.sel_tasks and not params.get("always")
        own = ours.namespace()
        are_ours = all(each in own.values() for each in generators) and own["task_index"] in generators
        backend = getattr(self.dep_manager, "backend", None)
        shows: dict[str, Any] = {"announce": self._early.phase, "make_room": self._early.clear}
        if is_everything and are_ours and isinstance(backend, Backend):
            return Request.for_all(backend, processes)._replace(**shows)
        return Request(processes=processes, **shows)

    # doit passes options by parameter name.
    def _execute(
        self,
        outfile: Any,
        verbosity: int | None = None,
        always: bool = False,
        continue_: bool = False,
        reporter: Any = "console",
        num_process: int = 0,
        par_type: str = "process",
        single: bool = False,
        auto_delayed_regex: bool = False,
        force_verbosity: bool = False,
        failure_verbosity: int = 0,
        pdb: bool = False,
    ) -> int:
        """Run the selected tasks and return the exit code. Called by doit, also as a method of its own command."""
        if not _is_any_ours(self.task_list):
            given = (outfile, verbosity, always, continue_, reporter, num_process, par_type, single)
            return int(_as_doit(self, *given, auto_delayed_regex, force_verbosity, failure_verbosity, pdb))
        from oas_tasks.errors import UserError
        from oas_tasks.tasks.request import decide, will_run_with

        PythonAction.pm_pdb = pdb
        self.control = control = selected_tasks(self.task_list, self.sel_tasks, auto_delayed_regex, single)
        try:
            builds = decide(control.tasks, control.selected_tasks, self.dep_manager.status_is_ignore)
        except UserError as error:
            raise InvalidCommand(str(error)) from None
        shown = self.reporters[reporter] if isinstance(reporter, str) else reporter
        with _opened(outfile) as self.outstream:
            if isinstance(shown, type):
                shown = shown(self.outstream, {"failure_verbosity": failure_verbosity})
            if _is_own_reporter(type(shown)):
                shown.will_run = will_run_with(self.dep_manager, always)
                early = getattr(self, "_early", None)  # not in doit's own command
                if early is not None:
                    early.hand_over(shown)
            stream = Stream(verbosity, force_verbosity)
            runner = runner_of(num_process, par_type, (self.dep_manager, shown, continue_, always, stream))
            code = int(runner.run_all(control.task_dispatcher()))
        return exit_code(code, runner, builds, None if isinstance(outfile, str) else shown)


def take_over() -> None:
    """Replace the method by which doit's own command runs tasks; for when that command is already running."""
    cmd_run.Run._execute = RunCommand._execute


def _is_own_reporter(kind: object) -> bool:
    """Whether a class is our reporter, or one made of it."""
    module = sys.modules.get("oas_tasks.tasks.reporter")
    return module is not None and isinstance(kind, type) and issubclass(kind, module.Reporter)


class EarlyProgress:
    """Shows what is done before doit makes a reporter, if that will be ours; it takes the display over.

    The display is made when there is something to show, which a run with nothing to do does not have.
    """

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._is_shown = False
        self._display: Progress | None = None
        self._reporter: Reporter | None = None

    def begin(self, params: Mapping[str, object]) -> None:
        """Take the options of doit's command."""
        self._is_shown = params.get("outfile") is sys.stdout and _is_own_reporter(params.get("reporter"))

    def phase(self, what: str, size: int = 0) -> None:
        """Show what is done next."""
        if not self._is_shown:
            return
        if self._display is None:
            from oas_tasks.tasks.output import SafeStream
            from oas_tasks.tasks.progress import progress_on

            self._display = progress_on(SafeStream(sys.stdout), os.environ)
        self._display.phase(what, size)

    def clear(self) -> None:
        """Make room for what others write."""
        if self._reporter is not None:
            self._reporter.make_room()
        elif self._display is not None:
            self._display.clear()

    def hand_over(self, reporter: Reporter) -> None:
        """Let a reporter go on with the display, if there is one."""
        self._reporter = reporter
        reporter.started = self._started
        if self._display is not None:
            reporter.progress = self._display


class _PreparedLoader:
    """doit's task loader, with a function that is called before the generators are."""

    def __init__(self, loader: Any, before: Callable[[], None]) -> None:
        self._loader = loader
        self._before = before

    def load_tasks(self, cmd: object, pos_args: Sequence[str]) -> list[Task]:
        """Return the tasks."""
        self._before()
        return self._loader.load_tasks(cmd=cmd, pos_args=pos_args)  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


def _generators(namespace: Mapping[str, object] | None) -> Iterator[Callable[[], object]]:
    """Yield the task generators of a dodo.py, as doit knows them."""
    for name, value in (namespace or {}).items():
        if (name.startswith("task_") and callable(value)) or hasattr(value, "create_doit_tasks"):
            yield value  # type: ignore[misc]  # it is callable, or makes others that are none of ours


def _owner(generator: object) -> TaskGenerators | None:
    """Return the object whose method a task generator is, if it is one of ours."""
    if "oas_tasks.tasks.request" not in sys.modules:
        return None
    from oas_tasks.tasks.request import TaskGenerators

    owner = getattr(generator, "__self__", None)
    return owner if isinstance(owner, TaskGenerators) else None


def _is_any_ours(tasks: Sequence[Task]) -> bool:
    if "oas_tasks.tasks.request" not in sys.modules:
        return False
    from oas_tasks.tasks.request import OwnMeta

    return any(isinstance(task.meta, OwnMeta) for task in tasks)


def selected_tasks(
    tasks: Sequence[Task], names: list[str] | None, auto_delayed_regex: bool = False, single: bool = False
) -> TaskControl:
    """Return doit's control of the selected tasks.

    names: the tasks or targets that are requested; None for all.
    single: leave out their dependencies.
    """
    control = TaskControl(tasks, auto_delayed_regex=auto_delayed_regex)
    control.process(names)
    if single:
        for name in control.selected_tasks:
            task = control.tasks[name]
            for each in map(control.tasks.get, task.task_dep) if task.has_subtask else (task,):
                each.task_dep = []
    return control


@contextmanager
def _opened(outfile: Any) -> Iterator[Any]:
    """Provide the stream to write to, and open it if it is given as a file name."""
    if not isinstance(outfile, str):
        yield outfile
        return
    with codecs.open(outfile, "w", encoding="utf-8") as stream:
        yield stream


def runner_of(processes: int, kind: str, arguments: tuple[object, ...]) -> FailureTrackingRunner:
    """Return the runner of the tasks.

    processes: how many, 0 for this one only. kind: of parallel runners, `process` or `thread`.
    """
    from oas_tasks.tasks.runner import SerialRunner, ThreadRunner

    if processes == 0:
        return SerialRunner(*arguments)
    if kind not in ("process", "thread"):
        raise InvalidCommand(f"there is no parallel type '{kind}', only 'process' and 'thread'")
    if kind == "process":
        from oas_tasks.tasks.worker_pool import BatchRunner

        if BatchRunner.available():
            return BatchRunner(*arguments, processes)
    return ThreadRunner(*arguments, processes)


def exit_code(code: int, runner: FailureTrackingRunner, builds: Sequence[Run], reporter: object) -> int:
    """Return the exit code of a run, and report failed endpoints that no reporter has shown.

    A failed endpoint is a failure: not a success, nor an error, as doit has it where tasks depend on a failed one.

    code: doit's. reporter: None where its output goes to a file.
    """
    if not any(build.failures() for build in builds):
        return code
    from oas_tasks.tasks.output import SafeStream
    from oas_tasks.tasks.reporter import has_summary
    from oas_tasks.tasks.request import unreported_failures

    shows = _shows_failures(reporter)

    def is_reported(build: Run, key: EndpointKey) -> bool:
        return shows and runner.has_reported(build, key)

    for text in () if has_summary(reporter) else unreported_failures(builds, is_reported):
        SafeStream(sys.stderr).write(text + "\n")
    if not has_summary(reporter) and os.environ.get("GITHUB_ACTIONS") == "true":
        from oas_tasks.state.annotations import annotations_of

        SafeStream(sys.stderr).write(annotations_of(builds, os.environ))
    return _FAILED if code == _SUCCESS or (code == _ERROR and runner.has_only_failed) else code


def _shows_failures(reporter: object) -> bool:
    """Whether a reporter is known to show the messages of failed tasks: some of doit's do."""
    kind: Any = type(reporter)
    if not isinstance(reporter, ConsoleReporter) or kind.write is not ConsoleReporter.write:
        return False
    if kind.add_failure is ErrorOnlyReporter.add_failure:
        return True
    return kind.add_failure is ConsoleReporter.add_failure and kind._write_failure is ConsoleReporter._write_failure
