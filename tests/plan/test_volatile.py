"""The setting `volatile`: places that change at every release are in slices but make none stale."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oas_tasks.formats import Format, Value
from oas_tasks.plan.volatile import Volatile
from oas_tasks.settings import load_settings
from oas_tasks.slices.alike import are_alike, neutral
from oas_tasks.slices.loading import load_slicer
from oas_tasks.slices.render import LAYOUTS
from tests.conftest import Repository
from tests.oracle import parse

DOCUMENT = """\
openapi: 3.1.1
info: {title: Shop, version: '1', x-commit: abc, description: A shop}
servers: [{url: https://one.example.com, description: one}]
externalDocs: {url: https://docs.example.com}
tags:
  - {name: a, description: about a, x-order: 1}
  - {name: b}
x-built: {at: 10 o'clock}
paths:
  /a: {get: {tags: [a], responses: {'200': {$ref: '#/components/responses/Ok'}}}}
  /b: {get: {tags: [b], servers: [{url: https://two.example.com}], responses: {'200': {description: ok}}}}
components:
  responses: {Ok: {description: ok}}
"""
RELEASED = DOCUMENT.replace("version: '1', x-commit: abc", "version: '2', x-commit: def, x-new: [1]")
EVERYTHING = ["/info/version", "/info/x-*", "/tags/*/x-order", "/servers/*/description", "/x-built"]


def shop(repository: Repository, form: str = "yaml", **settings: Any) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml", format=form, **settings)
    assert repository.slice_oas("--batch").code == 0
    return repository


def committed(repository: Repository) -> None:
    identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false"]
    repository.write(".gitignore", ".oas_tasks\n__pycache__\n")
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=repository.folder, check=True, capture_output=True)


def version(repository: Repository, name: str) -> str:
    return str(parse((repository.slices / name).read_text(encoding="utf-8"))["info"]["version"])


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_release_touches_nothing_and_slices_made_for_another_reason_take_its_version(
    repository: Repository, form: str
) -> None:
    shop(repository, form)
    before, times = repository.files(), repository.times()
    repository.write("api.yaml", RELEASED)
    for done in (repository.slice_oas("--batch"), repository.doit("-n", "2")):
        assert "0 made, 2 unchanged" in done.out
    assert (repository.files(), repository.times()) == (before, times)
    repository.write("api.yaml", RELEASED.replace("Ok: {description: ok}", "Ok: {description: fine}"))
    assert "1 made, 1 unchanged" in repository.slice_oas("--batch").out
    assert (version(repository, f"a_GET.{form}"), version(repository, f"b_GET.{form}")) == ("2", "1")
    assert repository.slice_oas("check").code == 0


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed here")
@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize("with_cache", [True, False])
def test_in_a_clone_a_release_changes_and_reports_nothing(repository: Repository, form: str, with_cache: bool) -> None:
    committed(shop(repository, form))
    repository.write("api.yaml", RELEASED)
    if not with_cache:
        shutil.rmtree(repository.folder / ".oas_tasks")
    before, times = repository.files(), repository.times()
    index = (repository.slices / "index.csv").read_bytes()
    for command in (("check",), ("hook", "--check"), ("hook",), ("--batch",), ("check",), ("check", "--trust-cache")):
        done = repository.slice_oas(*command)
        assert done.code == 0, done.text
        assert (repository.files(), repository.times()) == (before, times), command
    assert (repository.slices / "index.csv").read_bytes() == index
    done = repository.slice_oas("affected")
    assert done.out.splitlines() == [
        "0 added, 0 removed, 0 changed, 2 unchanged since HEAD",
        "info.version, info.x-commit, info.x-new differ as well; they are volatile and left out",
    ]


def test_without_volatile_places_every_slice_follows_the_document(repository: Repository) -> None:
    shop(repository, volatile=[])
    repository.write("api.yaml", RELEASED)
    assert repository.slice_oas("check").code == 3
    done = repository.slice_oas("--batch")
    assert "2 made, 0 unchanged" in done.out
    assert "2 slices were rebuilt because info.version changed, which is in every slice. With volatile = [" in done.out
    assert version(repository, "b_GET.yaml") == "2"
    repository.write("api.yaml", DOCUMENT)
    assert (
        "0 made, 2 unchanged"
        in repository.slice_oas("--batch", "--volatile", "/info/version", "--volatile", "/info/x-*").out
    )
    assert "2 made, 0 unchanged" in repository.slice_oas("--batch", "--volatile", "").out


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x-order: 1", "x-order: 2"),
        (", x-order: 1", ""),
        ("description: one", "description: other"),
        ("x-built: {at: 10 o'clock}\n", ""),
        ("10 o'clock", "11 o'clock"),
        ("openapi: 3.1.1\n", "openapi: 3.1.1\nx-built-by: somebody\n"),
    ],
)
def test_any_place_of_the_root_can_be_volatile(repository: Repository, old: str, new: str, form: str) -> None:
    shop(repository, form, volatile=[*EVERYTHING, "/x-built-*"])
    before = repository.times()
    repository.write("api.yaml", DOCUMENT.replace(old, new))
    assert repository.slice_oas("check").code == 0
    assert "0 made, 2 unchanged" in repository.slice_oas("--batch").out
    shutil.rmtree(repository.folder / ".oas_tasks")
    assert "0 made, 2 unchanged" in repository.slice_oas("--batch").out
    assert repository.times() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Shop", "title: Store"),
        ("description: about a", "description: about A"),
        ("https://one.", "https://uno."),
        ("{name: b}", "{name: b, description: b}"),
    ],
)
def test_a_change_beside_a_volatile_place_makes_slices_stale(repository: Repository, old: str, new: str) -> None:
    shop(repository, volatile=EVERYTHING)
    repository.write("api.yaml", DOCUMENT.replace(old, new))
    assert repository.slice_oas("check").code == 3
    assert "0 made" not in repository.slice_oas("--batch").out
    assert repository.slice_oas("check").code == 0


@pytest.mark.parametrize("wrong", ["version: 2", "x-no-version: 2"])
def test_a_fault_at_a_volatile_place_is_one_for_every_endpoint(repository: Repository, wrong: str) -> None:
    shop(repository)
    repository.write("api.yaml", DOCUMENT.replace("version: '1'", wrong))
    done = repository.slice_oas("--batch")
    assert done.code == 1
    assert "2 failed" in done.out
    repository.write("api.yaml", RELEASED)
    assert "2 made, 0 unchanged" in repository.slice_oas("--batch").out


def test_why_names_the_place_that_became_a_fault(repository: Repository) -> None:
    shop(repository)
    repository.write("api.yaml", DOCUMENT.replace("version: '1'", "version: 2"))
    assert "the root field info.version" in repository.slice_oas("why", "GET /a").out


def test_a_tag_a_server_and_external_documentation_touch_only_the_slices_that_have_them(repository: Repository) -> None:
    shop(repository)
    for old, new, made in (
        ("about a", "about A", 1),
        ("{name: b}", "{name: b, externalDocs: {url: https://b.example.com}}", 1),
        ("  - {name: b}\n", "  - {name: c}\n  - {name: b}\n", 0),
        ("tags:\n", "tags:\n  - {name: first}\n", 0),
        ("https://two.", "https://three.", 1),
        ("components:\n", "security: []\ncomponents:\n", 2),
        ("  responses: {Ok", "  securitySchemes: {S: {type: http, scheme: basic}}\n  responses: {Ok", 0),
    ):
        repository.write("api.yaml", DOCUMENT)
        repository.slice_oas("--batch")
        repository.write("api.yaml", DOCUMENT.replace(old, new))
        assert f"{made} made, {2 - made} unchanged" in repository.slice_oas("--batch").out, new


def test_fields_that_only_other_slices_have_are_not_in_a_fingerprint(tmp_path: Path) -> None:
    """This includes the order of root fields that a slice does not have."""
    fingerprints = []
    for text in (
        DOCUMENT,
        DOCUMENT.replace("  - {name: b}\n", "").replace("tags: [b]", "tags: []"),
        DOCUMENT.replace("about a", "about A"),
    ):
        file = tmp_path / "api.yaml"
        file.write_text(text, encoding="utf-8")
        plan = load_slicer(load_settings(tmp_path, {"spec": str(file)})[0], "api").plan
        fingerprints.append({each.path: each.fingerprint for each in plan.endpoints})
    assert fingerprints[0]["/a"] == fingerprints[1]["/a"]
    assert fingerprints[0]["/b"] == fingerprints[2]["/b"]
    assert fingerprints[0]["/a"] != fingerprints[2]["/a"]


def test_a_conversion_has_them_too(repository: Repository) -> None:
    shop(repository, output_version="3.0.x")
    repository.write("api.yaml", RELEASED.replace("title: Shop", "title: Shop, summary: new"))
    assert "2 made" in repository.slice_oas("--batch").out
    repository.write("api.yaml", RELEASED.replace("title: Shop", "title: Shop, summary: new").replace("'2'", "'3'"))
    assert "0 made, 2 unchanged" in repository.slice_oas("--batch").out
    assert repository.slice_oas("check").code == 0


@pytest.mark.parametrize(
    "pointer",
    [
        "info/version",
        "/",
        "/paths",
        "/paths/~1a",
        "/components/schemas/A",
        "/security",
        "/openapi",
        "/tags/0",
        "/info/*x",
        "/a~2",
    ],
)
def test_a_pointer_that_cannot_be_volatile_is_reported(repository: Repository, pointer: str) -> None:
    repository.write("api.yaml", DOCUMENT)
    done = repository.slice_oas("--batch", "--input", "api.yaml", "--volatile", pointer)
    assert done.code == 2
    assert f"in --volatile, '{pointer}' is not a JSON Pointer into a root field" in done.text


@pytest.mark.parametrize(
    ("pointer", "said"),
    [
        (
            "/info/verison",
            "the document has nothing at '/info/verison', which 'volatile' names. Did you mean '/info/version'?",
        ),
        ("/serverss", "the document has nothing at '/serverss', which 'volatile' names. Did you mean '/servers'?"),
        ("/info/x-none", ""),
        ("/servers/*/none", ""),
    ],
)
def test_a_pointer_to_nothing_is_reported(repository: Repository, pointer: str, said: str) -> None:
    repository.write("api.yaml", DOCUMENT)
    done = repository.slice_oas("--batch", "--input", "api.yaml", "--volatile", pointer)
    assert done.code == 0
    assert (f"Note: {said}\n" in done.out) == bool(said)


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("title", "tit1e", 1),
        lambda text: text + "\n",
        lambda text: text.replace("version: '1'", 'version: "1"').replace('"version": "1"', '"version":  "1"'),
        lambda text: text.replace("'200'", "'201'").replace('"200"', '"201"'),
    ],
)
def test_an_edit_elsewhere_in_a_slice_is_seen_beside_one_of_a_volatile_place(
    repository: Repository, edit: Any, form: str
) -> None:
    shop(repository, form)
    file = repository.slices / f"b_GET.{form}"
    file.write_text(edit(file.read_text(encoding="utf-8")), encoding="utf-8")
    repository.write("api.yaml", RELEASED)
    assert repository.slice_oas("check").code == 3
    assert "1 made, 1 unchanged" in repository.slice_oas("--batch").out


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize(
    ("pattern", "new"),
    [(r",?\n *\"?version.*1'?\"?(?=,?\n)", ""), (r"(version\"?): .1.", r"\1: 1")],
    ids=["gone", "a number"],
)
def test_a_slice_that_is_not_valid_any_more_is_no_slice(
    repository: Repository, pattern: str, new: str, form: str
) -> None:
    shop(repository, form)
    file = repository.slices / f"b_GET.{form}"
    text = file.read_text(encoding="utf-8")
    assert re.sub(pattern, new, text) != text
    file.write_text(re.sub(pattern, new, text), encoding="utf-8")
    assert repository.slice_oas("check").code == 3
    assert "1 made, 1 unchanged" in repository.slice_oas("--batch").out
    assert file.read_text(encoding="utf-8") == text


def test_a_volatile_place_does_not_count_as_a_change_of_texts(repository: Repository) -> None:
    for name, text in (
        ("old.yaml", DOCUMENT),
        ("new.yaml", RELEASED.replace("Ok: {description: ok}", "Ok: {description: fine}")),
    ):
        repository.write(name, text)
    done = repository.slice_oas("affected", "old.yaml", "new.yaml")
    assert "changed  GET /a (text)" in done.out
    assert repository.slice_oas("affected", "old.yaml", "new.yaml", "--only", "shape", "--output", "paths").out == ""


scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.text("a:'\"\n #", max_size=4)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abxy"), inner, max_size=2),
    max_leaves=4,
)
roots: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["info", "servers", "components", "paths", "x-a", "x-b"]), values, min_size=1
)
POINTERS = ["/info/a", "/info/x*", "/servers/*/b", "/x-a", "/info/b/a"]


def written(root: dict[str, Value], form: Format) -> bytes:
    layout = LAYOUTS[form]
    return layout.first + layout.separator.join(layout.rendered(*each, 0) for each in root.items()) + layout.last


def plainly_without(root: dict[str, Any]) -> str:
    """Return a root without these places, by plain code, as a text that keeps the order of keys."""
    left = {name: value for name, value in json.loads(json.dumps(root)).items() if name != "x-a"}
    info = left.get("info")
    if isinstance(info, dict):
        left["info"] = info = {key: value for key, value in info.items() if key != "a" and not key.startswith("x")}
        if isinstance(info.get("b"), dict):
            info["b"].pop("a", None)
    servers = left.get("servers")
    for server in servers if isinstance(servers, list) else servers.values() if isinstance(servers, dict) else ():
        if isinstance(server, dict):
            server.pop("b", None)
    return json.dumps(left)


@given(roots, roots, st.sampled_from(["yaml", "json"]))
def test_texts_are_alike_where_their_values_are_but_for_volatile_places(
    made: dict[str, Any], found: dict[str, Any], form: Format
) -> None:
    for other in (found, made | {name: found[name] for name in ("info", "x-a", "servers") if name in found}):
        volatile = Volatile(POINTERS)
        expected = plainly_without(made) == plainly_without(other)
        assert are_alike(written(made, form), written(other, form), form, volatile) == expected  # neither is valid
        assert (
            neutral(written(made, form), form, volatile) == neutral(written(other, form), form, volatile)
        ) == expected
