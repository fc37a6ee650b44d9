"""Edits documents of one or several files and their settings at random, in all the ways that people do.

The result need not be valid, nor a document: an edit may add a fault, and a later one may remove it again.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import yaml

from tests.formats.writing import yaml_document
from tests.oracle import parse
from tests.random_edits import resized, retargeted

Value = Any
Holder = dict[str, Value] | list[Value]

METHODS = ("get", "post", "put", "delete")
KINDS = ("schemas", "responses", "parameters", "headers", "requestBodies", "links", "examples", "securitySchemes")
DIALECTS = ("http://json-schema.org/draft-04/schema#", "https://json-schema.org/draft/2020-12/schema", "https://e.x/d")
_STRUCTURED = (".yaml", ".yml", ".json", ".oas")
_SIMPLE_KEY = re.compile(r"[A-Za-z_/][A-Za-z0-9_/{}.-]*")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n", "~"}


@dataclass
class Style:
    """The style of a file.

    form: `block`, `flow` (YAML whose mappings are in flow style from a depth on) or `json`.
    """

    form: str
    width: int = 2
    depth: int = 3
    comment: str = ""


@dataclass
class Project:
    """A document with its files and settings.

    entry: the name of its file. files: their values by name; a text if it is not YAML or JSON.
    spoilt: files whose text is broken at the moment.
    """

    entry: str
    files: dict[str, Value]
    settings: dict[str, Any] = field(default_factory=dict)
    styles: dict[str, Style] = field(default_factory=dict)
    spoilt: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    earlier: list[dict[str, Value]] = field(default_factory=list)

    @property
    def document(self) -> dict[str, Value]:
        found = self.files[self.entry]
        return found if isinstance(found, dict) else {}

    def text(self, name: str) -> str:
        if name in self.spoilt:
            return self.spoilt[name]
        value = self.files[name]
        return value if isinstance(value, str) else written(value, self.styles.setdefault(name, _style_of(name)))

    def write(self, folder: Path) -> None:
        """Write all files, and remove those that no longer exist."""
        there = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
        for name, file in there.items():
            if name not in self.files and "slices" not in name and ".oas_tasks" not in name and name != SETTINGS:
                file.unlink()
        for name in self.files:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            content = self.text(name).encode("utf-8", "surrogatepass")
            if not file.exists() or file.read_bytes() != content:
                file.write_bytes(content)


SETTINGS = "pyproject.toml"


def _style_of(name: str) -> Style:
    return Style("json" if name.endswith(".json") else "block")


def written(value: Value, style: Style) -> str:
    if style.form == "json" or not isinstance(value, dict) or not value:
        return json.dumps(value, ensure_ascii=False, indent=style.width or None) + "\n"
    text = style.comment
    text += yaml_document(value) if style.form == "block" else "".join(_lines(value, style, 1, ""))
    return text


def _lines(value: dict[str, Value], style: Style, depth: int, pad: str) -> Iterator[str]:
    for key, member in value.items():
        plain = _SIMPLE_KEY.fullmatch(key) and key.lower() not in _WORDS
        name = key if plain else json.dumps(key, ensure_ascii=False)
        if isinstance(member, dict) and member and depth < style.depth:
            yield f"{pad}{name}:\n"
            yield from _lines(member, style, depth + 1, pad + " " * max(style.width, 1))
        else:
            yield f"{pad}{name}: {json.dumps(member, ensure_ascii=False)}\n"


def loaded(file: Path, entry: str, beside: bool = True) -> Project:
    """Return a document as a project: an `input.yaml` with its files, under another name."""
    project = Project(entry, {})
    files = [file]
    if beside:
        files += [f for f in sorted(file.parent.rglob("*")) if f.is_file() and f != file and "expect" not in f.parts]
    for each in files:
        name = entry if each == file else each.relative_to(file.parent).as_posix()
        if name in ("notes.md", "settings.toml"):
            continue
        text = each.read_text(encoding="utf-8").replace(file.name, entry)
        try:
            project.files[name] = _plain(parse(text)) if name.endswith(_STRUCTURED) else text
        except (yaml.YAMLError, ValueError):  # a text, despite its name
            project.files[name] = text
    return project


def _plain(value: Value) -> Value:
    if isinstance(value, dict):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, Fraction):
        return float(value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


# --- places -----------------------------------------------------------------------------------------------------------


def places(value: Value, at: tuple[str | int, ...] = ()) -> Iterator[tuple[Holder, Any, tuple[str | int, ...]]]:
    """Yield every container with every key or index in it, and its place."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield value, key, (*at, key)
        yield from places(member, (*at, key))


