"""Computes the identities that fingerprints are made of: everything in a slice except volatile places.

The root fields of a slice are those that every slice has, and its own: its components, its tags, the root's security.
All are in the document's order. What a slice does not contain is not part of its fingerprint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from xxhash import xxh3_128_digest

from oas_tasks.document.document import family_of
from oas_tasks.document.place import SECURITY, TAGS
from oas_tasks.formats import Value
from oas_tasks.formats.json_write import canonical
from oas_tasks.openapi.faults import Fault
from oas_tasks.parts.part import Part, Parts, losses_identity
from oas_tasks.parts.placeholders import Placeholder, identities
from oas_tasks.plan.volatile import Volatile


class Carried(NamedTuple):
    """The root fields that a slice has because of the shared parts that it reaches."""

    components: bool
    tags: bool
    security: bool


class RootIdentity:
    """The identity of the root fields in the slices of one document."""

    def __init__(self, parts: Parts, volatile: Volatile) -> None:
        heading = parts.heading.value
        assert isinstance(heading, dict)
        said: list[Value] = [volatile.without(heading), identities(lasting(parts.heading.placeholders, volatile))]
        said += [[fault.message, *fault.tokens] for fault in root_verdict(parts, volatile)]
        self._always = xxh3_128_digest(canonical(said))
        self._heading = {name for name in heading if not volatile.is_all_of(name)}
        self._order = parts.root_order
        self._known: dict[tuple[str, Carried], bytes] = {}

    @property
    def of_every_slice(self) -> bytes:
        """The identity of the root fields that every slice has."""
        return self._always + repr(sorted(self._heading)).encode("utf-8", "surrogatepass")

    def of(self, section: str, carried: Carried) -> bytes:
        """Return the identity of the root fields of a slice: those that every slice has, and the order of all.

        section: the root field that its endpoint is in.
        """
        found = self._known.get((section, carried))
        if found is None:
            own = {
                section,
                *(["components"] if carried.components else ()),
                *([TAGS] if carried.tags else ()),
                *([SECURITY] if carried.security else ()),
            }
            order = [name for name in self._order if name in self._heading or name in own]
            found = self._known[section, carried] = self._always + repr(order).encode()
        return found


def carried_for(reached: Sequence[Part]) -> Carried:
    """Return the root fields that a slice has because of the shared parts that it reaches."""
    sections = {part.section for part in reached}
    return Carried(bool(sections - {TAGS, SECURITY}), TAGS in sections, SECURITY in sections)


def shared_identities(shared: Mapping[str, Part], volatile: Volatile) -> list[bytes]:
    """Return the identities of shared parts, in their order. That of a tag does not cover its place in the list."""
    return [tag_identity(part, volatile) if part.section == TAGS else part.digest for part in shared.values()]


def tag_identity(part: Part, volatile: Volatile) -> bytes:
    """Return the identity of a declared tag."""
    left = volatile.field_without(TAGS, [part.value])
    said: list[Value] = [left, identities(part.placeholders)]
    return xxh3_128_digest(canonical([*said, losses_identity(part.losses)] if part.losses else said))


def lasting(placeholders: Sequence[Placeholder], volatile: Volatile) -> list[Placeholder]:
    """Return those of the root's placeholders that are not volatile."""
    return [each for each in placeholders if not volatile.holds(tuple(map(str, each.tokens)))]


def root_verdict(parts: Parts, volatile: Volatile) -> list[Fault]:
    """Return the faults of the root, which the identity of its lasting places does not cover.

    They are in volatile places, or in containers that no slice has, and leave every endpoint without a slice.
    """
    heading = parts.heading.value
    assert isinstance(heading, dict)
    family = family_of(heading.get("openapi"))
    if family is None or not _may_be_wrong(heading, volatile):
        return [*parts.misshapen]
    from oas_tasks.openapi.validation import structure  # importing it takes longer than everything else here

    return [*structure.root_faults(family, heading), *parts.misshapen]


def _may_be_wrong(heading: Mapping[str, Value], volatile: Volatile) -> bool:
    """Whether a volatile place may be at fault. A string as `version` never is, nor is anything in an `x-` field."""
    info = heading.get("info")
    has_version = isinstance(info, dict) and isinstance(info.get("version"), str)
    return any(map(volatile.is_in, heading)) and not (has_version and volatile.is_of_versions)
