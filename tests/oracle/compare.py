"""Compares the meaning of a slice with that of its operation in the source.

Both are walked side by side. A *body* is the value at a reference's target down to the next references. Two bodies are
compared by the model, and then the targets of their references. A pair that was met before counts as equal, so
recursion ends. Unless it contains operations or links, the result for two bodies depends only on the source and the
text of the slice's body, and is remembered from slice to slice.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from .documents import DATA_KEYS, Component, Documents, Load, Location, UnresolvedError, component_reference, join
from .model import is_bare_reference, is_example_elsewhere, is_extension, is_reference
from .reach import INDEXING_EXTENSIONS, INLINABLE, Closure, Reach, is_index

_VERBATIM_ROOT = frozenset(("openapi", "info", "jsonSchemaDialect", "externalDocs", "servers"))
#: URI fields inside of data that are resolved against `$self`: the way down from the named field.
_URI_FIELDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "info": (("termsOfService",), ("contact", "url"), ("license", "url")),
    "externalDocs": (("url",),),
    "externalValue": ((),),
}
#: Keywords that a schema from another file may lose, since no reference needs them any more.
_IDENTIFIERS = frozenset(("$id", "$anchor", "$dynamicAnchor"))


class _DifferenceError(Exception):
    """The first difference, at a place of the slice."""

    def __init__(self, where: Location, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


@dataclass(frozen=True, eq=False)
class _Follow:
    """The target of a reference in the slice must mean the same as a place of the source.

    names: components of the entry document that the source's reference leads through.
    moved: it also leads through a place that is not a component, and so has no name to keep.
    at: the base of the slice's reference. by_name: it is a mapping value.
    """

    kind: str
    source: Location
    names: frozenset[Component]
    moved: bool
    reference: str
    at: Location
    by_name: bool


@dataclass(frozen=True)
class _Outcome:
    """The result of comparing two bodies: references to follow, or a fault at tokens below the slice's body."""

    follows: frozenset[_Follow]
    fault: tuple[tuple[str, ...], str] | None = None


class Comparison:
    """Compares any number of slices with one source document, which must not change meanwhile.

    ordered: the order of map keys counts too.
    """

    def __init__(
        self, source: dict[str, Any], load: Load | None = None, *, ordered: bool = False, base: str = ""
    ) -> None:
        self.source = Documents(source, load, base)
        self.reach = Reach(self.source)
        self.ordered = ordered
        self._outcomes: dict[tuple[str, Location, str, Location | None], _Outcome] = {}
        self._follows: dict[tuple[str, Location, frozenset[Component], bool, str, Location, bool], _Follow] = {}
        self._closures: dict[tuple[str, str], Closure] = {}

    def operations(self) -> list[tuple[str, str]]:
        """As the function of this name."""
        return self.source.operations()

    def closure(self, path: str, method: str) -> Closure:
        """Everything that an operation of the source reaches; UnresolvedError if there is no such operation."""
        if (path, method) not in self._closures:
            self._closures = {(path, method): self.reach.of_operation(path, method)}  # one is enough
        return self._closures[path, method]

    def reached_components(self, path: str, method: str) -> set[Component]:
        """As the function of this name."""
        return self.closure(path, method).components

    def optional_components(self, path: str, method: str) -> set[Component]:
        """Those of the reached components that a slice may do without.

        Path items and media types may be written in place, links to other operations dropped.
        """
        closure = self.closure(path, method)
        return {
            (section, name)
            for section, name in closure.components
            if section in INLINABLE or (section == "links" and self._leads_out(name, path, closure))
        }

    def _leads_out(self, name: str, path: str, closure: Closure) -> bool:
        try:
            place = self.source.chain("Link", Location(self.source.base, ("components", "links", name)))[-1]
        except UnresolvedError:
            return False
        return not self.reach.links_inside(self.source.at(place), place, path, closure)

    def difference(self, slice_: dict[str, Any], path: str, method: str) -> str | None:
        """Where and how a slice differs in meaning from the operation in the source; None if it does not.

        The pointer is that of the slice. Components that nothing reaches are not a difference: see `unreached`.
        """
        try:
            _Run(self, slice_, path, method).compare()
        except (_DifferenceError, UnresolvedError) as found:
            return str(found)
        return None

    def follow(
        self, kind: str, source: Location, reference: str, at: Location, by_name: bool, where: Location
    ) -> _Follow:
        """The comparison of the slice's reference, at `where`, with a value or reference in the source, at `source`."""
        try:
            chain = self.source.chain(kind, source)
        except UnresolvedError as error:
            raise _DifferenceError(where, f"the source's own reference leads nowhere: {error}") from error
        names = frozenset(name for place in chain if (name := self.source.component_at(place)))
        moved = any(self.source.component_at(place) is None for place in chain[1:])
        key = (kind, chain[-1], names, moved, reference, at, by_name)
        return self._follows.setdefault(key, _Follow(*key))


