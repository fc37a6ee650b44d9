"""Writes YAML that readers of YAML 1.1 and of 1.2 read alike: block style, no aliases, no folding.

It writes entries as complete lines. So a document is the concatenation of its entries, and a part can be rendered once
for many documents.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from oas_tasks.errors import FormatError
from oas_tasks.formats.decimals import decimal_text, is_number
from oas_tasks.formats.value import MAX_WRITTEN_DEPTH, Value, integer_text

if TYPE_CHECKING:
    from decimal import Decimal

_STEP = "  "

#: The longest key that all readers accept before a colon (1,024 characters; some count bytes, 1.2.2 section 7.4.2).
_MAX_KEY_BYTES = 1_000


def yaml_entry(key: str, value: Value, indent: int) -> str:
    """Return the complete lines of one entry of a mapping, indented by `indent` spaces.

    The value's own lines are indented below the key, a list's dashes too.

    Raises FormatError for half of a surrogate pair in a string, and for a value nested beyond
    MAX_WRITTEN_DEPTH.
    """
    return _lines(iter(((key, value),)), " " * indent)


class _Texts(dict[str, str]):
    """A cache of the spelling of strings: most of them, such as "type", occur many times in a document.

    A spelling is empty if it depends on the place of the string.
    """

    _LONGEST_KEPT = 64
    _MOST_KEPT = 100_000

    def keep(self, string: str, text: str) -> str:
        if len(string) <= self._LONGEST_KEPT:
            if len(self) >= self._MOST_KEPT:
                self.clear()
            self[string] = text
        return text


class _ValueTexts(_Texts):
    """Spells strings as values on one line; empty for those with line breaks."""

    def __missing__(self, string: str) -> str:
        return self.keep(string, one_line(string) if "\n" not in string else "")


class _KeyTexts(_Texts):
    """Spells strings as keys, with the colon; empty for those that are too long for a simple key."""

    def __missing__(self, string: str) -> str:
        text = one_line(string)
        return self.keep(string, text + ":" if len(text.encode()) <= _MAX_KEY_BYTES else "")


_VALUES = _ValueTexts()
_KEYS = _KeyTexts()


def _lines(entries: Iterator[Any], pad: str) -> str:
    """Return the lines of a mapping's entries, indented by `pad`."""
    # No recursion, since the caller may be deep in its own. `lead` is the text in front of the next line: the pad of
    # its container, or the dashes in front of the first line of a container in a list.
    lines: list[str] = []
    append = lines.append
    values, keys = _VALUES, _KEYS
    stack: list[tuple[Iterator[Any], bool, str]] = []
    in_mapping = True
    lead = pad
    while True:
        for entry in entries:
            if in_mapping:
                key, value = entry
                head = keys[key]
                if not head:
                    head = f"? {one_line(key)}\n{pad}:"
            else:
                head = "-"
                value = entry
            kind = type(value)
            if kind is str:
                text = values[value] or _many_lines(value, pad)
            elif kind is dict or kind is list:
                if value:
                    if len(stack) >= MAX_WRITTEN_DEPTH:
                        raise FormatError(f"the value is nested more than {MAX_WRITTEN_DEPTH:,} levels deep")
                    stack.append((entries, in_mapping, pad))
                    pad += _STEP
                    if in_mapping:
                        append(f"{lead}{head}\n")
                        lead = pad
                    else:
                        lead += "- "
                    in_mapping = kind is dict
                    entries = iter(value.items() if in_mapping else value)
                    break
                text = "{}" if kind is dict else "[]"
            else:
                text = _scalar(value)
            append(f"{lead}{head} {text}\n")
            lead = pad
        else:
            if not stack:
                return "".join(lines)
            entries, in_mapping, pad = stack.pop()
            lead = pad


def _many_lines(string: str, pad: str) -> str:
    """Return a string with line breaks, as a literal block if it can be one; no line break behind it."""
    header = block_header(string)
    if header is None:
        return double_quoted(string)
    pad += _STEP
    body = string[:-1] if string[-1] == "\n" else string
    return "\n".join([header, *(pad + line if line else "" for line in body.split("\n"))])


def _scalar(value: Value) -> str:
    """Return the text of anything but a string, mapping or list."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if type(value) is int:
        return integer_text(value)
    if type(value) is float:
        return _float(value)
    if is_number(value):
        return _decimal(value)  # type: ignore[arg-type]  # it is no other number
    raise TypeError(f"{type(value).__name__} is no value of YAML")


def _decimal(exact: Decimal) -> str:
    text = decimal_text(exact)
    mantissa, mark, exponent = text.partition("e")
    if not mark:
        return text if "." in text else f"{text}.0"  # else it would be an integer
    # A reader of YAML 1.1 takes 1e400 and 1.0e400 for strings.
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent if exponent[0] == '-' else '+' + exponent}"


def _float(number: float) -> str:
    if math.isfinite(number):
        text = repr(number)
        # a reader of YAML 1.1 takes 1e+16 for a string
        return text if "." in text else text.replace("e", ".0e")
    return ".nan" if math.isnan(number) else ".inf" if number > 0 else "-.inf"


#: Texts that some reader takes for null, a boolean, a merge or a default, in any case.
#: YAML 1.1: yaml.org/type/bool, null, merge, value; YAML 1.2.2: section 10.3.2.
_WORDS = frozenset(("~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "<<", "="))

#: Texts that look like a number (even a sexagesimal one) or a date to some reader; for safety it matches more than any
#: of them. YAML 1.1: yaml.org/type/int, float, timestamp; also `1,000`, by Ruby's Psych.
_NUMBER_LIKE = re.compile(r"[-+.0-9][-+.0-9a-fxo_,:]*\Z|[0-9]{4}-[0-9]|[-+]?\.(?:inf|nan)\Z", re.IGNORECASE)

#: By the letter of YAML 1.1 a version is a float, but no reader takes it for one: it could not read any
#: `openapi: 3.0.4`.
_VERSION = re.compile(r"[0-9]+\.[0-9]+(?:\.[0-9]+)+")

#: A plain string can begin with these or anything that is not ASCII; the other signs are YAML's indicators,
#: and three dots at the beginning of a line end a document.
_PLAIN_BEGINNING = re.compile(r"(?!\.\.\.)[A-Za-z0-9_/$(\\^;~+.<=)]|[^\x00-\x7f]")

#: Characters that must be escapes in double quotes. Beyond what YAML forbids (1.2.2, section 5.1): the line breaks of
#: YAML 1.1 and the byte order mark, which readers fold or drop; the tab, which is invisible. In a block, line
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
    """Return `string` on one line, as it is written after a key or a dash, or as a key.

    Raises FormatError for half of a surrogate pair, which is no character.
    """
    # isprintable is fast, but outside of ASCII it depends on the version of Unicode
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
    """Return the header of a literal block for `string`, or None if no literal block can hold it.

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
