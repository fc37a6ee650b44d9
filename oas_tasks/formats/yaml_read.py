"""Reads YAML 1.2 as OpenAPI uses it: JSON's types, keys as their literal text, nothing silently dropped.

libyaml splits the text into events (`yaml_events`); this module and `yaml_scalars` decide what they mean, by the rules
of YAML 1.2. PyYAML's resolver and constructor, which implement YAML 1.1, are not used.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any, NoReturn

import yaml

from oas_tasks.errors import FormatError, Where
from oas_tasks.formats import yaml_events
from oas_tasks.formats.positions import find
from oas_tasks.formats.text import line_and_column, where
from oas_tasks.formats.value import MAX_ALIASED_NODES, MAX_DEPTH, TOO_DEEP, MergeKey, Value
from oas_tasks.formats.yaml_errors import yaml_fault
from oas_tasks.formats.yaml_events import open_events, yaml_steps
from oas_tasks.formats.yaml_scalars import (
    TAG_PREFIX,
    PlainValues,
    UnfitScalar,
    plain_value,
    tagged_value,
    unknown_tag,
)
from oas_tasks.formats.yaml_tabs import without_tabs
from oas_tasks.processes import collection_held

_BYTE_ORDER_MARK = "\ufeff"
_SURROGATE = re.compile("[\ud800-\udfff]")

_MERGE_KEY = re.compile(r"<<[ \t\r\n]*:")

_AFTER_A_NAME = ("", *" \t\r\n,[]{}")

#: An open container, whether it is a mapping, the key in it whose value is next, and whether its scalars need a second
#: look.
_Frame = tuple[list[Value] | dict[str, Value], bool, str, bool]


def read_yaml(text: str, file: str) -> Value:
    """Return the value of the one document in `text`.

    file: the path to name in errors. Aliases of a mapping or list share one Python object.

    Raises FormatError, with line and column, for what YAML 1.2 does not allow, and for a duplicate key, an
    unknown tag, a key that is a mapping or list, a second document, an alias without its anchor or inside it, aliases
    that make the document explode, nesting deeper than MAX_DEPTH, and numbers out of bounds.
    """
    try:
        with collection_held():
            try:
                return _Composition(text, file).value()
            except yaml.YAMLError:
                mended = without_tabs(text, yaml_events.PARSER)
                if mended is None:
                    raise
                return _Composition(mended, file).value()
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise yaml_fault(error, text, file) from None


class _Composition:
    """One text on its way from events to a value.

    merges: a key may be a `MergeKey`.
    odd: every scalar needs a second look, because of characters in the text or because of the parser.
    anchored: name -> the last node with this anchor, and for a scalar its text, which counts if it is a key.
    spread: the number of nodes that aliases add if each is replaced by its node.
    measures: id of a finished container -> its number of nodes and its depth, with aliases replaced.
    """

    __slots__ = ("anchored", "file", "measures", "mend", "merges", "next_event", "odd", "spread", "text")

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.next_event, self.mend = open_events(text)
        self.merges = _MERGE_KEY.search(text) is not None
        self.odd = self.mend is not None or _BYTE_ORDER_MARK in text or yaml_events.PARSER is yaml.SafeLoader
        self.anchored: dict[str, tuple[Value, str | None]] = {}
        self.spread = 0
        self.measures: dict[int, tuple[int, int]] = {}

    def value(self) -> Value:  # noqa: C901
        """Return the document's value. Raises what `read_yaml` and the parser raise.

        One function: half of the time goes into get_event and the rest into this loop. Hence the locals, the types
        compared by identity, the rarest cases last, and a mapping's key and value in one turn.
        """
        next_event = self.next_event
        scalar, mapping, sequence = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
        mapping_end, sequence_end, alias = yaml.MappingEndEvent, yaml.SequenceEndEvent, yaml.AliasEvent
        plain = PlainValues()
        odd = self.odd or self.merges

        next_event()  # the stream's start
        event = next_event()
        if type(event) is yaml.StreamEndEvent:
            raise FormatError("the file is empty", Where(self.file))
        root: list[Value] = []  # the document is its only item
        stack: list[_Frame] = []
        here: Any = root
        in_mapping = False
        key = ""
        careful = odd
        value: Value
        while True:
            event = next_event()
            kind = type(event)
            if in_mapping:
                if kind is scalar:
                    key = event.value
                    if event.tag is not None or event.anchor is not None or careful:
                        key = self.key(event)
                elif kind is mapping_end:
                    here, in_mapping, key, careful = stack.pop()
                    continue
                else:
                    key = self.key(event)
                if key in here:
                    self.fail_duplicate(event, key, [*stack, (here, True, key, careful)])
                event = next_event()
                kind = type(event)
            if kind is scalar:
                value = event.value
                if event.tag is not None or event.anchor is not None or careful:
                    value = self.scalar(event)
                elif not event.style:
                    try:
                        value = plain[event.value]
                    except UnfitScalar as unfit:
                        self.fail(event, str(unfit))
            elif kind is mapping or kind is sequence:
                value = {} if kind is mapping else []
                if event.tag is not None:
                    self.check_tag(event)
                if event.anchor is not None:
                    self.keep(event, value, None)
                if len(stack) == MAX_DEPTH:
                    self.fail(event, TOO_DEEP)
                if in_mapping:
                    here[key] = value
                else:
                    here.append(value)
                stack.append((here, in_mapping, key, careful))
                here = value
                in_mapping = kind is mapping
                careful = odd or (in_mapping and event.flow_style)
                continue
            elif kind is sequence_end:
                here, in_mapping, key, careful = stack.pop()
                continue
            elif kind is alias:
                value, _ = self.alias(event, [*stack, (here, in_mapping, key, careful)])
            else:  # the document's end
                break
            if in_mapping:
                here[key] = value
            else:
                here.append(value)
        event = next_event()
        if type(event) is not yaml.StreamEndEvent:
            self.fail(event, "a second document begins here, and only one can be read")
        return root[0]

    def key(self, event: Any) -> str:
        """Return the text of a mapping's key."""
        text: str | None = None
        if type(event) is yaml.ScalarEvent:
            self.scalar(event)
            text = self.literal(event)
            if text == "<<" and not event.style and event.tag is None:
                return MergeKey(text)
        elif type(event) is yaml.AliasEvent:
            _, text = self.alias(event, [])
        if text is None:
            self.fail(event, "a mapping's key must be a single value, and this is a mapping or a list")
        return text

    def scalar(self, event: Any) -> Value:
        """Return the value of a scalar, and remember it if it has an anchor."""
        text = self.literal(event)
        value: Value = text
        try:
            if event.tag is not None:
                value = tagged_value(event.tag, text)
            elif not event.style:
                value = plain_value(text)
        except UnfitScalar as unfit:
            self.fail(event, str(unfit))
        if event.anchor is not None:
            self.keep(event, value, text)
        return value

    def literal(self, event: Any) -> str:
        """Return the text of a scalar as it stands in the file."""
        text: str = event.value
        if self.odd and not event.style and _BYTE_ORDER_MARK in text:
            self.fail(event, "a byte order mark (U+FEFF) stands in the middle of the text")
        if self.odd and _SURROGATE.search(text):
            self.fail(event, "this string holds half of a surrogate pair, which is no character")
        if self.text[event.start_mark.index - 1 : event.start_mark.index] == "?":
            # {?a: 1}: the key is 'a' for libyaml, as in YAML 1.1, and '?a' in YAML 1.2
            self.fail(event, "inside [] or {} a text that begins with '?' must be in quotes")
        return text if self.mend is None else text.translate(self.mend)

    def keep(self, event: Any, value: Value, text: str | None) -> None:
        """Remember the node of an anchor, and its text if it is a scalar."""
        self.check_name(event, "&")
        self.anchored[event.anchor] = value, text

    def check_name(self, event: Any, sign: str) -> None:
        """Refuse the name of an anchor or alias that is longer than libyaml takes it to be: `&a:b`."""
        name = sign + event.anchor
        end = self.text.index(name, event.start_mark.index) + len(name)
        if self.text[end : end + 1] not in _AFTER_A_NAME:
            self.fail(event, f"the name of '{name}' can only have letters, digits, '_' and '-', then a blank")

    def check_tag(self, event: Any) -> None:
        """Refuse the tag of a container unless it is that of the core schema, or `!`."""
        name, noun = ("map", "a mapping") if type(event) is yaml.MappingStartEvent else ("seq", "a list")
        if event.tag not in ("!", TAG_PREFIX + name):
            self.fail(event, unknown_tag(event.tag, noun))

    def alias(self, event: Any, stack: list[_Frame]) -> tuple[Value, str | None]:
        """Return the node of an alias, and its text if it is a scalar."""
        name = event.anchor
        self.check_name(event, "*")
        if name not in self.anchored:
            self.fail(
                event,
                f"the alias *{name} has no anchor &{name} in front of it",
                "Text that begins with '*' must be in quotes",
            )
        value, text = self.anchored[name]
        if any(container is value for container, *_ in stack):
            self.fail(event, f"the alias *{name} stands inside the very thing that it is an alias for")
        nodes, depth = self.measure(value)
        self.spread += nodes
        if self.spread > MAX_ALIASED_NODES:
            self.fail(event, f"with its aliases written out the document grows by over {MAX_ALIASED_NODES:,} nodes")
        if len(stack) - 1 + depth > MAX_DEPTH:
            self.fail(event, TOO_DEEP)
        return value, text

    def measure(self, value: Value) -> tuple[int, int]:
        """Return the number of nodes and the depth of a finished value, with aliases replaced.

        Each container is visited once, however many aliases lead to it, and without recursion: the caller may
        be deep in its own.
        """
        pending = [value]
        while pending:
            container = pending[-1]
            if type(container) is dict:
                keys, children = list(container), list(container.values())
            elif type(container) is list:
                keys, children = [], container
            else:
                return self.weight(container), 0
            unknown = [c for c in children if type(c) in (dict, list) and id(c) not in self.measures]
            if unknown:
                pending += unknown
                continue
            pending.pop()
            nodes, depth = 1 + sum(map(self.weight, keys)), 0
            for child in children:
                child_nodes, child_depth = self.measures.get(id(child)) or (self.weight(child), 0)
                nodes += child_nodes
                depth = max(depth, child_depth)
            self.measures[id(container)] = nodes, depth + 1
        return self.measures[id(value)]

    @staticmethod
    def weight(scalar: Value) -> int:
        """Return how many nodes a scalar counts as."""
        return 1 + len(scalar) // 64 if type(scalar) is str else 1

    def fail_duplicate(self, event: Any, key: str, stack: list[_Frame]) -> NoReturn:
        """Refuse a key that its mapping already has, and name both lines."""
        tokens = [key if type(container) is dict else str(len(container) - 1) for container, _, key, _ in stack[1:]]
        first = find(partial(yaml_steps, self.text, self.file), tokens).key
        line, _ = line_and_column(self.text, first)
        shown = key if len(key) <= 80 else key[:80] + "..."
        self.fail(event, f"the key '{shown}' stands in this mapping already, in line {line}")

    def fail(self, event: Any, message: str, hint: str | None = None) -> NoReturn:
        """Raise FormatError at an event's place."""
        raise FormatError(message, where(self.text, event.start_mark.index, self.file), hint)
