"""Edits large documents as texts: fast for 182 MB, and the same for JSON and block-style YAML.

An edit takes the document's file and a number that goes into the text. The number goes up each time, so that two equal
repositories stay equal. It raises `Absent` if the document has no place for the edit.

Entries are found by their indentation: JSON has to be indented, with at least one line per entry (see `indented`).
"""

from __future__ import annotations

import itertools
import json
import re
from bisect import bisect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

#: A description up to the beginning of its text. Properties that are called "description" are maps and do not match.
_DESCRIPTION = re.compile(rb"""^[ -]*"?description"?: +(?:[>|][-+0-9]* *\n+ +|["']|(?=[A-Za-z0-9]))""", re.M)
_DISCRIMINATOR = re.compile(rb'^ *"?discriminator"?: *[{\n]', re.M)

Edit = Callable[[Path, int], None]


class Absent(Exception):  # noqa: N818  it is no error
    """The document has no place for an edit; the message says which."""


class Text:
    """The text of a document, with the places of the entries of its maps."""

    def __init__(self, file: Path) -> None:
        self.content = file.read_bytes()
        self.is_json = self.content[:1] == b"{"

    def entries(self, *keys: str) -> tuple[list[int], int, int]:
        """Return the beginning of each entry of a map, the end of the last one, and their indentation."""
        start, end = (self.content.index(b"\n") + 1 if self.is_json else 0), len(self.content)
        indent = self._indent(start)
        for key in keys:
            pattern = rb"^ {%d}[\"']?%s[\"']?:.*\n" % (indent, re.escape(key.encode()))
            found = re.compile(pattern, re.M).search(self.content, start, end)
            if found is None:
                raise Absent(f"there is no '{'/'.join(keys)}'")
            # In YAML the items of a list may have the indentation of their key.
            closing = re.compile(rb"^ {0,%d}%s" % (indent, rb"\S" if self.is_json else rb"[^\s#-]"), re.M)
            after = closing.search(self.content, found.end(), end)
            start, end = found.end(), after.start() if after else end
            indent = self._indent(start)
        begin = re.compile(rb"^ {%d}[^\s#}]" % indent, re.M)
        return [each.start() for each in begin.finditer(self.content, start, end)], end, indent

    def _indent(self, start: int) -> int:
        line = re.compile(rb"^( *)[^\s#]", re.M).search(self.content, start)
        if line is None:
            raise Absent("there is nothing in it")
        return len(line[1])

    def describe(self, start: int, end: int, number: int) -> bytes:
        """Return the text with words in front of the first description between two places."""
        found = _DESCRIPTION.search(self.content, start, end)
        if found is None:
            raise Absent("nothing there has a description")
        return b"%sEdit %d. %s" % (self.content[: found.end()], number, self.content[found.end() :])

    def with_entry(self, keys: tuple[str, ...], name: str, value: Any) -> bytes:
        """Return the text with one more entry after the first one of a map."""
        starts, _, indent = self.entries(*keys)
        at = starts[1 % len(starts)]
        if self.is_json:
            entry = f"{json.dumps(name)}: {json.dumps(value, indent=2)},\n"
        else:
            entry = yaml.dump({name: value}, Dumper=yaml.CSafeDumper, sort_keys=False)
        lines = "".join(f"{' ' * indent}{line}" for line in entry.splitlines(keepends=True))
        return self.content[:at] + lines.encode() + self.content[at:]

    def without_entry(self, keys: tuple[str, ...], name: str) -> bytes:
        """Return the text without an entry that is not the last one of its map."""
        starts, _, _ = self.entries(*keys)
        for start, following in itertools.pairwise(starts):
            if self.content[start:following].lstrip(b" \"'").startswith(name.encode()):
                return self.content[:start] + self.content[following:]
        raise Absent(f"there is no '{name}'")


SCHEMAS = ("components", "schemas")


def description(file: Path, number: int) -> None:
    """Change the first description among the schemas; in a document of many files, in the first file of schemas."""
    text = Text(file)
    starts, end, _ = text.entries(*SCHEMAS)
    file.write_bytes(text.describe(starts[0], end, number))


def description_in_a_file(file: Path, number: int) -> None:
    """Change the first description of the first file of a schema, by name."""
    for each in sorted(file.parent.glob("**/models/*.yml")):
        text = Text(each)
        if _DESCRIPTION.search(text.content):
            each.write_bytes(text.describe(0, len(text.content), number))
            return
    raise Absent("there are no files of schemas")


def discriminator(file: Path, number: int) -> None:
    """Change the first description of the first schema that has a discriminator and descriptions."""
    text = Text(file)
    starts, end, _ = text.entries(*SCHEMAS)
    for found in _DISCRIMINATOR.finditer(text.content, starts[0], end):
        at = bisect(starts, found.start())
        begin, following = starts[at - 1], starts[at] if at < len(starts) else end
        if _DESCRIPTION.search(text.content, begin, following):
            file.write_bytes(text.describe(begin, following, number))
            return
    raise Absent("no schema has a discriminator and a description")


def tag(file: Path, number: int) -> None:
    """Change the description of the first tag that has one."""
    text = Text(file)
    starts, end, _ = text.entries("tags")
    file.write_bytes(text.describe(starts[0], end, number))


def move_path(file: Path, number: int) -> None:
    """Move the first path to the end."""
    text = Text(file)
    starts, end, _ = text.entries("paths")
    if len(starts) < 2:
        raise Absent("there is one path only")
    content = text.content
    first, others = content[starts[0] : starts[1]].rstrip(), content[starts[1] : end].rstrip()
    if text.is_json:
        first, others = first.rstrip(b","), others + b","
    file.write_bytes(b"%s%s\n%s\n%s" % (content[: starts[0]], others, first, content[end:]))


def add_component(file: Path, number: int) -> None:
    """Add a schema that nothing refers to."""
    file.write_bytes(Text(file).with_entry(SCHEMAS, "Unused", {"type": "object", "description": f"Edit {number}."}))


def remove_component(file: Path, number: int) -> None:
    """Remove the schema that `add_component` added."""
    file.write_bytes(Text(file).without_entry(SCHEMAS, "Unused"))


def add_endpoint(file: Path, number: int) -> None:
    """Add an endpoint, and a schema that it needs."""
    name = f"Added{number}"
    file.write_bytes(Text(file).with_entry(SCHEMAS, name, {"type": "object", "description": f"Edit {number}."}))
    schema = {"$ref": f"#/components/schemas/{name}"}
    response = {"description": "Added.", "content": {"application/json": {"schema": schema}}}
    operation = {"responses": {"200": response}}
    file.write_bytes(Text(file).with_entry(("paths",), f"/added{number}", {"get": operation}))


def indent(file: Path, number: int) -> None:
    """Double the indentation of the whole document, or halve it if that was done before. JSON only."""
    text = Text(file)
    if not text.is_json:
        raise Absent("it is YAML")
    is_far = text.entries()[2] > 2
    spaces = re.compile(rb"^ +", re.M)
    file.write_bytes(spaces.sub(lambda each: each[0][: len(each[0]) // 2] if is_far else each[0] * 2, text.content))


def indented(file: Path) -> None:
    """Write JSON that is on one line with one line per entry, as the edits need it; leave other files alone."""
    if file.suffix == ".json" and file.read_bytes()[:3] not in (b"{\n ", b"{\r\n"):
        value = json.loads(file.read_bytes())
        file.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
