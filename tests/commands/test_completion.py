"""Shell completion: what is proposed comes from the stored plan, and no text of a document is run by a shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from oas_tasks.commands.guidance.completion import SCRIPTS
from tests.conftest import Repository

DOCUMENT = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /users:
    get: {operationId: listUsers, tags: [people], responses: {"200": {description: ok}}}
    post: {operationId: addUser, tags: ['$(touch ran)'], responses: {"201": {description: made}}}
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: "x'`touch ran`", tags: ["a b;touch ran", "it's"], responses: {"200": {description: ok}}}
  /{a,b}/*:
    get: {operationId: 'z$(touch ran)', tags: ["\\e[31mred", "two\\nlines"], responses: {"200": {description: ok}}}
"""
#: The characters at which bash takes a new word to begin.
BREAKS = " \t\n\"'><=;|&(:"


@pytest.fixture
def shop(repository: Repository) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml")
    assert repository.slice_oas("--batch", "--lenient").code == 0
    return repository


def proposed(shop: Repository, line: str, shell: str = "zsh") -> list[str]:
    """Return what is proposed at the end of a line: texts, and kinds of files."""
    asked = {"_SLICE_OAS_COMPLETE": shell, "_SLICE_OAS_LINE": line, "_SLICE_OAS_BREAKS": BREAKS}
    done = shop.slice_oas(env=asked)
    assert (done.code, done.err) == (0, "")
    rows = [row.split("\t") for row in done.out.splitlines()]
    assert all(len(row) == 3 for row in rows)
    return [value if kind == "plain" else f"<{kind}>" for kind, value, _ in rows]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("slice-oas gr", ["graph"]),
        ("slice-oas api", ["<file>"]),
        ("slice-oas --dr", ["--dry-run", "--drop-extension"]),
        ("slice-oas graph --c", ["--cache-dir"]),
        ("slice-oas --input ", ["<file>"]),
        ("slice-oas list ", ["<file>"]),
        ("slice-oas --output-dir ", ["<dir>"]),
        ("slice-oas --format ", ["yaml", "json"]),
        ("slice-oas --output-version=3.0", ["3.0.x"]),
        ("slice-oas graph --output d", ["dot"]),
        ("slice-oas --tag p", ["people"]),
        ("slice-oas --method ", ["GET", "POST"]),
        ("slice-oas --path /users --method p", ["POST"]),
        ("slice-oas --path /users/", ["/users/{id}"]),
        ("slice-oas api.yaml --path /users/", ["/users/{id}"]),
        ("slice-oas --operation-id l", ["listUsers"]),
        ("slice-oas why l", ["listUsers"]),
        ("slice-oas why P", ["POST /users"]),
        ("slice-oas why 'GET /users/", ["GET /users/{id}"]),
        ("slice-oas why POST /", ["/users"]),
        ("slice-oas why post /", ["/users"]),
        ("slice-oas why api.yaml /users/", ["/users/{id}"]),
        ("slice-oas help ind", ["index"]),
        ("slice-oas completion ", ["bash", "zsh", "fish"]),
        ("slice-oas --tag nope", []),
        ("slice-oas --concurrency ", []),
        ("slice-oas --input nope.yaml --tag ", []),
    ],
)
def test_what_can_stand_at_the_cursor_is_proposed(shop: Repository, line: str, expected: list[str]) -> None:
    assert proposed(shop, line) == expected


def test_documents_are_proposed_by_name(repository: Repository) -> None:
    repository.write("a.yaml", DOCUMENT)
    repository.write("b.yaml", DOCUMENT.replace("listUsers", "allUsers"))
    entry = '[[tool.oas_tasks.specs]]\nname = "{0}"\nspec = "{0}.yaml"\noutput_dir = "{0}"\n'
    repository.write("pyproject.toml", entry.format("a") + entry.format("b"))
    assert repository.slice_oas("--batch", "--lenient").code == 0
    assert proposed(repository, "slice-oas --spec ") == ["a", "b"]
    assert proposed(repository, "slice-oas list --spec b --operation-id a") == ["allUsers", "addUser"]
    assert proposed(repository, "slice-oas why a:P") == ["a:POST /users"]
    assert proposed(repository, "slice-oas why a:PO", "bash") == ["POST\\ /users"]


