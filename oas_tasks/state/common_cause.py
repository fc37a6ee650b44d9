"""One thing that makes most endpoints stale at once, as people are told it."""

from __future__ import annotations

from typing import NamedTuple

from oas_tasks.printable import printable


class CommonCause(NamedTuple):
    """One thing for which endpoints are stale.

    endpoints: those, by path and method.
    what: in words, `info.description changed, which every slice carries`.
    hint: the setting that would have left them alone, or "".
    """

    endpoints: frozenset[tuple[str, str]]
    what: str
    hint: str

    def told(self, made: int) -> str:
        """Return it in words, given how many slices were made."""
        sentence = f"{min(made, len(self.endpoints)):,} re-made: {self.what}"
        return printable(f"{sentence}. {self.hint}" if self.hint else sentence)
