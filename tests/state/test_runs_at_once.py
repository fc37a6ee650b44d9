"""Several runs over one cache, and a cache that cannot be written: every run succeeds, as by itself.

`OAS_TASKS_THOROUGH` has runs meet two hundred times instead of some.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from oas_tasks.state.database import Database
from oas_tasks.state.store import SCHEMA_VERSION, STORE_NAME, TABLES, Store, StoredPlan, open_store
from tests.conftest import SAMPLE, THOROUGH, Done, Repository

#: Of odd numbers three meet, of others two, which is next to the same.
NUMBERS = [1, pytest.param(0, marks=pytest.mark.slow), *range(2, 50 if THOROUGH else 2)]
COMMANDS = [["oas_tasks", "--batch"], ["doit", "-n", "2"], ["oas_tasks", "--batch"]]


@pytest.fixture
def sample(repository: Repository) -> Repository:
    repository.write("api.yaml", SAMPLE.read_bytes())
    repository.configure(spec="api.yaml")
    return repository


def at_once(repository: Repository, *commands: list[str]) -> list[Done]:
    environment = {**os.environ, "PYTHONUTF8": "1"}
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=repository.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    texts = [run.communicate(timeout=300) for run in runs]
    return [Done(run.returncode, *text) for run, text in zip(runs, texts, strict=True)]


@pytest.mark.parametrize("state", ["none", pytest.param("older", marks=pytest.mark.slow), "damaged", "edited"])
@pytest.mark.parametrize("number", NUMBERS)
def test_runs_that_meet_all_succeed(sample: Repository, state: str, number: int) -> None:
    cache = sample.folder / ".oas_tasks"
    if state != "none":
        assert sample.slice_oas("--batch").code == 0
    if state == "older":
        (cache / STORE_NAME).unlink()
        earlier(cache / STORE_NAME, "CREATE TABLE plan (key TEXT PRIMARY KEY, digest TEXT)")
    elif state == "damaged":
        os.truncate(cache / STORE_NAME, 6000)
    elif state == "edited":
        sample.write("api.yaml", SAMPLE.read_bytes().replace(b"List", b"list"))
    for done in at_once(sample, *COMMANDS[: 2 + number % 2]):
        assert done.code == 0, done.text
        is_replaced = state in ("older", "damaged")
        assert len(done.err.splitlines()) <= is_replaced, done.err
    expected = sample.files()
    assert len(expected) == 19
    last = sample.slice_oas("--batch")
    assert (last.code, last.err) == (0, "")
    assert "0 made" in last.out
    assert sample.files() == expected


def earlier(file: Path, *statements: str) -> None:
    database = sqlite3.connect(file)
    for statement in statements:
        database.execute(statement)
    database.close()


def test_what_earlier_versions_had_beside_it_goes_where_it_is_theirs(sample: Repository) -> None:
    cache = sample.folder / ".oas_tasks"
    cache.mkdir()
    (cache / "CACHEDIR.TAG").write_text("# the cache of oas-tasks\n")
    earlier(cache / "doit.sqlite3", *OLD)
    assert sample.doit().code == 0
    assert sorted(file.name for file in cache.iterdir()) == ["CACHEDIR.TAG", STORE_NAME]
    shutil.rmtree(cache)
    cache.mkdir()
    earlier(cache / "doit.sqlite3", *OLD, "CREATE TABLE mine (a)")
    assert sample.doit().code == 0
    assert (cache / "doit.sqlite3").exists()


OLD = (
    "CREATE TABLE task (name TEXT PRIMARY KEY, state TEXT) WITHOUT ROWID",
    "CREATE TABLE forgotten (name TEXT PRIMARY KEY) WITHOUT ROWID",
)


@pytest.mark.parametrize("name", [".oas_tasks/doit.sqlite3", "state.sqlite3", ".oas_tasks/store.sqlite3"])
def test_a_repository_names_a_file_for_doit_s_state(sample: Repository, name: str) -> None:
    sample.write(
        "dodo.py",
        "from oas_tasks import task_index, task_prune, task_slice\n"
        f"DOIT_CONFIG = {{'backend': 'oas-tasks', 'dep_file': '{name}'}}\n",
    )
    (sample.folder / ".oas_tasks").mkdir()
    if name != ".oas_tasks/store.sqlite3":
        earlier(sample.folder / name, *OLD)
    for _ in range(2):
        done = sample.doit("-n", "2")
        assert done.code == 0, done.text
    assert (sample.folder / name).exists()
    assert sample.doit("slice:GET /books").out == "-- slice:GET /books\n"
    assert sample.doit("forget", "slice:GET /books").code == 0
    assert sample.doit("slice:GET /books").out == ".  slice:GET /books\n"


def without_rights(repository: Repository, *command: str) -> Done:
    """Run a module as somebody whom rights concern, which those of root do not."""
    words = [sys.executable, "-m", *command]
    if os.getuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("runs as root, and there is no setpriv")
        words = [setpriv, "--bounding-set", "-dac_override", *words]
    done = subprocess.run(words, cwd=repository.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.skipif(os.name == "nt", reason="rights are otherwise there")
@pytest.mark.parametrize("what", ["folder", "file"])
@pytest.mark.parametrize("command", [("oas_tasks", "--batch"), ("doit",), ("doit", "-n", "2")])
def test_a_cache_that_nobody_may_write_stops_nothing(sample: Repository, command: tuple[str, ...], what: str) -> None:
    assert sample.doit().code == 0
    cache = sample.folder / ".oas_tasks"
    file = cache if what == "folder" else cache / STORE_NAME
    sample.write("api.yaml", SAMPLE.read_bytes().replace(b"List", b"list"))
    file.chmod(0o555)
    try:
        done = without_rights(sample, *command)
    finally:
        file.chmod(0o755)
    assert done.code == 0, done.text
    assert " made, " in done.out
    assert "Traceback" not in done.text
    (note,) = done.err.splitlines()
    assert note.startswith("Note: the cache .oas_tasks/store.sqlite3 cannot be written (")
    expected = sample.files()
    assert sample.slice_oas("--batch").code == 0
    assert sample.files() == expected


def test_all_of_a_process_have_one_store(tmp_path: Path) -> None:
    first, second = open_store(tmp_path / "cache"), open_store(tmp_path / "cache" / ".." / "cache")
    assert first is second
    first.save_owner("out", "api.yaml")
    first.close()
    assert second.owner("out") == "api.yaml"
    second.close()
    third = open_store(tmp_path / "cache")
    assert third is not first
    assert third.owner("out") == "api.yaml"
    third.close()


def test_facts_stay_as_long_as_their_plan() -> None:
    store = Store(Database(None, TABLES, SCHEMA_VERSION))

    def save(key: str, digest: str, facts: bytes | None) -> None:
        store.save_plan(key, StoredPlan(digest, 1, "[]", "{}"), "[]", "{}", facts)

    save("a", "1", b"\0\xff")
    save("b", "1", b"b")
    assert (store.facts("a"), store.facts("b")) == (b"\0\xff", b"b")
    save("a", "2", b"")
    assert (store.facts("a"), store.facts("b")) == (b"", b"b")
    save("a", "3", None)
    assert (store.facts("a"), store.facts("b")) == (None, b"b")


def test_a_transaction_is_done_again_with_the_database_that_takes_the_place_of_another(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    try:
        store.save_plan("a", StoredPlan("1", 1, "[]", "{}"), "[]", "{}", None)
        (tmp_path / STORE_NAME).unlink()  # as another run does that finds it damaged
        open_anew = Database(tmp_path / STORE_NAME, TABLES, SCHEMA_VERSION)
        store.save_plan("a", StoredPlan("2", 2, "[]", "{}"), "[]", "{}", None)
        assert store.replaced == 1
        assert Store(open_anew).plan("a") == StoredPlan("2", 2, "[]", "{}")
        open_anew.close()
    finally:
        store.close()
