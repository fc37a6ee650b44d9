"""Mappings of a document whose members are read one by one, each when its value is first needed."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, Sequence, ValuesView
from typing import NamedTuple

from xxhash import xxh3_128_digest

from oas_tasks.document.trace import Read, Trace
from oas_tasks.errors import FormatError
from oas_tasks.formats import Resplit, Span, Split, Value, read_spans

#: Stands in for a member that has not been read yet.
_UNREAD: Value = "\0unread"

Keys = tuple[str, ...]


class Member(NamedTuple):
    """Facts about a member that follow from its content alone.

    digest: xxh3-128 of its bytes. identity: the same without the white space that has no meaning.
    lone: its `$ref` where it consists of nothing else, otherwise "".
    """

    digest: bytes
    identity: bytes
    lone: str


class Members(dict[str, Value]):
    """A mapping of a document that reads its members on demand and notes which were read.

    Callers use it like any dict and need not know the difference.
    """

    __slots__ = ("_home", "_others", "_read", "_start", "keys_here", "trace")

    def __init__(self, trace: Trace, keys: Keys, read: Callable[[str], Value]) -> None:
        """Make an empty mapping.

        keys: where it stands, from the root of the document. read: reads a member by its name.
        """
        super().__init__()
        self.trace = trace
        self.keys_here = keys
        self._start = ("member", *keys)
        self._read = read
        #: For members that are kept elsewhere: what is read as well, or instead.
        self._others: dict[str, frozenset[Read]] = {}
        #: The other file that the whole mapping is kept in, if it is.
        self._home: Read | None = None

    @classmethod
    def of_file(cls, trace: Trace, keys: Keys, values: Mapping[str, Value], file: Read) -> Members:
        """Return a mapping of the document that is kept in another file.

        file: what is noted as read, whichever member is read.
        """
        made = cls(trace, keys, values.__getitem__)
        made._home = file
        for name, value in values.items():
            made.put(name, value)
        return made

    def expect(self, name: str) -> None:
        """Add a member that is read when it is needed."""
        super().__setitem__(name, _UNREAD)

    def put(self, name: str, value: Value, read: Read | None = None) -> None:
        """Set a member's value.

        read: where the value is kept, if not in the document.
        """
        super().__setitem__(name, value)
        if read is not None:
            self._others[name] = self._others.get(name, frozenset()) | {read}

    def is_read(self, name: str) -> bool:
        """Whether a member has been read. Does not count as reading it."""
        return super().get(name) is not _UNREAD

    def names(self) -> list[str]:
        """Return the names of all members. Does not count as reading them."""
        return list(super().keys())

    def at(self, name: str) -> object:
        """Return the current value of a member, read or not. Does not count as reading it."""
        return super().get(name)

    def whole(self) -> dict[str, Value]:
        """Return the mapping as a plain dict, with the mappings in it."""
        return {name: value.whole() if isinstance(value, Members) else value for name, value in self.items()}

    def _note(self, name: str) -> None:
        now = self.trace.now
        if now is not None:
            now.add(self._home or (*self._start, name))
            if name in self._others:
                now |= self._others[name]

    def __getitem__(self, name: str) -> Value:
        value = dict.get(self, name, _UNREAD)
        if type(value) is Members:
            return value
        self._note(name)
        if value is _UNREAD:
            value = super().__getitem__(name)  # a KeyError where there is none
            if value is _UNREAD:
                value = self._read(name)
                super().__setitem__(name, value)
        return value

    def get(self, name: str, default: Value = None) -> Value:  # type: ignore[override]
        """Return a member, as a dict does."""
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        found = super().__contains__(name)
        if not (found and type(super().__getitem__(str(name))) is Members):
            self._note(str(name))
        return found

    def _note_names(self) -> None:
        self.trace.note(self._home or ("names", *self.keys_here))
        for reads in self._others.values():
            self.trace.note_all(reads)

    def __iter__(self) -> Iterator[str]:
        self._note_names()
        return super().__iter__()

    def __reversed__(self) -> Iterator[str]:
        self._note_names()
        return super().__reversed__()

    def __len__(self) -> int:
        self._note_names()
        return super().__len__()

    def keys(self) -> KeysView[str]:  # type: ignore[override]
        """Return the names, as a dict does."""
        return KeysView(self)

    def values(self) -> ValuesView[Value]:  # type: ignore[override]
        """Return the members, as a dict does."""
        return ValuesView(self)

    def items(self) -> ItemsView[str, Value]:  # type: ignore[override]
        """Return the members with their names, as a dict does."""
        return ItemsView(self)

    def __eq__(self, other: object) -> bool:
        return self.whole() == (other.whole() if isinstance(other, Members) else other)

    __hash__ = None

    def copy(self) -> Members:
        """Return a copy that reads for itself the members which this one has not read."""
        made = Members(self.trace, self.keys_here, self._read)
        for name in self.names():
            dict.__setitem__(made, name, super().__getitem__(name))
        made._others |= self._others
        made._home = self._home
        return made


class MemberTable:
    """The members of one document: its root fields, path items and components, with the facts about each.

    rows: by the keys from the root, in the document's order.
    names_dialects: schemas of the document may name their dialect.
    """

    names_dialects = True

    def __init__(self, content: bytes, split: Split, known: KnownMembers, resplit: Resplit | None = None) -> None:
        """Hash the bytes of members without reading them.

        known: members of earlier documents.
        resplit: which members are new since the last of these, if the document was split again.
        """
        spans = split.spans
        self.split = split
        self._content = content
        self._spans = {span.keys: span for span in spans}
        #: The members that are new, which have to be read before anything else.
        self.unknown: list[Span] = []
        containers = {span.keys[:-1] for span in spans}
        self._containers = containers | {keys[:1] for keys in containers if keys}
        first, stop = (0, len(spans)) if resplit is None else (resplit.first, resplit.stop)
        rows = [
            *known.members[:first],
            *(self._row(span, known) for span in spans[first:stop]),
            *known.members[len(known.members) - (len(spans) - stop) :],
        ]
        self.rows: dict[Keys, Member] = dict(zip(self._spans, rows, strict=True))

    def _row(self, span: Span, known: KnownMembers) -> Member:
        text = self._content[span.start : span.end]
        # The depth is part of the digest: further down the same bytes might be nested too deep.
        digest = xxh3_128_digest(text, seed=len(span.keys))
        row = known.by_digest.get(digest)
        if row is None:
            same = _without_space(text) if span.form == "json" else text
            identity = xxh3_128_digest(same, seed=len(span.keys))
            row = known.by_identity.get(identity)
            if row is None:
                self.unknown.append(span)
            row = Member(digest, identity, "" if row is None else row.lone)
        return row

    def identity(self, keys: Keys) -> bytes:
        """Return the identity of a member, b"" where there is none, and b"container" for a mapping of members."""
        row = self.rows.get(keys)
        if row is not None:
            return row.identity
        return b"container" if keys in self._containers else b""

    def root(self, trace: Trace, values: Mapping[Keys, Value]) -> Members:
        """Return the document that consists of these members.

        values: those of the members that were read already.
        """
        root = Members(trace, (), lambda name: self._value((name,)))
        for keys in self.rows:
            within = root
            for depth, key in enumerate(keys[:-1], start=1):
                inner = dict.get(within, key)
                if not isinstance(inner, Members):
                    inner = Members(trace, keys[:depth], self._reader(keys[:depth]))
                    within.put(key, inner)
                within = inner
            if keys in values:
                value = values[keys]
                self.rows[keys] = self.rows[keys]._replace(lone=_lone(value))
                within.put(keys[-1], value)
            else:
                within.expect(keys[-1])
        if len(values) == len(self.rows):
            self._content = b""  # no member is left to read
        return root

    def _reader(self, keys: Keys) -> Callable[[str], Value]:
        return lambda name: self._value((*keys, name))

    def _value(self, keys: Keys) -> Value:
        found = read_spans(self._content, [self._spans[keys]])
        if found is None:  # known members were read before, so the bytes must be others
            raise FormatError(f"what stands at '{'/'.join(keys)}' cannot be read")
        return found[keys]

    def may_mention(self, keys: Keys, word: bytes) -> bool:
        """Whether a member may contain a word, judged by its bytes; an escape may spell any word."""
        span = self._spans.get(keys)
        if span is None:
            return True
        text = self._content[span.start : span.end]
        # In JSON just `\u0064` spells a letter; YAML has more ways, and may break a word over lines.
        return word in text or (b"\\u" if span.form == "json" else b"\\") in text


class KnownMembers(NamedTuple):
    """Members of earlier documents, all of which can be read, by digest and by identity.

    members, split: of the last of these documents, in its order, and how it was split.
    names_dialects: schemas of that document may name their dialect.
    """

    by_digest: Mapping[bytes, Member]
    by_identity: Mapping[bytes, Member]
    members: Sequence[Member] = ()
    split: Split | None = None
    names_dialects: bool = True

    @classmethod
    def of(cls, members: Sequence[Member]) -> KnownMembers:
        """Index some members."""
        return cls({each.digest: each for each in members}, {each.identity: each for each in members})


def _without_space(text: bytes) -> bytes:
    """Return JSON without white space that has no meaning; bytes that are not JSON are returned unchanged."""
    import msgspec

    try:
        return msgspec.json.format(text, indent=-1)
    except ValueError:
        return text


def _lone(value: Value) -> str:
    target = value.get("$ref") if isinstance(value, dict) and len(value) == 1 else None
    return target if isinstance(target, str) else ""
