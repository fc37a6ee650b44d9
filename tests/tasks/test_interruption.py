"""What is left of a build that is interrupted or killed, and that the next one goes on from there."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from oas_tasks.errors import INTERRUPTED
from tests.conftest import DODO, PATIENCE, Repository

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")

ENDPOINTS = 240
#: The properties of a schema, of which every endpoint has its own, so that a slice is no small file.
WIDE = 40
#: Has every slice take time, and none of the processor's, so that a build lasts. It stands in front of a dodo.py.
PAUSING = """\
import time
import oas_tasks.tasks.slice_task as slice_task

build = slice_task._build

def pausing(*arguments):
    time.sleep(0.01)
    return build(*arguments)

slice_task._build = pausing
"""
MAIN = """
if __name__ == "__main__":
    import sys
    from oas_tasks.cli import main
    sys.exit(main())
"""


def document(first: int = 0, last: int = ENDPOINTS) -> str:
    """Return a document, as JSON, which takes next to no time to read; its endpoints from a number on."""
    paths = {}
    for n in range(first, last):
        properties = {f"f{n}_{i}": {"type": "string", "description": f"about {i}"} for i in range(WIDE)}
        content = {"application/json": {"schema": {"type": "object", "properties": properties}}}
        paths[f"/p{n}"] = {"get": {"responses": {"200": {"description": "ok", "content": content}}}}
    return json.dumps({"openapi": "3.0.3", "info": {"title": "Wide", "version": "1"}, "paths": paths})


@pytest.fixture(scope="module")
def wide() -> str:
    return document()


@pytest.fixture
def slow(repository: Repository, wide: str) -> Repository:
    repository.write("api.json", wide)
    repository.write("dodo.py", PAUSING + DODO)
    repository.write("pausing.py", PAUSING + MAIN)
    repository.configure(spec="api.json")
    return repository


def no_longer_pausing(slow: Repository) -> Repository:
    slow.write("dodo.py", DODO)
    slow.write("pausing.py", MAIN)
    return slow


def start(repository: Repository, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=repository.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=_hears_ctrl_c,
    )


def _hears_ctrl_c() -> None:
    """Have the signal of Ctrl-C mean what it does by default, also where these tests run in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for_slices(repository: Repository, count: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if repository.slices.is_dir() and len(list(repository.slices.glob("*.yaml"))) >= count:
            return
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.005)
    raise AssertionError("the build makes no slices")


def assert_whole(repository: Repository, clean: dict[str, bytes]) -> int:
    """Assert that every slice on disk is whole, and return how many there are."""
    files = {name: content for name, content in repository.files().items() if name.endswith(".yaml")}
    assert all(clean[name] == content for name, content in files.items())
    return len(files)


