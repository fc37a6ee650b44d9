"""DESIGN, "What is never overwritten": the document, what it refers to, another document's slices, foreign files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest

from tests.conftest import Done, Repository

DOCUMENT = """\
openapi: 3.1.0
info: {title: t, version: "1"}
# a comment that no slice has
paths:
  /a: {get: {responses: {"200": {description: ok}}}}
  /b: {get: {responses: {"200": {description: ok}}}}
"""
OTHER = DOCUMENT.replace("title: t", "title: u").replace("/a:", "/x:").replace("/b:", "/y:")
REFERRING = DOCUMENT + "  /c: {get: {responses: {'200': {$ref: '%s#/ok'}}}}\n"

#: Every way to build.
WAYS = {
    "slice-oas": lambda here: here.slice_oas("--batch"),
    "one endpoint": lambda here: here.slice_oas("--path", "/b", "--method", "get"),
    "dry run": lambda here: here.slice_oas("--dry-run"),
    "doit": lambda here: here.doit("-n", "2"),
    "doit with names": lambda here: here.doit("slice"),
    "hook": lambda here: here.slice_oas("hook"),
}
each_way = pytest.mark.parametrize("build", list(WAYS.values()), ids=list(WAYS))


def contents(here: Repository) -> dict[str, bytes]:
    skipped = {".oas_tasks", ".git", "__pycache__"}
    files = (file for file in here.folder.rglob("*") if file.is_file())
    names = {file.relative_to(here.folder): file for file in files}
    return {str(name): file.read_bytes() for name, file in names.items() if skipped.isdisjoint(name.parts)}


def refused(here: Repository, build: Callable[[Repository], Done], said: str) -> None:
    """Build, and see that nothing but a sentence comes of it."""
    before = contents(here)
    done = build(here)
    assert done.code in (2, 3), done.text
    assert said in done.text
    assert "Traceback" not in done.text
    assert contents(here) == before


@each_way
def test_the_document_is_not_overwritten_by_a_slice_of_its_name(
    repository: Repository, build: Callable[[Repository], Done]
) -> None:
    repository.write("a_GET.yaml", DOCUMENT)
    repository.configure(spec="a_GET.yaml", output_dir=".")
    refused(repository, build, "a_GET.yaml: this is the document, and the slice of GET /a would overwrite it")


@each_way
def test_nor_is_a_file_that_it_refers_to(repository: Repository, build: Callable[[Repository], Done]) -> None:
    repository.write("api.yaml", REFERRING % "slices/a_GET.yaml")
    repository.write("slices/a_GET.yaml", "ok: {description: fine}\n")
    repository.configure(spec="api.yaml")
    refused(repository, build, "slices/a_GET.yaml: the document refers to this file, and the slice of GET /a")


def test_nor_is_one_that_it_refers_to_and_that_is_not_there(repository: Repository) -> None:
    repository.write("api.yaml", REFERRING % "slices/a_GET.yaml")
    repository.configure(spec="api.yaml")
    refused(repository, WAYS["slice-oas"], "slices/a_GET.yaml: the document refers to this file")
    assert not repository.slices.exists()


def test_nor_is_one_that_is_called_like_the_index(repository: Repository) -> None:
    repository.write("api.yaml", REFERRING % "slices/index.csv")
    repository.write("slices/index.csv", "ok: {description: fine}\n")
    repository.configure(spec="api.yaml")
    refused(repository, WAYS["slice-oas"], "slices/index.csv: the document refers to this file, and the index of")
    repository.configure(spec="api.yaml", csv=False)
    assert repository.slice_oas("--batch").code == 0


@pytest.mark.parametrize("kind", ["link to a target", "target is a link", "folder is a link", "hard link"])
def test_nor_is_one_that_has_a_slices_name_by_a_link(repository: Repository, kind: str) -> None:
    folder = repository.folder
    repository.write("api.yaml", DOCUMENT)
    repository.slices.mkdir()
    spec = "api.yaml"
    if kind == "link to a target":
        (folder / "api.yaml").rename(repository.slices / "a_GET.yaml")
        (folder / "api.yaml").symlink_to("slices/a_GET.yaml")
    elif kind == "target is a link":
        (repository.slices / "a_GET.yaml").symlink_to("../api.yaml")
    elif kind == "hard link":
        os.link(folder / "api.yaml", repository.slices / "a_GET.yaml")
    else:
        repository.slices.rmdir()
        spec = "docs/a_GET.yaml"
        repository.write(spec, DOCUMENT)
        repository.slices.symlink_to("docs")
    repository.configure(spec=spec)
    refused(repository, WAYS["slice-oas"], "this is the document, and the slice of GET /a would overwrite it")


def test_a_slice_is_not_sliced_again_among_the_others(repository: Repository) -> None:
    repository.write("api.yaml", DOCUMENT)
    assert repository.slice_oas("--input", "api.yaml", "--batch").code == 0
    again = ("--input", "slices/a_GET.yaml", "--batch")
    refused(repository, lambda here: here.slice_oas(*again, "--output-version", "3.0.x"), "this is the document")
    refused(repository, lambda here: here.slice_oas(*again, "--format", "json"), "the slices of 'api.yaml'")
    shutil.rmtree(repository.folder / ".oas_tasks")
    refused(repository, lambda here: here.slice_oas(*again, "--format", "json"), "is one of")
    (repository.slices / "index.csv").unlink()
    refused(repository, lambda here: here.slice_oas(*again, "--format", "json"), "is one of")


@each_way
@pytest.mark.parametrize("state", ["remembered", "other cache", "no state", "no index"])
def test_a_second_document_does_not_take_the_folder_of_the_first(
    repository: Repository, build: Callable[[Repository], Done], state: str
) -> None:
    repository.write("api.yaml", DOCUMENT)
    repository.write("other.yaml", OTHER)
    repository.configure(spec="api.yaml")
    assert repository.slice_oas("--batch").code == 0
    repository.configure(spec="other.yaml", cache_dir=".other" if state == "other cache" else ".oas_tasks")
    if state in ("no state", "no index"):
        shutil.rmtree(repository.folder / ".oas_tasks")
    if state == "no index":
        (repository.slices / "index.csv").unlink()
    before = contents(repository)
    done = build(repository)
    assert done.code in (2, 3), done.text
    assert "slices: this folder holds the slices of" in done.text
    assert {name: text for name, text in contents(repository).items() if not name.startswith(".other")} == before


def test_a_folder_changes_hands_when_its_slices_or_its_document_are_gone(repository: Repository) -> None:
    repository.write("api.yaml", DOCUMENT)
    repository.write("other.yaml", OTHER)
    batch = ("--output-dir", "slices", "--batch")
    assert repository.slice_oas("--input", "api.yaml", *batch).code == 0
    shutil.rmtree(repository.slices)
    assert repository.slice_oas("--input", "other.yaml", *batch).code == 0
    assert sorted(repository.files()) == ["x_GET.yaml", "y_GET.yaml"]
    (repository.folder / "other.yaml").rename(repository.folder / "renamed.yaml")
    repository.write("renamed.yaml", OTHER.replace("  /y:", "  /z:"))
    assert repository.slice_oas("--input", "renamed.yaml", *batch).code == 0
    assert sorted(repository.files()) == ["x_GET.yaml", "z_GET.yaml"]


@pytest.mark.parametrize("title", ["t", "changed"])
def test_a_fresh_clone_whose_document_has_lost_endpoints_loses_their_slices(repository: Repository, title: str) -> None:
    more = "".join(f"  /c{n}: {{get: {{responses: {{'200': {{description: ok}}}}}}}}\n" for n in range(3))
    repository.write("api.yaml", DOCUMENT + more)
    repository.configure(spec="api.yaml")
    assert repository.slice_oas("--batch").code == 0
    shutil.rmtree(repository.folder / ".oas_tasks")
    repository.write("api.yaml", DOCUMENT.replace("title: t", f"title: {title}").replace("  /b:", "  /n:") + more)
    done = repository.slice_oas("--batch")
    assert done.code == 0, done.text
    assert sorted(repository.files()) == ["a_GET.yaml", "c0_GET.yaml", "c1_GET.yaml", "c2_GET.yaml", "n_GET.yaml"]


FOREIGN = ["notes, by hand\n", DOCUMENT, OTHER, "", "{", "openapi: 3.1.0\npaths: {/a: {post: {}}}\n"]


@pytest.mark.parametrize("text", FOREIGN)
@pytest.mark.parametrize("way", ["slice-oas", "doit"])
def test_a_file_by_a_slices_name_that_is_none_stays_and_the_endpoint_says_so(
    repository: Repository, text: str, way: str
) -> None:
    repository.write("api.yaml", DOCUMENT)
    repository.write("slices/a_GET.yaml", text)
    repository.configure(spec="api.yaml")
    said = "slices/a_GET.yaml: this file exists, is not a slice of this endpoint, and was left alone"
    dry = repository.slice_oas("--dry-run")
    assert (dry.code, said in dry.out) == (1, True), dry.text
    for _ in range(2):
        done = WAYS[way](repository)
        assert done.code == 1, done.text
        assert said in done.text
        assert (repository.slices / "a_GET.yaml").read_text(encoding="utf-8") == text
        assert [row["validation_status"] for row in repository.rows()] == ["FAIL", "PASS"]
    (repository.slices / "a_GET.yaml").unlink()
    assert WAYS[way](repository).code == 0
    assert [row["validation_status"] for row in repository.rows()] == ["PASS", "PASS"]


def test_nor_does_an_endpoint_with_a_fault_take_such_a_file_away(repository: Repository) -> None:
    repository.write("api.yaml", REFERRING % "")
    repository.write("slices/c_GET.yaml", "by hand\n")
    repository.configure(spec="api.yaml")
    for _ in range(2):
        assert repository.slice_oas("--batch").code == 1
        assert (repository.slices / "c_GET.yaml").read_text(encoding="utf-8") == "by hand\n"


def test_a_slice_of_the_very_endpoint_is_brought_up_to_date_whoever_wrote_it(repository: Repository) -> None:
    repository.write("api.yaml", DOCUMENT)
    repository.write("slices/a_GET.yaml", DOCUMENT.replace("  /b:", "  x-b:").replace("ok", "old"))
    repository.configure(spec="api.yaml")
    assert repository.slice_oas("--batch").code == 0
    assert "old" not in (repository.slices / "a_GET.yaml").read_text(encoding="utf-8")


def test_a_slice_that_this_tool_wrote_is_made_again_whatever_became_of_it(repository: Repository) -> None:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml")
    assert repository.slice_oas("--batch").code == 0
    made = repository.files()
    for damage in ("", "openapi: 3.1", "by hand"):
        repository.write("slices/a_GET.yaml", damage)
        assert repository.slice_oas("--batch").code == 0
        assert repository.files() == made


@each_way
def test_a_table_that_is_no_index_stays(repository: Repository, build: Callable[[Repository], Done]) -> None:
    repository.write("api.yaml", DOCUMENT)
    repository.write("slices/index.csv", "name,price\napple,1\n")
    repository.configure(spec="api.yaml")
    refused(repository, build, "slices/index.csv: this file is not an index of slices, and a build would overwrite it")


def test_an_index_with_conflicts_of_a_merge_is_one_all_the_same(repository: Repository) -> None:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml")
    assert repository.slice_oas("--batch").code == 0
    index = repository.slices / "index.csv"
    text = index.read_text(encoding="utf-8")
    shutil.rmtree(repository.folder / ".oas_tasks")
    repository.write("slices/index.csv", f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> main\n")
    assert repository.slice_oas("--batch").code == 0
    assert len(repository.rows()) == 2


def test_a_named_task_says_it_too(repository: Repository) -> None:
    repository.write("a_GET.yaml", DOCUMENT)
    repository.configure(spec="a_GET.yaml", output_dir=".")
    before = contents(repository)
    done = repository.doit("slice:GET /b")
    assert done.code != 0
    assert contents(repository) == before


def test_doit_clean_takes_no_file_of_the_documents(repository: Repository) -> None:
    repository.write("a_GET.yaml", DOCUMENT.replace("  /b:", "  x-b:"))
    repository.configure(spec="a_GET.yaml", output_dir=".")
    before = contents(repository)
    repository.doit("clean")
    assert contents(repository) == before
