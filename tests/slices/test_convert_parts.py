"""Documents converted whole while they are sliced: every slice is one of the target's version, or says what forbids it.

Single rules have their cases in `tests/cases/convert-*`; the conversion of values has its tests in `tests/openapi`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from oas_tasks import formats
from oas_tasks.document.document import parse_document
from oas_tasks.document.files import Sources
from oas_tasks.formats import Value
from oas_tasks.openapi.validation import second_opinion
from oas_tasks.plan.cut_document import cut_and_plan
from oas_tasks.settings import load_settings
from oas_tasks.slices.assemble import Draft, FilledPart
from oas_tasks.slices.slicer import Slicer
from tests.conftest import DOCUMENTS, HISTORY, SAMPLE, SPECS, Repository, spec
from tests.in_process import slices_of
from tests.slices.test_slicer_faults_are_caught import SABOTAGES, Path_, changed, drafts, is_wrong, places, verdict_on

VERSIONS = ["3.0.x", "3.1.x", "3.2.x"]
each_version = pytest.mark.parametrize("version", VERSIONS)

#: What forbids a slice of 3.0, of these documents.
NO_WEBHOOKS = "this is a webhook, and OpenAPI 3.0 has none"

#: Every how manieth slice the other validator looks at, which takes it up to seconds; all of them are made.
STEPS = {
    "github.json": 20,
    "stripe.yaml": 60,
    "openai.yaml": 10,
    "digitalocean/DigitalOcean-public.v2.yaml": 20,
    **dict.fromkeys(HISTORY, 40),
}


def slicer_of(file: Path, version: str, **settings: object) -> Slicer:
    (found,) = load_settings(file.parent, {"spec": str(file), "webhooks": True, "output_version": version, **settings})
    document = parse_document(file.read_bytes(), file.name)
    return Slicer(cut_and_plan(document, Sources(file, file.name, document.root), found), found)


@each_version
@pytest.mark.parametrize("file", [SAMPLE, SPECS / "museum.yaml"], ids=["sample", "museum"])
def test_a_document_is_sliced_in_each_version(file: Path, version: str) -> None:
    if not file.exists():
        pytest.skip("museum.yaml is not here")
    made = slices_of(file, webhooks=True, output_version=version)
    for each in made.values():
        if each.content is None:
            assert version == "3.0.x"
            assert NO_WEBHOOKS in each.reason
        else:
            value = formats.read(each.content, "slice.yaml")
            assert isinstance(value, dict)
            assert str(value["openapi"]).startswith(version[:4])
    assert sum(each.content is not None for each in made.values()) > len(made) / 2


@pytest.mark.parametrize("version", ["3.1.x", "auto"])
def test_a_document_in_the_version_that_is_asked_for_is_not_converted(version: str) -> None:
    slicer = slicer_of(SAMPLE, version)
    assert slicer.conversion is None
    assert all(made.value is made.written for made, _ in drafts(slicer))


def test_the_plan_tells_the_version_of_the_slices() -> None:
    assert slicer_of(SAMPLE, "3.0.x").plan.family == "3.0"


TREES = """\
openapi: 3.1.1
info: {title: T, version: '1'}
paths:
"""
TREE = """\
  /%s:
    get:
      responses: {'200': {description: ok, content: {a/json: {schema: {$ref: '%s.yaml'}}}}}
