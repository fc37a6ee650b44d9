"""`slice-oas version-info` says what a build to each other version would block or lose, no less and no more."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from oas_tasks.document.document import load_document, read_bytes
from oas_tasks.openapi.model import FAMILIES, Family
from oas_tasks.queries.version_info import surveys
from oas_tasks.settings import load_settings
from tests.conftest import DOCUMENTS, SAMPLE, THOROUGH, Repository, spec
from tests.in_process import slices_of
from tests.random_documents import Drawn, documents
from tests.slices.test_properties import write

HEAD = """\
openapi: 3.1.0
info: {title: Diagnostic, version: '1', summary: Short}
"""
DOCUMENT = f"""\
{HEAD}paths:
  /a:
    get: {{responses: {{'200': {{$ref: '#/components/responses/Both'}}}}}}
  /b:
    get: {{security: [{{tls: []}}], responses: {{'200': {{$ref: '#/components/responses/Both'}}}}}}
  /c:
    get: {{tags: [plain], responses: {{'200': {{description: ok}}}}}}
webhooks:
  w: {{post: {{responses: {{'200': {{description: ok}}}}}}}}
components:
  responses:
    Both: {{description: ok, content: {{a/json: {{schema: {{$ref: '#/components/schemas/A'}}}}}}}}
  securitySchemes: {{tls: {{type: mutualTLS}}}}
  schemas:
    A: {{type: object, propertyNames: {{pattern: a}}, properties: {{b: {{$ref: '#/components/schemas/B'}}}}}}
    B: {{type: object, propertyNames: {{pattern: b}}}}
    Unused: {{type: object, propertyNames: {{pattern: c}}}}
"""
IMPOSSIBLE = "  impossible (there is nothing for it), 1 x in 1 endpoint, which it blocks"
LEFT = "left as it is, so that security is not weakened"


def told(repository: Repository, *arguments: str) -> dict[str, Any]:
    done = repository.slice_oas("version-info", "--json", *arguments)
    assert done.code == 0, done.text
    (found,) = json.loads(done.out)
    assert isinstance(found, dict)
    return found


def places(repository: Repository, *arguments: str) -> set[str]:
    """Return the places of what a conversion to 3.0 loses."""
    return {loss["pointer"] for loss in told(repository, "--input", "api.yaml", *arguments)["losses"]["3.0"]}


def test_blocks_and_losses_are_told_with_counts_and_places(repository: Repository) -> None:
    repository.write("api.yaml", DOCUMENT)
    done = repository.slice_oas("version-info", "--input", "api.yaml")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "api.yaml is OpenAPI 3.1.0",
        "",
        "to 3.0.4: 2 impossible, 2 loosened, 1 lossy; 1 of 3 endpoints would get no slice",
        f"{IMPOSSIBLE}: 3.0 has no security scheme 'mutualTLS'; left as it is, which 3.0 rejects",
        "    #/components/securitySchemes/tls/type",
        f"{IMPOSSIBLE}: the security scheme 'tls' is mutualTLS, which 3.0 does not have; {LEFT}",
        "    #/paths/~1b/get/security/0/tls",
        "  loosened (accepts more), 2 x in 1 endpoint: 'propertyNames' cannot be said in 3.0; dropped",
        "    #/components/schemas/A/propertyNames",
        "    #/components/schemas/B/propertyNames",
        "  lossy (is lost), 1 x in 2 endpoints: 'summary' of 'info' does not exist in 3.0; kept as 'x-summary'",
        "    #/info/summary",
        "",
        "to 3.2.0: nothing is lost",
    ]
    assert not repository.slices.exists()
    assert not (repository.folder / ".oas_tasks").exists()


def test_the_same_for_programs(repository: Repository) -> None:
    repository.write("api.yaml", DOCUMENT)
    found = told(repository, "--input", "api.yaml")
    assert found["version"] == "3.1.0"
    assert found["losses"]["3.2"] == found["failed"]["3.2"] == []
    assert Counter(loss["kind"] for loss in found["losses"]["3.0"]) == {"impossible": 2, "loosened": 2, "lossy": 1}
    assert [(each["method"], each["path"]) for each in found["failed"]["3.0"]] == [("GET", "/b")]


def test_just_the_endpoints_that_are_asked_for_are_looked_at(repository: Repository) -> None:
    repository.write("api.yaml", DOCUMENT)
    summary, loosened = {"#/info/summary"}, {f"#/components/schemas/{name}/propertyNames" for name in "AB"}
    assert places(repository, "--filter", "/c") == places(repository, "--tag", "plain") == summary
    assert places(repository, "GET /a") == places(repository, "--filter", "/a") == summary | loosened
    assert places(repository, "--strict", "GET /a") == summary | loosened
    assert places(repository, "--webhooks", "--filter", "w") == {"#/webhooks/w"}
    done = repository.slice_oas("version-info", "--input", "api.yaml", "--filter", "/z")
    assert (done.code, done.err) == (
        2,
        "slice-oas: no endpoint of api.yaml matches --filter /z. 'slice-oas list' shows all paths\n",
    )
    assert repository.slice_oas("version-info", "--input", "api.yaml", "GET /z").code == 2


def test_just_the_version_that_is_asked_for_is_looked_at(repository: Repository) -> None:
    repository.write("api.yaml", DOCUMENT)
    assert told(repository, "--input", "api.yaml")["losses"].keys() == {"3.0", "3.2"}
    assert told(repository, "--input", "api.yaml", "--output-version", "3.0.x")["losses"].keys() == {"3.0"}
    assert told(repository, "--input", "api.yaml", "--output-version", "3.1.x")["losses"] == {"3.1": []}


def test_what_slices_do_not_have_is_not_told(repository: Repository) -> None:
    """Webhooks, a `$dynamicRef` that always leads to the same schema, and a text that a reference's target gets."""
    schema = "{$dynamicAnchor: n, type: array, items: {$dynamicRef: '#n'}}"
    path = "{get: {responses: {'200': {$ref: '#/components/responses/R', description: Instead}}}}"
    repository.write(
        "api.yaml",
        f"{HEAD.replace(', summary: Short', '')}paths:\n  /a: {path}\n"
        "webhooks: {w: {post: {}}}\n"
        "components:\n"
        "  responses: {R: {description: r, content: {a/json: {schema: {$ref: '#/components/schemas/N'}}}}}\n"
        f"  schemas: {{N: {schema}}}\n",
    )
    assert places(repository) == set()
    assert "to 3.0.4: nothing is lost\n" in repository.slice_oas("version-info", "--input", "api.yaml").out


