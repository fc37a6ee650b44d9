"""Faults as annotations on GitHub: what its runner reads is what was meant, whatever stands in a document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oas_tasks.printable import printable
from oas_tasks.slices.diagnostic import Diagnostic
from oas_tasks.state.annotations import Annotation, Level, annotation_lines, fault_annotations
from oas_tasks.state.fault_list import FaultyEndpoint
from tests.conftest import Repository

DOCUMENT = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /a, 100%:
    get: {responses: {'200': {$ref: '#/components/responses/Nope, 50%: a'}}}
  /b:
    get: {summry: misspelt, responses: {'200': {description: ok}}}
"""
HOSTILE = st.text(alphabet=st.sampled_from("a,:%\r\n;=# []\u2028\x1b0123456789ABCDEF\\用"), max_size=30)


def read(line: str) -> tuple[str, dict[str, str], str] | None:
    """Return the name, properties and message of a command, as GitHub's runner reads a line (ActionCommand.cs)."""
    trimmed = line.lstrip()
    if not trimmed.startswith("::") or (end := trimmed.find("::", 2)) < 0:
        return None
    name, _, listed = trimmed[2:end].partition(" ")
    properties = {}
    for pair in listed.strip().split(","):
        key, is_given, value = pair.partition("=")
        if is_given and value:
            properties[key.strip()] = unescaped(value, {"0D": "\r", "0A": "\n", "3A": ":", "2C": ",", "25": "%"})
    return name, properties, unescaped(trimmed[end + 2 :], {"0D": "\r", "0A": "\n", "25": "%"})


def unescaped(text: str, escapes: dict[str, str]) -> str:
    return re.sub("%(..)", lambda found: escapes.get(found[1], found[0]), text)


@given(HOSTILE, HOSTILE, HOSTILE, st.integers(1, 9999), st.sampled_from(Level))
def test_it_reads_back_as_it_was_meant(title: str, message: str, file: str, line: int, level: Level) -> None:
    written = annotation_lines([Annotation(level, title, message, file, line, 7)])
    assert written.endswith("\n")
    assert len(written.splitlines()) == 1
    properties = {"file": printable(file).strip(), "line": str(line), "col": "7", "title": printable(title).strip()}
    meant = {name: value for name, value in properties.items() if value}
    assert read(written[:-1]) == (level.value, meant, "\n".join(map(printable, message.split("\n"))))


def faulty(count: int, *places: str) -> list[FaultyEndpoint]:
    """Return faulty endpoints, each with a fault at a place."""

    class Named:
        def __init__(self, label: str) -> None:
            self.label = label

    return [
        FaultyEndpoint(Named(f"GET /{n}"), [Diagnostic(place, "", "it is wrong")])  # type: ignore[arg-type]
        for place in places
        for n in range(count)
    ]


def test_a_fault_is_annotated_once_and_those_that_affect_most_come_first(tmp_path: Path) -> None:
    found = [*faulty(1, "api.yaml:3:4"), *faulty(5, "api.yaml:1:2")]
    first, second = fault_annotations(found, Level.ERROR, {"GITHUB_WORKSPACE": str(Path.cwd())})
    assert first == Annotation(
        Level.ERROR,
        "No slice for 5 endpoints",
        "it is wrong (5 endpoints: GET /0, GET /1, GET /2 and 2 more)",
        *("api.yaml", 1, 2),
    )
    assert second == Annotation(Level.ERROR, "No slice for GET /0", "it is wrong", "api.yaml", 3, 4)


def test_files_are_relative_to_what_github_checked_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    found = faulty(1, "../api.yaml:3:4", "/elsewhere/api.yaml:3:4", "", "\0:1:1")
    in_deep, *others = fault_annotations(found, Level.WARNING, {"GITHUB_WORKSPACE": str(tmp_path)})
    assert (in_deep.file, in_deep.line, in_deep.column) == ("deep/api.yaml", 3, 4)
    assert [each.file for each in others] == ["", "", ""]
    assert others[0].message == "/elsewhere/api.yaml:3:4: it is wrong"


def test_no_more_are_written_than_github_shows_and_the_rest_is_counted() -> None:
    errors = [Annotation(Level.ERROR, "", f"error {n}") for n in range(14)]
    warnings = [Annotation(Level.WARNING, "", f"warning {n}") for n in range(10)]
    found = [read(line) for line in annotation_lines([*errors, *warnings]).splitlines()]
    names = [each[0] for each in found if each is not None]
    assert names == ["error"] * 10 + ["notice"] + ["warning"] * 10
    assert found[10] == ("notice", {"title": "4 more errors of oas-tasks"}, found[10][2] if found[10] else "")


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    return [found for line in text.splitlines() if (found := read(line)) is not None]


@pytest.mark.parametrize("command", ["doit", "slice-oas", "quiet", "check", "own reporter"])
def test_every_way_of_building_annotates(repository: Repository, command: str) -> None:
    repository.write("sub/api.yaml", DOCUMENT)
    inner = Repository(repository.folder / "sub")
    inner.configure(spec="api.yaml", source_faults="fail" if command == "own reporter" else "warn")
    own = "from oas_tasks import task_index, task_prune, task_slice\nDOIT_CONFIG = {'reporter': 'zero'}\n"
    dodo = "from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice\n"
    inner.write("dodo.py", own if command == "own reporter" else dodo)
    env = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(repository.folder)}
    asked = {"slice-oas": ["--batch"], "quiet": ["--batch", "--quiet"], "check": ["check"]}
    done = inner.slice_oas(*asked[command], env=env) if command in asked else inner.doit(env=env)
    found = commands(done.text)
    assert found[0] == (
        "error",
        {"file": "sub/api.yaml", "line": "5", "col": "37", "title": "No slice for GET /a, 100%"},
        "'#/components/responses/Nope, 50%: a' is referenced but not defined",
    )
    as_error = command == "own reporter"
    level, title = ("error", "No slice for GET /b") if as_error else ("warning", "Fault in the slice of GET /b")
    assert [(found[1][0], found[1][1]["file"], found[1][1]["title"])] == [(level, "sub/api.yaml", title)]
    assert len(found) == 2
    again = inner.doit() if command == "doit" else inner.slice_oas("--batch")
    assert commands(again.text) == []
