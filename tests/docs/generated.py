"""Generates docs/command-line.md from the options of the commands.

`python -m tests.docs.generated` renews it, and with it the picture of a terminal in the README and what is generated
from the table of settings. A test checks that they are up to date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from itertools import groupby

import click

from oas_tasks.cli import COMMANDS
from oas_tasks.commands import slice_options
from oas_tasks.commands.command_line import GroupedOption, SettingsCommand
from oas_tasks.settings import SETTINGS
from tests.docs.pages import DOCS

PAGE = DOCS / "command-line.md"

#: The part of the page that is generated, between its two comments.
_GENERATED = re.compile(r"(?<=<!-- generated -->\n).*(?=<!-- end -->)", re.DOTALL)

#: The options that every command has, which stand on top of the page.
_COMMON = ("--debug", "--help", "--spec")


def command_line() -> str:
    """Return the sections about all commands, in Markdown."""
    own = slice_options.command
    sections = [_section("slice-oas", "slice-oas [DOCUMENT]", own, _settings_of(own))]
    for name, entry in COMMANDS.items():
        command: click.Command = import_module(f"oas_tasks.commands.{entry.module}").command
        words = "".join(
            f" {'[' * (not each.required)}{(each.name or '').upper()}{']' * (not each.required)}"
            f"{' ...' * (each.nargs != 1)}"
            for each in command.params
            if isinstance(each, click.Argument)
        )
        summary = f"{entry.help[:1].upper()}{entry.help[1:]}."
        text = _section(f"slice-oas {name}", f"slice-oas {name}{words}", command, _settings_of(command), summary)
        sections.append(text)
    return "\n".join([_overview(), *sections])


def _overview() -> str:
    """Return the table of all commands."""
    rows = [
        f"| [`{name}`](#slice-oas-{name}) | {_cell(_plain(each.help[:1].upper() + each.help[1:]))} |"
        for name, each in COMMANDS.items()
    ]
    return "\n".join(["## Commands\n", "| command | what it does |", "|---|---|", *rows, ""])


def _settings_of(command: click.Command) -> str:
    """Return the line about the settings that a command takes as options."""
    if not isinstance(command, SettingsCommand):
        return ""
    found = [each.opts[0] for each in _shown(command) if each.name in SETTINGS]
    missing = [each.option for each in SETTINGS.values() if each.option not in found]
    if not missing:
        return "It takes all [settings](settings.md) as options.\n"
    if len(missing) < len(found):
        return f"It takes the [settings](settings.md) as options, all but {_listed(missing)}.\n"
    return f"Of the [settings](settings.md) it takes {_listed(found)}.\n"


def _listed(options: Sequence[str]) -> str:
    quoted = [f"`{each}`" for each in options]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _shown(command: click.Command) -> Iterator[click.Option]:
    """Yield the options that the help of a command shows."""
    yield from (each for each in command.params if isinstance(each, click.Option) and not each.hidden)


def _section(title: str, usage: str, command: click.Command, settings: str, summary: str = "") -> str:
    """Return the section about a command."""
    context = click.Context(command, info_name=title)
    own = [each for each in _shown(command) if each.name not in SETTINGS and each.opts[0] not in _COMMON]
    lines = [f"## {title}\n", summary or _plain((command.help or "").partition("\n")[0]), f"\n`{usage} [OPTIONS]`\n"]
    if own:
        lines += ["| option | meaning |", "|---|---|", *_rows(own, context), ""]
    if settings:
        lines.append(settings)
    examples: Iterable[tuple[str, str]] = getattr(command, "examples", ())
    if examples:
        lines += ["```text", *(f"{line}\n    {meaning}" for line, meaning in examples), "```\n"]
    return "\n".join(lines)


def _rows(options: Sequence[click.Option], context: click.Context) -> Iterator[str]:
    """Yield the rows about options, under the headings of the help."""
    headings = [each.heading if isinstance(each, GroupedOption) else "" for each in options]
    ordered = sorted(zip(headings, options, strict=True), key=lambda each: headings.index(each[0]))
    for _, group in groupby(ordered, key=lambda each: each[0]):
        for _, each in group:
            record = each.get_help_record(context)
            assert record is not None
            names, meaning = record
            yield f"| `{_cell(names)}` | {_cell(_plain(f'{meaning[:1].upper()}{meaning[1:]}.'))} |"


def _plain(text: str) -> str:
    """Return a text of the help as Markdown."""
    code = r"(?<!\w)'([^']*[ /][^']*)'|(?<![\w`])(--[a-z][a-z-]*(?![\w-]))"
    return re.sub(code, lambda found: f"`{found[1] or found[2]}`", text).replace("<", "\\<")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def written_page(page: str) -> str:
    """Return the page with its generated part renewed."""
    renewed, count = _GENERATED.subn(lambda _: f"\n{command_line()}", page)
    assert count == 1, "the page has a generated part"
    return renewed


if __name__ == "__main__":
    from tests.docs.picture import renew_picture
    from tests.settings.generated import renew

    PAGE.write_text(written_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    renew()
    renew_picture()
