"""The parts that a document is cut into, as data: shared ones, and one for each endpoint.

Shared parts are every component, every declared tag, the root's security requirements, and whatever had to be moved
into the components because no slice can point at it where it stands (in another operation, in another file). The rest
of the root, the heading, goes into every slice. `cut.py` makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from oas_tasks.document.edited import Tokens
from oas_tasks.document.place import ENDPOINT_FIELDS, PATHS, SECURITY, TAGS, WEBHOOKS, EndpointKey, Place
from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault
from oas_tasks.openapi.model import FAMILIES, FieldType, model_of
from oas_tasks.openapi.pointer import escape
from oas_tasks.parts.placeholders import Placeholder

if TYPE_CHECKING:
    from oas_tasks.openapi.conversion import Loss
    from oas_tasks.openapi.references import Connections

#: The target of a reference in a slice: the section of a part, and its name there.
Target: TypeAlias = tuple[str, str]
#: In the place of a section: the name is the id of a moved part.
MOVED = ""


#: Places in a value whose content stands elsewhere in the sources: each with its number in order, and where.
Origins: TypeAlias = Mapping[tuple[str, ...], tuple[int, Place]]


class Use(NamedTuple):
    """A use of another part.

    tokens: the place of the reference in the part's value, () where there is no single one.
    is_whole: it is a schema's reference to the whole of another one.
    """

    part_id: str
    tokens: Tokens
    is_whole: bool = False


@dataclass(slots=True, eq=False)
class Part:
    """A piece of a document.

    id: `components/schemas/User`, `tags/3`, `security`, `paths/~1users/get`, `schemas@common.yaml#/User`.
    section: where it stands in a slice: a field of the Components Object, or TAGS, SECURITY, PATHS,
    WEBHOOKS.
    name: its key there; of a moved part the name that it gets unless that is taken.
    moved: it is none of the document's own components.
    place: where it stands in the sources.
    inlined: the places in its value whose content stands elsewhere in the sources, and where; outer before inner.
    digest: the identity of all of it, 16 bytes (xxh3-128).
    needs: the ids of the parts that it refers to, in order of first use.
    placeholders: what a slice has to fill in.
    operation_ids: the ids of the operations inside.
    faults: of its references.
    uses: which places need which parts; only filled where slices are in another version than the document.
    dynamic_anchors: those of its schemas, and where these stand; only filled where slices have no `$dynamicRef`.
    hoisted: it is moved out of a component of the document, into which no slice of its version can point.
    losses: what its content lost, by file, where that is in another version than the document.
    """

    id: str
    section: str
    name: str
    moved: bool
    place: Place
    inlined: tuple[tuple[Tokens, Place], ...]
    _value: Value
    digest: bytes
    needs: tuple[str, ...]
    placeholders: tuple[Placeholder, ...]
    operation_ids: tuple[str, ...]
    faults: tuple[Fault, ...]
    uses: tuple[Use, ...] = ()
    dynamic_anchors: tuple[tuple[str, Place], ...] = ()
    hoisted: bool = False
    losses: tuple[tuple[str, Loss], ...] = ()
    #: The references in its value, of a component that was just cut and in which nothing was inlined.
    connections: Connections | None = None
    #: Reads its value, until that was needed for the first time.
    _read: Callable[[], Value] | None = None
    #: `inlined`, to look places up in.
    _origins: Origins | None = field(default=None, init=False)

    @property
    def value(self) -> Value:
        """Its content, in which references that no slice can have are inlined; read when it is first needed."""
        if self._read is not None:
            self._value = self._read()
            self._read = None
        return self._value

    def source(self, tokens: tuple[str, ...]) -> Place:
        """Return where in the sources a place in the part's value stands."""
        if not self.inlined:
            return self.place[0], self.place[1] + tokens
        if self._origins is None:
            self._origins = origins_of(self.inlined)
        return source_of(self.place, self._origins, tokens)

    def sources(self) -> Iterator[tuple[Tokens, Place]]:
        """Yield the places in its value whose content stands together in the sources, and where.

        Of `paths` and of path items, which endpoints share, these are the places of their members.
        """
        file, start = self.place
        if self.section not in ENDPOINT_FIELDS or not isinstance(self.value, dict):
            yield (), self.place
            yield from self.inlined
            return
        for name, item in self.value.items():
            is_extension = self.section == PATHS and name.startswith("x-")
            below: list[Tokens] = [(name, key) for key in item] if isinstance(item, dict) and not is_extension else []
            yield from ((at, (file, (*start, *map(str, at)))) for at in below or [(name,)])
        yield from ((at, place) for at, place in self.inlined if place != (file, (*start, *map(str, at))))


