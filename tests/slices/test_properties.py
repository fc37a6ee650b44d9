"""Whatever a valid document looks like, its slices mean what it means, hold nothing else, and point nowhere else.

The documents are drawn from the object model's tables, the judge is the oracle. `OAS_TASKS_THOROUGH=1` tries more.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from oas_tasks.openapi.model import FAMILIES, Family
from oas_tasks.slices.slice_result import Slice
from tests.conftest import THOROUGH
from tests.in_process import slices_of
from tests.oracle import Comparison, dangling, folder, unreached
from tests.random_documents import Drawn, documents

quickly_or_thoroughly = settings(
    max_examples=3000 if THOROUGH else 25,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def write(drawn: Drawn, place: Path) -> None:
    """Write the files of a document below a folder."""
    for name, value in drawn.files.items():
        file = place / (name or "api.json")
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(value), encoding="utf-8")


def complaints(drawn: Drawn, place: Path) -> list[str]:
    """Return what is wrong with the slices of a document, which is written below a folder."""
    write(drawn, place)
    source = json.loads((place / "api.json").read_text(encoding="utf-8"))
    comparison = Comparison(source, folder(place), ordered=True, base="api.json")
    found: list[str] = []
    made = slices_of(place / "api.json", format="json")
    endpoints = [(each.endpoint.path, each.endpoint.method) for each in made.values()]
    if endpoints != comparison.operations():
        found.append(f"the endpoints are {endpoints}")
    for each in made.values():
        name = f"{each.endpoint.method} {each.endpoint.path}"
        if each.content is None:
            found.append(f"{name} failed: {each.reason}")
            continue
        sliced = json.loads(each.content)
        difference = comparison.difference(sliced, each.endpoint.path, each.endpoint.method)
        found += [f"{name} differs: {difference}"] if difference else []
        found += [f"{name} holds {what} for nothing" for what in unreached(sliced)]
        found += [f"{name} dangles: {what}" for what in dangling(sliced)]
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_slices_of_any_document_mean_the_same_and_are_whole_and_bare(family: Family) -> None:
    @quickly_or_thoroughly
    @given(documents(family))
    def hold(drawn: Drawn) -> None:
        with tempfile.TemporaryDirectory() as place:
            found = complaints(drawn, Path(place))
        shown = {name or "api.json": value for name, value in drawn.files.items()}
        assert found == [], json.dumps(shown, indent=1)

    hold()


#: What keeps a slice of a random document from another version.
FORBIDDING = (
    "does not exist before 3.2",
    # The official schemas of 3.1 and 3.2 want texts for the parameters of Links, though the specification does not.
    "this must be a string",
    # A Media Type that is put in place twice takes its anchors along.
    "may mean several schemas",
    # Before 3.2 a Media Type has to be put in place, which one that comes back to itself cannot be.
    "contains itself",
)


@pytest.mark.parametrize("family", FAMILIES)
def test_slices_of_any_document_in_other_versions_are_whole_and_bare(family: Family) -> None:
    @settings(quickly_or_thoroughly, max_examples=1000 if THOROUGH else 10)
    @given(documents(family))
    def hold(drawn: Drawn) -> None:
        found: list[str] = []
        with tempfile.TemporaryDirectory() as place:
            write(drawn, Path(place))
            for target in FAMILIES:
                if target != family:
                    made = slices_of(Path(place) / "api.json", format="json", output_version=f"{target}.x")
                    found += [f"to {target}: {each}" for one in made.values() for each in faults_of(one)]
        shown = {name or "api.json": value for name, value in drawn.files.items()}
        assert found == [], json.dumps(shown, indent=1)

    hold()


def faults_of(made: Slice) -> list[str]:
    """Return what is wrong with a converted slice, as far as that can be told without the document."""
    if made.content is None:
        return [] if any(words in made.reason for words in FORBIDDING) else [made.reason]
    sliced = json.loads(made.content)
    return [*unreached(sliced), *dangling(sliced)]