def test_what_differs_in_names_alone_is_one_sort_of_loss(repository: Repository) -> None:
    properties = "{type: object, required: [%s], properties: {%s}}"
    names = [("id",), ("name",), ("it's", "type"), ("id", "name", "url")]
    schemas = [
        properties % (", ".join(f'"{n}"' for n in each), ", ".join(f'"{n}": {{readOnly: true}}' for n in each))
        for each in names
    ]
    content = ", ".join(f"a/j{n}: {{schema: {schema}}}" for n, schema in enumerate(schemas))
    servers = ", ".join(
        f"{{url: 'https://{{v}}/{value}', variables: {{v: {{enum: [x], default: {value}}}}}}}" for value in "ab"
    )
    repository.write(
        "api.yaml",
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"
        f"servers: [{servers}]\n"
        f"paths: {{/a: {{get: {{responses: {{'200': {{description: ok, content: {{{content}}}}}}}}}}}}}\n",
    )
    out = repository.slice_oas("version-info", "--input", "api.yaml", "--output-version", "3.1.x").out
    assert [line for line in out.splitlines() if " x in " in line] == [
        "  lossy (is lost), 4 x in 1 endpoint: '…' was required in responses only; required both ways",
        "  lossy (is lost), 2 x in 1 endpoint: the default '…' must be one of 'enum' since 3.1; kept as it is",
    ]


def test_a_document_that_is_none_is_told_in_a_sentence(repository: Repository) -> None:
    repository.write("api.yaml", "swagger: '2.0'\n")
    done = repository.slice_oas("version-info", "--input", "api.yaml")
    assert done.code == 2
    assert "swagger2openapi" in done.err


