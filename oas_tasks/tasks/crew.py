"""The processes that make slices, and how batches of tasks are handed out among them.

doit hands out one task at a time, over queues with threads of their own: that costs half a millisecond for each, waits
for ever for a process that was killed, and leaves processes behind where the main one is. Here slices are handed out in
batches over plain pipes, whose ends tell at once that the other side is gone.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from doit.exceptions import InvalidTask
from doit.runner import JobHold, JobTask, JobTaskPickle
from doit.task import Task

from oas_tasks.processes import interruption_later, processors
from oas_tasks.tasks.names import is_own_task, is_slice_task

if TYPE_CHECKING:
    from multiprocessing import Process
    from multiprocessing.connection import Connection


#: Fewer slices than this are made in the main process, as long as they take less than these seconds together: starting
#: others costs more than it gives.
_FEW = 40


_SHORT_SECONDS = 0.2


#: How many slices that follow one another in the document are kept for the same process: they share components, which
#: each process looks at once.
_BLOCK = 128


#: Seconds of work in a batch, and the most slices in one.
_BATCH_SECONDS = 0.03


_MOST_IN_BATCH = 64


#: How many batches a process has at a time: one at work, one to go on with.
_BATCHES_AHEAD = 2


#: Seconds after which a process tells what it has finished so far.
_TELL_SECONDS = 0.1


#: How many processes may be lost for each that may run.
_MOST_LOST = 4


#: A message from a process: what became of a task, or what its reporter is to be told.
Message = dict[str, Any]


Job: TypeAlias = "JobTask | JobTaskPickle"


def task_of(job: Job, tasks: Mapping[str, Task]) -> Task:
    """Return the task of this process that a job is about, brought up to date by it."""
    if isinstance(job, JobTask):
        import pickle

        return pickle.loads(job.task_pickle)  # noqa: S301  it comes from our own parent
    task = tasks[job.name]
    task.update_from_pickle(job.task_dict)
    return task


def inbox_of(connection: Connection) -> SimpleQueue[list[Job]]:
    """Return the batches that come out of a connection, an empty one where no more will.

    They are taken out as they come, even in the midst of a task: where pipes hold but a few kilobytes (macOS, Windows)
    the main process would wait for this one to read, and this one for it.
    """
    batches: SimpleQueue[list[Job]] = SimpleQueue()

    def read() -> None:
        batch: list[Job] = []
        while True:
            try:
                batch = connection.recv()
            except (EOFError, OSError):  # the main process is gone
                batch = []
            batches.put(batch)
            if not batch:
                return

    threading.Thread(target=read, daemon=True).start()
    return batches


class Outbox:
    """Messages to the main process, sent together where they can wait."""

    def __init__(self, connection: Connection) -> None:
        self.is_patient = False
        self._connection = connection
        self._messages: list[Message] = []
        self._sent_at = time.monotonic()

    def put(self, message: Message) -> None:
        """Send a message, soon."""
        self._messages.append(message)
        if not self.is_patient or time.monotonic() - self._sent_at > _TELL_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        if self._messages:
            self._connection.send(self._messages)
            self._messages = []
        self._sent_at = time.monotonic()


@dataclass(slots=True)
class _Worker:
    """A process.

    jobs: what it has and has not finished, by the tasks' names.
    block: slices that are kept for it.
    is_apart: it does something of which nobody knows how long it takes, or whether it survives that.
    """

    process: Process
    connection: Connection
    jobs: dict[str, Job] = field(default_factory=dict)
    block: deque[Job] = field(default_factory=deque)
    is_apart: bool = False


class Employer(Protocol):
    """The runner that a crew works for, one of doit's: it decides, and takes what was done."""

    Child: type[Process]
    num_process: int
    reporter: Any
    task_dispatcher: Any
    _stop_running: bool

    def get_next_job(self, completed: Any) -> Job | None:
        """Return what is to be done next, a `JobHold` where that depends on what is not done yet."""

    def do_here(self, name: str) -> Any:
        """Do a task in this process; returns its node."""

    def finish_task(self, message: Message) -> Any:
        """Take the result of a task that another process did; returns its node."""

    def lose_task(self, name: str, how: str) -> Any:
        """Take note that a task cannot be done, since the process that was at it is gone; returns its node."""

    def work_in_child(self, connection: Connection, inherited: list[Connection], reporter_class: type) -> None:
        """Do what comes out of a connection until it ends; in a process of its own."""

    def collecting_for(self, task: Task | None) -> AbstractContextManager[None]:
        """Let the garbage collector do as it would without us, if this task is the repository's."""


