"""Edits of a real, large document: what is made again is exactly what reaches the edited part, counted naively here."""

from __future__ import annotations

import json
import posixpath
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import DODO, Repository, spec

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


def begun(folder: Path) -> Repository:
    made = Repository(folder)
    made.write("dodo.py", DODO)
    return made


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repository, dict[str, Any]]:
    """A repository that is built, and its document, which tests edit one after the other."""
    repository = begun(tmp_path_factory.mktemp("github"))
    document = json.loads(spec("github.json").read_bytes())
    repository.write("api.json", json.dumps(document))
    repository.configure(spec="api.json")
    assert repository.doit("-n", "2").code == 0
    return repository, document


@pytest.mark.parametrize(
    "name",
    [
        "minimal-repository",
        pytest.param("license-simple", marks=pytest.mark.slow),
        pytest.param("basic-error", marks=pytest.mark.slow),
    ],
)
def test_editing_one_schema_of_github_rebuilds_exactly_what_reaches_it(
    github: tuple[Repository, dict[str, Any]], name: str
) -> None:
    repository, document = github
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


@pytest.mark.slow
def test_reordering_and_respelling_github_rebuilds_nothing(github: tuple[Repository, dict[str, Any]]) -> None:
    repository, document = github
    before = repository.times()
    document["paths"] = dict(reversed(document["paths"].items()))
    repository.write("api.json", json.dumps(document, indent=3, ensure_ascii=False))
    assert repository.doit("-n", "2").code == 0
    after = repository.times()
    assert {file for file, time in after.items() if before[file] != time} == {"index.csv"}


def file_references(value: Any) -> Iterator[str]:
    """Yield every reference in a value; what stands in extensions and examples is data."""
    pending = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            target = node.get("$ref")
            if isinstance(target, str):
                yield target
            pending.extend(v for k, v in node.items() if not k.startswith("x-") and k not in ("example", "examples"))
        elif isinstance(node, list):
            pending.extend(node)


def at_pointer(value: Any, pointer: str) -> Any:
    for token in pointer.removeprefix("/").split("/") if pointer else ():
        token = token.replace("~1", "/").replace("~0", "~")
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value


def files_behind(folder: Path, entry: str) -> dict[tuple[str, str], set[str]]:
    """Return the files whose contents each endpoint reaches, by path and method."""

    @cache
    def load(file: str) -> Any:
        return yaml.load((folder / file).read_text(encoding="utf-8"), yaml.CSafeLoader)

    def follow(value: Any, file: str, seen: set[tuple[str, str]]) -> None:
        pending = [(target, file) for target in file_references(value)]
        while pending:
            target, base = pending.pop()
            path, _, pointer = target.partition("#")
            place = (posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path else base, pointer)
            if place not in seen:
                seen.add(place)
                pending.extend((each, place[0]) for each in file_references(at_pointer(load(place[0]), pointer)))

    found: dict[tuple[str, str], set[str]] = {}
    for path, item in load(entry)["paths"].items():
        for method in METHODS & item.keys():
            seen: set[tuple[str, str]] = set()
            follow([item[method], item.get("parameters")], entry, seen)
            found[path, method.upper()] = {file for file, _ in seen}
    return found


DIGITALOCEAN = "DigitalOcean-public.v2.yaml"


@pytest.fixture(scope="module")
def digitalocean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repository, dict[tuple[str, str], set[str]]]:
    """A repository that is built, whose document tests edit one after the other, and the files behind its endpoints."""
    source = spec(f"digitalocean/{DIGITALOCEAN}").parent
    repository = begun(tmp_path_factory.mktemp("digitalocean"))
    shutil.copytree(source, repository.folder / "api")
    repository.configure(spec=f"api/{DIGITALOCEAN}")
    assert repository.doit("-n", "2").code == 0
    return repository, files_behind(source, DIGITALOCEAN)


@pytest.mark.parametrize(
    "edited",
    [
        "resources/ssh_keys/models/sshKeys.yml",
        pytest.param("shared/responses/unauthorized.yml", marks=pytest.mark.slow),
        pytest.param("resources/droplets/models/droplet.yml", marks=pytest.mark.slow),
        pytest.param("shared/parameters.yml", marks=pytest.mark.slow),
    ],
)
def test_editing_one_file_of_digitalocean_rebuilds_exactly_what_reaches_it(
    digitalocean: tuple[Repository, dict[tuple[str, str], set[str]]], edited: str
) -> None:
    repository, behind = digitalocean
    file = repository.folder / "api" / edited
    if not file.exists():
        pytest.skip(f"{edited} is not there")
    before = repository.times()
    text = file.read_text(encoding="utf-8")
    assert "description: " in text
    file.write_text(text.replace("description: ", "description: Edited. ", 1), encoding="utf-8")
    assert repository.doit("-n", "2").code == 0
    after = repository.times()
    rows = {row["filename"]: (row["path"], row["method"]) for row in repository.rows() if row["filename"]}
    changed = {rows[name] for name, time in after.items() if before[name] != time and name != "index.csv"}
    reaching = {key for key, files in behind.items() if edited in files}
    passed = set(rows.values())
    assert changed
    if edited == "shared/parameters.yml":  # holds many, of which one was edited
        assert changed <= reaching
    else:
        assert changed == reaching & passed