@pytest.fixture(scope="module")
def clean(wide: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    made = Repository(tmp_path_factory.mktemp("clean"))
    made.write("api.json", wide)
    assert made.slice_oas("--input", "api.json", "--batch").code == 0
    return made.files()


COMMANDS = {
    "doit": ("doit",),
    "doit -n 2": ("doit", "-n", "2"),
    "doit -n 2 -P thread": ("doit", "-n", "2", "-P", "thread"),
    "slice-oas": ("pausing", "--batch", "--concurrency", "2"),
}


#: Each command, each with one of the signals; all pairs take minutes.
PAIRS = [
    pytest.param(command, sent, id=f"{command}-{sent.name}", marks=[] if (n + m) % 2 == 0 else pytest.mark.slow)
    for n, command in enumerate(COMMANDS)
    for m, sent in enumerate((signal.SIGINT, signal.SIGKILL))
]


@pytest.mark.parametrize(("command", "sent"), PAIRS)
def test_what_was_made_is_kept_and_the_rest_is_made_next_time(
    slow: Repository, clean: dict[str, bytes], command: str, sent: signal.Signals
) -> None:
    process = start(slow, *COMMANDS[command])
    wait_for_slices(slow, 60, process)
    os.killpg(process.pid, sent)
    out, _ = process.communicate(timeout=PATIENCE)
    kept = assert_whole(slow, clean)
    assert 60 <= kept < ENDPOINTS
    if sent is signal.SIGINT:
        assert process.returncode == (130 if command == "slice-oas" else -signal.SIGINT)  # 130 for a shell
        assert_plainly_interrupted(out)
        assert ", 0 failed, " in out
        assert " not tried; " in out
        assert_an_interrupted_index(slow)
    again = no_longer_pausing(slow).run(*COMMANDS[command])
    assert again.code == 0, again.text
    assert {name: content for name, content in slow.files().items() if name.endswith(".yaml")} == clean
    counts = again.out[again.out.index(" made,") - 5 :].split()
    made = int(next(word for word in counts if word.isdigit()))
    assert made <= ENDPOINTS - kept
    assert [row["validation_status"] for row in slow.rows()] == ["PASS"] * ENDPOINTS


def assert_plainly_interrupted(out: str) -> None:
    assert out.splitlines()[-1] == INTERRUPTED
    assert "Traceback" not in out


@pytest.mark.parametrize("command", COMMANDS)
def test_ctrl_c_while_the_document_is_read_is_answered_in_words(slow: Repository, wide: str, command: str) -> None:
    slow.write("api.yaml", wide)  # which takes seconds to read as YAML
    slow.configure(spec="api.yaml")
    process = start(slow, *COMMANDS[command])
    deadline = time.monotonic() + PATIENCE
    while not (slow.folder / ".oas_tasks").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert_plainly_interrupted(out)


def assert_an_interrupted_index(repository: Repository) -> None:
    statuses = [row["validation_status"] for row in repository.rows()]
    assert len(statuses) == ENDPOINTS
    assert set(statuses) == {"PASS", "SKIPPED"}


def test_the_index_is_alive_while_slices_are_made(slow: Repository) -> None:
    """At any time it holds whole rows, more and more of them."""
    slow.configure(spec="api.json", validate="full", filter="/p2*")  # which takes its time
    count = len([n for n in range(ENDPOINTS) if str(n).startswith("2")])
    process = start(slow, "doit")
    seen: list[int] = []
    index = slow.slices / "index.csv"
    while process.poll() is None:
        if index.exists():
            with index.open(encoding="utf-8", newline="") as stream:
                rows = list(csv.DictReader(stream))
            assert all(None not in row.values() and None not in row for row in rows)
            seen.append(len(rows))
        time.sleep(0.05)
    assert process.returncode == 0
    assert seen == sorted(seen)
    assert seen[0] < count
    assert len(slow.rows()) == count


def test_nothing_but_slices_is_left_of_a_killed_build_after_the_next(slow: Repository, clean: dict[str, bytes]) -> None:
    process = start(slow, "doit", "-n", "2")
    wait_for_slices(slow, 30, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    slow.write("slices/.1-2.oas-tmp", "half a slice")
    for file in slow.slices.glob(".*"):
        os.utime(file, (time.time() - 60, time.time() - 60))
    assert no_longer_pausing(slow).doit("-n", "2").code == 0
    assert {file.name for file in slow.slices.iterdir()} == {*clean, "index.csv"}
    assert {file.name for file in slow.folder.iterdir()} - {"__pycache__"} == {
        "api.json",
        "dodo.py",
        "pausing.py",
        "pyproject.toml",
        "slices",
        ".oas_tasks",
    }


def test_what_a_killed_run_wrote_last_is_removed_where_its_endpoint_is_gone(slow: Repository) -> None:
    process = start(slow, "doit")
    wait_for_slices(slow, 40, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    left = len(slow.files())
    slow.write("api.json", document(ENDPOINTS - 100))
    slow.write("slices/mine_GET.yaml", "mine")
    done = no_longer_pausing(slow).doit()
    assert done.code == 0, done.text
    assert {name for name in slow.files() if not name.startswith(".")} == {
        "mine_GET.yaml",
        *(f"p{n}_GET.yaml" for n in range(ENDPOINTS - 100, ENDPOINTS)),
    }
    assert left >= 40
    assert slow.doit().out.startswith("0 made, 100 unchanged")
