"""Writes a call of `slice-oas` as a command line, quoted for the shell that the user probably has."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence

from oas_tasks.settings import SETTINGS

#: What no shell of Windows gives a meaning. PowerShell has one for commas, braces and blanks.
_PLAIN_ON_WINDOWS = re.compile(r"[\w./:\\+=-]+")


def equivalent_command(
    overrides: Mapping[str, object], spec_names: Sequence[str], selection: Mapping[str, Sequence[str]]
) -> str:
    """Return the command line that has these settings and asks nothing.

    overrides: values by setting.
    spec_names: the documents of pyproject.toml that are meant, none for all.
    selection: options that are no settings, with their values; none for a switch.
    """
    given = dict(overrides)
    words = ["slice-oas", *_option("spec", given.pop("spec", None))]
    for name in spec_names:
        words += _with_value("--spec", name)
    words += _option("output_dir", given.pop("output_dir", None))
    for option, values in selection.items():
        words += [word for value in values for word in _with_value(option, value)] if values else [option]
    for name in SETTINGS:
        words += _option(name, given.get(name))
    return quoted(words)


def _option(name: str, value: object) -> Iterator[str]:
    """Yield the words that give a setting a value, none where there is no value."""
    setting = SETTINGS[name]
    if value is None:
        return
    if setting.switch is not None:
        yield setting.option
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _with_value(setting.option, str(each))
    else:
        yield from _with_value(setting.option, str(value))


def _with_value(option: str, value: str) -> list[str]:
    return [f"{option}={value}"] if value.startswith("-") else [option, value]


def quoted(words: Sequence[str]) -> str:
    """Return words as a line for the shell: cmd and PowerShell alike on Windows, but for Git Bash; sh elsewhere."""
    if sys.platform == "win32" and "MSYSTEM" not in os.environ:
        return " ".join(map(_for_windows, words))
    return " ".join(map(_for_sh, words))


def _for_sh(word: str) -> str:
    if word.isprintable():
        return shlex.quote(word)
    # Bash, zsh and ksh know this form; nothing in it can reach the terminal as a control character.
    escaped = "".join(each if each.isprintable() and each not in "\\'" else _bytes(each) for each in word)
    return f"$'{escaped}'"


def _bytes(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def _for_windows(word: str) -> str:
    if _PLAIN_ON_WINDOWS.fullmatch(word):
        return word
    # As the C runtime reads it: backslashes count only in front of a quote.
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', word)
    return '"' + re.sub(r"(\\+)\Z", r"\1\1", escaped) + '"'
