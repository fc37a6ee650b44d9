"""The files generated from the table of settings are up to date, and the schema refuses what the checks refuse."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args, get_type_hints

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oas_tasks.commands import slice_options
from oas_tasks.commands.given_settings import overrides
from oas_tasks.errors import SettingsError
from oas_tasks.settings import SETTINGS, Kind, MissingSpec, Settings, load_settings
from tests.settings.generated import PAGE, SCHEMA, schema, written_page, written_schema

RENEW = "it is renewed by `python -m tests.settings.generated`"


def test_the_page_has_the_table_of_settings() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written_page(page) == page, RENEW


def test_the_schema_is_generated_from_the_table() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == written_schema(), RENEW


def test_the_schema_is_shipped_in_the_package() -> None:
    shipped = files("oas_tasks").joinpath("settings", "pyproject.schema.json").read_text(encoding="utf-8")
    assert json.loads(shipped) == schema()


@pytest.mark.parametrize("name", SETTINGS)
def test_the_kind_of_a_setting_matches_its_type(name: str) -> None:
    setting, annotation = SETTINGS[name], get_type_hints(Settings)[name]
    types = {Kind.PATH: Path, Kind.PROCESSES: int, Kind.FLAG: bool}
    if setting.kind is Kind.CHOICE:
        assert get_args(annotation) == setting.choices
        assert setting.default in setting.choices
    else:
        assert annotation == types.get(setting.kind, tuple[str, ...])
    assert bool(setting.choices) == (setting.kind is Kind.CHOICE)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_explained_in_one_line_and_has_one_option(name: str) -> None:
    setting = SETTINGS[name]
    assert setting.help
    assert not setting.help.endswith(".")
    assert setting.help.count("`") % 2 == 0
    assert not setting.more or setting.more.endswith(".")
    assert setting.option.startswith("--")
    assert [each.option for each in SETTINGS.values()].count(setting.option) == 1
    takes = [setting.metavar is not None, setting.switch is not None]
    assert sum(takes) == 1 or setting.kind is Kind.CHOICE


#: Validators of the schema that read patterns as ECMA-262 does: for the draft that the schema names, and for the one
#: that Taplo's documentation names.
VALIDATORS = (
    jsonschema_rs.Draft7Validator(schema()),
    jsonschema_rs.Draft4Validator({**schema(), "$schema": "http://json-schema.org/draft-04/schema#"}),
)

#: Parts of messages that only a run gives, since they depend on several settings, on characters or on Python.
ONLY_A_RUN_TELLS = (
    "which no path here may hold",
    "which cannot stand in the name of a task",
    "is called",
    "are both",
    "both have the 'output_dir'",
    "is not a regular expression",
    "'spec' is missing",
)


def refused(table: Mapping[str, object], folder: Path) -> str | None:
    """Return why `[tool.oas_tasks]` is refused."""
    (folder / "pyproject.toml").write_text(f"[tool]\noas_tasks = {toml(table)}\n", encoding="utf-8")
    try:
        load_settings(folder, {})
    except MissingSpec:
        return None  # the command may supply it
    except SettingsError as error:
        assert "not TOML" not in str(error)
        return str(error)
    return None


def toml(value: object) -> str:
    """Return a value in TOML, in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    # JSON does not escape DEL, which TOML does not allow.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def accepted(table: Mapping[str, object]) -> bool:
    """Whether the schema accepts `[tool.oas_tasks]`; all validators say the same."""
    (said,) = {each.is_valid({"tool": {"oas_tasks": table}}) for each in VALIDATORS}
    return said


# Printable characters only, and no line breaks: Python's `$` also matches before one at the end of a text.
texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"], include_characters=" "), max_size=6)
WORDS = [
    "",
    "a",
    "shop",
    " shop",
    "shop ",
    "a b",
    "a=b",
    "[a]",
    "GET",
    "GET,POST",
    "yaml",
    "glob",
    "3.1.x",
    "3.1",
    "warn",
]
PLACES = [
    *(
        "a/b",
        "C:/a",
        "https://a/b",
        "file:/a",
        "mailto:a",
        "!/a",
        "x-a",
        "x-",
        "X-A",
        "/info/version",
        "/info/x-*",
        "/",
    ),
    *(f"/{name}" for name in ("paths", "paths/a", "pathsx", "tags/0", "tags/*/x-a", "a~1b", "a~2")),
]
ODD = [True, False, -1, 0, 1, 16, 17, 0.5, {}, {"a": 1}, [], [[]]]
samples = st.sampled_from(WORDS + PLACES)
values: st.SearchStrategy[Any] = st.sampled_from([*WORDS, *PLACES, *ODD]) | texts


