"""What a part's connections lead to: other parts, and what a slice has to fill in where they do not read the same.

SEMANTICS: a target inside a component or inside the endpoint's own operation stays where it is; any other is moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from oas_tasks.document.files import plain
from oas_tasks.document.place import ENDPOINT_FIELDS, ENTRY, TAGS, Place
from oas_tasks.document.resolver import Broken
from oas_tasks.document.root import Entry
from oas_tasks.openapi.model import Model
from oas_tasks.openapi.pointer import MISSING, decode, encode, readable, resolve
from oas_tasks.openapi.references import Connection, Via
from oas_tasks.parts.inline import Local, Pointed, fault_at
from oas_tasks.parts.operations import Operations
from oas_tasks.parts.part import Hole, HoleKind, component_id
from oas_tasks.parts.standing import Standing


class Connector:
    """Follows the connections of one document's parts.

    target: the model of the slices.
    standing: which pointers can stay.
    moves: what had to be moved for what was connected so far.
    """

    def __init__(self, entry: Entry, target: Model, operations: Operations, standing: Standing) -> None:
        self.moves = Moves(target)
        self._standing = standing
        self._entry = entry
        self._resolver = entry.resolver
        self._model = entry.model
        self._target = target
        self._trace = entry.resolver.sources.trace
        self._operations = operations
        #: Before 3.1 a reference is a pointer, nothing else, and leads to whatever the conversion leaves in its place.
        self._by_pointer = target.family == "3.0" and self._model.family != "3.0"
        #: Before 3.2 a security requirement is a name.
        self._by_name = target.family != "3.2"
        self.tag_ids: dict[str, list[str]] = {}
        tags = entry.root.get("tags")
        for index, tag in enumerate(tags if isinstance(tags, list) else ()):
            name = tag.get("name") if isinstance(tag, dict) else None
            if isinstance(name, str):
                self.tag_ids.setdefault(name, []).append(f"tags/{index}")

    def connect(
        self, pointed: Pointed, part_id: str, section: str, part_place: Place, local: Local, holes: list[Hole]
    ) -> Iterator[str]:
        """Yield the ids of the parts that a connection leads to; note the hole that it makes, or its fault.

        part_id, section, part_place: of the part that the connection is in.
        """
        connection = pointed.connection
        if connection.via is Via.TAG:
            self._trace.note(("tag", connection.target))
            yield from self.tag_ids.get(connection.target, ())
            return
        if connection.via in (Via.OPERATION_ID, Via.OPERATION_REF):
            self._connect_link(pointed, holes)
            return
        if connection.via is Via.ADDRESS:
            # An `$id` inside of another one's schema is relative to that one.
            if pointed.tokens[-1] != "$id" or pointed.base.identifier == connection.target:
                absolute = self._resolver.absolute(connection.target, pointed.source[0])
                if absolute != connection.target:
                    holes.append(Hole(pointed.tokens, HoleKind.ADDRESS, absolute))
            return
        place = self._resolver.place(connection, pointed.base)
        if isinstance(place, Broken):
            local.faults.append((pointed.tokens, fault_at(place.reason, pointed.source)))
            return
        if connection.via is Via.EXTENSION:
            yield from self._connect_extension(pointed, part_id, section, place, local, holes)
            return
        if connection.via is Via.REFERENCE and self._resolver.end_of_references(place, connection.expects) is None:
            reason = f"'{connection.target}' leads through references only, and back to where it began"
            local.faults.append((pointed.tokens, fault_at(reason, pointed.source)))
            return
        by_name = self._is_name(connection)
        if self._by_pointer and connection.expects == "Schema":
            yield from self._connect_by_pointer(pointed, section, place, local, holes, by_name)
            return
        dynamic = _dynamic_anchor(connection)
        tokens = self._entry.aliased(place)
        if self._standing.is_in_component(tokens) and self._standing.in_component(tokens, connection.expects):
            target = component_id(tokens[1], tokens[2])
            if tokens[1] == "links" and len(tokens) == 3:
                holes.append(Hole(pointed.tokens[:-1], HoleKind.LINK_REFERENCE, "", target))
            stands = pointed.base.file == ENTRY and connection.target.startswith("#")
            stands = stands and not (self._by_name and connection.via is Via.SECURITY)
            if not by_name and not stands and not self._resolver.is_by_identifier(connection.target, pointed.base):
                if dynamic is not None:
                    holes.append(Hole(pointed.tokens, HoleKind.ANCHOR, dynamic))
                elif connection.via is Via.SECURITY:
                    holes.append(Hole(pointed.tokens, HoleKind.KEY, tokens[2]))
                else:
                    holes.append(Hole(pointed.tokens, HoleKind.TEXT, encode(tokens)))
            yield target
            return
        is_own = section in ENDPOINT_FIELDS and place[0] == ENTRY and place[1][:1] == (section,)
        if is_own and self._standing.in_own(section, local.value, place[1][1:], connection.expects):
            if pointed.base.file != ENTRY or not connection.target.startswith("#"):
                kind, text = (HoleKind.TEXT, encode(place[1])) if dynamic is None else (HoleKind.ANCHOR, dynamic)
                holes.append(Hole(pointed.tokens, kind, text))
            return
        is_inside = (
            section not in ENDPOINT_FIELDS
            and plain(place[0]) == plain(part_place[0])
            and place[1][: len(part_place[1])] == part_place[1]
        )
        if is_inside and self._model.schema_ref_is_keyword and _is_anchor(connection.target):
            return  # an anchor that moves along
        moved = self.moves.move(place, connection.expects)
        if moved is None:
            reason = f"'{connection.target}' leads to {connection.expects}, which no component can hold"
            local.faults.append((pointed.tokens, fault_at(reason, pointed.source)))
            return
        if connection.expects == "Link" and connection.via is Via.REFERENCE:
            holes.append(Hole(pointed.tokens[:-1], HoleKind.LINK_REFERENCE, "", moved))
        if dynamic is None:
            kind = HoleKind.KEY if connection.via is Via.SECURITY else HoleKind.NAME
            holes.append(Hole(pointed.tokens, kind, "", moved))
        elif dynamic != connection.target:
            holes.append(Hole(pointed.tokens, HoleKind.ANCHOR, dynamic))
        yield moved

    def _is_name(self, connection: Connection) -> bool:
        """Whether a connection is the name of a component, where one may stand in the place of a reference."""
        if connection.via is Via.SECURITY:
            return connection.target in self._resolver.members("securitySchemes")
        return connection.via is Via.MAPPING and connection.target in self._resolver.members("schemas")

    def _connect_by_pointer(
        self, pointed: Pointed, section: str, place: Place, local: Local, holes: list[Hole], by_name: bool
    ) -> Iterator[str]:
        """Connect to a schema where slices know pointers only; yields the ids of the parts that it leads to."""
        connection = pointed.connection
        key = anchor = ""
        if connection.via is Via.DYNAMIC_REFERENCE:
            if resolve(local.value, (*map(str, pointed.tokens[:-1]), "$ref")) is not MISSING:
                return  # the place is taken: the conversion tells of it, and leaves it out
            key = "$ref"
            anchor = (_dynamic_anchor(connection) or "")[1:]
        tokens = self._entry.aliased(place)
        pointer: tuple[str, ...] | None = None
        if self._standing.is_in_component(tokens):
            if self._standing.in_component(tokens, connection.expects):
                pointer = tokens
                yield component_id(tokens[1], tokens[2])
        elif section in ENDPOINT_FIELDS and place[0] == ENTRY and place[1][:1] == (section,):
            stays = self._standing.in_own(section, local.value, place[1][1:], connection.expects)
            pointer = place[1] if stays else None
        if pointer is not None:
            stands = by_name or (
                pointed.base.identifier is None
                and pointed.base.file == ENTRY
                and connection.target.startswith("#")
                and decode(connection.target[1:]) == pointer
            )
            if not stands or key:
                holes.append(Hole(pointed.tokens, HoleKind.TEXT, encode(pointer), key=key, anchor=anchor))
            return
        moved = self.moves.move(place, connection.expects)
        assert moved is not None  # every version has schemas among its components
        holes.append(Hole(pointed.tokens, HoleKind.NAME, "", moved, key=key, anchor=anchor))
        yield moved

    def _connect_extension(
        self, pointed: Pointed, part_id: str, section: str, place: Place, local: Local, holes: list[Hole]
    ) -> Iterator[str]:
        """Connect the `$ref` of an `x-` field that is not put in place; yields the id of the part that it leads to."""
        connection = pointed.connection
        if not pointed.leads_back:
            tokens = self._entry.aliased(place)
            assert tokens is not None
            in_form = pointed.base.file == ENTRY and connection.target.startswith("#")
            if not in_form or decode(connection.target[1:]) != tokens:
                holes.append(Hole(pointed.tokens, HoleKind.TEXT, encode(tokens)))
            if self._standing.is_in_component(tokens):
                yield component_id(tokens[1], tokens[2])
            return
        # It leads back to what it is part of, which is in place further out.
        place = self._resolver.origin(place)
        around = [at for at, source in local.inlined if source == place and pointed.tokens[: len(at)] == at]
        if not around:
            reason = f"'{connection.target}' contains itself"
            local.faults.append((pointed.tokens, fault_at(reason, pointed.source)))
            return
        inside = tuple(map(str, around[-1]))
        if part_id.startswith("components/"):
            kind, name = (decode(f"/{part_id}") or ())[1:]
            holes.append(Hole(pointed.tokens, HoleKind.TEXT, encode(("components", kind, name, *inside))))
        elif section == TAGS or section in self._model.component_kinds:
            holes.append(Hole(pointed.tokens, HoleKind.NAME, encode(inside)[1:], part_id))
        else:
            holes.append(Hole(pointed.tokens, HoleKind.TEXT, encode((section, *inside) if section else inside)))

    def is_of_whole(self, pointed: Pointed, part_id: str) -> bool:
        """Whether a schema's reference that needs a part leads to all of it, not into it."""
        if pointed.connection.via is not Via.REFERENCE or pointed.connection.expects != "Schema":
            return False
        place = self._resolver.place(pointed.connection, pointed.base)
        if isinstance(place, Broken):
            return False
        tokens = self._entry.aliased(place)
        return not part_id.startswith("components/") or (tokens is not None and len(tokens) == 3)

    def _connect_link(self, pointed: Pointed, holes: list[Hole]) -> None:
        """Note a Link: what it reads in a slice depends on whether its target is there."""
        connection, at = pointed.connection, pointed.tokens
        if connection.via is Via.OPERATION_ID:
            self._trace.note(("operation", connection.target))
            operation = self._operations.by_id.get(connection.target)
            holes.append(Hole(at, HoleKind.LINK, operation=operation, operation_id=connection.target))
            return
        uri, _, fragment = connection.target.partition("#")
        file = self._resolver.file(uri, pointed.base.file)
        tokens = decode(fragment)
        if file == ENTRY and tokens is not None:
            stands = not uri and pointed.base.file == ENTRY
            holes.append(Hole(at, HoleKind.LINK, encode(tokens), "", self._operations.at(tokens), "", stands))
        elif isinstance(file, str):
            place = (file, tokens or ())
            self._trace.note(("elsewhere", file, *place[1]))
            found = None if tokens is None else self._operations.elsewhere.get(place)
            if found is None:  # in a file beside this document's, where a slice finds nothing
                holes.append(Hole(at, HoleKind.LINK))
            else:
                holes.append(Hole(at, HoleKind.LINK, found[1], "", found[0], "", stands=False))
        # Else it is an operation of another API's description, which a slice can name as well.


