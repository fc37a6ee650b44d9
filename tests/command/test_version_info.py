"""`slice-oas version-info` says what each conversion would block or lose, with counts and places."""

from __future__ import annotations

import json

from tests.conftest import Repository

DOCUMENT = """\
openapi: 3.1.0
info: {title: Told, version: '1', summary: Short}
paths: {}
components:
  securitySchemes: {tls: {type: mutualTLS}}
  schemas:
    A: {type: object, propertyNames: {pattern: a}}
    B: {type: object, propertyNames: {pattern: b}}
"""


def test_blocks_and_losses_are_told_with_counts_and_places(repository: Repository) -> None:
    repository.write("api.yaml", DOCUMENT)
    done = repository.slice_oas("version-info", "--input", "api.yaml")
    assert done.code == 0, done.text
    assert done.out.startswith("api.yaml is OpenAPI 3.1.0\n\nto 3.0.4: ")
    assert "1 impossible, 2 loosened" in done.out
    assert "#/components/securitySchemes/tls" in done.out
    assert "2 x: 'propertyNames'" in done.out
    assert "#/components/schemas/B/propertyNames" in done.out
    assert "to 3.2.0: nothing is lost" in done.out


def test_the_same_for_programs(repository: Repository) -> None:
    repository.write("api.yaml", DOCUMENT)
    done = repository.slice_oas("version-info", "--input", "api.yaml", "--json")
    (told,) = json.loads(done.out)
    assert told["version"] == "3.1.0"
    assert told["losses"]["3.2"] == []
    assert {"impossible", "loosened", "lossy"} == {loss["kind"] for loss in told["losses"]["3.0"]}


def test_a_document_that_is_none_is_told_in_a_sentence(repository: Repository) -> None:
    repository.write("api.yaml", "swagger: '2.0'\n")
    done = repository.slice_oas("version-info", "--input", "api.yaml")
    assert done.code == 2
    assert "swagger2openapi" in done.err


def test_what_stands_in_other_files_is_told_with_the_file(repository: Repository) -> None:
    repository.write(
        "api.yaml", DOCUMENT.replace("paths: {}", "paths: {/a: {$ref: paths/a.yaml}}").replace("schemas:", "x-old:")
    )
    repository.write(
        "paths/a.yaml",
        "get: {responses: {'200': {description: ok, content: {a/json: {schema: {$ref: ../names.yaml}}}}}}",
    )
    repository.write("names.yaml", "{type: object, propertyNames: {pattern: a}}")
    done = repository.slice_oas("version-info", "--input", "api.yaml")
    assert "1 impossible, 1 loosened" in done.out
    assert "\n    names.yaml#/propertyNames\n" in done.out
    done = repository.slice_oas("version-info", "--input", "api.yaml", "--json")
    places = {(loss["file"], loss["pointer"]) for loss in json.loads(done.out)[0]["losses"]["3.0"]}
    assert {("names.yaml", "#/propertyNames"), ("api.yaml", "#/info/summary")} <= places