class _Run:
    """The comparison of one slice."""

    def __init__(self, comparison: Comparison, slice_: dict[str, Any], path: str, method: str) -> None:
        self.comparison = comparison
        self.source = comparison.source
        self.path = path
        self.method = method
        if str(slice_.get("openapi")) != str(self.source.entry.get("openapi")):
            raise _DifferenceError(Location("", ("openapi",)), f"{slice_.get('openapi')!r} is another version")
        self.slice = Documents(slice_)
        self.slice_reach = Reach(self.slice)
        self.closure = comparison.closure(path, method)
        self._texts: dict[Location, str] = {}
        self._done: set[_Follow] = set()
        self._pending: list[_Follow] = []
        self._pairs: set[tuple[str, Location, Location]] = set()
        self._pending_pairs: list[tuple[str, Location, Location]] = []

    # ---------------------------------------------------------------------------------------------------- the root

    def compare(self) -> None:
        """Raise _DifferenceError or UnresolvedError at the first difference."""
        self._root()
        self._tags()
        body = _Body(self, Location(""))
        self._sections(body)
        self._root_security(body)
        self._path(body)
        self._add(body.follows)
        while self._pending or self._pending_pairs:
            if self._pending_pairs:
                self._pair(*self._pending_pairs.pop())
            else:
                self._follow(self._pending.pop())

    def _root(self) -> None:
        source, slice_ = self.source.entry, self.slice.entry
        compared = _Body(self, Location(""))
        root, theirs = Location(""), Location(self.source.base)
        for key, value in source.items():
            if key not in slice_:
                if key == "servers" and self._overrides_servers():
                    continue
                if is_extension(key) and (
                    key in INDEXING_EXTENSIONS or is_index(source, key, self.source.operations())
                ):
                    continue
                if key in _VERBATIM_ROOT or is_extension(key):
                    raise _DifferenceError(root.below(key), "the source's field is missing")
            elif key in _VERBATIM_ROOT or is_extension(key):
                compared.loose(key, theirs, value, root, slice_[key])
        for key, value in slice_.items():
            if key in ("components", "paths", "tags", "security"):
                continue
            if key in ("webhooks", "$self"):
                raise _DifferenceError(root.below(key), "a slice has no such field")
            if key not in source:
                raise _DifferenceError(root.below(key), "the source has no such field")
            if key not in _VERBATIM_ROOT and not is_extension(key):
                compared.data(source[key], value, root.below(key))
        compared.order(source, slice_, root)
        self._add(compared.follows)

    def _overrides_servers(self) -> bool:
        at = self.source.operation(self.path, self.method)
        fields = self.source.path_item(Location(self.source.base, ("paths", self.path)))
        return "servers" in fields or "servers" in self.source.at(at)

    def _tags(self) -> None:
        """The declarations of the used tags and, in 3.2, of their ancestors, as in the source."""
        places: dict[int, Location] = {}
        declared: list[dict[str, Any]] = []
        root_tags = self.source.entry.get("tags") or ()
        if isinstance(root_tags, dict) and "$ref" not in root_tags:
            root_tags = ()  # a map declares none
        for index in range(len(root_tags)):
            at = Location(self.source.base, ("tags", str(index)))
            with suppress(UnresolvedError):
                at = self.source.chain("Irregular", at)[-1]
            tag = self.source.at(at)
            if isinstance(tag, dict):
                places[id(tag)] = at
                declared.append(tag)
        used = set(self.closure.tags)
        if self.source.model.version == "3.2":
            parents = {tag.get("name"): tag.get("parent") for tag in declared}
            pending = list(used)
            while pending:
                parent = parents.get(pending.pop())
                if isinstance(parent, str) and parent not in used:
                    used.add(parent)
                    pending.append(parent)
        expected = [tag for tag in declared if tag.get("name") in used]
        have, where = self.slice.entry.get("tags"), Location("", ("tags",))
        if have is None and not expected:
            return
        if not isinstance(have, list) or (not have and self.source.entry.get("tags") != []):
            raise _DifferenceError(where, f"{have!r} instead of {len(expected)} tags")
        names = [tag.get("name") if isinstance(tag, dict) else tag for tag in have]
        if names != [tag["name"] for tag in expected]:
            raise _DifferenceError(where, f"declares {names} instead of {[tag['name'] for tag in expected]}")
        body = _Body(self, Location(""))
        for index, (tag, other) in enumerate(zip(expected, have, strict=True)):
            place = where.below(str(index))
            body.keys(tag, other, place)
            for key, value in tag.items():
                body.loose(key, places[id(tag)], value, place, other[key])
        self._add(body.follows)

    def _sections(self, body: _Body) -> None:
        """`components` has known sections, none empty, in the source's order, and all names in it are right.

        A component of the entry document is whole even if there are references only to a part of it. A path item may
        have been reduced to the operation.
        """
        components, at = self.slice.entry.get("components"), Location("", ("components",))
        if "components" not in self.slice.entry:
            return
        if not isinstance(components, dict) or not components:
            raise _DifferenceError(at, "is empty")
        source = self.source.entry.get("components") or {}
        own = [  # a section with only moved targets may be anywhere
            section
            for section, members in components.items()
            if isinstance(members, dict) and any(self.source.component(section, name) for name in members)
        ]
        body.order(source, own, at)
        for section, members in components.items():
            if is_extension(section):
                if section not in source:
                    raise _DifferenceError(at.below(section), "the source has no such field")
                body.data(source[section], members, at.below(section))
            elif self.source.model.component_kind(section) is None:
                raise _DifferenceError(at.below(section), "is no section of components")
            elif not isinstance(members, dict) or not members:
                raise _DifferenceError(at.below(section), "is empty")
            else:
                body.order(source.get(section) or {}, members, at.below(section))
                for name in members if section != "pathItems" else ():
                    body.component(section, name, at.below(section, name))

    def _root_security(self, body: _Body) -> None:
        """It may be missing; its effect is compared with each operation."""
        if "security" in self.slice.entry:
            where = Location("", ("security",))
            if "security" not in self.source.entry:
                raise _DifferenceError(where, "the source has no such field")
            body.security(self.source.entry["security"], self.slice.entry["security"], where)

    def _path(self, body: _Body) -> None:
        """The one path item with the one operation."""
        paths, others = self.slice.entry.get("paths"), self.source.entry.get("paths") or {}
        where = Location("", ("paths",))
        if not isinstance(paths, dict) or [key for key in paths if not is_extension(key)] != [self.path]:
            raise _DifferenceError(where, f"does not hold just {self.path!r}")
        extensions = {key: value for key, value in others.items() if is_extension(key)}
        body.keys({key: None for key in others if key in extensions or key == self.path}, paths, where)
        for key, value in extensions.items():
            body.loose(key, Location(self.source.base, ("paths",)), value, where, paths[key])
        theirs = self.source.path_item(Location(self.source.base, ("paths", self.path)))
        item = where.below(self.path)
        ours = self.slice.path_item(item)
        operations = (*self.source.model.methods, "additionalOperations")
        known = (*self.source.model.objects["PathItem"], "summary", "description", "servers")
        kept = {key: place for key, place in theirs.items() if key not in operations}
        for key in kept:
            if key not in ours and (key in known or is_extension(key)):
                raise _DifferenceError(item.below(key), "the source's field is missing")
        held = []
        for key, place in ours.items():
            if key in self.source.model.methods:
                held.append((key.upper(), place.below(key)))
            elif key == "additionalOperations" and self.source.model.version == "3.2":
                named = self.slice.at(place.below(key))
                held.extend((name, place.below(key, name)) for name in (named if isinstance(named, dict) else ()))
            elif key not in kept:
                raise _DifferenceError(place.below(key), "the source has no such field")
            else:
                value, other = self.source.at(kept[key].below(key)), self.slice.at(place.below(key))
                body.field("PathItem", key, kept[key], value, place, other)
        if len(held) != 1 or held[0][0].upper() != self.method.upper():
            raise _DifferenceError(item, f"holds the operations {[name for name, _ in held]}, not just {self.method}")
        at = self.source.operation(self.path, self.method)
        field = self.slice.operation(self.path, self.method)
        if field != held[0][1] or not self._same_field(at, field):
            raise _DifferenceError(held[0][1], f"is not where {self.method} stands")
        if not any(_is_merged(node) for node in (others[self.path], paths[self.path])):
            body.order(theirs, ours, item)
        body.match("Operation", at, self.source.at(at), field, self.slice.at(field))

    def _same_field(self, at: Location, field: Location) -> bool:
        """`additionalOperations` stays such and keeps the method's letters; `at` may have followed a `$ref`."""
        if field.tokens[-2:-1] == ("additionalOperations",):
            return field.tokens[-1] == self.method
        return "additionalOperations" not in at.tokens[-2:-1]

    # ----------------------------------------------------------------------------------------- bodies and references

    def _add(self, follows: Iterable[_Follow]) -> None:
        new = frozenset(follows) - self._done
        self._done |= new
        self._pending.extend(new)

    def _follow(self, follow: _Follow) -> None:
        """Follow a reference of the slice, and check the names on the way."""
        try:
            first = (self.slice.mapped if follow.by_name else self.slice.resolve)(follow.reference, follow.at)
            chain = self.slice.chain(follow.kind, first)
        except UnresolvedError as error:
            where = _find(self.slice.entry, follow.reference, Location(""))
            if where is None:  # implied without a reference: a scheme, or a schema built on a base
                where = Location("", tuple(_decode(token) for token in follow.reference.split("/")[1:]))
            raise _DifferenceError(where, f"{follow.reference!r} leads nowhere in the slice: {error}") from error
        self._names(follow, chain)
        self.pair(follow.kind, follow.source, chain[-1])

    def _names(self, follow: _Follow, chain: tuple[Location, ...]) -> None:
        """A component of the entry document keeps its name, and no other component takes it."""
        met = {component for place in chain if (component := self.slice.component_at(place))}
        names = {component for component in met if self.source.component(*component)}
        if follow.names & names and (names == met or follow.moved):
            return
        if follow.names:
            wanted = " or ".join(sorted("/".join(name) for name in follow.names))
            raise _DifferenceError(chain[0], f"stands where the source has the component {wanted}")
        for section, name in names:
            place = self.source.component(section, name)
            if place and self.source.chain(follow.kind, place)[-1] == follow.source:
                return
        if names:
            raise _DifferenceError(chain[0], f"has another component's name; it should be {follow.source}")

    def pair(self, kind: str, at: Location, other: Location) -> None:
        """Note two places to be compared once."""
        if (kind, at, other) not in self._pairs:
            self._pairs.add((kind, at, other))
            self._pending_pairs.append((kind, at, other))

    def _pair(self, kind: str, at: Location, other: Location) -> None:
        if other not in self._texts:
            self._texts[other] = json.dumps(self.slice.at(other), ensure_ascii=False, default=repr)
        key = (kind, at, self._texts[other], other if self.slice.identified("") else None)
        outcome = self.comparison._outcomes.get(key)
        if outcome is None:
            body = _Body(self, other)
            try:
                body.match(kind, at, self.source.at(at), other, self.slice.at(other))
                outcome = _Outcome(frozenset(body.follows))
            except _DifferenceError as fault:
                if fault.where.tokens[: len(other.tokens)] != other.tokens:
                    raise
                outcome = _Outcome(frozenset(), (fault.where.tokens[len(other.tokens) :], fault.what))
            if body.pure:
                self.comparison._outcomes[key] = outcome
        if outcome.fault:
            tokens, what = outcome.fault
            raise _DifferenceError(other.below(*tokens), what)
        self._add(outcome.follows)

    # ------------------------------------------------------------------------------------------------------- links

    def stays(self, link: Mapping[str, Any], at: Location) -> set[Location]:
        """The operations of the slice, as places of the source, that a Link of the source means."""
        return self.comparison.reach.links_inside(link, at, self.path, self.closure)

    def link(self, at: Location, link: Mapping[str, Any], where: Location, other: Mapping[str, Any]) -> None:
        """A Link must lead to the same operation, or into the file of that operation's slice."""
        before = {key: link[key] for key in ("operationId", "operationRef") if key in link}
        after = {key: other[key] for key in ("operationId", "operationRef") if key in other}
        inside = self.stays(link, at)
        found = self.slice_reach.link_targets(other, where)
        own = self.source.operation(self.path, self.method)
        if inside:
            may_change = not self.slice_reach.link_targets(link, where)  # the place it points to has moved
            if not found or (before != after and not may_change):
                raise _DifferenceError(where, f"{after} instead of {before}, which is in the slice")
            if (own in inside) != (self.slice.operation(self.path, self.method) in found):
                raise _DifferenceError(where, f"{after} leads to another operation than {before}")
            return
        targets = self.comparison.reach.link_targets(link, at)
        if not targets:  # another document's, or nowhere in the source either
            reference = before.get("operationRef")
            rebased = _rebased(reference, self.source.resource(at).uri) if isinstance(reference, str) else None
            if before != after and after != {"operationRef": rebased}:
                raise _DifferenceError(where, f"{after} instead of {before}")
        elif not self._leads_to_sibling(after, targets, self.comparison.reach.named_path(link, at)):
            raise _DifferenceError(where, f"{after} dangles: the operation is not in the slice")

    def _leads_to_sibling(self, after: Mapping[str, Any], targets: set[Location], named: str | None) -> bool:
        """Whether it is an `operationRef` into the file of another slice, to the operation there."""
        if list(after) != ["operationRef"] or not isinstance(after["operationRef"], str):
            return False
        file, _, fragment = after["operationRef"].partition("#")
        if not file or re.match("[A-Za-z][A-Za-z0-9+.-]*:|/", file):
            return False
        tokens = tuple(_decode(token) for token in fragment.split("/")[1:])
        homes = [
            (path, method)
            for path, method in self.source.operations()
            if named in (None, path) and self.source.operation(path, method) in targets
        ]
        for path, method in homes:
            if tokens in (("paths", path, method.lower()), ("paths", path, "additionalOperations", method)):
                return True
        return not homes and tokens[:1] == ("paths",)  # it is in another operation's callback


