"""The settings: `[tool.oas_tasks]` in pyproject.toml, and on top of it doit's variables or the command line's options.

Here is what settings there are, how they are read and what is wrong with them; what they mean is for the code that
they steer. Everything imports this, also a run with nothing to do, so it takes only what Python brings along, and what
is needed for faults alone is imported when there is one.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TypeGuard

from oas_tasks.errors import SettingsError, Where
from oas_tasks.regular_files import read_regular

#: Where doit's state goes while the settings are wrong.
DEFAULT_CACHE_DIR = ".oas_tasks"

#: More processes than this cost more than they bring.
MOST_PROCESSES = 16


class MissingSpec(SettingsError):  # noqa: N818  a state that can be mended by asking
    """No document is named anywhere, which a user at a terminal can be asked for."""


class Kind(Enum):
    """What values a setting takes, in the words that its faults are told with."""

    PATH = "a path in quotes"
    CHOICE = "one of its choices"
    LIST = "a list of texts in quotes, such as ['a', 'b']"
    PATTERNS = "text in quotes, or a list of such texts"
    COUNT = f"a whole number from 1 to {MOST_PROCESSES}"
    FLAG = "true or false"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, as it is read and as it is explained.

    help: one line, without a full stop.
    option: how `slice-oas` spells it.
    choices: all values that it may have, of a CHOICE.
    empty_is_none: of a LIST: an empty text on the command line is no item, but says that there is none.
    """

    kind: Kind
    default: object
    help: str
    option: str
    choices: tuple[str, ...] = ()
    empty_is_none: bool = False


