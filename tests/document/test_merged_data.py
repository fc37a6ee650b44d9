"""Merge keys in data: keys like any other, and resolved where a reference makes the data an object (SEMANTICS 1, 6).

Not among `tests/cases`, since the oracle tells data from objects by the names of fields alone.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from tests.in_process import slices_of
from tests.oracle import parse

ENTRY = """\
openapi: {version}
info: {{title: t, version: '1'}}
paths:
  /a: {{get: {{responses: {responses}}}}}
x-base: &base {{a: {{$ref: '#/components/schemas/Z'}}}}
x-shared: {{X: {{type: object, properties: {{<<: *base, c: {{type: string}}}}}}}}
x-responses: {{base: &r {{description: OK}}, R: {{<<: *r, x-more: {{<<: {{d: 1}}}}}}}}
components:
  x-shared: {{X: {{type: object, properties: {{<<: *base, c: {{type: string}}}}}}}}
  schemas:
    Z: {{type: string}}
    D: {{type: object, default: {{}}, x-inner: {{E: {{type: object, properties: {{<<: *base, c: {{type: string}}}}}}}}}}
"""
OTHER = """\
x-base: &base {a: {$ref: 'input.yaml#/components/schemas/Z'}}
x-shared: {X: {type: object, properties: {<<: *base, c: {type: string}}}}
"""


def slice_of(folder: Path, version: str, responses: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    (folder / "other.yaml").write_text(OTHER, encoding="utf-8")
    file = folder / "input.yaml"
    file.write_text(ENTRY.format(version=version, responses=responses), encoding="utf-8")
    (made,) = slices_of(file).values()
    assert made.content is not None, made.reason
    return parse(made.content.decode()), tuple(map(str, made.warnings))


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("#/x-shared/X", "X"),
        ("#/components/x-shared/X", "X"),
        ("#/components/schemas/D/x-inner/E", "E"),
        ("other.yaml#/x-shared/X", "X"),
    ],
)
def test_they_are_followed_in_data_that_a_reference_makes_a_schema_of(
    tmp_path: Path, version: str, target: str, name: str
) -> None:
    content = f"{{application/json: {{schema: {{$ref: '{target}'}}}}}}"
    made, warnings = slice_of(tmp_path, version, f"{{'200': {{description: OK, content: {content}}}}}")
    schemas = made["components"]["schemas"]
    assert list(schemas[name]["properties"]) == ["a", "c"]
    assert schemas[name]["properties"]["a"] == {"$ref": "#/components/schemas/Z"}
    assert "Z" in schemas
    assert made["x-shared"]["X"]["properties"].keys() == {"<<", "c"}
    assert any("merge key" in warning for warning in warnings), warnings


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_and_not_in_the_data_of_that(tmp_path: Path, version: str) -> None:
    made, _ = slice_of(tmp_path, version, "{'200': {$ref: '#/x-responses/R'}}")
    assert made["components"]["responses"]["R"] == {"description": "OK", "x-more": {"<<": {"d": 1}}}


def test_merged_entries_can_be_referred_to(tmp_path: Path) -> None:
    content = "{application/json: {schema: {$ref: '#/x-shared/X/properties/a'}}}"
    made, _ = slice_of(tmp_path, "3.0.3", f"{{'200': {{description: OK, content: {content}}}}}")
    assert made["components"]["schemas"]["a"] == {"$ref": "#/components/schemas/Z"}


OVERLAPPING = """\
openapi: 3.0.3
info: {title: Overlapping, version: '1'}
x-shared:
  base: &b {type: string}
  A: {allOf: [{<<: *b, maxLength: 3}, {<<: *b, minLength: 1}], x-inner: {<<: *b, pattern: a}}
paths:
  /a:
    get:
      parameters:
PARAMETERS
      responses: {'200': {description: ok}}
"""


@pytest.mark.parametrize("order", list(itertools.permutations(("A", "A/allOf/0", "A/x-inner"))))
def test_places_may_be_inside_of_one_another_and_met_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    parameters = "\n".join(
        f"        - {{name: p{n}, in: query, schema: {{$ref: '#/x-shared/{place}'}}}}" for n, place in enumerate(order)
    )
    file = tmp_path / "input.yaml"
    file.write_text(OVERLAPPING.replace("PARAMETERS", parameters), encoding="utf-8")
    (made,) = slices_of(file).values()
    assert made.content is not None, made.reason
    value = parse(made.content.decode())
    expected = {
        "A/allOf/0": {"type": "string", "maxLength": 3},
        "A/x-inner": {"type": "string", "pattern": "a"},
    }
    for parameter, place in zip(value["paths"]["/a"]["get"]["parameters"], order, strict=True):
        schema = value["components"]["schemas"][parameter["schema"]["$ref"].rpartition("/")[2]]
        if place == "A":
            assert [each["type"] for each in schema["allOf"]] == ["string", "string"]
        else:
            assert schema == expected[place]
