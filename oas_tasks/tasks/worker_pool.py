"""Runs tasks in several processes: a pool of workers, which get slices in batches.

doit sends one task at a time, over queues with threads of their own: that costs half a millisecond per task, waits
for ever for a killed worker, and leaves workers behind if the main process is killed. This pool sends batches of slices
over plain pipes, which show at once that the other side has ended.

Executors were tried instead. One `ProcessPoolExecutor` ends all workers when one is killed and does not say which; it
fails two tests (teardown of other tasks, an idle worker that is killed). One executor for each worker passes them,
and is as fast: GitHub's 1,223 endpoints took 0.94 of this pool's time with `-n 2` and 0.97 with `-n 8` (medians of 8
and 6 pairs on two processors). But it shows the start of a task only when the task has ended, and forks workers while
threads run, which Python 3.12 and later warn of. loky starts an interpreter for each worker, which reads the document
again (about twice the processor time) and cannot watch the main process to end with it.
"""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from doit.exceptions import BaseFail, InvalidTask, TaskError
from doit.runner import JobHold, JobTask, JobTaskPickle, MReporter, MRunner
from doit.task import Task

from oas_tasks.processes import (
    LITTLE,
    SECONDS_PER_SLICE,
    belong_to_parent,
    interruption_later,
    processes_that_pay,
    start_method,
)
from oas_tasks.tasks.failure_tracking import FailureTrackingRunner
from oas_tasks.tasks.names import is_own_task, is_slice_task
from oas_tasks.tasks.runner import Uncollected
from oas_tasks.tasks.slice_task import lost_slice

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

#: How many slices that follow one another in the document are reserved for one worker: they share components, which
#: each worker validates once.
_BLOCK = 128

#: Seconds of work in a batch, and the most slices in one.
_BATCH_SECONDS = 0.03
_MOST_IN_BATCH = 64

#: How many batches a worker has at a time: one in work, one waiting.
_BATCHES_AHEAD = 2

#: Seconds after which a worker sends its results so far.
_SEND_INTERVAL = 0.1

#: How many workers may be lost for each that may run.
_MOST_LOST = 4

#: Seconds that a worker has to end after it was told to, before it is killed.
_PATIENCE = 2.0

#: A message from a worker: the result of a task, or a call of the reporter.
Message = dict[str, Any]
Job: TypeAlias = "JobTask | JobTaskPickle"


def task_of(job: Job, tasks: Mapping[str, Task]) -> Task:
    """Return this process's task for a job, with the values that the job brings."""
    if isinstance(job, JobTask):
        import pickle

        return pickle.loads(job.task_pickle)  # noqa: S301  it comes from our parent process
    task = tasks[job.name]
    task.update_from_pickle(job.task_dict)
    return task


def inbox_of(connection: Connection) -> SimpleQueue[list[Job]]:
    """Return a queue of the batches that come through a connection; an empty batch is the last one.

    A thread reads them as they come, even while a task runs: where pipes hold only a few kilobytes (macOS, Windows),
    the two processes would otherwise wait for each other.
    """
    batches: SimpleQueue[list[Job]] = SimpleQueue()

    def read() -> None:
        batch: list[Job] = []
        while True:
            try:
                batch = connection.recv()
            except (EOFError, OSError):  # the main process has ended
                batch = []
            batches.put(batch)
            if not batch:
                return

    threading.Thread(target=read, daemon=True).start()
    return batches


class Outbox:
    """Messages to the main process, which are sent together if they may wait."""

    def __init__(self, connection: Connection) -> None:
        self.may_wait = False
        self._connection = connection
        self._messages: list[Message] = []
        self._sent_at = time.monotonic()

    def put(self, message: Message) -> None:
        """Send a message, at once or within a short time."""
        self._messages.append(message)
        if not self.may_wait or time.monotonic() - self._sent_at > _SEND_INTERVAL:
            self.flush()

    def flush(self) -> None:
        """Send the waiting messages."""
        if self._messages:
            self._connection.send(self._messages)
            self._messages = []
        self._sent_at = time.monotonic()


@dataclass(slots=True)
class _Worker:
    """A worker process, as the main process sees it.

    jobs: its unfinished jobs, by task name.
    block: slices that are reserved for it.
    is_isolated: it runs a task of the repository, or one that a lost worker had, and gets no others meanwhile.
    """

    process: BaseProcess
    connection: Connection
    jobs: dict[str, Job] = field(default_factory=dict)
    block: deque[Job] = field(default_factory=deque)
    is_isolated: bool = False


