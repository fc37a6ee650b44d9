"""Remembers the results of the last calls, by the identity of an argument or by a key."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Found = TypeVar("Found")
Key = TypeVar("Key")

#: How many results are remembered: each takes as much memory as a list or two of a slice's components.
_MOST = 64


class Recent(Generic[Found]):
    """A small cache of results, by the identity of an object or by a key; the least recently used is dropped."""

    def __init__(self) -> None:
        # The object is kept with its result, so that no other object can get its identity.
        self._found: OrderedDict[object, tuple[object, Found]] = OrderedDict()

    def of(self, asked: Key, find: Callable[[Key], Found]) -> Found:
        """Return the result for this very object, computed if it is not remembered."""
        return self.by(id(asked), asked, lambda: find(asked))

    def by(self, key: object, asked: object, find: Callable[[], Found]) -> Found:
        """Return the result for a key, computed if it is not remembered."""
        known = self._found.get(key)
        if known is None:
            known = self._found[key] = (asked, find())
            if len(self._found) > _MOST:
                self._found.popitem(last=False)
        else:
            self._found.move_to_end(key)
        return known[1]
