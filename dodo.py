from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice

__all__ = ["DOIT_CONFIG", "task_index", "task_prune", "task_slice"]
