"""Times whole builds beside their yardsticks: `python -m tests.benchmarks [--runs N] [--json FILE] [CASE ...]`.

Prints one line per case: the median of our wall time, the median of the yardstick's, the ratio of both, and the goal.
Runs of both alternate, so that a machine that changes its pace changes it for both. Nothing here fails on a slow
machine. Documents are those of `../shared/specs`; cases whose document is not there are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"
YARDSTICK = Path(__file__).with_name("yardstick_dodo.py")
DODO = """\
from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice
__all__ = ["DOIT_CONFIG", "task_index", "task_prune", "task_slice"]
"""


@dataclass(frozen=True)
class Case:
    """One comparison.

    document: below the specs' folder.
    ours, yardstick: run once in a prepared folder; what they take is the figure.
    """

    name: str
    document: str
    prepare: Callable[[Path, Path], None]
    ours: Callable[[Path], None]
    yardstick: Callable[[Path], None] | None
    goal: str


def run(folder: Path, *command: str, env: dict[str, str] | None = None) -> None:
    """Run a command to its end; raises where it fails."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**clean, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def repository(folder: Path, document: Path) -> None:
    """Make a repository that slices a document."""
    (folder / "dodo.py").write_text(DODO)
    (folder / "pyproject.toml").write_text(f"[tool.oas_tasks]\nspec = '{document.as_posix()}'\n")


def clear(folder: Path) -> None:
    """Remove what a build made."""
    for name in ("slices", ".oas_tasks"):
        shutil.rmtree(folder / name, ignore_errors=True)


def cold(folder: Path) -> None:
    """Build everything with two processes."""
    run(folder, "doit", "-n", "2")


def built(folder: Path, document: Path) -> None:
    """Prepare a repository that is up to date, and beside it the yardstick with as many tasks."""
    repository(folder, document)
    cold(folder)
    time.sleep(2.1)  # until the document's time is settled
    cold(folder)
    beside = folder / "yardstick"
    beside.mkdir()
    shutil.copy(YARDSTICK, beside / "dodo.py")
    count = len(list((folder / "slices").glob("*_*")))
    (beside / "tasks").write_text(str(count))
    trivial(folder)


def trivial(folder: Path) -> None:
    """Run the yardstick."""
    beside = folder / "yardstick"
    run(beside, "doit", env={"TASKS": (beside / "tasks").read_text()})


def nothing_to_do(folder: Path) -> None:
    """Build again."""
    run(folder, "doit")


def cold_again(folder: Path) -> None:
    """Build from nothing with two processes."""
    clear(folder)
    cold(folder)


def dump_once(folder: Path) -> None:
    """Read the document and dump it whole once, with PyYAML: what any tool pays at the least."""
    script = (
        "import json, yaml, sys, tomllib, pathlib\n"
        "spec = tomllib.loads(pathlib.Path('pyproject.toml').read_text())['tool']['oas_tasks']['spec']\n"
        "text = pathlib.Path(spec).read_text(encoding='utf-8')\n"
        "value = json.loads(text) if spec.endswith('.json') else yaml.load(text, yaml.CSafeLoader)\n"
        "yaml.dump(value, open('dumped.yaml', 'w'), yaml.CSafeDumper)\n"
    )
    (folder / "dump.py").write_text(script)
    run(folder, "dump")


CASES = [
    Case("nothing to do, GitHub", "github.json", built, nothing_to_do, trivial, "at most 2x plain doit"),
    Case("cold, GitHub, -n 2", "github.json", repository, cold_again, dump_once, "at most 6 s"),
    Case("cold, Stripe, -n 2", "stripe.yaml", repository, cold_again, dump_once, ""),
]


def seconds(action: Callable[[Path], None], folder: Path) -> float:
    """Return the wall time of an action."""
    started = time.perf_counter()
    action(folder)
    return time.perf_counter() - started


def main() -> None:
    """Run the cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("cases", nargs="*", help="parts of the names of the cases to run")
    options = parser.parse_args()
    results = []
    print(f"{'case':<28} {'ours':>8} {'yardstick':>10} {'ratio':>6}  goal")
    for case in CASES:
        if options.cases and not any(part in case.name for part in options.cases):
            continue
        document = SPECS / case.document
        if not document.exists():
            continue
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            case.prepare(folder, document)
            ours, theirs = [], []
            for _ in range(options.runs):
                ours.append(seconds(case.ours, folder))
                if case.yardstick is not None:
                    theirs.append(seconds(case.yardstick, folder))
        mine = statistics.median(ours)
        yardstick = statistics.median(theirs) if theirs else None
        ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True)) if theirs else None
        shown = (f"{yardstick:>8.2f} s", f"{ratio:>6.2f}") if yardstick and ratio else ("-", "-")
        print(f"{case.name:<28} {mine:>6.2f} s {shown[0]:>10} {shown[1]:>6}  {case.goal}", flush=True)
        results.append({"case": case.name, "ours": ours, "yardstick": theirs, "ratio": ratio, "goal": case.goal})
    if options.json:
        options.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
