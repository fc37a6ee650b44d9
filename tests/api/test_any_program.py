"""The library inside of any program: threads, event loops, processes; and nothing is left behind."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from oas_tasks import BatchExtractionRequest, BatchExtractionResult, UserError, extract, list_endpoints, slice_endpoint
from tests.conftest import PATIENCE, SAMPLE

#: So many that worker processes are started.
ENDPOINTS = 60


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        paths = {f"/{name}{n}": {"get": {"responses": {"200": {"description": name}}}} for n in range(ENDPOINTS)}
        paths["/faulty"] = {"get": {"responses": {"200": {"$ref": "#/components/responses/Missing"}}}}
        document = {"openapi": "3.0.3", "info": {"title": name, "version": "1"}, "paths": paths}
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    return tmp_path


def request(name: str) -> BatchExtractionRequest:
    return BatchExtractionRequest(f"{name}.json", f"out-{name}", concurrency=2)


def assert_extracted(result: BatchExtractionResult, name: str) -> None:
    assert (result.extracted_count, result.failed_count) == (ENDPOINTS, 1)
    assert len(result.output_files) == ENDPOINTS == len(list(Path(f"out-{name}").glob("*.yaml")))
    assert f"/{name}7:" in Path(f"out-{name}/{name}7_GET.yaml").read_text()


#: A program that notes all that a call could change in its process, calls, and looks again.
LEAVING_NOTHING = """\
import atexit, gc, logging, multiprocessing.util, os, signal, sys, tempfile, threading, warnings
import doit.doit_cmd, doit.action, doit.cmd_run
import oas_tasks
from oas_tasks import BatchExtractionRequest, UserError, affected, extract, list_endpoints, slice_endpoint
from oas_tasks import errors
from oas_tasks.state import runs, store

def state():
    return {
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "blocked": signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        "collector": (gc.isenabled(), gc.get_threshold(), len(gc.callbacks)),
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "path": list(sys.path),
        "hooks": (sys.excepthook, threading.excepthook, sys.unraisablehook, sys.displayhook),
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "exit": atexit._ncallbacks(),
        "threads": threading.active_count(),
        "children": multiprocessing.active_children(),
        "start method": multiprocessing.get_start_method(allow_none=True),
        "logging": (logging.root.level, list(logging.root.handlers), list(logging.root.filters)),
        "warnings": list(warnings.filters),
        "recursion": sys.getrecursionlimit(),
        "doit": (doit.cmd_run.Run._execute, doit.doit_cmd._CMDLINE_VARS, doit.action.PythonAction.pm_pdb),
        "doit's state": doit.Globals.dep_manager,
        "runs": (list(runs.RUNS), dict(runs._slicers), set(runs._taken), dict(store._stores), list(errors.CRASHES)),
        "files": sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else [],
    }

def calls():
    extract(BatchExtractionRequest("a.json", "out", concurrency=2))
    extract(BatchExtractionRequest("a.json", "out", path="/faulty"))
    extract(BatchExtractionRequest("a.json", "out", dry_run=True, concurrency=2, output_format="json"))
    list_endpoints("b.json")
    slice_endpoint("b.json", "GET", "/b1")
    affected("a.json", "b.json")
    for wrong in ("nope.json", "bad.json"):
        try:
            extract(BatchExtractionRequest(wrong))
        except UserError:
            pass
    try:
        extract(BatchExtractionRequest("b.json", "out-b"), on_progress=lambda *progress: 1 / 0)
    except ZeroDivisionError:
        pass

if __name__ == "__main__":
    open("bad.json", "w").write("{")
    tempfile.TemporaryDirectory().cleanup()  # Python's own modules register functions for the exit when first used
    gc.freeze()
    for is_on in (True, False):
        (gc.enable if is_on else gc.disable)()
        before, frozen = state(), gc.get_freeze_count()
        calls()
        after = state()
        assert 0.99 * frozen < gc.get_freeze_count() <= frozen  # some are gone, and no others frozen
        for what in before:
            assert after[what] == before[what], (what, before[what], after[what])
