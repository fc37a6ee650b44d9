"""Reads and writes YAML 1.2 and JSON: the only room that knows how a value is spelt, and one that knows no OpenAPI.

Everybody takes what is in `__all__` from here; the writers and `locate` are modules of their own.
"""

from __future__ import annotations

from oas_tasks.formats.detect import cut, may_have_merge_keys, read
from oas_tasks.formats.split import Span, nested, read_spans
from oas_tasks.formats.value import Format, MergeKey, Value

__all__ = ["Format", "MergeKey", "Span", "Value", "cut", "may_have_merge_keys", "nested", "read", "read_spans"]
