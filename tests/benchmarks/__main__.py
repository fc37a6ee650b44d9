"""Times builds beside their yardsticks: `python -m tests.benchmarks [--large] [--runs N] [--json FILE] [CASE ...]`.

Prints one line per case: the median of our wall time, the median of the yardstick's, the ratio of both, the most memory
that one of our processes took, and the goal. Runs of both alternate, so that a machine that changes its pace changes it
for both. Nothing here fails on a slow machine. Documents are those of `../shared/specs`; cases whose document is not
there are left out.

All that is made stays in the temporary folder until the end: 5 GB, and more with `--large`.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared"
SPECS = SHARED / "specs"
YARDSTICK = Path(__file__).with_name("yardstick_dodo.py")
DODO = """\
from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice
__all__ = ["DOIT_CONFIG", "task_index", "task_prune", "task_slice"]
"""

Step = Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    """One comparison, in a repository of its own.

    document: below the specs' folder; copied, so that it can be edited.
    prepare: makes the repository ready, once.
    before: run before each of ours, unmeasured.
    ours, yardstick: what is measured; no yardstick where the goal is a time.
    copies: how often the document is in the one that is sliced, side by side.
    as_yaml: it is written as YAML first.
    """

    name: str
    document: str
    goal: str
    prepare: Step
    before: Step
    ours: Step
    yardstick: Step | None = None
    copies: int = 1
    as_yaml: bool = False

    @property
    def is_large(self) -> bool:
        return self.copies > 1


#: The most memory in KiB that a process took since it was last asked for.
_most_memory = 0


def run(folder: Path, *command: str, env: dict[str, str] | None = None) -> None:
    """Run a command to its end; raises where it fails."""
    global _most_memory
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**clean, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        _most_memory = max(_most_memory, usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1))
    if process.wait() > 1:  # 1: some endpoints have a fault
        raise subprocess.CalledProcessError(process.returncode, command)


# --- what is measured, and what comes before -------------------------------------------------------------------------


def apart(step: Step) -> Step:
    """Return a step that is done in a process of its own: what this one has in memory counts for those it starts."""

    @functools.wraps(step)
    def done_apart(folder: Path) -> None:
        pid = os.fork()
        if not pid:
            try:
                step(folder)
            except BaseException:  # noqa: BLE001  said, and told by the exit code
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        if os.waitpid(pid, 0)[1]:
            raise RuntimeError(f"{step.__name__} failed")

    return done_apart if hasattr(os, "fork") else step


def nothing(folder: Path) -> None:
    """Do nothing."""


def clear(folder: Path) -> None:
    """Put what a build made aside. It is removed at the very end: ext4 makes files slowly where many were removed."""
    aside = Path(tempfile.mkdtemp(prefix="aside", dir=folder))
    for name in ("slices", ".oas_tasks", "copied"):
        with contextlib.suppress(FileNotFoundError):
            (folder / name).rename(aside / name)


def cold(folder: Path) -> None:
    """Build everything with two processes."""
    run(folder, "doit", "-n", "2")


def build(folder: Path) -> None:
    """Build what there is to build, in one process."""
    run(folder, "doit")


def cold_with_8(folder: Path) -> None:
    """Build everything with eight processes."""
    run(folder, "doit", "-n", "8")


def cold_with_1(folder: Path) -> None:
    """Build everything once more, in one process."""
    clear(folder)
    run(folder, "doit")


def cold_in_31(folder: Path) -> None:
    """Build everything in 3.1, with two processes."""
    run(folder, "doit", "-n", "2", "output_version=3.1.x")


def cold_in_32(folder: Path) -> None:
    """Build everything in 3.2, with two processes."""
    run(folder, "doit", "-n", "2", "output_version=3.2.x")


def cold_in_30(folder: Path) -> None:
    """Build everything in 3.0, with two processes."""
    run(folder, "doit", "-n", "2", "output_version=3.0.x")


def cold_unconverted(folder: Path) -> None:
    """Build everything once more, in the document's own version."""
    clear(folder)
    cold(folder)


def built(folder: Path) -> None:
    """Prepare a repository that is up to date, and beside it the yardstick with as many tasks."""
    cold(folder)
    time.sleep(2.1)  # until the document's time is settled
    build(folder)
    beside = folder / "yardstick"
    beside.mkdir()
    shutil.copy(YARDSTICK, beside / "dodo.py")
    (beside / "tasks").write_text(str(len(list((folder / "slices").glob("*_*")))))
    trivial(folder)


