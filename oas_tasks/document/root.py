"""Puts the containers of the entry document in place that are kept in other files.

Documents of several files write `paths: {$ref: paths.yaml}`, `schemas: {$ref: schemas/_index.yaml}`, and
`User: {$ref: ./User.yaml}`. The specification does not define the first two, but they can mean only one thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from oas_tasks.document.document import Document, words_for
from oas_tasks.document.files import Sources, plain
from oas_tasks.document.members import Members, MemberTable
from oas_tasks.document.place import ENDPOINT_FIELDS, ENTRY, PATHS, TAGS, Place
from oas_tasks.document.resolver import Base, Broken, Resolver
from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault, Phase
from oas_tasks.openapi.model import Model
from oas_tasks.openapi.references import Connection, Via

#: Root fields whose members a document is split into.
_CONTAINERS = (*ENDPOINT_FIELDS, "components")


@dataclass(slots=True)
class Entry:
    """An entry document with its containers in place, and the resolver of its references.

    root: the document, with containers and components in place that are kept in other files.
    faults: root fields that are kept in other files and cannot be found.
    """

    model: Model
    resolver: Resolver
    root: dict[str, Value]
    faults: list[Fault] = field(default_factory=list)
    table: MemberTable | None = None
    #: Places in other files whose value is a component of the entry.
    aliases: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    #: For root fields that hold endpoints: the `x-` keys with their positions, and the positions of all keys.
    _extensions: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    _numbers: dict[str, dict[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document, sources: Sources) -> Entry:
        """Return the entry of a document. Reads the files in which its containers are kept."""
        model = document.model
        self_uri = document.root.get("$self") if "$self" in model.types["OpenAPI"].fields else None
        sources.model = model
        sources.trace = document.trace
        if document.unmerged is not None:
            sources.unmerged[ENTRY] = document.unmerged
        resolver = Resolver(model, sources, document.root, {}, self_uri if isinstance(self_uri, str) else None)
        entry = cls(model, resolver, document.root, table=document.table)
        entry.root = resolver.root = entry._with_containers()
        return entry

    def origin(self, tokens: tuple[str, ...]) -> Place:
        """Return where a place of the entry document is kept."""
        return self.resolver.origin((ENTRY, tokens))

    def aliased(self, place: Place) -> tuple[str, ...] | None:
        """Return a place as tokens in the entry document, None if it is in none of its containers."""
        file, tokens = place
        if file == ENTRY:
            return tokens
        if self.aliases:
            for length in range(len(tokens), -1, -1):
                found = self.aliases.get((file, tokens[:length]))
                if found is not None:
                    return found + tokens[length:]
        return None

    def extensions_in(self, field_name: str) -> list[tuple[int, str]]:
        """Return the `x-` keys of `paths` with their positions among all keys; `webhooks` has none."""
        keys = self._extensions.get(field_name)
        if keys is None:
            items = self.root.get(field_name)
            names = list(items) if isinstance(items, dict) and field_name == PATHS else []
            keys = self._extensions[field_name] = [(n, name) for n, name in enumerate(names) if name.startswith("x-")]
            self._numbers[field_name] = {name: n for n, name in enumerate(names)} if keys else {}
        return keys

    def members_with(self, field_name: str, path: str) -> list[str]:
        """Return the keys of `paths` or `webhooks` that a slice of a path has, in order: its own, and those of `x-`."""
        keys = self.extensions_in(field_name)
        if not keys:
            self.resolver.sources.trace.note(("extensions", field_name))
            return [path]
        self.resolver.sources.trace.note(("beside", field_name, path))
        number = self._numbers[field_name][path]
        return [name for n, name in keys if n < number] + [path] + [name for n, name in keys if n > number]

    def canonical(self, place: Place) -> Place:
        """Return the one place of a value that can be found at several: for a component, where it is kept."""
        tokens = self.aliased(place)
        return place if tokens is None else self.origin(tokens)

    def misshapen(self, fields: Iterable[str]) -> Iterator[Fault]:
        """Yield the faults of containers that are of the wrong type, and so cannot be cut into parts.

        Slices are made without them.
        fields: the root fields that hold endpoints.
        """
        held: dict[tuple[str, ...], Value] = {(name,): self.root[name] for name in fields if name in self.root}
        components = held["components",] = self.root.get("components", {})
        if isinstance(components, dict):
            kinds = self.model.component_kinds
            held.update((("components", kind), found) for kind, found in components.items() if kind in kinds)
        wrong = {tokens: "a mapping" for tokens, found in held.items() if not isinstance(found, dict)}
        held[TAGS,] = self.root.get(TAGS, [])
        if not isinstance(held[TAGS,], list):
            wrong[TAGS,] = "a list"
        for tokens, noun in wrong.items():
            file, there = self.origin(tokens)
            message = f"'{tokens[-1]}' must be {noun}, and this is {words_for(held[tokens])}"
            yield Fault(Phase.STRUCTURE, message, there, file)

    def _with_containers(self) -> dict[str, Value]:
        changed = self.root.copy()
        for name in list(changed):
            if name in self.model.types["OpenAPI"].fields:
                self._put(changed, name, self._container((name,), changed[name]), (name,))
        tags = changed.get("tags")
        if isinstance(tags, list):
            found_tags = [self._tag(("tags", str(index)), tag) for index, tag in enumerate(tags)]
            for index in range(len(tags)):
                self._put(changed, "tags", found_tags, ("tags", str(index)))
        components = changed.get("components")
        if isinstance(components, dict):
            kinds = components.copy()
            for kind in list(kinds):
                tokens = ("components", kind)
                found = self._container(tokens, kinds[kind])
                known = kind in self.model.component_kinds and isinstance(found, dict)
                self._put(kinds, kind, found, tokens)
                held = kinds.at(kind) if isinstance(kinds, Members) else found  # its file is noted
                if known and isinstance(held, dict):
                    self._put(kinds, kind, self._with_components(tokens, held), tokens)
            self._put(changed, "components", kinds, ("components",))
        return changed

    def _put(self, holder: dict[str, Value], name: str, value: Value, tokens: tuple[str, ...]) -> None:
        """Set a member of a container; if it is kept in another file, that file is noted whenever it is read."""
        if not isinstance(holder, Members):
            holder[name] = value
            return
        file = self.origin(tokens)[0]
        if isinstance(value, Members) or file == ENTRY:
            holder.put(name, value)
        else:
            read = ("file", plain(file))
            if isinstance(value, dict) and (len(tokens) == 2 or name in _CONTAINERS):
                value = Members.of_file(self.resolver.sources.trace, tokens, value, read)
            holder.put(name, value, read)

    def _with_components(self, tokens: tuple[str, ...], members: dict[str, Value]) -> dict[str, Value]:
        base = self.origin(tokens)
        changed = members.copy()
        for name in list(changed):
            here = (*tokens, name)
            if base[0] != ENTRY:
                self.aliases.setdefault((base[0], (*base[1], name)), here)
            target = self._lone(here, changed)
            if target and not target.startswith("#"):
                kind = self.model.component_kinds[tokens[1]]
                place = self.resolver.place(Connection(Via.REFERENCE, target, kind, ()), Base(base[0]))
                if not isinstance(place, Broken) and place[0] != ENTRY and place not in self.aliases:
                    self.aliases[place] = here
                    self.resolver.origins[here] = place
                    self._put(changed, name, self.resolver.value(place), here)  # type: ignore[arg-type]  # it was found
        return changed

    def _lone(self, tokens: tuple[str, ...], members: dict[str, Value]) -> str:
        """Return the `$ref` of a component that consists of nothing else, otherwise ""."""
        if isinstance(members, Members) and not members.is_read(tokens[-1]) and self.table is not None:
            return self.table.rows[tokens].lone
        value = members[tokens[-1]]
        target = value.get("$ref") if isinstance(value, dict) and len(value) == 1 else None
        return target if isinstance(target, str) else ""

    def _tag(self, tokens: tuple[str, ...], value: Value) -> Value:
        """Return a declared tag, its reference followed. A broken reference is no fault: no endpoint has such a tag."""
        known = len(self.faults)
        found = self._container(tokens, value)
        if len(self.faults) == known:
            return found
        del self.faults[known:]
        self.resolver.origins.pop(tokens, None)
        return value

    def _container(self, tokens: tuple[str, ...], value: Value) -> Value:
        """Return a container, its references followed."""
        seen: set[Place] = set()
        while isinstance(value, dict) and len(value) == 1 and isinstance(value.get("$ref"), str):
            base = Base(self.origin(tokens)[0])
            place = self.resolver.place(Connection(Via.STRAY, str(value["$ref"]), "", ()), base)
            if isinstance(place, Broken) or place in seen:
                reason = place.reason if isinstance(place, Broken) else f"'{value['$ref']}' leads back to itself"
                if tokens[0] == "components":
                    self.resolver.lost[tokens] = reason
                else:
                    self.faults.append(Fault(Phase.REFERENCES, reason, tokens))
                return {}
            seen.add(place)
            self.resolver.origins[tokens] = place
            value = self.resolver.value(place)  # type: ignore[assignment]  # it was found
        return value
