"""Placeholders: the places in a part's value that differ in slices from the document.

A class for each kind, with the fields that it takes to fill it in (`slices/fill.py`). They are stored with the facts of
a part and checked by msgspec when these are read, so that other fields or tags are another shape of facts (`facts.py`).
`identity` is what fingerprints are made of.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

import msgspec

from oas_tasks.document.edited import Tokens
from oas_tasks.document.place import EndpointKey, Place
from oas_tasks.formats import Value


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


class _Placeholder(msgspec.Struct, frozen=True, array_like=True):
    """A place in a part's value. tokens: from the root of the value."""

    tokens: Tokens

    @property
    def identity(self) -> Value:
        """All that it says, to be hashed."""
        return [[*self.tokens], *self._said()]

    def _said(self) -> list[Value]:
        raise NotImplementedError


class AbsoluteUri(_Placeholder, frozen=True, array_like=True, tag="address"):
    """A reference that is relative to `$self` becomes the URI that it stands for."""

    uri: str

    def _said(self) -> list[Value]:
        return ["address", self.uri, "", []]


class AnchorName(_Placeholder, frozen=True, array_like=True, tag="anchor"):
    """A `$dynamicRef` into another file becomes its plain name alone, `#node`."""

    anchor: str

    def _said(self) -> list[Value]:
        return ["anchor", self.anchor, "", []]


class FixedPointer(_Placeholder, frozen=True, array_like=True, tag="text"):
    """A reference becomes a pointer that is the same in every slice.

    key: the field that it becomes, "" where it stays in its own.
    anchor: the plain name of a `$dynamicRef`, which several schemas of a slice may have.
    """

    pointer: str
    key: str = ""
    anchor: str = ""

    def _said(self) -> list[Value]:
        return ["text", self.pointer, "", [], *([self.key] if self.key else ())]


class PartPointer(_Placeholder, frozen=True, array_like=True, tag="name"):
    """A reference becomes the pointer to a moved part by its name in the slice, or to a tag by its number there.

    inside: the pointer within the part, "" to the whole.
    key, anchor: as `FixedPointer` has them.
    """

    part_id: str
    inside: str = ""
    key: str = ""
    anchor: str = ""

    def _said(self) -> list[Value]:
        return ["name", self.inside, self.part_id, [], *([self.key] if self.key else ())]


class SchemeName(_Placeholder, frozen=True, array_like=True, tag="scheme"):
    """The key of a Security Requirement becomes the name of a security scheme of the document."""

    name: str

    def _said(self) -> list[Value]:
        return ["key", self.name, "", []]


class MovedSchemeName(_Placeholder, frozen=True, array_like=True, tag="moved scheme"):
    """The key of a Security Requirement becomes the name that a moved security scheme has in the slice."""

    part_id: str

    def _said(self) -> list[Value]:
        return ["key", "", self.part_id, []]


class LeftOutIdentifier(_Placeholder, frozen=True, array_like=True, tag="identifier"):
    """An `$id` or anchor of something moved or inlined is removed: no pointer would lead out of an `$id`."""

    def _said(self) -> list[Value]:
        return ["identifier", "", "", []]


class _Link(_Placeholder, frozen=True, array_like=True):
    """A Link. operation: the endpoint that its target is or is part of, None where there is none."""

    operation: EndpointKey | None


class LinkById(_Link, frozen=True, array_like=True, tag="link by id"):
    """A Link's `operationId` stays, becomes an `operationRef` into another slice, or the Link is left out."""

    operation_id: str

    def _said(self) -> list[Value]:
        return ["link", "", "", list(self.operation or ())]


class LinkByReference(_Link, frozen=True, array_like=True, tag="link"):
    """A Link's `operationRef` becomes a pointer in the slice or into another one, or the Link is left out.

    pointer: to the operation, in the document.
    stands: the reference stays as it is where its target is in the slice.
    """

    pointer: str = ""
    stands: bool = True

    def _said(self) -> list[Value]:
        return ["link", self.pointer, "", list(self.operation or ())]


class LinkReference(_Placeholder, frozen=True, array_like=True, tag="link reference"):
    """A reference to a Link component is left out together with that."""

    part_id: str

    def _said(self) -> list[Value]:
        return ["link reference", "", self.part_id, []]


class DiscriminatorMapping(_Placeholder, frozen=True, array_like=True, tag="mapping"):
    """A Discriminator gets a mapping, by which alternates that have other names in a slice keep their values."""

    alternates: tuple[Alternate, ...]

    def _said(self) -> list[Value]:
        said: list[Value] = ["mapping", "", "", []]
        return said + [[each.value, each.part_id, each.name] for each in self.alternates]


class SchemaRole(_Placeholder, frozen=True, array_like=True, tag="role"):
    """The whole value, a schema, describes data or bytes in a slice, which its conversion depends on."""

    part_id: str

    def _said(self) -> list[Value]:
        return ["role", "", self.part_id, []]


#: A reference that becomes a pointer.
AnyPointer: TypeAlias = FixedPointer | PartPointer
#: The target of a Link.
AnyLink: TypeAlias = LinkById | LinkByReference
#: The key of a Security Requirement.
AnySchemeName: TypeAlias = SchemeName | MovedSchemeName

Placeholder: TypeAlias = (
    AbsoluteUri
    | AnchorName
    | AnyPointer
    | AnySchemeName
    | LeftOutIdentifier
    | AnyLink
    | LinkReference
    | DiscriminatorMapping
    | SchemaRole
)


def identities(placeholders: Iterable[Placeholder]) -> Value:
    """Return all that placeholders say, to be hashed."""
    return [each.identity for each in placeholders]


def linked_operations(placeholders: Iterable[Placeholder]) -> set[EndpointKey]:
    """Return the operations that Links lead to."""
    return {each.operation for each in placeholders if isinstance(each, _Link) and each.operation is not None}


def may_be_ambiguous(placeholder: Placeholder, anchors: Iterable[str]) -> bool:
    """Whether a `$dynamicRef` goes by one of some anchors."""
    return isinstance(placeholder, AnyPointer) and placeholder.anchor in anchors
