"""Facts: what planning finds out about the parts of a document, stored for the next run.

A fact is stored with the identity of everything that was read to find it: members of the document, files, names of
other parts. While all of that is unchanged the fact holds, and the values are not read. A first run takes the same path
with no facts.

Faults are no facts and are found again each time, since their messages suggest similar names from anywhere.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec
from xxhash import xxh3_128_digest

from oas_tasks.document.edited import Tokens
from oas_tasks.document.files import Sources
from oas_tasks.document.members import Keys, KnownMembers, Member, Members, MemberTable
from oas_tasks.document.place import ENTRY, Place
from oas_tasks.document.trace import TOO_MUCH, WHOLE, Read
from oas_tasks.formats import Chunks, Span, Split, Value
from oas_tasks.parts.part import EndpointPart, OperationCells, Part, Use
from oas_tasks.parts.placeholders import Placeholder

#: Version of the stored format. Facts of another one are ignored.
_SHAPE = 6


class Fact(msgspec.Struct, array_like=True):
    """Something found out about a document.

    members, others: what was read for it, as numbers of `Facts.members` and of `Facts.reads`.
    """

    members: list[int]
    others: list[int]


class PathItemFact(Fact, array_like=True):
    """The operations of a Path Item, as `Listed` has them."""

    operations: tuple[tuple[str, Tokens, str | None, Place | None], ...]


class NamesFact(Fact, array_like=True):
    """The operationIds of a Path Item, and how many operations it has."""

    operation_ids: list[str]
    count: int


#: A schema that another one builds on: its place; whether the other builds on it through `allOf` (else it is another
#: name of it); and whether it has a discriminator whose alternates are those that build on it.
Parent: TypeAlias = tuple[Place, bool, bool]


class ParentsFact(Fact, array_like=True):
    """The schemas that one builds on directly."""

    parents: list[Parent]


class PartFact(Fact, array_like=True):
    """A part, but for its value.

    needs: as numbers of `Facts.ids`.
    moves: what it has moved into components: its place and kind.
    endpoint: of an endpoint's own part: path, method, where the operation stands, how many parameters it has, its
    cells.
    """

    section: str
    name: str
    moved: bool
    hoisted: bool
    place: Place
    inlined: tuple[tuple[Tokens, Place], ...]
    digest: bytes
    needs: list[int]
    placeholders: tuple[Placeholder, ...]
    operation_ids: tuple[str, ...]
    uses: tuple[Use, ...]
    dynamic_anchors: tuple[tuple[str, Place], ...]
    moves: list[tuple[Place, str]]
    endpoint: tuple[str, str, Tokens, int, OperationCells] | None


class Facts(msgspec.Struct, array_like=True):
    """The facts of a document.

    shape: version of the stored format.
    context: identity of all that every fact depends on. dropped: root extensions that slices did not have.
    chunks: of the text.
    members, spans: those that can be read, and where they stand.
    names_dialects: schemas of the document may name their dialect.
    telling: the files whose schemas may name their dialect.
    reads, identities: what else was read, and its identity at that time.
    ids: of parts.
    alternates: digests of the alternates of all bases at or below a place, by its key.
    baseless: the members that are schemas without a base.
    """

    shape: int
    context: bytes
    dropped: list[str]
    chunks: Chunks
    members: list[Member]
    spans: list[Span]
    names_dialects: bool
    telling: list[str]
    reads: list[tuple[str, ...]]
    identities: list[bytes]
    ids: list[str]
    alternates: dict[str, bytes]
    baseless: list[int]
    path_items: dict[str, PathItemFact]
    names: dict[str, NamesFact]
    bases: dict[str, ParentsFact]
    parts: dict[str, PartFact]


def decoded_facts(blob: bytes | None) -> Facts | None:
    """Return stored facts, None where they cannot be read."""
    if not blob:
        return None
    try:
        found = msgspec.msgpack.decode(blob, type=Facts)
    except (ValueError, RecursionError):  # errors of msgspec are ValueErrors
        return None
    return found if found.shape == _SHAPE and _is_consistent(found) else None


def _is_consistent(facts: Facts) -> bool:
    """Whether all numbers in facts lead to something, and the spans of members are such: a cache may be planted."""
    members, reads, end = len(facts.members), len(facts.reads), 0
    for _, start, stop, _ in facts.spans:
        if not end <= start <= stop:
            return False
        end = stop
    tables = (facts.path_items, facts.names, facts.bases, facts.parts)
    found = [fact for table in tables for fact in table.values()]
    return (
        end <= facts.chunks.size
        and reads == len(facts.identities)
        and len({span.keys for span in facts.spans}) == members == len(facts.spans)
        and len({span.form for span in facts.spans}) < 2
        and _are_below(members, set(facts.baseless).union(*(fact.members for fact in found)))
        and _are_below(reads, set[int]().union(*(fact.others for fact in found)))
        and _are_below(len(facts.ids), set[int]().union(*(fact.needs for fact in facts.parts.values())))
    )


def _are_below(count: int, numbers: Collection[int]) -> bool:
    return not numbers or (min(numbers) >= 0 and max(numbers) < count)


def known_members(facts: Facts | None) -> KnownMembers:
    """Return the members that were read before."""
    if facts is None:
        return KnownMembers.of([])
    return KnownMembers.of(facts.members)._replace(
        split=Split(facts.spans, facts.chunks), members=facts.members, names_dialects=facts.names_dialects
    )


class _Noted(NamedTuple):
    """A fact of this run. needs: of a part."""

    fact: Fact
    reads: Collection[Read]
    needs: Sequence[str] = ()


class Memory:
    """The facts of one document while it is planned: those of the last run that still hold, and new ones.

    facts: of the last run, None where there are none.
    table: the document's members; None where they are not read one by one, in which case there can be no facts.
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
        #: The facts of the last run by their kinds, as far as they are of this context.
        self._tables: Mapping[str, Mapping[str, Fact]] = {}
        #: The numbers of the members that are not as they were.
        self._changed: set[int] = set()
        #: Whether other reads are as they were, by their numbers; and which of these are files.
        self._holds: dict[int, bool] = {}
        self._files: set[int] = set()
        self._identities: dict[Read, bytes | None] = {}
        #: How to find the identity of other reads, by their kinds.
        self._finders: dict[str, Callable[[Read], object]] = {}
        self._alternates: dict[str, bytes] = {}
        #: The places, as keys, below which the alternates of a base are others than they were.
        self._changed_alternates: set[str] = set()
        #: The schemas that are as they were when they built on no base, and those that do not by now.
        self._known_baseless: set[Place] = set()
        self._baseless: list[Read] = []

    @property
    def is_on(self) -> bool:
        """Whether facts are kept."""
        return self._table is not None

    def enter(self, context: object, root: Mapping[str, Value], files: Iterable[str] = ()) -> None:
        """Begin with a document, and drop facts of another context.

        context: all that each fact depends on. root: the document as it is read.
        files: those that hold containers and components of it.
        """
        self._files_of_containers = sorted(set(files))
        self._context = _digest(context)
        self._root = root if isinstance(root, Members) else None
        if self._root is None:
            self._table = None
        if self._table is None or (self._before is not None and self._before.context != self._context):
            self._before = None
        if self._before is not None and self._table is not None:
            before, rows, identity = self._before, self._table.rows, self._table.identity
            self._tables = {each: getattr(before, each) for each in self._kept}
            self._changed = {
                number
                for number, (member, span) in enumerate(zip(before.members, before.spans, strict=True))
                if rows.get(span.keys) is not member and identity(span.keys) != member.identity
            }
            same = set(before.baseless) - self._changed
            self._known_baseless = {(ENTRY, before.spans[number].keys) for number in same}

    def choose(self, dropped: Iterable[str]) -> None:
        """Set the root extensions that slices do not have, and drop the facts that depend on others."""
        self._dropped = sorted(dropped)
        if self._before is not None and self._before.dropped != self._dropped:
            self._tables = {**self._tables, "path_items": {}, "parts": {}}

    def find_by(self, finders: Mapping[str, Callable[[Read], object]]) -> None:
        """Set how to find the identity of reads, by their kinds, other than members and files."""
        self._finders.update(finders)

    def compare_alternates(self, alternates: Mapping[Place, Sequence[object]]) -> None:
        """Take the alternates of all bases below a place, for each place that has some: parts there have them too."""
        if not self.is_on:
            return
        self._alternates = {_key_of(place): _digest(found) for place, found in alternates.items()}
        if self._before is not None:
            self._changed_alternates = {key for key, _ in self._alternates.items() ^ self._before.alternates.items()}

    # --- facts by their kinds -------------------------------------------------------------------------------------

    def path_item(self, key: str) -> Sequence[tuple[str, Tokens, str | None, Place | None]] | None:
        """Return the operations of a Path Item, as `Listed` has them; None where there is no fact."""
        fact = self._recalled("path_items", key)
        return fact.operations if isinstance(fact, PathItemFact) else None

    def note_path_item(self, key: str, listed: Iterable[tuple[Any, ...]], reads: Collection[Read]) -> None:
        """Note the operations of a Path Item."""
        self._note("path_items", key, PathItemFact([], [], tuple(listed)), reads)

    def names(self, key: str) -> tuple[list[str], int] | None:
        """Return the operationIds of a Path Item and its number of operations; None where there is no fact."""
        fact = self._recalled("names", key)
        return (fact.operation_ids, fact.count) if isinstance(fact, NamesFact) else None

    def note_names(self, key: str, operation_ids: Iterable[str], count: int, reads: Collection[Read]) -> None:
        """Note the operationIds of a Path Item and its number of operations."""
        self._note("names", key, NamesFact([], [], list(operation_ids), count), reads)

    def parents(self, place: Place) -> Sequence[Parent] | None:
        """Return what the schema at a place builds on directly; None where there is no fact."""
        if place in self._known_baseless:
            self._baseless.append(("member", *place[1]))
            return ()
        fact = self._recalled("bases", _key_of(place)) if self._before is not None else None
        return fact.parents if isinstance(fact, ParentsFact) else None

    def note_parents(self, place: Place, parents: Sequence[Parent], reads: Collection[Read]) -> None:
        """Note what a schema builds on directly."""
        own = ("member", *place[1])
        if not parents and place[0] == ENTRY and len(reads) == 1 and own in reads:
            self._baseless.append(own)
        else:
            self._note("bases", _key_of(place), ParentsFact([], [], list(parents)), reads)

    def part(self, part_id: str) -> PartFact | None:
        """Return the fact of a part, None where there is none."""
        fact = self._recalled("parts", part_id)
        if not isinstance(fact, PartFact):
            return None
        if self._changed_alternates:
            places = (fact.place, *(place for _, place in fact.inlined))
            if not self._changed_alternates.isdisjoint(map(_key_of, places)):
                del self._kept["parts"][part_id]
                return None
        return fact

    def is_recalled(self, part: Part) -> bool:
        """Whether a part comes from its fact, and so is what it was in the last run in every respect."""
        return part.id in self._kept["parts"]

    def is_same(self, part: Part) -> bool:
        """Whether a part has the content, the name and the needs that it had in the last run."""
        if part.id in self._kept["parts"]:
            return True
        before = self._before
        fact = self._tables["parts"].get(part.id) if before is not None else None
        if before is None or not isinstance(fact, PartFact) or fact.digest != part.digest or part.faults or part.losses:
            return False
        own = (part.section, part.name, part.moved, part.hoisted)
        needs = tuple(map(before.ids.__getitem__, fact.needs))
        return own == (fact.section, fact.name, fact.moved, fact.hoisted) and needs == part.needs

    def reject(self, part_id: str) -> None:
        """Drop the fact of a part, which makes no sense."""
        self._kept["parts"].pop(part_id, None)

    def part_of(self, part_id: str, fact: PartFact, read: Callable[[], Value]) -> Part:
        """Return the part of a fact. Raises LookupError, TypeError or ValueError where the fact makes no sense.

        read: reads its value.
        """
        assert self._before is not None
        return Part(
            part_id,
            fact.section,
            fact.name,
            fact.moved,
            fact.place,
            fact.inlined,
            None,
            fact.digest,
            tuple(map(self._before.ids.__getitem__, fact.needs)),
            fact.placeholders,
            fact.operation_ids,
            (),
            fact.uses,
            fact.dynamic_anchors,
            fact.hoisted,
            (),
            None,
            read,
        )

    def note_part(
        self,
        part: Part,
        moves: Iterable[tuple[Place, str]],
        reads: Collection[Read],
        endpoint: EndpointPart | None = None,
    ) -> None:
        """Note a part, unless it has faults or losses."""
        if not (self.is_on and not part.faults and not part.losses):
            return
        fact = PartFact(
            [],
            [],
            part.section,
            part.name,
            part.moved,
            part.hoisted,
            part.place,
            part.inlined,
            part.digest,
            [],
            part.placeholders,
            part.operation_ids,
            part.uses,
            part.dynamic_anchors,
            list(moves),
            endpoint and (endpoint.path, endpoint.method, endpoint.at, endpoint.parameter_count, endpoint.cells),
        )
        self._noted["parts"][part.id] = _Noted(fact, reads, part.needs)

    def _recalled(self, table: str, key: str) -> Fact | None:
        if self._before is None:
            return None
        fact = self._tables[table].get(key)
        if fact is None or not self._changed.isdisjoint(fact.members):
            return None
        holds = self._holds
        for number in fact.others:
            if not (holds[number] if number in holds else self._is_as_it_was(number)):
                return None
        self._kept[table][key] = fact
        if self._files:
            for number in self._files.intersection(fact.others):
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

    # --- whether a fact still holds -------------------------------------------------------------------------------

    def _is_as_it_was(self, number: int) -> bool:
        assert self._before is not None
        read = self._before.reads[number]
        known = self._holds[number] = self._identity(read) == self._before.identities[number]
        if read[:1] == ("file",):
            self._files.add(number)
        return known

    def _identity(self, read: Read) -> bytes | None:
        """Return the identity of what is read, None for an unknown kind."""
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
                return _digest(self._names_at(keys))
            case ("file", file):
                return self._sources.identity(file).encode()
            case _ if read == WHOLE:
                rows: list[object] = [(keys, row.identity) for keys, row in self._table.rows.items()]
                rows += [(file, self._sources.identity(file)) for file in self._files_of_containers]
                return _digest(rows)
            case (kind, *_) if kind in self._finders:
                with contextlib.suppress(LookupError):  # of something else by now, or planted
                    return _digest(self._finders[kind](read))
        return None

    def _names_at(self, keys: Sequence[str]) -> list[str] | None:
        found: object = self._root
        for key in keys:
            found = found.at(key) if isinstance(found, Members) else None
        return found.names() if isinstance(found, Members) else None

    def encoded(self, part_ids: Iterable[str]) -> bytes | None:
        """Return all facts of the document, to be stored; None where there can be none.

        part_ids: of the parts that others may need. In the same order numbers stay the same.
        """
        if self._table is None or self._sources is None:
            return None
        rows, split = self._table.rows, self._table.split
        numbers = _Numbers({keys: number for number, keys in enumerate(rows)}, part_ids)
        if self._before is not None:
            numbers.again(self._before, self._kept)
        tables: dict[str, dict[str, Any]] = {table: dict(kept) for table, kept in self._kept.items()}
        for table, found in self._noted.items():
            for key, noted in found.items():
                if all(self._is_lasting(read) for read in noted.reads):
                    tables[table][key] = numbers.of(noted)
        return msgspec.msgpack.encode(
            Facts(
                _SHAPE,
                self._context,
                self._dropped,
                split.chunks,
                list(rows.values()),
                list(split.spans),
                self._table.names_dialects,
                self._sources.telling_files(),
                list(numbers.others),
                [self._identity(read) or b"" for read in numbers.others],
                list(numbers.ids),
                self._alternates,
                [numbers.members[read[1:]] for read in self._baseless if read[1:] in numbers.members],
                **tables,
            )
        )

    def _is_lasting(self, read: Read) -> bool:
        """Whether a read determines its value alone, unlike a file with merge keys or in another version."""
        assert self._sources is not None
        return read != TOO_MUCH and (read[0] != "file" or self._sources.is_plain(read[1]))


