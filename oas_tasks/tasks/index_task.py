"""The action of the index task: the whole index.csv from the records, and the verdict over the run."""

from __future__ import annotations

from collections.abc import Sequence

from doit.exceptions import TaskFailed

from oas_tasks.errors import UserError, Where
from oas_tasks.printable import printable, printable_lines
from oas_tasks.settings import Settings
from oas_tasks.state.fault_list import Faulty, faulty, leniency, told
from oas_tasks.state.index_csv import FAIL, FILE_NAME, index_bytes, index_stamp, merged_index
from oas_tasks.state.output_folder import holds, write_atomically
from oas_tasks.state.run import Run, run_of_this_process


def write_index(settings: Settings, digest: str) -> dict[str, object] | TaskFailed:
    """Bring index.csv up to date, and fail the task where endpoints failed.

    digest: xxh3-128 of the document that was planned.
    """
    known = run_of_this_process(settings)
    try:
        run = known or Run(settings, digest)
    except UserError as error:
        return TaskFailed(str(error))
    try:
        rows = list(run.rows())
        if settings.csv:
            file = settings.output_dir / FILE_NAME
            content = index_bytes(rows, run.plan.family)
            try:
                if not holds(file, content):
                    file.parent.mkdir(parents=True, exist_ok=True)
                    write_atomically(file, content)
                status = file.lstat()
            except OSError as error:
                return TaskFailed(printable(f"{file}: cannot be written: {error.strerror or error}"))
            run.store.save_stamp(run.output, index_stamp(run.plan.digest, status))
        run.note_whole()
        run.come_to_end()
    finally:
        if known is None:
            run.store.close()
    failed = [faulty(endpoint, record) for endpoint, record in rows if record.status == FAIL]
    if failed:
        return TaskFailed(failure_message(failed, len(rows), settings))
    return {"rows": len(rows)}


def update_row(run: Run) -> None:
    """Bring the rows of the endpoints that were just sliced up to date in index.csv, and leave all others as they are.

    For a run over some endpoints only: the rows of the others may be known from the file alone.
    """
    if not run.settings.csv or not run.finished_now:
        return
    file = run.settings.output_dir / FILE_NAME
    fresh = index_bytes(((e, r) for e, r in run.rows() if (e.path, e.method) in run.finished_now), run.plan.family)
    numbers = {(endpoint.path, endpoint.method): number for number, endpoint in enumerate(run.plan.endpoints)}
    merged = merged_index(file, fresh, numbers)
    try:
        if not holds(file, merged):
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(file, merged)
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror or error}", Where(str(file))) from None


def failure_message(failed: Sequence[Faulty], total: int, settings: Settings) -> str:
    """Return what to say of the endpoints that failed."""
    lines = [f"{len(failed):,} of {total:,} endpoints failed:", *told(failed, settings), *leniency(failed)]
    return printable_lines(lines).rstrip("\n")
