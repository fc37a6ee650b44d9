"""Nothing of a document, a cache, git or the settings reaches a terminal or a log as more than text on its line."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oas_tasks.commands.graph_languages import mermaid_label
from oas_tasks.commands.markdown import cell, code, code_cell
from oas_tasks.printable import printable, printable_lines
from tests.conftest import Done, Repository

EVIL = (
    "\x1b[2J\x1b]0;pwn\x07\n::error::injected\r::warning::x\x9b31m\u202e\u2028::stop-commands::t"
    " ##[add-mask]x ##vso[task]"
)


def document(version: str = "3.1.0", **changes: object) -> str:
    """Return a document that has such a text wherever it can have one."""
    reference = {"$ref": f"#/components/schemas/{EVIL}"}
    operation = {
        "summary": EVIL,
        "operationId": EVIL,
        "tags": [EVIL],
        "responses": {"200": {"description": EVIL, "content": {EVIL: {"schema": reference}}}},
    }
    schema = {"type": ["string", "null"], "const": EVIL, "if": {}, "then": {}, "contains": {}, "propertyNames": {}}
    value: dict[str, object] = {
        "openapi": version,
        "info": {"title": EVIL, "version": EVIL},
        "tags": [{"name": EVIL}],
        "paths": {
            f"/{EVIL}": {"get": operation},
            f"/missing{EVIL}": {
                "get": {
                    "responses": {"200": {"description": "", "content": {"a/b": {"schema": {"$ref": f"#/no{EVIL}"}}}}}
                }
            },
            f"/file{EVIL}": {"get": {"responses": {"200": {"$ref": f"{EVIL}.yaml#/x"}}}},
            f"/wrong{EVIL}": {"get": {EVIL: 1, "responses": {EVIL: {}}}},
            "/ok": {"get": {"responses": {"200": {"description": "ok"}}}},
        },
        "components": {"schemas": {EVIL: schema}},
    }
    return json.dumps({**value, **changes})


def assert_harmless(text: str) -> None:
    for line in text.split("\n"):
        assert line.isprintable(), repr(line)
        assert not line.lstrip().startswith("::"), line
        assert not re.search(r"##\w*\[", line), line


@pytest.fixture
def evil(repository: Repository) -> Repository:
    repository.write("api.json", document())
    repository.write("old.json", document(paths={"/ok": {"get": {"responses": {"200": {"description": "ok"}}}}}))
    repository.configure(spec="api.json")
    return repository


ENDPOINT = f"GET /{EVIL}"
COMMANDS = [
    ("--batch",),
    ("--batch", "--debug"),
    ("--batch", "--quiet"),
    ("--batch", "--strict", "--output-version", "3.0.x"),
    ("--batch", "--full"),
    ("--dry-run",),
    ("--path", f"/{EVIL}", "--method", "GET"),
    ("--path", f"/missing{EVIL}", "--method", "GET"),
    ("--path", f"/x{EVIL}", "--method", "GET"),
    ("--batch", "--filter", EVIL),
    ("--input", EVIL, "--batch"),
    (f"--{EVIL}",),
    (EVIL,),
    ("list",),
    ("check",),
    ("hook",),
    ("hook", "--check"),
    ("why", ENDPOINT),
    ("why", EVIL),
    ("impact", f"components/schemas/{EVIL}"),
    ("impact", EVIL),
    ("graph",),
    ("graph", "--output", "dot"),
    ("graph", "--output", "mermaid"),
    ("graph", "--output", "json"),
    ("graph", "--output", "svg"),
    ("graph", "--output", "html"),
    ("version-info",),
    ("version-info", ENDPOINT),
    ("affected", "old.json", "api.json"),
    ("affected", "api.json", "old.json"),
    ("affected", "old.json", "api.json", "--output", "markdown"),
    ("affected", "old.json", "api.json", "--output", "matrix"),
    ("affected", "old.json", "api.json", "--output", "json"),
    ("affected", "--base", EVIL),
    ("check", "--json"),
    ("list", "--json"),
]


@pytest.mark.parametrize("is_built", [False, True])
def test_every_command_prints_text_only(evil: Repository, is_built: bool) -> None:
    if is_built:
        evil.slice_oas("--batch")
    for command in COMMANDS:
        done = evil.slice_oas(*command)
        assert done.text.strip() or "--quiet" in command, command
        assert "Traceback" not in done.text or "--debug" in command, done.text
        assert_harmless(done.text)


@pytest.mark.parametrize("command", [(), ("slice",), ("list", "--all", "--status"), ("clean", "-n"), ("-n", "2")])
@pytest.mark.parametrize("reporter", ["", "console", "zero", "executed-only"])
def test_doit_prints_text_only(evil: Repository, command: tuple[str, ...], reporter: str) -> None:
    if reporter and command and command[0] in ("list", "clean"):
        pytest.skip("which have no reporter")
    options = ("-r", reporter) if reporter else ()
    assert_harmless(evil.doit(*command, *options).text)


def test_doit_tells_what_a_slice_depends_on_as_text_only(evil: Repository) -> None:
    names = [line.split("   ")[0].strip() for line in evil.doit("list", "--all", "-q").out.splitlines()]
    slices = [name for name in names if name.startswith("slice:")]
    assert len(slices) == 5
    for name in slices:
        done = evil.doit("info", name)
        assert done.code in (0, 1), done.text
        assert_harmless(done.text)


@pytest.mark.parametrize("setting", ["spec", "output_dir", "cache_dir"])
def test_a_path_of_the_settings_that_would_do_something_where_it_is_printed_is_refused(
    repository: Repository, setting: str
) -> None:
    values = {"spec": "a.json", setting: "x\x1b[2J\n::error::x"}
    settings = "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
    repository.write("pyproject.toml", f"[tool.oas_tasks]\n{settings}")
    repository.write("a.json", document())
    for command in (("--dry-run",), ("--batch",), ("check",), ("hook",), ("list",), ("affected",)):
        done: Done = repository.slice_oas(*command)
        assert (done.code, len(done.err.splitlines())) == (2, 1)
        assert_harmless(done.text)
    for words in ((), ("list", "--all"), ("clean", "-n")):
        assert_harmless(repository.doit(*words).text)


@pytest.mark.skipif(shutil.which("git") is None or os.name == "nt", reason="names like these need git and POSIX")
def test_names_of_files_are_printed_as_text_only(repository: Repository) -> None:
    repository.configure(spec="a.json")
    responses = {"200": {"$ref": "b\n::error::.yaml#/x"}}
    repository.write("a.json", document(paths={"/ok": {"get": {"responses": responses}}}))
    repository.write("b\n::error::.yaml", "x: {description: ok}\n")
    subprocess.run(["git", "init", "-q"], cwd=repository.folder, check=True)
    for command in (("--dry-run",), ("--batch",), ("check",), ("hook",), ("list",), ("why", "/ok"), ("affected",)):
        done: Done = repository.slice_oas(*command)
        assert_harmless(done.text)
    assert (repository.slices / "ok_GET.yaml").exists()


def test_a_label_of_mermaid_is_no_directive() -> None:
    assert "%%" not in mermaid_label("GET /m%%{init: {'theme':'forest'}}%%")


@given(st.text())
def test_what_is_printable_is_one_line_and_stays_as_it_is(text: str) -> None:
    made = printable(text)
    assert made.isprintable()
    assert printable(made) == made
    assert not made.lstrip().startswith("::")
    assert not re.search(r"##\w*\[", made)
    assert printable_lines([text, text]) == f"{made}\n{made}\n"


@given(st.text(alphabet="`| \\\n<>[]()ab!*_@#0.:/"))
def test_code_in_markdown_ends_where_it_should(text: str) -> None:
    made = code(text)
    (fence,) = re.findall("^`+", made)
    inside = made[len(fence) : -len(fence)]
    assert made.endswith(fence)
    assert len(fence) not in map(len, re.findall("`+", inside))
    assert not inside.startswith("`")
    assert not inside.endswith("`")
    made = code_cell(text)
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", made)) == 0


@given(st.text(alphabet="`| \\\n<>[]()ab!*_@#0.:/&;"))
def test_text_in_markdown_is_nothing_but_text(text: str) -> None:
    made = cell(text).replace("<!-- -->", "\0")
    unescaped = re.sub(r"\\[!-/:-@\[-`{-~]", "", made)
    assert not re.search(r"[`*_<>\[\]#~|\n]", unescaped)
    assert not re.search(r"&(?!amp;)", unescaped)
    assert not re.search(r"@\w", made)


def test_links_and_mentions_are_not_made_of_text() -> None:
    assert cell("see http://x.example or www.x.example, @octocat #12") == (
        "see http<!-- -->://x.example or www<!-- -->.x.example, @<!-- -->octocat \\#<!-- -->12"
    )
