"""What `slice-oas affected` tells, as a list of changes, whatever it is written as."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from oas_tasks.plan.plan import Endpoint
from oas_tasks.queries.affected import Affected
from oas_tasks.queries.compare import Cause, Extent
from oas_tasks.settings import Settings

#: GitHub runs no more jobs of one matrix.
MOST_JOBS = 256


class Wanted(NamedTuple):
    """How changes are told.

    since: what the documents are compared with.
    only: changes of slices go this far; None for all. Endpoints that come or go are told where it is SHAPE.
    jobs: how many entries a matrix has at most.
    nul: what is listed has a zero byte behind it rather than a line break.
    by_operation_id: operations that have an id are named by it.
    """

    since: str = "HEAD"
    only: Extent | None = None
    jobs: int = MOST_JOBS
    nul: bool = False
    by_operation_id: bool = False


class AffectedEndpoint(NamedTuple):
    """One affected endpoint.

    change: added, removed or changed.
    reason: the fault that leaves it without a slice now, or "".
    """

    settings: Settings
    change: str
    endpoint: Endpoint
    causes: tuple[Cause, ...]
    reason: str
    extent: Extent = Extent.SHAPE

    @property
    def file(self) -> str:
        """The slice, with the output folder in front."""
        return (self.settings.output_dir / self.endpoint.file).as_posix()

    @property
    def has_slice(self) -> bool:
        """Whether the slice is there after the change."""
        return self.change != "removed" and not self.reason


def changes(affected: Sequence[Affected], only: Extent | None = None) -> Iterator[AffectedEndpoint]:
    """Yield what is affected: of each document first what was added, then what was removed, then what changed.

    only: as `Wanted` has it.
    """
    for document in affected:
        for change in _changes_of(document):
            if only is None or change.extent is only:
                yield change


def _changes_of(document: Affected) -> Iterator[AffectedEndpoint]:
    found = document.comparison
    for endpoint in found.added:
        reason = found.reasons.get((endpoint.path, endpoint.method), "")
        yield AffectedEndpoint(document.settings, "added", endpoint, (), reason)
    for endpoint in found.removed:
        yield AffectedEndpoint(document.settings, "removed", endpoint, (), "")
    for each in found.changed:
        yield AffectedEndpoint(
            document.settings, "changed", each.endpoint, each.causes, each.outcome.reason, each.extent
        )
