"""`slice-oas report` and `html = true`: what the page says, when it is written, and that it is never written over."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Repository

DOCUMENT = """\
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /books:
    get:
      operationId: listBooks
      summary: List books
      tags: [books]
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
  /orders:
    post:
      deprecated: true
      security: [{key: []}]
      responses:
        '201': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
  /broken:
    get: {responses: {'200': {$ref: '#/components/responses/Nope'}}}
components:
  schemas:
    Book: {type: object, properties: {author: {$ref: '#/components/schemas/Author'}}}
    Author: {type: string}
    Order: {type: object, properties: {book: {$ref: '#/components/schemas/Book'}}}
    Unused: {type: string}
  securitySchemes:
    key: {type: apiKey, in: header, name: k}
"""


def data_of(file: Path) -> dict[str, Any]:
    """Return the data of a page."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', file.read_text("ascii"))
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.fixture
def shop(repository: Repository) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml")
    return repository


def reported(shop: Repository, *options: str) -> dict[str, Any]:
    done = shop.slice_oas("report", *options)
    assert done.code == 0, done.text
    return data_of(shop.slices / "index.html")


def test_the_page_has_every_endpoint_with_its_result_and_its_place(shop: Repository) -> None:
    assert shop.slice_oas("--batch").code == 1
    data = reported(shop)
    endpoints = data["endpoints"]
    assert (data["title"], data["version"], data["change"]) == ("Shop", "3.0", None)
    assert endpoints["path"] == ["/books", "/orders", "/broken"]
    assert [endpoints["methodNames"][each] for each in endpoints["method"]] == ["GET", "POST", "GET"]
    assert endpoints["status"] == [0, 0, 2]
    assert endpoints["file"] == ["books_GET.yaml", "orders_POST.yaml", ""]
    assert endpoints["size"][0] == (shop.slices / "books_GET.yaml").stat().st_size
    assert endpoints["flags"] == [0, 3, 0]
    assert endpoints["line"] == [
        DOCUMENT[: DOCUMENT.index(each)].count("\n") + 1 for each in ("get:", "post:", "get: {")
    ]
    assert data["files"][endpoints["at"][0]] == ["api.yaml", "../api.yaml"]


def test_the_page_tells_which_endpoints_share_a_component(shop: Repository) -> None:
    data = reported(shop)
    parts = data["parts"]
    names = parts["name"]
    counts = zip(names, parts["kind"], parts["endpoints"], strict=True)
    shared = {name: (parts["kindNames"][kind], count) for name, kind, count in counts}
    assert shared == {
        "Book": ("schemas", 2),
        "Author": ("schemas", 2),
        "Order": ("schemas", 1),
        "key": ("securitySchemes", 1),
    }
    assert [names[each] for each in parts["needs"][names.index("Order")]] == ["Book"]
    assert [names[each] for each in data["endpoints"]["needs"][0]] == ["Book"]
    assert data["endpoints"]["reached"] == [2, 4, 0]


def test_a_fault_is_told_once_with_its_endpoints_and_its_place(shop: Repository) -> None:
    shop.write("api.yaml", DOCUMENT.replace("type: string}", "type: strng}", 1))
    assert shop.slice_oas("--batch").code == 1
    faults = reported(shop)["faults"]
    assert [(each["endpoints"], each["status"]) for each in faults] == [([0, 1], 2), ([2], 2)]
    line = DOCUMENT[: DOCUMENT.index("Author: {")].count("\n") + 1
    assert faults[0]["place"].startswith(f"api.yaml:{line}:")
    assert "strng" in faults[0]["message"]


def test_what_was_not_made_is_skipped(shop: Repository) -> None:
    done = shop.slice_oas("report")
    assert "No slices were made of the document yet" in done.out
    assert data_of(shop.slices / "index.html")["endpoints"]["status"] == [3, 3, 3]


def test_a_clone_without_state_has_what_its_index_says(shop: Repository) -> None:
    assert shop.slice_oas("--batch").code == 1
    before = reported(shop)
    shutil.rmtree(shop.folder / ".oas_tasks")
    found = reported(shop)
    assert found["endpoints"] == before["endpoints"]
    (shop.slices / "books_GET.yaml").unlink()
    assert reported(shop)["endpoints"]["status"] == [3, 0, 2]


