"""A document that is read for questions: nothing is written, and the build after them takes what was found out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from oas_tasks import BatchExtractionRequest, extract
from oas_tasks.errors import UserError
from oas_tasks.queries.offered import offered_document
from oas_tasks.settings import settings_of
from oas_tasks.state.plans import plan_build, plan_key
from oas_tasks.state.store import open_store
from tests.conftest import SAMPLE


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api.yaml").write_bytes(SAMPLE.read_bytes())
    return tmp_path


def test_nothing_is_written(folder: Path) -> None:
    offered = offered_document(settings_of({"spec": "api.yaml"}))
    assert len(offered.endpoints) == 19
    offered.check_folder(Path("slices"))
    assert sorted(folder.iterdir()) == [folder / "api.yaml"]


def test_a_folder_that_cannot_take_the_slices_is_found_out(folder: Path) -> None:
    operation = "{get: {responses: {'200': {description: ok}}}}"
    text = f"openapi: 3.0.3\ninfo: {{title: Other, version: '1'}}\npaths: {{/other: {operation}}}\n"
    (folder / "other.yaml").write_text(text, encoding="utf-8")
    extract(BatchExtractionRequest("other.yaml"))
    offered = offered_document(settings_of({"spec": "api.yaml"}))
    with pytest.raises(UserError, match=r"this folder holds the slices of 'other\.yaml'"):
        offered.check_folder(Path("slices"))
    with pytest.raises(UserError, match="is not a folder"):
        offered.check_folder(Path("api.yaml"))


@pytest.mark.parametrize("is_edited", [False, True])
def test_the_build_takes_what_was_found_out_and_comes_out_as_without(folder: Path, is_edited: bool) -> None:
    settings = settings_of({"spec": "api.yaml"})
    final = replace(settings, format="json", filter=("/books*",), output_version="3.0.x")
    offered_document(settings).hand_on(final)
    store = open_store(final.cache_dir)
    planned = store.plan(plan_key(final))
    assert planned is not None
    assert store.facts(plan_key(final)) is not None
    if is_edited:
        text = SAMPLE.read_text(encoding="utf-8").replace("summary: ", "summary: Now ")
        (folder / "api.yaml").write_text(text, encoding="utf-8")
    # It has all endpoints, so that a build must not take it for its own.
    assert len(plan_build(final, store, 1, lambda digest, slicer: None).plan.endpoints) == 7
    store.close()

    def built(name: str, cache_dir: str) -> dict[str, bytes]:
        pattern = "/books*"
        extract(
            BatchExtractionRequest(
                "api.yaml",
                name,
                filter_pattern=pattern,
                output_format="json",
                output_version="3.0.x",
                cache_dir=cache_dir,
            )
        )
        return {file.name: file.read_bytes() for file in Path(name).glob("*.json")}

    assert built("slices", ".oas_tasks") == built("clean", ".clean")


def test_what_an_earlier_build_found_out_stays(folder: Path) -> None:
    extract(BatchExtractionRequest("api.yaml"))
    settings = settings_of({"spec": "api.yaml"})
    store = open_store(settings.cache_dir)
    before = store.plan(plan_key(settings))
    offered_document(replace(settings, filter=("/books*",))).hand_on(settings)
    assert store.plan(plan_key(settings)) == before
    store.close()
    (folder / "cache").write_text("")
    offered_document(settings).hand_on(replace(settings, cache_dir=Path("cache")))  # the build says what is wrong
