"""How far a change goes: whether two slices differ in more than descriptions, summaries, titles, examples and `x-`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from oas_tasks.openapi.model import FAMILIES, model_of
from oas_tasks.queries.compare import Comparison, Extent, Side, compare
from oas_tasks.settings import load_settings
from oas_tasks.slices.loading import load_slicer
from oas_tasks.slices.shape import Shapes
from tests.conftest import SAMPLE
from tests.oracle import parse

DOCUMENT = """\
openapi: 3.1.1
info: {title: Shop, version: '1', summary: A shop, license: {name: MIT, x-a: 1}}
externalDocs: {url: https://docs.example.com, description: more}
tags: [{name: a, description: about a}]
paths:
  /a:
    summary: all of it
    post:
      tags: [a]
      summary: one
      description: more
      operationId: a
      x-rate: {$ref: '#/components/schemas/Rate'}
      parameters:
        - {name: title, in: query, description: d, example: e, schema: {title: t, examples: [1]}}
        - {$ref: '#/components/parameters/P', description: here}
      requestBody:
        description: body
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Thing', description: beside}
            examples: {one: {$ref: '#/components/examples/One'}, two: {summary: s, value: 1}}
      responses:
        '200':
          description: ok
          headers: {H: {schema: {type: string}, example: h}}
          links: {L: {operationId: a, description: l}}
components:
  examples: {One: {value: {title: 1}}}
  parameters: {P: {name: p, in: query, summary: odd, schema: {type: string}}}
  schemas:
    Rate: {type: integer}
    Thing:
      title: Thing
      type: object
      required: [title]
      properties: {title: {type: string, description: the title}, description: {type: string}, x-y: {type: string}}
      discriminator: {propertyName: title}
      default: {title: a, description: b}
    Kind: {allOf: [{$ref: '#/components/schemas/Thing'}], properties: {k: {type: string}}}
"""

TEXT = [
    ("title: Shop", "title: Store"),
    (", summary: A shop", ""),
    ("x-a: 1", "x-a: 2"),
    ("description: more}", "description: less}"),
    ("description: about a", "x-about: a"),
    ("summary: all of it", "description: all of it"),
    ("      description: more\n", ""),
    ("x-rate: {$ref: '#/components/schemas/Rate'}", "x-rate: 1"),
    ("Rate: {type: integer}", "Rate: {type: string}"),
    ("description: d, example: e", "examples: {a: {value: b}}"),
    ("title: t, examples: [1]", "title: u"),
    ("description: here", "summary: there"),
    ("description: beside", "title: beside"),
    ("one: {$ref: '#/components/examples/One'}, ", ""),
    ("One: {value: {title: 1}}", "One: {value: {title: 2}}"),
    ("two: {summary: s, value: 1}", "two: {summary: s, value: 2}"),
    ("example: h", "description: h"),
    ("description: l", "x-l: l"),
    ("      title: Thing\n", "      description: |\n        A thing\n"),
    ("description: the title", "description: a title"),
]
SHAPE = [
    ("license: {name: MIT", "license: {name: BSD"),
    ("docs.example.com", "docs.example.org"),
    ("operationId: a\n", "operationId: b\n"),
    ("name: title, in: query", "name: description, in: query"),
    ("parameters/P', description: here", "parameters/Q', description: here"),
    ("required: [title]", "required: [description]"),
    ("title: {type: string,", "title: {type: integer,"),
    (", description: {type: string}, x-y", ", x-y"),
    ("x-y: {type: string}", "x-y: {type: integer}"),
    ("default: {title: a, description: b}", "default: {title: a, description: c}"),
    ("propertyName: title", "propertyName: description"),
    ("properties: {k: {type: string}}", "properties: {k: {type: integer}}"),
    ("in: query, summary: odd", "in: query, required: true, summary: odd"),
    ("links: {L: {operationId: a,", "links: {M: {operationId: a,"),
    ("'200':\n", "'201':\n"),
]


def compared(folder: Path, before: str, after: str, **options: Any) -> Comparison:
    sides = []
    for number, text in enumerate((before, after)):
        file = folder / str(number) / "api.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
        settings = load_settings(folder, {"spec": str(file), "source_faults": "warn", **options})[0]
        sides.append(Side.of(load_slicer(settings, "api.yaml"), settings))
    return compare(*sides)


@pytest.mark.parametrize("version", ["auto", "3.0.x", "3.2.x"])
@pytest.mark.parametrize(
    ("old", "new", "extent"),
    [*((*each, Extent.TEXT) for each in TEXT), *((*each, Extent.SHAPE) for each in SHAPE)],
)
def test_an_edit_goes_as_far_as_what_it_touches(
    old: str, new: str, extent: Extent, version: str, tmp_path: Path
) -> None:
    assert DOCUMENT.count(old) == 1
    if version == "3.0.x" and "here" in old and extent is Extent.TEXT:
        pytest.skip("a parameter has no summary, so that 3.0 needs no copy of it beside the reference any more")
    document = DOCUMENT
    if "parameters/Q" in new:
        document = document.replace(
            "  parameters: {", "  parameters: {Q: {name: q, in: query, schema: {type: string}}, "
        )
    found = compared(tmp_path, document, document.replace(old, new), output_version=version)
    assert [each.extent for each in found.changed] == [extent], found


SECURED = """\
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a: {get: {security: [{x-api-key: []}], responses: {'200': {description: ok}}}}
components:
  securitySchemes: {x-api-key: {type: apiKey, name: key, in: header, description: a key}}
"""


@pytest.mark.parametrize(
    ("old", "new", "extent"),
    [
        ("security: [{x-api-key: []}]", "security: [{}]", Extent.SHAPE),
        ("in: header", "in: query", Extent.SHAPE),
        ("a key", "the key", Extent.TEXT),
    ],
)
def test_a_security_scheme_may_be_called_like_an_extension(old: str, new: str, extent: Extent, tmp_path: Path) -> None:
    assert [each.extent for each in compared(tmp_path, SECURED, SECURED.replace(old, new)).changed] == [extent]


def test_the_order_of_keys_is_no_shape(tmp_path: Path) -> None:
    turned = DOCUMENT.replace("title: {type: string,", "description: {type: string}, title: {type: string,")
    turned = turned.replace("description: the title}, description: {type: string}", "description: the title}")
    assert [each.extent for each in compared(tmp_path, DOCUMENT, turned).changed] == [Extent.TEXT]


def test_a_slice_that_comes_or_goes_is_shape(tmp_path: Path) -> None:
    broken = DOCUMENT.replace("schemas/Thing', description", "schemas/Nothing', description")
    (change,) = compared(tmp_path, DOCUMENT, broken).changed
    assert change.extent is Extent.SHAPE


def plainly(value: Any, is_names: bool = False) -> Any:
    """Return a value without texts, by the names of keys: of those of maps of names all stay."""
    if isinstance(value, list):
        return [plainly(item) for item in value]
    if not isinstance(value, dict):
        return value
    texts = () if is_names else ("description", "summary", "title", "example", "examples")
    maps = (
        "properties",
        "schemas",
        "responses",
        "parameters",
        "paths",
        "callbacks",
        "requestBodies",
        "headers",
        "content",
    )
    return {
        key: plainly(member, not is_names and key in maps and isinstance(member, dict))
        for key, member in sorted(value.items())
        if key not in texts and (is_names or not key.startswith("x-"))
    }


def test_slices_of_the_sample_have_one_shape_where_plain_code_sees_one(tmp_path: Path) -> None:
    """Each slice against itself with one text more or less, and against all others."""
    settings = load_settings(SAMPLE.parent, {"spec": str(SAMPLE)})[0]
    slicer = load_slicer(settings, SAMPLE.name)
    shapes = Shapes(slicer.target_model)
    found: dict[str, bytes] = {}
    for endpoint in slicer.plan.endpoints:
        made = slicer.make(endpoint.path, endpoint.method)
        assert made.content is not None
        value = parse(made.content.decode())
        key = repr(plainly(value))
        assert found.setdefault(key, shapes.of(value)) == shapes.of(value)
        value["info"]["description"] = "another one"
        assert shapes.of(value) == found[key]
        value["info"]["termsOfService"] = "another one"
        assert shapes.of(value) != found[key]
    assert len(set(found.values())) == len(found) > 10


@pytest.mark.parametrize("family", FAMILIES)
def test_whatever_stands_in_a_slice_it_has_a_shape(family: Any) -> None:
    odd: dict[str, Any] = {
        "openapi": f"{family}.0",
        "info": None,
        "paths": {"/a": {"get": []}},
        "components": {"schemas": [1], "x": 2},
    }
    assert Shapes(model_of(family)).of(odd) == Shapes(model_of(family)).of(dict(reversed(odd.items())))
