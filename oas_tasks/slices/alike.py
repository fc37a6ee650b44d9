"""Compares a slice on disk with the one that would be written, leaving out the volatile places of the root."""

from __future__ import annotations

import re
from typing import NamedTuple

from oas_tasks import formats
from oas_tasks.document.document import family_of
from oas_tasks.document.place import ENDPOINT_FIELDS
from oas_tasks.errors import FormatError
from oas_tasks.formats import Format, Value
from oas_tasks.openapi.model import FAMILIES, model_of
from oas_tasks.openapi.validation import structure
from oas_tasks.plan.volatile import Volatile
from oas_tasks.slices.render import LAYOUTS, Layout

#: The root fields other than the components, which are most of a slice; the latest version has those of all.
_NAMES = sorted(model_of(FAMILIES[-1]).types["OpenAPI"].fields.keys() - {"components"})
_COMPONENTS: dict[Format, bytes] = {"yaml": b"\ncomponents:\n", "json": b',\n  "components": {\n'}
_BEHIND: dict[Format, tuple[bytes, ...]] = {
    "yaml": (*(f"\n{name}:".encode() for name in _NAMES), b"\nx-", b'\n"x-'),
    "json": (*(f',\n  "{name}":'.encode() for name in _NAMES), b',\n  "x-', b"\n}\n"),
}


class _Field(NamedTuple):
    """A root field of a slice: its name and its text."""

    name: str
    text: bytes


def are_alike(content: bytes, found: bytes, form: Format, volatile: Volatile) -> bool:
    """Whether a slice on disk differs from the one that was made in volatile places only.

    The volatile places also have to be written as this tool writes them.
    """
    if _differ_elsewhere(content, found, form, volatile):
        return False
    layout = LAYOUTS[form]
    made, other = _without_components(content, form), _without_components(found, form)
    if made.components != other.components:
        return False
    ours, theirs = _fields(made.others, layout, form), _fields(other.others, layout, form)
    if ours is None or theirs is None or _joined(theirs, layout) != other.others:
        return False
    known = {field.name: field for field in ours}
    left, right = _kept(ours, layout, form, volatile), _kept(theirs, layout, form, volatile)
    return (
        left is not None
        and left == right
        and (_is_sound(theirs, layout, form) or not _is_sound(ours, layout, form))
        and all(_is_as_written(field, layout, form) for field in theirs if field != known.get(field.name))
    )


def neutral(content: bytes, form: Format, volatile: Volatile) -> bytes:
    """Return a slice without its volatile places: the same bytes for slices that differ in nothing else."""
    layout, split = LAYOUTS[form], _without_components(content, form)
    fields = _fields(split.others, layout, form) if volatile else None
    kept = None if fields is None else _kept(fields, layout, form, volatile)
    return content if kept is None else _joined(kept, layout) + split.components


#: Where a root field begins, or the text ends.
_BEGINNING: dict[Format, re.Pattern[bytes]] = {
    "yaml": re.compile(rb"\n(?=[^ \n])"),
    "json": re.compile(rb'\n(?=  "|\})'),
}


def _differ_elsewhere(content: bytes, found: bytes, form: Format, volatile: Volatile) -> bool:
    """Whether two slices surely differ outside of the one root field that has volatile places.

    A cheap test, since most slices are large and differ in their operation or components. False means unknown.
    """
    names = volatile.names
    if len(names) != 1 or names[0].endswith("*"):
        return False
    mark = f"\n{names[0]}:" if form == "yaml" else f'\n  "{names[0]}":'
    start = content.find(mark.encode()) + 1
    end = _BEGINNING[form].search(content, start) if start else None
    return end is not None and not (found.startswith(content[:start]) and found.endswith(content[end.start() :]))


class _Split(NamedTuple):
    """The text of a slice without its components, and these."""

    others: bytes
    components: bytes


def _without_components(content: bytes, form: Format) -> _Split:
    start = content.find(_COMPONENTS[form])
    if start < 0:
        return _Split(content, b"")
    behind = start + len(_COMPONENTS[form]) - 1
    ends = [end for mark in _BEHIND[form] if (end := content.find(mark, behind)) >= 0]
    end = min(ends, default=len(content) - 1)  # a line break ends the last line
    return _Split(content[:start] + content[end:], content[start:end])


def _fields(content: bytes, layout: Layout, form: Format) -> list[_Field] | None:
    """Return the root fields of a slice, in order; None where the text is not one that this tool writes."""
    spans = formats.cut(content, f"slice.{form}", ())
    if spans is not None:
        texts = ((span.keys[0], content[span.start : span.end]) for span in spans)
        return [_Field(name, text if form == "yaml" else _key(name, layout) + text) for name, text in texts]
    try:
        root = formats.read(content, f"slice.{form}")
        return (
            [_Field(name, layout.rendered(name, value, 0)) for name, value in root.items()]
            if isinstance(root, dict)
            else None
        )
    except FormatError:
        return None


def _key(name: str, layout: Layout) -> bytes:
    """Return what stands in front of the value of a root field in JSON."""
    return layout.rendered(name, 0, 0).removesuffix(b"0")


def _joined(fields: list[_Field], layout: Layout) -> bytes:
    return layout.first + layout.separator.join(field.text for field in fields) + layout.last


def _read(field: _Field, layout: Layout, form: Format) -> dict[str, Value] | None:
    try:
        value = formats.read(_joined([field], layout), f"slice.{form}")
    except FormatError:
        return None
    return value if isinstance(value, dict) and list(value) == [field.name] else None


def _kept(fields: list[_Field], layout: Layout, form: Format, volatile: Volatile) -> list[_Field] | None:
    """Return root fields without their volatile places; None where one of them cannot be read."""
    found: list[_Field] = []
    for field in fields:
        if not volatile.is_all_of(field.name):
            left = _neutral(field, layout, form, volatile)
            if left is None:
                return None
            found.append(left)
    return found


def _neutral(field: _Field, layout: Layout, form: Format, volatile: Volatile) -> _Field | None:
    """Return a root field without its volatile places; None where it cannot be read."""
    if not volatile.is_in(field.name):
        return field
    value = _read(field, layout, form)
    if value is None:
        return None
    left = volatile.field_without(field.name, value[field.name])
    return _Field(field.name, layout.rendered(field.name, left, 0))


def _is_sound(fields: list[_Field], layout: Layout, form: Format) -> bool:
    """Whether the root of a slice has the structure of its version."""
    try:
        others = [field for field in fields if field.name not in ENDPOINT_FIELDS]  # validated with the endpoint
        root = formats.read(_joined(others, layout), f"slice.{form}")
    except FormatError:
        return False
    family = family_of(root.get("openapi")) if isinstance(root, dict) else None
    return isinstance(root, dict) and family is not None and not structure.root_faults(family, root)


def _is_as_written(field: _Field, layout: Layout, form: Format) -> bool:
    value = _read(field, layout, form)
    return value is not None and layout.rendered(field.name, value[field.name], 0) == field.text
