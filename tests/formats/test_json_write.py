from __future__ import annotations

import json
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oas_tasks.errors import FormatError
from oas_tasks.formats import Value
from oas_tasks.formats.json_read import read_json
from oas_tasks.formats.json_write import canonical, json_entry
from tests.formats.writing import json_document

from .samples import exactly, infinite, strings, values
from .test_yaml_read import at_the_end_of_the_stack
from .test_yaml_write import nested


def test_entries_are_laid_out_in_steps_of_two() -> None:
    value: Value = {"tags": ["a", {}], "content": {"é\n": {"x": 1.0, "y": []}}, "z": None}
    assert json_entry("200", value, 4) == (
        '    "200": {\n'
        '      "tags": [\n'
        '        "a",\n'
        "        {}\n"
        "      ],\n"
        '      "content": {\n'
        '        "é\\n": {\n'
        '          "x": 1.0,\n'
        '          "y": []\n'
        "        }\n"
        "      },\n"
        '      "z": null\n'
        "    }"
    )
    assert json_document({"a": [1]}) == dedent("""\
        {
          "a": [
            1
          ]
        }
        """)


@given(values)
def test_it_is_laid_out_as_the_standard_library_does(value: Value) -> None:
    assert json_document(value) == json.dumps(value, indent=2, ensure_ascii=False) + "\n"


@given(strings, values, st.integers(0, 9))
def test_an_entry_can_be_joined_at_any_indent(key: str, value: Value, indent: int) -> None:
    pad = " " * indent
    entry = json_entry(key, value, indent)
    whole = json.dumps({key: value}, indent=2, ensure_ascii=False)
    assert entry == "\n".join(pad + line[2:] for line in whole.split("\n")[1:-1])
    assert exactly(read_json("{" + entry + ',\n"second key": 1}', "f")) == exactly({key: value, "second key": 1})


@given(values)
def test_what_is_written_is_what_is_read(value: Value) -> None:
    assert exactly(read_json(json_document(value), "f")) == exactly(value)


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_json_has_no_infinity_and_no_nan(number: float) -> None:
    values: list[Value] = [number, {"a": [number]}]
    for value in values:
        with pytest.raises(FormatError, match="JSON has no infinity and no NaN"):
            json_entry("k", value, 0)


@pytest.mark.parametrize("value", [{"\ud800": 1}, "\ud83d", ["\udc00\ud83d"], {"é": "😀\udfff"}, "\ud83d\ude00"])
def test_half_of_a_surrogate_pair_is_refused(value: Value) -> None:
    for write in (json_document, canonical):
        with pytest.raises(FormatError, match=r"half of a surrogate pair \(U\+D"):
            write(value)
    with pytest.raises(FormatError, match="half of a surrogate pair"):
        json_entry("\ud800", 1, 0)


def test_an_integer_too_long_is_refused() -> None:
    for write in (json_document, canonical):
        with pytest.raises(FormatError, match="this integer has more than 4,300 digits"):
            write([10**5_000])


def test_a_value_nested_without_end_is_refused() -> None:
    endless: list[Value] = []
    endless.append(endless)
    for value in (endless, nested(50_000)):
        for write in (json_document, canonical):
            with pytest.raises(FormatError, match="nested more than 1,000 levels deep"):
                write(value)


def test_it_writes_with_little_of_the_stack_left() -> None:
    value = nested(255)
    assert read_json(at_the_end_of_the_stack(lambda: json_document(value), 20), "f") == value
    assert at_the_end_of_the_stack(lambda: canonical(value), 20) == canonical(value)


@pytest.mark.parametrize(
    ("value", "content"),
    [
        (
            {"b": [1, 1.0, True, None], "a": "é😀\u2028"},
            b'{"b":[1,1.0,true,null],"a":"\\u00e9\\ud83d\\ude00\\u2028"}',
        ),
        ([float("nan"), float("inf"), float("-inf"), -0.0], b"[NaN,Infinity,-Infinity,-0.0]"),
        ({}, b"{}"),
        ("\\ud800", b'"\\\\ud800"'),
    ],
)
def test_canonical_bytes_are_compact_json(value: Value, content: bytes) -> None:
    assert canonical(value) == content


def test_different_values_have_different_canonical_bytes() -> None:
    different: list[Value] = [
        None,
        "null",
        True,
        "true",
        False,
        0,
        0.0,
        -0.0,
        1,
        1.0,
        "1",
        "1.0",
        float("nan"),
        "NaN",
    ]
    different += [
        float("inf"),
        "Infinity",
        float("-inf"),
        "",
        " ",
        [],
        [[]],
        {},
        [{}],
        {"": []},
        {"a": 1},
        {"a": 1.0},
    ]
    different += [
        {"a": 1, "b": 2},
        {"b": 2, "a": 1},
        ["a", "b"],
        ["a,b"],
        ['a","b'],
        "é",
        "\\u00e9",
        "e\u0301",
        "\\",
    ]
    assert len({canonical(value) for value in different}) == len(different)


@given(st.one_of(values, infinite), st.one_of(values, infinite))
def test_canonical_bytes_are_equal_exactly_where_values_are(one: Value, other: Value) -> None:
    assert (canonical(one) == canonical(other)) == (exactly(one) == exactly(other))


@given(st.one_of(values, infinite))
def test_canonical_bytes_are_the_same_deep_in_the_stack(value: Value) -> None:
    wrapped: Value = [value]
    for _ in range(50):
        wrapped = [wrapped]
    assert at_the_end_of_the_stack(lambda: canonical(wrapped), 40) == canonical(wrapped)
