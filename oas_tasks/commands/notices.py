"""Prints notices about settings that have no effect."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from oas_tasks.printable import printable
from oas_tasks.state.run import Run


def print_notices(runs: Iterable[Run]) -> None:
    """Print to the standard error which values of filters match nothing."""
    for run in runs:
        name = f"{run.settings.name}: " if run.settings.name else ""
        for notice in run.notices:
            print(printable(f"slice-oas: {name}{notice}"), file=sys.stderr)  # noqa: T201
