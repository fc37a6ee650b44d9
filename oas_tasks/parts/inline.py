"""Inlines the targets of references that a slice cannot have.

Such are references to a Path Item before 3.1, to a Media Type before 3.2, and those that the specification does not
allow at all though documents have them (to an Operation, a description, a map of properties). All others point at
parts. The version that counts is the slice's; in 3.0 a reference with a text of its own is replaced as well.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from traceback import format_exception
from typing import NamedTuple, TypeAlias

from oas_tasks.document.edited import Tokens, edited
from oas_tasks.document.place import ENTRY, Place
from oas_tasks.document.resolver import Base, Broken, Resolver, near_of
from oas_tasks.document.trace import Read
from oas_tasks.errors import NOT_OURS, crash_reason
from oas_tasks.formats import Value
from oas_tasks.formats.value import MAX_ALIASED_NODES
from oas_tasks.openapi.faults import Fault, FaultKind, Phase
from oas_tasks.openapi.model import EXTENSION, PLAIN_TYPES, FieldType, Model
from oas_tasks.openapi.pointer import indexes_of, resolve, tokens_of
from oas_tasks.openapi.references import Connection, Connections, Via, connections
from oas_tasks.openapi.unfolding import Unfoldings
from oas_tasks.openapi.uri import join, uri_around
from oas_tasks.openapi.walk import kind_at
from oas_tasks.parts.stable_pointers import StablePointers

#: How many references in `x-` fields are inlined in one part, and how deep inside of one another. More are a mistake of
#: the document.
_MOST_IN_PLACE = 10_000
_DEEPEST = 128

#: How many nodes other references may bring into one part, and how deep inside of one another: they are for pieces of
#: it, not for all of a document.
_MOST_NODES = 20_000
_MOST_INSIDE = 32

#: References by a text other than `$ref`, and the fields that have such texts.
_BY_TEXT = frozenset({Via.TAG, Via.MAPPING, Via.OPERATION_ID, Via.OPERATION_REF})
_SAYING = frozenset({"tags", "parent", "mapping", "defaultMapping", "operationId", "operationRef"})


#: What is put in the place of a reference: where it stands, the type of the field that it is put into, and whether it
#: gets another text there.
_Target: TypeAlias = tuple[Place, FieldType, bool]


class Pointed(NamedTuple):
    """A reference in a part.

    tokens: its place there. base: what it is relative to. source: where it stands in the sources.
    leads_back: in an `x-` field, to something around it, which was inlined further out.
    """

    connection: Connection
    tokens: Tokens
    base: Base
    source: Place
    leads_back: bool = False


@dataclass(slots=True)
class Inlined:
    """A value with everything inlined that no reference can stand for.

    operations: those inside: their places in the value, their ids, and whether the root's security applies to them.
    faults: each with its place in the value.
    inlined: the places whose content stands elsewhere in the sources, and where; outer before inner.
    found: what `connections` says of the value; None where something was inlined.
    leads_back: the places around it that references in its `x-` fields lead back to.
    weight: how many nodes were inlined in its `x-` fields. height: how many references deep. overflows: too many or
        too deep.
    """

    value: Value
    pointed: list[Pointed]
    operations: list[tuple[Tokens, str | None, bool]]
    faults: list[tuple[Tokens, Fault]]
    inlined: list[tuple[Tokens, Place]]
    #: The places of the `$id`s and anchors in it, except for inlined ones.
    names: list[Tokens] = field(default_factory=list)
    #: The places of inlined `$id`s and anchors.
    foreign_names: list[Tokens] = field(default_factory=list)
    found: Connections | None = None
    leads_back: set[Place] = field(default_factory=set)
    weight: int = 0
    height: int = 0
    overflows: bool = False


class _Edits(NamedTuple):
    """What is inlined in one value, by place.

    changes: what replaces a reference.
    below: what goes below the fields beside a `$ref`, which override it.
    said: the places of inlined texts that may be references themselves.
    """

    changes: dict[Tokens, Value]
    below: dict[Tokens, Value]
    said: set[Tokens]


class Inliner:
    """Inlines the targets of references in one document.

    model, target: of the document and of its slices.
    stable: which references in `x-` fields keep their form.
    """

    def __init__(self, model: Model, target: Model, resolver: Resolver, stable: StablePointers) -> None:
        self.model = model
        self.target = target
        self.resolver = resolver
        self.stable = stable
        #: What replaces references in `x-` fields, by target, where that does not depend on what is around it.
        self._extensions: dict[Place, tuple[Inlined, Collection[Read]]] = {}
        self._unfoldings: Unfoldings[_Target, Pointed] = Unfoldings()
        self._rounds: Unfoldings[Place, bool] = Unfoldings()
        self._in_extensions: dict[Place, list[tuple[Place, bool]]] = {}
        self._trace = resolver.sources.trace
        self._component_kinds = frozenset(target.component_kinds.values())
        #: A Reference Object of 3.0 has no text of its own.
        self._has_texts = target.family == "3.0" and model.family != "3.0"

    def local(
        self,
        field_type: FieldType,
        value: Value,
        place: Place,
        active: frozenset[Place] = frozenset(),
        is_text_over: bool = False,
        leaves_own: bool = False,
    ) -> Inlined:
        """Return a value with what has to be inlined, and its other references.

        place: where the value stands.
        active: the places that are being inlined, one inside of another.
        is_text_over: the value gets another text, so that it is inlined even where it is a reference itself.
        leaves_own: the value's own `$ref` stays, since the caller follows it.
        """
        found = connections(self.model, field_type, value)
        operations = [(indexes_of(each.path), each.operation_id, each.inherits_security) for each in found.operations]
        local = Inlined(value, [], operations, [], [])
        local.names = [(*indexes_of(path), "$id") for path, _ in found.bases]
        local.names += [indexes_of(path) for path, _ in found.anchors]
        edits = _Edits({}, {}, set())
        for pointed in self._pointed(found, place):
            connection, indexes = pointed.connection, pointed.tokens
            if connection.via is Via.EXTENSION:
                self._extension(pointed, local, edits, active, field_type is not EXTENSION)
                continue
            if connection.via is Via.MAP:
                if not self._is_of_map(connection, pointed.base):
                    continue
                local.pointed = [each for each in local.pointed if each.tokens != indexes]
            texts = self._texts(pointed, value)
            is_own = leaves_own and indexes == ("$ref",)
            if self._is_replaced(pointed, texts, is_text_over) and not is_own:
                self._put_in_place(pointed, texts, local, edits, active)
            else:
                local.pointed.append(pointed)
        changes = _laid_over(value, edits.changes, edits.below) if edits.below else edits.changes
        if changes:
            local.value = edited(value, changes)
            if edits.said:
                local.pointed += self._said_in_place(field_type, local, edits.said)
        else:
            local.found = found
        return local

    def _put_in_place(
        self, pointed: Pointed, texts: dict[str, Value], local: Inlined, edits: _Edits, active: frozenset[Place]
    ) -> None:
        """Inline the target of a reference, or note a fault where that is impossible.

        texts: the reference's own texts, which override its target's.
        local: the value that the reference is in, so far unchanged.
        """
        connection, at = pointed.connection, pointed.tokens[:-1]
        file, tokens = pointed.source
        target = self.place_of(connection, pointed.base)
        if isinstance(target, Broken) or target in active:
            reason = target.reason if isinstance(target, Broken) else f"'{connection.target}' contains itself"
            local.faults.append((at, fault_at(reason, pointed.source)))
            return
        _, kind, is_object = whole = self._target(target, connection)
        unfolded = self._unfoldings.of(whole, self._inside)
        if unfolded.loop is not None:
            reason = f"'{unfolded.loop.connection.target}' contains itself"
            local.faults.append((at, fault_at(reason, unfolded.loop.source)))
            return
        local.weight += unfolded.weight
        if local.weight > _MOST_NODES or unfolded.height + len(active) > _MOST_INSIDE:
            reason = f"'{connection.target}' stands for more than can be put in its place"
            local.faults.append((at, fault_at(reason, pointed.source)))
            return
        inner = self.local(
            kind,
            self.resolver.value(target),  # type: ignore[arg-type]  # it was found
            target,
            active | {target},
            is_text_over=is_object,
        )
        local.inlined.append((at, target))
        written: Value = resolve(local.value, tuple(map(str, at)))  # type: ignore[assignment]  # it is there
        assert isinstance(written, dict)
        if is_object:
            edits.changes[at] = merged(inner.value, {"$ref": "", **texts})
            take(local, inner, at)
        elif connection.via is Via.STRAY:
            kind = FieldType(connection.expects, "one", False)
            edits.changes[at] = self._with_beside(kind, written, (file, tokens[:-1]), local, inner, at, active)
        elif connection.via is Via.MAP:
            edits.changes[at] = inner.value
            take(local, inner, at)
        else:
            hidden = [key for key in written if key != "$ref"]
            edits.below[at] = inner.value
            local.inlined += [((*at, key), (file, (*tokens[:-1], key))) for key in hidden]
            take(local, _without(inner, hidden), at)
        if connection.field is not None and connection.field.holds in PLAIN_TYPES and not _SAYING.isdisjoint(at):
            edits.said.add(at)

    def _said_in_place(self, field_type: FieldType, local: Inlined, places: Collection[Tokens]) -> Iterator[Pointed]:
        """Yield the references by inlined texts, such as tags or a Link's target.

        places: of these texts, or of inlined lists or maps of texts.
        """
        for connection in connections(self.model, field_type, local.value).found:
            tokens = indexes_of(connection.path)
            if connection.via in _BY_TEXT and any(tokens[:length] in places for length in range(len(tokens) + 1)):
                at, (file, start) = next(each for each in reversed(local.inlined) if each[0] == tokens[: len(each[0])])
                source = (file, start + tuple(map(str, tokens[len(at) :])))
                yield Pointed(connection, tokens, Base(file, None, near_of(connection.target, source[1])), source)

    def _extension(
        self,
        pointed: Pointed,
        local: Inlined,
        edits: _Edits,
        active: frozenset[Place],
        is_outermost: bool,
    ) -> None:
        """Inline the target of a reference in an `x-` field, or note that it stays a reference.

        Where it leads to nothing it is data, and stays as it is.
        active: the places that are being inlined around it.
        is_outermost: it is not itself in something inlined.
        """
        at = pointed.tokens[:-1]
        if local.overflows or any(at[:length] in edits.changes for length in range(len(at) + 1)):
            return  # the latter beside one that was replaced
        target = self.resolver.place(pointed.connection, pointed.base)
        if isinstance(target, Broken):
            return
        # Inlined content no longer stands in the operation that it is read from.
        if self.stable.is_for_extension(target, None if active else pointed.source):
            local.pointed.append(pointed)
            return
        target = self.resolver.origin(target)
        if target in active:
            local.pointed.append(pointed._replace(leads_back=True))
            local.leads_back.add(target)
            return
        inner = self._in_extension(target, active)
        local.height = max(local.height, inner.height + 1)
        if inner.overflows or local.weight + inner.weight > MAX_ALIASED_NODES:
            if is_outermost:
                reason = f"'{pointed.connection.target}' stands for more than can be put in its place"
                local.faults.append((at, fault_at(reason, pointed.source)))
            else:
                local.overflows = True
            return
        local.weight += inner.weight
        local.leads_back |= inner.leads_back - {target}
        written: Value = resolve(local.value, tuple(map(str, at)))  # type: ignore[assignment]  # it is there
        assert isinstance(written, dict)
        local.inlined.append((at, target))
        around = (pointed.source[0], pointed.source[1][:-1])
        value = self._with_beside(EXTENSION, written, around, local, inner, at, active)
        edits.changes[at] = value
        if len(local.inlined) > _MOST_IN_PLACE and not is_outermost:
            local.overflows = True

    def _with_beside(
        self,
        field_type: FieldType,
        written: dict[str, Value],
        place: Place,
        local: Inlined,
        inner: Inlined,
        at: Tokens,
        active: frozenset[Place],
    ) -> Value:
        """Return the target of a reference, overridden by what stands beside the `$ref`.

        field_type, place: of `written`, the mapping with the `$ref`.
        """
        if len(written) < 2 or not isinstance(inner.value, dict):
            take(local, inner, at)
            return inner.value
        others = {name: member for name, member in written.items() if name != "$ref"}
        beside = self.local(field_type, others, place, active)
        assert isinstance(beside.value, dict)
        local.overflows = local.overflows or beside.overflows
        local.weight += beside.weight
        local.height = max(local.height, beside.height)
        local.leads_back |= beside.leads_back
        shown = _without(inner, others.keys())
        if field_type.holds == "Operation":  # the two are one
            ((_, name, inherits),) = (each for each in beside.operations if not each[0])
            beside.operations = [each for each in beside.operations if each[0]]
            shown.operations = [
                (tokens, *((name or known, inherits and inherits_there) if not tokens else (known, inherits_there)))
                for tokens, known, inherits_there in shown.operations
            ]
        take(local, shown, at)
        local.inlined += [((*at, name), (place[0], (*place[1], name))) for name in others]
        take(local, beside, at)
        return {**inner.value, **beside.value}

    def _in_extension(self, target: Place, active: frozenset[Place]) -> Inlined:
        """Return what replaces a reference in an `x-` field.

        active: the places that are being inlined around it.
        """
        known = self._extensions.get(target)
        fits = known is not None and len(active) + known[0].height <= _DEEPEST
        if known is not None and fits and active.isdisjoint(place for _, place in known[0].inlined):
            self._trace.note_all(known[1])
            return known[0]
        self._trace.begin()
        value: Value = self.resolver.value(target)  # type: ignore[assignment]  # it was found
        if len(active) > _DEEPEST or (not active and self._goes_round_too_often(target)):
            self._trace.end()
            return Inlined(value, [], [], [], [], overflows=True, height=_DEEPEST + 1)
        inner = self.local(EXTENSION, value, target, active | {target})
        inner.weight += _weight(value)
        reads = self._trace.end()
        # It may be too deep only because of what is around it.
        if inner.height <= _DEEPEST and (inner.overflows or inner.leads_back <= {target}):
            self._extensions[target] = inner, reads
        return inner

    def _goes_round_too_often(self, target: Place) -> bool:
        """Whether references in `x-` fields that lead back in many ways make too much of a target.

        What is inlined for them depends on what is around them, so that each way has to be gone.
        """
        if self._rounds.of(target, self._inside_extension).loop is None:
            return False
        count = 0
        active = [target]
        pending = [iter(self._inside_extension(target)[1])]
        while pending and count <= _MOST_IN_PLACE:
            following = next(pending[-1], None)
            if following is None:
                pending.pop()
                active.pop()
            elif following[0] not in active and len(active) <= _DEEPEST:
                count += 1
                active.append(following[0])
                pending.append(iter(self._inside_extension(following[0])[1]))
        return count > _MOST_IN_PLACE

    def _inside_extension(self, place: Place) -> tuple[int, list[tuple[Place, bool]]]:
        """Return what is inlined in the target of a reference in an `x-` field."""
        known = self._in_extensions.get(place)
        if known is None:
            known = self._in_extensions[place] = []
            value: Value = self.resolver.value(place)  # type: ignore[assignment]  # it was found
            for pointed in self._pointed(connections(self.model, EXTENSION, value), place):
                found = self.resolver.place(pointed.connection, pointed.base)
                if not isinstance(found, Broken) and not self.stable.is_for_extension(found, None):
                    known.append((self.resolver.origin(found), True))
        return 1, known

    def _pointed(self, found: Connections, place: Place) -> Iterator[Pointed]:
        """Yield the connections of a value with what they are relative to. place: where it stands."""
        outer = self.resolver.identifier_around(place) if self.model.schema_ref_is_keyword else None
        scopes: dict[tuple[str, ...], str] = {}
        for path, uri in found.bases:
            scopes[tokens_of(path)] = join(uri_around(scopes, tokens_of(path)) or outer or "", uri)
        for connection in found.found:
            indexes = indexes_of(connection.path)
            tokens = tuple(map(str, indexes))
            base = Base(place[0], uri_around(scopes, tokens) or outer, near_of(connection.target, place[1] + tokens))
            yield Pointed(connection, indexes, base, (place[0], place[1] + tokens))

    def _is_replaced(self, pointed: Pointed, texts: dict[str, Value], is_text_over: bool) -> bool:
        """Whether the target of a reference has to be inlined. texts: its own."""
        connection = pointed.connection
        if connection.via in (Via.STRAY, Via.MAP) or texts or (is_text_over and pointed.tokens == ("$ref",)):
            return True
        return connection.via is Via.REFERENCE and connection.expects not in self._component_kinds

    def _inside(self, target: _Target) -> tuple[int, list[tuple[_Target, Pointed]]]:
        """Return the nodes of a value that is to be inlined, and the references in it that are replaced too."""
        place, kind, is_text_over = target
        value: Value = self.resolver.value(place)  # type: ignore[assignment]  # it was found
        inside: list[tuple[_Target, Pointed]] = []
        pending = [(kind, value, place)]
        for field_type, said, at in pending:
            for pointed in self._pointed(connections(self.model, field_type, said), at):
                connection = pointed.connection
                if connection.via is Via.EXTENSION or (
                    connection.via is Via.MAP and not self._is_of_map(connection, pointed.base)
                ):
                    continue
                is_own = is_text_over and said is value
                if not self._is_replaced(pointed, self._texts(pointed, said), is_own):
                    continue
                found = self.place_of(connection, pointed.base)
                if not isinstance(found, Broken):
                    inside.append((self._target(found, connection), pointed))
                written = resolve(said, tuple(map(str, pointed.tokens[:-1])))
                if connection.via is Via.STRAY and isinstance(written, dict) and len(written) > 1:
                    others = {name: member for name, member in written.items() if name != "$ref"}
                    source = (pointed.source[0], pointed.source[1][:-1])
                    pending.append((FieldType(connection.expects, "one", False), others, source))
        return _weight(value), inside

    def _target(self, place: Place, connection: Connection) -> _Target:
        is_object = is_reference_object(self.model, connection)
        return place, connection.field or FieldType(connection.expects, "one", is_object), is_object

    def _is_of_map(self, connection: Connection, base: Base) -> bool:
        """Whether a key `$ref` of a map of plain values is a reference to such a map, not to a schema."""
        place = self.resolver.place(connection, base)
        if isinstance(place, Broken) or (place[0] == ENTRY and kind_at(self.model, "OpenAPI", place[1]) is not None):
            return False
        value = self.resolver.value(place)
        if not isinstance(value, dict) or connection.expects == "any":
            return isinstance(value, dict)
        return all(
            isinstance(each, str | list) or (isinstance(each, dict) and "$ref" in each) for each in value.values()
        )

    def _texts(self, pointed: Pointed, value: Value) -> dict[str, Value]:
        """Return a Reference Object's own texts, where slices cannot have them. value: what it is in."""
        if not self._has_texts or not is_reference_object(self.model, pointed.connection):
            return _NO_TEXTS
        written = resolve(value, tuple(map(str, pointed.tokens[:-1])))
        return texts_of(self.model, pointed.connection.expects, written) if isinstance(written, dict) else _NO_TEXTS

    def place_of(self, connection: Connection, base: Base) -> Place | Broken:
        """Return where a reference leads, in the file that its content is relative to."""
        place = self.resolver.place(connection, base)
        return place if isinstance(place, Broken) else self.resolver.origin(place)


