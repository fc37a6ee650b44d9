"""Every command in a Python that was started for it, as most tests need none: whatever it needs, it imports."""

from __future__ import annotations

import re
import shutil

import pytest

from oas_tasks.cli import COMMANDS
from tests.conftest import SAMPLE, Done, Repository

#: What each is asked for.
ARGUMENTS = {
    "affected": ("api.yaml", "older.yaml"),
    "check": (),
    "ci": ("--base", "none"),
    "completion": ("bash",),
    "graph": (),
    "help": ("filters",),
    "hook": ("api.yaml",),
    "impact": ("schemas/Book",),
    "init": (),
    "list": (),
    "report": (),
    "stats": (),
    "version-info": (),
    "why": ("GET /books/by-isbn/{isbn}",),
}


@pytest.fixture
def library(repository: Repository) -> Repository:
    text = SAMPLE.read_text(encoding="utf-8")
    repository.write("api.yaml", text)
    repository.write("older.yaml", text.replace("description: ", "description: Once "))
    repository.configure(spec="api.yaml")
    return repository


def told(done: Done) -> tuple[int, str, str]:
    return done.code, re.sub(r"\((\d+ min )?\d+(\.\d)? (s|min)\)", "(? s)", done.out), done.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_finds_all_that_it_needs(library: Repository, command: str) -> None:
    assert library.slice_oas("--batch").code == 0
    cold = library.run_cold("oas_tasks", command, *ARGUMENTS[command])
    assert cold.code in (0, 3), cold.text
    assert told(cold) == told(library.slice_oas(command, *ARGUMENTS[command]))


@pytest.mark.parametrize(
    "build", [("doit",), ("doit", "-n", "2"), ("oas_tasks", "--batch"), ("oas_tasks", "--full", "--batch")]
)
def test_a_build_finds_all_that_it_needs(library: Repository, build: tuple[str, ...]) -> None:
    cold = library.run_cold(*build)
    assert cold.code == 0, cold.text
    files = library.files()
    shutil.rmtree(library.slices)
    shutil.rmtree(library.folder / ".oas_tasks")
    assert told(library.run(*build)) == told(cold)
    assert library.files() == files
