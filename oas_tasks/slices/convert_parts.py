"""Converts the parts of slices to another version, each once for each way that it is filled.

The conversion itself, of a single value, is `openapi/conversion`. What needs the rest of the document is done before:
`cut.py` has inlined what the target version cannot refer to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from oas_tasks.document.edited import Change, Renamed, Tokens, edited
from oas_tasks.document.place import SECURITY, TAGS
from oas_tasks.document.root import Entry
from oas_tasks.formats import Value
from oas_tasks.openapi.binary import DATA, Role
from oas_tasks.openapi.conversion import ConvertedValue as OfOne
from oas_tasks.openapi.conversion import (
    Loss,
    OneWay,
    Surroundings,
    convert,
    one_way_schemas,
    with_users,
)
from oas_tasks.openapi.model import Family, FieldType, Model, model_of
from oas_tasks.openapi.pointer import decode, encode
from oas_tasks.openapi.references import Via, connections
from oas_tasks.parts.part import MOVED, Part, Target, component_id, field_of
from oas_tasks.parts.placeholders import AnyPointer, FixedPointer, MovedSchemeName, PartPointer, may_be_ambiguous
from oas_tasks.slices.fill import Fill, Filling, Loosened

#: 3.0.3 made clear what `nullable` means.
_AMBIGUOUS_VERSIONS = frozenset({"3.0.0", "3.0.1", "3.0.2"})


class Converted(NamedTuple):
    """A piece of a slice in the slice's version.

    written: the piece before the conversion.
    losses: with their places in `written`.
    lost: the targets to which the conversion removed all references.
    """

    value: Value
    written: Value
    losses: tuple[Loss, ...]
    lost: frozenset[Target]


@dataclass(slots=True)
class Conversion:
    """The conversion of one document's pieces.

    source, target: the models of the document and of its slices.
    around: what the conversion of a piece has to know about the document's own components.
    loosened: the ids of the schemas that accept more after the conversion, moved ones included.
    users: the ids of the schemas that refer to each schema.
    alone: schemas converted without knowledge of loosened ones, by id; final for those that are not loosened.
    scheme_types: the type of each security scheme by its id, moved ones included.
    querystrings: the parameters in `querystring` by their ids, moved ones and aliases included.
    one_way: the properties of schemas that only requests or only responses have, by id, moved schemas included.
    version: the document's `openapi`.
    """

    source: Model
    target: Model
    around: Surroundings
    loosened: frozenset[str]
    users: Mapping[str, Set[str]]
    alone: Mapping[str, OfOne]
    scheme_types: Mapping[str, str]
    querystrings: Mapping[str, Value]
    one_way: Mapping[str, OneWay]
    version: Value
    _known: dict[tuple[str, tuple[Fill, ...]], Converted] = field(default_factory=dict)

    @classmethod
    def of(cls, entry: Entry, target: Family, shared: Mapping[str, Part]) -> Conversion:
        """Return the conversion of a document to another version.

        shared: its parts but the endpoints', by id.
        """
        types: dict[str, str] = {}
        querystrings: dict[str, Value] = {}
        for part in shared.values():
            if part.section in ("securitySchemes", "parameters"):
                place = entry.resolver.end_of_references(part.place, entry.model.component_kinds[part.section])
                found_there = None if place is None else entry.resolver.value(place)
                end = found_there if isinstance(found_there, dict) else {}
                if part.section == "securitySchemes" and isinstance(end.get("type"), str):
                    types[part.id] = str(end["type"])
                elif part.section == "parameters" and end.get("in") == "querystring":
                    querystrings[part.id] = end
        names = {shared[part_id].name: each for part_id, each in types.items() if not shared[part_id].moved}
        alone: dict[str, OfOne] = {}
        loosened: frozenset[str] = frozenset()
        users: Mapping[str, Set[str]] = {}
        one_way: Mapping[str, OneWay] = {}
        schemas = [part for part in shared.values() if part.section == "schemas"]
        if "3.0" in (entry.model.family, target):
            uses = ((part.id, use.tokens, use.part_id) for part in schemas for use in part.uses if use.is_whole)
            values = {part.id: part.value for part in schemas}
            one_way = one_way_schemas(values, uses, entry.model.schema_ref_is_keyword)
        one_way_by_name = {shared[part_id].name: e for part_id, e in one_way.items() if not shared[part_id].moved}
        if target == "3.0":
            holds = field_of("schemas")
            known = Surroundings(one_way={**one_way, **one_way_by_name})
            alone = {
                part.id: convert(entry.model.family, target, holds, _by_plain_references(part), known)
                for part in schemas
            }
            found = {part_id for part_id, made in alone.items() if made.loosens}
            if found or any(part.dynamic_anchors for part in schemas):
                users = _users(entry.model, schemas)
                loosened = with_users(found, users)
        own = frozenset(shared[part_id].name for part_id in loosened if not shared[part_id].moved)
        version = entry.root.get("openapi")
        by_name = {shared[part_id].name: each for part_id, each in querystrings.items() if not shared[part_id].moved}
        around = Surroundings(own, names, by_name, one_way_by_name)
        model = model_of(target)
        return cls(entry.model, model, around, loosened, users, alone, types, querystrings, one_way, version)

    def converted(self, part: Part, fills: tuple[Fill, ...], written: Value) -> Converted:
        """Return a part in the target's version.

        fills: what its placeholders are filled with. written: its value, so filled.
        """
        key = (part.id, fills)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self.anew(part, fills, written)
        return known

    def anew(self, part: Part, fills: tuple[Fill, ...], written: Value) -> Converted:
        """Return a part in the target's version, always converted anew."""
        holds = field_of(part.section)
        around = self._around(part, fills)
        known = self.alone.get(part.id)
        is_alone = written is part.value and part.id not in self.loosened and around.role == DATA
        has_keys = any(isinstance(each, AnyPointer) and each.key for each in part.placeholders)
        if known is not None and is_alone and not has_keys and not _loosened_by(fills):
            made = known
        else:
            made = convert(self.source.family, self.target.family, holds, written, around)
        is_clear = self.version not in _AMBIGUOUS_VERSIONS
        losses = tuple(loss for loss in made.losses if not (is_clear and loss.kind == "ambiguous"))
        lost: frozenset[Target] = frozenset()
        leaves_out = made.drops or (made.moves and self.target.family < self.source.family)
        # Before 3.2 a tag loses its `parent`, but the parent stays in the slice.
        if leaves_out and part.section != TAGS:
            dropped = frozenset(_dynamic_targets(part, fills))
            lost = (_targets(self.source, holds, written) | dropped) - _targets(self.target, holds, made.value)
        return Converted(made.value, written, losses, lost)

    def gives(self, part: Part, fills: tuple[Fill, ...], written: Value, value: Value) -> bool:
        """Whether a value is what the conversion makes of a part.

        The conversion depends on nothing else, so that an earlier result for the same piece will do.
        """
        known = self._known.get((part.id, fills))
        if known is None or not is_same(known.written, written):
            known = self.anew(part, fills, written)
        return is_same(known.value, value)

    def loosened_in(self, parts: Sequence[Part], filling: Filling) -> Set[str]:
        """Return the names of the schemas that accept more in one slice because a `$dynamicRef` is ambiguous there.

        parts: those of the slice that have placeholders.
        """
        found = {
            part.id for part in parts if any(may_be_ambiguous(each, filling.ambiguous) for each in part.placeholders)
        }
        names = {part.id: part.name for part in parts if not part.moved} | dict(filling.names)
        every = with_users(found, self.users)
        others = {name for part_id, name in filling.names.items() if part_id not in every}
        return {names.get(part_id) or _name_in(part_id) for part_id in every} - others

    def _around(self, part: Part, fills: tuple[Fill, ...]) -> Surroundings:
        """Return what the conversion of a part has to know about the components of a slice, by their names there."""
        loosened: set[str] = set(_loosened_by(fills))
        types: dict[str, str] = {}
        querystrings: dict[str, Value] = {}
        one_way: dict[str, OneWay] = {}
        role = DATA
        own = self.around.loosened
        for placeholder, fill in zip(part.placeholders, fills, strict=False):
            if isinstance(placeholder, PartPointer):
                part_id = placeholder.part_id
                pointer = fill.value if isinstance(fill, Renamed) else fill
                tokens = decode(pointer[1:]) if isinstance(pointer, str) else None
                name = tokens[-1] if tokens else ""
                if part_id in self.one_way:
                    one_way[name] = self.one_way[part_id]
                elif name in self.around.one_way and tokens and tokens[1] == "schemas":  # as `own` below
                    one_way[name] = OneWay()
                if part_id in self.loosened:
                    loosened.add(name)
                elif part_id in self.querystrings:
                    querystrings[name] = self.querystrings[part_id]
                elif name in own:  # of a component that the slice does not have
                    own = own - {name}
            elif isinstance(placeholder, MovedSchemeName) and isinstance(fill, Renamed):
                if placeholder.part_id in self.scheme_types:
                    types[fill.key] = self.scheme_types[placeholder.part_id]
            elif isinstance(fill, Role):
                role = fill
        found = (loosened, types, querystrings, one_way)
        if not any(found) and role == DATA and own is self.around.loosened:
            return self.around
        return replace(
            self.around,
            role=role,
            loosened=own | loosened,
            scheme_types={**self.around.scheme_types, **types},
            querystrings={**self.around.querystrings, **querystrings},
            one_way={**self.around.one_way, **one_way},
        )


