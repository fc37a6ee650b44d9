"""A stream for runs that say nothing."""

from __future__ import annotations


class Quiet:
    """A stream that drops what is written."""

    def write(self, text: str) -> int:
        """Drop a text."""
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""
