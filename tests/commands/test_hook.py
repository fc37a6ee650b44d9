"""`slice-oas hook`: whether a commit's files concern slices, decided by settings and by what the document refers to."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from tests.conftest import Repository
from tests.planting import planted

DOCUMENT = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /animals:
    get: {responses: {'200': {$ref: 'parts/common.yaml#/Ok'}}}
"""
FILES = {
    "api/openapi.yaml": True,
    "api/parts/common.yaml": True,
    "pyproject.toml": True,
    "slices/animals_GET.yaml": True,
    "slices/index.csv": True,
    "api/parts/other.yaml": False,
    "other/openapi.yaml": False,
    "slices.yaml": False,
}


@pytest.fixture
def zoo(repository: Repository) -> Repository:
    repository.write("api/openapi.yaml", DOCUMENT)
    repository.write("api/parts/common.yaml", "Ok: {description: ok}\n")
    repository.configure(spec="api/openapi.yaml")
    assert repository.slice_oas("--batch").code == 0
    (repository.slices / "animals_GET.yaml").unlink()  # what whoever looks has to see
    return repository


@pytest.mark.parametrize("file", FILES)
def test_only_files_that_concern_slices_are_looked_into(zoo: Repository, file: str) -> None:
    done = zoo.slice_oas("hook", "--check", "README.json", file)
    assert done.code == (3 if FILES[file] else 0), done.text
    assert ("missing  GET /animals: slices/animals_GET.yaml" in done.out) == FILES[file]
    assert not (zoo.slices / "animals_GET.yaml").exists()
    done = zoo.slice_oas("hook", "README.json", file)
    assert done.code == (1 if FILES[file] else 0), done.text
    assert done.out.startswith("made slices/animals_GET.yaml\n") == FILES[file]


def test_without_files_everything_is_looked_into(zoo: Repository) -> None:
    assert zoo.slice_oas("hook", "--check").code == 3
    assert "made slices/animals_GET.yaml\n" in zoo.slice_oas("hook").out
    assert (zoo.slice_oas("hook").text, zoo.slice_oas("hook").code) == ("", 0)


def test_while_nobody_knows_what_the_document_refers_to_whatever_is_beside_it_concerns_it(zoo: Repository) -> None:
    shutil.rmtree(zoo.folder / ".oas_tasks")
    assert zoo.slice_oas("hook", "--check", "other/openapi.yaml").code == 0
    assert zoo.slice_oas("hook", "--check", "api/parts/other.yaml").code == 3


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed here")
def test_a_file_that_the_commit_deletes_concerns_slices_too(zoo: Repository) -> None:
    identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=zoo.folder, check=True, capture_output=True)
    assert zoo.slice_oas("hook", "--check", "README.json").code == 0
    subprocess.run(["git", "rm", "-q", "api/parts/common.yaml"], cwd=zoo.folder, check=True, capture_output=True)
    done = zoo.slice_oas("hook", "--check", "README.json")
    assert done.code == 3
    assert "from being sliced:\n  api/openapi.yaml:5:" in done.out
    assert "  there is no file 'parts/common.yaml'\n    GET /animals\n" in done.out


def test_what_the_document_refers_to_is_known_of_the_one_that_is_there(zoo: Repository) -> None:
    zoo.write("api/openapi.yaml", DOCUMENT.replace("common", "other"))
    zoo.write("api/parts/other.yaml", "Ok: {description: ok}\n")
    assert zoo.slice_oas("--batch").code == 0
    zoo.write("api/openapi.yaml", DOCUMENT)  # as pre-commit puts back what is not in the commit
    done = zoo.slice_oas("hook", "--check", "api/parts/common.yaml")
    assert (done.code, "index    GET /animals" in done.out) == (0, False), done.text
    zoo.write("api/parts/common.yaml", "Ok: {description: fine}\n")
    assert zoo.slice_oas("hook", "--check", "api/parts/common.yaml").code == 3


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_what_a_link_leads_to_concerns_slices_and_so_does_a_submodule(zoo: Repository) -> None:
    (zoo.folder / "api").rename(zoo.folder / "models")
    (zoo.folder / "api").symlink_to("models")
    assert zoo.slice_oas("--batch").code == 0
    (zoo.slices / "animals_GET.yaml").unlink()
    for file in ("models/parts/common.yaml", "api/openapi.yaml", "models"):
        assert zoo.slice_oas("hook", "--check", file).code == 3
    assert zoo.slice_oas("hook", "--check", "models/parts/other.yaml").code == 0


def test_settings_that_are_wrong_are_one_sentence(zoo: Repository) -> None:
    zoo.configure(spec="api/openapi.yaml", formt="json")
    done = zoo.slice_oas("hook", "pyproject.toml")
    assert (done.code, done.out) == (2, "")
    assert "unknown setting 'formt'. Did you mean 'format'?" in done.err


