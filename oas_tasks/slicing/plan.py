"""The plan: for every endpoint its file, its fingerprint, what it depends on, and its cells of the index.

Made from a document's parts; small and plain, so that it can be stored and a run over an unchanged document starts
from it without reading the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xxhash import xxh3_128_digest, xxh3_128_hexdigest

from oas_tasks.config import Settings
from oas_tasks.formats import Value
from oas_tasks.openapi.pointer import MISSING, decode, resolve
from oas_tasks.slicing.closure import closures, members
from oas_tasks.slicing.names import file_names
from oas_tasks.slicing.parts import EndpointPart, Parts
from oas_tasks.slicing.selection import matches

#: Counts up when the same document and settings give other bytes or another verdict than before.
OUTPUT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Cells:
    """What the index says of an endpoint that follows from the document alone."""

    summary: str
    operation_id: str
    tags: tuple[str, ...]
    schema_count: int
    parameter_count: int
    response_codes: tuple[str, ...]
    security_required: bool
    deprecated: bool


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One slice to be made.

    path, method: as in the index.
    file: the slice's file name in the output folder.
    fingerprint: 32 hex digits over everything that the slice's bytes and its verdict depend on.
    cells: its cells of the index that follow from the document.
    """

    path: str
    method: str
    file: str
    fingerprint: str
    cells: Cells


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build of one document with one set of settings consists of.

    family: the version of the slices, "3.1".
    digest: identity of the whole plan, 32 hex digits.
    endpoints: the selected ones, in document order.
    """

    family: str
    digest: str
    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What every endpoint of a plan reaches; kept apart, since most runs do not ask.

    parts: the ids of all shared parts, in document order.
    closures: for each endpoint the parts that it reaches, as ascending indexes into `parts`.
    """

    parts: tuple[str, ...]
    closures: tuple[tuple[int, ...], ...]

    def of(self, number: int) -> tuple[str, ...]:
        """Return the ids of the parts that the endpoint of this number in the plan reaches."""
        return tuple(self.parts[index] for index in self.closures[number])


def settings_digest(settings: Settings) -> bytes:
    """Return the identity of the settings that shape a slice's bytes or its verdict."""
    shaping = (
        OUTPUT_VERSION,
        settings.format,
        settings.output_version,
        settings.strict,
        settings.validate,
        settings.allow_outside,
    )
    return xxh3_128_digest(repr(shaping).encode())


def make_plan(parts: Parts, settings: Settings) -> tuple[Plan, Dependencies]:
    """Return the plan of a document that was cut into `parts`, and what its endpoints depend on."""
    shared = list(parts.shared.values())
    number = {part.id: index for index, part in enumerate(shared)}
    reached = closures([[number[need] for need in part.needs if need in number] for part in shared])
    names = file_names([(e.path, e.method) for e in parts.endpoints], settings.format)
    common = settings_digest(settings) + parts.heading_digest
    endpoints: list[Endpoint] = []
    found: list[tuple[int, ...]] = []
    for endpoint, name in zip(parts.endpoints, names, strict=True):
        operation = endpoint.operation
        tags = _strings(operation.get("tags"))
        operation_id = operation.get("operationId")
        operation_id = operation_id if isinstance(operation_id, str) else ""
        if not matches(settings, endpoint.path, endpoint.method, tags, operation_id):
            continue
        bits = 0
        for need in endpoint.part.needs:
            bits |= reached[number[need]] if need in number else 0
        closure = tuple(members(bits))
        digests = b"".join(shared[index].digest for index in closure)
        found.append(closure)
        endpoints.append(
            Endpoint(
                endpoint.path,
                endpoint.method,
                name,
                xxh3_128_hexdigest(common + endpoint.part.digest + digests),
                _cells(parts, endpoint, [shared[index].id for index in closure], tags, operation_id),
            )
        )
    everything = "\0".join(f"{e.method} {e.path}\0{e.file}\0{e.fingerprint}" for e in endpoints)
    digest = xxh3_128_hexdigest(everything.encode("utf-8", "surrogatepass"))
    return (
        Plan(parts.document.model.family, digest, tuple(endpoints)),
        Dependencies(tuple(number), tuple(found)),
    )


def _cells(
    parts: Parts, endpoint: EndpointPart, closure: Sequence[str], tags: tuple[str, ...], operation_id: str
) -> Cells:
    operation = endpoint.operation
    responses = operation.get("responses")
    summary = operation.get("summary")
    return Cells(
        summary if isinstance(summary, str) else "",
        operation_id,
        tags,
        sum(part_id.startswith("components/schemas/") for part_id in closure),
        _parameter_count(parts, endpoint),
        tuple(code for code in responses if not code.startswith("x-")) if isinstance(responses, dict) else (),
        _security_required(operation.get("security", parts.document.root.get("security"))),
        operation.get("deprecated") is True,
    )


def _parameter_count(parts: Parts, endpoint: EndpointPart) -> int:
    """Count the effective parameters: an operation's overrides the path item's of the same name and place."""
    effective = set()
    for holder in (endpoint.path_item, endpoint.operation):
        parameters = holder.get("parameters")
        for index, parameter in enumerate(parameters if isinstance(parameters, list) else ()):
            value: object = parameter
            for _ in range(32):  # chains of references; one that never ends is reported as a fault elsewhere
                target = value.get("$ref") if isinstance(value, dict) else None
                tokens = decode(target[1:]) if isinstance(target, str) and target[:1] == "#" else None
                if tokens is None:
                    break
                value = resolve(parts.document.root, tokens)
            if isinstance(value, dict) and "name" in value:
                effective.add((str(value["name"]), str(value.get("in"))))
            elif value is MISSING or not isinstance(value, dict):
                effective.add((str(index), ""))
    return len(effective)


def _security_required(security: Value) -> bool:
    """Whether the effective security is neither empty nor optional (an empty requirement means anonymous)."""
    return isinstance(security, list) and bool(security) and {} not in security


def _strings(value: Value) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
