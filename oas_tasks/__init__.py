"""Slices a large OpenAPI document into one small, self-contained, validated file per endpoint, on doit.

A repository's `dodo.py` is two lines:

    from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice
    __all__ = ["DOIT_CONFIG", "task_index", "task_prune", "task_slice"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oas_tasks.tasks.tasks import task_index, task_prune, task_slice

    DOIT_CONFIG: dict[str, object]

__version__ = "0.1.0"

__all__ = ["DOIT_CONFIG", "__version__", "task_index", "task_prune", "task_slice"]


def __getattr__(name: str) -> object:
    """Import what a dodo.py asks for only then, so that nothing else loads doit."""
    if name in __all__:
        from oas_tasks.tasks.output import report_interruption

        report_interruption()  # first of all, since the imports below take most of a run with nothing to do
    if name == "DOIT_CONFIG":
        from oas_tasks.tasks.doit_config import repository_doit_config

        return repository_doit_config()
    if name in ("task_index", "task_prune", "task_slice"):
        from oas_tasks.tasks import tasks

        return getattr(tasks, name)
    raise AttributeError(f"module 'oas_tasks' has no attribute '{name}'")
