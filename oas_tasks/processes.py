"""Controls processes: how many pay, sharing of work, children that leave Ctrl-C to their parent, garbage collection."""

from __future__ import annotations

import contextlib
import gc
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from oas_tasks.errors import UserError


@contextlib.contextmanager
def interruption_later() -> Iterator[None]:
    """Delay Ctrl-C while processes are started: one that gets it before it can ignore it would show a traceback."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def belong_to_parent() -> None:
    """Ignore Ctrl-C, which a terminal sends to all processes, and end when the main process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import parent_process  # no main process needs it

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # at once: nobody waits for the result, and files are written whole or not at all


#: The processes that act as main ones though they may be children of others: those in which a program calls the API.
_main: set[int] = set()


def act_as_main() -> None:
    """Count this process as a main one from now on, whoever started it."""
    _main.add(os.getpid())


def check_has_begun() -> None:
    """Raise UserError in a process that is only reading its program, which some other process of that has started."""
    known = sys.modules.get("multiprocessing.process")
    if known is not None and getattr(known.current_process(), "_inheriting", False):
        message = "each process that this program starts would extract everything again"
        raise UserError(message, None, 'Put the call under `if __name__ == "__main__":`')


def is_worker() -> bool:
    """Whether this is a process that works for a main one, which looks after the cache."""
    from multiprocessing import parent_process

    return parent_process() is not None and os.getpid() not in _main


class _Holds:
    """How many blocks keep the garbage collector off, in all threads, and whether it was on before the first."""

    count = 0
    was_on = False
    lock = threading.Lock()


@contextmanager
def collection_held() -> Iterator[None]:
    """Keep the garbage collector off inside the block. After the last such block of all threads, restore its state."""
    with _Holds.lock:
        if not _Holds.count:
            _Holds.was_on = gc.isenabled()
        _Holds.count += 1
        gc.disable()
    try:
        yield
    finally:
        with _Holds.lock:
            _Holds.count -= 1
            if _Holds.was_on and not _Holds.count:
                gc.enable()


def exempt_from_collection(held: int = 0) -> None:
    """Exempt all present objects from garbage collection, if they live as long as the process.

    A forked process that searched them would have to copy their memory. They do not live that long where a block that
    goes on keeps the collector off: it stands for a part of a program.

    held: how many such blocks the caller is in for itself.
    """
    if _Holds.count == held:
        gc.freeze()


@contextmanager
def made_to_stay() -> Iterator[None]:
    """Keep the garbage collector off inside the block, and exempt from it the objects that exist at the end."""
    with collection_held():
        yield
        exempt_from_collection(held=1)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


#: Seconds of work that are worth a process of its own: one that is forked, and one that is started in another way. The
#: first costs 10 ms, and 50 ms to import what starts it; the second imports everything again, which takes 0.4 s.
_WORTH_A_FORK = 0.1
_WORTH_A_START = 0.8

#: Work that is too little for a second process, in seconds.
LITTLE = 2 * _WORTH_A_FORK

#: How long work takes, as far as is known before: a slice (3 to 8 ms in real documents), and a byte of YAML that is
#: read (7 to 10 MB a second).
SECONDS_PER_SLICE = 0.005
SECONDS_PER_YAML_BYTE = 1e-7

#: How many batches there are for each process, and how many each has at most, in work and waiting.
_BATCHES = 32
_AHEAD = 3


def processes_that_pay(asked: int, seconds: float = math.inf, method: str = "fork") -> int:
    """Return how many processes should share some work, this one included.

    asked: the most that the user wants. More than there are processors gain nothing either.
    seconds: how long the work takes one process, as far as is known.
    method: how processes are started, as for `multiprocessing`.
    """
    worth = _WORTH_A_FORK if method == "fork" else _WORTH_A_START
    return int(max(1, min(most_processes(asked), processors(), seconds / worth)))


def start_method() -> str:
    """Return how to start processes, without fixing it: a dodo.py, say, may still choose another way."""
    from multiprocessing import get_all_start_methods, get_start_method

    chosen = get_start_method(allow_none=True) or get_all_start_methods()[0]
    return "spawn" if chosen == "fork" and _has_threads() else chosen


def _has_threads() -> bool:
    """Whether there are other threads: in a fork, a lock that one of them holds would never be released."""
    return threading.active_count() > 1


def most_processes(wanted: int) -> int:
    """Return how many processes may work: one in a daemonic process, such as those of `multiprocessing.Pool`."""
    known = sys.modules.get("multiprocessing.process")
    return 1 if known is not None and known.current_process().daemon else wanted


Item = TypeVar("Item")
Result = TypeVar("Result")


def parallel_map(
    work: Callable[[Item], Result], items: Sequence[Item], asked: int, seconds: float, method: str | None = None
) -> Generator[Result, None, None]:
    """Yield the result of `work` for each item, in order, using as many processes as pay.

    This process begins with the first items and the others with the last, until they meet: each gets neighbours, and
    all finish at about the same time. This process also does what is left where others were killed, could not be
    started or had too little memory.

    work, items: inherited by processes that are forked, and sent once to any other.
    asked, seconds: as in `processes_that_pay`; for all items.
    method: how processes are started, as for `multiprocessing`; None if they have to be forked, where that is safe.
    """
    processes = processes_that_pay(asked, seconds, method or "fork")
    if processes == 1 or (method is None and (_has_threads() or not sys.platform.startswith("linux"))):
        yield from map(work, items)
        return
    from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
    from multiprocessing import get_context

    size = max(1, len(items) // (_BATCHES * processes))
    batches = [items[start : start + size] for start in range(0, len(items), size)]
    futures: list[Future[list[Result]]] = []  # of the last batches, the last one first
    executor = ProcessPoolExecutor(processes - 1, get_context(method or "fork"), _begin, (work, batches))

    def hand_out(begun: int) -> None:
        """Give others as much as they can do until this process has done one more batch."""
        waiting = sum(not future.done() for future in futures)
        for _ in range(min(_AHEAD * (processes - 1) - waiting, len(batches) - begun - len(futures))):
            futures.append(executor.submit(_work, len(batches) - 1 - len(futures)))

    try:
        for number, batch in enumerate(batches):
            with interruption_later(), contextlib.suppress(OSError, BrokenExecutor):
                hand_out(number)  # the first call forks all processes, while there are no threads
            if number >= len(batches) - len(futures):
                with contextlib.suppress(BrokenExecutor, MemoryError):
                    yield from futures[len(batches) - 1 - number].result()
                    continue
            yield from map(work, batch)
    finally:
        children = list((executor._processes or {}).values())  # not all of this process: other threads have theirs
        for child in children:
            child.terminate()
        executor.shutdown(cancel_futures=True)
        for child in children:  # an executor that could not start all of them has not waited for any
            child.join()


#: What this process does as one of several, given the number of a batch.
_works: list[Callable[[int], list[Any]]] = []


def _begin(work: Callable[[Item], object], batches: Sequence[Sequence[Item]]) -> None:
    belong_to_parent()
    _works.append(lambda number: list(map(work, batches[number])))


def _work(number: int) -> list[Any]:
    return _works[-1](number)
