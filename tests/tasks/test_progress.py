"""Live progress: lines in logs, one line that is drawn over and over on terminals, whatever their width."""

from __future__ import annotations

import re

import pytest

from oas_tasks.columns import width_of
from oas_tasks.tasks.live_progress import LiveProgress
from oas_tasks.tasks.output import SafeStream
from oas_tasks.tasks.progress import ProgressLines, progress_on

XTERM = {"TERM": "xterm-256color"}
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


class Screen:
    """A terminal, or another stream, with a clock beside it."""

    def __init__(self, columns: int = 80, encoding: str = "utf-8", is_terminal: bool = True) -> None:
        self.width = columns
        self.encoding = encoding
        self.written = ""
        self.seconds = 0.0
        self._is_terminal = is_terminal

    def write(self, text: str) -> int:
        text.encode(self.encoding)
        self.written += text
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return self._is_terminal

    def now(self) -> float:
        return self.seconds

    @property
    def drawn(self) -> list[str]:
        """What was drawn, one after another, without colours."""
        return [line.rstrip() for line in ESCAPES.sub("", self.written).split("\r") if line.strip()]


class Sized(SafeStream):
    """A stream of a width that a test decides."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self._screen = screen

    def columns(self) -> int | None:
        return self._screen.width


def live(screen: Screen, environment: dict[str, str] | None = None) -> LiveProgress:
    return LiveProgress(Sized(screen), environment or XTERM, screen.now)


def slice_some(screen: Screen, shown: LiveProgress, total: int = 200, seconds: float = 0.05) -> None:
    shown.phase(f"Slicing {total} endpoints")
    for done in range(1, total + 1):
        screen.seconds += seconds
        shown.show(done, total, f"GET /items/{done}/[red]x[/red]/\x1b[31m用户")


@pytest.mark.parametrize("columns", [1, 2, 7, 12, 25, 40, 41, 54, 55, 80, 120, 300])
@pytest.mark.parametrize("environment", [XTERM, {**XTERM, "NO_COLOR": "1"}])
def test_it_never_wraps_and_leaves_nothing_behind(columns: int, environment: dict[str, str]) -> None:
    screen = Screen(columns)
    shown = live(screen, environment)
    shown.phase("Reading " + "deep/" * 30 + "api.yaml (13 MB)")
    slice_some(screen, shown)
    shown.clear()
    assert "\n" not in screen.written
    lines = ESCAPES.sub("", screen.written).split("\r")
    assert max(map(width_of, lines)) < max(columns, 2)
    assert lines[-2].strip() == lines[-1] == ""
    assert len(screen.drawn) < 60
    if columns >= 12:
        assert screen.drawn[-1].endswith("100%") or "100%" in screen.drawn[-1]
    assert ("\x1b" in screen.written) == (columns >= 25 and "NO_COLOR" not in environment)


def test_there_is_rate_and_remaining_time_and_markup_and_controls_are_inert() -> None:
    screen = Screen(150)
    slice_some(screen, live(screen))
    middle = screen.drawn[len(screen.drawn) // 2]
    expected = (
        r"Slicing endpoints [━╸╺]+ +\d+/200 +\d+% +20/s \d s left +GET /items/\d+/\[red\]x\[/red\]/\\u001b\[31m用"
    )
    assert re.match(expected, middle), middle


def test_a_short_run_has_no_bar_and_hardly_any_drawings() -> None:
    screen = Screen()
    slice_some(screen, live(screen), total=30, seconds=0.01)
    assert screen.drawn == ["Slicing 30 endpoints ...", *screen.drawn[1:-1], f"Slicing [{'#' * 20}] 30/30 (100%)"]
    assert len(screen.drawn) <= 5


def test_it_follows_the_width() -> None:
    screen = Screen(120)
    shown = live(screen)
    shown.phase("Slicing 200 endpoints")
    for done in range(1, 200):
        screen.seconds += 0.3
        screen.width = 120 if done < 100 else 40
        shown.show(done, 200, "GET /a")
    widths = list(map(width_of, screen.drawn))
    assert 80 < max(widths[-160:-110]) < 120
    assert max(widths[-90:]) < 40


def test_characters_that_the_terminal_lacks_are_escaped_and_fit() -> None:
    screen = Screen(40, "cp1252")
    shown = live(screen)
    shown.phase("Reading 用户用户用户用户用户用户用户用户.yaml")
    (drawn,) = screen.drawn
    assert drawn.startswith("Reading \\u7528") and drawn.endswith(".yaml ...") and len(drawn) < 40
    slice_some(screen, shown)
    assert max(map(len, screen.drawn)) < 40


def test_progress_in_a_log_is_a_line_for_each_tenth() -> None:
    screen = Screen()
    lines = ProgressLines(screen, now=screen.now)
    for done in range(1, 1224):
        lines.show(done, 1223, "GET /a")
    written = screen.written.splitlines()
    assert len(written) == 10
    assert written[0] == "Extracting endpoint 123/1,223 (10%)"
    assert written[-1] == "Extracting endpoint 1,223/1,223 (100%)"


def test_where_a_tenth_takes_long_there_is_a_line_every_half_a_minute() -> None:
    screen = Screen()
    lines = ProgressLines(screen, now=screen.now)
    for done in range(1, 101):
        screen.seconds += 7
        lines.show(done, 1000, "GET /a")
    assert len(screen.written.splitlines()) == 20


def test_a_log_says_that_a_large_document_is_read_and_no_line_can_be_a_command() -> None:
    screen = Screen()
    ProgressLines(screen).phase("Reading small.yaml (2 kB)", 2_000)
    assert screen.written == ""
    ProgressLines(screen).phase("::error::large\x1b.yaml (13 MB)", 13_000_000)
    assert screen.written == "\\u003a:error::large\\u001b.yaml (13 MB) ...\n"


@pytest.mark.parametrize(
    ("environment", "is_terminal", "is_drawn"),
    [
        (XTERM, True, True),
        ({}, True, True),
        ({**XTERM, "CI": "false"}, True, True),
        ({**XTERM, "CI": "true"}, True, False),
        ({"TERM": "dumb"}, True, False),
        (XTERM, False, False),
    ],
)
def test_it_is_drawn_where_that_can_be_done(environment: dict[str, str], is_terminal: bool, is_drawn: bool) -> None:
    assert progress_on(SafeStream(Screen(is_terminal=is_terminal)), environment).is_drawn is is_drawn


def test_a_closed_stream_is_no_terminal() -> None:
    assert not SafeStream(None).isatty()
    assert SafeStream(None).columns() is None
    assert isinstance(progress_on(SafeStream(None), XTERM), ProgressLines)
