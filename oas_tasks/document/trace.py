"""Notes what a computation reads of a document, so that its result can be kept until one of these changes."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

#: Something that was read: a kind, and what it applies to. `member` and the keys from the root: the value there, or
#: its absence. `names` and the keys of a mapping: the names of its members, in order. `file` and the name of a file in
#: `Sources`. `whole`: the whole entry document. Other rooms add kinds for facts that they derive from several members.
Read: TypeAlias = tuple[str, ...]

#: All of the entry document.
WHOLE: Read = ("whole",)

#: More than is worth noting. What was worked out so is not kept for the next run.
TOO_MUCH: Read = ("too much",)

#: How long a chain of references may be for all of its reads to be noted at each of its places. Noting a longer one
#: would take time and memory in the square of its length.
LONGEST_CHAIN = 64

_NOTHING: frozenset[Read] = frozenset()
_TOO_MUCH: frozenset[Read] = frozenset((TOO_MUCH,))


def reads_along(own: Collection[Read], further: Collection[Read], length: int) -> Collection[Read]:
    """Return what is read to follow a chain of references to its end.

    own: to follow the first. further: to follow the others. length: of the whole chain.
    """
    return _TOO_MUCH if length > LONGEST_CHAIN else {*own, *further}


class Trace:
    """Notes what is read between `begin` and `end`, which may be nested.

    For a single thread; `stop` turns it off for good.
    """

    __slots__ = ("_around", "_is_on", "now")

    def __init__(self, is_on: bool = True) -> None:
        self._is_on = is_on
        #: The reads since the last `begin`, None if everything has ended.
        self.now: set[Read] | None = None
        #: Those of the enclosing ones, the outermost first.
        self._around: list[set[Read]] = []

    def stop(self) -> None:
        """Note nothing from now on, so that several threads may read."""
        self._is_on = False
        self.now = None
        self._around = []

    def note(self, read: Read) -> None:
        """Note one read."""
        if self.now is not None:
            self.now.add(read)

    def note_all(self, reads: Collection[Read]) -> None:
        """Note the reads behind a result that is used again."""
        if reads and self.now is not None:
            self.now.update(reads)

    @property
    def depth(self) -> int:
        """The number of calls of `begin` that have not ended."""
        return len(self._around) + (self.now is not None)

    def unwind(self, depth: int) -> None:
        """End what was begun beyond a depth."""
        while self.depth > depth:
            self.end()

    def begin(self) -> None:
        """Begin to note reads."""
        if self._is_on:
            if self.now is not None:
                self._around.append(self.now)
            self.now = set()

    def end(self) -> Collection[Read]:
        """Return what was read since the last `begin`; it counts for the enclosing one as well."""
        reads = self.now
        if reads is None:
            return _NOTHING
        if self._around:
            self.now = self._around.pop()
            self.now |= reads
        else:
            self.now = None
        return reads
