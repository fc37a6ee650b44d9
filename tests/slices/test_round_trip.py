"""There and back: a slice of 3.0 that was one of 3.1 in between means what the slice of 3.0 means, says the oracle.

By instances the same is tried of schemas in `tests/openapi/conversion/test_by_instances.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from oas_tasks import formats
from oas_tasks.document.document import parse_document
from oas_tasks.document.files import Sources
from oas_tasks.openapi.conversion import convert
from oas_tasks.openapi.model import Family, FieldType
from oas_tasks.plan.cut_document import cut_and_plan
from oas_tasks.settings import load_settings
from oas_tasks.slices.slicer import Slicer
from tests.conftest import DOCUMENTS, HISTORY, SAMPLE, slow_where_long, spec
from tests.formats.writing import json_document
from tests.openapi.conversion.whole_documents import surroundings
from tests.oracle import Comparison, dangling, unreached
from tests.oracle.model import Model, is_reference, model_of

#: Those that 3.0 has all of: it has no webhooks.
BOTH_WAYS = [name for name in DOCUMENTS if name != "oai/webhook-example.yaml"]

#: How many slices of a document are tried by default; one of Stripe's is as large as most documents.
FEW = 6
FEWER = {"stripe.yaml": 1}
#: Every how manieth is tried in the slow test.
STEPS = {"stripe.yaml": 40, **dict.fromkeys(HISTORY, 10)}

#: The fields of a Schema Object in 3.0. Source: 3.0.4 "Schema Object".
KEYWORDS_30 = frozenset(
    {
        *("title", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength"),
        *("minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties", "required"),
        *("enum", "type", "allOf", "oneOf", "anyOf", "not", "items", "properties", "additionalProperties"),
        *("description", "format", "default", "nullable", "discriminator", "readOnly", "writeOnly", "xml"),
        *("externalDocs", "example", "deprecated"),
    }
)


def meaning(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document of 3.0 without what has no effect there, so that it is spelt in one way."""
    made: dict[str, Any] = _meaning(model_of(document), "OpenAPI", document)
    schemes = made.get("components", {}).get("securitySchemes", {})
    with_roles = {name for name, scheme in schemes.items() if scheme.get("type") in ("oauth2", "openIdConnect")}
    operations = [each for item in made["paths"].values() for each in item.values() if isinstance(each, dict)]
    if "tags" in made:  # the parent of a used one, which 3.0 has no word for, is a tag that nothing uses
        used = {tag for operation in operations for tag in operation.get("tags", ())}
        made["tags"] = [tag for tag in made["tags"] if tag.get("name") in used]
    for holder in (made, *operations):
        for requirement in holder.get("security", ()):
            requirement.update({name: [] for name in requirement if name not in with_roles})
    return {**made, "openapi": "3.0.4"}