def _file(project: Project, rng: Random) -> str:
    others = [name for name, value in project.files.items() if name != project.entry and not isinstance(value, str)]
    return rng.choice(others) if others and rng.random() < 0.4 else project.entry


def _some(project: Project, rng: Random, is_meant: Callable[[Any, Any, tuple[str | int, ...]], bool]) -> Any:
    """Return a container, a key and a place in one of the files. Raises IndexError if there is none."""
    name = _file(project, rng)
    found = [each for each in places(project.files[name]) if is_meant(each[0], each[1], each[2])]
    return (name, *rng.choice(found))


def _maps(project: Project) -> list[dict[str, Value]]:
    """Return the containers of a document, in whichever file they are."""
    found: list[Value] = [project.document.get("paths"), project.document.get("webhooks")]
    components = project.document.get("components")
    found += [components, *components.values()] if isinstance(components, dict) else []
    found += [value for name, value in project.files.items() if name != project.entry]
    return [each for each in found if isinstance(each, dict) and each]


def _operations(project: Project) -> list[dict[str, Value]]:
    items = [project.document.get(name) for name in ("paths", "webhooks")]
    found: list[dict[str, Value]] = []
    for each in items:
        for item in each.values() if isinstance(each, dict) else ():
            found += [op for op in item.values() if isinstance(op, dict)] if isinstance(item, dict) else []
    return found


def _is_schema(holder: Any, key: Any, at: tuple[str | int, ...]) -> bool:
    around = at[-2] if len(at) > 1 else ""
    named = around in ("schemas", "properties", "allOf", "oneOf", "anyOf", "$defs", "definitions")
    return isinstance(holder[key], dict) and (named or key in ("schema", "items"))


def _schema(project: Project, rng: Random) -> dict[str, Value]:
    _, holder, key, _ = _some(project, rng, _is_schema)
    found: dict[str, Value] = holder[key]
    return found


def _escaped(tokens: tuple[str | int, ...]) -> str:
    text = "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)
    return quote(text, safe="/~$-._")


def address(project: Project, rng: Random, source: str, kind: str = "") -> str:
    """Return a reference from a file: mostly to an object of a kind, seldom to nothing."""
    entry = project.document
    components = entry.get("components")
    kinds = components if isinstance(components, dict) else {}
    choice = rng.random()
    if choice < 0.55:
        kind = kind or rng.choice(KINDS)
        names = list(kinds.get(kind) or ()) if isinstance(kinds.get(kind), dict) else []
        tokens: tuple[str | int, ...] = ("components", kind, rng.choice([*names, "New1", "New2", "Nope"]))
        target = project.entry
    elif choice < 0.6:
        return rng.choice(["#node", "#leaf", "https://e.x/id1", "https://e.x/id2", "id1", "id2#/properties/a", "Nope"])
    else:
        target = _file(project, rng)
        found = [at for holder, key, at in places(project.files[target]) if isinstance(holder[key], dict)]
        near = [at for at in found if kind in at or (kind == "schemas" and ("schema" in at or "items" in at))]
        tokens = rng.choice([(), rng.choice(near or found or [()])]) if target != project.entry else rng.choice(found)
    fragment = _escaped(tokens)
    if rng.random() < 0.05 and len(fragment) > 2:
        fragment = fragment[:1] + f"%{ord(fragment[1]):02X}" + fragment[2:]
    if target == source and rng.random() < 0.9:
        return f"#{fragment}"
    up = "../" * source.count("/")
    return f"{up}{target}#{fragment}" if fragment or rng.random() < 0.3 else f"{up}{target}"


