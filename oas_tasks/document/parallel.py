"""Reads the members of a large YAML document in several processes.

JSON is read in one: sending the values between processes takes as long as reading them.
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

#: Bytes of text that are worth a process: a forked one starts at once, any other has to import everything again.
_WORTH_A_FORK = 500_000
_WORTH_A_START = 8_000_000

#: Bytes of text whose values are sent in one message.
_BATCH = 250_000


def read_members(content: bytes, spans: Sequence[Span], processes: int) -> dict[tuple[str, ...], Value] | None:
    """Return the values of spans by their keys, as `formats.read_spans` does: None where anything is doubtful.

    processes: the most that may read, this one included; fewer are used if more do not pay.
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
    """Return the spans in consecutive shares of about equal size, one for each process that pays."""
    size = spans[-1].end - spans[0].start if spans else 0
    if processes < 2 or size < 2 * _WORTH_A_FORK or spans[0].form == "json":
        return [spans]
    worth = _WORTH_A_FORK if _start_method() == "fork" else _WORTH_A_START
    count = max(1, min(processes, size // worth))
    return [share for share in _cut_by_size(spans, -(-size // count)) if share]


def _start_method() -> str:
    """Return how processes are started, without fixing it: a dodo.py may still choose another way."""
    from multiprocessing import get_all_start_methods, get_start_method

    return get_start_method(allow_none=True) or get_all_start_methods()[0]


def _cut_by_size(spans: Sequence[Span], size: int) -> Iterator[Sequence[Span]]:
    """Yield consecutive spans in groups of about `size` bytes."""
    first = 0
    for index, span in enumerate(spans):
        if span.end - spans[first].start >= size:
            yield spans[first : index + 1]
            first = index + 1
    yield spans[first:]


class _Reader:
    """A process that reads some spans, and the thread that receives their values."""

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
        """Start to receive values. Only after all processes were started: forking with threads is not safe."""
        self._thread.start()

    def _take(self) -> None:
        with contextlib.suppress(EOFError, OSError):  # the process is finished or was killed
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
        rest = read_spans(self._content, self._spans[len(values) :])  # if the process failed
        return None if rest is None else found | rest

    def end(self) -> None:
        """End the process, whatever it is doing."""
        if self._process.pid is not None:
            self._process.terminate()
            self._process.join()
        if self._thread.is_alive():
            self._thread.join()
        self._here.close()


def _read(connection: Connection, content: bytes, spans: Sequence[Span]) -> None:
    """Send the values of spans batch by batch, None for a batch that cannot be read. Runs in the other process."""
    belong_to_parent()
    with contextlib.suppress(BrokenPipeError):  # the main process has stopped waiting
        for batch in _cut_by_size(spans, _BATCH):
            found = read_spans(content, batch)
            connection.send_bytes(_packed(None if found is None else list(found.values())))


#: marshal is faster than anything else for the types of nearly all values.
_MARSHALLED, _PICKLED = b"m", b"p"


def _packed(batch: list[Value] | None) -> bytes:
    try:
        return _MARSHALLED + marshal.dumps(batch)
    except ValueError:  # a Decimal or a merge key
        return _PICKLED + pickle.dumps(batch)


def _unpacked(packed: bytes) -> list[Value] | None:
    loads = marshal.loads if packed[:1] == _MARSHALLED else pickle.loads
    batch: list[Value] | None = loads(memoryview(packed)[1:])  # sent by our own child
    return batch
