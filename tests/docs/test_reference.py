"""What the manual says of commands, columns, statuses, exit codes and the library is what the code has."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import oas_tasks
from oas_tasks import BatchExtractionRequest, BatchExtractionResult, EndpointChange, FailedEndpoint, ListedEndpoint
from oas_tasks.cli import COMMANDS
from oas_tasks.commands import exit_codes
from oas_tasks.commands.affected_endpoints.affected_output import WRITERS
from oas_tasks.commands.guidance.topics import TOPICS
from oas_tasks.errors import Where
from oas_tasks.plan.file_names import file_names
from oas_tasks.queries.check import FindingKind
from oas_tasks.settings import SETTINGS
from oas_tasks.state import index_csv
from tests.docs import picture
from tests.docs.generated import PAGE, written_page
from tests.docs.pages import DOCS, README, text_of

RENEW = "it is renewed by `python -m tests.docs.generated`"


def rows(page: str, heading: str) -> list[tuple[str, ...]]:
    """Return the rows of the table whose first heading this is, as the texts of their cells."""
    (table,) = re.findall(rf"^\| {re.escape(heading)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text_of(DOCS / page), re.MULTILINE)
    return [tuple(cell.strip() for cell in row.strip("|").split(" | ")) for row in table.splitlines()]


def names(page: str, heading: str) -> list[str]:
    """Return what stands as code in the first cells of a table."""
    return [name for row in rows(page, heading) for name in re.findall(r"`([^`]+)`", row[0])]


def test_the_page_of_the_command_line_is_generated() -> None:
    page = text_of(PAGE)
    assert written_page(page) == page, RENEW
    assert all(f"\n## slice-oas {name}\n" in page for name in COMMANDS)
    (listed,) = re.findall(r"topics are (.*?)\.\n", page, re.DOTALL)
    assert re.findall(r"[a-z-]+(?=,| and|$)", listed) == list(TOPICS)


def test_the_columns_and_statuses_of_the_index_are_described() -> None:
    assert names("index-csv.md", "column") == list(index_csv.COLUMNS)
    statuses = {index_csv.PASS, index_csv.WARN, index_csv.FAIL, index_csv.SKIPPED}
    described = rows("index-csv.md", "status")
    assert {row[0].strip("`") for row in described} == statuses


def test_the_names_of_files_are_as_described() -> None:
    shown = [(row[0].strip("`").split(" "), row[1].strip("`")) for row in rows("index-csv.md", "endpoint")]
    assert file_names([(path, method) for (method, path), _ in shown], "yaml") == [name for _, name in shown]


def test_the_exit_codes_are_described() -> None:
    codes = {code for name, code in vars(exit_codes).items() if name.isupper()}
    assert {int(row[0]) for row in rows("faults.md", "code")} == codes


def test_the_findings_and_formats_are_described() -> None:
    assert names("ci.md", "finding") == [each.value for each in FindingKind]
    assert names("ci.md", "`--output`") == list(WRITERS)


def test_the_fields_of_the_library_are_described() -> None:
    page = text_of(DOCS / "library.md")
    request = [field.name for field in dataclasses.fields(BatchExtractionRequest)]
    described = [row for row in rows_of_all("library.md", "field") if "setting" not in row]
    own = {name for row in described for name in re.findall(r"`(\w+)`", row[0])}
    renamed = {"input_file", "filter_pattern", "output_format", "generate_csv"}
    assert set(request) - own <= SETTINGS.keys()
    assert renamed <= own
    result = {field.name for field in dataclasses.fields(BatchExtractionResult)}
    assert set(names("library.md", "field of the result")) >= result
    for each in (FailedEndpoint, ListedEndpoint, EndpointChange):
        assert all(f"`{field.name}`" in page for field in dataclasses.fields(each)), each
    assert all(f"`{name}`" in page for name in Where._fields)
    assert [name for name in oas_tasks.__all__ if name != "__version__" and name not in page] == []


def rows_of_all(page: str, heading: str) -> list[tuple[str, ...]]:
    """Return the rows of all tables whose first heading this is."""
    pattern = rf"^\| {re.escape(heading)} \|.*\n\|[-|]+\n((?:\|.*\n)+)"
    found = "".join(re.findall(pattern, text_of(DOCS / page), re.MULTILINE))
    return [tuple(cell.strip() for cell in row.strip("|").split(" | ")) for row in found.splitlines()]


def test_the_picture_shows_what_the_program_prints(tmp_path: Path) -> None:
    if not picture.IS_POSSIBLE:
        pytest.skip("there are no terminals to record here")
    shown = picture.recorded(tmp_path)
    assert picture.without_durations(picture.text_in(picture.PICTURE)) == picture.without_durations(shown.plain), RENEW


def test_the_picture_loads_nothing_and_says_what_it_is() -> None:
    text = picture.PICTURE.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.search(r"(?:href|src|url)\s*[=(]\s*[\"']?(?:https?:|//)|@import|<script", text)
    assert f"](docs/{picture.PICTURE.name})" in text_of(README)
