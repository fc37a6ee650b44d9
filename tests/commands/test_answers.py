"""What answers mean: paths as people paste and drag them, endpoints by any name; and the command that repeats them."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from oas_tasks.commands.asking.endpoint_answers import EndpointAnswer, EndpointAnswers
from oas_tasks.commands.asking.equivalent_command import equivalent_command, quoted
from oas_tasks.commands.asking.typed_path import completed_paths, typed_path
from oas_tasks.errors import UserError
from oas_tasks.plan.plan import Cells, Endpoint
from oas_tasks.settings import settings_of


def endpoint(method: str, path: str, operation_id: str = "", *tags: str) -> Endpoint:
    return Endpoint(path, method, "file.yaml", "", Cells("", operation_id, tags, 0, 0, (), False, False))


ENDPOINTS = [
    endpoint("GET", "/users", "listUsers", "People"),
    endpoint("POST", "/users", "addUser", "People"),
    endpoint("GET", "/users/{userId}", "getUser", "People", "One, two"),
    endpoint("GET", "/orders"),
    endpoint("GET", "/Orders"),
    endpoint("SEARCH", "/orders/all"),
]


def answers(**settings: object) -> EndpointAnswers:
    found = settings_of({"spec": "api.yaml", **settings})
    return EndpointAnswers([(found, each) for each in ENDPOINTS])


@pytest.mark.parametrize("text", ["", "  ", "all", "ALL", "*", "'all'", "yes"])
def test_all(text: str) -> None:
    assert answers().read(text).is_all


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("/users/{userId}", [2]),
        ("users/{userId}", [2]),
        ("GET /users/{userId}", [2]),
        ("  get   /users/{userid} ", [2]),
        ("'GET /users/{userId}'", [2]),
        ("getUser", [2]),
        ("getuser", [2]),
        ("/users", [0, 1]),
        ("post /users", [1]),
        ("/orders", [3]),
        ("/ORDERS", [3, 4]),
        ("GET /users, addUser,/orders", [0, 1, 3]),
        ("search /orders/all", [5]),
    ],
)
def test_single_endpoints_by_any_of_their_names(text: str, numbers: list[int]) -> None:
    assert answers().read(text) == EndpointAnswer(numbers)


@pytest.mark.parametrize(
    ("text", "filters", "numbers"),
    [
        ("/users*", {"filter": ("/users*",)}, [0, 1, 2]),
        ("users/*", {"filter": ("/users/*",)}, [2]),
        ("/users*, !/users/*", {"filter": ("/users*", "!/users/*")}, [0, 1]),
        ("get /users*", {"methods": ("GET",), "filter": ("/users*",)}, [0, 2]),
        ("post", {"methods": ("POST",)}, [1]),
        ("people", {"tags": ("People",)}, [0, 1, 2]),
        ("one, two", {"tags": ("One, two",)}, [2]),
    ],
)
def test_filters(text: str, filters: dict[str, tuple[str, ...]], numbers: list[int]) -> None:
    assert answers().read(text) == EndpointAnswer(numbers, filters)


def test_regular_expressions_where_they_are_wanted() -> None:
    of_regex = answers(filter_type="regex")
    assert of_regex.read("^/users$").filters == {"filter": ("^/users$",)}
    assert of_regex.read("rders$").numbers == [3, 4]
    with pytest.raises(UserError, match="is not a regular expression"):
        of_regex.read("(/users")
    assert of_regex.comment("(/users") == ["0 of 6 match"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("/user", "Did you mean /user*?"),
        ("GET /user", "Did you mean GET /user*?"),
        ("rder", "Did you mean *rder*?"),
        ("/usres", "Did you mean /users?"),
        ("/usres/*", "Did you mean /users/*?"),
        ("GET /usres", "Did you mean GET /users?"),
        ("poeple", "Did you mean People?"),
        ("zzz", "Type list to see what there is"),
        (",", "Did you mean *?"),
        ("GET ,", "Did you mean GET *?"),
    ],
)
def test_what_matches_nothing_is_an_error_with_what_to_type(text: str, hint: str) -> None:
    with pytest.raises(UserError, match=re.escape(f"nothing matches '{text}'. {hint}")):
        answers().read(text)


@pytest.mark.parametrize(("text", "filtered"), [("list", ""), ("list users", "users"), ("?", ""), ("one", "")])
def test_a_list_is_asked_for(text: str, filtered: str) -> None:
    assert answers().read(text).list_of == filtered


def test_what_matches_is_counted_while_one_types() -> None:
    lines = answers().comment
    assert lines("")[0].startswith("Enter: all 6.")
    assert lines("/u") == ["0 of 6 match; /u* matches 3"]
    assert lines("/users*") == ["3 of 6 match", "GET /users", "POST /users", "GET /users/{userId}"]
    assert lines("*")[0] == "6 of 6 match"
    assert lines("/*s*")[-1] == "and 3 more"
    assert lines("rde") == ["0 of 6 match; *rde* matches 3"]
    assert lines("list") == ["Enter opens the list"]


def test_tab_completes_paths_and_endpoints() -> None:
    assert answers().complete("/users/") == ["/users/{userId}"]
    assert answers().complete("post ") == ["POST /users"]


def test_documents_have_their_names_in_front() -> None:
    of_two = EndpointAnswers(
        [(settings_of({"spec": "api.yaml"}, name), each) for name in ("v1", "v2") for each in ENDPOINTS[:2]]
    )
    assert of_two.labels[2] == "v2:GET /users"
    assert of_two.read("v2:GET /users").numbers == [2]
    assert of_two.read("GET /users").numbers == [0, 2]


# --- paths ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "my api.yaml").write_text("")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.json").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path.parent))
    monkeypatch.setenv("USERPROFILE", str(tmp_path.parent))
    return tmp_path


def test_paths_are_taken_as_people_give_them(folder: Path) -> None:
    file = folder / "my api.yaml"
    for text in ("my api.yaml", "'my api.yaml'", '"my api.yaml"', f" '{file}' ", file.as_uri(), f"& '{file}'"):
        assert Path(typed_path(text)) == Path("my api.yaml"), text
    assert Path(typed_path(f"~/{folder.name}/more/b.json")) == Path("more/b.json")
    assert typed_path("") == ""
    assert typed_path("'") == "'"
    assert Path(typed_path(str(folder.parent))) == folder.parent
    if sys.platform != "win32":
        assert typed_path(str(file).replace(" ", "\\ ")) == "my api.yaml"
        assert typed_path("'it'\\''s.yaml'") == "it's.yaml"


def test_paths_are_completed(folder: Path) -> None:
    def is_document(file: Path) -> bool:
        return file.suffix in (".yaml", ".json")

    separator = "\\" if sys.platform == "win32" else "/"
    assert completed_paths("", is_document) == [f"more{separator}", "my api.yaml"]
    assert completed_paths("my", is_document) == ["my api.yaml"]
    assert completed_paths("'my", is_document) == ["'my api.yaml"]
    assert completed_paths(f"more{separator}", is_document) == [f"more{separator}b.json"]
    assert completed_paths(".h", is_document) == [f".hidden{separator}"]
    assert completed_paths("nowhere/", is_document) == []


# --- the command ----------------------------------------------------------------------------------------------------


def test_every_kind_of_setting_is_in_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    overrides = {
        "spec": "my api.yaml",
        "output_dir": "-out",
        "filter": ["/a*", "!/a/{b}"],
        "csv": False,
        "concurrency": 2,
        "source_faults": "warn",
    }
    command = equivalent_command(overrides, ["v1"], {"--endpoint": ["GET /it's"], "--quiet": []})
    assert shlex.split(command) == [
        *("slice-oas", "--input", "my api.yaml", "--spec", "v1", "--output-dir=-out", "--endpoint", "GET /it's"),
        *("--quiet", "--filter", "/a*", "--filter", "!/a/{b}", "--concurrency", "2", "--no-csv", "--lenient"),
    ]


@pytest.mark.parametrize(
    ("word", "for_windows"),
    [
        ("api.yaml", "api.yaml"),
        ("C:\\my\\api.yaml", "C:\\my\\api.yaml"),
        ("my api.yaml", '"my api.yaml"'),
        ("GET /users/{id}", '"GET /users/{id}"'),
        ("/a,b", '"/a,b"'),
        ('say "a"', '"say \\"a\\""'),
        ('a\\"', '"a\\\\\\""'),
        ("a b\\", '"a b\\\\"'),
        ("", '""'),
    ],
)
def test_words_are_quoted_for_the_shells_of_windows(
    monkeypatch: pytest.MonkeyPatch, word: str, for_windows: str
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delenv("MSYSTEM", raising=False)
    assert quoted([word]) == for_windows
    monkeypatch.setenv("MSYSTEM", "MINGW64")
    assert quoted(["a b"]) == "'a b'"


def test_what_would_act_on_a_terminal_is_escaped_for_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert quoted(["/a\x1b[2J'\u202e\\"]) == r"$'/a\x1b[2J\x27\xe2\x80\xae\x5c'"
