"""Resolves connections: from the text of a reference to a place in the document's files, or to its fault.

Sources: "Relative References in API Description URIs", "Reference Object", "Resolving Implicit Connections"; RFC 6901;
JSON Schema 2020-12 Core sections 8.2 (`$id`, anchors).
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote

from oas_tasks.document.document import words_for
from oas_tasks.document.files import Sources, Unreadable, plain
from oas_tasks.document.members import Members
from oas_tasks.document.place import ENTRY, Place
from oas_tasks.document.trace import WHOLE, Read, Trace, reads_along
from oas_tasks.formats import Value
from oas_tasks.openapi.model import EXTENSION, FieldType, Model
from oas_tasks.openapi.pointer import MISSING, decode, encode, resolve, tokens_of
from oas_tasks.openapi.references import Connection, Via
from oas_tasks.openapi.uri import join, uri_around
from oas_tasks.openapi.validation.structure import needs_its_dialect
from oas_tasks.openapi.walk import Site, field_at, walk, walk_unknown

#: Types in whose place a referenced file is a text, unless it is YAML or JSON.
_TEXTS = frozenset({"string", EXTENSION.holds})


class Base(NamedTuple):
    """The base of relative references.

    file: the file that they are in.
    identifier: the URI that the nearest `$id` around them sets (3.1 on), None where there is none.
    near: the place in the file of a reference by an anchor (`near_of`).
    """

    file: str
    identifier: str | None = None
    near: tuple[str, ...] = ()


class Broken(NamedTuple):
    """A connection that leads nowhere, with the reason in words.

    missing: name and kind of the missing component, if that is the reason.
    """

    reason: str
    missing: tuple[str, str] | None = None


#: The most comparisons of component names with missing ones, so that a document full of broken references takes no
#: longer than others. Once the first faults are mended, the others get their guesses.
_MOST_COMPARED = 200_000


class _End(NamedTuple):
    """The end of a chain of references, None where it leads back to itself.

    length: how many references there are to the end.
    """

    place: Place | None
    reads: Collection[Read]
    length: int


@dataclass(slots=True)
class Resolver:
    """Finds the places that connections lead to.

    root: the entry document, with containers in place that are kept in other files.
    origins: these containers: their tokens in `root` -> their place.
    """

    model: Model
    sources: Sources
    root: dict[str, Value]
    origins: dict[tuple[str, ...], Place]
    self_uri: str | None = None
    #: `components` or maps in it that are kept in other files and cannot be found, with the reason.
    lost: dict[tuple[str, ...], str] = field(default_factory=dict)
    #: By scope and anchor: the first schema that has it at or below each place.
    _anchors: dict[tuple[str, str], dict[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    _anchored_files: set[str] = field(default_factory=set)
    _identified: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    #: Results, since many references are the same.
    _places: dict[tuple[Via, str, str, Base], tuple[Place | Broken, Collection[Read]]] = field(default_factory=dict)
    _ends: dict[tuple[Place, str], _End] = field(default_factory=dict)
    #: Guesses at what was meant by the names of missing components, by name and kind.
    _guesses: dict[tuple[str, str], str] = field(default_factory=dict)
    _compared: int = 0

    def members(self, kind: str) -> Mapping[str, Value]:
        """Return the components of a kind that the entry document declares."""
        components = self.root.get("components")
        members = components.get(kind) if isinstance(components, dict) else None
        return members if isinstance(members, dict) else {}

    def origin(self, place: Place) -> Place:
        """Return where a place is kept: containers and components of the entry may be in other files."""
        file, tokens = place
        if file == ENTRY and self.origins:
            for length in range(len(tokens), 0, -1):
                found = self.origins.get(tokens[:length])
                if found is not None:
                    return found[0], found[1] + tokens[length:]
        return place

    def value(self, place: Place) -> object:
        """Return the value at a place, or MISSING."""
        file, tokens = place
        root = self.root if file == ENTRY else self.sources.value(file)
        found = MISSING if isinstance(root, Unreadable) else resolve(root, tokens)
        return found.whole() if isinstance(found, Members) else found

    def place(self, connection: Connection, base: Base) -> Place | Broken:
        """Return the place that a connection leads to, which holds an object of the right type, or its fault."""
        key = (connection.via, connection.expects, connection.target, base)
        known = self._places.get(key)
        if known is None:
            self._trace.begin()
            found = self._found(connection, base)
            self._places[key] = (found, self._trace.end())
            return found
        self._trace.note_all(known[1])
        return known[0]

    @property
    def _trace(self) -> Trace:
        return self.sources.trace

    def _found(self, connection: Connection, base: Base) -> Place | Broken:
        target = connection.target
        base = base._replace(file=plain(base.file))
        found = self._named(connection) or self._text_file(connection, base)
        if found is not None:
            return found
        is_extension = connection.via is Via.EXTENSION  # it may be data, so its faults are not reported
        place = self._locate(target, base)
        if isinstance(place, Broken):
            return place if is_extension else self._with_guess(place, connection, base.file)
        if is_extension and self.value(place) is MISSING:
            return Broken("it leads to what only a merge key would bring there")
        if not is_extension and (self.sources.unmerged or self.sources.names_dialects):
            place = self._as_object(place, connection)
        if connection.via in (Via.STRAY, Via.MAP, Via.EXTENSION):
            return place
        unfit = self._unfit(place, connection.expects)
        return (
            place if unfit is None else Broken(f"'{target}' {unfit}, and {_article(connection.expects)} is needed here")
        )

    def _named(self, connection: Connection) -> Place | Broken | None:
        """Return the component that a connection names by its bare name, None where it has to be a reference."""
        name = connection.target
        if connection.via is Via.SECURITY:
            section, fault = "securitySchemes", f"the security scheme '{name}' is not defined"
            is_reference = self.model.family == "3.2" and ("/" in name or "#" in name)
        elif connection.via is Via.MAPPING:
            section, fault = "schemas", f"the discriminator's mapping names '{name}', which is no schema"
            is_reference = any(character in name for character in "#/.")
        else:
            return None
        if name in self.members(section):
            return ENTRY, ("components", section, name)
        return None if is_reference else Broken(f"{fault}{self._guess(name, section)}")

    def _text_file(self, connection: Connection, base: Base) -> Place | Broken | None:
        """Return the file whose text a reference stands for in place of a string, None where it stands for a value."""
        is_stray = connection.via in (Via.STRAY, Via.EXTENSION)
        if not is_stray or connection.expects not in _TEXTS or "#" in connection.target:
            return None
        file = self.file(connection.target, base.file)
        as_text = self.sources.for_text(file) if isinstance(file, str) else file
        if as_text == file or not isinstance(as_text, str):
            return None
        text = self.sources.value(as_text)
        return Broken(text.reason) if isinstance(text, Unreadable) else (as_text, ())

    def _with_guess(self, broken: Broken, connection: Connection, file: str) -> Broken:
        guess = "" if broken.missing is None else self._guess(*broken.missing)
        meant = None if guess else self._meant(connection.target, connection.expects, file)
        guess = f". Did you mean '{meant}'?" if meant else guess
        return Broken(f"{broken.reason}{guess}") if guess else broken

    def _as_object(self, place: Place, connection: Connection) -> Place:
        """Return the place of the object that a connection makes of the value at a place; mostly the same place."""
        is_asking = connection.field is not None or connection.via is not Via.STRAY
        kind = connection.field or FieldType(connection.expects, "one", True) if is_asking else None
        file, tokens = self.origin(place)
        dialect = self._dialect_around(file, tokens) if connection.expects == "Schema" else ""
        seen_in = self.sources.as_object(file, tokens, kind, dialect)
        return place if seen_in == file else (seen_in, tokens)

    def _dialect_around(self, file: str, tokens: tuple[str, ...]) -> str:
        """Return the dialect that a place in another file gets from a schema around it, "" if it need not be named.

        A schema has the dialect of the schema that contains it. Source: JSON Schema 2020-12 Core, 8.1.1.
        """
        if file == ENTRY or not self.model.schema_ref_is_keyword or not self.sources.names_dialects:
            return ""
        found = ""
        value: object = self.sources.value(file)
        for token in tokens:
            named = value.get("$schema") if isinstance(value, dict) else None
            found = named if isinstance(named, str) else found
            value = resolve(value, (token,))  # type: ignore[arg-type]  # a value, or MISSING, which leads nowhere
        if not found or not isinstance(value, dict):
            return ""
        if any(each[0] == file and each[1] == tokens[: len(each[1])] for each in self.origins.values()):
            return ""  # it stays inside of a component that names it
        return found if needs_its_dialect(self.model.family, self.root, value, found) else ""

    def _unfit(self, place: Place, expects: str) -> str | None:
        """Return, as the end of a sentence, what is at a place if it is of the wrong type, None if it may be right.

        Sources: "Reference Object"; JSON Schema 2020-12 Core, 4.3 (a schema is an object or a boolean).
        """
        file, tokens = place
        known = field_at(self.model, "OpenAPI", tokens) if file == ENTRY or self._is_openapi(file) else None
        is_object = known is not None and known.container == "one" and known.holds in self.model.types
        if known is not None and is_object and known.holds != expects:
            return f"is {_article(known.holds)}"
        value = self.value(place)
        if isinstance(value, bool) and expects == "Schema" and self.model.schema_ref_is_keyword:
            return None
        if not isinstance(value, dict):
            return f"is {words_for(value)}"  # type: ignore[arg-type]  # it was found
        return f"is a map of {known.holds} objects" if known is not None and known.container == "map" else None

    def end_of_references(self, place: Place, kind: str) -> Place | None:
        """Return the end of the chain of references that begins at a place, as far as it can be followed.

        kind: the object type that the place calls for. None is returned for a chain that leads back to itself.
        """
        place = self.origin(place)
        known = self._ends.get((place, kind))
        if known is None:
            return self._follow_chain(place, kind)
        self._trace.note_all(known.reads)
        return known.place

    def _follow_chain(self, place: Place, kind: str) -> Place | None:
        """Follow a chain of references, and note the end for each of its places, since others may begin there."""
        steps: dict[Place, Collection[Read]] = {}
        following: Place | None = place
        while following is not None and following not in steps and (following, kind) not in self._ends:
            place = following
            self._trace.begin()
            following = self._following(place, kind)
            steps[place] = self._trace.end()
        if following is None:
            end = _End(place, (), 0)
        elif following in steps:
            end = _End(None, reads_along((), set().union(*steps.values()), len(steps)), len(steps))
        else:
            end = self._ends[following, kind]
            self._trace.note_all(end.reads)
        for each in reversed(steps):
            end = _End(end.place, reads_along(steps[each], end.reads, end.length + 1), end.length + 1)
            self._ends[each, kind] = end
        return end.place

    def _following(self, place: Place, kind: str) -> Place | None:
        """Return where the reference at a place leads, None where there is none or it leads nowhere."""
        value = self.value(place)
        target = value.get("$ref") if isinstance(value, dict) else None
        if not isinstance(target, str):
            return None
        identifier = self._identifier_inside(place) if self.model.schema_ref_is_keyword else None
        base = Base(place[0], identifier, near_of(target, place[1]))
        found = self.place(Connection(Via.REFERENCE, target, kind, ()), base)
        return None if isinstance(found, Broken) else self.origin(found)

    def absolute(self, uri: str, file: str) -> str:
        """Return a URI reference in a file as the absolute URI that `$self` makes of it, unchanged without one."""
        return uri if self.self_uri is None else join(join(self.self_uri, file), uri)

    def _base_uri(self, base: Base) -> str | None:
        if base.identifier is not None:
            return self.absolute(base.identifier, base.file)
        return None if self.self_uri is None else join(self.self_uri, base.file)

    def is_by_identifier(self, target: str, base: Base) -> bool:
        """Whether a reference names a schema of the entry by its `$id`, which the schema keeps in slices."""
        uri = target.partition("#")[0]
        if not uri or not self.model.schema_ref_is_keyword or (base.identifier is None and ":" not in uri):
            return False
        return join(self._base_uri(base) or "", uri) in self._resources(ENTRY)

    def identifier_around(self, place: Place) -> str | None:
        """Return the base URI that `$id`s above a place set for it, None without any."""
        file, tokens = place
        if file == ENTRY and len(tokens) <= 3:
            return None
        value: object = self.root if file == ENTRY else self.value((file, ()))
        uri: str | None = None
        for token in tokens:
            uri = _identified(value, uri)
            value = resolve(value, (token,)) if value is not MISSING else value  # type: ignore[arg-type]
        return uri

    def _identifier_inside(self, place: Place) -> str | None:
        """Return the base URI that `$id`s at and above a place set for what is inside of it."""
        return _identified(self.value(place), self.identifier_around(place))

    def _locate(self, target: str, base: Base) -> Place | Broken:
        """Return the place that a URI reference leads to."""
        uri, _, fragment = target.partition("#")
        base_uri = self._base_uri(base)
        if base_uri is not None or (uri and ":" in uri and self.model.schema_ref_is_keyword):
            resource = join(base_uri or "", uri)
            for holder in (ENTRY, base.file):
                tokens = self._resources(holder).get(resource)
                if tokens is not None:
                    place = self._in_file(holder, fragment, target, tokens, resource, base.near)
                    if not isinstance(place, Broken) or uri:
                        return place
        file = self.file(uri, base.file)
        if isinstance(file, Unreadable):
            return Broken(file.reason)
        return self._in_file(file, fragment, target, (), "", base.near)

    def file(self, uri: str, base_file: str) -> str | Unreadable:
        """Return the file that a URI reference without its fragment leads to from a file, or why it leads to none."""
        if uri and self.self_uri is not None:
            absolute = self.absolute(uri, base_file)
            folder = join(self.self_uri, ".")
            if absolute == self.self_uri:
                return ENTRY
            if ":" in uri and absolute.startswith(folder):
                return self.sources.join(ENTRY, absolute[len(folder) :])
        return self.sources.join(base_file, uri) if uri else base_file

    def _in_file(
        self, file: str, fragment: str, target: str, resource: tuple[str, ...], identifier: str, near: tuple[str, ...]
    ) -> Place | Broken:
        """Return the place of a fragment in a file, or in a schema resource inside of the file."""
        root = self.root if file == ENTRY else self.sources.value(file)
        if isinstance(root, Unreadable):
            return Broken(root.reason)
        tokens = decode(fragment)
        if tokens is None:
            anchor = self.sources.anchor(file, fragment) or self._anchor(file, identifier, fragment, near)
            if anchor is None:
                return Broken(f"'{target}' is referenced but not defined")
            return file, self.sources.place_now(file, anchor)
        tokens = self.sources.place_now(file, resource + tokens)
        if resolve(root, tokens) is MISSING and not self.sources.holds(file, tokens):
            missing = None
            if file == ENTRY and len(tokens) > 2 and tokens[0] == "components":
                missing = (tokens[2], tokens[1])
                lost = self.lost.get(tokens[:2]) or self.lost.get(tokens[:1])
                if lost is not None:
                    return Broken(f"'{target}' leads to where {lost}")
            return Broken(f"'{target}' is referenced but not defined", missing)
        return file, tokens

    def _meant(self, target: str, expects: str, file: str) -> str | None:
        """Return the reference that was probably meant by a broken one such as `User` or `#/definitions/User`.

        file: where it stands. In another file than the entry the path to that has to be in front.
        """
        section = next((key for key, kind in self.model.component_kinds.items() if kind == expects), "")
        uri, _, fragment = target.partition("#")
        last = (decode(f"/{fragment or uri}") or ("",))[-1]
        found = next((name for name in (last, last.partition(".")[0]) if name in self.members(section)), None)
        if found is None:
            return None
        path = "" if file == ENTRY else posixpath.relpath(self.sources.entry.name, posixpath.dirname(file) or ".")
        return f"{quote(path)}{encode(('components', section, found))}"

    def _guess(self, name: str, kind: str) -> str:
        known = self._guesses.get((name, kind))
        if known is None:
            members = self.members(kind)
            close = []
            if not self._compared or self._compared + len(members) <= _MOST_COMPARED:
                from difflib import get_close_matches

                self._compared += len(members)
                close = get_close_matches(name, members, n=1)
            known = self._guesses[name, kind] = f". Did you mean '{close[0]}'?" if close else ""
        return known

    def _is_openapi(self, file: str) -> bool:
        root = self.sources.value(file)
        return isinstance(root, dict) and "openapi" in root

    def _resources(self, file: str) -> dict[str, tuple[str, ...]]:
        """Return the schemas of a file that have an `$id`, by their URI. The file is searched once."""
        self._trace.note(WHOLE if file == ENTRY else ("file", plain(file)))
        known = self._identified.get(file)
        if known is None:
            known = self._identified[file] = {}
            base = "" if self.self_uri is None else join(self.self_uri, file)
            bases: dict[tuple[str, ...], str] = {}
            for site in self._sites(file):
                identifier = site.value.get("$id") if site.kind == "Schema" and not site.is_reference else None
                if isinstance(identifier, str):
                    tokens = tokens_of(site.path)
                    uri = join(uri_around(bases, tokens) or base, identifier).rstrip("#")
                    bases[tokens] = uri
                    known.setdefault(uri, tokens)
        return known

    def _sites(self, file: str) -> Iterator[Site]:
        """Yield the objects in a file, as far as their types are known without the references to them."""
        root = self.value((file, ()))
        if root is MISSING:
            return
        whole = file == ENTRY or self._is_openapi(file)
        yield from walk(self.model, "OpenAPI", root) if whole else walk_unknown(self.model, root)  # type: ignore[arg-type]

    def _anchor(self, file: str, identifier: str, name: str, near: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the place of the schema with an `$anchor` or `$dynamicAnchor` in a file (3.1 on).

        An anchor should be unique. If several schemas have it, the one nearest to `near` is meant, so that a reference
        does not depend on schemas that have nothing to do with the one around it.
        """
        if not self.model.schema_ref_is_keyword:
            return None
        self._trace.note(WHOLE if file == ENTRY else ("file", plain(file)))
        if file not in self._anchored_files:
            self._anchored_files.add(file)
            resources = {tokens: uri for uri, tokens in self._resources(file).items()}
            for site in self._sites(file):
                for keyword in ("$anchor", "$dynamicAnchor") if site.kind == "Schema" else ():
                    anchor = site.value.get(keyword)
                    if isinstance(anchor, str):
                        tokens = tokens_of(site.path)
                        for scope in {file, uri_around(resources, tokens) or file}:
                            places = self._anchors.setdefault((scope, anchor), {})
                            for length in range(len(tokens), -1, -1):
                                if places.setdefault(tokens[:length], tokens) is not tokens:
                                    break  # an earlier one has all shorter ones as well
        found = self._anchors.get((identifier or file, name)) or self._anchors.get((file, name)) or {}
        return next((found[near[:n]] for n in range(len(near), -1, -1) if near[:n] in found), None)


def near_of(target: str, tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Return the `near` of a reference's base: its place if it is by an anchor, else ()."""
    return tokens if decode(target.partition("#")[2]) is None else ()


def _identified(schema: object, outer: str | None) -> str | None:
    identifier = schema.get("$id") if isinstance(schema, dict) else None
    return join(outer or "", identifier) if isinstance(identifier, str) else outer


def _article(kind: str) -> str:
    return ("an " if kind[0] in "AEIOU" else "a ") + kind
