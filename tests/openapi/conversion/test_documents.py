"""Converts whole documents: the worked examples that need no slicer, and real documents."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from oas_tasks.formats import read
from oas_tasks.openapi.conversion import convert
from oas_tasks.openapi.model import Family, FieldType
from oas_tasks.openapi.pointer import MISSING, resolve
from oas_tasks.openapi.validation.structure import faults
from tests.conftest import SHARED, slow_where_long, spec
from tests.openapi.conversion.whole_documents import surroundings

ROOT = FieldType("OpenAPI", "one", False)
CASES = SHARED / "cases"
#: The other cases need a slicer to follow references.
PURE = ("101", "103", "104", "106", "120", "122", "124", "127", "132", "144")
REAL = ("github.json", "stripe.yaml", "discord.json", "openai.yaml", "box.json", "twilio.yaml", "museum.yaml")
#: Without openai.yaml: its schemas have discriminators and are converted to 3.0.
LARGEST = ("github.json", "stripe.yaml")
OAI = ("tictactoe.yaml", "webhook-example.yaml", "3.2-tags-example.yaml", "link-example.yaml", "callback-example.yaml")


@cache
def document(file: Path) -> tuple[Family, Any]:
    value: Any = read(file.read_bytes(), file.name)
    family: Any = value["openapi"][:3]
    return family, value


@pytest.mark.parametrize("number", PURE)
def test_a_worked_example_gives_the_expected_document(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = next(CASES.glob(f"{number}-*"), None)
    if folder is None:
        pytest.skip("the worked examples are not here")
    monkeypatch.syspath_prepend(str(CASES))
    monkeypatch.delitem(sys.modules, "compare", raising=False)
    import compare  # type: ignore[import-not-found]

    family, value = document(folder / "input.yaml")
    target: Any = document(folder / "expect.yaml")[1]["openapi"][:3]
    made: Any = convert(family, target, ROOT, value, surroundings(family, target, value)).value
    assert compare.compare(folder, made) is None


@pytest.mark.parametrize("target", ["3.0", "3.1", "3.2"])
@pytest.mark.parametrize("name", slow_where_long([*REAL, *(f"oai/{name}" for name in OAI)], LARGEST))
def test_a_real_document_has_the_structure_of_its_target(name: str, target: Family) -> None:
    family, value = document(spec(name))
    if family == target:
        assert convert(family, target, ROOT, value).value is value
        return
    made: Any = convert(family, target, ROOT, value, surroundings(family, target, value)).value
    known = {fault.tokens for fault in faults(family, value)}
    assert [fault for fault in faults(target, made) if fault.tokens not in known] == []


@pytest.mark.parametrize("target", ["3.0", "3.1"])
@pytest.mark.parametrize("name", slow_where_long([*REAL, *(f"oai/{name}" for name in OAI)], LARGEST))
def test_every_loss_of_a_real_document_is_reported_with_its_place(name: str, target: Family) -> None:
    family, value = document(spec(name))
    losses = convert(family, target, ROOT, value, surroundings(family, target, value)).losses
    assert [loss for loss in losses if resolve(value, loss.tokens) is MISSING] == []
    assert len({loss.tokens for loss in losses}) == len(losses)
    if name in REAL:
        assert not [loss for loss in losses if loss.kind == "impossible"]
