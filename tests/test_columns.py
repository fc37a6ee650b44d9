"""Text is shortened or folded to the columns of a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oas_tasks.columns import fitting, folded, width_of

#: Letters that take one column, two and none.
TEXTS = st.text(alphabet="ab c用戶é\u0301/", max_size=60)


@pytest.mark.parametrize(("text", "width"), [("GET /a", 6), ("用户", 4), ("é", 1), ("e\u0301", 1), ("", 0)])
def test_the_width_of_a_text(text: str, width: int) -> None:
    assert width_of(text) == width


@given(TEXTS, st.integers(1, 50))
def test_a_text_is_shortened_only_where_it_does_not_fit(text: str, columns: int) -> None:
    shown = fitting(text, columns)
    assert width_of(shown) <= columns
    assert (shown == text) == (width_of(text) <= columns)


def test_it_is_shortened_in_the_middle() -> None:
    assert fitting("Reading some/deep/folder/api.yaml (13 MB) ...", 30) == "Reading some/...ml (13 MB) ..."


@given(TEXTS, st.integers(4, 50))
def test_folding_keeps_every_word_and_breaks_none(text: str, columns: int) -> None:
    lines = folded(text, columns).splitlines()
    assert " ".join(lines).split() == text.split()
    for line in lines:
        assert width_of(line) <= columns or len(line.split()) == 1


def test_the_rest_of_a_line_is_indented() -> None:
    assert folded("  24 endpoints: GET /a, GET /b\nshort\n", 20) == "  24 endpoints: GET\n    /a, GET /b\nshort\n"
