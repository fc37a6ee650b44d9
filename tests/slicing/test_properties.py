"""Whatever a valid document looks like, its slices mean what it means, hold nothing else, and point nowhere else.

The documents are drawn from the object model's tables, the judge is the oracle. `OAS_TASKS_THOROUGH=1` tries more.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from oas_tasks.openapi.model import FAMILIES, Family
from tests.in_process import slices_of
from tests.oracle import Comparison, dangling, folder, unreached
from tests.slicing.random_documents import Drawn, documents

quickly_or_thoroughly = settings(
    max_examples=3000 if os.environ.get("OAS_TASKS_THOROUGH") else 60,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def complaints(drawn: Drawn, place: Path) -> list[str]:
    """Return what is wrong with the slices of a document, which is written below a folder."""
    for name, value in drawn.files.items():
        file = place / (name or "api.json")
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(value), encoding="utf-8")
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
