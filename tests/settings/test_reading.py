"""How settings are read, how wrong ones are reported, and which endpoints they select."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from oas_tasks.errors import SettingsError
from oas_tasks.plan.filters import Candidate, idle, selected
from oas_tasks.settings import SETTINGS, MissingSpec, Settings, check_spelling, load_settings

Load = Callable[..., tuple[Settings, ...]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load the settings of the current folder."""
    monkeypatch.chdir(tmp_path)

    def load(toml: str | bytes | None = None, **overrides: object) -> tuple[Settings, ...]:
        if toml is not None:
            Path("pyproject.toml").write_bytes(toml.encode() if isinstance(toml, str) else toml)
        return load_settings(Path.cwd(), overrides)

    return load


@pytest.fixture
def fault(load: Load) -> Callable[..., str]:
    def fault(toml: str | bytes | None = None, **overrides: object) -> str:
        with pytest.raises(SettingsError) as caught:
            load(toml, **overrides)
        return str(caught.value)

    return fault


def table(*lines: str) -> str:
    return "\n".join(["[tool.oas_tasks]", "spec = 'api.yaml'", *lines, ""])


def test_defaults_are_those_of_the_table(load: Load) -> None:
    (settings,) = load(table())
    assert settings == Settings(
        name=None,
        spec=Path("api.yaml"),
        output_dir=Path("slices"),
        format="yaml",
        output_version="auto",
        filter=(),
        filter_type="glob",
        methods=(),
        tags=(),
        operation_ids=(),
        concurrency=4,
        csv=True,
        strict=False,
        source_faults="fail",
        validate="fast",
        cache_dir=Path(".oas_tasks"),
        allow_outside=False,
        drop_extensions=("x-webhooks", "x-tagGroups"),
        keep_extensions=(),
        volatile=("/info/version", "/info/x-*"),
        webhooks=False,
    )
    assert [field.name for field in fields(Settings)] == ["name", *SETTINGS]


def test_settings_can_be_keys_and_can_be_sent_to_workers(load: Load) -> None:
    (settings,) = load(table("tags = ['a']"))
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert {settings: 1}[replace(settings)] == 1


def test_every_setting_can_be_written_in_pyproject(load: Load) -> None:
    (settings,) = load(
        "[tool.oas_tasks]\nspec = 'specs/api.json'\noutput_dir = 'out'\nformat = 'json'\noutput_version = '3.1.x'\n"
        "filter = '^/users'\nfilter_type = 'regex'\nmethods = ['get', 'Link']\ntags = ['a, b', 'c']\n"
        "operation_ids = ['x']\nconcurrency = 16\ncsv = false\nstrict = true\nsource_faults = 'warn'\n"
        "validate = 'full'\ncache_dir = '.cache'\nallow_outside = true\ndrop_extensions = []\n"
        "keep_extensions = ['x-meta']\nvolatile = ['/info/x-a', '/x-*']\nwebhooks = true\n"
    )
    assert settings == Settings(
        name=None,
        spec=Path("specs/api.json"),
        output_dir=Path("out"),
        format="json",
        output_version="3.1.x",
        filter=("^/users",),
        filter_type="regex",
        methods=("get", "Link"),
        tags=("a, b", "c"),
        operation_ids=("x",),
        concurrency=16,
        csv=False,
        strict=True,
        source_faults="warn",
        validate="full",
        cache_dir=Path(".cache"),
        allow_outside=True,
        drop_extensions=(),
        keep_extensions=("x-meta",),
        volatile=("/info/x-a", "/x-*"),
        webhooks=True,
    )


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("csv", "no", False),
        ("csv", "False", False),
        ("csv", "0", False),
        ("strict", "yes", True),
        ("strict", "TRUE", True),
        ("strict", "1", True),
        ("concurrency", "16", 16),
        ("concurrency", " 2 ", 2),
        ("methods", "get, POST,,", ("get", "POST")),
        ("tags", "two words,b", ("two words", "b")),
        ("tags", "", ()),
        ("output_dir", "out put", Path("out put")),
        ("filter", "", ()),
        ("format", "json", "json"),
        ("csv", False, False),
        ("concurrency", 2, 2),
        ("tags", ["a,b"], ("a,b",)),
        ("tags", ("a",), ("a",)),
        ("output_dir", Path("out"), Path("out")),
        ("output_dir", None, Path("written")),
    ],
)
def test_overrides_are_read_as_the_settings_type(load: Load, name: str, text: object, value: object) -> None:
    (settings,) = load(table("output_dir = 'written'"), **{name: text})
    assert getattr(settings, name) == value


