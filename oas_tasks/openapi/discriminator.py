"""Recognises discriminators that list no alternates: the schemas that build on their base through `allOf` are these.

Source: 3.0.4 "Conditions for Using the Discriminator Object". `references.py` finds the names in mappings.
"""

from __future__ import annotations

from collections.abc import Iterator

from oas_tasks.formats import Value


def is_base_of_children(schema: Value) -> bool:
    """Whether a schema has a discriminator that makes the schemas built on it through `allOf` its alternates.

    The form with oneOf or anyOf lists all alternates itself. Source: 3.0.4 "Conditions for Using the
    Discriminator Object".
    """
    return any(lists_no_alternates(own) for own, _ in _all_of_levels(schema))


def lists_no_alternates(schema: dict[str, Value]) -> bool:
    """Whether a schema has a discriminator and neither of the keywords that list its alternates."""
    return isinstance(schema.get("discriminator"), dict) and "oneOf" not in schema and "anyOf" not in schema


def built_on(schema: Value) -> tuple[str, ...]:
    """Return the references through which a schema builds on others by `allOf`, inline levels included."""
    return tuple(target for _, references in _all_of_levels(schema) for target in references)


def renames(schema: Value) -> str | None:
    """Return the reference that is all a schema says of itself, None where it says more."""
    target = schema.get("$ref") if isinstance(schema, dict) else None
    return target if isinstance(target, str) else None


def _all_of_levels(schema: Value) -> Iterator[tuple[dict[str, Value], list[str]]]:
    """Yield a schema and the inline members of its `allOf`, each with the references that its own `allOf` holds."""
    pending = [schema]
    while pending:
        level = pending.pop()
        if not isinstance(level, dict):
            continue
        members = level.get("allOf")
        references: list[str] = []
        for member in members if isinstance(members, list) else ():
            target = member.get("$ref") if isinstance(member, dict) else None
            if isinstance(target, str):
                references.append(target)
            else:
                pending.append(member)
        yield level, references