def test_the_same_document_gives_the_same_page_on_any_way(shop: Repository) -> None:
    page = shop.slices / "index.html"
    assert shop.slice_oas("--batch", "--html").code == 1
    built = page.read_bytes()
    shutil.rmtree(shop.slices)
    shutil.rmtree(shop.folder / ".oas_tasks")
    assert shop.doit("-n", "2", "html=true").code == 1
    assert page.read_bytes() == built
    reported(shop)
    assert page.read_bytes() == built


def test_a_build_writes_the_page_again_only_where_something_changed(shop: Repository) -> None:
    shop.write(
        "api.yaml", DOCUMENT.replace("responses/Nope", "responses/Yes") + "  responses: {Yes: {description: y}}\n"
    )
    shop.configure(spec="api.yaml", html=True)
    page = shop.slices / "index.html"
    assert shop.doit().code == 0
    before = page.stat().st_mtime_ns
    assert shop.doit().code == 0
    assert page.stat().st_mtime_ns == before
    shop.write("api.yaml", "# lines move\n" + (shop.folder / "api.yaml").read_text())
    lines = data_of(page)["endpoints"]["line"]
    assert shop.doit().code == 0
    assert data_of(page)["endpoints"]["line"] == [line + 1 for line in lines]
    page.unlink()
    assert shop.doit().code == 0
    assert page.exists()
    assert shop.doit("clean", "index").code == 0
    assert not page.exists()


@pytest.mark.parametrize("command", [("report",), ("--batch", "--html")])
def test_another_page_stays_as_it_is(shop: Repository, command: tuple[str, ...]) -> None:
    page = shop.write("slices/index.html", "<!doctype html>\n<title>Our docs</title>\n")
    before = page.read_bytes()
    done = shop.slice_oas(*command)
    assert done.code == 2
    assert "did not write" in done.err
    assert "Traceback" not in done.err
    assert page.read_bytes() == before
    assert sorted(file.name for file in shop.slices.iterdir()) == ["index.html"]


def test_a_file_of_the_document_stays_as_it_is(shop: Repository) -> None:
    text = "description: a page\n"
    shop.write("index.html", text)
    shop.write("api.yaml", DOCUMENT.replace("#/components/responses/Nope", "./index.html"))
    for command in (("report",), ("--batch", "--html")):
        done = shop.slice_oas(*command, "--output-dir", ".")
        assert done.code == 2
        assert "the report would overwrite it" in done.err
    assert (shop.folder / "index.html").read_text() == text


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed here")
def test_the_last_change_stands_beside(shop: Repository) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.autocrlf=false"]
        subprocess.run(["git", *identity, *arguments], cwd=shop.folder, check=True, capture_output=True)

    assert reported(shop)["change"] is None
    git("init", "-q")
    assert reported(shop)["change"] is None
    git("add", "api.yaml")
    git("commit", "-q", "-m", "a state")
    assert reported(shop)["change"]["changes"] == []
    shop.write("api.yaml", DOCUMENT.replace("Author: {type: string}", "Author: {type: string, description: x}"))
    change = reported(shop)["change"]
    assert [(each["change"], each["endpoint"], each["extent"]) for each in change["changes"]] == [
        ("changed", 0, "text"),
        ("changed", 1, "text"),
    ]
    assert change["changes"][1]["causes"] == [
        "components/schemas/Author via components/schemas/Order > components/schemas/Book"
    ]
    assert (change["since"], change["unchanged"]) == ("HEAD", 1)
    done = shop.slice_oas("report", "--base", "nowhere")
    assert (done.code, "git knows no revision 'nowhere'" in done.err) == (2, True)


def test_every_document_has_a_page_in_its_folder(repository: Repository) -> None:
    specs = ""
    for name in ("v1", "v2"):
        repository.write(f"{name}.yaml", DOCUMENT.replace("title: Shop", f"title: {name}"))
        specs += f"[[tool.oas_tasks.specs]]\nname = '{name}'\nspec = '{name}.yaml'\noutput_dir = 'out/{name}'\n"
    repository.write("pyproject.toml", specs)
    done = repository.slice_oas("report")
    assert done.code == 0, done.text
    for name in ("v1", "v2"):
        assert data_of(repository.folder / "out" / name / "index.html")["title"] == name


def test_names_of_files_are_percent_encoded(repository: Repository) -> None:
    name = "a#b?c%20&'d e.yaml"
    repository.write(name, DOCUMENT)
    done = repository.slice_oas("report", "--input", name)
    assert done.code == 0, done.text
    data = data_of(repository.slices / "index.html")
    assert data["files"] == [[name, "../a%23b%3Fc%2520%26%27d%20e.yaml"]]
