"""Mistakes on the command line: each is one sentence with what to do, and exit code 2; nothing is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from oas_tasks import cli, errors

DOCUMENT = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
tags: [{name: People}]
paths:
  /users:
    get: {operationId: listUsers, tags: [People], responses: {"200": {description: ok}}}
    post: {operationId: addUser, responses: {"201": {description: made}}}
  /users/{id}:
    get:
      operationId: getUser
      tags: [People]
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}
components:
  schemas:
    User: {type: object}
"""
TWO = """\
[[tool.oas_tasks.specs]]
name = "v1"
spec = "api.yaml"
output_dir = "s1"
[[tool.oas_tasks.specs]]
name = "v2"
spec = "newer.yaml"
output_dir = "s2"
"""


class Mistake(NamedTuple):
    """A wrong command line with words of the sentence that answers it; and pyproject.toml, where it is about that."""

    arguments: tuple[str, ...]
    said: str
    toml: str = ""


def typed(line: str, said: str, toml: str = "") -> Mistake:
    """Return a mistake in a line whose words have no blanks."""
    return Mistake(tuple(line.split()), said, toml)


MISTAKES = [
    # options
    typed("--inptu api.yaml --batch", "there is no option --inptu. Did you mean --input?"),
    typed("api.yaml --batch --dryrun", "there is no option --dryrun. Did you mean --dry-run?"),
    typed("api.yaml --output_dir out --batch", "there is no option --output_dir. Did you mean --output-dir?"),
    typed("api.yaml --output out --batch", "there is no option --output. Did you mean --output-dir?"),
    typed("api.yaml -o out --batch", "there is no option -o. Did you mean --output-dir?"),
    typed("api.yaml --source-faults warn", "there is no option --source-faults. Did you mean --lenient?"),
    typed("api.yaml --no-index --batch", "there is no option --no-index. Did you mean --no-csv?"),
    typed("api.yaml --json", "there is no option --json. Did you mean --format json?"),
    typed("list --jsno", "there is no option --jsno. Did you mean --json?"),
    typed("check --trust-cahce", "there is no option --trust-cahce. Did you mean --trust-cache?"),
    typed("hook --chekc", "there is no option --chekc. Did you mean --check?"),
    typed("api.yaml --frob", "there is no option --frob. 'slice-oas --help' shows what there is"),
    typed("graph api.yaml --depht 2", "there is no option --depht. Did you mean --depth?"),
    typed("api.yaml --batch --input", "--input needs a value. Write --input FILE"),
    typed("api.yaml --filter --dry-run", "--filter needs a value. Write --filter PATTERN"),
    typed("list --format", "--format needs a value. Write --format [yaml|json]"),
    typed("api.yaml --batch=yes", "--batch takes no value. Write --batch alone"),
    typed("api.yaml --path /users --batch", "--batch and --path exclude each other. --batch is for all endpoints"),
    typed(
        "api.yaml --input api.yaml --batch", "the document is given twice: 'api.yaml', and --input 'api.yaml'. Leave"
    ),
    typed(
        "list --input newer.yaml api.yaml", "the document is given twice: 'api.yaml', and --input 'newer.yaml'. Leave"
    ),
    # values
    typed("api.yaml --batch --format yml", "--format must be yaml or json, and it is 'yml'. Did you mean 'yaml'?"),
    typed("api.yaml --format JSON --batch", "--format must be yaml or json, and it is 'JSON'. Did you mean 'json'?"),
    typed("api.yaml --filter-type regexp --batch", "it is 'regexp'. Did you mean 'regex'?"),
    typed(
        "api.yaml --output-version 3.1", "--output-version must be auto, 3.0.x, 3.1.x or 3.2.x, and it is '3.1'. Did"
    ),
    typed("api.yaml --output-version 2", "--output-version must be auto, 3.0.x, 3.1.x or 3.2.x, and it is '2'"),
    typed("api.yaml --concurrency 17 --batch", "--concurrency must be a whole number from 1 to 16, and it is 17"),
    typed("api.yaml --concurrency many", "--concurrency must be a whole number from 1 to 16, and it is 'many'"),
    typed("api.yaml --batch --filter ( --filter-type regex", "--filter '(' is not a regular expression: missing )"),
    typed("api.yaml --volatile info", "in --volatile, 'info' is not a JSON Pointer into a root field"),
    typed("api.yaml --drop-extension tagGroups", "in --drop-extension, 'tagGroups' is not an extension, whose name"),
    typed("api.yaml --batch --output-dir o --cache-dir o", "--output-dir and --cache-dir are both 'o'. Give each a"),
    Mistake(("api.yaml", "--output-dir", ""), "--output-dir must be a path, and it is ''"),
    Mistake(("api.yaml", "--method", "a b", "--batch"), "in --method, 'a b' is not a method, such as GET"),
    typed(
        "graph api.yaml --output mermade",
        "svg or html, and it is 'mermade'. Did you mean 'mermaid'?",
    ),
    typed("affected --only shap", "--only must be shape or text, and it is 'shap'. Did you mean 'shape'?"),
    typed("affected --jobs 0", "--jobs must be a whole number from 1 to 256, and it is '0'"),
    typed("affected -z api.yaml api.yaml", "-z goes with --output paths or --output schemathesis"),
    typed("completion zhs", "shell must be bash, zsh or fish, and it is 'zhs'. Did you mean 'zsh'?"),
    typed("completion", "slice-oas completion needs SHELL. Write bash, zsh or fish"),
    # filters
    typed("api.yaml --batch --filter user", "no endpoint of api.yaml matches --filter user. Did you mean '/users'?"),
    typed("api.yaml --batch --filter Users/*", "matches --filter Users/*. Did you mean '/users/*'?"),
    typed("api.yaml --batch --filter id}", "matches --filter id}. Did you mean '*id}*'?"),
    typed("api.yaml --batch --filter /nothing/*", "matches --filter /nothing/*. 'slice-oas list' shows all paths"),
    typed("api.yaml --batch --method GTE", "no endpoint of api.yaml matches --method GTE. Did you mean 'GET'?"),
    typed("api.yaml --batch --method PATCH,PUT", "matches --method PATCH, PUT. The document has GET, POST"),
    typed("api.yaml --batch --method HEAD", "matches --method HEAD. The document has GET, POST"),
    typed("api.yaml --batch --tag people", "no endpoint of api.yaml matches --tag people. Did you mean 'People'?"),
    typed("api.yaml --batch --tag orders", "matches --tag orders. The document has People"),
    typed("api.yaml --batch --operation-id getUsr", "matches --operation-id getUsr. Did you mean 'getUser'?"),
    typed(
        "api.yaml --batch --tag People --method POST", "An endpoint has to pass every filter; 'slice-oas list' shows"
    ),
    # one endpoint
    typed("api.yaml --path /user --method GET", "the document has no path '/user'. Did you mean '/users'?"),
    typed("api.yaml --path users --method GET", "the document has no path 'users'. Did you mean '/users'?"),
    typed("api.yaml --path /users", "the path '/users' has GET, POST. Say which with --method"),
    typed("api.yaml --path /users --method PUT", "the path '/users' has no PUT; it has GET, POST"),
    typed("api.yaml --path /users --method GET,POST", "with --path just one --method can be given. Several endpoints"),
    Mistake(("api.yaml", "--path", "GET /users", "--method", "PUT"), "contradict each other. Leave out one method"),
    typed("why api.yaml", "'api.yaml' is a document, and what is asked about it is missing. Name an endpoint"),
    typed("why", "slice-oas why needs ENDPOINT. Name an endpoint, such as 'GET /users/{id}'"),
    typed("why api.yaml GET /user", "there is no endpoint 'GET /user'. Did you mean 'GET /users'?"),
    typed("why api.yaml getUsr", "there is no endpoint 'getUsr'. Did you mean 'getUser'?"),
    typed(
        "why api.yaml /users", "'/users' is more than one endpoint: GET /users, POST /users. Say which with its method"
    ),
    typed("impact", "slice-oas impact needs PART. Name a part, such as components/schemas/User"),
    typed("impact api.yaml schemas/Usr", "no part 'schemas/Usr'. Did you mean 'components/schemas/User'?"),
    typed(
        "impact api.yaml User Order", "slice-oas impact takes one part at a time, and was given 'User', 'Order'. Name"
    ),
    # words that stand alone
    typed("lst", "there is no command 'lst'. Did you mean 'list'?"),
    typed("version", "there is no command 'version'. Did you mean 'slice-oas --version'?"),
    typed("build", "there is no command 'build'. Did you mean 'slice-oas --batch'?"),
    typed("frobnicate", "there is no command 'frobnicate'. 'slice-oas --help' shows what there is"),
    typed("api.yaml list", "the command 'list' comes first. Write: slice-oas list ..."),
    typed("--batch check", "the command 'check' comes first. Write: slice-oas check ..."),
    typed("api.yaml /users", "it is not clear what '/users' is for. Write --path '/users' for one endpoint"),
    typed("api.yaml get", "it is not clear what 'get' is for. Write --method GET"),
    typed("api.yaml newer.yaml", "slice-oas has no use for 'newer.yaml'. Name one document at a time"),
    typed(
        "api.yaml --filter folder newer.yaml", "has no use for 'newer.yaml'. Put patterns such as '/users/*' in quotes"
    ),
    typed("help filtr", "there is no help on 'filtr'. Did you mean 'filters'?"),
    typed("help weather", "there is no help on 'weather'. There are completion,"),
    # documents
    typed("--batch", "which document? Say --input FILE"),
    typed("api.yaml", "which endpoints? Say --batch for all of them, or --path PATH --method METHOD for one"),
    typed("apy.yaml --batch", "apy.yaml: there is no such file. Did you mean 'api.yaml'?"),
    typed("API.YAML --batch", "API.YAML: there is no such file. Did you mean 'api.yaml'?"),
    typed("newer.json --batch", "newer.json: there is no such file. Did you mean 'newer.yaml'?"),
    typed("list nothing.txt", "nothing.txt: there is no such file. Did you mean 'api.yaml' or 'newer.yaml'?"),
    typed("newer --batch", "there is no command 'newer'. Did you mean 'newer.yaml'?"),
    typed("'api.yaml' --batch", "there is no command ''api.yaml''. Did you mean 'api.yaml'?"),
    typed("--input folder --batch", "folder: this is a folder, not a file. Name the file in it"),
    typed("api.yaml --batch --output-dir api.yaml", "is not a folder. Choose another with 'output_dir' (--output-dir)"),
    typed("api.yaml --batch --cache-dir api.yaml", "Choose another with 'cache_dir' (--cache-dir)"),
    typed("graph api.yaml --output a.svg", "'a.svg' is a file. Write --output svg, and > and the file's name at the"),
    typed("list apy.yaml", "apy.yaml: there is no such file. Did you mean 'api.yaml'?"),
    typed("affected api.yaml apy.yaml", "apy.yaml: there is no such file. Did you mean 'api.yaml'?"),
    typed("affected api.yaml api.yaml api.yaml", "two files can be compared, an older and a newer one. To compare a"),
    typed("folder --batch", "'folder' is a folder. Name the document in it"),
    typed("api.zip --batch", "api.zip: this is a ZIP archive, not YAML or JSON. Unpack it and name the file inside"),
    typed("- --batch", "a document cannot be read from the standard input. Save it, and name the file"),
    typed("https://example.org/api.yaml", "the document is the address 'https://example.org/api.yaml', and nothing is"),
    typed(
        "--input https://a.b/c --batch", "--input is the address 'https://a.b/c', and nothing is ever fetched. Download"
    ),
    Mistake(("--input", "é\udcff\x1b[2J.yaml", "--batch"), "--input holds '\\x1b', which no path here may hold"),
    Mistake(("--input", "api\udcf6.yaml", "--batch"), "which no path here may hold. Rename it, or use a UTF-8 locale"),
    Mistake(
        ("api.yaml", "--batch", "--output-dir", "\udcf6"), "--output-dir holds '\\udcf6', which no path here may hold."
    ),
    Mistake(("ünknown\udcff", "--batch"), "there is no command "),
    typed("hook api.yaml", "is not set. Write args: [--input, openapi.yaml] in .pre-commit-config.yaml, or spec in"),
    # several documents, and pyproject.toml
    typed("--spec v1 --batch", "--spec v1: no document in pyproject.toml is called that. Documents get names under"),
    typed("--spec api.yaml --batch", "no document in pyproject.toml is called that. Did you mean --input api.yaml?"),
    typed("list --spec v3", "--spec v3: no document in pyproject.toml is called that. There are 'v1', 'v2'", TWO),
    typed("check --spec v1 --input api.yaml", "--spec and --input exclude each other", TWO),
    typed(
        "--path /users --method GET", "'/users' is in more than one document: 'v1', 'v2'. Say which with --spec v1", TWO
    ),
    Mistake(("why", "GET /users"), "v1:GET /users, v2:GET /users. Say which with --spec v1 or --spec v2", TWO),
    typed("graph", "there are several documents: api.yaml, newer.yaml. Say which with --spec v1 or --spec v2", TWO),
    typed("--batch --output-dir x", "both have the --output-dir 'x', where they would overwrite", TWO),
    typed("--batch", "unknown setting 'formt'. Did you mean 'format'?", "[tool.oas_tasks]\nformt = 'yaml'\n"),
    typed(
        "--batch", "must be yaml or json, and it is 'yml'. Did you mean 'yaml'?", "[tool.oas_tasks]\nformat = 'yml'\n"
    ),
    typed("--batch", "[tool.oas_task]: unknown table. Did you mean [tool.oas_tasks]?", "[tool.oas_task]\nspec = 'a'\n"),
    typed(
        "list",
        "Write / for \\ in paths, or put them in single quotes",
        '[tool.oas_tasks]\nspec = "C:\\users\\api.yaml"\n',
    ),
    typed(
        "list", "Write / for \\ in paths, or put them in single quotes", '[tool.oas_tasks]\nspec = "specs\\api.yaml"\n'
    ),
    typed("list", "[tool.slice-oas]: unknown table. Did you mean [tool.oas_tasks]?", "[tool.slice-oas]\nspec = 'a'\n"),
]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "api.yaml").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "newer.yaml").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "api.zip").write_bytes(b"PK\x03\x04" + bytes(30))
    return tmp_path


