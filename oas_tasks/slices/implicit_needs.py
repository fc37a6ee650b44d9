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

        present: the ids of parts. Source: "Discriminator Object". What builds on an alternate is looked for where that
        is present.
        """
        pending = [base for base in self._below if component_id("schemas", base) in present]
        seen = set(pending)
        while pending:
            base = pending.pop()
            for name in self._children.get(base, ()):
                if component_id("schemas", name) not in present:
                    yield base, name
            for name in self._renaming.get(base, ()):
                if name not in seen:
                    seen.add(name)
                    pending.append(name)

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
                parent = _schema_named(target)
                if parent is not None:
                    children.setdefault(parent, []).append(name)
        return children

    @cached_property
    def _renaming(self) -> dict[str, list[str]]:
        """The other names of each schema, as far as something builds on these."""
        found: dict[str, list[str]] = {}
        pending = list(self._children)
        seen = set(pending)
        while pending:
            name = pending.pop()
            schema: Value = self._schemas.get(name)
            renamed = renames(schema) if self._is_in_entry(name) else None
            target = None if renamed is None else _schema_named(renamed)
            if target is not None:
                found.setdefault(target, []).append(name)
                if target not in seen:
                    seen.add(target)
                    pending.append(target)
        return found

    @cached_property
    def _below(self) -> dict[str, None]:
        """The names of the bases, and of all schemas that build on one, however indirectly."""
        found = dict.fromkeys(self._bases)
        pending = list(found)
        while pending:
            name = pending.pop()
            for child in (*self._children.get(name, ()), *self._renaming.get(name, ())):
                if child not in found:
                    found[child] = None
                    pending.append(child)
        return found

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


def _schema_named(target: str) -> str | None:
    """Return the name of the schema that a reference leads to, None where it leads elsewhere."""
    tokens = decode(target[1:]) if target.startswith("#") else None
    return tokens[2] if tokens is not None and len(tokens) == 3 and tokens[:2] == ("components", "schemas") else None
