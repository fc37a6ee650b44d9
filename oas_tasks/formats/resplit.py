"""Splits a large document again after an edit, starting from where its members were before.

Both cutters go through a text from its beginning, and what they find of a member depends on its own bytes and on where
it begins. So what is in front of the first byte that changed is cut as before; a member that changed ends where its own
text does; and if what follows is what followed it before, it is cut as before again. Only the bytes of members that
changed are looked at, all others are compared by their hash.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from xxhash import xxh3_64_hexdigest, xxh3_128_hexdigest

from oas_tasks.formats.split import Containers, Span, is_container
from oas_tasks.formats.split_yaml import begins_with_key, column_of_member, end_of_member, is_plain
from oas_tasks.formats.value import Format


class Cut(NamedTuple):
    """A document that was split before.

    spans: its members.
    digests: xxh3-128 of each one's bytes, 32 hex digits.
    gaps: xxh3-64 of what stands in front of each, and of what follows the last, 16 hex digits.
    """

    spans: tuple[Span, ...]
    digests: tuple[str, ...]
    gaps: tuple[str, ...]


def compared(content: bytes, spans: Sequence[Span]) -> Cut:
    """Return a document's members with what later ones are compared by."""
    view = memoryview(content)
    starts = [0, *(span.end for span in spans)]
    ends = [*(span.start for span in spans), len(content)]
    return Cut(
        tuple(spans),
        tuple(xxh3_128_hexdigest(view[span.start : span.end]) for span in spans),
        tuple(xxh3_64_hexdigest(view[start:end]) for start, end in zip(starts, ends, strict=True)),
    )


def cut_again(content: bytes, before: Cut, length: int, containers: Containers) -> Cut | None:
    """Return the members of a document that was cut before, where the same ones follow one another.

    length: of the text that was cut before, in bytes.

    Returns None if the members are others, or if that can only be known by splitting the whole text.
    """
    found = _Members(content, before, containers)
    for index in range(len(before.spans)):
        if not found.go_on(index) and not (found.last_has_grown() and found.go_on(index)):
            return None
    rest = length - before.spans[-1].end if before.spans else length
    if not found.ends(rest) and not (found.last_has_grown() and found.ends(rest)):
        return None
    return Cut(tuple(found.spans), tuple(found.digests), before.gaps)


class _Members:
    """The members that were found so far."""

    def __init__(self, content: bytes, before: Cut, containers: Containers) -> None:
        self.spans: list[Span] = []
        self.digests: list[str] = []
        self._content = content
        self._view = memoryview(content)
        self._before = before
        self._containers = containers

    def go_on(self, index: int) -> bool:
        """Find the next member, and say whether that was possible."""
        spans = self._before.spans
        was = spans[index]
        end = self.spans[-1].end if self.spans else 0
        start = end + was.start - (spans[index - 1].end if index else 0)
        if xxh3_64_hexdigest(self._view[end:start]) != self._before.gaps[index]:
            return False
        span = was if start == was.start else Span(was.keys, start, start + was.end - was.start, was.form)
        digest = xxh3_128_hexdigest(self._view[start : span.end])
        if digest != self._before.digests[index] or span.end > len(self._content):
            following = spans[index + 1] if index + 1 < len(spans) else None
            found = self._changed(span)
            if found is None or not self._is_level(found, following):
                return False
            span = found
            digest = xxh3_128_hexdigest(self._view[start : span.end])
        self.spans.append(span)
        self.digests.append(digest)
        return True

    def last_has_grown(self) -> bool:
        """Extend the last member if the text after it has become part of it, and return whether that was so."""
        if not self.spans or self.spans[-1].form != "yaml":
            return False  # no value of JSON that is a mapping goes on after its end
        span = self._changed(self.spans[-1])
        if span is None or span.end == self.spans[-1].end:
            return False
        self.spans[-1] = span
        self.digests[-1] = xxh3_128_hexdigest(self._view[span.start : span.end])
        return True

    def ends(self, rest: int) -> bool:
        """Whether what follows the last member, of so many bytes, is as before."""
        end = self.spans[-1].end if self.spans else 0
        return len(self._content) - end == rest and xxh3_64_hexdigest(self._view[end:]) == self._before.gaps[-1]

    def _changed(self, span: Span) -> Span | None:
        """Return a member that is not as before, with its end; None where only the whole text tells."""
        if len(span.keys) == 1 or is_container(span.keys, self._containers):
            return None  # it may be cut otherwise now
        end = _END_OF[span.form](self._content, span.start, span.end, span.keys[-1])
        return None if end is None else span._replace(end=end)

    def _is_level(self, span: Span, following: Span | None) -> bool:
        """Whether a member of a YAML mapping begins at the column where its siblings do.

        following: the one after it, as it was before the edit.
        """
        if span.form != "yaml":
            return True
        if self.spans and self.spans[-1].keys[:-1] == span.keys[:-1]:
            if not begins_with_key(self._content, span.start):
                return False  # what is in front of it belongs to the one before
            sibling = self.spans[-1].start
        elif following is not None and following.keys[:-1] == span.keys[:-1]:
            sibling = span.end
        else:
            return False
        return column_of_member(self._content, span.start) == column_of_member(self._content, sibling)


_DECODER = json.JSONDecoder()
#: How much of a text is tried first, beyond what a member was long before.
_MORE = 65_536


def _end_of_json(content: bytes, start: int, guess: int, key: str) -> int | None:
    """Return where a JSON value ends; None where that is not there in one piece. Its key stands in front of it."""
    for stop in (guess + _MORE, len(content)):
        text = content[start:stop].decode("utf-8", "ignore")  # the end may be in the middle of a letter
        try:
            _, length = _DECODER.raw_decode(text)
        except (ValueError, RecursionError):
            continue
        if length < len(text) or stop >= len(content):
            return start + len(text[:length].encode())
    return None


def _end_of_yaml(content: bytes, start: int, guess: int, key: str) -> int | None:
    """Return where a member of a YAML mapping ends; None where it is not plain."""
    end = end_of_member(content, start, key)
    return end if end is not None and is_plain(content[start:end]) else None


_END_OF: dict[Format, Callable[[bytes, int, int, str], int | None]] = {"json": _end_of_json, "yaml": _end_of_yaml}
