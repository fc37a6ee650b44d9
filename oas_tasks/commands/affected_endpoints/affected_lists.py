"""Writes affected endpoints as lists for other programs: a matrix for GitHub Actions, paths, options."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterable, Sequence
from typing import TypedDict

from oas_tasks.commands.affected_endpoints.affected_changes import AffectedEndpoint, Wanted, changes
from oas_tasks.printable import printable, printable_json
from oas_tasks.queries.affected import Affected


def entry(change: AffectedEndpoint) -> dict[str, str]:
    """Return an endpoint for JSON."""
    named = {"document": change.settings.name} if change.settings.name else {}
    endpoint = change.endpoint
    return {
        **named,
        "method": endpoint.method,
        "path": endpoint.path,
        "file": change.file,
        "change": change.change,
    }


class MatrixJob(TypedDict, total=False):
    """A job of a matrix: existing slices, and removed ones; a job for one endpoint has the fields of `entry` too."""

    job: int
    files: list[str]
    gone: list[str]
    document: str
    method: str
    path: str
    file: str
    change: str


def matrix(affected: Sequence[Affected], wanted: Wanted) -> str:
    """Return the matrix of a job in GitHub Actions, on one line as its outputs require."""
    return printable_json({"include": jobs_of(affected, wanted)}, indent=None)


def jobs_of(affected: Sequence[Affected], wanted: Wanted) -> list[MatrixJob]:
    """Return the affected endpoints split among as many jobs as are allowed."""
    found = list(changes(affected, wanted.only))
    count = min(len(found), wanted.jobs)
    bounds = [len(found) * number // count for number in range(count + 1)] if count else []
    jobs = [found[start:end] for start, end in itertools.pairwise(bounds)]
    return [_job(number, each) for number, each in enumerate(jobs, 1)]


def _job(number: int, found: Sequence[AffectedEndpoint]) -> MatrixJob:
    job = MatrixJob(
        job=number,
        files=[change.file for change in found if change.has_slice],
        gone=[change.file for change in found if not change.has_slice],
    )
    return {**job, **entry(found[0])} if len(found) == 1 else job  # type: ignore[typeddict-item]


def paths(affected: Sequence[Affected], wanted: Wanted) -> str:
    """Return the added and changed slices, one file a line."""
    return _listed((change.file for change in changes(affected, wanted.only) if change.has_slice), wanted)


#: An option that excludes all operations: without options schemathesis would test all of them.
_NOTHING = "--exclude-path-regex=.*"


def schemathesis(affected: Sequence[Affected], wanted: Wanted) -> str:
    """Return the options with which schemathesis tests the added and changed operations, one a line.

    They are quoted for a shell and xargs, but not if they end with zero bytes.
    """
    options: dict[str, None] = {}
    for change in changes(affected, wanted.only):
        if change.change == "removed" or not change.endpoint.path.startswith("/"):  # it tests no webhooks
            continue
        endpoint = change.endpoint
        operation_id = endpoint.cells.operation_id if wanted.by_operation_id else ""
        named = f"operation-id={operation_id}" if operation_id else f"name={endpoint.method} {endpoint.path}"
        options[f"--include-{named}"] = None
    found = list(options) or [_NOTHING]
    return _listed(found if wanted.nul else map(shlex.quote, found), wanted)


def _listed(items: Iterable[str], wanted: Wanted) -> str:
    end = "\0" if wanted.nul else "\n"
    return "".join(printable(item) + end for item in dict.fromkeys(items))
