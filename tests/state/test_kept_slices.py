"""Slices that a filter leaves out: `--no-prune` keeps them with their rows, and later builds find all as it was."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from oas_tasks import BatchExtractionRequest, extract
from tests.conftest import Repository

DOCUMENT = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /animals:
    get: {operationId: listAnimals, tags: [animals], responses: {'200': {$ref: '#/components/responses/Animals'}}}
    post: {tags: [animals], responses: {'201': {description: made}}}
  /keepers:
    get: {tags: [keepers], responses: {'200': {$ref: '#/components/responses/Animals'}}}
  /keepers/{id}:
    get:
      tags: [keepers]
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: one}}
components:
  responses: {Animals: {description: all}}
"""
EDITED = DOCUMENT.replace("description: all", "description: all of them").replace(
    "description: one", "description: the one"
)
ANIMALS = ("--batch", "--filter", "/animals*")
TIMES = ("created_at", "extraction_time_ms")


@pytest.fixture
def zoo(repository: Repository) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml")
    assert repository.slice_oas("--batch").code == 0
    return repository


def state_of(zoo: Repository) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    rows = [{name: cell for name, cell in row.items() if name not in TIMES} for row in zoo.rows()]
    return zoo.files(), rows


def clean_build(zoo: Repository, folder: Path) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    clean = Repository(folder)
    for name in ("api.yaml", "pyproject.toml"):
        clean.write(name, (zoo.folder / name).read_bytes())
    assert clean.slice_oas("--batch").code == 0
    return state_of(clean)


def test_a_filter_on_the_command_line_removes_the_others_and_says_so(zoo: Repository) -> None:
    done = zoo.slice_oas(*ANIMALS)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("2 slices that the filter leaves out were removed; --no-prune keeps them\n")
    assert zoo.files().keys() == {"animals_GET.yaml", "animals_POST.yaml"}
    assert "filter leaves out" not in zoo.slice_oas(*ANIMALS).text
    assert zoo.slice_oas("--batch").code == 0
    dry = zoo.slice_oas("--batch", "--tag", "animals", "--method", "get", "--dry-run")
    assert "3 slices that the filter leaves out would be removed; --no-prune keeps them" in dry.out
    quiet = zoo.slice_oas("--batch", "--filter", "/animals*", "--filter", "/keepers", "--quiet")
    assert quiet.out == ""
    assert quiet.err == "slice-oas: 1 slice that the filter leaves out was removed; --no-prune keeps it\n"


def test_a_filter_in_the_settings_removes_them_without_a_word(zoo: Repository) -> None:
    zoo.configure(spec="api.yaml", filter="/animals*")
    done = zoo.slice_oas("--batch")
    assert "0 made, 2 unchanged, 2 removed" in done.out
    assert "filter leaves out" not in done.text


def test_slices_of_endpoints_that_are_gone_are_removed_without_a_word(zoo: Repository) -> None:
    zoo.write(
        "api.yaml", DOCUMENT.replace("    post: {tags: [animals], responses: {'201': {description: made}}}\n", "")
    )
    for options in (ANIMALS, ("--batch", "--tag", "animals")):
        done = zoo.slice_oas(*options, "--dry-run")
        assert "2 slices that the filter leaves out would be removed" in done.out
        assert "3 removed" in done.out


@pytest.mark.parametrize("options", [(), ("--concurrency", "2", "--output-version", "3.1.x")])
def test_kept_slices_and_rows_are_as_they_were(zoo: Repository, options: tuple[str, ...]) -> None:
    before, index, times = zoo.files(), (zoo.slices / "index.csv").read_bytes(), zoo.times()
    done = zoo.slice_oas(*ANIMALS, "--no-prune", *options)
    assert (done.code, done.err) == (0, "")
    assert ", 0 removed" in done.out
    assert "filter leaves out" not in done.out
    kept = {name: content for name, content in before.items() if name.startswith("keepers")}
    assert kept.items() <= zoo.files().items()
    assert {row["path"]: row["output_oas_version"] for row in zoo.rows()}["/keepers"] == "3.0.x"
    if not options:
        assert (zoo.slices / "index.csv").read_bytes() == index
        assert zoo.times() == times
        assert zoo.slice_oas("check").code == 0
        assert "0 made, 4 unchanged, 0 removed" in zoo.slice_oas("--batch").out
        assert zoo.times() == times


@pytest.mark.parametrize("state", ["as it is", "cache deleted", "cache deleted first"])
def test_a_later_build_without_the_filter_comes_out_like_a_clean_one(
    zoo: Repository, tmp_path: Path, state: str
) -> None:
    if state == "cache deleted first":
        shutil.rmtree(zoo.folder / ".oas_tasks")
    zoo.write("api.yaml", EDITED)
    assert "1 made, 1 unchanged, 0 removed" in zoo.slice_oas(*ANIMALS, "--no-prune").out
    assert [row["path"] for row in zoo.rows()] == ["/animals", "/animals", "/keepers", "/keepers/{id}"]
    if state == "cache deleted":
        shutil.rmtree(zoo.folder / ".oas_tasks")
    done = zoo.slice_oas("--batch")
    assert "2 made, 2 unchanged, 0 removed" in done.out
    assert state_of(zoo) == clean_build(zoo, tmp_path / "clean")