class WorkerPool:
    """The worker processes of one run, and the queues of their tasks."""

    def __init__(self, runner: BatchRunner) -> None:
        self._runner = runner
        #: Jobs that can start: slices, those for the main process, and those that a worker runs in isolation.
        self._slices: deque[Job] = deque()
        self._own: deque[Job] = deque()
        self._others: deque[Job] = deque()
        self._has_more = True
        self._workers: list[_Worker] = []
        self._suspects: set[str] = set()
        self._batch = 2
        self._lost = 0
        self._seconds_here: list[float] = []
        #: Other tasks may wait for something, so that as many run as are asked for.
        self._most_slicers = processes_that_pay(runner.num_process)

    # --- jobs -----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Run all tasks."""
        self._collect(None)
        while True:
            self._run_here()
            self._hand_out()
            busy = [worker for worker in self._workers if worker.jobs]
            if not busy:
                if self._has_more and not self._runner._stop_running:
                    raise InvalidTask("no task can start: each waits for another one")
                return
            for worker in _readable(busy):
                self._listen(worker)

    def _collect(self, done: object) -> None:
        """Report a finished task to doit, and get as many jobs that can start as are useful."""
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
                self._enqueue(job)
                if len(self._slices) >= _BLOCK or self._others:
                    return

    def _enqueue(self, job: Job) -> None:
        queue = self._slices if is_slice_task(job.name) else self._own if is_own_task(job.name) else self._others
        queue.append(job)

    def _drop(self) -> None:
        """Drop all jobs that have not begun."""
        for queue in (self._slices, self._own, self._others, *(worker.block for worker in self._workers)):
            queue.clear()

    def _run_here(self) -> None:
        """Run the jobs for the main process, and slices as long as they are few."""
        while self._own or (self._slices and self._is_little()):
            job = (self._own or self._slices).popleft()
            started = time.process_time()  # on a busy machine others take their time as well
            node = self._runner.run_here(job.name)
            self._seconds_here.append(time.process_time() - started)
            self._collect(node)

    def _is_little(self) -> bool:
        # The first one takes what is needed for all: imports, schemas that are read once.
        is_known = len(self._seconds_here) > 1
        each = max(SECONDS_PER_SLICE, min(self._seconds_here)) if is_known else SECONDS_PER_SLICE
        return len(self._slices) * each < LITTLE and not self._workers and not self._others

    # --- workers --------------------------------------------------------------------------------------------------

    def _hand_out(self) -> None:
        """Give jobs to workers, and start as many workers as are allowed and useful."""
        while self._others:
            worker = next((each for each in self._workers if not each.jobs), None)
            if worker is None:
                if len(self._workers) >= self._runner.num_process:
                    break
                worker = self._start()
            self._slices.extendleft(reversed(worker.block))
            worker.block.clear()
            worker.is_isolated = True
            job = self._others.popleft()
            self._runner.announce(job.name)
            self._give(worker, [job])
            self._collect(None)
        while self._slices and len(self._workers) < self._most_slicers:
            self._fill(self._start())
        next_free = min(self._workers, key=lambda each: len(each.jobs)) if self._others else None
        for worker in self._workers:
            if worker is not next_free:
                self._fill(worker)

    def _fill(self, worker: _Worker) -> None:
        """Give a worker slices, so that it always has a batch waiting."""
        if worker.jobs and worker.is_isolated:
            return
        worker.is_isolated = False
        while len(worker.jobs) <= (_BATCHES_AHEAD - 1) * self._batch:
            if not worker.block:
                self._collect(None)
                fair = -(-len(self._slices) // self._most_slicers)  # so that all workers finish at about the same time
                worker.block.extend(self._slices.popleft() for _ in range(min(_BLOCK, fair)))
            source = worker.block or max((each.block for each in self._workers), key=len)
            if not source:
                return
            take = source.popleft if source is worker.block else source.pop
            self._give(worker, [take() for _ in range(min(self._batch, -(-len(source) // 2)))])

    def _give(self, worker: _Worker, batch: list[Job]) -> None:
        worker.jobs.update((job.name, job) for job in batch)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # `_listen` finds that it has ended
            worker.connection.send(batch)

    def _start(self) -> _Worker:
        from multiprocessing import get_context

        method = start_method()
        context = get_context(method)
        here, there = context.Pipe()
        inherited = [here, *(each.connection for each in self._workers)] if method == "fork" else []
        process: BaseProcess = context.Process(  # type: ignore[attr-defined]  # any start method has it
            target=self._runner.work_in_child, args=(there, inherited, self._runner.reporter.__class__), daemon=False
        )
        with interruption_later():
            process.start()
            there.close()
            worker = _Worker(process, here)
            self._workers.append(worker)
        return worker

    def _listen(self, worker: _Worker) -> None:
        """Process a worker's messages; if it has ended, give its jobs to others."""
        started = time.monotonic()
        try:
            while worker.connection.poll():
                for message in worker.connection.recv():
                    self._process(worker, message)
                if time.monotonic() - started > _SEND_INTERVAL:
                    return  # the other workers have their turn
            if worker.process.is_alive():
                return
        except (EOFError, OSError):
            pass
        if worker.jobs:
            self._replace(worker)

    def _process(self, worker: _Worker, message: Message) -> None:
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
        if isinstance(took, float):  # the batch size follows the time that slices take
            fitting = min(_MOST_IN_BATCH, max(1, int(_BATCH_SECONDS / max(took / 1000, 1e-4))))
            self._batch += (fitting > self._batch) - (fitting < self._batch)
        self._collect(node)

    def _replace(self, worker: _Worker) -> None:
        """Give the jobs of a worker that has ended to others; a slice that ends a second worker is given up."""
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

    def shut_down(self) -> None:
        """Let the workers end, and process their last messages."""
        for worker in self._workers:
            with contextlib.suppress(OSError):  # it was killed while idle
                worker.connection.send([])
        for worker in self._workers:
            try:
                while True:
                    for message in worker.connection.recv():
                        self._process(worker, message)
            except (EOFError, OSError):
                worker.process.join()

    def terminate(self) -> None:
        """Kill the workers, and wait until they are gone."""
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(_PATIENCE)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


def _readable(workers: list[_Worker]) -> list[_Worker]:
    """Wait until some workers have sent messages or have ended, and return these."""
    from multiprocessing.connection import wait

    ends: list[Connection | int] = [end for each in workers for end in (each.connection, each.process.sentinel)]
    ready = wait(ends)
    return [each for each in workers if each.connection in ready or each.process.sentinel in ready]


def _end_of(code: int | None) -> str:
    """Return how a process ended, in words."""
    if code is not None and code < 0:
        hint = "; there may be too little memory for so many processes" if code == -9 else ""
        return f"was killed by signal {-code}{hint}"
    return f"ended with exit code {code}"


class BatchRunner(FailureTrackingRunner, Uncollected, MRunner):  # type: ignore[misc]
    """Runs tasks in several processes: slices in batches, index and prune in the main process."""

    def run_tasks(self, task_dispatcher: Any) -> None:
        """Run all tasks. Called by doit."""
        self._run_tasks_init(task_dispatcher)
        pool = WorkerPool(self)
        try:
            pool.run()
        except BaseException:
            self.was_cut_short = True
            pool.terminate()
            raise
        pool.shut_down()

    def work_in_child(self, connection: Connection, inherited: list[Connection], reporter_class: type) -> None:
        """Run the jobs that come through a connection until it is closed; in a worker process.

        inherited: the main process's ends of connections, which have to close when that process ends.
        """
        belong_to_parent()
        if self._is_off:
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
        outbox.may_wait = is_slice_task(task.name)
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

    def announce(self, name: str) -> None:
        """Let our reporter make room before a task of the repository writes anything; others have no use for that."""
        begin = getattr(self.reporter, "others_begin", None)
        if begin is not None and not is_own_task(name):
            begin(self.task_dispatcher.nodes[name].task)

    def finish_task(self, message: Message) -> Any:
        """Process the result of a task from a worker process; return its node."""
        node = self.task_dispatcher.nodes[message["name"]]
        self._process_result(node, node.task, message)
        return node

    def lose_task(self, name: str, how: str) -> Any:
        """Process the loss of a task whose worker process ended; return its node.

        how: how the process ended, in words. For a slice this is a fault of the machine, and its task does not fail
            unless it is alone.
        """
        node = self.task_dispatcher.nodes[name]
        failure: BaseFail | None = TaskError(f"the process that was running it {how}")
        if is_slice_task(name):
            found = lost_slice(f"the process that was making it {how}", is_alone=bool(node.task.meta.get("alone")))
            if isinstance(found, dict):
                node.task.values.update(found)
            failure = None if isinstance(found, dict) else found
        self.process_task_result(node, failure)
        return node

    def run_here(self, name: str) -> Any:
        """Run a task in this process; return its node."""
        node = self.task_dispatcher.nodes[name]
        self.process_task_result(node, self.execute_task(node.task))
        return node