def test_overrides_win_over_pyproject(load: Load) -> None:
    (settings,) = load(table("format = 'json'", "methods = ['GET']"), format="yaml", methods="POST")
    assert (settings.format, settings.methods) == ("yaml", ("POST",))


def test_a_spec_alone_is_enough_without_pyproject(load: Load) -> None:
    assert load(spec="api.yaml")[0].spec == Path("api.yaml")


def test_paths_stay_as_written_in_the_current_folder_and_are_joined_elsewhere(tmp_path: Path, load: Load) -> None:
    assert load(table())[0].spec == Path("api.yaml")
    below = tmp_path / "below"
    below.mkdir()
    (below / "pyproject.toml").write_text(table(f"cache_dir = '{(tmp_path / 'cache').as_posix()}'"))
    (settings,) = load_settings(Path("below"), {})
    assert settings.spec == Path("below/api.yaml")
    assert settings.output_dir == Path("below/slices")
    assert settings.cache_dir == tmp_path / "cache"


def test_a_tilde_is_the_home_folder(load: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert load(table(), output_dir="~/slices")[0].output_dir == tmp_path / "slices"
    assert load(table(), spec="~nobody-of-that-name.yaml")[0].spec == Path("~nobody-of-that-name.yaml")


@pytest.mark.parametrize(
    "toml", [None, "", "[tool.other]\nx = 1\n", "[tool.oas_tasks]\nformat = 'json'\n", "tool = 3\n"]
)
def test_a_missing_spec_is_a_fault_of_its_own(load: Load, toml: str | None) -> None:
    with pytest.raises(MissingSpec, match="slice-oas --input openapi"):
        load(toml)


def test_an_empty_spec_is_a_missing_one(load: Load) -> None:
    with pytest.raises(MissingSpec):
        load(table(), spec="")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("formt = 'json'", "pyproject.toml: [tool.oas_tasks]: unknown setting 'formt'. Did you mean 'format'?"),
        ("output-dir = 'x'", "[tool.oas_tasks]: unknown setting 'output-dir'. Did you mean 'output_dir'?"),
        ("input = 'x'", "unknown setting 'input'. Did you mean 'spec'?"),
        ("no_csv = true", "unknown setting 'no_csv'. Did you mean 'csv'?"),
        ("colour = 'x'", "unknown setting 'colour'. There are spec, output_dir, "),
        ("name = 'x'", "'name' is for documents. Write it under [[tool.oas_tasks.specs]]"),
        ("concurrency = 17", "'concurrency' must be a whole number from 1 to 16, and it is 17"),
        ("concurrency = 0", "a whole number from 1 to 16, and it is 0"),
        ("concurrency = '4'", "a whole number from 1 to 16, and it is '4'"),
        ("concurrency = true", "a whole number from 1 to 16, and it is true"),
        ("concurrency = 4.0", "a whole number from 1 to 16, and it is 4.0"),
        ("csv = 'false'", "'csv' must be true or false, and it is 'false'"),
        ("csv = 1", "'csv' must be true or false, and it is 1"),
        ("format = 'yml'", "'format' must be yaml or json, and it is 'yml'. Did you mean 'yaml'?"),
        ("output_version = 3.1", "'output_version' must be auto, 3.0.x, 3.1.x or 3.2.x, and it is 3.1"),
        ("output_version = '3.1'", "and it is '3.1'. Did you mean '3.1.x'?"),
        ("validate = []", "'validate' must be fast or full, and it is []"),
        ("output_dir = 3", "'output_dir' must be a path in quotes, and it is 3"),
        ("output_dir = ''", "'output_dir' must be a path, and it is ''"),
        ('output_dir = "a\\u0000b"', "'output_dir' must be a path, and it is 'a\\x00b'"),
        ("tags = 'a'", "'tags' must be a list of texts in quotes, such as ['a', 'b'], and it is 'a'"),
        ("tags = [1]", "'tags' must be a list of texts in quotes, such as ['a', 'b'], and it is [1]"),
        ("methods = ['GET,POST']", "in 'methods', 'GET,POST' is not a method, such as GET"),
        ("drop_extensions = ['servers']", "in 'drop_extensions', 'servers' is not an extension, whose name begins"),
        ("filter = 1", "'filter' must be text in quotes, or a list of such texts, and it is 1"),
        ("filter = [1]", "'filter' must be text in quotes, or a list of such texts, and it is [1]"),
        (
            "filter = '/a('\nfilter_type = 'regex'",
            "pyproject.toml: [tool.oas_tasks]: the 'filter' '/a(' is not a regular",
        ),
        ("filter = '/a('\nfilter_type = 'regex'", "unterminated subpattern at character 3"),
        ("filter = 'a{99999999999}'\nfilter_type = 'regex'", "is not a regular expression: it is too large"),
        ("output_dir = '.oas_tasks'", "'output_dir' and 'cache_dir' are both '.oas_tasks'. Give each a folder of its"),
        ("output_dir = 'x/../.oas_tasks'", "'output_dir' and 'cache_dir' are both"),
        ("specs = 'a.yaml'", "[tool.oas_tasks]: 'specs' must be a list of tables, and it is 'a.yaml'"),
        ("specs = ['a.yaml']", "'specs' must be a list of tables, and it is ['a.yaml']"),
    ],
)
def test_a_wrong_setting_is_reported_in_one_sentence(fault: Callable[..., str], line: str, expected: str) -> None:
    assert expected in fault(table(line))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("concurrency", "many", "'concurrency' must be a whole number from 1 to 16, and it is 'many'"),
        ("concurrency", "17", "from 1 to 16, and it is 17"),
        ("concurrency", "-1", "from 1 to 16, and it is -1"),
        ("concurrency", "9" * 5000, "from 1 to 16, and it is '999"),
        ("csv", "maybe", "'csv' must be true or false, and it is 'maybe'"),
        ("csv", 0, "'csv' must be true or false, and it is 0"),
        ("format", "xml", "'format' must be yaml or json, and it is 'xml'"),
        ("fliter", "x", "unknown setting 'fliter'. Did you mean 'filter'?"),
        ("spec", "https://example.com/api.yaml", "'spec' is the address 'https://example.com/api.yaml', and nothing"),
    ],
)
def test_a_wrong_override_is_reported_in_one_sentence(
    fault: Callable[..., str], name: str, value: object, expected: str
) -> None:
    text = fault(table(), **{name: value})
    assert expected in text
    assert "pyproject" not in text
    assert len(text) < 300


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("[tool.oas_tasks]\nspec = \n", "pyproject.toml:2:8: this is not TOML: invalid value"),
        ("[tool.oas_tasks\nspec = 'a'\n", "pyproject.toml:1:16: this is not TOML: expected ']'"),
        ("[tool.oas_tasks]\nspec = [\n  'a',\n", "pyproject.toml:3: this is not TOML: "),
        ("[tool.oas_tasks]\nspec = 'a'\nspec = 'b'\n", "pyproject.toml:3:"),
        (b"# ok\n# caf\xe9\n", "pyproject.toml:2: the file is not UTF-8, as TOML has to be"),
        ("[tool.oas-tasks]\nspec = 'a'\n", "[tool.oas-tasks]: unknown table. Did you mean [tool.oas_tasks]?"),
        ("[tool]\noas_tasks = 'a'\n", "'tool.oas_tasks' must be a table, and it is 'a'"),
        ("x = " + "[" * 5000, "pyproject.toml"),
    ],
)
def test_a_broken_file_is_reported_with_its_line(fault: Callable[..., str], toml: str | bytes, expected: str) -> None:
    assert expected in fault(toml)


