"""What makes a process belong to the main one: Ctrl-C is left to that, and nothing goes on without it."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar


@contextlib.contextmanager
def interruption_later() -> Iterator[None]:
    """Hold Ctrl-C back while processes are started: one that it reaches before it can ignore it shows a traceback."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def belong_to_parent() -> None:
    """Leave Ctrl-C, which a terminal sends to all, to the main process, and end when that one does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import parent_process  # which no main process needs

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # in the midst of something: nobody waits for it, and a file is whole or not there


@contextmanager
def collection_held() -> Iterator[None]:
    """Keep the garbage collector off inside the block; afterwards it is what it was before."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def made_to_stay() -> Iterator[None]:
    """Keep the garbage collector off inside the block, and away from all that there is at its end until it is unfrozen.

    For what lives as long as the process. A forked process that searched it would have to copy it.
    """
    with collection_held():
        yield
        gc.freeze()


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


Work = TypeVar("Work")
Found = TypeVar("Found")

#: Below as many items, such as endpoints, starting processes costs more than it gives.
_WORTH_PROCESSES = 40


def shared_out(
    work: Callable[[Work], Found],
    items: Sequence[Work],
    concurrency: int,
    prepare: Callable[[], object] | None = None,
) -> Iterator[Found]:
    """Yield what is found of each of these items, in their order.

    Several processes share the work where there is enough of it, and where they can be forked: others would have to
    read the document again, which for the most part takes longer.
    work: inherited by the processes; what it returns is sent.
    prepare: makes what they should inherit as well.
    """
    processes = min(concurrency, len(items) // _WORTH_PROCESSES + 1)
    if processes == 1 or not sys.platform.startswith("linux"):
        yield from map(work, items)
        return
    from multiprocessing import get_context

    if prepare is not None:
        prepare()
    # Neighbours reach the same parts, which a process validates once: each is given long stretches.
    with get_context("fork").Pool(processes, _begin, (work,)) as pool:
        yield from pool.imap(_work, items, len(items) // (4 * processes) + 1)


#: What this process does, where it is one of several.
_works: list[Callable[[Any], Any]] = []


def _begin(work: Callable[[Any], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interruption is the main process's to speak of
    _works.append(work)


def _work(item: Any) -> Any:
    return _works[-1](item)
