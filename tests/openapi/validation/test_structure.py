"""The structural faults of a document found piece by piece are those of the whole document."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from oas_tasks.formats import Value, read
from oas_tasks.openapi.model import Family, model_of
from oas_tasks.openapi.validation.structure import dialect_of, is_valid, is_valid_component, skeleton
from tests.conftest import SAMPLE, SPECS

#: The values that a mutation inserts.
WRONG: list[Value] = [None, 7, "x", [], {}, {"$ref": "#/components/schemas/X"}, {"type": "strng"}, ["x", "x"], True]
#: Keys that occur in documents, and are added in other places.
KEYS = ["type", "$ref", "name", "in", "content", "schema", "schemas", "required", "x-y", "a b", "items", "paths", "é"]


def by_pieces(family: Family, document: dict[str, Value]) -> bool:
    """Return the verdict piece by piece: the skeleton, then each component on its own."""
    if not is_valid(family, skeleton(document)):
        return False
    components = document.get("components", {})
    assert isinstance(components, dict)
    return all(
        is_valid_component(family, dialect_of(family, document), kind, name, value)
        for kind, found in components.items()
        if isinstance(found, dict)
        for name, value in found.items()
    )


def containers(value: Value) -> Iterator[dict[str, Value] | list[Value]]:
    if isinstance(value, dict | list):
        yield value
        for each in value.values() if isinstance(value, dict) else value:
            yield from containers(each)


def mutate(document: dict[str, Value], dice: random.Random) -> None:
    """Change one place, in the components about as often as elsewhere."""
    components = document.get("components")
    chosen = [*containers(components if dice.random() < 0.5 and components else document)]
    container = dice.choice(chosen)
    if isinstance(container, list):
        if container and dice.random() < 0.7:
            container[dice.randrange(len(container))] = copied(dice.choice(WRONG))
        else:
            container.append(copied(dice.choice(WRONG)))
        return
    change = dice.random()
    if container and change < 0.3:
        del container[dice.choice([*container])]
    elif container and change < 0.7:
        container[dice.choice([*container])] = copied(dice.choice(WRONG))
    else:
        container[dice.choice(KEYS)] = copied(dice.choice(WRONG))


def copied(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    return [copied(each) for each in value] if isinstance(value, list) else value


DOCUMENTS = [SAMPLE, SPECS / "museum.yaml", *sorted((SPECS / "oai").glob("*.yaml"))]


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.stem)
def test_the_pieces_have_the_faults_of_the_whole(file: Path) -> None:
    if not file.exists():
        pytest.skip(f"{file.name} is not here")
    original = read(file.read_bytes(), file.name)
    assert isinstance(original, dict)
    family: Family = str(original["openapi"])[:3]  # type: ignore[assignment]
    assert model_of(family).family == family
    assert by_pieces(family, original) == is_valid(family, original)
    verdicts = set()
    for seed in range(150):
        dice = random.Random(seed)
        document = copied(original)
        assert isinstance(document, dict)
        for _ in range(dice.choice([1, 1, 2])):
            mutate(document, dice)
        verdict = is_valid(family, document)
        verdicts.add(verdict)
        assert by_pieces(family, document) == verdict, f"seed {seed}"
    assert verdicts == {True, False}


def test_a_dialect_of_its_own_counts_for_components() -> None:
    document: dict[str, Value] = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "jsonSchemaDialect": "https://example.com/my-dialect",
        "components": {"schemas": {"A": {"type": "strng"}}},
    }
    assert by_pieces("3.1", document)
    del document["jsonSchemaDialect"]
    assert not by_pieces("3.1", document)
