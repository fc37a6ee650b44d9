"""Phases 4 and 5: check that every reference in an assembled slice resolves, and that the operation reaches everything
in it.

Each piece is summarised once, and callers remember the summary; a slice is then checked by set operations. This module
knows nothing of how slices are made, only what they contain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from oas_tasks.formats import Value
from oas_tasks.openapi.discriminator import built_on, renames
from oas_tasks.openapi.faults import Fault, Phase
from oas_tasks.openapi.model import ComponentName, FieldType, Model
from oas_tasks.openapi.pointer import MISSING, Path, Pointer, decode, resolve, tokens_of
from oas_tasks.openapi.references import Connection, Connections, Via, connections
from oas_tasks.openapi.uri import join, uri_around
from oas_tasks.openapi.walk import kind_at

#: Connections that do not have to resolve in a slice: addresses, and a key `$ref` in a map of texts.
_DATA = frozenset({Via.ADDRESS, Via.MAP})


#: The kind of component that a bare name stands for.
_NAMED = {Via.SECURITY: "securitySchemes", Via.MAPPING: "schemas"}


class Summary(NamedTuple):
    """The targets that one piece of a slice points at; a piece is a component, the path, the tags or the root's
    security.

    components: those that it needs whole or in part, with the place that says so.
    extended: those that its `x-` fields refer to, which it needs if they exist.
    deep: the pointers that lead below a component or outside of the components, with their places.
    misfits: references to an object of the wrong type, in words, with their places.
    outward: references that cannot be resolved inside of a slice.
    identifiers: the URIs of the schemas inside that have an `$id` (3.1 on).
    by_identifier: the URIs, without their fragments, by which it refers to such schemas.
    anchors, defined_anchors: plain-name fragments that it refers to and defines (3.1 on).
    linked, operation_ids: the ids of operations that its Links name, and those of the operations inside.
    tags: names of tags that it uses.
    inherits_security: an operation inside has no security of its own.
    has_base: it contains a schema whose alternates are the schemas built on it through `allOf`.
    built_on: the references to the schemas that it builds on through `allOf`.
    renames: the reference that it consists of, if it is only another name.
    is_plain: it refers to whole components only.
    has_defaults: a schema inside has a `default`.
    """

    components: Mapping[ComponentName, Path]
    extended: frozenset[ComponentName]
    deep: tuple[tuple[tuple[str, ...], Path], ...]
    misfits: tuple[tuple[str, Path], ...]
    outward: tuple[tuple[str, Path], ...]
    identifiers: frozenset[str]
    by_identifier: Mapping[str, Path]
    anchors: Mapping[str, Path]
    defined_anchors: frozenset[str]
    linked: Mapping[str, Path]
    operation_ids: tuple[str, ...]
    tags: frozenset[str]
    inherits_security: bool
    has_base: bool
    built_on: tuple[str, ...]
    renames: str | None
    is_plain: bool
    has_defaults: bool


def summary(model: Model, field: FieldType, value: Value, known: Connections | None = None) -> Summary:
    """Return the targets that a piece of a slice points at.

    known: the connections of this value, if the caller has them; finding them is a third of a first run's walks.
    """
    found = known or connections(model, field, value)
    gathered = _Gathered(model, _Resources(value, [(tokens_of(path), uri) for path, uri in found.bases]))
    for connection in found.found:
        gathered.add(connection)
    is_schema = field.holds == "Schema" and field.container == "one"
    return Summary(
        components=gathered.components,
        extended=frozenset(gathered.extended),
        deep=tuple(gathered.deep),
        misfits=tuple(gathered.misfits),
        outward=tuple(gathered.outward),
        identifiers=frozenset(gathered.resources.places),
        by_identifier=gathered.by_identifier,
        anchors=gathered.anchors,
        defined_anchors=frozenset(anchor for _, anchor in found.anchors),
        linked=gathered.linked,
        operation_ids=found.operation_ids,
        tags=frozenset(gathered.tags),
        inherits_security=found.inherits_security,
        has_base=found.has_base,
        built_on=built_on(value) if is_schema else (),
        renames=renames(value) if is_schema else None,
        is_plain=gathered.is_plain,
        has_defaults=found.has_defaults,
    )


class _Gathered:
    """Sorts the connections of one piece by their targets; its fields are those of `Summary`."""

    def __init__(self, model: Model, resources: _Resources) -> None:
        self.model = model
        self.resources = resources
        self.components: dict[ComponentName, Path] = {}
        self.extended: set[ComponentName] = set()
        self.deep: list[tuple[Pointer, Path]] = []
        self.misfits: list[tuple[str, Path]] = []
        self.outward: list[tuple[str, Path]] = []
        self.by_identifier: dict[str, Path] = {}
        self.anchors: dict[str, Path] = {}
        self.tags: set[str] = set()
        self.linked: dict[str, Path] = {}

    @property
    def is_plain(self) -> bool:
        """Whether the piece points at whole components only."""
        return not (self.deep or self.misfits or self.outward or self.by_identifier or self.anchors or self.linked)

    def add(self, connection: Connection) -> None:
        """Sort in one connection."""
        via, target, path = connection.via, connection.target, connection.path
        is_local = target.startswith("#")
        if via is Via.TAG:
            self.tags.add(target)
        elif via is Via.EXTENSION:
            name = _component_of(decode(target[1:]) if is_local else None)
            if name is not None:
                self.extended.add(name)
        elif via is Via.OPERATION_ID:
            self.linked.setdefault(target, path)
        elif via in _DATA or (via is Via.OPERATION_REF and not is_local):
            pass
        elif via in _NAMED and not is_local:
            self.components.setdefault((_NAMED[via], target), path)
        elif not self.resources.holds(target, path):
            (self._add_pointer if is_local else self._add_address)(connection)

    def _add_address(self, connection: Connection) -> None:
        target, path = connection.target, connection.path
        uri = self.resources.uri(target, path) if self.model.schema_ref_is_keyword else None
        if uri is None:
            self.outward.append((target, path))
        else:
            self.by_identifier.setdefault(uri, path)

    def _add_pointer(self, connection: Connection) -> None:
        target, path = connection.target, connection.path
        tokens = decode(target[1:])
        if tokens is None:
            self.anchors.setdefault(target[1:], path)
            return
        kind = kind_at(self.model, "OpenAPI", tokens)
        if kind is not None and kind != connection.expects:
            self.misfits.append((f"'{target}' is of type {kind}, and {connection.expects} is needed here", path))
        name = _component_of(tokens)
        if name is not None:
            self.components.setdefault(name, path)
        if name is None or len(tokens) > 3:
            self.deep.append((tokens, path))


def _component_of(tokens: Pointer | None) -> ComponentName | None:
    """Return the component that a pointer leads to or into, None where it leads elsewhere."""
    if tokens is None or tokens[:1] != ("components",) or len(tokens) < 3:
        return None
    return tokens[1], tokens[2]


class _Resources:
    """The schema resources in a piece: its schemas that have an `$id`. Source: JSON Schema 2020-12 Core, 8.2.1.

    scopes: their places and their URIs, outer ones first.
    """

    def __init__(self, value: Value, scopes: list[tuple[tuple[str, ...], str]]) -> None:
        self.value = value
        self.scopes: dict[tuple[str, ...], str] = {}
        for tokens, identifier in scopes:
            self.scopes[tokens] = join(self._around(tokens) or "", identifier)
        self.places = {uri.rstrip("#"): tokens for tokens, uri in self.scopes.items()}

    def _around(self, tokens: tuple[str, ...]) -> str | None:
        """Return the base URI at a place, None where no `$id` sets one."""
        return uri_around(self.scopes, tokens)

    def uri(self, target: str, path: Path) -> str | None:
        """Return the absolute URI of a reference without its fragment, None if it cannot be that of a schema."""
        around = self._around(tokens_of(path)) if self.scopes else None
        uri = join(around or "", target.partition("#")[0])
        return uri if ":" in uri or around is not None else None

    def holds(self, target: str, path: Path) -> bool:
        """Whether a reference leads into the piece itself, by the `$id`s in it."""
        if not self.scopes:
            return False
        resource = self.places.get(self.uri(target, path) or "")
        if resource is None:
            return False
        tokens = decode(target.partition("#")[2])
        return tokens is not None and resolve(self.value, resource + tokens) is not MISSING


class Named(NamedTuple):
    """What can be referred to by a name in some pieces of a slice.

    identifiers, anchors: the components that hold schemas with an `$id` or an anchor, by these.
    ambiguous: for each anchor, in how many of them that have no `$id`.
    operation_ids: of all of them.
    """

    identifiers: Mapping[str, list[ComponentName]]
    anchors: Mapping[str, list[ComponentName]]
    ambiguous: Mapping[str, int]
    operation_ids: frozenset[str]

    @classmethod
    def of(cls, pieces: Iterable[tuple[ComponentName, Piece]]) -> Named:
        """Gather the names of some components."""
        identifiers: dict[str, list[ComponentName]] = {}
        anchors: dict[str, list[ComponentName]] = {}
        ambiguous: Counter[str] = Counter()
        operation_ids: set[str] = set()
        for component, (_, said) in pieces:
            operation_ids.update(said.operation_ids)
            for uri in said.identifiers:
                identifiers.setdefault(uri, []).append(component)
            for anchor in said.defined_anchors:
                anchors.setdefault(anchor, []).append(component)
            if not said.identifiers:
                ambiguous.update(said.defined_anchors)
        return cls(identifiers, anchors, ambiguous, frozenset(operation_ids))


class Piece(NamedTuple):
    """One piece of a slice, with its place and its targets."""

    place: tuple[str, ...]
    summary: Summary


class Pieces(dict[ComponentName, Piece]):
    """The components of a slice, with facts about all of them together.

    are_plain: they refer to whole other components and to nothing else.
    is_graph: what they reach follows from references alone.
    reach: the components that a component reaches, as far as they were worked out; only if `is_graph`.
    """

    def __init__(
        self, pieces: Mapping[ComponentName, Piece], reach: dict[ComponentName, frozenset[ComponentName]] | None = None
    ) -> None:
        """Take the components of a slice.

        reach: shared with other slices whose components are the same under the same names.
        """
        super().__init__(pieces)
        summaries = [piece.summary for piece in pieces.values()]
        needed: set[ComponentName] = set().union(*(each.components for each in summaries))
        self.are_plain = needed <= pieces.keys() and all(each.is_plain for each in summaries)
        self.reach = {} if reach is None else reach
        self.is_graph = self.are_plain and not any(
            each.has_base or each.inherits_security or each.tags for each in summaries
        )

    @cached_property
    def named(self) -> Named:
        """What can be referred to by a name, in all components."""
        return Named.of(self.items())

    def reached_from(self, starts: Iterable[ComponentName]) -> set[ComponentName]:
        """Return the components that some reach, themselves included. Only if `is_graph`."""
        reached: set[ComponentName] = set()
        for start in starts:
            if start in self and start not in reached:
                known = self.reach.get(start)
                if known is None:
                    known = self.reach[start] = frozenset(self._search(start))
                reached |= known
                if len(reached) == len(self):
                    break
        return reached

    def _search(self, start: ComponentName) -> set[ComponentName]:
        found = {start}
        pending = [start]
        while pending:
            component = pending.pop()
            known = self.reach.get(component)
            new = set(known or ()) - found
            if known is None:
                said = self[component].summary
                new = said.components.keys() - found
                if said.extended:
                    new |= (said.extended & self.keys()) - found
            found |= new
            if known is None:
                pending.extend(new)
        return found


def reference_faults(document: dict[str, Value], own: Piece, pieces: Pieces) -> list[Fault]:
    """Return the references of a slice that do not resolve inside of it.

    own: its path; pieces: its components.
    """
    present = pieces.keys()
    found: list[Fault] = []
    for piece in (own,) if pieces.are_plain else (own, *pieces.values()):
        said = piece.summary
        if not said.components.keys() <= present:
            for component, path in said.components.items():
                if component not in present:
                    reason = f"'#/components/{'/'.join(component)}' is referenced but not in the slice"
                    found.append(Fault(Phase.REFERENCES, reason, piece.place + tokens_of(path)))
        if not said.is_plain:
            found += [
                Fault(Phase.REFERENCES, reason, piece.place + tokens_of(path))
                for reason, path in _unresolved(document, said, own, pieces)
            ]
    return found


def _unresolved(document: dict[str, Value], said: Summary, own: Piece, pieces: Pieces) -> Iterator[tuple[str, Path]]:
    """Yield the references of a piece that do not resolve, except to whole components, with their places."""
    for tokens, path in said.deep:
        absent = tokens[:1] == ("components",) and tokens[1:3] not in pieces  # said already
        if not absent and resolve(document, tokens) is MISSING:
            yield f"'#/{'/'.join(tokens)}' is referenced but not in the slice", path
    yield from said.misfits
    for target, path in said.outward:
        yield f"'{target}' leads out of the slice", path
    mine = own.summary
    for uri, path in said.by_identifier.items():
        if uri not in mine.identifiers and uri not in pieces.named.identifiers:
            yield f"'{uri}' leads out of the slice", path
    for operation_id, path in said.linked.items():
        if operation_id not in mine.operation_ids and operation_id not in pieces.named.operation_ids:
            yield f"the link's operation '{operation_id}' is not in the slice", path
    for anchor, path in said.anchors.items():
        is_mine = anchor in mine.defined_anchors
        if not is_mine and anchor not in pieces.named.anchors:
            yield f"'#{anchor}' is referenced but not in the slice", path
        # One with an `$id` has anchors of its own.
        elif pieces.named.ambiguous.get(anchor, 0) + (is_mine and not mine.identifiers) > 1:
            yield f"'#{anchor}' may mean several schemas: its anchor stands in more than one of them", path


def completeness_faults(
    document: dict[str, Value],
    own: Piece,
    pieces: Pieces,
    security: Piece | None,
    declared_tags: Value = None,
    others: Iterable[Summary] = (),
) -> list[Fault]:
    """Return faults for everything in a slice that its operation does not reach.

    security: the root's requirements, None where the slice has none.
    declared_tags: those from before a conversion, if there was one: tags have parents since 3.2.
    others: the targets of the other root fields.
    """
    reached: set[ComponentName] = set()
    pending: list[tuple[ComponentName | None, Summary]] = [(None, own.summary), *((None, each) for each in others)]
    inherits = False
    tags: set[str] = set()
    children: _Children | None = None
    while pending:
        holder, said = pending.pop()
        new = said.components.keys() - reached
        if said.extended:
            new |= (said.extended & pieces.keys()) - reached
        if said.inherits_security and security is not None:
            inherits = True
            new |= security.summary.components.keys()
        if said.tags:
            tags |= said.tags
        if said.anchors or said.by_identifier:
            new.update(*(pieces.named.anchors.get(each, ()) for each in said.anchors))
            new.update(*(pieces.named.identifiers.get(each, ()) for each in said.by_identifier))
        if said.has_base and holder is not None:
            children = children or _Children(pieces)
            new |= children.further_below(holder)
        if pieces.is_graph:
            reached |= pieces.reached_from(new)
            continue
        for component in new:
            piece = pieces.get(component)
            if piece is not None and component not in reached:
                reached.add(component)
                pending.append((component, piece.summary))
    found = [
        Fault(Phase.COMPLETENESS, "nothing in the slice needs this component", ("components", *component))
        # Only pieces are ever added to what is reached, so the count tells whether all of them are.
        for component in (pieces.keys() - reached if len(reached) < len(pieces) else ())
    ]
    if security is not None and not inherits:
        found.append(Fault(Phase.COMPLETENESS, "every operation has a security of its own", ("security",)))
    return found + _unused_tags(document.get("tags") if declared_tags is None else declared_tags, tags)


class _Children:
    """The components of a slice that are built on others through `allOf`."""

    def __init__(self, pieces: Pieces) -> None:
        #: By each the ones that are built on it.
        self._built: dict[ComponentName, list[ComponentName]] = {}
        #: By each the ones that are other names of it.
        self._renaming: dict[ComponentName, list[ComponentName]] = {}
        self._seen: set[ComponentName] = set()
        for component, (_, said) in pieces.items():
            for target in said.built_on:
                holder = _holder(target, pieces)
                if holder is not None:
                    self._built.setdefault(holder, []).append(component)
            meant = None if said.renames is None else _holder(said.renames, pieces)
            if meant is not None:
                self._renaming.setdefault(meant, []).append(component)

    def further_below(self, base: ComponentName) -> set[ComponentName]:
        """Return what is built on a component, however indirectly, but for what was returned before."""
        found: set[ComponentName] = set()
        pending = [base]
        while pending:
            component = pending.pop()
            if component not in self._seen:
                self._seen.add(component)
                found.update(self._built.get(component, ()))
                pending += self._built.get(component, ())
                pending += self._renaming.get(component, ())
        return found


def _holder(target: str, pieces: Pieces) -> ComponentName | None:
    """Return the component that a reference leads to or into."""
    uri, _, fragment = target.partition("#")
    tokens = decode(fragment)
    if not uri and tokens is not None:
        return (tokens[1], tokens[2]) if tokens[:1] == ("components",) and len(tokens) > 2 else None
    return next(iter(pieces.named.identifiers.get(uri, ()) if uri else pieces.named.anchors.get(fragment, ())), None)


def _unused_tags(tags: Value, used: set[str]) -> list[Fault]:
    listed = [tag for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
    parents = {str(tag.get("name")): str(tag["parent"]) for tag in listed if isinstance(tag.get("parent"), str)}
    wanted = set(used)
    for name in used:
        while name in parents and parents[name] not in wanted:
            name = parents[name]
            wanted.add(name)
    return [
        Fault(Phase.COMPLETENESS, f"no operation in the slice has the tag '{tag.get('name')}'", ("tags", str(index)))
        for index, tag in enumerate(listed)
        if tag.get("name") not in wanted
    ]
