"""The files that references may lead to, and the faults of references that lead elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from oas_tasks.document.document import load_document, read_bytes
from oas_tasks.document.files import Sources
from tests.in_process import slices_of

DOCUMENT = """\
openapi: 3.0.3
info: {{title: A, version: '1'}}
paths:
  /a:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {{$ref: '{reference}'}}
  /b:
    get:
      responses:
        '200': {{description: ok}}
"""
USER = "type: object\nproperties:\n  name: {type: string}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for the document, with files in, beside and above it."""
    inside = tmp_path / "api"
    (inside / "schemas").mkdir(parents=True)
    (inside / "schemas" / "user.yaml").write_text(USER)
    (inside / "schemas" / "user.json").write_text('{"type": "object"}')
    (inside / "schemas" / "of all.yaml").write_text("User:\n  type: object\n")
    (tmp_path / "outside.yaml").write_text(USER)
    return inside


def outcome(folder: Path, reference: str, **settings: object) -> str:
    """Return the fault of the endpoint with the reference, or its slice. The other endpoint is never affected."""
    entry = folder / "api.yaml"
    entry.write_text(DOCUMENT.format(reference=reference))
    made = slices_of(entry, **settings)
    assert made["b_GET.yaml"].content is not None
    one = made["a_GET.yaml"]
    return one.reason if one.content is None else one.content.decode()


@pytest.mark.parametrize(
    "reference",
    [
        "schemas/user.yaml",
        "./schemas/user.yaml#",
        "schemas/user.yaml#/properties/name",
        "schemas/../schemas/user.json",
        "schemas/of%20all.yaml#/User",
    ],
)
def test_files_below_the_documents_folder_are_read(folder: Path, reference: str) -> None:
    sliced = outcome(folder, reference)
    assert "#/components/schemas/" in sliced
    assert ".yaml" not in sliced
    assert ".json'" not in sliced


@pytest.mark.parametrize("reference", ["../outside.yaml", "schemas/../../outside.yaml"])
def test_files_outside_are_read_only_when_that_is_allowed(folder: Path, reference: str) -> None:
    fault = outcome(folder, reference)
    assert "outside of the document's folder" in fault
    assert fault.startswith("api.yaml:11:23: ") or "api.yaml:11" in fault
    assert "#/components/schemas/" in outcome(folder, reference, allow_outside=True)


@pytest.mark.skipif(os.name == "nt", reason="making symbolic links takes rights there")
def test_symbolic_links_do_not_lead_outside(folder: Path) -> None:
    (folder / "user.yaml").symlink_to(folder.parent / "outside.yaml")
    (folder / "up").symlink_to(folder.parent)
    assert "outside of the document's folder" in outcome(folder, "user.yaml")
    assert "outside of the document's folder" in outcome(folder, "up/outside.yaml")
    assert "#/components/schemas/" in outcome(folder, "user.yaml", allow_outside=True)
    (folder / "inside.yaml").symlink_to(folder / "schemas" / "user.yaml")
    assert "#/components/schemas/" in outcome(folder, "inside.yaml")


