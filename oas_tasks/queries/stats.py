"""Counts what a document holds: endpoints, components, what they share, what is left over.

Everything follows from the plan and the parts of the whole document, whatever the filters; nothing is sliced. Faults
are those of the last build, as far as it knows the endpoints as they are now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from oas_tasks.document.place import ENTRY, SECURITY, TAGS, WEBHOOKS, EndpointKey
from oas_tasks.plan.plan import Endpoint
from oas_tasks.settings import Settings
from oas_tasks.state.index_csv import FAIL, WARN

if TYPE_CHECKING:
    from oas_tasks.parts.part import Part
    from oas_tasks.slices.slicer import Slicer

#: How many of the largest slices, the most shared schemas and the most used tags are kept.
_MOST = 5


class LargeSlice(NamedTuple):
    """An endpoint with many components.

    size: the estimated bytes of its slice.
    """

    endpoint: str
    components: int
    size: int


class FaultCounts(NamedTuple):
    """What the last build found: endpoints without a slice, with a warning, and those that it does not know."""

    failed: int
    warned: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Stats:
    """The numbers of one document. Endpoints are named `GET /users`, components `schemas/User`.

    version: of OpenAPI. title, api_version: of `info`.
    files, size: how many files it is made of, and their bytes.
    paths, webhooks: how many have operations.
    methods: endpoints by method, without those of webhooks. tags: endpoints by tag, the most used first.
    untagged: endpoints without a tag.
    components: how many there are of each kind. unused: those that no endpoint and no webhook reaches.
    elsewhere: how many more there are in slices, since a reference leads to another file or into an operation.
    references: how many pairs of an operation or component and a component that it refers to.
    deepest, depth: the endpoint with the longest way to a component, and how many references that way has.
    largest: the endpoints that reach the most components, the first ones.
    shared: the schemas that the most endpoints reach, with how many.
    deprecated, without_security, without_operation_id: the endpoints of which that is true.
    faults: None where nothing was built yet.
    """

    document: str
    name: str | None
    version: str
    title: str
    api_version: str
    files: int
    size: int
    endpoints: int
    paths: int
    webhooks: int
    methods: Mapping[str, int]
    tags: Mapping[str, int]
    untagged: int
    components: Mapping[str, int]
    unused: Sequence[str]
    elsewhere: int
    references: int
    deepest: str
    depth: int
    largest: Sequence[LargeSlice]
    shared: Mapping[str, int]
    deprecated: Sequence[str]
    without_security: Sequence[str]
    without_operation_id: Sequence[str]
    faults: FaultCounts | None


def stats(settings: Settings) -> Stats:
    """Return the numbers of a document. Raises UserError where it cannot be sliced."""
    from oas_tasks.slices.loading import load_slicer

    whole = replace(settings, filter=(), methods=(), tags=(), operation_ids=(), webhooks=True, output_version="auto")
    slicer = load_slicer(whole, str(settings.spec))
    endpoints = slicer.plan.endpoints
    of_webhooks = {each.key for each in slicer.parts.endpoints if each.part.section == WEBHOOKS}
    paths = [each for each in endpoints if each.key not in of_webhooks]
    tags = Counter(tag for each in endpoints for tag in each.cells.tags)
    uses = Counter[int]()
    for closure in slicer.dependencies.closures:
        uses.update(closure)
    components = [(number, part) for number, part in enumerate(slicer.parts.shared.values()) if _is_component(part)]
    own = [(number, part) for number, part in components if not part.moved]
    copied = _copied(slicer)
    deepest, depth = _deepest(slicer, endpoints)
    info = slicer.document.root.get("info")
    schemas = Counter({_name(part): uses[number] for number, part in components if part.section == "schemas"})
    files = [file for file in slicer.sources.files() if file.size >= 0]  # the others are not there
    return Stats(
        document=str(settings.spec),
        name=settings.name,
        version=str(slicer.document.root["openapi"]),
        title=slicer.plan.title,
        api_version=str(info.get("version", "")) if isinstance(info, dict) else "",
        files=1 + len(files),
        size=settings.spec.stat().st_size + sum(file.size for file in files),
        endpoints=len(endpoints),
        paths=len({each.path for each in paths}),
        webhooks=len({path for path, _ in of_webhooks}),
        methods=dict(Counter(each.method for each in paths).most_common()),
        tags=dict(tags.most_common()),
        untagged=sum(not each.cells.tags for each in endpoints),
        components=dict(Counter(part.section for _, part in own).most_common()),
        unused=[name for number, part in own if not uses[number] and (name := _name(part)) not in copied],
        elsewhere=len(components) - len(own),
        references=_references(slicer),
        deepest=deepest,
        depth=depth,
        largest=_largest(slicer, endpoints),
        shared={name: count for name, count in schemas.most_common(_MOST) if count},
        deprecated=_labels(each for each in endpoints if each.cells.deprecated),
        without_security=_labels(each for each in endpoints if not each.cells.security_required),
        without_operation_id=_labels(each for each in endpoints if not each.cells.operation_id),
        faults=_faults(settings),
    )


def _is_component(part: Part) -> bool:
    """Whether a part stands among the components of slices."""
    return part.section not in (TAGS, SECURITY)


def _copied(slicer: Slicer) -> set[str]:
    """Return the components that slices have a copy of in place of a reference, such as Path Items."""
    own = [each.part for each in slicer.parts.endpoints]
    places = [place for part in own for _, place in part.sources()]
    places += [place for part in slicer.parts.shared.values() for _, place in part.inlined]
    inside = (tokens for file, tokens in places if file == ENTRY and tokens[:1] == ("components",) and len(tokens) > 2)
    return {f"{tokens[1]}/{tokens[2]}" for tokens in inside}


def _name(part: Part) -> str:
    return f"{part.section}/{part.name}"


def _labels(endpoints: Iterable[Endpoint]) -> list[str]:
    return [endpoint.label for endpoint in endpoints]


def _references(slicer: Slicer) -> int:
    shared = slicer.parts.shared
    parts = (*shared.values(), *(each.part for each in slicer.parts.endpoints))
    return sum(need in shared and shared[need].section not in (TAGS, SECURITY) for part in parts for need in part.needs)


def _deepest(slicer: Slicer, endpoints: Sequence[Endpoint]) -> tuple[str, int]:
    """Return the endpoint whose farthest part is the farthest away, on the shortest ways, and how far that is."""
    shared = slicer.parts.shared
    known: dict[tuple[str, ...], int] = {}
    deepest, most = "", 0
    for endpoint in endpoints:
        needs = slicer.needs(*endpoint.key)
        if needs not in known:
            known[needs] = _depth(shared, needs)
        if known[needs] > most:
            deepest, most = endpoint.label, known[needs]
    return deepest, most


def _depth(shared: Mapping[str, Part], needs: Iterable[str]) -> int:
    seen: set[str] = set()
    level = {need for need in needs if need in shared}
    depth = 0
    while level:
        depth += 1
        seen |= level
        level = {need for part_id in level for need in shared[part_id].needs if need in shared and need not in seen}
    return depth


def _largest(slicer: Slicer, endpoints: Sequence[Endpoint]) -> list[LargeSlice]:
    from oas_tasks.formats.json_write import canonical

    closures = slicer.dependencies.closures
    parts = list(slicer.parts.shared.values())
    numbers = sorted(range(len(endpoints)), key=lambda number: -len(closures[number]))[:_MOST]
    # The text of a slice is about as long as the JSON of its parts.
    sizes = {index: len(canonical(parts[index].value)) for number in numbers for index in closures[number]}
    heading = len(canonical(slicer.parts.heading.value))
    found: list[LargeSlice] = []
    for number in numbers:
        endpoint = endpoints[number]
        own = len(canonical(slicer.own_part(*endpoint.key).value))
        components = sum(parts[index].section not in (TAGS, SECURITY) for index in closures[number])
        size = heading + own + sum(sizes[index] for index in closures[number])
        found.append(LargeSlice(endpoint.label, components, size))
    return found


def _faults(settings: Settings) -> FaultCounts | None:
    """Return what the last build found out about the endpoints that it was for."""
    from oas_tasks.queries.read_only_run import read_only_run, stored_records

    if not stored_records(settings):
        return None
    run = read_only_run(settings)
    records: dict[EndpointKey, str] = {}
    for endpoint in run.plan.endpoints:
        record = run.records.by_key.get(endpoint.key)
        if record is not None and record.fingerprint == endpoint.fingerprint:
            records[endpoint.key] = record.status
    counted = Counter(records.values())
    return FaultCounts(counted[FAIL], counted[WARN], len(run.plan.endpoints) - len(records))
