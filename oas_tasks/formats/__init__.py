"""Reads and writes YAML 1.2 and JSON. Only this room knows how a value is written, and it knows no OpenAPI.

Other rooms import what is in `__all__` from here, and the writers and `locate` from their modules.
"""

from __future__ import annotations

from oas_tasks.formats.detect import check_kind, cut, may_have_merge_keys, read
from oas_tasks.formats.resplit import Chunks, Resplit, Split, split_again
from oas_tasks.formats.split import Span, nested, read_spans
from oas_tasks.formats.value import Format, MergeKey, Value

__all__ = [
    "Chunks",
    "Format",
    "MergeKey",
    "Resplit",
    "Span",
    "Split",
    "Value",
    "check_kind",
    "cut",
    "may_have_merge_keys",
    "nested",
    "read",
    "read_spans",
    "split_again",
]
