from __future__ import annotations

import gc
import sys
from contextlib import suppress
from typing import Any

import pytest
import yaml

from oas_tasks.errors import FormatError
from oas_tasks.formats import Value, yaml_events, yaml_read
from oas_tasks.formats.value import MAX_ALIASED_NODES, MAX_DEPTH, MAX_DIGITS, MergeKey
from oas_tasks.formats.yaml_read import read_yaml

from .samples import exactly


@pytest.fixture(params=["libyaml", "PyYAML"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs with both parsers of PyYAML, which must agree."""
    monkeypatch.setattr(yaml_events, "PARSER", yaml.CSafeLoader if request.param == "libyaml" else yaml.SafeLoader)


def message_of(text: str) -> str:
    with pytest.raises(FormatError) as error:
        read_yaml(text, "f")
    return str(error.value)


PLAIN: list[tuple[str, Value]] = [
    ("~", None),
    ("null", None),
    ("Null", None),
    ("NULL", None),
    ("", None),
    ("nULL", "nULL"),
    ("true", True),
    ("True", True),
    ("TRUE", True),
    ("false", False),
    ("False", False),
    ("FALSE", False),
    ("tRUE", "tRUE"),
    ("yes", "yes"),
    ("No", "No"),
    ("on", "on"),
    ("OFF", "OFF"),
    ("y", "y"),
    ("n", "n"),
    ("0", 0),
    ("-0", 0),
    ("+12", 12),
    ("-3", -3),
    ("017", 17),
    ("0o17", 15),
    ("0o18", "0o18"),
    ("-0o17", "-0o17"),
    ("0x1F", 31),
    ("0x1g", "0x1g"),
    ("0b11", "0b11"),
    ("1_000", "1_000"),
    ("12:30:45", "12:30:45"),
    ("012345678912345678", 12345678912345678),
    ("9" * 30, int("9" * 30)),
    ("1.5", 1.5),
    ("1.", 1.0),
    (".5", 0.5),
    ("-.5", -0.5),
    (".", "."),
    ("-0.0", -0.0),
    ("1e3", 1000.0),
    ("1E+3", 1000.0),
    ("1.5e-3", 0.0015),
    ("1e", "1e"),
    ("e3", "e3"),
    (".e3", ".e3"),
    ("1.2.3", "1.2.3"),
    (".inf", float("inf")),
    ("+.Inf", float("inf")),
    ("-.INF", float("-inf")),
    (".iNF", ".iNF"),
    (".nan", float("nan")),
    (".NaN", float("nan")),
    ("-.nan", "-.nan"),
    ("inf", "inf"),
    ("NaN", "NaN"),
    ("2001-12-14", "2001-12-14"),
    ("2001-12-14 21:59:43.10 -5", "2001-12-14 21:59:43.10 -5"),
    ("<<", "<<"),
    ("=", "="),
    ("\u0661\u0662", "\u0661\u0662"),  # digits, but not ASCII's
    ("1\u00a0", "1\u00a0"),
]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(("text", "value"), PLAIN)
def test_a_plain_scalar_is_what_the_core_schema_says(text: str, value: Value) -> None:
    assert exactly(read_yaml(f"k: {text}\n", "f")) == exactly({"k": value})
    assert exactly(read_yaml(f"- {text}\n- {text}\n", "f")) == exactly([value, value])


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("text", [text for text, _ in PLAIN if text])
@pytest.mark.parametrize("form", ["'{}'", '"{}"', "|-\n    {}\n", ">-\n    {}\n", "! {}", "!!str {}"])
def test_a_scalar_that_is_not_plain_is_its_text(text: str, form: str) -> None:
    assert read_yaml("k: " + form.format(text), "f") == {"k": text}


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    "key", [text for text, _ in PLAIN if text] + ["'200'", '"on"', "!!int 3", "&a 200", "! 200", "!!null ~"]
)
def test_a_key_is_its_literal_text(key: str) -> None:
    literal = key.split(" ")[-1].strip("'\"") if key[0] in "'\"!&" else key
    assert read_yaml(f"{key}: x\n", "f") == {literal: "x"}
    assert read_yaml(f"? {key}\n: x\n", "f") == {literal: "x"}


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: 1, b}", {"a": 1, "b": None}),
        ("? a\n? b\n", {"a": None, "b": None}),
        ("<<: {a: 1}\nb: 2", {MergeKey("<<"): {"a": 1}, "b": 2}),
        ("'<<': {a: 1}\nb: 2", {"<<": {"a": 1}, "b": 2}),
        ("- - a\n  - b\n- {}\n- []", [["a", "b"], {}, []]),
        ("b: 1\na: 2\nc: 3", {"b": 1, "a": 2, "c": 3}),
        ("just text\nthat goes on", "just text that goes on"),
        ("--- 12\n...\n", 12),
        ("---\n", None),
        ("%YAML 1.2\n---\na: 1", {"a": 1}),
        ("%YAML 1.1\n---\na: on", {"a": "on"}),
        ("%TAG !y! tag:yaml.org,2002:\n---\n!y!str 1", "1"),
        ("[a: 1, b: 2]", [{"a": 1}, {"b": 2}]),
        ("{a:1}", {"a:1": None}),
        ('{"a":1}', {"a": 1}),
        ("[http://a.b/c#f]", ["http://a.b/c#f"]),
        ("a: |\n  x\n   y\n\n  z\nb: >\n  x\n  y\n", {"a": "x\n y\n\nz\n", "b": "x y\n"}),
        ("a: |+\n  x\n\nb: |-\n  x\n\n", {"a": "x\n\n", "b": "x"}),
        ("a: |\n  x", {"a": "x\n"}),
        ("a: 1\r\nb: |\r\n  x\r\n  y\r\n", {"a": 1, "b": "x\ny\n"}),
        (
            r'"\0\a\b\t\n\v\f\r\e\"\/\\\N\_\L\P\x41\u00e9\U0001f600"',
            '\0\a\b\t\n\v\f\r\x1b"/\\\x85\xa0\u2028\u2029Aé😀',
        ),
        ("'it''s'", "it's"),
        ("\ufeffa: 1", {"a": 1}),
        ("'\ufeff'", "\ufeff"),
        ("😀: é", {"😀": "é"}),
        # aliases
        ("a: &x 200\nb: *x\n*x : c", {"a": 200, "b": 200, "200": "c"}),
        ("&k on: 1\nb: *k", {"on": 1, "b": "on"}),
        ("- &a 1\n- &a 2\n- *a", [1, 2, 2]),
        ("a: &x [&x 1, *x]\nb: *x", {"a": [1, 1], "b": 1}),
        # tags
        ("!!map {a: !!seq [!!int 0x1F]}", {"a": [31]}),
        ("! {a: ! [1]}", {"a": [1]}),
        ("!<tag:yaml.org,2002:str> 1", "1"),
        (
            "[!!int '12', !!float 1, !!float .inf, !!bool True, !!null '', !!str , 1]",
            [12, 1.0, float("inf"), True, None, "", 1],
        ),
    ],
)
def test_it_reads(text: str, value: Value) -> None:
    assert exactly(read_yaml(text, "f")) == exactly(value)


@pytest.mark.parametrize(("text", "value"), [("a:\tb", {"a": "b"}), ("[a?b]", ["a?b"])])
def test_libyaml_reads_what_pyyaml_alone_refuses(text: str, value: Value) -> None:
    assert read_yaml(text, "f") == value


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"])
def test_a_line_break_of_yaml_1_1_is_a_character_like_any_other(character: str) -> None:
    text = "# ?a: 1\nb?: c?d\ne: 'f? g'\nh: |\n  i?j\n\ue000: \ue001\n".replace("?", character)
    assert read_yaml(text, "f") == {
        f"b{character}": f"c{character}d",
        "e": f"f{character} g",
        "h": f"i{character}j\n",
        "\ue000": "\ue001",
    }
    assert message_of(text + "h: 1\n").startswith("f:7:1: the key 'h' stands in this mapping already, in line 4")


FAULTS = {
    # YAML that a document may not contain
    "": "f: the file is empty",
    "# only\n# comments\n": "f: the file is empty",
    "a: 1\nb: 2\na: 3": "f:3:1: the key 'a' stands in this mapping already, in line 1",
    "200: 1\n'200': 2": "f:2:1: the key '200' stands in this mapping already, in line 1",
    "- {b: 1}\n- [{b: 1,\n   c: {b: 2}, b: 3}]": "f:3:15: the key 'b' stands in this mapping",
    "&x a: 1\n*x : 2": "f:2:1: the key 'a' stands in this mapping already, in line 1",
    "a: 1\n" + "k" * 90 + ": 1\n" + "k" * 90 + ": 1": (
        f"f:3:1: the key '{'k' * 80}...' stands in this mapping already, in line 2"
    ),
    "[a]: 1": "f:1:1: a mapping's key must be a single value, and this is a mapping or a list",
    "? {a: 1}\n: 1": "f:1:3: a mapping's key must be a single value, and this is a mapping or a list",
    "a: &x [1]\n*x : 1": "f:2:1: a mapping's key must be a single value, and this is a mapping or a list",
    "a: 1\n---\nb: 1": "f:2:1: a second document begins here, and only one can be read",
    "a: 1\n---\n": "f:2:1: a second document begins here, and only one can be read",
    "a: *b": "f:1:4: the alias *b has no anchor &b in front of it. Text that begins with '*' must be",
    "a: *b\nc: &b 1": "f:1:4: the alias *b has no anchor",
    "a: &b [1, {c: *b}]": "f:1:15: the alias *b stands inside the very thing that it is an alias for",
    "a: !foo 1": "f:1:4: the tag !foo means nothing in OpenAPI's YAML",
    "!foo a: 1": "f:1:1: the tag !foo means nothing in OpenAPI's YAML",
    "a: !foo {b: 1}": "f:1:4: the tag !foo means nothing in OpenAPI's YAML",
    "a: !!timestamp 2001-12-14": "f:1:4: the tag !!timestamp means nothing in OpenAPI's YAML",
    "a: !!set {b}": "f:1:4: the tag !!set means nothing in OpenAPI's YAML",
    "a: !!binary aGk=": "f:1:4: the tag !!binary means nothing in OpenAPI's YAML",
    "a: !!int 1_000": "f:1:4: the tag !!int does not fit '1_000'",
    "a: !!bool yes": "f:1:4: the tag !!bool does not fit 'yes'",
    "a: !!null x": "f:1:4: the tag !!null does not fit 'x'",
    "a: !!float " + "x" * 50: f"f:1:4: the tag !!float does not fit '{'x' * 40}...'",
    "!!int a: 1": "f:1:1: the tag !!int does not fit 'a'",
    "a: !!seq {b: 1}": "f:1:4: the tag !!seq does not fit a mapping",
    "a: !!map [1]": "f:1:4: the tag !!map does not fit a list",
    "a: !!str [1]": "f:1:4: the tag !!str does not fit a list",
    "a: !!map b": "f:1:4: the tag !!map does not fit a single value",
    "a: 1e99999999999999999999": "f:1:4: this number is too large",
    "a: -1e99999999999999999999": "f:1:4: this number is too large",
    # differences between YAML 1.2 and libyaml
    "[?a]": "f:1:3: inside [] or {} a text that begins with '?' must be in quotes",
    "{b: 1, ?a: 1}": "f:1:9: inside [] or {} a text that begins with '?' must be in quotes",
    "- &a:b c": "f:1:3: the name of '&a' can only have letters, digits, '_' and '-', then a blank",
    "- &a b\n- *a:": "f:2:3: the name of '*a' can only have letters, digits, '_' and '-', then a blank",
    "a: x\ufeff": "f:1:4: a byte order mark (U+FEFF) stands in the middle of the text",
}


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(("text", "message"), FAULTS.items())
def test_it_refuses(text: str, message: str) -> None:
    assert message_of(text).startswith(message)


MALFORMED = {
    "a:\n\tb: 1": "f:2:1: a tab stands here, where YAML allows only spaces",
    "\ta: 1": "f:1:1: a tab stands here",
    "a: 1\n\tb": "f:2:1: a tab stands here",
    "a: |\n\tb": "f:2:1: a tab stands here",
    "-\ta": "f:1:2: a tab stands here",
    "a: b: c": "f:1:5: a ':' stands where no key can be; check the indentation, and put text that",
    "a: 1\n  b: 2": "f:2:4: a ':' stands where no key can be",
    "a: 1\nb\nc: 2": "f:2:1: this is neither 'key: value' nor an item of a list",
    "a: 'b\nc": "f:1:4: the quote that opens here is never closed",
    'a: "b\n': "f:1:4: the quote that opens here is never closed",
    "a: {b: 1": "f:1:4: the mapping that opens here with '{' is never closed",
    "a: [b\n": "f:1:4: the list that opens here with '[' is never closed",
    "a: [b,": "f:1:7: the text ends inside a list or mapping that is not closed",
    "a: [b c: d e]x\nb: [1, 2\nc: 3": "f:",
    "a: [1 2\nb: 3\n": "f:2:2: a ',' or the closing ']' of a list is missing",
    'a: "b" c': "f:1:8: there is more text after the end of a value",
    "- a\nb: 1": "f:2:1: an item '- ...' of the list above is expected here",
    "a:\n  b: 1\n c: 2": "f:3:2: this line's indentation fits nothing above it",
    ": a": "f:1:1: there is no key in front of this ':'",
    "a: - b": "f:1:4: a list item cannot stand here",
    "a: @b": "f:1:4: a value cannot begin with '@'; put it in quotes",
    "a: `b`": "f:1:4: a value cannot begin with '`'; put it in quotes",
    'a: "\\q"': "f:1:5: there is no such escape in double quotes",
    'a: "\\ud83d\\ude00"': "f:1:7: this escape is not a Unicode character",
    'a: "\\ud800"': "f:1:7: this escape is not a Unicode character",
    'a: "\\xg0"': "f:1:7: an escape in double quotes lacks hexadecimal digits",
    "a: !h!x 1": "f:1:4: this tag is not declared; text that begins with '!' must be in quotes",
    "a: *": "f:1:5: this is no name of an anchor or alias; text that begins with '&' or",
    "a: |0\n b": "f:1:5: the indentation after '|' or '>' is 1 to 9",
    "a: | b": "f:1:6: only a comment may stand on this line",
    "a: !]": "f:1:4: this is no tag; text that begins with '!' must be in quotes",
    "a: !<b c": "f:1:4: this is no tag; text that begins with '!' must be in quotes",
    "[a:]": "f:1:3: a ':' stands where no key ends; inside [] or {} text with a ':' must be in quotes",
    "%": "f:1:1: a line that begins with '%' is a directive",
    "%-": "f:1:1: a line that begins with '%' is a directive",
    "%FOO\n---\na": "f:1:1: a line that begins with '%' is a directive",
    "%YAML 1.3\n---\na": "f:1:1: the file says it is a version of YAML other than 1.1 or 1.2",
    "a\n...\nb": "f:3:1: there is more text after the end of the document",
    "k" * 1030 + ": 1": "f:1:1: a key longer than 1,024 characters must be written as '? key', with ': value' below",
    "a: 1\n" + "k" * 1030 + ": 1": "f:2:1: a key longer than 1,024 characters",
    "a: x\x00": "f:1:5: the character U+0000 is not allowed in YAML. Remove it, or write it as an escape",
    "a: 1\nb: '\x07'": "f:2:5: the character U+0007 is not allowed in YAML",
    "a: \x7f": "f:1:4: the character U+007F is not allowed in YAML",
    "a: \ufffe": "f:1:4: the character U+FFFE is not allowed in YAML",
    "a: \ud83d": "f:1:4: the character U+D83D is not allowed in YAML",
}


@pytest.mark.parametrize(("text", "message"), MALFORMED.items())
def test_errors_of_libyaml_are_put_into_plain_words(text: str, message: str) -> None:
    assert message_of(text).startswith(message)


#: Texts that PyYAML's own parser reads, rightly.
LET_PASS_BY_PYYAML: dict[str, Value] = {
    "%YAML 1.3\n---\na": "a",
    "%FOO\n---\na": "a",
    "[a:]": [{"a": None}],
}


@pytest.mark.parametrize("text", [*MALFORMED, *FAULTS])
def test_the_same_texts_are_refused_without_libyaml(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_events, "PARSER", yaml.SafeLoader)
    if text in LET_PASS_BY_PYYAML:
        assert read_yaml(text, "f") == LET_PASS_BY_PYYAML[text]
    else:
        message_of(text)


def test_aliases_share_an_object() -> None:
    value: Any = read_yaml("a: &x {b: [1]}\nc: *x\n", "f")
    assert value["a"] is value["c"]


def bomb(levels: int, width: int, leaf: str = "x") -> str:
    lines = [f"a0: &a0 [{', '.join([leaf] * width)}]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    "text",
    [
        bomb(30, 10),
        bomb(8, 10),
        bomb(30, 10).replace("[", "{a: [").replace("]", "]}"),
        "a: &a " + "x" * 64_000 + "\nb:\n" + "  - *a\n" * 2_000,
        "a: &a {" + "x" * 1_000 + ": 1}\nb:\n" + "  - *a\n" * 200_000,
    ],
    ids=["deep bomb", "seven levels", "of mappings", "of a long text", "of long keys"],
)
def test_aliases_that_would_blow_up_the_document_are_refused(text: str) -> None:
    if len(text) > 1_000_000 and yaml_events.PARSER is yaml.SafeLoader:
        pytest.skip("takes half a minute")
    assert "with its aliases written out the document grows by over 2,000,000 nodes" in message_of(text)


def test_aliases_within_the_limit_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &a [x, {k: y}]\nb: [*a, *a]\n"  # the alias adds a list, a text, a mapping, a key and a text
    monkeypatch.setattr(yaml_read, "MAX_ALIASED_NODES", 10)
    assert read_yaml(text, "f") == {"a": ["x", {"k": "y"}], "b": [["x", {"k": "y"}]] * 2}
    monkeypatch.setattr(yaml_read, "MAX_ALIASED_NODES", 9)
    assert message_of(text).startswith("f:2:9: ")


def test_a_big_document_without_aliases_hits_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_read, "MAX_ALIASED_NODES", 0)
    assert len(read_yaml("- x\n" * 100_000, "f")) == 100_000  # type: ignore[arg-type]
    assert MAX_ALIASED_NODES >= 1_000_000


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("opening, closing", [("[", "]"), ("{a: ", "}"), ("- ", "x")])
def test_nesting_ends_in_a_plain_error(opening: str, closing: str) -> None:
    ends = closing if closing == "x" else closing * MAX_DEPTH
    read_yaml(opening * MAX_DEPTH + ends, "f")
    for depth in (MAX_DEPTH + 1, 20_000):
        message = message_of(opening * depth + (closing if closing == "x" else closing * depth))
        assert message.endswith(": mappings and lists are nested more than 256 levels deep")


def test_aliases_do_not_get_around_the_limit_of_nesting() -> None:
    half = MAX_DEPTH // 2
    text = f"a: &a {'[' * half}{']' * half}\nb: {'[' * (half - 1)}*a{']' * (half - 1)}\n"
    read_yaml(text, "f")
    assert message_of(text.replace("*a", "[*a]")) == (
        "f:2:132: mappings and lists are nested more than 256 levels deep"
    )


@pytest.mark.parametrize(
    "text", ["1" * (MAX_DIGITS + 1), "-" + "1" * (MAX_DIGITS + 1), "0x" + "f" * 4_000, "0o" + "7" * 5_000]
)
def test_an_integer_of_absurd_length_is_refused(text: str) -> None:
    assert message_of(f"a:\n  - {text}") == "f:2:5: this integer has more than 4,300 digits"


@pytest.mark.parametrize("text", ["1" * MAX_DIGITS, "-" + "1" * MAX_DIGITS, "0x" + "f" * 3_500])
def test_an_integer_that_python_can_write_is_read(text: str) -> None:
    assert str(read_yaml(text, "f"))


def at_the_end_of_the_stack(action: Any, room: int) -> Any:
    """Call `action` with only `room` frames of Python's stack left."""
    frame, depth = sys._getframe(), 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1  # type: ignore[assignment]

    def descend(levels: int) -> Any:
        return descend(levels - 1) if levels else action()

    return descend(sys.getrecursionlimit() - depth - room)


def test_it_reads_with_little_of_the_stack_left() -> None:
    text = "a: &a " + "[" * 200 + "1" + "]" * 200 + "\nb: *a\n"
    assert read_yaml(text, "f") == at_the_end_of_the_stack(lambda: read_yaml(text, "f"), 30)


@pytest.mark.parametrize("text", ["a: 1", "a: [", "a: 1\na: 1"])
@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_alone(text: str, enabled: bool) -> None:
    was = gc.isenabled()
    try:
        gc.enable() if enabled else gc.disable()
        with suppress(FormatError):
            read_yaml(text, "f")
        assert gc.isenabled() is enabled
    finally:
        gc.enable() if was else gc.disable()
