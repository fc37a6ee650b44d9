"""Converts one value between versions: holds the table of all rules, and the walk that applies them.

A conversion in two steps takes one walk: each object goes through the rules of the first step and then of the second,
before the object around it. So every loss is noted at its place in the source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import TypeAlias

from oas_tasks.formats import Value
from oas_tasks.openapi.binary import Role, role_at
from oas_tasks.openapi.conversion import any_version, from_30_to_31, from_31_to_30, from_32_to_31
from oas_tasks.openapi.conversion.context import Surroundings
from oas_tasks.openapi.conversion.losses import ConvertedValue, Journal, Loss
from oas_tasks.openapi.conversion.missing_fields import set_aside_downwards, set_aside_upwards
from oas_tasks.openapi.conversion.rules import Fields, Rule, Spot
from oas_tasks.openapi.model import Family, FieldType, Model, model_of
from oas_tasks.openapi.pointer import MISSING, Path, resolve, tokens_of
from oas_tasks.openapi.walk import Rewriter, kind_at

#: Converts a Reference Object: (the kind that it stands for, the object, its place, notes a dropped field).
ReferenceRule: TypeAlias = Callable[[str, Fields, Path, Callable[[str, str], None]], Value]


@dataclass(frozen=True, slots=True)
class VersionStep:
    """A conversion to the next family.

    reference: converts Reference Objects, None if they stay the same.
    """

    rules: tuple[Rule, ...]
    reference: ReferenceRule | None = None


def _treated(rules: tuple[Rule, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((each.kind, name) for each in rules if each.fields is not None for name in each.fields)


_DOWN_31_30 = (any_version.version("3.0"), *from_31_to_30.RULES, *any_version.DOWN_31_30)
_DOWN_32_31 = (any_version.version("3.1"), *from_32_to_31.RULES, *any_version.DIALECTS, *any_version.DOWN_32_31)
#: Fields whose rules are listed under the object around them, or apply to all objects of their kind.
_TREATED_AROUND = frozenset({("XML", "nodeType"), ("OpenAPI", "jsonSchemaDialect"), ("OpenAPI", "webhooks")})

STEPS: dict[tuple[Family, Family], VersionStep] = {
    ("3.0", "3.1"): VersionStep(
        (
            any_version.version("3.1"),
            *set_aside_upwards("3.0", "3.1"),
            *from_30_to_31.RULES,
            *any_version.UP_30_31,
        ),
        any_version.without_siblings,
    ),
    ("3.1", "3.2"): VersionStep(
        (any_version.version("3.2"), *set_aside_upwards("3.1", "3.2"), *any_version.DIALECTS, *any_version.UP_31_32),
    ),
    ("3.2", "3.1"): VersionStep(
        (*_DOWN_32_31, *set_aside_downwards("3.2", "3.1", _treated(_DOWN_32_31) | _TREATED_AROUND, "before 3.2")),
    ),
    ("3.1", "3.0"): VersionStep(
        (*_DOWN_31_30, *set_aside_downwards("3.1", "3.0", _treated(_DOWN_31_30) | _TREATED_AROUND, "in 3.0")),
        any_version.without_overrides,
    ),
}

#: The families that a conversion passes through.
_WAYS: dict[tuple[Family, Family], tuple[Family, ...]] = {
    ("3.0", "3.1"): ("3.0", "3.1"),
    ("3.0", "3.2"): ("3.0", "3.1", "3.2"),
    ("3.1", "3.0"): ("3.1", "3.0"),
    ("3.1", "3.2"): ("3.1", "3.2"),
    ("3.2", "3.0"): ("3.2", "3.1", "3.0"),
    ("3.2", "3.1"): ("3.2", "3.1"),
}


class _Way:
    """The rules and the walk for one pair of families, prepared once."""

    def __init__(self, source: Family, target: Family) -> None:
        families = _WAYS[source, target]
        steps = [STEPS[pair] for pair in pairwise(families)]
        self.rules: dict[str, list[Rule]] = {}
        for step in steps:
            for each in step.rules:
                self.rules.setdefault(each.kind, []).append(each)
        self.references = [step.reference for step in steps if step.reference is not None]
        self.model = model_of(source)
        self.rewriter = Rewriter(
            self.model,
            {kind: _triggers(rules) for kind, rules in self.rules.items()},
            with_references=bool(self.references),
            booleans=from_31_to_30.BOOLEANS_STAY if target == "3.0" else None,
        )


def _triggers(rules: list[Rule]) -> frozenset[str] | None:
    names: set[str] = set()
    for each in rules:
        if each.fields is None:
            return None
        names |= each.fields
    return frozenset(names)


@cache
def _way(source: Family, target: Family) -> _Way:
    return _Way(source, target)


_ALONE = Surroundings()


def convert(
    source: Family, target: Family, field: FieldType, value: Value, around: Surroundings = _ALONE
) -> ConvertedValue:
    """Return a field's value in another version; what does not change is shared with `value`.

    around: the facts about the rest of the document that matter for it.
    """
    if source == target:
        return ConvertedValue(value, (), loosens=False, moves=False, drops=False)
    way = _way(source, target)
    rules, references = way.rules, way.references
    journal = Journal()

    def role(path: Path) -> Role:
        return role_at(way.model, field, value, tokens_of(path), around.role, around.roles)

    def change(kind: str, made: Value, written: Value, path: Path) -> Value:
        if not isinstance(made, dict) or not isinstance(written, dict):
            return from_31_to_30.boolean(made) if isinstance(made, bool) else made
        spot = Spot(made, written, path, field, journal, around, role)
        for each in rules[kind]:
            if each.fields is None or not each.fields.isdisjoint(spot.fields):
                each.apply(spot)
        if spot.fields is not made and not journal.moves:
            journal.moves = _moves(made, spot.fields)
        return spot.fields

    def reference(kind: str, written: Fields, path: Path) -> Value:
        def lose(name: str, what: str) -> None:
            journal.lose(Loss((*tokens_of(path), name), what, "dropped", "lossy"))

        made: Value = written
        for each in references:
            if isinstance(made, dict):
                made = each(kind, made, path, lose)
        journal.drops = journal.drops or made is not written  # the siblings of a reference have no effect
        return made

    converted = way.rewriter.rewritten(field, value, change, reference)
    losses = tuple(_in_its_place(way.model, field, loss) for loss in journal.losses.values())
    return ConvertedValue(converted, losses, bool(journal.loosened), journal.moves, journal.drops)


def _in_its_place(model: Model, field: FieldType, loss: Loss) -> Loss:
    """Return a loss with its kind adjusted to its place: inside a callback, it does not concern the endpoint's
    operation.
    """
    if loss.kind != "impossible" or loss.stays or not any_version.is_in_callback(model, field, loss.tokens):
        return loss
    return replace(loss, kind="lossy")


def _moves(before: Fields, after: Fields) -> bool:
    """Whether something that may hold references has moved. Lists of texts may only as `tags`, which stay."""
    return any(
        isinstance(value, str | dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value))
        for name, value in before.items()
        if after.get(name) is not value
    )


def target_version(family: Family) -> str:
    """Return the version that a conversion to a family writes: "3.1.2"."""
    return any_version.VERSIONS[family]


def stays(source: Family, target: Family, kind: str, value: Value, tokens: tuple[str, ...]) -> bool:
    """Whether a pointer into a value still leads to its target after the conversion, in converted form.

    If it does not, the target needs a component of its own before the conversion.
    kind: the object type of `value`.
    """
    inner = kind_at(model_of(source), kind, tokens)
    here = resolve(value, tokens)
    if inner is None or here is MISSING:
        return False
    there = resolve(convert(source, target, FieldType(kind, "one", True), value).value, tokens)
    alone = convert(source, target, FieldType(inner, "one", True), here).value  # type: ignore[arg-type]  # it was found
    return there is not MISSING and bool(there == alone)
