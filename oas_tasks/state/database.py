"""Opening a database of the cache folder, which may come from anywhere: restored in CI, checked out, planted.

It is SQLite, and SQLite obeys what a file says: a link leads it to somebody else's database, a trigger changes what is
written, and a journal of several databases makes it delete a file by name. A database is opened only where it is a
file of its own and has the tables that it was made with, and nothing else; otherwise it is replaced by an empty one.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Sequence
from pathlib import Path

from oas_tasks.regular_files import read_regular

#: What CACHEDIR.TAG says of whose the folder is.
TAG = "the cache of oas-tasks"

#: The files that SQLite keeps beside a database, by what they have behind its name.
_BESIDE = ("-journal", "-wal", "-shm")

#: How a rollback journal ends that names another file (SQLite, "Database File Format", "The Rollback Journal").
_JOURNAL_OF_SEVERAL = bytes.fromhex("d9d505f920a163d7")


def open_database(file: Path, tables: Sequence[str], version: int) -> sqlite3.Connection:
    """Return a connection to a database with just these tables; one that is anything else is made anew, empty.

    tables: the statements that make them. version: of what stands in them.

    Raises sqlite3.OperationalError where it cannot be reached (another run has it, the disk is full), or where it is
    somebody else's; OSError where what stands in its place cannot be removed.
    """
    if not is_plain(file):
        remove_database(file)
    try:
        return _connected(file, tables, version)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:  # damaged
        if not _is_in_cache(file):
            raise sqlite3.OperationalError("it is of another program") from None
        remove_database(file)
        return _connected(file, tables, version)


def remove_database(file: Path) -> None:
    """Remove a database with all that SQLite keeps beside it; of a link the link. Raises OSError."""
    for beside in (*_BESIDE, ""):
        file.with_name(file.name + beside).unlink(missing_ok=True)


def make_tables(connection: sqlite3.Connection, tables: Sequence[str], version: int) -> None:
    """Make a database empty but for these tables, whatever is in it."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if has_tables(connection, tables, version):  # another run made them meanwhile
            return
        found = connection.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        for kind in ("trigger", "view", "index", "table"):  # in this order, since a table takes what is its own along
            for name in (name for each, name in found if each == kind and not name.startswith("sqlite_")):
                connection.execute(f'DROP {kind} IF EXISTS "{name.replace(chr(34), 2 * chr(34))}"')
        for statement in tables:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")


def has_tables(connection: sqlite3.Connection, tables: Sequence[str], version: int) -> bool:
    """Whether a database has these tables, in this version, and nothing beside them."""
    if connection.execute("PRAGMA user_version").fetchone()[0] != version:
        return False
    made = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return sorted(statement for (statement,) in made) == sorted(tables)


def _connected(file: Path, tables: Sequence[str], version: int) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=30, check_same_thread=False)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        if not has_tables(connection, tables, version):
            if _has_others(connection, tables) and not _is_in_cache(file):
                raise sqlite3.OperationalError("it is of another program")
            make_tables(connection, tables, version)
    except BaseException:
        connection.close()
        raise
    return connection


def _has_others(connection: sqlite3.Connection, tables: Sequence[str]) -> bool:
    """Whether a database has a table that none of these statements makes, in whatever version."""
    own = {statement.split()[2] for statement in tables}
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return not own.issuperset(name for (name,) in found)


def _is_in_cache(file: Path) -> bool:
    """Whether a folder is marked as the cache of this tool, so that what is odd in it may be replaced."""
    try:
        return TAG.encode() in read_regular(file.with_name("CACHEDIR.TAG"))
    except OSError:
        return False


def is_plain(file: Path) -> bool:
    """Whether a database and what is beside it are regular files, none of which leads SQLite to other files."""
    for beside in ("", *_BESIDE):
        name = f"{file}{beside}"
        try:
            status = os.lstat(name)
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(status.st_mode) or (beside == "-journal" and _is_of_several(name)):
            return False
    return True


def _is_of_several(journal: str) -> bool:
    """Whether a journal ends with the name of another file, as only one of several databases does."""
    try:
        content = read_regular(journal, follow=False)
    except FileNotFoundError:  # the run that it was of has come to its end
        return False
    return content.endswith(_JOURNAL_OF_SEVERAL)
