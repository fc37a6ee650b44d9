"""Bounds the work of openapi-spec-validator, which follows references as often as it meets them.

Its keyword validators for schemas and defaults are replaced by ones that look at each schema once and leave out what
would take too much. Imports openapi-spec-validator.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema.exceptions import ValidationError

from oas_tasks.openapi.explosive_patterns import may_explode
from oas_tasks.openapi.validation.excerpts import BrokenError, Excerpts, NamedError, TooMuchError


class NotCheckedError(ValidationError):
    """Something was left out, since checking it takes too much work."""


class TooMuchOpinionError(Exception):
    """A document takes more work than one slice may."""


#: How many steps it may take to walk to all schemas of a slice: each is walked to from the root.
_MOST_STEPS = 200_000


class _Ids(set[int]):
    """A set in the place of a list, which is searched for each schema."""

    append = set.add


def bounded(validators: dict[str, Any]) -> dict[str, Any]:
    """Return keyword validators with bounded ones for schemas and defaults."""
    return {
        **validators,
        "schema": type("Schema", (_Schema, validators["schema"]), {}),
        "default": type("Default", (_Default, validators["default"]), {}),
    }


class _Schema:
    """Collects the properties of each schema once."""

    def __init__(self, registry: Any) -> None:
        super().__init__(registry)  # type: ignore[call-arg]  # a keyword validator of the package
        self.visited_schema_ids = _Ids()
        self.meta_checked_schema_ids = _Ids()
        self._properties: dict[int, set[str]] = {}
        self._steps = 0

    def __call__(self, schema: Any, *arguments: Any, **options: Any) -> Iterator[ValidationError]:
        self._steps += len(schema.parts)
        if self._steps > _MOST_STEPS:
            raise TooMuchOpinionError
        return super().__call__(schema, *arguments, **options)  # type: ignore[misc,no-any-return]

    def _collect_properties(self, schema: Any) -> set[str]:
        number = id(schema.read_value())
        known = self._properties.get(number)
        if known is None:
            known = self._properties[number] = super()._collect_properties(schema)  # type: ignore[misc]
        return known


class _Default:
    """Validates defaults as far as that takes a fixed amount of work."""

    def __init__(self, registry: Any) -> None:
        super().__init__(registry)  # type: ignore[call-arg]  # a keyword validator of the package
        self._excerpts: Excerpts | None = None

    def __call__(self, schema: Any, value: Any) -> Iterator[ValidationError]:
        if self._excerpts is None:
            self._excerpts = Excerpts(schema._clone_with_parts(()).read_value(), "")
        try:
            self._excerpts.of(schema.read_value(), value, _is_patient)
        except TooMuchError:
            reason = "the default was not checked: its schema stands for too much"
            yield NotCheckedError(reason, path=(*schema.parts, "default"))
            return
        except (BrokenError, NamedError):
            pass
        yield from super().__call__(schema, value)  # type: ignore[misc]


def _is_patient(schema: dict[str, Any], value: Any) -> bool:
    """Whether a schema's own patterns may be tried on a value."""
    pattern = schema.get("pattern")
    named = schema.get("patternProperties")
    if isinstance(value, str) and isinstance(pattern, str):
        return not may_explode(pattern, len(value))
    if isinstance(value, dict) and isinstance(named, dict):
        longest = max(map(len, value), default=0)
        return not any(may_explode(each, longest) for each in named)
    return True
