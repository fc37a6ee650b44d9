"""The runner over several processes: other tasks of a dodo.py run as under doit's own, and no lost process stops it."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.conftest import DODO, PATIENCE, SAMPLE, Repository
from tests.tasks.test_interruption import ENDPOINTS, PAUSING, document, start, wait_for_slices

#: Tasks of all sorts beside the slices, each leaving a line in a file of its own.
MIXED = """\
import sys
import time
from pathlib import Path

{imports}

def note(name, text="", **more):
    Path("out").mkdir(exist_ok=True)
    with open("out/" + name, "a") as stream:
        stream.write(text + "".join(f" {{key}}={{more[key]}}" for key in sorted(more)) + chr(10))

def answer():
    return {{"value": 42}}

def task_producer():
    return {{"actions": [answer], "uptodate": [False]}}

def task_consumer():
    return {{
        "actions": [(note, ["consumer"])],
        "getargs": {{"taken": ("producer", "value")}},
        "task_dep": ["slice"],
        "uptodate": [False],
    }}

def task_prepare():
    return {{"actions": [(note, ["prepare", "up"])], "teardown": [(note, ["teardown", "down"])]}}

def task_many():
    for n in range(12):
        yield {{"name": str(n), "actions": [(note, [f"many{{n}}", "made"])], "setup": ["prepare"], "uptodate": [False]}}

def task_chain():
    for n in range(5):
        yield {{
            "name": str(n),
            "actions": [f"{{sys.executable}} -c \\"print({{n}})\\" > out/chain{{n}}"],
            "task_dep": [f"chain:{{n - 1}}"] if n else ["many"],
            "targets": [f"out/chain{{n}}"],
            "uptodate": [False],
        }}

def fail():
    return False

def task_failing():
    return {{"actions": [fail]}}

def task_hindered():
    return {{"actions": [(note, ["hindered"])], "task_dep": ["failing"]}}

def raise_error():
    raise ValueError("what is wrong")

def task_raising():
    return {{"actions": [raise_error]}}

def later():
    yield {{"name": "made", "actions": [(note, ["later", "made"])], "uptodate": [False]}}

from doit import create_after

@create_after(executed="many")
def task_later():
    yield from later()
