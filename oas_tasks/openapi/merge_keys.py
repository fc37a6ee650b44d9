"""Resolves merge keys: `<<: *other` in YAML adds the entries of another mapping to this one.

YAML 1.2 has no merge keys, and the specification does not use them. But authors who write one mean it, and most tools
read YAML 1.1, which merges. So they are merged wherever an object of OpenAPI stands, or a list or map of them. In data
(examples, defaults, enums, `x-` fields) `<<` is a key like any other, unless a reference makes that data an object
(`merged_at`).

Source: https://yaml.org/type/merge.html: a key of the mapping itself wins over merged ones, and in a list of mappings
the earlier one wins.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from oas_tasks.formats import MergeKey, Value
from oas_tasks.openapi.model import PLAIN_TYPES, FieldType, Model
from oas_tasks.openapi.pointer import MISSING, Pointer, resolve


class Merged(NamedTuple):
    """A value whose merge keys are resolved, except in data.

    places: of the entries that came out of other mappings, in order.
    """

    value: Value
    places: tuple[Pointer, ...]


def merged(model: Model, value: Value) -> Merged:
    """Return a file's value with its merge keys resolved; what is shared in it stays shared.

    In a file that is no OpenAPI document, each mapping counts as an object of every type that has all of its fields,
    or else as a schema and a map of others (as in `walk.walk_unknown`).
    """
    merging = _Merging(model)
    if isinstance(value, dict) and "openapi" in (value := merging.own(value, ())):
        value = merging.one(FieldType("OpenAPI", "one", False), value, ())
    else:
        value = merging.unknown(value, ())
    return Merged(value, tuple(dict.fromkeys(merging.places)))


def merged_at(model: Model, field: FieldType, value: Value, tokens: Iterable[str]) -> Merged | None:
    """Return the value at a place of a file, read as a field's value, with its merge keys resolved; None if there is
    none.

    value: of the file, as it was read. Merge keys on the way are resolved too, since a reference never means
    a key `<<`.
    """
    found: object = value
    for token in tokens:
        found = resolve(followed(found) if isinstance(found, dict) else found, (token,))  # type: ignore[arg-type]
        if found is MISSING:
            return None
    merging = _Merging(model)
    made = merging.one(field, found, ())  # type: ignore[arg-type]  # it is there
    return Merged(made, tuple(dict.fromkeys(merging.places)))


class _Merging:
    """One file on its way to being merged."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.places: list[Pointer] = []
        #: The result for a mapping or list, which aliases may share, as the value of a field: the original, which keeps
        #: its identity from becoming another's; what it is now; and the places in it.
        self._known: dict[tuple[int, FieldType | None], tuple[Value, Value, list[Pointer]]] = {}
        self._data: dict[int, tuple[Value, Value]] = {}

    def one(self, field: FieldType, value: Value, at: Pointer) -> Value:
        """Return the value of a field."""
        return self._remembered(value, field, at)

    def unknown(self, value: Value, at: Pointer) -> Value:
        """Return a value with its merge keys resolved; its type is guessed from its fields."""
        return self._remembered(value, None, at)

    def _remembered(self, value: Value, field: FieldType | None, at: Pointer) -> Value:
        if not isinstance(value, dict | list):
            return value
        key = (id(value), field)
        if key not in self._known:
            outer, self.places = self.places, []
            made = self._unknown(value, ()) if field is None else self._field(field, value, ())
            self._known[key] = (value, made, self.places)
            self.places = outer
        _, made, places = self._known[key]
        self.places += [at + place for place in places]
        return made

    def _field(self, field: FieldType, value: Value, at: Pointer) -> Value:
        if field.container == "list" or isinstance(value, list):
            each = field._replace(container="one", or_list=False)
            is_list = field.container == "list" or field.or_list
            if not isinstance(value, list) or not is_list or field.holds in PLAIN_TYPES:
                return self.data(value)
            return [self.one(each, item, (*at, str(index))) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if field.container == "map":
            value = self.own(value, at)
            if field.holds in PLAIN_TYPES:
                return {key: self.data(member) for key, member in value.items()}
            each = field._replace(container="one")
            return {_plain(key): self.one(each, member, (*at, key)) for key, member in value.items()}
        if field.holds in PLAIN_TYPES:
            return self.data(value)
        value = self.own(value, at)
        object_type = self.model.types[field.holds]
        made: dict[str, Value] = {}
        for key, member in value.items():
            inner = object_type.fields.get(key) or (None if key.startswith("x-") else object_type.patterned)
            made[_plain(key)] = self.data(member) if inner is None else self.one(inner, member, (*at, key))
        return made

    def _unknown(self, value: Value, at: Pointer) -> Value:
        if isinstance(value, list):
            return [self.unknown(item, (*at, str(index))) for index, item in enumerate(value)]
        assert isinstance(value, dict)
        value = self.own(value, at)
        types = self.model.types
        names = {name for name in value if not name.startswith("x-")}
        kinds = [each for each in types.values() if names and names <= each.fields.keys()]
        made: dict[str, Value] = {}
        for key, member in value.items():
            fields = dict.fromkeys(each.fields[key] for each in kinds or [types["Schema"]] if key in each.fields)
            if key in names and not fields:
                made[_plain(key)] = self.unknown(member, (*at, key))
            else:
                made[_plain(key)] = self._one_of(fields, member, (*at, key))
        return made

    def _one_of(self, fields: Iterable[FieldType], value: Value, at: Pointer) -> Value:
        """Return the value of a field that may be of several types, merged by the first type that changes it."""
        found = self.data(value)
        for field in fields:
            count = len(self.places)
            made = self.one(field, value, at)
            if len(self.places) > count:
                return made
        return found

    def data(self, value: Value) -> Value:
        """Return data, in which `<<` is a key like any other; the same object if it has none."""
        if not isinstance(value, dict | list):
            return value
        if id(value) not in self._data:
            made: Value
            if isinstance(value, list):
                made = [self.data(item) for item in value]
                is_same = all(new is old for new, old in zip(made, value, strict=True))
            else:
                made = {_plain(key): self.data(member) for key, member in value.items()}
                is_same = all(new is old for new, old in zip(made.values(), value.values(), strict=True))
                is_same = is_same and not any(isinstance(key, MergeKey) for key in value)
            self._data[id(value)] = (value, value if is_same else made)
        return self._data[id(value)][1]

    def own(self, mapping: dict[str, Value], at: Pointer) -> dict[str, Value]:
        """Return a mapping with the entries that its merge key adds, in place of that key."""
        made = followed(mapping)
        self.places += [(*at, key) for key in made if key not in mapping]
        return made


def _plain(key: str) -> str:
    return "<<" if isinstance(key, MergeKey) else key


def followed(mapping: dict[str, Value]) -> dict[str, Value]:
    """Return a mapping with the entries that its own merge key adds, in place of that key."""
    if "<<" not in mapping or not any(isinstance(key, MergeKey) for key in mapping):
        return mapping
    source = mapping["<<"]
    entries: dict[str, Value] = {}
    for each in source if isinstance(source, list) else [source]:
        if not isinstance(each, dict):
            return mapping  # whatever it means
        for key, value in followed(each).items():
            entries.setdefault(key, value)
    made: dict[str, Value] = {}
    for key, value in mapping.items():
        if isinstance(key, MergeKey):
            made.update((name, entry) for name, entry in entries.items() if name not in mapping)
        else:
            made[key] = value
    return made
