"""What all commands of `slice-oas` share: the options that are settings, and sentences about wrong usage.

The options of a command stand beside it: in its own module, or in `..._options` where that imports much, since shell
completion and `--help` need only the options.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

import click

from oas_tasks.commands.given_settings import GivenSettings, is_file, overrides
from oas_tasks.errors import UserError
from oas_tasks.settings import SETTINGS, Setting

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

if TYPE_CHECKING:
    _TextType = click.ParamType[str]
else:  # it can be subscripted from click 8.4 on
    _TextType = click.ParamType

#: What slices; it is meant where the command line begins with anything but the name of a command.
SLICE = "slice"

#: Options that people try, by what there is instead.
_HABITS = {
    "--all": "--batch",
    "--api": "--input",
    "--dry": "--dry-run",
    "--exclude": "--filter '!/users/*'",
    "--file": "--input",
    "--glob": "--filter",
    "--include": "--filter",
    "--jobs": "--concurrency",
    "--json": "--format json",
    "--no-index": "--no-csv",
    "--out": "--output-dir",
    "--output": "--output-dir",
    "--parallel": "--concurrency",
    "--processes": "--concurrency",
    "--regex": "--filter-type regex",
    "--silent": "--quiet",
    "--verb": "--method",
    "--verbose": "--debug",
    "--workers": "--concurrency",
    "--yaml": "--format yaml",
    "-V": "--version",
    "-i": "--input",
    "-j": "--concurrency",
    "-n": "--concurrency",
    "-o": "--output-dir",
    "-q": "--quiet",
    "-v": "--version",
}


class OneOf(_TextType):
    """The values that an option can have. A wrong one is an error that says which was probably meant."""

    name = "choice"

    def __init__(self, choices: Sequence[str]) -> None:
        self.choices = tuple(choices)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Return how the help shows the values."""
        return f"[{'|'.join(self.choices)}]"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the value. Raises UserError where it is not one of the choices."""
        if value in self.choices:
            return value
        name = param.opts[0] if param is not None else "it"
        listed = " or ".join((", ".join(self.choices[:-1]), self.choices[-1]))
        raise UserError(f"{name} must be {listed}, and it is '{value}'", None, did_you_mean(value, self.choices))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Return the choices that begin like a word."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(each) for each in self.choices if each.startswith(incomplete)]


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return the question whether the most similar known word was meant, None if none is similar."""
    close = nearest(word, known)
    return f"Did you mean {close}?" if close.startswith("-") else f"Did you mean '{close}'?" if close else None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the most similar known word, whatever the case of letters; "" if none is similar."""
    from difflib import get_close_matches

    by_folded = {each.casefold(): each for each in known}
    close = get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[close[0]] if close else ""


#: The headings of the help in their order. Those of settings are in their table.
_HEADINGS = ("Options", "What to slice", "Filters", "Output", "Validation", "Display", "Other settings")

#: The options that most people need, which come first under their headings.
_FIRST = ("--input", "--batch", "--path", "--spec", "--output-dir", "--format", "--filter", "--method", "--tag")


#: The settings whose values a shell can propose. Those that are choices it proposes in any case.
_PROPOSED = (
    *("spec", "output_dir", "cache_dir"),
    *("methods", "filter", "tags", "operation_ids", "output_version"),
)


def proposing(what: str) -> Callable[[click.Context, click.Parameter, str], list[Any]]:
    """Return the function that proposes values of this kind to a shell (`proposals.py`)."""

    def propose(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        from oas_tasks.commands.guidance.proposals import PROPOSALS

        return list(PROPOSALS[what](ctx, incomplete))

    return propose


class GroupedOption(click.Option):
    """An option that the help lists under a heading."""

    def __init__(self, *arguments: Any, heading: str = _HEADINGS[0], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.heading = heading


def option(*names: str, heading: str = _HEADINGS[0], **more: Any) -> Callable[[Decorated], Decorated]:
    """Return a decorator that adds an option under a heading of the help."""
    return click.option(*names, cls=GroupedOption, heading=heading, **more)


def json_option(function: Decorated) -> Decorated:
    """Add the option for output as JSON."""
    return option("--json", "as_json", is_flag=True, help="write JSON, for programs")(function)


def _setting_option(name: str, setting: Setting, is_hidden: bool) -> GroupedOption:
    """Return the option of a setting. Its value is checked with the other settings, which may depend on it."""
    more: dict[str, Any] = {"shell_complete": proposing(name)} if name in _PROPOSED else {}
    if setting.switch is not None:
        more["is_flag"] = True
    elif setting.choices and setting.metavar is None:
        more["type"] = OneOf(setting.choices)
    else:
        more["metavar"] = setting.metavar
        more["multiple"] = setting.repeatable
    return GroupedOption(
        (setting.option, name), heading=setting.heading, help=_help_of(setting), hidden=is_hidden, **more
    )


def _help_of(setting: Setting) -> str:
    """Return the help of a setting's option, with choices and default."""
    if setting.switch is not None:
        return (setting.switch_help or setting.help).replace("`", "'")
    text = setting.help.replace("`", "'")
    if setting.repeatable:
        text += "; repeatable"
    if setting.empty_is_none:
        text += ", '' for none"
    notes = []
    if setting.choices and setting.metavar is not None:
        notes.append(setting.choices_in_words)
    if setting.default:
        default = setting.default
        notes.append(f"default: {', '.join(default) if isinstance(default, tuple) else default}")
    return f"{text} ({'; '.join(notes)})" if notes else text


