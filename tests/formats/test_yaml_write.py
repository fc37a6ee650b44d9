from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from oas_tasks.errors import FormatError
from oas_tasks.formats import Value
from oas_tasks.formats.value import MAX_WRITTEN_DEPTH
from oas_tasks.formats.yaml_read import read_yaml
from oas_tasks.formats.yaml_write import yaml_entry
from tests.formats.writing import render_yaml, yaml_document

from .samples import exactly, infinite, strings, values
from .test_yaml_read import at_the_end_of_the_stack


def check(text: str, value: Value) -> None:
    """Assert that every reader gets the value from a text: ours (YAML 1.2) and both of PyYAML (YAML 1.1)."""
    assert exactly(read_yaml(text, "f")) == exactly(value)
    for loader in (yaml.CSafeLoader, yaml.SafeLoader):
        assert exactly(yaml.load(text, loader)) == exactly(value), loader


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # plain: no reader takes it for anything else
        ("string", "string"),
        ("two words", "two words"),
        ("/users/{id}", "/users/{id}"),
        ("$request.body#/url", "$request.body#/url"),
        ("http://a.b/c?d=e&f=[1]#g", "http://a.b/c?d=e&f=[1]#g"),
        ('it\'s "so"', 'it\'s "so"'),
        ("3.0.4", "3.0.4"),
        ("200 OK", "200 OK"),
        ("yesterday", "yesterday"),
        ("(a) - b, [c] {d} | e > f ! g * h & i % j @ k", "(a) - b, [c] {d} | e > f ! g * h & i % j @ k"),
        ("é 日本語 😀", "é 日本語 😀"),
        ("\u200bx\xady\ue000", "\u200bx\xady\ue000"),
        ("a\\nb", "a\\nb"),
        ("<b>bold</b>", "<b>bold</b>"),
        # single quotes
        ("", "''"),
        ("it's: so", "'it''s: so'"),
        (" a", "' a'"),
        ("a ", "'a '"),
        ("\xa0a", "'\xa0a'"),
        ("a: b", "'a: b'"),
        ("a:", "'a:'"),
        ("a #b", "'a #b'"),
        ("#/components/schemas/A", "'#/components/schemas/A'"),
        ("[1]", "'[1]'"),
        ("{}", "'{}'"),
        ("*a", "'*a'"),
        ("&a", "'&a'"),
        ("!a", "'!a'"),
        ("|", "'|'"),
        (">", "'>'"),
        ("%a", "'%a'"),
        ("@a", "'@a'"),
        ("`a`", "'`a`'"),
        ('"a"', "'\"a\"'"),
        ("'a'", "'''a'''"),
        (",", "','"),
        ("- a", "'- a'"),
        ("-", "'-'"),
        ("-a", "'-a'"),
        ("?", "'?'"),
        (":a", "':a'"),
        ("---", "'---'"),
        ("...", "'...'"),
        ("... a", "'... a'"),
        # double quotes, for characters that must be escaped
        ("\t", '"\\t"'),
        ("a\tb", '"a\\tb"'),
        ("\n", '"\\n"'),
        (" \n \n", '" \\n \\n"'),
        ("a\rb", '"a\\rb"'),
        ("a\r\nb", '"a\\r\\nb"'),
        ("\0\a\b\v\f\x1b\x7f\x9f", '"\\u0000\\u0007\\b\\u000b\\f\\u001b\\u007f\\u009f"'),
        ('\x85\u2028\u2029\ufeff\ufffe\uffff"\\', '"\\u0085\\u2028\\u2029\\ufeff\\ufffe\\uffff\\"\\\\"'),
        # neither strings nor filled containers
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-12, "-12"),
        (10**30, "1" + "0" * 30),
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (1e16, "1.0e+16"),
        (1.5e300, "1.5e+300"),
        (1e-07, "1.0e-07"),
        (float("inf"), ".inf"),
        (float("-inf"), "-.inf"),
        (float("nan"), ".nan"),
        ({}, "{}"),
        ([], "[]"),
    ],
)
def test_on_one_line_it_writes(value: Value, text: str) -> None:
    assert render_yaml(value, 4) == f" {text}\n"
    assert yaml_entry("k", value, 4) == f"    k: {text}\n"
    assert yaml_entry("k", [value], 0) == f"k:\n  - {text}\n"
    check(yaml_document({"k": value, "l": [value, [value]]}), {"k": value, "l": [value, [value]]})


