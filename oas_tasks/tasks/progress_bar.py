"""The bar of a long build, with rate and remaining time. It is drawn by rich, and needs that package's import.

rich's own live display is not used: it hides the cursor, and draws from a thread.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from rich.console import Console, detect_legacy_windows
from rich.progress import Progress
from rich.progress_bar import ProgressBar as RichBar
from rich.text import Text

from oas_tasks.amounts import whole_duration
from oas_tasks.columns import fitting, width_of
from oas_tasks.tasks.output import SafeStream

#: The widths of the bar, and of what changes its own width while it is shown.
_SHORTEST, _LONGEST = 8, 40
_RATE, _LEFT, _PERCENT = 8, 11, 4

#: The units, in seconds, to the largest of which the remaining time is rounded: it is a guess.
_UNITS = (3600, 60, 1)

#: The least columns in which an endpoint is named.
_NAMED = 20


class _Cell(NamedTuple):
    """A piece of the line.

    width: the columns that it takes; the text is aligned in them.
    """

    text: str
    width: int
    style: str = ""
    is_right: bool = False


class _Console(Console):
    """rich's console for a text that is drawn elsewhere."""

    def __init__(self, stream: SafeStream, environment: Mapping[str, str]) -> None:
        self._stream_encoding = stream.encoding
        is_plain = detect_legacy_windows() or bool(environment.get("NO_COLOR"))
        super().__init__(
            file=io.StringIO(),
            force_terminal=True,
            color_system=None if is_plain else "auto",
            no_color=is_plain,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
        )

    @property
    def encoding(self) -> str:
        """The encoding of the terminal, after which rich chooses the characters of its bar."""
        return self._stream_encoding.lower()


class ProgressBar:
    """A bar with counts, rate and remaining time, in as many columns as there are."""

    def __init__(
        self, stream: SafeStream, environment: Mapping[str, str], started_at: float, now: Callable[[], float]
    ) -> None:
        """Take the terminal, and when slicing began, in the seconds that `now` tells."""
        self._console = _Console(stream, environment)
        self._started_at = started_at
        self._now = now
        self._progress = Progress(console=self._console, auto_refresh=False, get_time=now)
        self._task = self._progress.add_task("", total=None)

    def line(self, done: int, total: int, endpoint: str, columns: int) -> tuple[str, str]:
        """Return the line as plain text and with colours; no wider than some columns."""
        self._progress.update(self._task, completed=done, total=total)
        line = Text()
        for cell in self._cells(done, total, endpoint, columns):
            if line:
                line.append(" ")
            if cell.text:
                aligned = cell.text.rjust(cell.width) if cell.is_right else cell.text
                line.append(aligned + " " * (cell.width - width_of(aligned)), cell.style)
            else:
                self._draw_bar(line, cell.width)
        self._console.width = columns
        with self._console.capture() as captured:
            self._console.print(line, end="", no_wrap=True, overflow="ignore", crop=False)
        return line.plain, captured.get()

    def _draw_bar(self, line: Text, width: int) -> None:
        task = self._progress.tasks[0]
        bar = RichBar(total=task.total, completed=task.completed, width=width)
        before = len(line)
        for segment in self._console.render(bar, self._console.options.update_width(width)):
            line.append(segment.text, segment.style)
        line.append(" " * (width - len(line) + before))

    def _cells(self, done: int, total: int, endpoint: str, columns: int) -> list[_Cell]:
        """Return what there is room for: the longest of several lines that fits."""
        counts = _Cell(f"{done:,}/{total:,}", 2 * len(f"{total:,}") + 1, is_right=True)
        percent = _Cell(f"{100 * done // max(total, 1)}%", _PERCENT, is_right=True)
        left = _Cell(self._left(done, total) or " ", _LEFT, "progress.remaining")
        rate = _Cell(self._rate(done), _RATE, "dim", is_right=True)
        bar = _Cell("", _SHORTEST)
        lines: Sequence[list[_Cell]] = (
            [_Cell("Slicing endpoints", 17), bar, counts, percent, rate, left],
            [_Cell("Slicing", 7), bar, counts, percent, left],
            [bar, counts, percent, left],
            [counts, percent, left],
            [counts, percent],
            [percent],
        )
        for cells in lines:
            room = columns - sum(cell.width for cell in cells) - len(cells) + 1
            if room >= 0:
                break
        else:
            return [_Cell(percent.text[:columns], columns)]
        longer = min(room, _LONGEST - _SHORTEST)
        cells = [cell._replace(width=cell.width + longer) if not cell.text else cell for cell in cells]
        name = fitting(endpoint, room - longer - 1) if room - longer > _NAMED else ""
        return [*cells, _Cell(name, width_of(name), "dim")] if name and bar in lines[0] else cells

    def _speed(self, done: int) -> float:
        """Return how many endpoints are finished in a second, of late or since the start."""
        seconds = self._now() - self._started_at
        return self._progress.tasks[0].speed or (done / seconds if seconds > 0 else 0.0)

    def _rate(self, done: int) -> str:
        speed = self._speed(done)
        return f"{speed:,.0f}/s" if speed >= 1 else f"{60 * speed:.0f}/min"

    def _left(self, done: int, total: int) -> str:
        speed = self._speed(done)
        if not speed or done >= total:
            return ""
        seconds = max(round((total - done) / speed), 1)
        unit = next(unit for unit in _UNITS if seconds >= unit)
        return f"{whole_duration(unit * round(seconds / unit))} left"
