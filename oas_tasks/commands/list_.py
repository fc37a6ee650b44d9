"""`slice-oas list`: lists the endpoints of a document, with their files and operationIds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from oas_tasks.commands.exit_codes import ALL_BUILT
from oas_tasks.commands.notices import print_notices
from oas_tasks.printable import printable, printable_json
from oas_tasks.queries.read_only_run import read_only_run
from oas_tasks.settings import Settings


def list_endpoints(settings: Sequence[Settings], out: TextIO, as_json: bool) -> int:
    """Write the endpoints in document order: a line each, or a list of JSON objects.

    The latter include the status of an endpoint whose last record is for its present fingerprint.
    """
    listed: list[dict[str, str]] = []
    runs = [read_only_run(each) for each in settings]
    print_notices(runs)
    for each, run in zip(settings, runs, strict=True):
        named = {"document": each.name} if each.name else {}
        for endpoint in run.plan.endpoints:
            file = (each.output_dir / endpoint.file).as_posix()
            operation_id = endpoint.cells.operation_id
            listed.append(
                {**named, "method": endpoint.method, "path": endpoint.path, "file": file, "operation_id": operation_id}
            )
            if as_json:
                record = run.records.by_key.get(endpoint.key)
                if record is not None and record.fingerprint == endpoint.fingerprint:
                    listed[-1] |= {"status": record.status, "reason": record.reason}
    if as_json:
        out.write(printable_json(listed))
        return ALL_BUILT
    columns = [[printable(cell) for cell in row.values()] for row in listed]
    widths = [max(map(len, column)) for column in zip(*columns, strict=True)] if columns else []
    for row in columns:
        out.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")
    return ALL_BUILT
