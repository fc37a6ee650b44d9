"""Reads the members of a large YAML document in several processes.

JSON is read in one: sending the values between processes takes as long as reading them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial

from oas_tasks.formats import Span, Value, read_spans
from oas_tasks.processes import SECONDS_PER_YAML_BYTE, parallel_map, start_method

#: Bytes of text that are read at a time.
_BATCH = 100_000


def read_members(content: bytes, spans: Sequence[Span], processes: int) -> dict[tuple[str, ...], Value] | None:
    """Return the values of spans by their keys, as `formats.read_spans` does: None where anything is doubtful.

    processes: the most that may read, this one included; fewer are used if more do not pay.
    """
    if processes == 1 or not spans or spans[0].form == "json":
        return read_spans(content, spans)
    found: dict[tuple[str, ...], Value] = {}
    seconds = (spans[-1].end - spans[0].start) * SECONDS_PER_YAML_BYTE
    batches = list(_cut_by_size(spans, _BATCH))
    reading = parallel_map(partial(read_spans, content), batches, processes, seconds, method=start_method())
    with closing(reading) as read:
        for members in read:
            if members is None:
                return None
            found.update(members)
    return found


def _cut_by_size(spans: Sequence[Span], size: int) -> Iterator[Sequence[Span]]:
    """Yield consecutive spans in groups of about `size` bytes."""
    first = 0
    for index, span in enumerate(spans):
        if span.end - spans[first].start >= size:
            yield spans[first : index + 1]
            first = index + 1
    yield spans[first:]
