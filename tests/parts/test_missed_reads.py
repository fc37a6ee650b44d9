"""Whatever is read for a fact is noted for it: the smallest documents and edits that showed where it was not."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.parts.test_facts import Editing

RESPONSES: dict[str, Any] = {"200": {"description": "ok"}}
DRAFT_4 = "http://json-schema.org/draft-04/schema#"


def document(version: str = "3.0.3", **fields: Any) -> dict[str, Any]:
    paths = {path: {"get": {"responses": copy.deepcopy(RESPONSES)}} for path in ("/a", "/b")}
    return {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": paths, **fields}


def with_schema(made: dict[str, Any], target: str) -> dict[str, Any]:
    content = {"a/b": {"schema": {"$ref": target}}}
    made["paths"]["/a"]["get"]["responses"]["200"]["content"] = content
    return made


def with_note(made: dict[str, Any], target: str, path: str = "/a") -> dict[str, Any]:
    made["paths"][path]["get"]["x-n"] = {"$ref": target}
    return made


def put(folder: Path, name: str, value: Any) -> None:
    (folder / name).parent.mkdir(exist_ok=True, parents=True)
    (folder / name).write_text(value if isinstance(value, str) else json.dumps(value))


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("container", ["schemas", "components"])
def test_a_component_has_a_file_of_its_own_and_its_container_as_well(
    tmp_path: Path, version: str, container: str
) -> None:
    schemas = {"User": {"$ref": "User.json"}}
    put(tmp_path, "c.json", schemas if container == "schemas" else {"schemas": schemas})
    put(tmp_path, "User.json", {"type": "string"})
    components = {"schemas": {"$ref": "c.json"}} if container == "schemas" else {"$ref": "c.json"}
    made = with_schema(document(version, components=components), "#/components/schemas/User")
    editing = Editing(tmp_path, made)
    put(tmp_path, "User.json", {"type": "integer"})
    editing.edit(made)


@pytest.mark.parametrize("components", [None, {"headers": {"H": {"schema": {}}}}, {"headers": {}}])
def test_a_container_comes_that_there_was_none_of(tmp_path: Path, components: dict[str, Any] | None) -> None:
    made = with_note(document(), "#/components/schemas/A")
    if components is not None:
        made["components"] = components
    editing = Editing(tmp_path, made)
    made = copy.deepcopy(made)
    made.setdefault("components", {})["schemas"] = {"A": {"type": "string"}}
    editing.edit(made)


def test_paths_get_their_first_extension(tmp_path: Path) -> None:
    editing = Editing(tmp_path, document())
    made = document()
    made["paths"]["x-new"] = {"n": 1}
    editing.edit(made)


@pytest.mark.parametrize("targets", [["#node"] * 2, ["https://e.x/a", "https://e.x/b"]])
def test_a_name_comes_into_a_container_that_is_kept_elsewhere(tmp_path: Path, targets: list[str]) -> None:
    put(tmp_path, "schemas.json", {"A": {"type": "string"}})
    made = document("3.1.0", components={"schemas": {"$ref": "schemas.json"}})
    for path, target in zip(("/a", "/b"), targets, strict=True):
        with_note(made, target, path)
    editing = Editing(tmp_path, made)
    put(tmp_path, "schemas.json", {"A": {"type": "string", "$id": "https://e.x/b", "$anchor": "node"}})
    editing.edit(made)


@pytest.mark.parametrize("where", ["x-foo", "components", "paths"])
def test_a_member_comes_into_a_container_that_is_kept_elsewhere(tmp_path: Path, where: str) -> None:
    made = with_note(document(), "#/components/x-foo/bar")
    held: dict[str, Any] = {"other": 1}
    new: dict[str, Any] = {"other": 1, "bar": {"b": 2}}
    if where == "x-foo":
        made["components"] = {"x-foo": {"$ref": "held.json"}}
    elif where == "components":
        made["components"] = {"$ref": "held.json"}
        held, new = {"schemas": {}}, {"schemas": {}, "x-foo": {"bar": {"b": 2}}}
    else:
        made["components"] = {"schemas": {"A": {"x-n": {"$ref": "#/paths/~1new"}}}}
        held = with_schema(document(), "api.json#/components/schemas/A")["paths"]
        new = {**held, "/new": {"get": {"responses": RESPONSES}}}
        made["paths"] = {"$ref": "held.json"}
    put(tmp_path, "held.json", held)
    editing = Editing(tmp_path, made)
    put(tmp_path, "held.json", new)
    editing.edit(made)


def test_a_moved_schema_says_its_dialect_itself(tmp_path: Path) -> None:
    schema = {"type": "number", "minimum": 0, "exclusiveMinimum": True, "allOf": [{"$ref": "y.json#/Q"}]}
    put(tmp_path, "x.json", {"$schema": DRAFT_4, "definitions": {"P": schema}})
    put(tmp_path, "y.json", {"Q": {"allOf": [{"$ref": "z.json#/R"}]}})
    put(tmp_path, "z.json", {"R": {"type": "object"}})
    editing = Editing(tmp_path, with_schema(document("3.1.0"), "x.json#/definitions/P"))
    made = with_schema(document("3.1.0"), "x.json#/definitions/P")
    made["info"]["title"] = "u"
    editing.edit(made)  # the slice is made again, and the part is not
    put(tmp_path, "z.json", {"R": {"type": "object", "title": "R"}})
    editing.edit(made)


def test_merge_keys_stand_in_what_is_data_but_for_a_reference(tmp_path: Path) -> None:
    put(tmp_path, "x.yaml", "example: {<<: {type: string}, title: t}\n")
    editing = Editing(tmp_path, with_schema(document("3.1.0"), "x.yaml#/example"))
    made = with_schema(document("3.1.0"), "x.yaml#/example")
    made["info"]["title"] = "u"
    editing.edit(made)


def test_a_member_that_is_known_moves_to_where_it_is_too_deep(tmp_path: Path) -> None:
    deep: Any = 1
    for _ in range(254):
        deep = {"a": deep}
    editing = Editing(tmp_path, document(**{"x-a": deep, "components": {"x-c": {"z": 1}}}))
    editing.edit(document(components={"x-c": {"z": deep}}))


@pytest.mark.parametrize("becomes", ["link", "file"])
def test_a_link_leads_to_a_file_of_the_same_content(tmp_path: Path, becomes: str) -> None:
    for name in ("A", "B"):
        put(tmp_path, f"{name}/c.json", {"items": {"$ref": "d.json"}, "type": "array"})
        put(tmp_path, f"{name}/d.json", {"type": "string" if name == "A" else "integer"})
    put(tmp_path, "e.json", {"type": "string"})
    (tmp_path / "sub").symlink_to("A")
    (tmp_path / "l.json").symlink_to("e.json")
    target = "sub/c.json" if becomes == "link" else "l.json"
    made = with_schema(document(), target)
    editing = Editing(tmp_path, made)
    (tmp_path / ("sub" if becomes == "link" else "l.json")).unlink()
    if becomes == "link":
        (tmp_path / "sub").symlink_to("B")
    else:
        put(tmp_path, "l.json", {"type": "string"})
    editing.edit(made)


def test_how_deep_references_are_followed_goes_by_no_order(tmp_path: Path) -> None:
    chain: dict[str, Any] = {f"A{n}": {"x": {"$ref": f"#/components/x-chain/A{n + 1}"}} for n in range(200)}
    chain["A200"] = {"end": 1}
    made = document(components={"x-chain": chain})
    with_note(with_note(made, "#/components/x-chain/A100", "/a"), "#/components/x-chain/A0", "/b")
    editing = Editing(tmp_path, made)
    made = copy.deepcopy(made)
    made["paths"]["/b"]["get"]["summary"] = "more"
    editing.edit(made)
