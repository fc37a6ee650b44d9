"""Real documents, whole: every endpoint is sliced, passes, and holds all that it needs and nothing else."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import yaml

from tests.conftest import SPECS, Repository, spec

#: Document and the number of its endpoints.
DOCUMENTS = {
    "github.json": 1223,
    "stripe.yaml": 468,
    "discord.json": 242,
    "openai.yaml": 288,
    "box.json": 296,
    "twilio.yaml": 197,
    "museum.yaml": 8,
}
OAI = sorted(file.name for file in (SPECS / "oai").glob("*.yaml"))

#: Endpoints with a fault that stands in the document itself, and how the reason begins.
FAULTS: dict[str, dict[tuple[str, str], str]] = {}


def slices_of(folder: Path) -> list[tuple[dict[str, str], dict[str, object]]]:
    with (folder / "index.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = []
    for row in rows:
        if row["filename"]:
            content = (folder / row["filename"]).read_bytes()
            value = (
                json.loads(content)
                if row["filename"].endswith(".json")
                else yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            )
            found.append((row, value))
    return found


def build(repository: Repository, file: Path, form: str) -> list[dict[str, str]]:
    done = repository.slice_oas("--input", str(file), "--output-dir", "slices", "--batch", "--format", form)
    rows = repository.rows()
    assert done.code == (1 if any(row["validation_status"] == "FAIL" for row in rows) else 0), done.text
    assert "Traceback" not in done.text
    return rows


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize("name", [*DOCUMENTS, *(f"oai/{name}" for name in OAI)])
def test_every_endpoint_passes_or_fails_for_a_true_reason(repository: Repository, name: str, form: str) -> None:
    if name in ("stripe.yaml", "openai.yaml") and form == "json":
        pytest.skip("its 390 MB once are enough")
    if name == "oai/webhook-example.yaml":
        pytest.skip("it has webhooks and no endpoints")
    rows = build(repository, spec(name), form)
    if name in DOCUMENTS:
        assert len(rows) == DOCUMENTS[name]
    failed = {(row["path"], row["method"]): row["failure_reason"] for row in rows if row["validation_status"] != "PASS"}
    expected = FAULTS.get(name, {})
    assert failed.keys() == expected.keys()
    for key, reason in failed.items():
        assert expected[key] in reason
    assert len(repository.files()) == len(rows) - len(failed)
