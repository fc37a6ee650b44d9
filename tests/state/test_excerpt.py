"""A plan brought up to date from an excerpt is the plan of the whole document, and so are the slices.

Documents are edited by lot, one edit after the other, so that excerpts build upon plans that came from excerpts.
"""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from oas_tasks.document.document import cut_document, parse_document
from oas_tasks.document.files import Sources
from oas_tasks.errors import UserError
from oas_tasks.formats import read_spans
from oas_tasks.openapi.model import FAMILIES, Family
from oas_tasks.plan.digests import digests_of
from oas_tasks.plan.plan import Dependencies, Plan
from oas_tasks.plan.planned import decoded, encoded
from oas_tasks.settings import Settings, load_settings
from oas_tasks.slices.slicer import Slicer
from oas_tasks.state.excerpt import Replanned, plan_by_excerpt
from oas_tasks.state.members import Members, digests_with, members_again, members_of
from tests.conftest import SAMPLE, SHARED, spec
from tests.formats.writing import yaml_document
from tests.openapi.mutations import mutation
from tests.oracle import parse
from tests.random_documents import Drawn, documents

SCHEMA = "#/components/schemas/"


class Editing:
    """A document under change, planned again and again.

    by_excerpt: how often an excerpt was enough; resized: how often so though members came or went.
    """

    def __init__(self, folder: Path, document: dict[str, Any] | str, form: str = "json", **options: Any) -> None:
        self.file = folder / f"api.{form}"
        self.settings: Settings = load_settings(folder, {"spec": str(self.file), **options})[0]
        self.document = document if isinstance(document, dict) else {}
        self.by_excerpt = 0
        self.resized = 0
        self.plan: Plan
        self.dependencies: Dependencies
        self.members: Members | None
        content = self.write(document)
        self.adopt(self.whole(content), content)

    def write(self, document: dict[str, Any] | str) -> bytes:
        if isinstance(document, str):
            content = document.encode()
        elif self.file.suffix == ".yaml":
            content = yaml_document(document).encode()
        else:
            content = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
        self.file.write_bytes(content)
        return content

    def whole(self, content: bytes) -> Slicer:
        document = parse_document(content, str(self.file))
        return Slicer(document, Sources(self.file, str(self.file), document.root), self.settings)

    def adopt(self, slicer: Slicer, content: bytes) -> None:
        spans = cut_document(content, str(self.file))
        self.plan, self.dependencies = slicer.plan, slicer.dependencies
        self.digests = digests_of(slicer.parts, slicer.plan, self.settings)
        is_cut = spans is not None and read_spans(content, spans) is not None
        self.members = members_of(content, spans, slicer) if spans is not None and is_cut else None

    def edit(self, document: dict[str, Any] | str) -> None:
        """Plan a changed document both ways and compare; go on from what the excerpt gave, where it gave anything."""
        content = self.write(document)
        try:
            whole = self.whole(content)
        except UserError:
            return  # no document to plan any more
        self.document = document if isinstance(document, dict) else {}
        again = None
        cut = members_again(content, str(self.file), self.members) if self.members is not None else None
        if cut is not None and self.members is not None:
            again = plan_by_excerpt(content, cut, self.members, self.plan, self.dependencies, self.settings)
        if again is None:
            self.adopt(whole, content)
            return
        self.by_excerpt += 1
        self.resized += len(again.members.cut.spans) != len(self.members.cut.spans) if self.members else 0
        self.compare(again, whole, content)
        self.digests = digests_with(
            self.digests, self.plan, self.dependencies.parts, again.plan, again.dependencies.parts, again.slicer
        )
        assert self.digests == digests_of(whole.parts, whole.plan, self.settings)
        ids = again.dependencies.parts
        assert decoded(encoded(self.digests, ids), ids) == self.digests
        self.plan, self.dependencies, self.members = again.plan, again.dependencies, again.members

    def compare(self, again: Replanned, whole: Slicer, content: bytes) -> None:
        assert again.plan == whole.plan
        assert again.dependencies == whole.dependencies
        spans = cut_document(content, str(self.file))
        assert spans is not None
        members = members_of(content, spans, whole)
        assert members is not None
        assert again.members.sensitive >= members.sensitive  # also by what was in members that are gone
        assert again.members == members._replace(sensitive=again.members.sensitive)
        for path, method in sorted(again.stale):
            ours, theirs = again.slicer.make(path, method), whole.make(path, method)
            assert (ours.endpoint, ours.content, ours.reason, ours.warnings) == (
                theirs.endpoint,
                theirs.content,
                theirs.reason,
                theirs.warnings,
            )
        before = {(e.path, e.method): e.fingerprint for e in self.plan.endpoints}
        changed = {(e.path, e.method) for e in whole.plan.endpoints if before.get((e.path, e.method)) != e.fingerprint}
        assert changed <= again.stale


