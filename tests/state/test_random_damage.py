"""Whatever happened to the file that the cache is: a sentence at most, and everything as a clean build has it.

`OAS_TASKS_THOROUGH` tries a thousand damages instead of some dozens.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oas_tasks.state.store import STORE_NAME, TABLES
from tests.conftest import SAMPLE, THOROUGH, Done, Repository
from tests.planting import parted, planted

SEEDS = [*range(18), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(18, 36))]
if THOROUGH:
    SEEDS = [*range(1000)]

#: What is run over the damaged cache; a build follows in any case.
COMMANDS = [
    ("oas_tasks", "--batch"),
    ("doit",),
    ("doit", "-n", "2"),
    ("doit", "list", "--all", "--status"),
    ("doit", "info", "slice:GET /books"),
    ("doit", "forget", "slice:GET /books"),
    ("doit", "forget", "--all"),
    ("doit", "ignore", "after"),
    ("doit", "clean", "slice"),
    ("doit", "slice:GET /books"),
    ("doit", "reset-dep"),
    ("oas_tasks", "check"),
    ("oas_tasks", "list"),
    ("oas_tasks", "why", "GET /books"),
    ("oas_tasks", "--dry-run"),
]

#: With a task of the repository's own, of which doit remembers a file and a value.
DODO = """\
from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice
def task_other():
    return {"actions": [lambda: {"value": 1}], "file_dep": ["api.yaml"], "uptodate": [True]}
def task_after():
    return {"actions": [lambda value: None], "getargs": {"value": ("other", "value")}, "file_dep": ["api.yaml"]}
"""


def flip_bits(file: Path, dice: random.Random) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(dice.choice((1, 1, 4, 64))):
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    file.write_bytes(content)


def flip_bits_of_header(file: Path, dice: random.Random) -> None:
    """Of the file's, where one bit changes what all else means, or of a page's."""
    content = bytearray(file.read_bytes())
    start = dice.choice((0, 4096 * dice.randrange(len(content) // 4096)))
    content[start + dice.randrange(100 if start == 0 else 12)] ^= 1 << dice.randrange(8)
    file.write_bytes(content)


def spoil_pages(file: Path, dice: random.Random) -> None:
    content = bytearray(file.read_bytes())
    number = len(content) // 4096
    for _ in range(dice.choice((1, 3))):
        start = 4096 * dice.randrange(number)
        other = 4096 * dice.randrange(number)
        page = dice.choice((bytes(4096), dice.randbytes(4096), bytes(content[other : other + 4096])))
        content[start : start + 4096] = page
    file.write_bytes(content)


def cut_short(file: Path, dice: random.Random) -> None:
    length = file.stat().st_size
    os.truncate(file, dice.choice((0, 1, 100, 4096, length // 4096 // 2 * 4096, dice.randrange(length), length - 1)))


def lengthen(file: Path, dice: random.Random) -> None:
    with file.open("ab") as stream:
        stream.write(dice.randbytes(dice.choice((1, 4096, 10_000))))


def write_other_things(file: Path, dice: random.Random) -> None:
    length = file.stat().st_size
    file.write_bytes(
        dice.choice(
            (bytes(length), b"some text\n" * 9, b"\0", b"SQLite format 3\0" + dice.randbytes(5000), b"{}", b"\xff" * 99)
        )
    )


def put_something_else_there(file: Path, dice: random.Random) -> None:
    file.unlink()
    kind = dice.randrange(4 if os.name == "posix" else 2)
    if kind < 2:
        file.mkdir()
        if kind:
            (file / "a file").write_text("text")
    elif kind == 2:
        file.symlink_to(dice.choice(("nowhere", "../api.yaml", "/dev/null")))
    else:
        os.mkfifo(file)


def put_something_beside_it(file: Path, dice: random.Random) -> None:
    beside = file.with_name(file.name + dice.choice(("-journal", "-wal", "-shm")))
    if dice.randrange(4) == 0:
        beside.mkdir()
        return
    start = dice.choice((b"", bytes.fromhex("d9d505f920a163d7"), bytes.fromhex("377f0682002de218")))
    beside.write_bytes(start + dice.randbytes(dice.choice((0, 20, 600, 9000))))


def change_tables(file: Path, dice: random.Random) -> None:
    statements = [
        "PRAGMA user_version = 1",
        "PRAGMA user_version = 999",
        "PRAGMA journal_mode = WAL",
        "PRAGMA application_id = 7",
        "DROP TABLE record",
        "DROP TABLE task",
        "DROP TABLE plan",
        "ALTER TABLE record ADD COLUMN colour TEXT",
        "ALTER TABLE task RENAME TO tasks",
        "CREATE TABLE more (a)",
        "CREATE VIEW more AS SELECT 1",
        "CREATE INDEX more ON record (file)",
        "CREATE TRIGGER more AFTER INSERT ON task BEGIN DELETE FROM record; END",
        "VACUUM",
    ]
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute(dice.choice(statements))
    connection.close()


ODD = [
    None,
    7,
    -1,
    1 << 62,
    0.5,
    "",
    "x",
    "{",
    "[1]",
    '{"a": [{}]}',
    "[" * 5000,
    b"\xff\0",
    "../../up_GET.yaml",
    "a\0b",
]


def odd_values(file: Path, dice: random.Random) -> None:
    """Something in a column, with check values that fit or with those that were there."""
    table = dice.choice([each for each in TABLES if each.name != "facts"])
    column = dice.choice(list(table.columns))
    with planted(file.parent) if dice.randrange(2) else sqlite3.connect(file) as connection:
        connection.execute(f"UPDATE OR REPLACE {table.name} SET {column} = ?", (dice.choice(ODD),))
        if dice.randrange(2):
            connection.execute("DELETE FROM whole")
    connection.close()


def odd_texts(file: Path, dice: random.Random) -> None:
    """Bytes that are no text, where text should be."""
    table = dice.choice([each for each in TABLES if each.name != "facts"])
    column = dice.choice([name for name, kind in {**table.columns, "mark": str}.items() if kind is str])
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute(f"UPDATE OR REPLACE {table.name} SET {column} = CAST(X'ff41' AS TEXT)")
    connection.close()


def lose_rows(file: Path, dice: random.Random) -> None:
    table = dice.choice(TABLES)
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute(f"DELETE FROM {table.name}")
    connection.close()


DAMAGES: list[Callable[[Path, random.Random], None]] = [
    flip_bits,
    flip_bits_of_header,
    flip_bits_of_header,
    spoil_pages,
    cut_short,
    lengthen,
    write_other_things,
    put_something_else_there,
    put_something_beside_it,
    change_tables,
    odd_values,
    odd_values,
    odd_texts,
    lose_rows,
]


def edits() -> Iterator[tuple[str, str]]:
    """Yield documents by what was done to them, one of which leaves a slice to be removed."""
    text = SAMPLE.read_text(encoding="utf-8")
    yield "as it is", text
    yield "edited", text.replace("List", "list")
    start = text.index("  /books/{")
    yield "shorter", text[:start] + text[text.index("\n  /", start) + 1 :]


EDITS = dict(edits())


def rows(repository: Repository) -> list[dict[str, str]]:
    """Return the rows of the index without times."""
    return [{**row, "created_at": "", "extraction_time_ms": ""} for row in repository.rows()]


class Made:
    """A repository with a cache, to be copied, and what a clean build makes of each document."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository(folder / "built")
        self.repository.write("dodo.py", DODO)
        self.repository.configure(spec="api.yaml", concurrency=2)
        self.expected: dict[str, tuple[dict[str, bytes], list[dict[str, str]]]] = {}
        for name in reversed(EDITS):  # the first is what stays, with what the one before has beside it
            self.repository.write("api.yaml", EDITS[name])
            assert self.repository.doit().code == 0
            self.expected[name] = (self.repository.files(), rows(self.repository))
        assert self.repository.doit().code == 0
        assert self.repository.doit("forget", "slice:GET /books").code == 0
        connection = sqlite3.connect(self.repository.folder / ".oas_tasks" / STORE_NAME)
        self.tables = {table.name: connection.execute(table.select).fetchall() for table in TABLES}
        connection.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("damage"))