# fmt: off
AMBIGUOUS = [
    "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES", "no",
    "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "y", "Y", "n", "N", "<<", "=",
    "0", "12", "+1", "-1", "1_000", "1,000", "017", "0777", "08", "0o17", "0x1F", "0x", "0b101",
    "012345678912345678", "12:30:45", "18:00", "190:20:30.15", "1e3", "1E3", "1e", "1.5", "1.", "0.", ".",
    ".5", "+.5", "1.5e-3", "1_0.5", ".inf", "+.inf", "-.Inf", ".INF", ".nan", ".NaN", "2001-12-14",
    "2001-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5", "2001-12-15 2:59:43.10",
    "2001-12-14T21:59:43Z",
]
# fmt: on


@pytest.mark.parametrize("string", AMBIGUOUS)
def test_a_string_that_a_reader_may_take_for_something_else_is_quoted(string: str) -> None:
    assert yaml_entry(string, string, 0) == f"'{string}': '{string}'\n"
    check(yaml_document({string: [string]}), {string: [string]})


def test_blocks_are_laid_out_in_steps_of_two() -> None:
    value: dict[str, Value] = {
        "tags": ["a", "b"],
        "parameters": [{"name": "x", "in": "query", "schema": {"type": "string"}}, {"$ref": "#/a"}],
        "200": {"description": "OK", "content": {}},
        "matrix": [["a", ["b", {"c": [], "d": {"e": 1}}]], [], {}],
    }
    text = dedent("""\
        tags:
          - a
          - b
        parameters:
          - name: x
            in: query
            schema:
              type: string
          - $ref: '#/a'
        '200':
          description: OK
          content: {}
        matrix:
          - - a
            - - b
              - c: []
                d:
                  e: 1
          - []
          - {}
        """)
    assert yaml_document(value) == text
    check(text, value)
    indented = "".join(yaml_entry(key, child, 4) for key, child in value.items())
    assert indented == "".join("    " + line for line in text.splitlines(keepends=True))


@pytest.mark.parametrize(
    ("string", "text"),
    [
        ("# Title\n\nText with *stars*.\n", "k: |\n  # Title\n\n  Text with *stars*.\n"),
        ("a\nb", "k: |-\n  a\n  b\n"),
        ("a\nb\n\n\n", "k: |+\n  a\n  b\n\n\n"),
        ("a  \n  b\n\tc\n \nd", "k: |-\n  a  \n    b\n  \tc\n   \n  d\n"),
        (" a\nb", "k: |2-\n   a\n  b\n"),
        ("\na\n", "k: |2\n\n  a\n"),
        ("a: b\n- c\n...\n---\n", "k: |\n  a: b\n  - c\n  ...\n  ---\n"),
        ("x" * 5_000 + " y\n", "k: |\n  " + "x" * 5_000 + " y\n"),
        # not reversible in every reader, or invisible
        ("\ta\nb", 'k: "\\ta\\nb"\n'),
        ("a\n ", 'k: "a\\n "\n'),
        ("a\n\t\n", 'k: "a\\n\\t\\n"\n'),
        ("a\r\nb", 'k: "a\\r\\nb"\n'),
        ("a\nb\u2028", 'k: "a\\nb\\u2028"\n'),
        ("a\n\x07", 'k: "a\\n\\u0007"\n'),
    ],
)
def test_a_string_of_many_lines_is_a_literal_block_where_it_can_be(string: str, text: str) -> None:
    assert yaml_entry("k", string, 0) == text
    values: list[Value] = [string, [string, [string]], {"l": [{"m": string, "n": string}]}]
    for value in values:
        check(yaml_entry("k", value, 0) + "z: 1\n", {"k": value, "z": 1})


