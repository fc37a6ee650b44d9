"""Cuts a document into parts: follows every reference, and moves or inlines what a slice cannot point at.

`follow` and `inline` decide what stays, moves or is inlined; `operations` says what an endpoint has of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import replace
from functools import partial

from xxhash import xxh3_128_digest

from oas_tasks.document.edited import Tokens
from oas_tasks.document.place import ANY_METHOD, ENTRY, PATHS, SECURITY, TAGS, Place
from oas_tasks.document.root import Entry
from oas_tasks.errors import NOT_OURS
from oas_tasks.formats import Value
from oas_tasks.formats.json_write import canonical
from oas_tasks.openapi.model import FieldType, Model
from oas_tasks.openapi.pointer import MISSING, resolve
from oas_tasks.parts.discriminators import children_elsewhere, listed_alternates
from oas_tasks.parts.facts import Memory, PartFact, endpoint_of
from oas_tasks.parts.follow import Follower, Move, Owner
from oas_tasks.parts.inline import Inlined, Inliner, crashed, fault_at
from oas_tasks.parts.operations import Listed, Operations, cells_of
from oas_tasks.parts.part import (
    EndpointPart,
    Part,
    Parts,
    Use,
    component_id,
    losses_identity,
    origins_of,
    own_id,
    source_of,
)
from oas_tasks.parts.placeholders import LeftOutIdentifier, Placeholder, SchemaRole, identities
from oas_tasks.parts.stable_pointers import CUT_FIELDS, StablePointers
from oas_tasks.parts.subtypes import alternates


def cut(
    entry: Entry,
    target: Model,
    dropped: Set[str] = frozenset(),
    with_webhooks: bool = False,
    memory: Memory | None = None,
) -> Parts:
    """Cut a document into parts; the files that references lead to are read as they are met.

    target: of the slices. The parts are as the document has them, but for what slices of that version cannot point at.
    dropped: names of root extensions that do not go into slices.
    with_webhooks: webhooks are endpoints too.
    memory: the facts of earlier runs, and those of this one.
    """
    return _Cutter(entry, target, dropped, with_webhooks, memory or Memory()).parts()


#: So many bases at or below a place that it pays to look them up by the keys of a value.
_MANY = 64


def _one(kind: str) -> FieldType:
    return FieldType(kind, "one", True)


#: A part, and its endpoint where it belongs to one.
_Made = tuple[Part, EndpointPart | None]


class _Cutter:
    """Cuts one document."""

    def __init__(self, entry: Entry, target: Model, dropped: Set[str], with_webhooks: bool, memory: Memory) -> None:
        self.model: Model = entry.model
        self.target = target
        self.converts = target.family != entry.model.family
        self.bytes_matter = self.converts and "3.0" in (target.family, entry.model.family)
        self.entry = entry
        self.root = entry.root
        # A slice is another document than the one that `$self` names.
        self.dropped = CUT_FIELDS | dropped
        self.stable = StablePointers(entry, target, dropped, with_webhooks)
        self.inliner = Inliner(self.model, target, entry.resolver, self.stable)
        self.memory = memory
        self.trace = entry.resolver.sources.trace
        self.operations = Operations(entry, self.inliner, with_webhooks, memory)
        self.follower = Follower(entry, target, self.operations, self.stable)
        #: By each place the bases at or below it that have alternates: their further tokens, and the alternates' ids.
        self.alternates: dict[Place, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        #: For each schema that has alternates the ids of those that build on it directly.
        self.children = alternates(entry, memory)
        for (file, tokens), ids in self.children.items():
            for length in range(len(tokens) + 1):
                self.alternates.setdefault((file, tokens[:length]), []).append((tokens[length:], ids))
        memory.compare_alternates(self.alternates)
        # None of these leads back to the memory, so that nothing is left for the garbage collector.
        tags = self.follower.tag_ids
        by_id, elsewhere = self.operations.by_id, self.operations.elsewhere
        memory.find_by(
            {
                "extensions": lambda read: entry.extensions_in(read[1]),
                "beside": lambda read: entry.members_with(read[1], read[2]),
                "tag": lambda read: tags.get(read[1]),
                "operation": lambda read: by_id.get(read[1]),
                "elsewhere": lambda read: elsewhere.get((read[1], read[2:])),
            }
        )

    def parts(self) -> Parts:
        root = self.root
        heading_fields: Value = {name: root[name] for name in list(root) if name not in self.dropped}
        heading = self.part("heading", "", "", (ENTRY, ()), _one("OpenAPI"), heading_fields)
        assert isinstance(heading.value, dict)
        own = ("components", TAGS, SECURITY, *self.operations.fields)
        order = [name for name in root if name in heading.value or name in own]
        order += [name for name in (PATHS, "components") if name not in order]
        shared: dict[str, Part] = {}
        for part in self.declared():
            shared[part.id] = part
        endpoints = tuple(self.endpoints())
        while (move := self.follower.moves.following()) is not None:
            shared[move.part_id] = self.moved(move)
        if any(part.moved for part in shared.values()):
            found = list(children_elsewhere(self.entry, shared, self.children, self.memory))
            shared.update((part.id, part) for part in found)
        return Parts(
            self.target.family,
            heading,
            (*self.entry.faults, *heading.faults),
            tuple(self.entry.misshapen(self.operations.fields)),
            tuple(order),
            shared,
            endpoints,
            root.get("security"),
        )

    def declared(self) -> Iterator[Part]:
        """Yield the parts that the entry document declares."""
        tags = self.root.get("tags")
        for index, tag in enumerate(tags if isinstance(tags, list) else ()):
            yield self.written_anew(f"tags/{index}", TAGS, ("tags", str(index)), _one("Tag"), tag)
        if "security" in self.root:
            requirements = FieldType("SecurityRequirement", "list", False)
            yield self.written_anew(SECURITY, SECURITY, ("security",), requirements, self.root["security"])
        components = self.root.get("components")
        for kind in list(components) if isinstance(components, dict) else ():
            members = resolve(self.root, ("components", kind))
            if self.stable.is_kind(kind) and isinstance(members, dict):
                for name in list(members):
                    yield self.component(kind, name)

    def component(self, kind: str, name: str) -> Part:
        """Return the part of a component."""
        part_id = component_id(kind, name)
        part = self.recalled(part_id, partial(self.component_value, kind, name))
        if part is not None:
            return part

        def made() -> Part:
            written: Value = resolve(self.root, ("components", kind, name))  # type: ignore[assignment]  # it is there
            place = self.entry.origin(("components", kind, name))
            return self.part(part_id, kind, name, place, _one(self.model.component_kinds[kind]), written)

        return self.found(lambda: (made(), None))[0]

    def component_value(self, kind: str, name: str) -> Value:
        """Return the value of a component's part."""
        written: Value = resolve(self.root, ("components", kind, name))  # type: ignore[assignment]  # it is there
        place = self.entry.origin(("components", kind, name))
        return self.inliner.local(_one(self.model.component_kinds[kind]), written, place, frozenset()).value

    def written_anew(
        self, part_id: str, section: str, tokens: tuple[str, ...], field_type: FieldType, value: Value
    ) -> Part:
        """Return a part of the root, which is always made; its fact tells later whether it changed."""
        place = self.entry.origin(tokens)
        return self.found(lambda: (self.part(part_id, section, "", place, field_type, value), None))[0]

    def recalled(self, part_id: str, read: Callable[[], Value]) -> Part | None:
        """Return a part from its fact, None where there is none.

        read: reads its value.
        """
        fact = self.memory.part(part_id)
        return None if fact is None else self.as_remembered(part_id, fact, read)

    def as_remembered(self, part_id: str, fact: PartFact, read: Callable[[], Value]) -> Part | None:
        """Return the part of a fact, None where the fact makes no sense.

        read: reads its value.
        """
        try:
            part = self.memory.part_of(part_id, fact, read)
        except (ValueError, TypeError, LookupError):
            self.memory.reject(part_id)
            return None
        for place, kind in fact.moves:
            self.follower.moves.move(place, kind)
        return part

    def found(self, make: Callable[[], _Made]) -> _Made:
        """Make a part, with its endpoint where it belongs to one, and note the fact."""
        self.follower.moves.asked = []
        self.trace.begin()
        depth = self.trace.depth
        part, endpoint = make()
        self.trace.unwind(depth)  # a part that failed with an internal error has not ended its reads
        self.memory.note_part(part, self.follower.moves.asked, self.trace.end(), endpoint)
        return part, endpoint

    def part(
        self,
        part_id: str,
        section: str,
        name: str,
        place: Place,
        field_type: FieldType,
        value: Value,
        local: Inlined | None = None,
        moved: bool = False,
    ) -> Part:
        """Make a part: follow its references, and collect what a slice has to fill in.

        An internal error here costs only those endpoints their slices that reach the part.

        local: the value with everything inlined, where that is known already.
        """
        try:
            local = local or self.inliner.local(field_type, value, place, frozenset())
            return self._followed(part_id, section, name, place, field_type, local, moved)
        except NOT_OURS:
            raise
        except BaseException as error:  # noqa: BLE001  the border of one part; a panic in Rust is no Exception
            return self._followed(part_id, section, name, place, field_type, crashed(error, value, place), moved)

    def _followed(
        self, part_id: str, section: str, name: str, place: Place, field_type: FieldType, local: Inlined, moved: bool
    ) -> Part:
        needs: dict[str, None] = {}
        placeholders: list[Placeholder] = []
        faults = [*local.faults]
        uses: list[Use] = []
        refers_inside = False
        owner = Owner(part_id, section, place, local)
        for pointed in local.pointed:
            needed, to_fill, fault = self.follower.follow(pointed, owner)
            for each in needed:
                needs[each] = None
                if self.converts:
                    uses.append(Use(each, pointed.tokens, self.follower.is_of_whole(pointed, each)))
            placeholders += to_fill
            if fault:
                faults.append((pointed.tokens, fault_at(fault, pointed.source)))
            refers_inside = refers_inside or (not needed and pointed.connection.expects == "Schema")
        if refers_inside:  # one of its schemas is also used from elsewhere in it
            uses = [use._replace(is_whole=False) for use in uses]
        if placeholders:
            placeholders += listed_alternates(self.entry, local, placeholders)
        # The same schema may be inlined several times, and be a moved part as well.
        gone = local.foreign_names + [at for at in local.names if moved and at[-1] == "$id"]
        placeholders += map(LeftOutIdentifier, gone)
        if "security" in self.root and any(inherits for _, _, inherits in local.operations):
            needs[SECURITY] = None
        alternates = dict.fromkeys(self.alternates_in(local, place))
        needs.update(alternates)
        needs.pop(part_id, None)
        if self.converts:
            uses += [Use(each, ()) for each in alternates]
            if section == "schemas" and self.may_be_bytes(field_type, local.value):
                placeholders.append(SchemaRole((), part_id))
        identity: list[Value] = [part_id, local.value, identities(placeholders)]
        identity += [[*map(str, at), fault.message] for at, fault in faults]
        made = Part(
            part_id,
            section,
            name,
            moved,
            place,
            tuple(local.inlined),
            local.value,
            xxh3_128_digest(canonical(identity)),
            tuple(needs),
            tuple(placeholders),
            tuple(operation_id for _, operation_id, _ in local.operations if operation_id is not None),
            tuple(fault for _, fault in faults),
            tuple(uses),
            connections=local.found if section in self.model.component_kinds else None,
        )
        if self.entry.resolver.sources.losses:
            made = self.with_losses(made)
        if self.target.family != "3.0":
            return made
        names = [at for at in (*local.names, *local.foreign_names) if at[-1] == "$dynamicAnchor"]
        return replace(made, dynamic_anchors=tuple(self.dynamic_anchors(made, names))) if names else made

    def may_be_bytes(self, field_type: FieldType, value: Value) -> bool:
        """Whether a schema describes bytes in some slices, which matters to its conversion."""
        if not self.bytes_matter:
            return False
        from oas_tasks.openapi.binary import has_bytes  # few documents need it

        return has_bytes(self.model, field_type, value)

    def with_losses(self, part: Part) -> Part:
        """Return a part with the losses of its files, which slices warn of or fail for."""
        lost = self.entry.resolver.sources.losses
        losses = tuple(dict.fromkeys((place[0], loss) for _, place in part.sources() for loss in lost.get(place, ())))
        digest = xxh3_128_digest(part.digest + canonical(losses_identity(losses)))
        return replace(part, losses=losses, digest=digest) if losses else part

    def dynamic_anchors(self, part: Part, names: Iterable[Tokens]) -> Iterator[tuple[str, Place]]:
        """Yield the `$dynamicAnchor`s at some places of a part, and where in the sources their schemas stand."""
        for at in names:
            tokens = tuple(map(str, at))
            yield str(resolve(part.value, tokens)), part.source(tokens[:-1])

    def alternates_in(self, local: Inlined, place: Place) -> Iterator[str]:
        """Yield the ids of the alternates of every base in a part's value.

        place: where the value stands, except for inlined content.
        """
        if not self.alternates:
            return
        origins = origins_of(local.inlined)
        for at, source in [((), place), *local.inlined]:
            for tokens, ids in self.alternates_below(source, resolve(local.value, map(str, at))):
                inside = (*map(str, at), *tokens)
                stands = source_of(place, origins, inside) == (source[0], source[1] + tokens)
                if stands and resolve(local.value, inside) is not MISSING:
                    yield from ids

    def alternates_below(self, place: Place, value: object) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Yield the bases at or below a place that may be in a value: their further tokens, and their alternates' ids.

        An endpoint has little of `paths`, so that its own keys are looked up, not all bases gone through.
        """
        known = self.alternates.get(place, ())
        if len(known) < _MANY or not isinstance(value, dict):
            yield from known
            return
        yield from (each for each in known[:1] if not each[0])
        for key in value:
            for tokens, ids in self.alternates.get((place[0], (*place[1], key)), ()):
                yield (key, *tokens), ids

    def moved(self, move: Move) -> Part:
        """Return the part of a moved place."""
        field_type = _one(move.kind)

        def written() -> Value:
            return self.entry.resolver.value(move.place)  # type: ignore[return-value]  # it was found

        def made() -> Part:
            tokens = self.entry.aliased(move.place)
            part = self.part(
                move.part_id, move.section, move.wanted_name, move.place, field_type, written(), moved=True
            )
            return replace(part, hoisted=True) if tokens is not None and tokens[:1] == ("components",) else part

        def read() -> Value:
            return self.inliner.local(field_type, written(), move.place, frozenset()).value

        return self.recalled(move.part_id, read) or self.found(lambda: (made(), None))[0]

    def endpoints(self) -> Iterator[EndpointPart]:
        """Yield the endpoints, and one for each path whose operations cannot be found out."""
        for (field_name, path), listed in self.operations.listed.items():
            for each in listed or ():
                yield self.endpoint(field_name, path, each)
            if listed is None:
                lost = self.operations.lost(field_name, path, self.operations.path_item(field_name, path))
                if lost is not None:
                    part = self.own(field_name, (path,), lost)
                    yield EndpointPart(path, ANY_METHOD, (), cells_of({}), 0, part)

    def endpoint(self, field_name: str, path: str, listed: Listed) -> EndpointPart:
        """Return an endpoint with its own part."""
        at = listed.at
        tokens = (path, *map(str, at))
        part_id = own_id(field_name, tokens)
        fact = self.memory.part(part_id)
        if fact is not None:
            part = self.as_remembered(part_id, fact, lambda: self.alone(field_name, path, at)[0].value)
            known = None if part is None else endpoint_of(fact, part)
            if known is not None:
                return known
            self.memory.reject(part_id)

        def made() -> _Made:
            inlined, operation = self.alone(field_name, path, at)
            part = self.own(field_name, tokens, inlined)
            count = self.operations.count_parameters(inlined, path, at)
            said = operation if isinstance(operation, dict) else {}
            return part, EndpointPart(path, listed.method, at, cells_of(said), count, part)

        endpoint = self.found(made)[1]
        assert endpoint is not None
        return endpoint

    def alone(self, field_name: str, path: str, at: Tokens) -> tuple[Inlined, Value]:
        """Return the value of an endpoint's own part, and the operation itself, which stands at `at` in its path."""
        whole = self.operations.path_item(field_name, path)
        operation: Value = resolve(whole.value, tuple(map(str, at)))  # type: ignore[assignment]  # it is there
        return self.operations.alone(field_name, path, at, operation, whole), operation

    def own(self, field_name: str, tokens: tuple[str, ...], local: Inlined) -> Part:
        """Make an endpoint's own part.

        tokens: where it stands in the root field.
        """
        is_paths = field_name == PATHS and len(tokens) > 1
        kind = FieldType("Paths", "one", False) if is_paths else FieldType("PathItem", "map", False)
        place = self.entry.origin((field_name,) if len(tokens) > 1 else (field_name, *tokens))
        return self.part(own_id(field_name, tokens), field_name, "", place, kind, local.value, local)
