"""The action of the index task: writes index.csv and index.html from the records, and fails if endpoints failed."""

from __future__ import annotations

from doit.exceptions import TaskFailed

from oas_tasks.errors import UserError, Where
from oas_tasks.printable import printable
from oas_tasks.settings import Settings
from oas_tasks.state.index_csv import FAIL, FILE_NAME, index_bytes, merged_index
from oas_tasks.state.output_folder import holds, write_atomically
from oas_tasks.state.run import Run
from oas_tasks.state.runs import run_of_other_process, run_of_this_process
from oas_tasks.state.store import REPORT_NAME, report_key


def write_index(settings: Settings, digest: str) -> dict[str, object] | TaskFailed:
    """Bring index.csv and the report up to date, where they are wanted, and fail the task if endpoints failed.

    digest: xxh3-128 of the document that was planned.
    """
    known = run_of_this_process(settings)
    try:
        run = known or run_of_other_process(settings, digest)
    except UserError as error:
        return TaskFailed(str(error))
    try:
        if settings.csv:
            file = settings.output_dir / FILE_NAME
            content = run.index_content()
            try:
                if not holds(file, content):
                    file.parent.mkdir(parents=True, exist_ok=True)
                    write_atomically(file, content)
                status = file.lstat()
            except OSError as error:
                return TaskFailed(printable(f"{file}: cannot be written: {error.strerror or error}"))
            run.save_index_stamp(status)
        if not run.is_report_up_to_date():
            fault = _report_fault(run)
            if fault:
                return TaskFailed(fault)
        run.complete()
    finally:
        if known is None:
            run.store.close()
    failed = [(endpoint, record) for endpoint, record in run.new_rows() if record.status == FAIL]
    if failed:
        from oas_tasks.state.fault_list import failure_message, faulty_endpoint  # only where there are faults

        return TaskFailed(failure_message([faulty_endpoint(*each) for each in failed], run.total, settings))
    return {"rows": run.total}


def _report_fault(run: Run) -> str:
    """Write the report, and return why it could not be written, or ""."""
    from oas_tasks.pages.report_content import report_of
    from oas_tasks.pages.report_page import report_page, write_report
    from oas_tasks.state.report_file import report_stamp
    from oas_tasks.state.runs import slicer_of

    file = run.settings.output_dir / REPORT_NAME
    try:
        report = report_of(run, slicer_of(run.settings, run.planned.digest, run.processes))
        write_report(file, report_page(report))
        stamp = report_stamp(run.planned.digest, run.plan.digest, file.lstat())
    except UserError as error:
        return str(error)
    except OSError as error:
        return printable(f"{file}: cannot be written: {error.strerror or error}")
    run.store.save_stamp(report_key(run.output), stamp)
    return ""


def update_rows(run: Run) -> None:
    """Update the rows of the endpoints that a run has finished in index.csv, and keep all other rows.

    It is for a run over some endpoints only: there may be no records of the others.
    """
    if not run.settings.csv or not run.records.finished:
        return
    file = run.settings.output_dir / FILE_NAME
    fresh = index_bytes(((e, r) for e, r in run.new_rows() if e.key in run.records.finished), run.plan.family)
    numbers = {endpoint.key: number for number, endpoint in enumerate(run.plan.endpoints)}
    merged = merged_index(file, fresh, numbers)
    try:
        if not holds(file, merged):
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(file, merged)
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror or error}", Where(str(file))) from None
