"""Makes the plan of a document from its parts: closures, file names, fingerprints, the cells of the index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from xxhash import xxh3_128_digest, xxh3_128_hexdigest

from oas_tasks.document.place import TAGS, EndpointKey
from oas_tasks.formats import Value
from oas_tasks.openapi.pointer import MISSING, from_readable, readable, resolve
from oas_tasks.parts.facts import Memory
from oas_tasks.parts.operations import is_required
from oas_tasks.parts.part import EndpointPart, Part, Parts
from oas_tasks.parts.placeholders import linked_operations
from oas_tasks.plan.closure import ReachedNodes
from oas_tasks.plan.file_names import file_names
from oas_tasks.plan.filters import Candidate, idle, selected
from oas_tasks.plan.fingerprints import Carried, RootIdentity, carried_for, shared_identities
from oas_tasks.plan.kept_rows import EarlierPlan, PlanRow, basis_of, kept_rows
from oas_tasks.plan.moved_names import moved_names, moved_order, own_names
from oas_tasks.plan.plan import OUTPUT_VERSION, Cells, Dependencies, Endpoint, Idle, Plan
from oas_tasks.plan.recent import Recent
from oas_tasks.plan.volatile import Volatile
from oas_tasks.settings import SETTINGS, Settings


class _Reached(NamedTuple):
    """The shared parts that an endpoint reaches, and what follows from them alone.

    closure: their numbers. parts: the parts. identities: their identities, joined. carried: the root fields that they
    add to a slice. is_moving: some of them are moved parts. operations: the targets of their Links.
    """

    closure: tuple[int, ...]
    parts: list[Part]
    identities: bytes
    carried: Carried
    is_moving: bool
    operations: frozenset[EndpointKey]
    schema_count: int


def _reached(closure: tuple[int, ...], shared: Sequence[Part], identities: Sequence[bytes]) -> _Reached:
    parts = [shared[index] for index in closure]
    return _Reached(
        closure,
        parts,
        b"".join(identities[index] for index in closure),
        carried_for(parts),
        any(part.moved for part in parts),
        frozenset(_operations(parts)),
        sum(part.section == "schemas" for part in parts),
    )


def settings_digest(settings: Settings) -> bytes:
    """Return the identity of the settings that shape a slice's bytes or its verdict."""
    shaping = (
        OUTPUT_VERSION,
        settings.format,
        settings.output_version,
        settings.strict,
        settings.validate,
        settings.allow_outside,
        settings.volatile,
    )
    return xxh3_128_digest(repr(shaping).encode())


def make_plan(
    parts: Parts,
    settings: Settings,
    volatile: Volatile,
    memory: Memory | None = None,
    earlier: EarlierPlan | None = None,
) -> tuple[Plan, Dependencies]:
    """Return the plan of a document that was cut into `parts`, and the dependencies of its endpoints.

    volatile: the places of the root that no fingerprint covers.
    memory, earlier: the facts of the parts, and the plan that those of the last run belong to.
    """
    root = RootIdentity(parts, volatile)
    basis = basis_of(parts, settings_digest(settings), root.of_every_slice)
    keys = [e.key for e in parts.endpoints]
    before = earlier.plan.endpoints if earlier is not None and earlier.dependencies.basis == basis else ()
    # Names follow from the keys of all endpoints and from the format, which the basis covers.
    is_same = keys == [e.key for e in before]
    names = [e.file for e in before] if is_same else file_names(keys, settings.format)
    candidates = [_candidate(e) for e in parts.endpoints]
    chosen = selected(settings, candidates)
    wanted = [(e, name) for e, name, is_in in zip(parts.endpoints, names, chosen, strict=True) if is_in]
    files = {key: name for key, name, is_in in zip(keys, names, chosen, strict=True) if is_in}
    numbers = {part_id: index for index, part_id in enumerate(parts.shared)}
    kept = kept_rows(parts, numbers, files, basis, memory or Memory(), earlier)
    rows = _Rows(parts, numbers, files, settings_digest(settings), root, shared_identities(parts.shared, volatile))
    rows.expect(endpoint for endpoint, _ in wanted if endpoint.key not in kept)
    made = [kept.get(endpoint.key) or rows.row(endpoint, name) for endpoint, name in wanted]
    endpoints = tuple(row.endpoint for row in made)
    return (
        Plan(
            parts.family,
            plan_digest(endpoints),
            endpoints,
            title_of(parts.heading.value),
            (*idle(settings, candidates), *_idle_pointers(settings, parts.heading.value)),
        ),
        Dependencies(tuple(numbers), tuple(row.closure for row in made), basis),
    )


