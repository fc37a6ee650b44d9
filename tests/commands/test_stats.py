"""`slice-oas stats`: the numbers of a document, as words and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Repository, spec

DOCUMENT = """\
openapi: 3.1.0
info: {title: "A\\e[1m zoo", version: '2'}
tags: [{name: animals}]
security: [{key: []}]
paths:
  /animals:
    get: {operationId: list, tags: [animals], responses: {'200': {$ref: '#/components/responses/Animals'}}}
    post: {deprecated: true, tags: [animals, new], responses: {'201': {$ref: '#/components/responses/Animal'}}}
  /keepers: {$ref: '#/components/pathItems/Keepers'}
  /open: {get: {operationId: open, security: [], responses: {'200': {description: ok}}}}
webhooks:
  born:
    post:
      operationId: born
      requestBody: {$ref: '#/components/requestBodies/Born'}
      responses: {'200': {description: ok}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: k}}
  pathItems: {Keepers: {get: {operationId: keepers, responses: {'200': {description: ok}}}}}
  requestBodies: {Born: {content: {a/b: {schema: {$ref: '#/components/schemas/OfWebhook'}}}}}
  responses:
    Animals: {description: ok, content: {a/b: {schema: {type: array, items: {$ref: '#/components/schemas/Animal'}}}}}
    Animal: {description: ok, content: {a/b: {schema: {$ref: '#/components/schemas/Animal'}}}}
  schemas:
    Animal: {properties: {kind: {$ref: '#/components/schemas/Kind'}}}
    Kind: {properties: {above: {$ref: '#/components/schemas/Kind'}}}
    OfWebhook: {type: string}
    Unused: {$ref: '#/components/schemas/AlsoUnused'}
    AlsoUnused: {type: string}
"""


@pytest.fixture
def zoo(repository: Repository) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml", filter="/animals")
    return repository


def stats(folder: Repository) -> dict[str, Any]:
    done = folder.slice_oas("stats", "--json")
    assert done.code == 0, done.text
    (found,) = json.loads(done.out)
    assert isinstance(found, dict)
    return found


def test_a_document_is_counted_whole_whatever_the_filters(zoo: Repository) -> None:
    found = stats(zoo)
    assert found["size"] == (zoo.folder / "api.yaml").stat().st_size
    assert {name: found[name] for name in ("version", "files", "endpoints", "paths", "webhooks", "untagged")} == {
        "version": "3.1.0",
        "files": 1,
        "endpoints": 5,
        "paths": 3,
        "webhooks": 1,
        "untagged": 3,
    }
    assert found["methods"] == {"GET": 3, "POST": 1}
    assert found["tags"] == {"animals": 2, "new": 1}
    assert found["components"] == {
        "schemas": 5,
        "responses": 2,
        "securitySchemes": 1,
        "pathItems": 1,
        "requestBodies": 1,
    }
    assert found["unused"] == ["schemas/Unused", "schemas/AlsoUnused"]
    assert found["shared"] == {"schemas/Animal": 2, "schemas/Kind": 2, "schemas/OfWebhook": 1}
    assert (found["deepest"], found["depth"]) == ("GET /animals", 3)
    assert [(each["endpoint"], each["components"]) for each in found["largest"]][:2] == [
        ("GET /animals", 4),
        ("POST /animals", 4),
    ]
    assert found["deprecated"] == found["without_operation_id"] == ["POST /animals"]
    assert found["without_security"] == ["GET /open"]
    assert not (zoo.folder / ".oas_tasks").exists()


def test_faults_are_those_of_the_last_build(zoo: Repository) -> None:
    assert stats(zoo)["faults"] is None
    zoo.write("api.yaml", DOCUMENT.replace("responses/Animals'", "responses/Animls'"))
    assert zoo.slice_oas("--batch").code == 1
    assert stats(zoo)["faults"] == {"failed": 1, "warned": 0, "unknown": 0}
    zoo.write("api.yaml", DOCUMENT)
    assert stats(zoo)["faults"] == {"failed": 0, "warned": 0, "unknown": 1}


def test_the_words_fit_on_a_terminal_and_hold_nothing_that_it_obeys(zoo: Repository) -> None:
    text = zoo.slice_oas("stats").out
    lines = text.splitlines()
    assert 10 <= len(lines) <= 15
    assert max(map(len, lines)) <= 110
    assert "\x1b" not in text
    assert "Title           A\\u001b[1m zoo 2" in lines
    assert "Endpoints       5 on 3 paths and 1 webhook: 3 GET, 1 POST" in lines
    assert "Most shared     Animal: 2 endpoints, Kind: 2, OfWebhook: 1" in lines
    assert "Unused          2: schemas/Unused, schemas/AlsoUnused" in lines


def test_a_size_of_estimated_slices_is_near_that_of_real_ones(repository: Repository) -> None:
    repository.configure(spec=str(spec("museum.yaml")))
    assert repository.slice_oas("--batch").code == 0
    sizes = {f"{row['method']} {row['path']}": float(row["file_size_kb"]) * 1024 for row in repository.rows()}
    for each in stats(repository)["largest"]:
        assert 0.5 < each["size"] / sizes[each["endpoint"]] < 1.6
