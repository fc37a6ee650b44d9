"""Finds out whether a schema describes JSON data or bytes, which depends on where it is used.

A schema without a `type` accepts any JSON data, or, where bytes are sent, any bytes. So the meaning of `type: string`
depends on the place. Only conversion needs to know. It converts one component at a time without seeing the references
to it, so the caller supplies the roles of named schemas (in `Surroundings`; for slices, `slices/fill.py` does).

Sources: 3.1.2 "Working with Binary Data", "Considerations for File Uploads", "Encoding Object" (the defaults of
`contentType`); 3.0.4, the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from oas_tasks.formats import Value
from oas_tasks.openapi.model import FieldType, Model
from oas_tasks.openapi.walk import walk_field

#: data: a value of JSON, or of a format that is read like it.
#: bytes: a body or a part of one, as it is sent.
#: part: a part of a form, or a list of parts that are sent one after another.
#: form: an object whose properties are sent as parts.
RoleKind = Literal["data", "bytes", "part", "form"]

_RANKS: tuple[RoleKind, ...] = ("data", "bytes", "part", "form")


class Role(NamedTuple):
    """The role of a schema at its places: data, bytes, a part of a form, or a whole form.

    media_type: for bytes that are a whole body; "" if it is not known, or not a single one.
    as_data: for a form, the properties that are sent as data according to their encoding.
    is_data: the schema also describes data, at another place.
    """

    kind: RoleKind
    media_type: str = ""
    as_data: frozenset[str] = frozenset()
    is_data: bool = False

    @property
    def is_bytes(self) -> bool:
        """Whether the schema describes bytes at all its places."""
        return self.kind in ("bytes", "part") and not self.is_data

    @property
    def is_both(self) -> bool:
        """Whether the schema describes bytes at one place and data at another."""
        return self.kind in ("bytes", "part") and self.is_data

    def joined(self, other: Role) -> Role:
        """Return the role of a schema that is used in both of these roles."""
        kind = max(self.kind, other.kind, key=_RANKS.index)
        is_data = self.is_data or other.is_data or "data" in (self.kind, other.kind)
        is_data = is_data or (self.kind != other.kind and kind == "form")
        media_type = self.media_type if self.media_type == other.media_type else ""
        return Role(kind, media_type, self.as_data | other.as_data, is_data and kind != "data")

    def below(self, keyword: str, name: str) -> Role:
        """Return the role of a schema inside of one with this role.

        keyword: the one that holds it. name: its key there, where the keyword holds several.
        """
        if keyword == "allOf":
            return self
        if self.kind == "part" and keyword == "items":
            return Role("bytes", is_data=self.is_data)
        if self.kind == "form":
            if keyword in _SAME_FORM:
                return self
            if keyword in _PARTS and name not in self.as_data:
                return Role("part", is_data=self.is_data)
        # Among alternatives, the `type` tells bytes from data.
        return DATA


DATA = Role("data")

#: The keywords whose schemas describe the same form, and those whose schemas describe its parts.
_SAME_FORM = frozenset({"anyOf", "oneOf", "then", "else"})
_PARTS = frozenset({"properties", "patternProperties", "additionalProperties"})

#: Media types whose content is read as data: JSON, XML, YAML and the like, and the forms of HTML.
_OF_DATA = re.compile(
    r"[/+.-](json|jsonl|ndjson|jsonlines|json-seq|xml|ya?ml|cbor|bson|msgpack|x-www-form-urlencoded)\b"
)


def role_under(media_type: str, written: object) -> Role:
    """Return what the schema of a Media Type Object describes.

    media_type: its key. written: the object itself.
    """
    essence = media_type.partition(";")[0].strip().lower()
    if essence.startswith("multipart/"):
        encodings = written.get("encoding") if isinstance(written, dict) else None
        return Role("form", "", frozenset(_as_data(encodings)))
    if not _is_of_bytes(essence):
        return DATA
    return Role("bytes", "" if "*" in essence else media_type)


def _as_data(encodings: object) -> Iterator[str]:
    for name, encoding in encodings.items() if isinstance(encodings, dict) else ():
        content_type = encoding.get("contentType") if isinstance(encoding, dict) else None
        if isinstance(content_type, str) and not all(map(_is_of_bytes, content_type.lower().split(","))):
            yield name


def _is_of_bytes(media_type: str) -> bool:
    """Whether content of a media type, or of a range of them, is certainly not data."""
    essence = media_type.partition(";")[0].strip()
    major, _, minor = essence.partition("/")
    if not minor or major == "*":
        return False
    if major in ("image", "audio", "video", "font"):
        return True
    return minor != "*" and _OF_DATA.search(essence) is None


def role_at(
    model: Model, field: FieldType, value: Value, tokens: tuple[str, ...], own: Role, named: Mapping[str, Role]
) -> Role:
    """Return what the schema at a place below a field's value describes.

    own: the role of the value, where that is a schema. named: those of component schemas, where it is a whole document.
    """
    role, keyword, key = (own if field.holds == "Schema" else DATA), "", ""
    here: object = value
    for name in tokens:
        if field.container != "one":
            if field.holds == "Schema":
                role = role.below(keyword, name) if keyword else named.get(name, DATA)
            field, key = FieldType(field.holds, "one", field.referenceable), name
        else:
            holder = model.types.get(field.holds)
            found = None if holder is None else holder.fields.get(name, holder.patterned)
            if found is None:
                return DATA
            keyword = ""
            if field.holds == "MediaType" and name == "schema":
                role = role_under(key, here)
            elif field.holds == "Schema" and found.holds == "Schema":
                keyword = name
                role = role if found.container != "one" else role.below(name, "")
            else:
                role = DATA
            field = found
        here = here.get(name) if isinstance(here, dict) else _item(here, name)
    return role if field.holds == "Schema" and field.container == "one" else DATA


def _item(value: object, token: str) -> object:
    return value[int(token)] if isinstance(value, list) and token.isdigit() and int(token) < len(value) else None


def has_bytes(model: Model, field: FieldType, value: Value) -> bool:
    """Whether the conversion of a schema in a field's value depends on its role."""
    name = "contentMediaType" if model.schema_ref_is_keyword else "format"
    return any(
        name in site.value and (name != "format" or site.value["format"] == "binary")
        for site in walk_field(model, field, value)
        if site.kind == "Schema"
    )


def settled(
    starts: Iterable[tuple[str, Role]], uses: Callable[[str, Role], Iterable[tuple[str, Role]]]
) -> dict[str, Role]:
    """Return the roles of all named schemas that some uses lead to, directly or through others.

    starts: names, with the roles in which other objects use them.
    uses: returns the schemas that a named schema in a role uses, with their roles.
    """
    known: dict[str, Role] = {}
    pending = list(starts)
    while pending:
        name, role = pending.pop()
        before = known.get(name)
        joined = role if before is None else before.joined(role)
        if joined != before:
            known[name] = joined
            pending += uses(name, joined)
    return known
