"""The hooks for pre-commit, tried with the real program in a repository of its own."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.commands.zoo import DOCUMENT
from tests.conftest import Done, Repository, command_for

PROJECT = Path(__file__).resolve().parents[2]
MANIFEST = PROJECT / ".pre-commit-hooks.yaml"

KEEPERS = "  /keepers:\n    get: {operationId: listKeepers, responses: {'200': {$ref: 'common.yaml#/Ok'}}}\n"


def program() -> str:
    """Return where pre-commit is, or skip the test."""
    beside = Path(sys.executable).parent / "pre-commit"
    found = str(beside) if beside.exists() else shutil.which("pre-commit")
    if found is None or shutil.which("git") is None:
        pytest.skip("pre-commit is not installed here")
    return found


class Hooked(Repository):
    """A git repository that pre-commit watches over."""

    def git(self, *arguments: str) -> Done:
        home = self.folder.parent / "home"
        environment = {
            **os.environ,
            "PYTHONUTF8": "1",
            "PRE_COMMIT_HOME": str(home),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PATH": f"{Path(program()).parent}{os.pathsep}{os.environ['PATH']}",
        }
        identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
        done = subprocess.run(
            ["git", *identity, *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def commit(self, *files: str) -> Done:
        """Add files, all where none is named, and commit."""
        assert self.git("add", "-A", "--", *(files or ["."])).code == 0
        return self.git("commit", "-m", "a change")


def local_hooks(*names: str) -> list[dict[str, object]]:
    """Return the hooks of the manifest as they are but for where they are installed: in this very environment."""
    hooks = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    chosen = [hook for hook in hooks if hook["id"] in names]
    entry = shlex.join(command_for("oas_tasks")).replace("\\", "/")
    changed = [{**hook, "language": "system", "entry": hook["entry"].replace("slice-oas", entry)} for hook in chosen]
    return [{"repo": "local", "hooks": changed}]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository without a commit, in which the hook of git is installed."""
    made = Hooked(tmp_path_factory.mktemp("installed"))
    made.git("init", "-q")
    installed = subprocess.run([program(), "install"], cwd=made.folder, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stderr
    return made.folder


def hooked(folder: Path, installed: Path, repos: list[dict[str, object]]) -> Hooked:
    made = Hooked(folder / "zoo")
    shutil.copytree(installed, made.folder)
    made.write("api/openapi.yaml", DOCUMENT)
    made.write("api/common.yaml", "Ok: {description: ok}\n")
    made.configure(spec="api/openapi.yaml")
    made.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": repos}))
    return made


def test_from_a_commit_that_breaks_the_slices_to_one_that_passes(tmp_path: Path, installed: Path) -> None:
    zoo = hooked(tmp_path, installed, local_hooks("oas-slice"))
    first = zoo.commit()
    assert first.code != 0
    assert "made slices/animals_GET.yaml" in first.text
    assert "slices/animals_GET.yaml is not in the commit: git add it" in first.text
    assert zoo.commit().code == 0

    zoo.write("api/openapi.yaml", DOCUMENT.replace("made", "added"))
    broken = zoo.commit()
    assert broken.code != 0
    assert "changed slices/animals_POST.yaml" in broken.text
    assert "animals_GET" not in broken.text
    assert zoo.commit().code == 0
    assert zoo.git("status", "--porcelain").out == ""

    zoo.write("api/openapi.yaml", DOCUMENT.replace("made", "added").replace(KEEPERS, ""))
    removed = zoo.commit()
    assert removed.code != 0
    assert "removed slices/keepers_GET.yaml" in removed.text
    assert zoo.commit().code == 0
    assert zoo.git("status", "--porcelain").out == ""


def test_the_check_changes_nothing(tmp_path: Path, installed: Path) -> None:
    zoo = hooked(tmp_path, installed, local_hooks("oas-slice-check"))
    assert zoo.slice_oas("--batch").code == 0
    assert zoo.commit().code == 0
    zoo.write("api/common.yaml", "Ok: {description: fine}\n")  # just what the document refers to
    broken = zoo.commit()
    assert broken.code != 0
    assert "stale    GET /keepers: slices/keepers_GET.yaml" in broken.text
    assert zoo.git("diff", "--name-only").out == ""
    assert zoo.slice_oas("--batch").code == 0
    assert zoo.commit().code == 0
    zoo.write("slices/keepers_GET.yaml", (zoo.slices / "keepers_GET.yaml").read_bytes() + b"# mine\n")
    edited = zoo.commit()
    assert edited.code != 0
    assert "edited   GET /keepers: slices/keepers_GET.yaml" in edited.text


def test_a_commit_that_concerns_no_slice_is_let_through_at_once(tmp_path: Path, installed: Path) -> None:
    zoo = hooked(tmp_path, installed, local_hooks("oas-slice", "oas-slice-check"))
    assert zoo.slice_oas("--batch").code == 0
    assert zoo.commit().code == 0
    zoo.write("code.py", "x = 1\n")
    untouched = zoo.commit()
    assert untouched.code == 0
    assert untouched.text.count("Passed") == 2
    (zoo.slices / "keepers_GET.yaml").unlink()  # which is not in the commits that follow
    zoo.write("other/config.yaml", "a: 1\n")
    passed = zoo.commit("other")
    assert passed.code == 0
    assert passed.text.count("Passed") == 2
    assert not (zoo.slices / "keepers_GET.yaml").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["rm", "-q", "slices/keepers_GET.yaml"], "made slices/keepers_GET.yaml"),
        pytest.param(
            ["rm", "-q", "api/common.yaml"],
            "  api/openapi.yaml:8:63  there is no file 'common.yaml'",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ["mv", "api/common.yaml", "api/shared.yaml"],
            "  api/openapi.yaml:8:63  there is no file",
            marks=pytest.mark.slow,
        ),
        (["mv", "api/openapi.yaml", "api/zoo.yaml"], "slice-oas: api/openapi.yaml: there is no such file"),
    ],
)
def test_a_commit_that_only_deletes_or_renames_is_looked_into(
    tmp_path: Path, installed: Path, change: list[str], said: str
) -> None:
    zoo = hooked(tmp_path, installed, local_hooks("oas-slice"))
    assert zoo.slice_oas("--batch").code == 0
    assert zoo.commit().code == 0
    assert zoo.git(*change).code == 0
    done = zoo.git("commit", "-m", "a change")
    assert done.code != 0
    assert said in done.text
    assert zoo.git("log", "--format=%s").out.count("a change") == 1


