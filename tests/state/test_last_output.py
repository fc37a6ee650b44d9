"""An edit after a clean run: only the rows, slices and records that it concerns are looked at, and all are right."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oas_tasks import BatchExtractionRequest, extract
from oas_tasks.document.place import EndpointKey
from oas_tasks.plan.plan import Cells, Endpoint, Plan
from oas_tasks.state.index_csv import index_bytes
from oas_tasks.state.last_output import LastOutput, updated_index
from oas_tasks.state.store import CleanOutput, Record, Store
from tests.conftest import Repository

Document = dict[str, Any]


def document() -> Document:
    names = [f"T{number}" for number in range(4)]
    paths = {
        f"/{name.lower()}/{place}": {
            "get": {
                "summary": f"{name} at {place}",
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
                    }
                },
            }
        }
        for name in names
        for place in ("here", "there", "nowhere")
    }
    schemas = {name: {"type": "object", "description": f"A {name}"} for name in names}
    info = {"title": "Ts", "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": paths, "components": {"schemas": schemas}}


def a_description(found: Document) -> None:
    found["components"]["schemas"]["T2"]["description"] += "!"


def a_summary(found: Document) -> None:
    found["paths"]["/t1/there"]["get"]["summary"] = '=Other, "quoted"'


def a_summary_with_line_ends(found: Document) -> None:
    found["paths"]["/t1/there"]["get"]["summary"] = "First\r\nsecond\nthird"


def an_endpoint_more(found: Document) -> None:
    found["paths"]["/t0/here"]["delete"] = {"responses": {"204": {"description": "gone"}}}


def an_endpoint_less(found: Document) -> None:
    del found["paths"]["/t3/here"]


def a_path_moved(found: Document) -> None:
    found["paths"]["/t0/here"] = found["paths"].pop("/t0/here")


def a_path_renamed(found: Document) -> None:
    found["paths"]["/t0/anywhere"] = found["paths"].pop("/t0/here")


def a_clash_of_names(found: Document) -> None:
    found["paths"]["/t0/here/"] = copy.deepcopy(found["paths"]["/t1/here"])


def a_schema_more(found: Document) -> None:
    found["components"]["schemas"] = {"A": {"type": "string"}, **found["components"]["schemas"]}


def a_fault(found: Document) -> None:
    found["paths"]["/t2/here"]["get"]["responses"]["200"]["description"] = 5


def a_broken_reference(found: Document) -> None:
    found["paths"]["/t2/here"]["get"]["parameters"] = [{"$ref": "#/components/parameters/None"}]


def white_space(found: Document) -> None:
    found["info"] = dict(found["info"])


EDITS = [
    a_description,
    a_summary,
    a_summary_with_line_ends,
    an_endpoint_more,
    an_endpoint_less,
    a_path_moved,
    a_path_renamed,
    a_clash_of_names,
    a_schema_more,
    a_fault,
    a_broken_reference,
    white_space,
]


def state_of(repository: Repository) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    """Return the slices, and the rows of the index but for their times."""
    rows = [{**row, "created_at": "", "extraction_time_ms": ""} for row in repository.rows()]
    return repository.files(), rows


@pytest.mark.parametrize("edit", EDITS)
def test_after_an_edit_and_the_next_one_all_is_as_in_a_clean_build(
    repository: Repository, tmp_path: Path, edit: Callable[[Document], None]
) -> None:
    repository.configure(spec="api.json")
    clean = Repository(tmp_path / "clean")
    clean.folder.mkdir()
    clean.configure(spec="api.json")
    before, after = document(), document()
    edit(after)
    for number, found in enumerate((before, after, before, after)):
        for each in (repository, clean):
            each.write("api.json", json.dumps(found, indent=1 + number))
        done = repository.slice_oas("--batch")
        for folder in ("slices", ".oas_tasks"):
            shutil.rmtree(clean.folder / folder, ignore_errors=True)
        assert clean.slice_oas("--batch").code == done.code
        assert state_of(repository) == state_of(clean)
        assert repository.slice_oas("check").code == done.code
        assert repository.slice_oas("--batch").out.startswith("0 made")


def test_the_records_of_other_endpoints_stay_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = document()
    file = tmp_path / "api.json"
    file.write_text(json.dumps(found))
    assert extract(BatchExtractionRequest(file)).made_count == 12
    monkeypatch.setattr(Store, "records", lambda *_: pytest.fail("all records were read"))
    for edit in (a_description, a_summary, an_endpoint_more, an_endpoint_less, a_path_moved):
        edit(found)
        file.write_text(json.dumps(found))
        assert 0 <= extract(BatchExtractionRequest(file)).made_count < 5


def endpoint(name: str, summary: str = "") -> Endpoint:
    return Endpoint(f"/{name}", "GET", f"{name}_GET.json", name * 32, Cells(summary, "", (), 0, 0, (), False, False))


def record(of: Endpoint) -> Record:
    return Record(*of.key, of.file, of.fingerprint, "PASS", "", 10, "1", "d", "2025-12-18T14:30:45Z", 1.0, "", 0)


def test_an_index_whose_lines_cannot_be_told_apart_is_written_anew() -> None:
    one, two, odd = endpoint("a"), endpoint("b"), endpoint("b", "Two\r\nlines")
    old, new = Plan("3.0", "", (one, two)), Plan("3.0", "", (one, odd))
    last = LastOutput.of(CleanOutput(2, {}), old, new)
    assert last is not None
    assert (set(last.changed), list(last.gone)) == ({two.key}, [])
    header = b"path,method\r\n"
    assert updated_index(header + b"a\r\nb\r\n", last, new, [], ()) is None  # another header
    content = index_bytes([(one, record(one)), (two, record(two))], "3.0")
    assert updated_index(content, last, new, [(odd, record(odd))], ()) is None
    assert updated_index(content, last, old, [(two, record(two))], ()) == content
    gone: list[EndpointKey] = [two.key]
    assert updated_index(content, last, old, [], gone) == index_bytes([(one, record(one))], "3.0")
