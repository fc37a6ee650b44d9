"""Pipes, devices, sockets and links where files are expected: never waited for, never read without end, never followed
out of the output folder. What no file is gets a sentence, or is nobody's.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import DODO, Repository

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes, devices and links are otherwise there")

DOCUMENT = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /animals:
    get: {responses: {'200': {description: ok}}}
  /keepers:
    get: {responses: {'200': {description: ok}}}
"""


def link(target: str) -> Callable[[Path], object]:
    return lambda file: file.symlink_to(target)


def bound(file: Path) -> None:
    here = Path.cwd()
    os.chdir(file.parent)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(file.name)
    finally:
        os.chdir(here)


SPECIAL: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "socket": bound,
    "link to a device": link("/dev/zero"),
    "link to a pipe": link("../a_pipe"),
    "link to itself": lambda file: file.symlink_to(file.name),
    "folder": Path.mkdir,
}
each_kind = pytest.mark.parametrize("kind", SPECIAL)
COMMANDS = (("check",), ("list",), ("--dry-run",), ("hook", "--check"), ("why", "/animals"), ("hook",), ("--batch",))


@pytest.fixture
def built(repository: Repository) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml")
    for folder in (repository.folder, repository.folder.parent):  # for a link in the output folder, and one beside it
        os.mkfifo(folder / "a_pipe")
    assert repository.slice_oas("--batch").code == 0
    return repository


def put(file: Path, kind: str) -> None:
    if file.is_file() or file.is_symlink():
        file.unlink()
    SPECIAL[kind](file)


@each_kind
def test_what_is_foreign_in_the_output_folder_is_left_alone(built: Repository, kind: str) -> None:
    put(built.slices / "foreign_GET.yaml", kind)
    for command in (*COMMANDS, ("doit",)):
        done = built.doit() if command == ("doit",) else built.slice_oas(*command)
        assert done.code == 0, (command, done.text)
        assert os.path.lexists(built.slices / "foreign_GET.yaml")


@each_kind
@pytest.mark.parametrize("name", ["animals_GET.yaml", "index.csv"])
def test_in_the_place_of_a_file_of_ours_it_is_replaced_or_told(built: Repository, name: str, kind: str) -> None:
    file = built.slices / name
    put(file, kind)
    is_replaced = "link" in kind
    assert built.slice_oas("check").code == 3
    for command in (("hook",), ("--batch",)):
        done = built.slice_oas(*command)
        assert "Traceback" not in done.text
        assert "internal" not in done.text
        if is_replaced:
            assert done.code == (command == ("hook",)), done.text
        else:
            assert done.code in (1, 2)
            if command == ("--batch",):
                assert f"slices/{name}: " in done.text
    assert file.is_file() == is_replaced
    assert not file.is_symlink()
    if not is_replaced:
        file.rmdir() if kind == "folder" else file.unlink()
    assert built.slice_oas("--batch").code == 0
    assert built.slice_oas("check").code == 0


def test_what_a_link_leads_to_is_not_written(built: Repository) -> None:
    victim = built.write("victim.txt", "precious")
    for name in ("animals_GET.yaml", "index.csv"):
        put(built.slices / name, "link to a pipe")
        (built.slices / name).unlink()
        (built.slices / name).symlink_to(victim)
    assert built.slice_oas("--batch").code == 0
    assert victim.read_text() == "precious"
    assert not (built.slices / "animals_GET.yaml").is_symlink()


@each_kind
@pytest.mark.parametrize("name", ["api.yaml", "pyproject.toml"])
def test_a_document_or_settings_that_are_no_file_are_one_sentence(built: Repository, name: str, kind: str) -> None:
    put(built.folder / name, kind)
    for command in COMMANDS:
        done = built.slice_oas(*command)
        assert (done.code, len(done.err.splitlines())) == (2, 1), (command, done.text)
        assert done.err.startswith(f"slice-oas: {name}: ")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/stdin", "/dev/tty"])
def test_a_device_is_no_document(repository: Repository, device: str) -> None:
    done = repository.slice_oas("--input", device, "--batch")
    assert (done.code, len(done.err.splitlines())) == (2, 1), done.text


@each_kind
def test_a_file_that_the_document_refers_to_and_that_is_none_is_a_fault_with_a_sentence(
    built: Repository, kind: str
) -> None:
    built.write("api.yaml", DOCUMENT.replace("{description: ok}", "{$ref: 'common.yaml#/Ok'}", 1))
    put(built.folder / "common.yaml", kind)
    done = built.slice_oas("--batch")
    assert done.code == 1
    assert "1 failed" in done.out
    assert "common.yaml" in built.rows()[0]["failure_reason"]
    assert built.rows()[1]["validation_status"] == "PASS"


@each_kind
def test_a_cache_that_remembers_a_file_which_is_none_by_now_does_not_wait_for_it(built: Repository, kind: str) -> None:
    built.write("common.yaml", "Ok: {description: ok}\n")
    built.write("api.yaml", DOCUMENT.replace("{description: ok}", "{$ref: 'common.yaml#/Ok'}", 1))
    assert built.slice_oas("--batch").code == 0
    put(built.folder / "common.yaml", kind)
    assert built.slice_oas("hook", "--check").code in (1, 3)
    assert built.slice_oas("--batch").code == 1
    built.write("dodo.py", DODO)
    assert built.doit().code == 1