"""
IMPORTS = DODO.splitlines()[0]


def outcome(repository: Repository, *arguments: str) -> tuple[int, dict[str, str], list[str]]:
    """Run doit; return its exit code, what tasks left, and its lines about them, in no order."""
    for file in (repository.folder / "out").glob("*"):
        file.unlink()
    done = repository.doit(*arguments)
    left = {file.name: file.read_text() for file in (repository.folder / "out").iterdir()}
    about = ("producer", "consumer", "prepare", "many", "chain", "failing", "hindered", "raising", "later", "Task")
    text = re.sub(r" at 0x[0-9a-f]+", "", done.text)
    lines = [line for line in text.splitlines() if any(word in line for word in about)]
    return done.code, left, sorted(lines)


def test_other_tasks_run_as_doit_runs_them(repository: Repository) -> None:
    repository.configure(spec=SAMPLE)
    repository.write("dodo.py", MIXED.format(imports=IMPORTS))
    alone = outcome(repository, "-n", "0")
    assert alone[0] == 2
    assert alone[1]["consumer"] == " taken=42\n"
    assert alone[1]["teardown"] == "down\n"
    assert alone[1]["later"] == "made\n"
    assert "hindered" not in alone[1]
    for processes in ("1", "3"):
        found = outcome(repository, "-n", processes)
        assert found[0] == alone[0]
        # A process tears down what it set up, so that there may be one for each.
        assert set(found[1].pop("teardown").split()) == {"down"}
        assert found[1] == {name: text for name, text in alone[1].items() if name != "teardown"}
        assert set(alone[2]) <= set(found[2])


def test_the_first_failure_stops_what_is_not_begun(repository: Repository) -> None:
    repository.configure(spec=SAMPLE)
    imports = (
        "from oas_tasks import task_slice\nDOIT_CONFIG = {'continue': False, 'default_tasks': ['failing', 'chain']}"
    )
    repository.write("dodo.py", MIXED.format(imports=imports))
    done = repository.doit("-n", "2")
    assert done.code == 1, done.text
    assert not (repository.folder / "out" / "chain4").exists()


@pytest.fixture
def slow(repository: Repository) -> Repository:
    repository.write("api.json", document())
    repository.configure(spec="api.json")
    return repository


def children(pid: int) -> list[int]:
    file = Path(f"/proc/{pid}/task/{pid}/children")
    if not file.exists():
        pytest.skip("this machine does not tell the children of a process")
    return [int(each) for each in file.read_text().split()]


def test_a_killed_process_is_replaced(slow: Repository) -> None:
    slow.write("dodo.py", PAUSING + DODO)
    process = start(slow, "doit", "-n", "2")
    wait_for_slices(slow, 100, process)
    found = children(process.pid)
    assert found
    os.kill(found[0], signal.SIGKILL)
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, out
    assert [row["validation_status"] for row in slow.rows()] == ["PASS"] * ENDPOINTS


def test_what_kills_every_process_is_a_fault_of_its_own_slice_only(slow: Repository) -> None:
    deadly = (
        "import os, oas_tasks.tasks.slice_task as slice_task\n"
        "build = slice_task._build\n"
        "def deadly(settings, digest, key, *others):\n"
        "    if key[0] in ('/p40', '/p41'):\n"
        "        os._exit(7)\n"
        "    return build(settings, digest, key, *others)\n"
        "slice_task._build = deadly\n"
    )
    slow.write("dodo.py", deadly + DODO)
    done = slow.doit("-n", "2")
    assert done.code == 1, done.text
    assert "Traceback" not in done.text
    rows = {row["path"]: row for row in slow.rows()}
    failed = {path: row["failure_reason"] for path, row in rows.items() if row["validation_status"] == "FAIL"}
    assert failed == dict.fromkeys(("/p40", "/p41"), "the process that was making it ended with exit code 7")
    assert len(rows) == ENDPOINTS
    slow.write("dodo.py", DODO)
    again = slow.doit("-n", "2")
    assert again.code == 0, again.text
    assert "2 made" in again.out


def test_processes_that_all_die_end_the_run(slow: Repository) -> None:
    slow.write("dodo.py", "import os, oas_tasks.tasks.slice_task as s\ns._build = lambda *_: os._exit(9)\n" + DODO)
    done = slow.doit("-n", "2")
    assert done.code == 2, done.text
    assert "the processes that make slices end again and again: the last one ended with exit code 9" in done.text
    assert "Traceback" not in done.text


@pytest.mark.skipif(os.name == "nt", reason="processes are killed otherwise there")
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_the_main_one(slow: Repository, sent: signal.Signals) -> None:
    slow.write("dodo.py", PAUSING + DODO)
    process = start(slow, "doit", "-n", "2")
    wait_for_slices(slow, 60, process)
    found = children(process.pid)
    assert found
    process.send_signal(sent)
    process.communicate(timeout=PATIENCE)  # also waits for all who have the same output
    deadline = time.monotonic() + PATIENCE
    while any(is_alive(pid) for pid in found):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


@pytest.mark.skipif(os.name == "nt", reason="its pipes are as small anyway")
def test_pipes_that_hold_little_hold_nothing_up(slow: Repository) -> None:
    """Those of macOS hold 8 KiB: two processes that both write more, and read nothing, wait for ever."""
    small = (
        "import multiprocessing, socket\n"
        "pipe = multiprocessing.Pipe\n"
        "def small():\n"
        "    ends = pipe()\n"
        "    for end in ends:\n"
        "        with socket.socket(fileno=__import__('os').dup(end.fileno())) as each:\n"
        "            each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)\n"
        "    return ends\n"
        "multiprocessing.Pipe = small\n"
        "import oas_tasks.tasks.worker_pool as worker_pool\n"
        "worker_pool._BATCH_SECONDS = 1.0\n"
    )
    slow.write("api.json", document(last=600))
    slow.write("dodo.py", small + DODO)
    process = start(slow, "doit", "-n", "2")
    try:
        out, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 0, out
    assert len(slow.files()) == 600


def test_an_idle_process_that_is_killed_is_not_missed(repository: Repository) -> None:
    """At the end each is told that there is no more to do, also one that is there no longer."""
    repository.configure(spec=SAMPLE)
    kill = (
        "import os, signal, time\n"
        "def kill_the_idle():\n"
        "    children = open(f'/proc/{os.getppid()}/task/{os.getppid()}/children').read().split()\n"
        "    for child in children:\n"
        "        if int(child) != os.getpid():\n"
        "            os.kill(int(child), signal.SIGKILL)\n"
        "    time.sleep(0.2)\n"
        "def pause(seconds):\n"
        "    time.sleep(seconds)\n"
        "def task_first():\n"
        "    return {'actions': [(pause, [0.5])], 'uptodate': [False]}\n"
        "def task_short():\n"
        "    return {'actions': [(pause, [0.01])], 'uptodate': [False]}\n"
        "def task_last():\n"
        "    return {'actions': [kill_the_idle], 'task_dep': ['first', 'short'], 'uptodate': [False]}\n"
    )
    children(os.getpid())
    repository.write("dodo.py", kill + DODO.splitlines()[0])
    done = repository.doit("-n", "2", "last")
    assert done.code == 0, done.text
    assert "Traceback" not in done.text
