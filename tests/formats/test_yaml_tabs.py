"""A blank line or comment line may have tabs (YAML 1.2.2, [78]), but in a scalar it is content."""

from __future__ import annotations

from random import Random

import pytest
import yaml

from oas_tasks.document.document import CONTAINERS
from oas_tasks.errors import FormatError
from oas_tasks.formats import cut, nested, read_spans, yaml_events
from oas_tasks.formats.yaml_events import yaml_steps
from oas_tasks.formats.yaml_read import read_yaml

#: Entries of a mapping at the root. Tab lines may follow every line except those marked with `!`.
ENTRIES = [
    ["a: 1"],
    ["b:", "  c: [1,", "    2]", "  d:", "  - x", "  - y: 1", "    z: 2"],
    ["e: |", "!  text", "!", "!  more", "f: x"],
    ["g: >-", "!    folded", "!    text"],
    ['h: "quoted', '   text"'],
    ["i: {j: 1,", "  k: 2}"],
    ["'l':", "    m: |2", "!       indented", "!      less", "    n: 1"],
    ["- is: no"],
    ["o: # comment", "  p: q"],
    ["r: plain text", "s: |+", "!  kept", "!", "t: 1"],
]
TABS = ["\t", "\t\t", " \t", "      \t ", "\t# comment", "  \t # a: b", "\t#"]
#: Tab lines that belong to no block, since the tab is to the left of its content.
BEHIND_A_BLOCK = ["\t# comment", "\t\t\t# comment", "\t", "\t\t\t\t\t\t"]


def documents(random: Random) -> tuple[str, str]:
    """Return a text, and the same with tab lines that have no meaning."""
    plain: list[str] = []
    tabbed: list[str] = []
    for number, entry in enumerate(random.sample(ENTRIES, random.randint(1, 5))):
        for line in entry if entry != ["- is: no"] else ["u:", "- 1"]:
            text = line.lstrip("!")
            text = text.replace(":", f"{number}:", 1) if text[:1].isalpha() else text
            if not line.startswith("!") and not _continues_a_text(plain) and random.random() < 0.4:
                tabbed.append(random.choice(TABS if not plain or not _is_in_block(plain) else BEHIND_A_BLOCK))
            plain.append(text)
            tabbed.append(text)
    tabbed.append(random.choice(TABS if not _is_in_block(plain) else BEHIND_A_BLOCK))
    return "\n".join(plain) + "\n", "\n".join(tabbed) + "\n"


def _continues_a_text(lines: list[str]) -> bool:
    return bool(lines) and '"' in lines[-1] and lines[-1].count('"') == 1 and ":" in lines[-1]


def _is_in_block(lines: list[str]) -> bool:
    return any(mark in line for line in lines[-4:] for mark in "|>")


@pytest.mark.parametrize("tries", [250, pytest.param(1_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("parser", ["libyaml", "PyYAML"])
def test_tab_lines_between_entries_change_nothing(parser: str, tries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if parser == "PyYAML":
        monkeypatch.setattr(yaml_events, "PARSER", yaml.SafeLoader)
    random = Random(3)
    with_tabs = 0
    for _ in range(tries):
        plain, tabbed = documents(random)
        with_tabs += "\t" in tabbed
        assert read_yaml(tabbed, "f") == read_yaml(plain, "f"), tabbed
        line_ends = tabbed.replace("\n", "\r\n")
        assert read_yaml(line_ends, "f") == read_yaml(plain, "f"), tabbed
        values = [step.value for step in yaml_steps(tabbed, "f")]
        assert values == [step.value for step in yaml_steps(plain, "f")]
    assert with_tabs > tries / 2


def test_a_tab_line_is_content_where_a_block_goes_on() -> None:
    assert read_yaml("a: |\n  x\n  \t\n  \t# y\n  z\nb: 1\n\t# comment\nc: 2\n", "f") == {
        "a": "x\n\t\n\t# y\nz\n",
        "b": 1,
        "c": 2,
    }
    assert read_yaml("a:\n  - |1\n   \tx\n   \t\n\t\t\t\t# comment\nc: 2\n", "f") == {"a": ["\tx\n\t\n"], "c": 2}


def test_a_tab_line_in_quotes_is_folded_as_blanks_are() -> None:
    assert read_yaml('a: "x\n\t# y\n\t\n  z"\n\t# comment\nb: 1\n', "f") == {"a": "x # y\nz", "b": 1}


def test_a_tab_that_indents_is_still_refused_at_its_place() -> None:
    with pytest.raises(FormatError, match="a tab stands here") as error:
        read_yaml("a:\n\t# comment\n  b: 1\n\tc: 2\n", "f")
    assert str(error.value).startswith("f:4:1: ")


def test_a_document_with_tab_lines_is_cut_all_the_same() -> None:
    text = (
        "openapi: 3.0.0\npaths:\n\t# comment\n  /a:\n    get:\n\t\n      x: 1\n \t # comment\n  /b: {}\n\t\ninfo: {}\n"
    )
    spans = cut(text.encode(), "f.yaml", CONTAINERS)
    assert spans is not None
    assert [span.keys for span in spans] == [("openapi",), ("paths", "/a"), ("paths", "/b"), ("info",)]
    values = read_spans(text.encode(), spans)
    assert values is not None
    assert nested(values) == read_yaml(text, "f")
