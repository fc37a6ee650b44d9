"""Runs commands and measures them: wall time, processor time of all their processes, and memory."""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec

P = ParamSpec("P")

#: Whether processor time can be measured: Windows does not report it for ended processes.
HAS_PROCESSOR_TIME = hasattr(os, "wait4")

#: Seconds after which a file's times alone prove that it is unchanged, with some to spare.
SETTLED = 2.1


@dataclass(frozen=True)
class Cost:
    """The cost of one command.

    wall: seconds from its start to its end.
    processor: seconds of processor time, of the command and every process that it started, user and system; the wall
        time if that cannot be measured.
    memory: the peak memory of the command's own process in MiB; 0 if that cannot be measured.
    slices: the number of files that it wrote in the output folder, without the index.
    """

    wall: float
    processor: float
    memory: float
    slices: int = 0


def run(python: Path, folder: Path, *command: str, env: dict[str, str] | None = None) -> Cost:
    """Run a module of a Python installation in a folder, and wait for its end.

    Raises: subprocess.CalledProcessError with an exit code above 1; with 1 some endpoints have faults.
    """
    return _timed(folder, [str(python), "-m", *command], env or {})


def run_program(folder: Path, *command: str) -> Cost:
    """Run a program in a folder, and wait for its end."""
    return _timed(folder, list(command), {})


def _timed(folder: Path, command: list[str], env: dict[str, str]) -> Cost:
    # Modules are compiled once, and none is imported from the folder in which the benchmarks were started.
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE",)}
    if hasattr(os, "sync"):  # pending writes of others are written first
        os.sync()
    before = _written(folder)
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env={**inherited, **env}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    processor, memory = None, 0.0
    if HAS_PROCESSOR_TIME:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        processor = usage.ru_utime + usage.ru_stime
        memory = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    code = process.wait()
    wall = time.perf_counter() - started
    if code > 1:
        raise subprocess.CalledProcessError(code, command)
    after = _written(folder)
    slices = sum(1 for name, times in after.items() if before.get(name) != times and name != "index.csv")
    return Cost(wall, wall if processor is None else processor, memory, slices)


def _written(folder: Path) -> dict[str, int]:
    """Return the time of the last write of each file in the output folder."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder / "slices") as entries:
        return {each.name: each.stat().st_mtime_ns for each in entries}
    return {}


def apart(step: Callable[P, None]) -> Callable[P, None]:
    """Return a function that runs in its own process, since memory of this one would count for what is measured.

    It raises RuntimeError if the original function raises any exception.
    """

    @functools.wraps(step)
    def done_apart(*arguments: P.args, **named: P.kwargs) -> None:
        pid = os.fork()
        if not pid:
            try:
                step(*arguments, **named)
            except BaseException:  # noqa: BLE001  printed, and the exit code tells of it
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        if os.waitpid(pid, 0)[1]:
            raise RuntimeError(f"{step.__name__} failed")

    return done_apart if hasattr(os, "fork") else step


def clear(folder: Path) -> None:
    """Put the files of a build aside. They are removed at the end: ext4 is slow to create files after removing many."""
    aside = Path(tempfile.mkdtemp(prefix="aside", dir=folder))
    for name in ("slices", ".oas_tasks", "copied"):
        with contextlib.suppress(FileNotFoundError):
            (folder / name).rename(aside / name)
