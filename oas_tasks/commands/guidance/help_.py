"""`slice-oas help`: the help of the tool, of a command, or on a topic."""

from __future__ import annotations

from typing import Any

import click

from oas_tasks.commands.command_line import SLICE, PlainCommand, did_you_mean, listed_commands
from oas_tasks.commands.exit_codes import ALL_BUILT
from oas_tasks.commands.guidance.topics import TOPICS, Topic
from oas_tasks.errors import UserError


def _topic(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return the topic that is asked for. Raises UserError where there is no such topic."""
    known = (*listed_commands(ctx), *TOPICS, SLICE)
    if value is None or value in known or ctx.resilient_parsing:
        return value
    hint = did_you_mean(value, known) or f"There are {', '.join(TOPICS)}, and the commands"
    raise UserError(f"there is no help on '{value}'", None, hint)


def _proposed(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Return what a shell proposes: commands and topics."""
    from click.shell_completion import CompletionItem

    known = listed_commands(ctx) | {name: topic.help for name, topic in TOPICS.items()}
    return [CompletionItem(name, help=text) for name, text in known.items() if name.startswith(incomplete)]


@click.command(cls=PlainCommand)
@click.argument("topic", required=False, callback=_topic, shell_complete=_proposed)
@click.pass_context
def command(ctx: click.Context, topic: str | None) -> int:
    """Show the help on a command or a topic."""
    if topic is not None and topic in TOPICS:
        click.echo(_shown(ctx, topic, TOPICS[topic]))
        return ALL_BUILT
    group = ctx.parent.command if ctx.parent is not None else None
    assert isinstance(group, click.Group)
    found = group.get_command(ctx, topic or SLICE)
    assert found is not None
    with click.Context(found, info_name=found.name, parent=ctx.parent, **found.context_settings) as inner:
        click.echo(found.get_help(inner))
    return ALL_BUILT


def _shown(ctx: click.Context, name: str, topic: Topic) -> str:
    formatter = ctx.make_formatter()
    formatter.write_text(f"{name}: {topic.help}.")
    for paragraph in topic.text:
        formatter.write_paragraph()
        formatter.write_text(paragraph)
    if topic.rows:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_dl(list(topic.rows))
    if topic.examples:
        formatter.write_paragraph()
        for line in topic.examples:
            formatter.write(f"  {line}\n")
    return formatter.getvalue().rstrip("\n")