class _Body:
    """The comparison of one body; `follows` has the comparisons of its references.

    pure: the result depends only on the source and the body's own text.
    Places: `at` and the values before it belong to the source, `where` to the slice.
    """

    def __init__(self, run: _Run, root: Location) -> None:
        self.run = run
        self.source = run.source
        self.model = run.source.model
        self.root = root
        self.follows: dict[_Follow, None] = {}
        self.pure = True

    # ------------------------------------------------------------------------------------------------- one object

    def match(self, kind: str, at: Location, node: Any, where: Location, other: Any) -> None:
        """Two values in the place of an object of this kind must mean the same."""
        if kind == "PathItem":
            self._path_item(at, node, where, other)
            return
        referenceable = kind in self.model.referenceable
        if referenceable and is_bare_reference(other):
            self._follow(kind, at, other["$ref"], where)
            return
        if referenceable or (is_bare_reference(node) and (kind == "Operation" or self._differs(node, other, where))):
            at = self._end(kind if referenceable else "Irregular", at, where)
            node = self.source.at(at)
        if not isinstance(node, dict) or not isinstance(other, dict):
            self.data(node, other, where)
            return
        if referenceable and is_reference(node):
            self._reference_with_siblings(kind, at, node, where, other)
        elif referenceable and is_reference(other):
            raise _DifferenceError(where, "the source has no `$ref` here")
        else:
            self._object(kind, at, node, where, other)

    def _end(self, kind: str, at: Location, where: Location) -> Location:
        try:
            return self.source.chain(kind, at)[-1]
        except UnresolvedError as error:
            raise _DifferenceError(where, f"the source's own reference leads nowhere: {error}") from error

    def _reference_with_siblings(
        self, kind: str, at: Location, node: dict[str, Any], where: Location, other: dict[str, Any]
    ) -> None:
        if not is_reference(other):
            raise _DifferenceError(where, f"the source has {node['$ref']!r} and {sorted(set(node) - {'$ref'})} here")
        try:
            target = self.source.resolve(node["$ref"], at)
        except UnresolvedError as error:
            raise _DifferenceError(where, f"the source's own reference leads nowhere: {error}") from error
        self._follow(kind, target, other["$ref"], where)
        if kind == "Schema" and self.model.version != "3.0":
            self._object(kind, at, node, where, other, skipped=("$ref",))
        else:
            self.keys(node, other, where)
            for key, value in node.items():
                if key != "$ref":
                    self.data(value, other[key], where.below(key))

    def _object(
        self,
        kind: str,
        at: Location,
        node: dict[str, Any],
        where: Location,
        other: dict[str, Any],
        skipped: tuple[str, ...] = (),
    ) -> None:
        optional = _OPTIONAL.get(kind, frozenset())
        moved = kind == "Schema" and at.file != self.source.base
        if moved and "$schema" in other and "$schema" not in node and len(where.tokens) == 3:
            if other["$schema"] != self._dialect_around(at):
                raise _DifferenceError(where.below("$schema"), "is not the dialect of the source's schema")
            other = {key: member for key, member in other.items() if key != "$schema"}
        self.keys(node, other, where, optional, _IDENTIFIERS if moved else ())
        for key, value in node.items():
            if key not in skipped and key not in optional and key in other:
                self.field(kind, key, at, value, where, other[key])
        if kind in _OWN:
            _OWN[kind](self, at, node, where, other)

    def _dialect_around(self, at: Location) -> Any:
        """The dialect that the nearest schema around a place names."""
        around = [self.source.at(Location(at.file, at.tokens[:length])) for length in range(len(at.tokens))]
        named = [node["$schema"] for node in around if isinstance(node, dict) and "$schema" in node]
        return named[-1] if named else None

    def field(self, kind: str, key: str, at: Location, value: Any, where: Location, other: Any) -> None:
        """A field's values; `at` and `where` are the objects that have it."""
        field = self.model.field(kind, key)
        there = where.below(key)
        if kind == "Schema" and self._schema_field(key, at, value, where, other):
            return
        if field is not None and field.form == "list" and is_bare_reference(value):  # not the specification's
            place = self._end("Irregular", at.below(key), there)
            value, at = self.source.at(place), place
            if isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
                for index, (member, its) in enumerate(zip(value, other, strict=True)):
                    self.match(field.kind, at.below(str(index)), member, there.below(str(index)), its)
                return
        if is_example_elsewhere(kind, key, value):
            self.extension(at.below(key), value, there, other, {})
        elif field is None and (kind != "Link" or key == "parameters" or is_extension(key)):
            self.loose(key, at, value, where, other)
        elif field is None:
            self.field_data(key, at, value, where, other)
        elif isinstance(value, list) and isinstance(other, list):  # also in the wrong place
            if len(value) != len(other):
                raise _DifferenceError(there, f"{len(other)} instead of {len(value)} members")
            for index, (member, its) in enumerate(zip(value, other, strict=True)):
                self.match(field.kind, at.below(key, str(index)), member, there.below(str(index)), its)
        elif field.form == "one":
            self.match(field.kind, at.below(key), value, there, other)
        elif isinstance(value, dict) and isinstance(other, dict):
            at = at.below(key)
            if is_bare_reference(value) and self._differs(value, other, there):  # not the specification's
                at = self._end("Irregular", at, there)
                value = self.source.at(at)
            self.keys(value, other, there)
            for name, member in value.items():
                self.match(field.kind, at.below(str(name)), member, there.below(str(name)), other[name])
        else:
            self.data(value, other, there)

    def _follow(self, kind: str, at: Location, reference: str, where: Location, by_name: bool = False) -> None:
        base = Location("")
        if self.run.slice.identified(""):
            base = self.run.slice.resource(where).root
        self.follows[self.run.comparison.follow(kind, at, reference, base, by_name, where)] = None

    def component(self, section: str, name: str, where: Location) -> None:
        """The slice's component of this name must mean the same as the source's, if there is one."""
        place, kind = self.source.component(section, name), self.model.component_kind(section)
        if place and kind:
            reference = component_reference(section, name)
            follow = self.run.comparison.follow(kind, place, reference, Location(""), False, where)
            self.follows[follow] = None

    # ---------------------------------------------------------------------------------------- kinds with own rules

    def _path_item(self, at: Location, node: Any, where: Location, other: Any) -> None:
        if not isinstance(node, dict) or not isinstance(other, dict):
            self.data(node, other, where)
            return
        if is_reference(other):
            self.pure = False
            if where != self.root:
                self.run.pair("PathItem", at, where)
                return
        theirs, ours = self.source.path_item(at), self.run.slice.path_item(where)
        self._same_keys(theirs, ours, where)
        if not _is_merged(node) and not _is_merged(other):
            self.order(theirs, ours, where)
        for key, place in theirs.items():
            value, its = self.source.at(place.below(key)), self.run.slice.at(ours[key].below(key))
            self.field("PathItem", key, place, value, ours[key], its)

    def _operation(self, at: Location, node: dict[str, Any], where: Location, other: dict[str, Any]) -> None:
        """Security is compared as it takes effect: an operation without it inherits the root's."""
        self.pure = False
        own = self.run.comparison.reach.followed(at.below("security"), node.get("security"))
        theirs = own if "security" in node else self.source.entry.get("security", [])
        ours = other.get("security", self.run.slice.entry.get("security", []))
        self.security(theirs, ours, where.below("security"))

    def security(self, theirs: Any, ours: Any, where: Location) -> None:
        """Two lists of requirements, with the schemes that they name."""
        if not isinstance(theirs, list) or not isinstance(ours, list):
            self.data(theirs, ours, where)
            return
        if len(theirs) != len(ours):
            raise _DifferenceError(where, f"requires {ours} instead of {theirs}")
        for index, (requirement, other) in enumerate(zip(theirs, ours, strict=True)):
            there = where.below(str(index))
            if not isinstance(requirement, dict) or not isinstance(other, dict):
                self.data(requirement, other, there)
                continue
            renamed = [name for name in other if name not in requirement]
            named: dict[str, str] = {}
            for name in requirement:
                same = None if name in other else self._same_scheme(name, named)
                named[name] = name if name in other else same or self._renamed_scheme(name, renamed, there)
            self.order(list(dict.fromkeys(named.values())), other, there)
            if len(set(named.values())) != len(other):
                raise _DifferenceError(there, f"requires {sorted(other)} instead of {sorted(requirement)}")
            roles: dict[str, Any] = {}
            for name, its in named.items():
                before, member = roles.get(its), requirement[name]
                if isinstance(before, list) and isinstance(member, list):
                    member = [*before, *(role for role in member if role not in before)]
                roles[its] = member
                self._scheme(name, its, there.below(its))
            for its, expected in roles.items():
                self.data(expected, other[its], there.below(its))

    def _same_scheme(self, name: str, named: dict[str, str]) -> str | None:
        """3.2: one requirement may name a scheme by several URIs, which become one name with the roles of all."""
        if self.model.version != "3.2":
            return None
        try:
            place = self.source.scheme(name, Location(self.source.base))
            return next(
                (its for n, its in named.items() if self.source.scheme(n, Location(self.source.base)) == place), None
            )
        except UnresolvedError:
            return None

    def _renamed_scheme(self, name: str, candidates: list[str], where: Location) -> str:
        """3.2: a URI may have become a name; a name stays."""
        is_name = self.source.component("securitySchemes", name) or self.model.version != "3.2"
        if is_name or not candidates:
            raise _DifferenceError(where, f"does not require {name!r}")
        return candidates.pop(0)

    def _scheme(self, name: str, its: str, where: Location) -> None:
        try:
            place = self.source.scheme(name, Location(self.source.base))
        except UnresolvedError:
            if name == its and not self.run.slice.component("securitySchemes", its):
                return  # not defined in the source either
            raise _DifferenceError(where, f"the source does not define {name!r}") from None
        named = self.run.slice.component("securitySchemes", its)
        if named is None and self.model.version != "3.2":
            raise _DifferenceError(where, f"the slice does not define {its!r}")
        self._follow("SecurityScheme", place, component_reference("securitySchemes", its) if named else its, where)

    def _response(self, at: Location, node: dict[str, Any], where: Location, other: dict[str, Any]) -> None:
        """Links to operations outside of the slice may be missing."""
        theirs, ours = node.get("links", {}), other.get("links", {})
        where = where.below("links")
        if not isinstance(theirs, dict) or not isinstance(ours, dict):
            self.data(theirs, ours, where)
            return
        self.order(theirs, ours, where)
        for name in ours:
            if name not in theirs:
                raise _DifferenceError(where.below(name), "the source has no such link")
        for name, link in theirs.items():
            place = at.below("links", name)
            if name in ours:
                self.match("Link", place, link, where.below(name), ours[name])
                continue
            self.pure = False
            end = self._end("Link", place, where.below(name))
            if not isinstance(self.source.at(end), dict) or self.run.stays(self.source.at(end), end):
                raise _DifferenceError(where.below(name), "the link is missing")

    def _link(self, at: Location, node: dict[str, Any], where: Location, other: dict[str, Any]) -> None:
        self.pure = False
        self.run.link(at, node, where, other)

    def _schema(self, at: Location, node: dict[str, Any], where: Location, other: dict[str, Any]) -> None:
        if self.model.version != "3.0":
            self._identity(at, node, where, other)
        if not isinstance(node.get("discriminator"), dict):
            return
        alternates = [(keyword, node[keyword]) for keyword in ("oneOf", "anyOf") if keyword in node]
        for keyword, members in alternates:
            self._named_alternates(at.below(keyword), members, where.below(keyword), other[keyword])
        if alternates:
            self._values_of_alternates(node, where, other)
        else:
            for name in self.run.comparison.reach.children(at):
                self.component("schemas", name, where)

    def _identity(self, at: Location, node: dict[str, Any], where: Location, other: dict[str, Any]) -> None:
        """A `$dynamicRef` leads to the same place, as far as this is known without an instance."""
        theirs, ours = node.get("$dynamicRef"), other.get("$dynamicRef")
        if isinstance(theirs, str) and isinstance(ours, str):
            try:
                target = self.source.resolve(theirs, at)
            except UnresolvedError as error:
                raise _DifferenceError(where, f"the source's own reference leads nowhere: {error}") from error
            self._follow("Schema", target, ours, where)

    def _schema_field(self, key: str, at: Location, value: Any, where: Location, other: Any) -> bool:
        """Compare a field of a schema that is neither data nor in the table; False for any other field."""
        there = where.below(key)
        if key == "discriminator" and isinstance(value, dict) and isinstance(other, dict):
            self._discriminator(at, value, there, other)
            return True
        if self.model.version == "3.0":
            return False
        if key == "$id" and other == self.source.resource(at).uri:
            return True  # made absolute
        return key == "$dynamicRef" and at.file != self.source.base and isinstance(other, str)

    def _values_of_alternates(self, node: dict[str, Any], where: Location, other: dict[str, Any]) -> None:
        """An alternate with another name in the slice keeps its value, even if no mapping of the source has it."""
        pairs = [
            (member["$ref"], renamed["$ref"])
            for keyword in ("oneOf", "anyOf")
            for member, renamed in zip(node.get(keyword, ()), other.get(keyword, ()), strict=False)
            if is_reference(member) and is_reference(renamed)
        ]
        names = {_decode(renamed.rpartition("/")[2]) for _, renamed in pairs}
        known = {**(node["discriminator"].get("mapping") or {}), **(other["discriminator"].get("mapping") or {})}
        for reference, renamed in pairs:
            value, name = implied_value(reference), _decode(renamed.rpartition("/")[2])
            is_own = not reference.partition("#")[2] and self.source.component("schemas", name)
            if value is not None and value not in names and value not in known and not is_own:
                raise _DifferenceError(where.below("discriminator"), f"{value!r} chooses no schema any more")

    def _kept_value(self, at: Location, value: str, where: Location, reference: Any) -> None:
        """A value that only the slice's mapping has is the source's name of an alternate, and leads to it."""
        if not isinstance(reference, str):
            raise _DifferenceError(where, f"{reference!r} is no mapping value")
        schema = self.source.at(at)
        for keyword in ("oneOf", "anyOf"):
            for index, member in enumerate(schema.get(keyword, ())):
                if is_reference(member) and implied_value(member["$ref"]) == value:
                    target = self.source.resolve(member["$ref"], at.below(keyword, str(index)))
                    self._follow("Schema", target, reference, where, by_name=True)
                    return
        self.pure = False
        name = _decode(reference.rpartition("/")[2])
        is_renamed = re.fullmatch(re.escape(re.sub(r"[^A-Za-z0-9._-]", "_", value)) + r"(_\d+)?", name)
        if not is_renamed or not self._builds_on(name, where.tokens[:3]):
            raise _DifferenceError(where, "the source has no alternate of this value")

    def _builds_on(self, name: str, base: tuple[str, ...]) -> bool:
        """Whether a component of the slice builds on another one through `allOf`, however indirectly."""
        seen: set[Location] = set()
        pending = [Location("", ("components", "schemas", name))]
        while pending:
            place = pending.pop()
            if place in seen:
                continue
            seen.add(place)
            schema = self.run.slice.at(place)
            for index, member in enumerate(schema.get("allOf", ()) if isinstance(schema, dict) else ()):
                below = place.below("allOf", str(index))
                pending.append(self.run.slice.resolve(member["$ref"], below) if is_reference(member) else below)
        return len(seen) > 1 and Location("", base) in seen

    def _discriminator(self, at: Location, node: dict[str, Any], where: Location, other: dict[str, Any]) -> None:
        reach = self.run.comparison.reach
        place, mapping = reach.mapping(at.below("discriminator"), node)
        if place != at.below("discriminator", "mapping"):
            node = {key: mapping if key == "mapping" else member for key, member in node.items()}
        theirs = other.get("mapping", {})
        if isinstance(mapping, dict) and isinstance(theirs, dict) and theirs.keys() - mapping.keys():
            for value, reference in theirs.items():
                if value not in mapping:
                    self._kept_value(at, value, where.below("mapping", value), reference)
            kept = {value: reference for value, reference in theirs.items() if value in mapping}
            other = {
                key: kept if key == "mapping" else member
                for key, member in other.items()
                if key != "mapping" or "mapping" in node
            }
        self.keys(node, other, where)
        for key, value in node.items():
            if key == "mapping" and isinstance(value, dict) and isinstance(other[key], dict):
                self.keys(value, other[key], where.below(key))
                for name, schema in value.items():
                    its = place.below(str(name))
                    there = where.below(key, str(name))
                    self._mapped(reach.end(its, schema), reach.followed(its, schema), there, other[key][name])
            elif key == "defaultMapping" and self.model.version == "3.2":
                self._mapped(at, value, where.below(key), other[key])
            else:
                self.data(value, other[key], where.below(key))

    def _mapped(self, at: Location, value: Any, where: Location, other: Any) -> None:
        try:
            target = self.source.mapped(value, at)
        except UnresolvedError:
            self.data(value, other, where)  # leads nowhere in the source either
            return
        if not isinstance(other, str):
            raise _DifferenceError(where, f"{other!r} is no mapping value")
        self._follow("Schema", target, other, where, by_name=True)

    def _named_alternates(self, at: Location, theirs: Any, where: Location, ours: Any) -> None:
        """The name of an alternate is a discriminator value, so the alternate must not be written in place."""
        for index, (member, other) in enumerate(zip(theirs, ours, strict=False)):
            if is_reference(member) and not is_reference(other):
                target = self.source.resolve(member["$ref"], at.below(str(index)))
                if any(self.source.component_at(place) for place in self.source.chain("Schema", target)):
                    raise _DifferenceError(where.below(str(index)), "the alternate lost its component's name")

    # --------------------------------------------------------------------------------------------------------- data

    def loose(self, key: str, at: Location, value: Any, where: Location, other: Any) -> None:
        """A field that no table has: an extension, data, or a reference in a place where none is allowed."""
        if is_extension(key):
            self.extension(at.below(key), value, where.below(key), other, {})
            return
        try:
            self.field_data(key, at, value, where, other)
        except _DifferenceError:
            if key in DATA_KEYS:
                raise
            self._put_in_place(key, at, value, where, other)

    def _put_in_place(self, key: str, at: Location, value: Any, where: Location, other: Any) -> None:
        place, there = at.below(key), where.below(key)
        if is_bare_reference(value) and not is_reference(other):
            place = self._end("Irregular", place, there)
            self._members(place, self.source.at(place), there, other)
        elif isinstance(value, dict | list) and type(value) is type(other):
            self._members(place, value, there, other)
        else:
            self.field_data(key, at, value, where, other)

    def _members(self, place: Location, value: Any, where: Location, other: Any) -> None:
        if isinstance(value, dict) and isinstance(other, dict):
            self.keys(value, other, where)
            for name, member in value.items():
                self.loose(str(name), place, member, where, other[name])
        elif isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
            for index, member in enumerate(value):
                self.loose(str(index), place, member, where, other[index])
        else:
            self.data(value, other, where)

    def extension(
        self, at: Location, value: Any, where: Location, other: Any, around: Mapping[Location, Location]
    ) -> None:
        """The value of an `x-` field: a `$ref` whose target exists keeps its form or is replaced by the target.

        around: the targets that were put in place around it, and their places.
        """
        target = None
        if is_reference(value):
            with suppress(UnresolvedError):
                target = self.source.resolve(value["$ref"], at)
        if target is not None:
            self.pure = False
            place = None
            if is_reference(other):
                with suppress(UnresolvedError):
                    place = self.run.slice.resolve(other["$ref"], where)
            owner = self.source.component_at(Location(target.file, target.tokens[:3]))
            alias = self.run.comparison.reach._alias_of(target)
            named = owner or alias
            if place is not None and named and place.tokens[:3] == ("components", *named):
                if owner and place.tokens != target.tokens:
                    raise _DifferenceError(where, f"{other['$ref']!r} is not where {value['$ref']!r} leads")
                self.component(*named, where)
                self._extension_members(at, value, where, other, around)
                return
            if place is not None and (around.get(target) == place or place.tokens == target.tokens):
                self._extension_members(at, value, where, other, around)
                return
            if place is not None and target in around:
                raise _DifferenceError(where, f"{other['$ref']!r} is not where {value['$ref']!r} stands")
            found = self.source.at(target)
            beside = {key: member for key, member in value.items() if key != "$ref"}
            if beside and isinstance(found, dict) and not is_reference(found) and isinstance(other, dict):
                self.keys({**found, **beside}, other, where)
                for key, member in {**found, **beside}.items():
                    its = at if key in beside else target
                    self.extension(its.below(key), member, where.below(key), other[key], {**around, target: where})
                return
            self.extension(target, found, where, other, {**around, target: where})
            return
        if is_reference(value) and isinstance(other, dict):  # its target does not exist, so that it is data
            self.data(value["$ref"], other.get("$ref"), where.below("$ref"))
        self._extension_members(at, value, where, other, around)

    def _extension_members(
        self, at: Location, value: Any, where: Location, other: Any, around: Mapping[Location, Location]
    ) -> None:
        if isinstance(value, dict) and isinstance(other, dict):
            self.keys(value, other, where)
            for key, member in value.items():
                if key != "$ref" or not isinstance(member, str):
                    self.extension(at.below(str(key)), member, where.below(str(key)), other[key], around)
        elif isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
            for index, member in enumerate(value):
                self.extension(at.below(str(index)), member, where.below(str(index)), other[index], around)
        else:
            self.data(value, other, where)

    def field_data(self, key: str, at: Location, value: Any, where: Location, other: Any) -> None:
        """A field that is data; under `$self` its URIs may have become absolute."""
        there = where.below(key)
        resource = self.source.resource(at)
        if key in _URI_FIELDS and resource.uri != at.file and self._differs(value, other, there):
            self.data(_absolute(value, _URI_FIELDS[key], resource.uri), other, there)
        else:
            self.data(value, other, there)

    def _differs(self, value: Any, other: Any, where: Location) -> bool:
        try:
            self.data(value, other, where)
        except _DifferenceError:
            return True
        return False

    def data(self, value: Any, other: Any, where: Location) -> None:
        """Two values must be the same to the type."""
        if value is other:
            return
        if _sort(value) != _sort(other):
            raise _DifferenceError(where, f"{_brief(other)} instead of {_brief(value)}")
        if isinstance(value, dict):
            self.keys(value, other, where)
            for key, member in value.items():
                self.data(member, other[key], where.below(str(key)))
        elif isinstance(value, list):
            if len(value) != len(other):
                raise _DifferenceError(where, f"{len(other)} instead of {len(value)} members")
            for index, (member, its) in enumerate(zip(value, other, strict=True)):
                self.data(member, its, where.below(str(index)))
        elif value != other and not (value != value and other != other):  # NaN
            raise _DifferenceError(where, f"{_brief(other)} instead of {_brief(value)}")

    def keys(
        self,
        node: Mapping[str, Any],
        other: Mapping[str, Any],
        where: Location,
        skip: Iterable[str] = (),
        losable: Iterable[str] = (),
    ) -> None:
        """Two maps must have the same keys, in the same order if that counts."""
        self._same_keys(node, other, where, skip, losable)
        self.order(node, other, where)

    def _same_keys(
        self,
        node: Mapping[str, Any],
        other: Mapping[str, Any],
        where: Location,
        skip: Iterable[str] = (),
        losable: Iterable[str] = (),
    ) -> None:
        if node.keys() == other.keys():
            return
        skip = set(skip)
        for key in node:
            if key not in other and key not in skip and key not in losable:
                raise _DifferenceError(where.below(str(key)), "is missing")
        for key in other:
            if key not in node and key not in skip:
                raise _DifferenceError(where.below(str(key)), "is not in the source")

    def order(self, node: Iterable[Any], other: Iterable[Any], where: Location) -> None:
        """The keys that two maps share must be in the same order, if that counts."""
        if self.run.comparison.ordered:
            names, others = list(node), list(other)
            both = set(names) & set(others)
            if [name for name in names if name in both] != [name for name in others if name in both]:
                raise _DifferenceError(where, f"the order of the keys {others} is not the source's")


