"""Finds the line and column of a value in a file. Called only when something is to be complained of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oas_tasks.errors import FormatError
from oas_tasks.formats.detection import told_format
from oas_tasks.formats.encoding import decode, line_and_column
from oas_tasks.garbage import collection_held

if TYPE_CHECKING:
    from oas_tasks.formats.steps import Place


def locate(content: bytes, file: str, tokens: Sequence[str], key: bool = False) -> tuple[int, int] | None:
    """Return the line and the column, counted from 1, of what a JSON Pointer leads to in a file.

    content: the bytes of the file; its name tells the format, as it does for `read`.
    tokens: the pointer's reference tokens, decoded; an item of a list by its index. Where the last ones lead
        to nothing it is the deepest value on the way that exists. Aliases are gone through.
    key: the place of the key in front of the value instead of the value's.

    Returns None where the text cannot be read so far.
    """
    try:
        text = decode(content, file)
        with collection_held():
            place = _find(text, file, tokens)
    except FormatError:
        return None
    return line_and_column(text, place.key if key else place.value)


def _find(text: str, file: str, tokens: Sequence[str]) -> Place:
    # The readers are loaded only now that something is wrong.
    from functools import partial

    from oas_tasks.formats.json_steps import json_steps
    from oas_tasks.formats.steps import find
    from oas_tasks.formats.yaml_events import yaml_steps

    form, looks_like_json = told_format(file, text)
    if form == "yaml" and looks_like_json:
        try:
            return find(partial(json_steps, text, file), tokens)
        except FormatError:
            pass
    return find(partial(json_steps if form == "json" else yaml_steps, text, file), tokens)
