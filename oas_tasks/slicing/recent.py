"""What was worked out of objects that come again: endpoints of one document often reach the very same components.

Half of Stripe's endpoints reach the same 406 schemas; what is found out of all of these need not be found out again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Found = TypeVar("Found")
Key = TypeVar("Key")

#: How many are remembered: each is a list or two as long as there are components in a slice.
_MOST = 64


class Recent(Generic[Found]):
    """What was found of the objects that were asked for last, by their identity or by a key."""

    def __init__(self) -> None:
        # The object is kept with what was found of it, so that no other one can have its identity.
        self._found: OrderedDict[object, tuple[object, Found]] = OrderedDict()

    def of(self, asked: Key, find: Callable[[Key], Found]) -> Found:
        """Return what was found of this very object, or find it."""
        return self.by(id(asked), asked, lambda: find(asked))

    def by(self, key: object, asked: object, find: Callable[[], Found]) -> Found:
        """Return what was found under a key, or find it."""
        known = self._found.get(key)
        if known is None:
            known = self._found[key] = (asked, find())
            if len(self._found) > _MOST:
                self._found.popitem(last=False)
        else:
            self._found.move_to_end(key)
        return known[1]
