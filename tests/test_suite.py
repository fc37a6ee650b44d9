"""The test suite: every folder of tests is collected."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

import pytest


def test_no_folder_of_tests_is_left_out(request: pytest.FixtureRequest) -> None:
    left_out = request.config.getini("norecursedirs")
    folders = {
        folder
        for file in Path(__file__).parent.rglob("test_*.py")
        for folder in file.parent.relative_to(Path(__file__).parent).parts
    }
    assert "commands" in folders
    assert [folder for folder in sorted(folders) if any(fnmatch(folder, pattern) for pattern in left_out)] == []
