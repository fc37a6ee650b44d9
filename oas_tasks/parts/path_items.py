"""Path Items with the targets of their `$ref` inlined.

Source: "Path Item Object", `$ref`. A field on both sides is undefined there; here the one beside the `$ref` wins.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from oas_tasks.document.edited import Tokens
from oas_tasks.document.place import Place
from oas_tasks.document.resolver import Broken
from oas_tasks.document.trace import Read, reads_along
from oas_tasks.formats import Value
from oas_tasks.openapi.model import FieldType
from oas_tasks.parts.inline import Inlined, Inliner, Pointed, fault_at, merged

_PATH_ITEM = FieldType("PathItem", "one", False)

#: How many Path Items one can be made of, each overriding the next. More are a mistake of the document.
_MOST = 32


class _Skipped(NamedTuple):
    """The end of a chain of Path Items that are nothing but references: the first one that is more, or leads nowhere.

    length: how many references there are to it.
    """

    place: Place
    reads: Collection[Read]
    length: int


class PathItems:
    """The Path Items of one document."""

    def __init__(self, inliner: Inliner) -> None:
        self._inliner = inliner
        self._trace = inliner.resolver.sources.trace
        #: Many chains may end alike, so each is followed once.
        self._skipped: dict[Place, _Skipped] = {}

    def whole(self, written: Value, place: Place) -> Inlined:
        """Return a Path Item with the target of its `$ref` inlined. place: where it stands."""
        local = self._inliner.local(_PATH_ITEM, written, place, leaves_own=True)
        seen = {place}
        #: What is inlined as a whole, though fields beside the `$ref` may override some of it.
        wholes: list[tuple[Tokens, Place]] = []
        written = local.value if isinstance(local.value, dict) else {}
        beside: list[tuple[Tokens, Place]] = [((key,), (place[0], (*place[1], key))) for key in written]
        while isinstance(local.value, dict) and isinstance(local.value.get("$ref"), str):
            reference = _reference(local)
            if reference is None:
                break
            rest = [p for p in local.pointed if p is not reference]
            target = self._target(reference)
            if isinstance(target, Broken) or target in seen or len(seen) > _MOST:
                faults = [*local.faults, (("$ref",), fault_at(_reason(reference, target, seen), reference.source))]
                return replace(local, pointed=rest, faults=faults, inlined=wholes + local.inlined)
            seen.add(target)
            inner = self._inliner.local(
                _PATH_ITEM, self._value(target), target, frozenset({place, target}), leaves_own=True
            )
            hidden = local.value.keys() - {"$ref"}
            shown = [key for key in inner.value if key not in hidden] if isinstance(inner.value, dict) else []
            local = Inlined(
                merged(inner.value, local.value),
                [p for p in inner.pointed if p.tokens[0] not in hidden] + rest,
                [each for each in inner.operations if each[0][0] not in hidden] + local.operations,
                local.faults + inner.faults,
                [((key,), (target[0], (*target[1], key))) for key in shown]
                + (local.inlined if wholes else beside + local.inlined)
                + [(at, source) for at, source in inner.inlined if at[0] not in hidden],
                local.names,
                local.foreign_names + [at for at in (*inner.names, *inner.foreign_names) if at[0] not in hidden],
            )
            wholes.append(((), target))
        return replace(local, inlined=wholes + local.inlined) if wholes else local

    def _value(self, place: Place) -> Value:
        return self._inliner.resolver.value(place)  # type: ignore[return-value]  # it was found

    def _target(self, reference: Pointed) -> Place | Broken:
        """Return the Path Item that a reference leads to, without those that are nothing but references."""
        place = self._inliner.place_of(reference.connection, reference.base)
        if isinstance(place, Broken):
            return place
        steps: dict[Place, Collection[Read]] = {}
        following: Place | None = place
        while following is not None and following not in steps and following not in self._skipped:
            place = following
            self._trace.begin()
            following = self._onward(place)
            steps[place] = self._trace.end()
        end = None if following is None else self._skipped.get(following)
        if end is None:
            end = _Skipped(place, (), -1)
        else:
            self._trace.note_all(end.reads)
        for each in reversed(steps):
            end = _Skipped(end.place, reads_along(steps[each], end.reads, end.length + 1), end.length + 1)
            self._skipped[each] = end
        return end.place

    def _onward(self, place: Place) -> Place | None:
        """Return where a Path Item leads that is nothing but a reference; None where it is more, or leads nowhere."""
        value = self._value(place)
        if not isinstance(value, dict) or value.keys() != {"$ref"} or not isinstance(value["$ref"], str):
            return None
        reference = _reference(self._inliner.local(_PATH_ITEM, value, place, leaves_own=True))
        target = None if reference is None else self._inliner.place_of(reference.connection, reference.base)
        return target if isinstance(target, tuple) and not isinstance(target, Broken) else None


def _reference(local: Inlined) -> Pointed | None:
    return next((each for each in local.pointed if each.tokens == ("$ref",)), None)


def _reason(reference: Pointed, target: Place | Broken, seen: Collection[Place]) -> str:
    if isinstance(target, Broken):
        return target.reason
    if target in seen:
        return f"'{reference.connection.target}' leads back to itself"
    return f"'{reference.connection.target}' is one of more than {_MOST} references in a row, which are too many"
