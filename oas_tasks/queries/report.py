"""Collects what the report says of each document, with what changed since a git revision beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from oas_tasks.errors import UserError
from oas_tasks.pages.report_content import Report, report_of
from oas_tasks.queries.affected import Affected, affected_since
from oas_tasks.queries.read_only_run import read_only_run
from oas_tasks.settings import Settings
from oas_tasks.state.index_csv import SKIPPED
from oas_tasks.state.runs import slicer_of
from oas_tasks.state.target_conflicts import check_report_target

#: The largest documents, in bytes of their first files, that are compared with HEAD without being asked to: both of
#: them are read and all affected slices are made.
_MOST_COMPARED = 32 * 1024 * 1024

_HEAD = "HEAD"


class ReportedDocument(NamedTuple):
    """What there is to report of one document.

    change: what differs from the revision `since`, None where that was not asked for and is not known without effort.
    """

    settings: Settings
    report: Report
    since: str
    change: Affected | None

    @property
    def has_slices(self) -> bool:
        """Whether any slice was made of the document as it is now."""
        return any(each.record.status != SKIPPED for each in self.report.endpoints)


def reported_documents(
    settings: Sequence[Settings], overrides: Mapping[str, object], only: Sequence[str], base: str | None
) -> list[ReportedDocument]:
    """Return what there is to report of some documents, in their order.

    overrides: the settings that were given as options. only: the names of the documents that are meant; empty for all.
    base: a git revision; None for HEAD where that is known and quickly compared with.

    Raises UserError where a document cannot be sliced, where its report would overwrite a file that this tool did not
    write, or where `base` is no revision.
    """
    found: list[tuple[Settings, Report]] = []
    for each in settings:
        run = read_only_run(each)
        check_report_target(run)
        found.append((each, report_of(run, slicer_of(each, run.planned.digest, run.processes))))
    since = _HEAD if base is None else base
    if base is None:
        changes = _small_changes(settings, overrides, only)
    else:
        changes = affected_since(base, settings, overrides, only)
    by_settings = {each.settings: each for each in changes}
    return [ReportedDocument(each, report, since, by_settings.get(each)) for each, report in found]


def _small_changes(
    settings: Sequence[Settings], overrides: Mapping[str, object], only: Sequence[str]
) -> list[Affected]:
    """Return what differs from HEAD, nothing where there is no HEAD with a document, or documents are large."""
    try:
        if sum(each.spec.stat().st_size for each in settings) > _MOST_COMPARED:
            return []
        return [each for each in affected_since(_HEAD, settings, overrides, only) if not each.note]
    except (UserError, OSError):  # no git, no repository, a document outside of it: nobody asked for it
        return []
