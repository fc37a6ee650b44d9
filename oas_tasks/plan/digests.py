"""Computes the digests of a document's parts, which are stored with its plan.

A fingerprint tells that something changed; the digests tell what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xxhash import xxh3_128_hexdigest

from oas_tasks.document.place import TAGS
from oas_tasks.formats.json_write import canonical
from oas_tasks.openapi.pointer import MISSING, escape, resolve
from oas_tasks.parts.part import Part, Parts
from oas_tasks.parts.placeholders import Placeholder, identities
from oas_tasks.plan.fingerprints import lasting, root_verdict, shared_identities
from oas_tasks.plan.plan import Plan
from oas_tasks.plan.planned_document import Digests
from oas_tasks.plan.planner import settings_digest
from oas_tasks.plan.volatile import Volatile
from oas_tasks.settings import Settings


def digests_of(parts: Parts, plan: Plan, settings: Settings) -> Digests:
    """Return the digests of a planned document."""
    own = {endpoint.key: endpoint.part.digest.hex() for endpoint in parts.endpoints}
    volatile = Volatile(settings.volatile)
    root, changing = _root_digests(parts, volatile)
    names = part_names(parts.shared)
    return Digests(
        settings_digest(settings).hex(),
        root,
        changing,
        tuple(names.values()),
        tuple(each.hex() for each in shared_identities(parts.shared, volatile)),
        tuple(own[endpoint.key] for endpoint in plan.endpoints),
    )


def part_names(shared: Mapping[str, Part]) -> dict[str, str]:
    """Return the names of parts by id; if several tags have the same name, the later ones get a number."""
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
    """Return the digests of root fields without their volatile places, and with them where there are any.

    The faults of a field are part of its digest, as they are part of fingerprints.
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
            depth = len(tokens)
            found = [each for each in heading.placeholders if tuple(map(str, each.tokens[:depth])) == tokens]
            whole = _digest(resolve(heading.value, tokens), found)
            kept = resolve(left, tokens)
            digest = "" if kept is MISSING else _digest(kept, lasting(found, volatile))
            if digest:
                root[".".join(tokens)] = digest
            if digest != whole:
                changing[".".join(tokens)] = whole
    for fault in root_verdict(parts, volatile):
        name = ".".join(fault.tokens[:2] if fault.tokens[:1] == ("info",) else fault.tokens[:1])
        root[name] = xxh3_128_hexdigest(f"{root.get(name, '')} {fault.message}".encode())
    return root, changing


def _digest(value: object, placeholders: Sequence[Placeholder]) -> str:
    """Return the digest of a value, which is not MISSING, and of its placeholders."""
    return xxh3_128_hexdigest(canonical([value, identities(placeholders)]))  # type: ignore[list-item]
