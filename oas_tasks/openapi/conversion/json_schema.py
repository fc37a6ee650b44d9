"""Expresses keywords of JSON Schema 2020-12 by those of 3.0, so that the same instances are valid.

Schemas are passed in after their own conversion to 3.0. `loosened` means that the condition accepts more than before;
then the result does not negate it, and accepts more as well.
"""

from __future__ import annotations

from oas_tasks.formats import Value
from oas_tasks.openapi.conversion.rules import Fields

NOTHING: Fields = {"not": {}}


def conditional(condition: Value, then: Value | None, otherwise: Value | None, loosened: bool) -> Fields | None:
    """Return `if`/`then`/`else` as (IF and THEN) or (not IF and ELSE); None if every instance is valid.

    Source: JSON Schema 2020-12 Core 10.2.2.
    """
    if then is None:
        return None if otherwise is None else {"anyOf": [condition, otherwise]}
    if loosened:
        return None if otherwise is None else {"anyOf": [{"allOf": [condition, then]}, otherwise]}
    if otherwise is None:
        return {"anyOf": [then, {"not": condition}]}
    return {"anyOf": [{"allOf": [condition, then]}, {"allOf": [{"not": condition}, otherwise]}]}


def contains(member: Value) -> Fields:
    """Return `contains` with `minContains: 1`: not an array in which every item fails the schema.

    Source: JSON Schema 2020-12 Core 10.3.1.3.
    """
    return {"not": {"type": "array", "items": {"not": member}}}


def dependent(name: str, schema: Value) -> Fields:
    """Return a member of `dependentSchemas`: valid unless the instance is an object with this property and fails the
    schema.

    Source: JSON Schema 2020-12 Core 10.2.2.4.
    """
    return {"anyOf": [{"not": {"type": "object", "required": [name]}}, schema]}


def one_of_types(types: list[str], items: Value) -> list[Value]:
    """Return the branches for several types; null goes into the first, since it needs a `type` beside it.

    items: for the array branch, where 3.0 demands it.
    """
    branches: list[Value] = []
    for each in types:
        if each != "null":
            branch: Fields = {"type": each}
            if "null" in types and not branches:
                branch["nullable"] = True
            if each == "array":
                branch["items"] = items
            branches.append(branch)
    return branches


def equal(one: Value, other: Value) -> bool:
    """Whether two values are equal in JSON Schema: 1 equals 1.0, and True does not equal 1.

    Source: JSON Schema 2020-12 Core 4.2.2.
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other


def is_larger(value: Value, count: int) -> bool:
    """Whether a value contains more than `count` values, shared ones counted at each place."""
    pending = [value]
    while pending and count >= 0:
        each = pending.pop()
        count -= 1
        if isinstance(each, dict):
            pending += each.values()
        elif isinstance(each, list):
            pending += each
    return count < 0
