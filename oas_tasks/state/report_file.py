"""index.html, the report about an output folder: how it is known to be ours, and what it is up to date with."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from oas_tasks import __version__
from oas_tasks.file_stamp import stamp_of
from oas_tasks.regular_files import read_regular

#: The first bytes of every report.
REPORT_START = b"<!doctype html>\n<!-- Made by slice-oas (oas-tasks), which writes this file anew. -->\n"


def is_report(file: Path) -> bool:
    """Whether a file is a report of this tool, and no other page.

    Line ends do not count: git may convert them on checkout.
    """
    with contextlib.suppress(OSError):
        content = read_regular(file, follow=False)[: 2 * len(REPORT_START)]
        return content.replace(b"\r\n", b"\n").startswith(REPORT_START)
    return False


def is_foreign_page(file: Path) -> bool:
    """Whether there is a file, link or folder in a report's place that this tool did not write."""
    return os.path.lexists(file) and not is_report(file)


def report_stamp(document_digest: str, plan_digest: str, status: os.stat_result) -> list[object]:
    """Return what a report is up to date with: document, plan and version, and the file's size and stamp.

    document_digest: of the document's bytes: the report has lines, which any edit may move.
    """
    return [f"{document_digest} {plan_digest} {__version__}", status.st_size, stamp_of(status)]
