"""A list on the terminal that filters as one types, and in which several items can be ticked: on prompt_toolkit.

It draws only what can be seen, so that a list of 18,345 endpoints moves as fast as a short one.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from prompt_toolkit.application import Application, get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import BufferControl, FormattedTextControl, HSplit, Layout, VSplit, Window

#: Lines of the list at most, and what else needs lines.
_ROWS = 12
_OTHER_ROWS = 6


class _List:
    """What the list shows.

    shown: the numbers of the items that the filter lets through.
    at: the position of the cursor among them. top: the first that can be seen.
    """

    def __init__(self, items: Sequence[str]) -> None:
        self.items = items
        self._folded = [each.casefold() for each in items]
        self.ticked: set[int] = set()
        self.filter("")

    def filter(self, text: str) -> None:
        """Show the items that have all words of a text in them."""
        words = text.casefold().split()
        self.shown = [n for n, each in enumerate(self._folded) if all(word in each for word in words)]
        self.at = self.top = 0

    def move(self, steps: int) -> None:
        """Move the cursor."""
        self.at = max(0, min(self.at + steps, len(self.shown) - 1))

    def toggle(self) -> None:
        """Tick the item at the cursor, or take its tick away, and move on."""
        if self.shown:
            self.ticked ^= {self.shown[self.at]}
            self.move(1)

    def toggle_all(self) -> None:
        """Tick all items that are shown; if all are ticked, take the ticks away."""
        if self.ticked.issuperset(self.shown):
            self.ticked.difference_update(self.shown)
        else:
            self.ticked.update(self.shown)

    def picked(self) -> list[int]:
        """Return the ticked items; if there are none, the one at the cursor."""
        return sorted(self.ticked) or self.shown[self.at : self.at + 1]

    def lines(self, rows: int) -> StyleAndTextTuples:
        """Return what can be seen in so many lines."""
        self.top = max(min(self.top, self.at), self.at - rows + 1, 0)
        found: StyleAndTextTuples = []
        for position in range(self.top, min(self.top + rows, len(self.shown))):
            number = self.shown[position]
            here = position == self.at
            text = f"{'>' if here else ' '} [{'x' if number in self.ticked else ' '}] {self.items[number]}\n"
            found.append(("bold" if here else "", text))
        return found or [("", "  nothing has this in it\n")]

    def status(self) -> str:
        """Return how many items there are."""
        return f"{len(self.ticked):,} ticked, {len(self.shown):,} of {len(self.items):,} shown"


def pick(label: str, items: Sequence[str], typed: str) -> list[int]:
    """Return the numbers of the items that are picked, in their order; none if the user goes back with Escape.

    typed: what to filter them by at first. Raises KeyboardInterrupt and EOFError at Ctrl-C and Ctrl-D.
    """
    listed = _List(items)
    buffer = Buffer(multiline=False, on_text_changed=lambda changed: listed.filter(changed.text))
    buffer.text = typed
    buffer.cursor_position = len(typed)
    application: Application[list[int]] = Application(
        Layout(_container(label, listed, buffer)), key_bindings=_bindings(listed), erase_when_done=True
    )
    application.ttimeoutlen = 0.1
    application.renderer.cpr_not_supported_callback = None  # it needs no place of the cursor
    return application.run()


def _container(label: str, listed: _List, buffer: Buffer) -> HSplit:
    def rows() -> int:
        return max(3, min(_ROWS, get_app().output.get_size().rows - _OTHER_ROWS))

    def heading() -> str:
        text = f"{label}: type to filter, Space ticks, Ctrl-A ticks all, Enter takes them, Esc goes back."
        return "\n".join(textwrap.wrap(text, get_app().output.get_size().columns - 1))

    filtering = VSplit(
        [Window(FormattedTextControl("Filter: "), width=8, height=1), Window(BufferControl(buffer), height=1)]
    )
    return HSplit(
        [
            Window(FormattedTextControl(heading), dont_extend_height=True),
            filtering,
            Window(FormattedTextControl(lambda: listed.lines(rows())), height=rows),
            Window(FormattedTextControl(listed.status), height=1),
        ]
    )


def _bindings(listed: _List) -> KeyBindings:
    bindings = KeyBindings()
    for key, steps in (("up", -1), ("down", 1), ("pageup", -_ROWS), ("pagedown", _ROWS)):
        bindings.add(key)(lambda event, steps=steps: listed.move(steps))
    bindings.add(" ")(lambda event: listed.toggle())
    bindings.add("tab")(lambda event: listed.toggle())
    bindings.add("c-a")(lambda event: listed.toggle_all())

    @bindings.add("enter")
    def _(event: KeyPressEvent) -> None:
        if listed.picked():
            event.app.exit(result=listed.picked())

    @bindings.add("escape", eager=True)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=[])

    @bindings.add("c-c")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt)

    @bindings.add("c-d")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError)

    return bindings