def _kind_of(at: tuple[str | int, ...], value: str) -> str:
    for kind in KINDS:
        if f"/{kind}/" in value:
            return kind
    return "schemas"


# --- edits ------------------------------------------------------------------------------------------------------------

Edit = Callable[[Project, Random], object]


def retarget(project: Project, rng: Random) -> object:
    name, holder, key, at = _some(project, rng, lambda h, k, at: k == "$ref" and isinstance(h[k], str))
    holder[key] = address(project, rng, name, _kind_of(at, holder[key]))
    return name, at, holder[key]


def retarget_simply(project: Project, rng: Random) -> object:
    project.files[project.entry] = retargeted(project.document, rng)
    return None


def resize(project: Project, rng: Random) -> object:
    project.files[project.entry] = resized(project.document, rng)
    return None


def move_members(project: Project, rng: Random) -> object:
    within = rng.choice([*_maps(project), project.document])
    members = list(within.items())
    member = members.pop(rng.randrange(len(members)))
    members.insert(rng.randrange(len(members) + 1), member)
    within.clear()
    within.update(members)
    return member[0]


def rename_member(project: Project, rng: Random) -> object:
    """With or without the references to it."""
    within = rng.choice(_maps(project))
    old = rng.choice(list(within))
    new = rng.choice([f"{old}x", "New1", "New2", f"{old} {old}", "Ä", f"/n{rng.randrange(9)}", "x-n"])
    members = [(new if name == old else name, value) for name, value in within.items() if name != new]
    within.clear()
    within.update(members)
    if rng.random() < 0.6:
        for value in project.files.values():
            for holder, key, _ in places(value):
                text = holder[key]
                if isinstance(text, str) and text.endswith(_escaped((old,))):
                    holder[key] = text.removesuffix(_escaped((old,))) + _escaped((new,))
    return old, new


def remove_member(project: Project, rng: Random) -> object:
    within = rng.choice(_maps(project))
    name = rng.choice(list(within))
    del within[name]
    return name


def add_member(project: Project, rng: Random) -> object:
    within = rng.choice(_maps(project))
    name = rng.choice(list(within))
    new = rng.choice(["New1", "New2", f"{name}2", "/new", "/new/{id}", "x-new"])
    within[new] = copy.deepcopy(within[name])
    return name, new


def add_component(project: Project, rng: Random) -> object:
    components = project.document.setdefault("components", {})
    kind, made = rng.choice(
        [
            ("schemas", {"type": rng.choice(["string", "integer"])}),
            ("schemas", {"allOf": [{"$ref": address(project, rng, project.entry, "schemas")}]}),
            ("schemas", {"oneOf": [], "discriminator": {"propertyName": "kind"}}),
            ("schemas", {"type": "object", "discriminator": {"propertyName": "kind"}, "properties": {"kind": {}}}),
            ("headers", {"schema": {"type": "string"}}),
            ("responses", {"description": "new"}),
            ("parameters", {"name": "n", "in": "query", "schema": {"type": "string"}}),
            ("securitySchemes", {"type": "http", "scheme": "basic"}),
            ("links", {"operationId": "getNew"}),
            ("x-other", {"a": 1, "schema": {"type": "string"}}),
        ]
    )
    name = rng.choice(["New1", "New2", "Nope", *list(components.get(kind, {}))[:3]])
    components.setdefault(kind, {})[name] = made
    return kind, name


def drop_container(project: Project, rng: Random) -> object:
    components = project.document.get("components")
    choices: list[tuple[dict[str, Value], str]] = [(project.document, "components"), (project.document, "webhooks")]
    choices += [(components, kind) for kind in components] if isinstance(components, dict) else []
    within, name = rng.choice(choices)
    found = within.pop(name, None)
    if rng.random() < 0.3:
        within[name] = rng.choice([{}, None, [], 3])
    return name, found is None


