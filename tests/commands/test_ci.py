"""`slice-oas ci`, run as the GitHub Action runs it: as a process, in fresh clones, which may bring a cache along."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from xxhash import xxh3_128_hexdigest

from oas_tasks.file_stamp import stamp_of
from tests.commands.zoo import DOCUMENT
from tests.conftest import Done, Repository, command_for
from tests.planting import planted

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

EDITED = DOCUMENT.replace("made", "added")


class Job(NamedTuple):
    """What the command did: the process, its outputs, and the step's summary."""

    done: Done
    outputs: dict[str, str]
    summary: str


#: Variables of systems that tests may run in.
OF_SYSTEMS = (
    *("GITHUB_", "GITLAB_", "CI_", "GIT_", "TF_", "SYSTEM_", "BUILD_", "JENKINS_", "CHANGE_", "BRANCH_", "SLICE_OAS_"),
)

NOT_COMPARED = {"affected": "0", "matrix": '{"include":[]}'}
#: The outputs where no base is compared with.
FRESH, OLD = {**NOT_COMPARED, "stale": "false"}, {**NOT_COMPARED, "stale": "true"}


class Runner:
    """A machine that clones a repository and runs the command in it, as GitHub Actions unless another system is asked.

    is_cold: whether Python is started for each run, as it matters where it may import what it should not.
    """

    def __init__(self, folder: Path, *, is_cold: bool = False) -> None:
        self.folder = folder
        self.origin = folder / "origin.git"
        self.command = [sys.executable, "-P", "-m", "oas_tasks"] if is_cold else command_for("oas_tasks")
        (folder / "no-settings").touch()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(OF_SYSTEMS)},
            "GIT_CONFIG_NOSYSTEM": "1",  # on Windows it converts line ends
            "GIT_CONFIG_GLOBAL": str(folder / "no-settings"),
            "PYTHONUTF8": "1",
        }

    def git(self, folder: Path, *arguments: str) -> str:
        identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
        command = ["git", *identity, *arguments]
        done = subprocess.run(command, cwd=folder, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def clone(self, name: str, *options: str) -> Repository:
        self.git(self.folder, "clone", "-q", *options, self.origin.as_uri(), name)
        return Repository(self.folder / name)

    def push(self, clone: Repository) -> str:
        """Commit and push everything, and return the commit."""
        self.git(clone.folder, "add", "-A")
        self.git(clone.folder, "commit", "-q", "-m", "a change")
        self.git(clone.folder, "push", "-q", "origin", "HEAD:main")
        return self.git(clone.folder, "rev-parse", "HEAD").strip()

    def run(self, clone: Repository, *options: str, event: object = None, **variables: str) -> Job:
        """Run the command as a job of GitHub Actions, for an event."""
        files = {name: self.folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_EVENT_PATH")}
        for file in files.values():
            file.write_text("")
        files["GITHUB_EVENT_PATH"].write_text(json.dumps(event))
        done = self.run_elsewhere(
            clone, *options, GITHUB_ACTIONS="true", **{name: str(file) for name, file in files.items()}, **variables
        )
        outputs = read_outputs(files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))
        return Job(done, outputs, files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8"))

    def run_elsewhere(self, clone: Repository, *options: str, **variables: str) -> Done:
        """Run the command with an environment of a system, or of none."""
        done = subprocess.run(
            [*self.command, "ci", *options],
            cwd=clone.folder,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)


def read_outputs(text: str) -> dict[str, str]:
    """Read a file of outputs as GitHub's runner does: a name, a delimiter, and lines until that stands alone."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if line:
            name, delimiter = line.split("<<")
            value = []
            while (following := next(lines)) != delimiter:
                value.append(following)
            found[name] = "\n".join(value)
    return found


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
    made.git(folder / "first", "remote", "set-url", "origin", made.origin.as_uri())
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
    job = runner.run(clone)
    assert (job.done.code, job.outputs) == (3, OLD), job.done.text
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
        assert runner.run(clone, f"--base={base}").done.code == 2
        job = runner.run(clone, event={"before": base})
        assert (job.done.code, job.outputs) == (0, FRESH), job.done.text
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
    job = runner.run(inside, "--base=HEAD", "--stale=ignore")
    assert "Traceback" not in job.done.text
    assert not pwned.exists()
    assert job.done.code == 0, job.done.text


@pytest.mark.parametrize(
    "text", ["x\n::error::INJECTED", "x\r::error::INJECTED", "x%0A::error::INJECTED", "##[error]x"]
)
def test_no_workflow_command_comes_from_a_revision(runner: Runner, text: str) -> None:
    clone = runner.clone("second")
    for job in (runner.run(clone, f"--base={text}"), runner.run(clone, event={"before": text})):
        commands = [line for line in re.split(r"[\r\n]+", job.done.out) if line.lstrip().startswith("::")]
        assert len(commands) == 1
        assert "%0A::" not in commands[0] or text.startswith("x\n")
        assert not any(line.lstrip().startswith("::error::INJECTED") for line in re.split(r"[\r\n]+", job.done.text))
        assert "##[" not in job.done.text


#: What Windows allows in no name of a file.
NAMES_OF_UNIX = pytest.mark.skipif(os.name == "nt", reason="no file has such a name here")


@NAMES_OF_UNIX
@pytest.mark.parametrize("is_committed", [True, False])
def test_no_workflow_command_comes_from_the_name_of_a_file(runner: Runner, is_committed: bool) -> None:
    clone = runner.clone("second")
    content = clone.files()["keepers_GET.yaml"]
    for name in ("_x\n::error::INJECTED\n.yaml", "~x\r::error::INJECTED_GET.yaml", "~##[error]x_GET.yaml"):
        clone.write(f"slices/keepers{name}", content)
    if is_committed:
        runner.push(clone)
    job = runner.run(clone)
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
    job = runner.run(runner.clone("second"), "--base=HEAD~1")
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
        runner.run(inside, event={"before": "0123456789" * 4})
        assert not pwned.exists()


def test_a_branch_is_pushed_under_its_own_name_where_a_tag_has_it_too(runner: Runner) -> None:
    clone = runner.clone("second")
    clone.write("api/openapi.yaml", EDITED)
    runner.push(clone)
    runner.git(clone.folder, "tag", "main")
    assert runner.run(clone, "--stale=commit").done.code == 0
    assert runner.git(clone.folder, "ls-remote", "--heads", "origin").split()[1::2] == ["refs/heads/main"]


@NAMES_OF_UNIX
@pytest.mark.parametrize("folder", ["::add-mask::x", " ::add-mask::x"])
def test_no_workflow_command_comes_from_a_folder(runner: Runner, folder: str) -> None:
    clone = runner.clone("second")
    clone.write("pyproject.toml", f'[tool.oas_tasks]\nspec = "api/openapi.yaml"\noutput_dir = "{folder}"\n')
    clone.slice_oas("--batch")
    content = (clone.folder / folder / "keepers_GET.yaml").read_bytes().replace(b"/keepers", b"/wardens")
    clone.write(f"{folder}/wardens_GET.yaml", content)
    runner.push(clone)
    job = runner.run(clone)
    assert (job.done.code, job.outputs) == (3, OLD), job.done.text
    assert not [line for line in job.done.text.splitlines() if line.lstrip().startswith("::add-mask")]


def test_slices_that_are_current_pass_whatever_cache_is_restored(runner: Runner) -> None:
    """The cache of the main branch knows another document, and that of a job that failed other times."""
    theirs = runner.clone("second")
    theirs.write("api/openapi.yaml", EDITED)
    failed = restored(runner, "third")
    failed.write("api/openapi.yaml", EDITED)
    assert runner.run(failed).done.code == 3
    time.sleep(1.1)  # the index tells seconds
    assert theirs.slice_oas("--batch").code == 0
    runner.push(theirs)
    for name, cache in (("fourth", "first"), ("fifth", "third")):
        clone = restored(runner, name, cache=cache)
        job = runner.run(clone)
        assert (job.done.code, job.outputs) == (0, FRESH), job.done.text


def test_a_restored_cache_vouches_for_no_slice_that_is_another(runner: Runner) -> None:
    clone = restored(runner, "second")
    good = (clone.slices / "keepers_GET.yaml").read_bytes()
    (clone.slices / "keepers_GET.yaml").write_bytes(good.replace(b"ok", b"no"))
    runner.push(clone)
    again = restored(runner, "third")
    job = runner.run(again)
    assert (job.done.code, job.outputs) == (3, OLD)
    assert (again.slices / "keepers_GET.yaml").read_bytes() == good


def test_a_change_is_summed_up_and_stale_slices_fail(runner: Runner) -> None:
    clone = runner.clone("second")
    base = runner.git(clone.folder, "rev-parse", "HEAD").strip()
    clone.write("api/openapi.yaml", EDITED)
    runner.push(clone)
    shallow = restored(runner, "third", "--depth", "1")  # as actions/checkout has it
    job = runner.run(shallow, event={"pull_request": {"base": {"sha": base}}})
    assert job.done.code == 3, job.done.text
    assert (job.outputs["affected"], job.outputs["stale"]) == ("1", "true")
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
    assert "2 files differed from what the document gives: run `slice-oas --batch` and commit them" in job.summary
    assert "- `M slices/animals_POST.yaml`" in job.summary
    assert "::error::2 committed files are not what the document gives" in job.done.out
    assert " M slices/animals_POST.yaml" in job.done.out
    assert "1 made, 2 unchanged" in job.done.out


def test_stale_slices_are_committed_and_pushed_where_that_is_asked_for(runner: Runner) -> None:
    clone = runner.clone("second")
    clone.write("api/openapi.yaml", EDITED.replace("/keepers", "/wardens"))
    runner.push(clone)
    clone.write("notes.txt", "not to be committed")
    job = runner.run(clone, "--stale=commit", "--commit-message=Slices")
    assert (job.done.code, job.outputs) == (0, OLD), job.done.text
    fresh = runner.clone("third")
    assert fresh.files().keys() == {"animals_GET.yaml", "animals_POST.yaml", "wardens_GET.yaml"}
    assert not (fresh.folder / "notes.txt").exists()
    assert runner.git(fresh.folder, "log", "-1", "--format=%s %an").strip() == "Slices github-actions[bot]"
    assert runner.run(fresh).outputs == FRESH


def test_a_commit_of_no_branch_is_nothing_to_push(runner: Runner) -> None:
    clone = runner.clone("second")
    clone.write("api/openapi.yaml", EDITED)
    runner.push(clone)
    runner.git(clone.folder, "checkout", "-q", "--detach")
    job = runner.run(clone, "--stale=commit")
    assert job.done.code == 2
    assert "::error::slices can be committed to a branch only. Check it out with 'ref: ${{" in job.done.out


def test_stale_slices_can_be_nobodys_business(runner: Runner) -> None:
    clone = runner.clone("second")
    clone.write("api/openapi.yaml", EDITED)
    job = runner.run(clone, "--stale=ignore")
    assert (job.done.code, job.outputs) == (0, OLD)
    assert runner.run(clone, "--stale=whatever").done.code == 2


def test_endpoints_that_fail_fail_the_job_and_a_document_that_is_none_does_too(runner: Runner) -> None:
    clone = runner.clone("second")
    (clone.folder / "api/common.yaml").unlink()
    job = runner.run(clone, "--stale=ignore")
    assert job.done.code == 1
    clone.write("api/openapi.yaml", "[")
    job = runner.run(clone)
    assert (job.done.code, job.outputs) == (2, NOT_COMPARED)


@pytest.mark.parametrize("base", ["", "0" * 40, "1234567890" * 4])
def test_where_there_is_nothing_to_compare_with_nothing_is_affected(runner: Runner, base: str) -> None:
    clone = runner.clone("second")
    job = runner.run(clone, event={"before": base})
    assert job.done.code == 0, job.done.text
    assert job.outputs == FRESH
    assert "::notice::" in job.done.out


@pytest.mark.parametrize("base", ["1234567890" * 4, "mian", "--upload-pack=touch pwned"])
def test_a_revision_that_was_asked_for_and_is_none_is_an_error(runner: Runner, base: str) -> None:
    clone = runner.clone("second")
    job = runner.run(clone, f"--base={base}", event={"before": "HEAD"})
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
    job = runner.run(clone, f"--base={base}", "--stale=ignore")
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
    job = runner.run(clone, "--stale=ignore", SLICE_OAS_ARGUMENTS=arguments)
    assert (job.done.code, job.outputs) == (0, OLD), job.done.text
    made = {file.name for file in (clone.folder / "the slices").iterdir()}
    assert made >= {"keepers_GET.yaml", "index.csv"}
    assert ("animals_GET.yaml" in made) == ("--filter" not in arguments)
    assert '?? "the slices/keepers_GET.yaml"' in job.done.out


def test_options_are_not_run(runner: Runner) -> None:
    clone = runner.clone("second")
    runner.run(clone, "--base=HEAD", SLICE_OAS_ARGUMENTS="$(touch pwned) `touch pwned`; touch pwned")
    assert not (clone.folder / "pwned").exists()


@pytest.mark.parametrize("arguments", ["--quiet", "--outputdir x", "--input 'api.yaml"])
def test_options_that_are_no_settings_commit_nothing(runner: Runner, arguments: str) -> None:
    clone = runner.clone("second")
    before = runner.git(clone.folder, "rev-parse", "HEAD")
    clone.write("api/openapi.yaml", EDITED)
    job = runner.run(clone, "--stale=commit", SLICE_OAS_ARGUMENTS=arguments)
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
    job = runner.run(clone, "--stale=commit")
    assert (job.done.code, job.outputs) == (0, OLD), job.done.text
    committed = runner.git(clone.folder, "show", "--name-only", "--format=").split()
    assert committed == sorted(f"kept/{file.name}" for file in (clone.folder / "ignored").iterdir())


@pytest.mark.parametrize("stale", ["fail", "commit", "ignore"])
def test_a_committed_slice_of_no_endpoint_is_stale_and_stays(runner: Runner, stale: str) -> None:
    clone = runner.clone("second")
    file = clone.write("slices/wardens_GET.yaml", clone.files()["keepers_GET.yaml"].replace(b"/keepers", b"/wardens"))
    assert runner.run(clone, "--stale=fail").outputs == OLD  # though it is not known to git
    runner.push(clone)
    job = runner.run(clone, f"--stale={stale}")
    assert (job.done.code, job.outputs) == (0 if stale == "ignore" else 3, OLD), job.done.text
    assert ("::error::1 committed slice belongs to no endpoint" in job.done.out) == (stale != "ignore")
    assert file.exists()
