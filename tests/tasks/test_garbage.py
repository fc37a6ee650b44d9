"""The garbage collector rests while slices are made, which leave it nothing, and works for the repository's tasks."""

from __future__ import annotations

import gc

import pytest

from tests.conftest import DODO, SAMPLE, Repository, spec
from tests.in_process import slices_of

#: Notes whether the collector is on: in the action of a slice, in what belongs to another task, and when all is over.
NOTING = """\
import atexit
import gc
import oas_tasks.tasks.slice_task as slice_task

build = slice_task._build

def note(name):
    with open(name, "a") as stream:
        stream.write("on\\n" if gc.isenabled() else "off\\n")

def noting(*arguments):
    note("slice")
    return build(*arguments)

def checking(task, values):
    task.value_savers.append(lambda: note("saver") or {})
    note("check")
    return False

slice_task._build = noting
atexit.register(note, "end")

def task_other():
    return {
        "actions": [(note, ["action"])],
        "uptodate": [checking],
        "task_dep": ["index"],
        "teardown": [(note, ["teardown"])],
    }

"""


def noted(repository: Repository, dodo: str, *arguments: str) -> dict[str, set[str]]:
    """Run doit with our tasks and those of `dodo`, and return what is noted under each name."""
    repository.configure(spec=SAMPLE)
    repository.write("dodo.py", NOTING + dodo + DODO)
    done = repository.doit(*arguments)
    assert done.code == 0, done.text
    files = (file for file in repository.folder.iterdir() if file.is_file() and not file.suffix)
    return {file.name: set(file.read_text().split()) for file in files}


@pytest.mark.parametrize("processes", ["0", "1", "2"])
@pytest.mark.parametrize("was", ["on", "off"])
def test_it_rests_while_slices_are_made_and_not_for_other_tasks(
    repository: Repository, processes: str, was: str
) -> None:
    found = noted(repository, "gc.disable()\n" if was == "off" else "", "-n", processes)
    theirs = ("check", "action", "saver", "teardown", "end")
    assert found == {"slice": {"off"}, **{name: {was} for name in theirs}}


def test_what_an_action_settles_goes_for_those_after_it(repository: Repository) -> None:
    settling = (
        "def task_settling():\n"
        "    return {'actions': [(lambda: gc.disable()), (note, ['settling'])], 'task_dep': ['other']}\n"
        "def task_after():\n"
        "    return {'actions': [(note, ['after'])], 'task_dep': ['settling']}\n"
    )
    found = noted(repository, settling)
    assert (found["action"], found["after"]) == ({"on"}, {"off"})


@pytest.mark.parametrize("processes", ["0", "2"])
def test_it_works_where_tasks_are_made_later(repository: Repository, processes: str) -> None:
    later = (
        "from doit import create_after\n"
        "@create_after(executed='other')\n"
        "def task_later():\n"
        "    note('made')\n"
        "    yield {'name': 'one', 'actions': [(note, ['later'])]}\n"
    )
    found = noted(repository, later, "-n", processes)
    assert [found[name] for name in ("made", "later", "action", "end")] == [{"on"}] * 4


@pytest.mark.parametrize("processes", ["0", "2"])
def test_what_a_dodo_leaves_open_is_brought_to_an_end(repository: Repository, processes: str) -> None:
    text = (
        "class Log:\n"
        "    def __init__(self):\n"
        "        self.file = open('log', 'a')\n"
        "        self.hooks = [self.write]\n"
        "    def write(self):\n"
        "        self.file.write('line')\n"
        "log = Log()\n"
        "log.write()\n"
    )
    repository.configure(spec=SAMPLE)
    repository.write("dodo.py", text + DODO)
    for runs in (1, 2):  # cold, and with nothing to do
        done = repository.run_cold("doit", "-n", processes)
        assert done.code == 0, done.text
        assert (repository.folder / "log").read_text() == "line" * runs


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("box.json", "auto"),
        ("box.json", "3.1.x"),
        pytest.param("digitalocean/DigitalOcean-public.v2.yaml", "auto", marks=pytest.mark.slow),
    ],
)
def test_slices_leave_next_to_nothing_to_collect(name: str, version: str) -> None:
    file = spec(name)
    gc.collect()
    gc.disable()
    try:
        made = slices_of(file, output_version=version)
        found = gc.collect()
    finally:
        gc.enable()
    assert found < len(made), f"{found} objects in cycles after {len(made)} slices"
