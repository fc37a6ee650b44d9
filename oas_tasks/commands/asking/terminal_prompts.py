"""Chooses the way to ask on a terminal: plainly where it cannot move its cursor.

Both ways load libraries that only questions need, so they are imported when the first question is asked.
"""

from __future__ import annotations

import os

from oas_tasks.commands.asking.prompts import Prompts


def prompts_of_terminal() -> Prompts:
    """Return the best way to ask on this terminal."""
    if os.environ.get("TERM") not in ("dumb", "unknown"):
        from oas_tasks.commands.asking.line_prompts import line_prompts

        found = line_prompts()
        if found is not None:
            return found
    from oas_tasks.commands.asking.plain_prompts import PlainPrompts

    return PlainPrompts()