def trivial(folder: Path) -> None:
    """Run plain doit over as many trivial tasks, with nothing to do."""
    beside = folder / "yardstick"
    run(beside, "doit", env={"TASKS": (beside / "tasks").read_text()})


@apart
def edit(folder: Path) -> None:
    """Change the first description among the components, to another one each time."""
    document = next(folder.glob("api.*"))
    text = document.read_bytes()
    start = text.index(b"description", text.index(b"schemas"))
    start = text.index(b":", start) + 1
    start += len(text[start : start + 9]) - len(text[start : start + 9].lstrip(b" \"'"))
    document.write_bytes(text[:start] + b"More. " + text[start:])


@apart
def add(folder: Path) -> None:
    """Put one more endpoint and a schema that it needs into a document in JSON, in front of the others."""
    document = next(folder.glob("api.json"))
    text = document.read_text(encoding="utf-8")
    name = f"Added{time.time_ns()}"
    operation = {
        "responses": {
            "200": {
                "description": "",
                "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
            }
        }
    }
    for field, key, value in (("schemas", name, {"type": "object"}), ("paths", f"/{name}", {"get": operation})):
        start = text.index("{", text.index(f'"{field}":', text.index('"components":') if field == "schemas" else 0)) + 1
        text = f"{text[:start]}{json.dumps(key)}: {json.dumps(value)},{text[start:]}"
    document.write_text(text, encoding="utf-8")


def settle(folder: Path) -> None:
    """Wait until the document's time is settled, and build, so that there is nothing to do."""
    time.sleep(2.1)
    build(folder)


def nothing_again(folder: Path) -> None:
    """Build once more with nothing to do."""
    build(folder)


def copy_slices(folder: Path) -> None:
    """Copy what a build made."""
    subprocess.run(["cp", "-r", "slices", "copied"], cwd=folder, check=True)


def dump_once(folder: Path) -> None:
    """Read the document and dump it whole once, with PyYAML: what any tool pays at the least."""
    script = (
        "import json, yaml, pathlib\n"
        "spec = next(pathlib.Path().glob('api.*'))\n"
        "text = spec.read_text(encoding='utf-8')\n"
        "value = json.loads(text) if spec.suffix == '.json' else yaml.load(text, yaml.CSafeLoader)\n"
        "yaml.dump(value, open('dumped.yaml', 'w'), yaml.CSafeDumper)\n"
    )
    (folder / "dump.py").write_text(script)
    run(folder, "dump")


GITHUB, DIGITALOCEAN = "github.json", "digitalocean/DigitalOcean-public.v2.yaml"
CASES = [
    Case("nothing to do, GitHub", GITHUB, "at most 1.2x plain doit", built, nothing, build, trivial),
    Case("one edit, GitHub", GITHUB, "at most 2x nothing to do", built, edit, build, nothing_again),
    Case("one endpoint more, GitHub", GITHUB, "-", built, add, build, nothing_again),
    Case("cold, GitHub", GITHUB, "at most 3 s", nothing, clear, cold, dump_once),
    Case("cold, Stripe", "stripe.yaml", "at most 4x cp -r", nothing, clear, cold, copy_slices),
    Case("cold, DigitalOcean", DIGITALOCEAN, "at most 4 s", nothing, clear, cold),
    Case("-n 8 beside -n 1, GitHub", GITHUB, "at most 1.1x -n 1", nothing, clear, cold_with_8, cold_with_1),
    Case("-n 8 beside -n 1, box", "box.json", "at most 1.1x -n 1", nothing, clear, cold_with_8, cold_with_1),
    Case("cold, GitHub to 3.1", GITHUB, "at most 1.3x auto", nothing, clear, cold_in_31, cold_unconverted),
    Case("cold, GitHub to 3.2", GITHUB, "at most 1.3x auto", nothing, clear, cold_in_32, cold_unconverted),
    Case("cold, OpenAI to 3.0", "openai.yaml", "at most 1.3x auto", nothing, clear, cold_in_30, cold_unconverted),
    Case("nothing to do, GitHub x 15", GITHUB, "at most 0.5x plain doit", built, nothing, build, trivial, 15),
    Case("one edit, GitHub x 15", GITHUB, "at most 3 s more than nothing", built, edit, build, nothing_again, 15),
    Case("one endpoint more, GitHub x 15", GITHUB, "-", built, add, build, nothing_again, 15),
    Case("cold, GitHub x 5", GITHUB, "at most 1.3x of x 1 per endpoint", nothing, clear, cold, None, 5),
    Case("cold, GitHub x 15", GITHUB, "at most 60 s, 1,200 MiB", nothing, clear, cold, None, 15),
    Case("one edit, YAML x 15", GITHUB, "at most 5 s more than nothing", built, edit, build, nothing_again, 15, True),
    Case("cold, YAML x 15", GITHUB, "at most 120 s, 1,200 MiB", nothing, clear, cold, None, 15, True),
]


