"""The changes that `slice-oas affected` writes, in any output format."""

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
    """Which changes are written, and how.

    since: what the documents are compared with.
    only: the extent of changes; None for all. Added and removed endpoints count as SHAPE.
    jobs: the most entries of a matrix.
    nul: end list items with a zero byte instead of a line break.
    by_operation_id: name operations by their operationId where they have one.
    """

    since: str = "HEAD"
    only: Extent | None = None
    jobs: int = MOST_JOBS
    nul: bool = False
    by_operation_id: bool = False


class AffectedEndpoint(NamedTuple):
    """One affected endpoint.

    change: added, removed or changed.
    reason: the fault for which it has no slice now, or "".
    """

    settings: Settings
    change: str
    endpoint: Endpoint
    causes: tuple[Cause, ...]
    reason: str
    extent: Extent = Extent.SHAPE

    @property
    def file(self) -> str:
        """The path of the slice, with the output folder."""
        return (self.settings.output_dir / self.endpoint.file).as_posix()

    @property
    def has_slice(self) -> bool:
        """Whether there is a slice after the change."""
        return self.change != "removed" and not self.reason


def changes(affected: Sequence[Affected], only: Extent | None = None) -> Iterator[AffectedEndpoint]:
    """Yield the changes of each document: first added endpoints, then removed, then changed ones.

    only: as in `Wanted`.
    """
    for document in affected:
        for change in _changes_of(document):
            if only is None or change.extent is only:
                yield change


def _changes_of(document: Affected) -> Iterator[AffectedEndpoint]:
    found = document.comparison
    for endpoint in found.added:
        reason = found.reasons.get(endpoint.key, "")
        yield AffectedEndpoint(document.settings, "added", endpoint, (), reason)
    for endpoint in found.removed:
        yield AffectedEndpoint(document.settings, "removed", endpoint, (), "")
    for each in found.changed:
        yield AffectedEndpoint(
            document.settings, "changed", each.endpoint, each.causes, each.outcome.reason, each.extent
        )
