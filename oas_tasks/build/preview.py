"""What a build would do, worked out without writing a slice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from oas_tasks.build.fault_list import Faulty, faulty, refusals, warnings
from oas_tasks.build.fault_places import fault_places
from oas_tasks.build.index import FAIL, WARN
from oas_tasks.build.matching import FileState, matches
from oas_tasks.build.ownership import foreign_fault, is_foreign
from oas_tasks.build.prune import leftovers
from oas_tasks.build.run import Run
from oas_tasks.build.task_names import slice_task_name
from oas_tasks.slicing.told import Told, decoded


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
    removed = [] if names else leftovers(run)[0]
    lines += [f"would remove {settings.output_dir / name}" for name in removed]
    lines += refusals(failed, settings) + warnings(warned, settings, located)
    counts = f"{made:,} would be made, {unchanged:,} unchanged, {len(removed):,} removed, {len(failed):,} failed"
    counts += f", {len(warned):,} warned" if warned else ""
    return Preview((*lines, f"{counts}; nothing was written"), len(failed))
