"""Real documents as a whole: every endpoint gets a valid slice with the same meaning and nothing else in it.

The oracle in `tests/oracle` judges them and, in a slow test, openapi-spec-validator with retrieval denied.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import DODO, SPECS, Repository, slow_where_long, spec
from tests.oracle import Comparison, dangling, folder, parse, read, unreached

#: Document and the number of its endpoints.
DOCUMENTS = {
    "github.json": 1223,
    "stripe.yaml": 468,
    "discord.json": 242,
    "openai.yaml": 288,
    "box.json": 296,
    "twilio.yaml": 197,
    "museum.yaml": 8,
    "digitalocean/DigitalOcean-public.v2.yaml": 659,
}
#: webhook-example.yaml has webhooks and no endpoints.
OAI = sorted(f"oai/{file.name}" for file in (SPECS / "oai").glob("*.yaml") if file.name != "webhook-example.yaml")

HISTORY = sorted(f"history/discord/{file.name}" for file in (SPECS / "history" / "discord").glob("*.json"))

#: Faults in the documents themselves, each checked by hand: the component, and its fault.
FAULTS: dict[str, dict[tuple[str, str], str]] = {
    "openai.yaml": {
        # Defaults that do not fit are advice, and cost no slice.
        ("schemas", "TranscriptionInclude"): "the default [] does not fit",
        ("schemas", "ChatCompletionStreamOptions"): "the default null does not fit",
        ("schemas", "ContainerResource"): '32652:9: "id" stands more than once in this list',
        # `$recursiveAnchor: true` is of draft 2019-09; the meta-schema of 2020-12 knows it as a string.
        ("schemas", "CompoundFilter"): "32289:25: this must be a string, and it is a boolean",
        ("schemas", "BetaCompoundFilter"): "75686:25: this must be a string, and it is a boolean",
        # `exclusiveMinimum: true` is of 3.0.
        ("schemas", "CreateFineTuningJobRequest"): "35081:37: this must be a number, and it is a boolean",
        ("schemas", "FineTuningJob"): "40337:37: this must be a number, and it is a boolean",
        ("schemas", "RealtimeSessionCreateRequestGA"): "the default null does not fit",
        ("schemas", "RealtimeTranscriptionSessionCreateRequest"): "the default null does not fit",
    }
}
#: The endpoints with faults in other files.
FAULTS_ELSEWHERE = {
    "digitalocean/DigitalOcean-public.v2.yaml": {
        (path, "POST"): "chat_completion_request.yml: the default null does not fit"
        for path in ("/v1/chat/completions", "/api/v1/chat/completions")
    }
}

#: The interval of slices that the oracle compares: one of Stripe's is as large as most documents.
STEPS = {"stripe.yaml": 24, "github.json": 4, "digitalocean/DigitalOcean-public.v2.yaml": 40, "openai.yaml": 6}
#: Slow builds that add little to the others: most documents in JSON, and large documents.
LONG_TO_BUILD = {
    *((name, "json") for name in DOCUMENTS if name not in ("discord.json", "museum.yaml")),
    *((name, "yaml") for name in ("github.json", "stripe.yaml", "openai.yaml", "box.json", "twilio.yaml")),
}

in_both_formats = pytest.mark.parametrize(
    ("name", "form"),
    [
        pytest.param(name, form, marks=[pytest.mark.slow] if (name, form) in LONG_TO_BUILD else [])
        for name in (*DOCUMENTS, *OAI)
        for form in ("yaml", "json")
    ],
)


class Built:
    """A document's slices in one format."""

    def __init__(self, name: str, form: str, folder: Path) -> None:
        self.repository = Repository(folder)
        self.repository.write("dodo.py", DODO)
        arguments = ("--input", str(spec(name)), "--output-dir", "slices", "--batch", "--concurrency", "2")
        self.done = self.repository.slice_oas(*arguments, "--format", form)
        self.rows = self.repository.rows()
        self.passed = [row for row in self.rows if row["validation_status"] == "PASS"]
        self.failed = {
            (row["path"], row["method"]): row["failure_reason"] for row in self.rows if row not in self.passed
        }

    def text(self, row: dict[str, str]) -> str:
        return (self.repository.slices / row["filename"]).read_text(encoding="utf-8")

    def slice(self, row: dict[str, str]) -> dict[str, Any]:
        text = self.text(row)
        value: dict[str, Any] = json.loads(text) if row["filename"].endswith(".json") else parse_by_pieces(text)
        return value


def parse_by_pieces(text: str) -> dict[str, Any]:
    """Parse a slice in YAML, but read each component only once that many slices have with the same text.

    By the rules of YAML, the value of a key in a block mapping is indented deeper than the key.
    """
    made: dict[str, Any] = {}
    for field in pieces(text, 0):
        if field.startswith("components:\n"):
            kinds = made["components"] = {}
            for kind in pieces(field.partition("\n")[2], 2):
                title, _, members = kind.partition("\n")
                kinds[next(iter(parsed(title + " {}")))] = joined(map(parsed, pieces(members, 4)))
        else:
            made = joined([made, parsed(field)])
    return made


def pieces(text: str, indent: int) -> list[str]:
    """Return the entries of a block mapping whose keys have this indentation."""
    return [piece for piece in re.split(rf"(?m)^(?= {{{indent}}}[^ \n])", text) if piece]


@cache
def parsed(piece: str) -> dict[str, Any]:
    value: dict[str, Any] = parse(piece)
    assert len(value) == 1
    return value


