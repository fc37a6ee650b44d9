"""What is put in place: what stands beside a reference is laid over it, and what leads back to it leads there."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.in_process import slices_of

DOCUMENT = """\
openapi: 3.0.3
info: {title: T, version: '1'}
security: [{key: []}]
paths:
  /closed:
    get:
      $ref: 'others.yaml#/secured'
      tags: [a]
      x-own: {$ref: 'others.yaml#/note'}
      responses:
        '200': {$ref: '#/components/responses/R'}
  /open:
    get:
      $ref: 'others.yaml#/plain'
      security: []
      parameters:
        - {$ref: '#/components/parameters/Own'}
components:
  responses:
    R: {description: ok, headers: {A: {$ref: '#/components/headers/A'}}}
  headers: {A: {schema: {type: string}}}
  parameters:
    Own: {name: own, in: query, schema: {type: string}}
  securitySchemes:
    key: {type: http, scheme: basic}
"""
OTHERS = """\
secured: {security: [{key: []}], responses: {'201': {$ref: '#/gone'}}}
plain: {parameters: [{$ref: '#/gone'}], responses: {'200': {description: ok}}}
note: {text: noted}
"""


def test_what_stands_beside_a_stray_reference_is_followed_and_what_it_hides_is_not(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    (tmp_path / "others.yaml").write_text(OTHERS)
    found = {}
    for each in slices_of(tmp_path / "api.yaml").values():
        assert each.content is not None, each.reason
        found[each.endpoint.path] = yaml.safe_load(each.content)
    closed, opened = found["/closed"], found["/open"]
    assert closed["paths"]["/closed"]["get"] == {
        "security": [{"key": []}],
        "responses": {"200": {"$ref": "#/components/responses/R"}},
        "tags": ["a"],
        "x-own": {"text": "noted"},
    }
    assert {name: list(members) for name, members in closed["components"].items()} == {
        "securitySchemes": ["key"],
        "responses": ["R"],
        "headers": ["A"],
    }
    assert closed.keys() == {"openapi", "info", "paths", "components"}  # not the root's security, which is replaced
    assert opened["paths"]["/open"]["get"]["parameters"] == [{"$ref": "#/components/parameters/Own"}]
    assert opened.keys() == {"openapi", "info", "paths", "components"}
    assert opened["components"].keys() == {"parameters"}


PATH_ITEMS = """\
openapi: {version}
info: {{title: T, version: '1'}}
paths:
  /own: {{x-self: {{$ref: '#/paths/~1own'}}, get: {{responses: {{'200': {{description: ok}}}}}}}}
  /referred: {{$ref: 'items.yaml#/item'}}
  /beside: {{$ref: 'items.yaml#/item', x-item: {{$ref: 'items.yaml#/item/x-note'}}}}
"""
ITEMS = """\
item:
  x-item: {$ref: '#/item'}
  x-note: {text: noted}
  get:
    x-operation: {$ref: '#/item/get'}
    x-item: {$ref: '#/item'}
    responses: {'200': {description: ok}}
"""


@pytest.mark.parametrize("version", ["3.0.4", "3.1.2", "3.2.0"])
def test_an_extension_that_leads_back_to_its_path_item_leads_to_that_of_the_slice(tmp_path: Path, version: str) -> None:
    (tmp_path / "api.yaml").write_text(PATH_ITEMS.format(version=version))
    (tmp_path / "items.yaml").write_text(ITEMS)
    found = {}
    for each in slices_of(tmp_path / "api.yaml").values():
        assert each.content is not None, each.reason
        found[each.endpoint.path] = yaml.safe_load(each.content)["paths"][each.endpoint.path]
    assert found["/own"]["x-self"]["x-self"] == {"$ref": "#/paths/~1own/x-self"}
    assert found["/referred"]["x-item"] == {"$ref": "#/paths/~1referred"}
    assert found["/referred"]["get"]["x-item"] == {"$ref": "#/paths/~1referred"}
    assert found["/referred"]["get"]["x-operation"]["x-operation"] == {"$ref": "#/paths/~1referred/get/x-operation"}
    assert found["/beside"]["x-item"] == {"text": "noted"}
    assert found["/beside"]["get"]["x-item"] == {"$ref": "#/paths/~1beside"}


def test_each_operation_of_a_map_that_is_kept_in_another_file_is_an_endpoint(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(
        "openapi: 3.2.0\n"
        "info: {title: T, version: '1'}\n"
        "paths: {/a: {summary: Many, additionalOperations: {$ref: operations.yaml}}}\n"
    )
    (tmp_path / "operations.yaml").write_text(
        "LINK: {responses: {'200': {$ref: '#/Purge/responses/200'}}}\n"
        "Purge: {responses: {'200': {description: purged}}}\n"
    )
    slices = slices_of(tmp_path / "api.yaml")
    for each in slices.values():
        assert each.content is not None, each.reason
    linked, purged = (yaml.safe_load(slices[f"a_{name}.yaml"].content or b"") for name in ("LINK", "Purge"))
    assert linked["paths"]["/a"] == {
        "summary": "Many",
        "additionalOperations": {"LINK": {"responses": {"200": {"$ref": "#/components/responses/responses"}}}},
    }
    assert linked["components"]["responses"] == {"responses": {"description": "purged"}}
    assert list(purged["paths"]["/a"]["additionalOperations"]) == ["Purge"]
