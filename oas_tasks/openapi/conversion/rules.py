"""Defines conversion rules, and the spot that they are applied to.

The rules themselves stand in the modules of their subjects, each beside the section of the specification that it
comes from; `convert.py` has the table of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from oas_tasks.formats import Value
from oas_tasks.openapi.binary import Role
from oas_tasks.openapi.conversion.context import Surroundings
from oas_tasks.openapi.conversion.losses import Journal, Loss, LossKind
from oas_tasks.openapi.model import FieldType
from oas_tasks.openapi.pointer import Path, tokens_of

Fields = dict[str, Value]


class Spot:
    """An object while it is converted.

    fields: the result so far, in which everything inside is in the target's version already. Never changed in
    place, since it may be the source's own.
    source: the object as it was read.
    path: its place.
    root: the type of the whole value that is converted.
    role_at: returns the role of the schema at a place of that value.
    """

    __slots__ = ("around", "fields", "journal", "path", "role_at", "root", "source")

    def __init__(
        self,
        fields: Fields,
        source: Fields,
        path: Path,
        root: FieldType,
        journal: Journal,
        around: Surroundings,
        role_at: Callable[[Path], Role],
    ) -> None:
        self.fields = fields
        self.source = source
        self.path = path
        self.root = root
        self.journal = journal
        self.around = around
        self.role_at = role_at

    @property
    def role(self) -> Role:
        """The role of the schema."""
        return self.role_at(self.path)

    def drop(self, *names: str) -> None:
        """Remove fields."""
        self.fields = {name: value for name, value in self.fields.items() if name not in names}

    def put(self, name: str, value: Value) -> None:
        """Set a field: in its place, or at the end."""
        self.fields = {**self.fields, name: value}

    def replace(self, name: str, new: Fields) -> None:
        """Replace a field by others, which win over fields of the same names."""
        made: Fields = {}
        for each, value in self.fields.items():
            if each == name:
                made.update(new)
            elif each not in new:
                made[each] = value
        self.fields = made

    def require(self, assertion: Fields) -> None:
        """Add keywords that must hold as well, as a member of `allOf` if one of them is taken."""
        if self.fields.keys().isdisjoint(assertion):
            self.fields = {**self.fields, **assertion}
            return
        members = self.fields.get("allOf")
        self.put("allOf", [*(members if isinstance(members, list) else ()), assertion])

    def lose(self, name: str, what: str, became: str, kind: LossKind = "lossy", stays: bool = False) -> None:
        """Note that a field of the source is lost, in whole or in part."""
        self.journal.lose(Loss((*tokens_of(self.path), name), what, became, kind, stays))

    def drop_lost(self, name: str, what: str, kind: LossKind = "lossy") -> None:
        """Remove a field with the losses inside of it, and note the loss."""
        self.forget(name)
        self.lose(name, what, "dropped", kind)

    def set_aside(self, name: str, what: str, kind: LossKind = "lossy") -> None:
        """Keep a field of the source under an `x-` name, which tools ignore, and note the loss."""
        aside = aside_name(name)
        if aside in self.fields:
            self.drop_lost(name, what, kind)
            return
        value = self.source.get(name, self.fields[name])
        self.replace(name, {aside: value})
        self.forget(name)
        self.lose(name, what, f"kept as '{aside}'", kind)

    def forget(self, name: str) -> None:
        """Remove a field, and the losses noted inside of it: nothing in the document needs it."""
        self.drop(name)
        self.journal.forget((*tokens_of(self.path), name))

    def is_loosened(self, name: str) -> bool:
        """Whether a field's value accepts more after the conversion than it did in the source."""
        return bool(self.journal.loosened) and self.journal.is_loosened((*tokens_of(self.path), name))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: how one aspect of objects of one kind is converted.

    kind: the object type, "Schema".
    fields: it is applied to objects that have one of these fields; None means every object.
    apply: changes the object at a spot.
    source: the section of the specification that it comes from.
    """

    kind: str
    fields: frozenset[str] | None
    apply: Callable[[Spot], None]
    source: str


def rule(kind: str, fields: Iterable[str] | None, apply: Callable[[Spot], None], source: str) -> Rule:
    """Make a rule."""
    return Rule(kind, None if fields is None else frozenset(fields), apply, source)


def aside_name(name: str) -> str:
    """Return the `x-` name under which a field is kept that the target does not have."""
    return "x-" + name.lstrip("$")
