"""What a build does again and what it leaves alone, tried as a process."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
import yaml

from tests.conftest import Repository, spec

DOCUMENT = """\
openapi: 3.0.3
info: {title: Shop, version: '1'}
tags:
  - {name: items, description: Things}
paths:
  /items:
    get:
      tags: [items]
      operationId: listItems
      summary: All items
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Item'}}
    post:
      operationId: addItem
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/NewItem'}
      responses:
        '201': {description: made}
  /items/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      operationId: getItem
      deprecated: true
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Item'}
  /health:
    get:
      responses:
        '200': {description: ok}
components:
  schemas:
    Item:
      type: object
      properties:
        price: {$ref: '#/components/schemas/Price'}
    Price:
      type: number
      description: In euros
    NewItem: {type: object}
    Unused: {type: string}
"""


@pytest.fixture
def shop(repository: Repository) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml")
    assert repository.doit().code == 0
    return repository


def changed_by(shop: Repository, *arguments: str) -> set[str]:
    """Build again and return the names of the slices that were written or removed."""
    before = shop.times()
    done = shop.doit(*arguments)
    assert done.code == 0, done.text
    after = shop.times()
    return {
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name) and name != "index.csv"
    }


def edit(shop: Repository, old: str, new: str) -> None:
    text = (shop.folder / "api.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    shop.write("api.yaml", text.replace(old, new))


def test_a_build_makes_one_slice_per_endpoint_and_an_index(shop: Repository) -> None:
    assert set(shop.files()) == {"items_GET.yaml", "items_POST.yaml", "items-id_GET.yaml", "health_GET.yaml"}
    rows = shop.rows()
    assert [(row["path"], row["method"]) for row in rows] == [
        ("/items", "GET"),
        ("/items", "POST"),
        ("/items/{id}", "GET"),
        ("/health", "GET"),
    ]
    assert rows[0] | {"created_at": "", "extraction_time_ms": ""} == {
        "path": "/items",
        "method": "GET",
        "summary": "All items",
        "operation_id": "listItems",
        "tags": "items",
        "filename": "items_GET.yaml",
        "file_size_kb": f"{len(shop.files()['items_GET.yaml']) / 1024:.1f}",
        "schema_count": "2",
        "parameter_count": "0",
        "response_codes": "200",
        "security_required": "false",
        "deprecated": "false",
        "created_at": "",
        "output_oas_version": "3.0.x",
        "validation_status": "PASS",
        "failure_reason": "",
        "extraction_time_ms": "",
    }
    assert rows[2]["parameter_count"] == "1"
    assert rows[2]["deprecated"] == "true"


def test_a_slice_holds_its_operation_and_what_that_reaches(shop: Repository) -> None:
    assert yaml.safe_load(shop.files()["items-id_GET.yaml"]) == {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "paths": {
            "/items/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "get": {
                    "operationId": "getItem",
                    "deprecated": True,
                    "responses": {
                        "200": {
                            "description": "ok",
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}},
                        }
                    },
                },
            }
        },
        "components": {
            "schemas": {
                "Item": {"type": "object", "properties": {"price": {"$ref": "#/components/schemas/Price"}}},
                "Price": {"type": "number", "description": "In euros"},
            }
        },
    }


def test_a_second_run_does_nothing(shop: Repository) -> None:
    before = shop.times()
    done = shop.doit("-n", "2")
    assert done.code == 0
    assert "0 made, 4 unchanged" in done.out
    assert shop.times() == before


def test_an_edited_schema_rebuilds_just_the_endpoints_that_reach_it(shop: Repository) -> None:
    rows = shop.rows()
    edit(shop, "In euros", "In cents")
    assert changed_by(shop) == {"items_GET.yaml", "items-id_GET.yaml"}
    untouched = [row for row in rows if row["filename"] in ("items_POST.yaml", "health_GET.yaml")]
    assert [row for row in shop.rows() if row["filename"] in ("items_POST.yaml", "health_GET.yaml")] == untouched


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("    Unused: {type: string}\n", "    Unused: {type: integer}\n", id="an unreached schema"),
        pytest.param("    Unused: {type: string}\n", "", id="an unreached schema removed"),
        pytest.param("      summary: All items", "      # a comment\n      summary:   'All items'", id="spelling"),
        pytest.param(
            "  /health:\n    get:\n      responses:\n        '200': {description: ok}\n", "", id="another path removed"
        ),
    ],
)
def test_edits_elsewhere_rebuild_nothing(shop: Repository, old: str, new: str) -> None:
    edit(shop, old, new)
    assert changed_by(shop) - {"health_GET.yaml"} == set()


def test_reordered_paths_rebuild_nothing_but_the_index(shop: Repository) -> None:
    document = yaml.safe_load(DOCUMENT)
    document["paths"] = dict(reversed(document["paths"].items()))
    shop.write("api.yaml", json.dumps(document))  # and JSON is YAML
    assert changed_by(shop) == set()
    assert [row["path"] for row in shop.rows()] == ["/health", "/items/{id}", "/items", "/items"]


def test_a_removed_path_takes_its_slice_along(shop: Repository) -> None:
    edit(shop, "  /health:\n    get:\n      responses:\n        '200': {description: ok}\n", "")
    assert changed_by(shop) == {"health_GET.yaml"}
    assert "health_GET.yaml" not in shop.files()
    assert [row["path"] for row in shop.rows()] == ["/items", "/items", "/items/{id}"]


def test_foreign_files_in_the_output_folder_stay(shop: Repository) -> None:
    shop.write("slices/mine_GET.yaml", "mine")
    edit(shop, "  /health:\n    get:\n      responses:\n        '200': {description: ok}\n", "")
    assert shop.doit().code == 0
    assert shop.files()["mine_GET.yaml"] == b"mine"


@pytest.mark.parametrize("harm", ["edited", "deleted"])
def test_a_harmed_slice_is_restored(shop: Repository, harm: str) -> None:
    good = shop.files()
    if harm == "edited":
        shop.write("slices/items_GET.yaml", good["items_GET.yaml"] + b"# mine\n")
    else:
        (shop.slices / "items_GET.yaml").unlink()
    assert changed_by(shop) == {"items_GET.yaml"}
    assert shop.files() == good


def test_a_touched_document_rebuilds_nothing(shop: Repository) -> None:
    os.utime(shop.folder / "api.yaml")
    assert changed_by(shop) == set()


def test_a_fresh_clone_with_slices_and_no_state_changes_nothing(shop: Repository) -> None:
    before = {file.name: file.read_bytes() for file in shop.slices.iterdir()}
    for file in (shop.folder / ".oas_tasks").iterdir():
        file.unlink()
    assert changed_by(shop) == set()
    assert {file.name: file.read_bytes() for file in shop.slices.iterdir()} == before


def test_a_fresh_clone_removes_the_slice_of_a_path_that_is_gone(shop: Repository) -> None:
    for file in (shop.folder / ".oas_tasks").iterdir():
        file.unlink()
    edit(shop, "  /health:\n    get:\n      responses:\n        '200': {description: ok}\n", "")
    assert changed_by(shop) == {"health_GET.yaml"}


def test_a_component_that_is_added_takes_its_name_from_what_slices_moved(shop: Repository) -> None:
    """A name means the same in all slices, so that those that used it for something else are made again."""
    shop.write("more.yaml", "Level: {type: integer}\n")
    edit(shop, "        price: {$ref: '#/components/schemas/Price'}", "        price: {$ref: more.yaml#/Level}")
    assert changed_by(shop) == {"items_GET.yaml", "items-id_GET.yaml"}
    assert b"    Level:\n" in shop.files()["items_GET.yaml"]
    edit(shop, "    Unused: {type: string}\n", "    Unused: {type: string}\n    Level: {type: string}\n")
    assert changed_by(shop) == {"items_GET.yaml", "items-id_GET.yaml"}
    assert b"    Level_2:\n" in shop.files()["items_GET.yaml"]


def everything(shop: Repository) -> dict[str, bytes]:
    """Return what git would see of the output folder."""
    return {file.name: file.read_bytes() for file in shop.slices.iterdir()}


def put_back(shop: Repository, document: str, files: dict[str, bytes]) -> None:
    """Check another commit out: the document, the slices and their index."""
    shop.write("api.yaml", document)
    for file in shop.slices.iterdir():
        file.unlink()
    for name, content in files.items():
        shop.write(f"slices/{name}", content)


def made_elsewhere(files: dict[str, bytes], year: str) -> dict[str, bytes]:
    """Return the same slices as a build on another machine leaves them: with other times in the index."""
    return {**files, "index.csv": re.sub(rb",20\d\d-", f",{year}-".encode(), files["index.csv"])}


@pytest.mark.parametrize("parallel", [(), ("-n", "2")])
def test_slices_that_were_made_elsewhere_keep_their_rows(shop: Repository, parallel: tuple[str, ...]) -> None:
    theirs = made_elsewhere(everything(shop), "2001")
    put_back(shop, DOCUMENT, theirs)
    assert shop.doit(*parallel).code == 0
    assert everything(shop) == theirs
    edited = DOCUMENT.replace("In euros", "In euros, as a rule")
    shop.write("api.yaml", edited)
    assert shop.doit(*parallel).code == 0
    ours = everything(shop)
    assert [row["created_at"][:4] == "2001" for row in shop.rows()] == [False, True, False, True]
    if parallel:  # what a run over one endpoint leaves is as good
        shop.write("api.yaml", edited.replace("as a rule", "always"))
        assert shop.doit("slice:GET /items").code == 0
    put_back(shop, DOCUMENT, theirs)  # back to the other branch
    assert shop.doit(*parallel).code == 0
    assert everything(shop) == theirs
    ours = made_elsewhere(ours, "2002")  # and on to that of somebody who made the same change
    put_back(shop, edited, ours)
    assert shop.doit(*parallel).code == 0
    assert everything(shop) == ours
    assert shop.doit().out.startswith("0 made, 4 unchanged")


@pytest.mark.parametrize("parallel", [(), ("-n", "2")])
def test_what_is_made_over_slices_from_elsewhere_has_its_own_time(shop: Repository, parallel: tuple[str, ...]) -> None:
    theirs = made_elsewhere(everything(shop), "2001")
    put_back(shop, DOCUMENT.replace("In euros", "In euros, as a rule"), theirs)
    assert shop.doit(*parallel).code == 0
    assert [row["created_at"][:4] == "2001" for row in shop.rows()] == [False, True, False, True]
    assert shop.doit(*parallel).out.startswith("0 made, 4 unchanged")
    assert [row["created_at"][:4] == "2001" for row in shop.rows()] == [False, True, False, True]


def test_an_index_that_tells_no_times_is_written_anew(shop: Repository) -> None:
    good = everything(shop)
    for cell in (b",yesterday,", b",,", b",2001-1-1,"):
        put_back(shop, DOCUMENT, {**good, "index.csv": re.sub(rb",20\d\d-[^,]*,", cell, good["index.csv"])})
        assert shop.doit().code == 0
        assert everything(shop) == good


def test_a_slice_that_was_made_elsewhere_of_a_path_that_is_gone_is_removed(shop: Repository) -> None:
    ours = everything(shop)
    health = DOCUMENT[DOCUMENT.index("  /health:") : DOCUMENT.index("components:")]
    more = Repository(shop.folder.parent / "elsewhere")
    more.write("dodo.py", (shop.folder / "dodo.py").read_text())
    more.write("api.yaml", DOCUMENT.replace(health, health + health.replace("/health", "/ready")))
    more.configure(spec="api.yaml")
    assert more.doit().code == 0
    put_back(shop, DOCUMENT, everything(more))
    shop.write("slices/mine_GET.yaml", "mine")
    assert shop.doit().code == 0
    assert everything(shop).keys() == {*ours, "mine_GET.yaml"}


def test_a_fault_fails_its_endpoint_alone_and_is_remembered(shop: Repository) -> None:
    edit(shop, "price: {$ref: '#/components/schemas/Price'}", "price: {$ref: '#/components/schemas/Prise'}")
    done = shop.doit()
    assert done.code == 1
    assert "Traceback" not in done.text
    assert set(shop.files()) == {"items_POST.yaml", "health_GET.yaml"}
    rows = {row["path"] + row["method"]: row for row in shop.rows()}
    assert rows["/itemsGET"]["validation_status"] == "FAIL"
    assert (
        "'#/components/schemas/Prise' is referenced but not defined. Did you mean 'Price'?"
        in (rows["/itemsGET"]["failure_reason"])
    )
    assert rows["/itemsGET"]["failure_reason"].startswith("api.yaml:46:23: ")
    assert rows["/healthGET"]["validation_status"] == "PASS"
    again = shop.doit()
    assert again.code == 1
    assert "Extracting" not in again.out
    assert "2 failed" in again.out
    edit(shop, "Prise", "Price")
    assert shop.doit().code == 0
    assert len(shop.files()) == 4


def test_a_single_endpoint_is_built_by_name(shop: Repository) -> None:
    for name in shop.files():
        (shop.slices / name).unlink()
    assert shop.doit("slice:GET /items/{id}").code == 0
    assert set(shop.files()) == {"items-id_GET.yaml"}


def test_info_shows_what_a_slice_depends_on(shop: Repository) -> None:
    done = shop.doit("info", "slice:GET /items/{id}")
    assert done.code == 0
    assert "#/components/schemas/Price" in done.out
    assert "#/components/schemas/NewItem" not in done.out
    assert "api.yaml" in done.out


def test_list_clean_and_forget(shop: Repository) -> None:
    assert "slice:GET /items/{id}" in shop.doit("list", "--all").out
    before = shop.times()
    assert shop.doit("forget", "slice:GET /items/{id}").code == 0
    done = shop.doit()
    assert "Extracting endpoint 1/1" in done.out
    assert {name: time for name, time in shop.times().items() if name != "index.csv"} == {
        name: time for name, time in before.items() if name != "index.csv"
    }
    shop.write("slices/mine.txt", "mine")
    assert shop.doit("clean").code == 0
    assert [file.name for file in shop.slices.iterdir()] == ["mine.txt"]
    assert shop.doit().code == 0
    assert len(shop.files()) == 5


def test_names_that_doit_cannot_hold_are_spelt_so_that_they_can_be_selected(repository: Repository) -> None:
    document = yaml.safe_load(DOCUMENT)
    operation = document["paths"]["/health"]
    document["paths"] = {"/a=b": operation, "/files/*": operation, "/x[y]": operation, "/50%?q": operation}
    repository.write("api.yaml", yaml.safe_dump(document))
    repository.configure(spec="api.yaml")
    names = [line.split()[1] for line in repository.doit("list", "--all").out.splitlines() if "slice:GET" in line]
    assert sorted(names) == ["/50%25%3Fq", "/a%3Db", "/files/%2A", "/x%5By%5D"]
    for count, name in enumerate(names, 1):
        done = repository.doit(f"slice:GET {name}")
        assert done.code == 0, done.text
        assert len(repository.files()) == count


def test_the_generators_work_beside_other_tasks_under_another_configuration(repository: Repository) -> None:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml")
    repository.write(
        "dodo.py",
        "from oas_tasks import task_index, task_prune, task_slice\n"
        "DOIT_CONFIG = {'backend': 'sqlite3', 'dep_file': 'other.db'}\n"
        "def task_other():\n    return {'actions': ['echo other'], 'task_dep': ['index']}\n",
    )
    done = repository.doit("-n", "2")
    assert done.code == 0, done.text
    assert len(repository.files()) == 4
    assert len(repository.rows()) == 4
    before = repository.times()
    assert repository.doit().code == 0
    assert repository.times() == before


def test_a_document_that_is_not_there_does_not_hold_up_other_tasks(repository: Repository) -> None:
    repository.configure(spec="nowhere.yaml")
    repository.write(
        "dodo.py",
        repository.folder.joinpath("dodo.py").read_text() + "def task_other(): return {'actions': ['true']}\n",
    )
    assert repository.doit("other").code == 0
    done = repository.doit("slice")
    assert done.code == 2
    assert "nowhere.yaml: there is no such file" in done.text
    assert "Traceback" not in done.text


def test_several_documents_are_built_side_by_side(repository: Repository) -> None:
    repository.write("a.yaml", DOCUMENT)
    repository.write("b.yaml", DOCUMENT.replace("/items", "/things"))
    repository.write(
        "pyproject.toml",
        "[tool.oas_tasks]\nformat = 'json'\n"
        "[[tool.oas_tasks.specs]]\nname = 'a'\nspec = 'a.yaml'\noutput_dir = 'slices/a'\n"
        "[[tool.oas_tasks.specs]]\nname = 'b'\nspec = 'b.yaml'\noutput_dir = 'slices/b'\n",
    )
    done = repository.doit("-n", "2")
    assert done.code == 0, done.text
    assert (repository.slices / "a" / "items_GET.json").exists()
    assert (repository.slices / "b" / "things_GET.json").exists()
    assert (repository.slices / "a" / "index.csv").exists()
    assert "slice:b:GET /things/{id}" in repository.doit("list", "--all").out


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"filter": "/items*"}, {"items_GET.yaml", "items_POST.yaml", "items-id_GET.yaml"}),
        ({"filter": "^/items$", "filter_type": "regex"}, {"items_GET.yaml", "items_POST.yaml"}),
        ({"methods": ["post"]}, {"items_POST.yaml"}),
        ({"tags": ["items"]}, {"items_GET.yaml"}),
        ({"operation_ids": ["getItem"]}, {"items-id_GET.yaml"}),
        ({"filter": "/items*", "methods": ["GET"]}, {"items_GET.yaml", "items-id_GET.yaml"}),
    ],
)
def test_filters_select_endpoints(repository: Repository, settings: dict[str, object], expected: set[str]) -> None:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml", **settings)
    assert repository.doit().code == 0
    assert set(repository.files()) == expected
    assert {row["filename"] for row in repository.rows()} == expected


@pytest.mark.parametrize("count", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_replaying_a_real_history_gives_what_clean_builds_give(
    repository: Repository, tmp_path: Path, count: int
) -> None:
    history = sorted(spec("history/discord").glob("*.json"))
    clean = Repository(tmp_path / "clean")
    clean.write("dodo.py", repository.folder.joinpath("dodo.py").read_text())
    repository.configure(spec="api.json")
    before: dict[str, bytes] = {}
    for number, version in enumerate(history[:count]):
        content = version.read_bytes()
        for each in (repository, clean):
            each.write("api.json", content)
        clean.configure(spec="api.json", cache_dir=f"cache{number}", output_dir=f"slices{number}")
        times = repository.times() if before else {}
        assert repository.doit("-n", "2").code == 0
        assert clean.doit("-n", "2").code == 0
        folder = clean.folder / f"slices{number}"
        expected = {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "index.csv"}
        assert repository.files() == expected
        for name, time in repository.times().items():
            if name != "index.csv" and before.get(name) == expected[name]:
                assert time == times[name], f"{name} was written again at {version.name}"
        before = expected


def test_the_line_of_a_fault_follows_edits_elsewhere_in_the_document(shop: Repository) -> None:
    edit(shop, "      summary: All items", "      summary: [wrong]")
    assert shop.doit().code == 1
    assert "api.yaml:10:16:" in shop.rows()[0]["failure_reason"]
    edit(shop, "tags:\n  - {name: items", "# one more line\ntags:\n  - {name: items")
    before = shop.times()
    assert shop.doit().code == 1
    assert "api.yaml:11:16:" in shop.rows()[0]["failure_reason"]
    assert {name for name, time in shop.times().items() if before[name] != time} == {"index.csv"}


def test_the_line_of_a_notice_follows_edits_elsewhere_and_of_a_document_it_is_told_once(shop: Repository) -> None:
    edit(shop, "'201': {description: made}", "'201': {<<: {description: made now}}")
    edit(shop, "'200': {description: ok}", "'200': {<<: {description: is ok}}")
    shop.doit()
    for old, new, place in (
        ("tags:\n  - {name: items", "# one more line\ntags:\n  - {name: items", "api.yaml:25:16:"),
        ("# one more line\n", "# one more line\n# and one\n", "api.yaml:26:16:"),
    ):
        edit(shop, old, new)
        edit(shop, "{description: is", "{description: is still")
        told = [each for each in shop.slice_oas("--batch").out.splitlines() if "merge key" in each]
        assert [each.partition(" the ")[0] for each in told] == [f"  POST /items and 1 more: {place}"]


def test_a_known_fault_is_no_unchanged_slice_and_fails_its_own_task_again(shop: Repository) -> None:
    edit(shop, "      summary: All items", "      summary: [wrong]")
    for _ in range(2):
        done = shop.doit()
        assert (done.code, "1 failed" in done.out, "3 unchanged" in done.out) == (1, True, True), done.text
        assert shop.doit("slice:GET /items").code == 1


@pytest.mark.parametrize("parallel", ["0", "2"])
def test_slices_that_are_up_to_date_are_made_beside_stale_ones_where_they_are_asked_for(
    shop: Repository, parallel: str
) -> None:
    """The stale ones are made of an excerpt of the document, in which the others are not."""
    whole = shop.files()
    for command in (("run", "-a"), ("forget",)):
        (shop.slices / "items-id_GET.yaml").unlink()
        if command == ("forget",):
            assert shop.doit("forget").code == 0
        done = shop.doit(*(command if command[0] == "run" else ()), "-n", parallel)
        assert done.code == 0, done.text
        assert shop.files() == whole


def test_a_slice_that_somebody_edited_stays_after_a_run_that_wrote_it_and_no_index(shop: Repository) -> None:
    edit(shop, "In euros", "In dollars")
    assert shop.doit("slice:GET /items").code == 0
    file = shop.slices / "items_GET.yaml"
    edited = file.read_text() + "x-mine: kept\n"
    file.write_text(edited)
    text = (shop.folder / "api.yaml").read_text()
    first, second = text.index("  /items:"), text.index("  /items/{id}:")
    shop.write("api.yaml", text[:first] + text[second:])
    done = shop.doit()
    assert done.code == 0, done.text
    assert file.read_text() == edited
