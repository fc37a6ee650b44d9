"""What `slice-oas affected` writes for other programs to work on: a matrix for GitHub Actions, paths, options."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterable, Sequence

from oas_tasks.commands.affected_changes import AffectedEndpoint, Wanted, changes
from oas_tasks.printable import printable, printable_json
from oas_tasks.queries.affected import Affected


def entry(change: AffectedEndpoint) -> dict[str, str]:
    """Return an endpoint as JSON has it."""
    named = {"document": change.settings.name} if change.settings.name else {}
    endpoint = change.endpoint
    return {
        **named,
        "method": endpoint.method,
        "path": endpoint.path,
        "file": change.file,
        "change": change.change,
    }


def matrix(affected: Sequence[Affected], wanted: Wanted) -> str:
    """Return the matrix of a job in GitHub Actions, on one line as its outputs want it.

    The endpoints are dealt out to as many jobs as there may be. Each has the slices that there are (`files`) and those
    that are no more (`gone`), and where it is for one endpoint, also what JSON says of that.
    """
    found = list(changes(affected, wanted.only))
    count = min(len(found), wanted.jobs)
    bounds = [len(found) * number // count for number in range(count + 1)] if count else []
    jobs = [found[start:end] for start, end in itertools.pairwise(bounds)]
    return printable_json({"include": [_job(number, each) for number, each in enumerate(jobs, 1)]}, indent=None)


def _job(number: int, its: Sequence[AffectedEndpoint]) -> dict[str, object]:
    return {
        "job": number,
        "files": [change.file for change in its if change.has_slice],
        "gone": [change.file for change in its if not change.has_slice],
        **(entry(its[0]) if len(its) == 1 else {}),
    }


def paths(affected: Sequence[Affected], wanted: Wanted) -> str:
    """Return the slices that are new or others, a file a line."""
    return _listed((change.file for change in changes(affected, wanted.only) if change.has_slice), wanted)


#: Options that leave no operation: without any, all of them would be tested.
_NOTHING = "--exclude-path-regex=.*"


def schemathesis(affected: Sequence[Affected], wanted: Wanted) -> str:
    """Return the options with which schemathesis tests the operations that are new or others, one a line.

    They are quoted as a shell and xargs read them, but not where zero bytes stand behind them.
    """
    options: dict[str, None] = {}
    for change in changes(affected, wanted.only):
        if change.change == "removed" or not change.endpoint.path.startswith("/"):  # webhooks, which it calls nowhere
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
