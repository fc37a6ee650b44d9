"""Whether index.csv is as it was left, told by a stamp without reading it; apart from the task, and light to import."""

from __future__ import annotations

import os

from oas_tasks.build.index import COLUMNS, FILE_NAME
from oas_tasks.build.run import Run
from oas_tasks.file_stamp import stamp_of


def index_stamp(run: Run, status: os.stat_result) -> list[object]:
    """Return what vouches for an index on disk: plan and columns it was made for, and the file's size and stamp."""
    return [f"{run.plan.digest} {','.join(COLUMNS)}", status.st_size, stamp_of(status)]


def index_is_current(run: Run) -> bool:
    """Whether index.csv is as the last run wrote it for this very plan, and no row changed since."""
    if not run.settings.csv or (run.whole is not None and not run.finished_now):
        return True
    try:
        status = (run.settings.output_dir / FILE_NAME).lstat()
    except OSError:
        return False
    return run.store.stamp(run.output) == index_stamp(run, status)
