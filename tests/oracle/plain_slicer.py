"""A slicer for the oracle's own tests: it copies the closure and moves targets in from other places.

It does not know file names. So Links to other operations are dropped, and those among the components lead nowhere.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .compare import Comparison, implied_value
from .documents import Location, UnresolvedError, component_reference
from .model import is_extension, is_reference
from .reach import INDEXING_EXTENSIONS


class Cut:
    """One slice being made; `moved` holds the targets that get a component of their own."""

    def __init__(self, comparison: Comparison, path: str, method: str) -> None:
        self.comparison = comparison
        self.documents = comparison.source
        self.model = comparison.source.model
        self.closure = comparison.closure(path, method)
        self.path = path
        self.method = method
        self.sections = {
            field.kind: section for section, field in self.model.objects["Components"].items() if section != "pathItems"
        }
        self.moved: dict[Location, tuple[str, str]] = {}
        self.pending: list[tuple[str, Location]] = []

    def slice(self) -> dict[str, Any]:
        """The slice, in the source's order, `components` last if the source has none."""
        source = self.documents.entry
        slice_: dict[str, Any] = {}
        for key, value in {**source, "components": source.get("components", {})}.items():
            if key == "paths":
                slice_[key] = self._paths()
            elif key == "components":
                slice_[key] = {}  # filled below
            elif key == "tags":
                if tags := [tag for tag in value if tag["name"] in self._used_tags(value)]:
                    slice_[key] = tags
            elif key == "security":
                if self.closure.inherits:
                    slice_[key] = value
            elif key not in ("webhooks", "$self") and key not in INDEXING_EXTENSIONS:
                slice_[key] = value
        slice_["components"] = self._components()
        if not slice_["components"]:
            del slice_["components"]
        return slice_

    def _paths(self) -> dict[str, Any]:
        source = self.documents.entry["paths"]
        item: dict[str, Any] = {}
        operation = self._copy("Operation", self.documents.operation(self.path, self.method))
        for key, place in self.documents.path_item(Location(self.documents.base, ("paths", self.path))).items():
            if key == "additionalOperations":
                if self.method in self.documents.at(place.below(key)):
                    item[key] = {self.method: operation}
            elif key in self.model.methods:
                if key.upper() == self.method.upper():
                    item[key] = operation
            else:
                item[key] = self._field("PathItem", key, place)
        return {
            key: value if is_extension(key) else item
            for key, value in source.items()
            if is_extension(key) or key == self.path
        }

    def _components(self) -> dict[str, Any]:
        components: dict[str, Any] = {}
        for section, members in (self.documents.entry.get("components") or {}).items():
            kind = self.model.component_kind(section)
            for name in members if kind else ():
                if kind and kind != "PathItem" and (section, name) in self.closure.components:
                    place = Location(self.documents.base, ("components", section, name))
                    components.setdefault(section, {})[name] = self._copy(kind, place)
        while self.pending:
            kind, place = self.pending.pop(0)
            section, name = self.moved[place]
            components.setdefault(section, {})[name] = self._copy(kind, place)
        sections = [*(self.documents.entry.get("components") or {}), *components]
        return {section: components[section] for section in sections if section in components}

    def _copy(self, kind: str, at: Location) -> Any:
        node = self.documents.at(at)
        if not isinstance(node, dict):
            return node
        if kind == "PathItem" and is_reference(node):
            return {key: self._field(kind, key, place) for key, place in self.documents.path_item(at).items()}
        if is_reference(node) and kind in self.model.referenceable:
            reference = self._rewritten(kind, node["$ref"], self.documents.resolve(node["$ref"], at), at)
            if kind != "Schema" or self.model.version == "3.0":
                return {**node, "$ref": reference}
            node = {**node, "$ref": reference}
        copied = {key: value if key == "$ref" else self._field(kind, key, at) for key, value in node.items()}
        if kind == "Schema" and isinstance(node.get("discriminator"), dict):
            copied["discriminator"] = self._discriminator(at, node["discriminator"])
        if kind == "Operation" and "security" in node:
            copied["security"] = [
                {self._scheme(name, at): roles for name, roles in requirement.items()}
                for requirement in node["security"]
            ]
        return copied

    def _scheme(self, name: str, at: Location) -> str:
        if self.documents.component("securitySchemes", name):
            return name
        target = self.documents.scheme(name, at)
        reference = self._rewritten("SecurityScheme", name, target, at)
        return reference if reference == name else self.moved[target][1]

    def _field(self, kind: str, key: str, at: Location) -> Any:
        value, field, place = self.documents.at(at.below(key)), self.model.field(kind, key), at.below(key)
        if field and field.form == "one":
            return self._copy(field.kind, place)
        if field and field.form == "list" and isinstance(value, list):
            return [self._copy(field.kind, place.below(str(index))) for index in range(len(value))]
        if field and field.form == "map" and isinstance(value, dict):
            names = [name for name in value if field.kind != "Link" or not self._leads_out(place.below(str(name)))]
            return {name: self._copy(field.kind, place.below(str(name))) for name in names}
        return value

    def _leads_out(self, at: Location) -> bool:
        place = self.documents.chain("Link", at)[-1]
        link = self.documents.at(place)
        targets = self.comparison.reach.link_targets(link, place)
        return bool(targets) and not self.comparison.reach.links_inside(link, place, self.path, self.closure)

    def _discriminator(self, at: Location, discriminator: dict[str, Any]) -> dict[str, Any]:
        copied = {**discriminator, "mapping": {**discriminator.get("mapping", {})}}
        for place, _, value in self.comparison.reach.mapping_values(at, discriminator):
            try:
                target = self.documents.mapped(value, at)
            except UnresolvedError:
                continue
            holder = copied["mapping"] if place.tokens[-2] == "mapping" else copied
            holder[place.tokens[-1]] = self._rewritten("Schema", value, target, at)
        renamed: dict[str, str] = {}
        for keyword in ("oneOf", "anyOf"):
            for index, member in enumerate(self.documents.at(at).get(keyword, ())):
                value = implied_value(member["$ref"]) if is_reference(member) else None
                if value is not None:
                    target = self.documents.resolve(member["$ref"], at.below(keyword, str(index)))
                    renamed.setdefault(value, self._rewritten("Schema", member["$ref"], target, at))
        names = {reference.rpartition("/")[2] for reference in renamed.values()}
        copied["mapping"] = {**{v: r for v, r in renamed.items() if v not in names}, **copied["mapping"]}
        return {key: value for key, value in copied.items() if key in discriminator or (key == "mapping" and value)}

    def _rewritten(self, kind: str, reference: str, target: Location, at: Location) -> str:
        """The same reference if its target stays in place, else one to the component that will hold the target."""
        operation = self.documents.operation(self.path, self.method)
        stays = target.tokens[: len(operation.tokens)] == operation.tokens and target.tokens[:1] == ("paths",)
        if stays or self.documents.component_at(Location(target.file, target.tokens[:3])):
            local = reference.startswith("#") or "#/" not in reference  # a pointer, a name, an `$id` or an anchor
            return reference if local and at.file == self.documents.base else "#" + quote(str(target).partition("#")[2])
        if target not in self.moved:
            section = self.sections[kind]
            taken = {*self.moved.values(), *self.closure.components}
            number = 1
            while (section, f"moved{number}") in taken:
                number += 1
            self.moved[target] = (section, f"moved{number}")
            self.pending.append((kind, target))
        return component_reference(*self.moved[target])

    def _used_tags(self, declared: list[dict[str, Any]]) -> set[str]:
        parents = {tag["name"]: tag.get("parent") for tag in declared}
        found, pending = set(self.closure.tags), list(self.closure.tags)
        while pending:
            parent = parents.get(pending.pop())
            if parent and parent not in found:
                found.add(parent)
                pending.append(parent)
        return found


def cut(comparison: Comparison, path: str, method: str) -> dict[str, Any]:
    """The slice of one operation; it shares data with the source."""
    return Cut(comparison, path, method).slice()
