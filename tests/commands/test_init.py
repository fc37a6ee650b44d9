"""`slice-oas init` and `slice-oas --sample`: from nothing to slices, and nothing that is there is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.conftest import PATIENCE, SAMPLE, Repository

DOCUMENT = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /animals: {get: {responses: {'200': {description: ok}}}}
"""
WRITTEN = {"pyproject.toml", "dodo.py", ".gitignore", ".gitattributes", ".github/workflows/slices.yml"}


@pytest.fixture
def folder(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "project")
    made.write("openapi.yaml", DOCUMENT)
    (made.folder / ".git").mkdir()
    return made


def texts(folder: Repository) -> dict[str, bytes]:
    """Return all files but the document."""
    found = (file for file in folder.folder.rglob("*") if file.is_file())
    named = {file.relative_to(folder.folder).as_posix(): file.read_bytes() for file in found}
    return {name: text for name, text in named.items() if name != "openapi.yaml"}


def test_after_it_doit_builds_and_a_second_time_there_is_nothing_to_do(folder: Repository) -> None:
    done = folder.slice_oas("init")
    assert done.code == 0, done.text
    assert "+from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice" in done.out
    assert "Nothing was written. 'slice-oas init --yes' writes these files." in done.out
    assert texts(folder) == {}
    done = folder.slice_oas("init", "--yes")
    assert done.code == 0, done.text
    assert "Next: doit -n 4, which slices 1 endpoint into slices" in done.out
    assert texts(folder).keys() == WRITTEN
    built = folder.doit("-n", "4")
    assert (built.code, list(folder.files())) == (0, ["animals_GET.yaml"]), built.text
    before = texts(folder)
    assert "Everything is here already." in folder.slice_oas("init", "--yes").out
    assert texts(folder) == before
    workflow = yaml.safe_load(before[".github/workflows/slices.yml"])
    steps = workflow["jobs"]["slices"]["steps"]
    assert steps[-1]["run"] == "slice-oas ci"
    assert workflow["permissions"] == {"contents": "read"}
    assert before[".gitattributes"] == b"slices/** -text linguist-generated\n"


def test_files_that_are_there_keep_what_they_have(folder: Repository) -> None:
    project = '# mine\r\n[project]\r\nname = "x"  # a name\r\n\r\n[tool.black]\r\nline-length = 99'
    ignored = "*.pyc\r\n/build"
    hooks = "repos:\n  - repo: https://example.org/hooks\n    rev: v1\n    hooks:\n      - id: one\n"
    folder.write("pyproject.toml", project)
    folder.write(".gitignore", ignored)
    folder.write(".gitattributes", "*.png binary\n")
    folder.write(".pre-commit-config.yaml", hooks)
    assert folder.slice_oas("init", "--yes", "--output-dir", "the slices").code == 0
    made = {name: text.decode() for name, text in texts(folder).items()}
    assert made["pyproject.toml"].startswith(project)
    assert made["pyproject.toml"].count("\n") == made["pyproject.toml"].count("\r\n")
    assert tomllib.loads(made["pyproject.toml"])["tool"] == {
        "black": {"line-length": 99},
        "oas_tasks": {"spec": "openapi.yaml", "output_dir": "the slices"},
    }
    assert made[".gitignore"] == "*.pyc\r\n/build\r\n.oas_tasks/\r\n"
    assert made[".gitattributes"] == '*.png binary\n"the slices/**" -text linguist-generated\n'
    assert made[".pre-commit-config.yaml"].startswith(hooks)
    first, second = yaml.safe_load(made[".pre-commit-config.yaml"])["repos"]
    assert first["repo"] == "https://example.org/hooks"
    assert second["hooks"][0]["entry"] == "slice-oas hook"
    assert second["hooks"][0]["pass_filenames"] is False
    assert folder.slice_oas("init", "--yes").out == "Everything is here already.\n"