def joined(entries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for entry in entries:
        assert made.keys().isdisjoint(entry)
        made |= entry
    return made


@cache
def comparison(name: str) -> Comparison:
    file = spec(name)
    return Comparison(read(file), folder(file.parent), ordered=True)


_built: dict[tuple[str, str], Built] = {}


@pytest.fixture
def built(name: str, form: str, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return _build(name, form, tmp_path_factory)


def _build(name: str, form: str, tmp_path_factory: pytest.TempPathFactory) -> Built:
    if (name, form) not in _built:
        spec(name)
        _built[name, form] = Built(name, form, tmp_path_factory.mktemp("repository"))
    return _built[name, form]


@in_both_formats
def test_every_endpoint_passes_or_fails_for_a_fault_of_the_document(built: Built, name: str, form: str) -> None:
    without = [row for row in built.rows if row["validation_status"] == "FAIL"]
    assert built.done.code == (1 if without else 0), built.done.text
    assert "Traceback" not in built.done.text
    assert len(built.rows) == DOCUMENTS.get(name, len(built.rows))
    assert len(built.repository.files()) == len(built.rows) - len(without)

    expected: dict[tuple[str, str], set[str]] = {
        key: {reason} for key, reason in FAULTS_ELSEWHERE.get(name, {}).items()
    }
    faults = FAULTS.get(name, {})
    for row in built.rows if faults else ():
        key = (row["path"], row["method"])
        reasons = {faults[each] for each in comparison(name).reached_components(*key) if each in faults}
        if reasons:
            expected[key] = reasons
    assert built.failed.keys() == expected.keys()
    for key, reason in built.failed.items():
        assert any(each in reason for each in expected[key]), (key, reason)


@in_both_formats
def test_every_slice_means_what_its_endpoint_means_in_the_document(
    built: Built, name: str, form: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Those in JSON need no check if they equal those in YAML, except for links into files."""
    rows = built.passed[:: STEPS.get(name, 1)]
    known: dict[str, str] = {}
    if form == "json":
        in_yaml = _build(name, "yaml", tmp_path_factory)
        sampled = in_yaml.passed[:: STEPS.get(name, 1)]
        known = {f"{row['method']} {row['path']}": json.dumps(in_yaml.slice(row)) for row in sampled}
    else:
        for row in rows[::100]:
            assert json.dumps(built.slice(row)) == json.dumps(parse(built.text(row)))
    for row in rows:
        sliced = built.slice(row)
        if json.dumps(sliced) != known.get(f"{row['method']} {row['path']}"):
            assert comparison(name).difference(sliced, row["path"], row["method"]) is None
            assert unreached(sliced) == [], row
            assert dangling(sliced) == [], row


@pytest.mark.slow
@pytest.mark.parametrize("form", ["yaml"])
@pytest.mark.parametrize("name", [*STEPS, *HISTORY])
def test_every_slice_of_the_documents_that_take_long(built: Built, name: str, form: str) -> None:
    for row in built.passed:
        sliced = built.slice(row)
        assert comparison(name).difference(sliced, row["path"], row["method"]) is None
        assert unreached(sliced) == [], row
        assert dangling(sliced) == [], row


WITH_WEBHOOKS = ["museum.yaml", "openai.yaml", "oai/tictactoe.yaml", "oai/webhook-example.yaml"]


@pytest.mark.parametrize("name", slow_where_long(WITH_WEBHOOKS))
def test_every_slice_of_a_webhook_means_what_the_webhook_means_in_the_document(name: str, tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    arguments = ("--input", str(spec(name)), "--output-dir", "slices", "--batch", "--webhooks")
    only_webhooks = ("--filter-type", "regex", "--filter", "^[^/]")
    repository.slice_oas(*arguments, *only_webhooks, "--drop-extension", "x-none")
    source = read(spec(name))
    webhooks = source.pop("webhooks")
    # For the oracle, which does not know webhooks, a webhook is a path with its name.
    judge = Comparison({**source, "paths": webhooks}, folder(spec(name).parent), ordered=False)
    rows = [row for row in repository.rows() if row["path"] in webhooks]
    assert {row["path"] for row in rows} == set(webhooks)
    for row in rows:
        assert row["validation_status"] == "PASS", row
        sliced = parse((repository.slices / row["filename"]).read_text(encoding="utf-8"))
        assert list(sliced["webhooks"]) == [row["path"]]
        assert "paths" not in sliced
        as_path = {"paths" if key == "webhooks" else key: value for key, value in sliced.items()}
        assert judge.difference(as_path, row["path"], row["method"]) is None
        assert unreached(as_path) == [], row
        assert dangling(as_path) == [], row


@pytest.mark.slow
@pytest.mark.parametrize("form", ["yaml"])
@pytest.mark.parametrize("name", [*DOCUMENTS, *OAI])
def test_openapi_spec_validator_accepts_every_slice(built: Built, name: str, form: str) -> None:
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator, OpenAPIV32SpecValidator

    def denied(uri: str) -> object:
        raise AssertionError(f"a slice refers to {uri}")

    handlers = dict.fromkeys(("<all_urls>", "", "file", "http", "https"), denied)
    validators: dict[str, Any] = {
        version: type("Denied", (validator,), {"resolver_handlers": handlers})
        for version, validator in (
            ("3.0", OpenAPIV30SpecValidator),
            ("3.1", OpenAPIV31SpecValidator),
            ("3.2", OpenAPIV32SpecValidator),
        )
    }
    for row in built.passed:
        sliced = built.slice(row)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            validator = validators[str(sliced["openapi"])[:3]](sliced)
            assert [error.message for error in validator.iter_errors()] == [], row
