"""Every document at hand, sliced with `source_faults = "warn"`: only broken references cost a slice.

The oracle of `tests/oracle` follows the references of source and slice by itself and compares what they come to. Of
real documents the default run compares a sample of each, and more of the slices with faults.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from oas_tasks.openapi.model import Family
from oas_tasks.openapi.validation import second_opinion
from oas_tasks.slices.slice_result import Slice
from tests.conftest import DOCUMENTS, SPECS, slow_where_long, spec
from tests.in_process import slices_of
from tests.oracle import Comparison, dangling, folder, parse, read, unreached

OAI = [name for name in DOCUMENTS if name.startswith("oai/")]
CASES = sorted((Path(__file__).parent / "cases").glob("*/input.yaml"))

#: Texts of reasons that a reference leads nowhere, to an object of the wrong type, or to an unknown place.
NOWHERE = re.compile(
    r"is referenced but not defined|there is no file|no file can be called|is remote, and"
    r"|outside of the document's folder|cannot be read"
    r"|leads back to itself|the security scheme '.*' is not defined|which is no schema|is needed here"
    r"|may mean several schemas|is not in the slice"
)
#: Texts of reasons that there is no operation to slice.
NO_OPERATION = re.compile(r"a path item must be a mapping|may not stand here")

#: The real documents with faults, and the interval of slices without faults that the oracle compares. In all others the
#: setting makes no difference, so that `test_real_documents` covers them.
STEPS = {"openai.yaml": 24, "digitalocean/DigitalOcean-public.v2.yaml": 80}
#: By default one large document, in which almost all of these are, and the small ones.
REAL = [*slow_where_long(STEPS, {"digitalocean/DigitalOcean-public.v2.yaml"}), *OAI]
#: The interval of slices with faults that the oracle compares, and that of slices for the reference validator, which
#: takes a second for each.
FAULTY_STEPS = {"openai.yaml": 4}
DOUBTED_STEPS = {"openai.yaml": 30}


def settings_of(file: Path) -> dict[str, Any]:
    settings = file.with_name("settings.toml")
    return tomllib.loads(settings.read_text(encoding="utf-8")) if file in CASES and settings.exists() else {}


@cache
def made(file: Path) -> dict[str, Slice]:
    settings = {"source_faults": "warn", **settings_of(file)}
    if file.name == "webhook-example.yaml":  # it contains nothing else
        settings["webhooks"] = True
    return slices_of(file, **settings)


def costs_nothing_but_nowhere(file: Path) -> None:
    for name, each in made(file).items():
        if each.content is None:
            for fault in each.faults:
                assert NOWHERE.search(fault.message) or NO_OPERATION.search(fault.message), (name, str(fault))
            assert not each.is_tolerable
        assert not each.traceback


def means_the_same(file: Path, step: int, faulty_step: int = 1) -> None:
    dropped = settings_of(file).get("drop_extensions", ())
    source = {name: value for name, value in read(file).items() if name not in dropped}
    base = f"{file.parent.name}/{file.name}"  # a folder that is left and entered again is one folder
    comparison = Comparison(source, folder(file.parents[1]), ordered=True, base=base)
    sliced = [each for each in made(file).values() if each.content is not None]
    warned = [each for each in sliced if each.faults]
    for each in [*warned[::faulty_step], *[each for each in sliced if not each.faults][::step]]:
        assert each.content is not None
        value = parse(each.content.decode())
        if "webhooks" in value:
            continue  # the oracle knows no webhooks as endpoints
        endpoint = each.endpoint
        assert comparison.difference(value, endpoint.path, endpoint.method) is None, (endpoint.label, each.faults)
        assert unreached(value) == [], endpoint.label
        assert dangling(value) == [], endpoint.label


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.parent.name)
def test_in_a_worked_example_only_broken_references_cost_a_slice(file: Path) -> None:
    if "output_version" in settings_of(file):
        pytest.skip("what another version has nothing for costs a slice as well")
    costs_nothing_but_nowhere(file)
    means_the_same(file, 1)


@pytest.mark.parametrize("name", REAL)
def test_in_a_real_document_only_broken_references_cost_a_slice(name: str) -> None:
    costs_nothing_but_nowhere(spec(name))


@pytest.mark.parametrize("name", REAL)
def test_slices_of_a_real_document_mean_the_same_including_its_faults(name: str) -> None:
    means_the_same(spec(name), STEPS.get(name, 1), FAULTY_STEPS.get(name, 1))


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_slice_of_a_real_document_means_the_same(name: str) -> None:
    costs_nothing_but_nowhere(spec(name))
    means_the_same(spec(name), 1)


@pytest.mark.parametrize("name", REAL)
def test_the_reference_validator_finds_what_the_warning_of_a_slice_with_faults_names(name: str) -> None:
    names_what_the_reference_validator_finds(spec(name), DOUBTED_STEPS.get(name, 6))


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_reference_validator_finds_what_the_warning_of_any_slice_names(name: str) -> None:
    names_what_the_reference_validator_finds(spec(name), 1)


def names_what_the_reference_validator_finds(file: Path, step: int) -> None:
    """For a default, it reports the value without its place; other faults are at the same place or around it."""
    for each in [each for each in made(file).values() if each.content is not None and each.faults][::step]:
        assert each.content is not None
        value = parse(each.content.decode())
        family: Family = str(value["openapi"])[:3]  # type: ignore[assignment]
        places = [fault.pointer for fault in each.faults]
        for fault in second_opinion.faults(family, value):
            if not fault.tokens:
                assert any(place.endswith("/default") for place in places), (each.endpoint.label, fault)
            else:
                last = {place.rpartition("/")[2] for place in places}
                assert fault.tokens[-1] in last or "default" in last, (each.endpoint.label, fault)


def test_there_are_documents_to_try() -> None:
    assert CASES
    assert not SPECS.exists() or all((SPECS / name).exists() for name in DOCUMENTS)
