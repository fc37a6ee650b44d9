"""The parts that a document is cut into, as data: what slices share, and what is an endpoint's own.

Shared parts are every component, every declared tag, the root's security requirements, and what had to be moved into
components because no slice can point at it where it stands (another operation, another file). What remains of the root,
the heading, goes into every slice. `cut.py` makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from oas_tasks.document.edited import Tokens
from oas_tasks.document.place import ENDPOINT_FIELDS, PATHS, SECURITY, TAGS, WEBHOOKS, Place
from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault
from oas_tasks.openapi.model import FAMILIES, FieldType, model_of
from oas_tasks.openapi.pointer import escape

if TYPE_CHECKING:
    from oas_tasks.openapi.conversion import Loss
    from oas_tasks.openapi.references import Connections

T = TypeVar("T")


#: What is pointed at: the section of a part, and its name there.
Target: TypeAlias = tuple[str, str]
#: In the place of a section: what is meant is a moved part, by its id.
MOVED = ""


class HoleKind(Enum):
    """What fills a hole."""

    ADDRESS = "address"  # the URI that a reference relative to `$self` stands for
    ANCHOR = "anchor"  # the plain name alone of a `$dynamicRef` into another file
    TEXT = "text"  # a text that is the same in every slice
    NAME = "name"  # the pointer to a moved part, by the name that it has in the slice, or to a tag, by its number there
    KEY = "key"  # a mapping's key becomes the name that a moved part has in the slice
    IDENTIFIER = (
        "identifier"  # an `$id`, in which no pointer would lead out, or an anchor, of what is moved or in place
    )
    LINK = "link"  # a Link's target: an operation that may be in the slice or not
    LINK_REFERENCE = "link reference"  # a reference to a Link component, which may have to go
    MAPPING = "mapping"  # a discriminator, of which schemas that have other names in a slice keep their values
    ROLE = "role"  # no place: what a schema describes in a slice, data or bytes, by which its conversion goes


class Alternate(NamedTuple):
    """A schema that a discriminator chooses by its name, where no mapping says by which value.

    value: the name that it has in the document.
    part_id: the part that it is moved into, "" where it is a component of the document.
    name: its name there.
    place: where it stands in the sources.
    """

    value: str
    part_id: str
    name: str
    place: Place


class Hole(NamedTuple):
    """A place in a part's value that does not read in a slice as it does in the document.

    tokens: the place in the part's value.
    text: of TEXT, ANCHOR and ADDRESS; of a LINK by reference the pointer to the operation; of a NAME what of the
    pointer leads into the moved part, "" where it leads to the whole.
    target: the id of the part that NAME, KEY and LINK_REFERENCE lead to, and of the one that a ROLE is that of.
    operation: path and method of the endpoint that a LINK's target is or is part of, None where there is none.
    operation_id: the id by which a LINK names it, "" where it does so by reference.
    stands: a LINK reads as it does in the document where its target is in the slice.
    key: what the place is called in a slice, "" where it keeps its name.
    anchor: of a `$dynamicRef` that goes by a plain name, which may be that of several schemas in a slice.
    alternates: of a MAPPING.
    """

    tokens: Tokens
    kind: HoleKind
    text: str = ""
    target: str = ""
    operation: tuple[str, str] | None = None
    operation_id: str = ""
    stands: bool = True
    key: str = ""
    anchor: str = ""
    alternates: tuple[Alternate, ...] = ()

    @property
    def identity(self) -> Value:
        """All that it says, to be hashed."""
        said: list[Value] = [[*self.tokens], self.kind.value, self.text, self.target, list(self.operation or ())]
        if self.key:
            said.append(self.key)
        said += [[each.value, each.part_id, each.name] for each in self.alternates]
        return said


class Use(NamedTuple):
    """One thing in a part that needs another part.

    tokens: the place in the part's value of what points there, () where it is no single place.
    is_whole: it is the reference of a schema to the whole of another one.
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
    name: its key there; of a moved part the name that it would like.
    moved: it is in no entry of the document's own components.
    place: where it stands in the sources.
    inlined: the places in its value whose content stands elsewhere in the sources, and where; outer before inner.
    digest: the identity of all of it, 16 bytes (xxh3-128).
    needs: the ids of the parts that it points at, in order of first use.
    holes: what a slice has to fill in.
    operation_ids: the ids of the operations inside.
    faults: what is wrong with its own pointing.
    uses: by what it needs which parts; none where slices are in the document's own version, where nobody asks.
    dynamic_anchors: those that its schemas define, and where these stand; none where slices can say `$dynamicRef`.
    hoisted: it is moved out of one of the document's own components, in which no slice of its version can point at it.
    losses: what its content lost where it was kept, by file: in files that are of another version than the document.
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
    holes: tuple[Hole, ...]
    operation_ids: tuple[str, ...]
    faults: tuple[Fault, ...]
    uses: tuple[Use, ...] = ()
    dynamic_anchors: tuple[tuple[str, Place], ...] = ()
    hoisted: bool = False
    losses: tuple[tuple[str, Loss], ...] = ()
    #: What its value points at, of a component that was just cut and in which nothing was put in place.
    connections: Connections | None = None
    #: Reads its value, where that was not needed so far.
    _read: Callable[[], Value] | None = None

    @property
    def value(self) -> Value:
        """Its content, with references that no slice can have resolved in place; read when it is first needed."""
        if self._read is not None:
            self._value = self._read()
            self._read = None
        return self._value

    def source(self, tokens: tuple[str, ...]) -> Place:
        """Return where in the sources a place in the part's value stands."""
        return source_of(self.place, self.inlined, tokens)

    def sources(self) -> Iterator[tuple[Tokens, Place]]:
        """Yield the places in its value whose content stands together in the sources, and where.

        Of what endpoints share, `paths` and path items, those are the places of what the part has of it.
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


def source_of(place: Place, inlined: Iterable[tuple[Tokens, Place]], tokens: tuple[str, ...]) -> Place:
    """Return where in the sources a place in a value stands.

    place: where the value stands. inlined: as a part has it.
    """
    file, start = place
    found = (file, start + tokens)
    for at, (file, start) in inlined:
        if tuple(map(str, at)) == tokens[: len(at)]:
            found = (file, start + tokens[len(at) :])
    return found


class OperationCells(NamedTuple):
    """What the index says of an operation for what stands in it.

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
    cells: what the index says of it.
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


class Parts(NamedTuple):
    """A document, cut.

    family: the slices' version, "3.1".
    heading: the root fields that go into every slice; its value is a mapping of them.
    faults: what is wrong with the pointing of the whole document, and so of every slice.
    misshapen: what is wrong with root fields that no slice has since they could not be cut into parts.
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
        """Whether this tool went wrong over one of them."""
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


def identities(holes: Sequence[Hole]) -> Value:
    """Return all that holes say."""
    return [hole.identity for hole in holes]


def losses_identity(losses: Iterable[tuple[str, Loss]]) -> Value:
    """Return all that the losses of a part say, each with the file that it stands in."""
    return [[file, [*loss.tokens], loss.what, loss.became, loss.kind] for file, loss in losses]


def own_id(field_name: str, tokens: Iterable[str]) -> str:
    """Return the id of the part that an endpoint has of its own.

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
