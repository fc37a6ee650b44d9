"""Writes to the streams of a process, which may be full, closed or of a small alphabet: that must not stop a build."""

from __future__ import annotations

import contextlib
import os
import sys
from functools import cache
from types import TracebackType
from typing import Protocol

from oas_tasks.errors import INTERRUPTED


class Output(Protocol):
    """A stream, or another object that takes text."""

    def write(self, text: str, /) -> int:
        """Write a text."""

    def flush(self) -> None:
        """Write buffered text."""


class SafeStream:
    """Wraps a stream so that writing never fails; text is dropped once nobody can read it."""

    def __init__(self, stream: Output | None) -> None:
        """Take the stream; None drops all text. Python has None for one that was closed before it started."""
        self._stream = stream

    def write(self, text: str, /) -> int:
        """Write a text, with escapes for characters that the stream's encoding lacks."""
        if self._stream is not None:
            try:
                self._write(self._stream, text)
            except (OSError, ValueError):  # ValueError: it is closed
                self._give_up()
        return len(text)

    @property
    def encoding(self) -> str:
        """The encoding of the stream."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        try:
            return self._stream is not None and bool(self._stream.isatty())  # type: ignore[attr-defined]
        except (AttributeError, OSError, ValueError):
            return False

    def fileno(self) -> int:
        """Return the number of the open file. Raises AttributeError, OSError or ValueError where there is none."""
        return int(self._stream.fileno())  # type: ignore[union-attr]

    def columns(self) -> int | None:
        """Return the width of the terminal that the stream is, None where nobody knows."""
        with contextlib.suppress(AttributeError, OSError, ValueError):
            return os.get_terminal_size(self.fileno()).columns or None
        return None

    def flush(self) -> None:
        """Write buffered text."""
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
        """Stop writing; the text that the stream still buffers must not fail again when the process ends."""
        redirect_to_nowhere(self._stream)
        self._stream = None


def redirect_to_nowhere(stream: object) -> None:
    """Let a stream drop whatever is written to it from now on."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[attr-defined]


@cache
def report_interruption() -> None:
    """Let this process end with a sentence at Ctrl-C, under doit too, where Python would print a traceback."""
    show = sys.excepthook

    def shown(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            print(INTERRUPTED, file=sys.stderr)  # noqa: T201
        else:
            show(kind, error, traceback)

    sys.excepthook = shown
