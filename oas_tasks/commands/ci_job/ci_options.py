"""The options of `slice-oas ci`, which may also stand in a variable of the environment."""

from __future__ import annotations

import os
import shlex
import sys

import click

from oas_tasks.commands.affected_endpoints.affected_options import jobs_of_matrix
from oas_tasks.commands.command_line import OneOf, SettingsCommand, option
from oas_tasks.commands.exit_codes import WRONG_REQUEST
from oas_tasks.commands.given_settings import GivenSettings
from oas_tasks.errors import UserError

#: The variable with further options, for systems whose jobs are written in YAML.
ARGUMENTS = "SLICE_OAS_ARGUMENTS"

#: What may be done where committed slices are stale.
ACTIONS = ("fail", "commit", "ignore")


class CiCommand(SettingsCommand):
    """A command that takes options from the environment as well, and shows wrong ones where the CI system does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line behind the words of the variable. Raises UserError."""
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        try:
            return super().parse_args(ctx, [*_words_of_environment(), *args])
        except UserError as error:
            from oas_tasks.commands.ci_job.ci import annotated
            from oas_tasks.queries.ci_system import ci_system

            if annotated(error, ci_system(os.environ), sys.stdout):
                raise click.exceptions.Exit(WRONG_REQUEST) from None
            raise


def _words_of_environment() -> list[str]:
    """Return the options in the variable: words of a shell, in which nothing is expanded. Raises UserError."""
    try:
        return shlex.split(os.environ.get(ARGUMENTS, ""))
    except ValueError as error:
        raise UserError(f"{ARGUMENTS} cannot be read: {str(error).lower()}") from None


@click.command(
    cls=CiCommand,
    unused=("cache_dir",),
    examples=(
        ("slice-oas ci", "what a job of GitHub, GitLab, Azure or Jenkins needs, which says what to compare with"),
        ("slice-oas ci --base main --summary summary.md", "the same elsewhere, with a summary for a comment"),
        ("slice-oas ci --stale commit", "commit slices that are stale, and push them"),
    ),
)
@option("--base", default="", metavar="REV", help="the revision to compare with, or none (default: the CI system's)")
@option(
    "--stale",
    type=OneOf(ACTIONS),
    default="fail",
    help="what to do where committed slices are not what the document gives (default: fail)",
)
@option(
    "--commit-message",
    default="Bring the slices of the OpenAPI document up to date",
    metavar="TEXT",
    help="the message of the commit of --stale commit",
)
@option("--jobs", callback=jobs_of_matrix, default="256", metavar="N", help="jobs of the matrix at most (default: 256)")
@option("--summary", metavar="FILE", help="append a summary to this file, as Markdown that fits into a comment")
@option("--dotenv", metavar="FILE", help="write how many endpoints are affected, and whether slices were stale")
@option("--code-quality", metavar="FILE", help="write faults and stale slices as GitLab shows them in merge requests")
@option("--child-pipeline", metavar="FILE", help="write a pipeline for GitLab, with jobs for the affected slices")
@option("--child-include", metavar="FILE", help="the file of the repository with the job .slices of that pipeline")
def command(
    given: GivenSettings,
    base: str,
    stale: str,
    commit_message: str,
    jobs: int,
    summary: str | None,
    dotenv: str | None,
    code_quality: str | None,
    child_pipeline: str | None,
    child_include: str | None,
) -> int:
    """Do what a CI job has to do for slices."""
    from oas_tasks.commands.ci_job.ci import CiOptions, ci

    options = CiOptions(base, stale, commit_message, jobs, summary, dotenv, code_quality, child_pipeline, child_include)
    return ci(options, given, os.environ, sys.stdout)
