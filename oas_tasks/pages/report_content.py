"""Collects what the report says of an output folder and its document, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from oas_tasks.document.place import TAGS
from oas_tasks.file_stamp import NO_STAMP
from oas_tasks.parts.part import Part
from oas_tasks.plan.plan import Endpoint
from oas_tasks.printable import printable
from oas_tasks.slices.diagnostic import Diagnostic, decoded
from oas_tasks.slices.part_places import PartPlace, PartPlaces
from oas_tasks.slices.slicer import Slicer
from oas_tasks.state.fault_list import faulty_endpoint
from oas_tasks.state.fault_places import fault_places
from oas_tasks.state.index_csv import FAIL, FILE_NAME, PASS, SKIPPED, WARN, read_index
from oas_tasks.state.run import Run
from oas_tasks.state.store import Record


class ReportedEndpoint(NamedTuple):
    """An endpoint, with its last result.

    record: SKIPPED where no slice was made since the document, or the settings, changed.
    needs: the numbers of the parts that it refers to itself. reached: how many it reaches.
    warnings: notices about its slice, such as losses of a conversion.
    """

    endpoint: Endpoint
    record: Record
    place: PartPlace
    needs: tuple[int, ...]
    reached: int
    warnings: tuple[str, ...]


class ReportedPart(NamedTuple):
    """A shared part that endpoints reach.

    kind: `schemas`, `tags`, `security`. needs: the numbers of the parts that it refers to.
    endpoints: how many reach it, and so have another slice when it changes.
    """

    kind: str
    name: str
    place: PartPlace
    needs: tuple[int, ...]
    endpoints: int


class ReportedFault(NamedTuple):
    """A fault of the document or the machine, told once for all the endpoints that it touches.

    status: FAIL where it leaves them without a slice, else WARN. endpoints: their numbers.
    """

    fault: Diagnostic
    status: str
    endpoints: tuple[int, ...]


class Report(NamedTuple):
    """What the report says of one document and its output folder.

    endpoints, parts: in document order. faults: those that touch most endpoints first.
    """

    title: str
    document: str
    family: str
    output_dir: Path
    spec: Path
    endpoints: tuple[ReportedEndpoint, ...]
    parts: tuple[ReportedPart, ...]
    faults: tuple[ReportedFault, ...]


def report_of(run: Run, slicer: Slicer) -> Report:
    """Return what there is to report of a run, as the records and the output folder have it."""
    records = _records(run)
    places = PartPlaces(slicer)
    shared = slicer.parts.shared
    reached_by = [0] * len(shared)
    for closure in slicer.dependencies.closures:
        for index in closure:
            reached_by[index] += 1
    reached = (part_id for part_id, count in zip(shared, reached_by, strict=True) if count)
    number = {part_id: index for index, part_id in enumerate(reached)}
    endpoints = [
        ReportedEndpoint(
            endpoint,
            record,
            places.of_endpoint(endpoint.key),
            tuple(number[need] for need in slicer.needs(*endpoint.key) if need in number),
            len(closure),
            _warnings(record),
        )
        for endpoint, record, closure in zip(slicer.plan.endpoints, records, slicer.dependencies.closures, strict=True)
    ]
    parts = [
        ReportedPart(
            part.section,
            _name_of(part),
            places.of_shared(part),
            tuple(number[need] for need in part.needs if need in number),
            count,
        )
        for part, count in zip(shared.values(), reached_by, strict=True)
        if count
    ]
    return Report(
        slicer.plan.title,
        str(run.settings.spec),
        slicer.plan.family,
        run.settings.output_dir,
        run.settings.spec,
        tuple(endpoints),
        tuple(parts),
        tuple(_faults(run, endpoints)),
    )


def _name_of(part: Part) -> str:
    if part.section == TAGS and isinstance(part.value, dict):
        return str(part.value.get("name"))
    return part.name or part.section


def _records(run: Run) -> list[Record]:
    """Return a record for each endpoint: the run's own, or what a checked out index says of a slice that is there."""
    rows: Mapping[tuple[str, str], dict[str, str]] = {}
    if not run.records.by_key:
        rows = read_index(run.settings.output_dir / FILE_NAME)
    return [
        _from_index(endpoint, rows[endpoint.key], run.settings.output_dir)
        if record.status == SKIPPED and endpoint.key in rows
        else record
        for endpoint, record in run.rows(interrupted=True)
    ]


def _from_index(endpoint: Endpoint, row: Mapping[str, str], folder: Path) -> Record:
    """Return the record that a row of an index stands for; SKIPPED where its slice is not there."""
    status, reason, size = row["validation_status"], row["failure_reason"], 0
    is_known = status in (PASS, WARN, FAIL)
    if status in (PASS, WARN):
        try:
            size = (folder / endpoint.file).lstat().st_size
        except OSError:
            is_known = False
        is_known = is_known and row["filename"] == endpoint.file
    if not is_known:
        return Record(*endpoint.key, "", "", SKIPPED, "", 0, NO_STAMP, "", "", 0.0, "", 0)
    file = "" if status == FAIL else endpoint.file
    return Record(*endpoint.key, file, endpoint.fingerprint, status, reason, size, NO_STAMP, "", "", 0.0, "", 0)


def _warnings(record: Record) -> tuple[str, ...]:
    try:
        return tuple(str(each) for each in decoded(record.warnings))
    except (ValueError, TypeError):  # the cache is damaged, and the next build makes it anew
        return (printable(record.warnings),)


def _faults(run: Run, endpoints: Sequence[ReportedEndpoint]) -> list[ReportedFault]:
    """Return each fault once, those with most endpoints first."""
    located = fault_places(run.settings)
    found: dict[tuple[Diagnostic, str], list[int]] = {}
    for index, each in enumerate(endpoints):
        if each.record.status in (FAIL, WARN):
            for fault in faulty_endpoint(each.endpoint, each.record).faults:
                found.setdefault((fault, each.record.status), []).append(index)
    faults = [
        ReportedFault(located(fault) if status == WARN else fault, status, tuple(dict.fromkeys(touched)))
        for (fault, status), touched in found.items()
    ]
    return sorted(faults, key=lambda each: -len(each.endpoints))
