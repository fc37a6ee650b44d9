"""A run over everything makes tasks only of what is stale, and nobody can tell but by the clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import DODO, Repository

DOCUMENT = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /animals:
    get: {responses: {'200': {description: ok}}}
    post: {responses: {'201': {description: made}}}
  /keepers:
    get: {responses: {'200': {description: ok}}}
"""

REPORTING = """
from doit.reporter import ConsoleReporter
class Names(ConsoleReporter):
    def initialize(self, tasks, selected):
        self.write(' '.join(sorted(name for name in tasks if ':' in name)) + '\\n')
DOIT_CONFIG = {**DOIT_CONFIG, 'reporter': Names}
"""


@pytest.fixture
def zoo(repository: Repository) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml")
    assert repository.doit().code == 0
    return repository


def tasks(zoo: Repository, *arguments: str) -> list[str]:
    """Return the names of the slice tasks that doit sees in a run."""
    zoo.write("dodo.py", DODO + REPORTING)
    done = zoo.doit(*arguments)
    zoo.write("dodo.py", DODO)
    assert done.code == 0, done.text
    names = done.out.splitlines()[0]
    return [name for name in names.replace(" slice:", "\nslice:").splitlines() if name]


ALL = ["slice:GET /animals", "slice:GET /keepers", "slice:POST /animals"]


def test_tasks_are_made_only_of_what_is_stale(zoo: Repository) -> None:
    assert tasks(zoo) == []
    zoo.write("api.yaml", DOCUMENT.replace("made", "added"))
    assert tasks(zoo) == ["slice:POST /animals"]
    (zoo.slices / "keepers_GET.yaml").unlink()
    assert tasks(zoo, "-n", "2") == ["slice:GET /keepers"]
    assert tasks(zoo) == []


@pytest.mark.parametrize("arguments", [("slice:GET /animals",), ("slice:* /animals",), ("index",), ("--always",)])
def test_any_other_run_sees_every_task(zoo: Repository, arguments: tuple[str, ...]) -> None:
    assert tasks(zoo, *arguments) == ALL


def test_what_doit_was_made_to_forget_is_done_again(zoo: Repository) -> None:
    assert zoo.doit("forget", "slice:GET /animals").code == 0
    assert tasks(zoo) == ["slice:GET /animals"]
    assert tasks(zoo) == []
    assert zoo.doit("forget", "--all").code == 0
    assert tasks(zoo) == ALL
    assert tasks(zoo) == []


def test_tasks_that_others_depend_on_are_there(zoo: Repository) -> None:
    more = (
        "\ndef task_publish():\n"
        "    return {'actions': ['echo published'], 'task_dep': ['slice:GET /animals'],\n"
        "            'file_dep': ['slices/animals_POST.yaml']}\n"
    )
    zoo.write("dodo.py", DODO.replace('"task_slice"]', '"task_slice", "task_publish"]') + more)
    done = zoo.doit()
    assert done.code == 0, done.text
    (zoo.slices / "animals_POST.yaml").unlink()
    done = zoo.doit("publish")
    assert done.code == 0, done.text
    assert (zoo.slices / "animals_POST.yaml").exists()


@pytest.mark.parametrize("change", ["removed", "edited", "index", "foreign"])
def test_a_change_in_the_output_folder_is_seen(zoo: Repository, change: str) -> None:
    good = zoo.files()
    assert tasks(zoo) == []
    if change == "removed":
        (zoo.slices / "animals_GET.yaml").unlink()
    elif change == "edited":
        zoo.write("slices/animals_GET.yaml", b"#" + good["animals_GET.yaml"][1:])
    elif change == "index":
        (zoo.slices / "index.csv").unlink()
    else:
        zoo.write("slices/notes.txt", "mine")
    assert zoo.doit().code == 0
    assert {name: (zoo.slices / name).read_bytes() for name in good} == good
    assert len(zoo.rows()) == 3
    assert (zoo.slices / "notes.txt").exists() == (change == "foreign")


def test_a_damaged_state_is_begun_anew(zoo: Repository) -> None:
    before = zoo.times()
    for file in sorted((zoo.folder / ".oas_tasks").glob("*.sqlite3")):
        file.write_bytes(b"not a database" * 100)
    done = zoo.doit()
    assert (done.code, len(done.err.splitlines())) == (0, 1)
    assert "could not be read (file is not a database) and was replaced" in done.err
    assert zoo.times() == before
    assert zoo.doit().err == ""


def test_another_backend_of_doit_serves_as_well(zoo: Repository, tmp_path: Path) -> None:
    zoo.write("dodo.py", f"{DODO}DOIT_CONFIG = {{**DOIT_CONFIG, 'backend': 'json', 'dep_file': 'state.json'}}\n")
    assert zoo.doit().code == 0
    done = zoo.doit()
    assert "0 made, 3 unchanged" in done.out
    assert zoo.doit("forget", "--all").code == 0
    assert zoo.doit().code == 0
