"""The verdicts of `validate = fast` against openapi-spec-validator's, over documents with random faults."""

from __future__ import annotations

import re
import warnings
from functools import cache
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

import pytest

from oas_tasks.document.document import Document
from oas_tasks.document.files import Sources
from oas_tasks.errors import UserError
from oas_tasks.openapi.model import model_of
from oas_tasks.openapi.validation import second_opinion
from oas_tasks.plan.cut_document import cut_and_plan
from oas_tasks.plan.moved_names import own_names
from oas_tasks.settings import load_settings
from oas_tasks.slices.assemble import draft
from oas_tasks.slices.fill import filling_of
from oas_tasks.slices.slicer import Slicer
from tests.conftest import SAMPLE, SPECS, THOROUGH
from tests.openapi.mutations import mutation
from tests.oracle import parse

SPECIMENS = Path(__file__).parents[2] / "oracle" / "specimens"
DOCUMENTS = [
    SAMPLE,
    *sorted(SPECIMENS.glob("everything-*.yaml")),
    *(file for file in sorted((SPECS / "oai").glob("*.yaml")) if file.name != "webhook-example.yaml"),
    *SPECS.glob("museum.yaml"),
]

#: The versions with which the classes below were found. Others may differ in other ways.
FOUND_WITH = {
    "openapi-spec-validator": "0.9.0",
    "openapi-schema-validator": "0.9.0",
    "jsonschema": "4.26.0",
    "jsonschema-rs": "0.61.0",
}

#: Faults that only `fast` finds, by its reason, and why openapi-spec-validator does not.
BLIND = {
    r"is an? \w+, and an? \w+ is needed here": "it never looks at what kind of object a reference leads to",
    r"is referenced but not defined|there is no file|leads out of|are never fetched": (
        "it does not follow references in request bodies, headers, links, callbacks, component parameters and responses"
    ),
    r"the security scheme '.*' is not defined": "it does not look up security schemes",
    r"the discriminator's mapping names": "it does not look at discriminators",
    r"the default .* does not fit its own schema": "it does not walk all places where schemas stand",
    r"the operationId '.*' stands twice": "it looks at no operations in callbacks",
    r"this must be|may not stand here|is not one of|is missing|stands more than once": (
        "the schema that it uses for 3.1 and 3.2 does not look into Schema Objects, and its walk not into all of them"
    ),
}
#: Faults that only openapi-spec-validator finds, by its message, and why `fast` does not.
LENIENT = {
    r"does not match '": "dialects of regular expressions differ, so patterns are not applied to defaults",
    r"Unknown JSON Schema dialect": "what a dialect allows that nobody here knows is left to those who know it",
}
#: A document for each class, in order: the place that is changed in `PLAIN`, and the new value.
WITNESSES = [
    ("200: {description: ok}", "200: {$ref: '#/components/schemas/S'}"),
    ("description: ok", "description: ok, links: {L: {$ref: '#/components/links/Nope'}}"),
    ("responses:", "security: [{nope: []}], responses:"),
    ("type: string", "type: object, discriminator: {propertyName: a, mapping: {x: Nope}}"),
    ("description: ok", "description: ok, headers: {H: {schema: {type: string, default: 1}}}"),
    ("responses:", "operationId: o, callbacks: {c: {'{$url}': {post: {operationId: o}}}}, responses:"),
    ("description: ok", "description: ok, headers: {H: {schema: {type: strng}}}"),
    ("type: string", "type: string, pattern: '^a', default: b"),
    ("paths:", "jsonSchemaDialect: https://example.com/dialect\npaths:"),
]
PLAIN = """\
openapi: 3.2.0
info: {title: Plain, version: '1'}
paths:
  /a:
    get:
      {tags: [a], parameters: [{$ref: '#/components/parameters/P'}], responses: {200: {description: ok}}}
components:
  parameters: {P: {name: p, in: query, schema: {$ref: '#/components/schemas/S'}}}
  schemas: {S: {type: string}}
"""


def other_versions() -> str:
    """Return a message about packages of other versions than those with which the classes were found."""
    others = [f"{name} {version(name)}, not {known}" for name, known in FOUND_WITH.items() if version(name) != known]
    return f"the classes of this test were found with other versions; here is {', '.join(others)}" if others else ""


def slicer_of(document: dict[str, Any], file: Path) -> Slicer:
    settings = load_settings(file.parent, {"spec": str(file)})[0]
    made = Document(file.name, document, model_of(document["openapi"][:3]))
    return Slicer(cut_and_plan(made, Sources(file, file.name, document), settings), settings)


@cache
def bases() -> list[dict[str, Any]]:
    """Return valid documents of one endpoint each: the slices of documents without a warning."""
    found = []
    for file in DOCUMENTS:
        slicer = slicer_of(parse(file.read_text(encoding="utf-8")), file)
        for endpoint in slicer.plan.endpoints:
            made = slicer.make(endpoint.path, endpoint.method)
            if made.content is not None and not made.faults:
                found.append(parse(made.content.decode()))
    return found


def verdicts(document: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the faults that `fast` and openapi-spec-validator find in the slice of a document's only endpoint."""
    slicer = slicer_of(document, Path("api.yaml"))
    (own,) = slicer.parts.endpoints
    shared = list(slicer.parts.shared.values())
    closure = [shared[index] for index in slicer.dependencies.closures[0]]
    files = {(e.path, e.method): e.file for e in slicer.plan.endpoints}
    filling = filling_of(own, closure, files, slicer.parts.shared, own_names(shared), own_names(closure))
    made = draft(slicer.parts, own, closure, filling, None)
    fast = slicer._pointing_faults(own, slicer._reached(0)) or slicer._verdicts.faults(made, own, slicer.parts.heading)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        full = second_opinion.faults(slicer.document.model.family, made.value)
    return [fault.message for fault in fast], [fault.message for fault in full]


#: How many documents are tried for each seed.
TRIES = 1000 if THOROUGH else 40


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 12))])
def test_fast_and_full_agree_but_for_what_is_named_here(seed: int) -> None:
    rng = Random(seed)
    for _ in range(TRIES):
        made = mutation(rng.choice(bases()), rng)
        try:
            fast, full = verdicts(made.document)
        except (UserError, ValueError):
            continue  # there is no endpoint left, or nothing to slice
        if bool(fast) != bool(full):
            classes = BLIND if fast else LENIENT
            for message in fast or full:
                found = (made.kind, made.at, fast, full, other_versions())
                assert any(re.search(each, message) for each in classes), found


def test_plain_is_valid() -> None:
    assert verdicts(parse(PLAIN)) == ([], [])


@pytest.mark.parametrize(("described", "change"), list(zip([*BLIND, *LENIENT], WITNESSES, strict=True)))
def test_every_known_difference_still_exists(described: str, change: tuple[str, str]) -> None:
    """If not, a version has changed, and the class has to go: it could hide faults."""
    assert change[0] in PLAIN
    fast, full = verdicts(parse(PLAIN.replace(*change)))
    finds, blind = (fast, full) if described in BLIND else (full, fast)
    told = f"'{described}' is found by {'neither' if not finds else 'both'}. {other_versions()}"
    assert any(re.search(described, message) for message in finds), (told, finds)
    assert blind == [], told


def test_valid_documents_are_valid_for_both() -> None:
    assert len(bases()) > 30
    for document in bases():
        assert verdicts(document) == ([], []), other_versions()
