"""The second opinion of `validate = full` reads only the slice, and keeps nothing of it."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from oas_tasks.openapi.model import Family
from oas_tasks.openapi.validation import structure
from oas_tasks.openapi.validation.second_opinion import faults
from tests.conftest import Repository, spec


def document(schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    operation = {"responses": {"200": {"description": "ok", "content": content}}}
    return {"openapi": "3.0.3", "info": {"title": "A", "version": "1"}, "paths": {"/a": {"get": operation}}}


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server of a schema, with the requests that it got."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"type": "string"}')

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    server.server_close()


def test_nothing_is_fetched(asked: tuple[str, list[str]]) -> None:
    address, paths = asked
    assert faults("3.0", document({"$ref": f"{address}/schema.json"})) != []
    assert paths == []


def test_a_list_of_items_is_ignored() -> None:
    dialect = {"$schema": "http://json-schema.org/draft-07/schema#"}
    named: dict[str, Any] = {**dialect, "items": [{"type": "string"}]}
    used = document({**dialect, "items": [{}, {"items": [{"$ref": "#/components/schemas/A/items/0"}]}]})
    assert faults("3.1", {**used, "openapi": "3.1.0", "components": {"schemas": {"A": named}}}) == []


def test_no_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"type": "string"}')
    assert faults("3.0", document({"$ref": (tmp_path / "schema.json").as_uri()})) != []


@pytest.mark.parametrize("family", ["3.0", "3.1", "3.2"])
def test_what_is_required_need_not_be_among_the_properties(family: Family) -> None:
    built = {"allOf": [{"type": "object", "additionalProperties": {"type": "string"}}], "required": ["foo"]}
    assert faults(family, {**document(built), "openapi": f"{family}.0"}) == []


def test_formats_are_no_reason_and_defaults_are() -> None:
    assert faults("3.0", document({"type": "string", "format": "date", "default": "yesterday"})) == []
    (fault,) = faults("3.0", document({"type": "string", "default": 3}))
    assert "3 is not of type 'string'" in fault.message


@pytest.mark.parametrize("family", ["3.0", "3.1", "3.2"])
def test_a_link_has_a_server_whatever_the_schema_of_31_calls_it(family: Family) -> None:
    made = document({"type": "string"})
    made["openapi"] = f"{family}.0"
    link: dict[str, Any] = {"operationId": "o", "server": {"url": "/"}}
    response = {"description": "", "links": {"l": link}}
    made["paths"] = {"/a": {"get": {"operationId": "o", "responses": {"200": response}}}}
    assert faults(family, made) == []
    assert structure.is_valid(family, made)
    link["server"] = "/"
    assert faults(family, made) != []
    link["body"] = link.pop("server")
    assert not structure.is_valid(family, made)


def test_no_document_is_kept() -> None:
    class Document(dict[str, Any]):
        """A document that can have weak references."""

    made = Document(document({"type": "string"}))
    watched = weakref.ref(made)
    assert faults("3.0", made) == []
    del made
    gc.collect()
    assert watched() is None


def test_extensions_of_paths_crash_openapi_spec_validator_and_not_us() -> None:
    made = document({"type": "string"})
    made["paths"]["x-owner"] = "us"
    assert faults("3.0", made) == []


def test_a_whole_document_is_validated_fully(repository: Repository) -> None:
    done = repository.slice_oas("--input", str(spec("museum.yaml")), "--output-dir", "slices", "--batch", "--full")
    assert done.code == 0, done.text
    assert {row["validation_status"] for row in repository.rows()} == {"PASS"}


def test_a_reference_to_an_anchor_is_understood() -> None:
    schema = {"properties": {"a": {"$ref": "#name"}}, "$defs": {"n": {"$anchor": "name", "type": "string"}}}
    assert faults("3.1", {**document(schema), "openapi": "3.1.1"}) == []
    assert schema["properties"] == {"a": {"$ref": "#name"}}
