"""Faults of the slicer itself, simulated: whatever a slice loses, gains or changes, a phase of validation finds it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from oas_tasks.document.document import parse_document
from oas_tasks.document.files import Sources
from oas_tasks.formats import Value
from oas_tasks.parts.part import EndpointPart, Part
from oas_tasks.plan.cut_document import cut_and_plan
from oas_tasks.plan.moved_names import own_names
from oas_tasks.settings import load_settings
from oas_tasks.slices.assemble import Draft, FilledPart, draft
from oas_tasks.slices.fill import filling_of
from oas_tasks.slices.slicer import Slicer
from tests.conftest import SAMPLE, slow_where_long, spec

Path_ = tuple[str | int, ...]


def slicer_of(file: Path) -> Slicer:
    settings = load_settings(file.parent, {"spec": str(file), "webhooks": True})[0]
    document = parse_document(file.read_bytes(), file.name)
    return Slicer(cut_and_plan(document, Sources(file, file.name, document.root), settings), settings)


def drafts(slicer: Slicer) -> Iterator[tuple[Draft, EndpointPart]]:
    """Yield every slice before it is validated, as `Slicer.make` puts it together."""
    shared = list(slicer.parts.shared.values())
    files = {(e.path, e.method): e.file for e in slicer.plan.endpoints}
    for own, reached in zip(slicer.parts.endpoints, slicer.dependencies.closures, strict=True):
        closure = [shared[index] for index in reached]
        filling = filling_of(own, closure, files, slicer.parts.shared, own_names(shared), own_names(closure))
        yield (
            draft(slicer.parts, own, closure, filling, slicer.conversion),
            own,
        )


def places(value: Value, at: Path_ = ()) -> Iterator[Path_]:
    """Yield the place of everything below a value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*at, key)
        yield from places(member, (*at, key))


def changed(value: Value, at: Path_, change: Callable[[Value, str | int], Value]) -> Value:
    """Return a copy of a value in which the container of a place went through `change`."""
    copy: Value = dict(value) if isinstance(value, dict) else list(value)  # type: ignore[arg-type]
    if len(at) == 1:
        return change(copy, at[0])
    copy[at[0]] = changed(copy[at[0]], at[1:], change)  # type: ignore[index]
    return copy


def without(container: Value, key: str | int) -> Value:
    del container[key]  # type: ignore[arg-type, union-attr]
    return container


def altered(container: Value, key: str | int) -> Value:
    member = container[key]  # type: ignore[index]
    other: Value = member + "!" if isinstance(member, str) else not member if isinstance(member, bool) else "changed"
    container[key] = other  # type: ignore[index]
    return container


def renamed(container: Value, key: str | int) -> Value:
    assert isinstance(container, dict)
    return {f"{name}_" if name == key else name: member for name, member in container.items()}


def added(container: Value, key: str | int) -> Value:
    if isinstance(container, list):
        return [*container, container[int(key)]]
    assert isinstance(container, dict)
    return {**container, f"{key}_too": container[str(key)]}


SABOTAGES = [without, altered, renamed, added]


def sabotaged(made: Draft, at: Path_, sabotage: Callable[[Value, str | int], Value]) -> Draft:
    """Return a slice in which one place is wrong, as if it had been put together so."""
    value = changed(made.value, at, sabotage)
    assert isinstance(value, dict)
    components = value.get("components")
    members: dict[str, list[FilledPart]] = {}
    before = {(kind, member.name): member for kind, each in made.components.items() for member in each}
    for kind, found in components.items() if isinstance(components, dict) else ():
        for name, content in found.items() if isinstance(found, dict) else ():
            origin = before.get((kind, name)) or before.get((kind, name.removesuffix("_").removesuffix("_too")))
            if origin is None:  # a kind of component was renamed
                origin = next(iter(before.values()))
            members.setdefault(kind, []).append(replace_member(origin, name, content))
    tags = value.get("tags")
    part_tags = [
        as_is(made.tags[min(index, len(made.tags) - 1)], "", tag)
        for index, tag in enumerate(tags if isinstance(tags, list) else ())
    ]
    security = made.security and as_is(made.security, "", value.get("security", []))
    return made._replace(value=value, written=value, components=members, tags=part_tags, security=security)


def replace_member(origin: FilledPart, name: str, value: Value) -> FilledPart:
    # A slicer that does a part wrongly does it with fills of its own; nothing remembered of the right one applies.
    return as_is(origin, name, value)._replace(fills=(*origin.fills, f"{name} {id(value)}"))


def as_is(origin: FilledPart, name: str, value: Value) -> FilledPart:
    """Return a part as it is in a slice that has something else in its place, and is not converted."""
    return origin._replace(name=name, value=value, written=value)


def verdict_on(slicer: Slicer, made: Draft, own: EndpointPart) -> list[str]:
    return [fault.message for fault in slicer._verdicts.faults(made, own, slicer.parts.heading)]


