from __future__ import annotations

import json
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oas_tasks.document.document import CONTAINERS
from oas_tasks.formats import Value, read
from oas_tasks.formats.locate import Locator, locate
from oas_tasks.formats.positions import Index, find
from oas_tasks.formats.yaml_events import yaml_steps
from tests.conftest import slow_where_long
from tests.formats.writing import yaml_document

from .samples import SPECS, strings, values

YAML = """\
openapi: 3.1.0
paths:
  /users/{id}:
    get: &get
      tags: [a, b]
      '200':
        - x
        - description: |
            text
          on: 1
    put: *get
    patch:
      <<: {a: 1}
  empty:
base: &base {k: *get}
&name alias: *base
? complex
: - 1
*name : found
"""

JSON = """\
{
  "openapi": "3.1.0", "paths": {
    "/users/{id}": {"get": {"tags": ["a",
      "b"], "200": []},
      "x": null}
  }
}
"""

Case = tuple[str, list[str], tuple[int, int], tuple[int, int]]

CASES: list[Case] = [
    ("a.yaml", [], (1, 1), (1, 1)),
    ("a.yaml", ["openapi"], (1, 10), (1, 1)),
    ("a.yaml", ["paths", "/users/{id}", "get"], (4, 10), (4, 5)),
    ("a.yaml", ["paths", "/users/{id}", "get", "tags"], (5, 13), (5, 7)),
    ("a.yaml", ["paths", "/users/{id}", "get", "tags", "1"], (5, 17), (5, 17)),
    ("a.yaml", ["paths", "/users/{id}", "get", "200", "1"], (8, 11), (8, 11)),
    ("a.yaml", ["paths", "/users/{id}", "get", "200", "1", "on"], (10, 15), (10, 11)),
    ("a.yaml", ["paths", "/users/{id}", "patch", "<<", "a"], (13, 15), (13, 12)),
    # aliases: a final one is found itself, others are followed
    ("a.yaml", ["paths", "/users/{id}", "put"], (11, 10), (11, 5)),
    ("a.yaml", ["paths", "/users/{id}", "put", "tags", "0"], (5, 14), (5, 14)),
    ("a.yaml", ["alias", "k", "200", "0"], (7, 11), (7, 11)),
    ("a.yaml", ["complex", "0"], (18, 5), (18, 5)),
    # places that do not exist: the deepest one that does
    ("a.yaml", ["paths", "/users/{id}", "delete", "tags"], (4, 5), (3, 3)),
    ("a.yaml", ["paths", "/users/{id}", "get", "tags", "2"], (5, 13), (5, 7)),
    ("a.yaml", ["paths", "/users/{id}", "get", "tags", "-"], (5, 13), (5, 7)),
    ("a.yaml", ["paths", "/users/{id}", "get", "tags", "01"], (5, 13), (5, 7)),
    ("a.yaml", ["openapi", "x"], (1, 10), (1, 1)),
    ("a.yaml", ["nothing"], (1, 1), (1, 1)),
    ("a.json", [], (1, 1), (1, 1)),
    ("a.json", ["openapi"], (2, 14), (2, 3)),
    ("a.json", ["paths", "/users/{id}", "get", "tags", "1"], (4, 7), (4, 7)),
    ("a.json", ["paths", "/users/{id}", "get", "200"], (4, 20), (4, 13)),
    ("a.json", ["paths", "/users/{id}", "x", "y"], (5, 12), (5, 7)),
    ("a.json", ["paths", "/users/{id}", "y"], (3, 20), (3, 5)),
]


@pytest.mark.parametrize(
    ("file", "tokens", "value", "key"),
    CASES,
    ids=lambda part: "/".join(part) if isinstance(part, list) else "",
)
def test_it_finds_the_line_and_column(
    file: str, tokens: list[str], value: tuple[int, int], key: tuple[int, int]
) -> None:
    content = (YAML if file == "a.yaml" else JSON).encode()
    assert locate(content, file, tokens) == value
    assert locate(content, file, tokens, key=True) == key
    for containers in ((), (("paths",), ("base",))):
        locator = Locator(content, file, containers)
        for _ in range(4):  # the whole text is searched, until an index pays
            assert locator.locate(tokens) == value


def test_json_is_found_in_a_file_that_is_called_yaml() -> None:
    assert locate(b'{"a": "\\ud83d\\ude00", "b": [1]}', "a.yaml", ["b", "0"]) == (1, 29)
    assert locate(b"{a: x, b: [1]}", "a.yaml", ["b", "0"]) == (1, 12)


def test_a_byte_order_mark_is_no_column() -> None:
    assert locate(b"\xef\xbb\xbfa: 1", "a.yaml", ["a"]) == (1, 4)
    assert locate("a: 1".encode("utf-16"), "a.yaml", ["a"]) == (1, 4)


