"""What a piece of work reads of a document, noted so that it need not be done again while that is as it was."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

#: Something that can be read: a kind, and what of it. `member` and the keys from the root on: what stands there, or
#: that there is nothing. `names` and the keys of a container: which members it has, in order. `file` and a file, as
#: `Sources` knows it. `whole`: all of the entry document. Who works something out of several members adds kinds.
Read: TypeAlias = tuple[str, ...]

#: All of the entry document.
WHOLE: Read = ("whole",)

_NOTHING: frozenset[Read] = frozenset()


class Trace:
    """Notes what is read between `begin` and `end`, pieces of work inside of one another included.

    It is one thread's, and notes nothing any more once it was stopped.
    """

    __slots__ = ("_is_on", "_open", "is_open")

    def __init__(self, is_on: bool = True) -> None:
        self._open: list[set[Read]] = []
        #: Whether anything is noted: a piece of work is under way.
        self.is_open = False
        self._is_on = is_on

    def stop(self) -> None:
        """Note nothing from now on, so that several threads may read."""
        self._is_on = self.is_open = False
        self._open = []

    def note(self, read: Read) -> None:
        """Note that something was read."""
        if self._open:
            self._open[-1].add(read)

    def note_all(self, reads: Collection[Read]) -> None:
        """Note what was read before for something that is now used again."""
        if reads and self._open:
            self._open[-1].update(reads)

    @property
    def depth(self) -> int:
        """How many pieces of work are under way."""
        return len(self._open)

    def unwind(self, depth: int) -> None:
        """Give up the pieces of work that are under way inside of so many others."""
        while len(self._open) > depth:
            self.end()

    def begin(self) -> None:
        """Begin with a piece of work."""
        if self._is_on:
            self._open.append(set())
            self.is_open = True

    def end(self) -> Collection[Read]:
        """Return what was read since the last `begin`, which is read for the work around as well."""
        if not self._is_on:
            return _NOTHING
        reads = self._open.pop()
        if self._open:
            self._open[-1] |= reads
        else:
            self.is_open = False
        return reads