def test_what_stands_in_other_files_is_told_with_the_file(repository: Repository) -> None:
    repository.write("api.yaml", f"{HEAD}paths: {{/a: {{$ref: paths/a.yaml}}}}\n")
    repository.write(
        "paths/a.yaml",
        "get: {responses: {'200': {description: ok, content: {a/json: {schema: {$ref: ../names.yaml}}}}}}",
    )
    repository.write("names.yaml", "{type: object, propertyNames: {pattern: a}}")
    done = repository.slice_oas("version-info", "--input", "api.yaml")
    assert "to 3.0.4: 1 loosened, 1 lossy\n" in done.out
    assert "\n    names.yaml#/propertyNames\n" in done.out
    losses = told(repository, "--input", "api.yaml")["losses"]["3.0"]
    found = {(loss["file"], loss["pointer"]) for loss in losses}
    assert found == {("names.yaml", "#/propertyNames"), ("api.yaml", "#/info/summary")}


# --- as a build would tell --------------------------------------------------------------------------------------------

#: Those whose builds are over soon, of all versions.
QUICK = ["museum.yaml", *(name for name in DOCUMENTS if name.startswith("oai/"))]
_OTHERS = [pytest.param(name, marks=pytest.mark.slow) for name in DOCUMENTS if name not in QUICK]


@pytest.mark.parametrize("name", ["sample", *QUICK, *_OTHERS])
def test_it_tells_of_a_real_document_what_builds_tell(repository: Repository, name: str) -> None:
    file = SAMPLE if name == "sample" else spec(name)
    request = ("--input", str(file), "--webhooks")
    found = told(repository, *request)
    for family in found["losses"]:
        build = ("--batch", *request, "--output-version", f"{family}.x", "--output-dir", family)
        assert repository.slice_oas(*build).code == (1 if found["failed"][family] else 0)
        lines = repository.slice_oas(*build, "--dry-run").out.splitlines()
        listed = json.loads(repository.slice_oas("list", "--json", *request).out)
        titles = [f"{each['method']} {each['path']}: " for each in listed]
        said = [line[len(title) :] for line in lines for title in titles if line.startswith(title)]
        warnings = [each for each in said if not each.startswith(("would ", "the link at "))]
        losses = found["losses"][family]
        assert Counter(warnings) == Counter(
            {
                f"{loss['file']}{loss['pointer']}: {loss['what']}; {loss['became']}": made
                for loss in losses
                if (made := loss["endpoints"] - loss["blocked"])
            }
        )
        with (repository.folder / family / "index.csv").open(encoding="utf-8", newline="") as index:
            rows = list(csv.DictReader(index))
        reasons = Counter(row["failure_reason"] for row in rows if row["validation_status"] == "FAIL")
        assert reasons == Counter(each["reason"] for each in found["failed"][family])
        for loss in losses:
            if loss["blocked"]:
                assert any(f"{loss['what']} (at {loss['pointer']})" in reason for reason in reasons), loss


@pytest.mark.parametrize("family", FAMILIES)
def test_it_tells_of_any_document_what_builds_tell(tmp_path: Path, family: Family) -> None:
    @settings(max_examples=300 if THOROUGH else 10, suppress_health_check=list(HealthCheck))
    @given(documents(family))
    def hold(drawn: Drawn) -> None:
        write(drawn, tmp_path)
        file = tmp_path / "api.json"
        (own,) = load_settings(tmp_path, {"spec": str(file)})
        for survey in surveys(load_document(read_bytes(file, "api.json"), "api.json"), own, None):
            made = slices_of(file, output_version=f"{survey.target}.x").values()
            warnings = Counter(
                text
                for one in made
                for text in map(str, dict.fromkeys(one.warnings))
                if not text.startswith("the link at ")
            )
            lost = {
                str(each.warning).removeprefix(f"{tmp_path}/"): count
                for each, numbers in survey.losses.items()
                if (count := len(set(numbers) - survey.blocked))
            }
            assert warnings == lost
            failed = {(each.endpoint.path, each.endpoint.method) for each in made if each.content is None}
            assert failed == {(survey.endpoints[n].path, survey.endpoints[n].method) for n in survey.failed}

    hold()
