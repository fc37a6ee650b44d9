"""Compares one piece of a slice with the document, for phase 6 (`equivalence.py`).

Identical objects are skipped, so that only the way to what was changed is walked. A change is allowed only to a
reference that has to be written differently in a slice, and only if it leads to the piece that came from where the
document's reference leads.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from oas_tasks.document.place import ENDPOINT_FIELDS, ENTRY, TAGS, WEBHOOKS, EndpointKey, Place
from oas_tasks.document.resolver import Base, Broken, near_of
from oas_tasks.document.root import Entry
from oas_tasks.formats import Value
from oas_tasks.openapi.pointer import decode
from oas_tasks.openapi.references import Connection, Via
from oas_tasks.openapi.walk import kind_at
from oas_tasks.parts.inline import may_be_referred_to, texts_of
from oas_tasks.parts.part import EndpointPart, Part, field_of
from oas_tasks.parts.placeholders import (
    AbsoluteUri,
    AnchorName,
    AnyLink,
    AnyPointer,
    AnySchemeName,
    DiscriminatorMapping,
    LeftOutIdentifier,
    LinkReference,
    Placeholder,
    SchemeName,
)
from oas_tasks.slices.fill import link_target, slice_address


class Claim(NamedTuple):
    """Where a reference of a slice has to lead, for the slice to mean what the document means.

    target: the tokens of its pointer in the slice.
    place: what the document's own reference leads to.
    tokens: the place of the reference in the piece.
    """

    target: tuple[str, ...]
    place: Place
    tokens: tuple[str, ...]


class Findings(NamedTuple):
    """The result of comparing one piece with its source.

    differences: the places in the piece that differ and must not.
    claims: where its rewritten references have to lead.
    """

    differences: tuple[tuple[str, ...], ...]
    claims: tuple[Claim, ...]


NOTHING_FOUND = Findings((), ())
DIFFERENT = Findings(((),), ())


class PieceComparison:
    """Compares one piece.

    files: the files of all slices that are made, by path and method.
    part: says where the piece may differ.
    ends: where chains of Path Items lead that are nothing but references, as far as they were followed before.
    """

    def __init__(
        self, entry: Entry, files: Mapping[EndpointKey, str], part: Part, ends: dict[Place, Place] | None = None
    ) -> None:
        self.entry = entry
        self.files = files
        self.placeholders = {tuple(map(str, each.tokens)): each for each in part.placeholders}
        self.places: dict[tuple[str, ...], list[Place]] = {}
        for at, place in part.inlined:
            self.places.setdefault(tuple(map(str, at)), []).append(place)
        self.part = part
        self.differences: list[tuple[str, ...]] = []
        self.claims: list[Claim] = []
        self._ends = {} if ends is None else ends

    def findings(self, source: object, value: Value) -> Findings:
        """Compare the piece with what the source has in its place."""
        self._compare(source, value, (), self.part.place[0])
        return Findings(tuple(self.differences), tuple(self.claims))

    def endpoint_findings(self, own: EndpointPart, value: Value) -> Findings:
        """Compare `paths` or `webhooks`: one path item with one operation, and extensions."""
        field_name = own.part.section
        items = self.entry.root.get(field_name)
        source = items if isinstance(items, dict) else {}
        expected = self.entry.members_with(field_name, own.path) if own.path in source else []
        if not isinstance(value, dict) or list(value) != expected:
            return Findings(((),), ())
        for key in expected:
            if key != own.path:
                self._compare(source[key], value[key], (key,), ENTRY)
        file = self.entry.origin((field_name, own.path))[0]
        self._compare_path_item(own, self._path_item(source[own.path], file), value[own.path])
        return Findings(tuple(self.differences), tuple(self.claims))

    def _path_item(self, written: object, file: str) -> dict[str, tuple[object, str]]:
        """Return the fields of a Path Item and the file that each stands in, with references followed."""
        found: dict[str, tuple[object, str]] = {}
        seen: set[Place] = set()
        while isinstance(written, dict):
            target = written.get("$ref")
            for name, member in written.items():
                if name != "$ref" or not isinstance(target, str):
                    found.setdefault(name, (member, file))
            place = next(iter(self._follow(target, file)), None) if isinstance(target, str) else None
            place = place and self._end(place)
            if place is None or place in seen:
                break
            seen.add(place)
            written, file = self.entry.resolver.value(place), place[0]
        return found

    def _end(self, place: Place) -> Place:
        """Return the first Path Item from a place on that is more than a reference; many chains may end alike."""
        steps: dict[Place, None] = {}
        while place not in self._ends and place not in steps:
            steps[place] = None
            written = self.entry.resolver.value(place)
            if not isinstance(written, dict) or written.keys() != {"$ref"} or not isinstance(written["$ref"], str):
                break
            place = next(iter(self._follow(written["$ref"], place[0])), place)
        end = self._ends.get(place, place)
        self._ends.update(dict.fromkeys(steps, end))
        return end

    def _compare_path_item(self, own: EndpointPart, source: dict[str, tuple[object, str]], value: Value) -> None:
        """Compare a path item, of whose operations a slice has one."""
        fields = self.entry.model.types["PathItem"].fields
        wanted: dict[str, tuple[object, str]] = {}
        for name, (member, file) in source.items():
            is_map = name in fields and fields[name].container == "map"
            holds_operations = name in fields and fields[name].holds == "Operation"
            holds_operations = holds_operations and (isinstance(member, dict) or not is_map)
            if not holds_operations or name == own.at[0]:
                if name == own.at[0] and len(own.at) > 1:
                    _, member, file = self._chain(member, (own.path, name), file)
                    member = {own.method: member.get(own.method)} if isinstance(member, dict) else member
                wanted[name] = (member, file)
        if not isinstance(value, dict) or value.keys() != wanted.keys():
            self.differences.append((own.path,))
            return
        for name, (member, file) in wanted.items():
            self._compare(member, value[name], (own.path, name), file)

    def _compare(self, source: object, value: object, at: tuple[str, ...], file: str) -> None:
        """Compare what stands at a place of the piece with what the source has there.

        file: the one that `source` stands in.
        """
        if source is value:
            return
        target = source.get("$ref") if isinstance(source, dict) else None
        is_kept = isinstance(value, dict) and value.get("$ref") == target
        if isinstance(source, dict) and isinstance(target, str) and at in self.places and not is_kept:
            self._compare_inlined(source, value, at, file)  # type: ignore[arg-type]  # a slice's
        elif isinstance(source, dict) and isinstance(value, dict):
            self._compare_members(source, value, at, file)
        elif isinstance(source, list) and isinstance(value, list) and len(source) == len(value):
            for index, (item, other) in enumerate(zip(source, value, strict=True)):
                self._compare(item, other, (*at, str(index)), file)
        elif type(source) is not type(value) or source != value:
            self.differences.append(at)

    def _compare_inlined(self, source: dict[str, Value], value: Value, at: tuple[str, ...], file: str) -> None:
        """Compare what was inlined for a reference with the reference's target."""
        kind = kind_at(self.entry.model, field_of(self.part.section).holds, self._typed(at))
        if kind is not None and may_be_referred_to(self.entry.model, kind):
            if isinstance(value, dict):
                self._compare_text_over(kind, source, value, at, file)
            else:
                self.differences.append(at)
            return
        chain, end, file = self._chain(source, at, file)
        if not chain and isinstance(value, dict):  # a field of something inlined further out, and still a reference
            self._compare_members(source, value, at, file)
        elif not chain:
            self.differences.append(at)
        elif isinstance(end, dict) and isinstance(value, dict):
            self._compare_laid_over(chain, end, value, at, file)
        elif isinstance(end, str) and at in self.placeholders:
            self._claim(end, value, self.placeholders[at], at, file)
        else:
            self._compare(end, value, at, file)

    def _chain(
        self, end: object, at: tuple[str, ...], file: str
    ) -> tuple[list[tuple[dict[str, Value], str]], object, str]:
        """Return the references that were replaced by inlining, what the last leads to, and the file of that."""
        chain: list[tuple[dict[str, Value], str]] = []
        seen: set[Place] = set()
        here = self.part.source(at[:-1])
        here = (here[0], here[1] + at[-1:])
        while isinstance(end, dict) and isinstance(end.get("$ref"), str):
            followed = self._follow(str(end["$ref"]), file, here)
            place = next((p for p in followed if p in self.places.get(at, ())), None)
            if place is None or place in seen:
                break
            seen.add(place)
            chain.append((end, file))
            end, file, here = self.entry.resolver.value(place), place[0], place
        return chain, end, file

    def _compare_laid_over(
        self,
        chain: list[tuple[dict[str, Value], str]],
        end: dict[str, Value],
        value: dict[str, Value],
        at: tuple[str, ...],
        file: str,
    ) -> None:
        """Compare what was inlined with the end of some references, overridden by what stands beside them."""
        members: dict[str, tuple[Value, str]] = {name: (member, file) for name, member in end.items()}
        for reference, origin in reversed(chain):
            members.update((name, (member, origin)) for name, member in reference.items() if name != "$ref")
        if list(members) != list(value):
            self.differences.append(at)
            return
        for name, (member, origin) in members.items():
            placeholder = self.placeholders.get((*at, name))
            if placeholder is not None and isinstance(member, str):
                self._claim(member, value[name], placeholder, (*at, name), origin)
            else:
                self._compare(member, value[name], (*at, name), origin)

    def _typed(self, at: tuple[str, ...]) -> tuple[str, ...]:
        """Return a place in the piece as one in an object of the type that its field holds."""
        return at[1:] if self.part.section == WEBHOOKS else at

    def _compare_text_over(
        self, kind: str, source: dict[str, Value], value: dict[str, Value], at: tuple[str, ...], file: str
    ) -> None:
        """Compare what was inlined for a Reference Object: the target at the end, with the nearest texts."""
        texts: list[tuple[dict[str, Value], str]] = []
        seen: set[Place] = set()
        written: object = source
        while isinstance(written, dict) and isinstance(written.get("$ref"), str):
            texts.append((texts_of(self.entry.model, kind, written), file))
            place = next((p for p in self._follow(str(written["$ref"]), file) if p in self.places[at]), None)
            if place is None or place in seen:
                self.differences.append(at)
                return
            seen.add(place)
            written, file = self.entry.resolver.value(place), place[0]
        if not isinstance(written, dict):
            self.differences.append(at)
            return
        whole = dict(written)
        said: dict[str, str] = {}
        for text, origin in reversed(texts):
            whole.update(text)
            said.update(dict.fromkeys(text, origin))
        if _numbers_of(said, whole) != _numbers_of(said, value):
            self.differences.append(at)
            return
        for name, origin in said.items():
            self._compare(whole[name], value[name], (*at, name), origin)
        left, right = ({name: each[name] for name in each if name not in said} for each in (written, value))
        self._compare_members(left, right, at, file)

    def _compare_members(
        self, source: dict[str, Value], value: dict[str, Value], at: tuple[str, ...], file: str
    ) -> None:
        """Compare two mappings: the same keys in the same order, except where placeholders allow others."""
        if any(isinstance(self.placeholders.get((*at, key)), AnySchemeName) for key in source):
            self._compare_requirement(source, value, at, file)
            return
        left = list(reversed(value))
        for key, member in source.items():
            here = (*at, key)
            found = self.placeholders.get(here)
            if left and left[-1] == key:
                left.pop()
                if found is None or value[key] is member or isinstance(found, LinkReference):
                    self._compare(member, value[key], here, file)
                elif isinstance(found, DiscriminatorMapping):
                    self._compare_discriminator(member, value[key], found, here, file)
                elif isinstance(member, str):
                    self._claim(member, value[key], found, here, file)
                else:  # an inlined text
                    self._compare(member, value[key], here, file)
            elif isinstance(found, AnyPointer) and found.key and left and left[-1] == found.key:
                self._claim(str(member), value[left.pop()], found, here, file)
            elif isinstance(found, AnyLink) and left and left[-1] == "operationRef":
                self._compare_link(found, value[left.pop()], here)
            elif not self._may_go(here):
                self.differences.append(here)
        if left:
            self.differences.append(at)

    def _compare_discriminator(
        self, source: Value, value: Value, added: DiscriminatorMapping, at: tuple[str, ...], file: str
    ) -> None:
        """Compare two Discriminators; the second may have further values for alternates with other names."""
        before = source.get("mapping", {}) if isinstance(source, dict) else None
        mapping = value.get("mapping", {}) if isinstance(value, dict) else None
        if not isinstance(source, dict) or not isinstance(value, dict):
            self.differences.append(at)
        elif not isinstance(before, dict) or not isinstance(mapping, dict):
            self._compare(source, value, at, file)
        else:
            places = {each.value: each.place for each in reversed(added.alternates)}
            found = self._chain(before, (*at, "mapping"), file)[1]
            known = found if isinstance(found, dict) else {}
            for key in [key for key in mapping if key not in known]:
                pointer = mapping[key]
                target = decode(pointer[1:]) if isinstance(pointer, str) and pointer.startswith("#") else None
                if target is None or key not in places:
                    self.differences.append((*at, "mapping", key))
                else:
                    self.claims.append(Claim(target, places[key], (*at, "mapping", key)))
            kept = {key: target for key, target in mapping.items() if key in known}
            rest = {key: member for key, member in value.items() if key != "mapping" or "mapping" in source}
            self._compare(source, {**rest, "mapping": kept} if "mapping" in source else rest, at, file)

    def _compare_requirement(
        self, source: dict[str, Value], value: dict[str, Value], at: tuple[str, ...], file: str
    ) -> None:
        """Compare two Security Requirements; a scheme that the first names twice has the roles of both."""
        left = list(reversed(value))
        names: dict[str, str] = {}
        roles: dict[str, Value] = {}
        for key, member in source.items():
            here = (*at, key)
            found = self.placeholders.get(here)
            scheme = key
            if isinstance(found, AnySchemeName):
                scheme = found.name if isinstance(found, SchemeName) else found.part_id
            if scheme not in names:
                names[scheme] = left.pop() if left else ""
            name = names[scheme]
            if found is not None:
                self._claim(key, name, found, here, file)
            elif name != key:
                self.differences.append(here)
            before = roles.get(name, [])
            if isinstance(before, list) and isinstance(member, list):
                member = [*before, *(role for role in member if role not in before)]
            roles[name] = member
        if roles != value:
            self.differences.append(at)

    def _may_go(self, at: tuple[str, ...]) -> bool:
        """Whether a slice may lack a place: a Link whose operation has no slice, a reference to a Link, a moved `$id`.

        If only the reference to a Link were missing, phase 5 would find that nothing leads to the Link.
        """
        if isinstance(self.placeholders.get(at), LinkReference | LeftOutIdentifier):
            return True
        targets = [self.placeholders.get((*at, name)) for name in _LINK_TARGETS]
        return any(isinstance(each, AnyLink) and each.operation not in self.files for each in targets)

    def _claim(self, written: str, value: object, found: Placeholder, at: tuple[str, ...], file: str) -> None:
        """Note where a rewritten reference has to lead."""
        if isinstance(found, AnyLink):
            self._compare_link(found, value, at)
            return
        if isinstance(found, AbsoluteUri):
            if value != self.entry.resolver.absolute(written, file):
                self.differences.append(at)
            return
        if isinstance(found, AnchorName):
            if value != f"#{written.partition('#')[2]}":
                self.differences.append(at)
            return
        if isinstance(found, AnySchemeName):
            target: tuple[str, ...] | None = ("components", "securitySchemes", str(value))
            via, expects = Via.SECURITY, "SecurityScheme"
        else:
            target = decode(value[1:]) if isinstance(value, str) and value.startswith("#") else None
            via, expects = (Via.STRAY if at[-1] in ("$ref", "$dynamicRef") else Via.MAPPING), "Schema"
        resolver = self.entry.resolver
        identifier = resolver.identifier_around(self.part.source(at)) if resolver.model.schema_ref_is_keyword else None
        base = Base(file, identifier, near_of(written, self.part.source(at)[1]))
        place = resolver.place(Connection(via, written, expects, ()), base)
        if target is None or isinstance(place, Broken):
            self.differences.append(at)
        else:
            self.claims.append(Claim(target, self._standing_in(target, place), at))

    def _standing_in(self, target: tuple[str, ...], place: Place) -> Place:
        """Return where a pointer of this piece has to lead: to where `place` is inlined, if that is in this piece.

        target: the pointer's tokens in the slice. place: what the document's own reference leads to.
        """
        section = self.part.section
        standing: Place = (ENTRY, target)
        inside = target if section == "" else target[1:]
        if section and section not in ENDPOINT_FIELDS:
            depth = 2 if section == TAGS else 3
            inside = target[depth:] if target[depth - 2 : depth - 1] == (section,) else ()
            standing = (self.part.place[0], self.part.place[1] + inside)
        return standing if self.entry.resolver.origin(place) in self.places.get(inside, ()) else place

    def _compare_link(self, link: AnyLink, value: object, at: tuple[str, ...]) -> None:
        """Check that a Link leads to its operation in the slice, or to that operation's own slice."""
        if link.operation is not None:
            target = link_target(link, link.operation)
            if value in (target, slice_address(self.files.get(link.operation, "")) + target):
                return
        self.differences.append(at)

    def _follow(self, target: str, file: str, here: Place | None = None) -> list[Place]:
        """Return the places that a reference may lead to, read as a value or, of a whole file, as a text.

        here: where the reference stands, if that may be in a schema with a base URI of its own.
        """
        resolver = self.entry.resolver
        base = Base(file)
        if here is not None and resolver.model.schema_ref_is_keyword:
            base = Base(file, resolver.identifier_around((here[0], (*here[1], "$ref"))), near_of(target, here[1]))
        places = [resolver.place(Connection(Via.STRAY, target, expects, ()), base) for expects in _READ_AS]
        return [resolver.origin(place) for place in places if not isinstance(place, Broken)]


def _numbers_of(names: Container[str], members: Iterable[str]) -> list[tuple[int, str]]:
    """Return where names stand among the members of a mapping."""
    return [(number, name) for number, name in enumerate(members) if name in names]


#: How the content of a file may be read: as a value, or as a text.
_READ_AS = ("", "string")

_LINK_TARGETS = ("operationId", "operationRef")
