"""Finds what an operation reaches, what a slice has without need, and which of its references lead nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote

from .documents import DATA_KEYS, Component, Documents, Load, Location, UnresolvedError
from .model import is_bare_reference, is_example_elsewhere, is_extension, is_reference

#: Sections of `components` whose members a slice may write in place instead of referring to them.
INLINABLE = frozenset(("pathItems", "mediaTypes"))


#: Root extensions that list other endpoints: a slice may lack them and others of the kind (`is_index`).
INDEXING_EXTENSIONS = frozenset(("x-webhooks", "x-tagGroups"))


class Unit(NamedTuple):
    """Something that is reached as a whole: a component, or the target of any other reference."""

    kind: str
    at: Location


@dataclass
class Edges:
    """The direct targets of one unit.

    inherits: an operation in it has no `security` of its own. bases: schemas in it whose discriminator implies
    the schemas built on them. broken: (where, why) of what leads nowhere.
    """

    targets: dict[Unit, None] = field(default_factory=dict)
    inherits: bool = False
    tags: set[str] = field(default_factory=set)
    operations: set[Location] = field(default_factory=set)
    links: list[Location] = field(default_factory=list)
    bases: list[Location] = field(default_factory=list)
    broken: list[tuple[Location, str]] = field(default_factory=list)


@dataclass
class Closure:
    """Everything that some units lead to."""

    units: set[Unit] = field(default_factory=set)
    components: set[Component] = field(default_factory=set)
    inherits: bool = False
    tags: set[str] = field(default_factory=set)
    operations: set[Location] = field(default_factory=set)
    links: list[Location] = field(default_factory=list)
    broken: list[tuple[Location, str]] = field(default_factory=list)


class Reach:
    """Follows the references of a document; remembers each unit."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.model = documents.model
        self._edges: dict[Unit, Edges] = {}
        self._children: dict[Location, list[str]] | None = None
        self._known_aliases: dict[Location, Location] | None = None
        self._whole: Closure | None = None

    # --------------------------------------------------------------------------------------- a unit's own edges

    def edges(self, unit: Unit) -> Edges:
        """The direct targets of a unit."""
        if unit not in self._edges:
            edges = self._edges[unit] = Edges()
            self._walk(unit.kind, unit.at, self.documents.at(unit.at), edges)
        return self._edges[unit]

    def _walk(self, kind: str, at: Location, node: Any, edges: Edges) -> None:
        if kind == "Extension":
            self._extension(at, node, edges)
        if not isinstance(node, dict) or kind == "Extension":
            return
        for key, value in node.items():
            is_kept = is_extension(key) and kind not in ("Responses", "Callback")
            if is_kept or is_example_elsewhere(kind, key, value):
                self._extension(at.below(key), value, edges)
            elif key not in DATA_KEYS and kind != "Link" and self.model.field(kind, key) is None:
                self._extensions_below(at.below(str(key)), value, edges)
        if is_reference(node) and (kind in self.model.referenceable or kind in ("PathItem", "Operation")):
            self._refer(kind, node["$ref"], at, edges)
            if kind != "PathItem" and (kind != "Schema" or self.model.version == "3.0"):
                return  # its siblings are ignored, or text
        if kind == "OpenAPI":
            self._secure(node.get("security"), at.below("security"), edges)
        elif kind == "Operation":
            self._operation(at, node, edges)
        elif kind == "Schema":
            self._schema(at, node, edges)
        elif kind == "Link":
            edges.links.append(at)
        for tokens, below, value in self.model.parts(kind, node):
            if below != "Components":
                self._walk(below, at.below(*tokens), value, edges)

    def _extensions_below(self, at: Location, node: Any, edges: Edges) -> None:
        """The `x-` fields of objects without a table in the model: Info, Tag, Server."""
        members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in members:
            if is_extension(key):
                self._extension(at.below(str(key)), value, edges)
            elif key not in DATA_KEYS:
                self._extensions_below(at.below(str(key)), value, edges)

    def _extension(self, at: Location, node: Any, edges: Edges) -> None:
        """A `$ref` in an `x-` field is followed if its target exists; everything there may have more of them."""
        if is_reference(node):
            try:
                target = self.documents.resolve(node["$ref"], at)
            except UnresolvedError:
                target = None
            if target is not None and not is_container(target, self.documents.base):
                owner = self.documents.component_at(Location(target.file, target.tokens[:3]))
                alias = None if owner else self._alias_of(target)
                if owner or alias:
                    self._reach(self.model.component_kind((owner or alias)[0]) or "Schema", target, edges)  # type: ignore[index]
                    edges.targets.pop(Unit(self.model.component_kind((owner or alias)[0]) or "Schema", target), None)  # type: ignore[index]
                    if owner:
                        self._component(owner, edges)
                else:
                    edges.targets[Unit("Extension", target)] = None
        members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in members:
            self._extension(at.below(str(key)), value, edges)

    def _component(self, component: Component, edges: Edges) -> None:
        at = Location(self.documents.base, ("components", *component))
        edges.targets[Unit(self.model.component_kind(component[0]) or "Schema", at)] = None

    def _alias_of(self, target: Location) -> Component | None:
        """The component of the entry that a place in another file is, or is in, by a reference."""
        for length in range(len(target.tokens), -1, -1):
            at = self._aliases().get(Location(target.file, target.tokens[:length]))
            if at is not None:
                return at.tokens[1], at.tokens[2]
        return None

    def _operation(self, at: Location, node: Mapping[str, Any], edges: Edges) -> None:
        edges.operations.add(at)
        listed = self.end(at.below("tags"), node.get("tags"))
        tags = self.followed(listed, node.get("tags"))
        for index, tag in enumerate(tags if isinstance(tags, list) else ()):
            name = self.followed(listed.below(str(index)), tag)
            edges.tags.update({name} if isinstance(name, str) else ())
        if "security" in node:
            self._secure(self.followed(at.below("security"), node["security"]), at.below("security"), edges)
        else:
            edges.inherits = True

    def followed(self, at: Location, node: Any) -> Any:
        """The value at a place; a bare reference that is not allowed there is followed."""
        return self.documents.at(self.end(at, node)) if is_bare_reference(node) else node

    def end(self, at: Location, node: Any) -> Location:
        """The place of that value; that of the reference if it leads nowhere."""
        try:
            return self.documents.chain("Irregular", at)[-1] if is_bare_reference(node) else at
        except UnresolvedError:
            return at

    def _secure(self, requirements: Any, at: Location, edges: Edges) -> None:
        for index, requirement in enumerate(requirements if isinstance(requirements, list) else ()):
            for name in requirement if isinstance(requirement, dict) else ():
                try:
                    self._reach("SecurityScheme", self.documents.scheme(name, at), edges)
                except UnresolvedError as error:
                    edges.broken.append((at.below(str(index), str(name)), str(error)))

    def _schema(self, at: Location, node: Mapping[str, Any], edges: Edges) -> None:
        if isinstance(node.get("$dynamicRef"), str) and self.model.version != "3.0":
            self._refer("Schema", node["$dynamicRef"], at, edges)
        discriminator = node.get("discriminator")
        if not isinstance(discriminator, dict):
            return
        for place, end, value in self.mapping_values(at, discriminator):
            try:
                self._reach("Schema", self.documents.mapped(value, end), edges)
            except UnresolvedError as error:
                edges.broken.append((place, f"mapping value {value!r} leads nowhere: {error}"))
        if "oneOf" not in node and "anyOf" not in node:
            edges.bases.append(at)

    def mapping_values(
        self, at: Location, discriminator: Mapping[str, Any]
    ) -> Iterator[tuple[Location, Location, Any]]:
        """The values of a discriminator that name schemas; `at` is the schema's place.

        Each with its place in the discriminator, and the place where it is kept.
        """
        at = at.below("discriminator")
        place, mapping = self.mapping(at, discriminator)
        for key, value in mapping.items():
            its = place.below(str(key))
            yield at.below("mapping", str(key)), self.end(its, value), self.followed(its, value)
        if self.model.version == "3.2" and "defaultMapping" in discriminator:
            its, value = at.below("defaultMapping"), discriminator["defaultMapping"]
            yield its, self.end(its, value), self.followed(its, value)

    def mapping(self, at: Location, discriminator: Mapping[str, Any]) -> tuple[Location, Mapping[str, Any]]:
        """The `mapping` of a discriminator and its place, following a reference to a map of texts."""
        at, mapping = at.below("mapping"), discriminator.get("mapping")
        place = self.end(at, mapping)
        found = None if place == at or self.documents.component_at(place) else self.documents.at(place)
        if isinstance(found, dict) and all(isinstance(each, str) or is_bare_reference(each) for each in found.values()):
            return place, found
        return at, mapping if isinstance(mapping, dict) else {}

    def _refer(self, kind: str, reference: str, at: Location, edges: Edges) -> None:
        try:
            self._reach(kind, self.documents.resolve(reference, at), edges)
        except UnresolvedError as error:
            edges.broken.append((at, f"{reference!r} leads nowhere: {error}"))

    def _reach(self, kind: str, target: Location, edges: Edges) -> None:
        """Add a target; if it stands inside a component then also that, as a whole."""
        edges.targets[Unit(kind, target)] = None
        if target.file != self.documents.base:
            for length in range(len(target.tokens)):
                alias = self._aliases().get(Location(target.file, target.tokens[:length]))
                if alias is not None:  # it is inside of the target of a component's reference
                    edges.targets[Unit(self.model.component_kind(alias.tokens[1]) or kind, alias)] = None
        owner = Location(target.file, target.tokens[:3])
        component = self.documents.component_at(owner)
        if component and owner != target and component[0] != "pathItems":
            edges.targets[Unit(self.model.component_kind(component[0]) or kind, owner)] = None

    def _aliases(self) -> dict[Location, Location]:
        """The places in other files to which a component of the entry is just a reference: place, component."""
        if self._known_aliases is None:
            self._known_aliases = {}
            for section, members in (self.documents.entry.get("components") or {}).items():
                for name, node in members.items() if isinstance(members, dict) else ():
                    at = self.documents.component(section, name)
                    if at is not None and is_bare_reference(node):
                        try:
                            place = self.documents.resolve(node["$ref"], at)
                        except UnresolvedError:
                            continue
                        if place.file != self.documents.base:
                            self._known_aliases.setdefault(place, at)
        return self._known_aliases

    # ---------------------------------------------------------------------------------------- allOf and its heirs

    def children(self, base: Location) -> list[str]:
        """The named schemas that build on a schema through allOf, directly or not."""
        if self._children is None:
            self._children = {}
            schemas = (self.documents.entry.get("components") or {}).get("schemas") or {}
            for name in schemas:
                for ancestor in self._ancestors(Location(self.documents.base, ("components", "schemas", name))):
                    self._children.setdefault(ancestor, []).append(name)
        return self._children.get(base, [])

    def _ancestors(self, at: Location) -> set[Location]:
        found: set[Location] = set()
        pending = [at]
        while pending:
            place = pending.pop()
            node = self.documents.at(place)
            members = node.get("allOf") if isinstance(node, dict) else None
            if is_reference(node) and self.model.version == "3.0":
                members = None  # beside a `$ref` it is ignored
            for index, member in enumerate(members if isinstance(members, list) else ()):
                for base in self._meant(place.below("allOf", str(index)), member):
                    if base not in found:
                        found.add(base)
                        pending.append(base)
        return found

    def _meant(self, at: Location, node: Any) -> list[Location]:
        """A schema and those that it is a reference to."""
        places = [at]
        while is_reference(node):
            try:
                at = self.documents.resolve(node["$ref"], at)
            except UnresolvedError:
                break
            if at in places:
                break
            places.append(at)
            node = self.documents.at(at)
        return places

    # ---------------------------------------------------------------------------------------------------- closures

    def closure(self, units: Iterable[Unit]) -> Closure:
        """Everything that units reach, transitively; broken references are only noted."""
        found = Closure()
        pending = list(units)
        while pending:
            unit = pending.pop()
            if unit in found.units:
                continue
            found.units.add(unit)
            component = self.documents.component_at(unit.at)
            if component:
                found.components.add(component)
            edges = self.edges(unit)
            pending.extend(edges.targets)
            for base in edges.bases:
                pending.extend(
                    Unit("Schema", Location(self.documents.base, ("components", "schemas", name)))
                    for name in self.children(base)
                )
            if edges.inherits and not found.inherits:
                found.inherits = True
                root = Edges()
                self._secure(self.documents.entry.get("security"), Location(self.documents.base, ("security",)), root)
                pending.extend(root.targets)
                found.broken += root.broken
            found.tags |= edges.tags
            found.operations |= edges.operations
            found.links += edges.links
            found.broken += edges.broken
        return found

    def of_operation(self, path: str, method: str) -> Closure:
        """Everything that an operation reaches, with its path item's parameters; UnresolvedError if there is none."""
        units = [Unit("Operation", self.documents.operation(path, method))]
        fields = self.documents.path_item(Location(self.documents.base, ("paths", path)))
        if "parameters" in fields:
            place = fields["parameters"].below("parameters")
            parameters = self.documents.at(place)
            if isinstance(parameters, list):
                units += [Unit("Parameter", place.below(str(index))) for index in range(len(parameters))]
        around = Edges()
        for key, place in fields.items():
            if is_extension(key):
                self._extension(place.below(key), self.documents.at(place.below(key)), around)
        for key, value in self.documents.entry.items():
            at = Location(self.documents.base, (key,))
            if key in ("info", "servers", "externalDocs"):
                self._extensions_below(at, value, around)
            elif is_extension(key) and not is_index(self.documents.entry, key, self.documents.operations()):
                self._extension(at, value, around)
        for key, value in (self.documents.entry.get("paths") or {}).items():
            if is_extension(key):
                self._extension(Location(self.documents.base, ("paths", key)), value, around)
        return self.closure([*units, *around.targets])

    def whole(self) -> Closure:
        """Everything in the document, every component included."""
        if self._whole is None:
            self._whole = self.closure([Unit("OpenAPI", Location(self.documents.base)), *self._component_units()])
        return self._whole

    def _component_units(self) -> Iterator[Unit]:
        components = self.documents.entry.get("components")
        for section, members in (components if isinstance(components, dict) else {}).items():
            kind = self.model.component_kind(section)
            for name in members if kind and isinstance(members, dict) else ():
                yield Unit(kind, Location(self.documents.base, ("components", section, name)))  # type: ignore[arg-type]

    # ------------------------------------------------------------------------------------------------------- links

    def link_targets(self, link: Mapping[str, Any], at: Location) -> set[Location]:
        """The operations of this document that a Link may mean: none if it is another document's or missing."""
        operations = self.whole().operations
        operation_id = self.followed(at.below("operationId"), link.get("operationId"))
        if isinstance(operation_id, str):
            return {place for place in operations if self.documents.at(place).get("operationId") == operation_id}
        reference = link.get("operationRef")
        if not isinstance(reference, str):
            return set()
        uri, _, fragment = reference.partition("#")
        try:
            place = self._operation_place(uri, fragment, at)
            return {place} & operations
        except UnresolvedError:
            return set()

    def links_inside(self, link: Mapping[str, Any], at: Location, path: str, closure: Closure) -> set[Location]:
        """The targets of a Link that are in the slice of an operation on this path.

        Two paths may share a path item: an `operationRef` then names one of them.
        """
        named = self.named_path(link, at)
        return self.link_targets(link, at) & closure.operations if named in (None, path) else set()

    def named_path(self, link: Mapping[str, Any], at: Location) -> str | None:
        """The path of the entry document that an `operationRef` spells out."""
        if "operationId" in link or not isinstance(link.get("operationRef"), str):
            return None
        uri, _, fragment = link["operationRef"].partition("#")
        tokens = [unquote(token).replace("~1", "/").replace("~0", "~") for token in fragment.split("/")]
        try:
            entry = self.documents.resolve(f"{uri}#", at) == Location(self.documents.base)
        except UnresolvedError:
            return None
        return tokens[2] if entry and tokens[1:2] == ["paths"] and len(tokens) > 2 else None

    def _operation_place(self, uri: str, fragment: str, at: Location) -> Location:
        """As a JSON Pointer, or through a path item's `$ref`, across which no pointer leads."""
        try:
            return self.documents.chain("Operation", self.documents.resolve(f"{uri}#{fragment}", at))[-1]
        except UnresolvedError:
            head, _, method = fragment.rpartition("/")
            if head.endswith("/additionalOperations"):
                head = head.removesuffix("/additionalOperations")
            item = self.documents.resolve(f"{uri}#{head}", at)
            for field_name, place in self.documents.path_item(item).items():
                if field_name == method and method in self.model.methods:
                    return self.documents.chain("Operation", place.below(method))[-1]
                if field_name == "additionalOperations" and method in self.documents.at(place.below(field_name)):
                    return place.below(field_name, method)
            raise