def retargeted(document: dict[str, Any], lot: Random) -> dict[str, Any]:
    """Return a copy in which one reference leads to another schema, or a description or a summary says more."""
    changed = copy.deepcopy(document)
    names = list(changed.get("components", {}).get("schemas", {}))
    found: list[tuple[dict[str, Any], str]] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for key, member in value.items():
                if isinstance(member, str) and (
                    key in ("description", "summary") or (key == "$ref" and member.startswith("#/components/schemas/"))
                ):
                    found.append((value, key))
                look(member)
        elif isinstance(value, list):
            for member in value:
                look(member)

    look({name: changed.get(name) for name in ("paths", "components")})
    if found:
        value, key = lot.choice(found)
        value[key] = f"#/components/schemas/{lot.choice(names)}" if key == "$ref" and names else f"{value[key]} more"
    return changed


def resized(document: dict[str, Any], lot: Random) -> dict[str, Any]:
    """Return a copy with a path or a component more, less, called otherwise or elsewhere in the order."""
    changed = copy.deepcopy(document)
    components = changed.get("components")
    kinds = [found for found in components.values() if isinstance(found, dict)] if isinstance(components, dict) else []
    homes = [found for found in (changed.get("paths"), *kinds) if isinstance(found, dict)]
    home = lot.choice(homes or [changed.setdefault("paths", {})])
    names = list(home)
    name = lot.choice(names) if names else "/new"
    new = lot.choice([f"{name}x", f"/new{lot.randrange(100)}", name.upper(), f"{name}-", name])
    members = list(home.items())
    index = names.index(name) if names else 0
    member = (new, copy.deepcopy(home.get(name, {})))
    match lot.choice(["more", "more", "less", "other", "order"]):
        case "more":
            members.insert(lot.randrange(len(members) + 1), member)
        case "less":
            members[index : index + 1] = []
        case "other":
            members[index : index + 1] = [member]
        case "order":
            lot.shuffle(members)
    home.clear()
    home.update(members)
    return changed


def edited(document: dict[str, Any], lot: Random, wrong: float) -> dict[str, Any]:
    if lot.random() < 0.3:
        return resized(document, lot)
    if lot.random() < wrong:
        with suppress(AttributeError, TypeError, ValueError):  # made for documents in which nothing is wrong yet
            return mutation(document, lot).document
    return retargeted(document, lot)


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("name", ["museum.yaml", "oai", "sample"])
def test_small_documents(tmp_path: Path, name: str, form: str) -> None:
    files = [SAMPLE] if name == "sample" else sorted(spec("oai").glob("*.yaml")) if name == "oai" else [spec(name)]
    used = 0
    for file in files:
        lot = Random(file.name)
        document = parse(file.read_text(encoding="utf-8"))
        if "openapi" in document:
            editing = Editing(tmp_path, document, form)
            for _ in range(25):
                editing.edit(edited(editing.document, lot, 0.5))
                if lot.random() < 0.1:
                    editing.edit(document)  # all at once, and back to what is right
            used += editing.by_excerpt
    assert used > 5 or name == "sample"  # the sample has everything that excerpts cannot have


@pytest.mark.parametrize("name", ["discord.json", "box.json"])
def test_real_documents(tmp_path: Path, name: str) -> None:
    document = json.loads(spec(name).read_bytes())
    lot = Random(name)
    editing = Editing(tmp_path, document)
    for _ in range(6):
        editing.edit(edited(editing.document, lot, 0.2))
    assert editing.by_excerpt > 2
    for _ in range(2):
        editing.edit(document)
        editing.edit(resized(document, lot))
    assert editing.resized > 0


