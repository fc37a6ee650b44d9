"""The garbage collector rests while slices are made, which leave it nothing, and works for the repository's tasks."""

from __future__ import annotations

import gc

import pytest

from tests.conftest import DODO, SAMPLE, Repository, spec
from tests.in_process import slices_of

#: Notes whether the collector is on: in the action of a slice, in another task's, and when all is over.
NOTING = """\
import atexit
import gc
import oas_tasks.build.slice_task as slice_task

build = slice_task._build

def note(name):
    with open(name, "a") as stream:
        stream.write("on\\n" if gc.isenabled() else "off\\n")

def noting(*arguments):
    note("slice")
    return build(*arguments)

slice_task._build = noting
atexit.register(note, "end")

def task_other():
    return {"actions": [(note, ["other"])], "task_dep": ["index"]}

"""


@pytest.mark.parametrize("processes", ["0", "1", "2"])
def test_it_rests_while_slices_are_made_and_works_for_other_tasks(repository: Repository, processes: str) -> None:
    repository.configure(spec=SAMPLE)
    repository.write("dodo.py", NOTING + DODO)
    done = repository.doit("-n", processes)
    assert done.code == 0, done.text
    found = {name: set((repository.folder / name).read_text().split()) for name in ("slice", "other", "end")}
    assert found == {"slice": {"off"}, "other": {"on"}, "end": {"on"}}


@pytest.mark.parametrize(
    ("name", "version"),
    [("box.json", "auto"), ("box.json", "3.1.x"), ("digitalocean/DigitalOcean-public.v2.yaml", "auto")],
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
