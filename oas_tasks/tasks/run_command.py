"""doit's `run`, which knows what it was asked for: it says so to our task generators and decides what the run is for.

The entry point `doit.COMMAND` puts it in the place of doit's own, for every dodo.py: where none of the tasks is ours
nothing is different. Where doit does not know this package, and for other commands that run tasks, `take_over` does.
"""

from __future__ import annotations

import codecs
import sys
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
    from oas_tasks.state.run import Key, Run
    from oas_tasks.tasks.outcomes import NotingRunner
    from oas_tasks.tasks.request import Asked, Request

#: What doit returns where all went well, where tasks failed, and where something else went wrong.
_SUCCESS, _FAILED, _ERROR = 0, 1, 2

#: How doit's own command does it.
_as_doit = cmd_run.Run._execute


class RunCommand(cmd_run.Run):  # type: ignore[misc]
    """`doit run`, or `doit` alone."""

    name = "run"
    loader: Any

    def execute(self, params: Mapping[str, object], args: Sequence[str]) -> int:
        """Load the tasks and run those that are asked for. Called by doit."""
        self.loader = _Telling(self.loader, lambda: self._tell(params))
        try:
            return int(super().execute(params, args))
        except InvalidCommand as error:
            fault = self._fault_behind(error)
            if fault is None:
                raise
            raise InvalidCommand(fault) from None

    def _fault_behind(self, error: InvalidCommand) -> str | None:
        """Return why there are no tasks of ours, where it is one of these that is not found."""
        from oas_tasks.tasks.names import is_own_task

        namespace = self.loader.namespace if is_own_task(str(error.not_found or "")) else None
        owners = (_owner(each) for each in _generators(namespace))
        return next((str(owner.fault) for owner in owners if owner is not None and owner.fault is not None), None)

    def _tell(self, params: Mapping[str, object]) -> None:
        """Say to our generators in dodo.py what they make tasks for."""
        generators = list(_generators(self.loader.namespace))
        for asked in {owner: None for each in generators if (owner := _owner(each)) is not None}:
            asked.request = self._request(asked, generators, params)

    def _request(
        self, asked: Asked, generators: Sequence[Callable[[], object]], params: Mapping[str, object]
    ) -> Request:
        """Return what this run asks of one set of generators.

        What is up to date can be left out where everything is asked for, nothing else could depend on it, and the
        index tells of faults that are known.
        """
        from oas_tasks.tasks.doit_backend import Backend
        from oas_tasks.tasks.request import Request

        number = params.get("num_process")
        processes = number if isinstance(number, int) and number > 1 else 1
        is_everything = self.sel_default_tasks and not self.sel_tasks and not params.get("always")
        own = asked.namespace()
        are_ours = all(each in own.values() for each in generators) and own["task_index"] in generators
        backend = getattr(self.dep_manager, "backend", None)
        if is_everything and are_ours and isinstance(backend, Backend):
            return Request(True, backend.forgotten(), lambda name: bool(backend.get(name, "ignore:")), processes)
        return Request(processes=processes)

    # The names of the parameters are how doit knows which options to hand over.
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
        """Run the tasks that are selected and return the exit code. Called by doit, on whatever command it has."""
        if not _is_any_ours(self.task_list):
            given = (outfile, verbosity, always, continue_, reporter, num_process, par_type, single)
            return int(_as_doit(self, *given, auto_delayed_regex, force_verbosity, failure_verbosity, pdb))
        from oas_tasks.tasks.request import decide

        PythonAction.pm_pdb = pdb
        self.control = control = _selected(self.task_list, self.sel_tasks, auto_delayed_regex, single)
        builds = decide(control.tasks, control.selected_tasks, self.dep_manager.status_is_ignore)
        shown = self.reporters[reporter] if isinstance(reporter, str) else reporter
        with _opened(outfile) as self.outstream:
            if isinstance(shown, type):
                shown = shown(self.outstream, {"failure_verbosity": failure_verbosity})
            stream = Stream(verbosity, force_verbosity)
            runner = _runner(num_process, par_type, (self.dep_manager, shown, continue_, always, stream))
            code = int(runner.run_all(control.task_dispatcher()))
        return _verdict(code, runner, builds, None if isinstance(outfile, str) else shown)


def take_over() -> None:
    """Have doit's own command run tasks as ours does: it is at work, since nobody said what it was asked for."""
    cmd_run.Run._execute = RunCommand._execute


class _Telling:
    """doit's task loader, with something to be done before the generators are called."""

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


def _owner(generator: object) -> Asked | None:
    """Return whose method a task generator is, where it is one of ours."""
    if "oas_tasks.tasks.request" not in sys.modules:
        return None
    from oas_tasks.tasks.request import Asked

    owner = getattr(generator, "__self__", None)
    return owner if isinstance(owner, Asked) else None


def _is_any_ours(tasks: Sequence[Task]) -> bool:
    if "oas_tasks.tasks.request" not in sys.modules:
        return False
    from oas_tasks.tasks.request import OwnMeta

    return any(isinstance(task.meta, OwnMeta) for task in tasks)


def _selected(tasks: Sequence[Task], names: list[str] | None, auto_delayed_regex: bool, single: bool) -> TaskControl:
    """Return what there is to do.

    names: of the tasks, or targets, that are asked for; None for all.
    single: without what they depend on.
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
    """Give the stream to write to: itself, or that of a file by its name."""
    if not isinstance(outfile, str):
        yield outfile
        return
    with codecs.open(outfile, "w", encoding="utf-8") as stream:
        yield stream


def _runner(processes: int, kind: str, arguments: tuple[object, ...]) -> NotingRunner:
    """Return what runs the tasks.

    processes: how many, 0 for none but this one. kind: of the parallel ones, `process` or `thread`.
    """
    from oas_tasks.tasks.runner import BatchRunner, SerialRunner, ThreadRunner

    if processes == 0:
        return SerialRunner(*arguments)
    if kind not in ("process", "thread"):
        raise InvalidCommand(f"there is no parallel type '{kind}', only 'process' and 'thread'")
    if kind == "process" and BatchRunner.available():
        return BatchRunner(*arguments, processes)
    return ThreadRunner(*arguments, processes)


def _verdict(code: int, runner: NotingRunner, builds: Sequence[Run], reporter: object) -> int:
    """Return the exit code of a run, and say why endpoints failed where nobody has.

    An endpoint that fails is never a success. Nor is it an error, as doit has it where other tasks wait for one that
    failed.

    code: doit's. reporter: None where what it says goes to no screen.
    """
    if not any(build.failures() for build in builds):
        return code
    from oas_tasks.tasks.output import Unhindered
    from oas_tasks.tasks.reporter import sums_up
    from oas_tasks.tasks.request import untold

    shows = _shows_failures(reporter)

    def told(build: Run, key: Key) -> bool:
        return shows and runner.has_told(build, key)

    for text in () if sums_up(reporter) else untold(builds, told):
        Unhindered(sys.stderr).write(text + "\n")
    return _FAILED if code == _SUCCESS or (code == _ERROR and runner.has_only_failed) else code


def _shows_failures(reporter: object) -> bool:
    """Whether a reporter shows people what tasks say that fail: of doit's some do, and of others nobody knows."""
    kind: Any = type(reporter)
    if not isinstance(reporter, ConsoleReporter) or kind.write is not ConsoleReporter.write:
        return False
    if kind.add_failure is ErrorOnlyReporter.add_failure:
        return True
    return kind.add_failure is ConsoleReporter.add_failure and kind._write_failure is ConsoleReporter._write_failure
