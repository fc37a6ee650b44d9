"""Random documents of schemas: every keyword of 3.0 or 3.1, small constants so that instances meet them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

TYPES = ("string", "integer", "number", "boolean", "object", "array")
NAMES = ("a", "b", "x1", "extra")
VALUES: tuple[Any, ...] = (None, True, 0, 1, 0.5, "a", "abc", [], [1], {}, {"a": 1})


class Schemas:
    """Makes the schemas of one document; each refers to later ones only, so that none contains itself."""

    def __init__(self, random: Random, family: str, dead_siblings: bool = True) -> None:
        self.random = random
        self.dead_siblings = dead_siblings
        self.is_30 = family == "3.0"

    def document(self) -> dict[str, Any]:
        names = ("A", "B", "C")
        return {name: self.schema(3, names[index + 1 :]) for index, name in enumerate(names)}

    def schema(self, depth: int, names: tuple[str, ...]) -> Any:
        random = self.random
        if not self.is_30 and random.random() < 0.08:
            return random.random() < 0.6
        if names and random.random() < 0.2:
            made: dict[str, Any] = {"$ref": f"#/components/schemas/{random.choice(names)}"}
            if random.random() < 0.6:
                return made
            if self.is_30 and not self.dead_siblings:
                return made
            if self.is_30:
                return {**made, "nullable": True, "type": "string", "maxLength": 0}
        else:
            made = {}
        if random.random() < 0.7:
            made.update(self.type())
        keywords = self.keywords_30() if self.is_30 else self.keywords_31()
        # Few of them at a time, or hardly any instance would fit.
        count = random.choice([1, 2, 2, 3] if depth == 3 else [0, 1, 1, 2])
        for name in random.sample(list(keywords), count):
            if depth > 0 or name not in _NESTING:
                made.update(keywords[name](depth - 1, names))
        items = list(made.items())
        random.shuffle(items)
        made = dict(items)
        if self.is_30 and made.get("type") == "array":
            made.setdefault("items", {})
        return made

    def type(self) -> dict[str, Any]:
        random = self.random
        if self.is_30:
            return {
                "type": random.choice(TYPES),
                **({"nullable": random.random() < 0.7} if random.random() < 0.4 else {}),
            }
        if random.random() < 0.4:
            return {"type": random.choice([*TYPES, "null"])}
        return {"type": random.sample([*TYPES, "null", "null"][:7], random.randint(1, 3))}

    def keywords_30(self) -> dict[str, Callable[[int, tuple[str, ...]], dict[str, Any]]]:
        random = self.random

        def number() -> Any:
            return random.choice([0, 1, -1, 2, 0.5])

        return {
            "nullable": lambda d, n: {"nullable": random.random() < 0.7},
            "binary": lambda d, n: {"format": "binary"},
            "minimum": lambda d, n: self.bound("minimum", "exclusiveMinimum", number()),
            "maximum": lambda d, n: self.bound("maximum", "exclusiveMaximum", number()),
            **self.common(),
        }

    def bound(self, inclusive: str, exclusive: str, number: Any) -> dict[str, Any]:
        made = {inclusive: number, exclusive: self.random.random() < 0.7}
        return {key: value for key, value in made.items() if key == inclusive or self.random.random() < 0.7}

    def common(self) -> dict[str, Callable[[int, tuple[str, ...]], dict[str, Any]]]:
        random = self.random

        def schema(depth: int, names: tuple[str, ...]) -> Any:
            return self.schema(depth, names)

        def several(depth: int, names: tuple[str, ...]) -> list[Any]:
            return [schema(depth, names) for _ in range(random.randint(1, 3))]

        def named(depth: int, names: tuple[str, ...]) -> dict[str, Any]:
            return {name: schema(depth, names) for name in random.sample(NAMES, random.randint(1, 2))}

        def values() -> list[Any]:
            return random.sample(VALUES, random.randint(1, 4))

        return {
            "enum": lambda d, n: {"enum": values()},
            "lengths": lambda d, n: {"minLength": random.randint(0, 2)} if random.random() < 0.5 else {"maxLength": 2},
            "sizes": lambda d, n: {"minItems": 1} if random.random() < 0.5 else {"maxItems": random.randint(0, 2)},
            "counts": lambda d, n: {"minProperties": 1} if random.random() < 0.5 else {"maxProperties": 1},
            "unique": lambda d, n: {"uniqueItems": True},
            "pattern": lambda d, n: {"pattern": "^a"},
            "multipleOf": lambda d, n: {"multipleOf": 2},
            "required": lambda d, n: {"required": random.sample(NAMES, random.randint(1, 2))},
            "data": lambda d, n: {"example": {"nullable": True, "const": 1}, "default": {"$ref": "#/nowhere"}},
            "allOf": lambda d, n: {"allOf": several(d, n)},
            "anyOf": lambda d, n: {"anyOf": several(d, n)},
            "oneOf": lambda d, n: {"oneOf": several(d, n)},
            "not": lambda d, n: {"not": schema(d, n)},
            "items": lambda d, n: {"items": schema(d, n)},
            "properties": lambda d, n: {"properties": named(d, n)},
            "additionalProperties": lambda d, n: {
                "additionalProperties": random.choice([True, False, schema(d, n)]),
            },
        }

    def keywords_31(self) -> dict[str, Callable[[int, tuple[str, ...]], dict[str, Any]]]:
        random = self.random
        schema = self.schema

        def conditional(depth: int, names: tuple[str, ...]) -> dict[str, Any]:
            keys = random.choice([("if",), ("if", "then"), ("if", "else"), ("if", "then", "else"), ("then",)])
            return {key: schema(depth, names) for key in keys}

        def contains(depth: int, names: tuple[str, ...]) -> dict[str, Any]:
            made: dict[str, Any] = {"contains": schema(depth, names)}
            if random.random() < 0.5:
                made["minContains"] = random.randint(0, 2)
            if random.random() < 0.2:
                made["maxContains"] = random.randint(0, 2)
            return made

        def named(depth: int, names: tuple[str, ...], keys: tuple[str, ...]) -> dict[str, Any]:
            return {name: schema(depth, names) for name in random.sample(keys, random.randint(1, 2))}

        def bound() -> dict[str, Any]:
            made = {key: random.choice([0, 1, -1, 2, 0.5]) for key in ("minimum", "exclusiveMinimum")}
            made |= {key: random.choice([0, 1, 3, 2, 0.5]) for key in ("maximum", "exclusiveMaximum")}
            return {key: value for key, value in made.items() if random.random() < 0.5}

        return {
            **self.common(),
            "const": lambda d, n: {"const": random.choice(VALUES)},
            "bounds": lambda d, n: bound(),
            "if": conditional,
            "if again": conditional,
            "contains": contains,
            "contains again": contains,
            "dependentRequired": lambda d, n: {"dependentRequired": {"a": random.sample(NAMES, random.randint(0, 2))}},
            "dependentSchemas": lambda d, n: {"dependentSchemas": named(d, n, NAMES)},
            "prefixItems": lambda d, n: {"prefixItems": [schema(d, n) for _ in range(random.randint(1, 2))]},
            "propertyNames": lambda d, n: {"propertyNames": random.choice([schema(d, n), {"maxLength": 1}])},
            "patternProperties": lambda d, n: {"patternProperties": named(d, n, ("^a", "^x"))},
            "unevaluatedProperties": lambda d, n: {"unevaluatedProperties": random.choice([False, schema(d, n)])},
            "unevaluatedItems": lambda d, n: {"unevaluatedItems": random.choice([False, schema(d, n)])},
            "annotations": lambda d, n: {
                "$comment": "c",
                "nullable": True,
                "examples": [1, 2],
                "unknown": {"const": 1},
            },
            "bytes": lambda d, n: {"contentMediaType": random.choice(["application/octet-stream", "image/png"])},
            "$defs": lambda d, n: {"$defs": {"D": {"type": "string"}}},
        }

    def together(self) -> dict[str, Callable[[int, tuple[str, ...]], dict[str, Any]]]:
        """Return keywords that affect one another and would seldom be drawn together."""
        random = self.random

        def small() -> Any:
            return random.choice([{"type": "string"}, {"type": "integer"}, {"type": ["array", "null"]}, {"const": 1}])

        def bounds() -> dict[str, Any]:
            bound = random.choice([0, 1, 2])
            return {"type": "integer", "minimum": bound, "exclusiveMinimum": bound + random.choice([-1, 0, 0, 1])}

        def others(name: str) -> dict[str, Any]:
            made = {"patternProperties": {"^a": small(), "^x": small()}, name: random.choice([False, small()])}
            return {"type": "object", **made}

        def left_over() -> dict[str, Any]:
            seen = random.choice([{"contains": small()}, {"prefixItems": [small()]}, {"items": small()}, {}])
            return {"type": "array", **seen, "unevaluatedItems": random.choice([False, small()])}

        def condition() -> dict[str, Any]:
            loose = random.choice([{"propertyNames": {"maxLength": 1}}, {"prefixItems": [small()]}])
            branches = {"then": {"not": small()}, "else": {"type": random.choice(TYPES)}}
            return {"if": loose, **dict(random.sample(list(branches.items()), random.randint(1, 2)))}

        def values() -> dict[str, Any]:
            return {"const": random.choice([1, True, 0]), "enum": random.choice([[1], [True, "a"], [0.5, False]])}

        return {
            "equal bounds": lambda d, n: bounds(),
            "names by pattern, and others": lambda d, n: others("additionalProperties"),
            "names by pattern, and what is left": lambda d, n: others("unevaluatedProperties"),
            "items, and what is left": lambda d, n: left_over(),
            "a loose condition": lambda d, n: condition(),
            "a constant of several": lambda d, n: values(),
        }


_NESTING = frozenset(
    {
        *("allOf", "anyOf", "oneOf", "not", "items", "properties", "additionalProperties", "contains", "if"),
        *("dependentSchemas", "prefixItems", "propertyNames", "patternProperties", "unevaluatedProperties"),
        *("unevaluatedItems", "if again", "contains again"),
    }
)
