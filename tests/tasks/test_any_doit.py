"""A build is the same under whatever of doit: reporters, runners, selections, a DOIT_CONFIG and tasks of one's own."""

from __future__ import annotations

import json
import os
import re
import signal

import pytest

from tests.conftest import DODO, Repository
from tests.tasks.test_interruption import ENDPOINTS, PAUSING, document, start, wait_for_slices

DOCUMENT = """\
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /good:
    get: {responses: {'200': {description: ok}}}
  /bad:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Missing'}}}}
"""
MENDED = DOCUMENT + "components: {schemas: {Missing: {type: string}}}\n"
#: The fault, as it is said of one endpoint and in a list of faults.
FAULT = re.compile(r"input\.yaml:9:78:? +'#/components/schemas/Missing' is referenced but not defined")

GENERATORS = "from oas_tasks import task_index, task_prune, task_slice\n"
OWN = GENERATORS + "DOIT_CONFIG = {'continue': True}\n"
SILENT = """
class Silent:
    desc = "says nothing"
    def __init__(self, outstream, options):
        pass
    def __getattr__(self, name):
        if name.startswith("__") or name == "initialize":
            raise AttributeError(name)
        return lambda *_: None
DOIT_CONFIG = {'reporter': Silent, 'continue': True}
"""
PUBLISH = """
def task_publish():
    return {{"actions": ["echo published > published"], {needs}}}
"""

FAILED = 1


@pytest.fixture
def faulty(repository: Repository) -> Repository:
    repository.write("input.yaml", DOCUMENT)
    repository.configure(spec="input.yaml")
    return repository


def assert_told(faulty: Repository, *arguments: str) -> str:
    """Assert that a run of doit fails, that the fault is said, and that it is no error; return what was said."""
    done = faulty.doit(*arguments)
    assert (done.code, FAULT.search(done.text) is not None) == (FAILED, True), (arguments, done.text)
    assert "Traceback" not in done.text
    return done.text


@pytest.mark.parametrize(
    "asked", [(), ("slice:GET /bad",), ("slice",), ("slice:*bad",), ("index",), ("slices/bad_GET.yaml",), ("--always",)]
)
def test_an_endpoint_that_fails_is_told_under_a_configuration_of_ones_own(
    faulty: Repository, asked: tuple[str, ...]
) -> None:
    faulty.write("dodo.py", OWN)
    for _ in range(2):
        assert_told(faulty, *asked)
    faulty.write("input.yaml", MENDED)
    assert faulty.doit(*asked).code == 0
    assert (faulty.slices / "bad_GET.yaml").exists()


@pytest.mark.parametrize("reporter", ["console", "zero", "json", "error-only", "executed-only"])
@pytest.mark.parametrize("dodo", [DODO, OWN], ids=["ours", "own"])
def test_every_reporter_shows_the_same_build(faulty: Repository, reporter: str, dodo: str) -> None:
    faulty.write("dodo.py", dodo)
    for _ in range(2):
        for asked in (("slice:GET /bad",), ()):
            text = assert_told(faulty, "-r", reporter, *asked)
            assert len(FAULT.findall(text)) == (
                2 if reporter == "json" else 1
            )  # which programs read, and people do not
    results = {each["name"]: each["result"] for each in json.loads(faulty.doit("-r", "json", "slice").out)["tasks"]}
    assert (results["slice:GET /bad"], results["slice:GET /good"]) == ("fail", "up-to-date")
    assert [row["validation_status"] for row in faulty.rows()] == ["PASS", "FAIL"]


@pytest.mark.parametrize("parallel", [("-n", "2"), ("-n", "2", "-P", "thread")], ids=["processes", "threads"])
@pytest.mark.parametrize("dodo", [DODO, OWN, GENERATORS + SILENT], ids=["ours", "own", "silent"])
def test_parallel_runs_tell_as_well(faulty: Repository, parallel: tuple[str, ...], dodo: str) -> None:
    faulty.write("dodo.py", dodo)
    for asked in (("slice:GET /bad",), ("slice",), (), ("slice:GET /bad",)):
        assert_told(faulty, *parallel, *asked)


def test_default_tasks_are_selected_tasks(faulty: Repository) -> None:
    faulty.write("dodo.py", DODO + "DOIT_CONFIG = {**DOIT_CONFIG, 'default_tasks': ['slice:GET /bad']}\n")
    assert "1 failed" in assert_told(faulty)
    assert not (faulty.slices / "good_GET.yaml").exists()
    faulty.write("dodo.py", DODO + "DOIT_CONFIG = {'default_tasks': ['prune']}\n")
    assert faulty.doit().code == 0  # nobody asked for a slice


@pytest.mark.parametrize("names", ["task_slice", "task_slice, task_prune"])
def test_slices_without_an_index(faulty: Repository, names: str) -> None:
    faulty.write("dodo.py", f"from oas_tasks import DOIT_CONFIG, {names}\n")
    for _ in range(2):
        assert_told(faulty)


@pytest.mark.parametrize("dodo", [DODO, OWN], ids=["ours", "own"])
def test_an_index_that_does_not_run_tells_nothing_and_others_do(faulty: Repository, dodo: str) -> None:
    faulty.write("dodo.py", dodo)
    assert_told(faulty, "--single", "slice", "index")
    assert_told(faulty, "--single", "index")
    assert faulty.doit("ignore", "index").code == 0
    assert_told(faulty)


