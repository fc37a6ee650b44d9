from __future__ import annotations

import gc
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oas_tasks.errors import FormatError
from oas_tasks.formats import Value
from oas_tasks.formats.json_read import read_json
from oas_tasks.formats.value import MAX_DEPTH, MAX_DIGITS

from .samples import exactly, strings, values
from .test_yaml_read import at_the_end_of_the_stack


def message_of(text: str) -> str:
    with pytest.raises(FormatError) as error:
        read_json(text, "f")
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"b": 1, "a": [true, false, null], "": {}}', {"b": 1, "a": [True, False, None], "": {}}),
        (" \t\r\n[]\n", []),
        ("0", 0),
        ("-0", 0),
        ("-0.0", -0.0),
        ("1e3", 1000.0),
        ("1E-2", 0.01),
        ("1" * MAX_DIGITS, int("1" * MAX_DIGITS)),
        ('"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\ud83d\\ude00"', '"\\/\b\f\n\r\tA😀'),
        ('"\x7f\x85\u2028😀"', "\x7f\x85\u2028😀"),
        ('"\\\\ud800"', "\\ud800"),  # a backslash, and no escape
        ('{"<<": {"a": 1}, "on": "2001-12-14"}', {"<<": {"a": 1}, "on": "2001-12-14"}),
        ('{"a": {"b": 1}, "b": {"b": 2}}', {"a": {"b": 1}, "b": {"b": 2}}),
    ],
)
def test_it_reads(text: str, value: Value) -> None:
    assert exactly(read_json(text, "f")) == exactly(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "f: the file is empty"),
        (" \n", "f: the file is empty"),
        ('{"a": 1,\n "b": 2,\n "a": 3}', "f:3:2: the key 'a' stands in this mapping already, in line 1"),
        ('{"a": 1, "\\u0061": 3}', "f:1:10: the key 'a' stands in this mapping already, in line 1"),
        ("[NaN]", "f:1:2: 'NaN' is no value of JSON"),
        ("[Infinity]", "f:1:2: 'Infinity' is no value of JSON"),
        ("[\n-Infinity]", "f:2:1: '-Infinity' is no value of JSON"),
        ("[1e99999999999999999999]", "f:1:2: this number is too large"),
        ("[-1e99999999999999999999]", "f:1:2: this number is too large"),
        (f"[{'1' * (MAX_DIGITS + 1)}]", "f:1:2: this integer has more than 4,300 digits"),
        ('["a", "\\ud83d"]', "f:1:7: this string holds half of a surrogate pair, which is no character"),
        ('{"\\udc00\\ud83d": 1}', "f:1:2: this string holds half of a surrogate pair"),
        ('["\ud83d"]', "f:1:2: this string holds half of a surrogate pair"),
        ('["\\ud83d\\ude00", "\\uDE00"]', "f:1:18: this string holds half of a surrogate pair"),
        ("{", "f:1:1: the mapping that opens here is never closed"),
        ('{"a": [1, 2\n', "f:1:7: the list that opens here is never closed"),
        ('{"a"', "f:1:1: the mapping that opens here is never closed"),
        ('{"a": ', "f:1:1: the mapping that opens here is never closed"),
        ('["a', "f:1:2: the string that opens here is never closed"),
        ('["a\nb"]', "f:1:4: a string holds a raw control character or line break"),
        ('["\\q"]', "f:1:3: there is no such escape in JSON"),
        ('["\\u12"]', "f:1:4: '\\u' must have 4 hexadecimal digits behind it"),
        ('{"a": 1,}', "f:1:8: there is a ',' behind the last entry of this mapping"),
        ("[1,\n]", "f:1:3: there is a ',' behind the last entry of this list"),
        ("[1 2]", "f:1:4: a ',' or the closing ']' is missing"),
        ("[1}", "f:1:3: a ',' or the closing ']' is missing"),
        ("[1,,2]", "f:1:4: a value is expected here"),
        ("{,}", "f:1:2: a key in double quotes is expected here"),
        ("{1: 2}", "f:1:2: a key in double quotes is expected here"),
        ("{'a': 2}", "f:1:2: text stands in double quotes in JSON, not in single ones"),
        ("['a']", "f:1:2: text stands in double quotes in JSON, not in single ones"),
        ('{"a" 2}', "f:1:6: a ':' is expected behind a key"),
        ("[1, // one\n]", "f:1:5: JSON has no comments"),
        ("[1] # one", "f:1:5: there is more text after the end of the document"),
        ("{} {}", "f:1:4: there is more text after the end of the document"),
        ("[True]", "f:1:2: 'True' is no value of JSON"),
        ("[01]", "f:1:2: '01' is no value of JSON"),
        ("[+1]", "f:1:2: '+1' is no value of JSON"),
        ("[.5]", "f:1:2: '.5' is no value of JSON"),
        ("[1.]", "f:1:2: '1.' is no value of JSON"),
        ("[\xa01]", "f:1:2: a value is expected here"),
        ("[\x00]", "f:1:2: a value is expected here"),
        ("[\u0661]", "f:1:2: '\u0661' is no value of JSON"),  # a digit, but not ASCII's
    ],
)
def test_it_refuses(text: str, message: str) -> None:
    assert message_of(text).startswith(message)


@pytest.mark.parametrize("opening, closing", [("[", "]"), ('{"a":', "}")])
def test_nesting_ends_in_a_plain_error(opening: str, closing: str) -> None:
    innermost = "1" if closing == "}" else ""
    read_json(opening * MAX_DEPTH + innermost + closing * MAX_DEPTH, "f")
    column = len(opening) * MAX_DEPTH + 1
    for depth in (MAX_DEPTH + 1, 900, 100_000):
        assert message_of(opening * depth + innermost + closing * depth) == (
            f"f:1:{column}: mappings and lists are nested more than 256 levels deep"
        )


def test_it_reads_with_little_of_the_stack_left() -> None:
    text = '{"a": "\\ud83d\\ude00", "b": ' + "[" * 200 + "1" + "]" * 200 + "}"
    assert read_json(text, "f") == at_the_end_of_the_stack(lambda: read_json(text, "f"), 30)


@pytest.mark.parametrize("text", ["[1]", "[", '{"a": 1, "a": 1}'])
def test_the_garbage_collector_is_left_on(text: str) -> None:
    assert gc.isenabled()
    with suppress(FormatError):
        read_json(text, "f")
    assert gc.isenabled()


@given(values)
def test_it_reads_what_the_standard_library_writes(value: Value) -> None:
    assert exactly(read_json(json.dumps(value), "f")) == exactly(value)
    assert exactly(read_json(json.dumps(value, indent=1, ensure_ascii=False), "f")) == exactly(value)


@given(st.lists(st.sampled_from(["{", "}", "[", "]", ":", ",", '"', "a", "\\", " ", "1", "-", ".", "e", "true"])))
def test_it_accepts_no_text_that_the_standard_library_does_not(pieces: list[str]) -> None:
    text = "".join(pieces)
    try:
        expected = json.loads(text)
    except ValueError:
        message_of(text)
    else:
        try:
            assert read_json(text, "f") == expected
        except FormatError as error:
            assert "stands in this mapping already" in error.message or "too large" in error.message


@given(values, strings)
def test_the_careful_way_reads_the_same(value: Value, key: str) -> None:
    from oas_tasks.formats.json_read import _careful

    text = json.dumps({key: value, "other": [value]})
    assert exactly(_careful(text, "f")) == exactly(json.loads(text))
