"""Measures the cost of validation: `python -m tests.benchmarks.validation [--documents FOLDER]`.

Documents are generated in the shape of real ones, unless a folder of these is given. Prints the milliseconds per slice
of its verdict, the first time and once all parts are known, beside those of assembling it as text, with the ratio.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
from pathlib import Path

from oas_tasks.document.document import parse_document
from oas_tasks.document.files import Sources
from oas_tasks.plan.cut_document import cut_and_plan
from oas_tasks.plan.moved_names import own_names
from oas_tasks.settings import load_settings
from oas_tasks.slices.assemble import draft
from oas_tasks.slices.fill import filling_of
from oas_tasks.slices.render import Renderer
from oas_tasks.slices.slicer import Slicer
from tests.benchmarks.documents import MAKERS

GOALS = {"GitHub": "at most 1 ms", "Stripe": "at most 3 ms"}
REAL = {"GitHub": "github.json", "Stripe": "stripe.yaml", "OpenAI": "openai.yaml"}


def slicer_of(file: Path) -> Slicer:
    """Return the slicer of a document with default settings."""
    settings = load_settings(file.parent, {"spec": str(file)})[0]
    document = parse_document(file.read_bytes(), file.name)
    return Slicer(cut_and_plan(document, Sources(file, file.name, document.root), settings), settings)


def measure(name: str, file: Path) -> None:
    """Print the line of one document."""
    slicer = slicer_of(file)
    gc.freeze()
    shared = list(slicer.parts.shared.values())
    files = {(e.path, e.method): e.file for e in slicer.plan.endpoints}
    drafts = []
    for own, reached in zip(slicer.parts.endpoints, slicer.dependencies.closures, strict=True):
        closure = [shared[index] for index in reached]
        drafts.append(
            (
                draft(
                    slicer.parts,
                    own,
                    closure,
                    filling_of(own, closure, files, slicer.parts.shared, own_names(shared), own_names(closure)),
                    None,
                ),
                own,
            )
        )
    rounds: list[list[float]] = []
    for _ in range(3):
        times = []
        for made, own in drafts:
            started = time.perf_counter()
            slicer._verdicts.faults(made, own, slicer.parts.heading)
            times.append(time.perf_counter() - started)
        rounds.append(times)
    assembler = Renderer("yaml")
    texts = []
    for warm in (False, True):
        for made, _ in drafts:
            started = time.perf_counter()
            assembler.content(made)
            if warm:
                texts.append(time.perf_counter() - started)
    first, warm_mean = (1000 * statistics.mean(rounds[at]) for at in (0, -1))
    warm_median = 1000 * statistics.median(rounds[-1])
    text = 1000 * statistics.mean(texts)
    print(
        f"{name:<14} {len(drafts):>6} {first:>9.2f} {warm_mean:>9.2f} {warm_median:>9.2f} {text:>9.2f} "
        f"{warm_mean / text:>6.1f}  {GOALS.get(name, '')}",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=Path, metavar="FOLDER", help="measure the real documents of this folder")
    options = parser.parse_args()
    print(f"{'ms a slice':<14} {'slices':>6} {'first':>9} {'warm':>9} {'median':>9} {'joining':>9} {'ratio':>6}  goal")
    for name, real in REAL.items():
        if options.documents is None:
            with tempfile.TemporaryDirectory() as scratch:
                measure(name, MAKERS[name](Path(scratch), 1))
        elif (options.documents / real).exists():
            measure(name, options.documents / real)


if __name__ == "__main__":
    main()
