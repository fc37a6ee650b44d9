"""`list_endpoints`, `slice_endpoint` and `affected`: answers as data, and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from oas_tasks import (
    BatchExtractionRequest,
    CauseKind,
    Extent,
    UserError,
    affected,
    extract,
    list_endpoints,
    slice_endpoint,
)
from tests.conftest import SAMPLE

BROKEN = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /animals:
    get: {tags: [a], summary: All, responses: {'200': {description: ok}}}
    post: {deprecated: true, responses: {'201': {$ref: '#/components/responses/Missing'}}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Run each test in a folder that it leaves with just the files that it has itself."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api.yaml").write_text(BROKEN)
    yield tmp_path
    assert {file.suffix for file in tmp_path.iterdir()} <= {".yaml", ".out"}


def test_endpoints_are_listed() -> None:
    first, second = list_endpoints("api.yaml")
    assert (first.method, first.path, first.file) == ("GET", "/animals", Path("slices/animals_GET.yaml"))
    assert (first.tags, first.summary, first.deprecated) == (("a",), "All", False)
    assert (second.method, second.operation_id, second.deprecated) == ("POST", "", True)
    request = BatchExtractionRequest("api.yaml", "other", methods=["post"], output_format="json")
    assert [each.file for each in list_endpoints(request)] == [Path("other/animals_POST.json")]
    with pytest.raises(UserError, match="there is no such file"):
        list_endpoints("nope.yaml")


@pytest.mark.parametrize("version", ["auto", "3.0.x"])
def test_a_slice_as_a_dictionary_is_the_slice_that_is_written(version: str) -> None:
    request = BatchExtractionRequest(
        SAMPLE,
        "slices.out",
        output_format="json",
        cache_dir="cache.out",
        output_version=version,  # type: ignore[arg-type]
    )
    extract(request)
    for each in list_endpoints(request)[:6]:
        assert slice_endpoint(request, each.method.lower(), each.path) == json.loads(each.file.read_bytes())


def test_a_slice_that_cannot_be_made_is_an_error() -> None:
    assert slice_endpoint("api.yaml", "GET", "/animals")["paths"]["/animals"]["get"]["summary"] == "All"
    with pytest.raises(UserError, match=r"api.yaml:6:\d+: '#/components/responses/Missing' is referenced but not"):
        slice_endpoint("api.yaml", "POST", "/animals")
    with pytest.raises(UserError, match=r"the path '/animals' has no PUT; it has GET, POST"):
        slice_endpoint("api.yaml", "PUT", "/animals")
    with pytest.raises(UserError, match=r"the document has no path '/animal'\. Did you mean '/animals'\?"):
        slice_endpoint("api.yaml", "GET", "/animal")


def test_a_change_is_told_with_its_causes(folder: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    (folder / "old.yaml").write_text(text, encoding="utf-8")
    assert affected("old.yaml", "old.yaml") == ()
    (folder / "new.yaml").write_text(text.replace("operationId: addBook", "operationId: addABook"), encoding="utf-8")
    (change,) = affected("old.yaml", "new.yaml")
    assert (change.change, change.endpoint.operation_id, change.extent) == ("changed", "addABook", Extent.SHAPE)
    assert [cause.kind for cause in change.causes] == [CauseKind.OPERATION]
    assert affected("old.yaml", BatchExtractionRequest("new.yaml", methods=["get"])) == ()
    kinds = [each.change for each in affected("api.yaml", BatchExtractionRequest("new.yaml", methods=["delete"]))]
    assert kinds == ["added"]
    (folder / "none.yaml").write_text(BROKEN.replace("/animals", "/beasts"))
    found = affected("api.yaml", "none.yaml")
    assert [(each.change, each.endpoint.path, each.reason != "") for each in found] == [
        ("added", "/beasts", False),
        ("added", "/beasts", True),
        ("removed", "/animals", False),
        ("removed", "/animals", False),
    ]
