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
    seconds = sum(span.end - span.start for span in spans) * SECONDS_PER_YAML_BYTE
    batches = list(_cut_by_size(spans, _BATCH))
    reading = parallel_map(partial(read_spans, content), batches, processes, seconds, method=start_method())
    with closing(reading) as read:
        for members in read:
            if members is None:
                return None
            found.update(members)
    return found


def _cut_by_size(spans: Sequence[Span], size: int) -> Iterator[Sequence[Span]]:
    """Yield spans in groups of about `size` bytes, in their order; there may be others between them."""
    first = bytes_so_far = 0
    for index, span in enumerate(spans):
        bytes_so_far += span.end - span.start
        if bytes_so_far >= size:
            yield spans[first : index + 1]
            first, bytes_so_far = index + 1, 0
    yield spans[first:]
