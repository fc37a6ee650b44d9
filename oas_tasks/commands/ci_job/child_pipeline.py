"""Writes a child pipeline for GitLab, which runs a job of the repository's own for the affected slices.

It is what a matrix is in GitHub Actions: https://docs.gitlab.com/ci/pipelines/downstream_pipelines/#dynamic-child-pipelines
It is written as JSON, which is YAML as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from oas_tasks.commands.affected_endpoints.affected_changes import Wanted
from oas_tasks.commands.affected_endpoints.affected_lists import jobs_of
from oas_tasks.printable import printable_json
from oas_tasks.queries.affected import Affected

#: The job that the included file defines, and that each job of the child pipeline extends.
TEMPLATE = ".slices"


def child_pipeline(affected: Sequence[Affected], wanted: Wanted, include: str) -> str:
    """Return the pipeline; where nothing is affected it has one job that says so, since GitLab runs none without jobs.

    include: the file that defines the job `.slices`, with a path from the repository's root. The job's script has the
        slices in `$SLICES` and the removed ones in `$SLICES_GONE`, one a line.
    """
    jobs = jobs_of(affected, wanted)
    pipeline: dict[str, object] = {}
    for number, job in enumerate(jobs, 1):
        variables = {"SLICES": _verbatim(job["files"]), "SLICES_GONE": _verbatim(job["gone"])}
        pipeline[f"slices {number}/{len(jobs)}"] = {"extends": TEMPLATE, "variables": variables}
    if jobs:
        return printable_json({"include": [{"local": f"/{include.lstrip('/')}"}], **pipeline})
    return printable_json({"no endpoint is affected": {"script": ["echo No endpoint is affected"]}})


def _verbatim(names: Sequence[str]) -> dict[str, object]:
    """Return a variable in which GitLab replaces nothing: names may hold a `$`."""
    return {"value": "\n".join(names), "expand": False}
