"""What can be asked on a terminal, and the two ways to ask it: in lines that can be edited, or plainly.

`line_prompts.py` has the first, and `plain_prompts.py` the second; `terminal_prompts.py` chooses one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from oas_tasks.printable import printable


class NothingDone(KeyboardInterrupt):
    """A question was left with Ctrl-C or Ctrl-D."""


class Line(NamedTuple):
    """A question that is answered with a line of text.

    label: what stands in front of the answer.
    default: the answer that Enter alone gives, shown behind the label; "" for none.
    complete: returns the lines that a beginning may be completed to.
    comment: returns what to show below an answer while it is typed, in lines.
    list_answer: the answer that the down arrow key gives, "" for none.
    """

    label: str
    default: str = ""
    complete: Callable[[str], Sequence[str]] | None = None
    comment: Callable[[str], Sequence[str]] | None = None
    list_answer: str = ""

    @property
    def shown(self) -> str:
        """What is shown in front of the answer, on one line."""
        return printable(f"{self.label} [{self.default}]: " if self.default else f"{self.label}: ")


class Prompts(Protocol):
    """A way to ask on a terminal. Each question raises NothingDone at Ctrl-C and Ctrl-D."""

    def line(self, line: Line) -> str:
        """Return a line of text without blanks around it; the default if it is empty."""

    def choose(self, label: str, choices: Mapping[str, str]) -> str:
        """Return one of some values, which are given with their names; the first is the default."""

    def pick(self, label: str, items: Sequence[str], typed: str) -> list[int]:
        """Return the numbers of the items that are picked, in their order; none if the user goes back.

        typed: what to filter the items by at first.
        """


def is_terminal() -> bool:
    """Whether somebody can be asked: the standard input and output are a terminal."""
    try:
        return sys.stdin.isatty() and sys.stdout.isatty()
    except (AttributeError, ValueError):  # closed
        return False


def say(text: str, is_command: bool = False) -> None:
    """Show a text between questions, in lines that break between words; a command is one line, to be copied."""
    lines = [printable(text)]
    if not is_command:
        import shutil
        import textwrap

        width = max(shutil.get_terminal_size().columns - 1, 20)
        lines = textwrap.wrap(lines[0], width, break_long_words=False, break_on_hyphens=False)
    print("\n".join(lines), flush=True)  # noqa: T201


def confirmed(prompts: Prompts, label: str) -> bool:
    """Return whether the answer is yes; Enter alone is no."""
    while True:
        answer = prompts.line(Line(f"{label} (y/N)")).casefold()
        if answer in ("", "n", "no", "y", "yes"):
            return answer[:1] == "y"
        say("Type y or n.")


@contextmanager
def nothing_done() -> Iterator[None]:
    """Raise NothingDone for Ctrl-C anywhere in the block, in which nothing is written."""
    try:
        yield
    except NothingDone:
        raise
    except (KeyboardInterrupt, EOFError):
        print()  # noqa: T201  behind the terminal's ^C
        raise NothingDone from None