def _is_anchor(target: str) -> bool:
    return target.startswith("#") and decode(target[1:]) is None


def _dynamic_anchor(connection: Connection) -> str | None:
    """Return the plain-name fragment of a `$dynamicRef`, which means what it does by its name alone.

    Source: JSON Schema 2020-12 Core, 8.2.3.2.
    """
    fragment = connection.target.partition("#")[2]
    return f"#{fragment}" if connection.via is Via.DYNAMIC_REFERENCE and decode(fragment) is None else None


_UNFIT = re.compile(r"[^A-Za-z0-9._-]")
_LETTER = re.compile(r"[^\W\d_]")


class Move(NamedTuple):
    """One place that is moved.

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
        """The name that it gets where that is free."""
        return _UNFIT.sub("_", name_of(self.place))


def name_of(place: Place) -> str:
    """Return what the schema, parameter, ... at a place is called: the last name-like token, else the file's stem."""
    file, tokens = place
    name = next((token for token in reversed(tokens) if _LETTER.search(token)), None)
    return name or PurePosixPath(file).name.partition(".")[0] or "moved"


class Moves:
    """The places of one document that are moved, in the order in which something leads to them.

    target: the model of the slices, which tells what a component can be.
    """

    def __init__(self, target: Model) -> None:
        self._section_of = {kind: section for section, kind in target.component_kinds.items()}
        self._known: set[str] = set()
        self._pending: list[Move] = []
        #: All moves that were asked for since somebody emptied it.
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
        """Return the next one that no part was made of yet, None where there is none."""
        return self._pending.pop(0) if self._pending else None
