"""An endpoint that failed is not sliced again while only the lines of its faults move."""

from __future__ import annotations

import pytest

from tests.conftest import Repository

DOCUMENT = """\
openapi: 3.1.0
info: {title: Faults, version: '1'}
paths:
  /fine:
    get:
      summary: One line
      responses: {'200': {description: ok}}
  /own:
    get:
      operationId: 17
      responses: {'200': {description: ok}}
  /shared:
    get:
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Wrong'}}}
components:
  schemas:
    Other: {type: string}
    Wrong:
      type: object
      nullable: 1
      properties:
        size: {type: intger}
"""
FAILED = {"/own", "/shared"}


def reasons(repository: Repository) -> dict[str, str]:
    return {row["path"]: row["failure_reason"] for row in repository.rows() if row["validation_status"] == "FAIL"}


def edited(repository: Repository, text: str) -> int:
    """Build an edited document, compare with a clean build, and return how many endpoints were sliced."""
    repository.write("api.yaml", text)
    done = repository.slice_oas("--input", "api.yaml", "--batch")
    ours = reasons(repository), repository.files()
    clean = Repository(repository.folder.parent / "clean")
    clean.write("api.yaml", text)
    assert clean.slice_oas("--input", "api.yaml", "--batch").code == done.code
    assert ours == (reasons(clean), clean.files())
    return done.text.count("Extracting endpoint")


@pytest.fixture
def built(repository: Repository) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    assert repository.slice_oas("--input", "api.yaml", "--batch").code == 1
    assert set(reasons(repository)) == FAILED
    return repository


def test_a_line_above_is_added(built: Repository) -> None:
    before = reasons(built)
    assert edited(built, DOCUMENT.replace("One line", "|\n        Two\n        lines")) == 1
    after = reasons(built)
    assert after != before
    assert after["/own"].startswith("api.yaml:12:20:")


def test_nothing_but_a_comment_is_added(built: Repository) -> None:
    assert edited(built, DOCUMENT.replace("paths:", "# A comment\npaths:")) == 0


def test_the_fault_is_corrected(built: Repository) -> None:
    assert edited(built, DOCUMENT.replace("operationId: 17", "operationId: own")) == 1
    assert set(reasons(built)) == {"/shared"}


def test_there_is_another_fault(built: Repository) -> None:
    assert edited(built, DOCUMENT.replace("intger", "numbr")) == 1


def test_the_component_is_elsewhere_now(built: Repository) -> None:
    own = DOCUMENT[DOCUMENT.index("    Wrong:") :]
    moved = DOCUMENT.replace(own, "").replace("    Other:", f"{own}    Other:")
    assert edited(built, moved) == 0


def test_the_field_is_elsewhere_now(built: Repository) -> None:
    assert edited(built, DOCUMENT.replace("type: object\n      nullable: 1", "nullable: 1\n      type: object")) == 1


def test_the_component_has_another_name(built: Repository) -> None:
    assert edited(built, DOCUMENT.replace("Wrong", "Bad")) == 1
