"""Extracts slices for a program: a request in, files and a result out. The command line comes in here as well."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from oas_tasks.errors import SettingsError, UserError
from oas_tasks.printable import printable, printable_lines
from oas_tasks.processes import act_as_main, check_has_begun, collection_held
from oas_tasks.settings import Settings
from oas_tasks.slices.diagnostic import reason_of
from oas_tasks.state.index_csv import FILE_NAME
from oas_tasks.state.plans import unannounced
from oas_tasks.state.run import Run
from oas_tasks.state.runs import runs_ended
from oas_tasks.state.store import REPORT_NAME
from oas_tasks.tasks.names import slice_task_name
from oas_tasks.tasks.output import Output, SafeStream
from oas_tasks.tasks.tasks import Builds

if TYPE_CHECKING:
    from oas_tasks.api.batch_request import BatchExtractionRequest
    from oas_tasks.tasks.progress import Progress


@dataclass(frozen=True, slots=True)
class FailedEndpoint:
    """An endpoint that has no slice.

    reason: why, with the place in the document, as in index.csv.
    """

    path: str
    method: str
    reason: str


@dataclass(frozen=True, slots=True)
class BatchExtractionResult:
    """What came out of a request; of a dry run, what would.

    total_endpoints: how many the request is for.
    extracted_count: how many of them have a slice, whether it was made now or was up to date.
    made_count: how many slices were written, because they are new or different.
    failed_count: how many endpoints have no slice.
    validation_pass_rate: the share of endpoints with a slice, in percent; every slice is validated.
    elapsed_time: in seconds.
    csv_index_path: None where there is no index.
    failed_endpoints, output_files: in document order.
    notices: what else there is to say, such as a filter that matches nothing.
    """

    total_endpoints: int
    extracted_count: int
    made_count: int
    failed_count: int
    validation_pass_rate: float
    elapsed_time: float
    csv_index_path: Path | None
    failed_endpoints: tuple[FailedEndpoint, ...]
    output_files: tuple[Path, ...]
    notices: tuple[str, ...] = ()


#: Called after each endpoint with how many are done, of how many that are not up to date, and its name: `GET /users`.
OnProgress = Callable[[int, int, str], object]


def extract(request: BatchExtractionRequest, on_progress: OnProgress | None = None) -> BatchExtractionResult:
    """Bring the slices and index.csv of a document up to date.

    Endpoints that cannot be sliced are in the result. Whatever `on_progress` raises ends the call; finished slices are
    kept, as they are at Ctrl-C. Calls may run at the same time in several threads. Where slices are made in processes
    that are not forked (not on Linux, or with several threads), a script needs `if __name__ == "__main__":` around its
    calls, as `multiprocessing` says.

    Raises UserError where the request or its document is wrong, or index.csv cannot be written.
    """
    from oas_tasks.api.batch_request import call, requested

    check_has_begun()
    act_as_main()
    if request.method is not None and request.path is None:
        raise SettingsError("'method' is given without a 'path'", None, "'methods' filters endpoints by their methods")
    with call() as notes:
        settings = (requested(request),)
        progress = _Calls(on_progress or (lambda done, total, endpoint: None))
        removed: list[str] = []

        def may_remove(names: Sequence[str]) -> bool:
            removed.extend(names)
            return True

        chosen = Chosen(request.path, request.method, "'method'", (), request.prune, may_remove)
        found = extract_documents(settings, chosen, request.dry_run, SafeStream(None), progress, with_files=True)
        if found.faults:
            raise UserError(" ".join(found.faults))
        if removed:
            from oas_tasks.tasks.left_out import removal_sentence

            notes.insert(0, removal_sentence(len(removed), "prune=False", request.dry_run))
        return replace(found.result, notices=(*found.result.notices, *notes))


class _Calls:
    """Live progress as calls of a function."""

    is_drawn = False

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress

    def phase(self, what: str, size: int = 0) -> None:
        """It is not called for this."""

    def show(self, done: int, total: int, endpoint: str) -> None:
        """Call the function."""
        self._on_progress(done, total, endpoint)

    def clear(self) -> None:
        """There is nothing to make room in."""


class Chosen(NamedTuple):
    """What is asked for besides settings: one endpoint if there is a path, and which slices may be removed.

    asked_by: what a method is given with, for messages.
    endpoints: just these, each as `GET /users/{id}`, by a path with one method, or by its operationId.
    prune: whether to remove the slices that are not asked for any more.
    may_remove: called before slices are removed that the filters leave out, with their endpoints, `GET /users`;
        returns whether to remove them. Without it they are removed.
    """

    path: str | None = None
    method: str | None = None
    asked_by: str = "--method"
    endpoints: Sequence[str] = ()
    prune: bool = True
    may_remove: Callable[[Sequence[str]], bool] | None = None


class Extraction(NamedTuple):
    """What `extract_documents` returns.

    code: doit's exit code: 0, 1 where endpoints failed, 2 for other errors.
    faults: what went wrong besides endpoints, such as an index that cannot be written.
    failure_lines: the faults that keep endpoints from being sliced, each once.
    annotations: the same for GitHub's pages, as lines; "" elsewhere.
    """

    result: BatchExtractionResult
    code: int
    faults: Sequence[str] = ()
    failure_lines: Sequence[str] = ()
    annotations: str = ""


def extract_documents(
    settings: tuple[Settings, ...],
    chosen: Chosen,
    dry_run: bool,
    out: Output,
    progress: Progress | None,
    with_files: bool = False,
) -> Extraction:
    """Extract the slices of documents in one run, and end it: nothing of it is left but files and the result.

    out: gets the summary, or what a dry run would do.
    progress: shows live progress; where it is None that is lines on `out`, and nothing in a dry run.
    with_files: the result lists the files.

    Raises UserError.
    """
    with ExitStack() as until_end:
        until_end.enter_context(collection_held())
        if dry_run:
            import tempfile  # not needed by a run with nothing to do, nor are those below

            scratch = Path(until_end.enter_context(tempfile.TemporaryDirectory()))
            settings = tuple(s if s.cache_dir.exists() else replace(s, cache_dir=scratch) for s in settings)
        until_end.enter_context(runs_ended(settings))
        # Nothing here refers to the runs, so that they are gone when the garbage collector works again.
        return _extracted(settings, chosen, dry_run, out, progress, with_files)


def _extracted(
    settings: tuple[Settings, ...],
    chosen: Chosen,
    dry_run: bool,
    out: Output,
    progress: Progress | None,
    with_files: bool,
) -> Extraction:
    started = time.monotonic()
    announce = unannounced if progress is None else progress.phase
    builds = Builds(lambda: settings, settings[0].concurrency, until_exit=False, announce=announce)
    names = _tasks_of(builds.runs, chosen)
    if not names and any(run.clean_output is None for run in builds.runs):
        if progress is not None:
            progress.clear()
        _decide_what_is_kept(builds.runs, chosen)
    if dry_run:
        return _previewed(builds.runs, names, out, progress, started)
    return _built(builds, names, out, progress, started, with_files)


def _tasks_of(runs: Sequence[Run], chosen: Chosen) -> list[str]:
    """Return the names of the tasks of the endpoints that are asked for, none for all. Raises UserError."""
    found: list[str] = []
    if chosen.path is not None:
        from oas_tasks.api.endpoint_at import endpoint_at

        endpoints = [(run.settings, endpoint) for run in runs for endpoint in run.plan.endpoints]
        settings, endpoint = endpoint_at(endpoints, chosen.path, chosen.method, chosen.asked_by)
        found.append(slice_task_name(settings, endpoint.key))
    for name in chosen.endpoints:
        from oas_tasks.api.chosen_endpoint import chosen_endpoint

        run, endpoint = chosen_endpoint(runs, [name])
        found.append(slice_task_name(run.settings, endpoint.key))
    return list(dict.fromkeys(found))


def _decide_what_is_kept(runs: Sequence[Run], chosen: Chosen) -> None:
    """Have the runs keep slices that they are not for, where these are not to be removed."""
    if chosen.prune and chosen.may_remove is None:
        return
    from oas_tasks.tasks.left_out import keep_all, left_out  # most runs have no filter

    names = [printable(f"{method} {path}") for run in runs for path, method in left_out(run)] if chosen.prune else []
    if not chosen.prune or (chosen.may_remove is not None and names and not chosen.may_remove(names)):
        for run in runs:
            keep_all(run)


def _built(
    builds: Builds, names: list[str], out: Output, progress: Progress | None, started: float, with_files: bool
) -> Extraction:
    from oas_tasks.tasks.index_task import update_rows
    from oas_tasks.tasks.launch import run_tasks

    runs = builds.runs
    code, reporter = run_tasks(builds, names, runs[0].settings.concurrency, out, progress, started)
    for run in runs if names else ():
        update_rows(run)
    failed = [
        FailedEndpoint(endpoint.path, endpoint.method, reason_of(faults))
        for run in runs
        for endpoint, faults, *_ in run.failures()
    ]
    lines: list[str] = []
    if failed:
        from oas_tasks.state.fault_list import failure_lines  # not needed by a run with nothing to do

        lines = [line for run in runs for line in failure_lines(run.failures(), run.settings)]
    total = sum(run.asked_total for run in runs)
    indexes = [run.settings.output_dir / FILE_NAME for run in runs if run.settings.csv] if with_files else []
    files = [file for run in runs for file in _files_of(run)] if with_files else []
    made = sum(run.made for run in runs)
    index = next((file for file in indexes if file.exists()), None)
    result = _result(runs, total, failed, made, started, index, files)
    return Extraction(result, code, reporter.faults, lines, reporter.annotations)


def _files_of(run: Run) -> list[Path]:
    """Return the slices that a run was for and that exist, in document order."""
    if run.clean_output is None:
        names = [endpoint.file for endpoint in run.sliced()]
    elif run.asked is None:
        names = [name for name in run.clean_output.files if name not in (FILE_NAME, REPORT_NAME)]
    else:
        names = [endpoint.file for endpoint in run.plan.endpoints if endpoint.key in run.asked]
    return [run.settings.output_dir / name for name in names]


def _previewed(
    runs: Sequence[Run], names: Sequence[str], out: Output, progress: Progress | None, started: float
) -> Extraction:
    """Write what a build would do: make all slices, but write no files."""
    from oas_tasks.queries.dry_run import preview

    failed: list[FailedEndpoint] = []
    files: list[Path] = []
    total = made = 0
    for run in runs:
        shown = preview(run, names, None if progress is None else progress.show)
        if progress is not None:
            progress.clear()
        out.write(printable_lines(shown.lines))
        failed += [FailedEndpoint(e.path, e.method, reason_of(faults)) for e, faults, *_ in shown.failures]
        files += [run.settings.output_dir / name for name in shown.files]
        total += len(shown.failures) + len(shown.files)
        made += shown.made
    return Extraction(_result(runs, total, failed, made, started, None, files), 1 if failed else 0)


def _result(
    runs: Sequence[Run],
    total: int,
    failed: Sequence[FailedEndpoint],
    made: int,
    started: float,
    index: Path | None,
    files: Sequence[Path],
) -> BatchExtractionResult:
    extracted = total - len(failed)
    return BatchExtractionResult(
        total_endpoints=total,
        extracted_count=extracted,
        made_count=made,
        failed_count=len(failed),
        validation_pass_rate=100 * extracted / total if total else 100.0,
        elapsed_time=time.monotonic() - started,
        csv_index_path=index,
        failed_endpoints=tuple(failed),
        output_files=tuple(files),
        notices=tuple(
            f"{run.settings.name}: {notice}" if run.settings.name else notice for run in runs for notice in run.notices
        ),
    )
