"""Reads documents by SEMANTICS.md, section 6: YAML 1.2 with JSON's types, keys as their literal text."""

from __future__ import annotations

import gc
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from .documents import Load, join
from .merging import Merge, merged

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_TABBED = re.compile(r"[ \t]*\t[ \t]*(#.*)?")
_STANDARD = "tag:yaml.org,2002:"
_PLAIN = "!plain"


class _Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """Marks plain scalars, which alone have an implicit type."""


_Loader.add_implicit_resolver(_PLAIN, re.compile(""), None)


def parse(text: str) -> Any:
    """The value of a YAML (or JSON) text; ValueError for duplicate keys and unknown tags."""
    collecting = gc.isenabled()
    gc.disable()  # it would take most of the time
    try:
        # A block scalar at the end of the text has a line break even without one there (yaml-test-suite, JEF9 and
        # L24T).
        node = _composed(text + "\n")
        return None if node is None else _value(node, {})
    finally:
        if collecting:
            gc.enable()


def _composed(text: str) -> yaml.Node | None:
    """The nodes of a text, in which blank lines may have tabs (YAML 1.2.2, [78] l-comment), unlike in libyaml."""
    while True:
        try:
            return yaml.compose(text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            lines = text.split("\n")
            number = error.problem_mark.line if error.problem_mark else 0
            if not _TABBED.fullmatch(lines[number]):
                raise
            text = "\n".join([*lines[:number], "", *lines[number + 1 :]])


def read(path: Path) -> Any:
    """The value of a .json or a YAML file."""
    text = path.read_text(encoding="utf-8")
    return from_json(text) if path.suffix == ".json" else merged(parse(text))


def from_json(text: str) -> Any:
    """The value of a JSON text, with every digit of its numbers."""
    return json.loads(text, parse_float=_number)


def _number(text: str) -> float | Decimal:
    exact = Decimal(text)
    return float(text) if Decimal(repr(float(text))) == exact else exact


def folder(root: Path) -> Load:
    """A `load` for the files below the folder of the entry document; each is read once."""
    files: dict[Path, Any] = {}

    def load(uri: str, base: str) -> Any:
        path = (root / unquote(join(base, uri))).resolve()
        if not path.is_relative_to(root.resolve()):
            raise FileNotFoundError(f"{path} is outside of {root}")
        if path not in files:
            is_text = path.suffix not in ("", ".json", ".yaml", ".yml")
            files[path] = path.read_text(encoding="utf-8") if is_text else read(path)
        return files[path]

    return load


def _value(node: yaml.Node, known: dict[int, Any]) -> Any:
    if id(node) not in known:
        if isinstance(node, yaml.ScalarNode):
            known[id(node)] = _scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            known[id(node)] = [_value(member, known) for member in node.value]
        else:
            mapping: dict[str, Any] = {}
            for key, member in node.value:
                if key.value in mapping:
                    raise ValueError(f"duplicate key {key.value!r}{key.start_mark}")
                name = Merge(key.value) if key.value == "<<" and key.tag == _PLAIN else key.value
                mapping[name] = _value(member, known)
            known[id(node)] = mapping
    return known[id(node)]


def _scalar(node: yaml.ScalarNode) -> Any:
    text: str = node.value
    if node.tag == _STANDARD + "str":
        return text
    if node.tag != _PLAIN and node.tag not in {_STANDARD + kind for kind in ("null", "bool", "int", "float")}:
        raise ValueError(f"unknown tag {node.tag}{node.start_mark}")
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return bool(_TRUE.fullmatch(text))
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        is_word = text.lower().endswith(("inf", "nan"))
        return float(text.replace(".", "")) if is_word else _number(text)  # Python writes .inf and .nan without the dot
    return text
