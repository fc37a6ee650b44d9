"""A planned document with the digests of its parts, in the form that is stored. Light to import."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from oas_tasks.document.place import EndpointKey
from oas_tasks.plan.plan import Dependencies, Plan

#: Hex digits of a digest.
_LENGTH = 32


class Digests(NamedTuple):
    """The digests of one planned document, each of 32 hex digits.

    settings: the digest of the settings that shape slices.
    root: those of the root fields by name, in the document's order, without their volatile places; "" for fields that
        are parts. The members of `info` have one each (`info.title`).
    volatile: those of the root fields and members of `info` that have volatile places, with these.
    names: the shared parts in the order of `Dependencies.parts`, under names that do not change when others come and
        go: a tag by its name (`tags/pets`), any other part by its id.
    shared: the digests of the shared parts, in the same order.
    own: those of the endpoints' own parts, in the plan's order.
    """

    settings: str
    root: Mapping[str, str]
    volatile: Mapping[str, str]
    names: tuple[str, ...]
    shared: tuple[str, ...]
    own: tuple[str, ...]


def encoded(digests: Digests, ids: Sequence[str]) -> str:
    """Return digests as JSON, to be stored with the ids of their parts."""
    tags = {part_id: name for part_id, name in zip(ids, digests.names, strict=True) if part_id != name}
    return json.dumps(
        [digests.settings, digests.root, digests.volatile, tags, "".join(digests.shared), "".join(digests.own)]
    )


def decoded(text: str, ids: Sequence[str]) -> Digests:
    """Return the digests that `encoded` wrote, given the ids of their parts."""
    settings, root, volatile, tags, shared, own = json.loads(text)
    return Digests(
        settings, root, volatile, tuple(tags.get(part_id, part_id) for part_id in ids), _split(shared), _split(own)
    )


def _split(digests: str) -> tuple[str, ...]:
    return tuple(digests[start : start + _LENGTH] for start in range(0, len(digests), _LENGTH))


class PlannedDocument:
    """A planned document: its plan, the dependencies of its endpoints, and the digests of its parts."""

    def __init__(self, plan: Plan, dependencies: Dependencies, digests: Digests) -> None:
        self.plan = plan
        self.dependencies = dependencies
        self.digests = digests

    @cached_property
    def numbers(self) -> dict[EndpointKey, int]:
        """The positions of endpoints in the plan, by path and method."""
        return {endpoint.key: number for number, endpoint in enumerate(self.plan.endpoints)}

    @cached_property
    def shared(self) -> dict[str, str]:
        """The digests of all shared parts, by name."""
        return dict(zip(self.digests.names, self.digests.shared, strict=True))

    def reached(self, key: EndpointKey) -> list[str]:
        """Return the names of the parts that an endpoint reaches, in the order of its slice."""
        return [self.digests.names[index] for index in self.dependencies.closures[self.numbers[key]]]

    def own_digest(self, key: EndpointKey) -> str:
        """Return the digest of an endpoint's own part."""
        return self.digests.own[self.numbers[key]]
