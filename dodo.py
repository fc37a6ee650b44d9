"""The build of this repository: slices of the sample document, or of what pyproject.toml names."""

from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice

__all__ = ["DOIT_CONFIG", "task_index", "task_prune", "task_slice"]
