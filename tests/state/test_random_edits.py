"""After whatever was done to a document and to the settings, a run leaves what a clean build would make.

Edits come in sequences of five, with settings changed and runs killed in between; everything is drawn by a seed.
`OAS_TASKS_THOROUGH=1` tries two thousand edits instead of some dozens, or as many sequences as it says, beginning with
the seed `OAS_TASKS_SEED`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from random import Random

import pytest

from tests.conftest import DODO, SAMPLE, SPECS, Done, Repository
from tests.random_projects import Project, change_settings, edit, loaded

THOROUGH = int(os.environ.get("OAS_TASKS_THOROUGH") or 0)
COUNT = {0: 16, 1: 400}.get(THOROUGH, THOROUGH)
FIRST = int(os.environ.get("OAS_TASKS_SEED") or 0)
EDITS_EACH = 5
#: Seconds after which a run is killed at the latest: most take no longer.
SLOWEST = 0.6

CASES = sorted(file.parent for file in (Path(__file__).parents[1] / "cases").glob("*/input.yaml"))


def beside(case: Path) -> int:
    """Return how many files a case's document has beside it."""
    files = (file for file in case.rglob("*") if file.is_file() and "expect" not in file.parts)
    return sum(file.name not in ("input.yaml", "notes.md", "settings.toml") for file in files)


OF_SEVERAL_FILES = [case for case in CASES if beside(case)]
#: Those whose sequences are of more edits of one kind than of another.
NAMES = (
    "external-files",
    "components-in-other-files",
    "discriminator-children",
    "extension-references-elsewhere",
    "webhooks-3.1",
    "anchors-in-other-files-3.1",
)


def drawn(lot: Random) -> Project:
    """Return one of eight documents, or at times of all the worked examples."""
    entry = lot.choice(["api.yaml", "api.json", "api.json", "api.oas"])
    whole = [SAMPLE, *([SPECS / "museum.yaml"] if (SPECS / "museum.yaml").exists() else [])]
    named = [case / "input.yaml" for case in CASES if case.name in NAMES]
    others = [case / "input.yaml" for case in lot.choice([CASES, OF_SEVERAL_FILES])]
    file = lot.choice([*whole, *named, *[lot.choice(others)] * 4])
    project = loaded(file, entry, beside=file.name == "input.yaml")
    settings = file.parent / "settings.toml"
    if file.name == "input.yaml" and settings.exists():
        project.settings.update(tomllib.loads(settings.read_text(encoding="utf-8")))
    project.done.append(f"{file.parent.name} as {entry}")
    return project


def killed(repository: Repository, command: tuple[str, ...], seconds: float) -> bool:
    """Begin with a run and kill it after a time; return whether it was still at work."""
    environment = {**os.environ, "PYTHONUTF8": "1"}
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=repository.folder, env=environment)
    time.sleep(seconds)
    process.kill()
    return process.wait() < 0


def put(project: Project, repository: Repository) -> None:
    project.write(repository.folder)
    repository.write("dodo.py", DODO)
    repository.configure(spec=project.entry, **project.settings)


def outcome(repository: Repository, done: Done) -> tuple[object, ...]:
    """Return the exit code, the slices, and the rows of the index without times."""
    has_index = (repository.slices / "index.csv").exists()
    rows = [{**row, "created_at": "", "extraction_time_ms": ""} for row in repository.rows()] if has_index else None
    return done.code, repository.files(), rows


def assert_same(project: Project, ours: tuple[object, ...], theirs: tuple[object, ...], text: str) -> None:
    what = "\n".join(project.done)
    assert "Traceback" not in text, f"{what}\n{text}"
    assert "fault of oas-tasks" not in text, f"{what}\n{text}"
    assert ours[0] == theirs[0], f"{what}\n{text}"
    if ours[0] == 2:  # it could not begin, and leaves everything alone
        return
    assert ours[2] == theirs[2], f"{what}\n{text}"
    assert ours[1] == theirs[1], f"{what}\n{text}"


COMMANDS = (("oas_tasks", "--batch"),) * 5 + (("doit",), ("doit", "-n", "2"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_a_run_leaves_what_a_clean_build_makes(seed: int, tmp_path: Path) -> None:
    lot = Random(seed)
    project = drawn(lot)
    repository = Repository(tmp_path / "repository")
    for number in range(EDITS_EACH + 1):
        if number:
            edit(project, lot)
            if lot.random() < 0.25:
                change_settings(project, lot)
        put(project, repository)
        command = lot.choice(COMMANDS)
        if os.name == "posix" and lot.random() < 0.06:
            seconds = lot.random() * SLOWEST
            was_killed = killed(repository, command, seconds)
            project.done.append(f"killed after {seconds:.2f} s" if was_killed else "run to its end")
            if lot.random() < 0.5:
                edit(project, lot)
                put(project, repository)
        clean = Repository(tmp_path / "clean")
        put(project, clean)
        done, expected = repository.run(*command), clean.run(*command)
        assert_same(project, outcome(repository, done), outcome(clean, expected), done.text)
        if lot.random() < 0.1:
            again = repository.run(*command)
            assert_same(project, outcome(repository, again), outcome(clean, expected), again.text)
        shutil.rmtree(clean.folder)


def test_a_reference_is_broken_for_standing_in_another_file(repository: Repository) -> None:
    """What the component says is the same, and the slice would have all that it had."""
    both = ["#/components/schemas/A", "#/components/schemas/B"]
    content = {"a/b": {"schema": {"oneOf": [{"$ref": target} for target in both]}}}
    schemas = {"A": {"type": "array", "items": {"$ref": both[1]}}, "B": {"type": "string"}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {"description": "ok", "content": content}}}}},
        "components": {"schemas": schemas},
    }
    project = Project("api.json", {"api.json": document})
    put(project, repository)
    assert repository.slice_oas("--batch").code == 0
    project.files["A.json"] = schemas["A"]
    document["components"] = {"schemas": {**schemas, "A": {"$ref": "A.json"}}}
    put(project, repository)
    assert repository.slice_oas("--batch").code == 1
