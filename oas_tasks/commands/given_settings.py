"""The settings that are given on a command line: by options, by the name of a document, or by its file alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oas_tasks.errors import UserError
from oas_tasks.settings import SETTINGS, Settings, load_settings
from oas_tasks.settings.table import ADDRESS_START

#: The name of a document's file, as far as one can tell without looking.
_DOCUMENT = re.compile(r"[^\n]*\.(?:ya?ml|json)", re.IGNORECASE)


@dataclass
class GivenSettings:
    """The settings that were given to a command, and how.

    overrides: their values by setting.
    spec_names: which of the documents in pyproject.toml are meant, by name; none for all.
    typed: how a setting was given if not by its option.
    """

    overrides: dict[str, object] = field(default_factory=dict)
    spec_names: tuple[str, ...] = ()
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> Mapping[str, str]:
        """What messages call each setting that was given."""
        return {name: SETTINGS[name].option for name in self.overrides} | self.typed

    def load(self) -> tuple[Settings, ...]:
        """Return the settings of each document. Raises UserError."""
        return load_settings(Path.cwd(), self.overrides, names=self.names, only=self.spec_names)

    def take_document(self, file: str | None) -> None:
        """Take a document that was given without an option, if one was. Raises UserError where there is another one."""
        if file is None:
            return
        if "spec" in self.overrides:
            message = f"the document is given twice: '{file}', and --input '{self.overrides['spec']}'"
            raise UserError(message, None, "Leave out one of them")
        self.overrides["spec"] = file
        self.typed["spec"] = "the document"

    def document_first(self, words: Sequence[str], needed: str = "") -> list[str]:
        """Take the document that stands in front of other words, if one does, and return the others. Raises UserError.

        needed: what to do where there are no others; "" where none are needed.
        """
        found = list(words)
        if found and "spec" not in self.overrides and is_document(found[0]):
            if needed and len(found) == 1 and is_file(found[0]):
                raise UserError(f"'{found[0]}' is a document, and what is asked about it is missing", None, needed)
            if len(found) > bool(needed):
                self.take_document(found.pop(0))
        return found


def is_document(word: str) -> bool:
    """Whether a word on the command line stands for a document's file: it exists, or it is called like one."""
    if not word or word in "-." or word.startswith("!"):
        return False
    if re.match(ADDRESS_START, word) or (not word.startswith("/") and _DOCUMENT.fullmatch(word) and " /" not in word):
        return True
    return is_file(word)


def is_file(word: str) -> bool:
    """Whether there is a file of this name."""
    try:
        return Path(word).is_file()
    except (OSError, ValueError):  # too long, or with a zero byte
        return False


def overrides(parameters: Mapping[str, Any]) -> dict[str, object]:
    """Return the values of the settings that were given as options."""
    found: dict[str, object] = {}
    for name, setting in SETTINGS.items():
        value = parameters.get(name)
        if value is None or value is False or value == ():
            continue
        if setting.switch is not None:
            found[name] = setting.switch
        elif name == "methods":  # no method has a comma
            found[name] = [method.strip() for text in value for method in text.split(",") if method.strip()]
        else:
            found[name] = list(value) if setting.repeatable else value
    return found
