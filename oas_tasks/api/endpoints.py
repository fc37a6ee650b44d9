"""Endpoints as data, without writing anything: a document's list, one slice, and what a change affects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from oas_tasks.api.batch_request import BatchExtractionRequest, StrPath, call, requested
from oas_tasks.api.endpoint_at import endpoint_at
from oas_tasks.errors import UserError
from oas_tasks.plan.plan import Endpoint
from oas_tasks.processes import act_as_main
from oas_tasks.queries.affected import affected_between
from oas_tasks.queries.compare import Cause, Extent
from oas_tasks.queries.read_only_run import read_only_plan
from oas_tasks.settings import Settings


@dataclass(frozen=True, slots=True)
class ListedEndpoint:
    """An endpoint of a document.

    file: where its slice is or would be.
    operation_id, summary: "" where the operation has none.
    """

    path: str
    method: str
    file: Path
    operation_id: str
    summary: str
    tags: tuple[str, ...]
    deprecated: bool


@dataclass(frozen=True, slots=True)
class EndpointChange:
    """An endpoint whose slice differs between two documents.

    extent: TEXT if only descriptions, summaries, titles, examples and `x-` fields differ.
    causes: what made it differ, as far as the endpoint is in both documents.
    reason: the fault for which it has no slice now, or "".
    """

    change: Literal["added", "removed", "changed"]
    endpoint: ListedEndpoint
    extent: Extent = Extent.SHAPE
    causes: tuple[Cause, ...] = ()
    reason: str = ""


def list_endpoints(document: StrPath | BatchExtractionRequest) -> tuple[ListedEndpoint, ...]:
    """Return the endpoints of a document in its order: of a file, or those that a request's filters let through.

    Raises UserError where the document cannot be sliced.
    """
    act_as_main()
    with call():
        settings = requested(document)
        return tuple(_listed(endpoint, settings) for endpoint in read_only_plan(settings).endpoints)


def slice_endpoint(document: StrPath | BatchExtractionRequest, method: str, path: str) -> dict[str, Any]:
    """Return the slice of one endpoint as a new dictionary, and write nothing; letter case of methods does not matter.

    The document is read anew by each call, so that `extract` is the way to many slices.

    Raises UserError where the document cannot be sliced, or has no such endpoint, or a fault leaves that without a
    slice.
    """
    from oas_tasks.slices.loading import load_slicer

    act_as_main()
    with call():
        settings = replace(requested(document), format="json")
        slicer = load_slicer(settings, str(settings.spec))
        endpoints = [(settings, endpoint) for endpoint in slicer.plan.endpoints]
        _, endpoint = endpoint_at(endpoints, path, method, "'method'")
        slicer.expect([endpoint.key])
        made = slicer.make(*endpoint.key)
        if made.content is None:
            raise RuntimeError(made.reason) if made.traceback else UserError(made.reason)
        found: dict[str, Any] = json.loads(made.content)
        return found


def affected(
    old: StrPath | BatchExtractionRequest, new: StrPath | BatchExtractionRequest
) -> tuple[EndpointChange, ...]:
    """Return the endpoints whose slices two clean builds would differ in: added ones, then removed, then changed ones.

    Where one document is a file and the other a request, the request's settings are those of both.

    Raises UserError where one of the documents cannot be sliced.
    """
    act_as_main()
    with call():
        if isinstance(new, BatchExtractionRequest) and not isinstance(old, BatchExtractionRequest):
            old = replace(new, input_file=old)
        elif isinstance(old, BatchExtractionRequest) and not isinstance(new, BatchExtractionRequest):
            new = replace(old, input_file=new)
        before, after = requested(old), requested(new)
        return tuple(_changes(before, after))


def _changes(before: Settings, after: Settings) -> Iterator[EndpointChange]:
    found = affected_between(before, after).comparison
    for endpoint in found.added:
        yield EndpointChange("added", _listed(endpoint, after), reason=found.reasons.get(endpoint.key, ""))
    for endpoint in found.removed:
        yield EndpointChange("removed", _listed(endpoint, before))
    for each in found.changed:
        listed = _listed(each.endpoint, after)
        yield EndpointChange("changed", listed, each.extent, each.causes, each.outcome.reason)


def _listed(endpoint: Endpoint, settings: Settings) -> ListedEndpoint:
    cells = endpoint.cells
    file = settings.output_dir / endpoint.file
    names = (cells.operation_id, cells.summary, cells.tags, cells.deprecated)
    return ListedEndpoint(endpoint.path, endpoint.method, file, *names)
