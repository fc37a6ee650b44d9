"""Ctrl-C under doit, which lets Python print a traceback. Called for whatever dodo.py imports."""

from __future__ import annotations

import sys
from functools import cache
from types import TracebackType

from oas_tasks.errors import INTERRUPTED


@cache
def tell_interruption() -> None:
    """From now on say a sentence when Ctrl-C ends this process; every other exception is shown as before."""
    show = sys.excepthook

    def told(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            print(INTERRUPTED, file=sys.stderr)  # noqa: T201
        else:
            show(kind, error, traceback)

    sys.excepthook = told
