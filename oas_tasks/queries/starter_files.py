"""Works out what a repository needs to build slices with doit and in CI: files to make, and lines to append.

Nothing is written here. A file that is there keeps all that it has; where nothing can be appended safely, a note says
what to add by hand. What is there already is left alone, so that a second time there is nothing to do.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from oas_tasks import __version__, formats
from oas_tasks.errors import UserError
from oas_tasks.regular_files import read_regular
from oas_tasks.settings import MissingSpec, Settings, load_settings
from oas_tasks.settings.section import with_section

DODO = """\
from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice

__all__ = ["DOIT_CONFIG", "task_index", "task_prune", "task_slice"]
"""

_GITHUB = """\
name: Slices
on: [push, pull_request]
permissions:
  contents: read
jobs:
  slices:
    runs-on: ubuntu-latest
{defaults}    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - run: python -P -m pip install {requirement}
        working-directory: .
      - run: slice-oas ci
        env:
          PYTHONSAFEPATH: "1"
"""

_GITLAB = """\
{job}:
  stage: {stage}
  image: python:3.13
  variables:
    PYTHONSAFEPATH: "1"
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - python -P -m pip install --quiet {requirement}
{cd}    - slice-oas ci --code-quality "$CI_PROJECT_DIR/slices-quality.json"
  artifacts:
    when: always
    reports:
      codequality: slices-quality.json
"""

_HOOK = """\
- repo: local
  hooks:
    - id: oas-slice
      name: slice the OpenAPI document
      entry: slice-oas hook
      language: python
      additional_dependencies: [{requirement}]
      pass_filenames: false
      always_run: true
"""


@dataclass(frozen=True, slots=True)
class StarterFile:
    """A file to be written.

    file: relative to the current folder.
    before, after: its text, with its line ends; `before` is None where there is no such file.
    """

    file: Path
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class StarterFiles:
    """What there is to do.

    settings: those that the repository has afterwards.
    notes: what has to be done by hand, a sentence or some lines each.
    """

    settings: tuple[Settings, ...]
    files: tuple[StarterFile, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is wanted.

    spec, output_dir: the document and the folder of its slices, None for what pyproject.toml says.
    ci: github, gitlab, none, or auto for what the repository has.
    pre_commit: make .pre-commit-config.yaml where there is none.
    """

    spec: str | None = None
    output_dir: str | None = None
    ci: str = "auto"
    pre_commit: bool = False


class _ByHand(Exception):  # noqa: N818  no error: it says what to do
    """Nothing can be appended safely; the message says what to add."""


def configured() -> tuple[Settings, ...] | None:
    """Return the settings of the current folder's pyproject.toml, None where it names no document.

    Raises SettingsError where it is wrong.
    """
    try:
        return load_settings(Path.cwd(), {})
    except MissingSpec:
        return None


def starter_files(wishes: Wishes) -> StarterFiles:
    """Return what the current folder needs. Raises UserError where a file cannot be read or its settings are wrong."""
    top = _repository()
    present = configured()
    settings = present or load_settings(Path.cwd(), {"spec": wishes.spec, "output_dir": wishes.output_dir})
    files: list[StarterFile] = []
    notes: list[str] = []
    if present is not None and wishes.spec is not None and Path(wishes.spec) not in [each.spec for each in present]:
        documents = ", ".join(str(each.spec) for each in present)
        notes.append(
            f"pyproject.toml names {documents}, and is left as it is. For several documents see docs/settings.md"
        )
    steps: tuple[Callable[[], StarterFile | None], ...] = (
        lambda: _pyproject(wishes) if present is None else None,
        _dodo,
        lambda: _git_ignore(settings),
        lambda: _git_attributes(settings),
        lambda: _ci(wishes.ci, top),
        lambda: _pre_commit(wishes.pre_commit, top),
    )
    for step in steps:
        try:
            found = step()
        except _ByHand as note:
            notes.append(str(note))
            continue
        if found is not None and found.before != found.after:
            files.append(found)
    unknown = [str(each.file) for each in files if _UNKNOWN_ADDRESS in each.after]
    if unknown:
        where = " and ".join(unknown)
        notes.append(f"oas-tasks was installed from a folder: write the address of its repository into {where}")
    return StarterFiles(settings, tuple(files), tuple(notes))


def _repository() -> Path:
    """Return the top folder of the repository that the current folder is in; the folder itself in none."""
    here = Path.cwd()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


def _text(file: Path) -> str | None:
    """Return the text of a file, None where there is none. Raises UserError, and _ByHand for a link."""
    try:
        if file.is_symlink():
            raise _ByHand(f"{file} is a link, and is left as it is")
        return read_regular(file).decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise UserError(f"{file} is not UTF-8") from None
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror or error}") from None