def take(local: Inlined, inner: Inlined, at: Tokens) -> None:
    """Add to a value what was found in another one that is inlined in it."""
    local.pointed += [each._replace(tokens=at + each.tokens) for each in inner.pointed]
    local.operations += [(at + inside, name, inherits) for inside, name, inherits in inner.operations]
    local.faults += [(at + inside, fault) for inside, fault in inner.faults]
    local.inlined += [(at + inside, place) for inside, place in inner.inlined]
    local.foreign_names += [at + inside for inside in (*inner.names, *inner.foreign_names)]


def _without(inner: Inlined, hidden: Collection[str]) -> Inlined:
    """Return what was found in a value, except in members that are overridden."""

    def is_shown(tokens: Tokens) -> bool:
        return not tokens or tokens[0] not in hidden

    return replace(
        inner,
        pointed=[each for each in inner.pointed if is_shown(each.tokens)],
        operations=[each for each in inner.operations if is_shown(each[0])],
        faults=[each for each in inner.faults if is_shown(each[0])],
        inlined=[each for each in inner.inlined if is_shown(each[0])],
        names=[each for each in inner.names if is_shown(each)],
        foreign_names=[each for each in inner.foreign_names if is_shown(each)],
    )


def _laid_over(value: Value, changes: dict[Tokens, Value], below: dict[Tokens, Value]) -> dict[Tokens, Value]:
    """Return the changes of a value in which some mappings override others.

    changes: all other changes, those inside of these mappings included.
    below: what each mapping overrides, outer ones before inner ones.
    """
    inside: dict[Tokens, dict[Tokens, Value]] = {at: {} for at in below}
    found: dict[Tokens, Value] = {}

    def note(at: Tokens, changed: Value) -> None:
        around = next((at[:length] for length in range(len(at) - 1, -1, -1) if at[:length] in inside), None)
        if around is None:
            found[at] = changed
        else:
            inside[around][at[len(around) :]] = changed

    for at, changed in changes.items():
        note(at, changed)
    for at in reversed(below):
        written = edited(resolve(value, tuple(map(str, at))), inside[at])  # type: ignore[arg-type]  # it is there
        note(at, merged(below[at], written))
    return found


