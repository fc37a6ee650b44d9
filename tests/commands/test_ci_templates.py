"""The GitLab template and the snippets of docs/ci.md: they are what these systems read, and ask for what there is."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from oas_tasks.commands.ci_job.child_pipeline import TEMPLATE
from oas_tasks.commands.ci_job.ci_options import ACTIONS
from oas_tasks.commands.ci_job.ci_options import command as ci_command
from tests.conftest import Repository

ROOT = Path(__file__).resolve().parents[2]
GITLAB = ROOT / "templates" / "slice-oas.gitlab-ci.yml"
OPTIONS = {name for each in ci_command.params for name in each.opts}


def filled(inputs: dict[str, str]) -> dict[str, Any]:
    """Return the jobs of the template with its inputs put in their places, as GitLab does with the values."""
    header, jobs = yaml.safe_load_all(GITLAB.read_text(encoding="utf-8"))
    values = {name: inputs.get(name, each["default"]) for name, each in header["spec"]["inputs"].items()}

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {fill(key): fill(each) for key, each in value.items()}
        if isinstance(value, list):
            return list(map(fill, value))
        return (
            re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: values[found[1]], value)
            if isinstance(value, str)
            else value
        )

    found = fill(jobs)
    assert isinstance(found, dict)
    return found


def test_the_template_for_gitlab_uses_every_input_and_options_that_there_are() -> None:
    text = GITLAB.read_text(encoding="utf-8")
    header, _ = yaml.safe_load_all(text)
    for name in header["spec"]["inputs"]:
        assert f"$[[ inputs.{name} ]]" in text
    assert header["spec"]["inputs"]["stale"]["options"] == list(ACTIONS)
    jobs = filled({"job-name": "api", "child-include": "ci/slices.yml"})
    assert list(jobs) == ["api", "api-affected"]
    _, script = jobs["api"]["script"]
    assert set(re.findall(r"--[a-z-]+", script)) <= OPTIONS
    reports = jobs["api"]["artifacts"]["reports"]
    assert f"--code-quality={reports['codequality']}" in script
    assert f"--dotenv={reports['dotenv']}" in script
    (child,) = jobs["api-affected"]["trigger"]["include"]
    assert child == {"artifact": "slice-oas-child.yml", "job": "api"}
    assert f"--child-pipeline={child['artifact']}" in script


@pytest.mark.skipif(
    os.name == "nt" or shutil.which("sh") is None, reason="needs a shell, and programs that are scripts"
)
@pytest.mark.parametrize("include", ["", "ci/my slices.yml", "$(touch pwned)"])
def test_inputs_are_options_and_not_code(tmp_path: Path, include: str) -> None:
    """Every value reaches the command as one word."""
    hostile = "main; touch pwned"
    job = filled({"base": hostile, "child-include": include})["slices"]
    (tmp_path / "slice-oas").write_text('#!/bin/sh\nfor each in "$@"; do printf "%s\\n" "$each"; done > given\n')
    (tmp_path / "slice-oas").chmod(0o755)
    values = {name: each["value"] if isinstance(each, dict) else each for name, each in job["variables"].items()}
    environment = {**values, "PATH": f"{tmp_path}:/bin:/usr/bin"}
    subprocess.run(["sh", "-ec", job["script"][1]], cwd=tmp_path, env=environment, check=True)
    given = (tmp_path / "given").read_text().splitlines()
    assert f"--base={hostile}" in given
    assert [each for each in given if each.startswith("--child")] == (
        ["--child-pipeline=slice-oas-child.yml", f"--child-include={include}"] if include else []
    )
    assert not (tmp_path / "pwned").exists()


def checked_against(kind: str, value: object, folder: Path) -> None:
    """Validate a file against a schema of check-jsonschema, where that is installed."""
    program = shutil.which("check-jsonschema")
    if program is None:
        pytest.skip("check-jsonschema is not here")
    file = folder / "checked.json"
    file.write_text(json.dumps(value))
    done = subprocess.run([program, "--builtin-schema", kind, str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_template_fits_the_schema_of_gitlab(tmp_path: Path) -> None:
    checked_against("vendor.gitlab-ci", filled({"child-include": "ci/slices.yml"}), tmp_path)


def test_a_child_pipeline_fits_the_schema_of_gitlab(tmp_path: Path) -> None:
    from tests.commands.test_ci_reports import many

    folder = Repository(tmp_path)
    folder.write("api.yaml", many(3, "one"))
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    subprocess.run(["git", *identity, "commit", "-qm", "x"], cwd=tmp_path, check=True)
    for text in ("two", "one"):
        folder.write("api.yaml", many(3, text))
        options = ("--base=HEAD", "--stale=ignore", "--child-pipeline=child.json", "--child-include=/t.yml", "--jobs=2")
        assert folder.slice_oas("ci", "--input=api.yaml", *options).code == 0
        child = json.loads((tmp_path / "child.json").read_text())
        assert [job for job in child.values() if isinstance(job, dict)]
        checked_against(
            "vendor.gitlab-ci", child | ({TEMPLATE: {"script": ["true"]}} if text == "two" else {}), tmp_path
        )


def test_the_snippets_of_the_page_ask_for_what_there_is() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL):
        assert yaml.safe_load(block)
    calls = re.findall(r"slice-oas ci([^'\n]*)", "".join(re.findall(r"```\w+\n(.*?)```", page, re.DOTALL)))
    assert len(calls) >= 3
    for call in calls:
        assert {word for word in shlex.split(call) if word.startswith("--")} <= OPTIONS
    (include,) = (block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "inputs:\n      arg" in block)
    header, _ = yaml.safe_load_all(GITLAB.read_text(encoding="utf-8"))
    (entry,) = yaml.safe_load(include)["include"]
    assert entry["inputs"].keys() <= header["spec"]["inputs"].keys()
    assert f"{TEMPLATE}:\n" in page
    named = set(re.findall(r"^\| `(--[a-z-]+) ", page, re.MULTILINE))
    assert len(named) >= 4
    assert named <= OPTIONS
