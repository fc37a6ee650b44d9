"""Work on many endpoints, shared among processes: for commands that only tell something."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from oas_tasks.slicing.plan import Endpoint

Found = TypeVar("Found")

#: Below as many endpoints, starting processes costs more than it gives.
_WORTH_PROCESSES = 40


def shared_out(
    work: Callable[[Endpoint], Found],
    endpoints: Sequence[Endpoint],
    concurrency: int,
    prepare: Callable[[], object] | None = None,
) -> Iterator[Found]:
    """Yield what is found of each of these endpoints, in their order.

    Several processes share the work where there is enough of it, and where they can be forked: others would have to
    read the document again, which for the most part takes longer.
    work: inherited by the processes; what it returns is sent.
    prepare: makes what they should inherit as well.
    """
    processes = min(concurrency, len(endpoints) // _WORTH_PROCESSES + 1)
    if processes == 1 or not sys.platform.startswith("linux"):
        yield from map(work, endpoints)
        return
    from multiprocessing import get_context

    if prepare is not None:
        prepare()
    # Neighbours reach the same parts, which a process validates once: each is given long stretches.
    with get_context("fork").Pool(processes, _begin, (work,)) as pool:
        yield from pool.imap(_work, endpoints, len(endpoints) // (4 * processes) + 1)


#: What this process does, where it is one of several.
_works: list[Callable[[Endpoint], Any]] = []


def _begin(work: Callable[[Endpoint], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interruption is the main process's to speak of
    _works.append(work)


def _work(endpoint: Endpoint) -> Any:
    return _works[-1](endpoint)
