"""Makes slices without writing them, and compares each with its file: for commands that only tell something."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xxhash import xxh3_128_hexdigest

from oas_tasks.errors import CRASHES, Crash, UserError
from oas_tasks.plan.plan import Endpoint
from oas_tasks.processes import shared_out
from oas_tasks.settings import Settings
from oas_tasks.slices.told import Told, decoded, reason_of
from oas_tasks.state.fault_list import Faulty, faulty, refusals, warnings
from oas_tasks.state.index_csv import FAIL, PASS, WARN
from oas_tasks.state.output_folder import foreign_fault, holds_but_for_line_ends, is_foreign
from oas_tasks.state.plans import slicer_of
from oas_tasks.state.present import current_content
from oas_tasks.state.run import Run
from oas_tasks.tasks.names import slice_task_name

if TYPE_CHECKING:
    from oas_tasks.slices.slicer import Slice, Slicer


class FileState(Enum):
    """What a file is, compared with the slice that the document gives.

    SAME: it has the slice's bytes, but perhaps for volatile places. OTHER: it has others. LINE_ENDS: just the ends of
    its lines are others. MISSING: it is not there. LEFT: it is there, and the endpoint has a fault, so that there is no
    slice.
    """

    SAME = "same"
    OTHER = "other"
    LINE_ENDS = "line ends"
    MISSING = "missing"
    LEFT = "left"


class Match(NamedTuple):
    """A slice as the document gives it, and what its file is.

    faults: those that leave the endpoint without a slice, or, where it has one, those of the document that it has.
    size, digest: of its bytes (xxh3-128), 0 and "" where there are none.
    schema_count: of the schemas in its components.
    is_tolerable: as a slice has it.
    is_of_document: what leaves it without a slice is neither the machine's fault nor this tool's.
    traceback: where this tool went wrong, for which there is no slice.
    """

    endpoint: Endpoint
    state: FileState
    faults: tuple[Told, ...]
    size: int
    digest: str
    warnings: tuple[Told, ...]
    schema_count: int
    is_tolerable: bool = False
    is_of_document: bool = True
    traceback: str = ""

    @property
    def status(self) -> str:
        """The status that its row in the index has."""
        return FAIL if not self.digest else WARN if self.faults else PASS

    @property
    def faulty(self) -> Faulty:
        """The endpoint with its faults."""
        return Faulty(self.endpoint, self.faults, self.is_tolerable, self.is_of_document)


def matches(run: Run, endpoints: Sequence[Endpoint]) -> Iterator[Match]:
    """Yield for each of these endpoints what its file is, in their order. Raises UserError."""
    if not endpoints:
        return
    settings, digest = run.settings, run.planned.digest
    prepare = partial(slicer_of, settings, digest)
    for match in shared_out(partial(_match, settings, digest), endpoints, settings.concurrency, prepare):
        if match.traceback:
            CRASHES.append(Crash(match.endpoint.label, reason_of(match.faults), match.traceback))
        yield match


def _match(settings: Settings, digest: str, endpoint: Endpoint) -> Match:
    slicer = slicer_of(settings, digest)
    file = settings.output_dir / endpoint.file
    try:
        made = slicer.make(endpoint.path, endpoint.method)
        return _compared(endpoint, made, file, slicer)
    except OSError as error:
        reason = f"{error.filename or file}: cannot be read: {error.strerror or error}"
    except UserError as error:
        reason = str(error)
    return _without_slice(endpoint, file, reason)


def _without_slice(endpoint: Endpoint, file: Path, reason: str, traceback: str = "") -> Match:
    """Return what is found where the machine or this tool is at fault."""
    state = FileState.LEFT if file.exists() else FileState.MISSING
    told = (Told("", "", reason),)
    return Match(endpoint, state, told, 0, "", (), 0, is_of_document=False, traceback=traceback)


def _compared(endpoint: Endpoint, made: Slice, file: Path, slicer: Slicer) -> Match:
    content = made.content
    if content is None:
        if made.traceback:
            return _without_slice(endpoint, file, made.reason, made.traceback)
        state = FileState.LEFT if file.exists() else FileState.MISSING
        return Match(endpoint, state, made.faults, 0, "", made.warnings, 0, made.is_tolerable)
    found = current_content(file, content, slicer)
    if found is not None:
        state, content = FileState.SAME, found
    elif not file.exists():
        state = FileState.MISSING
    else:
        state = FileState.LINE_ENDS if holds_but_for_line_ends(file, content) else FileState.OTHER
    digest = xxh3_128_hexdigest(content)
    count, is_tolerable = made.schema_count, made.is_tolerable
    return Match(endpoint, state, made.faults, len(content), digest, made.warnings, count, is_tolerable)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be done.

    lines: for people, one for each change and the counts last.
    failed: how many endpoints would get no slice.
    """

    lines: tuple[str, ...]
    failed: int


def preview(run: Run, names: Collection[str]) -> Preview:
    """Return what a build would do: of all endpoints, or of those whose tasks are named."""
    settings = run.settings
    lines: list[str] = []
    made = unchanged = 0
    failed: list[Faulty] = []
    warned: list[Faulty] = []
    noticed: set[tuple[str, str]] = set()
    from oas_tasks.state.fault_places import fault_places  # with the formats, which good documents need not

    located = fault_places(settings)
    wanted = [e for e in run.plan.endpoints if not names or slice_task_name(settings, e.method, e.path) in names]
    matched = matches(run, [endpoint for endpoint in wanted if not run.is_current(endpoint)])
    for endpoint in wanted:
        title = endpoint.label
        file = settings.output_dir / endpoint.file
        if run.is_current(endpoint):
            record = run.records[endpoint.path, endpoint.method]
            state, status, lossy = FileState.SAME, record.status, decoded(record.warnings)
            known = faulty(endpoint, record)
        else:
            found = next(matched)
            state, status, lossy, known = found.state, found.status, list(found.warnings), found.faulty
            is_other = state in (FileState.OTHER, FileState.LINE_ENDS) and endpoint.file not in run.own_files
            if is_other and is_foreign(file, endpoint.path, endpoint.method):
                status, known = FAIL, Faulty(endpoint, (Told("", "", foreign_fault(file)),), is_of_document=False)
        if status == WARN:
            warned.append(known)
        if status == FAIL:
            failed.append(known)
        elif state is FileState.SAME:
            unchanged += 1
        else:
            made += 1
            lines.append(f"{title}: would {'make' if state is FileState.MISSING else 'change'} {file}")
        for told in lossy:
            if not told.pointer or (told.place, told.message) not in noticed:  # a notice is told once
                noticed.add((told.place, told.message))
                lines.append(f"{title}: {located(told)}")
    from oas_tasks.tasks.prune_task import leftovers  # with doit

    removed = [] if names else leftovers(run)[0]
    lines += [f"would remove {settings.output_dir / name}" for name in removed]
    lines += refusals(failed, settings) + warnings(warned, settings, located)
    counts = f"{made:,} would be made, {unchanged:,} unchanged, {len(removed):,} removed, {len(failed):,} failed"
    counts += f", {len(warned):,} warned" if warned else ""
    return Preview((*lines, f"{counts}; nothing was written"), len(failed))
