"""Takes from schemas what matters to one value, and measures the work of validating it.

A validator compiles everything that a schema refers to, and follows references each time that it meets them: if each
schema refers to the next one twice, n schemas cost 2^n steps. So the pairs of a schema and a value that meet are looked
at first, each once. What no value meets is left out.

Works on JSON Schema: of draft 4 or 2020-12, with absolute references.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from oas_tasks.formats import Value
from oas_tasks.openapi.pointer import decode, resolve
from oas_tasks.openapi.unfolding import Unfoldings, UnfoldsTooFarError
from oas_tasks.openapi.uri import join

#: How many pairs one value may have, and how many more for each of its own nodes.
_MOST_PAIRS = 2_000
_MOST_PAIRS_EACH = 20

#: How many steps a validator may take, and how deep in one another: its own stack is not endless.
_MOST_STEPS = 100_000
_DEEPEST = 128

#: Keywords whose schemas apply to the same value, by what they hold.
_SAME = ("not", "if", "then", "else")
_SAME_LISTS = ("allOf", "anyOf", "oneOf")
_SAME_MAPS = ("dependentSchemas", "dependencies")

#: Keywords whose schemas apply to members of mappings and to items of lists.
_OF_MEMBERS = ("additionalProperties", "unevaluatedProperties")
_OF_ITEMS = ("items", "additionalItems", "contains", "unevaluatedItems")

#: Keywords by which schemas are referred to by names, which an excerpt would lose.
_NAMES = frozenset({"$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef"})

_Pair: TypeAlias = tuple[int, Hashable]


class TooMuchError(Exception):
    """A value cannot be validated by a schema in a fixed amount of work."""


class NamedError(Exception):
    """A schema is referred to by something else than a pointer into the document, so that all of it is needed."""


class BrokenError(Exception):
    """A reference leads to nothing."""


class Excerpts:
    """Takes excerpts of the schemas of one document.

    contents: the document, as far as references lead to it. uri: what references to it begin with.
    """

    def __init__(self, contents: Mapping[str, Value], uri: str) -> None:
        self._contents = dict(contents)
        self._uri = uri
        self._start = f"{uri}#"
        self._names: _Names | None = None
        #: How deep validation goes at least for pairs of the document's schemas and plain values, where that is much.
        self._depths: dict[_Pair, int] = {}

    @property
    def is_small(self) -> bool:
        """Whether the document is small enough to be compiled as a whole for one value."""
        return len(self._known_names().ids) <= _MOST_PAIRS

    def of(
        self,
        schema: dict[str, Value],
        value: Value,
        is_bounded: Callable[[dict[str, Value], Value], bool] = lambda schema, value: True,
    ) -> dict[str, Value]:
        """Return a schema that says the same of a value and refers to nothing outside of itself.

        is_bounded: says whether a schema can be tried on a value, apart from the schemas in it.
        Raises TooMuchError, NamedError, BrokenError.
        """
        is_named = False
        met: dict[_Pair, tuple[dict[str, Value], Value]] = {}
        start = _pair(schema, value)
        met[start] = schema, value

        def look(pair: _Pair) -> tuple[int, list[tuple[_Pair, bool]]]:
            nonlocal is_named
            said, about = met[pair]
            if self._depths.get(pair, 0) > _DEEPEST or not is_bounded(said, about):
                raise TooMuchError
            is_named = is_named or self._is_named(said)
            inside = []
            for below, part in self._meeting(said, about):
                further = _pair(below, part)
                met[further] = below, part
                inside.append((further, True))
            enum = said.get("enum")
            steps = 1 + (len(enum) if isinstance(enum, list) else 0)
            if isinstance(about, list) and said.get("uniqueItems") is True and any(map(_is_container, about)):
                steps += len(about) * len(about)
            return steps, inside * 2 if "unevaluatedProperties" in said or "unevaluatedItems" in said else inside

        unfoldings: Unfoldings[_Pair, bool] = Unfoldings()
        try:
            found = unfoldings.of(start, look, _MOST_PAIRS + _MOST_PAIRS_EACH * nodes(value))
        except UnfoldsTooFarError as error:
            self._note({pair: len(error.path) - number for number, pair in enumerate(error.path)})
            raise TooMuchError from None
        if found.height > _DEEPEST:
            self._note({pair: each.height for pair, each in unfoldings.known.items()})
        if found.loop is not None or found.weight > _MOST_STEPS or found.height > _DEEPEST:
            raise TooMuchError
        if is_named:
            raise NamedError
        return self._taken(schema, {pair[0] for pair in met})

    def _note(self, depths: Mapping[_Pair, int]) -> None:
        """Note how deep validation goes at least, so that others that get there need not go on."""
        lasting = self._known_names().ids
        self._depths.update(
            (pair, depth)
            for pair, depth in depths.items()
            if depth > _DEEPEST and pair[0] in lasting and isinstance(pair[1], tuple)
        )

    def _meeting(self, schema: dict[str, Value], value: Value) -> Iterator[tuple[dict[str, Value], Value]]:
        """Yield the schemas that a validator tries on a value and its parts on behalf of a schema."""
        for key in ("$ref", "$dynamicRef"):
            target = schema.get(key)
            if isinstance(target, str):
                for below in self._meant(schema, target, is_dynamic=key != "$ref"):
                    yield below, value
        for below in _in_place(schema):
            yield below, value
        if isinstance(value, dict):
            yield from _of_members(schema, value)
        elif isinstance(value, list):
            yield from _of_items(schema, value)

    def _is_named(self, schema: dict[str, Value]) -> bool:
        """Whether a schema has or uses a name, and not only pointers into the document."""
        target = schema.get("$ref")
        is_pointer = not isinstance(target, str) or decode(target.removeprefix(self._start)) is not None
        return not is_pointer or not _NAMES.isdisjoint(schema)

    def _meant(self, schema: dict[str, Value], target: str, is_dynamic: bool) -> list[dict[str, Value]]:
        """Return the schemas that a reference may lead to."""
        if not is_dynamic and target.startswith(self._start) and decode(target[len(self._start) :]) is not None:
            return [self._at(target)]
        names = self._known_names()
        uri, _, fragment = join(names.bases.get(id(schema), self._uri), target).partition("#")
        found = [*names.dynamic.get(fragment, ())] if is_dynamic else []
        holder = names.schemas.get(uri)
        tokens = decode(fragment)
        if tokens is None and (uri, fragment) in names.anchors:
            found.append(names.anchors[uri, fragment])
        elif tokens is not None and holder is not None:
            inside = resolve(holder, tokens)
            found += [inside] if isinstance(inside, dict) else []
        if not found:
            raise BrokenError
        return found

    def _known_names(self) -> _Names:
        if self._names is None:
            self._names = _names_in(self._contents, self._uri)
        return self._names

    def _at(self, target: str) -> dict[str, Value]:
        tokens = decode(target[len(self._start) :]) if target.startswith(self._start) else None
        assert tokens is not None
        found = resolve(self._contents, tokens)
        if found is True:
            return _ANYTHING
        if not isinstance(found, dict):
            raise BrokenError
        return found

    def _taken(self, schema: dict[str, Value], met: set[int]) -> dict[str, Value]:
        """Return a schema with what it refers to, as far as some value meets it."""
        names: dict[int, str] = {}
        pending: list[dict[str, Value]] = []

        def copy(value: Value) -> Value:
            if isinstance(value, list):
                return [copy(item) for item in value]
            return copied(value) if isinstance(value, dict) and id(value) in met else _empty(value)

        def copied(said: dict[str, Value]) -> dict[str, Value]:
            made: dict[str, Value] = {}
            for key, value in said.items():
                if key == "$ref" and isinstance(value, str):
                    target = self._at(value)
                    if id(target) not in names:
                        names[id(target)] = f"s{len(names)}"
                        pending.append(target)
                    made[key] = f"#/definitions/{names[id(target)]}"
                elif key in _HOLDING_SCHEMAS:
                    made[key] = copy(value)
                elif (key in _SAME_MAPS or key in _MAPS) and isinstance(value, dict):
                    made[key] = {name: copy(member) for name, member in value.items()}
                elif key not in _UNMET:
                    made[key] = value
            return made

        made = copied(schema)
        definitions: dict[str, Value] = {}
        while pending:
            target = pending.pop()
            definitions[names[id(target)]] = copied(target)
        return {**made, "definitions": definitions} if definitions else made


class _Names(NamedTuple):
    """The names of schemas in a document.

    bases: the URIs that references in each are relative to, by its id, where that is not the document's.
    schemas: by their URIs. anchors: by the URI of the schema around, and the anchor.
    dynamic: by their dynamic anchor.
    ids: of all mappings in the document.
    """

    bases: dict[int, str]
    schemas: dict[str, dict[str, Value]]
    anchors: dict[tuple[str, str], dict[str, Value]]
    dynamic: dict[str, list[dict[str, Value]]]
    ids: set[int]


def _names_in(contents: dict[str, Value], uri: str) -> _Names:
    bases: dict[int, str] = {}
    schemas: dict[str, dict[str, Value]] = {uri: contents}
    anchors: dict[tuple[str, str], dict[str, Value]] = {}
    dynamic: dict[str, list[dict[str, Value]]] = {}
    ids: set[int] = set()
    pending: list[tuple[Value, str]] = [(contents, uri)]
    while pending:
        value, base = pending.pop()
        if isinstance(value, list):
            pending += ((item, base) for item in value)
        if not isinstance(value, dict):
            continue
        ids.add(id(value))
        identifier = value.get("$id")
        if isinstance(identifier, str):
            base = join(base, identifier).rstrip("#")
            schemas.setdefault(base, value)
        if base != uri:
            bases[id(value)] = base
        for key in ("$anchor", "$dynamicAnchor"):
            anchor = value.get(key)
            if isinstance(anchor, str):
                anchors.setdefault((base, anchor), value)
                if key == "$dynamicAnchor":
                    dynamic.setdefault(anchor, []).append(value)
        pending += ((member, base) for member in value.values())
    return _Names(bases, schemas, anchors, dynamic, ids)


_ANYTHING: dict[str, Value] = {}
_MAPS = ("properties", "patternProperties")
_HOLDING_SCHEMAS = frozenset((*_SAME, *_SAME_LISTS, *_OF_MEMBERS, *_OF_ITEMS, "prefixItems", "propertyNames"))
_UNMET = frozenset({"$defs", "definitions", "contentSchema"})


def _in_place(schema: dict[str, Value]) -> Iterator[dict[str, Value]]:
    """Yield the schemas in one that apply to the same value."""
    for key in _SAME:
        below = schema.get(key)
        if isinstance(below, dict):
            yield below
    for key in _SAME_LISTS:
        listed = schema.get(key)
        yield from (each for each in listed if isinstance(each, dict)) if isinstance(listed, list) else ()
    for key in _SAME_MAPS:
        mapped = schema.get(key)
        yield from (each for each in mapped.values() if isinstance(each, dict)) if isinstance(mapped, dict) else ()


def _of_members(schema: dict[str, Value], value: dict[str, Value]) -> Iterator[tuple[dict[str, Value], Value]]:
    properties = schema.get("properties")
    if isinstance(properties, dict):
        smaller, larger = sorted((properties, value), key=len)
        for name in smaller:
            below = properties.get(name) if name in larger else None
            if isinstance(below, dict):
                yield below, value[name]
    patterns = schema.get("patternProperties")
    every = [schema.get(key) for key in _OF_MEMBERS]
    every += list(patterns.values()) if isinstance(patterns, dict) else []
    for below in every:
        if isinstance(below, dict):
            yield from ((below, member) for member in value.values())
    below = schema.get("propertyNames")
    if isinstance(below, dict):
        yield from ((below, name) for name in value)


def _of_items(schema: dict[str, Value], value: list[Value]) -> Iterator[tuple[dict[str, Value], Value]]:
    for key in _OF_ITEMS:
        below = schema.get(key)
        if isinstance(below, dict):
            yield from ((below, item) for item in value)
    for key in ("prefixItems", "items"):
        listed = schema.get(key)
        if isinstance(listed, list):
            yield from ((each, item) for each, item in zip(listed, value, strict=False) if isinstance(each, dict))


#: Texts up to this length are known by what they say.
_SHORT = 64


def _pair(schema: dict[str, Value], value: Value) -> _Pair:
    """Return what a schema and a value are known by while both exist."""
    is_own = bool(value) if isinstance(value, dict | list) else isinstance(value, str) and len(value) > _SHORT
    return id(schema), id(value) if is_own else (type(value), str(value))


def _is_container(value: Value) -> bool:
    return isinstance(value, dict | list)


def _empty(value: Value) -> Value:
    """Return something in the place of a schema that no value meets."""
    return {} if isinstance(value, dict) else value


def nodes(value: Value) -> int:
    """Count the mappings, lists and scalars in a value, itself included."""
    count = 0
    pending = [value]
    while pending:
        value = pending.pop()
        count += 1
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return count
