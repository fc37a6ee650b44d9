"""Asks on a terminal before slices are removed that a filter on the command line leaves out."""

from __future__ import annotations

from collections.abc import Sequence

from oas_tasks.commands.asking.prompts import confirmed, nothing_done, say
from oas_tasks.commands.asking.terminal_prompts import prompts_of_terminal

#: How many endpoints are named.
_NAMED = 3


def may_remove(left_out: Sequence[str]) -> bool:
    """Return whether the user wants slices to be removed. Raises NothingDone.

    left_out: their endpoints.
    """
    count = len(left_out)
    more = f" and {count - _NAMED:,} more" if count > _NAMED else ""
    what, them = ("There is 1 slice", "it") if count == 1 else (f"There are {count:,} slices", "them")
    with nothing_done():
        say(f"{what} that the filter leaves out: {', '.join(left_out[:_NAMED])}{more}.")
        is_wanted = confirmed(prompts_of_terminal(), f"Remove {them}?")
        if not is_wanted:
            say(f"--no-prune keeps {them} without a question.")
        return is_wanted
