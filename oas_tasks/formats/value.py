"""What the text of a file is read into, whichever format it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from decimal import Decimal

#: Keys are always strings; their order is the source's. A Decimal is a number of more digits than a float holds.
Value: TypeAlias = "bool | int | float | Decimal | str | list[Value] | dict[str, Value] | None"

Format = Literal["yaml", "json"]


class MergeKey(str):
    """The plain key `<<` of a YAML mapping whose value is a mapping, or a list of them.

    It is a text like any other but to those who know where in a document it stands.
    """

    __slots__ = ()