def is_index(source: Mapping[str, Any], key: str, operations: Iterable[tuple[str, str]]) -> bool:
    """Whether a root extension names other endpoints, or is larger than the rest of the root in a slice."""
    if key in INDEXING_EXTENSIONS:
        return True
    pairs = list(operations)
    names = {path for path, _ in pairs} | set(_values_of(source.get("paths"), "operationId"))
    text = json.dumps(source[key], ensure_ascii=False, default=repr)
    if len(pairs) > 1 and any(json.dumps(name, ensure_ascii=False) in text for name in names):
        return True
    others = {k: v for k, v in source.items() if k not in ("paths", "components", "tags", "security", "webhooks", key)}
    return len(text) > len(json.dumps(others, ensure_ascii=False, default=repr)) // 2


def _values_of(node: Any, key: str) -> Iterable[str]:
    for name, member in node.items() if isinstance(node, dict) else ():
        if name == key and isinstance(member, str):
            yield member
        yield from _values_of(member, key)


def is_container(target: Location, base: str) -> bool:
    """Whether a place is the whole document, or one of the mappings that slices reduce."""
    tokens = target.tokens
    if target.file != base:
        return False
    return tokens in ((), ("paths",), ("components",)) or (tokens[:1] == ("components",) and len(tokens) == 2)


