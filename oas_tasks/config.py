"""Settings: `[tool.oas_tasks]` in pyproject.toml, doit's variables, and the command line, in rising order.

The table `SETTINGS` is the one source of names, types, defaults and help. Imports little: it lies on the path of a run
with nothing to do.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from oas_tasks.errors import SettingsError, Where

DEFAULT_CACHE_DIR = ".oas_tasks"
MAX_CONCURRENCY = 16
FILE_NAME = "pyproject.toml"
TABLE = "tool.oas_tasks"


class MissingSpecError(SettingsError):
    """No document is named anywhere; the command line asks for it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What to build from one document. Paths are relative to the current folder, or absolute.

    name: the document's, where there are several.
    spec: the document.
    output_dir: where slices and index.csv go.
    format: of the slices.
    output_version: "auto" is the document's own.
    filter, filter_type: pattern that paths must match, and how it is to be read.
    methods, tags, operation_ids: what else endpoints must match; nothing means all.
    concurrency: how many processes `slice-oas` starts at most.
    csv: whether index.csv is made.
    strict: whether a lossy conversion fails the endpoint.
    validate: "full" asks openapi-spec-validator as well.
    cache_dir: where the state goes.
    allow_outside: whether files outside of the document's folder are read.
    drop_extensions: root extensions that do not go into slices, since they index other endpoints.
    webhooks: whether webhooks are sliced too.
    """

    name: str | None
    spec: Path
    output_dir: Path
    format: Literal["yaml", "json"]
    output_version: str
    filter: str | None
    filter_type: Literal["glob", "regex"]
    methods: tuple[str, ...]
    tags: tuple[str, ...]
    operation_ids: tuple[str, ...]
    concurrency: int
    csv: bool
    strict: bool
    validate: Literal["fast", "full"]
    cache_dir: Path
    allow_outside: bool
    drop_extensions: tuple[str, ...]
    webhooks: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    parse: returns the value for what was given, or raises ValueError with what is allowed ("true or false").
    default: None where there is none.
    help: a line for people.
    """

    parse: Callable[[object], object]
    default: object
    help: str


def _text(given: object) -> str:
    if not isinstance(given, str) or not given:
        raise ValueError("a text that is not empty")
    return given


def _pattern(given: object) -> str | None:
    """An empty pattern is none."""
    if not isinstance(given, str):
        raise ValueError("a pattern such as '/users/*'")
    return given or None


def _path(given: object) -> Path:
    if isinstance(given, Path):
        return given
    if not isinstance(given, str) or not given or "\0" in given:
        raise ValueError("a path")
    return Path(given)


def _flag(given: object) -> bool:
    if isinstance(given, bool):
        return given
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if isinstance(given, str) and given.lower() in words:
        return words[given.lower()]
    raise ValueError("true or false")


def _processes(given: object) -> int:
    number = int(given) if isinstance(given, str) and given.isascii() and given.isdigit() else given
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= MAX_CONCURRENCY:
        raise ValueError(f"a whole number from 1 to {MAX_CONCURRENCY}")
    return number


def _texts(given: object) -> tuple[str, ...]:
    """A list of texts, or one text with commas in between."""
    items = [item.strip() for item in given.split(",")] if isinstance(given, str) else given
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) and item for item in items):
        if given == "":
            return ()
        raise ValueError("a list of texts")
    return tuple(items)


def _one_of(*allowed: str) -> Callable[[object], str]:
    def parse(given: object) -> str:
        if given not in allowed:
            raise ValueError(f"{', '.join(allowed[:-1])} or {allowed[-1]}")
        return str(given)

    return parse


def _name(given: object) -> str:
    if not isinstance(given, str) or not re.fullmatch(r"[A-Za-z0-9._-]+", given):
        raise ValueError("a name of letters, digits, '.', '_' and '-'")
    return given


SETTINGS: Mapping[str, Setting] = {
    "spec": Setting(_path, None, "the OpenAPI document, YAML or JSON"),
    "output_dir": Setting(_path, "slices", "where slices and index.csv go"),
    "format": Setting(_one_of("yaml", "json"), "yaml", "format of the slices: yaml or json"),
    "output_version": Setting(
        _one_of("auto", "3.0.x", "3.1.x", "3.2.x"), "auto", "OpenAPI version of the slices; auto is the document's own"
    ),
    "filter": Setting(_pattern, "", "pattern of the paths to slice; in a glob `*` also crosses `/`"),
    "filter_type": Setting(_one_of("glob", "regex"), "glob", "how to read the filter: glob or regex"),
    "methods": Setting(_texts, (), "only these methods"),
    "tags": Setting(_texts, (), "only endpoints with one of these tags"),
    "operation_ids": Setting(_texts, (), "only these operationIds"),
    "concurrency": Setting(_processes, 4, f"processes of slice-oas, at most {MAX_CONCURRENCY}; doit has its own -n"),
    "csv": Setting(_flag, True, "whether index.csv is made"),
    "strict": Setting(_flag, False, "whether a lossy conversion fails the endpoint"),
    "validate": Setting(_one_of("fast", "full"), "fast", "full asks openapi-spec-validator as well"),
    "cache_dir": Setting(_path, DEFAULT_CACHE_DIR, "where the state between runs goes"),
    "allow_outside": Setting(_flag, False, "whether files outside of the document's folder are read"),
    "drop_extensions": Setting(
        _texts, ("x-webhooks", "x-tagGroups"), "root extensions that do not go into slices, since they index endpoints"
    ),
    "webhooks": Setting(_flag, False, "whether webhooks are sliced too"),
}