def files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*")}


def sentence_of(err: str) -> str:
    """Return the one sentence that was printed."""
    (line,) = err.splitlines()
    assert line.startswith("slice-oas: "), err
    assert line.isprintable()
    assert "Traceback" not in line
    assert "internal error" not in line
    return line


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: ascii(" ".join(mistake.arguments)))
def test_a_mistake_is_one_sentence_with_what_to_do(
    mistake: Mistake, shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop)
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    if mistake.toml:
        (shop / "pyproject.toml").write_text(mistake.toml, encoding="utf-8")
    before = files(shop)
    code = cli.main(mistake.arguments)
    shown = capsys.readouterr()
    assert (code, shown.out) == (2, "")
    assert mistake.said in sentence_of(shown.err)
    assert {each for each in files(shop) - before if not each.startswith(".oas_tasks")} == set()
    assert errors.CRASHES == []


def test_there_are_sixty_kinds_of_mistakes() -> None:
    assert len({(each.arguments, each.toml) for each in MISTAKES}) == len(MISTAKES) >= 60


#: Runs mistakes in one process, and writes what was said of each.
EVERY = """\
import io, json, sys
from oas_tasks import cli
told = []
for arguments in json.loads(sys.argv[1]):
    sys.stderr.flush()
    code = cli.main(arguments)
    sys.stderr.flush()
    print(f"{code}\\0", file=sys.stderr)
"""


