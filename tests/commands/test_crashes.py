"""A fault of this tool itself costs the one endpoint that it is in, and is said: under doit and under every command."""

from __future__ import annotations

import pytest

from tests.conftest import DODO, Repository

DOCUMENT = """\
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /good:
    get: {responses: {'200': {description: ok}}}
  /crash:
    get: {responses: {'200': {description: ok}}}
  /other:
    get: {responses: {'200': {description: ok}}}
"""
#: Of whose parts those fail that have `x-crash`.
PARTS = """\
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /good:
    get: {responses: {'200': {description: ok}}}
  /reaches:
    get: {responses: {'200': {$ref: '#/components/responses/Far'}}}
  /own:
    get: {x-crash: {$ref: '#/info'}, responses: {'200': {description: ok}}}
  /whole:
    $ref: whole.yaml
components:
  responses:
    Far: {description: ok, content: {text/plain: {schema: {$ref: '#/components/schemas/Crash'}}}}
  schemas:
    Crash: {x-crash: {$ref: '#/info'}}
"""
#: Breaks a rule for one endpoint: what stands here is a fault as one of ours would be.
BREAKING = """\
from oas_tasks.slices.validate import Verdicts

faults = Verdicts.faults

def deeper(n):
    return deeper(n + 1)

class Panic(BaseException):
    pass

def broken(self, made, own, heading):
    if own.path == "/crash":
        {what}
    return faults(self, made, own, heading)

Verdicts.faults = broken
"""
BREAKING_PARTS = """\
from oas_tasks.document.resolver import Resolver

place = Resolver.place

def deeper(n):
    return deeper(n + 1)

class Panic(BaseException):
    pass

def broken(self, connection, base):
    if connection.path and connection.path[0] and connection.path[0][1] == "x-crash":
        {what}
    return place(self, connection, base)

Resolver.place = broken
"""
MAIN = """
if __name__ == "__main__":
    import sys
    from oas_tasks.cli import main
    sys.exit(main())
"""
KINDS = {
    "raise KeyError('pathItems')": "KeyError: 'pathItems'",
    "raise ValueError('one\\ntwo')": "ValueError: one two",
    "deeper(0)": "RecursionError: maximum recursion depth exceeded",
    "raise MemoryError": "MemoryError",
    "raise Panic('of Rust')": "Panic: of Rust",
    "assert False": "AssertionError",
}
KEY_ERROR = "raise KeyError('pathItems')"
FAILED = 1


def reason(shown: str) -> str:
    return f"this is a fault of oas-tasks, not of the document ({shown}"


@pytest.fixture
def zoo(repository: Repository) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml")
    return repository


def break_rule(zoo: Repository, what: str = KEY_ERROR) -> None:
    zoo.write("dodo.py", BREAKING.format(what=what) + DODO)
    zoo.write("broken.py", BREAKING.format(what=what) + MAIN)


@pytest.mark.parametrize("what", KINDS)
def test_whatever_is_raised_is_the_reason_of_one_endpoint(zoo: Repository, what: str) -> None:
    break_rule(zoo, what)
    done = zoo.doit()
    assert done.code == FAILED
    assert f"  {reason(KINDS[what])}" in done.out
    assert "\n    GET /crash\n" in done.out
    assert "please report it" in done.out
    assert "Traceback" not in done.text
    assert zoo.files().keys() == {"good_GET.yaml", "other_GET.yaml"}
    rows = {row["path"]: row for row in zoo.rows()}
    assert [row["validation_status"] for row in rows.values()] == ["PASS", "FAIL", "PASS"]
    assert rows["/crash"]["failure_reason"].startswith(reason(KINDS[what]))


@pytest.mark.parametrize("options", [("-n", "2"), ("-n", "2", "-P", "thread"), ("slice:GET /crash",), ("-r", "zero")])
def test_it_is_so_however_doit_runs(zoo: Repository, options: tuple[str, ...]) -> None:
    break_rule(zoo)
    for _ in range(2):
        done = zoo.doit(*options)
        assert (done.code, reason("KeyError: 'pathItems'") in done.text) == (FAILED, True), done.text
        assert "Traceback" not in done.text