def _weight(value: Value) -> int:
    """Return how many nodes a value has; long texts count for more."""
    weight = 0
    pending = [value]
    while pending:
        value = pending.pop()
        weight += 1
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, str):
            weight += len(value) // 64
    return weight


def is_reference_object(model: Model, connection: Connection) -> bool:
    """Whether a reference is a Reference Object, in which only texts count beside the `$ref` (from 3.1 on).

    The `$ref` of Path Items and, from 3.1 on, of Schemas is a field of theirs instead.
    """
    return connection.via is Via.REFERENCE and may_be_referred_to(model, connection.expects)


def may_be_referred_to(model: Model, kind: str) -> bool:
    """Whether a Reference Object may stand for an object of a kind."""
    return kind in model.component_kinds.values() and "$ref" not in model.types[kind].fields


#: The texts of a Reference Object, which override its target's. Source: 3.1.2 "Reference Object".
_TEXTS = ("summary", "description")
_NO_TEXTS: dict[str, Value] = {}


def texts_of(model: Model, kind: str, reference: dict[str, Value]) -> dict[str, Value]:
    """Return a Reference Object's own texts. One that the target's type does not have is of no effect."""
    fields = model.types[kind].fields
    return {name: value for name, value in reference.items() if name in _TEXTS and name in fields}


def merged(target: Value, written: object) -> Value:
    """Return the target of a reference, overridden by what stands beside the `$ref`."""
    if isinstance(target, dict) and isinstance(written, dict) and len(written) > 1:
        return {**target, **{name: value for name, value in written.items() if name != "$ref"}}
    return target


def fault_at(reason: str, source: Place) -> Fault:
    """Return the fault of a reference. source: its place in the sources."""
    return Fault(Phase.REFERENCES, reason, source[1], source[0])


def unless_crashed(make: Callable[[], Inlined], value: Value, place: Place) -> Inlined:
    """Return what is made of a value, or on an internal error the value with that as its fault.

    place: where the value stands.
    """
    try:
        return make()
    except NOT_OURS:
        raise
    except BaseException as error:  # noqa: BLE001  the border of one piece; a panic in Rust is no Exception
        return crashed(error, value, place)


def crashed(error: BaseException, value: Value, place: Place) -> Inlined:
    """Return a value with an internal error as its fault.

    place: where the value stands.
    """
    traceback = "".join(format_exception(error))
    fault = Fault(Phase.REFERENCES, crash_reason(error), place[1], place[0], kind=FaultKind.MADE, traceback=traceback)
    return Inlined(value, [], [], [((), fault)], [])