def change_tags(project: Project, rng: Random) -> object:
    tags = project.document.setdefault("tags", [])
    choice = rng.choice(["add", "remove", "order", "rename", "of operation", "of operation", "none", "parent"])
    names = [tag.get("name") for tag in tags if isinstance(tag, dict)]
    match choice:
        case "add":
            extra: dict[str, Value] = rng.choice(
                [{}, {"description": "d"}, {"x-s": {"$ref": address(project, rng, project.entry)}}]
            )
            tags.insert(rng.randrange(len(tags) + 1), {"name": rng.choice(["t1", "t2", *names]), **extra})
        case "remove":
            tags.pop(rng.randrange(len(tags)))
        case "order":
            rng.shuffle(tags)
        case "rename":
            rng.choice(tags)["name"] = rng.choice(["t1", "t2", "t3"])
        case "parent":
            rng.choice(tags)["parent"] = rng.choice(["t1", "t2", *names])
        case "of operation":
            rng.choice(_operations(project))["tags"] = rng.sample(["t1", "t2", *names], 2)
        case "none":
            del project.document["tags"]
    return choice


def change_security(project: Project, rng: Random) -> object:
    components = project.document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    names = [*(schemes if isinstance(schemes, dict) else ()), "New1"]
    requirement: Value = rng.choice([[], [{}], [{rng.choice(names): []}], [{name: []} for name in names[:2]]])
    within = rng.choice([project.document, rng.choice([project.document, *_operations(project)])])
    if "security" in within and rng.random() < 0.4:
        del within["security"]
        return "gone"
    within["security"] = requirement
    return requirement


def change_root(project: Project, rng: Random) -> object:
    document = project.document
    name = rng.choice(["servers", "externalDocs", "x-a", "x-b", "x-nav", "jsonSchemaDialect", "$self", "info", "bogus"])
    operations = [op.get("operationId") for op in _operations(project) if isinstance(op.get("operationId"), str)]
    if name in document and name != "info" and rng.random() < 0.5:
        del document[name]
        return name, "gone"
    paths = document.get("paths")
    reference = {"$ref": address(project, rng, project.entry, "schemas")}
    choices: dict[str, list[Value]] = {
        "servers": [[{"url": "https://a"}], [{"url": "/b"}], []],
        "externalDocs": [{"url": "https://d"}, {"url": "docs.html"}],
        "x-a": [1, {"$ref": address(project, rng, project.entry)}, {"b": {"$ref": "#/paths"}}],
        "x-b": [
            "text " * 100,
            {"$ref": "#/x-a"},
            {"schema": reference},
        ],
        "x-nav": [rng.choice([*operations, "getNew"]), {"p": rng.choice([*(paths or ()), "/new"])}, ["GET /new"]],
        "jsonSchemaDialect": [*DIALECTS],
        "$self": ["https://e.x/api.yaml", "https://e.x/other/api.yaml"],
        "bogus": [1],
        "info": [None],
    }
    if name == "info":
        info = document.setdefault("info", {})
        key = rng.choice(["title", "description", "x-logo", "contact", "version", "termsOfService"])
        if key in ("version", "x-logo") and "volatile" not in project.settings:  # slices keep what they had
            return None
        info[key] = {"name": "n"} if key == "contact" else rng.choice(["a", "b", "c"])
        return name, key
    document[name] = rng.choice(choices[name])
    if rng.random() < 0.3:
        members = list(document.items())
        rng.shuffle(members)
        document.clear()
        document.update(members)
    return name, document[name]


def describe(project: Project, rng: Random) -> object:
    def is_meant(holder: Any, key: Any, at: tuple[str | int, ...]) -> bool:
        is_text = isinstance(holder[key], str) and key in ("description", "summary", "title")
        return is_text and at[:1] not in (("info",), ("openapi",))

    name, holder, key, at = _some(project, rng, is_meant)
    holder[key] = rng.choice([f"{holder[key]} more", "", "text"])
    return name, at


def change_type(project: Project, rng: Random) -> object:
    schema = _schema(project, rng)
    schema.pop("$ref", None)
    schema["type"] = rng.choice(["string", "integer", "object", "array", "strng"])
    if schema["type"] == "array":
        schema["items"] = {"$ref": address(project, rng, project.entry, "schemas")}
    return schema