def test_a_dodo_of_ones_own_is_left_alone_and_the_lines_are_named(folder: Repository) -> None:
    own = 'DOIT_CONFIG = {"default_tasks": ["lint"]}\n\ndef task_lint():\n    return {"actions": ["true"]}\n'
    folder.write("dodo.py", own)
    done = folder.slice_oas("init", "--yes", "--ci", "none")
    assert "    from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice\n" in done.out
    assert "    DOIT_CONFIG = DOIT_CONFIG | {...}\n" in done.out
    assert (folder.folder / "dodo.py").read_text() == own
    assert texts(folder).keys() == WRITTEN - {".github/workflows/slices.yml"}


PROJECTS = {
    "an empty table": (
        "[tool.oas_tasks]\n[tool.x]\na = 1\n",
        '[tool.oas_tasks]\nspec = "openapi.yaml"\n[tool.x]\na = 1\n',
    ),
    "a table with something": (
        "[ tool . oas_tasks ] # here\nformat = 'json'",
        "[ tool . oas_tasks ] # here\nspec = \"openapi.yaml\"\nformat = 'json'",
    ),
    "nothing": ("", '[tool.oas_tasks]\nspec = "openapi.yaml"\n'),
    "a byte order mark": ("\ufeff[a]\n", '\ufeff[a]\n\n[tool.oas_tasks]\nspec = "openapi.yaml"\n'),
    "a header in a text": ("a = '''\n[tool.oas_tasks]\n'''\n", None),
    "an inline table": ("tool = {x = 1}\n", None),
    "a document": ("[tool.oas_tasks]\nspec = 'openapi.yaml'\n", "[tool.oas_tasks]\nspec = 'openapi.yaml'\n"),
    "documents": (
        "[[tool.oas_tasks.specs]]\nname = 'a'\nspec = 'openapi.yaml'\n",
        "[[tool.oas_tasks.specs]]\nname = 'a'\nspec = 'openapi.yaml'\n",
    ),
}


@pytest.mark.parametrize("project", PROJECTS)
def test_the_settings_are_added_once_or_by_hand(folder: Repository, project: str) -> None:
    before, after = PROJECTS[project]
    folder.write("pyproject.toml", before)
    done = folder.slice_oas("init", "--yes", "--ci", "none")
    assert done.code == 0, done.text
    assert (folder.folder / "pyproject.toml").read_text(encoding="utf-8") == (before if after is None else after)
    assert ('    spec = "openapi.yaml"' in done.out) == (after is None)


def test_a_repository_of_gitlab_gets_a_job_in_a_stage_that_it_has(folder: Repository) -> None:
    own = "stages: [build, check]\nslices: {script: [true]}\n"
    folder.write(".gitlab-ci.yml", own)
    assert folder.slice_oas("init", "--yes").code == 0
    text = (folder.folder / ".gitlab-ci.yml").read_text()
    assert text.startswith(own)
    job = yaml.safe_load(text)["openapi-slices"]
    assert job["stage"] == "check"
    assert job["script"][-1] == 'slice-oas ci --code-quality "$CI_PROJECT_DIR/slices-quality.json"'
    assert not (folder.folder / ".github").exists()
    folder.write(".gitlab-ci.yml", "a: !reference [b, c]\n")
    done = folder.slice_oas("init", "--yes")
    assert "add a job with 'slice-oas ci' to .gitlab-ci.yml" in done.out
    assert (folder.folder / ".gitlab-ci.yml").read_text() == "a: !reference [b, c]\n"


def test_in_a_folder_of_a_repository_the_workflow_goes_to_its_top(folder: Repository) -> None:
    inner = Repository(folder.folder / "services" / "one api")
    inner.write("openapi.json", '{"openapi": "3.0.3", "info": {"title": "A", "version": "1"}, "paths": {"/a": {}}}')
    inner.write("openapi.yaml", DOCUMENT)
    done = inner.slice_oas("init", "--yes")
    assert done.code == 2
    assert "there are several documents: openapi.json, openapi.yaml. Say which with --input" in done.err
    assert inner.slice_oas("init", "--yes", "--input", "openapi.yaml").code == 0
    job = yaml.safe_load((folder.folder / ".github/workflows/slices.yml").read_text())["jobs"]["slices"]
    assert job["defaults"]["run"]["working-directory"] == "services/one api"
    assert inner.slice_oas("init", "--yes").out == "Everything is here already.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--input", "nowhere.yaml"), "nowhere.yaml: there is no such file"),
        (("--format", "json"), "init has no use for --format"),
        (("--ci", "gitlub"), "Did you mean 'gitlab'?"),
    ],
)
def test_a_wrong_request_writes_nothing(folder: Repository, arguments: tuple[str, ...], said: str) -> None:
    done = folder.slice_oas("init", "--yes", *arguments)
    assert done.code == 2
    assert said in done.err
    assert texts(folder) == {}


