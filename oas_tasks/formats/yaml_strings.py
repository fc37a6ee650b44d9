"""How a string is spelt in YAML, so that a reader of YAML 1.1 and a reader of YAML 1.2 both read that string.

Plain where nobody can take it for anything else, else in single quotes; in double quotes with escapes where
it holds characters that must not stand raw; with line breaks as a literal block, which keeps Markdown
readable. Nothing is ever folded.
"""

from __future__ import annotations

import re

from oas_tasks.errors import FormatError

#: What some reader takes for null, a boolean, a merge or a default, in whatever case.
#: YAML 1.1: yaml.org/type/bool, null, merge, value; YAML 1.2.2: section 10.3.2.
_WORDS = frozenset(("~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "<<", "="))

#: What looks like a number, a sexagesimal one or a date to some reader: more than any of them takes, for
#: safety. YAML 1.1: yaml.org/type/int, float, timestamp; also `1,000`, by Ruby's Psych.
_NUMBER_LIKE = re.compile(r"[-+.0-9][-+.0-9a-fxo_,:]*\Z|[0-9]{4}-[0-9]|[-+]?\.(?:inf|nan)\Z", re.IGNORECASE)

#: By the letter of YAML 1.1 a version is a float, but no reader takes it for one: it would stumble over every
#: `openapi: 3.0.4`.
_VERSION = re.compile(r"[0-9]+\.[0-9]+(?:\.[0-9]+)+")

#: A plain string can begin with these or anything that is not ASCII; the other signs are YAML's indicators,
#: and three dots at the beginning of a line end a document.
_PLAIN_BEGINNING = re.compile(r"(?!\.\.\.)[A-Za-z0-9_/$(\\^;~+.<=)]|[^\x00-\x7f]")

#: What must be an escape in double quotes. Beyond what YAML forbids (1.2.2, section 5.1): the line breaks of
#: YAML 1.1 and the byte order mark, which readers fold or drop; the tab, which nobody sees. In a block, line
#: feeds and tabs are themselves.
_ESCAPED = re.compile('[\x00-\x1f"\\\\\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]')
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_NOT_IN_BLOCK = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")

_SHORT_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
}


def one_line(string: str) -> str:
    """Return `string` as it stands behind a key or a dash, or as a key, on one line.

    Raises FormatError for half of a surrogate pair, which is no character.
    """
    # isprintable is fast, but knows another set of characters with every Unicode version outside of ASCII
    if not string.isprintable() if string.isascii() else _UNPRINTABLE.search(string):
        return double_quoted(string)
    if (
        _PLAIN_BEGINNING.match(string)
        and (not _NUMBER_LIKE.match(string) or _VERSION.fullmatch(string))
        and ": " not in string
        and " #" not in string
        and string[-1] != ":"
        and string == string.strip()
        and (len(string) > 5 or string.lower() not in _WORDS)
    ):
        return string
    return "'" + string.replace("'", "''") + "'"


def double_quoted(string: str) -> str:
    """Return `string` in double quotes. Raises FormatError for half of a surrogate pair."""
    return '"' + _ESCAPED.sub(_escape, string) + '"'


def block_header(string: str) -> str | None:
    """Return what stands behind the key of a literal block that holds `string`, or None where none can.

    A block can hold a string with a line break and a visible character, none that must be escaped, and no
    line of blanks at its end (where editors strip them and readers differ). Where the first line is empty or
    begins with a blank the header tells the indentation, for a reader could not.
    """
    body = string.rstrip("\n")
    if "\n" not in string or not body.strip() or _NOT_IN_BLOCK.search(string):
        return None
    if string[0] == "\t" or not body[body.rfind("\n") + 1 :].strip():
        return None
    breaks_behind = len(string) - len(body)
    indentation = "2" if string[0] in " \n" else ""
    return "|" + indentation + ("-" if breaks_behind == 0 else "" if breaks_behind == 1 else "+")


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if "\ud800" <= character <= "\udfff":
        half = f"U+{ord(character):04X}"
        raise FormatError(f"a string holds half of a surrogate pair ({half}), which is no character")
    return _SHORT_ESCAPES.get(character) or f"\\u{ord(character):04x}"
