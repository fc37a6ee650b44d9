"""Reads and checks settings: those of `[tool.oas_tasks]` in pyproject.toml, overridden by doit's variables and options.

`table` lists the settings. Imports that only a fault needs are inside of functions.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeGuard

from oas_tasks.errors import SettingsError, Where
from oas_tasks.regular_files import read_regular
from oas_tasks.settings.table import ADDRESS_START, MOST_PROCESSES, SETTINGS, UNUSABLE_IN_NAMES, Kind, Setting, Settings


class MissingSpec(SettingsError):  # noqa: N818  a state that can be mended by asking
    """No document is named anywhere; at a terminal the user can be asked for one."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """The settings from one place.

    where, table: the place; None and empty for the settings of the command.
    values: their values, of the types in `Settings`.
    names: what messages call a setting, if not by its own name.
    """

    where: Where | None
    table: str
    values: Mapping[str, object]
    names: Mapping[str, str] = field(default_factory=dict)

    def named(self, name: str) -> str:
        """Return what a message calls a setting: `'output_dir'`, or `--output-dir` where that was typed."""
        return self.names.get(name, f"'{name}'")

    def fault(self, message: str, hint: str | None = None) -> SettingsError:
        """Return an error with this place."""
        return SettingsError(f"{self.table}: {message}" if self.table else message, self.where, hint)


_TABLE = "[tool.oas_tasks]"
_SPECS = "[[tool.oas_tasks.specs]]"


def load_settings(
    root: Path, overrides: Mapping[str, object], names: Mapping[str, str] | None = None, only: Sequence[str] = ()
) -> tuple[Settings, ...]:
    """Return the settings of every document in a folder's pyproject.toml.

    root: the folder, which paths are relative to.
    overrides: values by setting, of the setting's type or as text; None stands for no value. They apply to every
        document. With a `spec` among them there is only that document: with its own settings if it is one of those in
        pyproject.toml, else with the settings of the table itself.
    names: what messages call these settings, if not by their names.
    only: the names of the documents that are meant; empty for all.

    Raises SettingsError, and MissingSpec if no document is named.
    """
    toml = Where("pyproject.toml" if _is_current(root) else str(root / "pyproject.toml"))
    table = _read_table(root / "pyproject.toml", toml)
    values = {name: value for name, value in overrides.items() if value is not None}
    given = _layer(None, "", values, from_text=True, names=names)
    common = _layer(toml, _TABLE, {key: value for key, value in table.items() if key != "specs"})
    entries = _meant(root, _entries(toml, table.get("specs", [])), given, only)
    if entries:
        given = replace(given, values={name: value for name, value in given.values.items() if name != "spec"})
        found = tuple(_settings(root, name, (common, own, given)) for name, own in entries)
    else:
        found = (_settings(root, None, (common, given)),)
    _check_folders(found, given)
    return found


def _meant(
    root: Path, entries: Sequence[tuple[str, _Layer]], given: _Layer, only: Sequence[str]
) -> Sequence[tuple[str, _Layer]]:
    """Return the documents that a command is for: those that it names, or the one whose file it names."""
    known = [name for name, _ in entries]
    for name in only:
        if name not in known:
            from difflib import get_close_matches

            listed = ", ".join(f"'{each}'" for each in known)
            close = get_close_matches(name, known, n=1)
            hint = f"Did you mean '{close[0]}'?" if close else f"There are {listed}" if known else _no_names(name)
            raise SettingsError(f"--spec {name}: no document in pyproject.toml is called that", None, hint)
    if only and "spec" in given.values:
        message = f"--spec and {given.named('spec')} exclude each other: both say which document is meant"
        raise SettingsError(message, None, "Leave out one of them")
    if only:
        return [each for each in entries if each[0] in only]
    if "spec" not in given.values:
        return entries
    if given.values["spec"] is None:
        return []
    asked = _real(root / str(given.values["spec"]))
    same = [
        (name, own)
        for name, own in entries
        if own.values.get("spec") is not None and _real(root / str(own.values["spec"])) == asked
    ]
    return same if len(same) == 1 else []


def _no_names(name: str) -> str:
    """Return what to do where no document has a name."""
    if re.search(r"\.(ya?ml|json)$", name):
        return f"Did you mean --input {name}?"
    return f"Documents get names under {_SPECS}; --input takes a file"


def configured_names(root: Path) -> frozenset[str]:
    """Return the settings that a folder's pyproject.toml has for all of its documents. Raises SettingsError."""
    table = _read_table(root / "pyproject.toml", Where("pyproject.toml"))
    return frozenset(name for name in table if name in SETTINGS)


