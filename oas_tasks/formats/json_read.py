"""Reads JSON strictly: refuses text that the standard library accepts although JSON does not allow it.

The library's C scanner reads every good document. If it fails, or its result is doubtful, `json_steps` goes through the
text again: it reports what is wrong and where, or reads the text after all.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from oas_tasks.formats.decimals import number
from oas_tasks.formats.value import MAX_DEPTH, Value, is_deeper
from oas_tasks.processes import collection_held

if TYPE_CHECKING:
    from decimal import Decimal

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(text: str, file: str) -> Value:
    """Return the value of `text`.

    file: the path to name in errors.

    Raises FormatError, with line and column, for what RFC 8259 does not allow, and for a duplicate key, NaN
    and infinity, a number out of bounds, half of a surrogate pair, and nesting deeper than MAX_DEPTH.
    """
    with collection_held():
        try:
            return read_plain_json(text, MAX_DEPTH)
        except ValueError:
            return _careful(text, file)


def read_plain_json(text: str, depth: int) -> Value:
    """Return the value of `text` if nothing about it is doubtful.

    depth: how deep it may nest.

    Raises ValueError where `read_json` has to look closer, or the nesting is deeper.
    """
    try:
        value: Value = _DECODER.decode(text)  # the library also raises ValueError for a number that is too long
    except RecursionError:
        raise ValueError("too deep") from None
    if _is_doubtful(text, value, depth):
        raise ValueError("doubtful")
    return value


def _mapping(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError("duplicate key")
    return mapping


def _float(digits: str) -> float | Decimal:
    found = number(digits)
    if found is None:
        raise ValueError("too large")
    return found


def _refuse(name: str) -> float:
    raise ValueError(name)


_DECODER = json.JSONDecoder(object_pairs_hook=_mapping, parse_float=_float, parse_constant=_refuse)


def _is_doubtful(text: str, value: Value, depth: int) -> bool:
    """Return whether a value nests too deep or holds half of a surrogate pair, or raise ValueError."""
    # A value is at most as deep as it has brackets, and counting these takes no time.
    if text.count("{") + text.count("[") > depth and is_deeper(value, depth):
        return True
    if not text.isascii():
        text.encode()  # a UnicodeEncodeError is a ValueError
    if _SURROGATE_ESCAPE.search(text):
        json.dumps(value, ensure_ascii=False, default=str).encode()
    return False


def _careful(text: str, file: str) -> Value:
    """Return the value of `text` without recursion. Raises FormatError."""
    from oas_tasks.formats.json_steps import json_steps  # good JSON does not need it

    root: list[Value] = []
    open_containers: list[list[Value] | dict[str, Value]] = [root]
    key: Value = None
    for step in json_steps(text, file):
        if step.kind == "end":
            open_containers.pop()
            continue
        here = open_containers[-1]
        if type(here) is dict and key is None:
            key = step.value
            continue
        value: Value = {} if step.kind == "mapping" else [] if step.kind == "list" else step.value
        if type(here) is dict:
            here[str(key)] = value
            key = None
        elif type(here) is list:
            here.append(value)
        if type(value) is dict or type(value) is list:
            open_containers.append(value)
    return root[0]
