"""The identities of a document's parts, kept beside its plan: what a fingerprint is made of, piece by piece.

A fingerprint says that something changed; these say what. Small enough to be stored with every plan.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from xxhash import xxh3_128_hexdigest

from oas_tasks.config import Settings
from oas_tasks.formats import Value
from oas_tasks.formats.json_writer import canonical
from oas_tasks.openapi.pointer import escape
from oas_tasks.slicing.parts import TAGS, Hole, Part, Parts
from oas_tasks.slicing.plan import Plan
from oas_tasks.slicing.planning import settings_digest

if TYPE_CHECKING:
    from oas_tasks.slicing.slicer import Slicer

#: Hex digits of a digest.
_LENGTH = 32


class Digests(NamedTuple):
    """The digests of one planned document, each of 32 hex digits.

    settings: of the settings that shape slices.
    root: of the root fields by name, in the document's order; "" of those that are parts of their own.
    names: the shared parts in the order of `Dependencies.parts`, by what does not change when others come and go: a
        tag by its name (`tags/pets`), any other part by its id.
    shared: theirs, in the same order.
    own: of the endpoints' own parts, in the plan's order.
    """

    settings: str
    root: Mapping[str, str]
    names: tuple[str, ...]
    shared: tuple[str, ...]
    own: tuple[str, ...]


def digests_of(parts: Parts, plan: Plan, settings: Settings) -> Digests:
    """Return the digests of a document that was cut and planned."""
    own = {(endpoint.path, endpoint.method): endpoint.part.digest.hex() for endpoint in parts.endpoints}
    heading = parts.heading
    assert isinstance(heading.value, dict)
    root: dict[str, str] = {}
    for name in parts.root_order:
        holes = [hole for hole in heading.holes if hole.tokens[:1] == (name,)]
        root[name] = _digest(heading.value[name], holes) if name in heading.value else ""
    names = part_names(parts.shared)
    return Digests(
        settings_digest(settings).hex(),
        root,
        tuple(names.values()),
        tuple(map(_shared_digest, parts.shared.values())),
        tuple(own[endpoint.path, endpoint.method] for endpoint in plan.endpoints),
    )


def digests_with(
    before: Digests, was: Plan, ids: Sequence[str], now: Plan, parts: Sequence[str], slicer: Slicer
) -> Digests:
    """Return the digests of a document of which just some parts have changed, came or went.

    before: those of the plan `was`, of parts with these ids.
    now, parts: the plan that it has now, and the ids of its parts; of tags the same ones.
    slicer: of the parts in question and of the endpoints that have others now.
    """
    made = slicer.parts
    names = dict(zip(ids, before.names, strict=True))
    shared = dict(zip(ids, before.shared, strict=True))
    shared |= {part_id: _shared_digest(part) for part_id, part in made.shared.items()}
    own = {(each.path, each.method): digest for each, digest in zip(was.endpoints, before.own, strict=True)}
    own |= {(each.path, each.method): each.part.digest.hex() for each in made.endpoints}
    return Digests(
        before.settings,
        before.root,
        tuple(names.get(part_id, part_id) for part_id in parts),
        tuple(shared[part_id] for part_id in parts),
        tuple(own[each.path, each.method] for each in now.endpoints),
    )


def encoded(digests: Digests, ids: Sequence[str]) -> str:
    """Return digests as JSON, to be stored beside the ids of their parts."""
    tags = {part_id: name for part_id, name in zip(ids, digests.names, strict=True) if part_id != name}
    return json.dumps([digests.settings, digests.root, tags, "".join(digests.shared), "".join(digests.own)])


def decoded(text: str, ids: Sequence[str]) -> Digests:
    """Return the digests of a JSON text, given the ids of the parts that it was stored with."""
    settings, root, tags, shared, own = json.loads(text)
    return Digests(settings, root, tuple(tags.get(part_id, part_id) for part_id in ids), _split(shared), _split(own))


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


def _shared_digest(part: Part) -> str:
    """Return a part's digest; that of a tag is without its place among the tags, which no slice shows."""
    return _digest(part.value, part.holes) if part.section == TAGS else part.digest.hex()


def _digest(value: Value, holes: Sequence[Hole]) -> str:
    filled: Value = [[[*h.tokens], h.kind.value, h.text, h.target, list(h.operation or ())] for h in holes]
    return xxh3_128_hexdigest(canonical([value, filled]))
