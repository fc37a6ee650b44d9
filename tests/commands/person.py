"""Somebody at a terminal of some width, who reads what `slice-oas` shows and types."""

from __future__ import annotations

import os
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pexpect

from tests.conftest import command_for

#: Seconds to wait for anything to be shown.
PATIENCE = 30

#: What may stand between two words: line ends and blanks, and what a terminal obeys.
_BETWEEN = r"(?:\s|\x1b\[[0-9;?]*[A-Za-z])+"
_POSITION_REQUEST = "\x1b[6n"

UP, DOWN, ESCAPE, CTRL_A, CTRL_C, CTRL_D = "\x1b[A", "\x1b[B", "\x1b", "\x01", "\x03", "\x04"


class Person:
    """A person at a terminal in which `slice-oas` runs."""

    def __init__(
        self, folder: Path, *options: str, columns: int = 80, term: str = "xterm-256color", is_own: bool = False
    ) -> None:
        """Sit down at the terminal.

        is_own: the process is the terminal's own, so that keys send it signals.
        """
        program, *arguments = [sys.executable, "-m", "oas_tasks"] if is_own else command_for("oas_tasks")
        self._child: pexpect.spawn[str] = pexpect.spawn(
            program,
            [*arguments, *options],
            cwd=str(folder),
            env={**os.environ, "TERM": term, "PYTHONUTF8": "1"},
            dimensions=(24, columns),
            encoding="utf-8",
            preexec_fn=_take_interrupts,
        )
        self._child.delaybeforesend = None
        self._seen = 0
        self._positions = 0
        self.shown = ""

    def sees(self, text: str) -> Person:
        """Read on until a text is shown, wherever its lines break."""
        pattern = re.compile(_BETWEEN.join(map(re.escape, text.split())))
        while not (found := pattern.search(self.shown, self._seen)):
            assert self._read(), f"{text!r} did not come: {self.shown}"
        self._seen = found.end()
        return self

    def types(self, text: str) -> Person:
        """Type a line, or a text that holds keys of another kind."""
        self._child.send(text if any(ord(each) < 32 for each in text) else f"{text}\r")
        return self

    def presses(self, *keys: str) -> Person:
        """Press keys one after another."""
        self._child.send("".join(keys))
        return self

    def interrupts(self) -> Person:
        """Press Ctrl-C until nothing more is shown: between a prompt and reading the answer Python misses a signal."""
        with suppress(pexpect.EOF):
            while True:
                self._child.send(CTRL_C)
                with suppress(pexpect.TIMEOUT):
                    while True:
                        self.shown += self._child.read_nonblocking(4096, 2)
        return self

    def leaves(self) -> int:
        """Read the rest and return the exit code."""
        while self._read():
            pass
        self._child.close()
        assert self._child.exitstatus is not None, self._child.signalstatus
        return int(self._child.exitstatus)

    def end(self) -> None:
        """Let nothing run on."""
        self._child.close(force=True)

    @property
    def text(self) -> str:
        """All that was shown, without what a terminal obeys."""
        return re.sub(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[=>])| ?\x08", "", self.shown).replace("\r", "")

    def _read(self) -> bool:
        try:
            self.shown += self._child.read_nonblocking(4096, PATIENCE)
        except pexpect.EOF:
            return False
        except pexpect.TIMEOUT:
            raise AssertionError(f"nothing happens any more: {self.shown}") from None
        while (at := self.shown.find(_POSITION_REQUEST, self._positions)) >= 0:  # which a terminal answers
            self._positions = at + len(_POSITION_REQUEST)
            self._child.send("\x1b[1;1R")
        return True


def _take_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # which whoever runs these tests in the background has ignored
