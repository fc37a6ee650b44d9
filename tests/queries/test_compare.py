"""What a comparison says changed is what comparing the bytes of all slices says, whatever was done to a document."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from oas_tasks.errors import UserError
from oas_tasks.openapi.model import FAMILIES, Family
from oas_tasks.queries.compare import CauseKind, Comparison, Side, compare
from oas_tasks.settings import Settings, load_settings
from oas_tasks.slices.loading import load_slicer
from tests.conftest import SHARED, THOROUGH, spec
from tests.oracle import parse
from tests.random_documents import Drawn, documents
from tests.random_edits import edited

Key = tuple[str, str]


def bytes_of(chosen: Settings) -> dict[Key, tuple[str, bytes] | None]:
    """Return the file and the bytes of every slice that a clean build makes, None for a fault."""
    slicer = load_slicer(chosen, "api")
    made = [slicer.make(endpoint.path, endpoint.method) for endpoint in slicer.plan.endpoints]
    return {
        (each.endpoint.path, each.endpoint.method): None if each.content is None else (each.endpoint.file, each.content)
        for each in made
    }


def compared(before: Settings, after: Settings) -> Comparison:
    """Compare two documents, and hold the result against comparing the clean builds."""
    found = compare(*(Side.of(load_slicer(each, "api"), each) for each in (before, after)))
    old, new = bytes_of(before), bytes_of(after)
    assert [(e.path, e.method) for e in found.added] == [key for key in new if key not in old]
    assert [(e.path, e.method) for e in found.removed] == [key for key in old if key not in new]
    changed = [(each.endpoint.path, each.endpoint.method) for each in found.changed]
    assert changed == [key for key in new if key in old and old[key] != new[key]]
    assert found.unchanged == len(new) - len(found.added) - len(found.changed)
    assert all(each.causes for each in found.changed)
    assert found.reasons.keys() == {key for key, made in new.items() if made is None and key not in old}
    return found


def written(folder: Path, name: str, document: Mapping[str, Any] | bytes, **options: Any) -> Settings:
    file = folder / name / "api.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode("utf-8", "surrogatepass"))
    return load_settings(folder, {"spec": str(file), "volatile": [], **options})[0]


def history() -> list[Path]:
    spec("discord.json")
    return sorted((SHARED / "specs/history/discord").glob("*.json"))


def test_a_step_of_a_real_history(tmp_path: Path) -> None:
    steps = history()
    for number, (old, new) in enumerate(itertools.pairwise(steps[:2])):
        found = compared(
            written(tmp_path, f"{number}a", old.read_bytes()), written(tmp_path, f"{number}b", new.read_bytes())
        )
        assert found.changed


@pytest.mark.slow
def test_every_step_of_a_real_history(tmp_path: Path) -> None:
    steps = history()
    assert len(steps) == 12
    for number, (old, new) in enumerate(itertools.pairwise(steps)):
        found = compared(
            written(tmp_path, f"{number}a", old.read_bytes()), written(tmp_path, f"{number}b", new.read_bytes())
        )
        assert found.changed or number > 1


@pytest.mark.parametrize("family", FAMILIES)
def test_any_document_and_any_edit(tmp_path: Path, family: Family) -> None:
    @settings(max_examples=1000 if THOROUGH else 12)
    @given(documents(family))
    def hold(drawn: Drawn) -> None:
        document = drawn.files[""]
        lot = Random(len(json.dumps(document)))
        for _ in range(3):
            other = edited(document, lot, 0.5)
            try:
                compared(written(tmp_path, "old", document), written(tmp_path, "new", other))
            except UserError:
                continue  # no document to compare with any more
            document = other

    hold()


DOCUMENT = parse("""\
openapi: 3.0.3
info: {title: Shop, version: '1'}
tags:
  - {name: orders}
  - {name: users}
paths:
  /orders:
    get:
      tags: [orders]
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Orders'}}}
          links: {one: {operationId: getUser}}
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      tags: [users]
      operationId: getUser
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}
components:
  schemas:
    Orders: {type: array, items: {$ref: '#/components/schemas/Order'}}
    Order: {type: object, properties: {by: {$ref: '#/components/schemas/User'}}}
    User: {type: object}
    Unused: {type: string}
