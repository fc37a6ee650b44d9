"""The questions that `slice-oas` asks on a terminal where something is missing.

Nothing is asked that options or pyproject.toml say. Where pyproject.toml names the document, its other settings have
their defaults on purpose, so that only the endpoints are asked for. An answer is checked at once, and asked for again
with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from oas_tasks.commands.asking.endpoint_answers import LIST, EndpointAnswer, EndpointAnswers
from oas_tasks.commands.asking.prompts import Line, Prompts, say
from oas_tasks.commands.asking.typed_path import completed_paths, typed_path
from oas_tasks.commands.given_settings import GivenSettings
from oas_tasks.document.foreign_documents import documents_in
from oas_tasks.errors import SettingsError, UserError
from oas_tasks.plan.filters import filters_of
from oas_tasks.settings import SETTINGS, MissingSpec, Settings
from oas_tasks.settings.table import ADDRESS_START, MOST_PROCESSES

if TYPE_CHECKING:
    from oas_tasks.plan.plan import Endpoint
    from oas_tasks.queries.offered import OfferedDocument

_Answer = TypeVar("_Answer")

#: How many documents of this folder, and endpoints of an answer, are named.
_NAMED = 4

#: A document of at least so many bytes takes a moment to read.
_LARGE = 500_000


@dataclass
class Asked:
    """What is asked for: by options at first, and completely after the questions.

    given: the settings.
    endpoints: the endpoints that are asked for, by name; none for all.
    is_settled: nothing has to be asked about endpoints.
    is_preview: nothing is going to be written.
    """

    given: GivenSettings
    endpoints: tuple[str, ...]
    is_settled: bool
    is_preview: bool

    def settings(self, **more: object) -> tuple[Settings, ...]:
        """Return the settings of each document, with some more given. Raises UserError."""
        return replace(self.given, overrides={**self.given.overrides, **more}).load()


def complete(asked: Asked, prompts: Prompts, configured: Collection[str]) -> str:
    """Ask for all that is missing and return what is going to be done, in plain words.

    configured: the settings that pyproject.toml has.

    Raises UserError where options or pyproject.toml are wrong, and NothingDone.
    """
    documents = _documents(asked, prompts)
    settings = documents[0].settings
    known = {*asked.given.overrides, *configured}
    known |= {name for name, each in SETTINGS.items() if getattr(settings, name) != each.default}
    is_new = "spec" in asked.given.overrides
    if is_new and "output_dir" not in known:
        _take(asked, "output_dir", _folder(asked, prompts, documents))
    what = "" if asked.is_settled else _endpoints(asked, prompts, documents)
    if is_new and not asked.is_preview:
        _form(asked, prompts, documents[0], known)
    if not asked.is_preview:
        for document, settings in zip(documents, asked.settings(), strict=True):
            document.hand_on(settings)
    return _summary(asked, what)


def _take(asked: Asked, name: str, value: object) -> None:
    """Take the value of a setting, unless it is the default anyway."""
    if value != SETTINGS[name].default and value != str(SETTINGS[name].default):
        asked.given.overrides[name] = value


def _until_right(prompts: Prompts, line: Line, read: Callable[[str], _Answer]) -> _Answer:
    """Return what an answer means; ask again, with the reason, as long as that is an error."""
    while True:
        try:
            return read(prompts.line(line))
        except UserError as error:
            sentence = str(error) + ("" if str(error).endswith((".", "?", "!")) else ".")
            say(sentence if error.where is not None else sentence[:1].upper() + sentence[1:])


# --- the document ---------------------------------------------------------------------------------------------------


def _documents(asked: Asked, prompts: Prompts) -> list[OfferedDocument]:
    """Return the documents to slice, after asking for one where none is named, and which where several are."""
    try:
        found = asked.settings()
    except MissingSpec:
        return [_document(asked, prompts)]
    names = [each.name for each in found if each.name]
    if len(names) > 1 and not asked.given.spec_names:
        choices = {"*": f"all {len(names)}"} | {each.name: f"{each.name}: {each.spec}" for each in found if each.name}
        chosen = prompts.choose("Which document?", choices)
        asked.given.spec_names = () if chosen == "*" else (chosen,)
        found = asked.settings()
    return [_offered(each) for each in found]


def _document(asked: Asked, prompts: Prompts) -> OfferedDocument:
    here = [str(file) for file in documents_in(Path()) if str(file).isprintable()]
    listed = ", ".join(here[:_NAMED]) + (f" and {len(here) - _NAMED:,} more" if len(here) > _NAMED else "")
    say("Which OpenAPI document do you want to slice?" + (f" Found here: {listed}." if here else ""))

    def completed(text: str) -> Sequence[str]:
        return here if not text and here else completed_paths(text, lambda file: _is_like_a_document(file.name))

    def read(text: str) -> OfferedDocument:
        path = typed_path(text)
        if not path:
            hint = f"Found here: {listed}" if here else "For example openapi.yaml; Tab completes names"
            raise UserError("type the name of a file", None, hint)
        if re.match(ADDRESS_START, path):
            raise UserError("nothing is ever fetched", None, "Download the document, and type the name of the file")
        (settings,) = asked.settings(spec=path)
        return _offered(settings)

    found = _until_right(prompts, Line("Document", here[0] if len(here) == 1 else "", completed), read)
    asked.given.overrides["spec"] = str(found.settings.spec)
    return found


def _is_like_a_document(name: str) -> bool:
    return name.lower().endswith((".yaml", ".yml", ".json"))


def _offered(settings: Settings) -> OfferedDocument:
    from oas_tasks.queries.offered import offered_document

    try:
        is_large = settings.spec.stat().st_size >= _LARGE
    except OSError:
        is_large = False  # the reading says what is wrong
    if is_large:
        say(f"Reading {settings.spec}...")
    return offered_document(settings)


# --- the folder -----------------------------------------------------------------------------------------------------


def _folder(asked: Asked, prompts: Prompts, documents: Sequence[OfferedDocument]) -> str:
    def read(text: str) -> str:
        folder = typed_path(text)
        if not folder:
            raise UserError("type the name of a folder; it need not exist")
        try:
            asked.settings(output_dir=folder)
            for document in documents:
                document.check_folder(Path(folder))
        except UserError as error:
            raise UserError(error.message, error.where, "Type another folder") from None
        return folder

    line = Line(
        "Folder for the slices", str(SETTINGS["output_dir"].default), lambda text: completed_paths(text, _never)
    )
    return _until_right(prompts, line, read)


def _never(file: Path) -> bool:
    return False


# --- the endpoints --------------------------------------------------------------------------------------------------


def _endpoints(asked: Asked, prompts: Prompts, documents: Sequence[OfferedDocument]) -> str:
    """Ask which endpoints to slice and return them in words."""
    endpoints: list[tuple[Settings, Endpoint]] = [(d.settings, each) for d in documents for each in d.endpoints]
    answers = EndpointAnswers(endpoints)
    total = len(endpoints)
    filtered = any(filters_of(document.settings) for document in documents)
    say(f"Which endpoints? There are {total:,}{' that the filters let through' if filtered else ''}.")
    if total > 1:
        say(f"Type a path, a pattern such as {answers.example}, a tag, or {LIST[0]} to pick from a list.")
    line = Line("Endpoints", "all", answers.complete, answers.comment, LIST[0])

    def read(text: str) -> EndpointAnswer:
        found = answers.read(text)
        if found.list_of is None:
            return found
        numbers = prompts.pick("Pick endpoints", answers.labels, found.list_of)
        if not numbers:
            raise UserError("no endpoint is picked", None, "Enter takes all of them")
        return EndpointAnswer(numbers)

    found = _until_right(prompts, line, read)
    if found.is_all or (len(found.numbers) == total and not found.filters):
        return f"all {total:,} endpoints" if total > 1 else answers.labels[0]
    if found.filters and not any(getattr(d.settings, name) for d in documents for name in found.filters):
        asked.given.overrides |= {name: list(values) for name, values in found.filters.items()}
    else:  # a filter that is given already would let through more
        asked.endpoints = tuple(answers.labels[number] for number in found.numbers)
    names = [answers.labels[number] for number in found.numbers]
    if len(names) == 1:
        return names[0]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{len(names):,} of {total:,} endpoints ({', '.join(names[:_NAMED])}{more})"


# --- the form of the slices, and the work ---------------------------------------------------------------------------


def _form(asked: Asked, prompts: Prompts, document: OfferedDocument, known: Collection[str]) -> None:
    """Ask for version, format and the number of processes, and take what is not the default."""
    versions = {value: value for value in SETTINGS["output_version"].choices}
    versions["auto"] = f"auto, as in the document ({document.planned.plan.family})"
    formats = {"yaml": "yaml", "json": "json"}
    for name, label, choices in (
        ("output_version", "OpenAPI version of the slices", versions),
        ("format", "Format of the slices", formats),
    ):
        if name not in known:
            _take(asked, name, prompts.choose(label, choices))
    if "concurrency" not in known:
        line = Line(f"How many processes, 1 to {MOST_PROCESSES}", str(SETTINGS["concurrency"].default))
        _take(asked, "concurrency", _until_right(prompts, line, lambda text: _processes(asked, text)))


def _processes(asked: Asked, text: str) -> int:
    try:
        return asked.settings(concurrency=text)[0].concurrency
    except SettingsError:
        raise UserError(f"type a whole number from 1 to {MOST_PROCESSES}") from None


def _summary(asked: Asked, what: str) -> str:
    """Return what is going to be done, in plain words."""
    found = asked.settings()
    first = found[0]
    folders = ", ".join(str(each.output_dir) for each in found)
    documents = ", ".join(str(each.spec) for each in found)
    of_what = f"{what} of {documents}" if what else documents
    version = "its own version" if first.output_version == "auto" else f"OpenAPI {first.output_version}"
    processes = "1 process" if first.concurrency == 1 else f"{first.concurrency} processes"
    doing = "Previewing slices of" if asked.is_preview else "Slicing"
    return f"{doing} {of_what} into {folders}: {first.format.upper()}, {version}, {processes}."
