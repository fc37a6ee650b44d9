"""Finds out which pointers lead in a slice to the same as in the document, and so can stay as they are.

A target inside a component or inside an endpoint's own operation stays where it is; any other is moved or inlined. So
is one below an `x-` field, an example, a default or an unknown keyword, where the walk sees no object: only the
reference makes a Schema of it, and what it refers to has to come along.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TypeGuard

from oas_tasks.document.place import ENDPOINT_FIELDS, ENTRY, PATHS, Place
from oas_tasks.document.root import Entry
from oas_tasks.formats import Value
from oas_tasks.openapi.model import FieldType, Model
from oas_tasks.openapi.pointer import MISSING, resolve
from oas_tasks.openapi.walk import kind_reached

#: Root fields that no slice has as a whole: they are cut into parts, or dropped.
CUT_FIELDS = frozenset({"paths", "components", "tags", "security", "webhooks", "$self"})


class StablePointers:
    """Which places of one document are the same places in its slices.

    target: the model of the slices.
    dropped: the root extensions that slices do not have.
    with_webhooks: there are slices of webhooks too.
    """

    def __init__(self, entry: Entry, target: Model, dropped: Set[str], with_webhooks: bool) -> None:
        self._entry = entry
        self._model = entry.model
        self._target = target
        self._dropped = dropped
        self._with_webhooks = with_webhooks
        self._converts = target.family != entry.model.family
        self._operation_fields = {n for n, f in entry.model.types["PathItem"].fields.items() if f.holds == "Operation"}
        self._known: dict[tuple[tuple[str, ...], str], bool] = {}

    def is_kind(self, kind: str) -> bool:
        """Whether the document and its slices have components of a kind, by their field."""
        return kind in self._model.component_kinds and kind in self._target.component_kinds

    def is_in_component(self, tokens: tuple[str, ...] | None) -> TypeGuard[tuple[str, ...]]:
        """Whether a place in the entry document is a component of a kind that slices have, or in one."""
        return tokens is not None and tokens[:1] == ("components",) and len(tokens) > 2 and self.is_kind(tokens[1])

    def in_component(self, tokens: tuple[str, ...], expects: str) -> bool:
        """Whether a pointer to or into a component still leads to an object of the type that is expected there.

        expects: the object type, or "extension" where any value will do.
        """
        if len(tokens) == 3:
            return True
        known = self._known.get((tokens, expects))
        value: Value = resolve(self._entry.root, tokens[:3])  # type: ignore[assignment]  # it was found
        if known is None:
            kind = self._model.component_kinds[tokens[1]]
            known = self._known[tokens, expects] = self._leads_on(kind, value, tokens[3:], expects)
        return known

    def in_own(self, section: str, value: Value, inside: tuple[str, ...], expects: str) -> bool:
        """Whether a pointer into an endpoint's own part still leads to an object of the type that is expected there.

        value: the part's. inside: the tokens below its root field, `section`.
        """
        if resolve(value, inside) is MISSING:
            return False
        if self._converts:
            is_inside = bool(inside) and isinstance(value, dict)
            return is_inside and self._leads_on("PathItem", value[inside[0]], inside[1:], expects)  # type: ignore[call-overload,index]
        holds = FieldType("Paths", "one", False) if section == PATHS else FieldType("PathItem", "map", False)
        return expects == "extension" or kind_reached(self._model, holds, value, inside) == expects

    def _leads_on(self, kind: str, value: Value, tokens: tuple[str, ...], expects: str) -> bool:
        if expects != "extension" and kind_reached(self._model, FieldType(kind, "one", True), value, tokens) != expects:
            return False
        if not self._converts:
            return True
        from oas_tasks.openapi.conversion import stays  # a quarter of all code, and seldom used

        return stays(self._model.family, self._target.family, kind, value, tokens)

    def is_for_extension(self, place: Place, source: Place | None) -> bool:
        """Whether the `$ref` of an `x-` field stays: every slice that has it has its target in the same place.

        place: of the target. source: of the reference, where that stands in its slice where it stands in the document.
        """
        tokens = self._entry.aliased(place)
        if self.is_in_component(tokens):
            return self.in_component(tokens, "extension")
        if place[0] != ENTRY:
            return False
        tokens = place[1]
        if not tokens:
            return True  # all of the document, which is the slice there
        if tokens == (PATHS,):
            is_own = source is not None and source[0] == ENTRY and source[1][:1] == (PATHS,)
            return is_own or not self._with_webhooks  # whose slices have none
        if self._converts:
            return False
        if tokens[0] in ENDPOINT_FIELDS:
            if len(tokens) < 3 or source is None or source[0] != ENTRY or source[1][:2] != tokens[:2]:
                return False
            operation = self._operation(tokens)
            return not operation or operation == self._operation(source[1])
        return tokens[0] not in CUT_FIELDS and tokens[0] not in self._dropped

    def _operation(self, tokens: tuple[str, ...]) -> tuple[str, ...]:
        """Return which operation of its path item a place is in, () where it is in none."""
        if len(tokens) < 3 or tokens[2] not in self._operation_fields:
            return ()
        return tokens[2:3] if self._model.types["PathItem"].fields[tokens[2]].container == "one" else tokens[2:4]