def _appended(file: Path, text: str | None, lines: str) -> StarterFile:
    """Return a file with lines at its end, in the line ends that it has."""
    if text is None:
        return StarterFile(file, None, lines)
    if "\r\n" in text:
        lines = lines.replace("\n", "\r\n")
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith("\n") else newline
    return StarterFile(file, text, f"{text}{gap}{lines}")


def _pyproject(wishes: Wishes) -> StarterFile:
    file = Path("pyproject.toml")
    values = {"spec": Path(wishes.spec or "").as_posix()}
    if wishes.output_dir is not None:
        values["output_dir"] = Path(wishes.output_dir).as_posix()
    text = _text(file)
    mark, body = ("\ufeff", text[1:]) if text and text.startswith("\ufeff") else ("", text or "")
    made = with_section(body, values)
    if made is None:
        lines = "\n".join(f"    {name} = {json.dumps(value)}" for name, value in values.items())
        raise _ByHand(f"add to {file}, under [tool.oas_tasks]:\n{lines}")
    return StarterFile(file, text, mark + made)


def _dodo() -> StarterFile | None:
    file = Path("dodo.py")
    text = _text(file)
    if text is None:
        return StarterFile(file, None, DODO)
    try:
        nodes = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        nodes = []
    taken = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names if _is_ours(node)}
    if taken & {"task_slice", "*"} or "task_slice" in text:
        return None
    words = f"{file} is yours, and is left as it is. Add to it:\n    {DODO.splitlines()[0]}"
    if any("DOIT_CONFIG" in _assigned(node) for node in nodes):
        words += "\nand extend the configuration that this brings, instead of replacing it:\n    "
        words += "DOIT_CONFIG = DOIT_CONFIG | {...}"
    raise _ByHand(words)


def _is_ours(node: ast.ImportFrom) -> bool:
    return node.module == "oas_tasks"


def _assigned(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _inside(folder: Path) -> str | None:
    """Return a folder as a pattern of git, relative to the current folder; None where it is not inside."""
    here = Path.cwd()
    absolute = folder if folder.is_absolute() else here / folder
    if absolute == here or not absolute.is_relative_to(here) or ".." in folder.parts:
        return None
    return re.sub(r"([\\*?\[\]!#])", r"\\\1", absolute.relative_to(here).as_posix())


def _git_ignore(settings: Sequence[Settings]) -> StarterFile | None:
    file = Path(".gitignore")
    text = _text(file)
    folders = dict.fromkeys(name for each in settings if (name := _inside(each.cache_dir)) is not None)
    there = {line.strip().strip("/") for line in (text or "").splitlines()}
    lines = [f"{name}/\n" for name in folders if name not in there]
    return _appended(file, text, "".join(lines)) if lines else None


def _git_attributes(settings: Sequence[Settings]) -> StarterFile | None:
    """git must not change slices, and services fold what is generated away in reviews."""
    file = Path(".gitattributes")
    text = _text(file)
    folders = dict.fromkeys(name for each in settings if (name := _inside(each.output_dir)) is not None)
    patterns = [f"{name}/**" for name in folders]
    patterns = [json.dumps(each, ensure_ascii=False) if re.search(r"\s", each) else each for each in patterns]
    there = (text or "").splitlines()
    lines = [f"{each} -text linguist-generated\n" for each in patterns if not any(f"{each} " in row for row in there)]
    return _appended(file, text, "".join(lines)) if lines else None


def _ci(wish: str, top: Path) -> StarterFile | None:
    gitlab = top / ".gitlab-ci.yml"
    if wish == "none":
        return None
    if wish == "gitlab" or (wish == "auto" and gitlab.exists()):
        return _gitlab(gitlab, top)
    return _github(top)


def _here(top: Path) -> str:
    """Return the current folder's path in the repository, "" at its top."""
    here = Path.cwd()
    return "" if here == top else here.relative_to(top).as_posix()


def _shown(file: Path) -> Path:
    """Return a file's path as it is shown: relative to the current folder, or from above."""
    here = Path.cwd()
    ups = next((number for number, each in enumerate((here, *here.parents)) if file.is_relative_to(each)), 0)
    return Path(*[".."] * ups) / file.relative_to((here, *here.parents)[ups])


def _github(top: Path) -> StarterFile | None:
    folder = top / ".github" / "workflows"
    workflows = sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])
    if any("slice-oas" in (_text(each) or "") for each in workflows if not each.is_symlink()):
        return None
    names = ("slices.yml", "openapi-slices.yml", "slice-oas.yml")
    file = next((folder / name for name in names if not (folder / name).exists()), None)
    if file is None:
        raise _ByHand("add a job with 'slice-oas ci' to a workflow in .github/workflows")
    sub = _here(top)
    defaults = f"    defaults:\n      run:\n        working-directory: {json.dumps(sub)}\n" if sub else ""
    text = _GITHUB.format(defaults=defaults, requirement=_in_shell(requirement()))
    return StarterFile(_shown(file), None, text if sub else text.replace("        working-directory: .\n", ""))


