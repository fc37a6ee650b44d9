"""Converts values between OpenAPI 3.0, 3.1 and 3.2, one at a time, by tables of rules. Knows no files.

Other rooms import what is in `__all__` from here. The rules stand in `from_30_to_31`, `from_31_to_30`,
`from_32_to_31`, `any_version` and `missing_fields`; `convert` has the table of them.
"""

from __future__ import annotations

from oas_tasks.openapi.conversion.any_version import is_in_callback
from oas_tasks.openapi.conversion.context import OneWay, Surroundings, with_users
from oas_tasks.openapi.conversion.convert import convert, stays, target_version
from oas_tasks.openapi.conversion.losses import ConvertedValue, Loss, LossKind
from oas_tasks.openapi.conversion.read_write_only import one_way_schemas
from oas_tasks.openapi.conversion.rules import aside_name

__all__ = [
    "ConvertedValue",
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
