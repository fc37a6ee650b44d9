"""The identities of a document's parts, kept beside its plan: what a fingerprint is made of, piece by piece.

A fingerprint says that something changed; these say what. Small enough to be stored with every plan.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from xxhash import xxh3_128_hexdigest

from oas_tasks.document.place import TAGS
from oas_tasks.formats.json_write import canonical
from oas_tasks.openapi.pointer import MISSING, escape, resolve
from oas_tasks.parts.part import Hole, Part, Parts, identities
from oas_tasks.plan.fingerprints import lasting, root_verdict, shared_identities
from oas_tasks.plan.plan import Dependencies, Plan
from oas_tasks.plan.planner import settings_digest
from oas_tasks.plan.volatile import Volatile
from oas_tasks.settings import Settings

if TYPE_CHECKING:
    pass

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


def digests_of(parts: Parts, plan: Plan, settings: Settings) -> Digests:
    """Return the digests of a document that was cut and planned."""
    own = {(endpoint.path, endpoint.method): endpoint.part.digest.hex() for endpoint in parts.endpoints}
    volatile = Volatile(settings.volatile)
    root, changing = _root_digests(parts, volatile)
    names = part_names(parts.shared)
    return Digests(
        settings_digest(settings).hex(),
        root,
        changing,
        tuple(names.values()),
        tuple(each.hex() for each in shared_identities(parts.shared, volatile)),
        tuple(own[endpoint.path, endpoint.method] for endpoint in plan.endpoints),
    )


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


def part_names(shared: Mapping[str, Part]) -> dict[str, str]:
    """Return what to call parts, by id; of several tags with one name the later ones get a number."""
    names: dict[str, str] = {}
    taken: dict[str, int] = {}
    for part_id, part in shared.items():
        names[part_id] = part_id
        if part.section == TAGS and isinstance(part.value, dict):
            name = f"{TAGS}/{escape(str(part.value.get('name')))}"
            taken[name] = number = taken.get(name, 0) + 1
            names[part_id] = name if number == 1 else f"{name}#{number}"
    return names


def _root_digests(parts: Parts, volatile: Volatile) -> tuple[dict[str, str], dict[str, str]]:
    """Return the digests of root fields without what is volatile in them, and of those that have such places.

    What is wrong with a field counts as well, as it does for fingerprints.
    """
    heading = parts.heading
    assert isinstance(heading.value, dict)
    root: dict[str, str] = {}
    changing: dict[str, str] = {}
    for name in parts.root_order:
        if name not in heading.value:
            root[name] = ""
            continue
        value = heading.value[name]
        pieces: list[tuple[str, ...]] = [(name,)]
        if name == "info" and isinstance(value, dict):
            pieces = [(name, member) for member in value]
        left = volatile.without({name: value})
        for tokens in pieces:
            holes = [hole for hole in heading.holes if tuple(map(str, hole.tokens[: len(tokens)])) == tokens]
            whole = _digest(resolve(heading.value, tokens), holes)
            kept = resolve(left, tokens)
            digest = "" if kept is MISSING else _digest(kept, lasting(holes, volatile))
            if digest:
                root[".".join(tokens)] = digest
            if digest != whole:
                changing[".".join(tokens)] = whole
    for fault in root_verdict(parts, volatile):
        name = ".".join(fault.tokens[:2] if fault.tokens[:1] == ("info",) else fault.tokens[:1])
        root[name] = xxh3_128_hexdigest(f"{root.get(name, '')} {fault.message}".encode())
    return root, changing


def _digest(value: object, holes: Sequence[Hole]) -> str:
    """Return the digest of a value, of which there is one."""
    return xxh3_128_hexdigest(canonical([value, identities(holes)]))  # type: ignore[list-item]


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
