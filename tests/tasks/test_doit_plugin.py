"""doit's own commands, where doit itself would show a traceback."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.conftest import SAMPLE, Repository

#: What doit calls a request that it does not start.
NOT_STARTED = 3


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    names = {point.name for point in entry_points(group="doit.COMMAND")}
    assert {"forget", "info", "list", "run"} <= names, "installed is an earlier version: run `pip install -e .` again"
    made = Repository(tmp_path_factory.mktemp("library"))
    made.write("dodo.py", "from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice\n")
    made.configure(spec=SAMPLE)
    assert made.doit().code == 0
    return made


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("slice:GET /book", "there is no task 'slice:GET /book'. Did you mean 'slice:GET /books'?"),
        ("zzz", "there is no task 'zzz'. '"),
    ],
)
def test_info_of_a_task_that_is_not_there(library: Repository, asked: str, said: str) -> None:
    done = library.doit("info", asked)
    assert (done.code, done.out) == (NOT_STARTED, "")
    assert done.err.startswith(f"ERROR: {said}")
    assert len(done.err.splitlines()) == 1


def test_info_of_a_task_is_what_doit_says(library: Repository) -> None:
    done = library.doit("info", "slice:GET /books")
    assert done.code == 0
    assert "status     : up-to-date" in done.out


def test_forget_without_a_name_forgets_all_tasks_as_a_run_without_one_runs_all(library: Repository) -> None:
    done = library.doit("forget")
    assert (done.code, done.err) == (0, "")
    forgotten = done.out.splitlines()
    tasks = library.doit("list", "--all", "--quiet").out.splitlines()
    assert sorted(forgotten) == sorted(f"forgetting {task.strip()}" for task in tasks)
    again = library.doit()
    assert again.code == 0
    count = len(tasks) - 3  # without the groups and the index
    progress = [line for line in again.out.splitlines() if line.startswith("Extracting endpoint")]
    assert progress[-1] == f"Extracting endpoint {count}/{count} (100%)"
    assert all(f"/{count} (" in line for line in progress), "the total is steady"
    assert len(progress) == 10  # one for each tenth


def test_state_that_cannot_be_opened(library: Repository, tmp_path: Path) -> None:
    done = library.doit("run", "--db-file", str(tmp_path / "nowhere" / "state"))
    assert done.code == NOT_STARTED
    assert "doit's state cannot be opened" in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("asked", ["slice:GET /a", "prune:zoo"])
def test_a_task_of_a_document_that_cannot_be_sliced_says_why(repository: Repository, asked: str) -> None:
    repository.write("dodo.py", "from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice\n")
    repository.write("api.yaml", "openapi: '2.0'\n")
    repository.configure(spec="api.yaml")
    done = repository.doit(asked)
    assert done.code == NOT_STARTED
    assert done.err.startswith("ERROR: api.yaml:1:10: OpenAPI version '2.0' is not one that can be sliced")
    assert len(done.err.splitlines()) == 1
    assert "Must be a command, task" in repository.doit("nonsense").err
