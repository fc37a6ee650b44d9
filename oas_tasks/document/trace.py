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

    __slots__ = ("_around", "_is_on", "now")

    def __init__(self, is_on: bool = True) -> None:
        self._is_on = is_on
        #: What the innermost piece of work has read so far, None where none is under way.
        self.now: set[Read] | None = None
        #: The same of the pieces of work around it, outer ones first.
        self._around: list[set[Read]] = []

    def stop(self) -> None:
        """Note nothing from now on, so that several threads may read."""
        self._is_on = False
        self.now = None
        self._around = []

    def note(self, read: Read) -> None:
        """Note that something was read."""
        if self.now is not None:
            self.now.add(read)

    def note_all(self, reads: Collection[Read]) -> None:
        """Note what was read before for something that is now used again."""
        if reads and self.now is not None:
            self.now.update(reads)

    @property
    def depth(self) -> int:
        """How many pieces of work are under way."""
        return len(self._around) + (self.now is not None)

    def unwind(self, depth: int) -> None:
        """Give up the pieces of work that are under way inside of so many others."""
        while self.depth > depth:
            self.end()

    def begin(self) -> None:
        """Begin with a piece of work."""
        if self._is_on:
            if self.now is not None:
                self._around.append(self.now)
            self.now = set()

    def end(self) -> Collection[Read]:
        """Return what was read since the last `begin`, which is read for the work around as well."""
        reads = self.now
        if reads is None:
            return _NOTHING
        if self._around:
            self.now = self._around.pop()
            self.now |= reads
        else:
            self.now = None
        return reads