def locales() -> Iterator[str]:
    """Yield the names of locales that there are, of five that differ."""
    yield from ("C", "POSIX")
    try:
        done = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return
    found = {name.lower().replace("-", ""): name for name in done.stdout.split()}
    wanted = (
        "c.utf8",
        "en_us.utf8",
        "de_de.utf8",
        "de_de",
        "de_de.iso88591",
        "ja_jp.utf8",
        "ja_jp.eucjp",
        "tr_tr.utf8",
    )
    yield from [found[name] for name in wanted if name in found][:3]


@pytest.mark.parametrize(
    "environment",
    [*({"LC_ALL": name} for name in locales()), {"PYTHONIOENCODING": "cp1252"}, {"PYTHONIOENCODING": "ascii"}],
    ids=lambda environment: "-".join(environment.values()),
)
def test_a_mistake_is_told_whatever_the_locale(shop: Path, environment: dict[str, str]) -> None:
    (shop / "ärger.yaml").write_text(DOCUMENT.replace("People", "Leute \u2192 \u3042"), encoding="utf-8")
    asked = [
        ["--inptu", "ä\u3042"],
        ["ärgre.yaml", "--batch"],
        ["ärger.yaml", "--batch", "--tag", "Leute"],
        ["ärger.yaml", "--path", "/\u3042", "--method", "GET"],
        ["\u3042"],
        ["why", "ärger.yaml", "\u3042"],
        ["list", "--format", "ÿ"],
        ["--spec", "\u3042", "--batch"],
        ["ärger.yaml", "--output-dir", "folder\udcff", "--batch"],
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, "-c", EVERY, json.dumps(asked)],
        cwd=shop,
        env=kept | environment,
        capture_output=True,
        timeout=120,
    )
    *told, rest = done.stderr.decode("ascii" if environment.get("PYTHONIOENCODING") == "ascii" else "latin-1").split(
        "\0\n"
    )
    assert (done.returncode, done.stdout, rest) == (0, b"", "")
    assert len(told) == len(asked)
    for each in told:
        sentence, code = each.rstrip("\r").rsplit("\n", 1)
        assert code == "2"
        assert sentence.startswith("slice-oas: ")
        assert "\n" not in sentence.rstrip("\r")
        assert "Traceback" not in sentence
        assert "internal error" not in sentence
