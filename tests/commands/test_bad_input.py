"""Bad input gets one plain sentence and the right exit code, from `slice-oas` and from doit, and loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import DODO, Done, Repository

GOOD = """\
openapi: 3.0.3
info: {title: Good, version: '1'}
paths:
  /a:
    get: {responses: {'200': {description: ok}}}
"""
#: What may stand in a document's file, and what must be said about it.
BAD: dict[str, tuple[bytes | str | None, str]] = {
    "missing": (None, "api.yaml: there is no such file"),
    "empty": ("", "api.yaml: the file is empty"),
    "blank": ("\n# nothing\n\n", "api.yaml: the file is empty"),
    "not YAML": ("openapi: 3.0.3\npaths: [\n", "api.yaml:3"),
    "not JSON": ('{"openapi": "3.0.3" "info": {}}', "api.yaml:1"),
    "binary": (bytes(range(256)), "api.yaml"),
    "not UTF-8": (b"openapi: 3.0.3\ninfo: {title: \xff}\n", "api.yaml:2"),
    "a list": ("- 1\n- 2\n", "api.yaml"),
    "a text": ("hello\n", "api.yaml"),
    "not OpenAPI": ("name: pipeline\nsteps: []\n", "api.yaml"),
    "Swagger 2.0": ("swagger: '2.0'\ninfo: {title: S, version: '1'}\npaths: {}\n", "Swagger 2.0"),
    "unknown version": (GOOD.replace("3.0.3", "4.0.0"), "4.0.0"),
    "version as a number": (GOOD.replace("3.0.3", "3.1"), "api.yaml:1"),
    "paths a list": ("openapi: 3.0.3\ninfo: {title: S, version: '1'}\npaths: []\n", "paths"),
    "no endpoints": ("openapi: 3.0.3\ninfo: {title: S, version: '1'}\npaths: {}\n", "no endpoints"),
    "no paths": ("openapi: 3.0.3\ninfo: {title: S, version: '1'}\n", "'paths'"),
    "paths kept in a file that is not there": (
        "openapi: 3.0.3\ninfo: {title: S, version: '1'}\npaths: {$ref: nope.yaml}\n",
        "api.yaml:3:8: there is no file 'nope.yaml'",
    ),
    "no version": (GOOD.replace("3.0.3", ""), "'openapi' must be a string"),
    "a key twice": (GOOD + "paths: {}\n", "api.yaml:6"),
    "an unknown tag": (GOOD.replace("title: Good", "title: !secret Good"), "api.yaml:2"),
    "a tab": (GOOD.replace("  /a:", "\t/a:"), "api.yaml:4"),
    "two documents": (GOOD + "---\n" + GOOD, "api.yaml:6"),
    "an alias bomb": (
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{n}: &a{n} [{', '.join(['*a' + str(n - 1)] * 10)}]\n" for n in range(1, 10))
        + GOOD,
        "api.yaml",
    ),
    "absurd nesting": ("openapi: 3.0.3\nx-deep: " + "[" * 100_000 + "]" * 100_000 + "\n", "api.yaml:2"),
    "nothing but nesting in JSON": ("[" * 200_000 + "]" * 200_000, "api.yaml:1"),
    "absurd nesting in JSON": ('{"openapi": "3.0.3", "x": ' + "[" * 100_000 + "]" * 100_000 + "}", "api.yaml:1"),
}
#: What doit calls a task that could not be worked out.
DOIT_ERROR = 2


@pytest.fixture
def folder(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.write("dodo.py", DODO)
    made.configure(spec="api.yaml")
    return made


def put(folder: Repository, content: bytes | str | None) -> None:
    if content is None:
        (folder.folder / "api.yaml").unlink(missing_ok=True)
    else:
        folder.write("api.yaml", content)


def plain(done: Done) -> None:
    """Assert that a process spoke to people."""
    assert "Traceback" not in done.text
    assert ", line " not in done.text
    assert "Error:" not in done.text
    assert " object at " not in done.text


@pytest.mark.parametrize("what", BAD)
def test_a_bad_document_with_slice_oas(folder: Repository, what: str) -> None:
    content, said = BAD[what]
    put(folder, content)
    done = folder.slice_oas("--input", "api.yaml", "--batch")
    assert (done.code, done.out) == (2, ""), done.text
    assert done.err.startswith("slice-oas: api.yaml")
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    plain(done)
    assert not folder.slices.exists()


@pytest.mark.parametrize("what", [name for name in BAD if name != "no endpoints"])
def test_a_bad_document_with_doit(folder: Repository, what: str) -> None:
    content, said = BAD[what]
    put(folder, content)
    done = folder.doit()
    assert done.code == DOIT_ERROR, done.text
    assert said in done.text
    plain(done)
    assert not folder.slices.exists()


@pytest.mark.parametrize("what", ["missing", "empty", "not YAML", "Swagger 2.0", "paths a list"])
@pytest.mark.parametrize("command", ["slice_oas", "doit"])
def test_what_was_built_stays_when_the_document_goes_bad(folder: Repository, command: str, what: str) -> None:
    def build() -> Done:
        return folder.doit() if command == "doit" else folder.slice_oas("--batch")

    put(folder, GOOD)
    assert build().code == 0
    before = folder.times()
    put(folder, BAD[what][0])
    assert build().code == 2
    assert folder.times() == before
    put(folder, GOOD)
    assert build().code == 0
    assert folder.times() == before


@pytest.mark.parametrize("command", ["slice_oas", "doit"])
def test_a_broken_reference_fails_its_endpoint_only(folder: Repository, command: str) -> None:
    put(folder, GOOD + "  /b:\n    get: {responses: {'200': {$ref: '#/components/responses/B'}}}\n")
    done = folder.doit() if command == "doit" else folder.slice_oas("--batch")
    assert done.code == 1
    assert "api.yaml:7:37  '#/components/responses/B' is referenced but not defined" in done.text
    plain(done)
    assert folder.files().keys() == {"a_GET.yaml"}
    assert [row["validation_status"] for row in folder.rows()] == ["PASS", "FAIL"]


@pytest.mark.parametrize("command", ["slice_oas", "doit"])
def test_a_file_where_the_output_folder_should_be(folder: Repository, command: str) -> None:
    put(folder, GOOD)
    folder.write("slices", "mine")
    done = folder.doit() if command == "doit" else folder.slice_oas("--batch")
    assert done.code == 2, done.text
    assert "slices cannot be written there" in done.text
    assert "is not a folder" in done.text
    plain(done)
    assert folder.slices.read_text() == "mine"


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs a user with limits"
)
@pytest.mark.parametrize("command", ["slice_oas", "doit"])
def test_an_output_folder_that_is_not_writable(folder: Repository, command: str) -> None:
    put(folder, GOOD)
    folder.slices.mkdir()
    folder.slices.chmod(0o500)
    done = folder.doit() if command == "doit" else folder.slice_oas("--batch")
    folder.slices.chmod(0o700)
    assert done.code == 2, done.text
    assert "is not writable" in done.text
    plain(done)


@pytest.mark.parametrize("command", ["slice_oas", "doit"])
def test_a_file_where_the_cache_should_be(folder: Repository, command: str) -> None:
    put(folder, GOOD)
    folder.write(".oas_tasks", "mine")
    done = folder.doit() if command == "doit" else folder.slice_oas("--batch")
    assert done.code in (2, 3), done.text
    assert ".oas_tasks" in done.text
    plain(done)
    assert (folder.folder / ".oas_tasks").read_text() == "mine"


@pytest.mark.parametrize("command", ["slice_oas", "doit"])
def test_a_folder_where_a_slice_should_be_fails_that_slice(folder: Repository, command: str) -> None:
    put(folder, GOOD + "  /b:\n    get: {responses: {'200': {description: ok}}}\n")
    (folder.slices / "b_GET.yaml").mkdir(parents=True)
    done = folder.doit() if command == "doit" else folder.slice_oas("--batch")
    assert done.code in (1, 2), done.text
    assert "b_GET.yaml" in done.text
    plain(done)
    assert (folder.slices / "a_GET.yaml").is_file()


def test_a_slice_that_is_cut_short_on_its_way_to_the_disk_fails(folder: Repository) -> None:
    put(folder, GOOD)
    cut = (
        "import oas_tasks.tasks.slice_task as slice_task\n"
        "write = slice_task.write_atomically\n"
        "slice_task.write_atomically = lambda file, content: write(file, content[:-9])\n"
    )
    folder.write("dodo.py", cut + DODO)
    done = folder.doit()
    assert done.code == 1, done.text
    assert folder.rows()[0]["failure_reason"].endswith("a_GET.yaml: cannot be written: it is not as it was written")
    plain(done)
    folder.write("dodo.py", DODO)
    assert folder.doit().code == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("otput_dir = 'x'", "[tool.oas_tasks]: unknown setting 'otput_dir'. Did you mean 'output_dir'?"),
        ("concurrency = 99", "'concurrency' must be a whole number from 1 to 16, and it is 99"),
        ("format = 'xml'", "'format' must be yaml or json, and it is 'xml'"),
        ("csv = 'yes'", "'csv' must be true or false, and it is 'yes'"),
    ],
)
@pytest.mark.parametrize("command", ["slice_oas", "doit"])
def test_a_wrong_setting(folder: Repository, command: str, line: str, said: str) -> None:
    put(folder, GOOD)
    folder.write("pyproject.toml", f"[tool.oas_tasks]\nspec = 'api.yaml'\n{line}\n")
    done = folder.doit() if command == "doit" else folder.slice_oas("--batch")
    assert done.code == 2, done.text
    assert said in done.text
    plain(done)
    assert not folder.slices.exists()


def test_settings_that_are_not_toml(folder: Repository) -> None:
    """With doit it is doit itself that reads the file first, and raises."""
    put(folder, GOOD)
    folder.write("pyproject.toml", "[tool.oas_tasks]\nspec = 'api.yaml'\nfilter =\n")
    done = folder.slice_oas("--batch")
    assert (done.code, done.err) == (2, "slice-oas: pyproject.toml:3:9: this is not TOML: invalid value\n")


def test_a_doit_variable_that_is_almost_a_setting(folder: Repository) -> None:
    put(folder, GOOD)
    done = folder.doit("run", "fromat=json")
    assert done.code == DOIT_ERROR
    assert "'fromat'. Did you mean 'format'?" in done.text
    plain(done)


def test_an_endpoint_that_doit_does_not_know(folder: Repository) -> None:
    put(folder, GOOD)
    done = folder.doit("run", "slice:GET /nope")
    assert done.code == 3
    assert "slice:GET /nope" in done.text
    plain(done)


def test_debug_shows_internals(folder: Repository) -> None:
    put(folder, None)
    done = folder.slice_oas("--input", "api.yaml", "--batch", "--debug")
    assert done.code == 2
    assert "Traceback" in done.err


def test_a_stream_that_is_closed_early_is_no_fault_to_tell(folder: Repository) -> None:
    if sys.platform == "win32":
        pytest.skip("pipes close otherwise there")
    put(
        folder,
        GOOD + "".join(f"  /p{n}:\n    get: {{responses: {{'200': {{description: ok}}}}}}\n" for n in range(300)),
    )
    shell = f"{sys.executable} -m oas_tasks --input api.yaml --batch --dry-run | head -n 1"
    done = subprocess.run(shell, shell=True, cwd=folder.folder, capture_output=True, text=True, check=False)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_a_webhook_that_is_called_like_a_path_is_told(folder: Repository) -> None:
    put(folder, GOOD.replace("3.0.3", "3.1.0") + "webhooks: {/a: {get: {responses: {}}}}\n")
    done = folder.slice_oas("--input", "api.yaml", "--batch", "--webhooks")
    assert (done.code, len(done.err.splitlines())) == (2, 1), done.text
    assert "the webhook '/a' is called like a path" in done.err
    plain(done)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("auto", "it has no 'paths', but it has webhooks. Use --webhooks to slice them"),
        ("3.0.x", "it has no 'paths', and OpenAPI 3.0 has no webhooks"),
    ],
)
def test_a_document_of_webhooks_alone_is_told_of_them(folder: Repository, version: str, said: str) -> None:
    info = "openapi: 3.1.0\ninfo: {title: Hooks, version: '1'}\n"
    put(folder, info + "webhooks: {w: {post: {responses: {'200': {description: ok}}}}}\n")
    done = folder.slice_oas("--input", "api.yaml", "--batch", "--output-version", version)
    assert (done.code, done.err) == (2, f"slice-oas: api.yaml has no endpoints: {said}\n")


def test_a_file_that_links_to_itself_is_a_fault_of_who_refers_to_it(folder: Repository) -> None:
    put(folder, GOOD.replace("responses: {'200': {description: ok}}", "responses: {'200': {$ref: loop.yaml}}"))
    try:
        (folder.folder / "loop.yaml").symlink_to("loop.yaml")
    except OSError:
        pytest.skip("no symbolic links here")
    done = folder.slice_oas("--input", "api.yaml", "--batch")
    assert done.code == 1, done.text
    assert "'loop.yaml'" in folder.rows()[0]["failure_reason"]
    plain(done)


def test_a_filter_that_nothing_matches_removes_nothing(folder: Repository) -> None:
    put(folder, GOOD)
    assert folder.doit().code == 0
    before = folder.times()
    for variable in ("filter=/zzz", "methods=DELETE", "tags=nope"):
        done = folder.doit(variable)
        assert done.code == DOIT_ERROR, done.text
        assert "no endpoint of api.yaml matches" in done.text
        plain(done)
    assert folder.times() == before


def test_a_task_s_name_that_doit_takes_for_a_variable_is_told(folder: Repository) -> None:
    put(folder, GOOD.replace("/a:", "/a=b:"))
    done = folder.doit("slice:GET /a=b")
    assert done.code == DOIT_ERROR, done.text
    assert "write '%3D' for '='" in done.text
    assert folder.doit("slice:GET /a%3Db").code == 0
