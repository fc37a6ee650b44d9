"""The request of a program: the settings by the names that it knows them by, and errors that name them so."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from oas_tasks.errors import DocumentError, FormatError, SettingsError, UserError, notes_collected
from oas_tasks.settings import DEFAULT_CACHE_DIR, SETTINGS, Kind, Settings, load_settings, settings_of
from oas_tasks.settings.table import FilterType, OutputVersion, SliceFormat, SourceFaults, Validation

StrPath = str | os.PathLike[str]

#: The settings that a request calls differently.
_FIELDS = {"spec": "input_file", "filter": "filter_pattern", "format": "output_format", "csv": "generate_csv"}


@dataclass(frozen=True, slots=True)
class BatchExtractionRequest:
    """What to extract, and how. docs/settings.md describes each setting; most have the same name here.

    input_file: the OpenAPI document, YAML or JSON. Relative paths start at the current folder.
    output_dir: where slices and index.csv go. Slices that the request no longer asks for are removed from it (`prune`).
    filter_pattern: only paths that match it, or one of several; `!` in front of a glob excludes what it matches.
    filter_type: `*` of a glob also matches `/`; a regex may match anywhere.
    output_version: the OpenAPI version of the slices; "auto" is the document's own.
    concurrency: how many processes to use, from 1 to 16.
    output_format: of the slices.
    generate_csv: whether to write index.csv.
    html: whether to write index.html, a page to search the endpoints, their components and faults.
    dry_run: write nothing, and return what would come out.
    prune: remove slices that the request no longer asks for. Without it they stay with their rows in index.csv, until
        a later call removes them or asks for them again.
    path, method: extract just this endpoint and leave all others as they are; without `method` the path has just one.
    methods, tags, operation_ids: only endpoints with one of these; they have to pass every filter.
    strict: fail an endpoint if converting it to another version loses something, instead of warning.
    source_faults: what becomes of endpoints in which the document itself has a fault.
    validate: "full" uses openapi-spec-validator as well.
    webhooks: slice webhooks too.
    allow_outside: read referenced files outside of the document's folder.
    drop_extensions, keep_extensions: root `x-` fields to leave out of slices, or to keep.
    volatile: JSON Pointers to places in the root whose change alone makes no slice stale.
    cache_dir: where state is kept between calls. It can be deleted at any time.
    name: what the document is called among those of a project, None where there is just one.
    """

    input_file: StrPath
    output_dir: StrPath = Path("slices")
    filter_pattern: str | Sequence[str] = ()
    filter_type: FilterType = "glob"
    output_version: OutputVersion = "auto"
    concurrency: int = 4
    output_format: SliceFormat = "yaml"
    generate_csv: bool = True
    html: bool = False
    dry_run: bool = False
    prune: bool = True
    path: str | None = None
    method: str | None = None
    methods: Sequence[str] = ()
    tags: Sequence[str] = ()
    operation_ids: Sequence[str] = ()
    strict: bool = False
    source_faults: SourceFaults = "fail"
    validate: Validation = "fast"
    webhooks: bool = False
    allow_outside: bool = False
    drop_extensions: Sequence[str] = ("x-webhooks", "x-tagGroups")
    keep_extensions: Sequence[str] = ()
    volatile: Sequence[str] = ("/info/version", "/info/x-*")
    cache_dir: StrPath = Path(DEFAULT_CACHE_DIR)
    name: str | None = None

    @classmethod
    def from_project(
        cls, project_folder: StrPath = ".", *, input_file: StrPath | None = None, document: str | None = None
    ) -> BatchExtractionRequest:
        """Return a request with the settings of a folder's pyproject.toml, which is read only here.

        `dataclasses.replace` changes single fields.

        input_file: another document than the one that is named there; a relative path starts at the project folder.
        document: which of several documents, by its name.

        Raises UserError where the settings are invalid or name no such document.
        """
        overrides = {} if input_file is None else {"spec": os.fspath(input_file)}
        found = {each.name: each for each in load_settings(Path(project_folder), overrides)}
        if document is None and len(found) == 1:
            (settings,) = found.values()
        elif document in found:
            settings = found[document]
        else:
            names = ", ".join(f"'{name}'" for name in found if name)
            which = "several documents" if document is None else f"no document '{document}'"
            hint = f"Say which with 'document': {names}" if names else None
            raise SettingsError(f"the project has {which}", None, hint)
        given = {_FIELDS.get(name, name): getattr(settings, name) for name in SETTINGS}
        return cls(name=settings.name, **given)


def _plain(value: object, kind: Kind) -> object:
    """Return a field's value as settings have it: a single text is not split at commas."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if kind in (Kind.LIST, Kind.PATTERNS):
        return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Sequence) else value
    return value


#: Every field by the option of `slice-oas` in whose place it stands: `generate_csv=False` for `--no-csv`.
_OPTIONS = {
    each.option: _FIELDS.get(name, name) + ("" if each.switch is None else f"={each.switch!r}")
    for name, each in SETTINGS.items()
}
#: `'csv = false' (--no-csv)`, or an option alone.
_OPTION = re.compile(r"(?:'[\w =]+' \((--[a-z-]+)\))|(?<![\w-])(--[a-z-]+)")
_QUOTED = re.compile(r"(?<=')(?:" + "|".join(_FIELDS) + r")(?=')")


@contextmanager
def fields_named() -> Iterator[None]:
    """Have errors about a request, which the command line shares, name its fields instead of options and settings."""
    try:
        yield
    except (DocumentError, FormatError):  # they quote the document
        raise
    except UserError as error:
        is_of_request = isinstance(error, SettingsError) and error.where is None
        error.message = _in_fields(error.message, is_of_request)
        error.hint = error.hint and _in_fields(error.hint, is_of_request)
        error.args = (error.message, error.where, error.hint)  # what another process gets
        raise


def _in_fields(text: str, with_settings: bool) -> str:
    def named(found: re.Match[str]) -> str:
        field = _OPTIONS.get(found[1] or found[2])
        return found[0] if field is None else f"'{field}'" if found[1] else field

    text = _OPTION.sub(named, text)
    return _QUOTED.sub(lambda found: _FIELDS[found[0]], text, count=1) if with_settings else text


@contextmanager
def call() -> Iterator[list[str]]:
    """Provide the notes of a call from a program, which prints nothing, and whose errors name the request's fields."""
    with notes_collected() as notes, fields_named():
        yield notes


def requested(document: StrPath | BatchExtractionRequest) -> Settings:
    """Return the settings for a document that is given as a file, or with settings. Raises UserError."""
    request = document if isinstance(document, BatchExtractionRequest) else BatchExtractionRequest(document)
    given = {name: getattr(request, _FIELDS.get(name, name)) for name in SETTINGS}
    if not given["spec"]:
        raise SettingsError(f"'input_file' must be a path, and it is {request.input_file!r}")
    return settings_of({name: _plain(value, SETTINGS[name].kind) for name, value in given.items()}, request.name)
