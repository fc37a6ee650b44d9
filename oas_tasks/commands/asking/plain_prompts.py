"""Asks with nothing but lines of text, where a terminal can do no more (`TERM=dumb`): on the prompts of click."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import click

from oas_tasks.commands.asking.prompts import Line, NothingDone, say

#: The most items that are listed at once.
_LISTED = 40


class PlainPrompts:
    """Questions and answers as lines of text."""

    def line(self, line: Line) -> str:
        """Return a line of text without blanks around it; the default if it is empty."""
        return _read(line.shown) or line.default

    def choose(self, label: str, choices: Mapping[str, str]) -> str:
        """Return one of some values, which are given with their names; the first is the default."""
        values = list(choices)
        for value, name in choices.items():
            say(name if name.startswith(value) else f"{value}: {name}")
        while True:
            answer = _read(Line(label, values[0]).shown).casefold() or values[0]
            found = [each for each in values if each.casefold() == answer]
            found = found or [each for each in values if each.casefold().startswith(answer)]
            if len(found) == 1:
                return found[0]
            say(f"Type {', '.join(values[:-1])} or {values[-1]}.")

    def pick(self, label: str, items: Sequence[str], typed: str) -> list[int]:
        """Return the numbers of the items that are picked, in their order; none if the user goes back."""
        while True:
            shown = [number for number, each in enumerate(items) if typed.casefold() in each.casefold()]
            for number in shown[:_LISTED]:
                say(f"{number + 1:>5}  {items[number]}")
            if len(shown) > _LISTED:
                say(f"       and {len(shown) - _LISTED:,} more: type a part of what you look for")
            if not shown:
                say(f"Nothing has '{typed}' in it.")
            answer = _read(f"{label}: numbers such as 1 3 5-7, or a part of a path: ")
            if not answer:
                return []
            found = _numbers(answer, len(items))
            if found:
                return found
            typed = answer


def _numbers(text: str, count: int) -> list[int]:
    """Return the numbers in a text such as `1 3 5-7`, counted from 0; none if it is no such text."""
    found: set[int] = set()
    for word in re.split(r"[\s,]+", text):
        match = re.fullmatch(r"(\d{1,7})(?:-(\d{1,7}))?", word)
        if match is None:
            return []
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= count:
            return []
        found.update(range(first - 1, last))
    return sorted(found)


def _read(shown: str) -> str:
    """Return an answer. Raises NothingDone."""
    try:
        return str(click.prompt(shown, default="", show_default=False, prompt_suffix="")).strip()
    except (click.Abort, KeyboardInterrupt, EOFError):
        print()  # noqa: T201  behind the terminal's ^C
        raise NothingDone from None
