"""Files that are taken for a document by mistake are named for what they are."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from oas_tasks.document.document import load_document, read_bytes
from oas_tasks.errors import UserError
from tests.in_process import slices_of


def archive(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name in names:
            file.writestr(name, "openapi: 3.1.0\n")
    return packed.getvalue()


def message(content: bytes, name: str = "api.yaml") -> str:
    with pytest.raises(UserError) as told:
        load_document(content, name)
    return str(told.value)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (archive("api.yaml"), "a ZIP archive"),
        (archive("[Content_Types].xml", "word/document.xml"), "an Office file"),
        (archive("xl/workbook.xml"), "an Office file"),
        (gzip.compress(b"openapi: 3.1.0", mtime=0), "a gzip archive"),
        (b"BZh91AY&SY", "a bzip2 archive"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a picture"),
        (b"\x7fELF\x02\x01\x01" + bytes(40), "a program"),
        (b"<!DOCTYPE html>\n<html><body>API: none</body></html>", "a web page (HTML)"),
        (b"\n<!-- saved -->\n<html lang='en'>", "a web page (HTML)"),
        (b"<?xml version='1.0'?>\n<svg/>", "XML"),
        (b'<?xml version="1.0"?>\n<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/">', "a WSDL"),
        (b"#%RAML 1.0\ntitle: [", "a RAML document"),
        (b"#%RAML 1.0\ntitle: Shop\n", "a RAML document"),
        (b"type Query { user: User }\n", "a GraphQL schema"),
        (b"Rar!\x1a\x07\x01\x00", "a RAR archive"),
        (b"api.yaml".ljust(257, b"\0") + b"ustar\x0000" + bytes(200), "a tar archive"),
        (b"\xca\xfe\xba\xbe\x00\x00\x00\x41", "a binary file"),
        (b"\x80\x04\x95\x10", "a binary file"),
        (b'syntax = "proto3";\npackage a;\n', "a Protocol Buffers definition"),
        (b"type Query {\n  users(first: Int): [User!]!\n}\n", "a GraphQL schema"),
        (b"schema {\n  query: Query\n}\n", "a GraphQL schema"),
    ],
)
@pytest.mark.parametrize("name", ["api.yaml", "api.json", "api"])
def test_files_of_other_formats(content: bytes, kind: str, name: str) -> None:
    assert message(content, name).startswith(f"{name}: this is {kind}, not YAML or JSON. ")


@pytest.mark.parametrize(
    ("root", "kind"),
    [
        ({"asyncapi": "2.6.0", "info": {}}, "an AsyncAPI document"),
        ({"arazzo": "1.0.0"}, "an Arazzo document"),
        ({"overlay": "1.0.0", "actions": []}, "an OpenAPI Overlay"),
        ({"info": {"_postman_id": "1", "name": "a"}, "item": []}, "a Postman collection"),
        (
            {"info": {"schema": "https://schema.getpostman.com/v2.1.0/collection.json"}},
            "a Postman collection",
        ),
        ({"log": {"version": "1.2", "entries": []}}, "a HAR file"),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "title": "a"}, "a JSON Schema"),
        ({"type": "object", "properties": {}}, "a JSON Schema"),
        ({"apiVersion": "v1", "kind": "Pod"}, "a Kubernetes manifest"),
        ({"_type": "export", "__export_format": 4, "resources": []}, "an Insomnia export"),
    ],
)
def test_documents_of_other_kinds(root: object, kind: str) -> None:
    text = message(json.dumps(root).encode(), "api.json")
    assert text.startswith("api.json:") and f": this is {kind}, not an OpenAPI document" in text


@pytest.mark.parametrize("name", ["OpenAPI", "openAPI", "opneapi", "openapi "])
def test_the_field_is_misspelt(name: str) -> None:
    text = message(json.dumps({"info": {}, name: "3.1.0"}).encode(), "api.json")
    assert f"it has no 'openapi' field. Did you mean 'openapi' by '{name}'?" in text


def test_anything_else_has_no_openapi_field() -> None:
    assert message(b"log: {level: debug}").startswith(
        "api.yaml:1:1: this is not an OpenAPI document: it has no 'openapi'"
    )


@pytest.mark.parametrize("text", ["a: <html>\n", "type: a\nenum: [b]\n", "<<: {}\n", "interface: eth0\nBZh9: 1\n"])
def test_yaml_that_looks_a_little_like_it_is_read(text: str) -> None:
    assert "not YAML or JSON" not in message(text.encode())


def test_a_folder_with_documents(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("a: 1\n")
    (tmp_path / "picture.json").write_bytes(b"\x89PNG")
    with pytest.raises(UserError) as told:
        read_bytes(tmp_path, "apis")
    assert str(told.value) == "apis: this is a folder, not a file. Name the file in it"
    (tmp_path / "api.yaml").write_text("# An API\nopenapi: 3.1.0\n")
    (tmp_path / "b.json").write_text('{"openapi": "3.0.3"}')
    with pytest.raises(UserError) as told:
        read_bytes(tmp_path, "apis")
    assert str(told.value).endswith(f"Did you mean '{tmp_path / 'api.yaml'}' or '{tmp_path / 'b.json'}'?")


@pytest.mark.parametrize("text", ["input of the user", "type something", "<html> is a tag", "output of the user"])
def test_a_text_in_a_file_of_its_own_is_a_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "note.yaml").write_text(f"{text}\n")
    paths = {"/a": {"get": {"summary": {"$ref": "note.yaml"}, "responses": {"200": {"description": "ok"}}}}}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}
    (tmp_path / "api.json").write_text(json.dumps(document))
    (made,) = slices_of(tmp_path / "api.json", format="json").values()
    assert made.content is not None
    assert json.loads(made.content)["paths"]["/a"]["get"]["summary"] == text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"hello\n",
            "1:1: an OpenAPI document is a mapping, and this is a string. OpenAPI documents have a field with",
        ),
        (b"name: x\n", "it has no 'openapi' field. OpenAPI documents have a field with their version, such as openapi"),
        (b"opnapi: 3.1.0\n", "it has no 'openapi' field. Did you mean 'openapi' by 'opnapi'?"),
        (b"openapi: v3.1.0\npaths: {}\n", "not one that can be sliced (3.0.x, 3.1.x or 3.2.x). Did you mean '3.1.0'?"),
        (b"openapi: '3.0'\npaths: {}\n", "not one that can be sliced (3.0.x, 3.1.x or 3.2.x). Did you mean '3.0.0'?"),
        (b"openapi: 4.0.0\npaths: {}\n", "not one that can be sliced (3.0.x, 3.1.x or 3.2.x)"),
    ],
)
def test_what_is_no_document_is_told_what_one_looks_like(content: bytes, said: str) -> None:
    assert said in message(content)
    assert message(content).endswith(("?", ")", "openapi: 3.1.0"))