def test_a_long_line_is_never_folded() -> None:
    text = yaml_document({"k": "word " * 2_000 + "end", "l": "it's: " * 2_000 + "é\n"})
    assert text.count("\n") == 3


@pytest.mark.parametrize(
    "value",
    ["x", "a\nb", 1, {}, {"a": {"b": 1}}, [1, ["a\nb"]]],
    ids=["text", "lines", "1", "{}", "{..}", "[..]"],
)
@pytest.mark.parametrize(
    "key", ["k" * 1_001, "é" * 600, "a b: " * 300, "\t" * 600], ids=["k", "é", "quoted", "escaped"]
)
def test_a_key_too_long_for_a_colon_on_its_line_is_an_explicit_key(key: str, value: Value) -> None:
    text = yaml_entry(key, value, 0)
    assert text.startswith("? ")
    outers: list[dict[str, Value]] = [{key: value, "z": 1}, {"a": {"b": [{key: value}, {"y": 0, key: value}]}}]
    for outer in outers:
        check(yaml_document(outer), outer)


def test_a_key_of_up_to_a_thousand_bytes_is_on_the_line_of_its_colon() -> None:
    assert yaml_entry("k" * 1_000, 1, 0) == "k" * 1_000 + ": 1\n"


def test_shared_objects_are_written_out() -> None:
    shared: Value = {"a": [1]}
    assert yaml_document({"b": shared, "c": shared}) == "b:\n  a:\n    - 1\nc:\n  a:\n    - 1\n"


def test_an_empty_document_is_an_empty_mapping() -> None:
    assert yaml_document({}) == "{}\n"


@pytest.mark.parametrize("value", [{"\ud800": 1}, "\ud83d", ["a\n\udc00"], {"é": "\udfff"}])
def test_half_of_a_surrogate_pair_is_refused(value: Value) -> None:
    with pytest.raises(FormatError, match=r"half of a surrogate pair \(U\+D"):
        yaml_entry("k", value, 0)


def test_an_integer_too_long_is_refused() -> None:
    with pytest.raises(FormatError, match="this integer has more than 4,300 digits"):
        yaml_entry("k", 10**5_000, 0)


def nested(levels: int) -> Value:
    value: Value = 1
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def test_a_value_nested_without_end_is_refused() -> None:
    endless: list[Value] = []
    endless.append(endless)
    for value in (endless, nested(MAX_WRITTEN_DEPTH + 1), nested(50_000)):
        with pytest.raises(FormatError, match="nested more than 1,000 levels deep"):
            yaml_entry("k", value, 0)


def test_it_writes_with_little_of_the_stack_left() -> None:
    value = nested(255)
    text = at_the_end_of_the_stack(lambda: yaml_entry("k", value, 0), 20)
    assert read_yaml(text, "f") == {"k": value}


@given(strings, st.one_of(values, infinite))
def test_what_is_written_is_what_every_reader_reads(key: str, value: Value) -> None:
    check(yaml_document({key: value}), {key: value})


@given(strings, values, st.sampled_from([2, 4, 6]))
def test_an_entry_can_have_any_indentation(key: str, value: Value, indent: int) -> None:
    heads = [" " * depth + "x:\n" for depth in range(0, indent, 2)]
    entry = yaml_entry(key, value, indent)
    expected: Any = {key: value, "last": 1} if key != "last" else {key: value}
    last = yaml_entry("last", 1, indent) if key != "last" else ""
    for _ in heads:
        expected = {"x": expected}
    check("".join(heads) + entry + last, expected)
    assert render_yaml(value, indent) == yaml_entry("x", value, indent)[indent + 2 :]


@given(values)
def test_a_document_is_its_entries(value: Value) -> None:
    root: dict[str, Value] = {"a": value, "b": [value], "c": {"d": value}}
    assert yaml_document(root) == "".join(yaml_entry(key, child, 0) for key, child in root.items())


@given(values)
def test_what_is_read_back_is_written_as_it_was(value: Value) -> None:
    text = yaml_document({"a": value})
    again = read_yaml(text, "f")
    assert isinstance(again, dict)
    assert yaml_document(again) == text