def settings_of(values: Mapping[str, object], name: str | None = None) -> Settings:
    """Return the settings of one document that a program gives, without reading any file. Raises SettingsError.

    values: as the overrides of `load_settings`. name: as in `Settings`.
    """
    problem = None if name is None else _name_problem(name)
    if problem:
        raise SettingsError(problem)
    given = _layer(None, "", values, from_text=True)
    found = _settings(Path(), name, (given,))
    _check_folders((found,), given)
    return found


def _is_current(folder: Path) -> bool:
    return folder.absolute() == Path.cwd()


def _read_table(file: Path, where: Where) -> Mapping[str, object]:
    """Return `[tool.oas_tasks]`, empty if it or the file is missing."""
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
    near = [name for name in tool if "oas" in name.lower() and "oas_tasks" not in tool]
    if near:
        from difflib import get_close_matches

        for other in near:
            if get_close_matches(other.lower(), ["oas_tasks", "slice_oas"], n=1, cutoff=0.8):
                raise SettingsError(f"[tool.{other}]: unknown table", where, f"Did you mean {_TABLE}?")
    table = tool.get("oas_tasks", {})
    if not isinstance(table, dict):
        raise SettingsError(f"'tool.oas_tasks' must be a table, and it is {_shown(table)}", where, f"Write {_TABLE}")
    return table


def _toml_fault(message: str, text: str, file: str) -> SettingsError:
    """Return tomllib's fault with its place in front: `Invalid value (at line 2, column 8)`."""
    what, _, place = message.rstrip(")").partition(" (at ")
    numbers = re.fullmatch(r"line (\d+), column (\d+)", place)
    where = Where(file, int(numbers[1]), int(numbers[2])) if numbers else Where(file, len(text.splitlines()) or 1)
    is_path = re.match(r"Invalid hex value|Unescaped '\\+' in a string", what) is not None  # such as "C:\users"
    hint = "Write / for \\ in paths, or put them in single quotes" if is_path else None
    return SettingsError(f"this is not TOML: {what[:1].lower()}{what[1:]}", where, hint)


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
    unusable = [c for c in name if c in UNUSABLE_IN_NAMES or not c.isprintable()]
    if unusable:
        return f"the name {_shown(name)} holds {_shown(unusable[0])}, which cannot stand in the name of a task"
    return f"the name {_shown(name)} begins or ends with a blank" if name != name.strip() else None


def _layer(
    where: Where | None,
    table: str,
    raw: Mapping[str, object],
    from_text: bool = False,
    names: Mapping[str, str] | None = None,
) -> _Layer:
    """Return the settings of one place, checked one by one.

    from_text: texts were typed by a user and are parsed according to the kind of the setting.
    names: as in `_Layer`.
    """
    place = _Layer(where, table, {}, names or {})
    values: dict[str, object] = {}
    for name, value in raw.items():
        setting = SETTINGS.get(name)
        if setting is None:
            raise place.fault(*_unknown(name))
        typed = _typed(setting.kind, value) if from_text and isinstance(value, str) else value
        values[name] = _checked(place, name, setting, typed)
    return _Layer(where, table, values, place.names)


def _unknown(name: str) -> tuple[str, str]:
    """Return the message about a setting that does not exist, with the one that was probably meant."""
    from difflib import get_close_matches

    if name == "name":
        return "'name' is for documents", f"Write it under {_SPECS}"
    spellings = {setting.option.strip("-").replace("-", "_"): own for own, setting in SETTINGS.items()}
    spellings |= {own: own for own in SETTINGS}
    close = get_close_matches(name.lower().replace("-", "_"), spellings, n=1)
    hint = f"Did you mean '{spellings[close[0]]}'?" if close else f"There are {', '.join(SETTINGS)}"
    return f"unknown setting '{name}'", hint


def check_spelling(names: Iterable[str]) -> None:
    """Raise SettingsError for a name that is almost that of a setting. Others may belong to other tools."""
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
    """Return a text as a value of this kind, unchanged if it is none."""
    text = text.strip()
    if kind is Kind.FLAG:
        return _FLAGS.get(text.lower(), text)
    if kind is Kind.PROCESSES:
        return int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text) else text
    if kind is Kind.LIST:
        return [stripped for item in text.split(",") if (stripped := item.strip())]
    if kind is Kind.PATTERNS:
        return _patterns(text)
    return text


def _patterns(text: str) -> list[str]:
    """Return the patterns of paths in a text, split at commas that are outside of brackets and before another pattern.

    So the commas in `/users/{id},{name}`, `a{1,2}` and `[^,/]` stay.
    """
    begins_pattern = re.compile(r"\s*[/*!^]")
    starts, depth = [0], 0
    for position, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0 and begins_pattern.match(text, position + 1):
            starts.append(position + 1)
    pieces = (text[start:end].removesuffix(",") for start, end in zip(starts, [*starts[1:], None], strict=True))
    return [stripped for piece in pieces if (stripped := piece.strip())]


