"""`slice-oas` on a terminal, with something missing: from nothing to slices by answering questions."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import Repository

pytest.importorskip("pexpect", reason="there are no pseudo-terminals here")
pytest.importorskip("pty", reason="there are no pseudo-terminals here")

from tests.commands.person import CTRL_C, CTRL_D, DOWN, ESCAPE, Person

DOCUMENT = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /animals:
    get: {operationId: listAnimals, tags: [Animals], responses: {'200': {description: ok}}}
    post: {tags: [Animals], responses: {'201': {description: made}}}
  /animals/{animalId}:
    get:
      parameters: [{name: animalId, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}}
  /keepers:
    get: {responses: {'200': {description: ok}}}
"""

Sit = Callable[..., Person]


@pytest.fixture
def zoo(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "my zoo")
    made.write("api.yaml", DOCUMENT)
    return made


@pytest.fixture
def sit(zoo: Repository) -> Iterator[Sit]:
    with ExitStack() as stack:

        def sits(*options: str, columns: int = 80, term: str = "xterm-256color", is_own: bool = False) -> Person:
            person = Person(zoo.folder, *options, columns=columns, term=term, is_own=is_own)
            stack.callback(person.end)
            return person

        yield sits


def state_of(zoo: Repository) -> dict[str, bytes]:
    return {str(file.relative_to(zoo.folder)): file.read_bytes() for file in zoo.slices.rglob("*")}


def command_shown(person: Person) -> list[str]:
    (line,) = re.findall(r"Next time: (slice-oas .*)", person.text)
    return shlex.split(line)[1:]


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_from_nothing_to_slices_with_five_mistakes_on_the_way(zoo: Repository, sit: Sit, columns: int) -> None:
    zoo.write("other api.yaml", DOCUMENT)
    person = sit(columns=columns)
    person.sees("Which OpenAPI document do you want to slice? Found here: api.yaml, other api.yaml.")
    person.sees("Document:").types("")
    person.sees("Type the name of a file. Found here: api.yaml, other api.yaml.")
    person.sees("Document:").types("apy.yaml")
    person.sees("apy.yaml: there is no such file. Did you mean 'api.yaml'?")
    person.sees("Document:").types(f"'{zoo.folder / 'other api.yaml'}'")
    person.sees("Folder for the slices [slices]:").types("")
    person.sees("Which endpoints? There are 4.")
    person.sees("Endpoints [all]:").types("/animels*")
    person.sees("Nothing matches '/animels*'. Did you mean /animals*?")
    person.sees("Endpoints [all]:").presses("/animals*")
    person.sees("3 of 4 match").types("")
    person.sees("of the slices").types("")
    person.sees("of the slices").presses(DOWN, "\r")
    person.sees("How many processes, 1 to 16 [4]:").types("many")
    person.sees("Type a whole number from 1 to 16.")
    person.sees("How many processes, 1 to 16 [4]:").types("1")
    person.sees("Slicing 3 of 4 endpoints (GET /animals, POST /animals, GET /animals/{animalId}) of other api.yaml")
    assert person.leaves() == 0
    assert zoo.files().keys() == {"animals_GET.json", "animals_POST.json", "animals-animalId_GET.json"}
    command = command_shown(person)
    assert command == [
        *("--input", "other api.yaml", "--batch", "--filter", "/animals*", "--format", "json", "--concurrency", "1")
    ]
    before, times = state_of(zoo), zoo.times()
    done = zoo.slice_oas(*command)
    assert (done.code, done.err) == (0, "")
    assert (state_of(zoo), zoo.times()) == (before, times)


def test_enter_alone_takes_all_of_the_only_document(zoo: Repository, sit: Sit) -> None:
    person = sit()
    person.sees("Document [api.yaml]:").types("").sees("[slices]:").types("").sees("[all]:").types("")
    person.sees("of the slices").types("").sees("of the slices").types("").sees("[4]:").types("")
    person.sees("Slicing all 4 endpoints of api.yaml into slices: YAML, its own version, 4 processes.")
    assert person.leaves() == 0
    assert command_shown(person) == ["--input", "api.yaml", "--batch"]
    assert len(zoo.files()) == 4


