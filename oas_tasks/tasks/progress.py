"""Live progress: what a display of it can do, and progress as lines, for logs, pipes and simple terminals.

`live_progress.py` shows it on other terminals. A run with nothing to do imports neither.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from oas_tasks.printable import printable_lines
from oas_tasks.tasks.output import Output, SafeStream

#: Seconds after which another line is written, though no further tenth is done.
_PATIENCE = 30.0

#: The size of a document, in bytes, from which on reading it takes so long that a log should say so.
_LARGE = 5_000_000

#: Values of the variable CI that say that this is no CI service.
_NO = ("", "0", "false", "no")


class Progress(Protocol):
    """A display of live progress.

    is_drawn: it draws over what it has shown, so that nobody else may write meanwhile.
    """

    is_drawn: bool

    def phase(self, what: str, size: int = 0) -> None:
        """Show what is done next, such as `Reading api.yaml (13 MB)`.

        size: that of the document, in bytes, by which a display decides whether it is worth a word.
        """

    def show(self, done: int, total: int, endpoint: str) -> None:
        """Show that `done` of `total` endpoints are finished, the last of them `GET /users`, say."""

    def clear(self) -> None:
        """Make room for other lines."""


class ProgressLines:
    """Live progress as lines: `Extracting endpoint 45/100 (45%)`.

    There is one for each tenth of the way at most, and one every half a minute where a tenth takes longer.
    """

    is_drawn = False

    def __init__(self, stream: Output, is_watched: bool = False, now: Callable[[], float] = time.monotonic) -> None:
        """Take the stream to write to.

        is_watched: it is a terminal, where somebody waits.
        now: tells the time in seconds.
        """
        self._stream = stream
        self._is_watched = is_watched
        self._now = now
        self._tenths = 0
        self._written_at = now()

    def phase(self, what: str, size: int = 0) -> None:
        """Write what is done next, where it may take long or somebody waits."""
        if self._is_watched or size >= _LARGE:
            self._write(f"{what} ...")

    def show(self, done: int, total: int, endpoint: str) -> None:
        """Write how much is done, where that is worth a line."""
        tenths = 10 * done // max(total, 1)
        if tenths != self._tenths or done == total or self._now() - self._written_at >= _PATIENCE:
            self._tenths = tenths
            self._write(f"Extracting endpoint {done:,}/{total:,} ({100 * done // max(total, 1)}%)")

    def clear(self) -> None:
        """There is nothing to clear."""

    def _write(self, line: str) -> None:
        self._written_at = self._now()
        self._stream.write(printable_lines([line]))
        self._stream.flush()


def progress_on(stream: SafeStream, environment: Mapping[str, str]) -> Progress:
    """Return the display that fits a stream.

    environment: variables; TERM and CI say what kind of terminal it is.
    """
    if not stream.isatty():
        return ProgressLines(stream)
    if environment.get("TERM") in ("dumb", "unknown") or environment.get("CI", "").lower() not in _NO:
        return ProgressLines(stream, is_watched=True)
    from oas_tasks.tasks.live_progress import LiveProgress

    return LiveProgress(stream, environment)
