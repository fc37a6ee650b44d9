"""Whether index.csv is as it was left, told by a stamp without reading it; apart from the task, and light to import."""

from __future__ import annotations

from oas_tasks.build.index import COLUMNS, FILE_NAME
from oas_tasks.build.run import Run


def index_stamp(run: Run, size: int, mtime_ns: int) -> list[object]:
    """Return what vouches for an index on disk: plan and columns it was made for, and the file's size and time."""
    return [f"{run.plan.digest} {','.join(COLUMNS)}", size, mtime_ns]


def index_is_current(run: Run) -> bool:
    """Whether index.csv is as the last run wrote it for this very plan, and no row changed since."""
    if not run.settings.csv or (run.whole is not None and not run.finished_now):
        return True
    try:
        status = (run.settings.output_dir / FILE_NAME).lstat()
    except OSError:
        return False
    return run.store.stamp(run.output) == index_stamp(run, status.st_size, status.st_mtime_ns)