def is_wrong(at: Path_, sabotage: object) -> bool:
    """Whether a sabotage makes the slice mean something else at all."""
    return not (sabotage is renamed and isinstance(at[-1], int))


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: str(sabotage.__name__))
def test_places_of_the_sample(sabotage: Callable[[Value, str | int], Value], step: int) -> None:
    """Every place; by default of each slice every fifth, and other ones of the next, which has much in common."""
    slicer = slicer_of(SAMPLE)
    for number, (made, own) in enumerate(drafts(slicer)):
        assert verdict_on(slicer, made, own) == []
        missed = [
            at
            for at in list(places(made.value))[number % step :: step]
            if is_wrong(at, sabotage) and not verdict_on(slicer, sabotaged(made, at, sabotage), own)
        ]
        assert missed == [], missed


@pytest.mark.parametrize(
    "name", slow_where_long(["github.json", "discord.json", "box.json", "digitalocean/DigitalOcean-public.v2.yaml"])
)
def test_places_of_real_documents_drawn_by_lot(name: str) -> None:
    slicer = slicer_of(spec(name))
    lot = random.Random(name)
    every = list(drafts(slicer))
    tried = 0
    while tried < 100:
        made, own = lot.choice(every)
        if verdict_on(slicer, made, own):
            continue  # the document's own fault
        at, sabotage = lot.choice(list(places(made.value))), lot.choice(SABOTAGES)
        if is_wrong(at, sabotage):
            tried += 1
            assert verdict_on(slicer, sabotaged(made, at, sabotage), own), (own.method, own.path, at, sabotage)


IMPLYING = """\
openapi: 3.0.3
info: {title: Implying, version: '1'}
security: [{key: []}]
tags: [{name: pets}]
paths:
  /pets:
    get:
      tags: [pets]
      operationId: listPets
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
          links: {again: {operationId: listPets}, other: {operationId: listMore}}
  /more:
    get:
      operationId: listMore
      responses: {'200': {description: ok}}
components:
  securitySchemes: {key: {type: http, scheme: basic}}
  schemas:
    Pet: {type: object, discriminator: {propertyName: kind}, properties: {kind: {type: string}}, required: [kind]}
    Dog: {allOf: [{$ref: '#/components/schemas/Pet'}]}
    Puppy: {allOf: [{$ref: '#/components/schemas/Dog'}]}
"""


@pytest.mark.parametrize(
    "overlooked, message",
    [
        ("components/schemas/", "'Dog' builds on 'Pet' and is not in the slice"),
        ("components/schemas/Puppy", "'Puppy' builds on 'Dog' and is not in the slice"),
        ("security", "the root's security is needed and not in the slice"),
        ("tags/0", "the declaration of the tag 'pets' is not in the slice"),
    ],
)
def test_what_no_reference_leads_to_is_missed_though_cutting_overlooked_it(
    overlooked: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "api.yaml").write_text(IMPLYING)
    slicer = slicer_of(tmp_path / "api.yaml")
    gone = {f"{overlooked}Dog", f"{overlooked}Puppy"} if overlooked.endswith("/") else {overlooked}

    def without_need(part: Part) -> Part:
        return replace(part, needs=tuple(need for need in part.needs if need not in gone))

    shared = {part_id: without_need(part) for part_id, part in slicer.parts.shared.items()}
    own = slicer.parts.endpoints[0]._replace(part=without_need(slicer.parts.endpoints[0].part))
    closure = [part for part_id, part in shared.items() if part_id not in gone]
    made = draft(slicer.parts, own, closure, filling_of(own, closure, {}, shared, frozenset(), frozenset()), None)
    assert message in verdict_on(slicer, made, own)


def test_a_component_too_many_is_not_the_documents_fault(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(IMPLYING)
    slicer = slicer_of(tmp_path / "api.yaml")
    made, own = next(drafts(slicer))
    too_many = sabotaged(made, ("components", "schemas", "Pet"), added)
    reasons = [
        slicer._places.fault(fault, too_many, own).message
        for fault in slicer._verdicts.faults(too_many, own, slicer.parts.heading)
    ]
    assert "nothing in the slice needs this component, which is a fault of oas-tasks; please report it" in reasons


def test_a_link_to_an_operation_outside_of_the_slice_is_found(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(IMPLYING)
    slicer = slicer_of(tmp_path / "api.yaml")
    made, own = next(drafts(slicer))
    assert verdict_on(slicer, made, own) == []
    assert "operationRef" in str(made.value["paths"])
    left = changed(
        made.value,
        ("paths", "/pets", "get", "responses", "200", "links", "other"),
        lambda links, name: {**links, name: {"operationId": "listMore"}},  # type: ignore[dict-item]
    )
    assert isinstance(left, dict)
    assert verdict_on(slicer, made._replace(value=left), own) == ["the link's operation 'listMore' is not in the slice"]
