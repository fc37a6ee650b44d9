"""Chooses the root `x-` fields of a document that stay out of slices.

These are the ones that settings drop, and, unless settings keep them, those that name endpoints (navigation, groups) or
are larger than the rest of what slices have of the root: every slice would change with each of the others, or be mostly
about something else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from typing import NamedTuple

from oas_tasks.document.place import PATHS, Place
from oas_tasks.document.resolver import Base, Broken, near_of
from oas_tasks.document.root import Entry
from oas_tasks.formats import Value
from oas_tasks.formats.json_write import canonical
from oas_tasks.openapi.pointer import resolve
from oas_tasks.openapi.references import Connection, Via
from oas_tasks.parts.facts import Memory
from oas_tasks.parts.stable_pointers import CUT_FIELDS

#: Extensions of up to this many bytes stay in slices, whatever the size of the rest.
_SMALL = 256

#: Longer texts are not taken for names of endpoints.
_LONGEST_NAME = 256


class Choice(NamedTuple):
    """Which root extensions of a document go into slices.

    dropped: those that do not.
    left_out: of these the ones that no setting names, each with the reason.
    """

    dropped: frozenset[str]
    left_out: Mapping[str, str]


def choose(entry: Entry, drop: Collection[str], keep: Collection[str], memory: Memory) -> Choice:
    """Choose among the root extensions of a document.

    drop, keep: what the settings name; `keep` wins.
    """
    dropped = frozenset(drop) - frozenset(keep)
    extensions = {name: entry.root[name] for name in list(entry.root) if name.startswith("x-") and name not in dropped}
    candidates = {name: frozenset(_texts(value)) for name, value in extensions.items() if name not in keep}
    left_out = dict(_left_out(entry, extensions, candidates, memory)) if candidates else {}
    return Choice(dropped | left_out.keys(), left_out)


def _left_out(
    entry: Entry, extensions: Mapping[str, Value], candidates: Mapping[str, Set[str]], memory: Memory
) -> Iterator[tuple[str, str]]:
    paths, operation_ids, count = _endpoints(entry, memory) if any(candidates.values()) else (set(), set(), 0)
    if count < 2:  # there are no others
        paths, operation_ids = set(), set()
    kept = {name: entry.root[name] for name in list(entry.root) if name not in CUT_FIELDS and not name.startswith("x-")}
    sizes = {name: len(canonical(value)) for name, value in {**kept, **extensions}.items()}
    sizes |= {name: size + len(name) for name, size in sizes.items()}
    for name, said in candidates.items():
        named = next((text for text in sorted(said) if _is_name(text, paths, operation_ids)), None)
        if named is not None:
            yield name, f"it names endpoints such as '{named}'"
        elif sizes[name] > max(_SMALL, sum(sizes.values()) - sizes[name]):
            yield name, "it is larger than all else that slices have of the root"


def _is_name(text: str, paths: Set[str], operation_ids: Set[str]) -> bool:
    """Whether a text in a root extension names one of these endpoints: by its operationId, its path or `GET /users`."""
    return text in operation_ids or _path_in(text) in paths


def _path_in(text: str) -> str:
    """Return the path that a text may be of: `/users`, `GET /users`; one of all paths is no name of an endpoint."""
    first, _, rest = text.partition(" ")
    path = rest if first.isupper() else text
    return path if len(path) > 1 else ""


def _texts(value: Value) -> Iterator[str]:
    """Yield the texts in a value, keys included, that are short enough to be names."""
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            yield from (key for key in value if len(key) <= _LONGEST_NAME)
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, str) and len(value) <= _LONGEST_NAME:
            yield value


def _endpoints(entry: Entry, memory: Memory) -> tuple[set[str], set[str], int]:
    """Return the paths of a document, the operationIds below them, and how many operations there are."""
    paths = entry.root.get(PATHS)
    operation_ids: set[str] = set()
    found: set[str] = set()
    count = 0
    for path in list(paths) if isinstance(paths, dict) else ():
        if not path.startswith("x-"):
            found.add(path)
            names, operations = _names_in(entry, path, memory)
            operation_ids.update(names)
            count += operations
    return found, operation_ids, count


def _names_in(entry: Entry, path: str, memory: Memory) -> tuple[list[str], int]:
    """Return the operationIds below a path, and how many operations there are."""
    known = memory.names(path)
    if known is not None:
        return known
    trace = entry.resolver.sources.trace
    trace.begin()
    item = resolve(entry.root, (PATHS, path))
    value, place = _followed(entry, item, entry.origin((PATHS, path)), "PathItem")  # type: ignore[arg-type]  # it is there
    names: list[str] = []
    methods = [method for method in entry.model.methods if isinstance(value, dict) and method in value]
    for method in methods:
        assert isinstance(value, dict)
        operation, _ = _followed(entry, value[method], (place[0], (*place[1], method)), "Operation")
        operation_id = operation.get("operationId") if isinstance(operation, dict) else None
        if isinstance(operation_id, str):
            names.append(operation_id)
    memory.note_names(path, names, len(methods), trace.end())
    return names, len(methods)


def _followed(entry: Entry, value: Value, place: Place, kind: str) -> tuple[Value, Place]:
    """Return what stands at a place, or where the references lead that stand there."""
    seen = {place}
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        target = str(value["$ref"])
        connection = Connection(Via.STRAY, target, kind, ())
        following = entry.resolver.place(connection, Base(place[0], None, near_of(target, place[1])))
        if isinstance(following, Broken) or following in seen:
            break
        place = entry.resolver.origin(following)
        seen.add(following)
        value = entry.resolver.value(place)  # type: ignore[assignment]  # it was found
    return value, place