def origins_of(inlined: Iterable[tuple[Tokens, Place]]) -> Origins:
    """Return the places whose content stands elsewhere, to look up where. inlined: as a part has it."""
    return {tuple(map(str, at)): (number, place) for number, (at, place) in enumerate(inlined)}


def source_of(place: Place, origins: Origins, tokens: tuple[str, ...]) -> Place:
    """Return where in the sources a place in a value stands: of those around it, the one inlined last counts.

    place: where the value stands. origins: where the content of places in it stands.
    """
    lengths = (n for n in range(len(tokens) + 1) if tokens[:n] in origins)
    length = max(lengths, key=lambda n: origins[tokens[:n]][0], default=None)
    if length is None:
        return place[0], place[1] + tokens
    file, start = origins[tokens[:length]][1]
    return file, start + tokens[length:]


class OperationCells(NamedTuple):
    """The cells of the index that follow from an operation itself.

    security_required: whether its own security is neither empty nor optional; None where it has none of its own.
    """

    summary: str
    operation_id: str
    tags: tuple[str, ...]
    response_codes: tuple[str, ...]
    security_required: bool | None
    deprecated: bool


class EndpointPart(NamedTuple):
    """An endpoint's own part.

    path, method: as they stand in the index: the path template or the webhook's name, and the method in capitals
    unless it is one of `additionalOperations`, whose case is kept.
    at: where the operation stands in its path item: ("get",), ("additionalOperations", "COPY").
    cells: its cells of the index.
    parameter_count: its effective parameters; an operation's overrides the path item's of the same name and place.
    part: its section is the root field that the endpoint stands in, PATHS or WEBHOOKS, and its value what that field
    has in the slice: the path item with just this operation, and the `x-` fields of `paths`.
    """

    path: str
    method: str
    at: Tokens
    cells: OperationCells
    parameter_count: int
    part: Part

    @property
    def key(self) -> EndpointKey:
        """The path and method."""
        return self[:2]


class Parts(NamedTuple):
    """A document, cut.

    family: the slices' version, "3.1".
    heading: the root fields that go into every slice; its value is a mapping of them.
    faults: of references in the root, and so of every slice.
    misshapen: the faults of root fields that could not be cut into parts, and that no slice has.
    root_order: the names of all the root fields that a slice may have, in the document's order.
    shared: every part but the endpoints', by id: the document's own in document order, then the moved ones.
    endpoints: in document order.
    root_security: the root's `security`, None where there is none.
    """

    family: str
    heading: Part
    faults: tuple[Fault, ...]
    misshapen: tuple[Fault, ...]
    root_order: tuple[str, ...]
    shared: dict[str, Part]
    endpoints: tuple[EndpointPart, ...]
    root_security: Value

    @property
    def has_crashed(self) -> bool:
        """Whether one of them met an internal error."""
        parts = (self.heading, *self.shared.values(), *(each.part for each in self.endpoints))
        return any(fault.traceback for part in parts for fault in part.faults)


def component_id(kind: str, name: str) -> str:
    """Return the id of the part that holds a component of the document."""
    return f"components/{escape(kind)}/{escape(name)}"


_FIELDS = {
    "": FieldType("OpenAPI", "one", False),
    PATHS: FieldType("Paths", "one", False),
    WEBHOOKS: FieldType("PathItem", "map", False),
    SECURITY: FieldType("SecurityRequirement", "list", False),
    TAGS: FieldType("Tag", "one", False),
}


def field_of(section: str) -> FieldType:
    """Return what a part of a section holds; the heading's section is "".

    A moved part may be in a section that its own version does not have, but that of the slices: `pathItems` of 3.0.
    """
    known = _FIELDS.get(section)
    kinds = model_of(FAMILIES[-1]).component_kinds  # the latest version has all that others have
    return known or FieldType(kinds[section], "one", True)


def losses_identity(losses: Iterable[tuple[str, Loss]]) -> Value:
    """Return the losses of a part, each with its file, to be hashed."""
    return [[file, [*loss.tokens], loss.what, loss.became, loss.kind] for file, loss in losses]


def own_id(field_name: str, tokens: Iterable[str]) -> str:
    """Return the id of an endpoint's own part.

    tokens: where it stands in the root field.
    """
    return "/".join(map(escape, (field_name, *tokens)))


class ValuesOfParts(Mapping[str, Value]):
    """The values of parts by their names, each read when it is needed."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._parts = parts

    def __getitem__(self, name: str) -> Value:
        """Return the value of the part of a name."""
        return self._parts[name].value

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._parts)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._parts)
