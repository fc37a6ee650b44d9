"""What `slice-oas ci` writes for CI systems: outputs, summaries, reports; and what it takes from each of them."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from oas_tasks.commands.ci_job.ci import CiOptions, ci
from oas_tasks.commands.ci_job.ci_output import annotation, dotenv, write_outputs, write_report
from oas_tasks.commands.given_settings import GivenSettings
from oas_tasks.errors import UserError
from oas_tasks.queries.ci_system import CiKind, ci_system
from tests.commands.test_ci import EDITED, Runner, copied, prepared, pytestmark, read_outputs
from tests.commands.zoo import DOCUMENT
from tests.conftest import Repository

__all__ = ["prepared", "pytestmark"]

SHA = "0123456789" * 4
#: Variables of jobs, the base that follows from them, and the branch that a detached checkout is pushed to.
JOBS: dict[str, tuple[dict[str, str], CiKind, str, str]] = {
    "nothing": ({}, CiKind.LOCAL, "", ""),
    "GitHub, a pull request without its event": (
        {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main"},
        CiKind.GITHUB,
        "main",
        "",
    ),
    "GitLab, a push": (
        {"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": SHA, "CI_COMMIT_BRANCH": "topic"},
        CiKind.GITLAB,
        SHA,
        "refs/heads/topic",
    ),
    "GitLab, the first push of a branch": (
        {"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": "0" * 40, "CI_COMMIT_BRANCH": "topic"},
        CiKind.GITLAB,
        "",
        "refs/heads/topic",
    ),
    "GitLab, a merge request": (
        {"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": "0" * 40, "CI_MERGE_REQUEST_DIFF_BASE_SHA": SHA},
        CiKind.GITLAB,
        SHA,
        "",
    ),
    "GitLab, merged results": (
        {"GITLAB_CI": "true", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "1" * 40, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": SHA},
        CiKind.GITLAB,
        SHA,
        "",
    ),
    "Azure, a pull request": (
        {
            "TF_BUILD": "True",
            "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
            "BUILD_SOURCEBRANCH": "refs/pull/1/merge",
        },
        CiKind.AZURE,
        "refs/heads/main",
        "",
    ),
    "Azure, a push": ({"TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/heads/a"}, CiKind.AZURE, "", "refs/heads/a"),
    "Jenkins, a change": (
        {
            "JENKINS_URL": "x",
            "CHANGE_ID": "1",
            "CHANGE_TARGET": "main",
            "BRANCH_NAME": "PR-1",
            "GIT_PREVIOUS_COMMIT": SHA,
        },
        CiKind.JENKINS,
        "main",
        "",
    ),
    "Jenkins, a branch": (
        {"JENKINS_URL": "x", "BRANCH_NAME": "main", "GIT_PREVIOUS_COMMIT": SHA},
        CiKind.JENKINS,
        SHA,
        "refs/heads/main",
    ),
}


@pytest.mark.parametrize("job", JOBS)
def test_a_system_is_known_by_its_variables(job: str) -> None:
    variables, *expected = JOBS[job]
    found = ci_system(variables)
    assert [found.kind, found.base, found.branch] == expected


EVENTS: list[tuple[Any, str]] = [
    ({"pull_request": {"base": {"sha": SHA}}, "before": "1" * 40}, SHA),
    ({"merge_group": {"base_sha": SHA}}, SHA),
    ({"before": SHA}, SHA),
    ({"before": "0" * 40}, ""),
    ({"pull_request": {"base": SHA}, "before": 5}, ""),
    ([], ""),
    (None, ""),
]


@pytest.mark.parametrize(("event", "base"), EVENTS)
def test_an_event_of_github_has_the_base(tmp_path: Path, event: Any, base: str) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event))
    assert ci_system({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(file)}).base == base
    file.write_text("[" * 100_000)
    assert ci_system({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(file)}).base == ""


@pytest.mark.parametrize("kind", CiKind)
@pytest.mark.parametrize(
    "text", ["x\n::error::y", "::error::y", "##[error]y", "x%0A::error::y", "##vso[task.x]y", "\x1b[1m"]
)
def test_an_annotation_is_one_command_at_most(kind: CiKind, text: str) -> None:
    line = annotation(kind, "error", text)
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert "%0A" not in line or kind not in (CiKind.GITHUB, CiKind.AZURE)
    rest = re.sub(r"\A(::error::|##vso\[task\.logissue type=error\])", "", line)
    assert not re.search(r"##\w*\[|\x1b", rest)
    assert not rest.lstrip().startswith("::")


def test_no_output_can_begin_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import sys

    file = tmp_path / "outputs"
    values = {"matrix": "a\nend\nstale<<x\ntrue\nx", "affected": "1"}
    write_outputs(CiKind.GITHUB, str(file), values, sys.stdout)
    assert read_outputs(file.read_text(encoding="utf-8")) == values
    write_outputs(CiKind.AZURE, "", {"stale": "true", "matrix": "{}"}, sys.stdout)
    assert capsys.readouterr().out == "##vso[task.setvariable variable=stale;isOutput=true]true\n"
    assert (
        dotenv({"affected": "3", "matrix": "{}", "stale": "false"}) == "SLICE_OAS_AFFECTED=3\nSLICE_OAS_STALE=false\n"
    )


@pytest.fixture
def runner(prepared: Path, tmp_path: Path) -> Runner:
    return copied(prepared, tmp_path / "runner")


BROKEN = EDITED.replace("{description: added}", "{$ref: '#/components/responses/Made'}")


def test_a_merge_request_of_gitlab_gets_its_reports(runner: Runner) -> None:
    clone = runner.clone("second")
    base = runner.git(clone.folder, "rev-parse", "HEAD").strip()
    clone.write("api/openapi.yaml", BROKEN.replace("/keepers", "/wardens"))
    runner.push(clone)
    shallow = runner.clone("third", "--depth", "1")
    runner.git(shallow.folder, "checkout", "-q", "--detach")
    done = runner.run_elsewhere(
        shallow,
        *("--code-quality=reports/quality.json", "--dotenv=slices.env", "--summary=summary.md"),
        *("--child-pipeline=child.yml", "--child-include=ci/slices.yml", "--jobs=2"),
        GITLAB_CI="true",
        CI_MERGE_REQUEST_DIFF_BASE_SHA=base,
    )
    assert done.code == 3, done.text
    assert "slice-oas: 4 committed files are not what the document gives" in done.text
    assert (shallow.folder / "slices.env").read_text() == "SLICE_OAS_AFFECTED=3\nSLICE_OAS_STALE=true\n"
    entries = json.loads((shallow.folder / "reports" / "quality.json").read_text())
    fault = entries[0]
    assert fault["location"] == {"path": "api/openapi.yaml", "lines": {"begin": 6}}
    assert "'#/components/responses/Made' is referenced but not defined" in fault["description"]
    assert (fault["check_name"], fault["severity"]) == ("openapi-fault", "major")
    stale = {each["location"]["path"] for each in entries if each["check_name"] == "stale-slice"}
    names = ("animals_POST.yaml", "keepers_GET.yaml", "wardens_GET.yaml", "index.csv")
    assert stale == {f"slices/{name}" for name in names}
    assert len({each["fingerprint"] for each in entries}) == len(entries)
    child = yaml.safe_load((shallow.folder / "child.yml").read_text())
    assert child.pop("include") == [{"local": "/ci/slices.yml"}]
    assert list(child) == ["slices 1/2", "slices 2/2"]
    for job in child.values():
        assert job["extends"] == ".slices"
        assert all(each["expand"] is False for each in job["variables"].values())
    assert "| place | fault | endpoints |" in (shallow.folder / "summary.md").read_text()


def test_a_fault_is_shown_at_its_line_on_github(runner: Runner) -> None:
    clone = runner.clone("second")
    clone.write("api/openapi.yaml", BROKEN)
    job = runner.run(clone, "--base=none", "--stale=ignore", GITHUB_WORKSPACE=str(clone.folder))
    assert job.done.code == 1
    (line,) = (each for each in job.done.out.splitlines() if each.startswith("::error"))
    assert line.startswith("::error file=api/openapi.yaml,line=6,")
    assert "| `api/openapi.yaml:6:" in job.summary


def test_where_nothing_is_affected_a_child_pipeline_has_a_job_all_the_same(runner: Runner) -> None:
    clone = runner.clone("second")
    done = runner.run_elsewhere(
        clone, "--base=HEAD", "--child-pipeline=child.yml", "--child-include=ci.yml", "--stale=ignore"
    )
    assert done.code == 0, done.text
    (job,) = yaml.safe_load((clone.folder / "child.yml").read_text()).values()
    assert job == {"script": ["echo No endpoint is affected"]}


def test_a_report_replaces_a_link_that_a_repository_planted(runner: Runner) -> None:
    clone = runner.clone("second")
    outside = runner.folder / "outside"
    outside.write_text("kept")
    try:
        (clone.folder / "quality.json").symlink_to(outside)
    except OSError:
        pytest.skip("making links takes rights here")
    assert runner.run_elsewhere(clone, "--base=none", "--code-quality=quality.json").code == 0
    assert outside.read_text() == "kept"
    assert json.loads((clone.folder / "quality.json").read_text()) == []


def test_faults_that_are_let_pass_are_minor_and_have_lines(runner: Runner) -> None:
    clone = runner.clone("second")
    clone.write("api/openapi.yaml", DOCUMENT.replace("operationId: addAnimal,", "operationId: addAnimal, wrong: 1,"))
    done = runner.run_elsewhere(clone, "--base=none", "--lenient", "--stale=ignore", "--code-quality=quality.json")
    assert done.code == 0, done.text
    entries = json.loads((clone.folder / "quality.json").read_text())
    (fault,) = (each for each in entries if each["check_name"] == "openapi-warning")
    assert (fault["severity"], fault["location"]["lines"]["begin"]) == ("minor", 6)


@pytest.mark.parametrize(
    ("branch", "is_pushed"), [("main", True), ("", False), ("main:planted", False), ("a b", False)]
)
def test_a_detached_checkout_is_pushed_to_the_branch_of_its_job(runner: Runner, branch: str, is_pushed: bool) -> None:
    clone = runner.clone("second")
    clone.write("api/openapi.yaml", EDITED)
    runner.push(clone)
    runner.git(clone.folder, "checkout", "-q", "--detach")
    done = runner.run_elsewhere(
        clone, "--base=none", "--stale=commit", GITLAB_CI="true", CI_COMMIT_BRANCH=branch, COMMITTER_NAME="Somebody"
    )
    assert done.code == (0 if is_pushed else 2), done.text
    last = runner.git(runner.origin, "log", "-1", "--format=%an", "main").strip()
    assert last == ("Somebody" if is_pushed else "Tester")
    assert "planted" not in runner.git(runner.origin, "branch")


def test_a_matrix_that_github_does_not_take_has_no_lists(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = runner.clone("second")
    clone.write("api/openapi.yaml", EDITED)
    monkeypatch.chdir(clone.folder)
    monkeypatch.setattr("oas_tasks.commands.ci_job.ci.LONGEST_MATRIX", 30)
    outputs, out = runner.folder / "outputs", io.StringIO()
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(outputs)}
    assert ci(CiOptions(base="HEAD", stale="ignore"), GivenSettings(), environment, out) == 0
    found = read_outputs(outputs.read_text(encoding="utf-8"))
    assert (found["affected"], found["matrix"]) == ("1", '{"include":[{"job":1}]}')
    assert "::warning::the matrix is larger than the 1 MB that GitHub takes" in out.getvalue()


def test_a_push_that_is_refused_is_a_sentence(runner: Runner) -> None:
    clone = runner.clone("second")
    clone.write("api/openapi.yaml", EDITED)
    runner.push(clone)
    runner.git(clone.folder, "remote", "set-url", "origin", (runner.folder / "nowhere").as_uri())
    done = runner.run_elsewhere(clone, "--base=none", "--stale=commit")
    assert done.code == 2
    assert "slice-oas: the slices cannot be pushed: " in done.err
    assert "Traceback" not in done.text


def test_outside_of_a_repository_it_builds_all_the_same(tmp_path: Path, runner: Runner) -> None:
    folder = Repository(tmp_path / "plain")
    folder.write("api.yaml", DOCUMENT.replace("{$ref: 'common.yaml#/Ok'}", "{description: ok}"))
    done = runner.run_elsewhere(folder, "--input=api.yaml", GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert done.code == 0, done.text
    assert "3 made" in done.out
    done = runner.run_elsewhere(folder, "--input=api.yaml", "--base=main", GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert done.code == 2
    assert "this folder is in no git repository" in done.err


def test_an_image_without_git_is_a_sentence(runner: Runner) -> None:
    clone = runner.clone("second")
    (runner.folder / "empty").mkdir()
    done = runner.run_elsewhere(clone, "--base=none", PATH=str(runner.folder / "empty"))
    assert (done.code, done.out) == (2, "")
    assert "git is not installed, which knows what is committed. Take an image that has it" in done.err


def many(paths: int, word: str) -> str:
    operation = "{get: {responses: {'200': {$ref: '#/components/responses/R'}}}}"
    listed = "".join(f"  /p{n}: {operation}\n" for n in range(paths))
    head = "openapi: 3.0.3\ninfo: {title: Many, version: '1'}\npaths:\n"
    return f"{head}{listed}components: {{responses: {{R: {{description: '{word}'}}}}}}\n"


def test_many_changes_of_one_cause_are_one_row(tmp_path: Path) -> None:
    folder = Repository(tmp_path)
    folder.write("old.yaml", many(300, "one"))
    folder.write("new.yaml", many(300, "two").replace("/p7:", "/new|<b>:"))
    text = folder.slice_oas("affected", "old.yaml", "new.yaml", "--output", "markdown").out
    rows = text.partition("<details>")[0].splitlines()
    assert rows[2:] == [
        "| because of | endpoints | |",
        "|---|---:|---|",
        "| components/responses/R | 299 | `GET /p0`, `GET /p1`, `GET /p2` and 296 more |",
        "| the endpoint was added | 1 | `GET /new\\|<b>` |",
        "| the endpoint was removed | 1 | `GET /p7` |",
        "",
    ]
    assert "and 101 more: `slice-oas affected` lists them all" in text
    assert text.rstrip().endswith("</details>")
    assert len(text) < 30_000


@pytest.mark.parametrize("file", ["", ".", "folder"])
def test_a_report_that_would_be_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    with pytest.raises(UserError, match=r"this is a folder, not a file\. Name a file"):
        write_report(Path(file), "text")