def name_schema(project: Project, rng: Random) -> object:
    schema = _schema(project, rng)
    key = rng.choice(["$id", "$anchor", "$dynamicAnchor", "$schema", "$dynamicRef"])
    if key in schema:
        del schema[key]
        return key, "gone"
    choices = {"$id": ["https://e.x/id1", "id2", "https://e.x/id2"], "$schema": [*DIALECTS], "$dynamicRef": ["#node"]}
    schema[key] = rng.choice(choices.get(key, ["node", "leaf"]))
    return key, schema[key]


def change_discriminator(project: Project, rng: Random) -> object:
    schema = _schema(project, rng)
    name = project.entry
    match rng.choice(["on", "on", "off", "mapping", "allOf", "allOf", "oneOf", "no allOf"]):
        case "on":
            schema["discriminator"] = {"propertyName": "kind"}
        case "off":
            del schema["discriminator"]
        case "mapping":
            target = rng.choice(["New1", "Nope", address(project, rng, name, "schemas")])
            schema.setdefault("discriminator", {"propertyName": "kind"}).setdefault("mapping", {})["a"] = target
        case "allOf":
            schema.setdefault("allOf", []).append({"$ref": address(project, rng, name, "schemas")})
        case "oneOf":
            schema.setdefault("oneOf", []).append({"$ref": address(project, rng, name, "schemas")})
        case "no allOf":
            del schema["allOf"]
    return schema


def change_webhooks(project: Project, rng: Random) -> object:
    hooks = project.document.setdefault("webhooks", {})
    name = rng.choice(["w", "v", *hooks])
    if name in hooks and rng.random() < 0.5:
        del hooks[name]
        return name, "gone"
    items = project.document.get("paths") or {"/": {}}
    hooks[name] = copy.deepcopy(rng.choice(list(items.values())))
    for operation in hooks[name].values() if isinstance(hooks[name], dict) else ():
        if isinstance(operation, dict):
            operation.pop("operationId", None)
    return name


def change_operation_ids(project: Project, rng: Random) -> object:
    operation = rng.choice(_operations(project))
    known = [op.get("operationId") for op in _operations(project) if isinstance(op.get("operationId"), str)]
    choice = rng.choice(["rename", "rename", "remove", "link", "link", "reference"])
    match choice:
        case "rename":
            operation["operationId"] = rng.choice([f"{operation.get('operationId', 'op')}x", "getNew", *known])
        case "remove":
            del operation["operationId"]
        case _:
            responses = operation["responses"]
            response = rng.choice(list(responses.values()))
            paths = list(project.document.get("paths") or ["/new"])
            link: dict[str, Value] = {"operationId": rng.choice([*known, "getNew"])}
            if choice == "reference":
                file = rng.choice(["", "", _file(project, rng)])
                link = {"operationRef": f"{file}#{_escaped(('paths', rng.choice(paths), rng.choice(METHODS)))}"}
            response.setdefault("links", {})["l"] = link
    return choice


def change_operations(project: Project, rng: Random) -> object:
    items = [item for item in (project.document.get("paths") or {}).values() if isinstance(item, dict)]
    item = rng.choice(items)
    method = rng.choice(METHODS)
    if method in item and rng.random() < 0.5:
        del item[method]
        return method, "gone"
    item[method] = copy.deepcopy(rng.choice(_operations(project)))
    return method


def extend(project: Project, rng: Random) -> object:
    """Add an `x-` field somewhere, often with a reference."""
    name, holder, key, at = _some(project, rng, lambda h, k, at: isinstance(h[k], dict))
    within = holder[key] if rng.random() < 0.8 else project.document.setdefault("paths", {})
    if within is project.document.get("info") and "volatile" not in project.settings:  # slices keep what they had
        return None
    field_name = rng.choice(["x-n", "x-m"])
    if field_name in within and rng.random() < 0.5:
        del within[field_name]
        return name, at, "gone"
    reference = {"$ref": address(project, rng, name)}
    within[field_name] = rng.choice([1, reference, reference, [reference], {"a": {"b": reference}}])
    return name, at, within[field_name]


