"""A document that is read in parts has the same value or the same fault as read whole."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oas_tasks.errors import FormatError
from oas_tasks.formats import Value, cut, nested, read, read_spans
from oas_tasks.formats.split_json import cut_json

from .samples import exactly, strings, values

CONTAINERS = (("paths",), ("components",), ("components", "*"))

DOCUMENT = """\
{
  "openapi": "3.1.0", "info": {"title": "T\\u00e9 \\"quoted\\" \\\\", "version": "1"},
  "paths": {
    "/a": {"get": {"responses": {"200": {"description": "}, \\"x\\": {"}}}},
    "/b\\/c": {}, "": {"x": [1, 2.5, -3e2, true, null]}
  },
  "components": {
    "schemas": {"A": {"type": "object", "é😀": "日本語"}, "B": {"$ref": "#/components/schemas/A"}},
    "empty": {}, "list": [1], "text": "{\\"a\\": 1}"
  },
  "tags": [{"name": "a"}]
}
"""


def in_parts(content: bytes, containers: tuple[tuple[str, ...], ...]) -> Value:
    spans = cut(content, "f.json", containers)
    values = None if spans is None else read_spans(content, spans)
    return None if values is None else nested(values)


def outcome(content: bytes, containers: tuple[tuple[str, ...], ...]) -> Any:
    try:
        value = in_parts(content, containers) if containers else None
        return exactly(read(content, "f.json") if value is None else value)
    except FormatError as error:
        return f"refused: {error}"


def test_members_of_containers_are_cut_one_by_one() -> None:
    content = DOCUMENT.encode()
    spans = cut_json(content, CONTAINERS)
    assert spans is not None
    assert [".".join(span.keys) for span in spans] == [
        *("openapi", "info", "paths./a", "paths./b/c", "paths."),
        *("components.schemas.A", "components.schemas.B", "components.empty", "components.list", "components.text"),
        "tags",
    ]
    assert content[spans[6].start : spans[6].end].decode() == '{"$ref": "#/components/schemas/A"}'
    assert exactly(in_parts(content, CONTAINERS)) == exactly(json.loads(DOCUMENT))


@pytest.mark.parametrize(
    "text",
    [
        '{"paths": {"/a": 1, "/a": 2}}',
        '{"paths": {"/a": 1, "/a": 1}}',
        '{"paths": {"/a": 1, "/b": 2, "/a": 1, "/b": 2}}',
        '{"paths": {"/a": {}}, "paths": {"/b": {}}}',
        '{"paths": {"/a": {"b": 1, "b": 2}}}',
        '{"paths": {"/a": 1,}}',
        '{"paths": {"/a": 1}} x',
        '{"paths": {"/a": 01}}',
        '{"paths": {"/a": NaN}}',
        '{"paths": {"/a": "\\ud800"}}',
        '{"paths": {"\\ud800": 1}}',
        '{"paths": {"/a": ' + "[" * 254 + "]" * 254 + "}}",
        '{"paths": {"/a": ' + "[" * 255 + "]" * 255 + "}}",
        '\ufeff{"paths": {}}',
        "{}",
        " { } ",
        "[]",
        '{"paths": {"/a": 1}',
        '{"paths": {"a\nb": 1}}',
        '{"paths": {"/a": "\x07"}}',
    ],
)
def test_a_doubtful_document_is_read_whole(text: str) -> None:
    assert outcome(text.encode(), CONTAINERS) == outcome(text.encode(), ())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-16", "utf-8-sig"])
def test_other_encodings_are_read_whole(encoding: str) -> None:
    content = DOCUMENT.encode(encoding)
    assert outcome(content, CONTAINERS) == exactly(json.loads(DOCUMENT))


@given(
    st.dictionaries(strings, st.one_of(values, st.dictionaries(strings, values)), max_size=4),
    st.sampled_from([None, 1]),
)
def test_any_mapping_reads_the_same(value: dict[str, Value], indent: int | None) -> None:
    document: dict[str, Value] = {"paths": value, "components": {"schemas": value, "x": 1}}
    document.update(value)
    content = json.dumps(document, indent=indent, ensure_ascii=bool(indent)).encode("utf-8", "surrogatepass")
    assert outcome(content, CONTAINERS) == outcome(content, ())


@pytest.mark.parametrize("tries", [1_500, pytest.param(40_000, marks=pytest.mark.slow)])
def test_mutated_documents_read_the_same_or_are_refused_alike(tries: int) -> None:
    rng = Random(20)
    pieces = [
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\\",
        b" ",
        b"\n",
        b"1",
        b'"/a":',
        b'"paths":{',
        b"\xff",
        b"\xc3",
        b"e",
    ]
    good = DOCUMENT.encode()
    equal = 0
    for _ in range(tries):
        content = good
        for _ in range(rng.randint(1, 2)):
            start = rng.randrange(len(content))
            end = min(len(content), start + rng.choice([0, 1, 1, 2, 5, 30]))
            middle = rng.choice([b"", rng.choice(pieces), content[start:end] * 2])
            content = content[:start] + middle + content[end:]
        assert outcome(content, CONTAINERS) == outcome(content, ()), content
        equal += in_parts(content, CONTAINERS) is not None
    assert equal > tries / 40  # some were read in parts