#: Every setting by its name in pyproject.toml, which is also that of doit's variable, in the order of the README.
SETTINGS: Mapping[str, Setting] = {
    "spec": Setting(Kind.PATH, None, "the OpenAPI document, YAML or JSON", "--input"),
    "output_dir": Setting(Kind.PATH, Path("slices"), "where slices and index.csv go", "--output-dir"),
    "format": Setting(Kind.CHOICE, "yaml", "the format of the slices", "--format", ("yaml", "json")),
    "output_version": Setting(
        Kind.CHOICE,
        "auto",
        "the OpenAPI version of the slices; auto is the document's own",
        "--output-version",
        ("auto", "3.0.x", "3.1.x", "3.2.x"),
    ),
    "filter": Setting(
        Kind.PATTERNS,
        (),
        "only paths that match one of these patterns, such as /users/*, and none behind a !",
        "--filter",
    ),
    "filter_type": Setting(
        Kind.CHOICE,
        "glob",
        "how to read the filter: glob (* also crosses /) or regex (found anywhere, unless ^ and $ say where)",
        "--filter-type",
        ("glob", "regex"),
    ),
    "methods": Setting(Kind.LIST, (), "only these methods, whatever their case", "--method"),
    "tags": Setting(Kind.LIST, (), "only endpoints with one of these tags", "--tag"),
    "operation_ids": Setting(Kind.LIST, (), "only endpoints with one of these operationIds", "--operation-id"),
    "concurrency": Setting(
        Kind.COUNT, 4, f"how many processes, 1 to {MOST_PROCESSES}; under doit its own -n", "--concurrency"
    ),
    "csv": Setting(Kind.FLAG, True, "whether index.csv is made", "--no-csv"),
    "strict": Setting(
        Kind.FLAG, False, "a conversion that loses something fails the endpoint instead of warning", "--strict"
    ),
    "source_faults": Setting(
        Kind.CHOICE,
        "fail",
        "whether a fault that stands in the document costs the endpoint its slice, or is warned of",
        "--lenient",
        ("fail", "warn"),
    ),
    "validate": Setting(
        Kind.CHOICE, "fast", "full gives every slice to openapi-spec-validator as well", "--full", ("fast", "full")
    ),
    "cache_dir": Setting(
        Kind.PATH, Path(DEFAULT_CACHE_DIR), "where doit's state, the plan and rendered parts go", "--cache-dir"
    ),
    "allow_outside": Setting(
        Kind.FLAG, False, "references may lead to files outside of the document's folder", "--allow-outside"
    ),
    # They index other endpoints, so that every slice would change with each of them.
    "drop_extensions": Setting(
        Kind.LIST, ("x-webhooks", "x-tagGroups"), "root extensions that do not go into slices", "--drop-extension"
    ),
    "keep_extensions": Setting(
        Kind.LIST,
        (),
        "root extensions that go into slices though they are dropped by default, name other endpoints or are large",
        "--keep-extension",
    ),
    "volatile": Setting(
        Kind.LIST,
        ("/info/version", "/info/x-*"),
        "places of the root whose change alone makes no slice stale, as JSON Pointers",
        "--volatile",
        empty_is_none=True,
    ),
    "webhooks": Setting(Kind.FLAG, False, "whether webhooks are sliced too", "--webhooks"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one document.

    name: what the document is called in task names; None unless it stands under `[[tool.oas_tasks.specs]]`.
    spec, output_dir, cache_dir: as the user wrote them, relative to the current folder.
    """

    name: str | None
    spec: Path
    output_dir: Path
    format: Literal["yaml", "json"]
    output_version: Literal["auto", "3.0.x", "3.1.x", "3.2.x"]
    filter: tuple[str, ...]
    filter_type: Literal["glob", "regex"]
    methods: tuple[str, ...]
    tags: tuple[str, ...]
    operation_ids: tuple[str, ...]
    concurrency: int
    csv: bool
    strict: bool
    source_faults: Literal["fail", "warn"]
    validate: Literal["fast", "full"]
    cache_dir: Path
    allow_outside: bool
    drop_extensions: tuple[str, ...]
    keep_extensions: tuple[str, ...]
    volatile: tuple[str, ...]
    webhooks: bool


@dataclass(frozen=True, slots=True)
class _Layer:
    """The settings that stand in one place.

    where, table: that place; None and empty for what came with the command.
    values: of the types that `Settings` has.
    """

    where: Where | None
    table: str
    values: Mapping[str, object]

    def fault(self, message: str, hint: str | None = None) -> SettingsError:
        """Return a fault of this place."""
        return SettingsError(f"{self.table}: {message}" if self.table else message, self.where, hint)


_TABLE = "[tool.oas_tasks]"
_SPECS = "[[tool.oas_tasks.specs]]"


def load_settings(root: Path, overrides: Mapping[str, object]) -> tuple[Settings, ...]:
    """Return the settings of every document that a folder's pyproject.toml names.

    root: that folder, which relative paths are relative to.
    overrides: values by setting, of the setting's type or as text; None is nothing. They go for every document, but
        with a `spec` among them there is just that document, and what the table itself says.

    Raises SettingsError, and MissingSpec where no document is named.
    """
    toml = Where("pyproject.toml" if _is_current(root) else str(root / "pyproject.toml"))
    table = _read_table(root / "pyproject.toml", toml)
    given = _layer(None, "", {name: value for name, value in overrides.items() if value is not None}, from_text=True)
    common = _layer(toml, _TABLE, {key: value for key, value in table.items() if key != "specs"})
    entries = [] if "spec" in given.values else _entries(toml, table.get("specs", []))
    if entries:
        found = tuple(_settings(root, name, (common, own, given)) for name, own in entries)
    else:
        found = (_settings(root, None, (common, given)),)
    _check_folders(found)
    return found


def _is_current(folder: Path) -> bool:
    return folder.absolute() == Path.cwd()


def _read_table(file: Path, where: Where) -> Mapping[str, object]:
    """Return `[tool.oas_tasks]`, empty where it or the file is missing."""
    try:
        content = read_regular(file)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", where) from None
    import tomllib

    try:
        text = content.decode("utf-8-sig")
        tool = tomllib.loads(text).get("tool", {})
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError("the file is not UTF-8, as TOML has to be", Where(where.file, line)) from None
    except tomllib.TOMLDecodeError as error:
        raise _toml_fault(str(error), text, where.file) from None
    except RecursionError:
        raise SettingsError("the file is nested too deeply", where) from None
    if not isinstance(tool, dict):
        return {}  # some other tool's problem
    if "oas-tasks" in tool:
        raise SettingsError("[tool.oas-tasks]: unknown table", where, f"Did you mean {_TABLE}?")
    table = tool.get("oas_tasks", {})
    if not isinstance(table, dict):
        raise SettingsError(f"'tool.oas_tasks' must be a table, and it is {_shown(table)}", where, f"Write {_TABLE}")
    return table


def _toml_fault(message: str, text: str, file: str) -> SettingsError:
    """Return tomllib's fault with its place in front: `Invalid value (at line 2, column 8)`."""
    what, _, place = message.rstrip(")").partition(" (at ")
    numbers = re.fullmatch(r"line (\d+), column (\d+)", place)
    where = Where(file, int(numbers[1]), int(numbers[2])) if numbers else Where(file, len(text.splitlines()) or 1)
    return SettingsError(f"this is not TOML: {what[:1].lower()}{what[1:]}", where)


def _entries(where: Where, entries: object) -> list[tuple[str, _Layer]]:
    """Return the documents of `[[tool.oas_tasks.specs]]` by their names."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        message = f"{_TABLE}: 'specs' must be a list of tables, and it is {_shown(entries)}"
        raise SettingsError(message, where, f"Write {_SPECS} above the settings of each document")
    found: dict[str, _Layer] = {}
    for number, entry in enumerate(entries, 1):
        name = entry.get("name")
        table = f"{_SPECS} number {number}"
        problem = _name_problem(name)
        if problem:
            raise SettingsError(f"{table}: {problem}", where)
        if name in found:
            raise SettingsError(f"{table}: another document is called '{name}' already", where)
        found[name] = _layer(where, f"{_SPECS} '{name}'", {k: v for k, v in entry.items() if k != "name"})
    return list(found.items())


def _name_problem(name: object) -> str | None:
    """Return what keeps a document's name out of the names of doit's tasks."""
    if name is None:
        return "each document needs a 'name'"
    if not isinstance(name, str) or not name.strip():
        return f"'name' must be text in quotes, and it is {_shown(name)}"
    # doit reads `=` as a variable's, `:` as what parts a group from its tasks, and takes the others for patterns.
    unusable = [c for c in name if c in "=:*?[]" or not c.isprintable()]
    if unusable:
        return f"the name {_shown(name)} holds {_shown(unusable[0])}, which cannot stand in the name of a task"
    return f"the name {_shown(name)} begins or ends with a blank" if name != name.strip() else None


def _layer(where: Where | None, table: str, raw: Mapping[str, object], from_text: bool = False) -> _Layer:
    """Return the settings of one place, checked one by one.

    from_text: texts are what a user typed, and are read as the setting's kind wants it.
    """
    place = _Layer(where, table, {})
    values: dict[str, object] = {}
    for name, value in raw.items():
        setting = SETTINGS.get(name)
        if setting is None:
            raise place.fault(*_unknown(name))
        typed = _typed(setting.kind, value) if from_text and isinstance(value, str) else value
        values[name] = _checked(place, name, setting, typed)
    return _Layer(where, table, values)


def _unknown(name: str) -> tuple[str, str]:
    """Return what to say of a setting that does not exist, and which was probably meant."""
    from difflib import get_close_matches

    if name == "name":
        return "'name' is for documents", f"Write it under {_SPECS}"
    spellings = {setting.option.strip("-").replace("-", "_"): own for own, setting in SETTINGS.items()}
    spellings |= {own: own for own in SETTINGS}
    close = get_close_matches(name.lower().replace("-", "_"), spellings, n=1)
    hint = f"Did you mean '{spellings[close[0]]}'?" if close else f"There are {', '.join(SETTINGS)}"
    return f"unknown setting '{name}'", hint


def check_spelling(names: Iterable[str]) -> None:
    """Raise SettingsError for a name that is almost a setting's. Others may be meant for somebody else."""
    for name in names:
        if name.startswith("slice:"):
            raise SettingsError(f"'{name}=...' is taken for a variable", None, "In a task's name write '%3D' for '='")
        if name not in SETTINGS:
            from difflib import get_close_matches

            close = get_close_matches(name.lower().replace("-", "_"), SETTINGS, n=1, cutoff=0.75)
            if close:
                raise SettingsError(f"unknown setting '{name}'", None, f"Did you mean '{close[0]}'?")


_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _typed(kind: Kind, text: str) -> object:
    """Return what a user typed as a value of this kind, or as it is where it cannot be one."""
    text = text.strip()
    if kind is Kind.FLAG:
        return _FLAGS.get(text.lower(), text)
    if kind is Kind.COUNT:
        return int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text) else text
    if kind is Kind.LIST:
        return [stripped for item in text.split(",") if (stripped := item.strip())]
    if kind is Kind.PATTERNS:
        return _patterns(text)
    return text


#: What begins a pattern of paths behind a comma.
_PATTERN_START = re.compile(r"\s*[/*!^]")


def _patterns(text: str) -> list[str]:
    """Return the patterns of paths in a text: apart at commas that are outside of brackets and followed by another one.

    So the commas of `/users/{id},{name}`, `a{1,2}` and `[^,/]` stay.
    """
    starts, depth = [0], 0
    for position, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0 and _PATTERN_START.match(text, position + 1):
            starts.append(position + 1)
    pieces = (text[start:end].removesuffix(",") for start, end in zip(starts, [*starts[1:], None], strict=True))
    return [stripped for piece in pieces if (stripped := piece.strip())]


#: What every item of a list has to look like, and what to call it. A method is a token (RFC 9110, section 9.1).
_ITEMS = {
    "methods": (re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"), "a method, such as GET"),
    "drop_extensions": (re.compile(r"x-.+"), "an extension, whose name begins with x-"),
    "keep_extensions": (re.compile(r"x-.+"), "an extension, whose name begins with x-"),
    # The others say what an endpoint is. Of a tag's place in the list no slice knows.
    "volatile": (
        re.compile(
            r"/(?!(?:openapi|paths|webhooks|components|security)(?:/|$)|tags/[0-9])"
            r"(?:[^/~*]|~[01])+\*?(?:/(?:(?:[^/~*]|~[01])+\*?|\*))*"
        ),
        "a JSON Pointer into a root field that says nothing of an endpoint, such as /info/version or /info/x-*",
    ),
}


def _unprintable(path: str) -> str | None:
    """Return a character that would do something wherever a path is printed, such as a control character."""
    if path.isprintable():
        return None
    from unicodedata import category

    # No path has a NUL, which is told otherwise.
    unusable = (each for each in path if category(each) in ("Cc", "Cf", "Zl", "Zp") and each != "\0")
    return next(unusable, None)


def _checked(place: _Layer, name: str, setting: Setting, value: object) -> object:
    """Return a value in the type that `Settings` has, if the setting can have it."""
    if setting.kind is Kind.PATH and isinstance(value, str | Path) and (unusable := _unprintable(str(value))):
        raise place.fault(f"'{name}' holds {_shown(unusable)}, which no path here may hold")
    if setting.kind is Kind.PATH and isinstance(value, str | Path):
        return _path(place, name, str(value))
    if setting.kind is Kind.PATTERNS and isinstance(value, str):
        value = [value]
    if setting.kind is Kind.CHOICE:
        if value in setting.choices:
            return value
        raise place.fault(*_not_a_choice(name, setting, value))
    if setting.kind in (Kind.LIST, Kind.PATTERNS) and _is_list_of_texts(value):
        pattern, wanted = _ITEMS.get(name, (None, ""))
        if setting.empty_is_none and place.where is None:
            value = [item for item in value if item]
        for item in value:
            if pattern is not None and not pattern.fullmatch(item):
                raise place.fault(f"in '{name}', {_shown(item)} is not {wanted}")
        return tuple(value) if setting.kind is Kind.LIST else tuple(item for item in value if item)
    if setting.kind is Kind.COUNT and type(value) is int and 1 <= value <= MOST_PROCESSES:  # True is an int, too
        return value
    if setting.kind is Kind.FLAG and isinstance(value, bool):
        return value
    raise place.fault(f"'{name}' must be {setting.kind.value}, and it is {_shown(value)}")


def _is_list_of_texts(value: object) -> TypeGuard[Sequence[str]]:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _not_a_choice(name: str, setting: Setting, value: object) -> tuple[str, str | None]:
    from difflib import get_close_matches

    close = get_close_matches(str(value).lower(), setting.choices, n=1)
    allowed = ", ".join(setting.choices[:-1]) + " or " + setting.choices[-1]
    return f"'{name}' must be {allowed}, and it is {_shown(value)}", f"Did you mean '{close[0]}'?" if close else None


def _path(place: _Layer, name: str, text: str) -> Path | None:
    if not text and name == "spec":
        return None  # not set, rather than wrong
    if not text or "\0" in text:
        raise place.fault(f"'{name}' must be a path, and it is {_shown(text)}")
    if name == "spec" and re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", text):  # two letters: `C:/` is a Windows drive
        raise place.fault(f"'{name}' is the address {_shown(text)}, and nothing is ever fetched", "Download it first")
    # A shell expands `~` in most places, though not behind `output_dir=`, and nobody wants a folder of that name.
    return Path(os.path.expanduser(text))  # noqa: PTH111  Path.expanduser raises where there is no such user


def _shown(value: object) -> str:
    """Return a value as its user would know it again, cut where it is long."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _settings(root: Path, name: str | None, layers: Sequence[_Layer]) -> Settings:
    """Return the settings of one document: of every layer what those behind it do not say."""
    values: dict[str, Any] = {setting: entry.default for setting, entry in SETTINGS.items()}
    for layer in layers:
        values.update(layer.values)
    if values["spec"] is None:
        raise _missing_spec(name, layers)
    for pattern in values["filter"] if values["filter_type"] == "regex" else ():
        _check_regex(pattern, next(layer for layer in reversed(layers) if "filter" in layer.values))
    if not _is_current(root):
        values |= {key: root / values[key] for key, setting in SETTINGS.items() if setting.kind is Kind.PATH}
    return Settings(name=name, **values)


def _missing_spec(name: str | None, layers: Sequence[_Layer]) -> SettingsError:
    if name is not None:
        return layers[1].fault("'spec' is missing", "It is the document's path")
    return MissingSpec(
        "which OpenAPI document is to be sliced is not set",
        None,
        f'Write spec = "openapi.yaml" under {_TABLE} in pyproject.toml, '
        "or say `doit spec=openapi.yaml` or `slice-oas --input openapi.yaml`",
    )


def _check_regex(pattern: str, place: _Layer) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a later Python may read otherwise
            re.compile(pattern)
    except re.error as error:
        position = "" if error.pos is None else f" at character {error.pos + 1}"
        problem = f"{error.msg}{position}"
    except (OverflowError, RecursionError):
        problem = "it is too large"
    else:
        return
    raise place.fault(f"the 'filter' {_shown(pattern)} is not a regular expression: {problem}")


def _check_folders(found: Sequence[Settings]) -> None:
    """See to it that no build writes into the folder of another, or into a cache."""
    caches = {_real(settings.cache_dir) for settings in found}
    taken: dict[str, Settings] = {}
    for settings in found:
        folder = _real(settings.output_dir)
        if folder in caches:
            raise SettingsError(
                f"'output_dir' and 'cache_dir' are both '{settings.output_dir}'", None, "Give each a folder of its own"
            )
        other = taken.setdefault(folder, settings)
        if other is not settings:
            raise SettingsError(
                f"the documents '{other.name}' and '{settings.name}' both have the 'output_dir' "
                f"'{settings.output_dir}', where they would overwrite each other's index.csv",
                None,
                "Give each a folder of its own",
            )


def _real(folder: Path) -> str:
    return os.path.normcase(os.path.realpath(folder))
