"""A schema accepts the same instances before and after a conversion, and never fewer after a lossy one.

Tried with instances of random schemas and of those in real documents.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from random import Random
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from oas_tasks.formats import read
from oas_tasks.openapi.conversion import Surroundings, convert
from oas_tasks.openapi.model import Family, FieldType
from tests.conftest import SPECS, THOROUGH, slow_where_long, spec
from tests.openapi.conversion.instances import Instances
from tests.openapi.conversion.random_schemas import Schemas
from tests.openapi.conversion.verdicts import Verdicts
from tests.openapi.conversion.whole_documents import surroundings

SCHEMA = FieldType("Schema", "one", True)
ROUNDS = 12 if THOROUGH else 1
#: Documents of three schemas each.
GENERATED = 340 * ROUNDS if ROUNDS > 1 else 120


def converted(source: Family, target: Family, schemas: dict[str, Any]) -> tuple[dict[str, Any], Surroundings]:
    around = surroundings(source, target, {"components": {"schemas": schemas}})
    return {name: convert(source, target, SCHEMA, each, around).value for name, each in schemas.items()}, around


def assert_equal_meaning(
    before: Verdicts, after: Verdicts, around: Surroundings, name: str, instances: list[Any], told: Any
) -> None:
    for instance in instances:
        was, now = before.accepts(name, instance), after.accepts(name, instance)
        if name in around.loosened:
            assert now or not was, f"{name} came to reject {instance!r}: {told}"
        else:
            assert was == now, f"{name} accepted {instance!r}: {was}, now {now}: {told}"


@pytest.mark.parametrize(("source", "target"), [("3.0", "3.1"), ("3.0", "3.2"), ("3.1", "3.0"), ("3.2", "3.0")])
def test_random_schemas_mean_the_same(source: Family, target: Family) -> None:
    verdicts = {True: 0, False: 0}
    for seed in range(GENERATED):
        random = Random(f"{source}{seed}")
        schemas = Schemas(random, source).document()
        written = deepcopy(schemas)
        made, around = converted(source, target, schemas)
        assert schemas == written, "what is converted is not changed"
        before, after = Verdicts(source, schemas), Verdicts(target, made)
        for name, schema in schemas.items():
            instances = Instances(random, schemas).some(schema, 24)
            assert_equal_meaning(before, after, around, name, instances, (schemas, made))
            for instance in instances:
                verdicts[before.accepts(name, instance)] += 1
    assert min(verdicts.values()) > sum(verdicts.values()) / 5, "valid and invalid ones must both be tried"


def test_random_schemas_come_back_with_the_same_meaning() -> None:
    for seed in range(GENERATED):
        random = Random(f"back{seed}")
        schemas = Schemas(random, "3.0").document()
        made, there = converted("3.0", "3.1", schemas)
        back, around = converted("3.1", "3.0", made)
        assert not there.loosened
        assert not around.loosened
        before, after = Verdicts("3.0", schemas), Verdicts("3.0", back)
        for name, schema in schemas.items():
            told = (schemas, made, back)
            assert_equal_meaning(before, after, around, name, Instances(random, schemas).some(schema, 16), told)


def test_random_schemas_that_lose_nothing_come_back_with_the_same_meaning_from_30() -> None:
    for seed in range(GENERATED):
        random = Random(f"forth{seed}")
        schemas = Schemas(random, "3.1").document()
        made, loosened = converted("3.1", "3.0", schemas)
        back, around = converted("3.0", "3.1", made)
        assert not around.loosened
        before, after = Verdicts("3.1", schemas), Verdicts("3.1", back)
        for name, schema in schemas.items():
            told = (schemas, made, back)
            assert_equal_meaning(before, after, loosened, name, Instances(random, schemas).some(schema, 16), told)


@pytest.mark.parametrize("dead_siblings", [False, True])
def test_a_validator_for_30_reads_schemas_as_is_done_here(dead_siblings: bool) -> None:
    """Except for siblings of a `$ref`, which openapi-schema-validator 0.9.0 applies although 3.0 ignores them."""
    differences = 0
    for seed in range(40):
        random = Random(f"oracle{seed}")
        schemas = Schemas(random, "3.0", dead_siblings).document()
        contents = {"components": {"schemas": schemas}}
        registry: Any = Registry().with_resource("urn:d", DRAFT4.create_resource(contents))
        verdicts = Verdicts("3.0", schemas)
        for name, schema in schemas.items():
            validator = OAS30Validator({"$ref": f"urn:d#/components/schemas/{name}"}, registry=registry)
            for instance in Instances(random, schemas).some(schema, 8):
                differences += validator.is_valid(instance) != verdicts.accepts(name, instance)
    assert (differences > 0) == dead_siblings


@cache
def real_schemas(name: str) -> tuple[Family, dict[str, Any]]:
    document: Any = read((SPECS / name).read_bytes(), name)
    family: Family = "3.0" if document["openapi"].startswith("3.0") else "3.1"
    return family, document["components"]["schemas"]


def is_out_of_order(schema: Any) -> bool:
    """Whether a schema of 3.1 has a bound in the form of 3.0, which is not valid there (two in openai.yaml)."""
    if isinstance(schema, list):
        return any(map(is_out_of_order, schema))
    if not isinstance(schema, dict):
        return False
    return schema.get("exclusiveMinimum") is True or any(map(is_out_of_order, schema.values()))


REAL = ["github.json", "stripe.yaml", "box.json", "twilio.yaml", "discord.json", "openai.yaml", "museum.yaml"]


@pytest.mark.parametrize("document", slow_where_long(REAL))
def test_schemas_of_real_documents_mean_the_same(document: str) -> None:
    spec(document)
    family, schemas = real_schemas(document)
    if family == "3.1":
        schemas = {name: each for name, each in schemas.items() if not is_out_of_order(each)}
    while len(kept := {name: each for name, each in schemas.items() if not refers_outside(each, schemas)}) < len(
        schemas
    ):
        schemas = kept
    other: Family = "3.1" if family == "3.0" else "3.0"
    made, around = converted(family, other, schemas)
    back, back_around = converted(other, family, made)
    before, after, again = Verdicts(family, schemas), Verdicts(other, made), Verdicts(family, back)
    random = Random(document)
    names = list(schemas) if ROUNDS > 1 else random.sample(list(schemas), min(60, len(schemas)))
    for name in names:
        instances = Instances(random, schemas).some(schemas[name], 12 * ROUNDS)
        assert_equal_meaning(before, after, around, name, instances, (schemas[name], made[name]))
        assert not back_around.loosened or family == "3.1"
        assert_equal_meaning(before, again, around, name, instances, (schemas[name], back[name]))


def refers_outside(schema: Any, schemas: dict[str, Any]) -> bool:
    """Whether a reference leads to an object that was left out."""
    if isinstance(schema, list):
        return any(refers_outside(each, schemas) for each in schema)
    if not isinstance(schema, dict):
        return False
    target = schema.get("$ref")
    if isinstance(target, str) and target.rpartition("/")[2] not in schemas:
        return True
    return any(refers_outside(each, schemas) for each in schema.values())