@pytest.mark.parametrize("csv", [True, False])
@pytest.mark.parametrize("has_cache", [True, False])
def test_a_later_build_with_the_filter_removes_them(zoo: Repository, csv: bool, has_cache: bool) -> None:
    if not csv:
        zoo.configure(spec="api.yaml", csv=False)
    if not has_cache:
        if not csv:
            pytest.skip("nothing says whose they are")
        shutil.rmtree(zoo.folder / ".oas_tasks")
    for _ in range(2):
        assert ", 0 removed" in zoo.slice_oas(*ANIMALS, "--no-prune").out
    assert len(zoo.files()) == 4
    done = zoo.slice_oas(*ANIMALS)
    assert "2 removed" in done.out
    assert "2 slices that the filter leaves out were removed" in done.out
    assert len(zoo.files()) == 2
    if csv:
        assert [row["path"] for row in zoo.rows()] == ["/animals", "/animals"]
    assert "0 made, 2 unchanged, 0 removed" in zoo.slice_oas(*ANIMALS).out


def test_an_endpoint_that_is_gone_stays_until_it_may_be_removed(zoo: Repository, tmp_path: Path) -> None:
    zoo.write("api.yaml", DOCUMENT.replace("/keepers:", "/staff:"))
    assert "1 made, 3 unchanged, 0 removed" in zoo.slice_oas("--batch", "--no-prune").out
    assert "keepers_GET.yaml" in zoo.files()
    assert "/keepers" in [row["path"] for row in zoo.rows()]
    assert "0 made, 4 unchanged, 1 removed" in zoo.slice_oas("--batch").out
    assert state_of(zoo) == clean_build(zoo, tmp_path / "clean")


def test_slices_in_another_format_are_replaced_not_kept(zoo: Repository) -> None:
    zoo.slice_oas(*ANIMALS, "--no-prune", "--format", "json")
    assert zoo.files().keys() == {"animals_GET.json", "animals_POST.json", "keepers_GET.yaml", "keepers-id_GET.yaml"}
    zoo.slice_oas("--batch", "--format", "json")
    assert all(name.endswith(".json") for name in zoo.files())


def test_a_kept_slice_whose_name_another_endpoint_takes_is_gone(zoo: Repository, tmp_path: Path) -> None:
    zoo.write("api.yaml", DOCUMENT.replace("/keepers/{id}:", "/keepers/id:").replace("in: path", "in: query"))
    assert zoo.slice_oas("--batch", "--no-prune").code == 0
    assert "/keepers/{id}" not in [row["path"] for row in zoo.rows()]
    assert zoo.slice_oas("--batch").code == 0
    assert state_of(zoo) == clean_build(zoo, tmp_path / "clean")


STEPS = (
    *((*options, *keep) for options in (ANIMALS, ("--batch", "--tag", "keepers")) for keep in ((), ("--no-prune",))),
    ("--batch", "--no-prune"),
    ("--batch", "--method", "get", "--no-prune"),
    ("--endpoint", "GET /keepers"),
    ("--batch",),
)
EDITS = (DOCUMENT, EDITED, DOCUMENT.replace("/keepers:", "/staff:"), EDITED.replace("    post:", "    put:"))


@pytest.mark.parametrize("seed", range(4))
def test_after_any_builds_a_whole_one_comes_out_like_a_clean_one(zoo: Repository, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(6):
        zoo.write("api.yaml", chance.choice(EDITS))
        step = chance.choice(STEPS)
        if chance.random() < 0.15:
            shutil.rmtree(zoo.folder / ".oas_tasks")
        assert zoo.slice_oas(*step).code in (0, 2), step
    assert zoo.slice_oas("--batch").code == 0
    clean = clean_build(zoo, tmp_path / "clean")
    assert state_of(zoo) == clean


def test_a_program_says_prune(zoo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(zoo.folder)
    request = BatchExtractionRequest("api.yaml", filter_pattern="/animals*", prune=False)
    result = extract(request)
    assert (result.total_endpoints, result.notices, len(zoo.files())) == (2, (), 4)
    assert len(zoo.rows()) == 4
    result = extract(BatchExtractionRequest("api.yaml", filter_pattern="/animals*"))
    assert result.notices == ("2 slices that the filter leaves out were removed; prune=False keeps them",)
    assert len(zoo.files()) == len(zoo.rows()) == 2
    os.chdir("/")


def test_single_endpoints_are_named_on_the_command_line(zoo: Repository) -> None:
    zoo.write("api.yaml", EDITED)
    done = zoo.slice_oas("--endpoint", "get /keepers/{id}", "--endpoint", "listAnimals", "--endpoint", "/keepers")
    assert "3 made, 0 unchanged, 0 removed" in done.out
    assert len(zoo.files()) == 4
    wrong = zoo.slice_oas("--endpoint", "/keeper")
    assert (wrong.code, wrong.out) == (2, "")
    assert "there is no endpoint '/keeper'. Did you mean '/keepers'?" in wrong.err
