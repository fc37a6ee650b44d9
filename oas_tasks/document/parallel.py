"""A large document's members read in several processes at a time.

Only YAML: reading JSON takes no longer than handing over what was read.
"""

from __future__ import annotations

import contextlib
import marshal
import pickle
import threading
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from oas_tasks.formats import Span, Value, read_spans
from oas_tasks.processes import belong_to_parent, interruption_later, processors

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

#: Bytes of text that are worth a process: one that is forked is there at once, any other must import all anew.
_WORTH_A_FORK = 500_000
_WORTH_A_START = 8_000_000

#: Bytes of text that are handed over together.
_BATCH = 250_000


def read_members(content: bytes, spans: Sequence[Span], processes: int) -> dict[tuple[str, ...], Value] | None:
    """Return the values of spans by their keys, as `formats.read_spans` does: None where anything is doubtful.

    processes: how many may read, this one included; fewer do where they do not pay.
    """
    shares = _shares(spans, min(processes, processors()))
    own, others = shares[0], [_Reader(content, share) for share in shares[1:]]
    try:
        for reader in others:
            reader.listen()
        found = read_spans(content, own)
        if found is None:
            return None
        for reader in others:
            members = reader.members()
            if members is None:
                return None
            found.update(members)
        return found
    finally:
        for reader in others:
            reader.end()


def _shares(spans: Sequence[Span], processes: int) -> list[Sequence[Span]]:
    """Return consecutive spans, of about as many bytes for each process that is worth it."""
    size = spans[-1].end - spans[0].start if spans else 0
    if processes < 2 or size < 2 * _WORTH_A_FORK or spans[0].form == "json":
        return [spans]
    worth = _WORTH_A_FORK if _start_method() == "fork" else _WORTH_A_START
    count = max(1, min(processes, size // worth))
    return [share for share in _cut_by_size(spans, -(-size // count)) if share]


def _start_method() -> str:
    """Return how processes are started, without settling it: a dodo.py may still want another way for its own."""
    from multiprocessing import get_all_start_methods, get_start_method

    return get_start_method(allow_none=True) or get_all_start_methods()[0]


def _cut_by_size(spans: Sequence[Span], size: int) -> Iterator[Sequence[Span]]:
    """Yield consecutive spans of about so many bytes."""
    first = 0
    for index, span in enumerate(spans):
        if span.end - spans[first].start >= size:
            yield spans[first : index + 1]
            first = index + 1
    yield spans[first:]


class _Reader:
    """Another process that reads some spans, and the thread that takes what it has read, as it comes."""

    def __init__(self, content: bytes, spans: Sequence[Span]) -> None:
        from multiprocessing import get_context

        context = get_context(_start_method())
        self._content = content
        self._spans = spans
        self._batches: list[list[Value] | None] = []
        self._here, there = context.Pipe(duplex=False)
        self._process: BaseProcess = context.Process(  # type: ignore[attr-defined]  # any start method has it
            target=_read, args=(there, content, spans), daemon=True
        )
        with interruption_later(), contextlib.suppress(OSError):  # there may be too many processes already
            self._process.start()
        there.close()
        self._thread = threading.Thread(target=self._take, daemon=True)

    def listen(self) -> None:
        """Take what is read from now on; once all processes are there, since none is forked where threads are."""
        self._thread.start()

    def _take(self) -> None:
        with contextlib.suppress(EOFError, OSError):  # it is finished, or gone
            while True:
                self._batches.append(_unpacked(self._here.recv_bytes()))

    def members(self) -> dict[tuple[str, ...], Value] | None:
        """Return the values of the spans by their keys, once they are all read; None where anything is doubtful."""
        self._thread.join()
        if None in self._batches:
            return None
        values = list(chain.from_iterable(batch for batch in self._batches if batch is not None))
        found: dict[tuple[str, ...], Value] = {
            span.keys: value for span, value in zip(self._spans, values, strict=False)
        }
        rest = read_spans(self._content, self._spans[len(values) :])  # of a process that could not start, or was killed
        return None if rest is None else found | rest

    def end(self) -> None:
        """Let the process end, whatever it is at."""
        if self._process.pid is not None:
            self._process.terminate()
            self._process.join()
        if self._thread.is_alive():
            self._thread.join()
        self._here.close()


def _read(connection: Connection, content: bytes, spans: Sequence[Span]) -> None:
    """Send the values of spans, batch by batch, and None for one that cannot be read; in a process of its own."""
    belong_to_parent()
    with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
        for batch in _cut_by_size(spans, _BATCH):
            found = read_spans(content, batch)
            connection.send_bytes(_packed(None if found is None else list(found.values())))


#: Faster than anything else, for the types that nearly every value is of.
_MARSHALLED, _PICKLED = b"m", b"p"


def _packed(batch: list[Value] | None) -> bytes:
    try:
        return _MARSHALLED + marshal.dumps(batch)
    except ValueError:  # a number of many digits, a merge key
        return _PICKLED + pickle.dumps(batch)


def _unpacked(packed: bytes) -> list[Value] | None:
    loads = marshal.loads if packed[:1] == _MARSHALLED else pickle.loads
    batch: list[Value] | None = loads(memoryview(packed)[1:])  # it comes from our own child
    return batch
