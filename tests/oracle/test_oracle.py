"""The oracle tells slices that mean the same from those that do not, and accepts what SEMANTICS.md leaves open."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import slow_where_long

from . import (
    Comparison,
    Load,
    dangling,
    difference,
    folder,
    operations,
    optional_components,
    parse,
    reached_components,
    read,
    unreached,
)
from .mutants import Mutant, mutants
from .plain_slicer import cut

SHARED = Path(__file__).parents[3] / "shared"
SPECS = SHARED / "specs"
SPECIMENS = Path(__file__).parent / "specimens"


@cache
def notes(case: Path) -> dict[str, Any]:
    text: str = (case / "notes.md").read_text(encoding="utf-8").split("---\n")[1]
    parsed: dict[str, Any] = parse(text)
    return parsed


#: A case which expects that no `$ref` in an `x-` field is followed; SEMANTICS 2 has changed since.
SUPERSEDED = "008-ref-is-data"
CASES = sorted(
    path.parent
    for path in (SHARED / "cases").glob("*/notes.md")
    if notes(path.parent)["kind"] == "slice" and path.parent.name != SUPERSEDED
)
each_case = pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case.name) for case in CASES]
    or [pytest.param(None, marks=pytest.mark.skip(reason="the worked examples are not here"))],
)
each_specimen = pytest.mark.parametrize("version", ["3.0", "3.1", "3.2"])


def case_of(case: Path) -> tuple[Comparison, dict[str, Any], str, str]:
    operation = notes(case)["operation"]
    exact = notes(case)["compare"] == "exact"
    comparison = Comparison(read(case / "input.yaml"), folder(case), ordered=exact)
    return comparison, read(case / "expect.yaml"), operation["path"], operation["method"]


def specimen(version: str) -> Comparison:
    """One document with everything in its version; in 3.2 `$self` makes its files' URIs absolute."""
    files = folder(SPECIMENS)
    name = f"everything-{version}.yaml"

    def by_name(uri: str, base: str) -> Any:
        return files(uri.rpartition("/")[2], "")

    load: Load = by_name if version == "3.2" else files
    return Comparison(read(SPECIMENS / name), load, ordered=True, base=name)


def reread(slice_: dict[str, Any]) -> dict[str, Any]:
    """Return a copy as from a file, which shares nothing with the source."""
    copied: dict[str, Any] = json.loads(json.dumps(slice_))
    return copied


def complaint(comparison: Comparison, slice_: dict[str, Any], path: str, method: str) -> str | None:
    """Return the first fault that any of the three checks finds."""
    found = comparison.difference(slice_, path, method)
    return found or next((sentence for find in (dangling, unreached) for sentence in find(slice_)), None)


# --------------------------------------------------------------------------------------------- what is right is right


@each_case
def test_the_expected_slice_of_a_worked_example_is_equal_and_whole(case: Path) -> None:
    comparison, expected, path, method = case_of(case)
    assert comparison.difference(expected, path, method) is None
    assert dangling(expected) == []
    assert unreached(expected) == []


@each_case
def test_the_expected_slice_holds_the_reached_components_and_else_only_moved_ones(case: Path) -> None:
    comparison, expected, path, method = case_of(case)
    held = {(section, name) for section, names in expected.get("components", {}).items() for name in names}
    own = {component for component in held if comparison.source.component(*component)}
    assert own == comparison.reached_components(path, method)
    assert (held == own) == ("component-names" not in notes(case)["freedom"])


@each_specimen
def test_a_plain_slice_of_every_operation_of_a_specimen_is_equal_and_whole(version: str) -> None:
    comparison = specimen(version)
    for path, method in comparison.operations():
        slice_ = reread(cut(comparison, path, method))
        assert complaint(comparison, slice_, path, method) is None, (path, method)


# ------------------------------------------------------------------------------------------- what is broken is reported

