"""The worked examples in `cases`: one rule each, as a document and its expected slices.

A case is a folder: `input.yaml` and the files that it refers to, `settings.toml` where it needs any, in `expect` every
slice by its name, and `notes.md`, the rule and where it comes from. `expect/faults.toml` has the endpoints that get no
slice and the reason for each, `expect/warned.toml` those that get one with faults of the document, and these faults,
`expect/warnings.toml` all other warnings. Slices are compared as values with the order of their keys and the types of
their scalars. The oracle in `tests/oracle` judges both the expectations and the slices; for converted slices it can
only check that they are complete and contain nothing else.
"""

from __future__ import annotations

import json
import tomllib
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from oas_tasks.slices.slice_result import Slice
from tests.in_process import slices_of
from tests.oracle import Comparison, dangling, folder, from_json, parse, read, unreached

CASES = sorted(file.parent for file in (Path(__file__).parent / "cases").glob("*/input.yaml"))
each_case = pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])


def toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


@cache
def made(case: Path, form: str = "yaml") -> dict[str, Slice]:
    return slices_of(case / "input.yaml", format=form, **toml(case / "settings.toml"))


def texts(case: Path, form: str = "yaml") -> dict[str, str]:
    """Return the slices of a case by the stems of their names, without those that failed."""
    return {
        name.rpartition(".")[0]: each.content.decode()
        for name, each in made(case, form).items()
        if each.content is not None
    }


def exactly(value: Any) -> str:
    """Return a value as text that shows the order of its keys, and the types and digits of its scalars."""
    return json.dumps(value, indent=1, ensure_ascii=False, default=lambda exact: str(Fraction(exact)))


def rounded(value: Any) -> str:
    """Return the same text for a value whose decimal numbers have become floats."""
    return json.dumps(value, indent=1, ensure_ascii=False, default=float)


@each_case
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_case_gives_the_slices_that_its_rule_demands(case: Path, form: str) -> None:
    expected = {file.stem: exactly(read(file)) for file in (case / "expect").glob("*.yaml")}
    found = texts(case, form)
    assert found.keys() == expected.keys(), [each.reason for each in made(case, form).values() if each.reason]
    for name, text in found.items():
        value = parse(text) if form == "yaml" else from_json(text.replace(".json#", ".yaml#"))  # slices link to slices
        assert exactly(value) == expected[name], name


@each_case
def test_an_endpoint_without_a_slice_has_a_reason_and_losses_are_reported(case: Path) -> None:
    faults = {name: each.reason for name, each in made(case).items() if each.content is None}
    assert faults == toml(case / "expect" / "faults.toml")
    warned = {name: list(map(str, each.faults)) for name, each in made(case).items() if each.content and each.faults}
    assert warned == toml(case / "expect" / "warned.toml")
    warnings = {name: list(map(str, each.warnings)) for name, each in made(case).items() if each.warnings}
    expected = toml(case / "expect" / "warnings.toml")
    assert warnings.keys() == expected.keys()
    for name, sentences in warnings.items():
        assert len(sentences) == len(expected[name]), sentences
        for wanted in expected[name]:
            assert any(wanted in sentence for sentence in sentences), (wanted, sentences)


@each_case
def test_the_oracle_finds_every_slice_equal_to_the_source_whole_and_without_surplus(case: Path) -> None:
    dropped = toml(case / "settings.toml").get("drop_extensions", ())
    is_converted = "output_version" in toml(case / "settings.toml")
    source = {name: value for name, value in read(case / "input.yaml").items() if name not in dropped}
    comparison = Comparison(source, folder(case.parent), ordered=True, base=f"{case.name}/input.yaml")
    for stem, text in texts(case).items():
        endpoint = made(case)[f"{stem}.yaml"].endpoint
        sliced = parse(text)
        if "webhooks" in sliced:
            continue  # the oracle knows no webhooks as endpoints
        if not is_converted:
            assert comparison.difference(sliced, endpoint.path, endpoint.method) is None, stem
        assert unreached(sliced) == [], stem
        assert dangling(sliced) == [], stem


@each_case
def test_a_reader_of_yaml_1_1_reads_the_same(case: Path) -> None:
    for stem, text in texts(case).items():
        assert rounded(yaml.safe_load(text)) == rounded(parse(text)), stem


@each_case
def test_a_case_states_its_rule(case: Path) -> None:
    assert "SEMANTICS" in (case / "notes.md").read_text(encoding="utf-8")
