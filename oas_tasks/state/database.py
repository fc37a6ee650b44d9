"""The SQLite file of a cache folder, which may be damaged, or planted by whoever made the folder.

It is only a cache: a damaged file is replaced by an empty one with a note to the user, and the operation is repeated.
If the folder is not writable, the database continues in memory. Users of this module therefore see no SQLite errors,
only missing rows.

Damage shows in three ways: SQLite reports inconsistent pages, the tables must be exactly the expected ones, and every
row has a check value over its columns, since SQLite has no checksums: a flipped bit in a fingerprint would make a stale
slice look up to date. The check value is no signature: whoever reads the rows must doubt what a planted file claims.

SQLite does what a file says: a link leads to another database, a trigger changes what is written, and the journal of
several databases makes SQLite delete a file by name. A database is therefore opened only if it is a regular file with
the expected tables and nothing else.

The journal is SQLite's rollback journal. A write-ahead log needs memory shared by processes, which network file systems
lack, leaves two more files beside the database, and would gain nothing: a run writes once a second at most, and reads
at its start. Every change is a transaction of milliseconds that takes the write lock at once, so that none has to give
up half-way, and waits up to `_PATIENCE` for others. `synchronous` is off: a killed process loses nothing by that, and
a machine that loses power at worst the cache.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TypeVar

from xxhash import xxh3_64_hexdigest

from oas_tasks.errors import UserError, Where, note
from oas_tasks.processes import is_worker
from oas_tasks.regular_files import read_regular

#: The words in CACHEDIR.TAG by which a folder is known as our cache.
TAG = "the cache of oas-tasks"

#: Seconds to wait for another run.
_PATIENCE = 30.0

#: The suffixes of the files that SQLite keeps beside a database.
_BESIDE = ("-journal", "-wal", "-shm")

#: The end of a rollback journal that names another file (SQLite, "Database File Format", "The Rollback Journal").
_END_OF_SHARED_JOURNAL = bytes.fromhex("d9d505f920a163d7")

#: SQLite's names for the types of columns.
_KINDS = {str: "TEXT", int: "INTEGER", float: "REAL", bytes: "BLOB"}

SqlValue = str | int | float | bytes
Row = tuple[SqlValue, ...]
Found = TypeVar("Found")


class Table:
    """A table of a database.

    columns: names and types. key: the first columns, which identify a row.
    """

    def __init__(self, name: str, key: Mapping[str, type], values: Mapping[str, type]) -> None:
        self.name = name
        self.columns = {**key, **values}
        self.key = tuple(key)
        self.types = tuple(self.columns.values())
        self._has_bytes = bytes in self.types
        listed = ", ".join(self.columns)
        shapes = ", ".join(f"{column} {_KINDS[kind]}" for column, kind in self.columns.items())
        # Without row ids there is no second tree that could contradict the first.
        self.statement = f"CREATE TABLE {name} ({shapes}, mark TEXT, PRIMARY KEY ({', '.join(self.key)})) WITHOUT ROWID"
        self.select = f"SELECT {listed}, mark FROM {name}"  # noqa: S608  our own names, here and below
        self.select_keys = f"SELECT {self.key[0]} FROM {name}"  # noqa: S608
        self.insert = f"INSERT OR REPLACE INTO {name} VALUES ({', '.join('?' * (len(self.columns) + 1))})"  # noqa: S608

    def marked(self, row: Row) -> Row:
        """Return a row with its check value appended."""
        return (*row, self.mark(row))

    def mark(self, row: Row) -> str:
        """Return the check value of a row: xxh3-64, 16 hex digits."""
        values = [xxh3_64_hexdigest(v) if isinstance(v, bytes) else v for v in row] if self._has_bytes else row
        return xxh3_64_hexdigest("\0".join((self.name, *map(str, values))).encode("utf-8", "surrogatepass"))

    def checked(self, found: Row) -> Row:
        """Return a row without its check value. Raises DamagedError where the two do not match."""
        row = found[:-1]
        if tuple(map(type, row)) != self.types or self.mark(row) != found[-1]:
            raise DamagedError(f"a row of '{self.name}' is not as it was written")
        return row


class DamagedError(Exception):
    """A database does not hold what was written to it; the message says how that shows."""


class _OtherTablesError(DamagedError):
    """A database does not have the expected tables.

    are_ours: all of its tables have names of ours, in whatever version.
    """

    def __init__(self, are_ours: bool) -> None:
        super().__init__("it is of another version of oas-tasks" if are_ours else "it has tables of something else")
        self.are_ours = are_ours


#: What operations on a damaged database raise; invalid text can show as any of these.
_FAULTS = (sqlite3.Error, DamagedError, UnicodeError, OverflowError)


class _Trouble(Enum):
    """The cause of an error: a damaged file, another run, or the machine."""

    DAMAGE = 0
    BUSY = 1
    MACHINE = 2


_TROUBLES = {
    sqlite3.SQLITE_BUSY: _Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: _Trouble.BUSY,
    **dict.fromkeys(
        (
            sqlite3.SQLITE_PERM,
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_NOLFS,
            sqlite3.SQLITE_PROTOCOL,
        ),
        _Trouble.MACHINE,
    ),
}


def unusable(file: Path, reason: object) -> UserError:
    """Return the error for a database that may be neither used nor replaced."""
    is_locked = "locked" in str(reason)
    choose = "Choose another folder with 'cache_dir' (--cache-dir), or delete what is there"
    hint = "Wait for the other run" if is_locked else choose
    return UserError(f"the cache cannot be used: {reason}", Where(str(file)), hint)


class Database:
    """A database with some tables, for all threads of one process.

    replaced: how many times it lost all its rows, so that what was read from it before is void.
    was_made: the file did not exist.
    """

    def __init__(self, file: Path | None, tables: Sequence[Table], version: int) -> None:
        """Open the database in a file, or one in memory where that is None. Raises UserError.

        version: of the contents of the tables.
        """
        self._file = file
        self._tables = tables
        self._version = version
        self._lock = threading.RLock()
        self._is_writing = False
        self._has_noted = False
        self._is_ours = False
        self._identity: tuple[int, int] | None = None
        self.replaced = 0
        self.was_made = False
        self._connection = self._memory() if file is None else self._opened(file)

    @classmethod
    def copy_of(cls, file: Path, tables: Sequence[Table], version: int) -> Database:
        """Return a copy of a file in memory, an empty one where the file cannot be read; the file is not touched."""
        made = cls(None, tables, version)
        made._take(file)
        return made

    def find(self, table: Table, *key: SqlValue) -> Row | None:
        """Return the row with a key."""
        where = " AND ".join(f"{column} = ?" for column in table.key)
        with self._lock:
            return self._done(lambda: self._one(table, f"{table.select} WHERE {where}", key))

    def _one(self, table: Table, statement: str, key: Row) -> Row | None:
        found = self._connection.execute(statement, key).fetchone()
        return None if found is None else table.checked(found)

    def rows(self, table: Table, *, is_complete: bool = False, **equal: SqlValue) -> list[Row]:
        """Return the rows that have these values in these columns.

        is_complete: check beforehand that no rows are lost, which nothing else would show.
        """
        where = " AND ".join(f"{column} = ?" for column in equal)
        statement = f"{table.select} WHERE {where}" if where else table.select
        with self._lock:
            return self._done(lambda: self._all(table, statement, tuple(equal.values()), is_complete))

    def _all(self, table: Table, statement: str, values: Row, is_complete: bool) -> list[Row]:
        if is_complete:
            (verdict,) = self._connection.execute(f"PRAGMA quick_check({table.name})").fetchone()
            if verdict != "ok":
                raise DamagedError(f"'{table.name}' is not complete")
        return [table.checked(found) for found in self._connection.execute(statement, values)]

    def keys(self, table: Table) -> list[SqlValue]:
        """Return the first column of all rows of a table, without checking the others."""
        with self._lock:
            return self._done(lambda: [key for (key,) in self._connection.execute(table.select_keys)])

    def write(self, work: Callable[[], None]) -> None:
        """Run a function that puts and deletes rows as one transaction; again, if the database is replaced."""
        with self._lock:
            self._done(work if self._is_writing else lambda: self._transact(work))

    def put(self, table: Table, rows: Iterable[Row]) -> None:
        """Store rows, replacing those with the same keys."""
        marked = list(map(table.marked, rows))
        self.write(lambda: self._execute_many(table.insert, marked))

    def delete(self, table: Table, keys: Iterable[Row]) -> None:
        """Delete the rows whose keys equal these, or begin with them."""
        listed = list(keys)
        if listed:
            where = " AND ".join(f"{column} = ?" for column in table.key[: len(listed[0])])
            statement = f"DELETE FROM {table.name} WHERE {where}"  # noqa: S608
            self.write(lambda: self._execute_many(statement, listed))

    def _execute_many(self, statement: str, rows: Sequence[Row]) -> None:
        self._connection.executemany(statement, rows)

    def replace(self, reason: str) -> None:
        """Continue with an empty database, since this one holds values that nobody stored."""
        with self._lock:
            self._replace_after(DamagedError(reason))

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    def _transact(self, work: Callable[[], None]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._is_writing = True
        try:
            work()
            self._connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise
        finally:
            self._is_writing = False

    def _done(self, work: Callable[[], Found]) -> Found:
        """Run an operation on the database; if it fails, replace the database and run it again."""
        if self._is_writing:  # the whole transaction is repeated
            return work()
        for _ in range(2):
            try:
                return work()
            except sqlite3.ProgrammingError:  # a fault of this tool
                raise
            except _FAULTS as error:
                self._replace_after(error)
        return work()

    def _replace_after(self, error: Exception) -> None:
        """Replace the database after an error: by a new file, or by one in memory."""
        trouble = self._trouble(error)
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        self.replaced += 1
        file = self._file
        if file is None:
            self._connection = self._memory()
        elif trouble is _Trouble.DAMAGE and self.replaced == 1 and not is_worker():
            try:
                self._discard(file, str(error))
                self._connection = self._opened(file)
            except (OSError, UserError) as failed:
                self._connection = self._without_file(file, failed)
        else:
            self._connection = self._without_file(file, error, is_readable=trouble is _Trouble.MACHINE)

    def _opened(self, file: Path) -> sqlite3.Connection:
        """Return a connection to the file, which is replaced if it is damaged, or to memory. Raises UserError."""
        for _ in range(2):
            reason = "it is not a plain file"
            try:
                if is_plain(file):
                    return self._connected(file)
            except (OSError, *_FAULTS) as error:
                trouble = _Trouble.MACHINE if isinstance(error, OSError) else self._trouble(error)
                if trouble is _Trouble.BUSY:
                    raise unusable(file, error) from None
                if trouble is _Trouble.MACHINE:
                    return self._without_file(file, error, is_readable=True)
                are_ours = self._is_ours or (isinstance(error, _OtherTablesError) and error.are_ours)
                if not (are_ours or _is_in_cache(file)):
                    raise unusable(file, "it is of another program") from None
                reason = str(error)
            if is_worker():
                break
            try:
                self._discard(file, reason)
            except OSError as error:
                return self._without_file(file, error)
        return self._without_file(file, DamagedError("another run replaces it as well"))

    def _connected(self, file: Path) -> sqlite3.Connection:
        """Return a connection to a file with the tables; they are made if it is empty."""
        self._identity = _identity(file)
        connection = _connect(str(file))
        try:
            if not has_tables(connection, self._tables, self._version):
                self._make_tables(connection)
                self.was_made = True
        except BaseException:
            connection.close()
            raise
        self._identity = _identity(file)
        self._is_ours = True
        return connection

    def _make_tables(self, connection: sqlite3.Connection) -> None:
        """Make the tables in an empty database. Raises DamagedError where it is not empty."""
        connection.execute("BEGIN IMMEDIATE")
        if has_tables(connection, self._tables, self._version):  # another run has made them meanwhile
            connection.execute("COMMIT")
            return
        found = connection.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        if found:
            names = {name for kind, name in found if kind == "table"}
            raise _OtherTablesError(names <= {table.name for table in self._tables})
        for table in self._tables:
            connection.execute(table.statement)
        connection.execute(f"PRAGMA user_version = {self._version}")
        connection.execute("COMMIT")

    def _discard(self, file: Path, reason: str) -> None:
        """Remove the file, unless another run has just replaced it. Raises OSError."""
        if self._identity is not None and self._identity != _identity(file):
            return
        remove_database(file)
        self._note(f"the cache {file} could not be read ({reason}) and was replaced")

    def _without_file(self, file: Path, error: Exception, is_readable: bool = False) -> sqlite3.Connection:
        """Return a connection to memory, with a copy of the file if that can be read but not written.

        A worker says nothing, since the main process does.
        """
        if not is_worker():
            reason = error.message if isinstance(error, UserError) else getattr(error, "strerror", None) or str(error)
            self._note(f"the cache {file} cannot be written ({reason}); the next run will do the same work again")
        self._file = None
        copied = _copied(file, self._tables, self._version) if is_readable else None
        return self._memory() if copied is None else copied

    def _memory(self) -> sqlite3.Connection:
        connection = _connect(":memory:")
        self._make_tables(connection)
        return connection

    def _take(self, file: Path) -> None:
        copied = _copied(file, self._tables, self._version)
        if copied is not None:
            self._connection.close()
            self._connection = copied

    def _trouble(self, error: Exception) -> _Trouble:
        """Return the cause of an error."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code == sqlite3.SQLITE_READONLY and self._file is not None and _is_writable(self._file):
            return _Trouble.DAMAGE  # it was deleted or replaced by another run, or has a newer format
        return _TROUBLES.get(code, _Trouble.DAMAGE)

    def _note(self, sentence: str) -> None:
        """Write a note, once."""
        if not self._has_noted:
            self._has_noted = True
            note(sentence)