#: Mutants that mean the same, by document: (what was done, where it starts).
HARMLESS = {
    "002-path-item-fields": [("deleted", "servers")],  # the path item's override them
    "004-security-empty-array": [("deleted", "paths//public/get/security")],  # nothing is left to inherit
    "everything-3.0": [
        ("deleted", "servers"),  # of the operation that has its own
        ("deleted", "paths//linked/get/security"),
        ("deleted", "paths//linked/get/responses/200/links/abroad"),  # a link out of the slice
        ("renamed", "components/responses/moved"),
        ("renamed", "components/schemas/moved"),
    ],
    "everything-3.1": [
        ("deleted", "paths//item/{id}/delete/security"),
        ("deleted", "paths//same/{id}/delete/security"),
        ("reordered", "paths//item/{id}"),  # merged of two
        ("reordered", "paths//item/{id}/get/callbacks/cb/{$request.query.u}"),
        ("reordered", "paths//same/{id}/get/callbacks/cb/{$request.query.u}"),
        ("renamed", "components/schemas/moved"),
        ("renamed", "components/schemas/Holder"),  # only something inside of it is referred to, by an anchor
    ],
    "015-deep-ref-into-other-operation": [("reordered", ""), ("renamed", "components")],
    "017-external-file": [("reordered", ""), ("renamed", "components/schemas")],
}


def is_harmless(document: str, mutant: Mutant) -> bool:
    at = "/".join(map(str, mutant.at))
    return any(
        mutant.what == what and (at.startswith(where) if what in ("renamed", "reordered") else at == where)
        for what, where in HARMLESS.get(document, ())
    )


@each_case
def test_every_way_to_break_an_expected_slice_is_reported(case: Path) -> None:
    comparison, expected, path, method = case_of(case)
    unseen = [
        (mutant.what, mutant.at)
        for mutant in mutants(expected)
        if not is_harmless(case.name, mutant) and complaint(comparison, mutant.document, path, method) is None
    ]
    assert unseen == []


@each_specimen
def test_every_way_to_break_a_slice_of_a_specimen_is_reported(version: str) -> None:
    comparison = specimen(version)
    unseen = [
        (path, method, mutant.what, mutant.at)
        for path, method in comparison.operations()
        for mutant in mutants(reread(cut(comparison, path, method)))
        if not is_harmless(f"everything-{version}", mutant)
        and complaint(comparison, mutant.document, path, method) is None
    ]
    assert unseen == []


@each_specimen
@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_what_was_remembered_of_one_slice_does_not_hide_faults_of_the_next(version: str, step: int) -> None:
    comparison, fresh = specimen(version), specimen(version)
    for path, method in comparison.operations():
        slice_ = reread(cut(comparison, path, method))
        assert comparison.difference(slice_, path, method) is None
        for index, mutant in enumerate(islice(mutants(slice_), 0, None, step)):
            remembered = comparison.difference(mutant.document, path, method)
            assert (remembered is None) == (fresh.difference(mutant.document, path, method) is None), mutant.at
            if index % 10 == 0:
                fresh = specimen(version)
        assert comparison.difference(slice_, path, method) is None


@each_specimen
def test_the_slice_of_one_operation_is_not_that_of_another(version: str) -> None:
    comparison = specimen(version)
    for path, method in comparison.operations():
        slice_ = reread(cut(comparison, path, method))
        for other in comparison.operations():
            if other != (path, method):
                assert comparison.difference(slice_, *other)


# --------------------------------------------------------------------------------------- single rules, one by one

BASE: dict[str, Any] = parse("""
openapi: 3.0.4
info: {title: T, version: '1'}
paths:
  /a:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
components:
  schemas:
    A: {type: object, properties: {b: {$ref: '#/components/schemas/B'}}}
    B: {type: integer, default: 1, x-list: [1, 2]}
""")