def _gitlab(file: Path, top: Path) -> StarterFile | None:
    text = _text(file)
    if text is not None and "slice-oas" in text:
        return None
    value = _yaml(text, file)
    job = next((name for name in ("slices", "openapi-slices", "slice-oas") if name not in value), "slice-oas-ci")
    stages = value.get("stages")
    stage = "test"
    if isinstance(stages, list) and stages and "test" not in stages:
        stage = json.dumps(stages[-1])
    sub = _here(top)
    cd = f"    - cd {json.dumps(_in_shell(sub))}\n" if sub else ""
    lines = _GITLAB.format(job=job, stage=stage, cd=cd, requirement=_in_shell(requirement()))
    return _added(_shown(file), text, f"\n{lines}" if text else lines, value)


def _pre_commit(is_wanted: bool, top: Path) -> StarterFile | None:
    file = top / ".pre-commit-config.yaml"
    text = _text(file)
    hook = _HOOK.format(requirement=json.dumps(requirement()))
    if text is None:
        return StarterFile(_shown(file), None, f"repos:\n{hook}") if is_wanted and not _here(top) else None
    if "oas-slice" in text or "slice-oas" in text:
        return None
    if _here(top):
        raise _ByHand(
            f"pre-commit runs in {_shown(top)}: call 'slice-oas hook' from a hook there that changes the folder"
        )
    value = _yaml(text, file)
    repos = value.get("repos")
    first = re.search(r"^( *)- ", text[text.find("repos:") :], re.MULTILINE)
    if not isinstance(repos, list) or not repos or first is None or list(value)[-1] != "repos":
        raise _ByHand(f"add to {_shown(file)}, under 'repos':\n{hook}")
    lines = "".join(f"{first[1]}{line}\n" for line in hook.splitlines())
    return _added(_shown(file), text, lines, value)


def _yaml(text: str | None, file: Path) -> dict[str, formats.Value]:
    """Return the mapping in a file. Raises _ByHand where it is none or cannot be read."""
    if text is None or not text.strip():
        return {}
    try:
        value = formats.read(text.encode(), file.name)
    except UserError:
        value = None
    if not isinstance(value, dict):
        raise _ByHand(f"add a job with 'slice-oas ci' to {_shown(file)} (see docs/ci.md), or the hook 'slice-oas hook'")
    return value


def _added(file: Path, text: str | None, lines: str, value: dict[str, formats.Value]) -> StarterFile:
    """Return a file with lines at its end, if these change nothing of what it says. Raises _ByHand."""
    made = _appended(file, text, lines)
    try:
        found = formats.read(made.after.encode(), file.name)
    except UserError:
        found = None
    if not isinstance(found, dict):
        raise _ByHand(f"add to {file}:\n{lines}")
    for name, before in value.items():
        after = found.get(name)
        if after != before and not (isinstance(after, list) and isinstance(before, list) and after[:-1] == before):
            raise _ByHand(f"add to {file}:\n{lines}")
    return made


#: Stands for where this was installed from, if that is a folder, which is nowhere else.
_UNKNOWN_ADDRESS = "git+REPOSITORY"


def requirement() -> str:
    """Return what pip installs elsewhere to get this version: where it came from, or the number of its release."""
    origin = _origin()
    url, commit = str(origin.get("url", "")), str(origin.get("vcs_info", {}).get("commit_id", ""))
    has_secret = "@" in urlsplit(url).netloc
    if (
        re.fullmatch(r"https://[\w:/.~%+-]+", url, re.ASCII)
        and re.fullmatch(r"[0-9a-f]{40}", commit)
        and not has_secret
    ):
        return f"oas-tasks @ git+{url}@{commit}"
    # From a folder it may be of no release; the index could have something else by this name.
    return f"oas-tasks @ {_UNKNOWN_ADDRESS}" if origin else f"oas-tasks=={__version__}"


def _origin() -> dict[str, Any]:
    """Return where pip installed this from, nothing where that was an index (PEP 610)."""
    try:
        text = distribution("oas-tasks").read_text("direct_url.json")
        found = json.loads(text) if text else {}
    except (PackageNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("vcs_info", {}), dict) else {}


def _in_shell(word: str) -> str:
    return word if re.fullmatch(r"[\w./=-]+", word, re.ASCII) else f"'{word}'"
