"""Reads the project's Markdown: its pages, their links, the anchors of their headings, and their code blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
#: The pages for users, whose examples are tried.
MANUAL = (README, *sorted(DOCS.glob("*.md")))
#: All pages, whose links are checked.
PAGES = (*MANUAL, *sorted({*ROOT.glob("*.md")} - {README}), *sorted((ROOT / ".github").glob("*.md")))

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^()\s]+)\)|\b(?:src|srcset|href)=\"([^\"]+)\"")
#: A first line that names the file which a block is: `# dodo.py`.
_FILE = re.compile(r"# ((?:[\w.-]+/)*[\w-]*\.[\w.-]+|\.[\w-]+)\n")


class Block(NamedTuple):
    """A code block.

    line: of its first fence, counted from 1.
    file: the name in its first line, if that is a comment with a name of a file.
    """

    line: int
    language: str
    text: str
    file: str | None


def named(page: Path) -> str:
    """Return the name of a page in the repository."""
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    """Return a page's text."""
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> Iterator[Block]:
    """Yield the code blocks of a page."""
    text = text_of(page)
    for found in _FENCE.finditer(text):
        lines = found["text"].splitlines(keepends=True)
        inner = "".join(line.removeprefix(found["indent"]) for line in lines)
        file = _FILE.match(inner)
        yield Block(text.count("\n", 0, found.start()) + 1, found["language"], inner, file and file[1])


def prose(page: Path) -> str:
    """Return a page without its code blocks."""
    return _FENCE.sub("", text_of(page))


def links(page: Path) -> list[str]:
    """Return where the links and pictures of a page lead, as written."""
    text = re.sub(r"`[^`\n]*`", "``", prose(page))
    return [found[1] or found[2] for found in _LINK.finditer(text)]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    taken: Counter[str] = Counter()
    found: set[str] = set()
    for heading in _HEADING.findall(prose(page)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.add(f"{anchor}-{taken[anchor]}" if taken[anchor] else anchor)
        taken[anchor] += 1
    return found