def test_a_line_break_of_yaml_1_1_is_no_line() -> None:
    assert locate("a: x\x85y\nb\u2028: [1]".encode(), "a.yaml", ["b\u2028", "0"]) == (2, 6)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("a.yaml", b""),
        ("a.yaml", b"# c\n"),
        ("a.yaml", b"a: \xff"),
        ("a.yaml", b"a: ["),
        ("a.yaml", b"\x00"),
        ("a.yaml", b"{"),
        ("a.json", b""),
        ("a.json", b"{"),
        ("a.json", b"a: 1"),
    ],
)
def test_in_a_text_that_cannot_be_read_nothing_is_found(file: str, content: bytes) -> None:
    assert locate(content, file, ["b", "c"]) is None


def test_a_place_in_front_of_a_fault_is_found() -> None:
    assert locate(b"a: 1\nb: [", "a.yaml", ["a"]) == (1, 4)
    assert locate(b"a: *none\n", "a.yaml", ["a", "b"]) == (1, 4)
    assert locate(b"a: &x {b: *x}\n", "a.yaml", ["a", "b", "b", "b", "c"]) == (1, 11)


def pointers(value: Any) -> Any:
    """Yield every pointer into a value."""
    yield []
    for token, child in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        for tail in pointers(child):
            yield [str(token), *tail]


@given(values)
def test_every_value_is_found_at_its_place(value: Value) -> None:
    root: dict[str, Value] = {"root": value}
    text = json.dumps(root, indent=1)
    lines = text.split("\n")
    for tokens in pointers(root):
        at = locate(text.encode(), "a.json", tokens)
        assert at is not None
        target: Any = root
        for token in tokens:
            target = target[token] if isinstance(target, dict) else target[int(token)]
        rest = "\n".join([lines[at[0] - 1][at[1] - 1 :], *lines[at[0] :]])
        assert json.JSONDecoder().raw_decode(rest)[0] == target
        assert locate(yaml_document(root).encode(), "a.yaml", tokens) is not None


TREES = st.dictionaries(strings, st.one_of(values, st.dictionaries(strings, values, max_size=4)), max_size=4)


@given(TREES, st.sampled_from(["a.json", "a.yaml"]), st.sampled_from(["\n", "\r\n", "\r"]))
@example({"a": {"é": [1, {"b": 2}], "c": 3}, "é": "é"}, "a.json", "\r\n")
def test_a_locator_finds_what_is_found_in_the_whole_text(tree: dict[str, Value], file: str, newline: str) -> None:
    text = yaml_document(tree) if file == "a.yaml" else json.dumps(tree, indent=1, ensure_ascii=False)
    content = text.replace("\n", newline).encode()
    uncut = Locator(text.encode("utf-16"), file, [])
    locator = Locator(content, file, [(key,) for key in list(tree)[::2]])
    for tokens in pointers(tree):
        for each in (tokens, [*tokens, "not there"]):
            assert locator.locate(each) == locate(content, file, each)
            assert uncut.locate(each) == locate(text.encode("utf-16"), file, each)


@pytest.mark.parametrize("name", slow_where_long(["box.json", "twilio.yaml", "stripe.yaml", "openai.yaml"]))
def test_a_locator_finds_places_of_real_documents(name: str) -> None:
    file = SPECS / name
    if not file.exists():
        pytest.skip(f"{name} is not here")
    content = file.read_bytes()
    locator = Locator(content, name, CONTAINERS)
    every = list(pointers(read(content, name)))
    assert len(every) > 10_000
    for tokens in every[:: len(every) // 4]:
        assert locator.locate(tokens) == locate(content, name, tokens)


def anchored(random: Random, depth: int, as_key: bool = False) -> str:
    """Return a node of YAML in flow style, with anchors and aliases anywhere, some of them broken."""
    kind, anchor = random.random(), f"&{random.choice('abc')} " if random.random() < 0.25 else ""
    if kind < 0.2:
        return f"*{random.choice('abc')} "
    if depth > 3 or kind < 0.45 or (as_key and kind < 0.9):
        return anchor + random.choice(["k", "x", "0", "1"])
    if kind < 0.75 or as_key:
        entries = (f"? {anchored(random, depth + 1, True)} : {anchored(random, depth + 1)}" for _ in range(3))
        return f"{anchor}{{{', '.join(entries)}}}"
    return f"{anchor}[{', '.join(anchored(random, depth + 1) for _ in range(random.randint(0, 3)))}]"


def test_an_index_finds_what_a_search_finds() -> None:
    random = Random(4)
    compared = 0
    for _ in range(2_000):
        steps = partial(yaml_steps, anchored(random, 0) + "\n", "")
        index = Index(steps())
        for _ in range(5):
            tokens = random.choices(["k", "x", "0", "1", "2"], k=random.randint(0, 5))
            assert index.find(tokens) == find(steps, tokens)
            compared += index.find(tokens).value > 0
    assert compared > 1_000
