"""Detects a file's format by its name, or else by the beginning of its text."""

from __future__ import annotations

import re
from pathlib import PurePath

from oas_tasks.errors import FormatError, Where
from oas_tasks.formats.json_read import read_json
from oas_tasks.formats.split import Containers, Span
from oas_tasks.formats.split_json import cut_json
from oas_tasks.formats.split_yaml import cut_yaml
from oas_tasks.formats.text import decode
from oas_tasks.formats.value import Format, Value

_JSON_START = re.compile(rb"[ \t\r\n]*\{[ \t\r\n]*[^\0 \t\r\n]")  # UTF-16 and UTF-32 have a zero byte there

#: In any encoding.
_MERGE_KEY = re.compile(rb"<\0*<[\0 \t\r\n]*:")

_FORMATS: dict[str, Format] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}


def cut(content: bytes, file: str, containers: Containers) -> list[Span] | None:
    """Return the members of a document that is mostly made of these mappings, if it can be split unread.

    If it cannot (None), or if `read_spans` cannot read one of them, the document has to be read as a whole.
    """
    form = _FORMATS.get(_ending(file))
    if _JSON_START.match(content):
        return cut_json(content, containers) if form != "yaml" else None
    return cut_yaml(content, containers) if form != "json" else None


def read(content: bytes, file: str) -> Value:
    """Return the value of a file.

    content: the bytes of the file, in UTF-8, UTF-16 or UTF-32.
    file: its path as the user wrote it: the ending tells the format, and errors name it.

    Raises FormatError for bytes that are not text, an empty file, and a text that its format does not allow; what else
    the file is, if that is known.
    """
    try:
        return _read(content, file)
    except FormatError:
        check_kind(content, file)
        raise


def check_kind(content: bytes, file: str) -> None:
    """Raise FormatError for a file that begins like one that is neither YAML nor JSON.

    For files that cannot be used as they are: such a beginning may be the text of a string in YAML as well.
    """
    from oas_tasks.formats.foreign_kinds import foreign_kind

    kind = foreign_kind(content)
    if kind is not None:
        raise FormatError(f"this is {kind.name}, not YAML or JSON", Where(file), kind.hint) from None


def _read(content: bytes, file: str) -> Value:
    text = decode(content, file)
    if not text.strip():
        raise FormatError("the file is empty", Where(file))
    from oas_tasks.formats.yaml_read import read_yaml  # it imports PyYAML, which JSON does not need

    form, looks_like_json = told_format(file, text)
    if form == "yaml" and looks_like_json:
        # JSON is YAML 1.2, but libyaml knows neither "\\ud83d\\ude00" nor keys over 1,024 characters
        try:
            return read_json(text, file)
        except FormatError:
            pass
    return read_json(text, file) if form == "json" else read_yaml(text, file)


def may_have_merge_keys(content: bytes) -> bool:
    """Whether the value of a file, or of a part of one, may contain a `MergeKey`."""
    return _MERGE_KEY.search(content) is not None


def _ending(file: str) -> str:
    return PurePath(file).suffix.lower()


def told_format(file: str, text: str) -> tuple[Format, bool]:
    """Return the format that a file's name tells, and whether its text begins like JSON, with `{` or `[`."""
    looks_like_json = text.lstrip(" \t\r\n")[:1] in ("{", "[")
    return _FORMATS.get(_ending(file), "json" if looks_like_json else "yaml"), looks_like_json
