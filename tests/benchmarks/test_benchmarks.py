"""The benchmarks: their documents are sliced without a fault, their edits do what they say, and they print a table."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.benchmarks import documents, edits
from tests.benchmarks.cases import DOCUMENTS

ROOT = Path(__file__).resolve().parents[2]
SIZE = 0.03


def value(file: Path) -> Any:
    text = file.read_bytes()
    return json.loads(text) if file.suffix == ".json" else yaml.load(text, yaml.CSafeLoader)


@pytest.mark.parametrize("name", documents.MAKERS)
def test_documents_are_the_same_each_time_and_sliced_without_a_fault(name: str, tmp_path: Path) -> None:
    made = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        documents.MAKERS[name](folder, SIZE)
        made.append({file.relative_to(folder): file.read_bytes() for file in folder.rglob("*.*") if file.is_file()})
    assert made[0] == made[1]
    document = next((tmp_path / "one").glob("api.*"))
    command = [sys.executable, "-m", "oas_tasks", "--batch", "--input", document.name]
    done = subprocess.run(command, cwd=document.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failed; 100.0% passed" in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["GitHub", "Stripe", "OpenAI"])
def test_edits_change_what_they_are_named_for_and_nothing_else(name: str, tmp_path: Path) -> None:
    file = documents.MAKERS[name](tmp_path, SIZE)
    expected = value(file)

    first = next(iter(expected["components"]["schemas"].values()))
    described = first if "description" in first else next(iter(first["properties"].values()))
    edits.description(file, 1)
    described["description"] = f"Edit 1. {described['description']}"
    assert value(file) == expected

    order = list(expected["paths"])
    edits.move_path(file, 2)
    assert value(file) == expected
    assert list(value(file)["paths"]) == [*order[1:], order[0]]

    edits.add_component(file, 3)
    assert value(file)["components"]["schemas"].pop("Unused") == {"type": "object", "description": "Edit 3."}
    edits.remove_component(file, 4)
    assert value(file) == expected

    if "tags" in expected:
        edits.tag(file, 5)
        expected["tags"][0]["description"] = f"Edit 5. {expected['tags'][0]['description']}"
        assert value(file) == expected
    if file.suffix == ".json":
        length = file.stat().st_size
        edits.indent(file, 6)
        assert value(file) == expected
        assert file.stat().st_size > length
        edits.indent(file, 7)
        assert file.stat().st_size == length

    edits.add_endpoint(file, 8)
    after = value(file)
    assert after["paths"].pop("/added8")["get"]["responses"]["200"]["content"]
    assert after["components"]["schemas"].pop("Added8")
    assert after == expected


def test_the_edit_beside_a_discriminator_is_in_a_schema_that_has_one(tmp_path: Path) -> None:
    file = documents.openai(tmp_path, SIZE)
    before = value(file)["components"]["schemas"]
    edits.discriminator(file, 1)
    after = value(file)["components"]["schemas"]
    changed = [name for name in before if before[name] != after[name]]
    assert len(changed) == 1
    assert "discriminator" in after[changed[0]]


def test_an_edit_without_a_place_in_the_document_gives_a_reason(tmp_path: Path) -> None:
    file = documents.stripe(tmp_path, SIZE)
    with pytest.raises(edits.Absent, match="there is no 'tags'"):
        edits.tag(file, 1)


def test_copies_share_nothing_but_the_root(tmp_path: Path) -> None:
    file = documents.github(tmp_path, SIZE)
    one = value(file)
    documents.copies(file, 3)
    three = value(file)
    assert len(three["paths"]) == 3 * len(one["paths"])
    assert len(three["components"]["schemas"]) == 3 * len(one["components"]["schemas"])
    text = json.dumps(three["paths"]["/copy1" + next(iter(one["paths"]))])
    assert text.count('"#/components/') == text.count('_c1"') - text.count('"operationId"') > 0


def test_cases_of_a_document_have_names_of_their_own() -> None:
    for document in DOCUMENTS:
        names = [case.name for case in document.cases]
        assert len(set(names)) == len(names)
        assert names[0] == "nothing to do"


@pytest.mark.slow
def test_a_table_is_printed_where_no_documents_are_given(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "--runs", "1", "--size", str(SIZE)]
    done = subprocess.run(
        [*command, "--baseline", sys.executable, "--json", str(tmp_path / "all.json"), "DigitalOcean: one"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    said, _, nothing, edit = done.stdout.splitlines()
    assert said == "Documents are made here, in the shape of real ones, at 0.03 of their size."
    assert nothing.startswith("DigitalOcean         nothing to do")
    assert edit.startswith("DigitalOcean         one of many files")
    (none, some) = json.loads((tmp_path / "all.json").read_text())
    assert [none["runs"][tree][0]["slices"] for tree in (0, 1)] == [0, 0]
    assert [some["runs"][tree][0]["slices"] > 0 for tree in (0, 1)] == [True, True]


def test_a_folder_without_documents_is_reported(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "--documents", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "left out: there is no github.json" in done.stdout
    assert "There was nothing to measure." in done.stdout
