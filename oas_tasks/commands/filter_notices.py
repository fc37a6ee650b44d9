"""What is told beside the answer of a command: settings that ask for nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from oas_tasks.printable import printable
from oas_tasks.state.run import Run


def tell_notices(runs: Iterable[Run]) -> None:
    """Write to the standard error which values of filters let nothing through."""
    for run in runs:
        name = f"{run.settings.name}: " if run.settings.name else ""
        for notice in run.notices:
            print(printable(f"slice-oas: {name}{notice}"), file=sys.stderr)  # noqa: T201
