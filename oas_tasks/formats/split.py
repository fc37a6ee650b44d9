"""Defines spans, the members of a large document as ranges of its bytes, and reads them one by one.

`split_json` and `split_yaml` find them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from oas_tasks.errors import FormatError
from oas_tasks.formats.json_read import read_plain_json
from oas_tasks.formats.value import MAX_DEPTH, Format, Value, is_deeper
from oas_tasks.processes import collection_held

#: Places of mappings whose members become spans, as keys; "*" is any key.
Containers = Collection[tuple[str, ...]]


class Span(NamedTuple):
    """The place of a member in a document's bytes.

    keys: those from the root.
    start, end: offsets in bytes, of the value in JSON and of key and value in YAML.
    form: the document's format.
    """

    keys: tuple[str, ...]
    start: int
    end: int
    form: Format


def is_container(keys: tuple[str, ...], containers: Containers) -> bool:
    """Whether the members of the mapping at this place become spans."""
    return keys in containers or (*keys[:-1], "*") in containers


def read_spans(content: bytes, spans: Iterable[Span]) -> dict[tuple[str, ...], Value] | None:
    """Return the values of spans by their keys.

    The document is never decoded as a whole: a single character outside of Unicode's first plane would make every
    character of the text take 4 bytes.

    Returns None if anything is doubtful, so that the document has to be read as a whole.
    """
    try:
        with collection_held():
            return {span.keys: _value(content, span) for span in spans}
    except (ValueError, FormatError, RecursionError):  # ValueError also for bytes that are not UTF-8
        return None


def _value(content: bytes, span: Span) -> Value:
    text = content[span.start : span.end].decode()
    depth = MAX_DEPTH - len(span.keys)
    if span.form == "json":
        return read_plain_json(text, depth)
    from oas_tasks.formats.yaml_read import read_yaml  # it imports PyYAML, which JSON does not need

    member = read_yaml(text, "")
    if not isinstance(member, dict) or list(member) != [span.keys[-1]]:
        raise ValueError("not one member")
    value = member[span.keys[-1]]
    if is_deeper(value, depth):
        raise ValueError("too deep")
    return value


def nested(values: Mapping[tuple[str, ...], Value]) -> dict[str, Value]:
    """Return the document that consists of these members."""
    root: dict[str, Value] = {}
    for keys, value in values.items():
        within = root
        for key in keys[:-1]:
            within = within.setdefault(key, {})  # type: ignore[assignment]  # only mappings were put there
        within[keys[-1]] = value
    return root
