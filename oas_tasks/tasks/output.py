"""Where a run's words go: a stream that is full, closed or of another alphabet is no reason to stop a build."""

from __future__ import annotations

import contextlib
import os
from typing import Protocol


class Output(Protocol):
    """What is written to: a stream, or something like it."""

    def write(self, text: str, /) -> int:
        """Write a text."""

    def flush(self) -> None:
        """Write what waits."""


class Unhindered:
    """A stream that takes everything, and says it as long as somebody listens."""

    def __init__(self, stream: Output | None) -> None:
        """Take the stream; None is what Python has for one that was closed before it started."""
        self._stream = stream

    def write(self, text: str, /) -> int:
        """Write a text, with escapes for what the stream's encoding does not have."""
        if self._stream is not None:
            try:
                self._write(self._stream, text)
            except (OSError, ValueError):  # ValueError: it is closed
                self._give_up()
        return len(text)

    def flush(self) -> None:
        """Write what waits."""
        if self._stream is not None:
            try:
                self._stream.flush()
            except (OSError, ValueError):
                self._give_up()

    @staticmethod
    def _write(stream: Output, text: str) -> None:
        try:
            stream.write(text)
        except UnicodeEncodeError as error:
            stream.write(text.encode(error.encoding, "backslashreplace").decode(error.encoding))

    def _give_up(self) -> None:
        """Write no more; what the stream still holds must not fail again when the process ends."""
        leave(self._stream)
        self._stream = None


def leave(stream: object) -> None:
    """Have what is still written to a stream go nowhere."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[attr-defined]
