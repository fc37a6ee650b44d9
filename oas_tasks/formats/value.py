"""What the text of a file is read into, whichever format it is in."""

from __future__ import annotations

from typing import Literal, TypeAlias

#: Keys are always strings; their order is the source's.
Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"

Format = Literal["yaml", "json"]
