"""Describes the members of a large document as spans of its bytes, and reads them one by one.

`split_json` and `split_yaml` find them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from oas_tasks.errors import FormatError
from oas_tasks.formats.json_read import read_plain_json
from oas_tasks.formats.value import MAX_DEPTH, Format, Value, is_deeper
from oas_tasks.processes import collection_held

#: Places of mappings whose members are cut one by one, as keys; "*" is any key.
Containers = Collection[tuple[str, ...]]


class Span(NamedTuple):
    """The place of a member in a document's bytes.

    keys: from the root.
    start, end: in bytes: of its value in JSON, of its value and its key in YAML.
    form: the document's.
    """

    keys: tuple[str, ...]
    start: int
    end: int
    form: Format


def is_container(keys: tuple[str, ...], containers: Containers) -> bool:
    """Whether the members of a mapping at this place are cut one by one."""
    return keys in containers or (*keys[:-1], "*") in containers


def read_spans(content: bytes, spans: Iterable[Span]) -> dict[tuple[str, ...], Value] | None:
    """Return the values of spans by their keys.

    The document is never held as one text, in which a single letter outside of Unicode's first plane would make every
    letter take 4 bytes.

    Returns None where anything is doubtful, so that it has to be read whole.
    """
    try:
        with collection_held():
            return {span.keys: _value(content, span) for span in spans}
    except (ValueError, FormatError, RecursionError):  # the first also of bytes that are no UTF-8
        return None


def _value(content: bytes, span: Span) -> Value:
    text = content[span.start : span.end].decode()
    depth = MAX_DEPTH - len(span.keys)
    if span.form == "json":
        return read_plain_json(text, depth)
    from oas_tasks.formats.yaml_read import read_yaml  # with PyYAML, which JSON can do without

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
            within = within.setdefault(key, {})  # type: ignore[assignment]  # nothing but mappings was put there
        within[keys[-1]] = value
    return root