GIVEN = ("--input", "api.yaml", "--output-dir", "slices", "--format", "yaml", "--concurrency", "1")


@pytest.mark.parametrize(
    ("answer", "files", "options"),
    [
        ("/animals/{animalId}", {"animals-animalId_GET.yaml"}, ["--endpoint", "GET /animals/{animalId}"]),
        ("`get /animals/{animalId}`", {"animals-animalId_GET.yaml"}, ["--endpoint", "GET /animals/{animalId}"]),
        ("animals*", {"animals_GET.yaml", "animals_POST.yaml", "animals-animalId_GET.yaml"}, ["--filter", "/animals*"]),
    ],
)
def test_an_answer_of_any_kind_is_understood(
    zoo: Repository, sit: Sit, answer: str, files: set[str], options: list[str]
) -> None:
    person = sit(*GIVEN)
    person.sees("[all]:").types(answer).sees("of the slices").types("")
    assert person.leaves() == 0
    assert zoo.files().keys() == files
    assert options == [each for each in command_shown(person) if each not in (*GIVEN, "--batch")]


def test_endpoints_are_picked_from_a_list_that_filters(zoo: Repository, sit: Sit) -> None:
    assert zoo.slice_oas(*GIVEN, "--endpoint", "POST /animals").code == 0
    person = sit(*GIVEN, "--output-version", "auto")
    person.sees("[all]:").types("list").sees("4 of 4 shown").presses(ESCAPE)
    person.sees("No endpoint is picked. Enter takes all of them.").sees("[all]:").presses("get", DOWN)
    person.sees("3 of 4 shown").presses(" ", DOWN, "\t", "\r")
    person.sees("Slicing 2 of 4 endpoints (GET /animals, GET /keepers) of api.yaml into slices")
    assert person.leaves() == 0
    assert zoo.files().keys() == {"animals_POST.yaml", "animals_GET.yaml", "keepers_GET.yaml"}
    before, times = state_of(zoo), zoo.times()
    assert zoo.slice_oas(*command_shown(person)).code == 0
    assert (state_of(zoo), zoo.times()) == (before, times)


def test_what_options_and_settings_say_is_not_asked(zoo: Repository, sit: Sit) -> None:
    zoo.configure(spec="api.yaml", tags=["Animals"])
    person = sit()
    person.sees("Which endpoints? There are 2 that the filters let through.").sees("[all]:").types("/animals")
    assert person.leaves() == 0
    assert command_shown(person) == ["--batch"]
    assert len(zoo.files()) == 2


def test_one_of_several_documents_is_chosen(zoo: Repository, sit: Sit) -> None:
    tables = "".join(f"[[tool.oas_tasks.specs]]\nname='{n}'\nspec='api.yaml'\noutput_dir='{n}'\n" for n in ("v1", "v2"))
    zoo.write("pyproject.toml", tables)
    person = sit()
    zoo.write("api.yaml", DOCUMENT.replace("/keepers:", "/keepers=all:"))
    person.sees("document?").sees("v2: api.yaml").presses(DOWN, DOWN, "\r").sees("[all]:").types("/keepers=all")
    person.sees("Slicing v2:GET /keepers=all of api.yaml into v2")
    assert person.leaves() == 0
    assert [file.name for file in (zoo.folder / "v2").glob("*.yaml")] == ["keepers-all_GET.yaml"]
    assert command_shown(person) == ["--spec", "v2", "--endpoint", "v2:GET /keepers=all"]
    person = sit(term="dumb").sees("*: all 2").sees("document? [*]:").types("").sees("There are 8.").sees("[all]:")
    assert person.types("get /animals").sees("2 of 8 endpoints (v1:GET /animals, v2:GET /animals)").leaves() == 0


def test_what_a_document_says_is_no_command_for_the_terminal(zoo: Repository, sit: Sit) -> None:
    zoo.write("api.yaml", DOCUMENT.replace("/keepers:", '"/k\\e]0;mine\\a":').replace("[Animals]", '["\\e]0;mine\\a"]'))
    zoo.write("\x1b]0;mine\x07.yaml", DOCUMENT)
    person = sit(*GIVEN[2:], "--output-version", "auto").sees("Found here: api.yaml.").sees("Document [api.yaml]:")
    person.presses("\t\r").sees("[all]:").presses("/k*").sees("1 of 4 match").types("\x7f\x7f\x7f/x\r")
    person.sees("Nothing matches").sees("[all]:").types("list").sees("4 of 4 shown").presses("k", "\r")
    person.sees("Slicing GET /k\\u001b]0;mine\\u0007 of api.yaml")
    assert person.leaves() == 0
    assert "\x1b]0;" not in person.shown
    assert "--endpoint $'GET /k\\x1b]0;mine\\x07'" in person.text


