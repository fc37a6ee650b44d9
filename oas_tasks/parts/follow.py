"""Follows the references of a part, and returns the parts that they need and what a slice has to fill in for them.

A target inside a component or inside the endpoint's own operation stays where it is; any other is moved.
"""

from __future__ import annotations

import re
from collections import deque
from pathlib import PurePosixPath
from typing import NamedTuple

from oas_tasks.document.files import plain
from oas_tasks.document.place import ENDPOINT_FIELDS, ENTRY, TAGS, Place
from oas_tasks.document.resolver import Broken
from oas_tasks.document.root import Entry
from oas_tasks.openapi.model import Model
from oas_tasks.openapi.pointer import MISSING, decode, encode, readable, resolve
from oas_tasks.openapi.references import Connection, Via
from oas_tasks.parts.inline import Inlined, Pointed
from oas_tasks.parts.operations import Operations
from oas_tasks.parts.part import component_id
from oas_tasks.parts.placeholders import (
    AbsoluteUri,
    AnchorName,
    FixedPointer,
    LinkById,
    LinkByReference,
    LinkReference,
    MovedSchemeName,
    PartPointer,
    Placeholder,
    SchemeName,
)
from oas_tasks.parts.stable_pointers import StablePointers


class Owner(NamedTuple):
    """The part that a reference is in.

    place: where it stands in the sources. local: its value.
    """

    part_id: str
    section: str
    place: Place
    local: Inlined

    def is_around(self, place: Place) -> bool:
        """Whether a place is inside of it. False for an endpoint's own part."""
        return (
            self.section not in ENDPOINT_FIELDS
            and plain(place[0]) == plain(self.place[0])
            and place[1][: len(self.place[1])] == self.place[1]
        )


class Followed(NamedTuple):
    """What a reference leads to.

    part_ids: the parts that it needs; none where its target is in its own part.
    placeholders: what a slice has to fill in for it; none where it stays as it is.
    fault: why it cannot be followed, "" where it can.
    """

    part_ids: tuple[str, ...] = ()
    placeholders: tuple[Placeholder, ...] = ()
    fault: str = ""


_STAYS = Followed()