@pytest.mark.slow
def test_github(tmp_path: Path) -> None:
    document = json.loads(spec("github.json").read_bytes())
    editing = Editing(tmp_path, document, "json", tags=["repos"], format="json")
    lot = Random(5)
    for _ in range(3):
        editing.edit(retargeted(editing.document, lot))
    assert editing.by_excerpt > 0


def test_a_real_history(tmp_path: Path) -> None:
    spec("discord.json")
    versions = [json.loads(file.read_bytes()) for file in sorted((SHARED / "specs/history/discord").glob("*/*.json"))]
    versions = versions or [
        json.loads(file.read_bytes()) for file in sorted((SHARED / "specs/history/discord").glob("*.json"))
    ]
    editing = Editing(tmp_path, versions[0])
    for version in versions[1:]:
        editing.edit(version)


#: So many that an edit of some members is one of few.
HEADERS: dict[str, Any] = {f"H{number}": {"schema": {}} for number in range(20)}
SMALL: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Small", "version": "1"},
    "paths": {
        "/a-b": {
            "get": {"responses": {"200": {"description": "", "content": {"a/b": {"schema": {"$ref": SCHEMA + "A"}}}}}}
        },
        "/c": {"get": {"responses": {"default": {"description": ""}}}},
    },
    "components": {
        "schemas": {"A": {"properties": {"b": {"$ref": SCHEMA + "B"}}}, "B": {}, "C": {}, "D": {}},
        "headers": HEADERS,
    },
}


def small(tmp_path: Path, **options: Any) -> Editing:
    return Editing(tmp_path, copy.deepcopy(SMALL), **options)


def test_new_paths_and_components_are_planned_alone(tmp_path: Path) -> None:
    editing = small(tmp_path)
    document = copy.deepcopy(editing.document)
    document["components"]["schemas"]["New"] = {"items": {"$ref": SCHEMA + "C"}}
    document["components"]["schemas"] = {"First": {}, **document["components"]["schemas"]}
    document["components"]["responses"] = {"R": {"description": ""}}
    document["paths"] = {
        "/new": {"get": {"responses": {"200": {"$ref": "#/components/responses/R"}}}},
        **document["paths"],
    }
    editing.edit(document)
    assert (editing.by_excerpt, editing.resized) == (1, 1)
    assert [e.path for e in editing.plan.endpoints] == ["/new", "/a-b", "/c"]


def test_paths_and_components_that_are_gone_leave_the_plan(tmp_path: Path) -> None:
    editing = small(tmp_path)
    document = copy.deepcopy(editing.document)
    del document["paths"]["/c"], document["components"]["schemas"]["C"]
    editing.edit(document)
    assert editing.resized == 1
    assert [e.path for e in editing.plan.endpoints] == ["/a-b"]


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize(
    "awaiting",
    [
        {"items": {"$ref": f"{SCHEMA}B"}},
        {"items": {"$ref": f"{SCHEMA}%42"}},
        {"items": {"$ref": "#/%63omponents/schemas/B"}},
        {"items": {"$ref": "#%2Fcomponents%2Fschemas%2FB"}},
        {"oneOf": [], "discriminator": {"propertyName": "p", "mapping": {"x": "B"}}},
    ],
)
def test_a_component_that_was_missed_is_no_matter_for_an_excerpt(
    tmp_path: Path, awaiting: dict[str, Any], form: str
) -> None:
    document = copy.deepcopy(SMALL)
    schemas = document["components"]["schemas"]
    del schemas["B"]
    schemas["A"] = awaiting
    editing = Editing(tmp_path, document, form)
    assert [len(closure) for closure in editing.dependencies.closures] == [1, 0]
    document = copy.deepcopy(document)
    document["components"]["schemas"]["B"] = {"type": "string"}
    editing.edit(document)
    assert editing.by_excerpt == 0
    assert editing.dependencies.closures[0] == (0, 3)


#: References to New_1 and discriminators that no search for their bytes finds.
ODD_TEXTS = [
    r'items: {$ref: "#/components/schemas/New_\x31"}',
    r'items: {$ref: "#/components/schemas/New\x5F1"}',
    'items: {$ref: "#/components/schemas/Ne\\\n        w_1"}',
    'items: {$ref: "#/components\\\n        /schemas/New_1"}',
    r'discriminator: {propertyName: p, mapping: {x: "New_\x31"}}',
    '? "discrimi\\\n        nator"\n      : {propertyName: p}',
    '? "all\\\n        Of"\n      : [{$ref: "#/components/schemas/B"}]',
]


