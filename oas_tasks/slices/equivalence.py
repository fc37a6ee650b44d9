"""Phase 6: whether a slice says of its operation what the document says, piece by piece.

Reads the source again at the place that each piece is said to come from. What is the same object needs no second look,
so that only the way to what was changed is walked; and a change is right only where a reference has to read otherwise
in a slice, if it leads to the piece that came from where the document's reference leads.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import NamedTuple

from oas_tasks.document.place import ENDPOINT_FIELDS, ENTRY, TAGS, WEBHOOKS, Place
from oas_tasks.document.resolver import Base, Broken, near_of
from oas_tasks.document.root import Entry
from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault, Phase
from oas_tasks.openapi.model import ComponentName
from oas_tasks.openapi.pointer import decode
from oas_tasks.openapi.references import Connection, Via
from oas_tasks.openapi.walk import kind_at
from oas_tasks.parts.inline import may_be_referred_to, texts_of
from oas_tasks.parts.part import EndpointPart, Hole, HoleKind, Part, field_of
from oas_tasks.slices.fill import link_target, slice_address

#: How many tokens lead to a component, and to a declared tag.
_DEPTHS = {"components": 3, TAGS: 2}


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
    """What comparing one piece with its source gave.

    differences: the places in the piece that differ without leave.
    claims: what the rest of a slice has to keep for the references that were rewritten.
    """

    differences: tuple[tuple[str, ...], ...]
    claims: tuple[Claim, ...]


NOTHING_FOUND = Findings((), ())
DIFFERENT = Findings(((),), ())


#: Root fields that are compared piece by piece.
_NOT_HEADING = frozenset({*ENDPOINT_FIELDS, "components", "tags", "security"})


def heading_of(document: Mapping[str, Value]) -> Value:
    """Return the root fields that every slice has."""
    return {name: document[name] for name in document if name not in _NOT_HEADING}


class Source:
    """The document that slices are compared with.

    drop_extensions: names of root extensions that slices do not have.
    files: the files of all slices that are made, by path and method.
    """

    def __init__(self, entry: Entry, drop_extensions: Iterable[str], files: Mapping[tuple[str, str], str]) -> None:
        self.entry = entry
        self.files = files
        gone = {*_NOT_HEADING, "$self", *drop_extensions}
        self._heading = [name for name in entry.root if name not in gone]

    def of_part(self, part: Part, value: Value) -> Findings:
        """Compare a shared part, as it reads in a slice, with the source."""
        source = self.entry.resolver.value(part.place)
        if source is value:
            return NOTHING_FOUND
        return _Comparison(self, part).findings(source, value)

    def of_endpoint(self, own: EndpointPart, value: Value) -> Findings:
        """Compare the field that holds an endpoint's path, as it reads in a slice, with the source."""
        return _Comparison(self, own.part).endpoint_findings(own, value)

    def of_heading(self, heading: Part, document: Mapping[str, Value]) -> Findings:
        """Compare the root fields that every slice has with the source's."""
        own = heading_of(document)
        source = {name: self.entry.root[name] for name in self._heading}
        return _Comparison(self, heading).findings(source, own)

    def faults(
        self, findings: Findings, place: tuple[str, ...], pieces: Mapping[ComponentName, Place]
    ) -> Iterator[Fault]:
        """Yield what is wrong with a piece in a slice.

        place: where it stands there.
        pieces: where each component of the slice comes from, and each declared tag, by its number.
        """
        for tokens in findings.differences:
            message = "the slice differs from the document here, which is a fault of oas-tasks; please report it"
            yield Fault(Phase.EQUIVALENCE, message, place + tokens)
        for claim in findings.claims:
            if not self._holds(claim, pieces):
                message = "this leads elsewhere than in the document, which is a fault of oas-tasks; please report it"
                yield Fault(Phase.EQUIVALENCE, message, place + claim.tokens)

    def _holds(self, claim: Claim, pieces: Mapping[ComponentName, Place]) -> bool:
        target = claim.target
        depth = _DEPTHS.get(target[0], 0) if target else 0
        if depth and len(target) >= depth:
            start = pieces.get((target[depth - 2], target[depth - 1]))
            return start is not None and (start[0], start[1] + target[depth:]) == self.entry.canonical(claim.place)
        return claim.place == (ENTRY, target)