def repository(folder: Path, case: Case) -> None:
    """Make a repository that slices a case's document."""
    document = SPECS / case.document
    name = f"api{document.suffix}"
    if case.copies > 1:
        script = SHARED / "tools" / "scale_spec.py"
        command = [sys.executable, str(script), str(document), str(folder / name), "--copies", str(case.copies)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    elif "/" in case.document:  # it has files beside it
        shutil.copytree(document.parent, folder / "api")
        name = f"api/{document.name}"
    else:
        shutil.copyfile(document, folder / name)
    if case.as_yaml:
        conversion = (
            "from pathlib import Path; from oas_tasks.formats import read; "
            "from oas_tasks.formats.yaml_write import yaml_entry; "
            f"value = read(Path('{name}').read_bytes(), '{name}'); "
            "text = ''.join(yaml_entry(*each, 0) for each in value.items()); "
            "Path('api.yaml').write_text(text, encoding='utf-8')"
        )
        subprocess.run([sys.executable, "-c", conversion], cwd=folder, check=True)
        (folder / name).unlink()
        name = "api.yaml"
    (folder / "dodo.py").write_text(DODO)
    (folder / "pyproject.toml").write_text(f"[tool.oas_tasks]\nspec = '{name}'\n")


def seconds(action: Step, folder: Path) -> float:
    """Return the wall time of an action; what others left to be written to the disk is written before."""
    if hasattr(os, "sync"):
        os.sync()
    started = time.perf_counter()
    action(folder)
    return time.perf_counter() - started


def measure(case: Case, runs: int, folder: Path) -> dict[str, object]:
    """Run a case in an empty folder and print its line."""
    global _most_memory
    repository(folder, case)
    case.prepare(folder)
    ours: list[float] = []
    theirs: list[float] = []
    memory = 0
    for _ in range(runs):
        case.before(folder)
        _most_memory = 0
        ours.append(seconds(case.ours, folder))
        memory = max(memory, _most_memory)
        if case.yardstick is not None:
            if case.yardstick is nothing_again:
                settle(folder)
            theirs.append(seconds(case.yardstick, folder))
    mine = statistics.median(ours)
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True)) if theirs else None
    shown = (f"{statistics.median(theirs):.2f} s", f"{ratio:.2f}") if ratio is not None else ("-", "-")
    print(
        f"{case.name:<28} {mine:>6.2f} s {shown[0]:>10} {shown[1]:>6} {memory / 1024:>6.0f} MiB  {case.goal}",
        flush=True,
    )
    return {
        "case": case.name,
        "ours": ours,
        "yardstick": theirs,
        "ratio": ratio,
        "memory_mib": memory / 1024,
        "goal": case.goal,
    }


def main() -> None:
    """Run the cases and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="also the documents of up to 182 MB")
    parser.add_argument("--json", type=Path)
    parser.add_argument("cases", nargs="*", help="parts of the names of the cases to run")
    options = parser.parse_args()
    print(f"{'case':<28} {'ours':>8} {'yardstick':>10} {'ratio':>6} {'memory':>10}  goal")
    with tempfile.TemporaryDirectory() as scratch:
        results = [
            measure(case, options.runs, Path(tempfile.mkdtemp(dir=scratch)))
            for case in CASES
            if (options.large or not case.is_large)
            and (not options.cases or any(part in case.name for part in options.cases))
            and (SPECS / case.document).exists()
        ]
    if options.json:
        options.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
