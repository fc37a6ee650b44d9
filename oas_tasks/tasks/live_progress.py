"""Live progress on a terminal, as one line that is drawn over and over and is gone at the end.

What is done first is shown at once, without a library. If slicing takes a while, the bar of `progress_bar.py` takes
over, whose import is a twentieth of a second's work. There is no thread, since processes are forked meanwhile, and the
cursor stays visible, since a process may be killed before it could show it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from oas_tasks.columns import fitting, width_of
from oas_tasks.printable import printable
from oas_tasks.tasks.output import SafeStream

if TYPE_CHECKING:
    from oas_tasks.tasks.progress_bar import ProgressBar

#: Seconds between two drawings at least, without the bar and with it.
_INTERVAL, _BAR_INTERVAL = 0.1, 0.25

#: Seconds of slicing after which the bar is rich's, if so many more are to come.
_BAR_AFTER = 0.5
_BAR_FOR = 1.5

#: The width of the bar before that.
_PLAIN = 20

#: The width of a terminal that does not tell its own.
_WIDTH = 80


class LiveProgress:
    """Live progress on a terminal. It never fills the last column, at which some terminals wrap."""

    is_drawn = True

    def __init__(
        self, stream: SafeStream, environment: Mapping[str, str], now: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the terminal.

        environment: variables that say what the terminal can do.
        now: tells the time in seconds.
        """
        self._stream = stream
        self._environment = environment
        self._now = now
        self._started_at = now()
        self._drawn_at = float("-inf")
        self._drawn = ""
        self._bar: ProgressBar | None = None

    def phase(self, what: str, size: int = 0) -> None:
        """Draw what is done next."""
        self._started_at = self._now()
        self._bar = None
        self._draw(f"{what} ...")

    def show(self, done: int, total: int, endpoint: str) -> None:
        """Draw how much is done, if the last drawing is a while ago."""
        now = self._now()
        interval = _INTERVAL if self._bar is None else _BAR_INTERVAL
        if done < total and now - self._drawn_at < interval:
            return
        if self._bar is None and self._is_worth_a_bar(done, total, now - self._started_at):
            from oas_tasks.tasks.progress_bar import ProgressBar

            self._bar = ProgressBar(self._stream, self._environment, self._started_at, self._now)
        if self._bar is None:
            self._draw(self._plain(done, total))
        else:
            self._draw(*self._bar.line(done, total, printable(self._encodable(endpoint)), self._columns()))

    def clear(self) -> None:
        """Remove the line."""
        if self._drawn:
            self._draw("")
            self._drawn_at = float("-inf")

    def _plain(self, done: int, total: int) -> str:
        """Return the line without a library: with a bar if there is room."""
        counts = f"{done:,}/{total:,} ({100 * done // max(total, 1)}%)"
        filled = _PLAIN * done // max(total, 1)
        line = f"Slicing [{'#' * filled}{'.' * (_PLAIN - filled)}] {counts}"
        return line if len(line) <= self._columns() else f"Slicing {counts}"

    @staticmethod
    def _is_worth_a_bar(done: int, total: int, seconds: float) -> bool:
        return seconds > _BAR_AFTER and seconds * (total - done) > _BAR_FOR * done

    def _columns(self) -> int:
        """Return how many columns a line may have. The terminal is asked each time, since it may have been resized."""
        given = self._environment.get("COLUMNS", "")
        columns = self._stream.columns() or (int(given) if given.isdecimal() else 0) or _WIDTH
        return max(columns - 1, 1)

    def _draw(self, text: str, styled: str | None = None) -> None:
        """Draw a text over the last one.

        styled: the same text with colours; it fits already, and is safe to print.
        """
        columns = self._columns()
        if styled is None:
            text = styled = fitting(printable(self._encodable(text)), columns)
        if text != self._drawn or not text:
            over = min(width_of(self._drawn), columns) - width_of(text)
            self._stream.write(f"\r{styled}{' ' * over}" + ("" if text else "\r"))
            self._stream.flush()
        self._drawn = text
        self._drawn_at = self._now()

    def _encodable(self, text: str) -> str:
        encoding = self._stream.encoding
        try:
            return text.encode(encoding, "backslashreplace").decode(encoding)
        except (LookupError, UnicodeError):
            return ascii(text)[1:-1]
