"""The worker processes of `doit -n`: a run ends when one of them dies, and they end when the run does.

doit itself waits for ever for what a worker that was killed will never say, and workers whose main process was killed
wait for ever for more to do. Who starts a run calls `watch_workers`; threads (`-P thread`) need none of this.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from multiprocessing import queues
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from doit import cmd_run
from doit.control import TaskDispatcher
from doit.exceptions import InvalidTask
from doit.runner import MRunner


class _Results(queues.Queue):  # type: ignore[type-arg]  # it takes no argument where it runs
    """A queue that can come to an end, so that nobody waits for something that nobody is left to put."""

    def end(self) -> None:
        """Put nothing more from this process: whoever waits is told, once no other process has the queue either."""
        self._writer.close()  # type: ignore[attr-defined]


def _new_queue() -> _Results:
    return _Results(ctx=multiprocessing.get_context())


class _Dead(threading.Thread):
    """Waits until all workers have ended, and stops the others when one did not do so by itself.

    found: the process that died.
    """

    def __init__(self, processes: Sequence[BaseProcess], results: _Results) -> None:
        super().__init__(daemon=True)
        self._processes = processes
        self._results = results
        self.found: BaseProcess | None = None

    def run(self) -> None:
        """Wait; costs nothing while all goes well."""
        running: dict[object, BaseProcess] = {process.sentinel: process for process in self._processes}
        while running and self.found is None:
            for sentinel in wait([process.sentinel for process in running.values()]):
                process = running.pop(sentinel)
                process.join()  # its end of the pipe is closed a moment before it has an exit code
                if process.exitcode:
                    self.found = process
        if self.found is not None:
            for process in running.values():
                process.terminate()
            self._results.end()


class WatchfulRunner(MRunner):  # type: ignore[misc]
    """doit's runner of processes, with an eye on them."""

    # doit asks for both of its queues here; only that of the results is ever ended.
    Queue = staticmethod(_new_queue)
    _dead: _Dead | None = None

    def run_tasks(self, task_dispatcher: TaskDispatcher) -> None:
        """Run the tasks. What workers finished before one of them died is taken into account."""
        try:
            super().run_tasks(task_dispatcher)
        except BaseException as error:
            for process in multiprocessing.active_children():  # doit forgets them when it is interrupted at the start
                process.terminate()
            if isinstance(error, EOFError | OSError) and self._dead is not None and self._dead.found is not None:
                raise InvalidTask(_last_words(self._dead.found)) from None
            raise

    def _run_start_processes(self, job_q: _Results, result_q: _Results) -> list[BaseProcess]:
        # A worker that Ctrl-C reaches before it can ignore it shows a traceback; the main process gets it afterwards.
        blocked = _block_interruption()
        try:
            processes: list[BaseProcess] = super()._run_start_processes(job_q, result_q)
        finally:
            _unblock(blocked)
        self._dead = _Dead(processes, result_q)
        self._dead.start()
        return processes

    def execute_task_subprocess(self, job_q: _Results, result_q: _Results, reporter_class: type) -> None:
        """Work, in a process of its own."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all processes, and the main one decides
        threading.Thread(target=_end_with_parent, daemon=True).start()
        super().execute_task_subprocess(job_q, result_q, reporter_class)


def _block_interruption() -> set[signal.Signals | int] | None:
    """Hold Ctrl-C back, for the calling thread and the processes that it starts, and return what was held back."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        return None
    return signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _unblock(blocked: set[signal.Signals | int] | None) -> None:
    if blocked is not None:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # nobody waits for what this process does; slices are on disk as a whole or not at all


def _last_words(process: BaseProcess) -> str:
    code = process.exitcode or 0
    how = f"was killed (signal {-code})" if code < 0 else f"ended by itself (exit code {code})"
    return (
        f"a worker process {how}. What was finished is kept; run the same command again to go on, "
        "with fewer processes if memory ran out."
    )


def watch_workers() -> None:
    """Have doit run its workers in this way; it names its own class, so that ours has to take its place."""
    cmd_run.MRunner = WatchfulRunner