def _name_in(part_id: str) -> str:
    """Return the name of one of the document's own components by its part's id."""
    return (decode(f"/{part_id}") or ("",))[-1]


def _by_plain_references(part: Part) -> Value:
    """Return a part in which `$dynamicRef`s are plain references, as in slices where no anchor is ambiguous.

    References to moved parts, whose names are not known yet, are to their ids.
    """
    changes: dict[Tokens, Change] = {}
    for each in part.placeholders:
        if not isinstance(each, AnyPointer):
            continue
        pointer = each.pointer if isinstance(each, FixedPointer) else encode(("components", "schemas", each.part_id))
        if each.key:
            changes[each.tokens] = Renamed(each.key, pointer)
        elif each.tokens[-1:] == ("$ref",):
            changes[each.tokens] = pointer
    return edited(part.value, changes)


def _dynamic_targets(part: Part, fills: tuple[Fill, ...]) -> Iterator[Target]:
    """Yield the targets of `$dynamicRef`s that the conversion removes, where nothing else in the part leads there."""
    pointers = [
        (each, fill) for each, fill in zip(part.placeholders, fills, strict=False) if isinstance(each, AnyPointer)
    ]
    filled = {each.part_id for each, fill in pointers if isinstance(each, PartPointer) and fill is not None}
    for each, fill in pointers:
        if not each.anchor or fill is not None:
            continue
        if isinstance(each, PartPointer):
            if each.part_id not in filled:
                yield MOVED, each.part_id
        else:
            tokens = decode(each.pointer[1:])
            if tokens is not None and tokens[:1] == ("components",):
                yield tokens[1], tokens[2]