class Follower:
    """Follows the references in the parts of one document.

    target: the model of the slices.
    stable: which pointers can stay.
    moves: the places that have to be moved for the references followed so far.
    """

    def __init__(self, entry: Entry, target: Model, operations: Operations, stable: StablePointers) -> None:
        self.moves = Moves(target)
        self._stable = stable
        self._entry = entry
        self._resolver = entry.resolver
        self._model = entry.model
        self._target = target
        self._trace = entry.resolver.sources.trace
        self._operations = operations
        #: Before 3.1 a reference is a pointer and nothing else.
        self._by_pointer = target.family == "3.0" and self._model.family != "3.0"
        #: Before 3.2 a security requirement is a name.
        self._by_name = target.family != "3.2"
        self.tag_ids: dict[str, list[str]] = {}
        tags = entry.root.get("tags")
        for index, tag in enumerate(tags if isinstance(tags, list) else ()):
            name = tag.get("name") if isinstance(tag, dict) else None
            if isinstance(name, str):
                self.tag_ids.setdefault(name, []).append(f"tags/{index}")

    def follow(self, pointed: Pointed, owner: Owner) -> Followed:
        """Return what a reference in a part leads to."""
        connection = pointed.connection
        via = connection.via
        if via is Via.TAG:
            self._trace.note(("tag", connection.target))
            return Followed(tuple(self.tag_ids.get(connection.target, ())))
        if via in (Via.OPERATION_ID, Via.OPERATION_REF):
            return self._link(pointed)
        if via is Via.ADDRESS:
            return self._address(pointed)
        place = self._resolver.place(connection, pointed.base)
        if isinstance(place, Broken):
            return Followed(fault=place.reason)
        if via is Via.EXTENSION:
            return self._extension(pointed, owner, place)
        if via is Via.REFERENCE and self._resolver.end_of_references(place, connection.expects) is None:
            return Followed(fault=f"'{connection.target}' leads through references only, and back to where it began")
        if self._by_pointer and connection.expects == "Schema":
            return self._schema_by_pointer(pointed, owner, place)
        return self._reference(pointed, owner, place)

    def _reference(self, pointed: Pointed, owner: Owner, place: Place) -> Followed:
        """Follow a reference to a component, into the endpoint's own part, or to a place that has to be moved."""
        connection = pointed.connection
        tokens = self._entry.aliased(place)
        if self._stable.is_in_component(tokens) and self._stable.in_component(tokens, connection.expects):
            return Followed((component_id(tokens[1], tokens[2]),), self._to_component(pointed, tokens))
        if self._stays_in_own(owner, place, connection.expects):
            if pointed.base.file == ENTRY and connection.target.startswith("#"):
                return _STAYS
            return Followed((), (_pointer(pointed, place[1]),))
        if self._model.schema_ref_is_keyword and _is_anchor(connection.target) and owner.is_around(place):
            return _STAYS  # an anchor that moves along
        moved = self.moves.move(place, connection.expects)
        if moved is None:
            return Followed(fault=f"'{connection.target}' leads to {connection.expects}, which no component can hold")
        return Followed((moved,), _to_moved(pointed, moved))

    def _to_component(self, pointed: Pointed, tokens: tuple[str, ...]) -> tuple[Placeholder, ...]:
        """Return what to fill in for a reference to or into a component.

        tokens: the pointer to what it leads to.
        """
        connection = pointed.connection
        is_link = tokens[1] == "links" and len(tokens) == 3
        links = (LinkReference(pointed.tokens[:-1], component_id(tokens[1], tokens[2])),) if is_link else ()
        is_security = connection.via is Via.SECURITY
        stands = pointed.base.file == ENTRY and connection.target.startswith("#")
        if (
            self._is_name(connection)
            or (stands and not (self._by_name and is_security))
            or self._resolver.is_by_identifier(connection.target, pointed.base)
        ):
            return links
        written = SchemeName(pointed.tokens, tokens[2]) if is_security else _pointer(pointed, tokens)
        return (*links, written)

    def _stays_in_own(self, owner: Owner, place: Place, expects: str) -> bool:
        """Whether a place is in the endpoint's own part, where a pointer to it still leads to the same."""
        is_own = owner.section in ENDPOINT_FIELDS and place[0] == ENTRY and place[1][:1] == (owner.section,)
        return is_own and self._stable.in_own(owner.section, owner.local.value, place[1][1:], expects)

    def _is_name(self, connection: Connection) -> bool:
        """Whether a component is referred to by its plain name, as mappings and security requirements may."""
        if connection.via is Via.SECURITY:
            return connection.target in self._resolver.members("securitySchemes")
        return connection.via is Via.MAPPING and connection.target in self._resolver.members("schemas")

    def _schema_by_pointer(self, pointed: Pointed, owner: Owner, place: Place) -> Followed:
        """Follow a reference to a schema where slices have pointers only."""
        connection, at = pointed.connection, pointed.tokens
        key = anchor = ""
        if connection.via is Via.DYNAMIC_REFERENCE:
            if resolve(owner.local.value, (*map(str, at[:-1]), "$ref")) is not MISSING:
                return _STAYS  # the place is taken: the conversion leaves this one out, and says so
            key = "$ref"
            anchor = (_dynamic_anchor(connection) or "")[1:]
        tokens = self._entry.aliased(place)
        needs: tuple[str, ...] = ()
        pointer: tuple[str, ...] | None = None
        if self._stable.is_in_component(tokens):
            if self._stable.in_component(tokens, connection.expects):
                pointer = tokens
                needs = (component_id(tokens[1], tokens[2]),)
        elif self._stays_in_own(owner, place, connection.expects):
            pointer = place[1]
        if pointer is None:
            moved = self.moves.move(place, connection.expects)
            assert moved is not None  # every version has schemas among its components
            return Followed((moved,), (PartPointer(at, moved, key=key, anchor=anchor),))
        stands = self._is_name(connection) or (
            pointed.base.identifier is None
            and pointed.base.file == ENTRY
            and connection.target.startswith("#")
            and decode(connection.target[1:]) == pointer
        )
        if stands and not key:
            return Followed(needs)
        return Followed(needs, (FixedPointer(at, encode(pointer), key, anchor),))

    def _extension(self, pointed: Pointed, owner: Owner, place: Place) -> Followed:
        """Follow the `$ref` of an `x-` field that is not inlined."""
        connection, at = pointed.connection, pointed.tokens
        if not pointed.leads_back:
            tokens = self._entry.aliased(place)
            assert tokens is not None
            in_component = self._stable.is_in_component(tokens)
            needs = (component_id(tokens[1], tokens[2]),) if in_component else ()
            in_form = pointed.base.file == ENTRY and connection.target.startswith("#")
            if in_form and decode(connection.target[1:]) == tokens:
                return Followed(needs)
            return Followed(needs, (FixedPointer(at, encode(tokens)),))
        # It leads back to something around it, which was inlined further out.
        place = self._resolver.origin(place)
        around = [outer for outer, source in owner.local.inlined if source == place and at[: len(outer)] == outer]
        if not around:
            return Followed(fault=f"'{connection.target}' contains itself")
        inside = tuple(map(str, around[-1]))
        section = owner.section
        if owner.part_id.startswith("components/"):
            kind, name = (decode(f"/{owner.part_id}") or ())[1:]
            return Followed((), (FixedPointer(at, encode(("components", kind, name, *inside))),))
        if section == TAGS or section in self._model.component_kinds:
            return Followed((), (PartPointer(at, owner.part_id, encode(inside)[1:]),))
        return Followed((), (FixedPointer(at, encode((section, *inside) if section else inside)),))

    def is_of_whole(self, pointed: Pointed, part_id: str) -> bool:
        """Whether a schema refers to the whole of another part, not into it."""
        if pointed.connection.via is not Via.REFERENCE or pointed.connection.expects != "Schema":
            return False
        place = self._resolver.place(pointed.connection, pointed.base)
        if isinstance(place, Broken):
            return False
        tokens = self._entry.aliased(place)
        return not part_id.startswith("components/") or (tokens is not None and len(tokens) == 3)

    def _address(self, pointed: Pointed) -> Followed:
        """Follow a reference relative to `$self`; the `$id` inside of another one's schema is relative to that."""
        target = pointed.connection.target
        if pointed.tokens[-1] == "$id" and pointed.base.identifier != target:
            return _STAYS
        absolute = self._resolver.absolute(target, pointed.source[0])
        return _STAYS if absolute == target else Followed((), (AbsoluteUri(pointed.tokens, absolute),))

    def _link(self, pointed: Pointed) -> Followed:
        """Follow a Link, which differs between slices that have its target and others."""
        connection, at = pointed.connection, pointed.tokens
        if connection.via is Via.OPERATION_ID:
            self._trace.note(("operation", connection.target))
            operation = self._operations.by_id.get(connection.target)
            return Followed((), (LinkById(at, operation, connection.target),))
        uri, _, fragment = connection.target.partition("#")
        file = self._resolver.file(uri, pointed.base.file)
        tokens = decode(fragment)
        if file == ENTRY and tokens is not None:
            stands = not uri and pointed.base.file == ENTRY
            return Followed((), (LinkByReference(at, self._operations.at(tokens), encode(tokens), stands),))
        if not isinstance(file, str):
            return _STAYS  # an operation of another API, which a slice can refer to in the same way
        place = (file, tokens or ())
        self._trace.note(("elsewhere", file, *place[1]))
        found = None if tokens is None else self._operations.elsewhere.get(place)
        if found is None:  # in a file that is not at hand where the slices are
            return Followed((), (LinkByReference(at, None),))
        return Followed((), (LinkByReference(at, *found, stands=False),))


