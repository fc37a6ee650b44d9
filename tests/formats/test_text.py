from __future__ import annotations

import codecs

import pytest

from oas_tasks.errors import FormatError
from oas_tasks.formats.text import decode, line_and_column

ENCODINGS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize("mark", [True, False], ids=["marked", "unmarked"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_of_yaml_is_detected_by_its_first_bytes(encoding: str, mark: bool) -> None:
    text = "a: é 日本 😀\n"
    content = (ENCODINGS[encoding] if mark else b"") + text.encode(encoding)
    assert decode(content, "a.yaml") == text


def test_no_bytes_are_an_empty_text() -> None:
    assert decode(b"", "a.yaml") == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"a: 1\nb: \xff",
            "a.yaml:2:4: this is not UTF-8 text: the byte 0xFF at offset 8 does not belong there. Save",
        ),
        (b"\xef\xbb\xbfa: \xe9\n", "a.yaml:1:4: this is not UTF-8 text: the byte 0xE9 at offset 6"),
        (b"a: \xed\xa0\x80", "a.yaml:1:4: this is not UTF-8 text"),  # a surrogate, encoded
        (b"a\x00:\x00 \x00\x00\xd8", "a.yaml:1:4: this is not UTF-16 text: the byte 0x00 at offset 6"),
        (b"\xff\xfe\x00\x00a", "a.yaml:1:1: this is not UTF-32 text"),
    ],
)
def test_bytes_that_are_no_text_are_named_with_their_place(content: bytes, message: str) -> None:
    with pytest.raises(FormatError) as error:
        decode(content, "a.yaml")
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("offset", "place"), [(0, (1, 1)), (1, (1, 2)), (2, (2, 1)), (5, (3, 1)), (7, (4, 1)), (8, (4, 2))]
)
def test_line_feeds_carriage_returns_and_both_end_a_line(offset: int, place: tuple[int, int]) -> None:
    assert line_and_column("a\nb\r\nc\rde", offset) == place