""")
ORDERS, USER = ("/orders", "GET"), ("/users/{id}", "GET")


def told(tmp_path: Path, change: Any, **options: Any) -> dict[Key, list[tuple[CauseKind, str, tuple[str, ...]]]]:
    """Return the causes of what changed when `change` edits the document."""
    after = copy.deepcopy(DOCUMENT)
    change(after)
    found = compared(written(tmp_path, "old", DOCUMENT), written(tmp_path, "new", after, **options))
    return {
        (each.endpoint.path, each.endpoint.method): [(cause.kind, cause.part, cause.via) for cause in each.causes]
        for each in found.changed
    }


def test_a_part_is_told_with_the_way_that_leads_to_it(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document["components"]["schemas"]["User"]["description"] = "Somebody"

    assert told(tmp_path, change) == {
        ORDERS: [
            (CauseKind.CHANGED, "components/schemas/User", ("components/schemas/Orders", "components/schemas/Order"))
        ],
        USER: [(CauseKind.CHANGED, "components/schemas/User", ())],
    }


def test_what_no_endpoint_reaches_changes_none(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document["components"]["schemas"]["Unused"]["description"] = "Still unused"

    assert told(tmp_path, change) == {}


def test_a_new_part_and_a_removed_one_are_told_as_such(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        schemas = document["components"]["schemas"]
        schemas["Buyer"] = schemas.pop("User")
        schemas["Order"]["properties"]["by"]["$ref"] = "#/components/schemas/Buyer"
        operation = document["paths"]["/users/{id}"]["get"]
        operation["responses"]["200"] = {"description": "ok"}

    way = ("components/schemas/Orders", "components/schemas/Order")
    assert told(tmp_path, change) == {
        ORDERS: [
            (CauseKind.CHANGED, "components/schemas/Order", ("components/schemas/Orders",)),
            (CauseKind.ADDED, "components/schemas/Buyer", way),
            (CauseKind.REMOVED, "components/schemas/User", way),
        ],
        USER: [(CauseKind.OPERATION, "", ()), (CauseKind.REMOVED, "components/schemas/User", ())],
    }


def test_a_root_field_and_a_setting_change_every_slice(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document["info"]["version"] = "2"

    assert told(tmp_path, change) == {key: [(CauseKind.ROOT, "info.version", ())] for key in (ORDERS, USER)}
    shaped = told(tmp_path, lambda document: None, format="json")
    assert shaped[USER] == [(CauseKind.SETTINGS, "", ()), (CauseKind.FILE, "users-id_GET.yaml", ())]


def test_a_tag_is_told_by_its_name_and_one_before_it_changes_nothing(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document["tags"].insert(0, {"name": "new"})
        document["tags"][2]["description"] = "People"

    assert told(tmp_path, change) == {USER: [(CauseKind.CHANGED, "tags/users", ())]}


def test_the_order_of_parts_shows_in_a_slice(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        schemas = document["components"]["schemas"]
        schemas["Orders"] = schemas.pop("Orders")

    assert told(tmp_path, change) == {ORDERS: [(CauseKind.ORDER, "", ())]}


def test_a_link_whose_operation_has_no_slice_any_more_is_told(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        del document["paths"]["/users/{id}"]

    found = told(tmp_path, change)
    assert found.keys() == {ORDERS}
    assert found[ORDERS]


def test_a_fault_that_comes_and_one_that_goes_are_told(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        del document["components"]["schemas"]["Unused"]
        document["components"]["schemas"]["Order"]["properties"]["by"]["$ref"] = "#/components/schemas/Usr"

    ((kind, part, via), *_, (fault, reason, _)) = told(tmp_path, change)[ORDERS]
    assert (kind, part, via) == (CauseKind.CHANGED, "components/schemas/Order", ("components/schemas/Orders",))
    assert fault is CauseKind.FAULT
    assert "'#/components/schemas/Usr' is referenced but not defined" in reason
