"""Diagnostics: faults and warnings as people read them, small enough to be stored."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from oas_tasks.printable import printable


class Diagnostic(NamedTuple):
    """A fault or a warning, with its place as the user knows it.

    place: the file, with line and column where they are known: `api.yaml:104:20`; "" where it is in no file.
    pointer: the JSON Pointer in the file, for people, or "".
    message: what is wrong there.
    key: the field at fault, whose key has the line; "" where the whole value is.
    """

    place: str
    pointer: str
    message: str
    key: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text} (at {self.pointer})" if self.pointer else text


def reason_of(faults: Iterable[Diagnostic]) -> str:
    """Return diagnostics on one line, as the index has them."""
    return printable("; ".join(map(str, faults)))


def encoded(faults: Iterable[Diagnostic]) -> str:
    """Return diagnostics as JSON, "" where there are none."""
    listed = list(faults)
    return json.dumps(listed, ensure_ascii=False, separators=(",", ":")) if listed else ""


def decoded(text: str) -> list[Diagnostic]:
    """Return the diagnostics of what `encoded` returned."""
    return [Diagnostic(*each) for each in json.loads(text)] if text else []