def test_the_next_run_tries_again(zoo: Repository) -> None:
    break_rule(zoo)
    assert zoo.doit().code == FAILED
    assert zoo.doit().out.count("Extracting endpoint") == 1
    zoo.write("dodo.py", DODO)
    done = zoo.doit()
    assert (done.code, "1 made, 2 unchanged" in done.out) == (0, True)


def test_debug_shows_where_it_was(zoo: Repository) -> None:
    break_rule(zoo)
    for more in ((), ("--concurrency", "1")):
        done = zoo.run("broken", "--batch", *more)
        assert (done.code, done.err) == (FAILED, "")
        done = zoo.run("broken", "--batch", "--debug", *more)
        assert done.code == FAILED
        assert done.err.startswith("GET /crash:\nTraceback")
        assert ", in broken\n" in done.err
        assert "KeyError: 'pathItems'" in done.err
    done = zoo.run("broken", "--path", "/crash", "--method", "GET", "--debug")
    assert done.code == FAILED
    assert done.err.startswith("GET /crash:\nTraceback")


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (("check",), "1 fault keeps 1 endpoint from being sliced:\n  "),
        (("--dry-run",), "1 fault keeps 1 endpoint from being sliced:\n  "),
        (("hook",), "1 fault keeps 1 endpoint from being sliced:\n  "),
        (("hook", "--check"), "1 fault keeps 1 endpoint from being sliced:\n  "),
        (("version-info", "--output-version", "3.1.x"), "fault, 1 endpoint: "),
        (("--batch", "--quiet"), "1 fault keeps 1 endpoint from being sliced:\n  "),
    ],
)
def test_every_command_goes_on_with_the_others(zoo: Repository, command: tuple[str, ...], line: str) -> None:
    assert zoo.doit().code == 0
    zoo.write("api.yaml", DOCUMENT.replace("ok", "fine"))
    if command[0] == "check":
        zoo.write("api.yaml", DOCUMENT)
        (zoo.folder / ".oas_tasks" / "store.sqlite3").unlink()
        (zoo.slices / "crash_GET.yaml").unlink()
        (zoo.slices / "index.csv").unlink()
        zoo.configure(spec="api.yaml", csv=False)
    break_rule(zoo)
    done = zoo.run("broken", *command)
    assert line + reason("KeyError: 'pathItems'") in done.text
    assert done.code == (3 if command == ("hook", "--check") else FAILED), done.text
    assert "Traceback" not in done.text
    assert "Traceback" in zoo.run("broken", *command, "--debug").err


def test_affected_says_that_nobody_knows(zoo: Repository) -> None:
    zoo.write("new.yaml", DOCUMENT.replace("ok", "fine"))
    break_rule(zoo)
    done = zoo.run("broken", "affected", "api.yaml", "new.yaml")
    assert all(f"GET {path}" in done.out for path in ("/good", "/crash", "/other"))
    assert reason("KeyError: 'pathItems'") in done.text
    assert done.code == FAILED


@pytest.mark.parametrize("what", KINDS)
def test_a_part_that_cannot_be_cut_costs_those_their_slices_that_reach_it(zoo: Repository, what: str) -> None:
    zoo.write("api.yaml", PARTS)
    zoo.write("whole.yaml", "{x-crash: {$ref: 'api.yaml#/info'}, get: {responses: {'200': {description: ok}}}}")
    text = BREAKING_PARTS.format(what=what)
    zoo.write("dodo.py", text + DODO)
    zoo.write("broken.py", text + MAIN)
    done = zoo.doit()
    assert done.code == FAILED
    assert "Traceback" not in done.text
    assert zoo.files().keys() == {"good_GET.yaml"}
    reasons = {row["path"]: row["failure_reason"] for row in zoo.rows()}
    assert reasons.pop("/good") == ""
    assert reasons.keys() == {"/reaches", "/own", "/whole"}
    assert all(each.startswith(reason(KINDS[what])) for each in reasons.values())
    done = zoo.run("broken", "--batch", "--debug")
    assert done.err.startswith("GET /reaches:\nTraceback")
    zoo.write("dodo.py", DODO)
    done = zoo.doit()
    assert (done.code, "3 made, 1 unchanged" in done.out) == (0, True), done.text
