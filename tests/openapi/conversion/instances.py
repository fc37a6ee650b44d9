"""Random instances that aim at a schema: at its constants, bounds, names and types."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

#: No floats with whole values: draft 4 and draft 2020-12 disagree whether they are integers.
ANYTHING: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    7,
    0.5,
    "",
    "a",
    "abc",
    "x1",
    [],
    [1],
    ["a", None],
    {},
    {"a": 1},
)


class Instances:
    """Makes instances for the schemas of one document, of 3.0 or 3.1."""

    def __init__(self, random: Random, schemas: Mapping[str, Any]) -> None:
        self.random = random
        self.schemas = schemas

    def some(self, schema: Any, count: int) -> list[Any]:
        """Return instances of which many fit, many almost fit, and some are unrelated."""
        made: list[Any] = [None]
        for index in range(count - 1):
            instance = self.fitting(schema, 5)
            if index % 3 == 1:
                instance = self.spoilt(instance)
            elif index % 9 == 8:
                instance = self.random.choice(ANYTHING)
            made.append(instance)
        return made

    def fitting(self, schema: Any, depth: int) -> Any:
        """Return an instance that fits, if the schema is not too complex."""
        choose = self.random.choice
        if not isinstance(schema, dict) or depth <= 0:
            return choose(ANYTHING)
        views = list(self._views(schema, 4))
        merged: dict[str, Any] = {}
        for view in views:
            for key, value in view.items():
                if key == "properties" and isinstance(value, dict):
                    merged[key] = {**value, **merged.get(key, {})}
                elif key == "required" and isinstance(value, list):
                    merged[key] = [*merged.get(key, ()), *value]
                else:
                    merged.setdefault(key, value)
        if "const" in merged and self.random.random() < 0.9:
            return merged["const"]
        if isinstance(merged.get("enum"), list) and merged["enum"] and self.random.random() < 0.9:
            return choose(merged["enum"])
        return self._of_type(self._type(merged), merged, depth)

    def _views(self, schema: dict[str, Any], depth: int) -> Any:
        """Yield the schema and others that apply to the same instance, with randomly chosen alternatives."""
        yield schema
        if depth == 0:
            return
        inner: list[Any] = []
        target = schema.get("$ref")
        if isinstance(target, str):
            inner.append(self.schemas.get(target.rpartition("/")[2]))
        inner += schema.get("allOf", [])
        for key in ("oneOf", "anyOf"):
            if schema.get(key):
                inner.append(self.random.choice(schema[key]))
        for key in ("if", "then", "else", "not"):
            if self.random.random() < 0.4:
                inner.append(schema.get(key))
        dependents = schema.get("dependentSchemas")
        if isinstance(dependents, dict) and dependents:
            inner.append({"required": [self.random.choice(list(dependents))]})
            inner += [each for each in dependents.values() if self.random.random() < 0.5]
        dependents = schema.get("dependentRequired")
        if isinstance(dependents, dict) and dependents:
            name = self.random.choice(list(dependents))
            inner.append({"required": [name, *dependents[name]] if self.random.random() < 0.7 else [name]})
        for each in inner:
            if isinstance(each, dict):
                yield from self._views(each, depth - 1)

    def _type(self, schema: dict[str, Any]) -> str:
        own = schema.get("type")
        if isinstance(own, list) and own:
            own = self.random.choice(own)
        if schema.get("nullable") and self.random.random() < 0.2:
            return "null"
        if isinstance(own, str) and self.random.random() < 0.95:
            return own
        for key, kind in _KINDS.items():
            if key in schema and self.random.random() < 0.6:
                return kind
        return self.random.choice(["null", "boolean", "integer", "number", "string", "array", "object"])

    def _of_type(self, kind: str, schema: dict[str, Any], depth: int) -> Any:
        random = self.random
        if kind == "null":
            return None
        if kind == "boolean":
            return random.random() < 0.5
        if kind in ("integer", "number"):
            bounds = [
                schema[key]
                for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
                if isinstance(schema.get(key), int | float) and not isinstance(schema[key], bool)
            ]
            number = random.choice(bounds or [0, 3]) + random.choice([0, 0, 1, -1, 2])
            if (kind == "number" and random.random() < 0.3) or number != int(number):
                number = int(number) + 0.5
            return int(number) if number == int(number) else number
        if kind == "string":
            least, most = schema.get("minLength", 0), schema.get("maxLength", 8)
            length = min(64, random.choice([least, most, least + 1, random.randint(0, 8)]))
            return random.choice(["a", "x", "1", "k"]) * int(length)
        if kind == "array":
            least, most = schema.get("minItems", 0), schema.get("maxItems", 3)
            length = min(6, random.choice([least, most, random.randint(0, 3)]))
            prefix = schema.get("prefixItems") or []
            items = schema.get("items", schema.get("contains", {}))
            return [
                self.fitting(prefix[index] if index < len(prefix) and random.random() < 0.8 else items, depth - 1)
                for index in range(int(length))
            ]
        return self._object(schema, depth)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        random = self.random
        properties: dict[str, Any] = schema.get("properties") or {}
        names = [name for name in schema.get("required", ()) if isinstance(name, str) and random.random() < 0.95]
        names += [name for name in properties if random.random() < min(0.4, 6 / max(1, len(properties)))]
        made = {name: self.fitting(properties.get(name, {}), depth - 1) for name in dict.fromkeys(names)}
        if random.random() < 0.3:
            others = schema.get("additionalProperties", {})
            made[random.choice(["extra", "a", "b", "x1"])] = self.fitting(others, depth - 1)
        for pattern in schema.get("patternProperties") or ():
            made[pattern.strip("^$") + "1"] = self.fitting(schema["patternProperties"][pattern], depth - 1)
        return made

    def spoilt(self, instance: Any) -> Any:
        """Return an instance with one thing changed, somewhere."""
        random = self.random
        if isinstance(instance, dict) and instance and random.random() < 0.8:
            name = random.choice(list(instance))
            if random.random() < 0.3:
                return {key: value for key, value in instance.items() if key != name}
            return {**instance, name: self.spoilt(instance[name])}
        if isinstance(instance, list) and instance and random.random() < 0.8:
            index = random.randrange(len(instance))
            return [*instance[:index], self.spoilt(instance[index]), *instance[index + 1 :]]
        if isinstance(instance, int | float) and not isinstance(instance, bool) and random.random() < 0.6:
            return instance + random.choice([1, -1, 10])
        return random.choice(ANYTHING)


_KINDS = {
    "properties": "object",
    "required": "object",
    "additionalProperties": "object",
    "propertyNames": "object",
    "patternProperties": "object",
    "unevaluatedProperties": "object",
    "items": "array",
    "prefixItems": "array",
    "contains": "array",
    "unevaluatedItems": "array",
    "minimum": "number",
    "exclusiveMinimum": "number",
    "maximum": "number",
    "exclusiveMaximum": "number",
    "minLength": "string",
    "maxLength": "string",
}
