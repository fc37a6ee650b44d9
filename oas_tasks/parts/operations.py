"""The operations of a document: its path items with their references inlined, and the own part of each endpoint."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from oas_tasks.document.edited import Tokens
from oas_tasks.document.place import ENDPOINT_FIELDS, PATHS, WEBHOOKS, EndpointKey, Place
from oas_tasks.document.resolver import Broken
from oas_tasks.document.root import Entry
from oas_tasks.document.trace import Read
from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault, Phase
from oas_tasks.openapi.model import EXTENSION
from oas_tasks.openapi.pointer import encode, resolve
from oas_tasks.parts.facts import Memory
from oas_tasks.parts.inline import Inlined, Inliner, Pointed, take, unless_crashed
from oas_tasks.parts.part import OperationCells
from oas_tasks.parts.path_items import PathItems


class Listed(NamedTuple):
    """An operation of a Path Item.

    method: as in the index. at: where it stands in the Path Item.
    operation_id: its `operationId`, None where it has none.
    elsewhere: where it stands if that is in another file or place.
    """

    method: str
    at: Tokens
    operation_id: str | None
    elsewhere: Place | None


class Operations:
    """The operations of one document.

    memory: facts of Path Items.
    fields: the root fields that hold endpoints.
    by_id: path and method of each operationId's endpoint.
    elsewhere: operations kept in other files, by their places there: path and method, and the pointer in the entry.
    """

    def __init__(self, entry: Entry, inliner: Inliner, with_webhooks: bool, memory: Memory) -> None:
        self.fields = ENDPOINT_FIELDS if with_webhooks else (PATHS,)
        self.by_id: dict[str, EndpointKey] = {}
        self.elsewhere: dict[Place, tuple[EndpointKey, str]] = {}
        self._entry = entry
        self._model = entry.model
        self._inliner = inliner
        self._memory = memory
        self._trace = entry.resolver.sources.trace
        self._followed = PathItems(inliner)
        self._path_items: dict[tuple[str, str], tuple[Inlined, Collection[Read]]] = {}
        self._extensions: dict[str, tuple[Inlined, Collection[Read]]] = {}
        #: The operations of each Path Item, by root field and path; None where they cannot be found out.
        self.listed: dict[tuple[str, str], tuple[Listed, ...] | None] = {}
        self._index()

    def _index(self) -> None:
        """Note the path and method of every operationId, and of every operation that is kept in another file."""
        for field_name in self.fields:
            items = self._entry.root.get(field_name)
            for path in list(items) if isinstance(items, dict) else ():
                if field_name != WEBHOOKS and path.startswith("x-"):
                    continue
                listed = self.listed[field_name, path] = self._list(field_name, path)
                for each in listed or ():
                    if each.elsewhere is not None:
                        pointer = encode((PATHS, path, *map(str, each.at)))
                        self.elsewhere.setdefault(each.elsewhere, ((path, each.method), pointer))
                    if each.operation_id is not None:
                        self.by_id.setdefault(each.operation_id, (path, each.method))

    def _list(self, field_name: str, path: str) -> tuple[Listed, ...] | None:
        key = f"{field_name}/{path}"
        known = self._memory.path_item(key)
        if known is not None:
            return tuple(Listed(*each) for each in known)
        self._trace.begin()
        whole = self.path_item(field_name, path)
        listed = tuple(self._operations_of(field_name, whole))
        lost = self.lost(field_name, path, whole)
        reads = self._trace.end()
        if lost is None and not whole.faults and isinstance(whole.value, dict):
            self._memory.note_path_item(key, listed, reads)
        return listed if lost is None and isinstance(whole.value, dict) else None

    def _operations_of(self, field_name: str, whole: Inlined) -> Iterator[Listed]:
        if not isinstance(whole.value, dict):
            return
        elsewhere = {tuple(map(str, tokens)): place for tokens, place in whole.inlined}
        for method, at, operation in self.of(whole.value):
            place = elsewhere.get((str(at[0]),)) if field_name == PATHS else None
            if place is not None:
                place = (place[0], (*place[1], *map(str, at[1:])))
            operation_id = operation.get("operationId") if isinstance(operation, dict) else None
            yield Listed(method, at, operation_id if isinstance(operation_id, str) else None, place)

    def path_item(self, field_name: str, path: str) -> Inlined:
        """Return a Path Item with its reference followed and inlined, the same object at every call."""
        known = self._path_items.get((field_name, path))
        if known is not None:
            self._trace.note_all(known[1])
            return known[0]
        self._trace.begin()
        items = self._entry.root[field_name]
        assert isinstance(items, dict)
        written = items[path]
        place = self._entry.origin((field_name, path))
        depth = self._trace.depth
        found = unless_crashed(lambda: self._followed.whole(written, place), written, place)
        self._trace.unwind(depth)
        self._path_items[field_name, path] = found, self._trace.end()
        return found

    def of(self, path_item: dict[str, Value]) -> Iterator[tuple[str, Tokens, Value]]:
        """Yield the operations of a Path Item: the method as in the index, where it stands, and the Operation.

        The last may be something else in its place, which validation finds.
        """
        for name, value in path_item.items():
            if not self._holds_operations(name, value):
                continue
            if name == "additionalOperations":
                for method, operation in value.items() if isinstance(value, dict) else ():
                    yield method, (name, method), operation
            else:
                yield name.upper(), (name,), value

    def _holds_operations(self, name: str, value: Value) -> bool:
        field_type = self._model.types["PathItem"].fields.get(name)
        is_map = field_type is not None and field_type.container == "map"
        return field_type is not None and field_type.holds == "Operation" and (isinstance(value, dict) or not is_map)

    def strangers(self, path_item: dict[str, Value]) -> list[str]:
        """Return the keys of a Path Item that it cannot have."""
        fields = self._model.types["PathItem"].fields
        return [name for name in path_item if name not in fields and not name.startswith("x-")]

    def lost(self, field_name: str, path: str, whole: Inlined) -> Inlined | None:
        """Return a value with a fault for a path whose operations cannot be found out; None where they can.

        The value is a mapping of the one path.
        """
        value = whole.value
        if isinstance(value, dict) and (any(self.of(value)) or not (whole.faults or self.strangers(value))):
            return None
        place = self._entry.origin((field_name, path))
        fault = next((fault for _, fault in whole.faults), None)
        if fault is None and isinstance(value, dict):
            from oas_tasks.openapi.validation.structure_hints import near  # only now that something is wrong

            name = self.strangers(value)[0]
            fields = self._model.types["PathItem"].fields
            said = f"'{name}' may not stand here{near(name, [each for each in fields if each not in value])}"
            fault = Fault(Phase.STRUCTURE, said, (*place[1], name), place[0])
        fault = fault or Fault(Phase.STRUCTURE, "a path item must be a mapping", place[1], place[0])
        return Inlined({path: value}, [], [], [((), fault)], [])

    def alone(self, field_name: str, path: str, at: Tokens, operation: Value, whole: Inlined) -> Inlined:
        """Return the root field of an endpoint as its slice has it: one path item with one operation, and `x-` fields.

        at: where the operation stands in its path item.
        """
        assert isinstance(whole.value, dict)
        items = self._entry.root[field_name]
        assert isinstance(items, dict)
        item: dict[str, Value] = {}
        for name, value in whole.value.items():
            if name == at[0]:
                item[name] = operation if len(at) == 1 else {str(at[1]): operation}
            elif not self._holds_operations(name, value):
                item[name] = value
        value = {name: item if name == path else items[name] for name in self._entry.members_with(field_name, path)}
        others = {name for name in whole.value if name not in item}

        def is_mine(tokens: Tokens) -> bool:
            return not tokens or (
                tokens[0] not in others and (tokens[0] != at[0] or tokens[: len(at)] == at[: len(tokens)])
            )

        mine = [
            Pointed(each.connection, (path, *each.tokens), each.base, each.source, each.leads_back)
            for each in whole.pointed
            if is_mine(each.tokens)
        ]
        inside = [each for each in whole.operations if each[0][: len(at)] == at]
        local = Inlined(value, mine, inside, [], [])
        local.foreign_names = [(path, *tokens) for tokens in whole.foreign_names if is_mine(tokens)]
        local.inlined = [((path,), self._entry.origin((field_name, path)))]
        local.inlined += [((path, *tokens), source) for tokens, source in whole.inlined if is_mine(tokens)]
        local.faults += [((path, *tokens), fault) for tokens, fault in whole.faults if is_mine(tokens)]
        for name in value:
            if name != path:
                extension = self._extension(field_name, name)
                value[name] = extension.value
                take(local, extension, (name,))
        return local

    def _extension(self, field_name: str, name: str) -> Inlined:
        """Return an `x-` field beside the path items with its references inlined, the same object at every call."""
        known = self._extensions.get(name)
        if known is not None:
            self._trace.note_all(known[1])
            return known[0]
        self._trace.begin()
        items = self._entry.root[field_name]
        assert isinstance(items, dict)
        place = self._entry.origin((field_name, name))
        value = items[name]
        depth = self._trace.depth
        found = unless_crashed(lambda: self._inliner.local(EXTENSION, value, place), value, place)
        self._trace.unwind(depth)
        self._extensions[name] = found, self._trace.end()
        return found

    def count_parameters(self, alone: Inlined, path: str, at: Tokens) -> int:
        """Count the parameters of an endpoint that differ in name or place ("Operation Object", `parameters`)."""
        references = {pointed.tokens: pointed for pointed in alone.pointed}
        resolver = self._entry.resolver
        effective: set[tuple[str, str]] = set()
        for holder in ((path,), (path, *at)):
            parameters = resolve(alone.value, (*map(str, holder), "parameters"))
            for index, parameter in enumerate(parameters if isinstance(parameters, list) else ()):
                reference = references.get((*holder, "parameters", index, "$ref"))
                found: object = parameter
                if reference is not None:
                    place = resolver.place(reference.connection, reference.base)
                    end = None if isinstance(place, Broken) else resolver.end_of_references(place, "Parameter")
                    found = None if end is None else resolver.value(end)
                if isinstance(found, dict):
                    effective.add((str(found.get("name")), str(found.get("in"))))
        return len(effective)

    def at(self, tokens: tuple[str, ...]) -> tuple[str, str] | None:
        """Return path and method of the endpoint that a place in the document belongs to."""
        if len(tokens) < 3 or tokens[0] not in self.fields:
            return None
        if tokens[2] != "additionalOperations":
            return tokens[1], tokens[2].upper()
        return (tokens[1], tokens[3]) if len(tokens) > 3 else None


def cells_of(operation: Mapping[str, Value]) -> OperationCells:
    """Return the cells of the index that follow from the operation itself."""
    responses = operation.get("responses")
    return OperationCells(
        _text(operation.get("summary")),
        _text(operation.get("operationId")),
        _strings(operation.get("tags")),
        tuple(code for code in responses if not code.startswith("x-")) if isinstance(responses, dict) else (),
        is_required(operation["security"]) if "security" in operation else None,
        operation.get("deprecated") is True,
    )


def is_required(security: Value) -> bool:
    """Whether security is neither empty nor optional (an empty requirement means anonymous)."""
    return isinstance(security, list) and bool(security) and {} not in security


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _strings(value: Value) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
