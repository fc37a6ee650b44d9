"""Imports go one way, through the rooms in the order of `LAYERS`, without circles, and a name means one thing.

Read from the source, so that imports inside of functions and those for type checkers count as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import oas_tasks

PACKAGE = Path(oas_tasks.__file__).parent

#: The layers, each of which may use itself and those before it.
LAYERS = (
    "printable",
    "amounts",
    "columns",
    "regular_files",
    "file_stamp",
    "errors",
    "processes",
    "settings",
    "formats",
    "openapi",
    "document",
    "parts",
    "plan",
    "slices",
    "state",
    "pages",
    "tasks",
    "queries",
    "api",
    "commands",
    "cli",
    "__main__",
)
#: Layers that a layer may not use although they are before it: formats and openapi take no settings.
FOREIGN = {"formats": {"settings"}, "openapi": {"settings"}}
#: The only layers that may use a library.
LIBRARIES = {
    "doit": {"tasks"},
    "yaml": {"formats"},
    "jsonschema_rs": {"openapi"},
    "openapi_spec_validator": {"openapi"},
    "tomllib": {"settings"},
    "click": {"commands", "cli"},
    "rich": {"tasks"},
    "curses": set(),
}


@cache
def modules() -> Mapping[str, ast.Module]:
    """Return the syntax of every module by its dotted name."""
    found: dict[str, ast.Module] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(file.read_text(encoding="utf-8"))
    return found


def imports(module: str, walked: ast.AST) -> Iterator[str]:
    """Yield the dotted names that a piece of code imports: the module itself, or the one that the name comes from."""
    for node in ast.walk(walked):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import in line {node.lineno}"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                # The version is plain text in a package that imports nothing by itself.
                if inner != "oas_tasks.__version__":
                    yield inner if inner in modules() else str(node.module)


def types_defined(module: ast.Module) -> Iterator[str]:
    """Yield the public classes and type aliases of a module: names in CamelCase, without type variables."""
    for node in module.body:
        match node:
            case ast.ClassDef(name=name):
                pass
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if name.isupper() or (isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "TypeVar"):
                    continue
            case _ if type(node).__name__ == "TypeAlias":  # from Python 3.12 on
                name = ast.unparse(node.name)  # type: ignore[attr-defined]
            case _:
                continue
        if name[0].isupper():
            yield name


def layer(module: str) -> str | None:
    """Return the layer of a module of this project, None for the package itself and for libraries."""
    top, _, rest = module.partition(".")
    return rest.partition(".")[0] or None if top == "oas_tasks" else None


@pytest.mark.parametrize("module", [name for name in modules() if layer(name)])
def test_a_module_uses_its_own_layer_and_those_below(module: str) -> None:
    own = layer(module)
    assert own in LAYERS
    allowed = set(LAYERS[: LAYERS.index(own) + 1]) - FOREIGN.get(own, set())
    used = {name for name in imports(module, modules()[module]) if name.split(".")[0] == "oas_tasks"}
    assert [name for name in sorted(used) if layer(name) not in allowed] == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_used_in_its_one_layer(library: str) -> None:
    users = {
        name
        for name, module in modules().items()
        if any(each.split(".")[0] == library for each in imports(name, module))
    }
    assert [name for name in sorted(users) if layer(name) not in LIBRARIES[library]] == []


def test_no_import_comes_round_to_where_it_began() -> None:
    uses = {name: {each for each in imports(name, module) if each in modules()} for name, module in modules().items()}
    while uses:
        done = {name for name, used in uses.items() if not used - {name} & uses.keys()}
        assert done, f"imports go round among {sorted(uses)}"
        uses = {name: used - done for name, used in uses.items() if name not in done}


def test_no_type_is_defined_twice() -> None:
    places: dict[str, list[str]] = {}
    for name, module in modules().items():
        for defined in types_defined(module):
            places.setdefault(defined, []).append(name)
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert twice == {}


def test_no_two_modules_have_the_same_name() -> None:
    """A query and the command that prints its answer may, and a room and the first of its modules."""
    places: dict[str, list[str]] = {}
    for file in PACKAGE.rglob("*.py"):
        places.setdefault(file.stem, []).append(file.relative_to(PACKAGE).parts[0])
    del places["__init__"]
    twice = {name: rooms for name, rooms in places.items() if len(rooms) > 1}
    assert [name for name, rooms in twice.items() if sorted(rooms) != ["commands", "queries"]] == []


def test_importing_the_package_imports_none_of_its_modules() -> None:
    top = [node for node in modules()["oas_tasks"].body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [name for node in top for name in imports("oas_tasks", node) if name.startswith("oas_tasks")] == []
