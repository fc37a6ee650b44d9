"""Replaces commands of doit that end in a traceback where a sentence would do.

The entry points `doit.COMMAND` install them, for every dodo.py; otherwise they behave like doit's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from doit import cmd_forget, cmd_info, cmd_list
from doit.exceptions import InvalidCommand

from oas_tasks.tasks.output import Output, SafeStream


class Info(cmd_info.Info):  # type: ignore[misc]
    """`doit info NAME`, with a sentence where there is no such task."""

    def _execute(self, pos_args: Sequence[str], hide_status: bool = False) -> int:
        names = [task.name for task in self.task_list]
        for asked in pos_args:
            if asked not in names:
                close = get_close_matches(asked, names, n=1)
                hint = f"Did you mean '{close[0]}'?" if close else f"'{self.bin_name} list --all' shows what there is."
                raise InvalidCommand(f"there is no task '{asked}'. {hint}")
        return int(super()._execute(pos_args, hide_status))


class List(cmd_list.List):  # type: ignore[misc]
    """`doit list`, which also works with a closed pipe or an encoding that lacks some characters."""

    outstream: Output

    def execute(self, params: object, args: Sequence[str]) -> int:
        """List the tasks."""
        self.outstream = SafeStream(self.outstream)
        return int(super().execute(params, args))


class Forget(cmd_forget.Forget):  # type: ignore[misc]
    """`doit forget`, which forgets all tasks where none is named, as `doit run` runs all of them."""

    def _execute(self, forget_sub: bool, forget_disable_default: bool, forget_all: bool) -> None:
        if not self.sel_tasks:
            self.sel_tasks: list[str] = [task.name for task in self.task_list if task.subtask_of is None]
        super()._execute(forget_sub, forget_disable_default, forget_all)
