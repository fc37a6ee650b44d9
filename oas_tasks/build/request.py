"""What doit was asked for, as far as task generators may know: whether all that is stale, and nothing else, is wanted.

doit generates all tasks before it looks which are wanted, and a task costs far more than finding out that its endpoint
is up to date. Where everything is asked for, tasks of endpoints that are up to date need not be there.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping

from doit.cmd_base import DoitCmdBase
from doit.cmd_run import Run as RunCommand

from oas_tasks.build.doit_backend import Backend
from oas_tasks.config import Settings


def forgotten_of_whole_run(own: Collection[str]) -> frozenset[str] | None:
    """Return the names of the tasks that doit was made to forget where a whole run is under way, else None.

    own: names of the task generators whose tasks no others depend on.

    A whole run is `doit` or `doit run` without names, without `--always`, over these generators alone, with the state
    that suits them.
    """
    found = _command()
    if found is None:
        return None
    command, parameters = found
    is_whole = type(command) is RunCommand and command.sel_default_tasks and not command.sel_tasks
    if not is_whole or parameters.get("always") or not _generators(command).issubset(own):
        return None
    backend = getattr(command.dep_manager, "backend", None)
    return backend.forgotten() if isinstance(backend, Backend) else None


def processes_asked_for(settings: Settings) -> int:
    """Return how many processes may be at work on one thing: those that doit was told, and without doit the setting.

    Just one in a process that is one of several itself.
    """
    from multiprocessing import parent_process

    if parent_process() is not None:
        return 1
    found = _command()
    asked = settings.concurrency if found is None else found[1].get("num_process")
    return asked if isinstance(asked, int) and asked > 1 else 1


def _command() -> tuple[DoitCmdBase, Mapping[str, object]] | None:
    """Return doit's command whose tasks are being loaded, with its parameters.

    doit tells generators nothing of it, so that it is looked for among the callers; where it is not found nothing is
    known, and every task is generated.
    """
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "execute":
            command, parameters = frame.f_locals.get("self"), frame.f_locals.get("params")
            if isinstance(command, DoitCmdBase) and isinstance(parameters, Mapping):
                return command, parameters
        frame = frame.f_back  # type: ignore[assignment]
    return None


def _generators(command: DoitCmdBase) -> set[str]:
    """Return the names of all task generators of a dodo.py."""
    namespace = getattr(command.loader, "namespace", None) or {}
    return {
        name
        for name, value in namespace.items()
        if (name.startswith("task_") and callable(value)) or hasattr(value, "create_doit_tasks")
    }
