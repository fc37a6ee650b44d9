"""A cache that somebody else wrote, as one that is restored in CI or checked out: it leads nothing out of the output
folder, deletes and writes nothing there, runs nothing, and vouches for no wrong slice.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from xxhash import xxh3_128_hexdigest

from oas_tasks.file_stamp import stamp_of
from oas_tasks.parts.facts import Facts
from oas_tasks.state.output_folder import write_atomically
from tests.conftest import SAMPLE, Repository
from tests.planting import planted

posix = pytest.mark.skipif(os.name == "nt", reason="links need rights there")

BUILDS: dict[str, Callable[[Repository], object]] = {
    "slice-oas": lambda repository: repository.slice_oas("--batch"),
    "doit": lambda repository: repository.doit(),
    "doit, one task": lambda repository: repository.doit("slice"),
    "doit clean": lambda repository: repository.doit("clean"),
    "hook": lambda repository: repository.slice_oas("hook"),
}


def by_turns(*names: str) -> pytest.MarkDecorator:
    """Return each of these names with one of the builds, and each build with one of the names."""
    count = max(len(names), len(BUILDS))
    builds = list(BUILDS.items())
    pairs = [(names[n % len(names)], *builds[n % len(builds)]) for n in range(count)]
    return pytest.mark.parametrize(
        ("name", "build"), [pytest.param(name, build, id=f"{called}-{name}") for name, called, build in pairs]
    )


@pytest.fixture
def built(repository: Repository) -> Repository:
    repository.write("api.yaml", SAMPLE.read_bytes())
    repository.configure(spec="api.yaml")
    assert repository.slice_oas("--batch").code == 0
    return repository


def plant(repository: Repository, *statements: tuple[str, tuple[object, ...]]) -> None:
    """Change the database, and have the next run look at what stands in it."""
    with planted(repository.folder / ".oas_tasks") as connection:
        for statement, values in (*statements, ("DELETE FROM whole", ())):
            connection.execute(statement, values)


def assert_as_a_clean_build(repository: Repository) -> None:
    """The next build leaves what one without any cache finds right."""
    assert repository.slice_oas("--batch").code == 0
    assert "books_GET.yaml" in repository.files()
    assert repository.slice_oas("check").code == 0


@by_turns("../../victim.txt", "absolute", "../slices/../../victim.txt", "sub/../../../victim.txt")
def test_a_record_deletes_no_file_outside(built: Repository, name: str, build: Callable[[Repository], object]) -> None:
    victim = built.folder.parent / "victim.txt"
    victim.write_text("precious\n")
    name = str(victim) if name == "absolute" else name
    digest = xxh3_128_hexdigest(victim.read_bytes())
    plant(
        built,
        (
            """INSERT INTO record SELECT output, '/gone', 'GET', ?, fingerprint, status, reason, 9, stamp, ?,
            created_at, milliseconds, warnings, schema_count, faults, is_tolerable, mark FROM record LIMIT 1""",
            (name, digest),
        ),
        (
            "INSERT OR REPLACE INTO intended SELECT output, ?, '' FROM record LIMIT 1",
            (json.dumps([["/gone", "GET", name, "f"]]),),
        ),
    )
    build(built)
    assert victim.read_text() == "precious\n"
    assert_as_a_clean_build(built)


@by_turns("../../evil_GET.yaml", "/tmp/../evil_GET.yaml", "a/evil_GET.yaml", ".hidden_GET.yaml")
@pytest.mark.parametrize("edited", [False, True])
def test_a_plan_writes_no_file_outside(
    built: Repository, name: str, edited: bool, build: Callable[[Repository], object]
) -> None:
    plant(built, ("UPDATE planned SET value = replace(value, 'books_GET.yaml', ?)", (name,)))
    (built.slices / "books_GET.yaml").unlink()
    before = {file for file in built.folder.parent.rglob("*") if ".oas_tasks" not in file.parts}
    if edited:
        text = (built.folder / "api.yaml").read_text(encoding="utf-8")
        built.write("api.yaml", text.replace("List", "list"))
    build(built)
    written = {file for file in built.folder.parent.rglob("*") if ".oas_tasks" not in file.parts} - before
    assert all(file.parent == built.slices or "__pycache__" in str(file) for file in written), written
    assert not Path("/evil_GET.yaml").exists()
    assert_as_a_clean_build(built)


@by_turns("package.json", "api.yaml", "books_v1.yaml")
def test_a_record_deletes_no_file_of_others_in_the_output_folder(
    repository: Repository, name: str, build: Callable[[Repository], object]
) -> None:
    repository.write("api.yaml", SAMPLE.read_bytes())
    repository.configure(spec="api.yaml", output_dir=".")
    assert repository.slice_oas("--batch").code == 0
    victim = repository.folder / name
    if not victim.exists():
        victim.write_text("{}")
    content = victim.read_bytes()
    plant(
        repository,
        (
            """INSERT INTO record SELECT output, '/books', 'v1', ?, fingerprint, status, reason, 9, stamp, ?,
            created_at, milliseconds, warnings, schema_count, faults, is_tolerable, mark FROM record LIMIT 1""",
            (name, xxh3_128_hexdigest(content)),
        ),
    )
    build(repository)
    assert victim.read_bytes() == content


def test_no_task_of_this_tool_is_ignored(built: Repository) -> None:
    """A planted state would leave slices out of builds that succeed."""
    assert built.doit().code == 0
    with planted(built.folder / ".oas_tasks") as connection:
        connection.execute("""UPDATE task SET state = '{"ignore:": "1"}'""")
    for build in (BUILDS["doit"], BUILDS["slice-oas"]):
        (built.slices / "books_GET.yaml").unlink()
        build(built)
        assert (built.slices / "books_GET.yaml").exists()


@pytest.mark.parametrize("state", ["[1,2]", "5", "x", "[" * 100_000, '{"_values_:": 5}', '{"deps:": 5}'])
def test_what_doit_remembers_and_cannot_be_is_forgotten(built: Repository, state: str) -> None:
    assert built.doit().code == 0
    with planted(built.folder / ".oas_tasks") as connection:
        connection.execute("UPDATE task SET state = ?", (state,))
    (built.slices / "books_GET.yaml").unlink()
    assert built.doit().code == 0
    assert built.slice_oas("check").code == 0


@pytest.mark.parametrize("content", ["table", "text"])
@pytest.mark.parametrize("name", ["store.sqlite3", "doit.sqlite3"])
def test_a_database_of_another_program_is_left_alone(repository: Repository, name: str, content: str) -> None:
    repository.write("api.yaml", SAMPLE.read_bytes())
    repository.configure(spec="api.yaml", cache_dir="app")
    file = repository.write(f"app/{name}", "some text" if content == "text" else "")
    if content == "table":
        connection = sqlite3.connect(file)
        with connection:
            connection.execute("CREATE TABLE precious (a)")
        connection.close()
    before = file.read_bytes()
    for done in (repository.slice_oas("--batch"), repository.doit()):
        if name == "store.sqlite3":
            assert done.code in (2, 3), done.text
            assert "it is of another program" in done.text
        else:  # which earlier versions had, and this one removes where it is theirs
            assert done.code == 0, done.text
        assert "Traceback" not in done.text
    assert file.read_bytes() == before


@posix
def test_a_link_in_the_place_of_a_temporary_file_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / f".{os.getpid()}-{threading.get_ident()}.oas-tmp").symlink_to(victim)
    write_atomically(tmp_path / "o_GET.yaml", b"slice")
    assert (victim.read_text(), (tmp_path / "o_GET.yaml").read_bytes()) == ("precious", b"slice")


def test_a_plan_of_no_file_is_not_up_to_date_for_ever(built: Repository) -> None:
    plant(built, ("UPDATE plan SET files = '[]'", ()))
    text = (built.folder / "api.yaml").read_text(encoding="utf-8")
    built.write("api.yaml", text.replace("/books", "/tomes"))
    assert built.slice_oas("--batch").code == 0
    assert "tomes_GET.yaml" in built.files()


@pytest.mark.parametrize("command", [("check",), ("hook", "--check")])
def test_a_record_vouches_for_no_wrong_slice_where_somebody_checks(built: Repository, command: tuple[str, ...]) -> None:
    """A pull request has the slice, and beside it the cache that says it is right."""
    file = built.slices / "books_GET.yaml"
    content = file.read_bytes().replace(b"books", b"cooks")
    file.write_bytes(content)
    status = file.stat()
    plant(
        built,
        (
            "UPDATE record SET stamp = ?, size = ?, digest = ? WHERE file = 'books_GET.yaml'",
            (stamp_of(status), status.st_size, xxh3_128_hexdigest(content)),
        ),
    )
    done = built.slice_oas(*command)
    assert done.code == 3, done.text
    assert "GET /books: slices/books_GET.yaml" in done.out
    assert built.slice_oas("check", "--trust-cache").code == 0


def test_triggers_and_views_are_not_obeyed(built: Repository) -> None:
    expected = built.files()
    plant(
        built,
        (
            """CREATE TRIGGER t AFTER INSERT ON record BEGIN
            UPDATE record SET file = '../../victim.txt', status = 'PASS' WHERE path = NEW.path; END""",
            (),
        ),
    )
    built.write("api.yaml", SAMPLE.read_bytes() + b"# a comment\n")
    assert built.slice_oas("--batch").code == 0
    connection = sqlite3.connect(built.folder / ".oas_tasks" / "store.sqlite3")
    assert not connection.execute("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchall()
    assert not connection.execute("SELECT file FROM record WHERE file LIKE '%victim%'").fetchall()
    connection.close()
    assert built.files() == expected


@posix
@pytest.mark.parametrize("name", ["store.sqlite3", "doit.sqlite3"])
def test_a_link_leads_to_nobody_elses_database(built: Repository, name: str) -> None:
    """The tables in a database of another shape are dropped, so that it must not be somebody else's."""
    other = built.folder.parent / "cookies.sqlite"
    connection = sqlite3.connect(other)
    with connection:
        connection.execute("CREATE TABLE cookies (value TEXT)")
        connection.execute("INSERT INTO cookies VALUES ('mine')")
    connection.close()
    content = other.read_bytes()
    for command in (("list",), ("check",), ("--batch",)):
        (built.folder / ".oas_tasks" / name).unlink(missing_ok=True)
        (built.folder / ".oas_tasks" / name).symlink_to(other)
        assert built.slice_oas(*command).code == 0
        assert other.read_bytes() == content
    assert built.doit().code == 0
    assert other.read_bytes() == content


