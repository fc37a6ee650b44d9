"""The options of `slice-oas affected`."""

from __future__ import annotations

import sys

import click

from oas_tasks.commands.command_line import OneOf, SettingsCommand, option
from oas_tasks.commands.given_settings import GivenSettings
from oas_tasks.errors import UserError

#: The names of the writers.
OUTPUTS = ("text", "json", "markdown", "matrix", "paths", "schemathesis")


def jobs_of_matrix(ctx: click.Context, param: click.Parameter, text: str) -> int:
    """Return a number of jobs. Raises UserError for one that a matrix cannot have."""
    from oas_tasks.commands.affected_endpoints.affected_changes import MOST_JOBS

    if not text.isdecimal() or not 1 <= int(text) <= MOST_JOBS:
        raise UserError(f"--jobs must be a whole number from 1 to {MOST_JOBS}, and it is '{text}'")
    return int(text)


@click.command(
    cls=SettingsCommand,
    unused=("csv", "html", "concurrency"),
    examples=(
        ("slice-oas affected --base main", "what changed since another branch, and why"),
        ("slice-oas affected openapi.yaml --base main", "the same of a document that pyproject.toml does not name"),
        ("slice-oas affected old.yaml new.yaml", "what differs between two files"),
        ("slice-oas affected --base main --output markdown", "a table for a pull request"),
    ),
)
@option("--base", metavar="REV", help="the git revision to compare with (default: HEAD)")
@option(
    "--output",
    type=OneOf(OUTPUTS),
    default="text",
    help="how to write it: matrix is for GitHub Actions, paths lists the slices, one a line, schemathesis the "
    "options with which that tests what is affected (default: text)",
)
@option(
    "--only",
    type=OneOf(("shape", "text")),
    help="only changes of this extent: text is descriptions, summaries, titles, examples and x- fields",
)
@option(
    "--jobs", callback=jobs_of_matrix, default="256", metavar="N", help="entries of the matrix at most (default: 256)"
)
@option("-z", "nul", is_flag=True, help="with paths, schemathesis: end each in a zero byte")
@option("--by-operation-id", is_flag=True, help="with schemathesis: by operationId where there is one")
@option("--summary", metavar="FILE", help="append it to this file too, as Markdown")
@option("--exit-code", is_flag=True, help="return 3 where an endpoint is affected, else 0")
@click.argument("files", nargs=-1)
def command(
    given: GivenSettings,
    files: tuple[str, ...],
    base: str | None,
    output: str,
    only: str | None,
    jobs: int,
    nul: bool,
    by_operation_id: bool,
    summary: str | None,
    exit_code: bool,
) -> int:
    """List the endpoints that changed since a git revision."""
    from oas_tasks.commands.affected_endpoints.affected import AffectedOptions, affected
    from oas_tasks.commands.affected_endpoints.affected_changes import Wanted
    from oas_tasks.queries.compare import Extent

    extent = None if only is None else Extent(only)
    wanted = Wanted(only=extent, jobs=jobs, nul=nul, by_operation_id=by_operation_id)
    return affected(AffectedOptions(files, base, output, summary, exit_code, wanted), given, sys.stdout, sys.stderr)