def _connect(name: str, is_address: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=_PATIENCE, isolation_level=None, check_same_thread=False, uri=is_address)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA synchronous = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


def has_tables(connection: sqlite3.Connection, tables: Sequence[Table], version: int) -> bool:
    """Whether a database has these tables, in this version, and nothing else. Raises DamagedError."""
    if connection.execute("PRAGMA user_version").fetchone()[0] != version:
        return False
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        raise DamagedError("it has a journal of another kind")
    made = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return sorted(statement for (statement,) in made) == sorted(table.statement for table in tables)


def _copied(file: Path, tables: Sequence[Table], version: int) -> sqlite3.Connection | None:
    """Return a copy of a file in memory, None where it lacks these tables or cannot be read."""
    copy = _connect(":memory:")
    try:
        if not is_plain(file):
            return None
        stored = _connect(f"{file.absolute().as_uri()}?mode=ro", is_address=True)
        try:
            stored.execute("BEGIN")  # takes the lock, for which a backup would wait for ever
            if has_tables(stored, tables, version):
                stored.backup(copy)
                return copy
        finally:
            stored.close()
    except (OSError, *_FAULTS):
        return None
    return None


def holds_just(file: Path, statements: Sequence[str]) -> bool:
    """Whether a file is a database with the tables that these statements make, and nothing else."""
    if not is_plain(file) or not file.exists():
        return False
    try:
        with contextlib.closing(_connect(f"{file.absolute().as_uri()}?mode=ro", is_address=True)) as connection:
            made = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
            return sorted(statement for (statement,) in made) == sorted(statements)
    except _FAULTS:
        return False


