"""Cuts a document into parts: every reference followed, and what a slice cannot point at moved or put in place.

SEMANTICS: a target inside a component or inside the endpoint's own operation stays where it is; any other becomes a
component; one that no component can hold (a Path Item before 3.1, a Media Type before 3.2, whatever the specification
lets nobody refer to) is put in the place of the reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import TypeGuard

from xxhash import xxh3_128_digest

from oas_tasks.formats import Value
from oas_tasks.formats.json_writer import canonical
from oas_tasks.openapi.connections import Connection, Via
from oas_tasks.openapi.faults import Fault, Phase
from oas_tasks.openapi.model import FieldType, Model
from oas_tasks.openapi.pointer import MISSING, decode, encode, escape, readable, resolve
from oas_tasks.slicing.alternates import alternates
from oas_tasks.slicing.editing import Tokens
from oas_tasks.slicing.entry import Entry
from oas_tasks.slicing.inlining import Inliner, Local, Pointed, fault_at
from oas_tasks.slicing.parts import (
    ANY_METHOD,
    ENDPOINT_FIELDS,
    PATHS,
    SECURITY,
    TAGS,
    WEBHOOKS,
    EndpointPart,
    Hole,
    HoleKind,
    Part,
    Parts,
    Place,
    component_id,
)
from oas_tasks.slicing.resolution import Broken
from oas_tasks.slicing.sources import ENTRY

#: Root fields that are cut into parts or dropped; all others are the heading. `$self` goes since a slice is another
#: document than the one that it names.
_CUT_FIELDS = frozenset({"paths", "components", "tags", "security", "webhooks", "$self"})

_UNFIT = re.compile(r"[^A-Za-z0-9._-]")
_LETTER = re.compile(r"[^\W\d_]")


def cut(entry: Entry, target: Model, drop_extensions: Iterable[str] = (), with_webhooks: bool = False) -> Parts:
    """Cut a document into parts; the files that references lead to are read as they are met.

    target: of the slices. The parts are as the document has them, but for what slices of that version cannot point at.
    drop_extensions: names of root extensions that do not go into slices, since they index other endpoints.
    with_webhooks: webhooks are endpoints too.
    """
    cutter = _Cutter(entry, target, with_webhooks)
    parts = cutter.parts(frozenset(drop_extensions))
    ambiguous = cutter.ambiguous_anchors()
    if ambiguous:  # which is known only now that every file was read
        parts = _Cutter(entry, target, with_webhooks, ambiguous).parts(frozenset(drop_extensions))
    return parts


def _one(kind: str) -> FieldType:
    return FieldType(kind, "one", True)


class _Cutter:
    """Cuts one document.

    ambiguous: the anchors of `$dynamicRef`s that do not always lead to the same schema.
    """

    def __init__(
        self, entry: Entry, target: Model, with_webhooks: bool, ambiguous: frozenset[str] = frozenset()
    ) -> None:
        self.ambiguous = ambiguous
        #: The anchors of the `$dynamicRef`s that were met.
        self.dynamic: set[str] = set()
        self.model: Model = entry.model
        self.target = target
        self.converts = target.family != self.model.family
        #: Before 3.1 a reference is a pointer, nothing else, and leads to whatever the conversion leaves in its place.
        self.by_pointer = target.family == "3.0" and self.model.family != "3.0"
        #: Before 3.2 a security requirement is a name.
        self.by_name = target.family != "3.2"
        self.fields = ENDPOINT_FIELDS if with_webhooks else (PATHS,)
        self.section_of = {kind: section for section, kind in target.component_kinds.items()}
        self.moved: dict[str, tuple[str, Place, str]] = {}
        self.pending: list[str] = []
        self.entry = entry
        self.resolver = self.entry.resolver
        self.root = self.entry.root
        self.inliner = Inliner(self.model, target, self.resolver)
        self.tag_ids: dict[str, list[str]] = {}
        self.operations: dict[str, tuple[str, str]] = {}
        #: Operations kept in other files, by their places there: path and method, and the pointer in the entry.
        self.operation_places: dict[Place, tuple[tuple[str, str], str]] = {}
        self._path_items: dict[tuple[str, str], Local] = {}
        self._stays: dict[tuple[str, ...], bool] = {}
        #: Below each place the bases that have alternates: their further tokens, and the alternates' ids.
        self.alternates: dict[Place, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        for (file, tokens), ids in alternates(entry).items():
            for length in range(len(tokens) + 1):
                self.alternates.setdefault((file, tokens[:length]), []).append((tokens[length:], ids))

    # --- parts ----------------------------------------------------------------------------------------------------

    def parts(self, drop_extensions: frozenset[str]) -> Parts:
        root = self.root
        dropped = _CUT_FIELDS | drop_extensions
        heading_fields: Value = {name: value for name, value in root.items() if name not in dropped}
        heading = self.part("heading", "", "", (ENTRY, ()), _one("OpenAPI"), heading_fields)
        assert isinstance(heading.value, dict)
        own = ("components", TAGS, SECURITY, *self.fields)
        order = [name for name in root if name in heading.value or name in own]
        order += [name for name in (PATHS, "components") if name not in order]
        self.index_tags()
        self.index_operations()
        shared: dict[str, Part] = {}
        for part in self.declared():
            shared[part.id] = part
        endpoints = tuple(self.endpoints())
        while self.pending:
            part = self.moved_part(self.pending.pop(0))
            shared[part.id] = part
        return Parts(
            self.target.family,
            heading,
            (*self.entry.faults, *heading.faults),
            tuple(order),
            shared,
            endpoints,
            root.get("security"),
        )

    def index_tags(self) -> None:
        tags = self.root.get("tags")
        for index, tag in enumerate(tags if isinstance(tags, list) else ()):
            name = tag.get("name") if isinstance(tag, dict) else None
            if isinstance(name, str):
                self.tag_ids.setdefault(name, []).append(f"tags/{index}")

    def declared(self) -> Iterator[Part]:
        """Yield the parts that the entry document declares."""
        tags = self.root.get("tags")
        for index, tag in enumerate(tags if isinstance(tags, list) else ()):
            yield self.part(f"tags/{index}", TAGS, "", self.entry.origin(("tags", str(index))), _one("Tag"), tag)
        if "security" in self.root:
            requirements = FieldType("SecurityRequirement", "list", False)
            yield self.part(
                SECURITY, SECURITY, "", self.entry.origin(("security",)), requirements, self.root["security"]
            )
        components = self.root.get("components")
        for kind, members in components.items() if isinstance(components, dict) else ():
            if not self.is_kind(kind) or not isinstance(members, dict):
                continue
            for name, value in members.items():
                yield self.part(
                    component_id(kind, name),
                    kind,
                    name,
                    self.entry.origin(("components", kind, name)),
                    _one(self.model.component_kinds[kind]),
                    value,
                )

    def part(
        self,
        part_id: str,
        section: str,
        name: str,
        place: Place,
        field_type: FieldType,
        value: Value,
        local: Local | None = None,
        moved: bool = False,
    ) -> Part:
        """Make a part: follow what it points at, and note what a slice has to fill in.

        local: the value with everything in place, where that is known already.
        """
        local = local or self.inliner.local(field_type, value, place, frozenset())
        needs: dict[str, None] = {}
        holes: list[Hole] = []
        for pointed in local.pointed:
            for needed in self.connect(pointed, section, place, local, holes):
                needs[needed] = None
        # What is in place may be so several times, and is moved as well where something leads to it by name.
        gone = local.foreign_names + [at for at in local.names if moved and at[-1] == "$id"]
        holes += [Hole(at, HoleKind.IDENTIFIER) for at in gone]
        if "security" in self.root and any(inherits for _, _, inherits in local.operations):
            needs[SECURITY] = None
        needs.update(dict.fromkeys(self.alternates_in(local, place)))
        needs.pop(part_id, None)
        identity: Value = [
            part_id,
            local.value,
            [
                [[*h.tokens], h.kind.value, h.text, h.target, list(h.operation or ()), *([h.key] if h.key else ())]
                for h in holes
            ],
        ]
        return Part(
            part_id,
            section,
            name,
            moved,
            place,
            tuple(local.inlined),
            local.value,
            xxh3_128_digest(canonical(identity)),
            tuple(needs),
            tuple(holes),
            tuple(operation_id for _, operation_id, _ in local.operations if operation_id is not None),
            tuple(fault for _, fault in local.faults),
        )

    def alternates_in(self, local: Local, place: Place) -> Iterator[str]:
        """Yield the ids of the alternates of every base in a part's value.

        place: where the value stands, but for what is in place.
        """
        for at, source in [((), place), *local.inlined]:
            for tokens, ids in self.alternates.get(source, ()):
                if resolve(local.value, (*map(str, at), *tokens)) is not MISSING:
                    yield from ids

    def connect(
        self, pointed: Pointed, section: str, part_place: Place, local: Local, holes: list[Hole]
    ) -> Iterator[str]:
        """Yield the ids of the parts that a connection leads to; note the hole that it makes, or its fault."""
        connection = pointed.connection
        if connection.via is Via.TAG:
            yield from self.tag_ids.get(connection.target, ())
            return
        if connection.via in (Via.OPERATION_ID, Via.OPERATION_REF):
            self.connect_link(pointed, holes)
            return
        if connection.via is Via.ADDRESS:
            # An `$id` inside of another one's schema is relative to that one.
            if pointed.tokens[-1] != "$id" or pointed.base.identifier == connection.target:
                absolute = self.resolver.absolute(connection.target, pointed.source[0])
                if absolute != connection.target:
                    holes.append(Hole(pointed.tokens, HoleKind.ADDRESS, absolute))
            return
        place = self.resolver.place(connection, pointed.base)
        if isinstance(place, Broken):
            local.faults.append((pointed.tokens, fault_at(place.reason, pointed.source)))
            return
        if connection.via is Via.REFERENCE and self.resolver.end_of_references(place, connection.expects) is None:
            reason = f"'{connection.target}' leads through references only, and back to where it began"
            local.faults.append((pointed.tokens, fault_at(reason, pointed.source)))
            return
        by_name = connection.target in self.resolver.members(
            {Via.SECURITY: "securitySchemes", Via.MAPPING: "schemas"}.get(connection.via, "")
        )
        if self.by_pointer and connection.expects == "Schema":
            yield from self.connect_by_pointer(pointed, section, place, local, holes, by_name)
            return
        dynamic = _dynamic_anchor(connection)
        tokens = self.entry.aliased(place)
        if self.is_in_component(tokens) and self.stays(tokens):
            target = component_id(tokens[1], tokens[2])
            if tokens[1] == "links" and len(tokens) == 3:
                holes.append(Hole(pointed.tokens[:-1], HoleKind.LINK_REFERENCE, "", target))
            stands = pointed.base.file == ENTRY and connection.target.startswith("#")
            stands = stands and not (self.by_name and connection.via is Via.SECURITY)
            if not by_name and not stands and not self.resolver.is_by_identifier(connection.target, pointed.base):
                if dynamic is not None:
                    holes.append(Hole(pointed.tokens, HoleKind.ANCHOR, dynamic))
                elif connection.via is Via.SECURITY:
                    holes.append(Hole(pointed.tokens, HoleKind.KEY, tokens[2]))
                else:
                    holes.append(Hole(pointed.tokens, HoleKind.TEXT, encode(tokens)))
            yield target
            return
        is_own = section in ENDPOINT_FIELDS and place[0] == ENTRY and place[1][:1] == (section,)
        if is_own and self.stays_in_own(local.value, place[1][1:]):
            if pointed.base.file != ENTRY or not connection.target.startswith("#"):
                kind, text = (HoleKind.TEXT, encode(place[1])) if dynamic is None else (HoleKind.ANCHOR, dynamic)
                holes.append(Hole(pointed.tokens, kind, text))
            return
        is_inside = (
            section not in ENDPOINT_FIELDS
            and place[0] == part_place[0]
            and place[1][: len(part_place[1])] == part_place[1]
        )
        if is_inside and connection.target.startswith("#") and decode(connection.target[1:]) is None:
            return  # an anchor that moves along
        moved = self.move(place, connection.expects)
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

    def connect_by_pointer(
        self, pointed: Pointed, section: str, place: Place, local: Local, holes: list[Hole], by_name: bool
    ) -> Iterator[str]:
        """Connect to a schema where slices know pointers only; yields the ids of the parts that it leads to."""
        connection = pointed.connection
        key = ""
        if connection.via is Via.DYNAMIC_REFERENCE:
            if not self.is_static(pointed, local):
                return  # the conversion tells of it, and leaves it out
            key = "$ref"
        tokens = self.entry.aliased(place)
        pointer: tuple[str, ...] | None = None
        if self.is_in_component(tokens):
            if self.stays(tokens):
                pointer = tokens
                yield component_id(tokens[1], tokens[2])
        elif section in ENDPOINT_FIELDS and place[0] == ENTRY and place[1][:1] == (section,):
            pointer = place[1] if self.stays_in_own(local.value, place[1][1:]) else None
        if pointer is not None:
            stands = by_name or (
                pointed.base.identifier is None
                and pointed.base.file == ENTRY
                and connection.target.startswith("#")
                and decode(connection.target[1:]) == pointer
            )
            if not stands or key:
                holes.append(Hole(pointed.tokens, HoleKind.TEXT, encode(pointer), key=key))
            return
        moved = self.move(place, connection.expects)
        assert moved is not None  # every version has schemas among its components
        holes.append(Hole(pointed.tokens, HoleKind.NAME, "", moved, key=key))
        yield moved

    def is_in_component(self, tokens: tuple[str, ...] | None) -> TypeGuard[tuple[str, ...]]:
        """Whether a place in the entry document is a component of a kind that slices have, or in one."""
        return tokens is not None and tokens[:1] == ("components",) and len(tokens) > 2 and self.is_kind(tokens[1])

    def stays(self, tokens: tuple[str, ...]) -> bool:
        """Whether a pointer to or into a component leads to the conversion of what it leads to now."""
        if len(tokens) == 3 or not self.converts:
            return True
        known = self._stays.get(tokens)
        if known is None:
            from oas_tasks.openapi.conversion import stays  # a quarter of all code, and seldom used

            kind = self.model.component_kinds[tokens[1]]
            value: Value = resolve(self.root, tokens[:3])  # type: ignore[assignment]  # it was found
            known = stays(self.model.family, self.target.family, kind, value, tokens[3:])
            self._stays[tokens] = known
        return known

    def stays_in_own(self, value: Value, inside: tuple[str, ...]) -> bool:
        """Whether a pointer into an endpoint's own part leads to something there, and to its conversion."""
        if not self.converts:
            return resolve(value, inside) is not MISSING
        if not inside or resolve(value, inside) is MISSING or not isinstance(value, dict):
            return False
        from oas_tasks.openapi.conversion import stays

        return stays(self.model.family, self.target.family, "PathItem", value[inside[0]], inside[1:])

    def is_static(self, pointed: Pointed, local: Local) -> bool:
        """Whether a `$dynamicRef` always leads to the same schema, as far as that is known.

        Source: JSON Schema 2020-12 Core, 8.2.3.2.
        """
        beside = resolve(local.value, (*map(str, pointed.tokens[:-1]), "$ref"))
        if beside is not MISSING:
            return False  # the place is taken
        anchor = _dynamic_anchor(pointed.connection)
        if anchor is None:
            return True
        self.dynamic.add(anchor[1:])
        return anchor[1:] not in self.ambiguous

    def ambiguous_anchors(self) -> frozenset[str]:
        """Return the anchors of `$dynamicRef`s that more than one schema has, in all files that were read."""
        counts = self.resolver.dynamic_anchors() if self.dynamic else {}
        return frozenset(name for name in self.dynamic if counts.get(name, 0) > 1)

    def connect_link(self, pointed: Pointed, holes: list[Hole]) -> None:
        """Note a Link: what it reads in a slice depends on whether its target is there."""
        connection, at = pointed.connection, pointed.tokens
        if connection.via is Via.OPERATION_ID:
            operation = self.operations.get(connection.target)
            holes.append(Hole(at, HoleKind.LINK, operation=operation, operation_id=connection.target))
            return
        uri, _, fragment = connection.target.partition("#")
        file = self.resolver.file(uri, pointed.base.file)
        tokens = decode(fragment)
        if file == ENTRY and tokens is not None:
            stands = not uri and pointed.base.file == ENTRY
            holes.append(Hole(at, HoleKind.LINK, encode(tokens), "", self.operation_at(tokens), "", stands))
        elif isinstance(file, str) and tokens is not None and (file, tokens) in self.operation_places:
            found, at_entry = self.operation_places[file, tokens]
            holes.append(Hole(at, HoleKind.LINK, at_entry, "", found, "", stands=False))
        elif isinstance(file, str):  # a file beside this document's, where a slice finds nothing
            holes.append(Hole(at, HoleKind.LINK))
        # Else it is an operation of another API's description, which a slice can name as well.

    def operation_at(self, tokens: tuple[str, ...]) -> tuple[str, str] | None:
        """Return path and method of the endpoint that a place in the document belongs to."""
        if len(tokens) < 3 or tokens[0] not in self.fields:
            return None
        if tokens[2] != "additionalOperations":
            return tokens[1], tokens[2].upper()
        return (tokens[1], tokens[3]) if len(tokens) > 3 else None

    def is_kind(self, kind: str) -> bool:
        return kind in self.model.component_kinds and kind in self.target.component_kinds

    # --- moved parts ----------------------------------------------------------------------------------------------

    def move(self, place: Place, kind: str) -> str | None:
        """Return the id of the part that a place is moved into, None where no component can hold it."""
        section = self.section_of.get(kind)
        if section is None:
            return None
        part_id = f"{section}@{place[0]}{readable(place[1])}"
        if part_id not in self.moved:
            self.moved[part_id] = (section, place, kind)
            self.pending.append(part_id)
        return part_id

    def moved_part(self, part_id: str) -> Part:
        section, place, kind = self.moved[part_id]
        value = self.resolver.value(place)
        return self.part(
            part_id,
            section,
            _wanted_name(place),
            place,
            _one(kind),
            value,  # type: ignore[arg-type]  # it was found
            moved=True,
        )

    # --- endpoints ------------------------------------------------------------------------------------------------

    def path_items(self) -> Iterator[tuple[str, str, Local]]:
        """Yield every Path Item that holds endpoints: the root field, the path or name, and what it says."""
        for field_name in self.fields:
            items = self.root.get(field_name)
            for path, written in items.items() if isinstance(items, dict) else ():
                if field_name == WEBHOOKS or not path.startswith("x-"):
                    yield field_name, path, self.path_item(field_name, path, written)

    def index_operations(self) -> None:
        """Note the path and method of every operationId, and of every operation that is kept in another file."""
        for field_name, path, local in self.path_items():
            if isinstance(local.value, dict):
                elsewhere = {tuple(map(str, tokens)): place for tokens, place in local.inlined}
                for method, at, operation in self.operations_of(local.value):
                    place = elsewhere.get((str(at[0]),))
                    if place is not None and field_name == PATHS:
                        place = (place[0], (*place[1], *map(str, at[1:])))
                        pointer = encode((PATHS, path, *map(str, at)))
                        self.operation_places.setdefault(place, ((path, method), pointer))
                    operation_id = operation.get("operationId") if isinstance(operation, dict) else None
                    if isinstance(operation_id, str):
                        self.operations.setdefault(operation_id, (path, method))

    def path_item(self, field_name: str, path: str, written: Value) -> Local:
        """Return a Path Item with its reference followed and everything in place, the same object at every call."""
        known = self._path_items.get((field_name, path))
        if known is None:
            place = self.entry.origin((field_name, path))
            known = self.inliner.local(FieldType("PathItem", "one", False), written, place, frozenset())
            known = self._path_items[field_name, path] = self.inliner.followed(known, place)
        return known

    def operations_of(self, path_item: dict[str, Value]) -> Iterator[tuple[str, Tokens, Value]]:
        """Yield the operations of a Path Item: the method as in the index, where it stands, and the Operation.

        The last is what stands in its place where it is none, which validation finds.
        """
        for name, value in path_item.items():
            if not self.holds_operations(name, value):
                continue
            if name == "additionalOperations":
                for method, operation in value.items() if isinstance(value, dict) else ():
                    yield method, (name, method), operation
            else:
                yield name.upper(), (name,), value

    def holds_operations(self, name: str, value: Value) -> bool:
        field_type = self.model.types["PathItem"].fields.get(name)
        is_map = field_type is not None and field_type.container == "map"
        return field_type is not None and field_type.holds == "Operation" and (isinstance(value, dict) or not is_map)

    def endpoints(self) -> Iterator[EndpointPart]:
        for field_name, path, whole in self.path_items():
            operations = list(self.operations_of(whole.value)) if isinstance(whole.value, dict) else []
            for method, at, operation in operations:
                yield self.endpoint(field_name, path, method, at, operation, whole)
            if not operations and (whole.faults or not isinstance(whole.value, dict) or self.strangers(whole.value)):
                yield self.lost_endpoints(field_name, path, whole)

    def strangers(self, path_item: dict[str, Value]) -> list[str]:
        """Return the keys of a Path Item that it cannot have."""
        fields = self.model.types["PathItem"].fields
        return [name for name in path_item if name not in fields and not name.startswith("x-")]

    def lost_endpoints(self, field_name: str, path: str, whole: Local) -> EndpointPart:
        """Return what stands for the endpoints of a path of which nobody knows which there are."""
        place = self.entry.origin((field_name, path))
        fault = next((fault for _, fault in whole.faults), None)
        if fault is None and isinstance(whole.value, dict):
            name = self.strangers(whole.value)[0]
            hint = f" (did you mean '{name.lower()}'?)" if name.lower() in self.model.methods else ""
            fault = Fault(Phase.STRUCTURE, f"'{name}' may not stand here{hint}", (*place[1], name), place[0])
        fault = fault or Fault(Phase.STRUCTURE, "a path item must be a mapping", place[1], place[0])
        kind = FieldType("PathItem", "map", False)
        local = Local({path: whole.value}, [], [], [((), fault)], [])
        part_id = "/".join(map(escape, (field_name, path)))
        part = self.part(part_id, field_name, "", place, kind, local.value, local)
        return EndpointPart(path, ANY_METHOD, (), {}, 0, part)

    def endpoint(
        self, field_name: str, path: str, method: str, at: Tokens, operation: Value, whole: Local
    ) -> EndpointPart:
        assert isinstance(whole.value, dict)
        items = self.root[field_name]
        assert isinstance(items, dict)
        item: dict[str, Value] = {}
        for name, value in whole.value.items():
            if name == at[0]:
                item[name] = operation if len(at) == 1 else {method: operation}
            elif not self.holds_operations(name, value):
                item[name] = value
        value = {name: item if name == path else items[name] for name in self.entry.members_with(field_name, path)}
        others = {name for name in whole.value if name not in item}

        def is_mine(tokens: Tokens) -> bool:
            return not tokens or (
                tokens[0] not in others and (tokens[0] != at[0] or tokens[: len(at)] == at[: len(tokens)])
            )

        mine = [
            Pointed(c, (path, *tokens), base, source) for c, tokens, base, source in whole.pointed if is_mine(tokens)
        ]
        inside = [each for each in whole.operations if each[0][: len(at)] == at]
        local = Local(value, mine, inside, [], [])
        local.foreign_names = [(path, *tokens) for tokens in whole.foreign_names if is_mine(tokens)]
        local.inlined = [((path,), self.entry.origin((field_name, path)))]
        local.inlined += [((path, *tokens), source) for tokens, source in whole.inlined if is_mine(tokens)]
        local.faults += [((path, *tokens), fault) for tokens, fault in whole.faults if is_mine(tokens)]
        tokens = (field_name, path, *map(str, at))
        kind = FieldType("Paths", "one", False) if field_name == PATHS else FieldType("PathItem", "map", False)
        part_id = "/".join(map(escape, tokens))
        part = self.part(part_id, field_name, "", self.entry.origin((field_name,)), kind, value, local)
        own = operation if isinstance(operation, dict) else {}
        return EndpointPart(path, method, at, own, self.count_parameters(value, path, at, mine), part)

    def count_parameters(self, value: Value, path: str, at: Tokens, pointed: list[Pointed]) -> int:
        """Count the parameters of an endpoint that differ in name or place ("Operation Object", `parameters`)."""
        references = {p.tokens: p for p in pointed}
        effective: set[tuple[str, str]] = set()
        for holder in ((path,), (path, *at)):
            parameters = resolve(value, (*map(str, holder), "parameters"))
            for index, parameter in enumerate(parameters if isinstance(parameters, list) else ()):
                reference = references.get((*holder, "parameters", index, "$ref"))
                found: object = parameter
                if reference is not None:
                    place = self.resolver.place(reference.connection, reference.base)
                    end = None if isinstance(place, Broken) else self.resolver.end_of_references(place, "Parameter")
                    found = None if end is None else self.resolver.value(end)
                if isinstance(found, dict):
                    effective.add((str(found.get("name")), str(found.get("in"))))
        return len(effective)


def _dynamic_anchor(connection: Connection) -> str | None:
    """Return the plain-name fragment of a `$dynamicRef`, which means what it does by its name alone.

    Source: JSON Schema 2020-12 Core, 8.2.3.2.
    """
    fragment = connection.target.partition("#")[2]
    return f"#{fragment}" if connection.via is Via.DYNAMIC_REFERENCE and decode(fragment) is None else None


def _wanted_name(place: Place) -> str:
    """Return the name that a moved target gets where it is free: the last name-like token, else the file's stem."""
    file, tokens = place
    name = next((token for token in reversed(tokens) if _LETTER.search(token)), None)
    if name is None:
        name = PurePosixPath(file).name.partition(".")[0] or "moved"
    return _UNFIT.sub("_", name)