class _Rows:
    """Works out the rows of a plan, each from the parts that its endpoint reaches."""

    def __init__(
        self,
        parts: Parts,
        numbers: Mapping[str, int],
        files: Mapping[EndpointKey, str],
        of_settings: bytes,
        root: RootIdentity,
        identities: Sequence[bytes],
    ) -> None:
        """Take a document that was cut.

        numbers: of the shared parts, by id. files: the names of all slices.
        of_settings, root, identities: what fingerprints are made of, the last in the order of the shared parts.
        """
        self._parts = parts
        self._shared = list(parts.shared.values())
        self._numbers = numbers
        self._files = files
        self._of_settings = of_settings
        self._root = root
        self._identities = identities
        self._own_components = own_names(self._shared)
        self._recent: Recent[_Reached] = Recent()
        self._nodes = ReachedNodes((), self._needed_by)

    def expect(self, endpoints: Iterable[EndpointPart]) -> None:
        """Find out what can be reached from some endpoints, for which rows are going to be made."""
        starts = {number for endpoint in endpoints for number in self._starts(endpoint)}
        self._nodes = ReachedNodes(starts, self._needed_by)

    def _needed_by(self, number: int) -> Iterable[int]:
        return self._known(self._shared[number].needs)

    def _known(self, needs: Iterable[str]) -> Iterator[int]:
        numbers = self._numbers
        return (numbers[need] for need in needs if need in numbers)

    def _starts(self, endpoint: EndpointPart) -> Iterator[int]:
        return self._known((*self._parts.heading.needs, *endpoint.part.needs))

    def row(self, endpoint: EndpointPart, name: str) -> PlanRow:
        """Return the row of an expected endpoint.

        name: of its slice.
        """
        parts = self._parts
        bits = self._nodes.bits(self._starts(endpoint))
        reach = self._recent.by(bits, bits, lambda: self._reached(self._nodes.nodes(bits)))
        identities = reach.identities
        if reach.is_moving:
            own = tuple(index for index in reach.closure if not self._shared[index].moved)
            order = moved_order((endpoint.part, parts.heading), parts.shared)
            moved = moved_names(order, parts.shared, self._own_components, own_names(reach.parts))
            reach = self._reached(own + tuple(self._numbers[part_id] for part_id in moved))
            identities = reach.identities + repr(list(moved.values())).encode()
        links = _links(reach.operations | _operations([endpoint.part]), self._files)
        of_root = self._root.of(endpoint.part.section, reach.carried)
        identity = self._of_settings + of_root + endpoint.part.digest + identities + links
        cells = _cells(parts, endpoint, reach.schema_count)
        return PlanRow(Endpoint(*endpoint.key, name, xxh3_128_hexdigest(identity), cells), reach.closure)

    def _reached(self, closure: tuple[int, ...]) -> _Reached:
        return _reached(closure, self._shared, self._identities)


def _idle_pointers(settings: Settings, root: Value) -> Iterator[Idle]:
    """Yield the pointers of `volatile` that lead to nothing in the root; an `x-` field may come and go."""
    for pointer in settings.volatile:
        tokens = from_readable(pointer)
        is_default = pointer in SETTINGS["volatile"].default  # type: ignore[operator]  # a tuple
        if is_default or "*" in pointer or tokens[-1].startswith("x-"):
            continue
        if resolve(root, tokens) is MISSING and tokens[0] != TAGS:
            from difflib import get_close_matches  # only for settings with a mistake

            around = resolve(root, tokens[:-1])
            close = get_close_matches(tokens[-1], around, n=1) if isinstance(around, dict) else []
            guess = readable((*tokens[:-1], *close))[1:] if close else ""
            yield Idle("volatile", f"the document has nothing at '{pointer}', which 'volatile' names", guess)


def plan_digest(endpoints: Sequence[Endpoint]) -> str:
    """Return the identity of a plan, 32 hex digits."""
    everything = "\0".join(f"{e.method} {e.path}\0{e.file}\0{e.fingerprint}" for e in endpoints)
    return xxh3_128_hexdigest(everything.encode("utf-8", "surrogatepass"))


def title_of(root: Value) -> str:
    """Return the `info.title` of a document, "" where it has none."""
    info = root.get("info") if isinstance(root, dict) else None
    title = info.get("title") if isinstance(info, dict) else None
    return title if isinstance(title, str) else ""


def _candidate(endpoint: EndpointPart) -> Candidate:
    return Candidate(endpoint.path, endpoint.method, endpoint.cells.tags, endpoint.cells.operation_id)


def _operations(parts: Iterable[Part]) -> set[EndpointKey]:
    """Return the operations, by path and method, that Links in some parts lead to."""
    return linked_operations(each for part in parts for each in part.placeholders)


def _links(operations: Set[EndpointKey], files: Mapping[EndpointKey, str]) -> bytes:
    """Return the files that the links of a slice lead to, which depend on other endpoints."""
    return (
        repr(sorted((operation, files.get(operation, "")) for operation in operations)).encode() if operations else b""
    )


def _cells(parts: Parts, endpoint: EndpointPart, schema_count: int) -> Cells:
    said = endpoint.cells
    return Cells(
        said.summary,
        said.operation_id,
        said.tags,
        schema_count,
        endpoint.parameter_count,
        said.response_codes,
        is_required(parts.root_security) if said.security_required is None else said.security_required,
        said.deprecated,
    )