"""


def run(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    (folder / "program.py").write_text(program)
    return subprocess.run(
        [sys.executable, "program.py"], cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@pytest.mark.skipif(os.name == "nt", reason="signals are blocked otherwise there")
def test_nothing_is_left_behind_and_nothing_is_printed(folder: Path) -> None:
    done = run(folder, LEAVING_NOTHING)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_program_that_its_processes_would_run_again_is_told_so(folder: Path) -> None:
    program = (
        "import threading\nfrom oas_tasks import *\n"
        "def call():\n"
        "    try:\n        print(extract(BatchExtractionRequest('a.json', 'out', concurrency=2)).extracted_count)\n"
        "    except UserError as error:\n        print(error)\n"
        "thread = threading.Thread(target=call)\nthread.start()\nthread.join()\n"
    )
    done = run(folder, program)
    *told, found = sorted(done.stdout.splitlines(), key=len, reverse=True)
    assert (done.stderr, found) == ("", str(ENDPOINTS))
    sentence = "each process that this program starts would extract everything again"
    assert set(told) <= {f'{sentence}. Put the call under `if __name__ == "__main__":`'}


def test_importing_the_package_imports_nothing(folder: Path) -> None:
    program = (
        "import sys, typing\nbefore = set(sys.modules)\nimport oas_tasks\n"
        "assert set(sys.modules) - before <= {'oas_tasks', '__future__'}\n"
        "assert 'extract' in dir(oas_tasks)\n"
        "from oas_tasks import UserError\nassert 'doit' not in sys.modules\n"
    )
    done = run(folder, program)
    assert done.returncode == 0, done.stderr


def test_every_public_name_can_be_imported(folder: Path) -> None:
    done = run(folder, "import oas_tasks\nfor name in oas_tasks.__all__: getattr(oas_tasks, name)\n")
    assert done.returncode == 0, done.stderr


def test_a_call_in_a_thread(folder: Path) -> None:
    results: list[BatchExtractionResult] = []
    thread = threading.Thread(target=lambda: results.append(extract(request("a"))))
    thread.start()
    thread.join(PATIENCE)
    assert_extracted(results[0], "a")


@pytest.mark.slow
def test_two_calls_at_once_over_different_documents(folder: Path) -> None:
    for _ in range(2):
        with ThreadPoolExecutor(2) as pool:
            results = dict(zip("ab", pool.map(lambda name: extract(request(name)), "ab"), strict=True))
        for name, result in results.items():
            assert_extracted(result, name)
    assert [result.made_count for result in results.values()] == [0, 0]


def test_calls_at_once_over_the_same_document_take_turns(folder: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: extract(request("a")), range(3)))
    assert sorted(result.made_count for result in results) == [0, 0, ENDPOINTS]
    for result in results:
        assert_extracted(result, "a")


@pytest.mark.slow
def test_errors_of_one_thread_are_its_own(folder: Path) -> None:
    def either(name: str) -> object:
        try:
            return extract(request(name)).extracted_count
        except UserError as error:
            return error.message

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(either, ["a", "none"])) == [ENDPOINTS, "there is no such file"]


def test_calls_while_an_event_loop_runs_as_in_a_notebook(folder: Path) -> None:
    async def main() -> None:
        assert_extracted(extract(request("a")), "a")
        found = await asyncio.gather(
            asyncio.to_thread(extract, request("b")),
            asyncio.to_thread(list_endpoints, "a.json"),
            asyncio.to_thread(slice_endpoint, SAMPLE, "GET", "/books"),
        )
        assert_extracted(found[0], "b")
        assert len(found[1]) == ENDPOINTS + 1

    asyncio.run(main())


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_calls_in_processes_of_a_pool(folder: Path, method: str) -> None:
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:  # its processes may have no children
        results = pool.map(extract, [request("a"), request("b")])
    for name, result in zip("ab", results, strict=True):
        assert_extracted(result, name)


def test_a_process_that_is_spawned_looks_after_the_cache_and_starts_processes(folder: Path) -> None:
    (folder / ".oas_tasks").mkdir()
    (folder / ".oas_tasks" / "store.sqlite3").write_bytes(b"damaged")
    (folder / ".oas_tasks" / "CACHEDIR.TAG").write_text("Signature\n# This folder is the cache of oas-tasks\n")
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        result = pool.submit(extract, request("a")).result(PATIENCE)
        assert_extracted(result, "a")
        assert "could not be read" in result.notices[0]
        assert pool.submit(extract, request("a")).result(PATIENCE).made_count == 0
        wrong = pool.submit(extract, BatchExtractionRequest("a.json", output_format="xml"))  # type: ignore[arg-type]
        with pytest.raises(UserError, match="'output_format' must be yaml or json, and it is 'xml'"):
            wrong.result(PATIENCE)


def test_a_call_in_a_call(folder: Path) -> None:
    """Listing needs no folder; extracting to the one that is being written to would wait for itself."""
    found: list[object] = []

    def progress(done: int, total: int, endpoint: str) -> None:
        if done == 1:
            found.append(len(list_endpoints(request("a"))))
            found.append(extract(request("b")).extracted_count)
            with pytest.raises(UserError) as told:
                extract(request("a"))
            found.append(str(told.value))

    assert_extracted(extract(request("a"), on_progress=progress), "a")
    assert found == [ENDPOINTS + 1, ENDPOINTS, "out-a: the call that this one is made from is writing there"]


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_progress_raises_leaves_no_process_behind(folder: Path, dry_run: bool) -> None:
    paths = {f"/a{n}": {"get": {"responses": {"200": {"description": "a"}}}} for n in range(400)}
    document = {"openapi": "3.0.3", "info": {"title": "a", "version": "1"}, "paths": paths}
    (folder / "a.json").write_text(json.dumps(document))
    threads = threading.active_count()
    with pytest.raises(ZeroDivisionError) as raised:
        extract(replace(request("a"), dry_run=dry_run), on_progress=lambda *progress: 1 / 0)
    assert raised.value.__traceback__ is not None  # which keeps all that was at work
    assert (multiprocessing.active_children(), threading.active_count()) == ([], threads)
