"""A document as it was planned, and the digests of its parts, as they are stored; light to import."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from oas_tasks.plan.plan import Dependencies, Plan

#: Hex digits of a digest.
_LENGTH = 32


class Digests(NamedTuple):
    """The digests of one planned document, each of 32 hex digits.

    settings: of the settings that shape slices.
    root: of the root fields by name, in the document's order; "" of those that are parts of their own. The members of
        `info` have one each (`info.title`). All without what is volatile in them.
    volatile: of the root fields, and of the members of `info`, that have something volatile in them, as they are.
    names: the shared parts in the order of `Dependencies.parts`, by what does not change when others come and go: a
        tag by its name (`tags/pets`), any other part by its id.
    shared: theirs, in the same order.
    own: of the endpoints' own parts, in the plan's order.
    """

    settings: str
    root: Mapping[str, str]
    volatile: Mapping[str, str]
    names: tuple[str, ...]
    shared: tuple[str, ...]
    own: tuple[str, ...]


def encoded(digests: Digests, ids: Sequence[str]) -> str:
    """Return digests as JSON, to be stored beside the ids of their parts."""
    tags = {part_id: name for part_id, name in zip(ids, digests.names, strict=True) if part_id != name}
    return json.dumps(
        [digests.settings, digests.root, digests.volatile, tags, "".join(digests.shared), "".join(digests.own)]
    )


def decoded(text: str, ids: Sequence[str]) -> Digests:
    """Return the digests of a JSON text, given the ids of the parts that it was stored with."""
    settings, root, volatile, tags, shared, own = json.loads(text)
    return Digests(
        settings, root, volatile, tuple(tags.get(part_id, part_id) for part_id in ids), _split(shared), _split(own)
    )


def _split(digests: str) -> tuple[str, ...]:
    return tuple(digests[start : start + _LENGTH] for start in range(0, len(digests), _LENGTH))


class PlannedDocument:
    """A document as it was planned: its plan, what its endpoints reach, and the digests of its parts."""

    def __init__(self, plan: Plan, dependencies: Dependencies, digests: Digests) -> None:
        self.plan = plan
        self.dependencies = dependencies
        self.digests = digests

    @cached_property
    def numbers(self) -> dict[tuple[str, str], int]:
        """The endpoints' places in the plan."""
        return {(endpoint.path, endpoint.method): number for number, endpoint in enumerate(self.plan.endpoints)}

    @cached_property
    def shared(self) -> dict[str, str]:
        """The digests of all shared parts, by name."""
        return dict(zip(self.digests.names, self.digests.shared, strict=True))

    def reached(self, key: tuple[str, str]) -> list[str]:
        """Return the names of the parts that an endpoint reaches, in the order of its slice."""
        return [self.digests.names[index] for index in self.dependencies.closures[self.numbers[key]]]

    def own_digest(self, key: tuple[str, str]) -> str:
        """Return the digest of an endpoint's own part."""
        return self.digests.own[self.numbers[key]]