@pytest.mark.skipif(os.name == "nt", reason="making symbolic links takes rights there")
def test_what_is_on_another_drive_is_outside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulates Windows, where there is no relative path from one drive to another."""
    other = folder.parent / "other"
    other.mkdir()
    (other / "user.yaml").write_text("properties: {kind: {$ref: kind.yaml}}\n")
    (other / "kind.yaml").write_text("type: [string\n")
    (folder / "linked").symlink_to(other)
    relpath = os.path.relpath

    def between(path: str, start: str) -> str:
        if str(path).startswith(str(other)):
            raise ValueError("path is on mount 'D:', start on mount 'C:'")
        return relpath(path, start)

    monkeypatch.setattr(os.path, "relpath", between)
    assert "outside of the document's folder" in outcome(folder, "linked/user.yaml")
    assert "outside of the document's folder" in outcome(folder, (other / "user.yaml").as_uri())
    assert f"{other.as_posix()}/kind.yaml:1" in outcome(folder, (other / "user.yaml").as_uri(), allow_outside=True)


@pytest.mark.parametrize("reference", ["https://example.com/user.yaml", "http://localhost:1/x.json#/A", "ftp://x/y"])
def test_remote_documents_are_never_fetched(folder: Path, reference: str) -> None:
    assert "never fetched" in outcome(folder, reference)
    assert "never fetched" in outcome(folder, reference, allow_outside=True)


def test_an_absolute_path_outside_is_refused_and_one_inside_is_read(folder: Path) -> None:
    assert "outside" in outcome(folder, (folder.parent / "outside.yaml").as_uri())
    assert "#/components/schemas/" in outcome(folder, (folder / "schemas" / "user.yaml").as_uri())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.yaml", None, "there is no file 'missing.yaml'"),
        ("broken.yaml", b"a: [1", "broken.yaml:"),
        ("empty.yaml", b"", "empty"),
        ("twice.yaml", b"type: object\ntype: string\n", "twice.yaml:2"),
        ("binary.yaml", bytes(range(256)), "binary.yaml"),
        ("schemas", None, "'schemas' cannot be read"),
        ("user%00.yaml", None, "no file can be called 'user\\u0000.yaml'"),
        ("api.yaml%00text", None, "no file can be called 'api.yaml\\u0000text'"),
    ],
)
def test_a_file_that_cannot_be_read_is_the_fault_of_those_who_refer_to_it(
    folder: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (folder / name).write_bytes(content)
    assert said in outcome(folder, name)


def test_files_that_refer_to_each_other_in_a_circle_are_fine(folder: Path) -> None:
    (folder / "a.yaml").write_text("type: object\nproperties: {b: {$ref: 'b.yaml'}}\n")
    (folder / "b.yaml").write_text("type: object\nproperties: {a: {$ref: 'a.yaml'}}\n")
    sliced = outcome(folder, "a.yaml")
    assert "#/components/schemas/a'" in sliced
    assert "#/components/schemas/b'" in sliced


@pytest.mark.parametrize("loop", [{"loop.yaml": "loop.yaml"}, {"loop.yaml": "pool.yaml", "pool.yaml": "loop.yaml"}])
def test_references_that_only_lead_back_to_themselves_are_reported(folder: Path, loop: dict[str, str]) -> None:
    for name, target in loop.items():
        (folder / name).write_text(f"$ref: {target}\n")
    assert "'loop.yaml' leads through references only, and back to where it began" in outcome(folder, "loop.yaml")


# --- one file under several names -------------------------------------------------------------------------------

PAIR = """\
openapi: 3.0.3
info: {{title: A, version: '1'}}
paths:
  /a:
    get:
      responses:
        '200': {{description: ok, content: {{application/json: {{schema: {{$ref: '{first}'}}}}}}}}
        '400': {{description: ok, content: {{application/json: {{schema: {{$ref: '{second}'}}}}}}}}
components:
  schemas:
    Own: {{type: string}}
"""
COMMON = """\
User:
  type: object
  properties:
    friend: {$ref: '#/User'}
    own: {$ref: '../api/api.yaml#/components/schemas/Own'}
