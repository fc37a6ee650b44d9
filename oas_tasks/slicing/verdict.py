"""The verdict over a slice: the phases of validation, with what was found of parts remembered."""

from __future__ import annotations

from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault
from oas_tasks.openapi.model import Model


class Verdicts:
    """Validates the slices of one document."""

    def __init__(self, model: Model, mode: str) -> None:
        self.model = model
        self.mode = mode

    def faults(self, value: dict[str, Value], path: str) -> list[Fault]:
        """Return what is wrong with a slice, the first failing phase only."""
        return []