@pytest.mark.parametrize(("key", "question"), [(CTRL_C, "Document"), (CTRL_D, "Document"), (CTRL_C, "list")])
def test_who_changes_their_mind_is_let_go(zoo: Repository, sit: Sit, key: str, question: str) -> None:
    if question == "Document":
        person = sit().sees("Document [api.yaml]:")
    else:
        person = sit(*GIVEN).sees("[all]:").types("list").sees("4 of 4 shown")
    person.presses(key)
    assert person.leaves() == 130
    assert person.text.endswith("Nothing was done.\n")
    assert "Traceback" not in person.text
    assert sorted(file.name for file in zoo.folder.iterdir()) == ["api.yaml"]


def test_a_terminal_that_can_do_nothing_gets_plain_questions(zoo: Repository, sit: Sit) -> None:
    person = sit(term="dumb")
    person.sees("Document [api.yaml]:").types("nothing.yaml").sees("there is no such file")
    person.sees("Document [api.yaml]:").types("").sees("[slices]:").types("")
    person.sees("[all]:").types("list").sees("4 GET /keepers").sees("part of a path:").types("7")
    person.sees("part of a path:").types("anim").sees("3 GET").sees("part of a path:").types("1 3-4")
    person.sees("[auto]:").types("2").sees("Type auto, 3.0.x, 3.1.x or 3.2.x.").sees("[auto]:").types("3.1")
    person.sees("[yaml]:").types("j").sees("[4]:").types("1")
    person.sees("OpenAPI 3.1.x, 1 process.")
    assert person.leaves() == 0
    assert "\x1b" not in person.shown
    assert zoo.files().keys() == {"animals_GET.json", "animals-animalId_GET.json", "keepers_GET.json"}
    person = sit(term="dumb").sees("Document [api.yaml]:").presses(CTRL_D)
    assert person.leaves() == 130
    assert person.text.endswith("\nNothing was done.\n")


def test_who_changes_their_mind_at_a_plain_question_is_let_go(zoo: Repository, sit: Sit) -> None:
    person = sit(term="dumb", is_own=True).sees("Document [api.yaml]:").interrupts()
    assert person.leaves() == 130
    assert person.text.endswith("\nNothing was done.\n")


def test_nothing_is_asked_where_nobody_can_answer(zoo: Repository) -> None:
    done = zoo.slice_oas()
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("slice-oas: which document?")
    done = zoo.slice_oas("--input", "api.yaml")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("slice-oas: which endpoints?")


ONLY_KEEPERS = (*GIVEN, "--batch", "--filter", "/keepers")


def test_slices_that_a_filter_leaves_out_are_removed_only_if_that_is_wanted(zoo: Repository, sit: Sit) -> None:
    assert zoo.slice_oas(*GIVEN, "--batch").code == 0
    before, times = state_of(zoo), zoo.times()
    question = "There are 3 slices that the filter leaves out: GET /animals, POST /animals, GET /animals/{animalId}."
    person = sit(*ONLY_KEEPERS, columns=40).sees(question).sees("Remove them? (y/N):").presses(CTRL_C)
    assert person.leaves() == 130
    assert person.text.endswith("Nothing was done.\n")
    for answer in ("", "no"):
        person = sit(*ONLY_KEEPERS).sees("Remove them? (y/N):").types(answer)
        person.sees("--no-prune keeps them without a question.")
        assert person.leaves() == 0
        assert (state_of(zoo), zoo.times()) == (before, times)
    person = sit(*ONLY_KEEPERS).sees("Remove them? (y/N):").types("yes").sees("3 removed")
    assert person.leaves() == 0
    assert zoo.files().keys() == {"keepers_GET.yaml"}
    assert len(zoo.rows()) == 1
