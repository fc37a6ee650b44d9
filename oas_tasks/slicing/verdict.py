"""The verdict over a slice: the phases of validation, with what was found of parts remembered.

For now the structure alone; see `openapi/validation`.
"""

from __future__ import annotations