"""


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_a_dynamic_reference_is_ambiguous_only_where_the_other_anchor_is_in_the_slice(
    repository: Repository, order: tuple[str, str]
) -> None:
    repository.write("one.yaml", "{$dynamicAnchor: n, type: array, items: {$dynamicRef: '#n'}}")
    repository.write("two.yaml", "{$dynamicAnchor: n, type: object}")
    repository.write("both.yaml", "{allOf: [{$ref: one.yaml}, {$ref: two.yaml}]}")
    alone = repository.write("api.yaml", TREES + TREE % ("one", "one"))
    content = slices_of(alone, output_version="3.0.x")["one_GET.yaml"].content
    entry = repository.write("api.yaml", TREES + "".join(TREE % (name, name) for name in (*order, "both")))
    made = slices_of(entry, output_version="3.0.x")
    assert (made["one_GET.yaml"].warnings, made["one_GET.yaml"].content) == ((), content)
    assert list(map(str, made["both_GET.yaml"].warnings)) == [
        "one.yaml#/items/$dynamicRef: '$dynamicRef' cannot be followed in 3.0; dropped"
    ]


@pytest.mark.slow
@each_version
@pytest.mark.parametrize("name", [*DOCUMENTS, *HISTORY])
def test_another_validator_accepts_the_converted_slices_of_real_documents(name: str, version: str) -> None:
    slicer = slicer_of(spec(name), version)
    before = slicer_of(spec(name), "auto")
    for number, endpoint in enumerate(slicer.plan.endpoints):
        made = slicer.make(endpoint.path, endpoint.method)
        if made.content is not None:
            if number % STEPS.get(name, 1) == 0:
                value = formats.read(made.content, "slice.yaml")
                assert isinstance(value, dict)
                assert second_opinion.faults(slicer.plan.family, value) == [], endpoint  # type: ignore[arg-type]  # it is one
        elif NO_WEBHOOKS not in made.reason:
            own = before.make(endpoint.path, endpoint.method)
            assert own.reason, made.reason  # the document's own fault


# --- faults of the conversion, simulated ------------------------------------------------------------------------------


def spoilt(made: Draft, at: Path_, sabotage: Callable[[Value, str | int], Value]) -> Draft:
    """Return a slice in which one place was converted wrongly."""
    value = changed(made.value, at, sabotage)
    assert isinstance(value, dict)
    components = value.get("components")
    members: dict[str, list[FilledPart]] = {}
    for kind, listed in made.components.items():
        for member in listed:
            found = components[kind][member.name]  # type: ignore[call-overload, index]  # as in the draft
            members.setdefault(kind, []).append(
                member if found is member.value else member._replace(value=found, fills=(*member.fills, str(at)))
            )
    tags = value.get("tags")
    assert isinstance(tags, list) or not made.tags
    told = [member._replace(value=tag) for member, tag in zip(made.tags, tags or (), strict=True)]  # type: ignore[arg-type]
    security = made.security and made.security._replace(value=value["security"])
    return made._replace(value=value, components=members, tags=told, security=security)


@pytest.mark.parametrize("version", ["3.0.x", "3.2.x"])
def test_whatever_a_conversion_does_wrongly_to_a_piece_is_found(version: str) -> None:
    slicer = slicer_of(SAMPLE, version)
    lot = random.Random(version)
    every = [(made, own) for made, own in drafts(slicer) if not verdict_on(slicer, made, own)]
    for _ in range(150):
        made, own = lot.choice(every)
        at = lot.choice([at for at in places(made.value) if is_inside_of_a_piece(at)])
        sabotage = lot.choice(SABOTAGES)
        if is_wrong(at, sabotage):
            assert verdict_on(slicer, spoilt(made, at, sabotage), own), (own.path, own.method, at, sabotage)


def is_inside_of_a_piece(at: Path_) -> bool:
    return len(at) > {"components": 3, "tags": 2, "paths": 2, "webhooks": 2}.get(str(at[0]), 1)


# --- as a command -----------------------------------------------------------------------------------------------------


def test_a_dry_run_tells_what_would_be_lost(repository: Repository) -> None:
    case = Path(__file__).parents[1] / "cases" / "convert-losses-3.1-to-3.0" / "input.yaml"
    repository.write("api.yaml", case.read_bytes())
    done = repository.slice_oas("--input", "api.yaml", "--output-version", "3.0.x", "--dry-run")
    assert (
        "api.yaml#/components/schemas/Names/propertyNames: 'propertyNames' cannot be said in 3.0; dropped" in done.text
    )
    assert not repository.slices.exists()


def test_one_endpoint_that_would_lose_something_is_counted_as_failed(repository: Repository) -> None:
    case = Path(__file__).parents[1] / "cases" / "convert-losses-3.1-to-3.0" / "input.yaml"
    repository.write("api.yaml", case.read_bytes())
    command = ("--input", "api.yaml", "--path", "/a", "--method", "GET", "--output-version", "3.0.x", "--strict")
    what = "'summary' of 'info' does not exist in 3.0, and 'strict' lets nothing be lost"
    fault = f"  api.yaml:2:27  {what}\n"
    for _ in range(2):
        done = repository.slice_oas(*command)
        assert done.code == 1
        assert "0 made, 0 unchanged, 0 removed, 1 failed; 0.0% passed" in done.out
        assert fault in done.out
        assert (
            "    GET /a\nFix the errors above and run the command again; only this endpoint is rebuilt.\n" in done.out
        )
        assert done.text.count(fault) == 1


def test_an_edit_is_planned_from_the_whole_document_where_slices_are_converted(repository: Repository) -> None:
    case = (Path(__file__).parents[1] / "cases" / "convert-losses-3.1-to-3.0" / "input.yaml").read_text()
    repository.write("api.yaml", case)
    command = ("--input", "api.yaml", "--output-dir", "slices", "--batch", "--output-version", "3.0.x")
    assert repository.slice_oas(*command).code == 0
    repository.write("api.yaml", case.replace("type: object", "type: [object, 'null']"))
    assert repository.slice_oas(*command).code == 0
    after = repository.files()
    assert b"nullable: true" in after["a_GET.yaml"]
    assert {row["output_oas_version"] for row in repository.rows()} == {"3.0.x"}


def test_the_index_counts_the_schemas_that_a_slice_has_after_the_conversion(repository: Repository) -> None:
    case = Path(__file__).parents[1] / "cases" / "convert-losses-3.1-to-3.0" / "input.yaml"
    repository.write("api.yaml", case.read_bytes())
    counts: dict[tuple[str, str], int] = {}
    for version in ("auto", "3.0.x"):
        repository.configure(spec="api.yaml", output_version=version)
        assert repository.doit().code == 0
        for row in repository.rows():
            components = yaml.safe_load((repository.slices / row["filename"]).read_text()).get("components", {})
            counts[version, row["path"]] = len(components.get("schemas", {}))
            assert row["schema_count"] == str(counts[version, row["path"]])
    assert counts == {("auto", "/a"): 2, ("3.0.x", "/a"): 1, ("auto", "/b"): 0, ("3.0.x", "/b"): 0}
    assert repository.slice_oas("check").code == 0
