"""Slices a large OpenAPI document into one small, self-contained, validated file per endpoint, on doit.

A repository's `dodo.py` is two lines:

    from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice
    __all__ = ["DOIT_CONFIG", "task_index", "task_prune", "task_slice"]

A program calls `extract`, `list_endpoints`, `slice_endpoint` and `affected`. What is wrong with its request or its
document they raise as UserError, whose `message`, `where` and `hint` are for people: DocumentError and FormatError
where it is the document, SettingsError where it is the request. Whatever else they raise is a fault of the machine
(OSError) or of this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oas_tasks.api.batch_extraction import BatchExtractionResult, FailedEndpoint, extract
    from oas_tasks.api.batch_request import BatchExtractionRequest
    from oas_tasks.api.endpoints import EndpointChange, ListedEndpoint, affected, list_endpoints, slice_endpoint
    from oas_tasks.errors import DocumentError, FormatError, SettingsError, UserError, Where
    from oas_tasks.queries.compare import Cause, CauseKind, Extent
    from oas_tasks.tasks.tasks import task_index, task_prune, task_slice

    DOIT_CONFIG: dict[str, object]

__version__ = "0.1.0"

#: What can be imported from here, by the module that it comes from.
_PLACES = {
    "oas_tasks.tasks.tasks": ("task_index", "task_prune", "task_slice"),
    "oas_tasks.api.batch_extraction": ("BatchExtractionResult", "FailedEndpoint", "extract"),
    "oas_tasks.api.batch_request": ("BatchExtractionRequest",),
    "oas_tasks.api.endpoints": ("EndpointChange", "ListedEndpoint", "affected", "list_endpoints", "slice_endpoint"),
    "oas_tasks.errors": ("DocumentError", "FormatError", "SettingsError", "UserError", "Where"),
    "oas_tasks.queries.compare": ("Cause", "CauseKind", "Extent"),
}

__all__ = [
    "DOIT_CONFIG",
    "BatchExtractionRequest",
    "BatchExtractionResult",
    "Cause",
    "CauseKind",
    "DocumentError",
    "EndpointChange",
    "Extent",
    "FailedEndpoint",
    "FormatError",
    "ListedEndpoint",
    "SettingsError",
    "UserError",
    "Where",
    "__version__",
    "affected",
    "extract",
    "list_endpoints",
    "slice_endpoint",
    "task_index",
    "task_prune",
    "task_slice",
]


def __getattr__(name: str) -> object:
    """Import what is asked for only then: a dodo.py needs no API, and a program no doit until it extracts."""
    place = next((module for module, names in _PLACES.items() if name in names), None)
    if name == "DOIT_CONFIG" or place == "oas_tasks.tasks.tasks":
        from oas_tasks.tasks.output import report_interruption

        report_interruption()  # first of all, since the imports below take most of a run with nothing to do
    if name == "DOIT_CONFIG":
        from oas_tasks.tasks.doit_config import repository_doit_config

        return repository_doit_config()
    if place is None:
        raise AttributeError(f"module 'oas_tasks' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(place), name)


def __dir__() -> list[str]:
    """Return what can be imported, for completion."""
    return __all__
