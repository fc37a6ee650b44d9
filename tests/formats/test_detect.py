from __future__ import annotations

import pytest

from oas_tasks.errors import FormatError
from oas_tasks.formats import Value, read


@pytest.mark.parametrize(
    ("file", "content", "value"),
    [
        ("a.json", b'{"a": 1}', {"a": 1}),
        ("A.JSON", b'\xef\xbb\xbf {"a": 1}', {"a": 1}),
        ("a.yaml", b"a: 1", {"a": 1}),
        ("a.yml", b"{a: 1}", {"a": 1}),
        ("dir.json/a.yaml", b"a: 1", {"a": 1}),
        ("a", b"\n [1, 2]", [1, 2]),
        ("a.txt", b"a: 1", {"a": 1}),
        ("-", b'{"a": 1}', {"a": 1}),
        # JSON is YAML, also where libyaml cannot read it
        ("a.yaml", b'{"a": "\\ud83d\\ude00\\/", "b": "\xc2\x85"}', {"a": "😀/", "b": "\x85"}),
        ("a.yaml", b'{"' + b"k" * 2000 + b'": 1}', {"k" * 2000: 1}),
        ("a.yaml", b"\xff\xfea\x00:\x00 \x001\x00", {"a": 1}),
    ],
)
def test_the_name_decides_the_format_or_else_the_text(file: str, content: bytes, value: Value) -> None:
    assert read(content, file) == value


@pytest.mark.parametrize("file", ["a.json", "a.yaml", "a.txt"])
@pytest.mark.parametrize("content", [b"", b" \n\t\r\n", b"\xef\xbb\xbf"])
def test_a_blank_file_is_empty(file: str, content: bytes) -> None:
    with pytest.raises(FormatError) as error:
        read(content, file)
    assert str(error.value) == f"{file}: the file is empty"


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("a.json", b"a: 1", "a.json:1:1: 'a' is no value of JSON; text stands in double quotes"),
        ("a.txt", b"{a: 1}", "a.txt:1:2: a key in double quotes is expected here"),
        ("a.yaml", b"{a: 1", "a.yaml:1:1: the mapping that opens here with '{' is never closed"),
        ("a.yaml", b'{"a": 1, "a": 2}', "a.yaml:1:10: the key 'a' stands in this mapping already, in line 1"),
        ("a.yaml", b"# nothing\n", "a.yaml: the file is empty"),
    ],
)
def test_a_fault_is_reported_in_terms_of_the_files_format(file: str, content: bytes, message: str) -> None:
    with pytest.raises(FormatError) as error:
        read(content, file)
    assert str(error.value) == message
