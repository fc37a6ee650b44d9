"""Asks in lines that can be edited and completed, and in lists: on prompt_toolkit and questionary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import questionary
from prompt_toolkit import PromptSession
from prompt_toolkit.application import Application
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import has_completions
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import create_output
from prompt_toolkit.styles import Style

from oas_tasks.commands.asking.pick_list import pick
from oas_tasks.commands.asking.prompts import Line, NothingDone
from oas_tasks.printable import printable

_Answer = TypeVar("_Answer")

#: Lines below the question that are kept free for completions.
_MENU = 6
_STYLE = Style([("bottom-toolbar", "noreverse"), ("qmark", "bold"), ("instruction", "")])


def line_prompts() -> LinePrompts | None:
    """Return the prompts, None where the terminal does not let a program move its cursor."""
    try:
        create_output()
    except Exception:  # noqa: BLE001  each system has its own
        return None
    return LinePrompts()


class LinePrompts:
    """Questions with line editing; the up arrow key brings back earlier answers."""

    def __init__(self) -> None:
        self._history = InMemoryHistory()

    def line(self, line: Line) -> str:
        """Return a line of text without blanks around it; the default if it is empty."""
        session: PromptSession[str] = PromptSession(history=self._history)
        _without_warning(session.app)
        comment = line.comment
        toolbar = None if comment is None else lambda: "\n".join(_toolbar(comment, session))
        answer = _answered(
            lambda: session.prompt(
                line.shown,
                completer=None if line.complete is None else _Lines(line.complete),
                complete_while_typing=False,
                reserve_space_for_menu=_MENU,
                bottom_toolbar=toolbar,
                key_bindings=_bindings(line.list_answer),
                style=_STYLE,
            )
        )
        return answer.strip() or line.default

    def choose(self, label: str, choices: Mapping[str, str]) -> str:
        """Return one of some values, which are given with their names; the first is the default."""
        listed = [questionary.Choice(printable(name), value) for value, name in choices.items()]
        first, _, rest = printable(label).partition(" ")  # there has to be a mark, with a blank behind it
        question = questionary.select(
            rest,
            listed,
            qmark=first,
            instruction="(arrow keys)",
            use_jk_keys=False,
            use_search_filter=True,
            style=_STYLE,
        )
        return str(_answered_question(question))

    def pick(self, label: str, items: Sequence[str], typed: str) -> list[int]:
        """Return the numbers of the items that are picked, in their order; none if the user goes back."""
        return _answered(lambda: pick(label, [printable(each) for each in items], typed))


class _Lines(Completer):
    """Completes the whole line."""

    def __init__(self, complete: Callable[[str], Sequence[str]]) -> None:
        self._complete = complete

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        typed = document.text_before_cursor
        for text in self._complete(typed):
            if text.isprintable():
                yield Completion(text, start_position=-len(typed))


def _toolbar(comment: Callable[[str], Sequence[str]], session: PromptSession[str]) -> list[str]:
    """Return the comment on what is typed, in lines that fit."""
    width = session.app.output.get_size().columns
    lines = [printable(each) for each in comment(session.default_buffer.text)]
    return [each if len(each) < width else each[: width - 4] + "..." for each in lines]


def _bindings(list_answer: str) -> KeyBindings | None:
    if not list_answer:
        return None
    bindings = KeyBindings()

    @bindings.add("down", filter=~has_completions)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=f"{list_answer} {event.current_buffer.text}")

    return bindings


def _answered(ask: Callable[[], _Answer]) -> _Answer:
    """Return an answer. Raises NothingDone."""
    try:
        return ask()
    except (KeyboardInterrupt, EOFError):
        raise NothingDone from None


def _without_warning(application: Application[Any]) -> None:
    """Have no warning where a terminal does not tell where its cursor is: only comments are not shown then."""
    application.renderer.cpr_not_supported_callback = None


def _answered_question(question: questionary.Question) -> Any:
    _without_warning(question.application)
    bindings = question.application.key_bindings
    assert isinstance(bindings, KeyBindings)

    @bindings.add("c-d", eager=True)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError)

    return _answered(question.unsafe_ask)
