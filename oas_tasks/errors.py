"""Defines the errors that a user can mend.

They are raised where the fault is known, and printed once, by the command line or doit's reporter. Any other exception
is a fault of this tool.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from oas_tasks.printable import printable

#: The message when Ctrl-C ends a run.
INTERRUPTED = "Interrupted. What was finished is kept; run the same command again to go on."


class Where(NamedTuple):
    """A place in the user's input.

    file: the path as the user wrote it.
    line, column: counted from 1; None if there is none (a missing file) or it is not known yet.
    pointer: a JSON Pointer (RFC 6901) with its leading `#`, or None.
    """

    file: str
    line: int | None = None
    column: int | None = None
    pointer: str | None = None

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f":{self.line}"
            if self.column is not None:
                place += f":{self.column}"
        return place


class UserError(Exception):
    """The request or its input is wrong: one plain sentence for the user.

    message: what is wrong, without the place and without internals.
    where: the place, printed in front of the message.
    hint: what to do, printed behind it.
    """

    def __init__(self, message: str, where: Where | None = None, hint: str | None = None) -> None:
        super().__init__(message, where, hint)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = self.message
        if self.where is not None:
            text = f"{self.where}: {text}"
            if self.where.pointer is not None:
                text += f" (at {self.where.pointer})"
        if self.hint is not None:
            text += f". {self.hint}" if not text.endswith((".", "?", "!")) else f" {self.hint}"
        return printable(text)


class Crash(NamedTuple):
    """An internal error of this tool, which costs only the endpoint that it was working on.

    at: the endpoint: `GET /users`.
    reason: the sentence of `crash_reason`.
    traceback: for `--debug`.
    """

    at: str
    reason: str
    traceback: str


#: The internal errors that this process has met, for `--debug` at its end. They are kept here since results for users
#: have no room for a traceback.
CRASHES: list[Crash] = []


class _Call(threading.local):
    """What a program's call of the API collects in its thread; None where the process is this tool's own.

    make_room: clears live progress from the terminal before a note is written.
    """

    crashes: list[Crash] | None = None
    notes: list[str] | None = None
    make_room: Callable[[], object] | None = None


_call = _Call()


@contextmanager
def notes_collected() -> Iterator[list[str]]:
    """Provide the notes of the block, in which nothing is printed, and no crash is kept beyond it."""
    before = _call.crashes, _call.notes
    _call.crashes, _call.notes = [], []
    try:
        yield _call.notes
    finally:
        _call.crashes, _call.notes = before


@contextmanager
def room_for_notes(make_room: Callable[[], object]) -> Iterator[None]:
    """Call a function before each note that is written inside the block, and at the end of the block."""
    before, _call.make_room = _call.make_room, make_room
    try:
        yield
    finally:
        _call.make_room = before
        make_room()


def keep_crash(crash: Crash) -> None:
    """Keep an internal error for the end of the command."""
    (CRASHES if _call.crashes is None else _call.crashes).append(crash)


def note(sentence: str) -> None:
    """Write a note to the standard error, since the standard output is for answers; a call of the API collects it."""
    if _call.notes is not None:
        _call.notes.append(printable(sentence))
        return
    if _call.make_room is not None:
        _call.make_room()
    with contextlib.suppress(OSError, ValueError, AttributeError):  # it is closed
        sys.stderr.write(printable(f"Note: {sentence}.") + "\n")
        sys.stderr.flush()


#: Exceptions caused by the input, the machine or the user; any other one is a fault of this tool.
NOT_OURS = (UserError, OSError, KeyboardInterrupt, SystemExit)


def crash_reason(error: BaseException) -> str:
    """Return the sentence that users read about an internal error of this tool."""
    said = " ".join(str(error).split())
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    fault = f"this is a fault of oas-tasks, not of the document ({what})"
    return f"{fault}; please report it, with what slice-oas --debug shows"


class FormatError(UserError):
    """The text of a file is not what its format allows (YAML 1.2, JSON)."""


class SettingsError(UserError):
    """A setting is unknown, of the wrong type, or contradicts another."""


class DocumentError(UserError):
    """The file is readable, but it is not an OpenAPI document that can be sliced."""
