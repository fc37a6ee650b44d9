"""Splits YAML into events with libyaml (through PyYAML), with the line breaks of YAML 1.2.

libyaml reads the syntax of YAML 1.1, where U+0085, U+2028 and U+2029 end a line; in YAML 1.2 they are
characters like any other (section 5.4). Before libyaml sees a text that holds one, a private character that
the text does not use takes its place, so lines, columns and offsets stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import yaml

from oas_tasks.errors import FormatError, Where
from oas_tasks.formats.positions import Step
from oas_tasks.formats.yaml_errors import yaml_fault
from oas_tasks.formats.yaml_tabs import without_tabs

#: Only its `get_event` is used. Without libyaml it is PyYAML's own parser: 20 times slower, with the same events
#: for what it accepts (not `a:\tb` and `[a?b]`), but it turns "\\ud800" into half of a surrogate pair.
PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_BREAKS_OF_1_1 = "\x85\u2028\u2029"
_PRIVATE_USE = range(0xE000, 0xF900)


def open_events(text: str) -> tuple[Callable[[], Any], dict[int, str] | None]:
    """Return a function that returns the next event of `text`, and how to restore the texts of its scalars.

    The second is None if they need no change, else a table for `str.translate`. The marks of the events are those of
    `text`.

    Raises yaml.YAMLError, as the returned function does, and UnicodeEncodeError for a lone surrogate in `text`.
    """
    if not text.endswith(("\n", "\r")):
        text += "\n"  # for a block at the end, whose last line ends there too (yaml-test-suite JEF9, L24T)
    table: dict[int, str] = {}
    for character in _BREAKS_OF_1_1:
        if character in text:
            stand_in = next(code for code in _PRIVATE_USE if chr(code) not in text)
            text = text.replace(character, chr(stand_in))
            table[stand_in] = character
    return PARSER(text).get_event, table or None


def yaml_steps(text: str, file: str) -> Iterator[Step]:
    """Yield the steps through the first document of `text`. Raises FormatError if it is not YAML."""
    try:
        next_event, table = open_events(without_tabs(text, PARSER) or text)
        while not isinstance(event := next_event(), yaml.DocumentEndEvent):
            offset = event.start_mark.index
            if isinstance(event, yaml.ScalarEvent):
                value = event.value.translate(table) if table else event.value
                yield Step("scalar", offset, value, event.anchor)
            elif isinstance(event, yaml.MappingStartEvent):
                yield Step("mapping", offset, None, event.anchor)
            elif isinstance(event, yaml.SequenceStartEvent):
                yield Step("list", offset, None, event.anchor)
            elif isinstance(event, yaml.AliasEvent):
                yield Step("alias", offset, None, event.anchor)
            elif isinstance(event, yaml.CollectionEndEvent):
                yield Step("end", offset)
            elif isinstance(event, yaml.StreamEndEvent):
                raise FormatError("the file is empty", Where(file))
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise yaml_fault(error, text, file) from None
