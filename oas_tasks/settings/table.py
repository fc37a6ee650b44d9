"""Defines every setting once: its name, type, default, choices and help, and its option of `slice-oas`.

The options, doit's variables, the checks, the table in docs/settings.md and the JSON schema for editors come from here.
After a change, `python -m tests.settings.generated` renews the last two.
"""

# ruff: noqa: RUF009  the calls in the dataclass below make its fields

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

#: Where doit's state goes while the settings are wrong.
DEFAULT_CACHE_DIR = ".oas_tasks"

#: More processes than this cost more than they bring.
MOST_PROCESSES = 16


class Kind(Enum):
    """The kinds of values of settings, in the words of the message for a wrong value."""

    PATH = "a path in quotes"
    CHOICE = "one of its choices"
    LIST = "a list of texts in quotes, such as ['a', 'b']"
    PATTERNS = "text in quotes, or a list of such texts"
    PROCESSES = f"a whole number from 1 to {MOST_PROCESSES}"
    FLAG = "true or false"


class Form(NamedTuple):
    """The form of a text.

    pattern: a regular expression for the whole text, which Python and ECMA-262 read alike.
    name: the name of such a text in messages.
    """

    pattern: str
    name: str


class Setting(NamedTuple):
    """One setting.

    default: of the type in `Settings`; None if the setting has to be given.
    help: one line without a full stop, with code in backticks. It is also the option's help.
    option: its option of `slice-oas`. An option for a list can be repeated.
    metavar: the placeholder of its value in the help; None if the choices are shown, and for a switch.
    switch, switch_help: the value that an option without one sets, and its help if it differs from `help`.
    choices: all values of a CHOICE.
    items: the form of each text in a LIST.
    empty_is_none: for a LIST: an empty text on the command line stands for an empty list.
    heading: the part of the help that its option belongs to.
    more: further sentences for docs/settings.md and for editors.
    """

    kind: Kind
    default: object
    help: str
    option: str
    metavar: str | None = None
    switch: object = None
    switch_help: str = ""
    choices: tuple[str, ...] = ()
    items: Form | None = None
    empty_is_none: bool = False
    heading: str = "Other settings"
    more: str = ""

    @property
    def repeatable(self) -> bool:
        """Whether its option can be given several times."""
        return self.kind in (Kind.LIST, Kind.PATTERNS)

    @property
    def choices_in_words(self) -> str:
        """The choices as a sentence has them: `fast or full`."""
        return " or ".join((", ".join(self.choices[:-1]), self.choices[-1]))

    def field(self) -> Any:
        """Return the dataclass field of this setting. The type checker sees only its annotation."""
        if self.default is None:
            return field(metadata={"setting": self})
        return field(default=self.default, metadata={"setting": self})


# A token (RFC 9110, section 9.1).
_METHOD = Form(r"[A-Za-z0-9!#$%&'*+.^_`|~\-]+", "a method, such as GET")
_EXTENSION = Form(r"x-[^\n]+", "an extension, whose name begins with x-")
# The other root fields belong to endpoints. A slice does not show a tag's place in the list.
_ROOT_POINTER = Form(
    r"/(?!(?:openapi|paths|webhooks|components|security)(?![^/])|tags/[0-9])"
    r"(?:[^/~*]|~[01])+\*?(?:/(?:(?:[^/~*]|~[01])+\*?|\*))*",
    "a JSON Pointer into a root field that says nothing of an endpoint, such as /info/version or /info/x-*",
)

#: The beginning of an address, which `spec` cannot be. At least two letters: `C:/` is a Windows drive.
ADDRESS_START = r"[A-Za-z][A-Za-z0-9+.\-]+:/"

#: Characters that the name of a document cannot have: doit takes `=` for a variable, `:` for the end of a group's name,
#: and the others for patterns.
UNUSABLE_IN_NAMES = "=:*?[]"

