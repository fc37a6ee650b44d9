"""Draws random OpenAPI documents, valid by construction, from the tables of the object model.

A document has components of every kind, which refer to one another in chains and cycles, further files, deep references
into anything else that was drawn, discriminators, Links, and data that looks like references. Rules that are not in the
tables (required fields, fields that exclude one another, valid texts) are added here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from oas_tasks.openapi.model import PLAIN_TYPES, Family, FieldType, Model, model_of

Value = Any
Place = tuple[str, tuple[str, ...]]  # the file, "" for the document itself, and the decoded pointer

ENTRY = ""
IN_FILES = {"schemas": "Schema", "responses": "Response", "headers": "Header", "pathItems": "PathItem"}
FILES = ("one.json", "more/two.json")
VERSIONS: dict[Family, str] = {"3.0": "3.0.4", "3.1": "3.1.2", "3.2": "3.2.0"}

#: The required fields of objects; drawn each time, since no two objects may be the same one.
REQUIRED: dict[str, Callable[[], dict[str, Value]]] = {
    "ExternalDocumentation": lambda: {"url": "https://example.com/docs"},
    "Server": lambda: {"url": "https://example.com"},
    "Response": lambda: {"description": "r"},
    "RequestBody": lambda: {"content": {}},
    "Encoding": lambda: {"contentType": "text/plain"},
    "XML": lambda: {"name": "x"},
}
#: Fields that are not drawn: those that need more to be valid (the rest of the object, an instance, a template), those
#: with a rule of their own below, and `$id`, below which pointers no longer refer to the document.
LEFT_OUT: dict[str, frozenset[str]] = {
    "Schema": frozenset(
        (
            "$id",
            "$schema",
            "$vocabulary",
            "$ref",
            "$anchor",
            "$dynamicAnchor",
            "$dynamicRef",
            "default",
            "type",
            "readOnly",
            "writeOnly",
            "nullable",
            "exclusiveMaximum",
            "exclusiveMinimum",
            "xml",
            "required",
            "dependentRequired",
            "items",
            "pattern",
            "discriminator",
        )
    ),
    "Server": frozenset(("url", "variables")),
    "Parameter": frozenset(
        (
            "name",
            "in",
            "schema",
            "content",
            "example",
            "examples",
            "style",
            "explode",
            "allowReserved",
            "required",
            "allowEmptyValue",
        )
    ),
    "Header": frozenset(
        ("schema", "content", "example", "examples", "style", "explode", "allowReserved", "allowEmptyValue")
    ),
    "MediaType": frozenset(("example", "encoding", "prefixEncoding", "itemEncoding")),
    "Encoding": frozenset(("style", "explode", "allowReserved", "encoding", "prefixEncoding", "itemEncoding")),
    "Operation": frozenset(("operationId", "parameters", "responses", "security", "tags", "deprecated")),
    "PathItem": frozenset(("$ref", "parameters", "additionalOperations")),
    "Response": frozenset(("description",)),
    "RequestBody": frozenset(("content",)),
    "ExternalDocumentation": frozenset(("url",)),
}
#: Kinds of which two references in one list could lead to the same object.
ONE_REFERENCE_EACH = "Parameter"
CODES = ("200", "404", "default")
PLAIN: dict[str, Value] = {"string": "text", "integer": 1, "number": 1, "boolean": True}


@dataclass
class Drawn:
    """A document with its files; the one named "" is the document."""

    family: Family
    files: dict[str, Value]


@dataclass
class _Late:
    """A reference whose target is chosen once all possible ones have been drawn; `write` inserts it."""

    kind: str
    file: str
    write: Callable[[str], None]
    fallback: Callable[[], None]


@dataclass
class _Generator:
    draw: Callable[..., Any]
    family: Family
    model: Model = field(init=False)
    names: dict[str, list[str]] = field(default_factory=dict)
    sites: list[tuple[str, Place]] = field(default_factory=list)
    late: list[_Late] = field(default_factory=list)
    operation_ids: list[str] = field(default_factory=list)
    operations: list[tuple[str, ...]] = field(default_factory=list)
    links: list[tuple[dict[str, Value], str]] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    elsewhere: list[Place] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.model = model_of(self.family)

    # --- choices: the first of every choice is the simplest ----------------------------------------------------------

    def number(self, most: int, least: int = 0) -> int:
        found: int = self.draw(st.integers(least, most))
        return found

    def chance(self, times: int) -> bool:
        """Whether something happens that happens once in so many times."""
        return self.number(times - 1) == times - 1

    def one_of(self, options: list[Any] | tuple[Any, ...]) -> Any:
        return options[self.number(len(options) - 1)]

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    # --- references ---------------------------------------------------------------------------------------------------

    def section(self, kind: str) -> str | None:
        return next((s for s, k in self.model.component_kinds.items() if k == kind), None)

    def reference(self, kind: str, place: Place, after: int = -1) -> dict[str, Value] | None:
        """Return a Reference Object, None if there is no target.

        after: the number of the component around it among those of its kind; the reference leads to a later one.
        """
        section = self.section(kind)
        names = self.names.get(section or "", [])[after + 1 :]
        if names and not (after < 0 and kind != ONE_REFERENCE_EACH and self.chance(4)):
            target = (ENTRY, ("components", section or "", self.one_of(names)))
            beside = {"description": "beside"} if self.chance(8) else {}
            return {"$ref": self.uri(place[0], target), **beside}
        if after >= 0 or kind == ONE_REFERENCE_EACH:
            return None
        made: dict[str, Value] = {}

        def fallback() -> None:
            made.clear()
            made.update(self.leaf(kind, place))
            if kind == "Link":
                self.links.append((made, place[0]))

        self.late.append(_Late(kind, place[0], lambda uri: made.update({"$ref": uri}), fallback))
        return made

    def uri(self, file: str, target: Place) -> str:
        """Return a reference from a file to a place."""
        text = "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in target[1])
        fragment = "#" + quote(text, safe="/~")
        if target[0] == file and not self.chance(6):
            return fragment
        return ("../" if file.startswith("more/") else "") + (target[0] or "api.json") + fragment

    def bind(self) -> None:
        """Choose the targets of all late references."""
        places: dict[str, list[Place]] = {}
        for kind, place in self.sites:
            places.setdefault(kind, []).append(place)
        for late in self.late:
            found = places.get(late.kind)
            if late.kind == "Schema" and self.anchors and self.chance(3):
                late.write(
                    ("" if late.file == ENTRY else self.uri(late.file, (ENTRY, ()))[:-1])
                    + f"#{self.one_of(self.anchors)}"
                )
            elif found:
                late.write(self.uri(late.file, self.one_of(found)))
            else:
                late.fallback()
        for link, file in self.links:
            if self.operation_ids and self.chance(2):
                link["operationId"] = self.one_of(self.operation_ids)
            elif self.operations and not self.chance(4):
                link["operationRef"] = self.uri(file, (ENTRY, self.one_of(self.operations)))
            else:
                link["operationRef"] = "https://example.com/api.json#/paths/~1a/get"

    # --- values from the tables ---------------------------------------------------------------------------------------

    def data(self) -> Value:
        """Return data, which may look like a reference."""
        target = self.one_of(self.names.get("schemas") or ["Nope"])
        options: list[Value] = [1, "text", {"$ref": f"#/components/schemas/{target}"}, [{"$ref": "nope.json#/a"}]]
        return self.one_of(options)

    def one(self, kind: str, place: Place, depth: int, referenceable: bool) -> Value:
        if kind in PLAIN_TYPES:
            return self.data() if kind in ("any", "example") else PLAIN[kind]
        if referenceable or (kind == "Schema" and self.family != "3.0"):
            reference = self.reference(kind, place) if self.chance(2) else None
            if reference is not None:
                return reference
        return self.object(kind, place, depth)

    def field_value(
        self, field_type: FieldType, place: Place, depth: int, keys: tuple[str, ...] = ("a", "b~/c")
    ) -> Value:
        kind, file, tokens = field_type.holds, *place
        if field_type.container == "one":
            return self.one(kind, place, depth, field_type.referenceable)
        many = self.number(2, 1)
        if field_type.container == "list":
            return [
                self.one(kind, (file, (*tokens, str(index))), depth, field_type.referenceable) for index in range(many)
            ]
        return {key: self.one(kind, (file, (*tokens, key)), depth, field_type.referenceable) for key in keys[:many]}

    def leaf(self, kind: str, place: Place) -> Value:
        """Return the smallest object of a kind."""
        return self.object(kind, place, 0)

    def object(self, kind: str, place: Place, depth: int) -> Value:
        """Return an object of a kind with some of its fields."""
        if kind == "Schema" and self.family != "3.0" and depth > 0 and self.chance(12):
            return True
        made = REQUIRED[kind]() if kind in REQUIRED else {}
        special = getattr(self, f"_{kind.lower()}", None)
        if special is not None:
            special(made, place, depth)
        object_type = self.model.types[kind]
        left_out = LEFT_OUT.get(kind, frozenset())
        names = [name for name in object_type.fields if name not in left_out]
        if kind == "Operation" and "pathItems" in place[1][:2]:
            names.remove("callbacks")  # which would lead to the Path Item again, deeper than the oracle can follow
        if depth > 0 and kind not in _WHOLE and names and "default" not in made:
            for _ in range(self.number(3)):
                name = self.one_of(names)
                if name not in made:
                    keys = (self.fresh("application/j"), "text/plain") if name == "content" else ("a", "b~c")
                    if name == "properties":
                        keys = ("a", "b~/{c}")
                    if name == "callbacks" or kind == "Callback":
                        keys = (self.fresh("call"), "b")
                    made[name] = self.field_value(
                        object_type.fields[name], (place[0], (*place[1], name)), depth - 1, keys
                    )
            if self.chance(8):
                made["x-data"] = self.data()
        if kind in _TARGETS and "$ref" not in made and place[1][:2] != ("components", "pathItems"):
            self.sites.append((kind, place))
        return made

    # --- rules beyond the tables --------------------------------------------------------------------------------------

    def _schema(self, made: dict[str, Value], place: Place, depth: int) -> None:
        file, tokens = place
        form = self.number(5) if depth > 0 else 0
        if form == 0:
            made["type"] = self.one_of(["string", "object"])
        elif form == 1:
            made["type"] = "array"
            made["items"] = self.one("Schema", (file, (*tokens, "items")), depth - 1, True)
        elif form == 2:
            made["default"] = self.data()
        elif form == 3:
            made["discriminator"] = self._mapping(file)
        elif form == 4 and self.names.get("schemas"):
            made["allOf"] = [
                self.reference("Schema", (file, (*tokens, "allOf", str(index)))) for index in range(self.number(2, 1))
            ]
        if self.family != "3.0" and depth > 0 and self.chance(4):
            anchor = self.fresh("anchor")
            made[self.one_of(["$anchor", "$dynamicAnchor"])] = anchor
            if file == ENTRY and tokens[:2] != ("components", "pathItems"):
                self.anchors.append(anchor)
        if self.anchors and file == ENTRY and self.chance(12):
            made["$dynamicRef"] = f"#{self.one_of(self.anchors)}"
        if self.family != "3.0" and "default" not in made and self.chance(10) and self.names.get("schemas"):
            own = self.names["schemas"].index(tokens[2]) if tokens[:2] == ("components", "schemas") else 0
            reference = self.reference("Schema", (ENTRY, ()), own)
            if reference is not None and file == ENTRY:
                made.update(reference)

    def _mapping(self, file: str) -> dict[str, Value]:
        made: dict[str, Value] = {"propertyName": "kind"}
        mapping: dict[str, Value] = {}
        names = self.names.get("schemas", [])
        for key in ("a", "b")[: self.number(2)]:
            if names and not self.chance(3):
                mapping[key] = self.one_of([self.one_of(names), f"#/components/schemas/{names[0]}"])
                if file != ENTRY and mapping[key].startswith("#"):
                    mapping[key] = names[0]
            else:
                self.late.append(
                    _Late(
                        "Schema",
                        file,
                        lambda uri, key=key: mapping.update({key: uri}),  # type: ignore[misc]
                        lambda: None,
                    )
                )
        made["mapping"] = mapping
        if self.family == "3.2" and names and self.chance(2):
            made["defaultMapping"] = self.one_of(names)
        return made

    def _parameter(self, made: dict[str, Value], place: Place, depth: int) -> None:
        made.update({"name": self.fresh("p"), "in": self.one_of(["query", "header", "cookie"])})
        self._header(made, place, depth)

    def _header(self, made: dict[str, Value], place: Place, depth: int) -> None:
        file, tokens = place
        if depth > 0 and self.chance(3):
            content = FieldType("MediaType", "map", self.family == "3.2")
            found = self.field_value(content, (file, (*tokens, "content")), depth - 1, ("application/json",))
            made["content"] = found
            return
        made["schema"] = self.one("Schema", (file, (*tokens, "schema")), depth - 1, True)
        if depth > 0 and self.chance(3):
            made["examples"] = self.field_value(
                FieldType("Example", "map", True), (file, (*tokens, "examples")), depth - 1
            )
        elif self.chance(4):
            made["example"] = self.data()

    def _requestbody(self, made: dict[str, Value], place: Place, depth: int) -> None:
        content = FieldType("MediaType", "map", self.family == "3.2")
        made["content"] = self.field_value(
            content, (place[0], (*place[1], "content")), depth - 1, ("application/json", "text/plain")
        )

    def _mediatype(self, made: dict[str, Value], place: Place, depth: int) -> None:
        if depth > 0 and self.chance(4):
            encoding = FieldType("Encoding", "map", False)
            made["encoding"] = self.field_value(encoding, (place[0], (*place[1], "encoding")), depth - 1)

    def _example(self, made: dict[str, Value], place: Place, depth: int) -> None:
        if self.chance(4):
            made["externalValue"] = "./example.json"
        else:
            made["dataValue" if self.family == "3.2" and self.chance(2) else "value"] = self.data()

    def _link(self, made: dict[str, Value], place: Place, depth: int) -> None:
        # From 3.1 on the official schema allows only strings here, though the specification allows more.
        made["parameters"] = {"a": self.data() if self.family == "3.0" else "$request.body"}
        made["requestBody"] = self.data()
        self.links.append((made, place[0]))

    def _securityscheme(self, made: dict[str, Value], place: Place, depth: int) -> None:
        made.update({"type": "http", "scheme": "bearer"})

    def _responses(self, made: dict[str, Value], place: Place, depth: int) -> None:
        response = FieldType("Response", "map", True)
        made.update(self.field_value(response, place, depth - 1, CODES))

    def _callback(self, made: dict[str, Value], place: Place, depth: int) -> None:
        expression = "{$request.body#/" + self.fresh("url") + "}"
        here = (place[0], (*place[1], expression))
        names = self.names.get("pathItems", [])
        if names and self.chance(3):
            made[expression] = {"$ref": self.uri(place[0], (ENTRY, ("components", "pathItems", self.one_of(names))))}
        else:
            made[expression] = self.object("PathItem", here, depth - 1)

    def _pathitem(self, made: dict[str, Value], place: Place, depth: int) -> None:
        file, tokens = place
        if self.chance(3):
            made["parameters"] = self.parameters((file, (*tokens, "parameters")), depth - 1)
        if depth <= 0:
            made["post"] = self.object("Operation", (file, (*tokens, "post")), depth - 1)
        if self.family == "3.2" and depth > 0 and self.chance(4):
            made["additionalOperations"] = {
                "Link": self.object("Operation", (file, (*tokens, "additionalOperations", "Link")), depth - 1)
            }

    def _operation(self, made: dict[str, Value], place: Place, depth: int) -> None:
        file, tokens = place
        made["responses"] = self.object("Responses", (file, (*tokens, "responses")), depth - 1)
        if self.chance(2):
            made["parameters"] = self.parameters((file, (*tokens, "parameters")), depth - 1)
        if self.chance(3):
            made["security"] = self.security(file)
        if self.chance(2):
            made["tags"] = [self.one_of(["undeclared", *self.tags])]
        if file == ENTRY and tokens[:1] == ("paths",) and "callbacks" not in tokens:
            self.operations.append(tokens)
            if self.chance(2):
                made["operationId"] = self.fresh("operation")
                self.operation_ids.append(made["operationId"])

    def parameters(self, place: Place, depth: int) -> list[Value]:
        file, tokens = place
        found = [self.object("Parameter", (file, (*tokens, str(index))), depth) for index in range(self.number(2))]
        reference = self.reference("Parameter", place) if self.chance(2) else None
        return [*found, reference] if reference is not None else found

    def security(self, file: str) -> list[Value]:
        found: list[Value] = []
        for _ in range(self.number(2)):
            requirement: dict[str, Value] = {}
            for name in self.names.get("securitySchemes", []):
                if self.chance(2):
                    place = (ENTRY, ("components", "securitySchemes", name))
                    requirement[
                        self.uri(file, place) if file == ENTRY and self.family == "3.2" and self.chance(4) else name
                    ] = []
            found.append(requirement)
        return found

    # --- the document -------------------------------------------------------------------------------------------------

    def document(self) -> Drawn:
        for section in self.model.component_kinds:
            names = [f"{section[0].upper()}{index}" for index in range(self.number(3))]
            if names:
                self.names[section] = names
        self.tags = [f"tag{index}" for index in range(self.number(2))]
        root: dict[str, Value] = {"openapi": VERSIONS[self.family], "info": {"title": "t", "version": "1"}}
        if self.tags:
            root["tags"] = [self._tag(index) for index in range(len(self.tags))]
        if self.chance(2):
            root["security"] = self.security(ENTRY)
        if self.chance(4):
            root["x-data"] = self.data()
        files: dict[str, Value] = {ENTRY: root}
        for file in FILES[: self.number(2)]:
            files[file] = {
                section: {"F": self.object(kind, (file, (section, "F")), 2)}
                for section, kind in IN_FILES.items()
                if self.chance(2)
            }
            self.elsewhere += [(file, (section, "F")) for section in files[file]]
        root["components"] = {
            section: {name: self.component(section, index) for index, name in enumerate(names)}
            for section, names in self.names.items()
        }
        root["paths"] = {"x-data": self.data()} if self.chance(6) else {}
        for index in range(self.number(3, 1)):
            path, parameters = f"/p{index}", []
            if self.chance(3):
                path += "/{id}"
                parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
            root["paths"][path] = self.path(path, parameters)
        self.bind()
        return Drawn(self.family, files)

    def path(self, path: str, parameters: list[Value]) -> Value:
        place = (ENTRY, ("paths", path))
        names = self.names.get("pathItems", [])
        if names and not parameters and self.chance(4):
            return {"$ref": f"#/components/pathItems/{self.one_of(names)}"}
        items = [item for item in self.elsewhere if item[1][0] == "pathItems"]
        if items and not parameters and self.chance(3):
            return {"$ref": self.uri(ENTRY, self.one_of(items))}
        made = self.object("PathItem", place, 4)
        if not any(method in made for method in self.model.methods):
            made["get"] = self.object("Operation", (ENTRY, (*place[1], "get")), 4)
        if parameters:
            made["parameters"] = [*made.get("parameters", []), *parameters]
        return made

    def _tag(self, index: int) -> dict[str, Value]:
        made = {"name": self.tags[index]}
        if self.family == "3.2" and index and self.chance(2):
            made["parent"] = self.tags[0]
        return made

    def component(self, section: str, index: int) -> Value:
        kind = self.model.component_kinds[section]
        place = (ENTRY, ("components", section, self.names[section][index]))
        if self.chance(5) and kind != "PathItem":
            alias = self.reference(kind, place, index)
            if alias is not None:
                return alias
        files = [found for found in self.elsewhere if found[1][0] == section]
        if files and kind != "PathItem" and self.chance(5):
            return {"$ref": self.uri(ENTRY, self.one_of(files))}
        return self.object(kind, place, 3)


#: Objects that are drawn only by a rule of their own.
_WHOLE = frozenset(("Responses", "Callback", "Example", "SecurityScheme", "Link"))
#: Kinds that late references may lead to.
_TARGETS = frozenset(("Schema", "Response", "Header", "Example", "RequestBody", "Link", "Callback", "MediaType"))


@st.composite
def documents(draw: Callable[..., Any], family: Family) -> Drawn:
    """Draw a document of a family of versions with its files."""
    return _Generator(draw, family).document()
