"""Defines what the conversion of one value needs to know about the rest of the document; the caller supplies it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from oas_tasks.formats import Value
from oas_tasks.openapi.binary import DATA, Role
from oas_tasks.openapi.pointer import decode


@dataclass(frozen=True, slots=True)
class OneWay:
    """The direction of a named schema or of its properties: in responses only ("readOnly") or in requests only
    ("writeOnly").

    itself: the fields that are set for the schema as a whole.
    properties: those that are set for its properties, by name.
    """

    itself: frozenset[str] = frozenset()
    properties: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Facts about the document that the conversion of a value depends on and cannot see in the value.

    loosened: the names of the component schemas that accept more after the conversion. A `not` or `oneOf` over one
    would reject what it accepted, and so is loosened as well.
    scheme_types: the type of each security scheme, by name; nothing is known about others.
    querystrings: parameters in `querystring` (3.2) among the components, by their names there: the values themselves.
    one_way: the component schemas with read-only or write-only parts, by name.
    role: the role of the value, if it is a schema.
    roles: the roles of component schemas by name, if the value contains them; others describe data.
    """

    loosened: frozenset[str] = frozenset()
    scheme_types: Mapping[str, str] = field(default_factory=dict)
    querystrings: Mapping[str, Value] = field(default_factory=dict)
    one_way: Mapping[str, OneWay] = field(default_factory=dict)
    role: Role = DATA
    roles: Mapping[str, Role] = field(default_factory=dict)

    def is_loosened(self, reference: object) -> bool:
        """Whether a reference leads to a schema that accepts more after the conversion, or into one."""
        return bool(self.loosened) and schema_named(reference) in self.loosened


def schema_named(reference: object) -> str | None:
    """Return the name of the component schema that a reference leads to or into, None where it leads elsewhere."""
    return component_named("schemas", reference)


def component_named(section: str, reference: object) -> str | None:
    """Return the name of the component of a section that a reference leads to or into, None where to another."""
    if not isinstance(reference, str) or not reference.startswith(f"#/components/{section}/"):
        return None
    tokens = decode(reference[1:])
    return tokens[2] if tokens is not None and len(tokens) > 2 else None


def with_users(found: Iterable[str], users: Mapping[str, Set[str]]) -> frozenset[str]:
    """Return some schemas and all that refer to one of them, directly or through others.

    users: for every schema, the schemas that refer to it.
    """
    known = set(found)
    pending = list(known)
    while pending:
        new = users.get(pending.pop(), frozenset()) - known
        known |= new
        pending += new
    return frozenset(known)