def remove_database(file: Path) -> None:
    """Remove a database and the files that SQLite keeps beside it; of a link, only the link. Raises OSError.

    A folder by that name is removed only inside our cache folder.
    """
    for beside in (*_BESIDE, ""):
        each = file.with_name(file.name + beside)
        if each.is_dir() and not each.is_symlink() and _is_in_cache(file):
            import shutil  # rarely needed

            shutil.rmtree(each)
        else:
            each.unlink(missing_ok=True)


def _is_in_cache(file: Path) -> bool:
    """Whether a file is in a folder marked as our cache, so that it may be replaced."""
    try:
        return TAG.encode() in read_regular(file.with_name("CACHEDIR.TAG"))
    except OSError:
        return False


def _is_writable(file: Path) -> bool:
    """Whether the permissions of a file and its folder allow writing it."""
    return os.access(file.parent, os.W_OK | os.X_OK) and (not file.exists() or os.access(file, os.W_OK))


def _identity(file: Path) -> tuple[int, int] | None:
    """Return device and inode of a file, which its replacement will not have; None where there is no file."""
    try:
        status = os.lstat(file)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def is_plain(file: Path) -> bool:
    """Whether a database and the files beside it are regular files, none of which leads SQLite to other files.

    Raises OSError where they cannot be examined.
    """
    for beside in ("", *_BESIDE):
        name = f"{file}{beside}"
        try:
            status = os.lstat(name)
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(status.st_mode) or (beside == "-journal" and _names_another_file(name)):
            return False
    return True


def _names_another_file(journal: str) -> bool:
    """Whether a journal belongs to a transaction over several databases, and so names another file."""
    try:
        content = read_regular(journal, follow=False)
    except FileNotFoundError:  # its run has just ended
        return False
    return content.endswith(_END_OF_SHARED_JOURNAL)
