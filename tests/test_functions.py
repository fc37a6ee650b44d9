"""A function is short, or its docstring says after "One function:" why it is not. Complexity is ruff's to measure."""

from __future__ import annotations

import ast
from pathlib import Path

import oas_tasks

PACKAGE = Path(oas_tasks.__file__).parent
#: Lines of a function, its docstring included.
LONGEST = 60


def test_a_long_or_complex_function_gives_a_reason() -> None:
    unexplained = []
    for file in sorted(PACKAGE.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                is_long = node.end_lineno is not None and node.end_lineno - node.lineno >= LONGEST
                is_complex = "noqa: C901" in lines[node.lineno - 1]
                if (is_long or is_complex) and "One function: " not in (ast.get_docstring(node) or ""):
                    unexplained.append(f"{file.name}: {node.name}")
    assert unexplained == []
