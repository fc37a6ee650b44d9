"""A slicer for the oracle's own tests: enough for documents in one file in which nothing has to move."""

from __future__ import annotations

from typing import Any

from .compare import INDEXING_EXTENSIONS, Comparison
from .documents import Location
from .model import is_extension


def cut(comparison: Comparison, path: str, method: str) -> dict[str, Any]:
    """The slice of one operation, sharing its values with the source; Links to other operations are left dangling."""
    documents = comparison.source
    source, closure = documents.entry, comparison.closure(path, method)
    slice_: dict[str, Any] = {}
    for key, value in source.items():
        if key == "paths":
            slice_[key] = _paths(comparison, path, method)
        elif key == "components":
            components = {
                section: {name: member for name, member in members.items() if (section, name) in closure.components}
                for section, members in value.items()
                if not is_extension(section)
            }
            if any(components.values()):
                slice_[key] = {section: members for section, members in components.items() if members}
        elif key == "tags":
            if tags := [tag for tag in value if tag["name"] in _with_parents(closure.tags, value)]:
                slice_[key] = tags
        elif key == "security":
            if closure.inherits:
                slice_[key] = value
        elif key not in ("webhooks", "$self") and key not in INDEXING_EXTENSIONS:
            slice_[key] = value
    return slice_


def _paths(comparison: Comparison, path: str, method: str) -> dict[str, Any]:
    documents = comparison.source
    source = documents.entry["paths"]
    extensions = {key: value for key, value in source.items() if is_extension(key)}
    operation = documents.at(documents.operation(path, method))
    item: dict[str, Any] = {}
    for key, place in documents.path_item(Location(documents.base, ("paths", path))).items():
        if key == "additionalOperations":
            if method in documents.at(place.below(key)):
                item[key] = {method: operation}
        elif key not in documents.model.methods:
            item[key] = documents.at(place.below(key))
        elif key.upper() == method.upper():
            item[key] = operation
    return {key: extensions.get(key, item) for key in source if key in extensions or key == path}


def _with_parents(used: set[str], declared: list[dict[str, Any]]) -> set[str]:
    parents = {tag["name"]: tag.get("parent") for tag in declared}
    found = set(used)
    pending = list(used)
    while pending:
        parent = parents.get(pending.pop())
        if parent and parent not in found:
            found.add(parent)
            pending.append(parent)
    return found