class PlainCommand(click.Command):
    """A command whose usage errors are sentences of this tool, and whose help has headings and examples.

    examples: command lines for the end of the help, each with what it does.
    words_help: what to do where a word that it needs is missing.
    """

    def __init__(
        self, *arguments: Any, examples: Sequence[tuple[str, str]] = (), words_help: str = "", **more: Any
    ) -> None:
        more.setdefault("context_settings", {})
        more["context_settings"] |= {"help_option_names": ["-h", "--help"], "allow_extra_args": True}
        super().__init__(*arguments, **more)
        self.examples = tuple(examples)
        self.words_help = words_help

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line of this command. Raises UserError."""
        if ctx.resilient_parsing:  # for shell completion, of the value of the last option if it needs one
            return super().parse_args(ctx, args[:-1] if self.takes_value().get("".join(args[-1:])) else args)
        self._check_values(args)
        try:
            rest = super().parse_args(ctx, list(args))
        except click.UsageError as error:
            raise self._wrong_usage(error, ctx) from None
        if rest:
            raise self.superfluous(rest, ctx)
        return rest

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option that shows the help, under a heading."""
        found = super().get_help_option(ctx)
        return found and GroupedOption(
            found.opts,
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=found.callback,
            heading="Display",
            help="show this help",
        )

    def options(self, ctx: click.Context) -> Iterator[GroupedOption]:
        """Yield the options that the help shows, in its order."""
        found = [each for each in self.get_params(ctx) if isinstance(each, GroupedOption) and not each.hidden]
        for heading in _HEADINGS:
            ranks = {each: number for number, each in enumerate(_FIRST)}
            yield from sorted(
                (each for each in found if each.heading == heading),
                key=lambda each: ranks.get(each.opts[0], len(ranks)),
            )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under their headings, and the examples."""
        for heading, options in groupby(self.options(ctx), key=lambda each: each.heading):
            rows = [record for each in options if (record := each.get_help_record(ctx)) is not None]
            with formatter.section(heading):
                formatter.write_dl(rows)
        if self.examples:
            with formatter.section("Examples"):
                for number, (line, meaning) in enumerate(self.examples):
                    if number:
                        formatter.write_paragraph()
                    formatter.write_text(f"{meaning[:1].upper()}{meaning[1:]}:")
                    formatter.write(f"{'':>{formatter.current_indent + 2}}{line}\n")

    def takes_value(self) -> dict[str, bool]:
        """Return whether an option takes a value, by each of its names."""
        found = dict.fromkeys(("-h", "--help"), False)
        for each in self.params:
            if isinstance(each, click.Option):
                found |= dict.fromkeys(each.opts, not each.is_flag)
        return found

    def _check_values(self, args: Sequence[str]) -> None:
        """Check that each option has its value: the next option is none."""
        takes_value = self.takes_value()
        number = 0
        while number < len(args) and args[number] != "--":
            word = args[number]
            number += 1
            if not takes_value.get(word, False):
                continue
            following = args[number] if number < len(args) else "--"
            if following == "--" or following.partition("=")[0] in takes_value:
                found = next(each for each in self.params if word in each.opts)
                metavar = found.metavar or "VALUE"
                if isinstance(found.type, OneOf):
                    metavar = found.type.get_metavar(found)
                raise UserError(f"{word} needs a value", None, f"Write {word} {metavar}")
            number += 1

    def _wrong_usage(self, error: click.UsageError, ctx: click.Context) -> UserError:
        """Return click's error in the words of this tool."""
        match error:
            case click.NoSuchOption():
                return UserError(f"there is no option {error.option_name}", None, self._meant(error.option_name, ctx))
            case click.MissingParameter(param=click.Parameter() as param):
                what = (param.name or "").upper() if isinstance(param, click.Argument) else param.opts[0]
                return UserError(f"{called(ctx)} needs {what}", None, self.words_help or _see_help(ctx))
            case click.BadOptionUsage():
                is_flag = not self.takes_value().get(error.option_name, True)
                if is_flag:
                    return UserError(f"{error.option_name} takes no value", None, f"Write {error.option_name} alone")
                return UserError(f"{error.option_name} needs a value", None, _see_help(ctx))
            case click.BadParameter(param=click.Parameter() as param):
                return UserError(f"{param.opts[0]}: {error.message.rstrip('.')}")
        return UserError(error.format_message().rstrip("."), None, _see_help(ctx))

    def _meant(self, name: str, ctx: click.Context) -> str:
        """Return what to write instead of an option that does not exist."""
        own = {each: each for shown in self.options(ctx) for each in shown.opts}
        habit = _HABITS.get(name, "")
        if habit.partition(" ")[0] in own:
            return f"Did you mean {habit}?"
        spelt = {each.replace("_", "-"): setting.option for each, setting in SETTINGS.items() if setting.option in own}
        spelt |= {each.lstrip("-"): each for each in own if each.startswith("--")}
        close = nearest(name.lstrip("-").replace("_", "-"), spelt) if name.startswith("--") else ""
        return f"Did you mean {spelt[close]}?" if close else _see_help(ctx)

    def superfluous(self, words: Sequence[str], ctx: click.Context) -> UserError:
        """Return the error for words that mean nothing here."""
        listed = " ".join(f"'{word}'" for word in words)
        hint = _see_help(ctx)
        if any(is_file(word) for word in words):
            hint = "Name one document at a time. 'slice-oas help documents' says how to have several"
            if ctx.params.get("filter"):  # a shell made names of files out of a pattern
                hint = "Put patterns such as '/users/*' in quotes"
        return UserError(f"{called(ctx)} has no use for {listed}", None, hint)