class _Comparison:
    """Compares one piece.

    part: says where the piece may read otherwise.
    """

    def __init__(self, source: Source, part: Part) -> None:
        self.entry = source.entry
        self.files = source.files
        self.holes = {tuple(map(str, hole.tokens)): hole for hole in part.holes}
        self.places: dict[tuple[str, ...], list[Place]] = {}
        for at, place in part.inlined:
            self.places.setdefault(tuple(map(str, at)), []).append(place)
        self.part = part
        self.differences: list[tuple[str, ...]] = []
        self.claims: list[Claim] = []

    def findings(self, source: object, value: Value) -> Findings:
        self.compare(source, value, (), self.part.place[0])
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
                self.compare(source[key], value[key], (key,), ENTRY)
        file = self.entry.origin((field_name, own.path))[0]
        self.compare_path_item(own, self.path_item(source[own.path], file), value[own.path])
        return Findings(tuple(self.differences), tuple(self.claims))

    def path_item(self, written: object, file: str) -> dict[str, tuple[object, str]]:
        """Return the fields of a Path Item and the file that each stands in, with references followed."""
        found: dict[str, tuple[object, str]] = {}
        seen: set[Place] = set()
        while isinstance(written, dict):
            target = written.get("$ref")
            for name, member in written.items():
                if name != "$ref" or not isinstance(target, str):
                    found.setdefault(name, (member, file))
            place = next(iter(self.follow(target, file)), None) if isinstance(target, str) else None
            if place is None or place in seen:
                break
            seen.add(place)
            written, file = self.entry.resolver.value(place), place[0]
        return found

    def compare_path_item(self, own: EndpointPart, source: dict[str, tuple[object, str]], value: Value) -> None:
        """Compare a path item, of whose operations a slice has one."""
        fields = self.entry.model.types["PathItem"].fields
        wanted: dict[str, tuple[object, str]] = {}
        for name, (member, file) in source.items():
            is_map = name in fields and fields[name].container == "map"
            holds_operations = name in fields and fields[name].holds == "Operation"
            holds_operations = holds_operations and (isinstance(member, dict) or not is_map)
            if not holds_operations or name == own.at[0]:
                if name == own.at[0] and len(own.at) > 1:
                    _, member, file = self.chain(member, (own.path, name), file)
                    member = {own.method: member.get(own.method)} if isinstance(member, dict) else member
                wanted[name] = (member, file)
        if not isinstance(value, dict) or value.keys() != wanted.keys():
            self.differences.append((own.path,))
            return
        for name, (member, file) in wanted.items():
            self.compare(member, value[name], (own.path, name), file)

    def compare(self, source: object, value: object, at: tuple[str, ...], file: str) -> None:
        """Compare what stands at a place of the piece with what the source has there.

        file: the one that `source` stands in.
        """
        if source is value:
            return
        target = source.get("$ref") if isinstance(source, dict) else None
        is_kept = isinstance(value, dict) and value.get("$ref") == target
        if isinstance(source, dict) and isinstance(target, str) and at in self.places and not is_kept:
            self.compare_inlined(source, value, at, file)  # type: ignore[arg-type]  # a slice's
        elif isinstance(source, dict) and isinstance(value, dict):
            self.compare_members(source, value, at, file)
        elif isinstance(source, list) and isinstance(value, list) and len(source) == len(value):
            for index, (item, other) in enumerate(zip(source, value, strict=True)):
                self.compare(item, other, (*at, str(index)), file)
        elif type(source) is not type(value) or source != value:
            self.differences.append(at)

    def compare_inlined(self, source: dict[str, Value], value: Value, at: tuple[str, ...], file: str) -> None:
        """Compare what was put in the place of a reference with what that leads to."""
        kind = kind_at(self.entry.model, field_of(self.part.section).holds, self.typed(at))
        if kind is not None and may_be_referred_to(self.entry.model, kind):
            if isinstance(value, dict):
                self.compare_text_over(kind, source, value, at, file)
            else:
                self.differences.append(at)
            return
        chain, end, file = self.chain(source, at, file)
        if not chain and isinstance(value, dict):  # the field of what is in place further out, and a reference still
            self.compare_members(source, value, at, file)
        elif not chain:
            self.differences.append(at)
        elif isinstance(end, dict) and isinstance(value, dict):
            self.compare_laid_over(chain, end, value, at, file)
        elif isinstance(end, str) and at in self.holes:
            self.claim(end, value, self.holes[at], at, file)
        else:
            self.compare(end, value, at, file)

    def chain(
        self, end: object, at: tuple[str, ...], file: str
    ) -> tuple[list[tuple[dict[str, Value], str]], object, str]:
        """Return the references for which something was put in place, what that is in the sources, and its file."""
        chain: list[tuple[dict[str, Value], str]] = []
        seen: set[Place] = set()
        here = self.part.source(at[:-1])
        here = (here[0], here[1] + at[-1:])
        while isinstance(end, dict) and isinstance(end.get("$ref"), str):
            followed = self.follow(str(end["$ref"]), file, here)
            place = next((p for p in followed if p in self.places.get(at, ())), None)
            if place is None or place in seen:
                break
            seen.add(place)
            chain.append((end, file))
            end, file, here = self.entry.resolver.value(place), place[0], place
        return chain, end, file

    def compare_laid_over(
        self,
        chain: list[tuple[dict[str, Value], str]],
        end: dict[str, Value],
        value: dict[str, Value],
        at: tuple[str, ...],
        file: str,
    ) -> None:
        """Compare what was put in place with the end of some references, what stands beside them laid over it."""
        members: dict[str, tuple[Value, str]] = {name: (member, file) for name, member in end.items()}
        for reference, origin in reversed(chain):
            members.update((name, (member, origin)) for name, member in reference.items() if name != "$ref")
        if list(members) != list(value):
            self.differences.append(at)
            return
        for name, (member, origin) in members.items():
            hole = self.holes.get((*at, name))
            if hole is not None and isinstance(member, str):
                self.claim(member, value[name], hole, (*at, name), origin)
            else:
                self.compare(member, value[name], (*at, name), origin)

    def typed(self, at: tuple[str, ...]) -> tuple[str, ...]:
        """Return a place in the piece as one in an object of the type that its field holds."""
        return at[1:] if self.part.section == WEBHOOKS else at

    def compare_text_over(
        self, kind: str, source: dict[str, Value], value: dict[str, Value], at: tuple[str, ...], file: str
    ) -> None:
        """Compare what was put in the place of a Reference Object: the target at the end, with the nearest texts."""
        texts: list[tuple[dict[str, Value], str]] = []
        seen: set[Place] = set()
        written: object = source
        while isinstance(written, dict) and isinstance(written.get("$ref"), str):
            texts.append((texts_of(self.entry.model, kind, written), file))
            place = next((p for p in self.follow(str(written["$ref"]), file) if p in self.places[at]), None)
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
            self.compare(whole[name], value[name], (*at, name), origin)
        left, right = ({name: each[name] for name in each if name not in said} for each in (written, value))
        self.compare_members(left, right, at, file)

    def compare_members(
        self, source: dict[str, Value], value: dict[str, Value], at: tuple[str, ...], file: str
    ) -> None:
        """Compare two mappings: the same keys in the same order, but for what a hole lets read otherwise."""
        if any(hole.kind is HoleKind.KEY for key in source if (hole := self.holes.get((*at, key))) is not None):
            self.compare_requirement(source, value, at, file)
            return
        left = list(value)
        for key, member in source.items():
            here = (*at, key)
            hole = self.holes.get(here)
            if left and left[0] == key:
                left.pop(0)
                if hole is None or value[key] is member or hole.kind is HoleKind.LINK_REFERENCE:
                    self.compare(member, value[key], here, file)
                elif hole.kind is HoleKind.MAPPING:
                    self.compare_discriminator(member, value[key], hole, here, file)
                elif isinstance(member, str):
                    self.claim(member, value[key], hole, here, file)
                else:  # a text that is put in place
                    self.compare(member, value[key], here, file)
            elif hole is not None and hole.key and left and left[0] == hole.key:
                self.claim(str(member), value[left.pop(0)], hole, here, file)
            elif hole is not None and hole.kind is HoleKind.LINK and left and left[0] == "operationRef":
                self.compare_link(hole, value[left.pop(0)], here)
            elif not self.may_go(here):
                self.differences.append(here)
        if left:
            self.differences.append(at)

    def compare_discriminator(self, source: Value, value: Value, hole: Hole, at: tuple[str, ...], file: str) -> None:
        """Compare two Discriminators, of which the second may have values for alternates that have other names now."""
        before = source.get("mapping", {}) if isinstance(source, dict) else None
        mapping = value.get("mapping", {}) if isinstance(value, dict) else None
        if not isinstance(source, dict) or not isinstance(value, dict):
            self.differences.append(at)
        elif not isinstance(before, dict) or not isinstance(mapping, dict):
            self.compare(source, value, at, file)
        else:
            places = {each.value: each.place for each in reversed(hole.alternates)}
            found = self.chain(before, (*at, "mapping"), file)[1]
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
            self.compare(source, {**rest, "mapping": kept} if "mapping" in source else rest, at, file)

    def compare_requirement(
        self, source: dict[str, Value], value: dict[str, Value], at: tuple[str, ...], file: str
    ) -> None:
        """Compare two Security Requirements: a scheme that one names in two ways has the roles of both in the other."""
        left = list(value)
        names: dict[str, str] = {}
        roles: dict[str, Value] = {}
        for key, member in source.items():
            here = (*at, key)
            hole = self.holes.get(here)
            scheme = key if hole is None else hole.target or hole.text
            if scheme not in names:
                names[scheme] = left.pop(0) if left else ""
            name = names[scheme]
            if hole is not None:
                self.claim(key, name, hole, here, file)
            elif name != key:
                self.differences.append(here)
            before = roles.get(name, [])
            if isinstance(before, list) and isinstance(member, list):
                member = [*before, *(role for role in member if role not in before)]
            roles[name] = member
        if roles != value:
            self.differences.append(at)

    def may_go(self, at: tuple[str, ...]) -> bool:
        """Whether a place holds a Link whose operation has no slice, a reference to a Link, or an `$id` that moved.

        Where the Link itself stays, nothing would lead to it any more, which phase 5 finds.
        """
        hole = self.holes.get(at)
        if hole is not None and hole.kind in (HoleKind.LINK_REFERENCE, HoleKind.IDENTIFIER):
            return True
        targets = [self.holes.get((*at, name)) for name in _LINK_TARGETS]
        return any(
            target is not None and (target.operation is None or target.operation not in self.files)
            for target in targets
        )

    def claim(self, written: str, value: object, hole: Hole, at: tuple[str, ...], file: str) -> None:
        """Note what a reference that was rewritten has to lead to."""
        if hole.kind is HoleKind.LINK:
            self.compare_link(hole, value, at)
            return
        if hole.kind is HoleKind.ADDRESS:
            if value != self.entry.resolver.absolute(written, file):
                self.differences.append(at)
            return
        if hole.kind is HoleKind.ANCHOR:
            if value != f"#{written.partition('#')[2]}":
                self.differences.append(at)
            return
        if hole.kind is HoleKind.KEY:
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
            self.claims.append(Claim(target, self.standing_in(target, place), at))

    def standing_in(self, target: tuple[str, ...], place: Place) -> Place:
        """Return what a pointer of this piece has to lead to: where `place` is in place, if that is in this piece.

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

    def compare_link(self, hole: Hole, value: object, at: tuple[str, ...]) -> None:
        """Check that a Link leads to its operation in the slice, or to that operation's own slice."""
        if hole.operation is not None:
            target = link_target(hole, hole.operation)
            if value in (target, slice_address(self.files.get(hole.operation, "")) + target):
                return
        self.differences.append(at)

    def follow(self, target: str, file: str, here: Place | None = None) -> list[Place]:
        """Return the places that a reference may lead to, whatever stands there: of a file also its text.

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


#: What the value of a file may be wanted for: as what it is, or as a text.
_READ_AS = ("", "string")

_LINK_TARGETS = ("operationId", "operationRef")