def test_a_byte_order_mark_and_windows_lines_are_no_fault(load: Load) -> None:
    assert load(b"\xef\xbb\xbf" + table().replace("\n", "\r\n").encode())[0].spec == Path("api.yaml")


def test_a_folder_called_pyproject_is_a_fault(load: Load) -> None:
    Path("pyproject.toml").mkdir()
    with pytest.raises(SettingsError, match=r"pyproject\.toml: cannot be read"):
        load()


def test_slices_may_lie_beside_their_document(load: Load) -> None:
    assert load(table("output_dir = '.'"))[0].output_dir == Path()


SEVERAL = """
[tool.oas_tasks]
format = "json"
tags = ["public"]

[[tool.oas_tasks.specs]]
name = "shop"
spec = "shop.yaml"
output_dir = "slices/shop"

[[tool.oas_tasks.specs]]
name = "admin api"
spec = "admin.yaml"
output_dir = "slices/admin"
format = "yaml"
"""


def test_several_documents_take_settings_they_lack_from_the_table(load: Load) -> None:
    shop, admin = load(SEVERAL, concurrency="2")
    assert (shop.name, shop.spec, shop.format, shop.tags, shop.concurrency) == (
        "shop",
        Path("shop.yaml"),
        "json",
        ("public",),
        2,
    )
    assert (admin.name, admin.spec, admin.format, admin.tags, admin.concurrency) == (
        "admin api",
        Path("admin.yaml"),
        "yaml",
        ("public",),
        2,
    )


