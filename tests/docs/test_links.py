"""Every link of the project's pages leads somewhere, and every page of docs/ can be found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, PAGES, README, ROOT, anchors, links, named, text_of


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_targets_of_links_exist_with_their_headings(page: Path) -> None:
    wrong = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            assert link.startswith("https://"), link
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or not target.is_relative_to(ROOT) or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_files_of_the_project_that_pages_name_exist(page: Path) -> None:
    names = re.findall(r"`((?:tests|oas_tasks|\.github|templates)/[\w./-]*)`", text_of(page))
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_every_page_is_in_the_table_of_contents() -> None:
    contents = links(DOCS / "README.md")
    assert sorted({link.partition("#")[0] for link in contents if "/" not in link}) == sorted(
        page.name for page in DOCS.glob("*.md") if page.name != "README.md"
    )
    assert "docs/README.md" in links(README)