def _unprintable(path: str) -> str | None:
    """Return a character of a path that would have an effect when it is printed, or a byte that is no character.

    The latter (a lone surrogate) comes from a name that is not in the locale's encoding; the cache stores text only.
    """
    if path.isprintable():
        return None
    from unicodedata import category

    # NUL is reported elsewhere: no path has it.
    unusable = [each for each in path if category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") and each != "\0"]
    return next((each for each in unusable if category(each) != "Cs"), unusable[0] if unusable else None)


def _checked(place: _Layer, name: str, setting: Setting, value: object) -> object:
    """Return a value in the type that `Settings` has, if the setting can have it."""
    if setting.kind is Kind.PATH and isinstance(value, str | Path) and (unusable := _unprintable(str(value))):
        hint = "Rename it" if unusable.isascii() else "Rename it, or use a UTF-8 locale"
        raise place.fault(f"{place.named(name)} holds {_shown(unusable)}, which no path here may hold", hint)
    if setting.kind is Kind.PATH and isinstance(value, str | Path):
        return _path(place, name, str(value))
    if setting.kind is Kind.PATTERNS and isinstance(value, str):
        value = [value]
    if setting.kind is Kind.CHOICE:
        if value in setting.choices:
            return value
        raise place.fault(*_not_a_choice(place.named(name), setting, value))
    if setting.kind in (Kind.LIST, Kind.PATTERNS) and _is_list_of_texts(value):
        if setting.empty_is_none and place.where is None:
            value = [item for item in value if item]
        for item in value:
            if setting.items and not re.fullmatch(setting.items.pattern, item):
                raise place.fault(f"in {place.named(name)}, {_shown(item)} is not {setting.items.name}")
        return tuple(value) if setting.kind is Kind.LIST else tuple(item for item in value if item)
    if setting.kind is Kind.PROCESSES and type(value) is int and 1 <= value <= MOST_PROCESSES:  # True is an int as well
        return value
    if setting.kind is Kind.FLAG and isinstance(value, bool):
        return value
    raise place.fault(f"{place.named(name)} must be {setting.kind.value}, and it is {_shown(value)}")


def _is_list_of_texts(value: object) -> TypeGuard[Sequence[str]]:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _not_a_choice(name: str, setting: Setting, value: object) -> tuple[str, str | None]:
    from difflib import get_close_matches

    close = get_close_matches(str(value).lower(), setting.choices, n=1)
    message = f"{name} must be {setting.choices_in_words}, and it is {_shown(value)}"
    return message, f"Did you mean '{close[0]}'?" if close else None


def _path(place: _Layer, name: str, text: str) -> Path | None:
    if not text and name == "spec":
        return None  # not set, rather than wrong
    if not text or "\0" in text:
        raise place.fault(f"{place.named(name)} must be a path, and it is {_shown(text)}")
    if name == "spec" and re.match(ADDRESS_START, text):
        message = f"{place.named(name)} is the address {_shown(text)}, and nothing is ever fetched"
        raise place.fault(message, "Download it first")
    # A shell expands `~` in most places but not after `output_dir=`, and nobody wants a folder of that name.
    return Path(os.path.expanduser(text))  # noqa: PTH111  Path.expanduser raises where there is no such user


def _shown(value: object) -> str:
    """Return a value as its user wrote it, cut if it is long."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _settings(root: Path, name: str | None, layers: Sequence[_Layer]) -> Settings:
    """Return the settings of one document: later layers override earlier ones."""
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
    name = place.names.get("filter", "the 'filter'")
    raise place.fault(f"{name} {_shown(pattern)} is not a regular expression: {problem}")


def _check_folders(found: Sequence[Settings], given: _Layer) -> None:
    """Check that no build writes into the folder of another, or into a cache."""
    folder_name, cache_name = given.named("output_dir"), given.named("cache_dir")
    caches = {_real(settings.cache_dir) for settings in found}
    taken: dict[str, Settings] = {}
    for settings in found:
        folder = _real(settings.output_dir)
        if folder in caches:
            message = f"{folder_name} and {cache_name} are both '{settings.output_dir}'"
            raise SettingsError(message, None, "Give each a folder of its own")
        other = taken.setdefault(folder, settings)
        if other is not settings:
            raise SettingsError(
                f"the documents '{other.name}' and '{settings.name}' both have the {folder_name} "
                f"'{settings.output_dir}', where they would overwrite each other's index.csv",
                None,
                "Give each a folder of its own",
            )


def _real(folder: Path) -> str:
    return os.path.normcase(os.path.realpath(folder))