@pytest.mark.parametrize(
    "needs", ["'file_dep': ['slices/bad_GET.yaml']", "'task_dep': ['slice:GET /bad']", "'task_dep': ['index']"]
)
@pytest.mark.parametrize("dodo", [DODO, OWN], ids=["ours", "own"])
def test_what_needs_a_slice_that_is_not_there_is_not_done(faulty: Repository, dodo: str, needs: str) -> None:
    faulty.write(
        "dodo.py", dodo.replace('"task_slice"]', '"task_slice", "task_publish"]') + PUBLISH.format(needs=needs)
    )
    for asked in (("publish",), (), ("publish",), ("-n", "2"), ("-n", "2", "-P", "thread", "publish")):
        assert_told(faulty, *asked)
    assert not (faulty.folder / "published").exists()
    assert [row["validation_status"] for row in faulty.rows()] == ["PASS", "FAIL"]
    faulty.write("input.yaml", MENDED)
    assert faulty.doit("publish").code == 0
    assert (faulty.folder / "published").exists()


def test_other_tasks_fail_as_doit_says(faulty: Repository) -> None:
    other = "\ndef task_other():\n    return {'actions': ['exit 1']}\n"
    more = "\ndef task_more():\n    return {'actions': None, 'task_dep': ['other']}\n"
    faulty.write("input.yaml", MENDED)
    faulty.write("dodo.py", OWN + other)
    assert faulty.doit().code == 1
    faulty.write("dodo.py", OWN + other + more)
    assert faulty.doit().code == 2


TWO = """\
[[tool.oas_tasks.specs]]
name = 'one'
spec = 'input.yaml'
output_dir = 'slices/one'

[[tool.oas_tasks.specs]]
name = 'two'
spec = 'other.yaml'
output_dir = 'slices/two'
"""


@pytest.mark.parametrize("dodo", [DODO, OWN], ids=["ours", "own"])
def test_of_several_documents_each_has_its_own_index(faulty: Repository, dodo: str) -> None:
    faulty.write("other.yaml", MENDED)
    faulty.write("pyproject.toml", TWO)
    faulty.write("dodo.py", dodo)
    assert_told(faulty)
    assert_told(faulty, "index:one")
    assert_told(faulty, "slice", "index:two")
    done = faulty.doit("index:two")
    assert (done.code, FAULT.search(done.text) is not None) == (0, False)
    assert (faulty.slices / "two" / "index.csv").exists()


#: doit as it is where nobody told it of this package: used without being installed, or by a program of one's own.
UNKNOWN = """\
import sys
from doit.cmd_base import DodoTaskLoader, ModuleTaskLoader
from doit.cmd_run import Run
from doit.doit_cmd import DoitMain

class Main(DoitMain):
    def get_cmds(self):
        commands = super().get_cmds()
        commands["run"] = Run
        return commands

if __name__ == "__main__":
    sys.exit(Main(DodoTaskLoader()).run(sys.argv[1:]))
"""


@pytest.mark.parametrize("dodo", [DODO, OWN, GENERATORS + SILENT], ids=["ours", "own", "silent"])
def test_where_doit_does_not_know_this_package(faulty: Repository, dodo: str) -> None:
    faulty.write("dodo.py", dodo)
    faulty.write("unknown.py", UNKNOWN)
    asked = ((), ("slice:GET /bad",), ("slice",), ("-n", "2"), ("-n", "2", "-P", "thread"), ("-r", "zero"))
    for arguments in asked if dodo == OWN else asked[1::2]:
        done = faulty.run("unknown", *arguments)
        assert (done.code, FAULT.search(done.text) is not None) == (FAILED, True), (arguments, done.text)
        faulty.run("unknown", "forget", "--all")
    assert [row["validation_status"] for row in faulty.rows()] == ["PASS", "FAIL"]


def test_generators_that_are_called_by_others(faulty: Repository) -> None:
    wrapped = (
        "import oas_tasks\n"
        "def task_slice():\n    yield from oas_tasks.task_slice()\n"
        "def task_prune():\n    return oas_tasks.task_prune()\n"
        "def task_index():\n    return oas_tasks.task_index()\n"
    )
    faulty.write("dodo.py", wrapped)
    for asked in ((), ("slice:GET /bad",), ("-r", "zero")):
        assert_told(faulty, *asked)


def test_doit_as_a_library(faulty: Repository) -> None:
    script = "import doit, sys\nfrom oas_tasks import task_index, task_prune, task_slice\n"
    faulty.write("script.py", script + "doit.run(globals())\n")
    api = "from doit.api import run_tasks\nfrom doit.cmd_base import ModuleTaskLoader\n"
    faulty.write(
        "program.py", script + api + "sys.exit(run_tasks(ModuleTaskLoader(globals()), {'slice:GET /bad': {}}))\n"
    )
    for module, arguments in (("script", ["slice:GET /bad"]), ("script", []), ("program", [])):
        done = faulty.run(module, *arguments)
        assert (done.code, FAULT.search(done.text) is not None) == (FAILED, True), done.text


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
@pytest.mark.parametrize("options", [(), ("-r", "zero")], ids=["own", "zero"])
def test_a_killed_run_leaves_nothing_that_the_next_does_not_remove(
    repository: Repository, options: tuple[str, ...]
) -> None:
    repository.write("dodo.py", PAUSING + (DODO if options else OWN))
    repository.write("api.json", document())
    repository.configure(spec="api.json")
    process = start(repository, "doit", "-n", "2", *options)
    wait_for_slices(repository, 40, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    there = {file.name for file in repository.slices.glob("p*_GET.yaml")}
    assert there
    gone = ENDPOINTS // 2
    repository.write("dodo.py", DODO if options else OWN)
    repository.write("api.json", document(gone))
    assert repository.doit("-n", "2", *options).code == 0
    left = {f"p{n}_GET.yaml" for n in range(gone, ENDPOINTS)}
    assert {name for name in repository.files() if name.endswith(".yaml")} == left
