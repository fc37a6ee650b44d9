"""Splits a document again after an edit, looking only at the text around the change.

Hashes of chunks tell how much of the text is the same at its start and at its end. Members there stay where they were,
or have moved as one; those in between are split anew. What is not plain then is split as a whole.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xxhash import xxh3_128_digest

from oas_tasks.formats.split import Containers, Span
from oas_tasks.formats.split_json import cut_json_members
from oas_tasks.formats.split_yaml import cut_yaml_members

#: Bytes of a chunk.
_LENGTH = 1 << 16


class Chunks(NamedTuple):
    """The hashes of a text's whole chunks (xxh3-128), counted from its start and from its end.

    size: of the text, in bytes. length: of a chunk.
    """

    size: int
    length: int
    from_start: list[bytes]
    from_end: list[bytes]

    @classmethod
    def of(cls, content: bytes, length: int = _LENGTH) -> Chunks:
        """Return the hashes of a text."""
        view, size = memoryview(content), len(content)
        starts = range(0, size - length + 1, length)
        from_start = [xxh3_128_digest(view[start : start + length]) for start in starts]
        from_end = [xxh3_128_digest(view[size - start - length : size - start]) for start in starts]
        return cls(size, length, from_start, from_end)


class Split(NamedTuple):
    """The members of a text, and its chunks."""

    spans: Sequence[Span]
    chunks: Chunks


class Resplit(NamedTuple):
    """The members of a text after an edit.

    first, stop: the numbers of the members that were split anew. The bytes of all others are as they were.
    begin, end: the text that was split anew, in bytes.
    """

    spans: list[Span]
    first: int
    stop: int
    begin: int
    end: int


def split_again(content: bytes, chunks: Chunks, before: Split, containers: Containers) -> Resplit | None:
    """Return the members of a text that was edited since it was split, as `cut` does; None where it has to be cut.

    chunks: of the text.
    """
    if chunks.length != before.chunks.length:
        return None
    same_at_start = chunks.length * _count_equal(chunks.from_start, before.chunks.from_start)
    same_at_end = chunks.length * _count_equal(chunks.from_end, before.chunks.from_end)
    same_at_end = min(same_at_end, min(chunks.size, before.chunks.size) - same_at_start)
    spans, shift = before.spans, chunks.size - before.chunks.size
    first = bisect_right(spans, same_at_start, key=lambda span: span.end)
    stop = bisect_left(spans, before.chunks.size - same_at_end, lo=first, key=lambda span: span.start)
    if not 0 < first <= stop < len(spans):
        return None
    left, right = spans[first - 1], spans[stop]._replace(start=spans[stop].start + shift, end=spans[stop].end + shift)
    cut = cut_json_members if left.form == "json" else cut_yaml_members
    found = cut(content, left, right, containers)
    if found is None or not _fit(found, left, right, spans[:first], spans[stop:]):
        return None
    moved = _moved(spans[stop:], shift)
    return Resplit([*spans[:first], *found, *moved], first, first + len(found), left.end, right.start)


def _fit(found: Sequence[Span], left: Span, right: Span, front: Sequence[Span], back: Sequence[Span]) -> bool:
    """Whether no key stands twice where some members are between others.

    left, right: their neighbours, the last of those in front and the first of those behind them.
    """
    own, own_around = {span.keys for span in found}, _around(found)
    others, around_front, around_back = {span.keys for span in (*front, *back)}, _around(front), _around(back)
    return (
        own.isdisjoint(others | around_front | around_back)
        and own_around.isdisjoint(others)
        and own_around & around_front <= _around([left])
        and own_around & around_back <= _around([right])
    )


def _around(spans: Sequence[Span]) -> set[tuple[str, ...]]:
    """Return the places of the mappings around some members, but for the root."""
    return {span.keys[:depth] for span in spans for depth in range(1, len(span.keys))}


def _count_equal(left: Sequence[bytes], right: Sequence[bytes]) -> int:
    """Return the number of items at the start of both sequences that are equal."""
    pairs = zip(left, right, strict=False)
    return next((number for number, (one, other) in enumerate(pairs) if one != other), min(len(left), len(right)))


def _moved(spans: Sequence[Span], shift: int) -> Iterator[Span]:
    for keys, start, end, form in spans:
        yield Span(keys, start + shift, end + shift, form)