class Crew:
    """The processes of one run, and what they have to do."""

    def __init__(self, runner: Employer) -> None:
        self._runner = runner
        #: What can be done by now: slices, what belongs into this process, and what is done alone.
        self._slices: deque[Job] = deque()
        self._own: deque[Job] = deque()
        self._others: deque[Job] = deque()
        self._has_more = True
        self._workers: list[_Worker] = []
        self._suspects: set[str] = set()
        self._batch = 2
        self._lost = 0
        self._seconds_here = 0.0
        #: Slicing keeps a processor busy, so that more processes than there are of these give nothing.
        self._most_slicers = min(runner.num_process, processors())

    # --- what there is to do --------------------------------------------------------------------------------------

    def work(self) -> None:
        """Do all there is to do."""
        self._collect(None)
        while True:
            self._do_here()
            self._hand_out()
            busy = [worker for worker in self._workers if worker.jobs]
            if not busy:
                if self._has_more and not self._runner._stop_running:
                    raise InvalidTask("no task can go on: each waits for another one")
                return
            for worker in _telling(busy):
                self._listen(worker)

    def _collect(self, done: object) -> None:
        """Tell doit of a task that is finished, and ask which can be done by now, as many as are of use."""
        while self._has_more:
            job = self._runner.get_next_job(done)
            done = None
            if job is None:
                self._has_more = False
                if self._runner._stop_running:
                    self._drop()
            elif isinstance(job, JobHold):
                return
            else:
                self._sorted_in(job)
                if len(self._slices) >= _BLOCK or self._others:
                    return

    def _sorted_in(self, job: Job) -> None:
        queue = self._slices if is_slice_task(job.name) else self._own if is_own_task(job.name) else self._others
        queue.append(job)

    def _drop(self) -> None:
        """Do nothing of what is not begun."""
        for queue in (self._slices, self._own, self._others, *(worker.block for worker in self._workers)):
            queue.clear()

    def _do_here(self) -> None:
        """Do what belongs into this process, and slices as long as they are few."""
        while self._own or (self._slices and self._is_little()):
            job = (self._own or self._slices).popleft()
            started = time.monotonic()
            node = self._runner.do_here(job.name)
            self._seconds_here += time.monotonic() - started
            self._collect(node)

    def _is_little(self) -> bool:
        is_short = self._seconds_here < _SHORT_SECONDS and len(self._slices) < _FEW
        return is_short and not self._workers and not self._others

    # --- processes ------------------------------------------------------------------------------------------------

    def _hand_out(self) -> None:
        """Give work to processes, and start as many as are allowed and of use."""
        while self._others:
            worker = next((each for each in self._workers if not each.jobs), None)
            if worker is None:
                if len(self._workers) >= self._runner.num_process:
                    break
                worker = self._start()
            self._slices.extendleft(reversed(worker.block))
            worker.block.clear()
            worker.is_apart = True
            self._give(worker, [self._others.popleft()])
            self._collect(None)
        while self._slices and len(self._workers) < self._most_slicers:
            self._fill(self._start())
        next_free = min(self._workers, key=lambda each: len(each.jobs)) if self._others else None
        for worker in self._workers:
            if worker is not next_free:
                self._fill(worker)

    def _fill(self, worker: _Worker) -> None:
        """Give a process slices, so that it has always one batch to go on with."""
        if worker.jobs and worker.is_apart:
            return
        worker.is_apart = False
        while len(worker.jobs) <= (_BATCHES_AHEAD - 1) * self._batch:
            if not worker.block:
                self._collect(None)
                fair = -(-len(self._slices) // self._most_slicers)  # so that all come to an end together
                worker.block.extend(self._slices.popleft() for _ in range(min(_BLOCK, fair)))
            source = worker.block or max((each.block for each in self._workers), key=len)
            if not source:
                return
            take = source.popleft if source is worker.block else source.pop
            self._give(worker, [take() for _ in range(min(self._batch, -(-len(source) // 2)))])

    def _give(self, worker: _Worker, batch: list[Job]) -> None:
        worker.jobs.update((job.name, job) for job in batch)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it is gone, as is seen soon
            worker.connection.send(batch)

    def _start(self) -> _Worker:
        from multiprocessing import Pipe, get_start_method

        here, there = Pipe()
        inherited = [here, *(each.connection for each in self._workers)] if get_start_method() == "fork" else []
        process = self._runner.Child(
            target=self._runner.work_in_child, args=(there, inherited, self._runner.reporter.__class__), daemon=False
        )
        with interruption_later():
            process.start()
            there.close()
            worker = _Worker(process, here)
            self._workers.append(worker)
        return worker

    def _listen(self, worker: _Worker) -> None:
        """Take what a process tells; what one that is gone had to do is given to another."""
        started = time.monotonic()
        try:
            while worker.connection.poll():
                for message in worker.connection.recv():
                    self._take(worker, message)
                if time.monotonic() - started > _TELL_SECONDS:
                    return  # others want to be heard
            if worker.process.is_alive():
                return
        except (EOFError, OSError):
            pass
        if worker.jobs:
            self._replace(worker)

    def _take(self, worker: _Worker, message: Message) -> None:
        if "exit" in message:
            raise cast("Callable[[str], BaseException]", message["exit"])(message["exception"])
        if "reporter" in message:
            task = self._runner.task_dispatcher.nodes[message["name"]].task
            with self._runner.collecting_for(task):
                getattr(self._runner.reporter, message["reporter"])(task)
            return
        worker.jobs.pop(message["name"], None)
        node = self._runner.finish_task(message)
        took = node.task.values.get("milliseconds") if is_slice_task(message["name"]) else None
        if isinstance(took, float):  # the batch grows and shrinks with what slices take
            fitting = min(_MOST_IN_BATCH, max(1, int(_BATCH_SECONDS / max(took / 1000, 1e-4))))
            self._batch += (fitting > self._batch) - (fitting < self._batch)
        self._collect(node)

    def _replace(self, worker: _Worker) -> None:
        """Give what a process that is gone had to do to others; what takes a second one with it is given up."""
        worker.process.join()
        worker.connection.close()
        self._workers.remove(worker)
        self._slices.extendleft(reversed(worker.block))
        self._lost += 1
        how = _end_of(worker.process.exitcode)
        if self._lost > _MOST_LOST * self._runner.num_process:
            raise InvalidTask(f"the processes that make slices end again and again: the last one {how}")
        for name, job in worker.jobs.items():
            if is_slice_task(name) and name not in self._suspects:
                self._suspects.add(name)
                self._others.append(job)
            else:
                self._collect(self._runner.lose_task(name, how))

    def dismiss(self) -> None:
        """Let the processes end, and hear their last words."""
        for worker in self._workers:
            with contextlib.suppress(OSError):  # it was killed while it had nothing to do
                worker.connection.send([])
        for worker in self._workers:
            try:
                while True:
                    for message in worker.connection.recv():
                        self._take(worker, message)
            except (EOFError, OSError):
                worker.process.join()

    def terminate(self) -> None:
        """End the processes, whatever they are at."""
        for worker in self._workers:
            worker.process.terminate()


def _telling(workers: list[_Worker]) -> list[_Worker]:
    """Wait for processes that have something to tell, or are gone."""
    from multiprocessing.connection import wait

    ends: list[Connection | int] = [end for each in workers for end in (each.connection, each.process.sentinel)]
    told = wait(ends)
    return [each for each in workers if each.connection in told or each.process.sentinel in told]


def _end_of(code: int | None) -> str:
    """Return how a process ended, in words."""
    if code is not None and code < 0:
        hint = "; there may be too little memory for so many processes" if code == -9 else ""
        return f"was killed by signal {-code}{hint}"
    return f"ended with exit code {code}"
