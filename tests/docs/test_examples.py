"""The examples of the manual work: its commands run, print what it shows, and its files are what programs read.

Each page gets a repository of its own, in which its blocks are tried from top to bottom:

- `openapi.yaml` is the sample; it is sliced, and all is committed on `main`. The branch that is checked out changes the
  document. `v1.yaml` and `v2.yaml` are the sample before and after.
- A block whose first line is a comment with the name of a file is written to that file.
- `sh` is run; `console` too, and what it prints is compared, durations aside. There, `...` stands for any text.
- `python` is run as a script, when all else on the page was tried. Programs of others that are named do nothing here.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

from oas_tasks.queries.starter_files import DODO
from tests.conftest import SAMPLE, command_for
from tests.docs.pages import DOCS, MANUAL, README, ROOT, Block, blocks, named, text_of
from tests.settings.generated import schema

#: Programs of others, which do nothing here.
_OTHERS = ("dot", "npx", "pipx", "pre-commit", "schemathesis", "uv", "uvx")

#: What the branch does to the sample.
EDITS = (
    ("The number on the card.", "The number that is printed on the card."),
    ("          maximum: 3\n", "          maximum: 5\n"),
)

_DURATION = re.compile(r"\b[0-9]+(?:\.[0-9]+)? (?:s|ms|min)\b")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the examples are for a POSIX shell")


def edited(text: str) -> str:
    """Return the sample as the branch has it."""
    for old, new in EDITS:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository as the pages assume it, beside a folder of programs."""
    folder = tmp_path_factory.mktemp("manual") / "project"
    folder.mkdir()
    programs = folder.with_name("bin")
    programs.mkdir()
    for name in _OTHERS:
        _program(programs / name, "cat > /dev/null\n")
    for name, module in (("slice-oas", "oas_tasks"), ("doit", "doit")):
        _program(programs / name, f'exec {shlex.join(command_for(module))} "$@"\n')
    _program(programs / "python", f'case "$*" in "-m pip "* | "-m venv "*) exit;; esac\nexec "{sys.executable}" "$@"\n')
    text = SAMPLE.read_text(encoding="utf-8")
    (folder / "openapi.yaml").write_text(text, encoding="utf-8")
    for name in ("v1.yaml", "v2.yaml"):
        (folder / name).write_text(edited(text) if name == "v2.yaml" else text, encoding="utf-8")
    (folder / "pyproject.toml").write_text('[tool.oas_tasks]\nspec = "openapi.yaml"\n', encoding="utf-8")
    (folder / "dodo.py").write_text(DODO, encoding="utf-8")
    (folder / ".gitignore").write_text(".oas_tasks/\n", encoding="utf-8")
    for command in (
        "git init -q --bare ../origin.git",
        "git init -q -b main && git remote add origin ../origin.git",
        "slice-oas --batch --quiet",
        "git add -A && git commit -qm 'First slices' && git push -q origin main && git checkout -qb edit",
    ):
        code, out = shell(folder, command)
        assert code == 0, out
    (folder / "openapi.yaml").write_text(edited(text), encoding="utf-8")
    return folder


def _program(file: Path, lines: str) -> None:
    file.write_text(f"#!/bin/sh\n{lines}", encoding="utf-8")
    file.chmod(0o755)


