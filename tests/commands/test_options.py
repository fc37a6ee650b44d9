"""The options of `slice-oas`: which each command has, what its help shows, and documents that are named."""

from __future__ import annotations

import re
import subprocess
import sys

import click
import pytest

from oas_tasks.cli import COMMANDS, Commands
from oas_tasks.commands import graph_options
from oas_tasks.commands.affected_endpoints import affected_options
from oas_tasks.commands.affected_endpoints.affected_output import WRITERS as AFFECTED_WRITERS
from oas_tasks.commands.command_line import SettingsCommand
from oas_tasks.commands.graph import PICTURES
from oas_tasks.commands.graph import WRITERS as GRAPH_WRITERS
from oas_tasks.commands.guidance.topics import TOPICS
from oas_tasks.settings import SETTINGS
from oas_tasks.state.index_csv import COLUMNS
from tests.conftest import Done, Repository

DOCUMENT = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /users:
    get: {operationId: listUsers, responses: {"200": {description: ok}}}
    post: {operationId: addUser, responses: {"201": {description: made}}}
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: ok}}}
"""
TWO = """\
[[tool.oas_tasks.specs]]
name = "v1"
spec = "v1.yaml"
output_dir = "s1"
[[tool.oas_tasks.specs]]
name = "v2"
spec = "v2.yaml"
output_dir = "s2"
format = "json"
"""


@pytest.fixture
def shop(repository: Repository) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    return repository


@pytest.fixture
def two(repository: Repository) -> Repository:
    repository.write("v1.yaml", DOCUMENT)
    repository.write("v2.yaml", DOCUMENT)
    repository.write("pyproject.toml", TWO)
    return repository


def command(name: str) -> click.Command:
    found = Commands().get_command(click.Context(Commands()), name)
    assert found is not None
    return found


ASKING = [name for name in COMMANDS if isinstance(command(name), SettingsCommand)]


# --- the document ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line", ["api.yaml --batch", "--batch api.yaml", "slice api.yaml --batch", "--batch -- api.yaml"]
)
def test_a_document_can_stand_alone(shop: Repository, line: str) -> None:
    done = shop.slice_oas(*line.split())
    assert done.code == 0, done.text
    assert len(shop.files()) == 3


@pytest.mark.parametrize(
    "line",
    [
        "list api.yaml",
        "check api.yaml --output-dir slices",
        "why api.yaml listUsers",
        "impact api.yaml info",
        "graph api.yaml",
        "graph api.yaml GET /users",
        "version-info api.yaml",
    ],
)
def test_a_document_can_stand_in_front_of_what_is_asked_about_it(shop: Repository, line: str) -> None:
    name, file, *rest = line.split()
    found = shop.slice_oas(*line.split())
    assert found == shop.slice_oas(name, *rest, "--input", file)
    assert found.code in (0, 3), found.text


def test_a_command_goes_before_a_file_of_its_name(shop: Repository) -> None:
    shop.write("list", DOCUMENT)
    assert shop.slice_oas("list", "api.yaml").out.startswith("GET ")
    assert shop.slice_oas("./list", "--batch").code == 0


def test_what_a_path_of_an_endpoint_is_called_like_is_no_document(shop: Repository) -> None:
    shop.write("api.yaml", DOCUMENT.replace("/orders", "/openapi.json"))
    shop.configure(spec="api.yaml")
    assert "GET /openapi.json is not up to date" in shop.slice_oas("why", "/openapi.json").out


def test_several_methods_can_be_given_at_once(shop: Repository) -> None:
    shown = shop.slice_oas("list", "api.yaml", "--method", "post, get", "--filter", "/users").out
    assert [row.split()[0] for row in shown.splitlines()] == ["GET", "POST"]


# --- several documents ----------------------------------------------------------------------------------------------


def test_documents_are_chosen_by_name(two: Repository) -> None:
    assert two.slice_oas("--batch", "--spec", "v2").code == 0
    assert {file.name for file in two.folder.iterdir() if file.is_dir()} == {".oas_tasks", "s2"}
    assert two.slice_oas("--batch", "--spec", "v1", "--spec", "v2").code == 0
    assert two.slice_oas("check").code == 0
    assert {row.split()[0] for row in two.slice_oas("list", "--spec", "v1").out.splitlines()} == {"v1"}


@pytest.mark.parametrize("name", ["v2:GET /users", "v2: GET /users", "v2:listUsers", "slice:v2:GET /users"])
def test_an_endpoint_is_found_by_the_name_that_is_shown(two: Repository, name: str) -> None:
    assert "GET /users is not up to date: s2/users_GET.json" in two.slice_oas("why", name).out


@pytest.mark.parametrize(
    "options",
    [
        ("--path", "v1:GET /users"),
        ("--path", "v1:/users", "--method", "get"),
        ("--path", "GET /users", "--spec", "v1"),
        ("--path", "/users", "--method", "GET", "--spec", "v1"),
        ("--path", "/users", "--method", "GET", "--input", "v1.yaml"),
        ("./v1.yaml", "--path", "/users", "--method", "GET"),
    ],
)
def test_one_endpoint_of_one_of_several_documents_is_sliced(two: Repository, options: tuple[str, ...]) -> None:
    assert two.slice_oas(*options).code == 0
    assert [file.name for file in (two.folder / "s1").iterdir() if file.name != "index.csv"] == ["users_GET.yaml"]
    assert not (two.folder / "s2").exists()
    assert not (two.folder / "slices").exists()


def test_a_document_that_is_named_by_its_file_has_its_own_settings(two: Repository) -> None:
    assert "s2/users_GET.json" in two.slice_oas("list", "v2.yaml").out
    assert "s2/users_GET.json" in two.slice_oas("list", "--input", str(two.folder / "v2.yaml")).out
    two.write("v3.yaml", DOCUMENT)
    assert "slices/users_GET.yaml" in two.slice_oas("list", "v3.yaml").out


def test_a_file_of_two_documents_is_none_of_them(two: Repository) -> None:
    two.write("pyproject.toml", TWO.replace("v2.yaml", "v1.yaml"))
    assert "slices/users_GET.yaml" in two.slice_oas("list", "v1.yaml").out


# --- options --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ASKING)
def test_options_that_mean_nothing_are_accepted_and_not_shown(shop: Repository, name: str) -> None:
    found = command(name)
    assert isinstance(found, SettingsCommand)
    shown = shop.slice_oas(name, "--help").out
    for setting in SETTINGS.values():
        (own,) = (each for each in found.params if setting.option in each.opts)
        assert isinstance(own, click.Option)
        assert own.hidden == (re.search(rf"^  {setting.option}\b", shown, re.MULTILINE) is None)


def test_a_script_may_hand_every_command_the_same_options(shop: Repository) -> None:
    done = shop.slice_oas("graph", "api.yaml", "--no-csv", "--full", "--concurrency", "2", "--output-dir", "x")
    assert (done.code, done.err) == (0, "")


def test_the_choices_are_those_that_are_written() -> None:
    assert (*GRAPH_WRITERS, *PICTURES) == graph_options.OUTPUTS
    assert tuple(AFFECTED_WRITERS) == affected_options.OUTPUTS


def test_the_options_of_commands_are_light_to_import() -> None:
    """Help and completion wait for them."""
    modules = ", ".join(f"oas_tasks.commands.{entry.module}" for entry in COMMANDS.values())
    code = f"import sys, {modules}; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = ("oas_tasks.state", "oas_tasks.slices", "oas_tasks.queries", "oas_tasks.tasks", "sqlite3", "yaml", "doit")
    assert [each for each in loaded if each.startswith(heavy)] == []


# --- help -----------------------------------------------------------------------------------------------------------


def test_the_help_has_headings_examples_commands_and_topics(shop: Repository) -> None:
    shown = shop.slice_oas("--help").out
    headings = re.findall(r"^(\w[^:\n]*):$", shown, re.MULTILINE)
    assert headings == [
        *("What to slice", "Filters", "Output", "Validation", "Display", "Other settings", "Examples"),
        *("Commands, each with a --help of its own", "Topics, with 'slice-oas help TOPIC'"),
    ]
    for each in (*COMMANDS, *TOPICS):
        assert re.search(rf"^  {each} ", shown, re.MULTILINE)
    assert shown.index("--input") < shown.index("--batch") < shown.index("--path PATH") < shown.index("--filter ")
    assert max(map(len, shown.splitlines())) <= 80
    assert shop.slice_oas("-h").out == shop.slice_oas("help").out == shop.slice_oas("--batch", "--help").out == shown


@pytest.mark.parametrize("name", COMMANDS)
def test_help_on_a_command_is_its_help(shop: Repository, name: str) -> None:
    done = shop.slice_oas(name, "--help")
    assert done.out.startswith(f"Usage: slice-oas {name} ")
    if name not in TOPICS:
        assert shop.slice_oas("help", name) == done


@pytest.mark.parametrize("name", TOPICS)
def test_help_on_a_topic_is_ascii_in_80_columns(shop: Repository, name: str) -> None:
    done: Done = shop.slice_oas("help", name)
    assert (done.code, done.err) == (0, "")
    assert done.out.isascii()
    assert max(map(len, done.out.splitlines())) <= 80


def test_the_topics_tell_every_column_and_every_setting(shop: Repository) -> None:
    told = [name for row, _ in TOPICS["index"].rows for name in row.split(", ")]
    assert told == list(COLUMNS)
    assert [row for row, _ in TOPICS["settings"].rows] == list(SETTINGS)


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_shown(shop: Repository, option: str) -> None:
    assert re.fullmatch(r"slice-oas \d+\.\d+.*\n", shop.slice_oas(option).out)