@pytest.mark.parametrize("text", ODD_TEXTS)
@pytest.mark.parametrize("is_new", [False, True])
def test_what_is_written_oddly_in_yaml_is_found(tmp_path: Path, text: str, is_new: bool) -> None:
    """It stands in the schema that an endpoint reaches from the beginning, or comes with an edit."""
    file = tmp_path / "api.yaml"
    (options,) = load_settings(tmp_path, {"spec": str(file)})
    with_text = SMALL_YAML.replace("A: {}", f"A:\n      {text}")

    def planned(content: bytes) -> Slicer:
        document = parse_document(content, "api.yaml")
        return Slicer(document, Sources(file, "api.yaml", document.root), options)

    before = (SMALL_YAML if is_new else with_text).encode()
    was = planned(before)
    spans = cut_document(before, "api.yaml")
    members = None if spans is None else members_of(before, spans, was)
    after = f"{with_text}    New_1: {{}}\n    Child: {{allOf: [{{$ref: '#/components/schemas/A'}}]}}\n".encode()
    cut = None if members is None else members_again(after, "api.yaml", members)
    if members is not None and cut is not None:
        again = plan_by_excerpt(after, cut, members, was.plan, was.dependencies, options)
        now = planned(after)
        assert again is None or (again.plan, again.dependencies) == (now.plan, now.dependencies)


SMALL_YAML = (
    """\
openapi: 3.1.0
info: {title: Small, version: '1'}
paths:
  /a:
    get:
      responses: {'200': {description: '', content: {a/b: {schema: {$ref: '#/components/schemas/A'}}}}}
components:
  headers:
"""
    + "".join(f"    H{number}: {{schema: {{}}}}\n" for number in range(20))
    + """\
  schemas:
    B: {}
    A: {}
"""
)