def assert_no_fault(done: Done, codes: tuple[int, ...], what: object) -> None:
    notes, errors = parted(done)
    assert done.code in codes, (what, done.text)
    assert len(notes) <= 1, (what, notes)
    assert errors == [], (what, errors)
    assert "Traceback" not in done.text, what
    assert "internal error" not in done.text, what


def test_there_is_something_to_damage(made: Made) -> None:
    assert {name for name, found in made.tables.items() if not found} == {"facts", "whole", "intended"} - {
        name for name, found in made.tables.items() if found
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_cache_is_as_good_as_none(made: Made, seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    repository = Repository(tmp_path / "repository")
    shutil.copytree(made.repository.folder, repository.folder)
    damage = DAMAGES[seed % len(DAMAGES)]
    edit = dice.choice(list(EDITS))
    command = dice.choice(COMMANDS)
    what = (damage.__name__, edit, command)
    if edit != "as it is":
        repository.write("api.yaml", EDITS[edit])
    damage(repository.folder / ".oas_tasks" / STORE_NAME, dice)
    done = repository.run(*command)
    codes = {"check": (0, 3), "info": (0, 1)}.get(command[1] if len(command) > 1 else "", (0,))
    assert_no_fault(done, codes, what)
    last = repository.doit() if seed % 2 else repository.slice_oas("--batch")
    assert_no_fault(last, (0,), what)
    expected = made.expected[edit]
    assert repository.files() == expected[0], what
    assert rows(repository) == expected[1], what
    silent = repository.slice_oas("--batch")
    assert_no_fault(silent, (0,), what)
    assert silent.err == "", what
    assert "0 made" in silent.out, what