def _meaning(model: Model, kind: str, node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if is_reference(node) and kind in model.referenceable:
        return {"$ref": node["$ref"]}
    made: dict[str, Any] = {}
    for key, value in node.items():
        field = model.field(kind, key)
        if field is not None and field.form == "list" and isinstance(value, list):
            made[key] = [_meaning(model, field.kind, member) for member in value]
        elif field is not None and field.form == "map" and isinstance(value, dict):
            made[key] = {name: _meaning(model, field.kind, member) for name, member in value.items()}
        else:
            made[key] = value if field is None or field.form != "one" else _meaning(model, field.kind, value)
    return _schema(made) if kind == "Schema" else made


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    made = {key if _is_said(key) else "x-" + key.lstrip("$"): value for key, value in schema.items()}
    if "default" in made and made["default"] is None and not _has_null_by_type(made):
        made["x-default"] = made.pop("default")  # whether it fits is another question, and a loss is told
    if made.get("nullable") is not True or "type" not in made:
        made.pop("nullable", None)
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if made.get(exclusive) is not True or bound not in made:
            made.pop(exclusive, None)
    return made


def _has_null_by_type(schema: dict[str, Any]) -> bool:
    """Whether nothing but `type` and `nullable` decides over null, and they allow it."""
    others = schema.keys() & {"allOf", "anyOf", "oneOf", "not"}
    is_listed = None in schema["enum"] if "enum" in schema else True
    return "type" in schema and schema.get("nullable") is True and is_listed and not others


def _is_said(key: str) -> bool:
    """Whether a keyword is one of 3.0; under any other name it may as well be an extension."""
    return key in KEYWORDS_30 or key.startswith("x-")


def slicer_of(file: Path, content: bytes, version: str) -> Slicer:
    # Written as JSON, which takes next to no time to read again; how slices are written is tried elsewhere.
    (settings,) = load_settings(file.parent, {"spec": str(file), "output_version": version, "format": "json"})
    document = parse_document(content, file.name)
    return Slicer(cut_and_plan(document, Sources(file, file.name, document.root), settings), settings)


def value_of(content: bytes | None) -> dict[str, Any]:
    assert content is not None
    value = formats.read(content, "slice.json")
    assert isinstance(value, dict)
    return value


def in_other_version(content: bytes, path: str, method: str, source: Family, target: Family) -> bytes:
    """Return a slice in another version: sliced once more.

    Where it has links into slices beside it, which one that stands alone would lose, the whole is converted.
    """
    if b"operationRef" not in content:
        made = slicer_of(Path("slice.json"), content, f"{target}.x").make(path, method)
        assert made.content is not None, made.reason
        return made.content
    value = value_of(content)
    around = surroundings(source, target, value)
    whole = FieldType("OpenAPI", "one", False)
    converted = convert(source, target, whole, value, around).value
    assert isinstance(converted, dict)
    return json_document(converted).encode()


def assert_it_comes_back(file: Path, step: int, few: int | None = None) -> int:
    """Try every so manieth slice of a document, or few of them, and return how many were."""
    direct, there = (slicer_of(file, file.read_bytes(), version) for version in ("3.0.x", "3.1.x"))
    is_30 = direct.conversion is None
    tried = 0
    for endpoint in direct.plan.endpoints[:: max(len(direct.plan.endpoints) // few, 1) if few else step]:
        key = (endpoint.path, endpoint.method)
        own = direct.make(*key)
        if own.content is None:
            continue  # a fault of the document
        if is_30:
            between = there.make(*key).content
            assert between is not None
        else:
            between = in_other_version(own.content, *key, "3.0", "3.1")
        back = in_other_version(between, *key, "3.1", "3.0")
        before, after = meaning(value_of(own.content)), meaning(value_of(back))
        assert Comparison(before).difference(after, *key) is None, key
        assert Comparison(after).difference(before, *key) is None, key
        assert unreached(after) == dangling(after) == [], key
        tried += 1
    return tried


@pytest.mark.parametrize("name", ["sample", *slow_where_long(BOTH_WAYS)])
def test_some_slices_come_back_with_the_same_meaning(name: str) -> None:
    file = SAMPLE if name == "sample" else spec(name)
    assert assert_it_comes_back(file, 1, FEWER.get(name, FEW)) > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", [*BOTH_WAYS, *HISTORY])
def test_every_slice_comes_back_with_the_same_meaning(name: str) -> None:
    assert assert_it_comes_back(spec(name), STEPS.get(name, 1)) > 0


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ({"type": "string", "nullable": True}, {"type": "string"}),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, {"type": "integer", "minimum": 1}),
        ({"type": "string", "format": "binary"}, {"type": "string"}),
        ({"type": "string", "enum": ["a"]}, {"type": "string", "enum": ["a", "b"]}),
    ],
)
def test_what_does_not_come_back_would_be_noticed(said: dict[str, Any], instead: dict[str, Any]) -> None:
    def document(schema: dict[str, Any]) -> dict[str, Any]:
        content = {"application/json": {"schema": schema}}
        responses = {"200": {"description": "", "content": content}}
        return {"openapi": "3.0.3", "info": {}, "paths": {"/a": {"get": {"responses": responses}}}}

    judge = Comparison(meaning(document(said)))
    assert judge.difference(meaning(document(dict(said))), "/a", "GET") is None
    assert judge.difference(meaning(document(instead)), "/a", "GET") is not None
