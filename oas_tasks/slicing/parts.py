"""A document cut into the parts that slices share, each with its identity and what it needs.

Parts are: every component, every declared tag, the root's security requirements, and every endpoint (an operation
with what it takes from its Path Item). What remains of the root, the heading, goes into every slice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from xxhash import xxh3_128_digest

from oas_tasks.formats import Value
from oas_tasks.formats.json_writer import canonical
from oas_tasks.openapi.connections import (
    Connection,
    Via,
    built_on,
    connections,
    is_base_of_children,
)
from oas_tasks.openapi.faults import Fault, Phase
from oas_tasks.openapi.model import Model
from oas_tasks.openapi.pointer import MISSING, decode, escape, readable, resolve, tokens_of
from oas_tasks.openapi.walk import kind_at, walk
from oas_tasks.slicing.document import Document

#: Root fields that are cut into parts or dropped; all others are the heading.
_CUT_FIELDS = frozenset({"paths", "components", "tags", "security", "webhooks"})

SECURITY = "security"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a document that slices share, or an endpoint's own.

    id: `components/schemas/User`, `tags/3`, `security`, `paths/~1users/get`.
    tokens: its place in the document.
    value: its content.
    digest: the identity of id and content together, 16 bytes (xxh3-128 of canonical JSON).
    needs: the ids of the parts that it points at, in order of first use.
    faults: what is wrong with its own pointing.
    """

    id: str
    tokens: tuple[str, ...]
    value: Value
    digest: bytes
    needs: tuple[str, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class EndpointPart:
    """An endpoint's own part.

    path, method: as they stand in the index: the path template, and the method in capitals unless it is one of
    `additionalOperations`, whose case is kept.
    operation: the Operation Object.
    path_item: the Path Item with just this operation.
    part: its value is the Paths Object that the slice has: the path item and the `x-` fields of `paths`.
    """

    path: str
    method: str
    operation: dict[str, Value]
    path_item: dict[str, Value]
    part: Part


@dataclass(frozen=True, slots=True)
class Parts:
    """A document, cut.

    heading: the root fields that go into every slice as they are.
    root_order: the names of all the root fields that a slice may have, in the document's order.
    shared: every part but the endpoints', by id, in document order.
    endpoints: in document order.
    """

    document: Document
    heading: dict[str, Value]
    heading_digest: bytes
    root_order: tuple[str, ...]
    shared: dict[str, Part]
    endpoints: tuple[EndpointPart, ...]


def cut(document: Document, drop_extensions: Iterable[str] = ()) -> Parts:
    """Cut a document into parts.

    drop_extensions: names of root extensions that do not go into slices, since they index other endpoints.
    """
    root = document.root
    dropped = _CUT_FIELDS | set(drop_extensions)
    heading = {name: value for name, value in root.items() if name not in dropped}
    root_order = tuple(name for name in root if name in heading or name in ("paths", "components", "tags", "security"))
    cutter = _Cutter(document)
    return Parts(
        document,
        heading,
        xxh3_128_digest(canonical([heading, list(root_order)])),
        root_order,
        {part.id: part for part in cutter.shared()},
        tuple(cutter.endpoints()),
    )


def component_id(kind: str, name: str) -> str:
    """Return the id of the part that holds a component."""
    return f"components/{escape(kind)}/{escape(name)}"


@dataclass(slots=True)
class _Cutter:
    document: Document
    model: Model = field(init=False)
    tag_ids: dict[str, list[str]] = field(init=False)
    components: dict[str, dict[str, Value]] = field(init=False)
    anchors: dict[str, tuple[str, ...]] | None = None

    def __post_init__(self) -> None:
        self.model = self.document.model
        root = self.document.root
        components = root.get("components")
        self.components = {
            kind: members
            for kind, members in (components.items() if isinstance(components, dict) else ())
            if isinstance(members, dict) and kind in self.model.component_kinds
        }
        tags = root.get("tags")
        self.tag_ids = {}
        for index, tag in enumerate(tags if isinstance(tags, list) else ()):
            name = tag.get("name") if isinstance(tag, dict) else None
            if isinstance(name, str):
                self.tag_ids.setdefault(name, []).append(f"tags/{index}")

    def shared(self) -> Iterator[Part]:
        root = self.document.root
        tags = root.get("tags")
        for index, tag in enumerate(tags if isinstance(tags, list) else ()):
            yield self.part(f"tags/{index}", ("tags", str(index)), "Tag", tag)
        if "security" in root:
            yield self.root_security(root["security"])
        children = self.children_of_bases()
        for kind, members in self.components.items():
            for name, value in members.items():
                yield self.part(
                    component_id(kind, name),
                    ("components", kind, name),
                    self.model.component_kinds[kind],
                    value,
                    children.get(name, ()) if kind == "schemas" else (),
                )

    def endpoints(self) -> Iterator[EndpointPart]:
        paths = self.document.root.get("paths")
        if not isinstance(paths, dict):
            return
        for path, written in paths.items():
            if path.startswith("x-"):
                continue
            found = self.path_item(path, written)
            for method, field_name, operation in self.operations(found.value):
                extra = field_name == "additionalOperations"
                item: dict[str, Value] = {
                    name: ({method: operation} if extra else operation) if name == field_name else value
                    for name, value in found.value.items()
                    if name == field_name or not self.holds_operations(name, value)
                }
                value: dict[str, Value] = {
                    k: item if k == path else v for k, v in paths.items() if k == path or k[:2] == "x-"
                }
                tokens = ("paths", path, field_name, *((method,) if extra else ()))
                part = self.part("/".join(map(escape, tokens)), ("paths",), "Paths", value, (), found.faults)
                yield EndpointPart(path, method if extra else method.upper(), operation, item, part)

    def operations(self, path_item: dict[str, Value]) -> Iterator[tuple[str, str, dict[str, Value]]]:
        """Yield the operations of a Path Item: method, the field that holds it, and the Operation."""
        for name, value in path_item.items():
            if not isinstance(value, dict) or not self.holds_operations(name, value):
                continue
            if name == "additionalOperations":
                for method, operation in value.items():
                    if isinstance(operation, dict):
                        yield method, name, operation
            else:
                yield name, name, value

    def holds_operations(self, name: str, value: Value) -> bool:
        field_type = self.model.types["PathItem"].fields.get(name)
        return field_type is not None and field_type.holds == "Operation" and isinstance(value, dict)

    def path_item(self, path: str, written: Value) -> _PathItem:
        """Return a Path Item with its `$ref` followed.

        A field on both sides is undefined by the specification; here the one beside the `$ref` wins.
        """
        item: dict[str, Value] = {}
        faults: list[Fault] = []
        seen: set[str] = set()
        tokens: tuple[str, ...] = ("paths", path)
        value: object = written
        while isinstance(value, dict):
            target = value.get("$ref")
            item = {**{k: v for k, v in value.items() if k != "$ref"}, **item}
            if not isinstance(target, str):
                break
            connection = Connection(Via.REFERENCE, target, "PathItem", ((), "$ref"))
            found = self.target(connection)
            if target in seen or isinstance(found, str):
                reason = f"'{target}' leads back to itself" if target in seen else str(found)
                faults.append(Fault(Phase.REFERENCES, reason, (*tokens, "$ref")))
                break
            seen.add(target)
            tokens = found
            value = resolve(self.document.root, found)
        return _PathItem(item, tuple(faults))

    def part(
        self,
        part_id: str,
        tokens: tuple[str, ...],
        kind: str,
        value: Value,
        also_needs: Iterable[str] = (),
        faults: Iterable[Fault] = (),
    ) -> Part:
        pointed = connections(self.model, kind, value)
        needs: dict[str, None] = {}
        found_faults = list(faults)
        for connection in pointed.found:
            for needed in self.needed(connection, tokens, found_faults):
                needs[needed] = None
        if pointed.inherits_security and "security" in self.document.root:
            needs[SECURITY] = None
        needs.update(dict.fromkeys(also_needs))
        needs.pop(part_id, None)
        digest = xxh3_128_digest(part_id.encode() + b"\0" + canonical(value))
        return Part(part_id, tokens, value, digest, tuple(needs), tuple(found_faults))

    def root_security(self, value: Value) -> Part:
        """The root's list of Security Requirements; the model's table knows it as a field of the root."""
        wrapped: Value = {"security": value}
        part = self.part(SECURITY, (), "OpenAPI", wrapped)
        return Part(part.id, ("security",), value, part.digest, part.needs, part.faults)

    def needed(self, connection: Connection, base: tuple[str, ...], faults: list[Fault]) -> Iterator[str]:
        """Yield the ids of the parts that a connection leads to; append to `faults` where it leads nowhere."""
        if connection.via in (Via.OPERATION_ID, Via.OPERATION_REF):
            return
        if connection.via is Via.TAG:
            yield from self.tag_ids.get(connection.target, ())
            return
        found = self.target(connection)
        if isinstance(found, str):
            faults.append(Fault(Phase.REFERENCES, found, base + tokens_of(connection.path)))
        elif found[:1] == ("components",) and len(found) > 2:
            yield component_id(found[1], found[2])

    def target(self, connection: Connection) -> tuple[str, ...] | str:
        """Return the place in the document that a connection leads to, or what is wrong with it, in words."""
        target = connection.target
        if connection.via is Via.SECURITY:
            if target in self.components.get("securitySchemes", ()):
                return ("components", "securitySchemes", target)
            if self.model.family != "3.2" or ("/" not in target and "#" not in target):
                return f"the security scheme '{target}' is not defined" + self.guess(target, "securitySchemes")
        if connection.via is Via.MAPPING and target in self.components.get("schemas", ()):
            return ("components", "schemas", target)
        uri, mark, fragment = target.partition("#")
        if connection.via is Via.MAPPING and not mark and "/" not in target and "." not in target:
            return f"the discriminator's mapping names '{target}', which is no schema" + self.guess(target, "schemas")
        if uri:
            return f"'{target}' leads to another document"
        tokens = decode(fragment)
        if tokens is None:
            anchored = self.anchored(fragment) if self.model.schema_ref_is_keyword else None
            return anchored if anchored is not None else f"'{target}' is referenced but not defined"
        if resolve(self.document.root, tokens) is MISSING:
            guess = self.guess(tokens[2], tokens[1]) if len(tokens) > 2 and tokens[0] == "components" else ""
            return f"'{target}' is referenced but not defined" + guess
        kind = kind_at(self.model, "OpenAPI", tokens)
        if kind is not None and kind != connection.expects:
            return f"'{target}' is {_article(kind)}, and {_article(connection.expects)} is needed here"
        if tokens[:1] != ("components",):
            return f"'{target}' leads into another part of the document"
        return tokens

    def guess(self, name: str, kind: str) -> str:
        from difflib import get_close_matches

        close = get_close_matches(name, self.components.get(kind, ()), n=1)
        return f". Did you mean '{close[0]}'?" if close else ""

    def anchored(self, name: str) -> tuple[str, ...] | None:
        """Return the place of the schema with an `$anchor` or `$dynamicAnchor` (3.1 on), searched for once."""
        if self.anchors is None:
            self.anchors = {}
            for site in walk(self.model, "OpenAPI", self.document.root):
                for keyword in ("$anchor", "$dynamicAnchor") if site.kind == "Schema" else ():
                    anchor = site.value.get(keyword)
                    if isinstance(anchor, str):
                        self.anchors.setdefault(anchor, tokens_of(site.path))
        return self.anchors.get(name)

    def children_of_bases(self) -> dict[str, tuple[str, ...]]:
        """Return, for each named schema whose discriminator makes them alternates, the schemas built on it.

        Transitively: a child of a child is an alternate too. Source: 3.0.4 "Conditions for Using the Discriminator
        Object".
        """
        schemas = self.components.get("schemas", {})
        children: dict[str, list[str]] = {}
        for name, schema in schemas.items():
            for target in built_on(schema):
                tokens = decode(target[1:]) if target.startswith("#") else None
                if tokens and len(tokens) == 3 and tokens[:2] == ("components", "schemas"):
                    children.setdefault(tokens[2], []).append(name)
        bases: dict[str, tuple[str, ...]] = {}
        for name in children:
            if name in schemas and is_base_of_children(schemas[name]):
                reached: dict[str, None] = {}
                pending = [name]
                while pending:
                    for child in children.get(pending.pop(), ()):
                        if child not in reached:
                            reached[child] = None
                            pending.append(child)
                bases[name] = tuple(component_id("schemas", child) for child in reached)
        return bases


@dataclass(frozen=True, slots=True)
class _PathItem:
    value: dict[str, Value]
    faults: tuple[Fault, ...]


def _article(kind: str) -> str:
    return ("an " if kind[0] in "AEIOU" else "a ") + kind


def shown(part: Part) -> str:
    """Return the place of a part for people: `#/components/schemas/User`."""
    return readable(part.tokens)