def test_nothing_is_read_or_written_for_it_but_the_stored_plan(shop: Repository) -> None:
    (shop.folder / "api.yaml").write_text("no document", encoding="utf-8")
    before = {file: file.stat().st_mtime_ns for file in shop.folder.rglob("*")}
    assert proposed(shop, "slice-oas --path /users/") == ["/users/{id}"]
    assert {file: file.stat().st_mtime_ns for file in shop.folder.rglob("*")} == before


@pytest.mark.parametrize("damage", ["gone", "damaged", "of another kind", "a folder", "wrong settings"])
def test_without_a_stored_plan_nothing_is_proposed(shop: Repository, damage: str) -> None:
    store = shop.folder / ".oas_tasks" / "store.sqlite3"
    if damage == "wrong settings":
        shop.configure(spec="api.yaml", formt="yaml")
    else:
        store.unlink()
    if damage == "damaged":
        store.write_bytes(b"SQLite format 3\0" + bytes(500))
    if damage == "of another kind":
        import sqlite3

        made = sqlite3.connect(store)
        made.executescript("CREATE VIEW plan AS SELECT 1 AS key, 2 AS files, 3 AS seen_ns")
        made.close()
    if damage == "a folder":
        store.mkdir()
    assert proposed(shop, "slice-oas --path ") == []
    assert proposed(shop, "slice-oas --form") == ["--format"]


def test_texts_that_a_terminal_would_obey_are_not_proposed(shop: Repository) -> None:
    found = proposed(shop, "slice-oas --tag ")
    assert found == ["people", "$(touch ran)", "a b;touch ran", "it's"]


#: Completes a line in bash as a key press would, puts the proposals into it, and runs it.
BASH = r"""
eval "$(slice-oas completion bash)"
complete -p slice-oas > /dev/null || exit 9
line=$1
COMP_LINE=$line COMP_POINT=${#line}
_slice_oas_completion slice-oas "" ""
for each in "${COMPREPLY[@]}"; do
    eval "printf '%s\n' $each"
done
"""


def in_shell(shop: Repository, program: str, *arguments: str) -> list[str]:
    """Return the lines that a shell writes in which `slice-oas` is this tool."""
    folder = shop.folder / "bin"
    folder.mkdir(exist_ok=True)
    command = folder / "slice-oas"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m oas_tasks "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [program, *arguments], cwd=shop.folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert not (shop.folder / "ran").exists()
    return done.stdout.splitlines()


@pytest.mark.skipif(sys.platform == "win32" or shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("slice-oas --tag ", ["people", "$(touch ran)", "a b;touch ran", "it's"]),
        ("slice-oas --operation-id ", ["listUsers", "addUser", "x'`touch ran`", "z$(touch ran)"]),
        ("slice-oas --path /", ["/users", "/users/{id}", "/{a,b}/*"]),
    ],
)
def test_no_text_is_run_by_bash(shop: Repository, line: str, expected: list[str]) -> None:
    assert in_shell(shop, "bash", "-c", BASH, "bash", line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("slice-oas --tag 'a", ["a b;touch ran"]),
        ("slice-oas --tag 'i", ["it'\\''s"]),
        ('slice-oas --tag "i', ["it's"]),
        ('slice-oas --tag "$', []),
        ("slice-oas --operation-id=l", ["listUsers"]),
        ("slice-oas --operation-id l", ["listUsers"]),
        ("slice-oas why GET\\ /users/", ["GET\\ /users/{id}"]),
        ("slice-oas --path /{", ["/\\{a,b\\}/\\*"]),
        ("slice-oas --tag \\$", ["\\$\\(touch\\ ran\\)"]),
    ],
)
def test_bash_gets_each_text_quoted_as_the_word_is_typed(shop: Repository, line: str, expected: list[str]) -> None:
    assert proposed(shop, line, "bash") == expected


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_is_one_of_its_shell(shop: Repository, shell: str, tmp_path: Path) -> None:
    script = shop.slice_oas("completion", shell).out
    assert script == SCRIPTS[shell]
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    file = tmp_path / "script"
    file.write_text(script, encoding="utf-8")
    assert in_shell(shop, program, "-n", str(file)) == []


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish here")
def test_fish_proposes_the_same(shop: Repository) -> None:
    ask = "slice-oas completion fish | source; complete -C 'slice-oas --tag '"
    assert sorted(in_shell(shop, "fish", "-c", ask)) == ["$(touch ran)", "a b;touch ran", "it's", "people"]