posix = pytest.mark.skipif(os.name == "nt", reason="names like these need POSIX")


@pytest.mark.parametrize("name", ["-v2.yaml", "-", "--unknown=x", "--output-dir"])
@posix
def test_a_file_of_a_commit_is_no_option_whatever_it_is_called(zoo: Repository, name: str) -> None:
    name += "/api.yaml"
    zoo.write(f"./{name}", "")
    done = zoo.slice_oas("hook", name, "api/openapi.yaml")
    assert (done.code, done.out.startswith("made slices/animals_GET.yaml\n")) == (1, True), done.text
    assert zoo.slice_oas("hook", "--check", "README.json", name).code == 0


@pytest.mark.parametrize("name", ["--output-dir={0}/api.yaml", "--input=other.yaml", "--cache-dir={0}/x", "--check"])
@posix
def test_behind_the_first_file_all_are_files_and_before_it_what_could_be_either_is_refused(
    zoo: Repository, name: str
) -> None:
    """A committed file may neither choose a folder nor take an option away that the hook was given."""
    name = name.format("elsewhere")
    zoo.write(f"./{name}", "")
    there = {file for file in zoo.folder.parent.rglob("*") if ".oas_tasks" not in file.parts}
    done = zoo.slice_oas("hook", name, "api/openapi.yaml")
    assert (done.code, done.out) == (2, "")
    assert "is an option and the name of a file here. Write files behind --" in done.err
    for before in (("README.json",), ("--",)):
        done = zoo.slice_oas("hook", *before, name, "api/openapi.yaml")
        assert done.code in (0, 1), done.text
    made = {file for file in zoo.folder.parent.rglob("*") if ".oas_tasks" not in file.parts} - there
    assert made == {zoo.slices / "animals_GET.yaml"}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed here")
def test_no_cache_hides_what_the_document_refers_to_from_who_checks(zoo: Repository) -> None:
    with planted(zoo.folder / ".oas_tasks") as connection:
        (files,) = connection.execute("SELECT files FROM plan").fetchone()
        connection.execute("UPDATE plan SET files = ?", (json.dumps(json.loads(files)[:1]),))
    assert zoo.slice_oas("hook", "--check", "api/parts/common.yaml").code == 3
    assert zoo.slice_oas("hook", "--check", "api/parts/other.yaml").code == 0


@pytest.mark.skipif(shutil.which("git") is None or os.name == "nt", reason="needs git and POSIX")
@pytest.mark.parametrize("command", [("hook",), ("hook", "--check"), ("affected",)])
def test_a_repository_that_is_committed_as_files_is_none(zoo: Repository, command: tuple[str, ...]) -> None:
    """git obeys the settings of a bare repository that it finds, and those name programs."""
    pwned = zoo.folder.parent / "pwned"
    for name in ("objects", "refs/heads"):
        (zoo.folder / name).mkdir(parents=True)
    zoo.write("HEAD", "ref: refs/heads/main\n")
    zoo.write("config", f'[core]\n bare = false\n worktree = .\n fsmonitor = "touch {pwned};false"\n')
    zoo.slice_oas(*command)
    assert not pwned.exists()


def test_options_stand_before_the_files(zoo: Repository) -> None:
    done = zoo.slice_oas("hook", "--format", "json", "--output-dir=other", "api/openapi.yaml")
    assert "made other/animals_GET.json\n" in done.out
    assert zoo.slice_oas("hook", "--check", "--format=json", "--", "--check", "README.json").code == 0
    done = zoo.slice_oas("hook", "--chekc", "README.json")
    assert (done.code, "--chekc" in done.err) == (2, True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed here")
@pytest.mark.parametrize("name", ["--output=pwned", "-O", "--no-index"])
def test_a_revision_of_the_environment_is_no_option_of_git(zoo: Repository, name: str) -> None:
    subprocess.run(["git", "init", "-q"], cwd=zoo.folder, check=True, capture_output=True)
    for since, until in ((name, "HEAD"), ("HEAD", name)):
        zoo.slice_oas("hook", env={"PRE_COMMIT_FROM_REF": since, "PRE_COMMIT_TO_REF": until})
    assert not list(zoo.folder.glob("*pwned*"))


@pytest.mark.skipif(os.name == "nt", reason="programs are otherwise there")
def test_git_is_not_taken_from_the_current_folder(zoo: Repository) -> None:
    zoo.write("git", "#!/bin/sh\ntouch pwned\n").chmod(0o755)
    for path in (f".{os.pathsep}{os.environ['PATH']}", f"{os.pathsep}{os.environ['PATH']}"):
        assert zoo.slice_oas("hook", env={"PATH": path}).code in (0, 1)
        assert not (zoo.folder / "pwned").exists()
