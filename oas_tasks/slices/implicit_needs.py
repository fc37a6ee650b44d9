"""What slices need without a reference: the root's security, declarations of tags, alternates of a discriminator.

Found in the source alone and not in the needs of parts, so that validation finds what cutting overlooked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from oas_tasks.document.members import Members
from oas_tasks.document.place import ENTRY, SECURITY, TAGS
from oas_tasks.document.root import Entry
from oas_tasks.formats import Value
from oas_tasks.openapi.discriminator import built_on, is_base_of_children, renames
from oas_tasks.openapi.pointer import decode
from oas_tasks.parts.part import component_id


class ImplicitNeeds:
    """The implicit needs of one document's slices."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._root = entry.root
        self._schemas = entry.resolver.members("schemas")
        self._table = entry.table
        self._known: dict[str, list[str]] = {}

    @property
    def has_security(self) -> bool:
        """Whether an operation that says nothing of security inherits something ("OpenAPI Object", `security`)."""
        return SECURITY in self._root

    @cached_property
    def tags(self) -> frozenset[str]:
        """The names of the tags that are declared."""
        tags = self._root.get(TAGS)
        listed = tags if isinstance(tags, list) else []
        return frozenset(str(tag["name"]) for tag in listed if isinstance(tag, dict) and "name" in tag)

    def alternates_lacking(self, present: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield bases that are present with those of their alternates that are not.

        present: the ids of parts. Source: "Discriminator Object".
        """
        for base in self._bases:
            if component_id("schemas", base) in present:
                for name in self._alternates(base):
                    if component_id("schemas", name) not in present:
                        yield base, name

    @cached_property
    def _bases(self) -> list[str]:
        """The names of the schemas whose discriminators make those that build on them their alternates."""
        return [name for name in self._mentioning(b"discriminator") if is_base_of_children(self._schemas[name])]

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        """The named schemas that build on each."""
        children: dict[str, list[str]] = {}
        for name in self._mentioning(b"allOf"):
            for target in built_on(self._schemas[name]) if self._is_in_entry(name) else ():
                for parent in self._meant(target):
                    children.setdefault(parent, []).append(name)
        return children

    def _alternates(self, base: str) -> list[str]:
        """Return the named schemas that build on one, however indirectly."""
        known = self._known.get(base)
        if known is None:
            below: dict[str, None] = {}
            pending = list(self._children.get(base, ()))
            while pending:
                child = pending.pop()
                if child not in below:
                    below[child] = None
                    pending += self._children.get(child, ())
            known = self._known[base] = [name for name in below if name != base]
        return known

    def _is_in_entry(self, name: str) -> bool:
        """Whether a schema is kept in the entry document: in another file `#` is the start of that file."""
        return self._entry.origin(("components", "schemas", name))[0] == ENTRY

    def _mentioning(self, word: bytes) -> list[str]:
        """Return the names of the schemas that may have a word in them, without reading any."""
        schemas = self._schemas
        if not isinstance(schemas, Members) or self._table is None:
            return list(schemas)
        table = self._table
        return [
            name
            for name in schemas.names()
            if schemas.is_read(name) or table.may_mention(("components", "schemas", name), word)
        ]

    def _meant(self, target: str | None) -> Iterator[str]:
        """Yield the name of the schema that a reference leads to, and of those that it is another name of."""
        seen: set[str] = set()
        while target is not None and target.startswith("#"):
            tokens = decode(target[1:])
            if tokens is None or len(tokens) != 3 or tokens[:2] != ("components", "schemas") or tokens[2] in seen:
                return
            seen.add(tokens[2])
            yield tokens[2]
            schema: Value = self._schemas.get(tokens[2])
            target = renames(schema) if self._is_in_entry(tokens[2]) else None
