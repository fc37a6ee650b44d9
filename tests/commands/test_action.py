"""The scripts of the GitHub Action, run as the Action runs them: on fresh clones, which may bring a cache along."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from xxhash import xxh3_128_hexdigest

from oas_tasks.file_stamp import stamp_of
from tests.commands.zoo import DOCUMENT
from tests.conftest import Done, Repository, command_for
from tests.planting import planted

PROJECT = Path(__file__).resolve().parents[2]
ACTION = PROJECT / ".github" / "actions" / "slice-oas"

pytestmark = pytest.mark.skipif(
    os.name == "nt" or shutil.which("bash") is None or shutil.which("git") is None, reason="needs bash and git"
)

EDITED = DOCUMENT.replace("made", "added")


class Job(NamedTuple):
    """What a script did: the process, its outputs, and the step's summary."""

    done: Done
    outputs: dict[str, str]
    summary: str


class Runner:
    """A machine that clones a repository and runs the Action in it.

    is_cold: whether Python is started for each `slice-oas`, as it matters where it may import what it should not.
    """

    def __init__(self, folder: Path, *, is_cold: bool = False) -> None:
        self.folder = folder
        self.origin = folder / "origin.git"
        programs = folder / "bin"
        programs.mkdir(exist_ok=True)
        slice_oas = [sys.executable, "-P", "-m", "oas_tasks"] if is_cold else command_for("oas_tasks")
        for name, command in (("slice-oas", slice_oas), ("python", [sys.executable])):
            (programs / name).write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
            (programs / name).chmod(0o755)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "GIT_"))},
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PYTHONUTF8": "1",
        }

    def git(self, folder: Path, *arguments: str) -> str:
        identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
        command = ["git", *identity, *arguments]
        done = subprocess.run(command, cwd=folder, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def clone(self, name: str, *options: str) -> Repository:
        self.git(self.folder, "clone", "-q", *options, f"file://{self.origin}", name)
        return Repository(self.folder / name)

    def push(self, clone: Repository) -> str:
        """Commit and push everything, and return the commit."""
        self.git(clone.folder, "add", "-A")
        self.git(clone.folder, "commit", "-q", "-m", "a change")
        self.git(clone.folder, "push", "-q", "origin", "HEAD:main")
        return self.git(clone.folder, "rev-parse", "HEAD").strip()

    def run(self, clone: Repository, script: str, **variables: str) -> Job:
        files = {name: self.folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        done = subprocess.run(
            ["bash", str(ACTION / script)],
            cwd=clone.folder,
            env={**self.environment, **variables, **{name: str(file) for name, file in files.items()}},
            capture_output=True,
            text=True,
            check=False,
        )
        outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        return Job(Done(done.returncode, done.stdout, done.stderr), outputs, files["GITHUB_STEP_SUMMARY"].read_text())


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a machine with a repository, and the clone that it came from."""
    made = Runner(tmp_path_factory.mktemp("prepared"))
    made.git(made.folder, "init", "-q", "--bare", "-b", "main", str(made.origin))
    first = made.clone("first")
    first.write("api/openapi.yaml", DOCUMENT)
    first.write("api/common.yaml", "Ok: {description: ok}\n")
    first.configure(spec="api/openapi.yaml")
    assert first.slice_oas("--batch").code == 0
    made.push(first)
    return made.folder


def copied(prepared: Path, folder: Path, *, is_cold: bool = False) -> Runner:
    """Return a machine of one's own, whose clone pushes to its own repository."""
    shutil.copytree(prepared, folder)
    made = Runner(folder, is_cold=is_cold)
    made.git(folder / "first", "remote", "set-url", "origin", f"file://{made.origin}")
    return made


@pytest.fixture
def runner(prepared: Path, tmp_path: Path) -> Runner:
    return copied(prepared, tmp_path / "runner")


def restored(runner: Runner, name: str, *options: str, cache: str = "first") -> Repository:
    """Return a fresh clone with the cache of an earlier one, whose files have other times than those it knows."""
    clone = runner.clone(name, *options)
    shutil.copytree(runner.folder / cache / ".oas_tasks", clone.folder / ".oas_tasks")
    later = time.time() + 100
    for file in clone.folder.rglob("*"):
        if file.is_file() and not {".git", ".oas_tasks"} & set(file.relative_to(clone.folder).parts):
            os.utime(file, (later, later))
    return clone


def test_a_cache_that_was_checked_out_is_not_believed(runner: Runner) -> None:
    """A pull request has a wrong slice, and beside it the cache that says it is right."""
    first = Repository(runner.folder / "first")
    file = first.slices / "keepers_GET.yaml"
    good = file.read_bytes()
    file.write_bytes(good.replace(b"ok", b"no"))
    status = file.stat()
    with planted(first.folder / ".oas_tasks") as connection:
        connection.execute("DELETE FROM whole")
        connection.execute(
            "UPDATE record SET stamp = ?, digest = ? WHERE file = 'keepers_GET.yaml'",
            (stamp_of(status), xxh3_128_hexdigest(file.read_bytes())),
        )
    runner.git(first.folder, "add", "-f", ".oas_tasks")
    runner.push(first)
    clone = runner.clone("second")
    assert (clone.folder / ".oas_tasks" / "store.sqlite3").exists()
    job = runner.run(clone, "slice.sh")
    assert (job.done.code, job.outputs) == (3, {"stale": "true"}), job.done.text
    assert (clone.slices / "keepers_GET.yaml").read_bytes() == good


def test_an_option_reaches_no_git_through_the_base(runner: Runner) -> None:
    clone = runner.clone("second")
    pwned = runner.folder / "pwned"
    for base in (
        f"origin/--upload-pack=touch {pwned};git-upload-pack",
        "origin/-q",
        "+main:planted",
        "main:planted",
        "^main",
    ):
        for variables in ({"BASE": base}, {"EVENT_BASE": base}):
            job = runner.run(clone, "affected.sh", **variables)
            assert job.done.code == (2 if "BASE" in variables else 0), job.done.text
    assert not pwned.exists()
    assert "planted" not in runner.git(clone.folder, "branch", "--all")


@pytest.mark.parametrize("folder", ["sub", pytest.param(".", marks=pytest.mark.slow)])
def test_python_imports_nothing_from_the_repository(prepared: Path, tmp_path: Path, folder: str) -> None:
    runner = copied(prepared, tmp_path / "runner", is_cold=True)
    clone = runner.clone("second")
    pwned = runner.folder / "pwned"
    code = f"open({str(pwned)!r}, 'w').close()\n"
    for name in ("json", "shlex", "os", "sys", "pip", "sqlite3", "doit", "yaml", "sitecustomize", "usercustomize"):
        clone.write(f"{folder}/{name}.py", code)
        clone.write(f"{folder}/{name}/__init__.py", code)
    inside = Repository(clone.folder / folder)
    inside.configure(spec=os.path.relpath(clone.folder / "api/openapi.yaml", inside.folder))
    for script, variables in (
        ("install.sh", {"INSTALL": "nothing-to-be-found", "PIP_NO_INDEX": "1"}),
        ("affected.sh", {"BASE": "HEAD"}),
        ("slice.sh", {"STALE": "ignore"}),
    ):
        job = runner.run(inside, script, **variables)
        assert "Traceback" not in job.done.text
        assert not pwned.exists(), script
        assert (job.done.code == 0) == (script != "install.sh"), job.done.text


@pytest.mark.parametrize(
    "text", ["x\n::error::INJECTED", "x\r::error::INJECTED", "x%0A::error::INJECTED", "##[error]x"]
)
def test_no_workflow_command_comes_from_a_revision(runner: Runner, text: str) -> None:
    clone = runner.clone("second")
    for variables in ({"BASE": text}, {"EVENT_BASE": text}):
        job = runner.run(clone, "affected.sh", **variables)
        commands = [line for line in re.split(r"[\r\n]+", job.done.out) if line.lstrip().startswith("::")]
        assert len(commands) == 1
        assert "%0A::" not in commands[0] or text.startswith("x\n")
        assert not any(line.lstrip().startswith("::error::INJECTED") for line in re.split(r"[\r\n]+", job.done.text))


@pytest.mark.parametrize("is_committed", [True, False])
def test_no_workflow_command_comes_from_the_name_of_a_file(runner: Runner, is_committed: bool) -> None:
    clone = runner.clone("second")
    content = clone.files()["keepers_GET.yaml"]
    for name in ("_x\n::error::INJECTED\n.yaml", "~x\r::error::INJECTED_GET.yaml", "~##[error]x_GET.yaml"):
        clone.write(f"slices/keepers{name}", content)
    if is_committed:
        runner.push(clone)
    job = runner.run(clone, "slice.sh")
    assert job.done.code == (0 if is_committed else 3), job.done.text
    for line in re.split(r"[\r\n]+", job.done.text):
        assert not line.lstrip().startswith("::error::INJECTED")
        assert "##[" not in line


def test_no_cache_that_was_checked_out_hides_what_changed(runner: Runner) -> None:
    first = Repository(runner.folder / "first")
    first.write("api/common.yaml", "Ok: {description: another}\n")
    assert first.slice_oas("--batch").code == 0
    with planted(first.folder / ".oas_tasks") as connection:
        for key, files in connection.execute("SELECT key, files FROM plan").fetchall():
            connection.execute("UPDATE plan SET files = ? WHERE key = ?", (json.dumps(json.loads(files)[:1]), key))
    runner.git(first.folder, "add", "-f", ".oas_tasks")
    runner.push(first)
    job = runner.run(runner.clone("second"), "affected.sh", BASE="HEAD~1")
    assert (job.done.code, job.outputs["affected"]) == (0, "1"), job.done.text


def test_a_repository_that_is_committed_as_files_is_none(runner: Runner) -> None:
    """git obeys the settings of a bare repository that it finds, and those name programs."""
    clone = runner.clone("second")
    pwned = runner.folder / "pwned"
    inside = Repository(clone.folder / "inside")
    for name in ("objects/.keep", "refs/heads/.keep"):
        inside.write(name, "")
    inside.write("HEAD", "ref: refs/heads/main\n")
    inside.configure(spec="../api/openapi.yaml")
    monitor = f'[core]\n bare = false\n worktree = .\n fsmonitor = "touch {pwned};false"\n'
    promisor = (
        f'[core]\n bare = true\n[extensions]\n partialClone = origin\n[remote "origin"]\n promisor = true\n'
        f' url = {runner.origin}\n uploadpack = "touch {pwned};git-upload-pack"\n'
    )
    for core in (monitor, promisor):
        inside.write("config", core)
        runner.run(inside, "slice.sh")
        runner.run(inside, "affected.sh", BASE="0123456789" * 4)
        assert not pwned.exists()


def test_a_branch_is_pushed_under_its_own_name_where_a_tag_has_it_too(runner: Runner) -> None:
    clone = runner.clone("second")
    clone.write("api/openapi.yaml", EDITED)
    runner.push(clone)
    runner.git(clone.folder, "tag", "main")
    assert runner.run(clone, "slice.sh", STALE="commit").done.code == 0
    assert runner.git(clone.folder, "ls-remote", "--heads", "origin").split()[1::2] == ["refs/heads/main"]


@pytest.mark.parametrize("folder", ["::add-mask::x", " ::add-mask::x"])
def test_no_workflow_command_comes_from_a_folder(runner: Runner, folder: str) -> None:
    clone = runner.clone("second")
    clone.write("pyproject.toml", f'[tool.oas_tasks]\nspec = "api/openapi.yaml"\noutput_dir = "{folder}"\n')
    clone.slice_oas("--batch")
    content = (clone.folder / folder / "keepers_GET.yaml").read_bytes().replace(b"/keepers", b"/wardens")
    clone.write(f"{folder}/wardens_GET.yaml", content)
    runner.push(clone)
    job = runner.run(clone, "slice.sh")
    assert (job.done.code, job.outputs) == (3, {"stale": "true"}), job.done.text
    assert not [line for line in job.done.text.splitlines() if line.lstrip().startswith("::add-mask")]


def test_slices_that_are_current_pass_whatever_cache_is_restored(runner: Runner) -> None:
    """The cache of the main branch knows another document, and that of a job that failed other times."""
    theirs = runner.clone("second")
    theirs.write("api/openapi.yaml", EDITED)
    failed = restored(runner, "third")
    failed.write("api/openapi.yaml", EDITED)
    assert runner.run(failed, "slice.sh").done.code == 3
    time.sleep(1.1)  # the index tells seconds
    assert theirs.slice_oas("--batch").code == 0
    runner.push(theirs)
    for name, cache in (("fourth", "first"), ("fifth", "third")):
        clone = restored(runner, name, cache=cache)
        job = runner.run(clone, "slice.sh")
        assert (job.done.code, job.outputs) == (0, {"stale": "false"}), job.done.text


def test_a_restored_cache_vouches_for_no_slice_that_is_another(runner: Runner) -> None:
    clone = restored(runner, "second")
    good = (clone.slices / "keepers_GET.yaml").read_bytes()
    (clone.slices / "keepers_GET.yaml").write_bytes(good.replace(b"ok", b"no"))
    runner.push(clone)
    again = restored(runner, "third")
    job = runner.run(again, "slice.sh")
    assert (job.done.code, job.outputs) == (3, {"stale": "true"})
    assert (again.slices / "keepers_GET.yaml").read_bytes() == good


def test_a_change_is_summed_up_and_stale_slices_fail(runner: Runner) -> None:
    clone = runner.clone("second")
    base = runner.git(clone.folder, "rev-parse", "HEAD").strip()
    clone.write("api/openapi.yaml", EDITED)
    runner.push(clone)
    shallow = restored(runner, "third", "--depth", "1")  # as actions/checkout has it
    job = runner.run(shallow, "affected.sh", BASE=base)
    assert job.done.code == 0, job.done.text
    assert job.outputs["affected"] == "1"
    assert json.loads(job.outputs["matrix"]) == {
        "include": [
            {
                "job": 1,
                "files": ["slices/animals_POST.yaml"],
                "gone": [],
                "method": "POST",
                "path": "/animals",
                "file": "slices/animals_POST.yaml",
                "change": "changed",
            }
        ]
    }
    assert f"0 added, 0 removed, 1 changed (1 in text only), 2 unchanged since `{base}`" in job.summary
    assert "| changed (text) | `POST /animals` | its operation |" in job.summary
    job = runner.run(shallow, "slice.sh", STALE="fail")
    assert job.done.code == 3
    assert job.outputs == {"stale": "true"}
    assert "::error::2 committed slices are not what the document gives" in job.done.out
    assert " M slices/animals_POST.yaml" in job.done.out
    assert "1 made, 2 unchanged" in job.done.out


def test_stale_slices_are_committed_and_pushed_where_that_is_asked_for(runner: Runner) -> None:
    clone = runner.clone("second")
    clone.write("api/openapi.yaml", EDITED.replace("/keepers", "/wardens"))
    runner.push(clone)
    clone.write("notes.txt", "not to be committed")
    job = runner.run(clone, "slice.sh", STALE="commit", COMMIT_MESSAGE="Slices")
    assert (job.done.code, job.outputs) == (0, {"stale": "true"}), job.done.text
    fresh = runner.clone("third")
    assert fresh.files().keys() == {"animals_GET.yaml", "animals_POST.yaml", "wardens_GET.yaml"}
    assert not (fresh.folder / "notes.txt").exists()
    assert runner.git(fresh.folder, "log", "-1", "--format=%s %an").strip() == "Slices github-actions[bot]"
    assert runner.run(fresh, "slice.sh").outputs == {"stale": "false"}


def test_a_commit_of_no_branch_is_nothing_to_push(runner: Runner) -> None:
    clone = runner.clone("second")
    clone.write("api/openapi.yaml", EDITED)
    runner.push(clone)
    runner.git(clone.folder, "checkout", "-q", "--detach")
    job = runner.run(clone, "slice.sh", STALE="commit")
    assert job.done.code == 2
    assert "::error::slices can be committed to a branch only" in job.done.out


def test_stale_slices_can_be_nobodys_business(runner: Runner) -> None:
    clone = runner.clone("second")
    clone.write("api/openapi.yaml", EDITED)
    job = runner.run(clone, "slice.sh", STALE="ignore")
    assert (job.done.code, job.outputs) == (0, {"stale": "true"})
    assert runner.run(clone, "slice.sh", STALE="whatever").done.code == 2


def test_endpoints_that_fail_fail_the_job_and_a_document_that_is_none_does_too(runner: Runner) -> None:
    clone = runner.clone("second")
    (clone.folder / "api/common.yaml").unlink()
    job = runner.run(clone, "slice.sh", STALE="ignore")
    assert job.done.code == 1
    clone.write("api/openapi.yaml", "[")
    job = runner.run(clone, "slice.sh")
    assert (job.done.code, job.outputs) == (2, {})


@pytest.mark.parametrize("base", ["", "0" * 40, "1234567890" * 4])
def test_where_there_is_nothing_to_compare_with_nothing_is_affected(runner: Runner, base: str) -> None:
    clone = runner.clone("second")
    job = runner.run(clone, "affected.sh", EVENT_BASE=base)
    assert job.done.code == 0, job.done.text
    assert job.outputs == {"affected": "0", "matrix": '{"include":[]}'}
    assert "::notice::" in job.done.out


@pytest.mark.parametrize("base", ["1234567890" * 4, "mian", "--upload-pack=touch pwned"])
def test_a_revision_that_was_asked_for_and_is_none_is_an_error(runner: Runner, base: str) -> None:
    clone = runner.clone("second")
    job = runner.run(clone, "affected.sh", BASE=base, EVENT_BASE="HEAD")
    assert (job.done.code, job.outputs) == (2, {}), job.done.text
    assert f"{base}" in job.done.out
    assert not (clone.folder / "pwned").exists()


@pytest.mark.parametrize(("base", "depth"), [("main", ("--depth", "1")), ("origin/main", ())])
def test_a_branch_that_was_not_checked_out_can_be_the_base(runner: Runner, base: str, depth: tuple[str, ...]) -> None:
    first = Repository(runner.folder / "first")
    runner.git(first.folder, "checkout", "-q", "-b", "feature")
    first.write("api/openapi.yaml", EDITED)
    runner.git(first.folder, "commit", "-q", "-a", "-m", "a change")
    runner.git(first.folder, "push", "-q", "origin", "feature")
    clone = runner.clone("second", "--single-branch", "--branch", "feature", *depth)
    job = runner.run(clone, "affected.sh", BASE=base)
    assert (job.done.code, job.outputs["affected"]) == (0, "1"), job.done.text
    shallow = runner.git(clone.folder, "rev-parse", "--is-shallow-repository").strip()
    assert shallow == ("true" if depth else "false")


@pytest.mark.parametrize(
    "arguments",
    [
        "--output-dir 'the slices' --filter /k*",
        '--output-dir "the slices"\n--filter /k*\n',
        "--output-dir the\\ slices",
    ],
)
def test_options_are_handed_on(runner: Runner, arguments: str) -> None:
    clone = runner.clone("second")
    (clone.folder / "kite").write_text("what /k* would be in no quotes")
    job = runner.run(clone, "slice.sh", ARGUMENTS=arguments, STALE="ignore")
    assert (job.done.code, job.outputs) == (0, {"stale": "true"}), job.done.text
    made = {file.name for file in (clone.folder / "the slices").iterdir()}
    assert made >= {"keepers_GET.yaml", "index.csv"}
    assert ("animals_GET.yaml" in made) == ("--filter" not in arguments)
    assert '?? "the slices/keepers_GET.yaml"' in job.done.out


def test_options_are_not_run(runner: Runner) -> None:
    clone = runner.clone("second")
    for script in ("affected.sh", "slice.sh"):
        runner.run(clone, script, BASE="HEAD", ARGUMENTS="$(touch pwned) `touch pwned`; touch pwned")
    assert not (clone.folder / "pwned").exists()


@pytest.mark.parametrize("arguments", ["--quiet", "--outputdir x", "--input 'api.yaml"])
def test_options_that_are_no_settings_commit_nothing(runner: Runner, arguments: str) -> None:
    clone = runner.clone("second")
    before = runner.git(clone.folder, "rev-parse", "HEAD")
    clone.write("api/openapi.yaml", EDITED)
    job = runner.run(clone, "slice.sh", ARGUMENTS=arguments, STALE="commit")
    assert job.done.code in (1, 2), job.done.text
    assert job.outputs == {}
    assert "Traceback" not in job.done.text
    assert runner.git(clone.folder, "rev-parse", "HEAD") == before


def test_of_several_documents_those_that_git_ignores_are_nobodys_commit(runner: Runner) -> None:
    clone = runner.clone("second")
    entry = "[[tool.oas_tasks.specs]]\nname = '{0}'\nspec = 'api/openapi.yaml'\noutput_dir = '{0}'\n"
    clone.write("pyproject.toml", entry.format("kept") + entry.format("ignored"))
    clone.write(".gitignore", "/ignored/\n")
    runner.push(clone)
    job = runner.run(clone, "slice.sh", STALE="commit")
    assert (job.done.code, job.outputs) == (0, {"stale": "true"}), job.done.text
    committed = runner.git(clone.folder, "show", "--name-only", "--format=").split()
    assert committed == sorted(f"kept/{file.name}" for file in (clone.folder / "ignored").iterdir())


@pytest.mark.parametrize("stale", ["fail", "commit", "ignore"])
def test_a_committed_slice_of_no_endpoint_is_stale_and_stays(runner: Runner, stale: str) -> None:
    clone = runner.clone("second")
    file = clone.write("slices/wardens_GET.yaml", clone.files()["keepers_GET.yaml"].replace(b"/keepers", b"/wardens"))
    assert runner.run(clone, "slice.sh", STALE="fail").outputs == {"stale": "true"}  # though it is not known to git
    runner.push(clone)
    job = runner.run(clone, "slice.sh", STALE=stale)
    assert (job.done.code, job.outputs) == (0 if stale == "ignore" else 3, {"stale": "true"}), job.done.text
    assert ("::error::1 committed slices belong to no endpoint" in job.done.out) == (stale != "ignore")
    assert file.exists()


def test_the_action_calls_these_scripts_and_uses_every_input() -> None:
    text = (ACTION / "action.yml").read_text(encoding="utf-8")
    action = yaml.safe_load(text)
    scripts = {file.name for file in ACTION.glob("*.sh")}
    called = {name for name in scripts if f'bash "$GITHUB_ACTION_PATH/{name}"' in text}
    sourced = {name for name in scripts if any(f"/{name}" in (ACTION / each).read_text() for each in called)}
    assert called | sourced == scripts
    for name in action["inputs"]:
        assert f"inputs.{name}" in text
    steps = {step["id"] for step in action["runs"]["steps"] if "id" in step}
    for output in action["outputs"].values():
        assert output["value"].split(".")[1] in steps
    for step in action["runs"]["steps"]:
        if "run" in step:  # what somebody else wrote reaches a shell as the value of a variable only
            assert "shell" in step
            assert "${{" not in step["run"]
        else:
            assert re.search(r"@v\d+$|@[0-9a-f]{40}$", step["uses"])


def test_the_workflows_that_use_it_ask_for_what_it_has() -> None:
    action = yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    (example,) = (block for block in re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL) if "jobs:" in block)
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
