"""Defines the documents of the benchmarks, and the cases that run in turn for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks import edits
from tests.benchmarks.measure import Cost, clear, run, run_program

Step = Callable[[Path, Path], Cost]


def build(python: Path, folder: Path) -> Cost:
    """Build everything that is stale, in one process."""
    return run(python, folder, "doit")


def cold(*arguments: str) -> Step:
    """Return a step that builds everything, with two processes unless the arguments have another number."""

    def built(python: Path, folder: Path) -> Cost:
        clear(folder)
        return run(python, folder, "doit", *(arguments or ("-n", "2")))

    return built


def trivial(python: Path, folder: Path) -> Cost:
    """Run plain doit over as many trivial tasks, with nothing to do."""
    beside = folder / "yardstick"
    if not beside.exists():
        beside.mkdir()
        shutil.copy(Path(__file__).with_name("yardstick_dodo.py"), beside / "dodo.py")
        (beside / "tasks").write_text(str(len(list((folder / "slices").glob("*_*")))))
        run(python, beside, "doit", env={"TASKS": (beside / "tasks").read_text()})
    return run(python, beside, "doit", env={"TASKS": (beside / "tasks").read_text()})


def dump(python: Path, folder: Path) -> Cost:
    """Read the document and dump it once with PyYAML: the least that any tool has to do."""
    (folder / "dump.py").write_text(
        "import json, yaml, pathlib\n"
        "spec = next(pathlib.Path().glob('api.*'))\n"
        "text = spec.read_text(encoding='utf-8')\n"
        "value = json.loads(text) if spec.suffix == '.json' else yaml.load(text, yaml.CSafeLoader)\n"
        "yaml.dump(value, open('dumped.yaml', 'w', encoding='utf-8'), yaml.CSafeDumper)\n"
    )
    return run(python, folder, "dump")


def copy(python: Path, folder: Path) -> Cost:
    """Copy the slices."""
    shutil.rmtree(folder / "copied", ignore_errors=True)
    return run_program(folder, "cp", "-r", "slices", "copied")


@dataclass(frozen=True)
class Case:
    """One row of the table.

    step: the measured step.
    edit: an edit before it, which is not measured.
    goal: the goal, in words.
    is_yardstick: it measures something other than this project, or a variant, and runs with `--yardsticks` only.
    """

    name: str
    step: Step = build
    edit: edits.Edit | None = None
    goal: str = ""
    is_yardstick: bool = False


@dataclass(frozen=True)
class Document:
    """A document and its cases.

    maker: the name of its maker in `documents.MAKERS`.
    real: the real document of this shape, below the folder that `--documents` names.
    copies: how many copies of it are sliced, side by side.
    as_yaml: it is written as YAML first.
    settings: those of the build, as lines of TOML.
    """

    name: str
    maker: str
    real: str
    cases: tuple[Case, ...] = field(repr=False)
    copies: int = 1
    as_yaml: bool = False
    settings: str = ""


#: The first case of every document, which the others are compared with.
NOTHING = Case("nothing to do")
COLD = Case("cold", cold(), goal="1.05x the baseline")
DESCRIPTION = Case("one description", edit=edits.description)
ENDPOINT = Case("one endpoint and one schema more", edit=edits.add_endpoint)
PLAIN_DOIT = Case("plain doit, as many trivial tasks", trivial, is_yardstick=True)

_EDITS = (
    Case("one description", edit=edits.description, goal="1.9x nothing"),
    Case("a path moved", edit=edits.move_path, goal="2.5x nothing, and the slices"),
    Case("a component added", edit=edits.add_component, goal="2.5x nothing, and the slices"),
    Case("a component removed", edit=edits.remove_component, goal="2.5x nothing, and the slices"),
    Case("a tag's description", edit=edits.tag, goal="2.5x nothing, and the slices"),
    Case("the whole file indented anew", edit=edits.indent, goal="2.5x nothing, and the slices"),
    ENDPOINT,
)
_GITHUB, _OPENAI = "github.json", "openai.yaml"
_IN_LARGE = (
    NOTHING,
    Case("one description", edit=edits.description, goal="4x nothing"),
    Case("one endpoint and one schema more", edit=edits.add_endpoint, goal="4x nothing"),
    COLD,
    PLAIN_DOIT,
)

DOCUMENTS = (
    Document(
        "GitHub",
        "GitHub",
        _GITHUB,
        (
            NOTHING,
            *_EDITS,
            COLD,
            PLAIN_DOIT,
            Case("cold, -n 1", cold("-n", "1"), is_yardstick=True),
            Case("cold, -n 8", cold("-n", "8"), is_yardstick=True),
            Case("cold, to 3.2", cold("-n", "2", "output_version=3.2.x"), is_yardstick=True),
            Case("PyYAML reads and dumps it once", dump, is_yardstick=True),
        ),
    ),
    Document(
        "GitHub to 3.1",
        "GitHub",
        _GITHUB,
        (NOTHING, Case("one description", edit=edits.description, goal="2.5x nothing"), COLD),
        settings='output_version = "3.1.x"',
    ),
    Document(
        "Stripe",
        "Stripe",
        "stripe.yaml",
        (NOTHING, ENDPOINT, DESCRIPTION, COLD, Case("cp -r of the slices", copy, is_yardstick=True)),
    ),
    Document(
        "DigitalOcean",
        "DigitalOcean",
        "digitalocean/DigitalOcean-public.v2.yaml",
        (NOTHING, Case("one of many files", edit=edits.description_in_a_file, goal="2.5x nothing"), COLD),
    ),
    Document(
        "OpenAI",
        "OpenAI",
        _OPENAI,
        (
            NOTHING,
            Case("a description beside a discriminator", edit=edits.discriminator, goal="2.5x nothing, and the slices"),
            DESCRIPTION,
            COLD,
        ),
    ),
    Document(
        "OpenAI to 3.0",
        "OpenAI",
        _OPENAI,
        (NOTHING, DESCRIPTION, COLD),
        settings='output_version = "3.0.x"',
    ),
    Document("GitHub x 4", "GitHub", _GITHUB, _IN_LARGE, copies=4),
    Document("GitHub x 15", "GitHub", _GITHUB, _IN_LARGE, copies=15),
    Document("GitHub x 15 in YAML", "GitHub", _GITHUB, _IN_LARGE, copies=15, as_yaml=True),
)

#: The number of copies from which on a document is measured only with `--large`.
LARGE = 5
