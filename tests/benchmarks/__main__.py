"""Times builds: `python -m tests.benchmarks [--documents FOLDER] [--baseline PYTHON] [--large] [CASE ...]`.

Documents are generated in the shape of real ones, smaller unless `--size 1` is given. With `--documents` those of a
folder are used (`github.json`, `stripe.yaml`, `openai.yaml`, `digitalocean/DigitalOcean-public.v2.yaml`), and missing
documents are reported and skipped.

Each document has a repository of its own, in which all its cases run in turn, `--runs` times. A line shows the medians
of a case: wall time, processor time with all child processes, its ratio to the run with nothing to do in the same
round, the slices that it made, and the peak memory. With `--baseline`, a Python or virtual environment in which another
tree is installed, each case is run with both trees in turn, and the last ratio is this tree's processor time to the
other's, the median over the pairs. Nothing fails on a slow machine; on a busy one only ratios have a meaning.

Everything stays in the temporary folder until a document is done: up to 7 GB with `--size 1`, twice that with a
baseline.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.benchmarks import cases, documents, edits
from tests.benchmarks.measure import HAS_PROCESSOR_TIME, SETTLED, Cost, apart

DODO = """\
from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice
__all__ = ["DOIT_CONFIG", "task_index", "task_prune", "task_slice"]
"""


@dataclass
class Repository:
    """A folder in which a document is sliced with one tree of this project.

    python: the interpreter in whose environment the tree is installed.
    """

    python: Path
    folder: Path
    document: Path
    edited: float = field(default_factory=time.monotonic)

    def edit(self, edit: edits.Edit, number: int) -> None:
        """Edit the document, in a process of its own."""
        apart(edit)(self.document, number)
        self.edited = time.monotonic()

    def settle(self) -> None:
        """Bring everything up to date, so that the next run has nothing to do and sees that from file times alone."""
        time.sleep(max(0.0, self.edited + SETTLED - time.monotonic()))
        cases.build(self.python, self.folder)


def repository(folder: Path, document: cases.Document, options: argparse.Namespace) -> Repository:
    """Make a repository for this tree in an empty folder: its document and settings, and no slices yet."""
    apart(write_document)(folder, document, options.documents, options.size)
    found = next(folder.glob("api.*"), None) or folder / "api" / Path(document.real).name
    spec = found.relative_to(folder).as_posix()
    (folder / "dodo.py").write_text(DODO)
    (folder / "pyproject.toml").write_text(f"[tool.oas_tasks]\nspec = '{spec}'\n{document.settings}\n")
    return Repository(Path(sys.executable), folder, found)


def write_document(folder: Path, document: cases.Document, real: Path | None, size: float) -> None:
    """Write a document into a folder, generated or real; it may be multiplied and converted to YAML."""
    if real is None:
        file = documents.MAKERS[document.maker](folder, size)
    elif "/" in document.real:  # it has files beside it
        shutil.copytree((real / document.real).parent, folder / "api", copy_function=shutil.copyfile)
        return
    else:
        file = folder / f"api{Path(document.real).suffix}"
        shutil.copyfile(real / document.real, file)
    if document.copies > 1:
        documents.copies(file, document.copies)
    edits.indented(file)
    if document.as_yaml:
        documents.as_yaml(file)


def measure(
    document: cases.Document, chosen: Sequence[cases.Case], repositories: Sequence[Repository], runs: int
) -> dict[str, list[list[Cost]]]:
    """Return the cost of each case in each repository, run by run.

    The trees take turns, and a different one is first in each run, since the first one warms the disk for the other.
    """
    costs: dict[str, list[list[Cost]]] = {case.name: [[] for _ in repositories] for case in chosen}
    absent: dict[str, str] = {}
    for number in range(runs):
        order = list(enumerate(repositories))[:: -1 if number % 2 else 1]
        for _, each in order:
            each.settle()
        for case in chosen:
            if case.name in absent:
                continue
            for at, each in order:
                if case.edit is not None:
                    try:
                        each.edit(case.edit, number)
                    except edits.Absent as reason:
                        absent[case.name] = str(reason)
                        break
                costs[case.name][at].append(case.step(each.python, each.folder))
    for name, why in absent.items():
        print(f"{document.name:<20} {name:<37} left out: {why}", flush=True)
        del costs[name]
    return costs


def line(document: cases.Document, case: cases.Case, costs: dict[str, list[list[Cost]]]) -> dict[str, object]:
    """Print the line of a case, and return its numbers."""
    ours = costs[case.name][0]
    nothing = costs[cases.NOTHING.name][0]
    to_nothing = statistics.median(a.processor / b.processor for a, b in zip(ours, nothing, strict=True))
    to_baseline = None
    if len(costs[case.name]) > 1:
        to_baseline = statistics.median(
            a.processor / b.processor for a, b in zip(ours, costs[case.name][1], strict=True)
        )
    wall = statistics.median(each.wall for each in ours)
    processor = statistics.median(each.processor for each in ours)
    slices = round(statistics.median(each.slices for each in ours))
    memory = max(each.memory for each in ours)
    print(
        f"{document.name:<20} {case.name:<37} {wall:>7.2f} {processor:>7.2f} {to_nothing:>9.2f} "
        f"{'-' if to_baseline is None else f'{to_baseline:.2f}':>10} {slices:>7,} {memory:>7,.0f}  {case.goal}",
        flush=True,
    )
    return {
        "document": document.name,
        "case": case.name,
        "to_nothing": to_nothing,
        "to_baseline": to_baseline,
        "runs": [[asdict(each) for each in tree] for tree in costs[case.name]],
        "goal": case.goal,
    }


def measure_document(document: cases.Document, options: argparse.Namespace) -> list[dict[str, object]]:
    """Run the cases of a document that were asked for, and print their lines."""
    chosen = [
        case
        for case in document.cases
        if (options.yardsticks or not case.is_yardstick)
        and _is_asked_for(f"{document.name}: {case.name}", options.cases)
    ]
    if not chosen:
        return []
    if cases.NOTHING not in chosen:
        chosen.insert(0, cases.NOTHING)
    with tempfile.TemporaryDirectory() as scratch:
        ours = repository(Path(tempfile.mkdtemp(dir=scratch)), document, options)
        repositories = [ours]
        if options.baseline is not None:
            folder = Path(scratch) / "baseline"
            shutil.copytree(ours.folder, folder)
            document_there = folder / ours.document.relative_to(ours.folder)
            repositories.append(Repository(options.baseline, folder, document_there))
        costs = measure(document, chosen, repositories, options.runs)
        return [line(document, case, costs) for case in chosen if case.name in costs]


def _is_asked_for(name: str, parts: Sequence[str]) -> bool:
    return not parts or any(part in name for part in parts)


def interpreter(text: str) -> Path:
    """Return the Python that an option names: an interpreter or the folder of a virtual environment."""
    given = Path(text)
    for each in (given, given / "bin" / "python", given / "Scripts" / "python.exe"):
        if each.is_file():
            return each.absolute()  # not resolved: a virtual environment's Python is a link
    raise argparse.ArgumentTypeError(f"{text} is no Python and no virtual environment")


def existing_folder(text: str) -> Path:
    """Return a folder that an option names."""
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    return Path(text)


def asked(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--documents", type=existing_folder, metavar="FOLDER", help="measure the real documents of this folder")
    add("--size", type=float, default=0.1, help="of documents made here; 1 for that of the real ones (default: 0.1)")
    add("--baseline", type=interpreter, metavar="PYTHON", help="a Python or virtual environment with another tree")
    add("--runs", type=int, default=5, help="how often each case is run (default: 5)")
    add("--large", action="store_true", help="also documents of 15 copies: 182 MB with --size 1")
    add("--yardsticks", action="store_true", help="also plain doit, PyYAML, cp, and other numbers of processes")
    add("--json", type=Path, metavar="FILE", help="write all that was measured to a file")
    add("cases", nargs="*", metavar="CASE", help="part of 'DOCUMENT: CASE', such as 'GitHub: one' or 'cold'")
    return parser.parse_args(arguments)


def main() -> None:
    """Print the table."""
    options = asked()
    if options.documents is None:
        print(f"Documents are made here, in the shape of real ones, at {options.size:g} of their size.")
    else:
        print(f"Documents are those of {options.documents}.")
    if not HAS_PROCESSOR_TIME:
        print("This system does not tell what processor time a process took: it is the wall time.")
    print(
        f"{'document':<20} {'case':<37} {'wall s':>7} {'CPU s':>7} {'x nothing':>9} {'x baseline':>10} "
        f"{'slices':>7} {'MiB':>7}  goal"
    )
    results: list[dict[str, object]] = []
    for document in cases.DOCUMENTS:
        if document.copies >= cases.LARGE and not options.large:
            continue
        if options.documents is not None and not (options.documents / document.real).exists():
            print(f"{document.name:<20} left out: there is no {document.real}")
            continue
        results += measure_document(document, options)
    if not results:
        print("There was nothing to measure.")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
