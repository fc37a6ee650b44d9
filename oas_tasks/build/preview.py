"""What a build would do, worked out without writing a slice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from oas_tasks.build.atomic import holds
from oas_tasks.build.plan_cache import slicer_of
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
    for endpoint in run.plan.endpoints:
        if names and slice_task_name(settings, endpoint.method, endpoint.path) not in names:
            continue
        title = f"{endpoint.method} {endpoint.path}"
        if run.is_current(endpoint):
            record = run.records[endpoint.path, endpoint.method]
            failed += bool(record.reason)
            unchanged += not record.reason
            if record.reason:
                lines.append(f"{title}: would fail: {record.reason}")
            lines += [f"{title}: {warning}" for warning in record.warnings.splitlines()]
            continue
        key = (endpoint.path, endpoint.method)
        made_slice = slicer_of(settings, run.planned.digest, *key).make(*key)
        file = settings.output_dir / endpoint.file
        if made_slice.content is None:
            failed += 1
            lines.append(f"{title}: would fail: {made_slice.reason}")
        elif holds(file, made_slice.content):
            unchanged += 1
        else:
            made += 1
            lines.append(f"{title}: would {'change' if file.exists() else 'make'} {file}")
        lines += [f"{title}: {warning}" for warning in made_slice.warnings]
    removed = [] if names else leftovers(run)[0]
    lines += [f"would remove {settings.output_dir / name}" for name in removed]
    counts = f"{made:,} would be made, {unchanged:,} unchanged, {len(removed):,} removed, {failed:,} failed"
    return Preview((*lines, f"{counts}; nothing was written"), failed)
