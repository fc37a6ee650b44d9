"""What was found of the parts of a document, remembered for as long as all that was read for it stays as it is.

A fact is worked out of values, and is noted with the identity of everything that was read on the way: members of the
document, files, what other parts are called. Where all of that is the same the next time, so is the fact, and nobody
reads the values. A document of which nothing is known goes the same way, with nothing to remember.

What is wrong with a document is found again each time: faults speak of names that are nearly the same, anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from xxhash import xxh3_128_digest

from oas_tasks.document.files import Sources
from oas_tasks.document.members import KnownMembers, Member, Members, MemberTable
from oas_tasks.document.place import Place
from oas_tasks.document.trace import WHOLE, Read
from oas_tasks.parts.part import Alternate, EndpointPart, Hole, HoleKind, OperationCells, Part, Use

if TYPE_CHECKING:
    from oas_tasks.formats import Value

#: What a fact of any other shape would be is not known.
_SHAPE = 1


class Fact(msgspec.Struct, array_like=True):
    """Something that was found. reads: what was read for it, as numbers of `Facts.reads`."""

    reads: list[int]


class PathItemFact(Fact, array_like=True):
    """The operations of a Path Item, as `Listed` has them."""

    operations: list[tuple[str, list[str], str | None, tuple[str, list[str]] | None]]


class NamesFact(Fact, array_like=True):
    """The operationIds of a Path Item, and how many operations it has."""

    operation_ids: list[str]
    count: int


class BasesFact(Fact, array_like=True):
    """The bases that a schema builds on and that have a discriminator."""

    places: list[tuple[str, list[str]]]


class PartFact(Fact, array_like=True):
    """A part, but for its value.

    moves: what it has moved into components: file, tokens and kind.
    endpoint: of an endpoint's own part: path, method, where the operation stands, how many parameters it has, its
    cells.
    """

    section: str
    name: str
    moved: bool
    hoisted: bool
    place: tuple[str, list[str]]
    inlined: list[tuple[list[str | int], str, list[str]]]
    digest: bytes
    needs: list[str]
    holes: list[tuple[Any, ...]]
    operation_ids: list[str]
    uses: list[tuple[str, list[str | int], bool]]
    dynamic_anchors: list[tuple[str, str, list[str]]]
    moves: list[tuple[str, list[str], str]]
    endpoint: tuple[str, str, list[str | int], int, tuple[Any, ...]] | None


class Facts(msgspec.Struct, array_like=True):
    """All that is remembered of a document.

    context: identity of all that every fact depends on. dropped: root extensions that slices did not have.
    members: those that can be read. telling: the files whose schemas may say which dialect they are of.
    reads, identities: what was read, and what that was.
    """

    shape: int
    context: bytes
    dropped: list[str]
    members: list[tuple[bytes, bytes, str]]
    telling: list[str]
    reads: list[list[str]]
    identities: list[bytes]
    path_items: dict[str, PathItemFact]
    names: dict[str, NamesFact]
    bases: dict[str, BasesFact]
    parts: dict[str, PartFact]


def decoded_facts(blob: bytes | None) -> Facts | None:
    """Return what is remembered, None where that cannot be read."""
    if not blob:
        return None
    try:
        found = msgspec.msgpack.decode(blob, type=Facts)
    except (ValueError, RecursionError):  # what msgspec has to complain of is a ValueError
        return None
    is_whole = found.shape == _SHAPE and len(found.reads) == len(found.identities)
    return found if is_whole else None


def known_members(facts: Facts | None) -> KnownMembers:
    """Return the members that were read before."""
    return KnownMembers.of([] if facts is None else [Member(*each) for each in facts.members])


class _Noted(NamedTuple):
    fact: Fact
    reads: Collection[Read]


class Memory:
    """What is remembered of one document while it is planned, and what is found of it.

    facts: None where nothing is.
    table: the document's members; None where they are not read one by one, so that nothing can be remembered of them.
    """

    def __init__(
        self, facts: Facts | None = None, table: MemberTable | None = None, sources: Sources | None = None
    ) -> None:
        self._before = facts if table is not None else None
        self._table = table
        self._sources = sources
        self._context = b""
        self._dropped: list[str] = []
        self._root: Members | None = None
        self._files_of_containers: list[str] = []
        self._noted: dict[str, dict[str, _Noted]] = {"path_items": {}, "names": {}, "bases": {}, "parts": {}}
        self._kept: dict[str, dict[str, Fact]] = {"path_items": {}, "names": {}, "bases": {}, "parts": {}}
        self._holds: dict[int, bool] = {}
        #: The numbers of the reads that are files.
        self._files: set[int] = set()
        self._identities: dict[Read, bytes | None] = {}
        #: How to find out what else was read, by its kind.
        self._finders: dict[str, Callable[[Read], object]] = {}

    @property
    def is_on(self) -> bool:
        """Whether anything is remembered."""
        return self._table is not None

    def enter(self, context: object, root: Mapping[str, Value], files: Iterable[str] = ()) -> None:
        """Begin with a document. What is remembered of another context is not true here.

        context: all that each fact depends on. root: the document as it is read.
        files: those that containers and components of it are kept in.
        """
        self._files_of_containers = sorted(set(files))
        self._context = xxh3_128_digest(repr(context).encode("utf-8", "surrogatepass"))
        self._root = root if isinstance(root, Members) else None
        if self._root is None:
            self._table = None
        if self._table is None or (self._before is not None and self._before.context != self._context):
            self._before = None

    def choose(self, dropped: Iterable[str]) -> None:
        """Say which root extensions slices do not have, on which all facts depend that are asked for from now on."""
        self._dropped = sorted(dropped)
        if self._before is not None and self._before.dropped != self._dropped:
            self._before = msgspec.structs.replace(self._before, path_items={}, parts={})

    def find_by(self, finders: Mapping[str, Callable[[Read], object]]) -> None:
        """Say how to find out what kinds of reads are now, beside those of members and files."""
        self._finders.update(finders)

    # --- what is remembered ---------------------------------------------------------------------------------------

    def path_item(self, key: str) -> list[tuple[str, tuple[str, ...], str | None, Place | None]] | None:
        """Return the operations of a Path Item, as `Listed` has them; None where that is not remembered."""
        fact = self._recalled("path_items", key)
        if not isinstance(fact, PathItemFact):
            return None
        return [
            (method, tuple(at), operation_id, None if place is None else (place[0], tuple(place[1])))
            for method, at, operation_id, place in fact.operations
        ]

    def note_path_item(self, key: str, listed: Iterable[tuple[Any, ...]], reads: Collection[Read]) -> None:
        """Remember the operations of a Path Item."""
        rows = [(method, list(at), name, place and (place[0], list(place[1]))) for method, at, name, place in listed]
        self._note("path_items", key, PathItemFact([], rows), reads)

    def names(self, key: str) -> tuple[list[str], int] | None:
        """Return the operationIds of a Path Item and how many operations it has; None where that is not remembered."""
        fact = self._recalled("names", key)
        return (fact.operation_ids, fact.count) if isinstance(fact, NamesFact) else None

    def note_names(self, key: str, operation_ids: Iterable[str], count: int, reads: Collection[Read]) -> None:
        """Remember the operationIds of a Path Item and how many operations it has."""
        self._note("names", key, NamesFact([], list(operation_ids), count), reads)

    def bases(self, place: Place) -> list[Place] | None:
        """Return the bases of the schema at a place that have a discriminator; None where that is not remembered."""
        fact = self._recalled("bases", _key_of(place))
        return [(file, tuple(tokens)) for file, tokens in fact.places] if isinstance(fact, BasesFact) else None

    def note_bases(self, place: Place, bases: Iterable[Place], reads: Collection[Read]) -> None:
        """Remember the bases of a schema that have a discriminator."""
        self._note("bases", _key_of(place), BasesFact([], [(file, list(tokens)) for file, tokens in bases]), reads)

    def part(self, part_id: str) -> PartFact | None:
        """Return what is remembered of a part, None where nothing is."""
        fact = self._recalled("parts", part_id)
        return fact if isinstance(fact, PartFact) else None

    def note_part(
        self,
        part: Part,
        moves: Iterable[tuple[Place, str]],
        reads: Collection[Read],
        endpoint: EndpointPart | None = None,
    ) -> None:
        """Remember a part with which nothing is wrong."""
        if not (self.is_on and not part.faults and not part.losses):
            return
        fact = PartFact(
            [],
            part.section,
            part.name,
            part.moved,
            part.hoisted,
            (part.place[0], list(part.place[1])),
            [(list(at), file, list(tokens)) for at, (file, tokens) in part.inlined],
            part.digest,
            list(part.needs),
            [_encoded_hole(hole) for hole in part.holes],
            list(part.operation_ids),
            [(use.part_id, list(use.tokens), use.is_whole) for use in part.uses],
            [(name, file, list(tokens)) for name, (file, tokens) in part.dynamic_anchors],
            [(file, list(tokens), kind) for (file, tokens), kind in moves],
            endpoint and (endpoint.path, endpoint.method, list(endpoint.at), endpoint.parameter_count, endpoint.cells),
        )
        self._note("parts", part.id, fact, reads)

    def _recalled(self, table: str, key: str) -> Fact | None:
        if self._before is None:
            return None
        fact: Fact | None = getattr(self._before, table).get(key)
        if fact is None or not all(map(self._is_as_it_was, fact.reads)):
            return None
        self._kept[table][key] = fact
        for number in self._files.intersection(fact.reads):
            self._use(self._before.reads[number][1])
        return fact

    def _use(self, file: str) -> None:
        assert self._before is not None
        assert self._sources is not None
        self._sources.use(file)
        if file in self._before.telling:
            self._sources.note_telling(file)

    def _note(self, table: str, key: str, fact: Fact, reads: Collection[Read]) -> None:
        if self.is_on:
            self._noted[table][key] = _Noted(fact, reads)

    # --- what is as it was ----------------------------------------------------------------------------------------

    def _is_as_it_was(self, number: int) -> bool:
        known = self._holds.get(number)
        if known is None:
            assert self._before is not None
            if not 0 <= number < len(self._before.reads):
                return False
            read = tuple(self._before.reads[number])
            known = self._holds[number] = self._identity(read) == self._before.identities[number]
            if read[0] == "file":
                self._files.add(number)
        return known

    def _identity(self, read: Read) -> bytes | None:
        """Return what something is that can be read, None where nobody knows what that would be."""
        if read not in self._identities:
            self._identities[read] = self._found(read)
        return self._identities[read]

    def _found(self, read: Read) -> bytes | None:
        assert self._table is not None
        assert self._sources is not None
        match read:
            case ("member", *keys):
                return self._table.identity(tuple(keys))
            case ("names", *keys):
                return xxh3_128_digest(repr(self._names_at(keys)).encode("utf-8", "surrogatepass"))
            case ("file", file):
                return self._sources.identity(file).encode()
            case _ if read == WHOLE:
                rows: list[object] = [(keys, row.identity) for keys, row in self._table.rows.items()]
                rows += [(file, self._sources.identity(file)) for file in self._files_of_containers]
                return xxh3_128_digest(repr(rows).encode("utf-8", "surrogatepass"))
            case (kind, *_) if kind in self._finders:
                return xxh3_128_digest(repr(self._finders[kind](read)).encode("utf-8", "surrogatepass"))
        return None

    def _names_at(self, keys: Sequence[str]) -> list[str] | None:
        found: object = self._root
        for key in keys:
            found = found.at(key) if isinstance(found, Members) else None
        return found.names() if isinstance(found, Members) else None

    def encoded(self) -> bytes | None:
        """Return all that is known of the document by now, to be remembered; None where nothing can be."""
        if self._table is None or self._sources is None:
            return None
        numbers: dict[Read, int] = {}

        def number(read: Read) -> int:
            return numbers.setdefault(read, len(numbers))

        tables: dict[str, dict[str, Any]] = {}
        before = [] if self._before is None else [tuple(each) for each in self._before.reads]
        again: dict[int, int] = {}
        for table, kept in self._kept.items():
            facts = tables[table] = {}
            for key, fact in kept.items():
                for old in fact.reads:
                    if old not in again:
                        again[old] = number(before[old])
                fact.reads = [again[old] for old in fact.reads]
                facts[key] = fact
            for key, (fact, reads) in self._noted[table].items():
                if all(self._is_lasting(read) for read in reads):
                    fact.reads = [number(read) for read in reads]
                    facts[key] = fact
        return msgspec.msgpack.encode(
            Facts(
                _SHAPE,
                self._context,
                self._dropped,
                [(row.digest, row.identity, row.lone) for row in self._table.rows.values()],
                self._sources.telling_files(),
                [list(read) for read in numbers],
                [self._identity(read) or b"" for read in numbers],
                **tables,
            )
        )

    def _is_lasting(self, read: Read) -> bool:
        """Whether what was read says all by itself: not so a file with merge keys, or of another version."""
        assert self._sources is not None
        return read[0] != "file" or self._sources.is_plain(read[1])


def _key_of(place: Place) -> str:
    return f"{place[0]}#{'/'.join(token.replace('~', '~0').replace('/', '~1') for token in place[1])}"


def _encoded_hole(hole: Hole) -> tuple[Any, ...]:
    alternates = [(each.value, each.part_id, each.name, each.place) for each in hole.alternates]
    return (hole.tokens, hole.kind.value, *hole[2:-1], alternates)


def hole_of(fact: Sequence[Any]) -> Hole:
    """Return a hole that is remembered."""
    tokens, kind, text, target, operation, operation_id, stands, key, anchor, alternates = fact
    return Hole(
        tuple(tokens),
        HoleKind(kind),
        text,
        target,
        None if operation is None else (operation[0], operation[1]),
        operation_id,
        stands,
        key,
        anchor,
        tuple(Alternate(value, part_id, name, (at[0], tuple(at[1]))) for value, part_id, name, at in alternates),
    )


def part_of(part_id: str, fact: PartFact, read: Callable[[], Value]) -> Part:
    """Return a part that is remembered.

    read: reads its value.
    """
    return Part(
        part_id,
        fact.section,
        fact.name,
        fact.moved,
        (fact.place[0], tuple(fact.place[1])),
        tuple((tuple(at), (file, tuple(tokens))) for at, file, tokens in fact.inlined),
        None,
        fact.digest,
        tuple(fact.needs),
        tuple(map(hole_of, fact.holes)),
        tuple(fact.operation_ids),
        (),
        tuple(Use(needed, tuple(tokens), is_whole) for needed, tokens, is_whole in fact.uses),
        tuple((name, (file, tuple(tokens))) for name, file, tokens in fact.dynamic_anchors),
        fact.hoisted,
        (),
        None,
        read,
    )


def endpoint_of(fact: PartFact, part: Part) -> EndpointPart | None:
    """Return the endpoint that a part is remembered as being of, None where it is of none."""
    if fact.endpoint is None:
        return None
    path, method, at, parameter_count, cells = fact.endpoint
    summary, operation_id, tags, codes, security, deprecated = cells
    said = OperationCells(summary, operation_id, tuple(tags), tuple(codes), security, deprecated)
    return EndpointPart(path, method, tuple(at), said, parameter_count, part)
