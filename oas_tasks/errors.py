"""What can be wrong with what a user gave us, in plain words.

Raised deep, where the fault is known and can be phrased; printed once, at the border (the command line,
or doit's reporter). Everything else that is raised is a fault of this tool.
"""

from __future__ import annotations

from typing import NamedTuple

from oas_tasks.printable import printable

#: What is said when Ctrl-C ends a run.
INTERRUPTED = "Interrupted. What was finished is kept; run the same command again to go on."


class Where(NamedTuple):
    """A place in the user's input.

    file: the path as the user wrote it.
    line, column: counted from 1; None where there is none (a missing file) or it is not known yet.
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

    message: what is wrong, without the place and without a full stop's worth of internals.
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
    """A fault of this tool that it met while it was at one thing, which is all that it costs.

    at: what that was: `GET /users`.
    reason: as `crash_reason` has it.
    traceback: where in this tool, for `--debug`.
    """

    at: str
    reason: str
    traceback: str


#: The faults of this tool that this process has heard of, for who asks to see them at its end: a fault passes through
#: whatever returns a result for people, none of which has a use for where it is.
CRASHES: list[Crash] = []


#: What goes wrong for the input's sake, the machine's, or whoever runs this; all else is a fault of this tool.
NOT_OURS = (UserError, OSError, KeyboardInterrupt, SystemExit)


def crash_reason(error: BaseException) -> str:
    """Return what people are told of a fault of this tool itself."""
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
