"""A file that is an OpenAPI document of another version than the one that refers to it is converted (SEMANTICS 4)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.in_process import slices_of

ENTRY = """\
openapi: {version}
info: {{title: T, version: '1'}}
paths:
  /a:
    get:
      responses:
        '200':
          description: ok
          content: {{application/json: {{schema: {{$ref: 'other.yaml#/components/schemas/User'}}}}}}
  /b: {{$ref: 'other.yaml#/paths/~1b'}}
components:
  schemas:
    Other: {{$ref: 'other.yaml#/components/schemas/Other'}}
"""
OTHER = """\
openapi: {version}
info: {{title: T, version: '1'}}
paths:
  /b:
    get:
      responses:
        '200': {{description: ok, content: {{application/json: {{schema: {inline}}}}}}}
        '400': {{description: ok, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Other'}}}}}}}}
components:
  schemas:
    User: {user}
    Other: {user}
"""
OLD = "{type: string, nullable: true, minLength: 1}"
NEW = "{type: [string, 'null'], minLength: 1}"
OLD_BOUND = "{type: number, minimum: 0, exclusiveMinimum: true}"
NEW_BOUND = "{type: number, exclusiveMinimum: 0}"


def made(folder: Path, entry: str, other: str, user: str, inline: str, **settings: Any) -> dict[str, Any]:
    (folder / "api.yaml").write_text(ENTRY.format(version=entry))
    (folder / "other.yaml").write_text(OTHER.format(version=other, user=user, inline=inline))
    return slices_of(folder / "api.yaml", **settings)


def schema_of(slice_: Any) -> Any:
    value = yaml.safe_load(slice_.content)
    (item,) = value["paths"].values()
    found = [each["content"]["application/json"]["schema"] for each in item["get"]["responses"].values()]
    return [
        value["components"]["schemas"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in found
    ]


@pytest.mark.parametrize(
    ("entry", "other", "written", "expected"),
    [
        ("3.1.0", "3.0.3", (OLD, OLD_BOUND), (NEW, NEW_BOUND)),
        ("3.2.0", "3.0.4", (OLD, OLD_BOUND), (NEW, NEW_BOUND)),
        ("3.0.4", "3.1.1", (NEW, NEW_BOUND), (OLD, OLD_BOUND)),
        ("3.0.4", "3.2.0", (NEW, NEW_BOUND), (OLD, OLD_BOUND)),
        ("3.1.1", "3.2.0", (NEW, NEW_BOUND), (NEW, NEW_BOUND)),
        ("3.0.4", "3.0.3", (OLD, OLD_BOUND), (OLD, OLD_BOUND)),
    ],
)
@pytest.mark.parametrize("validate", ["fast", "full"])
def test_a_file_of_another_version_is_converted_to_the_documents(
    tmp_path: Path, entry: str, other: str, written: tuple[str, str], expected: tuple[str, str], validate: str
) -> None:
    slices = made(tmp_path, entry, other, *written, validate=validate)
    user, inline = map(yaml.safe_load, expected)
    for each in slices.values():
        assert each.content is not None, each.reason
        assert yaml.safe_load(each.content)["openapi"] == entry
        assert each.warnings == ()
    assert schema_of(slices["a_GET.yaml"]) == [user]
    found = schema_of(slices["b_GET.yaml"])
    assert found == [inline, user]


def test_losses_are_reported_for_the_endpoints_that_use_the_file(tmp_path: Path) -> None:
    lossy = "{type: [object, 'null'], propertyNames: {minLength: 2}}"
    slices = made(tmp_path, "3.0.4", "3.1.0", lossy, NEW)
    said = "other.yaml#/components/schemas/User/propertyNames: 'propertyNames' cannot be said in 3.0"
    assert [str(warning).partition(";")[0] for warning in slices["a_GET.yaml"].warnings] == [said]
    (warning,) = slices["b_GET.yaml"].warnings  # of a component of the document's own that is kept there
    assert str(warning).startswith("other.yaml#/components/schemas/Other/propertyNames")
    strict = made(tmp_path, "3.0.4", "3.1.0", lossy, NEW, strict=True)
    assert strict["a_GET.yaml"].content is None
    assert strict["a_GET.yaml"].reason.startswith("other.yaml:11")
    assert "'strict' lets nothing be lost" in strict["a_GET.yaml"].reason


LOSSY = "{type: object, propertyNames: {minLength: 2}}"


def test_losses_that_no_slice_shows_are_in_the_fingerprints_of_the_endpoints_that_use_the_file(tmp_path: Path) -> None:
    before = made(tmp_path, "3.0.4", "3.1.0", "{type: object}", "{type: object}")
    user = made(tmp_path, "3.0.4", "3.1.0", LOSSY, "{type: object}")
    inline = made(tmp_path, "3.0.4", "3.1.0", "{type: object}", LOSSY)
    for after, changed in ((user, {"a_GET.yaml", "b_GET.yaml"}), (inline, {"b_GET.yaml"})):
        assert {name: each.content for name, each in after.items()} == {n: each.content for n, each in before.items()}
        others = {name for name in after if after[name].endpoint.fingerprint != before[name].endpoint.fingerprint}
        assert others == changed


def test_losses_of_declared_tags_are_in_the_fingerprints_of_the_endpoints_that_have_them(tmp_path: Path) -> None:
    document = """\
openapi: 3.1.1
info: {title: T, version: '1'}
paths:
  /a: {get: {tags: [pets], responses: {'200': {description: ok}}}}
  /b: {get: {responses: {'200': {description: ok}}}}
tags: {$ref: 'other.yaml#/tags'}
"""
    found = []
    for kind in ("", ", kind: nav"):
        (tmp_path / "api.yaml").write_text(document)
        other = f"openapi: 3.2.0\ninfo: {{title: T, version: '1'}}\npaths: {{}}\ntags:\n- {{name: pets{kind}}}\n"
        (tmp_path / "other.yaml").write_text(other)
        found.append(slices_of(tmp_path / "api.yaml"))
    assert any("'kind'" in str(warning) for warning in found[1]["a_GET.yaml"].warnings)
    changed = {name for name in found[0] if found[0][name].endpoint.fingerprint != found[1][name].endpoint.fingerprint}
    assert changed == {"a_GET.yaml"}


def test_paths_that_are_kept_in_another_version_lose_each_for_itself(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(
        "openapi: 3.0.4\ninfo: {title: T, version: '1'}\npaths: {$ref: 'other.yaml#/paths'}\n"
    )
    operation = "{{responses: {{'200': {{description: ok, content: {{application/json: {{schema: {schema}}}}}}}}}}}"
    plain, lossy = operation.format(schema="{type: object}"), operation.format(schema=LOSSY)
    (tmp_path / "other.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n"
        f"  /a: {{get: {lossy}, put: {plain}}}\n  /b: {{get: {plain}}}\n"
    )
    slices = slices_of(tmp_path / "api.yaml", strict=True)
    assert {name for name, each in slices.items() if each.content is None} == {"a_GET.yaml"}


def test_nothing_that_accepts_more_is_left_under_a_not(tmp_path: Path) -> None:
    made(tmp_path, "3.0.4", "3.1.0", "{type: object, propertyNames: {minLength: 2}}", NEW)
    other = tmp_path / "other.yaml"
    reference = "User: {type: object, not: {$ref: '#/components/schemas/Other'}}"
    other.write_text(re.sub("User: .*", reference, other.read_text()))
    slices = slices_of(tmp_path / "api.yaml")
    assert "not" not in schema_of(slices["a_GET.yaml"])[0]


def test_a_build_to_another_version_converts_the_rest_too(tmp_path: Path) -> None:
    slices = made(tmp_path, "3.1.1", "3.0.4", OLD, OLD_BOUND, output_version="3.0.x")
    assert schema_of(slices["a_GET.yaml"]) == [yaml.safe_load(OLD)]


@pytest.mark.parametrize("version", ["2.0", "4.0.0", "3.1", "[1]"])
def test_a_file_of_an_unknown_version_is_not_converted(tmp_path: Path, version: str) -> None:
    slices = made(tmp_path, "3.0.4", version, OLD, OLD_BOUND)
    assert schema_of(slices["a_GET.yaml"]) == [yaml.safe_load(OLD)]


WITHOUT_PLACE = """\
openapi: 3.2.0
info: {title: O, version: '1'}
components:
  schemas:
    User:
      $defs:
        Name: {$anchor: name, type: [string, 'null'], $defs: {deep: {const: 1}}}
      properties:
        name: {$ref: '#/components/schemas/User/$defs/Name'}
        deep: {$ref: '#/components/schemas/User/$defs/Name/$defs/deep'}
    Again: {$ref: '#name'}
    Self: {$anchor: self, items: {$ref: '#self'}}
    Lossy: {$defs: {Lost: {propertyNames: {minLength: 1}}, Broken: {$ref: '#/gone'}}}
  pathItems:
    Shared: {get: {responses: {'200': {description: ok}}}}
  mediaTypes:
    Json: {schema: {$ref: '#/components/schemas/User/$defs/Name'}}
webhooks:
  hook: {post: {responses: {'200': {description: ok}}}}
"""
REFERRING = """\
openapi: {version}
info: {{title: T, version: '1'}}
paths:
  /user:
    get: {{responses: {{'200': {{description: ok, content: {{a/b: {{schema: {{$ref: 'other.yaml#{at}'}}}}}}}}}}}}
  /media: {{get: {{responses: {{'200': {{description: ok, content: {{a/b: {{$ref: 'other.yaml#{media}'}}}}}}}}}}}}
  /shared: {{$ref: 'other.yaml#/components/pathItems/Shared'}}
  /hook: {{$ref: 'other.yaml#/webhooks/hook'}}
"""
DEFS = "/components/schemas/User/$defs"


def referring(folder: Path, version: str, at: str) -> dict[str, Any]:
    (folder / "other.yaml").write_text(WITHOUT_PLACE)
    (folder / "api.yaml").write_text(REFERRING.format(version=version, at=at, media="/components/mediaTypes/Json"))
    return slices_of(folder / "api.yaml")


@pytest.mark.parametrize("version", ["3.0.4", "3.1.2", "3.2.0"])
@pytest.mark.parametrize(
    "at",
    [
        "/components/schemas/User",
        "/components/schemas/Again",
        f"{DEFS}/Name",
        f"{DEFS}/Name/$defs/deep",
        "name",
        "self",
    ],
)
def test_maps_that_this_version_does_not_have_can_be_referred_to(tmp_path: Path, version: str, at: str) -> None:
    slices = referring(tmp_path, version, at)
    for each in slices.values():
        assert each.content is not None, each.reason
    name = {"type": "string", "nullable": True}
    if version == "3.0.4":
        schemas = yaml.safe_load(slices["user_GET.yaml"].content)["components"]["schemas"]
        if at == "/components/schemas/User":
            assert schemas.pop("User")["properties"] == {
                "name": {"$ref": "#/components/schemas/Name"},
                "deep": {"$ref": "#/components/schemas/deep"},
            }
            assert schemas == {"Name": name, "deep": {"enum": [1]}}
        elif at == "/components/schemas/Again":
            assert schemas == {"Again": {"$ref": "#/components/schemas/Name"}, "Name": name}
        elif at == "self":
            assert schemas == {"Self": {"items": {"$ref": "#/components/schemas/Self"}}}
        else:
            assert list(schemas.values()) == ([{"enum": [1]}] if at.endswith("deep") else [name])
        assert name in yaml.safe_load(slices["media_GET.yaml"].content)["components"]["schemas"].values()
    item = {"responses": {"200": {"description": "ok"}}}
    assert yaml.safe_load(slices["shared_GET.yaml"].content)["paths"]["/shared"]["get"] == item
    assert yaml.safe_load(slices["hook_POST.yaml"].content)["paths"]["/hook"]["post"] == item


def test_faults_are_reported_with_their_places_in_the_file(tmp_path: Path) -> None:
    broken = referring(tmp_path, "3.0.4", "/components/schemas/Lossy/$defs/Broken")["user_GET.yaml"]
    assert broken.reason.startswith("other.yaml:13:")
    assert broken.reason.endswith("(at #/components/schemas/Lossy/$defs/Broken/$ref)")
    (said,) = referring(tmp_path, "3.0.4", "/components/schemas/Lossy/$defs/Lost")["user_GET.yaml"].warnings
    assert str(said).startswith("other.yaml") and "#/components/schemas/Lossy/$defs/Lost/propertyNames" in str(said)