def _loosened_by(fills: tuple[Fill, ...]) -> frozenset[str]:
    """Return the names of the schemas that accept more in the slice of these fills."""
    return next((fill.names for fill in fills if isinstance(fill, Loosened)), frozenset())


def _users(source: Model, schemas: Sequence[Part]) -> dict[str, set[str]]:
    """Return, by the id of each schema, the ids of those that refer to it or into it."""
    holds = field_of("schemas")
    users: dict[str, set[str]] = {}
    for part in schemas:
        targets = [
            each.part_id if isinstance(each, PartPointer) else each.pointer
            for each in part.placeholders
            if isinstance(each, AnyPointer) and each.tokens[-1:] in (("$ref",), ("$dynamicRef",))
        ]
        targets += [each.target for each in connections(source, holds, part.value).found if each.via is Via.REFERENCE]
        for written in targets:
            tokens = decode(written[1:]) if written.startswith("#") else None
            used = component_id(tokens[1], tokens[2]) if tokens is not None and len(tokens) > 2 else written
            users.setdefault(used, set()).add(part.id)
    return users


def is_same(left: Value, right: Value) -> bool:
    """Whether two values are equal with the order of their keys and the types of their scalars."""
    if left is right:
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(is_same(member, right[key]) for key, member in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(is_same, left, right))
    return type(left) is type(right) and left == right


_NAMED = {Via.SECURITY: "securitySchemes", Via.MAPPING: "schemas", Via.TAG: TAGS}


def _targets(model: Model, holds: FieldType, value: Value) -> frozenset[Target]:
    """Return the targets of the references in a piece of a slice."""
    found = connections(model, holds, value)
    targets: set[Target] = {(SECURITY, "")} if found.inherits_security else set()
    for connection in found.found:
        tokens = decode(connection.target[1:]) if connection.target.startswith("#") else None
        if tokens is not None and tokens[:1] == ("components",) and len(tokens) > 2:
            targets.add((tokens[1], tokens[2]))
        elif connection.via in _NAMED:
            targets.add((_NAMED[connection.via], connection.target))
    return frozenset(targets)
