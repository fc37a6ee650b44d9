"""A YAML document read in several processes has the same value as in one, even if processes are killed."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from oas_tasks.document import parallel
from oas_tasks.document.parallel import read_members
from oas_tasks.formats import Span, Value, cut, read_spans
from tests.conftest import DODO, Repository, spec

CONTAINERS = (("paths",), ("components",), ("components", "*"))
IS_FORKED = multiprocessing.get_all_start_methods()[0] == "fork"


@pytest.fixture
def few_bytes_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_WORTH_A_FORK", "_WORTH_A_START"):
        monkeypatch.setattr(parallel, name, 1_000)
    monkeypatch.setattr(parallel, "_BATCH", 1_000)
    monkeypatch.setattr(parallel, "processors", lambda: 3)


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


@pytest.mark.parametrize("processes", [1, 2, 3, 8])
@pytest.mark.usefixtures("few_bytes_are_worth_it")
def test_members_read_as_in_one_process(processes: int) -> None:
    content, spans = document(100)
    expected = read_spans(content, spans)
    assert expected is not None
    assert len(expected) == 102
    assert alike(read_members(content, spans, processes), expected)


@pytest.mark.parametrize("name", [pytest.param("stripe.yaml", marks=pytest.mark.slow), "openai.yaml"])
def test_real_documents_read_as_in_one_process(name: str) -> None:
    content = spec(name).read_bytes()
    spans = spans_of(content)
    assert len(parallel._shares(spans, 2)) == (2 if IS_FORKED else 1)
    assert alike(read_members(content, spans, 2), read_spans(content, spans))


@pytest.mark.parametrize("faulty", [0, 50, 99])
@pytest.mark.usefixtures("few_bytes_are_worth_it")
def test_a_doubt_in_any_process_counts(faulty: int) -> None:
    content, spans = document(100, faulty)
    assert read_members(content, spans, 3) is None


def test_json_and_little_text_are_read_in_this_process() -> None:
    _, spans = document(100)
    assert parallel._shares(spans, 2) == [spans]
    json = [Span(("a",), 0, 100_000_000, "json")]
    assert parallel._shares(json, 2) == [json]
    assert read_members(b"", [], 2) == {}


def _killed(connection: object, content: bytes, spans: list[Span]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(not IS_FORKED, reason="only forked processes have what is replaced here")
@pytest.mark.usefixtures("few_bytes_are_worth_it")
def test_the_share_of_a_killed_process_is_read_by_the_main_process(monkeypatch: pytest.MonkeyPatch) -> None:
    content, spans = document(100)
    monkeypatch.setattr(parallel, "_read", _killed)
    assert alike(read_members(content, spans, 3), read_spans(content, spans))


def _read_a_part(connection: object, content: bytes, spans: list[Span]) -> None:
    parallel._WHOLE_READ(connection, content, spans[:20])  # type: ignore[attr-defined]
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(not IS_FORKED, reason="only forked processes have what is replaced here")
@pytest.mark.usefixtures("few_bytes_are_worth_it")
def test_what_a_process_read_before_it_was_killed_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    content, spans = document(100)
    monkeypatch.setattr(parallel, "_WHOLE_READ", parallel._read, raising=False)
    monkeypatch.setattr(parallel, "_read", _read_a_part)
    assert alike(read_members(content, spans, 3), read_spans(content, spans))


SCRIPT = """
import multiprocessing, sys
from oas_tasks.document import parallel
from oas_tasks.formats import read_spans
from tests.document.test_parallel import document

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    parallel._WORTH_A_FORK = parallel._WORTH_A_START = 1_000
    parallel.processors = lambda: 2
    content, spans = document(200)
    assert len(parallel._shares(spans, 2)) == 2
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