"""


def schemas_of(folder: Path, first: str, second: str, entry: str = "api.yaml", **settings: object) -> list[str]:
    """Return the names of the schemas in a slice that has two references."""
    file = folder / entry
    if not file.exists():
        file.write_text(PAIR.format(first=first, second=second))
    (made,) = slices_of(file, **settings).values()
    assert made.content is not None, made.reason
    return list(yaml.safe_load(made.content)["components"]["schemas"])


@pytest.fixture
def common(folder: Path) -> Path:
    (folder / "common.yaml").write_text(COMMON)
    (folder / "schemas" / "leaf.yaml").write_text(USER)
    return folder


@pytest.mark.parametrize(
    "second",
    [
        "./common.yaml#/User",
        "../api/common.yaml#/User",
        "../../{above}/api/common.yaml#/User",
        "schemas/../common.yaml#/User",
        "schemas/../../api/common.yaml#/User",
        "%63ommon%2Eyaml#/User",
        "..%2Fapi/common.yaml#/User",
        "file:common.yaml#/User",
        "file://{folder}/common.yaml#/User",
        "file://localhost{folder}/common.yaml#/User",
        "file://{folder}/schemas/..//common.yaml#/User",
        "{folder}/common.yaml#/User",
    ],
)
def test_a_file_is_one_however_it_is_written(common: Path, second: str) -> None:
    second = second.format(folder=common, above=common.parent.name)
    assert schemas_of(common, "common.yaml#/User", second) == ["Own", "User"]


@pytest.mark.skipif(os.name == "nt", reason="making symbolic links takes rights there")
@pytest.mark.parametrize(
    ("link", "target", "second"),
    [
        ("alias.yaml", "common.yaml", "alias.yaml#/User"),
        ("alias.yaml", "../api/common.yaml", "../api/alias.yaml#/User"),
        ("twin", ".", "twin/common.yaml#/User"),
        ("../mirror", "api", "../mirror/common.yaml#/User"),
        ("../mirror", "api", "file://{folder}/../mirror/common.yaml#/User"),
    ],
)
def test_a_file_is_one_under_links(common: Path, link: str, target: str, second: str) -> None:
    (common / link).symlink_to(target)
    if link == "twin":  # from there, `../api` is another folder
        (common / "common.yaml").write_text(
            "User: {properties: {friend: {$ref: '#/User'}, own: {$ref: 'api.yaml#/components/schemas/Own'}}}"
        )
    second = second.format(folder=common)
    assert schemas_of(common, "common.yaml#/User", second) == ["Own", "User"]
    (common / "api.yaml").unlink()
    assert schemas_of(common, second, "common.yaml#/User") == ["Own", "User"]  # in any order


@pytest.mark.skipif(os.name == "nt", reason="making symbolic links takes rights there")
def test_a_document_is_one_file_under_links_and_in_references_to_it(common: Path) -> None:
    (common / "alias.yaml").symlink_to("api.yaml")
    (common / "common.yaml").write_text("User: {properties: {own: {$ref: 'alias.yaml#/components/schemas/Own'}}}")
    (common.parent / "link").symlink_to("api")
    reference = "common.yaml#/User"
    assert schemas_of(common, reference, reference) == ["Own", "User"]
    assert schemas_of(common.parent / "link", reference, reference) == ["Own", "User"]
    assert schemas_of(common, reference, reference, entry="alias.yaml") == ["Own", "User"]


@pytest.mark.skipif(os.name == "nt", reason="making symbolic links takes rights there")
def test_references_in_a_linked_file_are_relative_to_the_path_as_it_is_written(common: Path) -> None:
    (common / "v1").mkdir()
    (common / "v2").mkdir()
    (common / "v1" / "User.yaml").write_text("type: object\nproperties: {kind: {$ref: Kind.yaml}}\n")
    (common / "v2" / "User.yaml").symlink_to("../v1/User.yaml")
    (common / "v1" / "Kind.yaml").write_text("type: string\n")
    (common / "v2" / "Kind.yaml").write_text("type: integer\n")
    assert schemas_of(common, "v1/User.yaml", "v2/User.yaml") == ["User", "Kind", "User_2", "Kind_2"]
    (common / "v2" / "Kind.yaml").unlink()
    (common / "v2" / "Kind.yaml").symlink_to("../v1/Kind.yaml")
    assert schemas_of(common, "v1/User.yaml", "v2/User.yaml") == ["User", "Kind"]


@pytest.mark.skipif(os.name == "nt", reason="making symbolic links takes rights there")
def test_a_link_that_leads_elsewhere_by_now_is_looked_at_again(common: Path) -> None:
    (common / "alias.yaml").symlink_to("common.yaml")
    (common / "api.yaml").write_text(PAIR.format(first="alias.yaml#/User", second="alias.yaml#/User"))
    document = load_document(read_bytes(common / "api.yaml", "api.yaml"), "api.yaml")
    sources = Sources(common / "api.yaml", "api.yaml", document.root)
    assert sources.join("", "alias.yaml") == "common.yaml"
    sources.value("common.yaml")
    assert {Path(file.path).name for file in sources.files()} == {"alias.yaml", "common.yaml"}


def test_references_ignore_case_where_the_file_system_does(common: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated on other file systems by hard links, which are the same file too."""
    (common / "Schemas").mkdir()
    os.link(common / "common.yaml", common / "Common.yaml")
    reference = ("common.yaml#/User", "Common.yaml#/User")
    assert schemas_of(common, *reference) == ["Own", "User", "User_2"]  # two files, unless the file system ignores case
    os.link(common / "api.yaml", common / "API.YAML")
    assert schemas_of(common, *reference) == ["Own", "User"]


def test_where_the_file_system_ignores_case_a_folder_is_listed_once(
    common: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(one: str, other: str) -> None:
        (common / one).write_text(USER)
        if not (common / other).exists():
            os.link(common / one, common / other)

    write("api.yaml", "API.YAML")
    write("Early.yaml", "early.yaml")
    listed: list[str] = []
    listdir = os.listdir

    def listing(folder: str) -> list[str]:
        listed.append(folder)
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", listing)
    sources = Sources(common / "api.yaml", "api.yaml", {})
    for number in range(10):
        (common / f"s{number}.yaml").write_text(USER)
        assert sources.join("", f"s{number}.yaml") == f"s{number}.yaml"
    write("late.yaml", "Late.yaml")
    assert {sources.join("", name) for name in ("late.yaml", "Late.yaml")} == {"late.yaml"}
    assert {sources.join("", name) for name in ("early.yaml", "Early.yaml")} == {"Early.yaml"}
    assert listed.count(str(common)) == 1
