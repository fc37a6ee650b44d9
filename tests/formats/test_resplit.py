"""A document that is split again after an edit has the members that it has when it is split as a whole."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oas_tasks.document.document import CONTAINERS
from oas_tasks.formats import Chunks, Resplit, Split, cut, split_again
from tests.conftest import spec
from tests.formats.writing import yaml_document

NAMES = [f"Part{number}" for number in range(40)]


def document() -> dict[str, Any]:
    """Return a document with enough members that some stand on both sides of most edits."""
    schema = {"type": "object", "description": "\n".join(["A line of text, with: signs #1"] * 3)}
    item = {"get": {"summary": "An item", "responses": {"200": {"description": "Yes"}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parts", "version": "1"},
        "paths": {f"/{name}": item for name in NAMES},
        "components": {
            "schemas": dict.fromkeys(NAMES, schema),
            "responses": {key: {"description": ""} for key in NAMES[:5]},
        },
        "tags": [{"name": name} for name in NAMES],
    }


TEXTS = {"api.json": json.dumps(document(), indent=2).encode(), "api.yaml": yaml_document(document()).encode()}


def again(before: bytes, after: bytes, name: str, length: int = 64) -> Resplit | None:
    """Split a text again that was another one before, and compare it with the same text split as a whole."""
    spans = cut(before, name, CONTAINERS)
    assert spans is not None
    found = split_again(after, Chunks.of(after, length), Split(spans, Chunks.of(before, length)), CONTAINERS)
    if found is not None:
        assert found.spans == cut(after, name, CONTAINERS)
        known = {span.keys: before[span.start : span.end] for span in spans}
        for number, span in enumerate(found.spans):
            if not found.first <= number < found.stop:
                assert known[span.keys] == after[span.start : span.end]
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_of_one_member_is_changed(name: str) -> None:
    before = TEXTS[name]
    at = before.index(b"A line of text", before.index(b"Part20", before.index(b"schemas")))
    found = again(before, before[:at] + b"More: " + before[at:], name)
    assert found is not None
    assert 1 <= found.stop - found.first <= 3


@pytest.mark.parametrize("name", TEXTS)
def test_a_member_comes_and_goes(name: str) -> None:
    before = TEXTS[name]
    start = before.index(b"Part20", before.index(b"schemas"))
    start, stop = before.rindex(b"\n", 0, start) + 1, before.index(b"Part21", start)
    stop = before.rindex(b"\n", 0, stop) + 1
    after = before[:start] + before[stop:]
    assert again(before, after, name) is not None
    assert again(after, before, name) is not None


@pytest.mark.parametrize("name", TEXTS)
def test_a_key_that_stands_twice_is_left_to_the_whole(name: str) -> None:
    before = TEXTS[name]
    at = before.index(b"Part20", before.index(b"schemas"))
    assert again(before, before[:at] + b"Part30" + before[at + 6 :], name) is None


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_text(name: str) -> None:
    found = again(TEXTS[name], TEXTS[name], name)
    assert found is None or found.first == found.stop


@pytest.mark.parametrize(
    "text",
    [
        "      nullable: true\n",
        "    # A comment\n",
        "\n",
        "    Part99: &anchor {}\n    Part98: *anchor\n",
        "  Part99: {}\n",
        "    - an item\n",
        "    Part99: {}\n",
        "    Part99: 'open\n",
        "    ? Part99\n    : {}\n",
    ],
)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_lines_between_the_members_of_yaml(text: str, at: int) -> None:
    before = TEXTS["api.yaml"]
    start = before.index(b"    Part20:")
    start = [start, before.index(b"\n", start) + 1, before.index(b"    Part21:")][at]
    after = before[:start] + text.encode() + before[start:]
    if cut(after, "api.yaml", CONTAINERS) is None:
        spans = cut(before, "api.yaml", CONTAINERS)
        assert spans is not None
        split = Split(spans, Chunks.of(before, 64))
        assert split_again(after, Chunks.of(after, 64), split, CONTAINERS) is None
    else:
        again(before, after, "api.yaml")


@pytest.mark.parametrize("length", [1, 2, 3, 5, 8])
def test_a_member_of_yaml_is_joined_to_the_one_in_front(length: int) -> None:
    """Its own bytes stay as they are, and so do all chunks behind the edit."""
    before = TEXTS["api.yaml"]
    at = before.index(b"    Part20:\n")
    for after in (
        before[:at] + b"    " + before[at:],
        before[: at - 1] + before[at:],
        before[:at] + b"- " + before[at:],
    ):
        joined = again(before, after, "api.yaml", length) if cut(after, "api.yaml", CONTAINERS) is not None else None
        assert joined is None or all(span.keys[-1] != "Part20" for span in joined.spans)


@pytest.mark.parametrize("name", TEXTS)
@given(st.data())
def test_any_edit(name: str, data: st.DataObject) -> None:
    before = TEXTS[name]
    start = data.draw(st.integers(0, len(before)), "start")
    length = data.draw(st.integers(0, 300), "length")
    pieces = st.sampled_from(
        [b"", b" ", b"\n", b'"', b"x", b", ", b'"a": 1,', b"    a: 1\n", b"{", b"}", b"# b", b"0", b"    "]
    )
    text = b"".join(data.draw(st.lists(pieces, max_size=4), "text"))
    after = before[:start] + text + before[start + length :]
    chunk = data.draw(st.sampled_from([64, 16, 7, 1]), "chunk")
    spans = cut(before, name, CONTAINERS)
    assert spans is not None
    found = split_again(after, Chunks.of(after, chunk), Split(spans, Chunks.of(before, chunk)), CONTAINERS)
    if found is not None:
        # JSON that has a fault elsewhere is one when it is read, as all of it is then.
        assert found.spans == cut(after, name, CONTAINERS)


@pytest.mark.parametrize("name", ["box.json", "museum.yaml"])
def test_real_documents(name: str) -> None:
    before = spec(name).read_bytes()
    rng = Random(name)
    used = 0
    for _ in range(20):
        at = before.index(b"description", rng.randrange(len(before) // 2)) + len(b'description": "')
        used += again(before, before[:at] + b"More " + before[at:], name, 1024) is not None
    assert used > 10
