"""Faults of the document, as the command line tells them: each once; and the setting that lets them pass."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.conftest import Repository, spec

BATCH = ("--input", "api.yaml", "--batch")


def shared(count: int, target: str = "#/components/schemas/Typo") -> str:
    """Return a document of which all endpoints but the last have the fault of one schema."""
    paths = "".join(
        f"""\
  /a{number}:
    get:
      responses:
        '200': {{description: ok, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Shared'}}}}}}}}
"""
        for number in range(count)
    )
    return f"""\
openapi: 3.1.0
info: {{title: t, version: '1'}}
paths:
{paths}\
  /last:
    get: {{responses: {{'200': {{$ref: '#/components/responses/Absent'}}}}}}
components:
  schemas:
    Shared: {{$ref: '{target}'}}
"""


LENIENT = """\
openapi: 3.1.0
info: {title: Zoo, version: '1'}
paths:
  /right:
    get: {responses: {'200': {description: ok}}}
  /faulty:
    get:
      summry: misspelt
      responses: {'200': {description: ok}}
  /advised:
    get:
      parameters: [{name: a, in: query, schema: {type: string, default: 1}}]
      responses: {'200': {description: ok}}
  /broken:
    get: {responses: {'200': {$ref: '#/components/responses/Nope'}}}
"""


def status(repository: Repository) -> dict[str, str]:
    return {row["path"]: row["validation_status"] for row in repository.rows()}


def test_faults_are_told_once_each_those_that_touch_most_endpoints_first(repository: Repository) -> None:
    repository.write("api.yaml", shared(24))
    told = (
        "2 faults keep 25 endpoints from being sliced:\n"
        "  api.yaml:104:20  '#/components/schemas/Typo' is referenced but not defined\n"
        "    24 endpoints: GET /a0, GET /a1, GET /a2 and 21 more\n"
        "  api.yaml:101:37  '#/components/responses/Absent' is referenced but not defined\n"
        "    GET /last\n"
    )
    assert told in repository.slice_oas(*BATCH, "--dry-run").out
    for command in (BATCH, BATCH, ("check", "--input", "api.yaml"), ("hook", "--input", "api.yaml")):
        done = repository.slice_oas(*command)
        assert done.code == 1
        assert told in done.out, done.out
        assert done.out.count("is referenced") == 2
        assert "--lenient" not in done.out  # which would give no slice here


def test_where_the_setting_would_have_given_slices_the_summary_says_how_many(repository: Repository) -> None:
    repository.write("api.yaml", LENIENT)
    sentence = "2 endpoints have no slice for faults of the document; --lenient slices 1 of them as they are\n"
    assert sentence in repository.slice_oas(*BATCH).out
    assert sentence in repository.slice_oas("check", "--input", "api.yaml").out
    one = repository.slice_oas("--input", "api.yaml", "--path", "/faulty", "--method", "GET")
    assert one.code == 1
    assert "1 fault keeps 1 endpoint from being sliced:\n  api.yaml:8:" in one.out
    assert "1 endpoint has no slice for faults of the document; --lenient slices it as it is\n" in one.out


def test_faults_of_the_document_can_be_let_pass_and_references_to_nothing_cannot(repository: Repository) -> None:
    repository.write("api.yaml", LENIENT)
    done = repository.slice_oas(*BATCH, "--lenient")
    assert done.code == 1
    assert status(repository) == {"/right": "PASS", "/faulty": "WARN", "/advised": "WARN", "/broken": "FAIL"}
    reasons = {row["path"]: row["failure_reason"] for row in repository.rows()}
    assert reasons["/faulty"].startswith("api.yaml: 'summry' may not stand here")
    assert "summry: misspelt" in repository.files()["faulty_GET.yaml"].decode()
    assert "2 faults of the document are in 2 slices (WARN):\n" in done.out
    assert "  api.yaml:12:" in done.out  # the line is looked up
    assert "3 made, 0 unchanged, 0 removed, 1 failed, 2 warned;" in done.out

    again = repository.slice_oas(*BATCH, "--lenient")
    assert "0 made, 3 unchanged, 0 removed, 1 failed, 2 warned;" in again.out
    assert "Extracting" not in again.out
    assert "2 slices have faults of the document, as before: WARN in " in again.out
    assert "summry" not in again.out

    repository.write("api.yaml", LENIENT.partition("  /broken")[0])
    done = repository.slice_oas(*BATCH, "--lenient")
    assert done.code == 0, done.text
    for _ in range(2):  # the second one is told by the output as a whole
        done = repository.slice_oas(*BATCH, "--lenient")
        assert (done.code, "0 made, 3 unchanged, 0 removed, 0 failed, 2 warned; 100.0% passed" in done.out) == (0, True)
    found = json.loads(repository.slice_oas("check", "--json", "--input", "api.yaml", "--lenient").out)
    assert [each["path"] for each in found[0]["warned"]] == ["/faulty", "/advised"]
    listed = json.loads(repository.slice_oas("list", "--json", "--input", "api.yaml", "--lenient").out)
    assert [each["status"] for each in listed] == ["PASS", "WARN", "WARN"]
    why = repository.slice_oas("why", "GET", "/faulty", "--input", "api.yaml", "--lenient").out
    assert "is up to date" in why
    assert "the document has a fault, and so has the slice: api.yaml: 'summry' may not stand here" in why


def test_the_setting_makes_again_just_what_it_decides(repository: Repository) -> None:
    repository.write("api.yaml", LENIENT)
    repository.configure(spec="api.yaml")
    assert repository.doit().code == 1
    before = repository.times()
    assert "faulty_GET.yaml" not in before
    done = repository.doit("source_faults=warn")
    assert "1 made, 2 unchanged, 0 removed, 1 failed, 2 warned;" in done.out, done.text
    after = repository.times()
    assert {name: after[name] for name in before if name != "index.csv"} == {
        name: before[name] for name in before if name != "index.csv"
    }
    done = repository.doit()
    assert "Extracting endpoint 1/1 " in done.out
    assert "0 made, 2 unchanged, 0 removed, 2 failed, 1 warned;" in done.out
    assert status(repository) == {"/right": "PASS", "/faulty": "FAIL", "/advised": "WARN", "/broken": "FAIL"}
    assert "faulty_GET.yaml" not in repository.files()


def test_an_edit_elsewhere_leaves_a_warned_slice_and_its_row_as_they_are(repository: Repository) -> None:
    repository.write("api.yaml", LENIENT)
    repository.slice_oas(*BATCH, "--lenient")
    before = repository.rows()
    repository.write("api.yaml", LENIENT.replace("  /right:\n", "  # a line more\n  /right:\n"))
    done = repository.slice_oas(*BATCH, "--lenient")
    assert "0 made, 3 unchanged" in done.out
    assert [row for row in repository.rows() if row["path"] != "/broken"] == before[:3]
    fresh = repository.slice_oas(*BATCH, "--lenient", "--cache-dir", "other")
    assert "0 made, 3 unchanged" in fresh.out
    assert [row for row in repository.rows() if row["path"] != "/broken"] == before[:3]


STRAYS = """\
openapi: 3.0.3
info: {title: t, version: '1'}
deprecated: true
paths:
  /a:
    get:
      parameters:
        - {name: q, in: query, foo: 1, schema: {type: strng, bar: 1, minLength: -1}}
      responses: {'200': {description: ok}}

  users:
    get: {responses: {'200': {description: ok}}}
"""


def test_a_fault_has_the_same_place_whether_it_costs_the_slice_or_not(repository: Repository) -> None:
    repository.write("api.yaml", STRAYS)
    for options in ((), ("--lenient",)):
        told = [line.strip() for line in repository.slice_oas(*BATCH, *options).out.splitlines() if line[:3] == "  a"]
        places = [line.replace("'", "").split()[:2] for line in told]
        assert places == [
            ["api.yaml:3:1", "deprecated"],
            ["api.yaml:8:55", '"strng"'],
            ["api.yaml:8:81", "-1"],
            ["api.yaml:8:62", "bar"],
            ["api.yaml:8:32", "foo"],
            ["api.yaml:11:3", "users"],
        ]


def test_one_broken_schema_is_told_in_at_most_ten_lines(repository: Repository) -> None:
    text = shared(60, target="#/components/responses/Absent")
    fine = text.replace("Absent", "Ok").replace("#/components/responses/Ok'}\n", "#/components/schemas/Any'}\n")
    fine += "    Any: {type: string}\n  responses: {Ok: {description: ok}}\n"
    repository.write("api.yaml", fine)
    assert repository.slice_oas(*BATCH).code == 0
    repository.write("api.yaml", fine.replace("schemas/Any", "schemas/Typo"))
    checked = repository.slice_oas("check", "--input", "api.yaml")
    assert (checked.code, len(checked.out.splitlines()) <= 10) == (3, True), checked.out
    assert "stale    60 slices of endpoints that fail: " in checked.out
    hooked = repository.slice_oas("hook", "--input", "api.yaml")
    assert (hooked.code, len(hooked.out.splitlines()) <= 10) == (1, True), hooked.out
    built = [line for line in repository.slice_oas(*BATCH).out.splitlines() if not line.startswith("Extracting")]
    assert len(built) <= 10
    assert len(repository.files()) == 1


def test_a_schema_that_is_gone_is_one_fault_in_many_places(repository: Repository) -> None:
    text = shared(12).replace("schemas/Shared'}", "schemas/Gone'}").replace("schemas/Typo", "schemas/Any")
    repository.write("api.yaml", text + "    Any: {type: string}\n")
    told = repository.slice_oas(*BATCH).out
    assert "13 faults keep 13 endpoints from being sliced:\n  api.yaml:7:" in told
    assert " and 11 more places  '#/components/schemas/Gone' is referenced but not defined\n    12 endpoints: " in told


def test_at_most_ten_faults_are_told_and_where_the_rest_is(repository: Repository) -> None:
    paths = "".join(
        f"  /a{number}:\n    get: {{responses: {{'200': {{$ref: '#/components/responses/No{number}'}}}}}}\n"
        for number in range(14)
    )
    repository.write("api.yaml", f"openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths:\n{paths}")
    told = repository.slice_oas(*BATCH).out
    assert told.count("is referenced but not defined") == 10
    assert "14 faults keep 14 endpoints from being sliced:\n" in told
    assert "  and 4 more, see " in told


@pytest.mark.slow
def test_one_schema_of_a_large_document_broken_is_told_in_at_most_ten_lines(repository: Repository) -> None:
    document = json.loads(spec("github.json").read_text(encoding="utf-8"))
    repository.write("api.yaml", json.dumps(document))
    assert repository.slice_oas(*BATCH).code == 0
    document["components"]["schemas"]["simple-user"]["properties"]["login"] = {"$ref": "#/components/schemas/Typo"}
    repository.write("api.yaml", json.dumps(document))
    outputs = [repository.slice_oas(*command, "--input", "api.yaml").out for command in (("check",), ("hook",))]
    outputs.append(repository.slice_oas(*BATCH).out)
    for out in outputs:
        assert len([line for line in out.splitlines() if not line.startswith("Extracting")]) <= 10, out
    assert Counter(status(repository).values())["FAIL"] > 0
