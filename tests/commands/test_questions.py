"""`slice-oas list`, `why`, `impact` and `graph`: questions about a document and its slices, which change nothing."""

from __future__ import annotations

import json
import re
import shutil
from typing import Any

import pytest

from tests.conftest import Repository

DOCUMENT = """\
openapi: 3.0.3
info: {title: Shop, version: '1'}
tags: [{name: orders}]
paths:
  /orders:
    get:
      operationId: listOrders
      tags: [orders]
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
    post: {operationId: addOrder, responses: {'201': {description: made}}}
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getUser
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}
components:
  schemas:
    Order: {type: object, properties: {by: {$ref: '#/components/schemas/User'}}}
    User: {type: object, description: Somebody}
  parameters:
    User: {name: user, in: query, schema: {type: string}}
"""
EDITED = DOCUMENT.replace("Somebody", "A user")


@pytest.fixture
def shop(repository: Repository) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml")
    return repository


@pytest.fixture
def built(shop: Repository) -> Repository:
    assert shop.slice_oas("--batch").code == 0
    return shop


def answer(shop: Repository, *arguments: str) -> Any:
    """Return a JSON answer, and assert that nothing was written for it."""
    before = {file: file.stat().st_mtime_ns for file in shop.folder.rglob("*")}
    done = shop.slice_oas(*arguments)
    assert (done.code, done.err) == (0, ""), done.text
    assert {file: file.stat().st_mtime_ns for file in shop.folder.rglob("*")} == before
    return json.loads(done.out)


def test_endpoints_are_listed(shop: Repository) -> None:
    assert answer(shop, "list", "--json") == [
        {"method": "GET", "path": "/orders", "file": "slices/orders_GET.yaml", "operation_id": "listOrders"},
        {"method": "POST", "path": "/orders", "file": "slices/orders_POST.yaml", "operation_id": "addOrder"},
        {"method": "GET", "path": "/users/{id}", "file": "slices/users-id_GET.yaml", "operation_id": "getUser"},
    ]
    assert shop.slice_oas("list", "--filter", "/u*", "--output-dir", "out").out == (
        "GET  /users/{id}  out/users-id_GET.yaml  getUser\n"
    )


def test_of_an_endpoint_that_is_up_to_date_it_is_told_what_it_depends_on(built: Repository) -> None:
    found = answer(built, "why", "GET /orders", "--json")
    assert (found["up_to_date"], found["reasons"], found["changed"]) == (True, [], [])
    assert found["depends_on"] == ["tags/orders", "components/schemas/Order", "components/schemas/User"]
    text = built.slice_oas("why", "GET", "/orders").out
    assert text.startswith(
        "GET /orders is up to date: slices/orders_GET.yaml\n  nothing that it depends on changed since"
    )
    assert "It depends on its operation, the root fields and 3 parts:\n  tags/orders\n" in text


@pytest.mark.parametrize("name", ["get /users/{id}", "/users/{id}", "getUser", "slice:GET /users/{id}"])
def test_an_endpoint_is_found_by_whatever_names_it_alone(built: Repository, name: str) -> None:
    assert answer(built, "why", name, "--json")["path"] == "/users/{id}"


def test_a_change_of_the_document_is_told_with_the_parts_that_changed(built: Repository) -> None:
    built.write("api.yaml", EDITED)
    found = answer(built, "why", "GET /orders", "--json")
    assert (found["up_to_date"], found["reasons"]) == (False, ["document"])
    user = {"kind": "changed", "part": "components/schemas/User", "via": ["components/schemas/Order"]}
    assert found["changed"] == [user]
    assert built.slice_oas("why", "listOrders").out.splitlines()[:3] == [
        "GET /orders is not up to date: slices/orders_GET.yaml",
        "  what it depends on changed since it was made",
        "    components/schemas/User via components/schemas/Order",
    ]
    assert answer(built, "why", "POST /orders", "--json")["up_to_date"]


def test_what_changed_is_told_also_where_the_new_document_was_planned_before(built: Repository) -> None:
    built.write("api.yaml", EDITED)
    assert built.doit("list", "--all").code == 0  # plans, and slices nothing
    assert [each["part"] for each in answer(built, "why", "getUser", "--json")["changed"]] == [
        "components/schemas/User"
    ]
    built.write("api.yaml", EDITED.replace("A user", "One"))
    assert built.doit("list", "--all").code == 0
    built.write("api.yaml", EDITED.replace("A user", "Two"))
    assert built.doit("list", "--all").code == 0
    assert answer(built, "why", "getUser", "--json")["changed"] is None
    assert "no longer stored" in built.slice_oas("why", "getUser").out
    assert built.doit().code == 0
    assert answer(built, "why", "getUser", "--json")["up_to_date"]


@pytest.mark.parametrize("setting", [{"output_version": "3.1.x"}, {"format": "json"}])
def test_changed_settings_are_told_with_what_else_changed(built: Repository, setting: dict[str, object]) -> None:
    built.configure(spec="api.yaml", **setting)
    built.write("api.yaml", EDITED)
    found = answer(built, "why", "getUser", "--json")
    assert [each["kind"] for each in found["changed"]] == ["settings", "changed"]
    assert "    the settings, or the version of oas-tasks\n" in built.slice_oas("why", "getUser").out
    assert built.slice_oas("--batch").code == 0
    assert answer(built, "why", "getUser", "--json")["up_to_date"]
    built.configure(spec="api.yaml")
    found = answer(built, "why", "getUser", "--json")
    assert [each["kind"] for each in found["changed"]] == ["settings"]


