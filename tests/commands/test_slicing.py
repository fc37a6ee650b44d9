"""What `slice-oas` makes, says and answers with, tried as a process."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import DODO, SAMPLE, Repository, spec

DOCUMENT = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /animals:
    get: {tags: [read], operationId: listAnimals, responses: {'200': {description: ok}}}
    post: {tags: [write], operationId: addAnimal, responses: {'201': {description: made}}}
  /animals/{id}:
    get:
      tags: [read]
      operationId: getAnimal
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}}
  /keepers:
    get: {operationId: listKeepers, responses: {'200': {description: ok}}}
"""
FAULTY = DOCUMENT + "  /broken:\n    get: {responses: {'200': {$ref: '#/components/responses/Nope'}}}\n"
BATCH = ("--input", "api.yaml", "--output-dir", "slices", "--batch")
ALL = {"animals_GET.yaml", "animals_POST.yaml", "animals-id_GET.yaml", "keepers_GET.yaml"}


@pytest.fixture
def zoo(tmp_path: Path) -> Repository:
    """A folder with a document and nothing else."""
    made = Repository(tmp_path / "zoo")
    made.write("api.yaml", DOCUMENT)
    return made


def test_a_batch_makes_every_slice_and_the_index_and_says_what_it_did(zoo: Repository) -> None:
    done = zoo.slice_oas(*BATCH)
    assert (done.code, done.err) == (0, "")
    assert zoo.files().keys() == ALL
    assert [row["filename"] for row in zoo.rows()] == [
        "animals_GET.yaml",
        "animals_POST.yaml",
        "animals-id_GET.yaml",
        "keepers_GET.yaml",
    ]
    *progress, counts, where = done.out.splitlines()
    assert progress == [f"Extracting endpoint {n}/4 ({25 * n}%)" for n in (1, 2, 3, 4)]
    assert re.fullmatch(r"4 made, 0 unchanged, 0 removed, 0 failed; 100\.0% passed \(\d+(\.\d)? s\)", counts)
    assert where == f"Slices are in slices, their index is {Path('slices') / 'index.csv'}"


def test_a_second_batch_makes_nothing_and_touches_nothing(zoo: Repository) -> None:
    zoo.slice_oas(*BATCH)
    before = zoo.times()
    done = zoo.slice_oas(*BATCH)
    assert done.code == 0
    assert done.out.startswith("0 made, 4 unchanged, 0 removed, 0 failed; 100.0% passed")
    assert zoo.times() == before


def test_a_fault_is_exit_code_1_and_all_others_are_made(zoo: Repository) -> None:
    zoo.write("api.yaml", FAULTY)
    done = zoo.slice_oas(*BATCH)
    assert done.code == 1
    assert zoo.files().keys() == ALL
    assert "4 made, 0 unchanged, 0 removed, 1 failed; 80.0% passed" in done.out
    fault = "  api.yaml:16:37  '#/components/responses/Nope' is referenced but not defined\n    GET /broken\n"
    assert f"1 fault keeps 1 endpoint from being sliced:\n{fault}" in done.out
    assert [row["validation_status"] for row in zoo.rows()] == ["PASS"] * 4 + ["FAIL"]
    assert "Traceback" not in done.text
    again = zoo.slice_oas(*BATCH)
    assert again.code == 1
    assert fault in again.out