class _Numbers:
    """The numbers of what was read and of the parts that are needed.

    members: of the document's members, by their keys. others, ids: of all else, as it comes.
    """

    def __init__(self, members: dict[Keys, int], part_ids: Iterable[str]) -> None:
        self.members = members
        self.others: dict[Read, int] = {}
        self.ids = {part_id: number for number, part_id in enumerate(part_ids)}

    def of(self, noted: _Noted) -> Fact:
        """Return a fact with the numbers of what was read for it, and of what it needs."""
        fact, members = noted.fact, self.members
        fact.members, fact.others = [], []
        for read in noted.reads:
            number = members.get(read[1:]) if read[0] == "member" else None
            if number is None:
                fact.others.append(self._of_other(read))
            else:
                fact.members.append(number)
        if isinstance(fact, PartFact):
            fact.needs = [self._of_part(need) for need in noted.needs]
        return fact

    def again(self, before: Facts, kept: Mapping[str, Mapping[str, Fact]]) -> None:
        """Renumber the facts of the last run."""
        facts = [fact for table in kept.values() for fact in table.values()]
        used = set[int]().union(*(fact.others for fact in facts if fact.others))
        rows = [self.members.get(span.keys, -1) for span in before.spans]
        if rows == list(range(len(rows))) and before.ids == list(self.ids) and len(used) == len(before.reads):
            self.others = {read: number for number, read in enumerate(before.reads)}
            return  # the numbers that they have
        for fact in facts:
            fact.members = [rows[number] for number in fact.members]
            fact.others = [self._of_other(before.reads[number]) for number in fact.others]
            if isinstance(fact, PartFact):
                fact.needs = [self._of_part(before.ids[number]) for number in fact.needs]

    def _of_other(self, read: Read) -> int:
        return self.others.setdefault(read, len(self.others))

    def _of_part(self, part_id: str) -> int:
        return self.ids.setdefault(part_id, len(self.ids))


def _digest(found: object) -> bytes:
    return xxh3_128_digest(repr(found).encode("utf-8", "surrogatepass"))


def _key_of(place: Place) -> str:
    return f"{place[0]}#{'/'.join(token.replace('~', '~0').replace('/', '~1') for token in place[1])}"


def endpoint_of(fact: PartFact, part: Part) -> EndpointPart | None:
    """Return the endpoint that a part belongs to by its fact, None where it is shared."""
    if fact.endpoint is None:
        return None
    path, method, at, parameter_count, cells = fact.endpoint
    return EndpointPart(path, method, at, cells, parameter_count, part)
