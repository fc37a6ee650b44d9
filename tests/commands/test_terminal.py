"""`slice-oas` on a terminal: it asks for what is missing, and shows a bar."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from tests.conftest import PATIENCE, Repository

reason = "there are no pseudo-terminals here"
pty = pytest.importorskip("pty", reason=reason)
fcntl = pytest.importorskip("fcntl", reason=reason)
termios = pytest.importorskip("termios", reason=reason)

DOCUMENT = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /animals:
    get: {responses: {'200': {description: ok}}}
    post: {responses: {'201': {description: made}}}
"""


@pytest.fixture
def zoo(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "zoo")
    made.write("api.yaml", DOCUMENT)
    return made


def _own_terminal() -> None:
    """Make what stands on the standard input the terminal that keys like Ctrl-C are pressed on."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # which whoever runs these tests in the background has ignored


class Terminal:
    """A terminal with `slice-oas` in it, and somebody who answers."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._own, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "oas_tasks", *options],
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        os.close(theirs)
        self._deadline = time.monotonic() + PATIENCE
        self.shown = ""

    def until(self, expected: str) -> None:
        """Read on until something is shown behind what was shown before."""
        start = len(self.shown)
        while expected not in self.shown[start:]:
            assert self._read(), f"{expected!r} did not come: {self.shown}"

    def answer(self, text: str) -> None:
        self.press(text + "\n")

    def press(self, keys: str) -> None:
        os.write(self._own, keys.encode())

    def end(self) -> int:
        """Read the rest and return the exit code."""
        while self._read():
            pass
        os.close(self._own)
        return self._process.wait(PATIENCE)

    def press_until_gone(self, key: str) -> None:
        """Press a key again and again: between showing a prompt and reading the answer Python misses a signal."""
        while self._process.poll() is None:
            assert time.monotonic() < self._deadline, self.shown
            self.press(key)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(2)

    def close(self) -> None:
        """Let nothing run on that a test has left behind."""
        self._process.kill()
        self._process.wait()

    def _read(self) -> bool:
        ready, _, _ = select.select([self._own], [], [], max(self._deadline - time.monotonic(), 0))
        assert ready, f"nothing happens any more: {self.shown}"
        try:
            data = os.read(self._own, 4096)
        except OSError:  # what Linux says when the other end is closed
            return False
        self.shown += data.decode()
        return bool(data)


Open = Callable[..., Terminal]


@pytest.fixture
def open_terminal() -> Iterator[Open]:
    with ExitStack() as stack:

        def opened(folder: Path, *options: str) -> Terminal:
            return stack.enter_context(closing(Terminal(folder, *options)))

        yield opened


def test_it_asks_for_everything_and_offers_defaults(zoo: Repository, open_terminal: Open) -> None:
    terminal = open_terminal(zoo.folder)
    terminal.until("Which OpenAPI document do you want to slice?")
    terminal.answer("")
    terminal.until("Which OpenAPI document do you want to slice?")
    terminal.answer("api.yaml")
    terminal.until("Where should the slices go? [slices]")
    terminal.answer("")
    terminal.until("Slice all endpoints, or one? [all]")
    terminal.answer("")
    assert terminal.end() == 0
    assert zoo.files().keys() == {"animals_GET.yaml", "animals_POST.yaml"}


def test_it_asks_which_endpoint(zoo: Repository, open_terminal: Open) -> None:
    terminal = open_terminal(zoo.folder, "--input", "api.yaml", "--output-dir", "slices")
    terminal.until("Slice all endpoints, or one? [all]")
    terminal.answer("one")
    terminal.until("Which path, such as /users/{id}?")
    terminal.answer("/animals")
    terminal.until("Which method? [GET]")
    terminal.answer("post")
    assert terminal.end() == 0
    assert zoo.files().keys() == {"animals_POST.yaml"}


def test_a_document_that_is_not_there_is_one_sentence(zoo: Repository, open_terminal: Open) -> None:
    terminal = open_terminal(zoo.folder)
    terminal.until("Which OpenAPI document do you want to slice?")
    terminal.answer("apis.yaml")
    terminal.until("[slices]")
    terminal.answer("")
    terminal.until("[all]")
    terminal.answer("")
    assert terminal.end() == 2
    assert "slice-oas: apis.yaml: there is no such file. Did you mean 'api.yaml'?" in terminal.shown


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_who_changes_their_mind_is_let_go(zoo: Repository, open_terminal: Open, key: str) -> None:
    terminal = open_terminal(zoo.folder)
    terminal.until("Which OpenAPI document do you want to slice? ")
    terminal.press_until_gone(key)
    assert terminal.end() == 130
    assert "Interrupted." in terminal.shown
    assert "Traceback" not in terminal.shown
    assert not zoo.slices.exists()
