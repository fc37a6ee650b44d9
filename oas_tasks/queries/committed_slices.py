"""Compares the output folders with what git has committed, after a build: which slices were stale."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from oas_tasks.printable import printable
from oas_tasks.queries.git import git


class ChangedFile(NamedTuple):
    """A file that differs from the commit.

    status: two letters, as `git status --porcelain` has them: ` M` changed, ` D` gone, `??` new; or a word.
    path: in the repository.
    """

    status: str
    path: str

    def __str__(self) -> str:
        is_plain = re.fullmatch(r"[\w./~@+-]+", self.path, re.ASCII)
        return printable(f"{self.status} {self.path if is_plain else _quoted(self.path)}")


class CommittedSlices(NamedTuple):
    """What is not as it is committed.

    changed: files in output folders that git does not ignore; most are slices.
    folders: the output folders that these are in.
    foreign: committed slices of no endpoint, as the user would name them.
    """

    changed: tuple[ChangedFile, ...]
    folders: tuple[Path, ...]
    foreign: tuple[str, ...]

    @property
    def are_stale(self) -> bool:
        """Whether anything differs."""
        return bool(self.changed or self.foreign)


def _quoted(path: str) -> str:
    """Return a path in quotes, without anything that a terminal or a CI service obeys."""
    escaped = printable(path.replace("\\", "\\\\").replace('"', '\\"'))
    return f'"{escaped}"'


def committed_slices(folders: Iterable[Path], foreign: Sequence[str]) -> CommittedSlices:
    """Compare output folders with the commit; in no repository nothing is committed, and so nothing stale.

    foreign: slices of no endpoint, of which only committed ones count.
    """
    changed: list[ChangedFile] = []
    touched: list[Path] = []
    for folder in dict.fromkeys(folders):
        found = _changed_in(folder)
        if found:
            touched.append(folder)
            changed += found
    known = tuple(file for file in foreign if git("ls-files", "-z", "--", file))
    return CommittedSlices(tuple(dict.fromkeys(changed)), tuple(touched), known)


def _changed_in(folder: Path) -> list[ChangedFile]:
    # Without renames every entry is one path.
    listed = git("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", str(folder))
    return [ChangedFile(entry[:2], entry[3:]) for entry in (listed or "").split("\0") if entry]
