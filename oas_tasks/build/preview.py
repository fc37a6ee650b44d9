"""What a build would do, worked out without writing a slice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from oas_tasks.build.matching import FileState, matches
from oas_tasks.build.ownership import foreign_fault, is_foreign
from oas_tasks.build.prune import leftovers
from oas_tasks.build.run import Run
from oas_tasks.build.task_names import slice_task_name


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
    made = unchanged = failed = 0
    wanted = [e for e in run.plan.endpoints if not names or slice_task_name(settings, e.method, e.path) in names]
    matched = matches(run, [endpoint for endpoint in wanted if not run.is_current(endpoint)])
    for endpoint in wanted:
        title = endpoint.label
        file = settings.output_dir / endpoint.file
        if run.is_current(endpoint):
            record = run.records[endpoint.path, endpoint.method]
            state, reason, warnings = FileState.SAME, record.reason, record.warnings.splitlines()
        else:
            found = next(matched)
            state, reason, warnings = found.state, found.reason, list(found.warnings)
            is_other = state in (FileState.OTHER, FileState.LINE_ENDS) and endpoint.file not in run.own_files
            if is_other and is_foreign(file, endpoint.path, endpoint.method):
                reason = foreign_fault(file)
        if reason:
            failed += 1
            lines.append(f"{title}: would fail: {reason}")
        elif state is FileState.SAME:
            unchanged += 1
        else:
            made += 1
            lines.append(f"{title}: would {'make' if state is FileState.MISSING else 'change'} {file}")
        lines += [f"{title}: {warning}" for warning in warnings]
    removed = [] if names else leftovers(run)[0]
    lines += [f"would remove {settings.output_dir / name}" for name in removed]
    counts = f"{made:,} would be made, {unchanged:,} unchanged, {len(removed):,} removed, {failed:,} failed"
    return Preview((*lines, f"{counts}; nothing was written"), failed)