#: The choices of settings.
SliceFormat = Literal["yaml", "json"]
OutputVersion = Literal["auto", "3.0.x", "3.1.x", "3.2.x"]
FilterType = Literal["glob", "regex"]
SourceFaults = Literal["fail", "warn"]
Validation = Literal["fast", "full"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one document, in the order of the options and of docs/settings.md.

    name: what the document is called in task names; None unless it stands under `[[tool.oas_tasks.specs]]`.
    spec, output_dir, cache_dir: as the user wrote them, relative to the current folder.
    """

    name: str | None
    spec: Path = Setting(
        Kind.PATH,
        None,
        "the OpenAPI document, YAML or JSON",
        "--input",
        "FILE",
        heading="What to slice",
    ).field()
    output_dir: Path = Setting(
        Kind.PATH,
        Path("slices"),
        "where slices and index.csv go",
        "--output-dir",
        "DIR",
        heading="Output",
        more="Slices that the settings no longer ask for are removed from it.",
    ).field()
    methods: tuple[str, ...] = Setting(
        Kind.LIST,
        (),
        "only these methods",
        "--method",
        "METHOD",
        items=_METHOD,
        heading="Filters",
        more="Case does not matter.",
    ).field()
    filter: tuple[str, ...] = Setting(
        Kind.PATTERNS,
        (),
        "only paths that match a pattern, such as `/users/*`; `!` in front of a glob excludes what it matches",
        "--filter",
        "PATTERN",
        heading="Filters",
        more="As a doit variable, with commas between patterns: `doit filter='/users/*,!/users/me'`.",
    ).field()
    filter_type: FilterType = Setting(
        Kind.CHOICE,
        "glob",
        "how to read the patterns: as a `glob`, whose `*` also matches `/`, or as a `regex`, which may match anywhere",
        "--filter-type",
        choices=get_args(FilterType),
        heading="Filters",
    ).field()
    tags: tuple[str, ...] = Setting(
        Kind.LIST,
        (),
        "only endpoints with one of these tags",
        "--tag",
        "TAG",
        heading="Filters",
    ).field()
    operation_ids: tuple[str, ...] = Setting(
        Kind.LIST,
        (),
        "only endpoints with one of these operationIds",
        "--operation-id",
        "ID",
        heading="Filters",
    ).field()
    format: SliceFormat = Setting(
        Kind.CHOICE,
        "yaml",
        "the format of the slices",
        "--format",
        choices=get_args(SliceFormat),
        heading="Output",
    ).field()
    output_version: OutputVersion = Setting(
        Kind.CHOICE,
        "auto",
        "the OpenAPI version of the slices; `auto` is the document's own",
        "--output-version",
        "VERSION",
        choices=get_args(OutputVersion),
        heading="Output",
    ).field()
    concurrency: int = Setting(
        Kind.PROCESSES,
        4,
        f"how many processes to use, from 1 to {MOST_PROCESSES}",
        "--concurrency",
        "N",
        more="With doit, its own option `-n` says this.",
    ).field()
    csv: bool = Setting(
        Kind.FLAG,
        True,
        "write index.csv",
        "--no-csv",
        switch=False,
        switch_help="write no index.csv",
        heading="Output",
    ).field()
    html: bool = Setting(
        Kind.FLAG,
        False,
        "write index.html as well, a page to search the endpoints, their components and faults",
        "--html",
        switch=True,
        more="`slice-oas report` writes the same at any time, with what changed since a git revision.",
        heading="Output",
    ).field()
    strict: bool = Setting(
        Kind.FLAG,
        False,
        "fail an endpoint if converting it to another OpenAPI version loses something, instead of warning",
        "--strict",
        switch=True,
        heading="Validation",
    ).field()
    source_faults: SourceFaults = Setting(
        Kind.CHOICE,
        "fail",
        "what to do with endpoints in which the document itself has a fault: `fail` them, or slice them and `warn`",
        "--lenient",
        switch="warn",
        switch_help="slice endpoints in which the document itself has a fault, and warn",
        choices=get_args(SourceFaults),
        heading="Validation",
        more="A reference to nothing fails them in any case.",
    ).field()
    validate: Validation = Setting(
        Kind.CHOICE,
        "fast",
        "how slices are validated; `full` uses openapi-spec-validator as well",
        "--full",
        switch="full",
        switch_help="validate slices with openapi-spec-validator as well",
        choices=get_args(Validation),
        heading="Validation",
    ).field()
    webhooks: bool = Setting(
        Kind.FLAG,
        False,
        "slice webhooks too",
        "--webhooks",
        switch=True,
        heading="What to slice",
        more="Each operation of a webhook gets a slice.",
    ).field()
    allow_outside: bool = Setting(
        Kind.FLAG,
        False,
        "read referenced files outside of the document's folder",
        "--allow-outside",
        switch=True,
        more="Nothing is ever fetched.",
    ).field()
    # Those that are dropped by default list other endpoints, so every slice would change with each of them.
    drop_extensions: tuple[str, ...] = Setting(
        Kind.LIST,
        ("x-webhooks", "x-tagGroups"),
        "leave these root `x-` fields out of slices",
        "--drop-extension",
        "NAME",
        items=_EXTENSION,
        heading="Output",
    ).field()
    keep_extensions: tuple[str, ...] = Setting(
        Kind.LIST,
        (),
        "keep these root `x-` fields, which would be left out otherwise",
        "--keep-extension",
        "NAME",
        items=_EXTENSION,
        heading="Output",
        more="Left out are those in `drop_extensions`, and any that name other endpoints or are larger than the rest "
        "of the root.",
    ).field()
    volatile: tuple[str, ...] = Setting(
        Kind.LIST,
        ("/info/version", "/info/x-*"),
        "places in the root whose change alone makes no slice stale, as JSON Pointers",
        "--volatile",
        "POINTER",
        items=_ROOT_POINTER,
        empty_is_none=True,
    ).field()
    cache_dir: Path = Setting(
        Kind.PATH,
        Path(DEFAULT_CACHE_DIR),
        "where state is kept between runs",
        "--cache-dir",
        "DIR",
        more="It can be deleted at any time.",
    ).field()


#: Every setting by its name in pyproject.toml, which is also the name of doit's variable.
SETTINGS: Mapping[str, Setting] = {
    each.name: each.metadata["setting"] for each in fields(Settings) if "setting" in each.metadata
}