def _to_moved(pointed: Pointed, part_id: str) -> tuple[Placeholder, ...]:
    """Return what to fill in for a reference to a moved part."""
    connection, at = pointed.connection, pointed.tokens
    if connection.via is Via.SECURITY:
        return (MovedSchemeName(at, part_id),)
    anchor = _dynamic_anchor(connection)
    if anchor is not None:
        return () if anchor == connection.target else (AnchorName(at, anchor),)
    if connection.expects == "Link" and connection.via is Via.REFERENCE:
        return (LinkReference(at[:-1], part_id), PartPointer(at, part_id))
    return (PartPointer(at, part_id),)


def _pointer(pointed: Pointed, tokens: tuple[str, ...]) -> Placeholder:
    """Return what to fill in for a reference that stays: a pointer, or the plain name that it goes by."""
    anchor = _dynamic_anchor(pointed.connection)
    return FixedPointer(pointed.tokens, encode(tokens)) if anchor is None else AnchorName(pointed.tokens, anchor)


def _is_anchor(target: str) -> bool:
    return target.startswith("#") and decode(target[1:]) is None


def _dynamic_anchor(connection: Connection) -> str | None:
    """Return the plain-name fragment of a `$dynamicRef`, None where it has none.

    Source: JSON Schema 2020-12 Core, 8.2.3.2.
    """
    fragment = connection.target.partition("#")[2]
    return f"#{fragment}" if connection.via is Via.DYNAMIC_REFERENCE and decode(fragment) is None else None


_UNFIT = re.compile(r"[^A-Za-z0-9._-]")
_LETTER = re.compile(r"[^\W\d_]")


class Move(NamedTuple):
    """A place that is moved into a part of its own.

    part_id: the id of the part that it becomes.
    section: the field of the Components Object that holds it.
    kind: its object type.
    """

    part_id: str
    section: str
    place: Place
    kind: str

    @property
    def wanted_name(self) -> str:
        """The name that it gets unless another component has it."""
        return _UNFIT.sub("_", name_of(self.place))


def name_of(place: Place) -> str:
    """Return what the schema, parameter, ... at a place is called: the last name-like token, else the file's stem."""
    file, tokens = place
    name = next((token for token in reversed(tokens) if _LETTER.search(token)), None)
    return name or PurePosixPath(file).name.partition(".")[0] or "moved"


class Moves:
    """The places of one document that are moved, in the order in which references lead to them.

    target: the model of the slices, which says what can be a component.
    """

    def __init__(self, target: Model) -> None:
        self._section_of = {kind: section for section, kind in target.component_kinds.items()}
        self._known: set[str] = set()
        self._pending: deque[Move] = deque()
        #: All moves that were asked for since `cut` emptied it.
        self.asked: list[tuple[Place, str]] = []

    def move(self, place: Place, kind: str) -> str | None:
        """Return the id of the part that a place is moved into, None where no component can hold it."""
        section = self._section_of.get(kind)
        if section is None:
            return None
        self.asked.append((place, kind))
        part_id = f"{section}@{plain(place[0])}{readable(place[1])}"
        if part_id not in self._known:
            self._known.add(part_id)
            self._pending.append(Move(part_id, section, place, kind))
        return part_id

    def following(self) -> Move | None:
        """Return the next place that has no part yet, None where there is none."""
        return self._pending.popleft() if self._pending else None
