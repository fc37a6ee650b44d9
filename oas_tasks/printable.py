"""Makes text from a document, a cache, git or the environment safe to print.

A terminal obeys escape sequences, a log is read line by line, and CI services obey lines that look like commands. All
text for people goes through here, a line at a time, and so does JSON that is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: Texts that a CI service takes for a command: GitHub's `::name ...::` at the start of a line, blanks in front of it
#: allowed, and `##[name]`, `##vso[name]`, `##teamcity[name]` anywhere in it.
_COMMAND = r"\A(\s*):(?=:)|#(?=#\w*\[)"

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    """Return a text on one line, without anything that a terminal or a CI service obeys.

    Control, format and bidirectional characters, surrogates and line separators become escapes such as `\\u001b`; so
    does one character of a command. A text that was made printable before does not change.
    """
    if not text.isprintable():
        text = "".join(each if each.isprintable() else _escape(each) for each in text)
    if "::" in text or "##" in text:
        text = re.sub(_COMMAND, lambda found: (found[1] or "") + _escape(found[0][-1]), text)
    return text


def printable_lines(lines: Iterable[str]) -> str:
    """Return texts as lines, each made printable and ended."""
    return "".join(f"{printable(line)}\n" for line in lines)


def printable_json(value: object, indent: int | None = 2) -> str:
    """Return a value as JSON in ASCII with a final line break, in which a CI service finds no command either.

    indent: None for all of it on one line.
    """
    import json  # a run with nothing to do does not need it

    text = json.dumps(value, indent=indent, separators=None if indent else (",", ":"))
    return re.sub(r"#(?=#\w*\[)", r"\\u0023", text) + "\n"


def _escape(character: str) -> str:
    code = ord(character)
    return _SHORT.get(character) or (f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")
