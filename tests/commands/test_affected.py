"""`slice-oas affected`: what a change touches, since a git revision or between two files."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED, Done, Repository, spec

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed here")

DOCUMENT = """\
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /orders:
    get:
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}
  /health:
    get: {responses: {'200': {description: ok}}}
components:
  schemas:
    Order: {type: object, properties: {by: {$ref: '#/components/schemas/User'}}}
    User: {type: object, description: Somebody}
"""
EDITED = DOCUMENT.replace("Somebody", "A user")
USER = "components/schemas/User"


def git(shop: Repository, *arguments: str) -> str:
    identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=shop.folder, check=True, capture_output=True, text=True).stdout


def commit(shop: Repository) -> None:
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "a state")


@pytest.fixture
def shop(repository: Repository) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml")
    git(repository, "init", "-q")
    commit(repository)
    return repository


def affected(shop: Repository, *arguments: str) -> Any:
    done = shop.slice_oas("affected", "--output", "json", *arguments)
    assert done.code == 0, done.text
    return json.loads(done.out)


def changes(shop: Repository, *arguments: str) -> list[tuple[str, str]]:
    """Return what is affected, as `("changed", "GET /orders")`."""
    found = affected(shop, *arguments)["affected"]
    return [(each["change"], f"{each['method']} {each['path']}") for each in found]


BOTH = [("changed", "GET /orders"), ("changed", "GET /users/{id}")]


def test_uncommitted_changes_are_told_with_what_changed_and_the_way_there(shop: Repository) -> None:
    shop.write("api.yaml", EDITED)
    done = shop.slice_oas("affected")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "0 added, 0 removed, 2 changed (2 in text only), 1 unchanged since HEAD",
        "changed  GET /orders (text)",
        "           components/schemas/User via components/schemas/Order",
        "changed  GET /users/{id} (text)",
        "           components/schemas/User",
    ]
    found = affected(shop)
    assert (found["since"], found["unchanged"]) == ("HEAD", 1)
    assert found["affected"][0] == {
        "method": "GET",
        "path": "/orders",
        "file": "slices/orders_GET.yaml",
        "change": "changed",
        "extent": "text",
        "causes": [{"kind": "changed", "part": USER, "via": ["components/schemas/Order"]}],
    }


def test_added_and_removed_endpoints_are_told(shop: Repository) -> None:
    shop.write("api.yaml", DOCUMENT.replace("/health", "/ready"))
    assert changes(shop) == [("added", "GET /ready"), ("removed", "GET /health")]


def test_any_revision_can_be_the_base_and_nothing_else_is_touched(shop: Repository) -> None:
    shop.write("api.yaml", EDITED)
    commit(shop)
    shop.write("notes.txt", "not committed")
    assert changes(shop) == []
    before = {file: file.stat().st_mtime_ns for file in shop.folder.rglob("*") if ".git" not in file.parts}
    assert changes(shop, "--base", "HEAD~1") == BOTH
    assert {file: file.stat().st_mtime_ns for file in shop.folder.rglob("*") if ".git" not in file.parts} == before
    assert git(shop, "status", "--porcelain") == "?? notes.txt\n"


def test_files_that_are_referred_to_are_read_from_the_revision(shop: Repository) -> None:
    document = DOCUMENT[: DOCUMENT.index("components:\n")].replace("#/components/schemas/", "./more/models.yaml#/")
    shop.write("api/openapi.yaml", document)
    models = "Order: {type: object, properties: {by: {$ref: 'user.yaml#/User'}}}\nUser: {$ref: 'user.yaml#/User'}\n"
    shop.write("api/more/models.yaml", models)
    shop.write("api/more/user.yaml", "User: {type: object, description: Somebody}\n")
    shop.configure(spec="api/openapi.yaml")
    commit(shop)
    shop.write("api/more/user.yaml", "User: {type: object, description: A user}\n")
    assert changes(shop) == BOTH
    (shop.folder / "api/more/user.yaml").unlink()
    found = affected(shop)
    assert [each["change"] for each in found["affected"]] == ["changed", "changed"]
    assert "there is no file 'more/user.yaml'" in found["affected"][0]["reason"]
    commit(shop)
    assert changes(shop) == []
    assert changes(shop, "--base", "HEAD~1") == BOTH


def test_where_nothing_changed_the_document_is_not_parsed(shop: Repository) -> None:
    assert shop.slice_oas("--batch").code == 0
    done = shop.run("oas_tasks", "affected", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.out == "0 added, 0 removed, 0 changed, 3 unchanged since HEAD\n"
    assert "oas_tasks.queries.git" in done.err
    for module in ("oas_tasks.formats", "oas_tasks.document.document", "oas_tasks.slices.slicer"):
        assert f" {module}\n" not in done.err


def test_the_settings_of_the_revision_hold_for_it(shop: Repository) -> None:
    shop.configure(spec="api.yaml", filter="/u*")
    assert changes(shop) == [("removed", "GET /orders"), ("removed", "GET /health")]
    shop.configure(spec="api.yaml", format="json")
    found = affected(shop)["affected"]
    assert {each["change"] for each in found} == {"changed"}
    assert [cause["kind"] for cause in found[0]["causes"]] == ["settings", "file"]


def test_a_moved_document_is_compared_with_what_it_was(shop: Repository) -> None:
    (shop.folder / "api.yaml").unlink()
    shop.write("moved/api.yaml", EDITED)
    shop.configure(spec="moved/api.yaml")
    assert changes(shop) == BOTH


def test_in_a_folder_of_a_repository(shop: Repository) -> None:
    inner = Repository(shop.folder / "services" / "one")
    inner.write("api.yaml", DOCUMENT)
    inner.configure(spec="api.yaml")
    commit(shop)
    inner.write("api.yaml", EDITED)
    assert changes(inner) == BOTH
    assert changes(inner, "--input", str(inner.folder / "api.yaml")) == BOTH


def test_a_document_that_was_not_there_or_no_document_is_all_new(shop: Repository) -> None:
    shop.write("new.yaml", DOCUMENT)
    done = shop.slice_oas("affected", "--input", "new.yaml")
    assert done.out.startswith("3 added, 0 removed, 0 changed, 0 unchanged since HEAD\n")
    assert done.err == "slice-oas: new.yaml: there was no HEAD:new.yaml\n"
    shop.write("api.yaml", "[")
    commit(shop)
    shop.write("api.yaml", DOCUMENT)
    done = shop.slice_oas("affected")
    assert (done.code, done.out.splitlines()[0]) == (0, "3 added, 0 removed, 0 changed, 0 unchanged since HEAD")
    assert done.err.startswith("slice-oas: api.yaml: nothing could be sliced before: HEAD:api.yaml:1")


def test_two_files_need_no_git(tmp_path: Path) -> None:
    folder = Repository(tmp_path)
    folder.write("old.yaml", DOCUMENT)
    folder.write("new.yaml", EDITED)
    assert changes(folder, "old.yaml", "new.yaml") == BOTH


def test_several_documents_are_told_apart(shop: Repository) -> None:
    one, two = (
        f"[[tool.oas_tasks.specs]]\nname = '{name}'\nspec = '{name}.yaml'\noutput_dir = '{name}'\n"
        for name in ("one", "two")
    )
    shop.write("pyproject.toml", one + two)
    shop.write("one.yaml", DOCUMENT)
    shop.write("two.yaml", DOCUMENT)
    commit(shop)
    shop.write("two.yaml", EDITED)
    found = affected(shop)["affected"]
    assert [(each["document"], each["file"]) for each in found] == [
        ("two", "two/orders_GET.yaml"),
        ("two", "two/users-id_GET.yaml"),
    ]
    shop.write("pyproject.toml", one)
    assert changes(shop) == [("removed", "GET /orders"), ("removed", "GET /users/{id}"), ("removed", "GET /health")]


def test_a_document_is_known_by_where_its_slices_are_when_its_name_changes(shop: Repository) -> None:
    entry = "[[tool.oas_tasks.specs]]\nname = '{0}'\nspec = '{1}.yaml'\noutput_dir = '{2}'\n"
    shop.write("pyproject.toml", entry.format("shop", "api", "slices"))
    assert changes(shop) == []  # the only one has become one of several
    shop.write("other.yaml", DOCUMENT)
    shop.write("pyproject.toml", entry.format("shop", "api", "slices") + entry.format("other", "other", "others"))
    commit(shop)
    shop.write("pyproject.toml", entry.format("one", "api", "slices") + entry.format("two", "other", "seconds"))
    assert changes(shop) == []
    shop.write("api.yaml", EDITED)
    assert changes(shop) == BOTH


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="only root gives files away")
def test_a_repository_of_another_user_is_told_from_none(shop: Repository) -> None:
    os.chown(shop.folder, 12345, -1)
    os.chown(shop.folder / ".git", 12345, -1)
    done = shop.slice_oas("affected")
    assert done.code == 2
    assert "the repository belongs to another user" in done.err


def test_a_matrix_is_one_line_that_github_actions_takes(shop: Repository) -> None:
    shop.write("api.yaml", EDITED.replace("/health", "/ready"))
    done = shop.slice_oas("affected", "--output", "matrix")
    assert len(done.out.splitlines()) == 1
    matrix = json.loads(done.out)
    assert matrix["include"][0] == {
        "job": 1,
        "files": ["slices/ready_GET.yaml"],
        "gone": [],
        "method": "GET",
        "path": "/ready",
        "file": "slices/ready_GET.yaml",
        "change": "added",
    }
    assert [each["change"] for each in matrix["include"]] == ["added", "removed", "changed", "changed"]
    git(shop, "checkout", "-q", "--", "api.yaml")
    assert json.loads(shop.slice_oas("affected", "--output", "matrix").out) == {"include": []}


def many(folder: Repository, count: int) -> None:
    """Write two documents that differ in each of so many endpoints."""
    paths = "".join(
        f"  /{n}: {{get: {{responses: {{'200': {{$ref: '#/components/responses/R'}}}}}}}}\n" for n in range(count)
    )
    for name, text in (("old.yaml", "one"), ("new.yaml", "two")):
        head = "openapi: 3.0.3\ninfo: {title: Many, version: '1'}\n"
        folder.write(name, f"{head}paths:\n{paths}components: {{responses: {{R: {{description: {text}}}}}}}\n")


@pytest.mark.parametrize(
    ("count", "jobs"),
    [pytest.param(3000, 256, marks=pytest.mark.slow), (600, 256), (300, 256), (256, 256), (7, 3), (2, 3)],
)
def test_a_matrix_has_no_more_jobs_than_there_may_be(tmp_path: Path, count: int, jobs: int) -> None:
    folder = Repository(tmp_path)
    many(folder, count)
    done = folder.slice_oas("affected", "old.yaml", "new.yaml", "--output", "matrix", "--jobs", str(jobs))
    include = json.loads(done.out)["include"]
    assert len(include) == min(count, jobs)
    assert [file for job in include for file in job["files"]] == [f"slices/{n}_GET.yaml" for n in range(count)]
    assert max(len(job["files"]) for job in include) - min(len(job["files"]) for job in include) <= 1
    assert [job["job"] for job in include] == list(range(1, len(include) + 1))


@pytest.mark.parametrize("jobs", ["0", "257", "-1", "many", ""])
def test_a_number_of_jobs_that_cannot_be_is_told(shop: Repository, jobs: str) -> None:
    done = shop.slice_oas("affected", "--output", "matrix", f"--jobs={jobs}")
    assert done.code == 2
    assert "--jobs must be a whole number from 1 to 256, and it is" in done.err


def test_slices_that_are_no_more_are_apart_in_a_matrix(shop: Repository) -> None:
    broken = EDITED.replace("/health", "/ready").replace("by: {$ref: '#/components/schemas/User'}", "by: {$ref: '#/x'}")
    shop.write("api.yaml", broken)
    (job,) = json.loads(shop.slice_oas("affected", "--output", "matrix", "--jobs", "1").out)["include"]
    assert job == {
        "job": 1,
        "files": ["slices/ready_GET.yaml", "slices/users-id_GET.yaml"],
        "gone": ["slices/health_GET.yaml", "slices/orders_GET.yaml"],
    }


def test_paths_are_those_of_slices_that_there_are(shop: Repository) -> None:
    shop.write("api.yaml", EDITED.replace("/health", "/ready"))
    expected = ["slices/ready_GET.yaml", "slices/orders_GET.yaml", "slices/users-id_GET.yaml"]
    assert shop.slice_oas("affected", "--output", "paths").out.splitlines() == expected
    assert shop.slice_oas("affected", "--output", "paths", "-z").out == "".join(f"{each}\0" for each in expected)
    shop.write("api.yaml", DOCUMENT)
    assert shop.slice_oas("affected", "--output", "paths").out == ""


def test_schemathesis_is_told_what_to_test(shop: Repository) -> None:
    shop.write("api.yaml", EDITED.replace("/health:\n    get: {", "/it's ready:\n    get: {operationId: is ready, "))
    options = ["--include-name=GET /it's ready", "--include-name=GET /orders", "--include-name=GET /users/{id}"]
    done = shop.slice_oas("affected", "--output", "schemathesis", "-z")
    assert done.out.split("\0") == [*options, ""]
    assert shlex.split(shop.slice_oas("affected", "--output", "schemathesis").out) == options
    done = shop.slice_oas("affected", "--output", "schemathesis", "--by-operation-id")
    assert shlex.split(done.out) == ["--include-operation-id=is ready", *options[1:]]
    shop.write("api.yaml", DOCUMENT)  # without any option it would test everything
    assert shlex.split(shop.slice_oas("affected", "--output", "schemathesis").out) == ["--exclude-path-regex=.*"]


def test_changes_of_texts_can_be_left_out(shop: Repository) -> None:
    shop.write("api.yaml", EDITED.replace("200': {description: ok}}", "201': {description: ok}}"))
    done = shop.slice_oas("affected", "--only", "shape", "--exit-code")
    assert (done.code, done.out.splitlines()[:3]) == (
        3,
        [
            "0 added, 0 removed, 3 changed (2 in text only), 0 unchanged since HEAD",
            "2 left out by --only shape",
            "changed  GET /health (shape)",
        ],
    )
    assert [each["extent"] for each in affected(shop, "--only", "text")["affected"]] == ["text", "text"]
    shop.write("api.yaml", EDITED)
    assert shop.slice_oas("affected", "--only", "shape", "--exit-code").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-z",), "-z goes with --output paths or --output schemathesis"),
        (("--by-operation-id",), "--by-operation-id goes with --output schemathesis"),
    ],
)
def test_options_that_do_not_go_together_are_told(shop: Repository, arguments: tuple[str, ...], message: str) -> None:
    done = shop.slice_oas("affected", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_markdown_is_a_table_that_nothing_breaks(shop: Repository) -> None:
    shop.write("api.yaml", EDITED.replace("/health", "/a|b`c_d*"))
    done = shop.slice_oas("affected", "--output", "markdown")
    lines = done.out.splitlines()
    assert lines[0] == "### Endpoints: 1 added, 1 removed, 2 changed (2 in text only), 0 unchanged since `HEAD`"
    assert "| changed (text) | `GET /orders` | components/schemas/User via components/schemas/Order |" in [
        line.replace("\\>", ">") for line in lines
    ]
    assert "| added | `` GET /a\\|b`c_d* `` |  |" in lines
    for line in lines[2:]:
        assert len(re.findall(r"(?<!\\)\|", line)) == 4


def test_markdown_stays_short_enough_for_a_comment(tmp_path: Path) -> None:
    folder = Repository(tmp_path)
    paths = "".join(
        f"  /{'long' * 20}/{n}: {{get: {{responses: {{'200': {{description: ok}}}}}}}}\n" for n in range(900)
    )
    folder.write("old.yaml", DOCUMENT)
    folder.write("new.yaml", DOCUMENT.replace("paths:\n", f"paths:\n{paths}"))
    done = folder.slice_oas("affected", "old.yaml", "new.yaml", "--output", "markdown")
    assert len(done.out) < 65_000
    assert re.search(r"and \d+ more", done.out)


@pytest.mark.parametrize("edited", [True, False])
def test_the_exit_code_tells_where_it_is_asked_for(shop: Repository, edited: bool) -> None:
    shop.write("api.yaml", EDITED if edited else DOCUMENT)
    assert shop.slice_oas("affected").code == 0
    assert shop.slice_oas("affected", "--exit-code").code == (3 if edited else 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--base", "nowhere"], "git knows no revision 'nowhere'"),
        (["--base", ""], "git knows no revision ''"),  # a variable that is not set
        (["--base=--output"], "git knows no revision '--output'"),
        (["apy.yaml"], "apy.yaml: there is no such file. Did you mean 'api.yaml'?"),
        (["api.yaml", "api.yaml", "--base", "HEAD"], "--base goes with one document"),
        (["api.yaml", "apis.yaml"], "apis.yaml: there is no such file. Did you mean 'api.yaml'?"),
        (["--output", "xml"], "--output must be text, json, markdown, matrix, paths or schemathesis, and it is 'xml'"),
    ],
)
def test_a_wrong_request_is_one_sentence(shop: Repository, arguments: list[str], said: str) -> None:
    done: Done = shop.slice_oas("affected", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_outside_of_a_repository_two_files_are_proposed(tmp_path: Path) -> None:
    folder = Repository(tmp_path)
    folder.write("api.yaml", DOCUMENT)
    done = folder.run(
        "oas_tasks", "affected", "--input", "api.yaml", env={"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    )
    assert (done.code, done.out) == (2, "")
    assert "this folder is in no git repository" in done.err


def test_a_document_outside_of_the_repository_has_no_revision(shop: Repository) -> None:
    (shop.folder.parent / "outside.yaml").write_text(DOCUMENT)
    done = shop.slice_oas("affected", "--input", "../outside.yaml")
    assert (done.code, done.out) == (2, "")
    assert "outside of the git repository that the current folder is in. Name two files instead" in done.err


@pytest.mark.slow
def test_every_step_of_a_real_history_is_what_the_clean_builds_of_its_commits_differ_in(
    repository: Repository, tmp_path: Path
) -> None:
    spec("discord.json")
    steps = sorted((SHARED / "specs/history/discord").glob("*.json"))
    repository.configure(spec="api.json", format="json")
    git(repository, "init", "-q")
    for number, new in enumerate(steps):
        shutil.copy(new, repository.folder / "api.json")
        built = Repository(tmp_path / new.stem)
        shutil.copytree(repository.folder, built.folder, ignore=shutil.ignore_patterns(".git", "slices", ".oas_tasks"))
        assert built.slice_oas("--batch", "--quiet").code in (0, 1)
        if number:
            before, after = Repository(tmp_path / steps[number - 1].stem).files(), built.files()
            found = {each["file"].removeprefix("slices/"): each["change"] for each in affected(repository)["affected"]}
            assert {name for name, change in found.items() if change == "added"} == after.keys() - before.keys()
            assert {name for name, change in found.items() if change == "removed"} == before.keys() - after.keys()
            assert {name for name, change in found.items() if change == "changed"} == {
                name for name in before.keys() & after.keys() if before[name] != after[name]
            }
        commit(repository)


@pytest.mark.skipif(os.name == "nt", reason="making symbolic links takes rights there")
def test_a_link_of_a_revision_is_one_there_as_well(shop: Repository) -> None:
    """A file has one identity under all its names, then as now, and what is linked to is not moved twice."""
    text = (shop.folder / "api.yaml").read_text()
    for name in ("parts/common.yaml", "alias.yaml", "folder/common.yaml"):
        content = f"{{application/json: {{schema: {{$ref: '{name}#/User'}}}}}}"
        operation = f"{{get: {{responses: {{'200': {{description: ok, content: {content}}}}}}}}}"
        text = text.replace("components:\n", f"  /{name.partition('.')[0]}: {operation}\ncomponents:\n")
    shop.write("api.yaml", text)
    shop.write("parts/common.yaml", "User: {type: object, properties: {own: {$ref: '../alias.yaml#/User'}}}\n")
    (shop.folder / "alias.yaml").symlink_to("parts/common.yaml")
    (shop.folder / "folder").symlink_to("parts")
    commit(shop)
    shop.write("api.yaml", (shop.folder / "api.yaml").read_text().replace("Somebody", "A user"))
    done = shop.slice_oas("affected")
    assert done.code == 0
    assert done.out.splitlines()[0].startswith("0 added, 0 removed, 2 changed")
    (shop.folder / "alias.yaml").unlink()
    (shop.folder / "alias.yaml").write_text("User: {type: object}\n")
    assert "changed  GET /alias" in shop.slice_oas("affected").out
