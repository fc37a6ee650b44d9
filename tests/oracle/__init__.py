"""An oracle for slices, written from the specification and SEMANTICS.md alone; it shares no code with `oas_tasks`.

model: the places of objects. documents: the targets of references and names. reach: the needs of an operation.
compare: whether a slice means the same. reading: YAML as OpenAPI uses it.
"""

from .compare import Comparison, difference, optional_components
from .documents import Load, UnresolvedError
from .reach import INLINABLE, dangling, operations, reached_components, unreached
from .reading import folder, from_json, parse, read

__all__ = [
    "INLINABLE",
    "Comparison",
    "Load",
    "UnresolvedError",
    "dangling",
    "difference",
    "folder",
    "from_json",
    "operations",
    "optional_components",
    "parse",
    "reached_components",
    "read",
    "unreached",
]
