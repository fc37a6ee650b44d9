"""Walks over a document: yields every OpenAPI object in a value, with its type and its place.

It follows the tables of `model.py` and enters nothing else. So it never yields a `$ref` in data (defaults, enums,
examples), and one in an `x-` field or in place of a whole example only on request. To find something in a document,
filter what the walk yields; to change something, pass the change to a `Rewriter`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple, TypeAlias

from oas_tasks.formats import Value
from oas_tasks.openapi.model import EXTENSION, PLAIN_TYPES, FieldType, Model
from oas_tasks.openapi.pointer import MISSING, Path, resolve


class Site(NamedTuple):
    """An object of the specification, with its place.

    kind: the object type that its place calls for, "Schema".
    value: the object itself, as read.
    path: its place below the value that is walked.
    is_reference: it is a Reference Object that stands for one of `kind`.
    stray: for a mapping with a `$ref` where the specification allows none: the type of the field. Bundlers follow such
    references, and many documents of several files have them (an Operation, a whole map of properties, a description).
    EXTENSION for one in an `x-` field, which may have other members beside its `$ref`.
    """

    kind: str
    value: dict[str, Value]
    path: Path
    is_reference: bool
    stray: FieldType | None = None


def walk(model: Model, kind: str, value: Value, path: Path = (), referenceable: bool = True) -> Iterator[Site]:
    """Yield every object in `value` in document order, itself first; walks into no reference.

    kind: the object type of `value`.
    referenceable: whether `value` itself may be a Reference Object.
    """
    return walk_field(model, FieldType(kind, "one", referenceable), value, path)


def walk_field(  # noqa: C901
    model: Model, field: FieldType, value: Value, path: Path = (), extensions: bool = False
) -> Iterator[Site]:
    """Yield every object in a field's value, as `walk` does; the value may be an object, a list or a map of objects.

    extensions: also yield what may be a reference: in `x-` fields, in place of whole examples, and a map of texts whose
    only key is `$ref`.

    One function: nearly every value of a document goes through this loop, and a call for each would cost more than the
    loop itself.
    """
    types = model.types
    stack: list[tuple[FieldType, Value, Path]] = [(field, value, path)]
    while stack:
        field, value, path = stack.pop()
        if field.container != "one":
            stack += _members(field, value, path)
            if _is_stray_container(field, value) or (extensions and is_plain_map(field) and _is_bare(value)):
                yield Site(field.holds, value, path, True, field)  # type: ignore[arg-type]  # just found a dict
            continue
        if type(value) is not dict:
            if field is EXTENSION:
                yield from _extension_references(value, path)
            elif field.or_list and type(value) is list:
                stack.append((field._replace(container="list", or_list=False), value, path))
            elif type(value) is list and field.holds not in PLAIN_TYPES:
                stack += _items(field, value, path)  # a fault, which validation reports; its references count
            continue  # a boolean schema, or another fault
        kind = field.holds
        if kind in PLAIN_TYPES:
            if field is EXTENSION:
                yield from _extension_references(value, path)
            elif kind == "example":
                if extensions and _is_reference_to_file(value):
                    yield Site(EXTENSION.holds, value, path, True, EXTENSION)
            elif kind != "any" and len(value) == 1 and type(value.get("$ref")) is str:
                yield Site(kind, value, path, True, field)
            continue
        object_type = types[kind]
        fields = object_type.fields
        if type(value.get("$ref")) is str and "$ref" not in fields:
            yield Site(kind, value, path, True, None if field.referenceable else field)
            if extensions and len(value) > 1:
                stack += [(EXTENSION, value[key], (path, key)) for key in reversed(value) if key.startswith("x-")]
            continue
        yield Site(kind, value, path, False)
        # The children that may hold objects or stray references, the last first.
        patterned = object_type.patterned
        for key in reversed(value):
            child = value[key]
            if type(child) is dict:
                inner = fields.get(key)
                if inner is None:
                    if key.startswith("x-"):
                        if extensions:
                            stack.append((EXTENSION, child, (path, key)))
                        continue
                    inner = object_type.later.get(key, patterned)
                    if inner is None:
                        continue
                if inner.holds not in PLAIN_TYPES or _may_hold_stray(key, inner, child):
                    stack.append((inner, child, (path, key)))
            elif type(child) is list:
                inner = fields.get(key) or object_type.later.get(key, patterned)
                if key.startswith("x-"):
                    if extensions and key not in fields:
                        stack.append((EXTENSION, child, (path, key)))
                elif inner is not None and (
                    inner.holds not in PLAIN_TYPES or (inner.holds != "any" and dict in map(type, child))
                ):
                    stack.append((inner, child, (path, key)))


def _may_hold_stray(key: str, field: FieldType, value: dict[str, Value]) -> bool:
    """Whether a mapping in place of a plain value may be a reference or contain one.

    Fields such as `$ref` and `$id` are never kept in other files.
    """
    if key.startswith("$"):
        return False
    if field.holds == "any":
        return field.container == "map" and len(value) == 1
    return len(value) == 1 or (field.container == "map" and dict in map(type, value.values()))


def is_plain_map(field: FieldType) -> bool:
    """Whether a field holds a map of plain values, in which `$ref` may be a key like any other."""
    return field.container == "map" and field.holds in PLAIN_TYPES


def _is_reference_to_file(value: dict[str, Value]) -> bool:
    """Whether a whole example is nothing but a relative reference to another file.

    For the specification it is data. But documents of several files keep their examples so, bundlers and linters follow
    it, and in a slice, which is in another folder, it would lead nowhere.
    """
    target = value.get("$ref") if len(value) == 1 else None
    return type(target) is str and not target.startswith("#") and ":" not in target.partition("/")[0]


def _extension_references(value: Value, path: Path) -> Iterator[Site]:
    """Yield everything that looks like a reference in the value of an `x-` field, also beside a `$ref`."""
    stack: list[tuple[Value, Path]] = [(value, path)]
    while stack:
        value, path = stack.pop()
        if type(value) is dict:
            if type(value.get("$ref")) is str:
                yield Site(EXTENSION.holds, value, path, True, EXTENSION)
            for key in reversed(value):
                child = value[key]
                if type(child) is dict or type(child) is list:
                    stack.append((child, (path, key)))
        elif type(value) is list:
            for index in range(len(value) - 1, -1, -1):
                child = value[index]
                if type(child) is dict or type(child) is list:
                    stack.append((child, (path, index)))


def walk_unknown(model: Model, value: Value) -> Iterator[Site]:
    """Yield every object in a file that is no OpenAPI document, guessing types from fields.

    Such a file holds anything that references can lead to: a schema, a path item, a map of either. A mapping counts as
    an object of every type that has all of its fields; without such a type, as a schema with unknown keywords and as a
    map.
    """
    stack: list[tuple[Value, Path]] = [(value, ())]
    seen: set[tuple[int, str]] = set()
    while stack:
        value, path = stack.pop()
        if type(value) is not dict:
            continue
        names = {name for name in value if not name.startswith("x-")}
        kinds = [kind for kind, each in model.types.items() if names and names <= each.fields.keys()]
        for kind in kinds or ["Schema"]:
            for site in walk(model, kind, value, path):
                key = (id(site.value), site.kind)
                if key not in seen:
                    seen.add(key)
                    yield site
        if not kinds or names == _HOLDERS:
            unknown = names - (model.types["Schema"].fields.keys() - _HOLDERS)
            stack += [(value[name], (path, name)) for name in reversed(value) if name in unknown]


#: Keys of a file that contain only schemas or maps of them.
_HOLDERS = {"definitions"}

Children = list[tuple[FieldType, Value, Path]]


def _members(field: FieldType, value: Value, path: Path) -> Children:
    """Return the members of a list or a map of objects, the last first; among plain values, only mappings."""
    each = _one_of(field)
    if field.holds in PLAIN_TYPES:
        if field.holds == "any" or _is_stray_container(field, value):
            return []
        members: Children = []
        if field.container == "map" and type(value) is dict:
            members = [(each, value[key], (path, key)) for key in reversed(value)]
        elif field.container == "list" and type(value) is list:
            members = [(each, value[index], (path, index)) for index in range(len(value) - 1, -1, -1)]
        return [member for member in members if type(member[1]) is dict]
    # Also for a list instead of a map, or the reverse, which validation reports.
    if type(value) is dict:
        return [(each, value[key], (path, key)) for key in reversed(value)]
    return _items(each, value, path) if type(value) is list else []


def _items(each: FieldType, value: list[Value], path: Path) -> Children:
    return [(each, value[index], (path, index)) for index in range(len(value) - 1, -1, -1)]


def _is_stray_container(field: FieldType, value: Value) -> bool:
    """Whether a mapping with only a `$ref` is in the place of a list or a map of objects."""
    return _is_bare(value) and not is_plain_map(field)


def _is_bare(value: Value) -> bool:
    return type(value) is dict and len(value) == 1 and type(value.get("$ref")) is str


@cache
def _one_of(field: FieldType) -> FieldType:
    return FieldType(field.holds, "one", field.referenceable)


def kind_at(model: Model, kind: str, tokens: Sequence[str]) -> str | None:
    """Return the object type at a place below an object of type `kind`.

    None if the place has no object of the specification: inside data, at a map or a list, at a plain field.
    """
    field = field_at(model, kind, tokens)
    if field is None or field.container != "one" or field.holds in PLAIN_TYPES:
        return None
    return field.holds


def kind_reached(model: Model, field: FieldType, value: Value, tokens: Sequence[str]) -> str | None:
    """Return the object type that a walk over a field's value finds at the tokens below it.

    None if the walk does not get there: `field_at` knows no object, or the place is below a reference. Objects in the
    wrong place, such as a field of a later version, which a walk does enter, do not count here.
    """
    here: object = value
    reached: FieldType | None = field
    for token in tokens:
        if reached is None or reached.holds in PLAIN_TYPES:
            return None
        if reached.container != "one" or (reached.or_list and isinstance(here, list)):
            reached = _one_of(reached)
        elif not isinstance(here, dict):
            return None
        else:
            object_type = model.types[reached.holds]
            if type(here.get("$ref")) is str and "$ref" not in object_type.fields:
                return None
            reached = object_type.fields.get(token)
            if reached is None and not token.startswith("x-"):
                reached = object_type.patterned
        here = resolve(here, (token,))  # type: ignore[arg-type]  # a value, or MISSING, which leads nowhere
    if reached is None or reached.container != "one" or reached.holds in PLAIN_TYPES or here is MISSING:
        return None
    return reached.holds


def field_at(model: Model, kind: str, tokens: Sequence[str]) -> FieldType | None:
    """Return the type at a path below an object of type `kind`; None inside data and at unknown fields."""
    field: FieldType | None = FieldType(kind, "one", False)
    for token in tokens:
        if field is None or field.holds in PLAIN_TYPES:
            return None
        if field.container != "one" or (field.or_list and token.isdecimal()):
            field = _one_of(field)
            continue
        object_type = model.types[field.holds]
        field = object_type.fields.get(token)
        if field is None and not token.startswith("x-"):
            field = object_type.patterned
    return field


#: Changes an object: (its kind, its value after the changes inside, as it was read, its place) -> new value.
ObjectChange: TypeAlias = Callable[[str, Value, Value, Path], Value]
#: Changes a Reference Object: (the kind that it stands for, as it was read, its place) -> new value.
ReferenceChange: TypeAlias = Callable[[str, dict[str, Value], Path], Value]

_Inner: TypeAlias = "tuple[str, str, bool, bool] | None"


class Rewriter:
    """A walk that changes objects, inner before outer. Unchanged values are shared, not copied.

    model: the object model of the values that are read.
    triggers: the kinds of objects to change, each with the fields of which an object must have one; None means every
    object of the kind.
    with_references: Reference Objects are changed too, where the specification allows one.
    booleans: boolean schemas are changed too, as objects of the kind Schema, except in these fields of a Schema; None
    leaves them alone everywhere.
    """

    def __init__(
        self,
        model: Model,
        triggers: Mapping[str, frozenset[str] | None],
        with_references: bool,
        booleans: frozenset[str] | None,
    ) -> None:
        self._triggers = triggers
        self._with_references = with_references
        self._booleans = booleans
        self._is_reference = {kind: "$ref" not in each.fields for kind, each in model.types.items()}
        #: Kind -> field -> its type if a change may be inside, else None; the key "*" is for patterned fields.
        self._inner: dict[str, dict[str, _Inner]] = {
            kind: {
                name: self._entered(model, kind, name, field)
                for name, field in (*object_type.fields.items(), ("*", object_type.patterned))
                if field is not None
            }
            for kind, object_type in model.types.items()
        }

    def _entered(self, model: Model, owner: str, name: str, field: FieldType) -> _Inner:
        if field.holds in PLAIN_TYPES or not self._changes_inside(model, field):
            return None
        may_be_boolean = self._booleans is not None and field.holds == "Schema"
        if owner == "Schema" and field.container == "one" and self._booleans is not None and name in self._booleans:
            may_be_boolean = False
        return field.holds, "either" if field.or_list else field.container, field.referenceable, may_be_boolean

    def _changes_inside(self, model: Model, field: FieldType) -> bool:
        seen: set[str] = set()
        pending = [field]
        while pending:
            each = pending.pop()
            if each.holds in self._triggers or (self._with_references and each.referenceable):
                return True
            if each.holds not in seen and each.holds not in PLAIN_TYPES:
                seen.add(each.holds)
                object_type = model.types[each.holds]
                pending += object_type.fields.values()
                if object_type.patterned is not None:
                    pending.append(object_type.patterned)
        return False

    def rewritten(self, field: FieldType, value: Value, change: ObjectChange, reference: ReferenceChange) -> Value:
        """Return a field's value with its objects changed, the same object if none was."""
        may_be_boolean = self._booleans is not None and field.holds == "Schema"
        inner = (field.holds, field.container, field.referenceable, may_be_boolean)
        if field.container == "one":
            return self._one(inner, value, (), change, reference)
        return self._members(inner, value, (), change, reference)

    def _one(  # noqa: C901
        self,
        inner: tuple[str, str, bool, bool],
        value: Value,
        path: Path,
        change: ObjectChange,
        reference: ReferenceChange,
    ) -> Value:
        """Return one object with its changes.

        One function: it looks at every value of every part.
        """
        kind = inner[0]
        if type(value) is not dict:
            return change(kind, value, value, path) if inner[3] and type(value) is bool else value
        if type(value.get("$ref")) is str and self._is_reference[kind]:
            return reference(kind, value, path) if inner[2] and self._with_references else value
        fields = self._inner[kind]
        made = value
        for key, child in value.items():
            if type(child) is not dict and type(child) is not list and type(child) is not bool:
                continue
            entered = fields.get(key)
            if entered is None:
                if key in fields or "*" not in fields or key.startswith("x-"):
                    continue
                entered = fields["*"]
                if entered is None:
                    continue
            if entered[1] == "one" or (entered[1] == "either" and type(child) is not list):
                new = self._one(entered, child, (path, key), change, reference)
            else:
                new = self._members(entered, child, (path, key), change, reference)
            if new is not child:
                if made is value:
                    made = dict(value)
                made[key] = new
        if kind in self._triggers:
            keys = self._triggers[kind]
            if keys is None or not keys.isdisjoint(value):
                return change(kind, made, value, path)
        return made

    def _members(
        self,
        inner: tuple[str, str, bool, bool],
        value: Value,
        path: Path,
        change: ObjectChange,
        reference: ReferenceChange,
    ) -> Value:
        if inner[1] == "map" and type(value) is dict:
            members: dict[str, Value] = {}
            for key, child in value.items():
                new = self._one(inner, child, (path, key), change, reference)
                if new is not child:
                    members[key] = new
            return {**value, **members} if members else value
        if inner[1] in ("list", "either") and type(value) is list:
            items = [self._one(inner, child, (path, index), change, reference) for index, child in enumerate(value)]
            return items if any(new is not child for new, child in zip(items, value, strict=True)) else value
        return value
