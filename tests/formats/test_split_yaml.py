"""A YAML document that is read in parts has the same value or the same fault as read whole."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from oas_tasks.errors import FormatError
from oas_tasks.formats import Value, cut, nested, read, read_spans
from tests.conftest import SAMPLE, slow_where_long, spec
from tests.formats.writing import yaml_document

from .samples import exactly

CONTAINERS = (("paths",), ("components",), ("components", "*"))

DOCUMENT = """\
# The head
openapi: 3.1.0   # of the document
info:
  title: "T \\"quoted\\": not a key"
  description: |
    A block
      with: structure

    # that is none
  version: '1'
tags:
- name: a
- name: b
paths:
  # what can be asked
  /a/{id}:
    get:
      responses:
        200: {description: "on
          two lines"}
  "/b c":
      post: {x: [1, 2,
    3]}
  '/c:d': {}
  /e:f:
    - 1
  empty:
components:
  schemas:
    A:
      type: object
      description: >+
        folded

        text

    B: &x
      $ref: '#/components/schemas/A'
    0x1F: yes
    ? a long one
    : type: object
      x: 1
    /<a>|*b*&c'd\"e!%@`f#g: 1
    ? 'quoted: one'
    :
      - 1
  list:
    - 1
  none: {}
"""


def in_parts(content: bytes) -> Value:
    spans = cut(content, "f.yaml", CONTAINERS)
    values = None if spans is None else read_spans(content, spans)
    return None if values is None else nested(values)


def outcome(content: bytes, parts: bool) -> Any:
    try:
        value = in_parts(content) if parts else None
        return exactly(read(content, "f.yaml") if value is None else value)
    except FormatError as error:
        return f"refused: {error}"


def test_members_of_containers_are_cut_one_by_one() -> None:
    content = DOCUMENT.replace("&x", "").encode()
    spans = cut(content, "f.yaml", CONTAINERS)
    assert spans is not None
    assert [".".join(span.keys) for span in spans] == [
        *("openapi", "info", "tags", "paths./a/{id}", "paths./b c", "paths./c:d", "paths./e:f", "paths.empty"),
        *("components.schemas.A", "components.schemas.B", "components.schemas.0x1F"),
        *(
            "components.schemas.a long one",
            "components.schemas./<a>|*b*&c'd\"e!%@`f#g",
            "components.schemas.quoted: one",
        ),
        *("components.list", "components.none"),
    ]
    assert in_parts(content) is not None
    assert outcome(content, True) == outcome(content, False)


def test_anchors_that_something_refers_to_are_left_to_the_reader_of_whole_texts() -> None:
    assert cut(DOCUMENT.encode(), "f.yaml", CONTAINERS) is not None
    assert cut(DOCUMENT.replace("yes", "*x").encode(), "f.yaml", CONTAINERS) is None


@pytest.mark.parametrize("text", ["https://example.com/search{?q}{&page,sort}", "a *page* & b", "[a &page b]"])
def test_texts_that_look_like_anchors_do_not_keep_a_document_from_being_cut(text: str) -> None:
    content = DOCUMENT.replace("a key", text.replace('"', "")).encode()
    assert exactly(in_parts(content)) == exactly(read(content, "f.yaml"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "a: 1\na: 2\n",
        "paths:\n  a: 1\n  a: 2\n",
        "paths:\n  a: 1\npaths:\n  b: 1\n",
        "paths:\n  a: 1\n  200: 1\n  '200': 2\n",
        "---\na: 1\n",
        "a: 1\n---\nb: 1\n",
        "a: 1\n...\n",
        "%YAML 1.2\n---\na: 1\n",
        " a: 1\n b: 2\n",
        "paths:\n    a: 1\n  b: 2\n",
        "paths:\n  a:\n   b: 1\n c: 1\n",
        "paths: {a: 1}\n",
        "paths: !!map\n  a: 1\n",
        "paths: &a\n  a: 1\nx: *a\n",
        "paths:\n  a: &a 1\n  b: *a\n",
        "paths:\n  ? a\n  : 1\n",
        "paths:\n  ? a\n  # c\n  : 1\n",
        "paths:\n  ? a # c\n  : 1\n",
        "paths:\n  ? a\n    b\n  : 1\n",
        "paths:\n  ? a\n   : 1\n",
        "paths:\n  ? a\n : 1\n",
        "paths:\n  ? a: b\n  : 1\n",
        "paths:\n  ? a\n  b: 1\n",
        "paths:\n  ? a\n",
        "paths:\n  ? a\n  :\n    b: 1\n  ? a\n  : 2\n",
        "paths:\n  a: 1\n  : 2\n",
        "paths:\n  ? a\n  : b: 1\n    c: 2\n  : 3\n",
        "? paths\n: a: 1\n  b: 2\n",
        "? paths\n:\n  a: 1\n  b: 2\nx: 1\n",
        "paths:\r\n  ? a\r\n  : 1\r\n",
        "paths:\n\ta: 1\n",
        'paths:\n  a: "x\n  b: y"\n',
        "paths:\n  a: {x: 1,\n  b: 2}\n",
        "paths:\n  a: |\n    x\n  # comment\n    y\n",
        "paths:\n  a: |+\n    x\n\n\n  b: 1\n",
        "paths:\n  a: |+\n    x\n\n",
        "paths:\n- a: 1\n",
        "paths:\n  - a: 1\n",
        "paths:\n  text\n",
        "paths:\n# c\n  # d\n\n  a: 1 # e\n  # f\n",
        "paths:\r\n  a: 1\r\n  b: |\r\n    x\r\n",
        "paths:\n  a: 1\r  b: 2\n",
        "paths:\n  a: 1\x85  b: 2\n",
        "paths:\n  'it''s': 1\n",
        'paths:\n  "\\x41": 1\n',
        "# a\n---\npaths:\n  a: 1\n",
        "# a\x07\npaths:\n  a: 1\n",
        "# a\x07\n---\npaths:\n  a: 1\n",
        "paths: # a\x07\n  a: 1\n",
        "paths:\n  # a\x07\n  a: 1\n",
        "x: 1\n# a\x07\npaths:\n  # a\n  a: 1\n",
        "paths:\n  a : 1\n  b:\n",
        "paths:\n  a b: 1\n",
        "paths:\n  a#b: 1\n  a #b: 1\n",
        "paths:\n  <<: {a: 1}\n",
        "paths:\n  null: 1\n  ~: 2\n",
        "a: 1\ntext\n",
        "paths:\n  a:\n    b: 1\n    b: 2\n",
        "paths:\n  a: " + "[" * 254 + "]" * 254 + "\n",
        "paths:\n  a: " + "[" * 255 + "]" * 255 + "\n",
    ],
)
def test_a_doubtful_document_is_read_whole(text: str) -> None:
    assert outcome(text.encode(), True) == outcome(text.encode(), False)


@pytest.mark.parametrize("tries", [700, pytest.param(40_000, marks=pytest.mark.slow)])
def test_mutated_documents_read_the_same_or_are_refused_alike(tries: int) -> None:
    rng = Random(7)
    good = DOCUMENT.encode()
    pieces = [
        *(bytes([b]) for b in b"\"'{}[],:#-|>&*!?% \t\r\n1a\xff"),
        b"  ",
        b"\n  ",
        b"\n\n",
        b"- ",
        b": ",
        b" #",
        b"\n---\n",
    ]
    pieces += [b"&x ", b"*x", b"\n  /a/{id}:", b"paths:\n", b"\n", b"\xc2\x85", b"\xef\xbb\xbf", b"|\n", b"? "]
    read_in_parts = 0
    for _ in range(tries):
        content = good
        for _ in range(rng.choice([1, 1, 2, 3])):
            start = rng.randrange(len(content))
            end = min(len(content), start + rng.choice([0, 0, 1, 1, 2, 5, 30]))
            middle = rng.choice([b"", rng.choice(pieces), rng.choice(pieces), content[start:end] * 2])
            if rng.random() < 0.3:  # whole lines
                lines = content.splitlines(keepends=True)
                n = rng.randrange(len(lines))
                lines[n : n + 1] = rng.choice(
                    [[], [lines[n]] * 2, [b" " + lines[n]], [lines[n].lstrip()], [b"  " + lines[n]]]
                )
                content = b"".join(lines) or good
            else:
                content = content[:start] + middle + content[end:]
        assert outcome(content, True) == outcome(content, False), content
        read_in_parts += in_parts(content) is not None
    assert read_in_parts > tries / 7  # some were read in parts


@pytest.mark.parametrize("name", slow_where_long(["museum.yaml", "openai.yaml", "twilio.yaml", "sample"]))
def test_real_documents_read_the_same(name: str) -> None:
    content = SAMPLE.read_bytes() if name == "sample" else spec(name).read_bytes()
    value = in_parts(content)
    assert value is not None
    assert exactly(value) == exactly(read(content, "f.yaml"))


def test_what_we_write_can_be_cut() -> None:
    document = read(DOCUMENT.encode(), "f.yaml")
    assert isinstance(document, dict)
    content = yaml_document(document).encode()
    assert exactly(in_parts(content)) == exactly(document)
