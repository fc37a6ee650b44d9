"""What a machine does to a build: damaged state, closed streams, odd folders. It says so or goes on, losing nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import DODO, SAMPLE, Done, Repository

posix = pytest.mark.skipif(os.name == "nt", reason="streams, links and locales are otherwise there")


@pytest.fixture
def built(repository: Repository) -> Repository:
    repository.write("api.yaml", SAMPLE.read_bytes())
    repository.configure(spec="api.yaml")
    assert repository.doit().code == 0
    return repository


def garble(file: Path) -> None:
    """Change bytes on every page of a database but the first, so that it opens and cannot be read."""
    content = bytearray(file.read_bytes())
    assert len(content) > 4096
    for at in range(4096, len(content), 97):
        content[at] ^= 0x5A
    file.write_bytes(content)


def assert_nothing_is_made_again(done: Done, count: int) -> None:
    assert done.code == 0, done.text
    assert "Traceback" not in done.text
    assert f"0 made, {count} unchanged, 0 removed, 0 failed" in done.out


def assert_one_note(done: Done, words: str) -> None:
    (note,) = done.err.splitlines()
    assert note.startswith("Note: the cache .oas_tasks/store.sqlite3 ")
    assert words in note


@pytest.mark.parametrize("harm", ["pages", "plan", "another version", "no database"])
@pytest.mark.parametrize("command", ["slice_oas", "doit"])
def test_a_damaged_cache_is_made_anew(built: Repository, command: str, harm: str) -> None:
    store = built.folder / ".oas_tasks" / "store.sqlite3"
    if harm == "pages":
        garble(store)
    elif harm == "no database":
        store.write_bytes(b"not a database" * 1000)
    else:
        connection = sqlite3.connect(store)
        with connection:
            if harm == "plan":
                connection.execute("UPDATE plan SET files = 'y'")
                connection.execute("UPDATE planned SET value = 'x'")
                connection.execute("UPDATE whole SET files = 'x'")
            else:
                connection.execute("PRAGMA user_version = 1")
        connection.close()
    before = built.times()
    listed = built.slice_oas("list")  # which may write nothing, the cache included
    assert (listed.code, len(listed.out.splitlines()), listed.err) == (0, len(before) - 1, "")
    done = built.doit() if command == "doit" else built.slice_oas("--batch")
    assert_nothing_is_made_again(done, len(before) - 1)
    assert_one_note(done, "could not be read")
    assert built.times() == before
    again = built.doit() if command == "doit" else built.slice_oas("--batch")
    assert_nothing_is_made_again(again, len(before) - 1)
    assert again.err == ""


def test_doit_s_damaged_state_is_made_anew(built: Repository) -> None:
    before = built.times()
    connection = sqlite3.connect(built.folder / ".oas_tasks" / "store.sqlite3")
    with connection:
        connection.execute("UPDATE task SET state = '{}'")
    connection.close()
    (built.slices / "books_GET.yaml").unlink()
    done = built.doit()
    assert done.code == 0, done.text
    assert "1 made, 18 unchanged, 0 removed, 0 failed" in done.out
    assert_one_note(done, "could not be read (a row of 'task' is not as it was written)")
    assert built.times().keys() == before.keys()


def test_a_cache_that_cannot_be_written_is_told_and_stops_nothing(built: Repository) -> None:
    full = (
        "import oas_tasks.state.database as database\n"
        "connect = database._connect\n"
        "def full(name, *more):\n"
        "    made = connect(name, *more)\n"
        "    made.execute('PRAGMA max_page_count = 1') if name != ':memory:' else None\n"
        "    return made\n"
        "database._connect = full\n"
    )
    built.write("api.yaml", SAMPLE.read_text(encoding="utf-8").replace("List", "list" * 5_000))
    built.write("dodo.py", full + DODO)
    done = built.doit()
    assert done.code == 0, done.text
    assert_one_note(done, "cannot be written (database or disk is full)")
    built.write("dodo.py", DODO)
    expected = built.files()
    again = built.doit()  # which cannot know that
    assert (again.code, again.err) == (0, "")
    assert built.files() == expected


@pytest.mark.slow
def test_a_cache_that_another_run_holds_is_not_taken_for_damaged(built: Repository) -> None:
    store = built.folder / ".oas_tasks" / "store.sqlite3"
    connection = sqlite3.connect(store, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    done = built.slice_oas("--batch")
    connection.close()
    assert (done.code, len(done.err.splitlines())) == (2, 1), done.text
    assert "the cache cannot be used: database is locked. Wait for the other run" in done.err


@posix
@pytest.mark.parametrize(
    ("stream", "command"),
    [
        pytest.param(stream, command, marks=[] if (n + m) % 2 == 0 else pytest.mark.slow)
        for n, stream in enumerate(["| head -n 1", ">&-", "> /dev/full"])
        for m, command in enumerate(["doit", "oas_tasks --batch"])
    ],
)
def test_nobody_listening_is_no_reason_to_stop_a_build(built: Repository, command: str, stream: str) -> None:
    if "/dev/full" in stream and not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    before = built.files()
    for name in before:
        (built.slices / name).unlink()
    shell = f"{sys.executable} -m {command} {stream}"
    done = subprocess.run(shell, shell=True, cwd=built.folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert built.files() == before


@posix
def test_a_locale_without_the_paths_letters(repository: Repository) -> None:
    repository.write(
        "api.yaml",
        "openapi: 3.0.3\ninfo: {title: \u00c4, version: '1'}\npaths:\n"
        "  /stra\u00dfe: {get: {responses: {'200': {description: ok}}}}\n"
        "  /plain: {get: {responses: {'200': {description: ok}}}}\n",
    )
    repository.configure(spec="api.yaml")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    for done in (repository.doit(env=ascii_only), repository.slice_oas("--batch", env=ascii_only)):
        assert done.code == 1, done.text
        assert "file names in ascii cannot have these characters" in done.out
        assert "GET /stra\\xdfe" in done.out
        assert "Traceback" not in done.text
    assert repository.files().keys() == {"plain_GET.yaml"}
    listed = repository.doit("list", "--all", env=ascii_only)
    assert (listed.code, listed.err) == (0, "")
    assert "slice:GET /stra\\xdfe" in listed.out
    assert repository.doit().code == 0
    assert len(repository.files()) == 2
    for done in (repository.doit(env=ascii_only), repository.slice_oas("--batch", env=ascii_only)):
        assert done.code == 1, done.text
        assert "file names in ascii cannot have these characters" in done.out
        assert done.err == ""
    done = repository.slice_oas("check", env=ascii_only)
    assert (done.code, done.out) == (2, "")
    assert "no file can be called 'slices/stra\\xdfe_GET.yaml' where names are in ascii: use a UTF-8" in done.err
    assert len(repository.files()) == 2


@posix
@pytest.mark.parametrize("target", ["nowhere", "slices"])
def test_an_output_folder_that_is_a_link_to_nothing(repository: Repository, target: str) -> None:
    repository.write("api.yaml", SAMPLE.read_bytes())
    repository.configure(spec="api.yaml")
    repository.slices.symlink_to(target)
    done = repository.slice_oas("--batch")
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "slices cannot be written there" in done.err
    assert not (repository.folder / "nowhere").exists()


@posix
def test_a_document_in_a_pipe(repository: Repository) -> None:
    os.mkfifo(repository.folder / "api.yaml")
    repository.configure(spec="api.yaml")
    done = repository.slice_oas("--batch")
    assert (done.code, done.err) == (
        2,
        "slice-oas: api.yaml: this is a pipe, and a document is read more than once. Save it first\n",
    )


def test_a_cache_in_a_folder_of_somebody_else_does_not_have_git_ignore_that(repository: Repository) -> None:
    repository.write("api.yaml", SAMPLE.read_bytes())
    repository.configure(spec="api.yaml", cache_dir=".")
    assert repository.doit().code == 0
    assert not (repository.folder / ".gitignore").exists()
    assert not (repository.folder / "CACHEDIR.TAG").exists()
