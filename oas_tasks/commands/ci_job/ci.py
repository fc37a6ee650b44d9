"""`slice-oas ci`: one command for a CI job. Says which endpoints a change touches, builds, and looks at what git has.

The checked-out repository may be anybody's. So no cache is believed that was checked out or restored, names of
revisions and files reach git as such, and nothing of them reaches the CI system as a command.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from oas_tasks.commands.affected_endpoints.affected_changes import MOST_JOBS, Wanted, changes
from oas_tasks.commands.ci_job.ci_output import (
    LONGEST_MATRIX,
    annotation,
    append,
    dotenv,
    write_outputs,
    write_report,
)
from oas_tasks.commands.exit_codes import ALL_BUILT, SOME_FAILED, STALE, WRONG_REQUEST
from oas_tasks.commands.given_settings import GivenSettings
from oas_tasks.errors import UserError
from oas_tasks.printable import printable_json, printable_lines
from oas_tasks.queries.affected import Affected, affected_since
from oas_tasks.queries.base_revision import NoRevision, base_commit
from oas_tasks.queries.check import FindingKind, Verified
from oas_tasks.queries.ci_system import CiKind, CiSystem, ci_system
from oas_tasks.queries.committed_slices import ChangedFile, CommittedSlices, committed_slices
from oas_tasks.queries.git import is_installed
from oas_tasks.settings import Settings

#: The most files that the log lists; git has all of them.
_MOST_LISTED = 50

#: A base that means: compare with nothing.
NO_BASE = "none"


@dataclass(frozen=True, slots=True)
class CiOptions:
    """The options of the command.

    base: the revision to compare with; "" for what the CI system names, `none` for no comparison.
    stale: what to do where committed slices are stale: fail, commit or ignore. commit_message: of `commit`.
    jobs: the most jobs of a matrix or a child pipeline.
    summary, dotenv, code_quality, child_pipeline: files to write, None for none.
    child_include: the file that defines the job of a child pipeline.
    """

    base: str = ""
    stale: str = "fail"
    commit_message: str = "Bring the slices of the OpenAPI document up to date"
    jobs: int = MOST_JOBS
    summary: str | None = None
    dotenv: str | None = None
    code_quality: str | None = None
    child_pipeline: str | None = None
    child_include: str | None = None


def ci(options: CiOptions, given: GivenSettings, environment: Mapping[str, str], out: TextIO) -> int:
    """Do the job and return the exit code: 0, 1 where endpoints failed, 3 where committed slices are stale.

    given: the settings that were given as options.

    Raises UserError, except where the CI system shows it beside the job.
    """
    job = _Job(ci_system(environment), options, environment, out)
    try:
        return job.run(given)
    except UserError as error:
        if not annotated(error, job.system, out):
            raise
        return WRONG_REQUEST


def annotated(error: UserError, system: CiSystem, out: TextIO) -> bool:
    """Show an error beside the job, where the system has a way to, and return whether it has."""
    is_possible = system.kind in (CiKind.GITHUB, CiKind.AZURE)
    if is_possible:
        out.write(annotation(system.kind, "error", str(error)))
    return is_possible


class _Job:
    """One run of the command."""

    def __init__(self, system: CiSystem, options: CiOptions, environment: Mapping[str, str], out: TextIO) -> None:
        self.system = system
        self._options = options
        self._environment = environment
        self._out = out
        self._outputs: dict[str, str] = {}

    def annotate(self, level: str, text: str) -> None:
        """Write a line that the CI system shows beside the job."""
        self._out.write(annotation(self.system.kind, level, text))

    def run(self, given: GivenSettings) -> int:
        """Do the job. Raises UserError."""
        if self._options.child_pipeline is not None and not self._options.child_include:
            raise UserError("--child-pipeline needs --child-include FILE, which defines the job '.slices'")
        if not is_installed():
            hint = "Take an image that has it, or 'slice-oas check', which does without"
            raise UserError("git is not installed, which knows what is committed", None, hint)
        with tempfile.TemporaryDirectory(prefix="oas-tasks-", ignore_cleanup_errors=True) as scratch:
            given.overrides["cache_dir"] = str(Path(scratch) / "before")
            settings = given.load()
            if self._options.base != NO_BASE:
                self._tell_affected(settings, given)
            # The build makes every slice and compares. What its own cache then has is true, so that the check has
            # little to do.
            given.overrides["cache_dir"] = str(Path(scratch) / "build")
            code, built = self._build(given.load())
        return code if built is None else self._judge(code, built)

    def _tell_affected(self, settings: Sequence[Settings], given: GivenSettings) -> None:
        """Write which endpoints changed since the base. Raises UserError."""
        affected, since = self._affected(settings, given)
        wanted = Wanted(since=since, jobs=self._options.jobs)
        count = sum(1 for _ in changes(affected))
        self._output(affected=str(count), matrix=self._matrix(affected, wanted))
        if affected:
            from oas_tasks.commands.affected_endpoints.affected_markdown import markdown
            from oas_tasks.commands.affected_endpoints.affected_words import counts

            self._out.write(printable_lines([f"Endpoints: {counts(affected, since)}"]))
            self._summarise(markdown(affected, wanted))
        if self._options.child_pipeline is not None:
            from oas_tasks.commands.ci_job.child_pipeline import child_pipeline

            pipeline = child_pipeline(affected, wanted, self._options.child_include or "")
            write_report(Path(self._options.child_pipeline), pipeline)

    def _affected(self, settings: Sequence[Settings], given: GivenSettings) -> tuple[Sequence[Affected], str]:
        """Return what changed, and since which revision; nothing where there is none. Raises UserError.

        A missing revision is an error only if somebody asked for it.
        """
        asked = self._options.base
        base = asked or self.system.base
        try:
            if not base:
                raise NoRevision("there is no revision to compare with")
            commit = base_commit(base)
        except NoRevision as error:
            if asked:
                raise
            self.annotate("notice", f"{error}, so that no endpoints are compared")
            return (), ""
        found = affected_since(commit, settings, given.overrides, given.spec_names)
        for each in found:
            if each.note:
                self.annotate("notice", f"{each.settings.spec}: {each.note}")
        return found, base

    def _matrix(self, affected: Sequence[Affected], wanted: Wanted) -> str:
        from oas_tasks.commands.affected_endpoints.affected_lists import jobs_of, matrix

        text = matrix(affected, wanted).rstrip("\n")
        if len(text) <= LONGEST_MATRIX or self.system.kind is not CiKind.GITHUB:
            return text
        self.annotate(
            "warning",
            "the matrix is larger than the 1 MB that GitHub takes, so that its jobs have a number but no lists of "
            "slices: 'slice-oas affected --output paths' has them",
        )
        return printable_json({"include": [{"job": job["job"]} for job in jobs_of(affected, wanted)]}, None).rstrip(
            "\n"
        )

    def _build(self, settings: tuple[Settings, ...]) -> tuple[int, list[tuple[Settings, Verified]] | None]:
        """Build; return the exit code, and what is in the output folders unless nothing could be built."""
        from oas_tasks.api.batch_extraction import Chosen, extract_documents
        from oas_tasks.queries.check import verify
        from oas_tasks.queries.read_only_run import read_only_run
        from oas_tasks.tasks.output import SafeStream
        from oas_tasks.tasks.progress import progress_on

        out = SafeStream(self._out)
        # The summary annotates the faults of documents, on GitHub.
        found = extract_documents(settings, Chosen(), False, out, progress_on(out, self._environment))
        if found.code not in (ALL_BUILT, SOME_FAILED):
            return WRONG_REQUEST, None
        runs = [read_only_run(each) for each in settings]
        return found.code, [(run.settings, verify(run)) for run in runs]

    def _judge(self, code: int, built: Sequence[tuple[Settings, Verified]]) -> int:
        """Compare the output folders with what is committed, report it, and return the exit code. Raises UserError."""
        foreign = [each.file for _, verified in built for each in verified.findings if each.kind is FindingKind.FOREIGN]
        committed = committed_slices((settings.output_dir for settings, _ in built), foreign)
        self._output(stale="true" if committed.are_stale else "false")
        self._report(built, committed)
        self._list(committed.changed)
        self._list([ChangedFile("foreign", name) for name in committed.foreign])
        left = len(committed.changed)
        if left and self._options.stale == "commit":
            from oas_tasks.commands.ci_job.ci_commit import commit_and_push

            commit_and_push(committed.folders, self._options.commit_message, self.system, self._environment)
            left = 0
        if self._options.stale == "ignore" or not (left or committed.foreign):
            return code
        if left:
            what = "1 committed file is" if left == 1 else f"{left:,} committed files are"
            self.annotate("error", f"{what} not what the document gives: run 'slice-oas --batch' and commit the result")
        if committed.foreign:  # which are not for this tool to delete
            count = len(committed.foreign)
            what = "1 committed slice belongs" if count == 1 else f"{count:,} committed slices belong"
            self.annotate("error", f"{what} to no endpoint of the document: delete {'it' if count == 1 else 'them'}")
        return STALE

    def _list(self, files: Sequence[ChangedFile]) -> None:
        """Write the first of some files into the log."""
        more = len(files) - _MOST_LISTED
        self._out.write(printable_lines(map(str, files[:_MOST_LISTED])))
        self._out.write(f"and {more:,} more\n" if more > 0 else "")

    def _report(self, built: Sequence[tuple[Settings, Verified]], committed: CommittedSlices) -> None:
        """Write the summary and the reports that are asked for. Raises UserError."""
        from oas_tasks.commands.ci_job.ci_summary import ci_summary

        self._summarise("\n" + ci_summary(built, committed, self._options.stale))
        if self._options.code_quality is not None:
            from oas_tasks.commands.ci_job.code_quality import code_quality

            write_report(Path(self._options.code_quality), code_quality(built, committed))

    def _summarise(self, text: str) -> None:
        for file in (self._options.summary, self.system.summary):
            if file:
                append(Path(file), text)

    def _output(self, **outputs: str) -> None:
        """Hand on outputs as soon as they are known: a later step may want them though this one fails."""
        write_outputs(self.system.kind, self.system.outputs, outputs, self._out)
        self._outputs |= outputs
        if self._options.dotenv is not None:
            write_report(Path(self._options.dotenv), dotenv(self._outputs))
