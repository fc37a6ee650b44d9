"""Work that several processes share has the results of one, whatever happens to the others."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable

import pytest

from oas_tasks import processes
from oas_tasks.processes import parallel_map, processes_that_pay

ITEMS = range(300)
LONG = 10.0


@pytest.fixture(autouse=True)
def four_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "processors", lambda: 4)


def is_another() -> bool:
    return multiprocessing.parent_process() is not None


def squared(number: int) -> int:
    return number**2


def killed(number: int) -> int:
    if is_another() and number % 7 == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return squared(number)


def out_of_memory(number: int) -> int:
    if is_another():
        raise MemoryError
    return squared(number)


def wrong(number: int) -> int:
    if number == 200:
        raise ValueError(number)
    return squared(number)


@pytest.mark.skipif(os.name == "nt", reason="processes are killed otherwise there")
@pytest.mark.parametrize("work", [squared, killed, out_of_memory])
@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_results_are_those_of_one_process(work: Callable[[int], int], count: int) -> None:
    for asked in (1, 2, 4):
        assert list(parallel_map(work, ITEMS[:count], asked, LONG)) == [squared(number) for number in ITEMS[:count]]
    assert_all_ended()


def test_an_error_is_raised_and_ends_the_processes() -> None:
    with pytest.raises(ValueError, match="200"):
        list(parallel_map(wrong, ITEMS, 3, LONG))
    assert_all_ended()


def test_processes_end_with_the_interest_in_their_results() -> None:
    results = parallel_map(squared, range(100_000), 3, LONG)
    assert next(results) == 0
    results.close()
    assert_all_ended()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked there only")
def test_where_no_more_processes_can_be_started_this_one_does_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    forked: list[int] = []
    fork = os.fork

    def once() -> int:
        if forked:
            raise BlockingIOError(11, "there are too many")
        forked.append(fork())
        return forked[0]

    monkeypatch.setattr(os, "fork", once)
    assert list(parallel_map(squared, ITEMS, 4, LONG)) == [squared(number) for number in ITEMS]
    assert forked
    assert_all_ended()


def assert_all_ended() -> None:
    assert not multiprocessing.active_children()
    assert not [thread for thread in threading.enumerate() if "Executor" in type(thread).__name__]


def test_as_many_processes_pay_as_are_asked_for_and_have_a_processor_and_enough_to_do() -> None:
    assert processes_that_pay(3) == 3
    assert processes_that_pay(8) == 4
    assert processes_that_pay(0) == 1
    assert processes_that_pay(8, 0.19) == 1
    assert processes_that_pay(8, 0.31) == 3
    assert processes_that_pay(8, 0.31, "spawn") == 1
