"""`oas_tasks.extract`: a request in, slices and a result out, just as the command line makes them."""

from __future__ import annotations

import os
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

import pytest

from oas_tasks import BatchExtractionRequest, BatchExtractionResult, DocumentError, SettingsError, UserError, extract
from oas_tasks.api.batch_request import requested
from oas_tasks.settings import SETTINGS
from tests.conftest import SAMPLE, Repository

#: A document with an endpoint that has a fault.
FAULTY = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /animals:
    get: {tags: [a], responses: {'200': {description: ok}}}
    post: {responses: {'201': {$ref: '#/components/responses/Missing'}}}
  /keepers:
    get: {operationId: keepers, responses: {'200': {description: ok}}}
"""
#: The columns of index.csv that tell when and how long.
TIMES = ("created_at", "extraction_time_ms")


@pytest.fixture
def zoo(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    repository.write("api.yaml", FAULTY)
    monkeypatch.chdir(repository.folder)
    return repository


def timeless(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name: cell for name, cell in row.items() if name not in TIMES} for row in rows]


def counts(result: BatchExtractionResult) -> tuple[int, int, int, int]:
    return result.total_endpoints, result.extracted_count, result.made_count, result.failed_count


# --- the request ----------------------------------------------------------------------------------------------------


def test_a_request_has_every_setting_with_its_default() -> None:
    values = {name: getattr(requested("api.yaml"), name) for name in SETTINGS}
    assert values == {name: each.default for name, each in SETTINGS.items()} | {"spec": Path("api.yaml")}
    own = {"dry_run", "path", "method", "name", "prune"}
    assert len(fields(BatchExtractionRequest)) == len(SETTINGS) + len(own)
    assert [each.name for each in fields(BatchExtractionRequest) if each.default is MISSING] == ["input_file"]


def test_a_request_brings_every_setting() -> None:
    given: dict[str, Any] = {
        "output_dir": Path("o"),
        "filter_pattern": "/a,/b",
        "filter_type": "regex",
        "output_version": "3.1.x",
        "concurrency": 2,
        "output_format": "json",
        "generate_csv": False,
        "html": True,
        "methods": ["GET"],
        "tags": ["a,b"],
        "operation_ids": ("x",),
        "strict": True,
        "source_faults": "warn",
        "validate": "full",
        "webhooks": True,
        "allow_outside": True,
        "drop_extensions": ["x-a"],
        "keep_extensions": ["x-b"],
        "volatile": [],
        "cache_dir": "c",
        "name": "v1",
    }
    settings = requested(BatchExtractionRequest("api.yaml", **given))
    assert [name for name, each in SETTINGS.items() if getattr(settings, name) == each.default] == []
    assert (settings.filter, settings.tags, settings.name) == (("/a,/b",), ("a,b",), "v1")


def test_pyproject_is_read_only_where_it_is_asked_for(zoo: Repository) -> None:
    zoo.configure(spec="api.yaml", output_dir="elsewhere", format="json", tags=["a"])
    assert counts(extract(BatchExtractionRequest("api.yaml")))[0] == 3
    assert "animals_GET.yaml" in zoo.files()
    request = BatchExtractionRequest.from_project()
    assert (request.output_dir, request.output_format, request.tags) == (Path("elsewhere"), "json", ("a",))
    (file,) = extract(request).output_files
    assert file == Path("elsewhere/animals_GET.json")
    os.chdir("/")
    request = BatchExtractionRequest.from_project(zoo.folder)
    assert request.output_dir == zoo.folder / "elsewhere"
    assert extract(replace(request, output_format="yaml")).made_count == 1


def test_one_document_of_several_in_a_project_is_named(zoo: Repository) -> None:
    tables = "".join(
        f"[[tool.oas_tasks.specs]]\nname = '{n}'\nspec = 'api.yaml'\noutput_dir = '{n}'\n" for n in ("v1", "v2")
    )
    zoo.write("pyproject.toml", tables)
    with pytest.raises(UserError, match=r"the project has several documents. Say which with 'document': 'v1', 'v2'"):
        BatchExtractionRequest.from_project()
    with pytest.raises(UserError, match="the project has no document 'v3'"):
        BatchExtractionRequest.from_project(document="v3")
    result = extract(BatchExtractionRequest.from_project(document="v2", input_file=None))
    assert result.csv_index_path == Path("v2/index.csv")


# --- the result -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("output_format", ["yaml", "json"])
def test_it_writes_the_same_bytes_as_the_command_line(zoo: Repository, output_format: Any) -> None:
    for name in ("faulty", "sample"):
        zoo.write("api.yaml", FAULTY if name == "faulty" else SAMPLE.read_bytes())
        options = ("--batch", "--input", "api.yaml", "--format", output_format)
        done = zoo.slice_oas(*options, "--output-dir", "slices", "--cache-dir", f".cli-{name}")
        assert done.code == (name == "faulty"), done.text
        theirs = zoo.files()
        request = BatchExtractionRequest("api.yaml", name, output_format=output_format, cache_dir=f".api-{name}")
        result = extract(request)
        assert {file.name: file.read_bytes() for file in result.output_files} == theirs
        assert {file.name for file in Path(name).iterdir()} == theirs.keys() | {"index.csv"}
        rows = timeless(zoo.rows())
        (zoo.folder / name / "index.csv").replace(zoo.slices / "index.csv")
        assert timeless(zoo.rows()) == rows
        zoo.slices.joinpath("index.csv").unlink()
        for file in zoo.slices.iterdir():
            file.unlink()


def test_failed_endpoints_are_in_the_result(zoo: Repository) -> None:
    result = extract(BatchExtractionRequest("api.yaml"))
    assert counts(result) == (3, 2, 2, 1)
    assert result.validation_pass_rate == pytest.approx(200 / 3)
    (failed,) = result.failed_endpoints
    assert (failed.path, failed.method) == ("/animals", "POST")
    assert failed.reason == "; ".join(row["failure_reason"] for row in zoo.rows() if row["failure_reason"])
    assert failed.reason.startswith("api.yaml:6:")
    assert result.output_files == (Path("slices/animals_GET.yaml"), Path("slices/keepers_GET.yaml"))
    assert result.csv_index_path == Path("slices/index.csv")
    assert result.elapsed_time > 0
    again = extract(BatchExtractionRequest("api.yaml"))
    assert replace(again, made_count=2, elapsed_time=0) == replace(result, elapsed_time=0)


def test_only_what_a_change_reaches_is_made_again(zoo: Repository) -> None:
    assert extract(BatchExtractionRequest(SAMPLE)).made_count == 19
    clean = extract(BatchExtractionRequest(SAMPLE))  # the first that finds everything up to date
    assert (clean.made_count, len(clean.output_files), clean.failed_endpoints) == (0, 19, ())
    assert replace(extract(BatchExtractionRequest(SAMPLE)), elapsed_time=0) == replace(clean, elapsed_time=0)
    (zoo.slices / "books_GET.yaml").write_text("changed")
    assert extract(BatchExtractionRequest(SAMPLE)).made_count == 1


def test_one_endpoint(zoo: Repository) -> None:
    result = extract(BatchExtractionRequest("api.yaml", path="/animals", method="get"))
    assert (counts(result), [file.name for file in result.output_files]) == ((1, 1, 1, 0), ["animals_GET.yaml"])
    assert [row["path"] for row in zoo.rows()] == ["/animals"]
    failed = extract(BatchExtractionRequest("api.yaml", path="/animals", method="POST"))
    assert (counts(failed), failed.output_files) == ((1, 0, 0, 1), ())
    assert failed.failed_endpoints[0].reason.startswith("api.yaml:6:")
    assert extract(BatchExtractionRequest("api.yaml", path="/keepers")).extracted_count == 1


def test_without_an_index_and_with_a_filter_of_no_effect(zoo: Repository) -> None:
    result = extract(BatchExtractionRequest("api.yaml", generate_csv=False, tags=["a", "b"]))
    assert (result.csv_index_path, result.notices) == (None, ("no endpoint has the tag 'b'",))
    assert list(zoo.slices.iterdir()) == [zoo.slices / "animals_GET.yaml"]


def test_a_dry_run_writes_nothing_and_tells_what_would_come_out(zoo: Repository) -> None:
    before = sorted(zoo.folder.rglob("*"))
    told: list[tuple[int, int, str]] = []
    result = extract(BatchExtractionRequest("api.yaml", dry_run=True), lambda *progress: told.append(progress))
    assert sorted(zoo.folder.rglob("*")) == before
    assert told == [(1, 3, "GET /animals"), (2, 3, "POST /animals"), (3, 3, "GET /keepers")]
    built = extract(BatchExtractionRequest("api.yaml"))
    assert replace(result, elapsed_time=0, csv_index_path=built.csv_index_path) == replace(built, elapsed_time=0)
    assert extract(BatchExtractionRequest("api.yaml", dry_run=True)).made_count == 0


# --- progress -------------------------------------------------------------------------------------------------------


def test_progress_is_told_after_each_endpoint_that_is_not_up_to_date(zoo: Repository) -> None:
    told: list[tuple[int, int, str]] = []
    extract(BatchExtractionRequest("api.yaml", tags=["a"]))
    extract(BatchExtractionRequest("api.yaml"), on_progress=lambda *progress: told.append(progress))
    assert told == [(1, 2, "POST /animals"), (2, 2, "GET /keepers")]


class StopError(Exception):
    pass


def test_what_progress_raises_ends_the_call_and_what_was_made_is_kept(zoo: Repository) -> None:
    def stop(done: int, total: int, endpoint: str) -> None:
        if done == 5:
            raise StopError

    with pytest.raises(StopError):
        extract(BatchExtractionRequest(SAMPLE), on_progress=stop)
    assert len(zoo.files()) == 5
    told: list[int] = []
    result = extract(BatchExtractionRequest(SAMPLE), on_progress=lambda done, total, endpoint: told.append(total))
    assert (set(told), result.extracted_count) == ({14}, 19)


# --- errors ---------------------------------------------------------------------------------------------------------

#: Wrong requests: the fields, the same request as options, and words of the one and of the other.
WRONG: list[tuple[dict[str, Any], tuple[str, ...], dict[str, str]]] = [
    ({"input_file": "nope.yaml"}, ("--input", "nope.yaml"), {}),
    ({"input_file": "https://a.b/c.yaml"}, ("--input", "https://a.b/c.yaml"), {"'input_file'": "--input"}),
    ({"output_version": "3"}, ("--output-version", "3"), {"'output_version'": "--output-version"}),
    ({"filter_pattern": "/animal"}, ("--filter", "/animal"), {"filter_pattern": "--filter"}),
    (
        {"filter_pattern": "(", "filter_type": "regex"},
        ("--filter", "(", "--filter-type", "regex"),
        {"the 'filter_pattern'": "--filter"},
    ),
    ({"tags": ["b"], "methods": ["get"]}, ("--tag", "b", "--method", "get"), {"methods": "--method", "tags": "--tag"}),
    ({"methods": ["a b"]}, ("--method", "a b"), {"'methods'": "--method"}),
    ({"concurrency": 17}, ("--concurrency", "17"), {"'concurrency'": "--concurrency"}),
    (
        {"output_dir": "c", "cache_dir": "c"},
        ("--output-dir", "c", "--cache-dir", "c"),
        {"'output_dir'": "--output-dir", "'cache_dir'": "--cache-dir"},
    ),
    ({"volatile": ["paths"]}, ("--volatile", "paths"), {"'volatile'": "--volatile"}),
    ({"path": "/animal"}, ("--path", "/animal"), {}),
    ({"path": "/animals"}, ("--path", "/animals"), {"'method'": "--method"}),
    ({"path": "/animals", "method": "put"}, ("--path", "/animals", "--method", "put"), {}),
    ({"output_dir": "api.yaml"}, ("--output-dir", "api.yaml"), {"'output_dir'": "'output_dir' (--output-dir)"}),
    ({"input_file": "hooks.yaml"}, ("--input", "hooks.yaml"), {"webhooks=True": "--webhooks"}),
    (
        {"output_dir": "own", "input_file": "own/a_GET.yaml"},
        ("--output-dir", "own", "--input", "own/a_GET.yaml"),
        {"'output_dir'": "'output_dir' (--output-dir)"},
    ),
]


@pytest.mark.parametrize(("wrong", "options", "words"), WRONG)
def test_a_wrong_request_is_the_sentence_of_the_command_line(
    zoo: Repository, wrong: dict[str, Any], options: tuple[str, ...], words: dict[str, str]
) -> None:
    zoo.write("own/a_GET.yaml", "openapi: 3.0.3\ninfo: {title: A, version: '1'}\npaths: {/a: {get: {responses: {}}}}\n")
    zoo.write("hooks.yaml", "openapi: 3.1.0\ninfo: {title: A, version: '1'}\nwebhooks: {a: {post: {}}}\n")
    what = () if "--path" in options else ("--batch",)
    done = zoo.slice_oas(*(() if "--input" in options else ("--input", "api.yaml")), *what, *options)
    assert done.code == 2, done.text
    with pytest.raises(UserError) as caught:
        extract(BatchExtractionRequest(**{"input_file": "api.yaml", **wrong}))
    said = str(caught.value)
    for own, theirs in words.items():
        said = said.replace(own, theirs)
    assert said == done.err.removeprefix("slice-oas: ").rstrip("\n")
    assert all(own in str(caught.value) for own in words)


def test_errors_tell_their_kind_and_place(zoo: Repository) -> None:
    zoo.write("bad.yaml", "openapi: 3.0.3\npaths: [\n")
    with pytest.raises(UserError) as caught:
        extract(BatchExtractionRequest("bad.yaml"))
    assert caught.value.where is not None
    assert (caught.value.where.file, caught.value.where.line) == ("bad.yaml", 3)
    with pytest.raises(SettingsError):
        extract(BatchExtractionRequest("", generate_csv="perhaps"))  # type: ignore[arg-type]
    with pytest.raises(DocumentError) as lacking:
        extract(BatchExtractionRequest("ap.yaml"))
    assert (lacking.value.message, lacking.value.hint) == ("there is no such file", "Did you mean 'api.yaml'?")


def test_an_index_that_cannot_be_written_is_an_error(zoo: Repository) -> None:
    zoo.write("slices/index.csv/file", "")
    with pytest.raises(UserError, match=r"index\.csv"):
        extract(BatchExtractionRequest(SAMPLE))


def test_a_damaged_cache_is_a_notice_and_nothing_is_printed(zoo: Repository, capfd: pytest.CaptureFixture[str]) -> None:
    extract(BatchExtractionRequest("api.yaml"))
    zoo.write(".oas_tasks/store.sqlite3", b"damaged")
    result = extract(BatchExtractionRequest("api.yaml"))
    assert [notice.partition(" (")[0] for notice in result.notices] == [
        "the cache .oas_tasks/store.sqlite3 could not be read"
    ]
    assert capfd.readouterr() == ("", "")


def test_a_method_without_a_path_is_refused(zoo: Repository) -> None:
    with pytest.raises(UserError, match=r"'method' is given without a 'path'\. 'methods' filters"):
        extract(BatchExtractionRequest("api.yaml", method="GET"))