#: Fields that may be missing on one side, and that a rule of the kind compares instead of the table.
_OPTIONAL = {
    "Operation": frozenset(("security",)),
    "Response": frozenset(("links",)),
    "Link": frozenset(("operationId", "operationRef")),
}
_Rule = Callable[[_Body, Location, dict[str, Any], Location, dict[str, Any]], None]
_OWN: dict[str, _Rule] = {
    "Operation": _Body._operation,
    "Response": _Body._response,
    "Link": _Body._link,
    "Schema": _Body._schema,
}


def _is_merged(item: Any) -> bool:
    """Whether a path item has a `$ref` and fields beside it, so that its fields have no order."""
    return is_reference(item) and not is_bare_reference(item)


def _sort(value: Any) -> str:
    """The type in JSON, with 1 and 1.0 distinguished."""
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    for kind in (int, float, Decimal, str, list, dict):
        if isinstance(value, kind):
            return kind.__name__
    return type(value).__name__


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _find(node: Any, value: str, at: Location) -> Location | None:
    """The first place of a value below a place."""
    if isinstance(node, str):
        return at if node == value else None
    if isinstance(node, dict) and value in node:
        return at.below(value)  # a security requirement's key
    members: Iterable[tuple[Any, Any]] = ()
    if isinstance(node, dict):
        members = node.items()
    elif isinstance(node, list):
        members = enumerate(node)
    return next((found for key, member in members if (found := _find(member, value, at.below(str(key))))), None)


