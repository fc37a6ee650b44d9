"""Cutting again after an edit gives what cutting the whole text gives, or leaves it to that."""

from __future__ import annotations

from random import Random

import pytest

from oas_tasks.document.document import CONTAINERS
from oas_tasks.errors import FormatError
from oas_tasks.formats import Value, cut, read, read_spans
from oas_tasks.formats.resplit import Cut, compared, cut_again
from oas_tasks.formats.split import nested
from tests.conftest import SAMPLE, spec
from tests.formats.samples import exactly
from tests.formats.test_split_json import DOCUMENT as JSON
from tests.formats.test_split_yaml import DOCUMENT as YAML

#: What mutations put anywhere.
PIECES = [
    *(bytes([byte]) for byte in b"\"'{}[],:#-|>&*!?% \t\r\n1a\\e\xff\xc3"),
    *(b"  ", b"\n  ", b"\n    ", b"\n\n", b"- ", b": ", b" #", b"\n---\n", b"&x ", b"*x", b"\n  /a/{id}:", b"paths:\n"),
    *(
        b"\xc2\x85",
        b"\xef\xbb\xbf",
        b"|\n",
        b"? ",
        b'"/a":',
        b'"paths":{',
        b"{}",
        b"NaN",
        b"\n  # a comment\n",
        b"x: 1\n",
    ),
]


def prepared(content: bytes, name: str) -> Cut:
    spans = cut(content, name, CONTAINERS)
    assert spans is not None
    return compared(content, spans)


def again(content: bytes, good: bytes, name: str) -> Cut | None:
    return cut_again(content, prepared(good, name), len(good), CONTAINERS)


def mutated(content: bytes, lot: Random) -> bytes:
    for _ in range(lot.choice([1, 1, 1, 2])):
        start = lot.randrange(len(content))
        end = min(len(content), start + lot.choice([0, 0, 1, 1, 2, 5, 30]))
        if lot.random() < 0.3:  # whole lines
            lines = content.splitlines(keepends=True)
            n = lot.randrange(len(lines))
            line = lines[n]
            lines[n : n + 1] = lot.choice([[], [line] * 2, [b" " + line], [line.lstrip()], [b"  " + line]])
            content = b"".join(lines) or content
        else:
            middle = lot.choice([b"", lot.choice(PIECES), lot.choice(PIECES), content[start:end] * 2])
            content = content[:start] + middle + content[end:]
    return content


def whole(content: bytes, name: str) -> Value | None:
    try:
        return read(content, name)
    except FormatError:
        return None


@pytest.mark.parametrize("tries", [3_000, pytest.param(60_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ["f.json", "f.yaml"])
def test_mutated_documents_are_cut_as_the_whole_is(name: str, tries: int) -> None:
    lot = Random(3)
    good = JSON.encode() if name == "f.json" else YAML.encode()
    before = prepared(good, name)
    cut_so = 0
    for _ in range(tries):
        content = mutated(good, lot)
        found = cut_again(content, before, len(good), CONTAINERS)
        if found is None:
            continue
        spans = cut(content, name, CONTAINERS)
        if spans is not None:
            assert found == compared(content, spans), content
            cut_so += 1
            continue
        values = read_spans(content, found.spans)
        assert values is None or exactly(nested(values)) == exactly(whole(content, name)), content
    assert cut_so > tries / 20  # it was really tried


@pytest.mark.parametrize("name", ["sample", "museum.yaml", "box.json", "discord.json"])
def test_edits_of_real_documents(name: str) -> None:
    file = SAMPLE if name == "sample" else spec(name)
    good = file.read_bytes()
    lot = Random(5)
    before = prepared(good, file.name)
    members = [span for span in before.spans if len(span.keys) > 1]
    for count in [1, 1, 1, 3, 10]:
        content = good
        for span in sorted(lot.sample(members, min(count, len(members))), key=lambda each: -each.start):
            text = content[span.start : span.end]
            content = content[: span.start] + text.replace(b"description", b"x-said", 1) + content[span.end :]
        found = cut_again(content, before, len(good), CONTAINERS)
        assert found == prepared(content, file.name)


def test_members_that_come_or_go_are_left_to_the_whole() -> None:
    good = b"openapi: 3.0.3\npaths:\n  /a:\n    get: {}\n  /b:\n    get: {}\n"
    assert again(good.replace(b"  /b:\n    get: {}\n", b""), good, "f.yaml") is None
    assert again(good + b"  /c:\n    get: {}\n", good, "f.yaml") is None
    assert again(good.replace(b"/a:", b"/c:"), good, "f.yaml") is None
    assert again(good + b"tags: []\n", good, "f.yaml") is None


@pytest.mark.parametrize("indent", [1, 3, 5])
@pytest.mark.parametrize("which", ["/a", "/b"])
def test_a_member_that_moves_to_another_column_is_left_to_the_whole(which: str, indent: int) -> None:
    good = b"openapi: 3.0.3\npaths:\n  /a:\n      get: {}\n  /b:\n      get: {}\ninfo: {}\n"
    content = good.replace(f"\n  {which}:".encode(), f"\n{' ' * indent}{which}:".encode())
    assert again(content, good, "f.yaml") is None


def test_a_container_that_was_empty_may_hold_members_now() -> None:
    good = b'{"openapi": "3.0.3", "paths": {"/a": {}}, "components": {"schemas": {}}}'
    content = good.replace(b'"schemas": {}', b'"schemas": {"A": {}}')
    assert again(content, good, "f.json") is None
    assert prepared(content, "f.json").spans[-1].keys == ("components", "schemas", "A")


def test_text_outside_of_ascii_moves_what_follows_by_its_bytes() -> None:
    good = '{"openapi": "3.0.3", "paths": {"/a": {"summary": "x"}, "/b": {"summary": "é"}}}'.encode()
    content = good.replace(b'"x"', '"日本語 \U0001f600"'.encode()).replace("é".encode(), b"e")
    assert again(content, good, "f.json") == prepared(content, "f.json")
