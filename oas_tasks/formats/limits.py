"""How large a thing the readers and writers take before they refuse it; beyond it is a fault or an attack.

Real documents stay far below: GitHub's nests 20 levels, and its longest number has 10 digits.
"""

from __future__ import annotations

from oas_tasks.formats.value import Value

#: Mappings and lists inside one another, in a text that is read. Aliases count as what they stand for.
MAX_DEPTH = 256

#: What to say of a text that is nested deeper.
TOO_DEEP = f"mappings and lists are nested more than {MAX_DEPTH} levels deep"

#: The same in a value that is written: room for what a conversion wraps around what was read.
MAX_WRITTEN_DEPTH = 1_000

#: Digits of an integer: beyond it CPython refuses to convert between text and number (CVE-2020-10735).
MAX_DIGITS = 4_300

#: Nodes that the aliases of a YAML text add to it when each is written out as what it stands for.
#: A scalar weighs 1 and another 1 for every 64 characters.
MAX_ALIASED_NODES = 2_000_000


def is_deeper(value: Value, depth: int) -> bool:
    """Whether mappings and lists are nested in a value more than `depth` levels deep."""
    level = [value] if type(value) is dict or type(value) is list else []
    for _ in range(depth):
        if not level:
            return False
        level = [
            child
            for container in level
            for child in (container.values() if type(container) is dict else container)
            if type(child) is dict or type(child) is list
        ]
    return bool(level)