def test_a_spec_that_comes_with_the_command_is_the_only_document(load: Load) -> None:
    (settings,) = load(SEVERAL, spec="other.yaml")
    assert (settings.name, settings.spec, settings.format, settings.output_dir) == (
        None,
        Path("other.yaml"),
        "json",
        Path("slices"),
    )


def test_one_document_can_be_sliced_in_two_ways(load: Load) -> None:
    one, two = load(
        "[tool.oas_tasks]\nspec = 'a.yaml'\n"
        "[[tool.oas_tasks.specs]]\nname = 'one'\noutput_dir = '1'\n"
        "[[tool.oas_tasks.specs]]\nname = 'two'\noutput_dir = '2'\nformat = 'json'\n"
    )
    assert one.spec == two.spec == Path("a.yaml")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('name = "shop"\n', "", "pyproject.toml: [[tool.oas_tasks.specs]] number 1: each document needs a 'name'"),
        ('"shop"', '""', "number 1: 'name' must be text in quotes, and it is ''"),
        ('"shop"', "7", "number 1: 'name' must be text in quotes, and it is 7"),
        ('"shop"', '"a=b"', "the name 'a=b' holds '=', which cannot stand in the name of a task"),
        ('"shop"', '"a:b"', "holds ':'"),
        ('"shop"', '"a*"', "holds '*'"),
        ('"shop"', '"a\\n"', "holds '\\n'"),
        ('"shop"', '" shop"', "the name ' shop' begins or ends with a blank"),
        ('"shop"', '"admin api"', "number 2: another document is called 'admin api' already"),
        ('"slices/shop"', '"slices/x/../admin"', "'shop' and 'admin api' both have the 'output_dir' 'slices/admin'"),
        ('output_dir = "slices/shop"', 'formt = "x"', "[[tool.oas_tasks.specs]] 'shop': unknown setting 'formt'"),
        ('spec = "shop.yaml"\n', "", "[[tool.oas_tasks.specs]] 'shop': 'spec' is missing"),
        ('"slices/shop"', '".oas_tasks"', "'output_dir' and 'cache_dir' are both '.oas_tasks'"),
        ('"slices/shop"', '"x"\nfilter="("\nfilter_type="regex"', "[[tool.oas_tasks.specs]] 'shop': the 'filter' '('"),
        ('"slices/shop"', '"x"\nspecs=[]', "[[tool.oas_tasks.specs]] 'shop': unknown setting 'specs'"),
    ],
)
def test_a_fault_in_one_of_several_documents(fault: Callable[..., str], old: str, new: str, expected: str) -> None:
    assert expected in fault(SEVERAL.replace(old, new))


def test_several_documents_cannot_share_a_folder_that_comes_with_the_command(fault: Callable[..., str]) -> None:
    assert "both have the 'output_dir' 'out'" in fault(SEVERAL, output_dir="out")


def test_a_document_that_lacks_its_spec_is_not_one_to_ask_for(load: Load) -> None:
    with pytest.raises(SettingsError) as caught:
        load(SEVERAL.replace('spec = "shop.yaml"\n', ""))
    assert not isinstance(caught.value, MissingSpec)


def test_settings_are_there_without_anything_that_is_slow_to_import() -> None:
    code = "import sys, oas_tasks.settings; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint({"doit", "yaml", "pydantic", "jsonschema", "xxhash", "argparse", "difflib", "tomllib"})


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, True),
        ({"filter": "/users/*"}, True),
        ({"filter": "/users/{id}/*"}, True),
        ({"filter": "/users/{i?}/orders"}, True),
        ({"filter": "/users/{[a-i]d}*"}, True),
        ({"filter": "/users/{[!a-i]d}*"}, False),
        ({"filter": "*orders"}, True),
        ({"filter": "/users"}, False),
        ({"filter": "users/*"}, False),
        ({"filter": "/Users/*"}, False),
        ({"filter": r"^/users/\{\w+\}", "filter_type": "regex"}, True),
        ({"filter": "orders", "filter_type": "regex"}, True),
        ({"filter": "^orders", "filter_type": "regex"}, False),
        ({"filter": "(?i)^/USERS", "filter_type": "regex"}, True),
        ({"methods": "post,get"}, True),
        ({"methods": "POST"}, False),
        ({"tags": "orders,other"}, True),
        ({"tags": "Orders"}, False),
        ({"operation_ids": "listOrders"}, True),
        ({"operation_ids": "listorders"}, False),
        ({"filter": "/users/*", "methods": "GET", "tags": "users", "operation_ids": "listOrders"}, True),
        ({"filter": "/users/*", "methods": "GET", "tags": "users", "operation_ids": "other"}, False),
    ],
)
def test_an_endpoint_is_selected_when_it_passes_every_filter(
    load: Load, chosen: dict[str, object], expected: bool
) -> None:
    (settings,) = load(table(), **chosen)
    candidate = Candidate("/users/{id}/orders", "GET", ("users", "orders"), "listOrders")
    assert selected(settings, [candidate]) == [expected]


