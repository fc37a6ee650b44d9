"""Phase 2: checks the operation: its parameters, path template, operationIds and tags.

Sources: "Path Templating", "Operation Object" and "Path Item Object" (`parameters`), "Parameter Object" (`name`,
`in`), "OpenAPI Object" (`tags`), "Tag Object" (`parent`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault, Phase
from oas_tasks.openapi.model import Model
from oas_tasks.openapi.pointer import MISSING, Pointer, decode, resolve

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


def faults(model: Model, document: dict[str, Value], path: str, operation_ids: Sequence[str]) -> list[Fault]:
    """Return the faults of a slice's operation.

    path: its path template, or its webhook's name.
    operation_ids: its own, and those of the operations inside it.
    """
    found = list(_tag_faults(document))
    root = "paths" if isinstance(document.get("paths"), dict) and path in document["paths"] else "webhooks"  # type: ignore[operator]
    items = document.get(root)
    item = items.get(path) if isinstance(items, dict) else None
    if not isinstance(item, dict):
        return found
    place: Pointer = (root, path)
    for at, operation in _operations(model, item):
        own = [*_parameters(document, item, place), *_parameters(document, operation, (*place, *at))]
        for holder, here in ((item, place), (operation, (*place, *at))):
            found += _duplicates(_parameters(document, holder, here))
        if root == "paths":
            found += _template_faults(model, path, own, (*place, *at))
    repeated = (name for name, count in Counter(operation_ids).items() if count > 1)
    found += (Fault(Phase.OPERATION, f"the operationId '{name}' stands twice", place) for name in repeated)
    return found


def _operations(model: Model, item: dict[str, Value]) -> Iterator[tuple[Pointer, dict[str, Value]]]:
    for name, value in item.items():
        field = model.types["PathItem"].fields.get(name)
        if field is None or field.holds != "Operation" or not isinstance(value, dict):
            continue
        if field.container == "one":
            yield (name,), value
        else:
            for method, operation in value.items():
                if isinstance(operation, dict):
                    yield (name, method), operation


Parameter = tuple[Pointer, str, str]


def _parameters(document: dict[str, Value], holder: dict[str, Value], place: Pointer) -> list[Parameter]:
    """Return the parameters of an operation or a path item: place, name and `in`."""
    found: list[Parameter] = []
    listed = holder.get("parameters")
    for index, parameter in enumerate(listed if isinstance(listed, list) else ()):
        value = _resolved(document, parameter)
        if isinstance(value, dict):
            name, where = str(value.get("name")), str(value.get("in"))
            found.append(((*place, "parameters", str(index)), name, where))
    return found


def _resolved(document: dict[str, Value], value: object) -> object:
    for _ in range(64):  # a chain without an end is reported elsewhere
        target = value.get("$ref") if isinstance(value, dict) else None
        tokens = decode(target[1:]) if isinstance(target, str) and target.startswith("#") else None
        if tokens is None:
            break
        value = resolve(document, tokens)
    return None if value is MISSING else value


def _duplicates(parameters: list[Parameter]) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for place, name, where in parameters:
        # Those of headers, too, are "case sensitive" here ("Parameter Object", `name`), whatever HTTP makes of them.
        if (name, where) in seen:
            yield Fault(Phase.OPERATION, f"the {where} parameter '{name}' stands twice in this list", place)
        seen.add((name, where))


def _template_faults(model: Model, path: str, parameters: list[Parameter], place: Pointer) -> Iterator[Fault]:
    names = _TEMPLATE.findall(path)
    for name, count in Counter(names).items():
        if count > 1 and model.family == "3.2":  # which is the first to say so
            yield Fault(Phase.OPERATION, f"the path has {{{name}}} {count} times", place)
    defined = {name: at for at, name, where in parameters if where == "path"}
    for name in dict.fromkeys(names):
        if name not in defined:
            yield Fault(
                Phase.OPERATION, f"the path has {{{name}}}, and no path parameter of that name is defined", place
            )
    for name, at in defined.items():
        if name not in names:
            yield Fault(Phase.OPERATION, f"the path parameter '{name}' is defined, and the path has no {{{name}}}", at)


def _tag_faults(document: dict[str, Value]) -> Iterator[Fault]:
    tags = document.get("tags")
    names: dict[str, int] = {}
    listed = tags if isinstance(tags, list) else []
    for index, tag in enumerate(listed):
        name = tag.get("name") if isinstance(tag, dict) else None
        if isinstance(name, str):
            if name in names:
                yield Fault(Phase.OPERATION, f"the tag '{name}' is declared twice", ("tags", str(index)))
            names[name] = index
    for index, tag in enumerate(listed):
        parent = tag.get("parent") if isinstance(tag, dict) else None
        if isinstance(parent, str) and parent not in names:
            yield Fault(Phase.OPERATION, f"the tag's parent '{parent}' is not declared", ("tags", str(index), "parent"))