def edited(document: dict[str, Any], edit: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = copy.deepcopy(document)
    edit(document)
    return document


def test_the_sentence_has_the_pointer_of_the_difference() -> None:
    slice_ = edited(BASE, lambda d: d["components"]["schemas"]["B"].update(default=True))
    assert difference(BASE, slice_, "/a", "GET") == "#/components/schemas/B/default: True instead of 1"


def test_a_missing_component_is_named_where_it_is_referred_to() -> None:
    slice_ = edited(BASE, lambda d: d["components"]["schemas"].pop("B"))
    assert str(difference(BASE, slice_, "/a", "GET")).startswith(
        "#/components/schemas/A/properties/b/$ref: '#/components/schemas/B' leads nowhere in the slice"
    )
    (sentence,) = dangling(slice_)
    assert sentence.startswith("#/components/schemas/A/properties/b: '#/components/schemas/B' leads nowhere: ")


@pytest.mark.parametrize("value", [True, 1.0, "1", None])
def test_one_is_not_true_nor_a_float_nor_a_string(value: object) -> None:
    slice_ = edited(BASE, lambda d: d["components"]["schemas"]["B"].update(default=value))
    assert difference(BASE, slice_, "/a", "GET")


def test_the_order_of_lists_counts_and_that_of_keys_where_asked() -> None:
    swapped = edited(BASE, lambda d: d["components"]["schemas"]["B"]["x-list"].reverse())
    assert difference(BASE, swapped, "/a", "GET")
    schemas = BASE["components"]["schemas"]
    reordered = edited(BASE, lambda d: d["components"].update(schemas={"B": schemas["B"], "A": schemas["A"]}))
    assert difference(BASE, reordered, "/a", "GET") is None
    assert difference(BASE, reordered, "/a", "GET", ordered=True)


def test_an_unused_component_is_unreached_but_no_difference() -> None:
    source = edited(BASE, lambda d: d["components"]["schemas"].update(C={"items": ref("schemas/C")}))
    assert difference(source, source, "/a", "GET") is None
    assert unreached(source) == ["#/components/schemas/C"]
    assert unreached(BASE) == []


def test_a_component_of_the_source_keeps_its_name_even_if_all_references_follow() -> None:
    slice_: dict[str, Any] = json.loads(json.dumps(BASE).replace("schemas/B", "schemas/C").replace('"B"', '"C"'))
    assert dangling(slice_) == unreached(slice_) == []
    assert difference(BASE, slice_, "/a", "GET")


def test_what_moves_in_must_not_take_the_name_of_a_component_of_the_source() -> None:
    source = edited(BASE, lambda d: d["components"]["schemas"]["A"]["properties"]["b"].update({"$ref": "x.yaml"}))
    load: Load = lambda uri, base: {"type": "string"}  # noqa: E731
    moved = edited(BASE, lambda d: d["components"]["schemas"].update(B={"type": "string"}))
    moved["components"]["schemas"]["A"]["properties"]["b"] = ref("schemas/B")
    assert difference(source, moved, "/a", "GET", load)
    renamed: dict[str, Any] = json.loads(json.dumps(moved).replace("schemas/B", "schemas/x").replace('"B"', '"x"'))
    assert difference(source, renamed, "/a", "GET", load) is None


def test_without_load_every_reference_into_another_file_is_a_difference() -> None:
    source = edited(BASE, lambda d: d["components"]["schemas"]["A"]["properties"]["b"].update({"$ref": "x.yaml"}))
    assert "another file" in str(difference(source, source, "/a", "GET"))
    assert dangling(source) == ["#/components/schemas/A/properties/b: 'x.yaml' leads nowhere: 'x.yaml' is another file"]


def test_a_broken_reference_outside_of_the_closure_is_ignored() -> None:
    source = edited(BASE, lambda d: d["components"]["schemas"].update(Z={"$ref": "missing.yaml#/Nope"}))
    assert difference(source, BASE, "/a", "GET") is None
    assert reached_components(source, "/a", "GET") == {("schemas", "A"), ("schemas", "B")}


def test_recursion_ends_in_chains_in_trees_and_in_one_unrolled_by_a_step() -> None:
    source = edited(BASE, lambda d: d["components"]["schemas"]["B"].update(properties={"a": ref("schemas/A")}))
    assert difference(source, source, "/a", "GET") is None
    cycle = edited(BASE, lambda d: d["components"]["schemas"].update(B=ref("schemas/B")))
    assert "leads only to itself" in str(difference(cycle, cycle, "/a", "GET"))

    def unroll(d: dict[str, Any]) -> None:
        schema = d["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"]
        schema["schema"] = copy.deepcopy(d["components"]["schemas"]["A"])

    assert difference(source, edited(source, unroll), "/a", "GET") is None


def ref(component: str) -> dict[str, Any]:
    return {"$ref": f"#/components/{component}"}


def test_siblings_are_dead_in_3_0_but_kept_and_alive_in_3_1_schemas() -> None:
    source = copy.deepcopy(BASE)
    source["components"]["schemas"]["A"]["properties"]["b"]["not"] = ref("schemas/C")
    source["components"]["schemas"]["C"] = {}
    lost = edited(source, lambda d: d["components"]["schemas"]["A"]["properties"]["b"].pop("not"))
    assert "C" not in {name for _, name in reached_components(source, "/a", "GET")}
    assert difference(source, lost, "/a", "GET")
    newer = {**source, "openapi": "3.1.0"}
    assert "C" in {name for _, name in reached_components(newer, "/a", "GET")}
    assert difference(newer, {**lost, "openapi": "3.1.0"}, "/a", "GET")
    assert difference(newer, edited(newer, lambda d: d["components"]["schemas"].pop("C")), "/a", "GET")


def test_a_path_item_and_a_media_type_may_be_written_in_place_or_stay_references() -> None:
    comparison = specimen("3.1")
    slice_ = reread(cut(comparison, "/same/{id}", "GET"))
    item = slice_["paths"]["/same/{id}"]
    kept = edited(slice_, lambda d: d["paths"].update({"/same/{id}": ref("pathItems/Item")}))
    kept["components"] = {"pathItems": {"Item": item}, **kept["components"]}
    assert complaint(comparison, kept, "/same/{id}", "GET") is None
    kept["components"]["pathItems"]["Item"] = {**item, "delete": {"responses": {}}}
    assert "GET" in str(comparison.difference(kept, "/same/{id}", "GET"))

    comparison = specimen("3.2")
    slice_ = reread(cut(comparison, "/cache", "QUERY"))
    content = slice_["paths"]["/cache"]["query"]["requestBody"]["content"]
    content["application/jsonl"] = slice_["components"].pop("mediaTypes")["RealLines"]
    assert complaint(comparison, slice_, "/cache", "QUERY") is None
    content["application/jsonl"]["itemSchema"] = {}
    assert comparison.difference(slice_, "/cache", "QUERY")


def test_an_alternate_of_a_discriminator_must_not_lose_its_name() -> None:
    comparison = specimen("3.0")
    slice_ = reread(cut(comparison, "/a/{id}", "GET"))
    schemas = slice_["components"]["schemas"]
    schemas["Animal"]["oneOf"][2] = schemas["Fox"]
    assert "lost its component's name" in str(comparison.difference(slice_, "/a/{id}", "GET"))


def test_mapping_values_may_be_spelled_as_names_or_pointers_but_must_lead_to_the_same_schema() -> None:
    comparison = specimen("3.0")
    slice_ = reread(cut(comparison, "/a/{id}", "GET"))
    mapping = slice_["components"]["schemas"]["Animal"]["discriminator"]["mapping"]
    mapping["meow"] = "#/components/schemas/Cat"
    assert comparison.difference(slice_, "/a/{id}", "GET") is None
    mapping["meow"] = "Dog"
    assert comparison.difference(slice_, "/a/{id}", "GET")


def test_the_children_of_a_base_schema_belong_to_it_only_through_allof() -> None:
    reached = {name for section, name in specimen("3.0").reached_components("/a/{id}", "GET") if section == "schemas"}
    assert {"Event", "Created", "Renamed", "Nickname", "OnlyOfCreated"} <= reached
    assert "UsesEvent" not in reached
    slice_ = reread(cut(specimen("3.0"), "/a/{id}", "GET"))
    del slice_["components"]["schemas"]["Renamed"]
    assert "'#/components/schemas/Renamed' leads nowhere" in str(specimen("3.0").difference(slice_, "/a/{id}", "GET"))


SECURED: dict[str, Any] = parse("""
openapi: 3.0.4
info: {title: T, version: '1'}
security: [{key: []}]
paths:
  /open: {get: {security: [], responses: {'200': {description: ok}}}}
  /inherits: {get: {responses: {'200': {description: ok}}}}
  /calls:
    get:
      security: []
      responses: {'200': {description: ok}}
      callbacks: {c: {'{$url}': {post: {responses: {'200': {description: ok}}}}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: K}
    other: {type: apiKey, in: header, name: K}
""")


def only(document: dict[str, Any], path: str, *drop: str) -> dict[str, Any]:
    slice_ = edited(document, lambda d: d.update(paths={path: d["paths"][path]}))
    for key in drop:
        del slice_[key]
    return slice_


def test_security_is_compared_as_it_takes_effect() -> None:
    comparison = Comparison(SECURED)
    assert comparison.reached_components("/open", "GET") == set()
    assert comparison.difference(only(SECURED, "/open", "security", "components"), "/open", "GET") is None
    assert comparison.difference(only(SECURED, "/open"), "/open", "GET") is None  # unused, with its schemes
    vanished = only(SECURED, "/open")
    del vanished["paths"]["/open"]["get"]["security"]
    assert comparison.difference(vanished, "/open", "GET")

    assert comparison.reached_components("/inherits", "GET") == {("securitySchemes", "key")}
    assert comparison.difference(only(SECURED, "/inherits"), "/inherits", "GET") is None
    assert comparison.difference(only(SECURED, "/inherits", "security"), "/inherits", "GET")
    written = only(SECURED, "/inherits", "security")
    written["paths"]["/inherits"]["get"]["security"] = [{"key": []}]
    assert comparison.difference(written, "/inherits", "GET") is None
    optional = edited(only(SECURED, "/inherits"), lambda d: d["security"].append({}))
    assert comparison.difference(optional, "/inherits", "GET")
    swapped = edited(only(SECURED, "/inherits"), lambda d: d.update(security=[{"other": []}]))
    assert comparison.difference(swapped, "/inherits", "GET")


def test_an_operation_in_a_callback_inherits_the_root_security_too() -> None:
    comparison = Comparison(SECURED)
    assert comparison.reached_components("/calls", "GET") == {("securitySchemes", "key")}
    assert comparison.difference(only(SECURED, "/calls"), "/calls", "GET") is None
    assert comparison.difference(only(SECURED, "/calls", "security", "components"), "/calls", "GET")


def test_links_to_other_operations_may_be_dropped_or_lead_into_their_slices_file() -> None:
    comparison = specimen("3.0")
    dropped = reread(cut(comparison, "/linked", "GET"))

    def with_link(name: str, **link: object) -> str | None:
        slice_ = copy.deepcopy(dropped)
        slice_["paths"]["/linked"]["get"]["responses"]["200"]["links"][name] = link
        return Comparison(comparison.source.entry).difference(slice_, "/linked", "GET")

    away = "./a-id_GET.yaml#/paths/~1a~1%7Bid%7D/get"
    text = {"description": "to another operation"}
    assert with_link("away", operationRef=away, **text) is None
    assert "dangles" in str(with_link("away", operationId="getA", **text))
    assert "dangles" in str(with_link("away", operationRef="#/paths/~1a~1%7Bid%7D/get", **text))
    assert with_link("away", operationRef=away.replace("get", "put"), **text)
    assert with_link("away", operationRef=away.replace("~1a~1", "~1b~1"), **text)
    assert with_link("away", operationRef=away, operationId="getA", **text)
    assert with_link("away", operationRef=away)
    assert with_link(
        "itself", operationRef="./linked_GET.yaml#/paths/~1linked/get", parameters={"a": {"$ref": "#/data"}}
    )
    assert with_link("invented", operationId="getLinked")


def test_link_components_to_other_operations_are_optional() -> None:
    source: dict[str, Any] = parse("""
        openapi: 3.0.4
        info: {title: T, version: '1'}
        paths:
          /a:
            get:
              operationId: a
              responses:
                '200': {description: ok, links: {a: {$ref: '#/components/links/A'}, b: {$ref: '#/components/links/B'}}}
          /b: {get: {operationId: b, responses: {'200': {description: ok}}}}
        components: {links: {A: {operationId: a}, B: {operationId: b}}}
    """)
    assert reached_components(source, "/a", "GET") == {("links", "A"), ("links", "B")}
    assert optional_components(source, "/a", "GET") == {("links", "B")}
    slice_ = only(source, "/a")
    assert "#/components/links/B: the Link leads to no operation of the slice" in dangling(slice_)
    assert difference(source, slice_, "/a", "GET")
    slice_["components"]["links"]["B"] = {"operationRef": "b_GET.yaml#/paths/~1b/get"}
    assert difference(source, slice_, "/a", "GET") is None
    assert dangling(slice_) == []
    del slice_["components"]["links"]["B"]
    del slice_["paths"]["/a"]["get"]["responses"]["200"]["links"]["b"]
    assert difference(source, slice_, "/a", "GET") is None
    del slice_["paths"]["/a"]["get"]["responses"]["200"]["links"]["a"]
    assert "the link is missing" in str(difference(source, slice_, "/a", "GET"))


def test_a_slice_has_no_self_and_its_uris_may_have_become_absolute() -> None:
    comparison = specimen("3.2")
    slice_ = reread(cut(comparison, "/cache", "GET"))
    assert "$self" not in slice_
    slice_["externalDocs"]["url"] = "https://example.com/api/docs/index.html"
    slice_["info"]["termsOfService"] = "https://example.com/api/terms.html"
    slice_["paths"]["/cache"]["get"]["externalDocs"]["url"] = "https://example.com/api/get.html"
    assert complaint(comparison, slice_, "/cache", "GET") is None
    assert comparison.difference({**slice_, "$self": "https://example.com/api/openapi.yaml"}, "/cache", "GET")
    slice_["externalDocs"]["url"] = "https://example.com/docs/index.html"
    assert comparison.difference(slice_, "/cache", "GET")


def test_a_security_uri_may_become_a_name_but_a_name_stays() -> None:
    comparison = specimen("3.2")
    slice_ = reread(cut(comparison, "/cache", "QUERY"))
    requirements = slice_["paths"]["/cache"]["query"]["security"]
    assert list(requirements[1]) == ["moved1"]
    requirements[2] = {"byPointer": []}
    assert comparison.difference(slice_, "/cache", "QUERY") is None
    requirements[2] = {"key": []}
    assert comparison.difference(slice_, "/cache", "QUERY")


def test_tags_are_the_used_ones_with_their_ancestors_in_the_sources_order() -> None:
    comparison = specimen("3.2")
    slice_ = reread(cut(comparison, "/cache", "QUERY"))
    assert [tag["name"] for tag in slice_["tags"]] == ["leaf", "branch", "root"]
    del slice_["tags"][2]
    assert comparison.difference(slice_, "/cache", "QUERY")
    assert dangling(slice_) == ["#/tags: 'branch' has an undeclared parent"]


def test_indexing_extensions_of_the_root_may_go_and_no_other_may() -> None:
    source = {**BASE, "x-webhooks": {}, "x-tagGroups": [], "x-other": None}
    assert difference(source, {**BASE, "x-other": None}, "/a", "GET") is None
    assert difference(source, {**source, "x-tagGroups": [1]}, "/a", "GET")
    assert difference(source, BASE, "/a", "GET") == "#/x-other: the source's field is missing"
    assert difference(source, {**BASE, "x-other": None, "webhooks": {}}, "/a", "GET")


@pytest.mark.parametrize("empty", [{}, {"schemas": {}}])
def test_empty_maps_of_components_are_a_difference(empty: dict[str, Any]) -> None:
    bare = edited(BASE, lambda d: d["paths"]["/a"]["get"].update(responses={}))
    del bare["components"]
    assert difference(bare, bare, "/a", "GET") is None
    assert "is empty" in str(difference(bare, {**bare, "components": empty}, "/a", "GET"))


def test_a_dynamic_reference_and_an_id_are_resolved_as_json_schema_does() -> None:
    reached = {name for _, name in specimen("3.1").reached_components("/schemas", "POST")}
    assert {"Tree", "Strict", "Address", "Holder", "Zip", "D1", "D2", *(f"K{n}" for n in range(1, 15))} <= reached
    assert not {"Unused", "OfDelete"} & reached


def test_an_anchor_of_another_file_is_found() -> None:
    source = edited(BASE, lambda d: d["components"]["schemas"]["A"]["properties"].update(b={"$ref": "x.yaml#there"}))
    source["openapi"] = "3.1.0"
    load: Load = lambda uri, base: {"Any": {"$anchor": "there", "type": "null"}, "enum": {"$anchor": "there"}}  # noqa: E731
    slice_ = edited(source, lambda d: d["components"]["schemas"].pop("B"))
    slice_["components"]["schemas"]["A"]["properties"]["b"] = ref("schemas/Any")
    slice_["components"]["schemas"]["Any"] = {"type": "null"}
    assert difference(source, slice_, "/a", "GET", load) is None
    slice_["components"]["schemas"]["Any"] = {"type": "string"}
    assert difference(source, slice_, "/a", "GET", load)


def test_the_base_of_a_reference_is_its_file() -> None:
    asked = []
    files = folder(SPECIMENS)

    def load(uri: str, base: str) -> Any:
        asked.append((uri, base))
        return files(uri, base)

    comparison = Comparison(read(SPECIMENS / "everything-3.0.yaml"), load, base="everything-3.0.yaml")
    assert ("schemas", "Id") in comparison.reached_components("/moved", "GET")  # by way of two other files
    read_ones = [each for each in asked if each[0] != "missing.yaml"]  # a component refers to it
    assert read_ones == [("parts.yaml", "everything-3.0.yaml"), ("more/sub.yaml", "parts.yaml")]


def test_operations_are_in_document_order_with_the_case_of_additional_methods() -> None:
    assert operations(read(SPECIMENS / "everything-3.2.yaml")) == [
        ("/cache", "QUERY"),
        ("/cache", "PURGE"),
        ("/cache", "Link"),
        ("/cache", "GET"),
    ]
    assert specimen("3.1").operations() == [
        ("/item/{id}", "GET"),
        ("/item/{id}", "DELETE"),
        ("/same/{id}", "GET"),
        ("/same/{id}", "DELETE"),
        ("/schemas", "POST"),
    ]


def test_an_operation_that_the_source_does_not_have_is_reported_as_missing() -> None:
    assert difference(BASE, BASE, "/a", "PUT") == "there is no operation PUT /a"
    assert "/b" in str(difference(BASE, BASE, "/b", "GET"))


# ----------------------------------------------------------------------------------------------------------- reading


def test_yaml_is_read_with_the_types_of_json_and_keys_as_their_text() -> None:
    text = "{on: yes, 200: 017, a: 2020-01-01, b: 1_000, c: 12:30:45, d: 1e3, <<: {e: ~}, f: '1', g: .inf, h: !!str 5}"
    value = parse(text)
    assert value == {
        "on": "yes",
        "200": 17,
        "a": "2020-01-01",
        "b": "1_000",
        "c": "12:30:45",
        "d": 1000.0,
        "<<": {"e": None},
        "f": "1",
        "g": float("inf"),
        "h": "5",
    }
    assert isinstance(value["d"], float)
    for wrong in ("{a: 1, a: 2}", "!local 1"):
        with pytest.raises(ValueError, match=r"duplicate key|unknown tag"):
            parse(wrong)


# ------------------------------------------------------------------------------------------------- real documents


REAL = ["museum.yaml", "discord.json", "openai.yaml", "oai/tictactoe.yaml"]


def compared(comparison: Comparison) -> float:
    """Compare the plain slice of every operation, and return the seconds that it took."""
    judge = Comparison(comparison.source.entry, comparison.source._load)
    seconds = 0.0
    for path, method in comparison.operations():
        slice_ = reread(cut(comparison, path, method))
        start = time.process_time()
        found = judge.difference(slice_, path, method)
        seconds += time.process_time() - start
        assert found is None, (path, method)
        assert unreached(slice_) == []
    return seconds


def specification(name: str) -> Comparison:
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return Comparison(read(path), folder(path.parent))


@pytest.mark.parametrize("name", slow_where_long(REAL, {"discord.json", "openai.yaml"}))
def test_the_plain_slices_of_a_real_document_are_equal(name: str) -> None:
    compared(specification(name))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "endpoints"),
    [("github.json", 1223), ("stripe.yaml", 468), ("digitalocean/DigitalOcean-public.v2.yaml", 659)],
)
def test_all_slices_of_a_large_document_are_reached_and_compared_in_time(name: str, endpoints: int) -> None:
    comparison = specification(name)
    start = time.process_time()
    for path, method in comparison.operations():
        comparison.reached_components(path, method)
    assert time.process_time() - start < 20
    assert len(comparison.operations()) == endpoints
    assert compared(comparison) < 60


@pytest.mark.parametrize(
    "name", slow_where_long(["museum.yaml", "box.json", "oai/3.2-tags-example.yaml"], {"box.json"})
)
def test_every_way_to_break_a_slice_of_a_real_document_is_reported(name: str) -> None:
    comparison = specification(name)
    for operation in comparison.operations()[:2]:
        for mutant in mutants(reread(cut(comparison, *operation))):
            if mutant.what != "reordered" and mutant.at[-1] not in ("servers", "security"):
                assert complaint(comparison, mutant.document, *operation), (operation, mutant.what, mutant.at)