def test_a_slice_that_a_fault_takes_away_is_counted(zoo: Repository) -> None:
    zoo.slice_oas(*BATCH)
    zoo.write("api.yaml", DOCUMENT.replace("{'201': {description: made}}", "{'201': {$ref: '#/components/x/Y'}}"))
    done = zoo.slice_oas(*BATCH)
    assert done.code == 1
    assert zoo.files().keys() == ALL - {"animals_POST.yaml"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--filter", "/animals*"], {"animals_GET.yaml", "animals_POST.yaml", "animals-id_GET.yaml"}),
        (["--filter", "/animals/{id}"], {"animals-id_GET.yaml"}),
        (["--filter", "^/(a|k)[a-z]+$", "--filter-type", "regex"], ALL - {"animals-id_GET.yaml"}),
        (["--method", "get"], ALL - {"animals_POST.yaml"}),
        (["--method", "POST", "--method", "PUT"], {"animals_POST.yaml"}),
        (["--tag", "write"], {"animals_POST.yaml"}),
        (["--tag", "write", "--tag", "read"], ALL - {"keepers_GET.yaml"}),
        (["--operation-id", "listKeepers"], {"keepers_GET.yaml"}),
        (["--tag", "read", "--filter", "*{id}"], {"animals-id_GET.yaml"}),
    ],
)
def test_filters(zoo: Repository, options: list[str], expected: set[str]) -> None:
    done = zoo.slice_oas(*BATCH, *options)
    assert done.code == 0, done.text
    assert zoo.files().keys() == expected
    assert {row["filename"] for row in zoo.rows()} == expected


def test_json_slices_hold_what_yaml_slices_hold(zoo: Repository) -> None:
    zoo.slice_oas(*BATCH)
    as_yaml = {name: yaml.safe_load(content) for name, content in zoo.files().items()}
    assert zoo.slice_oas(*BATCH, "--format", "json").code == 0
    as_json = {name.replace(".json", ".yaml"): json.loads(content) for name, content in zoo.files().items()}
    assert as_json == as_yaml


def test_without_csv_no_index_is_made(zoo: Repository) -> None:
    done = zoo.slice_oas(*BATCH, "--no-csv")
    assert done.code == 0
    assert "index" not in done.out
    assert {file.name for file in zoo.slices.iterdir()} == ALL


def test_a_dry_run_writes_nothing_and_says_what_would_be_done(zoo: Repository) -> None:
    done = zoo.slice_oas(*BATCH, "--dry-run")
    assert done.code == 0
    assert f"GET /animals: would make {Path('slices') / 'animals_GET.yaml'}" in done.out
    assert done.out.endswith("4 would be made, 0 unchanged, 0 removed, 0 failed; nothing was written\n")
    assert [file.name for file in zoo.folder.iterdir()] == ["api.yaml"]


def test_a_dry_run_over_slices_that_are_there_names_the_changed_and_the_removed(zoo: Repository) -> None:
    zoo.slice_oas(*BATCH)
    text = DOCUMENT.replace("description: made", "description: done").replace("/keepers:", "/wardens:")
    zoo.write("api.yaml", text)
    before = zoo.times()
    done = zoo.slice_oas(*BATCH, "--dry-run")
    assert done.out.splitlines() == [
        f"POST /animals: would change {Path('slices') / 'animals_POST.yaml'}",
        f"GET /wardens: would make {Path('slices') / 'wardens_GET.yaml'}",
        f"would remove {Path('slices') / 'keepers_GET.yaml'}",
        "2 would be made, 2 unchanged, 1 removed, 0 failed; nothing was written",
    ]
    assert zoo.times() == before
    zoo.write("api.yaml", FAULTY)
    failing = zoo.slice_oas(*BATCH, "--dry-run")
    assert failing.code == 1
    assert "\n  api.yaml:16:37  '#/components/responses/Nope' is referenced but not defined\n" in f"\n{failing.out}"
    assert "1 failed; nothing was written" in failing.out
    assert zoo.times() == before


@pytest.mark.parametrize("method", ["get", "GET", None])
def test_one_endpoint(zoo: Repository, method: str | None) -> None:
    one = ["--input", "api.yaml", "--output-dir", "slices", "--path", "/animals/{id}"]
    done = zoo.slice_oas(*one, *(["--method", method] if method else []))
    assert done.code == 0, done.text
    assert zoo.files().keys() == {"animals-id_GET.yaml"}
    assert "Extracting endpoint 1/1 (100%)" in done.out