def test_an_endpoint_without_tags_or_an_id_passes_no_filter_for_them(load: Load) -> None:
    assert selected(load(table(), tags="a")[0], [Candidate("/", "GET", (), "")]) == [False]
    assert selected(load(table(), operation_ids="a")[0], [Candidate("/", "GET", (), "")]) == [False]
    assert selected(load(table(), methods="link")[0], [Candidate("/", "Link", (), "")]) == [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/a*", ("/a*",)),
        ("/a*,/b*", ("/a*", "/b*")),
        ("/a*, !/a/x , *z", ("/a*", "!/a/x", "*z")),
        ("/a/{x},{y}", ("/a/{x},{y}",)),
        ("^/a{1,2}$,^/b", ("^/a{1,2}$", "^/b")),
        ("^/[^,/]+$", ("^/[^,/]+$",)),
        ("", ()),
    ],
)
def test_a_variable_holds_several_patterns_apart_at_commas(load: Load, text: str, expected: tuple[str, ...]) -> None:
    assert load(table(), filter=text)[0].filter == expected


CANDIDATES = [
    Candidate("/users", "GET", ("People",), "listUsers"),
    Candidate("/users/{id}", "DELETE", ("People",), "deleteUser"),
    Candidate("/orders", "GET", ("Orders",), "listOrders"),
]


@pytest.mark.parametrize(
    ("chosen", "endpoints", "said"),
    [
        ({"filter": ["/users*", "/orders"]}, [True, True, True], []),
        ({"filter": ["/users*", "!/users/*"]}, [True, False, False], []),
        ({"filter": ["!/users*"]}, [False, False, True], []),
        ({"filter": ["!^/users"], "filter_type": "regex"}, [False] * 3, ["no path matches the filter '!^/users'"]),
        ({"filter": ["/users*", "/b*"]}, [True, True, False], ["no path matches the filter '/b*'"]),
        (
            {"filter": ["/order*", "/user/*"]},
            [False, False, True],
            ["no path matches the filter '/user/*'. Did you mean '/users/*'?"],
        ),
        (
            {"filter": ["/order*", "/Users"]},
            [False, False, True],
            ["no path matches the filter '/Users'. Did you mean '/users'?"],
        ),
        (
            {"filter": ["/u*", "!/user/*"]},
            [True, True, False],
            ["no path matches the filter '!/user/*'. Did you mean '!/users/*'?"],
        ),
        (
            {"tags": ["Orders", "Peple"]},
            [False, False, True],
            ["no endpoint has the tag 'Peple'. Did you mean 'People'?"],
        ),
        (
            {"tags": ["people", "Orders"]},
            [False, False, True],
            ["no endpoint has the tag 'people'. Did you mean 'People'?"],
        ),
        (
            {"operation_ids": ["listOrders", "listUser"]},
            [False, False, True],
            ["no endpoint has the operationId 'listUser'. Did you mean 'listUsers'?"],
        ),
        (
            {"methods": ["get", "DELET"]},
            [True, False, True],
            ["no endpoint has the method DELET. Did you mean 'DELETE'?"],
        ),
        (
            {"tags": ["People", "Orders"], "methods": ["DELETE"]},
            [False, True, False],
            ["no endpoint with the tag 'Orders' passes the other filters"],
        ),
    ],
)
def test_several_values_add_up_and_one_that_lets_nothing_through_is_reported(
    load: Load, chosen: dict[str, object], endpoints: list[bool], said: list[str]
) -> None:
    (settings,) = load(table(), **chosen)
    assert selected(settings, CANDIDATES) == endpoints
    assert [str(each) for each in idle(settings, CANDIDATES)] == said


def test_a_name_that_is_almost_a_setting_is_reported_and_any_other_is_ignored() -> None:
    check_spelling(["format", "target", "release"])
    with pytest.raises(SettingsError, match="unknown setting 'formt'") as fault:
        check_spelling(["formt"])
    assert "'format'" in str(fault.value)