def test_no_document_is_a_sentence(tmp_path: Path) -> None:
    done = Repository(tmp_path).slice_oas("init", "--yes")
    assert (done.code, done.err) == (
        2,
        "slice-oas: which document? None is in this folder. Say --input FILE\n",
    )


def test_a_link_is_not_written_through(folder: Repository) -> None:
    outside = folder.folder.parent / "outside"
    outside.write_text("mine\n")
    try:
        (folder.folder / ".gitignore").symlink_to(outside)
    except OSError:
        pytest.skip("making links takes rights here")
    done = folder.slice_oas("init", "--yes")
    assert ".gitignore is a link, and is left as it is" in done.out
    assert outside.read_text() == "mine\n"


def test_what_is_shown_of_a_file_is_text(folder: Repository) -> None:
    folder.write(".gitignore", "a\x1b[2Jb\n::error::c\n")
    done = folder.slice_oas("init")
    assert "\x1b" not in done.out
    assert "a\\u001b[2Jb" in done.out


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
@pytest.mark.parametrize("answer", ["y", "n"])
def test_at_a_terminal_it_asks(folder: Repository, answer: str) -> None:
    import pexpect

    (folder.folder / "openapi.yaml").rename(folder.folder / "zoo.txt.yaml")
    folder.write("second.yaml", DOCUMENT)
    child = pexpect.spawn(
        sys.executable,
        ["-m", "oas_tasks", "init"],
        cwd=str(folder.folder),
        env={**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1"},
        encoding="utf-8",
        timeout=PATIENCE,
    )
    child.expect("Which OpenAPI document")
    child.sendline("nowhere.yaml")
    child.expect("nowhere.yaml: there is no such file")
    child.sendline("second.yaml")
    child.expect("Write these 5 files")
    child.sendline(answer)
    child.expect("Written: pyproject.toml" if answer == "y" else "Nothing was written.")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert (folder.folder / "dodo.py").exists() == (answer == "y")


def test_the_sample_has_a_folder_of_its_own_and_is_built_incrementally(folder: Repository) -> None:
    folder.configure(spec="openapi.yaml", format="json")
    assert folder.slice_oas("--batch").code == 0
    before = texts(folder)
    done = folder.slice_oas("--sample")
    assert done.code == 0, done.text
    assert "19 made" in done.out
    assert "The document is sample-slices" in done.out
    copy = folder.folder / "sample-slices" / "library.yaml"
    assert copy.read_bytes() == SAMPLE.read_bytes()
    assert {name: text for name, text in texts(folder).items() if not name.startswith("sample-slices/")} == before
    assert (folder.folder / "sample-slices" / "books_GET.yaml").exists()
    text = copy.read_text(encoding="utf-8")
    copy.write_text(text.replace("summary: List the branches", "summary: All branches"), encoding="utf-8")
    assert "1 made, 18 unchanged" in folder.slice_oas("--sample").out
    done = folder.slice_oas("--sample", "--output-dir", "slices")
    assert done.code == 2
    assert "slices: this folder has other files, and the sample is to stand alone" in done.err
    assert "--sample goes without" in folder.slice_oas("--sample", "--input", "openapi.yaml").err
    assert folder.slice_oas("--sample", "--dry-run", "--output-dir", "elsewhere").code == 0
    assert not (folder.folder / "elsewhere").exists()


def test_the_sample_is_there_without_this_repository(tmp_path: Path) -> None:
    """In another folder, with a package that is found elsewhere, as one that is installed is."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "oas_tasks", "--sample", "--quiet"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert len(list((tmp_path / "sample-slices").glob("*_*.yaml"))) == 19
