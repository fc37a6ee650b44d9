"""The GitHub Action: it hands its inputs to `slice-oas ci` and that one's outputs on, and runs no text of others."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from oas_tasks.commands.ci_job.ci_options import command as ci_command

PROJECT = Path(__file__).resolve().parents[2]
ACTION = PROJECT / ".github" / "actions" / "slice-oas"


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))
    return loaded


def test_the_action_is_a_call_of_the_command_and_uses_every_input(action: dict[str, Any]) -> None:
    text = (ACTION / "action.yml").read_text(encoding="utf-8")
    assert [file.name for file in ACTION.iterdir()] == ["action.yml"]
    for name in action["inputs"]:
        assert f"inputs.{name}" in text
    steps = {step["id"]: step for step in action["runs"]["steps"] if "id" in step}
    for output in action["outputs"].values():
        assert output["value"].split(".")[1] in steps
    for step in action["runs"]["steps"]:  # what somebody else wrote reaches a shell as the value of a variable only
        assert "shell" in step
        assert "${{" not in step["run"]
    (program, name, *options) = steps["slices"]["run"].split()
    assert (program, name) == ("slice-oas", "ci")
    known = {name for each in ci_command.params for name in each.opts}
    for option in options:  # each in quotes, so that a blank begins no other word
        found = re.fullmatch(r'"(--[a-z-]+)=\$(\w+)"', option)
        assert found
        assert found[1] in known
        assert found[2] in steps["slices"]["env"]


@pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason="needs bash and programs that are scripts")
@pytest.mark.parametrize(
    ("install", "expected"), [("action", "/some/actions/slice-oas/../../.."), ("oas-tasks==1; touch x", "")]
)
def test_what_is_installed_is_an_argument_of_pip(
    action: dict[str, Any], tmp_path: Path, install: str, expected: str
) -> None:
    (script,) = (step["run"] for step in action["runs"]["steps"] if step["name"] == "Install slice-oas")
    (tmp_path / "python").write_text('#!/bin/sh\nprintf "%s\\n" "$@" > arguments\n')
    (tmp_path / "python").chmod(0o755)
    variables = {
        "INSTALL": install,
        "GITHUB_ACTION_PATH": "/some/actions/slice-oas",
        "PATH": f"{tmp_path}:/bin",
    }
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, env=variables, check=True)
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert arguments[:4] == ["-P", "-m", "pip", "install"]
    assert arguments[-2:] == ["--", expected or install]
    assert not (tmp_path / "x").exists()


def test_the_workflows_that_use_it_ask_for_what_it_has(action: dict[str, Any]) -> None:
    page = (PROJECT / "docs" / "ci.md").read_text(encoding="utf-8")
    (example,) = (block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "jobs:" in block)
    for text in (example, (PROJECT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")):
        workflow = yaml.safe_load(text)
        steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
        (used,) = (step for step in steps if ".github/actions/slice-oas" in step.get("uses", ""))
        assert used.get("with", {}).keys() <= action["inputs"].keys()
        asked = set(re.findall(r"steps\.slices\.outputs\.(\w+)", text))
        assert used["id"] == "slices"
        assert asked
        assert asked <= action["outputs"].keys()
        for step in steps:  # a shell takes nothing from an expression: its value may be code
            assert "${{" not in step.get("run", "")
