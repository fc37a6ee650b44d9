"""Identical bytes whatever runs the tasks: one process, many, however they are started, or threads."""

from __future__ import annotations

import multiprocessing
import tempfile

import pytest

from tests.conftest import DODO, SAMPLE, Repository, spec

METHODS = multiprocessing.get_all_start_methods()


def built(repository: Repository, *arguments: str) -> dict[str, bytes]:
    """Return what a build with these arguments makes of nothing."""
    for file in repository.slices.glob("*"):
        file.unlink()
    done = repository.doit("cache_dir=" + tempfile.mkdtemp(dir=repository.folder), *arguments)
    assert done.code == 0, done.text
    return repository.files()


@pytest.mark.parametrize(
    "document",
    [
        SAMPLE.name,
        pytest.param("museum.yaml", marks=pytest.mark.slow),
        pytest.param("box.json", marks=pytest.mark.slow),
    ],
)
def test_the_bytes_are_the_same(repository: Repository, document: str) -> None:
    source = SAMPLE if document == SAMPLE.name else spec(document)
    repository.configure(spec=source)
    alone = built(repository)
    assert alone
    for arguments in [("-n", "1"), ("-n", "8"), ("-n", "3", "-P", "thread")]:
        assert built(repository, *arguments) == alone, arguments
    for method in METHODS:
        repository.write("dodo.py", f"import multiprocessing\nmultiprocessing.set_start_method('{method}')\n{DODO}")
        assert built(repository, "-n", "2") == alone, method
