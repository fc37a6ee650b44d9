"""Defines the losses of a conversion, and the journal that collects them."""

from __future__ import annotations

from collections.abc import Iterator, Reversible
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from oas_tasks.formats import Value
from oas_tasks.openapi.pointer import Pointer

#: lossy: information is dropped, or moved to a field that tools ignore; the same instances stay valid.
#: loosened: a schema accepts more than before, and never less.
#: impossible: the target cannot express it, and an operation that needs it is unfit for use. Inside a callback it
#: counts as `lossy`, since the operation around it can be used, unless `stays`.
#: ambiguous: nothing is lost according to 3.0.3 and later, but older documents could mean something else.
LossKind = Literal["lossy", "loosened", "impossible", "ambiguous"]


@dataclass(frozen=True, slots=True)
class Loss:
    """One loss of a conversion.

    tokens: its place in the value as it was before the conversion.
    what: the reason, one clause: "'propertyNames' cannot be said in 3.0".
    became: the outcome: "dropped", "kept as 'x-summary'".
    stays: it is kept unchanged, so that the target's rules reject it: dropping it would weaken security.
    """

    tokens: Pointer
    what: str
    became: str
    kind: LossKind
    stays: bool = False


@dataclass(frozen=True, slots=True)
class ConvertedValue:
    """A value in the target's version.

    losses: in the order in which they were met.
    loosens: a schema in it accepts more than before, or refers to one that does.
    moves: something that may contain references is at another place, or gone.
    drops: something that may have contained references is gone.
    """

    value: Value
    losses: tuple[Loss, ...]
    loosens: bool
    moves: bool
    drops: bool


class Journal:
    """The losses that one conversion has noted so far.

    losses: by their places; for each place the last one.
    loosened: the places of keywords that accept more than before.
    moves, drops: as `ConvertedValue` has them.
    operations: the first of each operationId, as it was read.
    """

    __slots__ = ("drops", "loosened", "losses", "moves", "operations")

    def __init__(self) -> None:
        self.moves = False
        self.drops = False
        self.losses: dict[Pointer, Loss] = {}
        self.loosened: list[Pointer] = []
        self.operations: dict[str, Value] = {}

    def lose(self, loss: Loss) -> None:
        """Note a loss, replacing an earlier one at the same place."""
        self.losses[loss.tokens] = loss
        if loss.kind == "loosened":
            self.loosened.append(loss.tokens)

    def forget(self, tokens: Pointer) -> None:
        """Drop everything that was noted at a place and below, since that is not in the result.

        The place must be in the object that is being converted: only the latest notes are searched.
        """
        for at in [at for at in _latest(self.losses, tokens[:-1]) if at[: len(tokens)] == tokens]:
            del self.losses[at]
        self.drops = True
        count = sum(1 for _ in _latest(self.loosened, tokens[:-1]))
        start = len(self.loosened) - count
        self.loosened[start:] = [at for at in self.loosened[start:] if at[: len(tokens)] != tokens]

    def is_loosened(self, tokens: Pointer) -> bool:
        """Whether something at a place or below accepts more than before; the place is as in `forget`."""
        return any(at[: len(tokens)] == tokens for at in _latest(self.loosened, tokens[:-1]))


def _latest(noted: Reversible[Pointer], tokens: Pointer) -> Iterator[Pointer]:
    """Yield the places that were noted last, as long as they are in the object at `tokens`."""
    return takewhile(lambda at: at[: len(tokens)] == tokens, reversed(noted))
