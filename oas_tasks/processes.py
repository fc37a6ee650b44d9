"""Controls processes: children leave Ctrl-C to their parent and end with it, garbage collection, sharing of work."""

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


@contextmanager
def collection_held() -> Iterator[None]:
    """Keep the garbage collector off inside the block, and restore its state afterwards."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def made_to_stay() -> Iterator[None]:
    """Keep the garbage collector off inside the block, and exempt from it all objects that exist at the end.

    For objects that live as long as the process: a forked process that searched them would have to copy their memory.
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
Result = TypeVar("Result")

#: With fewer items (endpoints, say) than this, starting processes takes longer than it saves.
_WORTH_PROCESSES = 40


def shared_out(
    work: Callable[[Work], Result],
    items: Sequence[Work],
    concurrency: int,
    prepare: Callable[[], object] | None = None,
) -> Iterator[Result]:
    """Yield the result of `work` for each item, in order, using several processes if that pays.

    Processes share the work if there is enough of it and they can be forked. Started in another way, each would have to
    read the document again, which mostly takes longer.
    work: inherited by the processes; its results are sent back.
    prepare: called before the processes are forked, to make what they inherit.
    """
    processes = min(concurrency, len(items) // _WORTH_PROCESSES + 1)
    if processes == 1 or not sys.platform.startswith("linux"):
        yield from map(work, items)
        return
    from multiprocessing import get_context

    if prepare is not None:
        prepare()
    # Neighbours reach the same parts, which a process validates only once. So each gets long stretches.
    with get_context("fork").Pool(processes, _begin, (work,)) as pool:
        yield from pool.imap(_work, items, len(items) // (4 * processes) + 1)


#: The work of this process as one of several.
_works: list[Callable[[Any], Any]] = []


def _begin(work: Callable[[Any], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process reports the interruption
    _works.append(work)


def _work(item: Any) -> Any:
    return _works[-1](item)