def put_aside(project: Project, rng: Random) -> object:
    """Move an object into a new or an existing file, or move its container."""
    components: Any = project.document.get("components")
    choices: list[tuple[Any, Any]] = [(project.document, name) for name in ("components", "paths", "tags", "info")]
    for kind in components or ():
        choices.append((components, kind))
        members = components[kind]
        choices += [(members, each) for each in members] if isinstance(members, dict) else []
    for name in ("paths", "webhooks"):
        items = project.document.get(name)
        choices += [(items, each) for each in items] if isinstance(items, dict) else []
    for name, value in project.files.items():
        if name != project.entry and isinstance(value, dict):
            choices += [(value, each) for each in value]
    if rng.random() < 0.3:
        _, holder, key, _ = _some(project, rng, lambda h, k, at: isinstance(h[k], dict))
        choices = [(holder, key)]
    holder, key = rng.choice(choices)
    value = holder[key]
    if isinstance(value, dict) and "$ref" in value:
        return None
    name = rng.choice(["one.json", "two.yaml", "more/three.yaml", "four.json"])
    known = project.files.get(name)
    if isinstance(known, dict) and "$ref" not in known:
        known["part"] = value
        holder[key] = {"$ref": f"{name}#/part"}
    else:
        project.files[name] = value
        holder[key] = {"$ref": name}
    return key, name


def bring_back(project: Project, rng: Random) -> object:
    """Replace a reference to a file by the content of the file."""
    name, holder, key, at = _some(project, rng, lambda h, k, at: isinstance(h[k], dict) and "$ref" in h[k])
    file = str(holder[key]["$ref"]).partition("#")[0]
    holder[key] = copy.deepcopy(project.files[file])
    return name, at, file


def change_files(project: Project, rng: Random) -> object:
    others = [name for name in project.files if name != project.entry]
    choice = rng.choice(["add", "remove", "rename", "copy", "text", "swap"])
    match choice:
        case "add":
            value = rng.choice([{"type": "string"}, {"part": {"type": "integer"}, "User": {"type": "object"}}])
            project.files[rng.choice(["one.json", "two.yaml", "new.yaml", *others])] = copy.deepcopy(value)
        case "remove":
            del project.files[rng.choice(others)]
        case "rename":
            project.files["new.yaml"] = project.files.pop(rng.choice(others))
        case "copy":
            project.files[rng.choice(["one.json", "more/three.yaml"])] = copy.deepcopy(
                project.files[rng.choice(others)]
            )
        case "text":
            project.files[rng.choice(["note.md", *others])] = rng.choice(["# text\n", "some: text\n", ""])
        case "swap":
            one, two = rng.sample(others, 2)
            project.files[one], project.files[two] = project.files[two], project.files[one]
    return choice


def restyle(project: Project, rng: Random) -> object:
    name = _file(project, rng)
    forms = ["json"] if name.endswith(".json") else ["block", "block", "flow", "flow", "json"]
    comment = rng.choice(["", "", "# more\n", "---\n"])
    style = Style(rng.choice(forms), rng.choice([0, 1, 2, 3, 4]), rng.choice([1, 2, 3, 4, 5]), comment)
    project.styles[name] = style
    return name, style


def spoil(project: Project, rng: Random) -> object:
    """Break the text of a file until a later edit restores it."""
    name = _file(project, rng)
    text = project.text(name)
    at = rng.randrange(len(text) + 1)
    project.spoilt[name] = rng.choice([text[:at], text[:at] + rng.choice("{}[]:\"'\t@&*\n ") + text[at:], "", "- 1\n"])
    return name


def merge_keys(project: Project, rng: Random) -> object:
    name = _file(project, rng)
    text = project.text(name)
    found = list(re.finditer(r"(?m)^( +)type: (\w+)$", text))
    match = rng.choice(found)
    project.spoilt[name] = f"{text[: match.start()]}{match[1]}<<: {{type: {match[2]}}}{text[match.end() :]}"
    return name


def mend(project: Project, rng: Random) -> object:
    project.spoilt.clear()
    return None


def go_back(project: Project, rng: Random) -> object:
    """Restore all files as they were some edits ago."""
    project.files = copy.deepcopy(rng.choice(project.earlier))
    project.spoilt.clear()
    return None