def implied_value(reference: str) -> str | None:
    """The name by which a discriminator chooses a schema: that of its file, or else its last key."""
    uri, _, fragment = reference.partition("#")
    if not fragment.strip("/"):
        return unquote(uri).rpartition("/")[2].partition(".")[0] or None
    tokens = [_decode(token) for token in fragment.split("/")[1:]]
    is_named = len(tokens) == 1 or (len(tokens) > 1 and tokens[-2] in ("schemas", "definitions", "$defs"))
    return tokens[-1] if is_named else None


def _decode(token: str) -> str:
    return unquote(token).replace("~1", "/").replace("~0", "~")


def _rebased(reference: str, base: str) -> str:
    uri, hash_sign, fragment = reference.partition("#")
    return join(base, uri) + hash_sign + fragment if uri else reference


def _absolute(value: Any, fields: tuple[tuple[str, ...], ...], base: str) -> Any:
    """A copy of a value with the URIs at these fields resolved."""
    if fields == ((),):
        return join(base, value) if isinstance(value, str) else value
    value = copy.deepcopy(value)
    for *above, last in fields:
        node = value
        for key in above:
            node = node.get(key) if isinstance(node, dict) else None
        if isinstance(node, dict) and isinstance(node.get(last), str):
            node[last] = join(base, node[last])
    return value


def difference(
    source: dict[str, Any],
    slice_: dict[str, Any],
    path: str,
    method: str,
    load: Load | None = None,
    *,
    ordered: bool = False,
    base: str = "",
) -> str | None:
    """As `Comparison.difference`, for one slice: remembers nothing."""
    return Comparison(source, load, ordered=ordered, base=base).difference(slice_, path, method)


def optional_components(
    document: dict[str, Any], path: str, method: str, load: Load | None = None, base: str = ""
) -> set[Component]:
    """As `Comparison.optional_components`."""
    return Comparison(document, load, base=base).optional_components(path, method)
