"""A plan brought up to date from an excerpt is the plan of the whole document, and so are the slices.

Documents are edited by lot, one edit after the other, so that excerpts build upon plans that came from excerpts.
"""

from __future__ import annotations

import copy
import json
import os
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from oas_tasks.config import Settings, load_settings
from oas_tasks.errors import UserError
from oas_tasks.formats import read_spans
from oas_tasks.formats.yaml_writer import yaml_document
from oas_tasks.openapi.model import FAMILIES, Family
from oas_tasks.slicing.digests import decoded, digests_of, digests_with, encoded
from oas_tasks.slicing.document import cut_document, parse_document
from oas_tasks.slicing.excerpt import Members, Replanned, members_again, members_of, plan_by_excerpt
from oas_tasks.slicing.plan import Dependencies, Plan
from oas_tasks.slicing.slicer import Slicer
from oas_tasks.slicing.sources import Sources
from tests.conftest import SAMPLE, SHARED, spec
from tests.openapi.mutations import mutation
from tests.oracle import parse
from tests.slicing.random_documents import Drawn, documents

#: Of an edit's slices at most about as many are compared: one that all endpoints reach makes hundreds stale.
MOST_COMPARED = 3000 if os.environ.get("OAS_TASKS_THOROUGH") else 30


class Editing:
    """A document under change, planned again and again.

    by_excerpt: how often an excerpt was enough.
    """

    def __init__(self, folder: Path, document: dict[str, Any], form: str = "json", **options: Any) -> None:
        self.file = folder / f"api.{form}"
        self.settings: Settings = load_settings(folder, {"spec": str(self.file), **options})[0]
        self.document = document
        self.by_excerpt = 0
        self.plan: Plan
        self.dependencies: Dependencies
        self.members: Members | None
        content = self.write(document)
        self.adopt(self.whole(content), content)

    def write(self, document: dict[str, Any]) -> bytes:
        if self.file.suffix == ".yaml":
            content = yaml_document(document).encode()
        else:
            content = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
        self.file.write_bytes(content)
        return content

    def whole(self, content: bytes) -> Slicer:
        document = parse_document(content, str(self.file))
        return Slicer(document, Sources(self.file, str(self.file), document.root), self.settings)

    def adopt(self, slicer: Slicer, content: bytes) -> None:
        spans = cut_document(content, str(self.file))
        self.plan, self.dependencies = slicer.plan, slicer.dependencies
        self.digests = digests_of(slicer.parts, slicer.plan, self.settings)
        is_cut = spans is not None and read_spans(content, spans) is not None
        self.members = members_of(content, spans, slicer) if spans is not None and is_cut else None

    def edit(self, document: dict[str, Any]) -> None:
        """Plan a changed document both ways and compare; go on from what the excerpt gave, where it gave anything."""
        content = self.write(document)
        try:
            whole = self.whole(content)
        except UserError:
            return  # no document to plan any more
        self.document = document
        again = None
        cut = members_again(content, self.members) if self.members is not None else None
        if cut is not None and self.members is not None:
            again = plan_by_excerpt(content, cut, self.members, self.plan, self.dependencies, self.settings)
        if again is None:
            self.adopt(whole, content)
            return
        self.by_excerpt += 1
        self.compare(again, whole, content)
        made = again.slicer.parts
        own = {(each.path, each.method): each.part.digest.hex() for each in made.endpoints}
        self.digests = digests_with(self.digests, again.dependencies.parts, again.plan, made.shared, own)
        assert self.digests == digests_of(whole.parts, whole.plan, self.settings)
        ids = again.dependencies.parts
        assert decoded(encoded(self.digests, ids), ids) == self.digests
        self.plan, self.dependencies, self.members = again.plan, again.dependencies, again.members

    def compare(self, again: Replanned, whole: Slicer, content: bytes) -> None:
        assert again.plan == whole.plan
        assert again.dependencies == whole.dependencies
        spans = cut_document(content, str(self.file))
        assert spans is not None
        assert again.members == members_of(content, spans, whole)
        for path, method in sorted(again.stale)[:: len(again.stale) // MOST_COMPARED + 1]:
            ours, theirs = again.slicer.make(path, method), whole.make(path, method)
            assert (ours.endpoint, ours.content, ours.reason, ours.warnings) == (
                theirs.endpoint,
                theirs.content,
                theirs.reason,
                theirs.warnings,
            )
        before = {(e.path, e.method): e.fingerprint for e in self.plan.endpoints}
        changed = {(e.path, e.method) for e in whole.plan.endpoints if before.get((e.path, e.method)) != e.fingerprint}
        assert changed <= again.stale


def retargeted(document: dict[str, Any], lot: Random) -> dict[str, Any]:
    """Return a copy in which one reference leads to another schema, or a description or a summary says more."""
    changed = copy.deepcopy(document)
    names = list(changed.get("components", {}).get("schemas", {}))
    found: list[tuple[dict[str, Any], str]] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for key, member in value.items():
                if isinstance(member, str) and (
                    key in ("description", "summary") or (key == "$ref" and member.startswith("#/components/schemas/"))
                ):
                    found.append((value, key))
                look(member)
        elif isinstance(value, list):
            for member in value:
                look(member)

    look({name: changed.get(name) for name in ("paths", "components")})
    if found:
        value, key = lot.choice(found)
        value[key] = f"#/components/schemas/{lot.choice(names)}" if key == "$ref" and names else f"{value[key]} more"
    return changed


def edited(document: dict[str, Any], lot: Random, wrong: float) -> dict[str, Any]:
    if lot.random() < wrong:
        with suppress(AttributeError, TypeError, ValueError):  # made for documents in which nothing is wrong yet
            return mutation(document, lot).document
    return retargeted(document, lot)


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("name", ["museum.yaml", "oai", "sample"])
def test_small_documents(tmp_path: Path, name: str, form: str) -> None:
    files = [SAMPLE] if name == "sample" else sorted(spec("oai").glob("*.yaml")) if name == "oai" else [spec(name)]
    used = 0
    for file in files:
        lot = Random(file.name)
        document = parse(file.read_text(encoding="utf-8"))
        if "openapi" in document:
            editing = Editing(tmp_path, document, form)
            for _ in range(40):
                editing.edit(edited(editing.document, lot, 0.5))
                if lot.random() < 0.1:
                    editing.edit(document)  # all at once, and back to what is right
            used += editing.by_excerpt
    assert used > 5 or name == "sample"  # the sample has everything that excerpts cannot have


@pytest.mark.parametrize("name", ["discord.json", "box.json"])
def test_real_documents(tmp_path: Path, name: str) -> None:
    document = json.loads(spec(name).read_bytes())
    lot = Random(name)
    editing = Editing(tmp_path, document)
    for _ in range(12):
        editing.edit(edited(editing.document, lot, 0.2))
    assert editing.by_excerpt > 5


def test_github(tmp_path: Path) -> None:
    document = json.loads(spec("github.json").read_bytes())
    editing = Editing(tmp_path, document, "json", tags=["repos"], format="json")
    lot = Random(5)
    for _ in range(3):
        editing.edit(retargeted(editing.document, lot))
    assert editing.by_excerpt > 0


def test_a_real_history(tmp_path: Path) -> None:
    spec("discord.json")
    versions = [json.loads(file.read_bytes()) for file in sorted((SHARED / "specs/history/discord").glob("*/*.json"))]
    versions = versions or [
        json.loads(file.read_bytes()) for file in sorted((SHARED / "specs/history/discord").glob("*.json"))
    ]
    editing = Editing(tmp_path, versions[0])
    for version in versions[1:]:
        editing.edit(version)


@pytest.mark.parametrize("family", FAMILIES)
def test_any_document(tmp_path: Path, family: Family) -> None:
    @settings(max_examples=40)
    @given(documents(family))
    def hold(drawn: Drawn) -> None:
        document = drawn.files[""]
        lot = Random(len(json.dumps(document)))
        editing = Editing(tmp_path, document)
        for _ in range(6):
            editing.edit(edited(editing.document, lot, 0.5))

    hold()
