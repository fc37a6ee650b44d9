"""Builds in real terminals: what is drawn fits, leaves nothing behind, and does not disturb what other tasks write."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from oas_tasks.columns import width_of
from tests.conftest import DODO, PATIENCE, Repository, command_for

pytest.importorskip("pty", reason="there are no pseudo-terminals here")
pexpect = pytest.importorskip("pexpect")

if TYPE_CHECKING:
    from pexpect import spawn

#: Nothing of the machine that runs the tests counts.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("CI", "COLUMNS", "NO_COLOR", "TERM")}
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
#: Has slices take time, and adds a task of the repository that writes while slices are made.
SLOW = """\
import time
import oas_tasks.tasks.slice_task as slice_task

build = slice_task._build

def pausing(*arguments):
    time.sleep(0.05)
    return build(*arguments)

slice_task._build = pausing

def task_other():
    def speak():
        for number in range(3):
            print(f"other task {number}", flush=True)
            time.sleep(0.1)
    print("other generator")
    return {"actions": [speak, "echo from a shell"], "verbosity": 2, "uptodate": [False]}
"""

#: A task of the repository that runs beside ours by default.
OTHER_DEFAULT = """
def task_lint():
    return {"actions": []}

DOIT_CONFIG["default_tasks"] = ["lint", "index"]
"""


def document(count: int) -> str:
    answers = {"200": {"description": "ok"}}
    paths: dict[str, object] = {f"/[red]/{n}\x1b[41m": {"get": {"responses": answers}} for n in range(count)}
    paths["/broken"] = {"get": {"responses": {"200": {"$ref": "#/components/responses/Nope"}}}}
    return json.dumps({"openapi": "3.0.3", "info": {"title": "Zoo", "version": "1"}, "paths": paths})


class Terminal:
    """A terminal with a build in it."""

    def __init__(self, child: spawn[str]) -> None:
        self._child = child

    def resize(self, columns: int) -> None:
        self._child.setwinsize(24, columns)

    def until(self, text: str) -> str:
        """Read on until something is drawn, and return what came before."""
        self._child.expect_exact(text)
        return str(self._child.before)

    def press_ctrl_c(self) -> None:
        self._child.sendintr()

    def end(self) -> str:
        """Read the rest and return it."""
        self._child.expect(pexpect.EOF)
        self._child.close()
        return str(self._child.before)

    @property
    def code(self) -> int:
        return int(self._child.exitstatus or 0)


@pytest.fixture
def terminals() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def opened(
    terminals: ExitStack,
    folder: Path,
    columns: int,
    module: str,
    *options: str,
    is_cold: bool = False,
    **env: str,
) -> Terminal:
    """Open a terminal with a module in it. is_cold: start Python itself, so that keys reach the process."""
    program, *first = [sys.executable, "-m", module] if is_cold else command_for(module)
    child = pexpect.spawn(
        program,
        [*first, *options],
        cwd=str(folder),
        env={**ENVIRONMENT, "PYTHONUTF8": "1", "TERM": "xterm-256color", **env},
        dimensions=(24, columns),
        encoding="utf-8",
        timeout=PATIENCE,
    )
    terminals.callback(child.close, force=True)
    return Terminal(child)


def drawn(text: str) -> list[list[str]]:
    """Return the lines, each as all that was drawn there one after another."""
    return [[part for part in line.split("\r") if part] for line in ESCAPES.sub("", text).split("\n")]


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("module", ["oas_tasks", "doit"])
def test_nothing_wraps_and_the_summary_remains(
    repository: Repository, terminals: ExitStack, columns: int, module: str
) -> None:
    repository.write("api.json", document(30))
    repository.configure(spec="api.json")
    repository.write("dodo.py", DODO)
    terminal = opened(terminals, repository.folder, columns, module, *(["--batch"] if module == "oas_tasks" else []))
    text = terminal.end()
    assert terminal.code == 1
    assert "\x1b[4" not in text  # what stands in paths
    lines = drawn(text)
    assert all(width_of(part) < columns for line in lines for part in line)
    progress, *summary = lines
    steps = [part.rstrip() for part in progress]
    assert "Planning api.json ..." in steps and steps.index("Planning api.json ...") <= 2
    assert steps[0] == ("Checking api.json ..." if module == "oas_tasks" else steps[0])
    assert "Slicing 31 endpoints ..." in steps
    assert any("31/31" in step and "100%" in step for step in steps)
    assert len(steps) < 30
    remains = " ".join("".join(line).strip() for line in ([progress[-1]], *summary))
    assert "30 made, 0 unchanged, 0 removed, 1 failed; 96.8% passed" in remains
    assert "Slices are in slices, their index is slices/index.csv" in remains
    assert "Fix the error above and run the build again; only this endpoint is rebuilt." in remains


def test_other_tasks_write_undisturbed_and_the_bar_follows_the_width(
    repository: Repository, terminals: ExitStack
) -> None:
    repository.write("api.json", document(100))
    repository.configure(spec="api.json")
    repository.write("dodo.py", SLOW + DODO)
    terminal = opened(terminals, repository.folder, 110, "doit", "-n", "2")
    wide = terminal.until("Slicing endpoints ")
    terminal.resize(40)
    narrow = terminal.end()
    lines = [line[-1] for line in drawn(wide + narrow) if line]
    said = ["other generator", ".  other", *(f"other task {n}" for n in range(3)), "from a shell"]
    assert sorted(line for line in lines if line in said) == sorted(said)
    first, _, rest = narrow.partition("\r")
    assert 40 < width_of(ESCAPES.sub("", first)) + len("Slicing endpoints ") < 110
    assert re.search(r"\r[━╸╺]+ +\d+/101 +\d+% +\d+ s left", ESCAPES.sub("", rest))
    assert max(width_of(part) for line in drawn(rest)[:-1] for part in line[1:]) < 110
    assert max(width_of(part) for line in drawn(rest) for part in line[2:]) < 40


def test_a_simple_terminal_gets_lines(repository: Repository, terminals: ExitStack) -> None:
    repository.write("api.json", document(30))
    repository.configure(spec="api.json")
    text = opened(terminals, repository.folder, 80, "oas_tasks", "--batch", TERM="dumb").end()
    assert "\x1b" not in text
    assert all(len(line) <= 1 for line in drawn(text))
    assert text.splitlines()[:4] == [
        "Checking api.json ...",
        f"Reading api.json ({len(document(30)) / 1000:.1f} kB) ...",
        "Planning api.json ...",
        "Slicing 31 endpoints ...",
    ]
    assert text.count("Extracting endpoint") == 10


@pytest.mark.parametrize("options", [(), ("-n", "3")])
def test_the_total_is_steady_where_doit_forgot_what_is_up_to_date(
    repository: Repository, options: tuple[str, ...]
) -> None:
    repository.write("api.json", document(29))
    repository.write("dodo.py", DODO + OTHER_DEFAULT)
    repository.configure(spec="api.json")
    repository.doit()
    repository.doit("forget", "--all")
    done = repository.doit(*options)
    totals = set(re.findall(r"Extracting endpoint \d+/(\d+)", done.out))
    assert totals == {"30"}, done.out


def test_nothing_to_do_draws_nothing_under_doit(repository: Repository, terminals: ExitStack) -> None:
    repository.write("api.json", document(2).replace('"$ref": "#/components/responses/Nope"', '"description": "ok"'))
    repository.configure(spec="api.json")
    repository.write("dodo.py", DODO)
    assert repository.doit().code == 0
    text = opened(terminals, repository.folder, 80, "doit").end()
    assert text.startswith("0 made, 3 unchanged")
    assert "\r" not in text.replace("\r\n", "\n")


def test_ctrl_c_leaves_a_clean_line(repository: Repository, terminals: ExitStack) -> None:
    repository.write("api.json", document(200))
    repository.configure(spec="api.json")
    repository.write("dodo.py", SLOW + DODO)
    terminal = opened(terminals, repository.folder, 80, "doit", "-n", "2", is_cold=True)
    terminal.until("Slicing endpoints ")
    terminal.press_ctrl_c()
    lines = [line[-1].rstrip() for line in drawn(terminal.end()) if line]
    assert any(line.startswith("Interrupted.") for line in lines), lines
    assert not any("Slicing" in line for line in lines[1:])