def valid_values(name: str) -> st.SearchStrategy[Any]:
    """Return values of a setting's kind, most of them valid."""
    setting = SETTINGS[name]
    lists = st.lists(samples | texts, max_size=3)
    match setting.kind:
        case Kind.CHOICE:
            return st.sampled_from(setting.choices)
        case Kind.LIST:
            return lists
        case Kind.PATTERNS:
            return samples | texts | lists
        case Kind.PROCESSES:
            return st.integers(0, 17)
        case Kind.FLAG:
            return st.booleans()
        case Kind.PATH:
            return samples | texts


def tables(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return tables of a few settings each, with further keys and mostly valid values."""
    known = st.sampled_from(sorted(SETTINGS)).flatmap(lambda name: st.tuples(st.just(name), valid_values(name)))
    wild = st.tuples(st.sampled_from(["formt", "output-dir", *SETTINGS]), values)
    few = st.lists(st.one_of([known] * 9 + [wild]), max_size=4).map(dict)
    return st.builds(lambda table, more: table | more, few, st.fixed_dictionaries({}, optional=optional))


documents = st.lists(tables(name=st.sampled_from(["shop", "admin", "a b", "a", 3])), max_size=2)


@given(table=tables(specs=documents))
def test_the_schema_refuses_what_the_checks_refuse(
    table: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    agree(table, tmp_path_factory.getbasetemp())
    assert jsonschema.Draft7Validator(schema()).is_valid({"tool": {"oas_tasks": table}}) == accepted(table)


@pytest.mark.parametrize("name", [*SETTINGS, "name", "specs", "formt"])
def test_the_schema_refuses_what_the_checks_refuse_of_each_value(name: str, tmp_path: Path) -> None:
    for value in (*WORDS, *PLACES, *ODD):
        for each in (value, ["x-b", value]):
            agree({name: each}, tmp_path)
            agree({"spec": "a", "specs": [{"name": "a", name: each}]}, tmp_path)


def agree(table: dict[str, Any], folder: Path) -> None:
    why = refused(table, folder)
    if why is None or not any(each in why for each in ONLY_A_RUN_TELLS):
        assert accepted(table) == (why is None), why


def in_toml(lines: str) -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(lines)
    return table


@pytest.mark.parametrize(
    "lines",
    [
        "spec = 'a'\noutput_dir = 'a'\ncache_dir = 'a'",
        'output_dir = "a\\u0007"',
        "spec = 'a'\nfilter = '('\nfilter_type = 'regex'",
        "[[specs]]\nname = 'a'\noutput_dir = 'a'",
        "spec = 'a'\n[[specs]]\nname = 'a'\noutput_dir = 'a'\n[[specs]]\nname = 'a'\noutput_dir = 'b'",
        "spec = 'a'\n[[specs]]\nname = 'a'\n[[specs]]\nname = 'b'",
        '[[specs]]\nname = "a\\u00a0b"',
    ],
)
def test_faults_that_only_a_run_can_find_pass_the_schema(lines: str, tmp_path: Path) -> None:
    why = refused(in_toml(lines), tmp_path)
    assert why is not None
    assert any(each in why for each in ONLY_A_RUN_TELLS), why
    assert accepted(in_toml(lines))


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != "spec"])
def test_an_editor_gets_the_meaning_and_the_default_of_a_setting(name: str, tmp_path: Path) -> None:
    told = schema()["definitions"][name]
    assert told["description"].lower().startswith(SETTINGS[name].help.lower())
    default = {"spec": "api.yaml", name: told["default"]}
    assert refused(default, tmp_path) is None
    assert load_settings(tmp_path, {}) == load_settings(tmp_path, {name: SETTINGS[name].default})


def test_the_whole_table_is_optional_and_all_else_in_the_file_is_open() -> None:
    for each in VALIDATORS:
        assert each.is_valid({})
        assert each.is_valid({"project": {"name": 3}, "tool": {"other": {"a": 1}}})
        assert not each.is_valid({"tool": {"oas_tasks": "a"}})


@pytest.mark.parametrize("name", SETTINGS)
def test_every_option_sets_its_setting(name: str) -> None:
    setting = SETTINGS[name]
    words = [] if setting.switch is not None else [setting.choices[-1] if setting.choices else "3"]
    context = slice_options.command.make_context("slice-oas", [setting.option, *words])
    found = overrides(context.params)[name]
    if setting.switch is not None:
        assert found is setting.switch
    else:
        assert found == (words if setting.repeatable else words[0])
