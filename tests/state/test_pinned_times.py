"""Edits of the same length where every file has the same modification time, as tar, containers and Nix have it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from oas_tasks.file_stamp import IS_TELLING
from tests.conftest import Repository
from tests.planting import planted

DOCUMENT = """\
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a: {get: {responses: {'200': {$ref: 'common.yaml#/Ok'}}}}
  /b: {get: {responses: {'200': {description: one}}}}
"""
PINNED = 1_000_000_000


def pinned(repository: Repository, name: str, text: str) -> None:
    file = repository.write(name, text)
    os.utime(file, ns=(PINNED, PINNED))


@pytest.fixture
def built(repository: Repository) -> Repository:
    pinned(repository, "api.yaml", DOCUMENT)
    pinned(repository, "common.yaml", "Ok: {description: one}\n")
    repository.configure(spec="api.yaml")
    for _ in range(2):
        assert repository.slice_oas("--batch").code == 0
        settled(repository)
    return repository


def settled(repository: Repository) -> None:
    """Have what was looked at be older than what may still change within the time that a file system tells apart."""
    with planted(repository.folder / ".oas_tasks") as connection:
        connection.execute("UPDATE plan SET seen_ns = seen_ns + 3000000000")


@pytest.mark.parametrize(
    ("name", "text", "slice_"),
    [
        ("api.yaml", DOCUMENT.replace("description: one", "description: two"), "b_GET.yaml"),
        ("common.yaml", "Ok: {description: two}\n", "a_GET.yaml"),
    ],
)
@pytest.mark.parametrize("is_replaced", [True, False])
def test_an_edit_of_a_source_is_seen(built: Repository, name: str, text: str, slice_: str, is_replaced: bool) -> None:
    if is_replaced:
        (built.folder / name).rename(built.folder / "before")
    pinned(built, name, text)
    assert built.slice_oas("check").code == 3
    assert "1 made, 1 unchanged" in built.slice_oas("--batch").out
    assert b"two" in (built.slices / slice_).read_bytes()
    assert built.slice_oas("check").code == 0


@pytest.mark.skipif(not IS_TELLING, reason="nothing tells of it here but the content, which only `check` looks at")
def test_an_edit_of_a_slice_or_of_the_index_is_seen(built: Repository) -> None:
    for name in ("a_GET.yaml", "index.csv"):
        file = built.slices / name
        content, status = file.read_bytes(), file.stat()
        file.write_bytes(content.replace(b"GET", b"PUT").replace(b"one", b"two"))
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert built.slice_oas("check", "--trust-cache").code == 3
        assert built.slice_oas("--batch").code == 0
        assert file.read_bytes() == content


def test_what_was_copied_with_its_times_is_compared_by_content(built: Repository, tmp_path: Path) -> None:
    copy = Repository(tmp_path / "copy")
    shutil.copytree(built.folder, copy.folder)
    before = copy.times()
    assert "0 made, 2 unchanged" in copy.slice_oas("--batch").out
    assert copy.times() == before
    pinned(copy, "common.yaml", "Ok: {description: two}\n")
    assert "1 made, 1 unchanged" in copy.slice_oas("--batch").out
