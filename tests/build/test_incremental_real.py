"""Edits of a real, large document: what is made again is exactly what reaches the edited part, counted naively here."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Repository, spec

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


def references(value: Any) -> set[str]:
    """Return every local pointer in a value, wherever it stands: the document has none in data."""
    found: set[str] = set()
    pending = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
        elif isinstance(node, str) and node.startswith("#/components/"):
            found.add(node)
    return found


def reaching(document: dict[str, Any], target: str) -> set[tuple[str, str]]:
    """Return the endpoints that reach a component, by path and method."""
    own = {
        f"#/components/{kind}/{name}": references(member)
        for kind, members in document["components"].items()
        for name, member in members.items()
    }
    found = set()
    for path, item in document["paths"].items():
        shared = references(item.get("parameters"))
        for method in METHODS & item.keys():
            seen: set[str] = set()
            pending = list(references(item[method]) | shared)
            while pending:
                pointer = pending.pop()
                if pointer not in seen:
                    seen.add(pointer)
                    pending.extend(own[pointer])
            if target in seen:
                found.add((path, method.upper()))
    return found


@pytest.fixture
def github(repository: Repository) -> tuple[Repository, dict[str, Any]]:
    document = json.loads(spec("github.json").read_bytes())
    repository.write("api.json", json.dumps(document))
    repository.configure(spec="api.json")
    assert repository.doit("-n", "2").code == 0
    return repository, document


def test_editing_one_schema_of_github_rebuilds_exactly_what_reaches_it(
    github: tuple[Repository, dict[str, Any]],
) -> None:
    repository, document = github
    for name in ("minimal-repository", "license-simple", "basic-error"):
        before = repository.times()
        document["components"]["schemas"][name]["description"] = f"Edited {name}"
        repository.write("api.json", json.dumps(document))
        assert repository.doit("-n", "2").code == 0
        after = repository.times()
        changed = {file for file, time in after.items() if before[file] != time and file != "index.csv"}
        rows = {row["filename"]: (row["path"], row["method"]) for row in repository.rows()}
        expected = reaching(document, f"#/components/schemas/{name}")
        assert {rows[file] for file in changed} == expected
        assert 0 < len(expected) < 1223


def test_reordering_and_respelling_github_rebuilds_nothing(github: tuple[Repository, dict[str, Any]]) -> None:
    repository, document = github
    before = repository.times()
    document["paths"] = dict(reversed(document["paths"].items()))
    repository.write("api.json", json.dumps(document, indent=3, ensure_ascii=False))
    assert repository.doit("-n", "2").code == 0
    after = repository.times()
    assert {file for file, time in after.items() if before[file] != time} == {"index.csv"}