class SettingsCommand(PlainCommand):
    """A command that takes settings as options; its function gets them as `given`.

    unused: settings that mean nothing to it. Their options are accepted, since scripts may have them, but not shown.
    """

    def __init__(self, *arguments: Any, unused: Collection[str] = (), **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.params += [_setting_option(name, each, name in unused) for name, each in SETTINGS.items()]
        self.params.append(
            GroupedOption(
                ("--spec", "spec_names"),
                metavar="NAME",
                multiple=True,
                shell_complete=proposing("spec_names"),
                heading=SETTINGS["spec"].heading,
                help="which of several documents in pyproject.toml, by its name; repeatable",
            )
        )
        self.params.append(
            GroupedOption(
                ("--debug",),
                is_flag=True,
                expose_value=False,
                heading="Display",
                help="show internals when something goes wrong",
            )
        )

    def invoke(self, ctx: click.Context) -> Any:
        """Call the function of this command with its own options and the settings that were given."""
        given = GivenSettings(overrides(ctx.params), tuple(ctx.params.pop("spec_names")))
        own = {name: value for name, value in ctx.params.items() if name not in SETTINGS}
        assert self.callback is not None
        return ctx.invoke(self.callback, given=given, **own)


class ListedCommands(click.Group):
    """Commands that are listed without being imported."""

    def help_line(self, name: str) -> str:
        """Return what a command does, in one line without a full stop."""
        raise NotImplementedError


def listed_commands(ctx: click.Context) -> dict[str, str]:
    """Return what each command does that can be called in the place of the present one, by its name."""
    group = ctx.parent.command if ctx.parent is not None else None
    return (
        {each: group.help_line(each) for each in group.list_commands(ctx)} if isinstance(group, ListedCommands) else {}
    )


def called(ctx: click.Context) -> str:
    """Return how a command is called: `slice-oas list`, and just `slice-oas` for slicing."""
    return ctx.command_path.removesuffix(f" {SLICE}")


def _see_help(ctx: click.Context) -> str:
    return f"'{called(ctx)} --help' shows what there is"