def test_a_webhook_that_is_called_like_a_path_without_operations_is_told(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    document["paths"]["/empty"] = {"summary": "nothing"}
    document["webhooks"] = {"w": {"post": {"responses": {"default": {"description": ""}}}}}
    editing = Editing(tmp_path, document, webhooks=True)
    document = copy.deepcopy(document)
    document["webhooks"]["/empty"] = document["webhooks"]["w"]
    content = editing.write(document)
    assert editing.members is not None
    cut = members_again(content, "api.json", editing.members)
    assert cut is not None
    was = (editing.members, editing.plan, editing.dependencies, editing.settings)
    assert plan_by_excerpt(content, cut, *was) is None


def test_endpoints_that_are_made_again_are_in_the_excerpt_but_for_those_whose_references_dangle(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    document["paths"]["/d"] = {"get": {"responses": {"200": {"$ref": "#/components/responses/None"}}}}
    editing = Editing(tmp_path, document)
    document = copy.deepcopy(document)
    document["components"]["schemas"]["C"] = {"description": "other"}
    content = editing.write(document)
    assert editing.members is not None
    cut = members_again(content, "api.json", editing.members)
    assert cut is not None
    wanted = [("/c", "GET"), ("/d", "GET"), ("/none", "GET")]
    was = (editing.members, editing.plan, editing.dependencies, editing.settings)
    again = plan_by_excerpt(content, cut, *was, wanted)
    assert again is not None
    assert again.stale == {("/c", "GET")}
    assert again.plan == editing.whole(content).plan


def test_files_that_are_called_otherwise_since_there_are_others(tmp_path: Path) -> None:
    editing = small(tmp_path)
    document = copy.deepcopy(editing.document)
    document["paths"]["/a/b"] = {"get": {"responses": {"default": {"description": ""}}}}
    editing.edit(document)
    assert all("~" in e.file for e in editing.plan.endpoints if e.path != "/c")
    document = copy.deepcopy(document)
    del document["paths"]["/a/b"]
    editing.edit(document)
    assert [e.file for e in editing.plan.endpoints] == ["a-b_GET.yaml", "c_GET.yaml"]
    document = copy.deepcopy(document)
    document["paths"]["/c"]["post"] = document["paths"]["/c"]["get"]
    editing.edit(document)
    assert [e.file for e in editing.plan.endpoints] == ["a-b_GET.yaml", "c_GET.yaml", "c_POST.yaml"]


def test_endpoints_that_are_not_sliced_count_for_the_names_of_files(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    document["paths"]["/a/b"] = {"post": {"responses": {"default": {"description": ""}}}}
    document["paths"]["/a-b"]["get"]["tags"] = ["t"]
    editing = Editing(tmp_path, document, tags=["t"])
    document = copy.deepcopy(document)
    document["paths"]["/a/b"]["get"] = document["paths"]["/a/b"]["post"]
    editing.edit(document)
    assert "~" in editing.plan.endpoints[0].file


def test_a_webhook_is_no_path(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    document["webhooks"] = {"/c": {"get": {"responses": {"default": {"description": ""}}}}}
    editing = Editing(tmp_path, document)
    document = copy.deepcopy(document)
    document["webhooks"]["/c"]["get"]["summary"] = "other"
    document["webhooks"]["w"] = {}
    editing.edit(document)
    assert [e.path for e in editing.plan.endpoints] == ["/a-b", "/c"]
    assert editing.resized == 1


def test_webhooks_that_are_sliced_come_and_go(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    document["webhooks"] = {"w": {"post": {"responses": {"default": {"description": ""}}}}}
    document = {name: document[name] for name in ("openapi", "info", "webhooks", "paths", "components")}
    editing = Editing(tmp_path, document, webhooks=True)
    document = copy.deepcopy(document)
    document["webhooks"]["v"] = document["webhooks"]["w"]
    editing.edit(document)
    assert [e.path for e in editing.plan.endpoints] == ["/a-b", "/c", "w", "v"]
    assert editing.resized == 1


@pytest.mark.parametrize("family", FAMILIES)
def test_any_document(tmp_path: Path, family: Family) -> None:
    @settings(max_examples=25)
    @given(documents(family))
    def hold(drawn: Drawn) -> None:
        document = drawn.files[""]
        lot = Random(len(json.dumps(document)))
        editing = Editing(tmp_path, document)
        for _ in range(6):
            editing.edit(edited(editing.document, lot, 0.5))

    hold()


REFERRING: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "t", "version": "1", "x-meta": {"schema": {"$ref": f"{SCHEMA}Meta"}}},
    "x-nav": {"first": "getNone"},
    "paths": {
        "x-all": {"$ref": f"{SCHEMA}All"},
        "/a": {"get": {"operationId": "getA", "x-note": {"$ref": f"{SCHEMA}A"}, "responses": {}}},
        "/b": {"get": {"operationId": "getB", "responses": {}}},
    },
    "components": {
        "schemas": {
            "Meta": {"type": "object", "x-more": [{"$ref": f"{SCHEMA}More"}]},
            "More": {},
            "All": {},
            "A": {"x-in": {"items": {"$ref": f"{SCHEMA}B"}}},
            "B": {},
            "C": {},
        },
        "x-policies": {"basic": {"text": "hi"}},
    },
}


def referring(edits: dict[tuple[str, ...], Any]) -> dict[str, Any]:
    """Return the document with values at some places; None is the place gone."""
    document = copy.deepcopy(REFERRING)
    for tokens, value in edits.items():
        within = document
        for token in tokens[:-1]:
            within = within[token]
        if value is None:
            del within[tokens[-1]]
        else:
            within[tokens[-1]] = value
    return document


OPERATION = ("paths", "/b", "get")
SCHEMAS = ("components", "schemas")


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize(
    ("edits", "is_enough"),
    [
        ({(*SCHEMAS, "B"): {"type": "string"}}, True),
        ({(*SCHEMAS, "More"): {"type": "string"}}, True),
        ({("paths", "/c"): {"get": {"responses": {}}}}, True),  # has what every slice has of the root
        ({(*OPERATION, "x-note"): {"$ref": f"{SCHEMA}C"}}, True),
        ({(*OPERATION, "x-note"): {"$ref": f"{SCHEMA}None"}}, True),
        ({(*OPERATION, "x-note"): {"$ref": "#/components/x-policies/basic"}}, False),
        ({(*OPERATION, "x-note"): {"$ref": "#/paths/~1a/get/x-note"}}, False),
        ({(*OPERATION, "x-note"): {"$ref": "#/x-nav"}}, False),
        ({(*OPERATION, "x-note"): {"$ref": "absent.md"}}, False),
        ({(*OPERATION, "responses"): {"200": {"$ref": "#/components/responses/R/x-in"}}}, False),
        ({(*OPERATION, "operationId"): "getNone"}, False),
        ({(*OPERATION, "operationId"): "getOther"}, True),
        ({("paths", "/getNone"): {"get": {"operationId": "getNone", "responses": {}}}}, False),
    ],
)
def test_references_in_extensions_and_root_extensions_that_may_be_about_others(
    tmp_path: Path, edits: dict[tuple[str, ...], Any], is_enough: bool, form: str
) -> None:
    """There, and back again: what `compare` demands of an excerpt is the plan and the slices of the whole document."""
    editing = Editing(tmp_path, referring({}), form)
    assert editing.members is not None
    editing.edit(referring(edits))
    assert (editing.by_excerpt == 1) == is_enough
    editing.edit(referring({}))
    editing.edit(referring({**edits, (*SCHEMAS, "C"): {"title": "C"}}))
    editing.edit(referring({(*SCHEMAS, "C"): {"title": "D"}}))


def test_an_extension_may_await_a_component(tmp_path: Path) -> None:
    """A reference to nothing is data, and no longer so when the component comes."""
    editing = Editing(tmp_path, referring({(*SCHEMAS, "B"): None}))
    assert [len(closure) for closure in editing.dependencies.closures] == [4, 3]
    editing.edit(referring({}))
    assert editing.by_excerpt == 0
    assert [len(closure) for closure in editing.dependencies.closures] == [5, 3]


def test_the_last_other_endpoint_goes_and_comes_back(tmp_path: Path) -> None:
    """What names the endpoint that is left is about no others."""
    named: dict[tuple[str, ...], Any] = {("x-nav", "first"): "getA"}
    editing = Editing(tmp_path, referring(named))
    assert editing.members is not None
    assert list(editing.members.left_out) == ["x-nav"]
    editing.edit(referring({**named, ("paths", "/b"): None}))
    editing.edit(referring(named))


COMMENTED = """\
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /p0: {get: {responses: {'200': {description: ok}}}}
  /p1: {get: {responses: {'200': {description: ok}}}}
  /p2: {get: {responses: {'200': {description: ok}}}}
  /p3: {get: {responses: {'200': {description: ok}}}}
  /p4: {get: {responses: {'200': {description: ok}}}}
  /a:
    get:
      x-like:
        $ref: # the one that this is modelled on, of which more is said in a longer comment than anybody looks through
          '#/paths/~1TARGET/get/responses'
      summary: one
      responses:
        '200': {description: ok}
"""


def test_a_reference_in_an_extension_is_found_however_far_its_value_stands_from_its_key(tmp_path: Path) -> None:
    editing = Editing(tmp_path, COMMENTED.replace("TARGET", "a"), "yaml")
    editing.edit(COMMENTED.replace("TARGET", "p3"))  # which is not in the excerpt
    assert editing.by_excerpt == 0
    editing = Editing(tmp_path, COMMENTED.replace("TARGET", "new"), "yaml")
    editing.edit(COMMENTED.replace("TARGET", "new") + "  /new: {get: {responses: {'200': {description: new}}}}\n")
    assert editing.by_excerpt == 0


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("SUBSCRIBE /new", {"get": {"responses": {"200": {"description": "ok"}}}}),
        ("/new", {"summary": "soon to come"}),
        ("getNew", {"get": {"operationId": "getNew", "responses": {"200": {"description": "ok"}}}}),
    ],
)
def test_an_extension_is_about_a_path_however_it_names_it_and_whatever_stands_there(
    tmp_path: Path, name: str, member: dict[str, Any]
) -> None:
    named: dict[tuple[str, ...], Any] = {("x-nav", "first"): name}
    for number in range(6):
        named["paths", f"/p{number}"] = {"get": {"responses": {"200": {"description": "ok"}}}}
    editing = Editing(tmp_path, referring(named))
    assert editing.members is not None
    assert not editing.members.left_out
    editing.edit(referring({**named, ("paths", "/new"): member}))
    assert editing.by_excerpt == 0
    editing.edit(referring(named))
    assert editing.by_excerpt == 0
