"""A function is short, or its docstring says after "One function:" why it is not. Complexity is ruff's to measure."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

import oas_tasks

PACKAGE = Path(oas_tasks.__file__).parent
PYPROJECT = PACKAGE.parent / "pyproject.toml"
#: Lines of a function, its docstring included.
LONGEST = 60


def excused() -> set[Path]:
    """Return the files that pyproject.toml lists as still to be taken apart."""
    lint = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    return {PACKAGE.parent / name for name, rules in lint["per-file-ignores"].items() if "C901" in rules}


@pytest.mark.skipif(not PYPROJECT.is_file(), reason="the package is installed apart from its project")
def test_a_long_or_complex_function_gives_a_reason() -> None:
    unexplained = []
    for file in sorted(set(PACKAGE.rglob("*.py")) - excused()):
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                is_long = node.end_lineno is not None and node.end_lineno - node.lineno >= LONGEST
                is_complex = "noqa: C901" in lines[node.lineno - 1]
                if (is_long or is_complex) and "One function: " not in (ast.get_docstring(node) or ""):
                    unexplained.append(f"{file.name}: {node.name}")
    assert unexplained == []
