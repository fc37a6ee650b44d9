"""Fixtures that tests share: the real documents, and a repository in its own folder that is built by a process."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import warm

SHARED = Path(__file__).resolve().parents[2] / "shared"
SPECS = SHARED / "specs"
#: All real documents below that folder, without those of the histories.
DOCUMENTS = [
    "github.json",
    "stripe.yaml",
    "discord.json",
    "openai.yaml",
    "box.json",
    "twilio.yaml",
    "museum.yaml",
    "digitalocean/DigitalOcean-public.v2.yaml",
    *sorted(f"oai/{file.name}" for file in (SPECS / "oai").glob("*.yaml")),
]
HISTORY = sorted(f"history/discord/{file.name}" for file in (SPECS / "history" / "discord").glob("*.json"))
#: The real documents that take long: large ones, and those with many files.
LONG = frozenset({"github.json", "stripe.yaml", "openai.yaml", "digitalocean/DigitalOcean-public.v2.yaml"})
#: The sample document in the package.
SAMPLE = Path(__file__).resolve().parents[1] / "oas_tasks" / "sample" / "library.yaml"

#: Tests that share an expensive fixture, and so have to run in the same process: those of a file whose ids have this in
#: common.
TOGETHER = {
    "tests/pages/test_in_chromium.py": re.compile("()"),
    "tests/test_corpus.py": re.compile(r"\[([\w./-]+\.(?:yaml|json))\]$"),
    "tests/test_real_documents.py": re.compile(r"\[(.*?)(?:-yaml|-json)?\]$"),
    "tests/openapi/validation/test_differential.py": re.compile("()"),
    "tests/state/test_histories.py": re.compile(r"\[(\w+)-"),
    "tests/state/test_incremental_real.py": re.compile(r"_of_(github|digitalocean)_"),
}
#: The files with the longest tests, which begin first, so that at the end no process waits for another.
LONGEST = (
    *("tests/test_real_documents.py", "tests/state/", "tests/tasks/", "tests/commands/test_ci.py"),
    *("tests/commands/test_pre_commit.py", "tests/test_corpus.py", "tests/slices/", "tests/openapi/validation/"),
)

#: The seconds after which something counts as stuck, however busy the machine is.
PATIENCE = 300
#: Whether random tests try many more examples, which takes hours.
THOROUGH = bool(os.environ.get("OAS_TASKS_THOROUGH"))
# Property tests try the same examples each time, so that a failure is due to the last change; others are tried on
# demand. No deadlines: a busy machine is not a fault of the code.
settings.register_profile("repeatable", max_examples=40, derandomize=True, deadline=None, database=None)
settings.register_profile("thorough", max_examples=3000, deadline=None, database=None)
settings.load_profile("thorough" if THOROUGH else "repeatable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Return the scheduler that distributes tests to processes in their order: by function, or by shared fixture.

    Single tests would be slow: pytest-xdist goes through all distributed units whenever a test ends. Its own groups
    (`xdist_group`) do not work with pytest 9.2, in which the ids of nodes have another type.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc, unused-ignore]
        def _split_scope(self, nodeid: str) -> str:
            file, _, test = nodeid.partition("::")
            shared = TOGETHER[file].search(test) if file in TOGETHER else None
            return f"{file} {shared[1]}" if shared else nodeid.partition("[")[0]

    config.option.loadscopereorder = False
    return Scheduling(config, log)


DODO = """\
from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice
__all__ = ["DOIT_CONFIG", "task_index", "task_prune", "task_slice"]
"""


def slow_where_long(names: Iterable[str], long: Collection[str] = LONG) -> list[Any]:
    """Return real documents as parameters of a test, marked as slow if they take long."""
    return [pytest.param(name, marks=pytest.mark.slow) if name in long else name for name in names]


def spec(name: str) -> Path:
    """Return a real document's file, or skip the test if it is missing."""
    file = SPECS / name
    if not file.exists():
        pytest.skip(f"{name} is not here")
    return file


@dataclass(frozen=True)
class Done:
    """A finished process."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass(frozen=True)
class Repository:
    """A folder with a document, a dodo.py and settings."""

    folder: Path

    @property
    def slices(self) -> Path:
        return self.folder / "slices"

    def write(self, name: str, text: str | bytes) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, str):
            file.write_text(text, encoding="utf-8", newline="")
        else:
            file.write_bytes(text)
        return file

    def configure(self, **settings: object) -> None:
        lines = [f"{name} = {_toml(value)}" for name, value in settings.items()]
        self.write("pyproject.toml", "[tool.oas_tasks]\n" + "\n".join(lines) + "\n")

    def run(self, *command: str, env: dict[str, str] | None = None) -> Done:
        """Run a module as a process. Python itself is started only if that may matter (see `warm.py`)."""
        environment = {**os.environ, "PYTHONUTF8": "1", **(env or {})}
        if not warm.is_possible(environment):
            return self.run_cold(*command, env=env)
        code, out, err = warm.shared().run(command, self.folder, environment, 600)
        return Done(code, _text(out), _text(err))

    def run_cold(self, *command: str, env: dict[str, str] | None = None) -> Done:
        """Run a module in a newly started Python."""
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONUTF8": "1", **(env or {})},
            timeout=600,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def doit(self, *arguments: str, env: dict[str, str] | None = None) -> Done:
        return self.run("doit", *arguments, env=env)

    def slice_oas(self, *arguments: str, env: dict[str, str] | None = None) -> Done:
        return self.run("oas_tasks", *arguments, env=env)

    def files(self) -> dict[str, bytes]:
        """Return the content of every slice, by name."""
        found = self.slices.iterdir() if self.slices.is_dir() else ()
        return {file.name: file.read_bytes() for file in found if file.name != "index.csv"}

    def times(self) -> dict[str, int]:
        """Return the mtime_ns of every file in the output folder, by name."""
        return {file.name: file.stat().st_mtime_ns for file in self.slices.iterdir()}

    def rows(self) -> list[dict[str, str]]:
        """Return the rows of the index."""
        with (self.slices / "index.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))


def command_for(module: str) -> list[str]:
    """Return the beginning of a command that runs a module, for scripts and hooks that start it themselves."""
    if not warm.is_possible({**os.environ, "PYTHONUTF8": "1"}):
        return [sys.executable, "-P", "-m", module]
    return warm.shared().program(module)


def _text(written: bytes) -> str:
    return written.decode().replace("\r\n", "\n").replace("\r", "\n")  # as `subprocess` reads text


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value) + "'"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.write("dodo.py", DODO)
    return made