def test_one_endpoint_is_made_again_beside_the_others_and_in_their_index(zoo: Repository) -> None:
    zoo.slice_oas(*BATCH)
    zoo.write("api.yaml", DOCUMENT.replace("description: ok", "description: fine"))
    before = zoo.times()
    assert zoo.slice_oas("--input", "api.yaml", "--path", "/keepers", "--method", "GET").code == 0
    assert {name for name, time in zoo.times().items() if time != before[name]} - {"index.csv"} == {"keepers_GET.yaml"}
    assert len(zoo.rows()) == 4


def test_the_summary_of_one_endpoint_counts_that_one(zoo: Repository) -> None:
    zoo.write("api.yaml", FAULTY)
    assert zoo.slice_oas(*BATCH).code == 1
    one = ["--input", "api.yaml", "--output-dir", "slices", "--path", "/keepers"]
    done = zoo.slice_oas(*one)
    assert done.code == 0
    assert done.out.startswith("0 made, 1 unchanged, 0 removed, 0 failed; 100.0% passed")
    assert "/broken" not in done.text
    (zoo.slices / "keepers_GET.yaml").unlink()
    done = zoo.slice_oas(*one)
    assert "\n1 made, 0 unchanged, 0 removed, 0 failed; 100.0% passed" in done.out
    assert zoo.slice_oas(*one, "--quiet").text == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--path", "/animal", "--method", "GET"], "the document has no path '/animal'. Did you mean '/animals'?"),
        (["--path", "/keepers", "--method", "POST"], "the path '/keepers' has no POST; it has GET"),
        (["--path", "/animals"], "the path '/animals' has GET, POST. Say which with --method"),
        (["--path", "/animals", "--method", "GET", "--method", "POST"], "just one --method"),
        (["--batch", "--filter", "/nothing/*"], "no endpoint of api.yaml matches --filter /nothing/*"),
        (["--batch", "--tag", "nope"], "no endpoint of api.yaml matches --tag"),
        (["--batch", "--filter", "(", "--filter-type", "regex"], "filter"),
        (["--batch", "--format", "xml"], "--format must be yaml or json, and it is 'xml'"),
        (["--batch", "--concurrency", "0"], "concurrency"),
        (["--batch", "--concurrency", "17"], "concurrency"),
        (["--batch", "--concurrency", "many"], "many"),
        (["--batch", "--output-version", "2.0"], "2.0"),
        (["--batch", "--frob"], "there is no option --frob"),
        ([], "which endpoints? Say --batch"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_exit_code_2(zoo: Repository, options: list[str], said: str) -> None:
    done = zoo.slice_oas("--input", "api.yaml", "--output-dir", "slices", *options)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("slice-oas: ")
    assert said in done.err
    assert "Traceback" not in done.err
    assert not zoo.slices.exists()


def test_without_a_document_it_is_asked_for_in_one_sentence(zoo: Repository) -> None:
    done = zoo.slice_oas("--batch")
    assert (done.code, done.err) == (2, "slice-oas: which document? Say --input FILE\n")


def test_settings_of_the_repository_are_used_and_options_go_before_them(zoo: Repository) -> None:
    zoo.configure(spec="api.yaml", output_dir="made", format="json", filter="/animals")
    assert zoo.slice_oas("--batch").code == 0
    assert {file.name for file in (zoo.folder / "made").iterdir()} == {
        "animals_GET.json",
        "animals_POST.json",
        "index.csv",
    }
    assert zoo.slice_oas("--batch", "--format", "yaml", "--method", "post").code == 0
    assert {file.name for file in (zoo.folder / "made").iterdir()} == {"animals_POST.yaml", "index.csv"}


def test_quiet_says_only_what_is_wrong(zoo: Repository) -> None:
    assert zoo.slice_oas(*BATCH, "--quiet").text == ""
    zoo.write("api.yaml", FAULTY)
    done = zoo.slice_oas(*BATCH, "--quiet")
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines() == [
        "1 fault keeps 1 endpoint from being sliced:",
        "  api.yaml:16:37  '#/components/responses/Nope' is referenced but not defined",
        "    GET /broken",
    ]


def test_help_and_version(zoo: Repository) -> None:
    shown = zoo.slice_oas("--help")
    assert shown.code == 0
    for option in ("--input", "--output-dir", "--batch", "--filter", "--dry-run", "--no-csv", "--concurrency"):
        assert option in shown.out
    assert re.fullmatch(r"slice-oas \d+\.\d+.*\n", zoo.slice_oas("--version").out)


def test_the_installed_command_is_the_same(zoo: Repository) -> None:
    command = shutil.which("slice-oas", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("the project is not installed here")
    done = subprocess.run([command, *BATCH], cwd=zoo.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert zoo.files().keys() == ALL


def test_no_file_stands_beside_the_slices_the_cache_and_the_document(zoo: Repository) -> None:
    zoo.slice_oas(*BATCH)
    assert {file.name for file in zoo.folder.iterdir()} == {"api.yaml", "slices", ".oas_tasks"}


def test_the_sample_that_ships_with_the_package(zoo: Repository) -> None:
    done = zoo.slice_oas("--input", str(SAMPLE), "--output-dir", "slices", "--batch")
    assert done.code == 0, done.text
    assert len(zoo.files()) == len(zoo.rows()) >= 15


@pytest.mark.parametrize(
    ("name", "count"), [("discord.json", 242), pytest.param("github.json", 1223, marks=pytest.mark.slow)]
)
def test_a_real_document_with_two_processes(zoo: Repository, name: str, count: int) -> None:
    done = zoo.slice_oas("--input", str(spec(name)), "--batch", "--concurrency", "2", "--format", "json")
    assert done.code == 0
    assert len(zoo.files()) == count
    assert f"{count:,} made, 0 unchanged, 0 removed, 0 failed; 100.0% passed" in done.out


@pytest.mark.parametrize("arguments", [("--batch",), ("hook",)])
def test_of_several_documents_a_failed_endpoint_fails_the_run_and_no_more(
    zoo: Repository, arguments: tuple[str, ...]
) -> None:
    zoo.write("faulty.yaml", FAULTY)
    entry = "[[tool.oas_tasks.specs]]\nname = '{0}'\nspec = '{0}.yaml'\noutput_dir = 'slices/{0}'\n"
    zoo.write("pyproject.toml", entry.format("api") + entry.format("faulty"))
    done = zoo.slice_oas(*arguments)
    assert done.code == 1, done.text
    assert "  faulty.yaml:" in done.out
    assert {file.name for file in (zoo.slices / "faulty").iterdir()} == {*ALL, "index.csv"}
    assert {file.name for file in (zoo.slices / "api").iterdir()} == {*ALL, "index.csv"}


def test_a_warning_that_many_endpoints_share_is_told_once(repository: Repository) -> None:
    paths = "".join(f"  /p{n}:\n    get: {{responses: {{'200': {{description: ok}}}}}}\n" for n in range(25))
    special = "content: {a/b: {schema: {propertyNames: {maxLength: 3}}}}"
    paths += f"  /z:\n    get: {{responses: {{'200': {{description: ok, {special}}}}}}}\n"
    terms = "license: {name: MIT, identifier: MIT}"
    repository.write("api.yaml", f"openapi: 3.1.0\ninfo: {{title: T, version: '1', {terms}}}\npaths:\n{paths}")
    done = repository.slice_oas("--input", "api.yaml", "--batch", "--output-version", "3.0.x")
    assert done.code == 0, done.text
    warnings = done.out[done.out.index("Warnings:") :].splitlines()[1:]
    assert [line.split(": ")[0] for line in warnings] == ["  GET /p0 and 25 more", "  GET /z"]


def test_several_filters_add_up_and_one_that_matches_nothing_is_told(repository: Repository) -> None:
    """Two filters in one call: so far the first was ignored, and the slice that it asked for removed."""
    repository.write(
        "api.yaml",
        """\
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /a: {get: {responses: {"200": {description: ok}}}}
  /b: {get: {responses: {"200": {description: ok}}}}
  /c: {get: {responses: {"200": {description: ok}}}}
""",
    )
    batch = ("--input", "api.yaml", "--output-dir", "slices", "--batch")
    assert repository.slice_oas(*batch).code == 0
    done = repository.slice_oas(*batch, "--filter", "/a*", "--filter", "/b*")
    assert done.code == 0
    assert sorted(file.name for file in repository.slices.glob("*.yaml")) == ["a_GET.yaml", "b_GET.yaml"]
    for _ in range(2):  # also where there is nothing to do
        done = repository.slice_oas(*batch, "--filter", "/a*", "--filter", "/B")
        assert done.code == 0
        assert "Note: no path matches the filter '/B'. Did you mean '/b'?" in done.out
    quiet = repository.slice_oas(*batch, "--filter", "/a*", "--filter", "/B", "--quiet")
    assert (quiet.code, quiet.out) == (0, "")
    assert "no path matches the filter '/B'" in quiet.err
    none = repository.slice_oas(*batch, "--method", "GTE")
    assert none.code == 2
    assert "Did you mean 'GET'?" in none.err
    assert sorted(file.name for file in repository.slices.glob("*.yaml")) == ["a_GET.yaml"]


def test_a_single_slice_is_named(zoo: Repository) -> None:
    file = Path("slices") / "keepers_GET.yaml"
    one = ("--input", "api.yaml", "--path", "/keepers", "--method", "GET")
    for counts in ("1 made, 0 unchanged", "0 made, 1 unchanged"):
        done = zoo.slice_oas(*one)
        assert f"{counts}, 0 removed, 0 failed; 100.0% passed (" in done.out
        assert done.out.endswith(f" s)\nThe slice is {file}\n")
    for _ in range(2):  # the second time nothing is read but that the output is clean
        done = zoo.slice_oas("--input", "api.yaml", "--batch", "--filter", "/keepers")
        assert done.out.endswith(f"\nThe slice is {file}, the index is {Path('slices') / 'index.csv'}\n"), done.out


def test_where_no_slice_is_made_none_is_said_to_be_somewhere(zoo: Repository) -> None:
    zoo.write("api.yaml", FAULTY)
    done = zoo.slice_oas("--input", "api.yaml", "--batch", "--filter", "/broken")
    assert done.code == 1
    assert "Slices are in" not in done.out
    assert f"\nThere are no slices; the index is {Path('slices') / 'index.csv'}\n" in done.out
    assert done.out.endswith("\nFix the error above and run the build again; only this endpoint is rebuilt.\n")
    one = zoo.slice_oas("--input", "api.yaml", "--path", "/broken", "--output-dir", "other")
    assert "There are no slices" not in one.out
    assert one.out.endswith("\nFix the error above and run the command again; only this endpoint is rebuilt.\n")


def test_an_output_folder_that_cannot_be_made_is_one_sentence(zoo: Repository) -> None:
    zoo.configure(spec="api.yaml")
    zoo.write("dodo.py", DODO)
    folder = next((each for each in (Path("/proc/slices"),) if each.parent.is_dir()), None)
    if folder is None:
        pytest.skip("every folder can be made here")
    said = f"{folder}: slices cannot be written there: "
    done = zoo.slice_oas("--batch", "--output-dir", str(folder))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"slice-oas: {said}")
    assert len(done.err.splitlines()) == 1
    done = zoo.doit(f"output_dir={folder}")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith(f"ERROR: {said}")
    assert len(done.err.splitlines()) == 1
