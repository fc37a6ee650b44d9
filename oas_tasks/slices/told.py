"""A fault in a user's files as people are told of it: small, and fit to be stored."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from oas_tasks.printable import printable


class Told(NamedTuple):
    """A fault, with its place as the user knows it.

    place: the file, with line and column where they are known: `api.yaml:104:20`; "" where it is in no file.
    pointer: the JSON Pointer in the file, for people, or "".
    message: what is wrong there.
    key: the field of what stands there that is at fault, while its line is not known; "" where all of it is.
    """

    place: str
    pointer: str
    message: str
    key: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text} (at {self.pointer})" if self.pointer else text


def reason_of(faults: Iterable[Told]) -> str:
    """Return faults in words on one line, as the index has them."""
    return printable("; ".join(map(str, faults)))


def encoded(faults: Iterable[Told]) -> str:
    """Return faults as JSON, "" where there are none."""
    listed = list(faults)
    return json.dumps(listed, ensure_ascii=False, separators=(",", ":")) if listed else ""


def decoded(text: str) -> list[Told]:
    """Return the faults that `encoded` was given."""
    return [Told(*each) for each in json.loads(text)] if text else []