def load_settings(root: Path, overrides: Mapping[str, object]) -> tuple[Settings, ...]:
    """Return the settings of every document.

    root: the folder whose pyproject.toml is read, where there is one, and that its paths are relative to.
    overrides: settings by name, stronger than the file's; texts are parsed. A `spec` among them means just that
    document.

    Raises SettingsError, and MissingSpecError where no document is named.
    """
    table = _read_table(root / FILE_NAME)
    several = table.pop("specs", None)
    common = _parsed(table, Where(FILE_NAME), f"[{TABLE}]")
    given = _parsed(overrides, None, "")
    if several is None or "spec" in given:
        return (_settings({**common, **given}, None, root, overrides),)
    if not isinstance(several, list) or not several or not all(isinstance(each, dict) for each in several):
        raise SettingsError(f"'specs' must be tables, each under [[{TABLE}.specs]]", Where(FILE_NAME))
    if "spec" in common:
        raise SettingsError("'spec' and [[specs]] cannot both be given", Where(FILE_NAME), "Keep one of them")
    found: list[Settings] = []
    for each in several:
        own = dict(each)
        try:
            name = _name(own.pop("name", None))
        except ValueError as error:
            raise SettingsError(f"each of [[{TABLE}.specs]] needs a 'name': {error}", Where(FILE_NAME)) from None
        mine = _parsed(own, Where(FILE_NAME), f"[[{TABLE}.specs]] '{name}'")
        found.append(_settings({**common, **mine, **given}, name, root, overrides))
    _check_apart(found)
    return tuple(found)


def _read_table(file: Path) -> dict[str, Any]:
    """Return `[tool.oas_tasks]` of a file, empty where there is none."""
    try:
        with file.open("rb") as stream:
            whole = tomllib.load(stream)
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"this is not TOML: {error}", Where(file.name)) from None
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", Where(file.name)) from None
    tool = whole.get("tool")
    table = tool.get("oas_tasks") if isinstance(tool, dict) else None
    if table is None:
        return {}
    if not isinstance(table, dict):
        raise SettingsError(f"[{TABLE}] must be a table", Where(file.name))
    return dict(table)


def _parsed(given: Mapping[str, object], where: Where | None, table: str) -> dict[str, object]:
    """Return settings with their values parsed. `where` and `table` say where they stand, for messages."""
    prefix = f"{table} " if table else ""
    found: dict[str, object] = {}
    for name, value in given.items():
        setting = SETTINGS.get(name)
        if setting is None:
            close = get_close_matches(name, [*SETTINGS, "specs"], n=1)
            hint = f"Did you mean '{close[0]}'?" if close else f"There are: {', '.join(SETTINGS)}"
            raise SettingsError(f"{prefix}has an unknown setting '{name}'".lstrip(), where, hint)
        try:
            found[name] = setting.parse(value)
        except ValueError as error:
            raise SettingsError(f"{prefix}'{name}' must be {error}, not {value!r}".lstrip(), where) from None
    return found


def _settings(given: Mapping[str, object], name: str | None, root: Path, overrides: Mapping[str, object]) -> Settings:
    """Return one document's settings from all that was given for it."""
    if "spec" not in given:
        which = f" for '{name}'" if name else ""
        raise MissingSpecError(
            f"no document is named{which}",
            None,
            f"Set 'spec' in [{TABLE}] of {FILE_NAME}, or say which on the command line",
        )
    values: dict[str, Any] = {key: setting.parse(setting.default) for key, setting in SETTINGS.items() if key != "spec"}
    values.update(given)
    for key in ("spec", "output_dir", "cache_dir"):
        if key not in overrides and root != Path.cwd():
            values[key] = root / values[key]
    if values["filter"] is not None and values["filter_type"] == "regex":
        try:
            re.compile(values["filter"])
        except re.error as error:
            raise SettingsError(f"'filter' is not a regular expression: {error}") from None
    values["methods"] = tuple(method.upper() for method in values["methods"])
    if _same(values["output_dir"], values["cache_dir"]):
        raise SettingsError(
            f"'output_dir' and 'cache_dir' are the same folder, {values['output_dir']}", None, "Choose two folders"
        )
    return Settings(name=name, **values)


def _check_apart(found: list[Settings]) -> None:
    """Raise SettingsError where two documents have the same name or the same output folder."""
    for index, settings in enumerate(found):
        for other in found[:index]:
            if settings.name == other.name:
                raise SettingsError(f"two of [[{TABLE}.specs]] are named '{settings.name}'", Where(FILE_NAME))
            if _same(settings.output_dir, other.output_dir):
                raise SettingsError(
                    f"'{other.name}' and '{settings.name}' have the same output_dir, {settings.output_dir}",
                    Where(FILE_NAME),
                    "Give each a folder of its own, or they overwrite each other's index.csv",
                )


def _same(one: Path, other: Path) -> bool:
    return one.absolute().resolve() == other.absolute().resolve()