def test_a_file_that_the_document_refers_to_has_to_be_in_the_commit(tmp_path: Path, installed: Path) -> None:
    zoo = hooked(tmp_path, installed, local_hooks("oas-slice-check"))
    zoo.write("api/more.yaml", "Ok: {description: ok}\n")
    zoo.write("api/notes.yaml", "no part of the document: true\n")
    zoo.write("api/openapi.yaml", DOCUMENT.replace("common.yaml", "more.yaml"))
    assert zoo.slice_oas("--batch").code == 0
    done = zoo.commit("api/openapi.yaml", "slices", "pyproject.toml", ".pre-commit-config.yaml")
    assert done.code != 0
    assert "api/more.yaml is not in the commit: git add it" in done.text
    assert "notes" not in done.text
    assert zoo.commit("api/more.yaml").code == 0


def test_revisions_are_looked_into_as_a_commit_is(tmp_path: Path, installed: Path) -> None:
    zoo = hooked(tmp_path, installed, local_hooks("oas-slice-check"))
    assert zoo.slice_oas("--batch").code == 0
    assert zoo.commit().code == 0
    for change in (["rm", "-q", "slices/keepers_GET.yaml"], ["commit", "-q", "--no-verify", "-m", "a deletion"]):
        assert zoo.git(*change).code == 0
    command = [program(), "run", "--from-ref", "HEAD~1", "--to-ref", "HEAD"]
    done = subprocess.run(command, cwd=zoo.folder, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "missing  GET /keepers: slices/keepers_GET.yaml" in done.stdout


def test_slices_that_git_ignores_are_nobodys_commit(tmp_path: Path, installed: Path) -> None:
    zoo = hooked(tmp_path, installed, local_hooks("oas-slice"))
    zoo.write(".gitignore", "/slices/\n")
    assert zoo.commit().code == 0
    assert len(zoo.files()) == 3


def test_a_fault_in_the_document_is_said_and_stops_the_commit(tmp_path: Path, installed: Path) -> None:
    zoo = hooked(tmp_path, installed, local_hooks("oas-slice"))
    zoo.slice_oas("--batch")
    assert zoo.commit().code == 0
    (zoo.folder / "api/common.yaml").write_text("Okay: {description: ok}\n")
    done = zoo.commit()
    assert done.code != 0
    assert "  api/openapi.yaml:8:63  'common.yaml#/Ok' is referenced but not defined\n    GET /keepers\n" in done.text
    assert "Traceback" not in done.text


@pytest.mark.slow
def test_the_hooks_install_from_the_repository_as_users_install_them(
    tmp_path: Path, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clones this repository as it is committed, and lets pre-commit make its environment from it."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    clone = tmp_path / "oas-tasks"
    cloned = subprocess.run(["git", "clone", "-q", str(PROJECT), str(clone)], capture_output=True, check=False)
    if cloned.returncode != 0 or not (clone / MANIFEST.name).exists():
        pytest.skip("this is not a clone of the repository")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=clone, capture_output=True, text=True, check=True)
    zoo = hooked(
        tmp_path,
        installed,
        [{"repo": str(clone), "rev": head.stdout.strip(), "hooks": [{"id": "oas-slice"}, {"id": "oas-slice-check"}]}],
    )
    first = zoo.commit()
    if "CalledProcessError" in first.text:
        pytest.skip("the dependencies cannot be installed here")
    assert first.code != 0
    assert "made slices/animals_GET.yaml" in first.text
    assert zoo.commit().code == 0
    zoo.write("api/openapi.yaml", DOCUMENT.replace("made", "added"))
    assert zoo.commit().code != 0
    assert zoo.commit().code == 0