def operations(document: dict[str, Any], load: Load | None = None, base: str = "") -> list[tuple[str, str]]:
    """All (path, method) of a document in its order, methods in upper case but for `additionalOperations`' keys."""
    return Documents(document, load, base).operations()


def reached_components(
    document: dict[str, Any], path: str, method: str, load: Load | None = None, base: str = ""
) -> set[Component]:
    """Every component of the entry document that an operation's slice must have, as (section, name).

    `optional_components` tells which of them a slice may lack. For many operations of one document use `Comparison`,
    which remembers; this function does not, so the document may change between calls.
    """
    return Reach(Documents(document, load, base)).of_operation(path, method).components


def unreached(slice_: dict[str, Any]) -> list[str]:
    """Components of a slice that nothing outside `components` leads to, as JSON pointers in document order."""
    documents = Documents(slice_)
    reach = Reach(documents)
    reached = reach.closure([Unit("OpenAPI", Location(""))])
    return [
        str(unit.at) for unit in reach._component_units() if documents.component_at(unit.at) not in reached.components
    ]


def dangling(slice_: dict[str, Any]) -> list[str]:
    """The connections of a slice that lead nowhere, as sentences: references, schemes, schemas, Links, tag parents.

    An `operationRef` into another file is ignored.
    """
    documents = Documents(slice_)
    reach = Reach(documents)
    whole = reach.whole()
    found = {f"{where}: {why}": None for where, why in whole.broken}
    for place in whole.links:
        link = documents.at(place)
        elsewhere = not str(link.get("operationRef", "#")).startswith("#") and "operationId" not in link
        if not elsewhere and not reach.link_targets(link, place):
            found[f"{place}: the Link leads to no operation of the slice"] = None
    if documents.model.version == "3.2":
        tags = [tag for tag in slice_.get("tags") or () if isinstance(tag, dict)]
        names = {tag.get("name") for tag in tags}
        found.update(
            {
                f"#/tags: {tag.get('name')!r} has an undeclared parent": None
                for tag in tags
                if tag.get("parent", None) not in {*names, None}
            }
        )
    return list(found)
