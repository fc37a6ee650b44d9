"""A YAML document read in several processes has the same value as in one, even if processes are killed."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from oas_tasks import processes
from oas_tasks.document import parallel
from oas_tasks.document.parallel import read_members
from oas_tasks.formats import Span, Value, cut, read_spans
from tests.conftest import DODO, Repository, spec

CONTAINERS = (("paths",), ("components",), ("components", "*"))
IS_FORKED = multiprocessing.get_all_start_methods()[0] == "fork"


@pytest.fixture
def few_bytes_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_WORTH_A_FORK", "_WORTH_A_START"):
        monkeypatch.setattr(processes, name, 1_000 * processes.SECONDS_PER_YAML_BYTE)
    monkeypatch.setattr(parallel, "_BATCH", 1_000)
    monkeypatch.setattr(processes, "processors", lambda: 3)


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list of the processes forked from now on."""
    found: list[int] = []
    fork = os.fork

    def noted() -> int:
        found.append(fork())
        return found[-1]

    monkeypatch.setattr(os, "fork", noted)
    monkeypatch.setattr(processes, "processors", lambda: 2)
    return found


def document(count: int, faulty: int = -1) -> tuple[bytes, list[Span]]:
    """Return a document of schemas and its members; the faulty one has a duplicate key."""
    lines = ["openapi: 3.1.0", "paths: {}", "components:", "  schemas:"]
    for number in range(count):
        lines += [f"    S{number}:", "      type: object", f"      default: {number}.5", "      title: 'ä: 12:30'"]
        lines += ["      description: |", f"        Number {number}", "", "        # no comment"]
        lines += ["      title: again"] * (number == faulty)
    content = "\n".join(lines).encode()
    return content, spans_of(content)


def spans_of(content: bytes) -> list[Span]:
    spans = cut(content, "api.yaml", CONTAINERS)
    assert spans is not None
    return spans


def alike(found: dict[tuple[str, ...], Value] | None, expected: dict[tuple[str, ...], Value] | None) -> bool:
    return repr(found) == repr(expected)  # with the same types and order


@pytest.mark.parametrize("count", [1, 2, 3, 8])
@pytest.mark.usefixtures("few_bytes_are_worth_it")
def test_members_read_as_in_one_process(count: int) -> None:
    content, spans = document(100)
    expected = read_spans(content, spans)
    assert expected is not None
    assert len(expected) == 102
    assert alike(read_members(content, spans, count), expected)


@pytest.mark.parametrize("name", [pytest.param("stripe.yaml", marks=pytest.mark.slow), "openai.yaml"])
def test_real_documents_read_as_in_one_process(name: str, forks: list[int]) -> None:
    content = spec(name).read_bytes()
    spans = spans_of(content)
    assert alike(read_members(content, spans, 2), read_spans(content, spans))
    assert len(forks) == IS_FORKED


@pytest.mark.parametrize("faulty", [0, 50, 99])
@pytest.mark.usefixtures("few_bytes_are_worth_it")
def test_a_doubt_in_any_process_counts(faulty: int) -> None:
    content, spans = document(100, faulty)
    assert read_members(content, spans, 3) is None


def test_json_and_little_text_are_read_in_this_process(forks: list[int]) -> None:
    content, spans = document(100)
    assert alike(read_members(content, spans, 2), read_spans(content, spans))
    json = b'{"a": 1}' + b" " * 10_000_000
    assert read_members(json, [Span(("a",), 0, len(json), "json")], 2) is not None
    assert read_members(b"", [], 2) == {}
    assert not forks


def _killed_in_another(content: bytes, spans: list[Span], after: int = 0) -> dict[tuple[str, ...], Value] | None:
    """Read spans in the main process; kill any other, once it has read some."""
    if multiprocessing.parent_process() is not None and next(_COUNTER) >= after:
        os.kill(os.getpid(), signal.SIGKILL)
    return read_spans(content, spans)


_COUNTER = itertools.count()


@pytest.mark.skipif(not IS_FORKED, reason="only forked processes have what is replaced here")
@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.usefixtures("few_bytes_are_worth_it")
def test_what_a_killed_process_did_not_read_the_main_process_reads(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    content, spans = document(400)
    monkeypatch.setattr(parallel, "read_spans", partial(_killed_in_another, after=after))
    assert alike(read_members(content, spans, 3), read_spans(content, spans))
    assert not multiprocessing.active_children()


SCRIPT = """
import multiprocessing, os, sys
from oas_tasks import processes
from oas_tasks.document import parallel
from oas_tasks.formats import read_spans
from tests.document.test_parallel import document

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    processes._WORTH_A_FORK = processes._WORTH_A_START = 1e-4
    processes.processors = lambda: 2
    content, spans = document(200)
    assert processes.processes_that_pay(2, 1e-3, sys.argv[1]) == 2
    assert repr(parallel.read_members(content, spans, 2)) == repr(read_spans(content, spans))
    print("alike")
"""


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_processes_are_started_in_any_way(tmp_path: Path, method: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(
        [sys.executable, str(script), method], capture_output=True, text=True, env=environment, check=False
    )
    assert (done.stdout, done.returncode) == ("alike\n", 0), done.stderr


def test_as_many_processes_read_as_are_asked_for(repository: Repository) -> None:
    content, _ = document(20)
    repository.write("api.yaml", content)
    repository.configure(spec="api.yaml", concurrency=3)
    repository.write("dodo.py", ASKING + DODO)
    for options, expected in (((), 1), (("-n", "2"), 2), (("-n", "5"), 5)):
        shutil.rmtree(repository.folder / ".oas_tasks", ignore_errors=True)
        assert f"asked for {expected}\n" in repository.doit(*options).out
    repository.write("sitecustomize.py", ASKING)
    shutil.rmtree(repository.folder / ".oas_tasks")
    done = repository.run_cold("oas_tasks", "--batch", env={"PYTHONPATH": str(repository.folder)})
    assert "asked for 3\n" in done.out  # of `slice-oas`, which plans before it calls doit


ASKING = """
import oas_tasks.document.parallel as parallel

read = parallel.read_members

def asking(content, spans, processes):
    print("asked for", processes)
    return read(content, spans, processes)

parallel.read_members = asking
"""


def test_members_that_stand_far_apart_are_little_work(forks: list[int]) -> None:
    """Where members are known, only those that changed are read, which may be the first and the last."""
    content, spans = document(60_000)
    assert spans[-1].end - spans[0].start > 3_000_000
    assert read_members(content, [spans[2], spans[-1]], 2) == read_spans(content, [spans[2], spans[-1]])
    assert forks == []
