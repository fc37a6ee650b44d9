"""A plan made of what is remembered is the plan of the document as it is, and so are the slices.

Documents are edited at random, one edit after the other, so that facts build upon facts that were remembered.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from oas_tasks.document.document import load_document
from oas_tasks.document.files import Sources
from oas_tasks.errors import UserError
from oas_tasks.openapi.model import FAMILIES, Family
from oas_tasks.parts.facts import PartFact, decoded_facts, known_members
from oas_tasks.plan.cut_document import cut_and_plan
from oas_tasks.plan.digests import digests_of
from oas_tasks.plan.kept_rows import EarlierPlan
from oas_tasks.settings import Settings, load_settings
from oas_tasks.slices.slicer import Slicer
from tests.conftest import SAMPLE, SHARED, THOROUGH, spec
from tests.formats.writing import yaml_document
from tests.oracle import parse
from tests.random_documents import Drawn, documents
from tests.random_edits import edited, retargeted

SCHEMA = "#/components/schemas/"


class Editing:
    """A document under change, planned again and again.

    recalled: how many parts were remembered, of `parts` in all.
    """

    def __init__(self, folder: Path, document: dict[str, Any] | str, form: str = "json", **options: Any) -> None:
        self.file = folder / f"api.{form}"
        self.settings: Settings = load_settings(folder, {"spec": str(self.file), **options})[0]
        self.document: dict[str, Any] = {}
        self.blob: bytes | None = None
        self.earlier: EarlierPlan | None = None
        self.slicer: Slicer
        self.recalled = self.parts = 0
        self.edit(document)

    def write(self, document: dict[str, Any] | str) -> bytes:
        if isinstance(document, str):
            content = document.encode()
        elif self.file.suffix == ".yaml":
            content = yaml_document(document).encode()
        else:
            content = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
        self.file.write_bytes(content)
        return content

    def planned(self, content: bytes, blob: bytes | None) -> Slicer:
        facts = decoded_facts(blob)
        document = load_document(content, str(self.file), known_members(facts))
        sources = Sources(self.file, str(self.file), document.root, self.settings.allow_outside)
        earlier = None if facts is None else self.earlier
        return Slicer(cut_and_plan(document, sources, self.settings, facts, earlier), self.settings)

    def edit(self, document: dict[str, Any] | str, makes: bool = True) -> None:
        """Plan a changed document with what is remembered and with nothing, and compare."""
        content = self.write(document)
        try:
            clean = self.planned(content, None)
        except UserError as error:
            with pytest.raises(type(error)) as told:
                self.planned(content, self.blob)
            assert str(told.value) == str(error)
            return
        self.document = document if isinstance(document, dict) else {}
        again = self.planned(content, self.blob)
        assert again.plan == clean.plan
        assert again.dependencies == clean.dependencies
        assert digests_of(again.parts, again.plan, self.settings) == digests_of(clean.parts, clean.plan, self.settings)
        assert {file.path: file.digest for file in again.sources.files()} == {
            file.path: file.digest for file in clean.sources.files()
        }
        self.blob, remembered = (
            again.cut.memory.encoded(again.parts.shared),
            clean.cut.memory.encoded(clean.parts.shared),
        )
        self.earlier = EarlierPlan(again.plan, again.dependencies)
        self.recalled = len(again.cut.memory._kept["parts"])
        self.parts = len(again.parts.shared) + len(again.parts.endpoints)
        assert (self.blob is None) == (remembered is None)
        few = [each.key for each in clean.plan.endpoints[1::3]]
        again.expect(few)  # and all others are made behind them
        for endpoint in sorted(clean.plan.endpoints, key=lambda each: each.key not in few) if makes else ():
            ours, theirs = again.make(endpoint.path, endpoint.method), clean.make(endpoint.path, endpoint.method)
            assert ours == theirs
        self.slicer = again


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
            for _ in range(25 if THOROUGH else 6):
                editing.edit(edited(editing.document, lot, 0.5))
                used += editing.recalled
                if lot.random() < 0.1:
                    editing.edit(document)  # all at once, and back to what is right
    assert used > 20


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("box.json", "auto"),
        *(
            pytest.param(name, version, marks=pytest.mark.slow)
            for name in ("discord.json", "box.json")
            for version in ("auto", "3.0.x", "3.1.x", "3.2.x")
            if (name, version) != ("box.json", "auto")
        ),
    ],
)
def test_real_documents(tmp_path: Path, name: str, version: str) -> None:
    document = json.loads(spec(name).read_bytes())
    lot = Random(name)
    editing = Editing(tmp_path, document, output_version=version)
    for _ in range(4 if THOROUGH else 2):
        editing.edit(edited(editing.document, lot, 0.2), makes=False)
    assert editing.recalled > editing.parts / 2


@pytest.mark.slow
def test_github(tmp_path: Path) -> None:
    document = json.loads(spec("github.json").read_bytes())
    editing = Editing(tmp_path, document, "json", tags=["repos"], format="json")
    lot = Random(5)
    for _ in range(3):
        editing.edit(retargeted(editing.document, lot))
    assert editing.recalled > editing.parts * 0.9


@pytest.mark.slow
def test_a_real_history(tmp_path: Path) -> None:
    spec("discord.json")
    versions = [json.loads(file.read_bytes()) for file in sorted((SHARED / "specs/history/discord").glob("*.json"))]
    editing = Editing(tmp_path, versions[0])
    for version in versions[1:]:
        editing.edit(version, makes=False)


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
def test_a_component_that_was_missed_comes(tmp_path: Path, awaiting: dict[str, Any], form: str) -> None:
    document = copy.deepcopy(SMALL)
    schemas = document["components"]["schemas"]
    del schemas["B"]
    schemas["A"] = awaiting
    editing = Editing(tmp_path, document, form)
    assert [len(closure) for closure in editing.slicer.dependencies.closures] == [1, 0]
    document = copy.deepcopy(document)
    document["components"]["schemas"]["B"] = {"type": "string"}
    editing.edit(document)
    assert editing.slicer.dependencies.closures[0] == (0, 3)


#: References to New_1 and discriminators that are written oddly.
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
    with_text = SMALL_YAML.replace("A: {}", f"A:\n      {text}")
    editing = Editing(tmp_path, SMALL_YAML if is_new else with_text, "yaml")
    editing.edit(f"{with_text}    New_1: {{}}\n    Child: {{allOf: [{{$ref: '#/components/schemas/A'}}]}}\n")


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


def test_files_that_are_called_otherwise_since_there_are_others(tmp_path: Path) -> None:
    editing = small(tmp_path)
    document = copy.deepcopy(editing.document)
    document["paths"]["/a/b"] = {"get": {"responses": {"default": {"description": ""}}}}
    editing.edit(document)
    assert all("~" in e.file for e in editing.slicer.plan.endpoints if e.path != "/c")
    document = copy.deepcopy(document)
    del document["paths"]["/a/b"]
    editing.edit(document)
    assert [e.file for e in editing.slicer.plan.endpoints] == ["a-b_GET.yaml", "c_GET.yaml"]
    document = copy.deepcopy(document)
    document["paths"]["/c"]["post"] = document["paths"]["/c"]["get"]
    editing.edit(document)
    assert [e.file for e in editing.slicer.plan.endpoints] == ["a-b_GET.yaml", "c_GET.yaml", "c_POST.yaml"]


def test_endpoints_that_are_not_sliced_count_for_the_names_of_files(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    document["paths"]["/a/b"] = {"post": {"responses": {"default": {"description": ""}}}}
    document["paths"]["/a-b"]["get"]["tags"] = ["t"]
    editing = Editing(tmp_path, document, tags=["t"])
    document = copy.deepcopy(document)
    document["paths"]["/a/b"]["get"] = document["paths"]["/a/b"]["post"]
    editing.edit(document)
    assert "~" in editing.slicer.plan.endpoints[0].file


def test_a_webhook_is_no_path(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    document["webhooks"] = {"/c": {"get": {"responses": {"default": {"description": ""}}}}}
    editing = Editing(tmp_path, document)
    document = copy.deepcopy(document)
    document["webhooks"]["/c"]["get"]["summary"] = "other"
    document["webhooks"]["w"] = {}
    editing.edit(document)
    assert [e.path for e in editing.slicer.plan.endpoints] == ["/a-b", "/c"]


def test_webhooks_that_are_sliced_come_and_go(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    document["webhooks"] = {"w": {"post": {"responses": {"default": {"description": ""}}}}}
    document = {name: document[name] for name in ("openapi", "info", "webhooks", "paths", "components")}
    editing = Editing(tmp_path, document, webhooks=True)
    document = copy.deepcopy(document)
    document["webhooks"]["v"] = document["webhooks"]["w"]
    editing.edit(document)
    assert [e.path for e in editing.slicer.plan.endpoints] == ["/a-b", "/c", "w", "v"]


@pytest.mark.parametrize("family", FAMILIES)
def test_any_document(tmp_path: Path, family: Family) -> None:
    @settings(max_examples=25 if THOROUGH else 8)
    @given(documents(family))
    def hold(drawn: Drawn) -> None:
        document = drawn.files[""]
        for name, value in drawn.files.items():
            if name:
                (tmp_path / name).parent.mkdir(exist_ok=True)
                (tmp_path / name).write_text(json.dumps(value))
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
    "edits",
    [
        {(*SCHEMAS, "B"): {"type": "string"}},
        {(*SCHEMAS, "More"): {"type": "string"}},
        {("paths", "/c"): {"get": {"responses": {}}}},  # has what every slice has of the root
        {(*OPERATION, "x-note"): {"$ref": f"{SCHEMA}C"}},
        {(*OPERATION, "x-note"): {"$ref": f"{SCHEMA}None"}},
        {(*OPERATION, "x-note"): {"$ref": "#/components/x-policies/basic"}},
        {(*OPERATION, "x-note"): {"$ref": "#/paths/~1a/get/x-note"}},
        {(*OPERATION, "x-note"): {"$ref": "#/x-nav"}},
        {(*OPERATION, "x-note"): {"$ref": "absent.md"}},
        {(*OPERATION, "responses"): {"200": {"$ref": "#/components/responses/R/x-in"}}},
        {(*OPERATION, "operationId"): "getNone"},
        {(*OPERATION, "operationId"): "getOther"},
        {("paths", "/getNone"): {"get": {"operationId": "getNone", "responses": {}}}},
    ],
)
def test_references_in_extensions_and_root_extensions_that_may_be_about_others(
    tmp_path: Path, edits: dict[tuple[str, ...], Any], form: str
) -> None:
    """There, and back again."""
    editing = Editing(tmp_path, referring({}), form)
    editing.edit(referring(edits))
    editing.edit(referring({}))
    editing.edit(referring({**edits, (*SCHEMAS, "C"): {"title": "C"}}))
    editing.edit(referring({(*SCHEMAS, "C"): {"title": "D"}}))


def test_an_extension_may_await_a_component(tmp_path: Path) -> None:
    """A reference to nothing is data, and no longer so when the component comes."""
    editing = Editing(tmp_path, referring({(*SCHEMAS, "B"): None}))
    assert [len(closure) for closure in editing.slicer.dependencies.closures] == [4, 3]
    editing.edit(referring({}))
    assert [len(closure) for closure in editing.slicer.dependencies.closures] == [5, 3]


def test_the_last_other_endpoint_goes_and_comes_back(tmp_path: Path) -> None:
    """What names the endpoint that is left is about no others."""
    named: dict[tuple[str, ...], Any] = {("x-nav", "first"): "getA"}
    editing = Editing(tmp_path, referring(named))
    assert list(editing.slicer.cut.extensions.left_out) == ["x-nav"]
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
    editing.edit(COMMENTED.replace("TARGET", "p3"))
    editing = Editing(tmp_path, COMMENTED.replace("TARGET", "new"), "yaml")
    editing.edit(COMMENTED.replace("TARGET", "new") + "  /new: {get: {responses: {'200': {description: new}}}}\n")


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
    assert not editing.slicer.cut.extensions.left_out
    editing.edit(referring({**named, ("paths", "/new"): member}))
    editing.edit(referring(named))


LINKING: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/a": {
            "get": {
                "operationId": "a",
                "responses": {"200": {"description": "", "links": {"l": {"operationId": "a"}}}},
            }
        }
    },
}


@pytest.mark.parametrize(
    "planted",
    [
        ["no such kind", ["paths"]],
        ["link by id", "paths", ["/a", "GET"], "a"],
        ["link by id", ["paths"], ["/a"], "a"],
        ["text", ["paths"], 5, "", ""],
        ["mapping", ["paths"], [["a", "b", "c", ["", 1]]]],
    ],
)
def test_facts_with_a_placeholder_that_is_none_are_not_used(tmp_path: Path, planted: list[Any]) -> None:
    editing = Editing(tmp_path, LINKING)
    assert editing.blob is not None
    facts = msgspec.msgpack.decode(editing.blob)
    at = PartFact.__struct_fields__.index("placeholders")
    (fact,) = [each for each in facts[-1].values() if each[at]]
    assert fact[at] == [
        ["link by id", ["/a", "get", "responses", "200", "links", "l", "operationId"], ["/a", "GET"], "a"]
    ]
    assert decoded_facts(msgspec.msgpack.encode(facts)) is not None
    fact[at] = [planted]
    assert decoded_facts(msgspec.msgpack.encode(facts)) is None
