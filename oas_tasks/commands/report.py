"""`slice-oas report`: writes index.html, a page to look at what was sliced."""

from __future__ import annotations

from typing import TextIO

from oas_tasks.amounts import counted, size
from oas_tasks.commands.affected_endpoints.affected_changes import Wanted, changes
from oas_tasks.commands.affected_endpoints.affected_words import cause_lines, notes
from oas_tasks.commands.exit_codes import ALL_BUILT
from oas_tasks.commands.given_settings import GivenSettings
from oas_tasks.errors import UserError, Where
from oas_tasks.pages.report_page import LastChange, ShownChange, report_page, write_report
from oas_tasks.printable import printable_lines
from oas_tasks.queries.report import ReportedDocument, reported_documents
from oas_tasks.state.store import REPORT_NAME


def report(given: GivenSettings, base: str | None, out: TextIO) -> int:
    """Write a page into each output folder and say where it is. Raises UserError.

    base: the git revision to compare with; None for HEAD where that takes little effort.
    """
    for each in reported_documents(given.load(), given.overrides, given.spec_names, base):
        file = each.settings.output_dir / REPORT_NAME
        content = report_page(each.report, _last_change(each))
        try:
            write_report(file, content)
        except OSError as error:
            raise UserError(f"cannot be written: {error.strerror or error}", Where(str(file))) from None
        name = f"{each.settings.name}: " if each.settings.name else ""
        amounts = f"{counted(len(each.report.endpoints), 'endpoint')}, {size(len(content))}"
        lines = [f"{name}The report is in {file} ({amounts})"]
        if not each.has_slices and each.report.endpoints:
            lines.append(f"{name}No slices were made of the document yet; 'slice-oas --batch' makes them")
        out.write(printable_lines(lines))
    return ALL_BUILT


def _last_change(document: ReportedDocument) -> LastChange | None:
    """Return what the page shows of the last change, in words."""
    if document.change is None:
        return None
    found = tuple(
        ShownChange(
            each.change,
            each.endpoint.path,
            each.endpoint.method,
            each.extent.value if each.change == "changed" else "",
            tuple(cause_lines(each)),
        )
        for each in changes([document.change])
    )
    remarks = notes([document.change], Wanted())
    if document.change.note:
        remarks.insert(0, document.change.note)
    sentences = tuple(f"{note[:1].upper()}{note[1:]}." for note in remarks)
    return LastChange(document.since, found, document.change.comparison.unchanged, sentences)
