"""Decodes bytes to text, and turns offsets into the lines and columns that an editor shows."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence

from oas_tasks.errors import FormatError, Where

#: YAML 1.2, section 5.2, table 5.2, in its order: how a text begins, its encoding, bytes of byte order mark.
#: The same zero bytes identify the encoding of JSON (RFC 4627, section 3).
_FIRST_BYTES: tuple[tuple[re.Pattern[bytes], str, int], ...] = tuple(
    (re.compile(beginning, re.DOTALL), encoding, mark)
    for beginning, encoding, mark in (
        (rb"\x00\x00\xfe\xff", "utf-32-be", 4),
        (rb"\x00\x00\x00.", "utf-32-be", 0),
        (rb"\xff\xfe\x00\x00", "utf-32-le", 4),
        (rb".\x00\x00\x00", "utf-32-le", 0),
        (rb"\xfe\xff", "utf-16-be", 2),
        (rb"\x00.", "utf-16-be", 0),
        (rb"\xff\xfe", "utf-16-le", 2),
        (rb".\x00", "utf-16-le", 0),
        (rb"\xef\xbb\xbf", "utf-8", 3),
        (rb"", "utf-8", 0),
    )
)

_LINE_BREAK = re.compile(r"\r\n?|\n")


def encoding_of(content: bytes) -> tuple[str, int]:
    """Return the name of the encoding of a text, and the number of bytes of its byte order mark."""
    return next((name, mark) for start, name, mark in _FIRST_BYTES if start.match(content))


def decode(content: bytes, file: str) -> str:
    """Return the text of a file, without its byte order mark.

    The first bytes identify the encoding (UTF-8, UTF-16 or UTF-32, in either byte order).
    Source: YAML 1.2, section 5.2.

    Raises FormatError if the bytes are not text in that encoding.
    """
    encoding, mark = encoding_of(content)
    try:
        return content[mark:].decode(encoding)
    except UnicodeDecodeError as error:
        text_before = content[mark : mark + error.start].decode(encoding)
        line, column = line_and_column(text_before, len(text_before))
        offset = mark + error.start
        name = encoding.upper().removesuffix("-BE").removesuffix("-LE")
        byte = f"the byte 0x{content[offset]:02X} at offset {offset:,}"
        raise FormatError(
            f"this is not {name} text: {byte} does not belong there",
            Where(file, line, column),
            "Save the file as UTF-8",
        ) from None


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and the column, both counted from 1, of a character of `text`."""
    line, start = 1, 0
    for line_break in _LINE_BREAK.finditer(text, 0, offset):
        line, start = line + 1, line_break.end()
    return line, offset - start + 1


def line_starts(text: str) -> Sequence[int]:
    """Return the offsets at which the lines of `text` begin."""
    return array("Q", (0, *(line_break.end() for line_break in _LINE_BREAK.finditer(text))))


def where(text: str, offset: int, file: str) -> Where:
    """Return the place of a character in a file's text, for a message."""
    line, column = line_and_column(text, offset)
    return Where(file, line, column)