def test_whatever_became_of_the_file_is_told(built: Repository) -> None:
    file = built.slices / "users-id_GET.yaml"
    file.write_bytes(b"#" + file.read_bytes())
    assert answer(built, "why", "getUser", "--json")["reasons"] == ["file edited"]
    file.unlink()
    assert answer(built, "why", "getUser", "--json")["reasons"] == ["file missing"]
    shutil.rmtree(built.folder / ".oas_tasks")
    assert answer(built, "why", "getUser", "--json")["reasons"] == ["never made"]


def test_an_endpoint_with_a_fault_is_up_to_date_and_says_so(shop: Repository) -> None:
    shop.write("api.yaml", DOCUMENT.replace("    User: {type: object, description: Somebody}\n", ""))
    assert shop.slice_oas("--batch").code == 1
    found = answer(shop, "why", "getUser", "--json")
    assert found["up_to_date"]
    assert "'#/components/schemas/User' is referenced but not defined" in found["fault"]
    assert "it has a fault, and so no slice: api.yaml:" in shop.slice_oas("why", "getUser").out


@pytest.mark.parametrize(
    "name",
    ["components/schemas/User", "#/components/schemas/User", "schemas/User", "#/components/schemas/User/properties/id"],
)
def test_the_impact_of_a_part_is_every_endpoint_that_reaches_it(shop: Repository, name: str) -> None:
    found = answer(shop, "impact", name, "--json")
    assert found["part"] == "components/schemas/User"
    assert [(each["method"], each["path"]) for each in found["endpoints"]] == [
        ("GET", "/orders"),
        ("GET", "/users/{id}"),
    ]


def test_the_impact_of_what_no_endpoint_reaches_of_a_tag_and_of_a_root_field(shop: Repository) -> None:
    assert (
        shop.slice_oas("impact", "parameters/User").out
        == "A change of components/parameters/User touches 0 of 3 endpoints\n"
    )
    assert len(answer(shop, "impact", "tags/orders", "--json")["endpoints"]) == 1
    assert len(answer(shop, "impact", "Order", "--json")["endpoints"]) == 1
    assert len(answer(shop, "impact", "info", "--json")["endpoints"]) == 3


def test_the_graph_is_written_in_several_ways(shop: Repository) -> None:
    found = answer(shop, "graph", "listOrders", "--output", "json")
    assert found == {
        "endpoints": ["GET /orders"],
        "parts": ["tags/orders", "components/schemas/Order", "components/schemas/User"],
        "edges": {
            "GET /orders": ["tags/orders", "components/schemas/Order"],
            "tags/orders": [],
            "components/schemas/Order": ["components/schemas/User"],
            "components/schemas/User": [],
        },
    }
    assert len(answer(shop, "graph", "--output", "json")["endpoints"]) == 3
    assert (
        shop.slice_oas("graph", "getUser").out
        == "GET /users/{id}\n  components/schemas/User\ncomponents/schemas/User\n"
    )
    dot = shop.slice_oas("graph", "getUser", "--output", "dot").out
    assert '  "GET /users/{id}" -> "components/schemas/User";\n' in dot
    mermaid = shop.slice_oas("graph", "getUser", "--output", "mermaid").out
    assert mermaid.splitlines()[0] == "flowchart LR"
    assert re.search(r'n0\(\["GET /users/{id}"\]\):::\S+\n  n1\["User"\]:::k-schemas\n  n0 --> n1\n', mermaid)
    for kind in ("endpoint", "schemas"):  # the legend
        assert f'"{kind}"' in mermaid
        assert f'[label="{kind}"' in dot
    assert shop.slice_oas("graph", "listOrders", "--depth", "1").out == (
        "GET /orders\n  tags/orders\n  components/schemas/Order\ntags/orders\ncomponents/schemas/Order\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lst"], "there is no command 'lst'. Did you mean 'list'?"),
        (["frobnicate"], "there is no command 'frobnicate'. 'slice-oas --help' shows what there is"),
        (["why"], "slice-oas why needs ENDPOINT. Name an endpoint, such as 'GET /users/{id}'"),
        (
            ["why", "GET /orders", "--filter", "/u*"],
            "there is no endpoint 'GET /orders' that the filters let through. Did you mean 'GET /users/{id}'?",
        ),
        (["why", "GET /user/{id}"], "there is no endpoint 'GET /user/{id}'. Did you mean 'GET /users/{id}'?"),
        (
            ["why", "/orders"],
            "'/orders' is more than one endpoint: GET /orders, POST /orders. Say which with its method",
        ),
        (["impact", "schemas/Usr"], "the document has no part 'schemas/Usr'. Did you mean 'components/schemas/User'?"),
        (["impact", "paths"], "the document has no part 'paths'"),
        (["impact", "User"], "'User' is more than one part: components/schemas/User, components/parameters/User"),
        (["graph", "--output", "svgg"], "--output must be text, json, dot, mermaid, svg or html, and it is 'svgg'"),
        (["graph", "--depth", "0"], "--depth must be a whole number from 1 on, and it is '0'"),
        (["graph", "--max-edges", "-1"], "--max-edges must be a whole number from 0 on, and it is '-1'"),
        (["list", "--input", "nope.yaml"], "nope.yaml: there is no such file"),
    ],
)
def test_a_wrong_question_is_one_sentence(shop: Repository, arguments: list[str], said: str) -> None:
    done = shop.slice_oas(*arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_help_tells_of_every_command(shop: Repository) -> None:
    shown = shop.slice_oas("--help").out
    for command in ("affected", "check", "graph", "impact", "list", "report", "why"):
        assert f"\n  {command}" in shown
        assert "--input" in shop.slice_oas(command, "--help").out
