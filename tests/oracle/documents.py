"""A document and the files that its references lead to. Resolves references, names and operations.

Nothing here compares or collects. A place is a Location, (file, decoded pointer): the identity that SEMANTICS.md,
section 3, gives to targets. The entry document's file name is the given `base`, "" by default.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urljoin

from .model import Model, is_bare_reference, is_extension, is_reference, model_of

#: load(uri as written and without fragment, URI of the file it stands in) -> the other file's value.
Load = Callable[[str, str], Any]
#: (section of `components`, name)
Component = tuple[str, str]


class UnresolvedError(LookupError):
    """A reference leads nowhere."""


class Location(NamedTuple):
    """A place in a file; tokens are decoded, list indexes included."""

    file: str
    tokens: tuple[str, ...] = ()

    def below(self, *tokens: str) -> Location:
        """The place at these tokens below this one."""
        return Location(self.file, self.tokens + tokens)

    def __str__(self) -> str:
        return self.file + "#" + "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in self.tokens)


class Resource(NamedTuple):
    """The base of relative references: a file, or in 3.1+ a schema with `$id`."""

    root: Location
    uri: str


#: Below these, an external file that is no OpenAPI document holds no schema.
DATA_KEYS = frozenset(("default", "enum", "const", "example", "examples", "value", "dataValue"))
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def join(base: str, uri: str) -> str:
    """Resolve a URI without fragment against a base; both may be plain relative paths."""
    if _SCHEME.match(uri):
        return uri
    if _SCHEME.match(base):
        try:
            return urljoin(base, uri)
        except ValueError:  # `http://[a` is no base
            return uri
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(uri)))


def component_reference(section: str, name: str) -> str:
    """The reference to a component of the same document."""
    return f"#/components/{section}/" + quote(name.replace("~", "~0").replace("/", "~1"), safe="~")


class Documents:
    """A document, called the entry, and the files that it refers to, loaded when first needed."""

    def __init__(self, entry: dict[str, Any], load: Load | None = None, base: str = "") -> None:
        self.entry = entry
        self.base = base
        self.model: Model = model_of(entry)
        self._load = load
        self._files: dict[str, Any] = {base: entry}
        self._uris: dict[str, str] = {base: base}  # of files
        #: Files that were searched for `$id` and anchors.
        self._resources: dict[str, dict[tuple[str, ...], Resource]] = {}
        self._anchors: dict[tuple[Location, str], Location] = {}
        self._roots: dict[str, Location] = {base: Location(base)}  # by absolute URI
        self._resolved: dict[tuple[str, Location], Location] = {}
        self._identified: dict[str, bool] = {}
        self._chains: dict[tuple[str, Location], tuple[Location, ...]] = {}
        self._path_items: dict[Location, dict[str, Location]] = {}
        self._name_itself(base, entry)

    # ------------------------------------------------------------------------------------------------ places

    def at(self, location: Location) -> Any:
        """The value at a place; UnresolvedError if there is none."""
        node = self._files[location.file]
        for token in location.tokens:
            if isinstance(node, dict) and token in node:
                node = node[token]
            elif isinstance(node, dict) and token.isdecimal() and int(token) in node:
                node = node[int(token)]  # some readers take 200 for a number
            elif isinstance(node, list) and re.fullmatch("0|[1-9][0-9]*", token) and int(token) < len(node):
                node = node[int(token)]
            else:
                raise UnresolvedError(f"nothing stands at {location}")
        return node

    def component(self, section: str, name: str) -> Location | None:
        """The place of a component in the entry document, if it has it."""
        members = (self.entry.get("components") or {}).get(section)
        if isinstance(members, dict) and name in members:
            return Location(self.base, ("components", section, name))
        return None

    def component_at(self, location: Location) -> Component | None:
        """The component of the entry document that is exactly at a place."""
        tokens = location.tokens
        if location.file == self.base and len(tokens) == 3 and tokens[0] == "components":
            return (tokens[1], tokens[2]) if self.model.component_kind(tokens[1]) else None
        return None

    # -------------------------------------------------------------------------------------------- references

    def identified(self, file: str) -> bool:
        """Whether some schema of a file may have an `$id` (3.1+)."""
        if file not in self._identified:
            self._identified[file] = self.model.version != "3.0" and '"$id"' in json.dumps(
                self._files[file], default=repr
            )
        return self._identified[file]

    def resource(self, location: Location) -> Resource:
        """The base of relative references at a place."""
        if self.identified(location.file):
            resources = self._search(location.file)
            for length in range(len(location.tokens), 0, -1):
                if location.tokens[:length] in resources:
                    return resources[location.tokens[:length]]
        return Resource(Location(location.file), self._uris[location.file])

    def resolve(self, reference: str, at: Location) -> Location:
        """The target of a reference at a place; UnresolvedError if there is none."""
        resource = self.resource(at)
        key = (reference, resource.root)
        if key not in self._resolved:
            uri, _, fragment = reference.partition("#")
            root = self._root(uri, resource) if uri else resource.root
            self._resolved[key] = self._fragment(root, unquote(fragment), reference)
        return self._resolved[key]

    def _fragment(self, root: Location, fragment: str, reference: str) -> Location:
        if fragment and not fragment.startswith("/"):
            if self.model.version == "3.0":
                raise UnresolvedError(f"{reference!r} is no JSON Pointer")
            self._search(root.file)
            if (root, fragment) not in self._anchors:
                raise UnresolvedError(f"{reference!r}: no such anchor")
            return self._anchors[root, fragment]
        target = root.below(*(token.replace("~1", "/").replace("~0", "~") for token in fragment.split("/")[1:]))
        self.at(target)
        return target

    def _root(self, uri: str, resource: Resource) -> Location:
        absolute = join(resource.uri, uri)
        if self.model.version != "3.0":
            for file in list(self._files):  # an `$id` may be anywhere
                if self.identified(file):
                    self._search(file)
        if absolute in self._roots:
            return self._roots[absolute]
        if self._load is None:
            raise UnresolvedError(f"{uri!r} is another file")
        try:
            value = self._load(uri, resource.uri)
        except (OSError, LookupError, ValueError) as error:
            raise UnresolvedError(f"{uri!r} cannot be loaded: {error}") from error
        for file, known in self._files.items():
            if known is value:
                self._roots[absolute] = Location(file)
                return self._roots[absolute]
        self._files[absolute] = value
        self._uris[absolute] = absolute
        self._roots[absolute] = Location(absolute)
        self._name_itself(absolute, value)
        return self._roots[absolute]

    def _name_itself(self, file: str, value: Any) -> None:
        """3.2 `$self`: the document's own URI, and the base of its references."""
        itself = value.get("$self") if isinstance(value, dict) and "openapi" in value else None
        if self.model.version == "3.2" and isinstance(itself, str):
            self._uris[file] = join(file, itself.partition("#")[0])
            self._roots.setdefault(self._uris[file], Location(file))

    # --------------------------------------------------------------------------- `$id` and `$anchor` (3.1+)

    def _search(self, file: str) -> dict[tuple[str, ...], Resource]:
        """Find the schema resources and anchors of a file."""
        if file not in self._resources:
            self._resources[file] = {}
            value = self._files[file]
            kind = "OpenAPI" if isinstance(value, dict) and "openapi" in value else "Anything"
            self._search_below(kind, Location(file), value, Resource(Location(file), self._uris[file]))
        return self._resources[file]

    def _search_below(self, kind: str, at: Location, node: Any, resource: Resource) -> None:
        if isinstance(node, dict) and kind in ("Schema", "Anything"):
            if isinstance(node.get("$id"), str):
                resource = Resource(at, join(resource.uri, node["$id"].partition("#")[0]))
                self._resources[at.file][at.tokens] = resource
                self._roots.setdefault(resource.uri, at)
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.get(keyword), str):
                    self._anchors.setdefault((resource.root, node[keyword]), at)
        for tokens, below, value in self._parts(kind, node):
            self._search_below(below, at.below(*tokens), value, resource)

    def _parts(self, kind: str, node: Any) -> Iterable[tuple[tuple[str, ...], str, Any]]:
        if kind != "Anything":
            return self.model.parts(kind, node) if isinstance(node, dict) else ()
        if isinstance(node, list):
            return [((str(index),), kind, value) for index, value in enumerate(node)]
        if isinstance(node, dict):
            return [
                ((str(key),), kind, value)
                for key, value in node.items()
                if key not in DATA_KEYS and not is_extension(key)
            ]
        return ()

    # ------------------------------------------------------------------------------------------------ chains

    def chain(self, kind: str, at: Location) -> tuple[Location, ...]:
        """A place, and the places that bare references lead to from there; the last one has no bare reference."""
        key = (kind, at)
        if key not in self._chains:
            places = [at]
            if kind in self.model.referenceable or kind in ("Operation", "Irregular"):
                while is_bare_reference(node := self.at(places[-1])):
                    target = self.resolve(node["$ref"], places[-1])
                    if target in places:
                        raise UnresolvedError(f"{node['$ref']!r} leads only to itself")
                    places.append(target)
            self._chains[key] = tuple(places)
        return self._chains[key]

    def mapped(self, value: Any, at: Location) -> Location:
        """The schema that a discriminator's mapping value means: a component's name before a URI."""
        if not isinstance(value, str):
            raise UnresolvedError(f"{value!r} is no mapping value")
        return self.component("schemas", value) or self.resolve(value, at)

    def scheme(self, name: str, at: Location) -> Location:
        """The security scheme that a requirement's key means: a component's name, in 3.2 else a URI."""
        found = self.component("securitySchemes", name)
        if found is None and self.model.version == "3.2":
            found = self.resolve(name, at)
        if found is None:
            raise UnresolvedError(f"security scheme {name!r} is not defined")
        return found

    # -------------------------------------------------------------------------------------------- operations

    def path_item(self, at: Location) -> dict[str, Location]:
        """A path item's fields, with `$ref`s followed: field -> the object that has it (the nearest wins)."""
        if at not in self._path_items:
            fields: dict[str, Location] = {}
            place, seen = at, {at}
            while isinstance(node := self.at(place), dict):
                for key in node:
                    if key != "$ref":
                        fields.setdefault(key, place)
                if not is_reference(node):
                    break
                place = self.resolve(node["$ref"], place)
                if place in seen:
                    raise UnresolvedError(f"{node['$ref']!r} leads only to itself")
                seen.add(place)
            self._path_items[at] = fields
        return self._path_items[at]

    def operations(self) -> list[tuple[str, str]]:
        """All (path, method) in document order; a path item that cannot be resolved has none."""
        found = []
        for path in self.entry.get("paths") or {}:
            if is_extension(path):
                continue
            try:
                fields = self.path_item(Location(self.base, ("paths", path)))
            except UnresolvedError:
                continue
            for field, place in fields.items():
                if field in self.model.methods:
                    found.append((path, field.upper()))
                elif field == "additionalOperations" and self.model.field("PathItem", field):
                    found.extend((path, name) for name in self.at(place.below(field)))
        return found

    def operation(self, path: str, method: str) -> Location:
        """The place of an operation; UnresolvedError if there is none.

        The specification allows no `$ref` in an operation's place, but some documents have it, and it is followed.
        """
        try:
            fields = self.path_item(Location(self.base, ("paths", path)))
        except UnresolvedError as error:
            raise UnresolvedError(f"path item {path!r}: {error}") from error
        fixed, named = method.lower(), fields.get("additionalOperations")
        if named and self.model.version == "3.2" and method in self.at(named.below("additionalOperations")):
            place = named.below("additionalOperations", method)
        elif fixed in self.model.methods and fixed in fields:
            place = fields[fixed].below(fixed)
        else:
            raise UnresolvedError(f"there is no operation {method} {path}")
        return self.chain("Operation", place)[-1]