def shell(folder: Path, script: str) -> tuple[int, str]:
    """Run a script of bash and return its exit code with what it printed."""
    who = {f"GIT_{role}_{what}": "a@b.example" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    own = {
        "PATH": os.pathsep.join((str(folder.with_name("bin")), str(Path(sys.executable).parent), os.environ["PATH"])),
        "HOME": str(folder.parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONUTF8": "1",
    }
    hidden = ("GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "JENKINS_URL", "CI")
    environment = {name: value for name, value in os.environ.items() if name not in hidden} | who | own
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("page", MANUAL, ids=named)
def test_the_examples_of_a_page_work(page: Path, repository: Path, tmp_path: Path) -> None:
    for folder in (repository, repository.with_name("origin.git"), repository.with_name("bin")):
        shutil.copytree(folder, tmp_path / folder.name, symlinks=True)
    project = tmp_path / repository.name
    if page == README:  # its reader has nothing but a document
        for name in ("pyproject.toml", "dodo.py", ".gitignore"):
            (project / name).unlink()
    wrong = [f"{named(page)}:{block.line}: {each}" for block in blocks(page) for each in _tried(block, project)]
    wrong += _scripts(page, project)
    assert not wrong, "\n".join(wrong)


def _tried(block: Block, project: Path) -> list[str]:
    """Try one block, and return what is wrong."""
    if _is_excerpt(block):
        return []
    if block.file is not None and block.language in ("python", "toml", "yaml"):
        (project / block.file).parent.mkdir(parents=True, exist_ok=True)
        (project / block.file).write_text(block.text, encoding="utf-8")
    match block.language:
        case "sh" if ".[test]" not in block.text:
            code, out = shell(project, block.text)
            return [out] if code else []
        case "console":
            return [wrong for command, expected in _entered(block.text) for wrong in _entry(command, expected, project)]
        case "toml":
            jsonschema.validate(tomllib.loads(block.text), schema())
        case "yaml":
            assert list(yaml.safe_load_all(block.text))
    return []


def _scripts(page: Path, project: Path) -> list[str]:
    """Run all scripts of a page, each as the main module, and return what is wrong."""
    names = []
    for block in blocks(page):
        if block.language == "python" and block.file is None:
            names.append(f"line{block.line}.py")
            (project / names[-1]).write_text(block.text, encoding="utf-8")
    runs = "import runpy, sys; [runpy.run_path(each, run_name='__main__') for each in sys.argv[1:]]"
    code, out = shell(project, shlex.join(["python", "-c", runs, *names])) if names else (0, "")
    return [f"{named(page)}: {out}"] if code else []


def _is_excerpt(block: Block) -> bool:
    """Whether a block shows a part of a file, with lines left out."""
    return block.file is not None and any(line.strip() == "..." for line in block.text.splitlines())


def _entry(command: str, expected: str, project: Path) -> list[str]:
    """Enter a command, and return what is printed if it is not as expected."""
    _, out = shell(project, command)
    shown, printed = (_DURATION.sub("T s", each).strip("\n") for each in (expected, out))
    pattern = re.escape(shown).replace(r"\.\.\.", ".*")
    return [] if re.fullmatch(pattern, printed, re.DOTALL) else [f"{command}:\n{out}"]


def _entered(text: str) -> list[tuple[str, str]]:
    """Return the commands of a session, each with what it prints."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)
    assert not parts[0].strip(), parts[0]
    return list(zip(parts[1::2], parts[2::2], strict=True))


def test_the_main_job_of_the_readme_slices_the_sample(repository: Path, tmp_path: Path) -> None:
    """The command is tried on the files that it needs, without installing anything; `.ci/run` has the other one."""
    job, tests = (block.text for block in blocks(README) if ".[test]" in block.text)
    assert "-m pytest" in tests
    folder = tmp_path / "clone"
    shutil.copytree(repository.with_name("bin"), tmp_path / "bin")
    (folder / "oas_tasks").mkdir(parents=True)
    shutil.copytree(SAMPLE.parent, folder / "oas_tasks" / "sample")
    for name in ("dodo.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    code, out = shell(folder, job.replace("python -m doit", "doit"))
    assert code == 0, out
    assert "19 made, 0 unchanged, 0 removed, 0 failed" in out
    assert len(list((folder / "slices").glob("*.yaml"))) == 19


def test_the_readme_shows_what_the_sample_gives(repository: Path) -> None:
    """The document, the slice and the row before and after are excerpts, in order, of the real ones."""
    found = {block.file: block.text.splitlines()[1:] for block in blocks(README) if block.file is not None}
    for name in ("openapi.yaml", "slices/members-memberId_GET.yaml", "slices/index.csv"):
        text = SAMPLE.read_text(encoding="utf-8") if name == "openapi.yaml" else (repository / name).read_text("utf-8")
        rest = iter(text.splitlines())
        for line in found[name]:
            if line.strip() not in ("...", ""):
                assert any(each.startswith(line) for each in rest), line
        if name != "slices/index.csv":
            assert f"{len(text.splitlines()):,} lines" in " ".join(text_of(README).split())


def test_every_page_has_examples() -> None:
    assert all(any(blocks(page)) for page in MANUAL if page.name != "README.md" or page.parent != DOCS)
