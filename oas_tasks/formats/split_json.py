"""Splits a large JSON document into the bytes of its members, without reading them.

Only the end of a span is searched; whether its text is valid shows when it is read. If the structure around the spans
is doubtful, the document is read as a whole.
"""

from __future__ import annotations

import json
import re

from oas_tasks.formats.split import Containers, Span, is_container

_SPACE = rb"[ \t\r\n]*"
_BEFORE_FIRST = re.compile(_SPACE + rb"\{" + _SPACE + rb'("(?:[^"\\]|\\.)*+")' + _SPACE + rb":" + _SPACE)
_BEFORE_NEXT = re.compile(_SPACE + rb"," + _SPACE + rb'("(?:[^"\\]|\\.)*+")' + _SPACE + rb":" + _SPACE)
_END = re.compile(_SPACE + rb"\}" + _SPACE)
_EMPTY = re.compile(_SPACE + rb"\{" + _SPACE + rb"\}" + _SPACE)


class _DoubtfulError(Exception):
    """The structure is not plain."""


def cut_json(content: bytes, containers: Containers) -> list[Span] | None:
    """Return the members of the root in order; for a container its members instead, unless it is empty.

    content: UTF-8 without a byte order mark.

    Returns None unless the text is clearly a mapping with one value for every key.
    """
    import msgspec

    decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
    try:
        return _members(content, 0, len(content), (), containers, decoder)
    except (_DoubtfulError, ValueError, RecursionError):  # msgspec raises ValueErrors
        return None


def cut_json_members(content: bytes, left: Span, right: Span, containers: Containers) -> list[Span] | None:
    """Return the members between two members of a document; None where the text there is not plain."""
    import msgspec

    decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
    # The text as a document of its own, in which the two have other values.
    around = b"".join(b"{%b:" % json.dumps(key).encode() for key in left.keys[:-1])
    text = around + b'{"":0' + content[left.end : right.start] + b"0" + b"}" * len(right.keys)
    try:
        first, *found, last = _members(text, 0, len(text), (), containers, decoder)
    except (_DoubtfulError, ValueError, RecursionError):  # the second also where there are not two
        return None
    shift = left.end - first.end
    if (
        first.keys != (*left.keys[:-1], "")
        or last.keys != right.keys
        or (last.start, last.end - last.start) != (right.start - shift, 1)
    ):
        return None
    return [Span(keys, start + shift, end + shift, "json") for keys, start, end, _ in found]


def _members(
    content: bytes, start: int, end: int, keys: tuple[str, ...], containers: Containers, decoder: object
) -> list[Span]:
    view = memoryview(content)[start:end]
    members = decoder.decode(view)  # type: ignore[attr-defined]
    if not members:
        if not _EMPTY.fullmatch(content, start, end):
            raise _DoubtfulError
        return [Span(keys, start, end, "json")] if keys else []
    found: list[Span] = []
    before, position = _BEFORE_FIRST, start
    for key, raw in members.items():
        match = before.match(content, position, end)
        # A key that occurs twice is in `members` once, in its first place and with its last value.
        if match is None or not _spells(match[1], key) or not content.startswith(bytes(raw), match.end()):
            raise _DoubtfulError
        here, (position, begin) = (*keys, key), (match.end() + len(raw), match.end())
        if is_container(here, containers) and content[begin : begin + 1] == b"{":
            found += _members(content, begin, position, here, containers, decoder)
        else:
            found.append(Span(here, begin, position, "json"))
        before = _BEFORE_NEXT
    if not _END.fullmatch(content, position, end):
        raise _DoubtfulError
    return found


def _spells(text: bytes, key: str) -> bool:
    """Whether a JSON string, with its quotation marks, is this key."""
    return text[1:-1] == key.encode() if b"\\" not in text else json.loads(text) == key
