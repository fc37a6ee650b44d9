"""Finds the slices of endpoints that the filters leave out, which a build would remove, and keeps them if asked to.

A slice that is kept has its record and its row of index.csv as before, so that a later build without the filter finds
all as a build without a filter left it.
"""

from __future__ import annotations

from collections.abc import Iterator

from oas_tasks.document.place import EndpointKey
from oas_tasks.plan.filters import Candidate, filters_of, selected
from oas_tasks.state.run import Run
from oas_tasks.tasks.prune_task import leftovers


def left_out(run: Run) -> list[EndpointKey]:
    """Return the endpoints that the filters leave out and whose slices the run would remove.

    An endpoint that is gone from the document is among them where the filters would have left it out.
    """
    if run.clean_output is not None or not filters_of(run.settings):
        return []
    keys = {endpoint.key for endpoint in run.plan.endpoints}
    unwanted = list(dict.fromkeys(key for key in leftovers(run).files.values() if key is not None and key not in keys))
    # The document is planned without the endpoints that are left out; what it says of them is in the index.
    rows = run.records.keep_index_rows()
    candidates = [
        Candidate(*key, tuple(rows[key]["tags"].split(",")), rows[key]["operation_id"])
        if key in rows
        else Candidate(*key, (), "")
        for key in unwanted
    ]
    return [key for key, passes in zip(unwanted, selected(run.settings, candidates), strict=True) if not passes]


def keep_all(run: Run) -> None:
    """Have a run keep the slices, records and rows of all endpoints that it is not for."""
    if run.clean_output is not None:
        return
    keys = {endpoint.key for endpoint in run.plan.endpoints}
    written = {endpoint.file.casefold() for endpoint in run.plan.endpoints}
    run.keep(frozenset(key for key, file in _known(run) if key not in keys and file.casefold() not in written))


def _known(run: Run) -> Iterator[tuple[EndpointKey, str]]:
    """Yield the endpoints of earlier runs with the files of their slices, "" where they have none."""
    yield from ((key, record.file) for key, record in run.records.by_key.items())
    yield from ((each.key, each.file) for each in run.journal.unfinished)
    yield from ((key, row["filename"]) for key, row in run.records.keep_index_rows().items())


def removal_sentence(count: int, option: str, is_dry: bool) -> str:
    """Return the sentence about slices that a build removed since the filters leave them out.

    option: what keeps them, such as `--no-prune`.
    is_dry: they would be removed.
    """
    what, them, was = ("slice", "it", "was") if count == 1 else ("slices", "them", "were")
    done = "would be" if is_dry else was
    return f"{count:,} {what} that the filter leaves out {done} removed; {option} keeps {them}"
