"""The shape of a slice: all of it except descriptions, summaries, titles, examples and `x-` fields.

Only fields of the specification's objects are left out; a property that is called `title` stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from xxhash import xxh3_128_digest

from oas_tasks.formats import Value
from oas_tasks.openapi.model import PLAIN_TYPES, ComponentName, FieldType, Model
from oas_tasks.openapi.pointer import Path, decode
from oas_tasks.openapi.references import Via, connections
from oas_tasks.openapi.walk import Rewriter

_EXAMPLES = "examples"
_TEXTS = frozenset({"description", "summary", "title", "example", _EXAMPLES})


class _Piece(NamedTuple):
    """A component, or the rest of a slice.

    value: kept, so that no other object gets its `id()`.
    shape: identity of its shape.
    needs: the components that it refers to. mentions: those that a text of it refers to.
    """

    value: Value
    shape: bytes
    needs: frozenset[ComponentName]
    mentions: frozenset[ComponentName]


class Shapes:
    """Finds the shapes of slices in one version of OpenAPI; a component that several have is examined once."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._texts = {kind: _TEXTS & each.fields.keys() for kind, each in model.types.items()}
        everywhere: dict[str, frozenset[str] | None] = dict.fromkeys(model.types)
        self._rewriter = Rewriter(model, everywhere, with_references=True, booleans=None)
        self._known: dict[int, _Piece] = {}

    def of(self, document: Mapping[str, Value]) -> bytes:
        """Return the identity of a slice's shape: the same where two slices differ in nothing but texts."""
        rest: dict[str, Value] = {name: value for name, value in document.items() if name != "components"}
        root = self._piece("OpenAPI", rest)
        pieces = {component: self._known_piece(*component, value) for component, value in self._components(document)}
        mentioned = root.mentions.union(*(piece.mentions for piece in pieces.values()))
        if mentioned:  # a component to which only texts refer is a text as well
            needed = _reached(root.needs, {component: piece.needs for component, piece in pieces.items()})
            of_texts = {component: piece.needs | piece.mentions for component, piece in pieces.items()}
            for component in _reached(mentioned, of_texts) - needed:
                del pieces[component]
        shapes = [f"{kind}/{name}\0".encode() + pieces[kind, name].shape for kind, name in sorted(pieces)]
        return xxh3_128_digest(root.shape + b"".join(shapes))

    def _components(self, document: Mapping[str, Value]) -> Iterator[tuple[ComponentName, Value]]:
        components = document.get("components")
        for kind, members in components.items() if isinstance(components, dict) else ():
            if kind in self._model.component_kinds and kind != _EXAMPLES and isinstance(members, dict):
                for name, value in members.items():
                    yield (kind, name), value

    def _known_piece(self, kind: str, name: str, value: Value) -> _Piece:
        if not isinstance(value, dict):
            return self._piece(self._model.component_kinds[kind], value)
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = self._piece(self._model.component_kinds[kind], value)
        return known

    def _piece(self, kind: str, value: Value) -> _Piece:
        field = FieldType(kind, "one", True)
        left = self._rewriter.rewritten(field, value, self._without_texts, self._without_beside)
        needs = frozenset(self._targets(field, left))
        return _Piece(value, _identity(left), needs, frozenset(self._targets(field, value)) - needs)

    def _without_texts(self, kind: str, value: Value, before: Value, path: Path) -> Value:
        if not isinstance(value, dict):
            return value
        texts, object_type = self._texts[kind], self._model.types[kind]
        fields, patterned = object_type.fields, object_type.patterned
        is_map = patterned is not None and patterned.holds in PLAIN_TYPES  # whose keys are names: of security schemes
        return {
            name: member
            for name, member in value.items()
            if name not in texts and (is_map or not name.startswith("x-") or name in fields)
        }

    def _without_beside(self, kind: str, value: dict[str, Value], path: Path) -> Value:
        """Return a reference without the texts that it may have for its target (3.1 "Reference Object")."""
        return {"$ref": value["$ref"]}

    def _targets(self, field: FieldType, value: Value) -> Iterator[ComponentName]:
        for connection in connections(self._model, field, value).found:
            if connection.via is Via.SECURITY:
                yield ("securitySchemes", connection.target)
            tokens = decode(connection.target[1:]) if connection.target.startswith("#") else None
            if tokens is not None and tokens[:1] == ("components",) and len(tokens) > 2:
                yield (tokens[1], tokens[2])
            elif connection.via is Via.MAPPING:
                yield ("schemas", connection.target)


def _identity(value: Value) -> bytes:
    """Return the identity of a value, whatever the order of its keys."""
    digest = xxh3_128_digest
    if isinstance(value, dict):
        members = sorted((key, _identity(member)) for key, member in value.items())
        return digest(b"{" + b"".join(key.encode("utf-8", "surrogatepass") + b"\0" + found for key, found in members))
    if isinstance(value, list):
        return digest(b"[" + b"".join(map(_identity, value)))
    return digest(f"{type(value).__name__} {value!r}".encode("utf-8", "surrogatepass"))


def _reached(
    start: Iterable[ComponentName], needs: Mapping[ComponentName, frozenset[ComponentName]]
) -> set[ComponentName]:
    """Return the components that are reached from some of them, these included."""
    found: set[ComponentName] = set()
    pending = [component for component in start if component in needs]
    while pending:
        component = pending.pop()
        if component not in found:
            found.add(component)
            pending += [each for each in needs[component] if each in needs]
    return found
