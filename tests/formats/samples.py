"""Values for property tests, with strings made to trip a reader, and a comparison that sees every type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

#: Real documents outside of the repository; tests that need them are skipped if they are missing.
SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"

#: Each has a meaning to some reader; joined they look like structure, comments, escapes and line breaks.
# fmt: off
SNIPPETS = [
    "", " ", "  ", "\t", "\n", "\n\n", "\r", "\r\n", ":", ": ", " :", " #", "#", "-", "- ", "---", "...",
    "... ", "?", "? ", "|", ">", "|-\n", "%", "@", "`", '"', "'", "''", "&a", "*a", "!", "!!int ", "[",
    "]", "{", "}", ",", "~", "null", "Null", "true", "FALSE", "yes", "No", "on", "OFF",
    "y", "N", "<<", "=", "0", "1", "-1", "+1", "017", "0o17", "0x1F", "0b11", "1e3", "1.5", "1.",
    ".5", "1_000", "1,000", "12:30:45", "190:20:30.15", ".inf", "-.INF", ".nan", "2001-12-14",
    "2001-12-14 21:59:43.10 -5", "3.0.4", "1.0e+16", "012345678912345678", "a", "b c", "key: value\n  - x",
    "$ref", "#/components", "/users/{id}", "<b>", "\\", "\\n", "\\u0041", "é", "日本語", "😀",
    "\x85", "\u2028", "\u2029", "\ufeff", "\x00", "\x07", "\x1b", "\x7f", "\x9f", "\xa0",
    "\u3000", "\u200b", "\ue000", "\ue001", "\ufffd", "\ufffe", "\uffff", "\U0010ffff", "k" * 130, "w" * 1030,
]
# fmt: on

strings = st.one_of(
    st.text(max_size=20),
    st.lists(st.sampled_from(SNIPPETS), max_size=6).map("".join),
    st.lists(st.sampled_from(["\n", " ", "\t", "a", "- b", "# c", "d: e"]), max_size=9).map("".join),
)

numbers = st.one_of(
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 1, -1, 0.0, -0.0, 1.0, 1e16, 1e-5, 1e300, 5e-324, 10**400, -(2**64)]),
)

#: Values that both formats can express.
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, strings),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(strings, inner, max_size=4)),
    max_leaves=12,
)

infinite = st.sampled_from([float("inf"), float("-inf"), float("nan")])


def exactly(value: Any) -> Any:
    """Return a value that equals another only if types, order of keys and signs of zeros do too."""
    if isinstance(value, dict):
        return "mapping", [(exactly(key), exactly(child)) for key, child in value.items()]
    if isinstance(value, list):
        return "list", [exactly(child) for child in value]
    return type(value).__name__, repr(value)
