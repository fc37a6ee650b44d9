"""Makes slices without writing them and compares each with its file; says what a build would do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xxhash import xxh3_128_hexdigest

from oas_tasks.errors import Crash, UserError, keep_crash
from oas_tasks.plan.plan import Endpoint
from oas_tasks.processes import SECONDS_PER_SLICE, parallel_map
from oas_tasks.settings import Settings
from oas_tasks.slices.diagnostic import Diagnostic, decoded, reason_of
from oas_tasks.state.fault_list import FaultyEndpoint, failure_lines, faulty_endpoint, warning_lines
from oas_tasks.state.index_csv import FAIL, PASS, WARN
from oas_tasks.state.output_folder import foreign_fault, holds_but_for_line_ends, is_foreign, up_to_date_content
from oas_tasks.state.run import Run
from oas_tasks.state.runs import slicer_of
from oas_tasks.tasks.names import slice_task_name

if TYPE_CHECKING:
    from oas_tasks.slices.slice_result import Slice
    from oas_tasks.slices.slicer import Slicer


#: Shows progress: how many of how many are done, and the last one's name.
Show = Callable[[int, int, str], object]


class FileState(Enum):
    """How a file compares with the slice that the document gives.

    SAME: equal, except perhaps in volatile places. OTHER: not equal. LINE_ENDS: equal except for line ends.
    MISSING: there is no file. LEFT: there is a file, though the endpoint has a fault and therefore no slice.
    """

    SAME = "same"
    OTHER = "other"
    LINE_ENDS = "line ends"
    MISSING = "missing"
    LEFT = "left"


class Match(NamedTuple):
    """A slice as the document gives it, compared with its file.

    faults: the faults that keep the endpoint from having a slice, or those of the document that the slice has.
    size, digest: the slice's (xxh3-128), 0 and "" where there is none.
    schema_count: the number of schemas in its components.
    is_tolerable: as in a slice.
    is_of_document: the faults are neither the machine's nor this tool's.
    traceback: the traceback of an error in this tool, or "".
    """

    endpoint: Endpoint
    state: FileState
    faults: tuple[Diagnostic, ...]
    size: int
    digest: str
    warnings: tuple[Diagnostic, ...]
    schema_count: int
    is_tolerable: bool = False
    is_of_document: bool = True
    traceback: str = ""

    @property
    def status(self) -> str:
        """The status in the index."""
        return FAIL if not self.digest else WARN if self.faults else PASS

    @property
    def faulty(self) -> FaultyEndpoint:
        """The endpoint with its faults."""
        return FaultyEndpoint(self.endpoint, self.faults, self.is_tolerable, self.is_of_document)


def matches(run: Run, endpoints: Sequence[Endpoint]) -> Generator[Match, None, None]:
    """Yield a match for each endpoint, in the same order. Whoever stops early has to close it. Raises UserError."""
    if not endpoints:
        return
    settings = run.settings
    slicer = partial(slicer_of, settings, run.planned.digest, run.processes)
    slicer()  # so that other processes inherit it
    seconds = len(endpoints) * SECONDS_PER_SLICE
    made = parallel_map(partial(_match, settings, slicer), endpoints, settings.concurrency, seconds)
    with closing(made) as found:
        for match in found:
            if match.traceback:
                keep_crash(Crash(match.endpoint.label, reason_of(match.faults), match.traceback))
            yield match


def _match(settings: Settings, slicer_of_document: Callable[[], Slicer], endpoint: Endpoint) -> Match:
    slicer = slicer_of_document()
    file = settings.output_dir / endpoint.file
    try:
        made = slicer.make(*endpoint.key)
        return _compared(endpoint, made, file, slicer)
    except OSError as error:
        reason = f"{error.filename or file}: cannot be read: {error.strerror or error}"
    except UserError as error:
        reason = str(error)
    return _without_slice(endpoint, file, reason)


def _without_slice(endpoint: Endpoint, file: Path, reason: str, traceback: str = "") -> Match:
    """Return the match of an endpoint for which the machine or this tool failed."""
    state = FileState.LEFT if file.exists() else FileState.MISSING
    return Match(
        endpoint, state, (Diagnostic("", "", reason),), 0, "", (), 0, is_of_document=False, traceback=traceback
    )


def _compared(endpoint: Endpoint, made: Slice, file: Path, slicer: Slicer) -> Match:
    content = made.content
    if content is None:
        if made.traceback:
            return _without_slice(endpoint, file, made.reason, made.traceback)
        state = FileState.LEFT if file.exists() else FileState.MISSING
        return Match(endpoint, state, made.faults, 0, "", made.warnings, 0, made.is_tolerable)
    found = up_to_date_content(file, content, slicer)
    if found is not None:
        state, content = FileState.SAME, found
    elif not file.exists():
        state = FileState.MISSING
    else:
        state = FileState.LINE_ENDS if holds_but_for_line_ends(file, content) else FileState.OTHER
    digest = xxh3_128_hexdigest(content)
    count, is_tolerable = made.schema_count, made.is_tolerable
    return Match(endpoint, state, made.faults, len(content), digest, made.warnings, count, is_tolerable)


def _reported(found: Iterator[Match], total: int, show: Show | None) -> Iterator[Match]:
    for number, match in enumerate(found, 1):
        if show is not None:
            show(number, total, match.endpoint.label)
        yield match


@dataclass(frozen=True, slots=True)
class Preview:
    """The changes that a build would make.

    lines: for people, one for each change, with the counts last.
    failures: the endpoints that would have no slice.
    files: the names of the slices that there would be; `made` of them would be written.
    """

    lines: tuple[str, ...]
    failures: tuple[FaultyEndpoint, ...]
    files: tuple[str, ...]
    made: int


def preview(run: Run, names: Collection[str], show: Show | None = None) -> Preview:
    """Return what a build would do for all endpoints, or for those whose tasks are named.

    show: called after each endpoint with how many are done, of how many that are not up to date, and its name.
    """
    settings = run.settings
    lines: list[str] = []
    files: list[str] = []
    made = 0
    failed: list[FaultyEndpoint] = []
    warned: list[FaultyEndpoint] = []
    noticed: set[tuple[str, str]] = set()
    from oas_tasks.state.fault_places import fault_places  # imports the formats

    located = fault_places(settings)
    wanted = [e for e in run.plan.endpoints if not names or slice_task_name(settings, e.key) in names]
    stale = [endpoint for endpoint in wanted if not run.checker.is_up_to_date(endpoint)]
    with closing(matches(run, stale)) as made_now:
        matched = _reported(made_now, len(stale), show)
        found_of = {endpoint.key: match for endpoint, match in zip(stale, matched, strict=True)}
    for endpoint in wanted:
        title = endpoint.label
        file = settings.output_dir / endpoint.file
        if run.checker.is_up_to_date(endpoint):
            record = run.records.by_key[endpoint.key]
            state, status, lossy = FileState.SAME, record.status, decoded(record.warnings)
            known = faulty_endpoint(endpoint, record)
        else:
            found = found_of[endpoint.key]
            state, status, lossy, known = found.state, found.status, list(found.warnings), found.faulty
            is_other = state in (FileState.OTHER, FileState.LINE_ENDS) and endpoint.file not in run.own_files
            if is_other and is_foreign(file, endpoint.key):
                fault = Diagnostic("", "", foreign_fault(file))
                status, known = FAIL, FaultyEndpoint(endpoint, (fault,), is_of_document=False)
        if status == WARN:
            warned.append(known)
        if status == FAIL:
            failed.append(known)
        else:
            files.append(endpoint.file)
        if status != FAIL and state is not FileState.SAME:
            made += 1
            lines.append(f"{title}: would {'make' if state is FileState.MISSING else 'change'} {file}")
        for notice in lossy:
            if not notice.pointer or (notice.place, notice.message) not in noticed:  # one line for each notice
                noticed.add((notice.place, notice.message))
                lines.append(f"{title}: {located(notice)}")
    from oas_tasks.tasks.prune_task import leftovers  # imports doit

    removed = () if names else tuple(leftovers(run).files)
    lines += [f"would remove {settings.output_dir / name}" for name in removed]
    lines += failure_lines(failed, settings) + warning_lines(warned, settings, located)
    counts = (
        f"{made:,} would be made, {len(files) - made:,} unchanged, {len(removed):,} removed, {len(failed):,} failed"
    )
    counts += f", {len(warned):,} warned" if warned else ""
    return Preview((*lines, f"{counts}; nothing was written"), tuple(failed), tuple(files), made)
