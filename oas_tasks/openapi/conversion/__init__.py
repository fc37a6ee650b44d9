"""Conversion between OpenAPI 3.0, 3.1 and 3.2, of one value at a time, by tables of rules. Knows no files.

Everybody takes what is in `__all__` from here. The rules stand in `schemas_30_to_31`, `schemas_31_to_30`,
`media_32_to_31`, `documents` and `foreign_fields`; `converting` has the table of them.
"""

from __future__ import annotations

from oas_tasks.openapi.conversion.around import OneWay, Surroundings, with_users
from oas_tasks.openapi.conversion.converting import convert, stays, target_version
from oas_tasks.openapi.conversion.documents import is_in_callback
from oas_tasks.openapi.conversion.losses import Converted, Loss, LossKind
from oas_tasks.openapi.conversion.one_way import one_way_schemas
from oas_tasks.openapi.conversion.rules import aside_name

__all__ = [
    "Converted",
    "Loss",
    "LossKind",
    "OneWay",
    "Surroundings",
    "aside_name",
    "convert",
    "is_in_callback",
    "one_way_schemas",
    "stays",
    "target_version",
    "with_users",
]