@pytest.mark.parametrize("name", ["store.sqlite3", "doit.sqlite3"])
@pytest.mark.parametrize("command", [("list",), ("check",), ("--batch",), ("hook",)])
def test_a_journal_deletes_no_file(built: Repository, name: str, command: tuple[str, ...]) -> None:
    """SQLite removes the file that a journal of several databases names, once it has rolled it back."""
    victim = built.folder.parent / "victim.txt"
    victim.write_bytes(b"precious\0")
    magic = bytes.fromhex("d9d505f920a163d7")
    database = built.folder / ".oas_tasks" / name
    if not database.exists():  # as earlier versions had it
        shutil.copy(built.folder / ".oas_tasks" / "store.sqlite3", database)
    header = (magic + struct.pack(">IIIII", 0, 0, database.stat().st_size // 4096, 512, 4096)).ljust(512, b"\0")
    named = os.fsencode(victim)
    checksum = sum(struct.unpack(f"{len(named)}b", named)) & 0xFFFFFFFF
    page = struct.pack(">I", 0x40000000 // 4096 + 1)
    database.with_name(f"{name}-journal").write_bytes(
        header + page + named + struct.pack(">II", len(named), checksum) + magic
    )
    assert built.slice_oas(*command).code == 0
    assert victim.exists()


@posix
@pytest.mark.parametrize("name", ["store.sqlite3", "doit.sqlite3", "store.sqlite3-journal"])
def test_a_pipe_in_the_cache_is_not_waited_for(built: Repository, name: str) -> None:
    file = built.folder / ".oas_tasks" / name
    for command in (("list",), ("check",), ("--batch",)):
        file.unlink(missing_ok=True)
        os.mkfifo(file)
        assert built.slice_oas(*command).code == 0
    assert built.doit().code == 0


def far(facts: Facts) -> None:
    next(iter(facts.parts.values())).members.append(10**6)


def negative(facts: Facts) -> None:
    next(iter(facts.path_items.values())).members.append(-1)


def needs_nothing_there(facts: Facts) -> None:
    next(fact for fact in facts.parts.values() if fact.needs).needs[0] = 10**6


def read_nothing_there(facts: Facts) -> None:
    next(iter(facts.parts.values())).others.append(10**6)


def reads_without_names(facts: Facts) -> None:
    for read in (("tag",), ("beside", "paths"), ("operation",), ("nothing",), ()):
        facts.reads.append(read)
        facts.identities.append(b"")
        next(iter(facts.parts.values())).others.append(len(facts.reads) - 1)


def no_schema_there(facts: Facts) -> None:
    facts.baseless.append(10**6)


def spans_behind_the_end(facts: Facts) -> None:
    facts.spans[-1] = facts.spans[-1]._replace(end=facts.chunks.size + 9)


def spans_in_one_another(facts: Facts) -> None:
    facts.spans[1] = facts.spans[1]._replace(start=0)


def the_same_keys_twice(facts: Facts) -> None:
    facts.spans[1] = facts.spans[1]._replace(keys=facts.spans[0].keys)


def a_member_less(facts: Facts) -> None:
    facts.members.pop()


def spans_of_two_formats(facts: Facts) -> None:
    facts.spans[1] = facts.spans[1]._replace(form="json")


@pytest.mark.parametrize(
    "change",
    [
        far,
        negative,
        needs_nothing_there,
        read_nothing_there,
        reads_without_names,
        no_schema_there,
        spans_behind_the_end,
        spans_in_one_another,
        the_same_keys_twice,
        a_member_less,
        spans_of_two_formats,
    ],
)
def test_facts_whose_numbers_lead_nowhere_are_none(built: Repository, change: Callable[[Facts], None]) -> None:
    with planted(built.folder / ".oas_tasks") as connection:
        for key, blob in connection.execute("SELECT key, value FROM facts").fetchall():
            facts = msgspec.msgpack.decode(blob, type=Facts)
            change(facts)
            connection.execute("UPDATE facts SET value = ? WHERE key = ?", (msgspec.msgpack.encode(facts), key))
    text = (built.folder / "api.yaml").read_text(encoding="utf-8")
    built.write("api.yaml", text.replace("List", "list"))
    done = built.slice_oas("--batch")
    assert (done.code, done.err) == (0, "")
    assert_as_a_clean_build(built)