def put_anything(project: Project, rng: Random) -> object:
    """Put a value of another type, or a copy of something else, in a place: mostly a fault."""
    name, holder, key, at = _some(project, rng, lambda h, k, at: at != ("openapi",))
    others = [h[k] for h, k, _ in places(project.files[name])]
    holder[key] = copy.deepcopy(rng.choice([None, 3, "text", [], {}, True, rng.choice(others), rng.choice(others)]))
    return name, at


def remove_anything(project: Project, rng: Random) -> object:
    name, holder, key, at = _some(project, rng, lambda h, k, at: len(at) > 1)
    del holder[key]
    return name, at


def change_version(project: Project, rng: Random) -> object:
    versions = ["3.0.1", "3.0.3", "3.1.0", "3.1.1", "3.2.0"]
    name = _file(project, rng) if rng.random() < 0.3 else project.entry
    if isinstance(project.files[name], dict):
        old = str(project.document.get("openapi"))
        project.files[name]["openapi"] = rng.choice([*versions, *[v for v in versions if v[:3] == old[:3]] * 4])
    return name


EDITS: dict[Edit, int] = {
    retarget: 10,
    retarget_simply: 5,
    resize: 5,
    move_members: 5,
    rename_member: 6,
    remove_member: 4,
    add_member: 4,
    add_component: 6,
    drop_container: 2,
    change_tags: 5,
    change_security: 4,
    change_root: 6,
    describe: 5,
    change_type: 6,
    name_schema: 6,
    change_discriminator: 7,
    change_webhooks: 3,
    change_operation_ids: 6,
    change_operations: 4,
    extend: 10,
    put_aside: 10,
    bring_back: 2,
    change_files: 5,
    restyle: 5,
    spoil: 2,
    merge_keys: 1,
    mend: 2,
    go_back: 4,
    put_anything: 4,
    remove_anything: 4,
    change_version: 2,
}


def edit(project: Project, rng: Random) -> None:
    """Make one edit that is possible in a project."""
    project.earlier = [*project.earlier[-4:], copy.deepcopy(project.files)]
    if project.spoilt and rng.random() < 0.5:
        project.spoilt.clear()
        project.done.append("mend")
        return
    before = (copy.deepcopy(project.files), dict(project.styles), dict(project.spoilt))
    for _ in range(50):
        chosen = rng.choices(list(EDITS), list(EDITS.values()))[0]
        try:
            told = chosen(project, rng)
            texts = [project.text(name) for name in project.files]
            if sum(map(len, texts)) > 200_000 or project.entry not in project.files:
                raise ValueError("too much")
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
            files, project.styles, project.spoilt = copy.deepcopy(before)
            project.files = files
            continue
        project.done.append(f"{chosen.__name__} {told}")
        return


#: Settings that are changed in between, with their values; None means unset.
CHOICES: dict[str, list[Any]] = {
    "output_version": [None, None, "3.0.x", "3.1.x", "3.2.x"],
    "webhooks": [None, True],
    "format": [None, "json"],
    "methods": [None, None, None, ["GET"], ["POST", "GET"]],
    "filter": [None, None, None, ["/*e*"], ["!/*a*"]],
    "tags": [None, None, None, None, ["t1"]],
    "volatile": [None, [], ["/info/x-*", "/servers"]],
    "drop_extensions": [None, None, [], ["x-a"]],
    "keep_extensions": [None, None, ["x-nav"], ["x-b", "x-a"]],
    "strict": [None, None, True],
    "source_faults": [None, "warn"],
    "validate": [None, None, None, "full"],
    "concurrency": [None, None, 2],
}


def change_settings(project: Project, rng: Random) -> None:
    """Change one setting, or reset all of them."""
    if rng.random() < 0.1:
        project.settings.clear()
        project.done.append("settings as they were")
        return
    name = rng.choice(list(CHOICES))
    value = rng.choice(CHOICES[name])
    project.settings.pop(name, None)
    if value is not None:
        project.settings[name] = value
    project.done.append(f"{name} = {value}")
