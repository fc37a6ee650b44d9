"""One SQLite file of the cache folder, which may be damaged, or planted by whoever the folder was got from.

Only a cache: whatever is wrong with the file, it is replaced by an empty one, a sentence says so, and what was being
done is done again with that one. Where nothing can be written there, the database goes on in memory. So what uses it
meets no error of SQLite's, just less than it had stored.

How damage is seen: SQLite tells of pages that do not fit together, the tables have to be those that the file was made
with, and every row has a check value over all that stands in it, since SQLite has none: a bit that turned over in a
fingerprint would have a slice taken for current. The value is no signature: what a planted file says is true or false
has to be looked at by whoever reads it.

SQLite obeys what a file says: a link leads it to somebody else's database, a trigger changes what is written, and a
journal of several databases makes it delete a file by name. A database is opened only where it is a file of its own
and has its tables, and nothing else.

The journal is SQLite's rollback journal. A write-ahead log needs memory that processes share, which network file
systems do not have, leaves two more files beside the database, and has nothing to give: a run writes once a second at
most, and reads what it needs at its start. Every change is a transaction of milliseconds that takes the lock for
writing at once, so that none has to give up half-way, and waits for others as long as `_PATIENCE`. `synchronous` is
off: a killed process loses nothing by that, a machine that loses power at worst the cache.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TypeVar

from xxhash import xxh3_64_hexdigest

from oas_tasks.errors import UserError, Where
from oas_tasks.printable import printable
from oas_tasks.regular_files import read_regular

#: What CACHEDIR.TAG says of whose the folder is.
TAG = "the cache of oas-tasks"

#: Seconds to wait for another run.
_PATIENCE = 30.0

#: The files that SQLite keeps beside a database, by what they have behind its name.
_BESIDE = ("-journal", "-wal", "-shm")

#: How a rollback journal ends that names another file (SQLite, "Database File Format", "The Rollback Journal").
_JOURNAL_OF_SEVERAL = bytes.fromhex("d9d505f920a163d7")

#: What SQLite calls the types of what stands in a column.
_KINDS = {str: "TEXT", int: "INTEGER", float: "REAL", bytes: "BLOB"}

SqlValue = str | int | float | bytes
Row = tuple[SqlValue, ...]
Found = TypeVar("Found")


class Table:
    """A table of a database.

    columns: what stands in each of them. key: those that tell rows apart, the first ones.
    """

    def __init__(self, name: str, key: Mapping[str, type], values: Mapping[str, type]) -> None:
        self.name = name
        self.columns = {**key, **values}
        self.key = tuple(key)
        self.types = tuple(self.columns.values())
        self._has_bytes = bytes in self.types
        listed = ", ".join(self.columns)
        shapes = ", ".join(f"{column} {_KINDS[kind]}" for column, kind in self.columns.items())
        # Without row numbers there is no second tree, which could say something else than the first.
        self.statement = f"CREATE TABLE {name} ({shapes}, mark TEXT, PRIMARY KEY ({', '.join(self.key)})) WITHOUT ROWID"
        self.select = f"SELECT {listed}, mark FROM {name}"  # noqa: S608  our own names, here and below
        self.select_keys = f"SELECT {self.key[0]} FROM {name}"  # noqa: S608
        self.insert = f"INSERT OR REPLACE INTO {name} VALUES ({', '.join('?' * (len(self.columns) + 1))})"  # noqa: S608

    def marked(self, row: Row) -> Row:
        """Return a row with its check value behind it."""
        return (*row, self.mark(row))

    def mark(self, row: Row) -> str:
        """Return the check value of a row: xxh3-64, 16 hex digits."""
        values = [xxh3_64_hexdigest(v) if isinstance(v, bytes) else v for v in row] if self._has_bytes else row
        return xxh3_64_hexdigest("\0".join((self.name, *map(str, values))).encode("utf-8", "surrogatepass"))

    def checked(self, found: Row) -> Row:
        """Return a row as it was given, of one with its check value. Raises DamagedError where it was another."""
        row = found[:-1]
        if tuple(map(type, row)) != self.types or self.mark(row) != found[-1]:
            raise DamagedError(f"what stands in '{self.name}' is not what was written there")
        return row


class DamagedError(Exception):
    """What stands in a database is not what was written to it; the message says how that shows."""


class _OtherTablesError(DamagedError):
    """A database has other tables than it should have.

    are_ours: some of those that it should have, in whatever version.
    """

    def __init__(self, are_ours: bool) -> None:
        super().__init__("it is of another version of oas-tasks" if are_ours else "it has tables of something else")
        self.are_ours = are_ours


#: What working with a database can end in, whatever is wrong with it: texts that are none show in any of them.
_FAULTS = (sqlite3.Error, DamagedError, UnicodeError, OverflowError)


class _Trouble(Enum):
    """Whose fault it is: the file's, another run's, or the machine's."""

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
    """Return what to say where a database may be neither used nor replaced."""
    is_locked = "locked" in str(reason)
    hint = "Wait for the other run" if is_locked else "Choose another folder with 'cache_dir', or delete what is there"
    return UserError(f"the cache cannot be used: {reason}", Where(str(file)), hint)


class Database:
    """A database with some tables, for all threads of one process.

    replaced: how many times what was in it has gone, so that all that was read is of no use.
    was_made: there was none.
    """

    def __init__(self, file: Path | None, tables: Sequence[Table], version: int) -> None:
        """Open the database in a file, or one in memory where that is None. Raises UserError.

        version: of what stands in the tables.
        """
        self._file = file
        self._tables = tables
        self._version = version
        self._lock = threading.RLock()
        self._is_writing = False
        self._has_told = False
        self._is_ours = False
        self._identity: tuple[int, int] | None = None
        self.replaced = 0
        self.was_made = False
        self._connection = self._memory() if file is None else self._opened(file)

    @classmethod
    def copy_of(cls, file: Path, tables: Sequence[Table], version: int) -> Database:
        """Return a database in memory with what is in a file, where that can be read; nothing is said or written."""
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

        is_complete: look beforehand whether any have gone, which nothing else would tell of.
        """
        where = " AND ".join(f"{column} = ?" for column in equal)
        statement = f"{table.select} WHERE {where}" if where else table.select
        with self._lock:
            return self._done(lambda: self._all(table, statement, tuple(equal.values()), is_complete))

    def _all(self, table: Table, statement: str, values: Row, is_complete: bool) -> list[Row]:
        if is_complete:
            (verdict,) = self._connection.execute(f"PRAGMA quick_check({table.name})").fetchone()
            if verdict != "ok":
                raise DamagedError(f"'{table.name}' is not whole")
        return [table.checked(found) for found in self._connection.execute(statement, values)]

    def keys(self, table: Table) -> list[SqlValue]:
        """Return the first column of all rows of a table, without a look at what else stands in them."""
        with self._lock:
            return self._done(lambda: [key for (key,) in self._connection.execute(table.select_keys)])

    def write(self, work: Callable[[], None]) -> None:
        """Do what puts and deletes rows: all of it or nothing. It is done again where the database is replaced."""
        with self._lock:
            self._done(work if self._is_writing else lambda: self._transact(work))

    def put(self, table: Table, rows: Iterable[Row]) -> None:
        """Store rows in the place of those with their keys."""
        marked = list(map(table.marked, rows))
        self.write(lambda: self._execute_many(table.insert, marked))

    def delete(self, table: Table, keys: Iterable[Row]) -> None:
        """Delete the rows whose keys are these, or begin with them."""
        listed = list(keys)
        if listed:
            where = " AND ".join(f"{column} = ?" for column in table.key[: len(listed[0])])
            statement = f"DELETE FROM {table.name} WHERE {where}"  # noqa: S608
            self.write(lambda: self._execute_many(statement, listed))

    def clear(self, table: Table) -> None:
        """Delete all rows."""
        self.write(lambda: self._execute_many(f"DELETE FROM {table.name}", [()]))  # noqa: S608

    def _execute_many(self, statement: str, rows: Sequence[Row]) -> None:
        self._connection.executemany(statement, rows)

    def replace(self, reason: str) -> None:
        """Go on with an empty database, since what stands in this one cannot be."""
        with self._lock:
            self._go_on(DamagedError(reason))

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
        """Do something with the database, and where that cannot be, with another one."""
        if self._is_writing:  # all of the transaction is done again
            return work()
        for _ in range(2):
            try:
                return work()
            except sqlite3.ProgrammingError:  # a fault of this tool
                raise
            except _FAULTS as error:
                self._go_on(error)
        return work()

    def _go_on(self, error: Exception) -> None:
        """Take another database in the place of the one with which something went wrong."""
        trouble = self._trouble(error)
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        self.replaced += 1
        file = self._file
        if file is None:
            self._connection = self._memory()
        elif trouble is _Trouble.DAMAGE and self.replaced == 1 and not _is_one_of_several():
            try:
                self._discard(file, str(error))
                self._connection = self._opened(file)
            except (OSError, UserError) as failed:
                self._connection = self._without_file(file, failed)
        else:
            self._connection = self._without_file(file, error, is_readable=trouble is _Trouble.MACHINE)

    def _opened(self, file: Path) -> sqlite3.Connection:
        """Return a connection to the file, made anew where it is damaged, or to memory. Raises UserError."""
        for _ in range(2):
            reason = "it is no file of its own"
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
            if _is_one_of_several():
                break
            try:
                self._discard(file, reason)
            except OSError as error:
                return self._without_file(file, error)
        return self._without_file(file, DamagedError("another run replaces it as well"))

    def _connected(self, file: Path) -> sqlite3.Connection:
        """Return a connection to a file that has the tables, which are made where it has none."""
        self._identity = _identity(file)
        connection = _connect(str(file))
        try:
            if not _has_tables(connection, self._tables, self._version):
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
        if _has_tables(connection, self._tables, self._version):  # another run made them meanwhile
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
        self._tell(f"the cache {file} could not be read ({reason}) and is made anew")

    def _without_file(self, file: Path, error: Exception, is_readable: bool = False) -> sqlite3.Connection:
        """Return a connection to memory, with what is in the file where that can be read, since it cannot be written.

        One of several processes just reads, and the main one sees to the rest.
        """
        if not _is_one_of_several():
            reason = error.message if isinstance(error, UserError) else getattr(error, "strerror", None) or str(error)
            self._tell(
                f"the cache {file} cannot be written ({reason}), so that the next run does this one's work again"
            )
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
        """Return whose fault it is that something went wrong."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code == sqlite3.SQLITE_READONLY and self._file is not None and _is_writable(self._file):
            return _Trouble.DAMAGE  # its version says so, or it was deleted, or replaced by another run
        return _TROUBLES.get(code, _Trouble.DAMAGE)

    def _tell(self, sentence: str) -> None:
        """Say something, once, on the standard error, where nobody looks for an answer."""
        if self._has_told:
            return
        self._has_told = True
        with contextlib.suppress(OSError, ValueError, AttributeError):  # nobody is listening
            sys.stderr.write(printable(f"Note: {sentence}.") + "\n")
            sys.stderr.flush()


def _connect(name: str, is_address: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=_PATIENCE, isolation_level=None, check_same_thread=False, uri=is_address)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA synchronous = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


def _has_tables(connection: sqlite3.Connection, tables: Sequence[Table], version: int) -> bool:
    """Whether a database has these tables, in this version, and nothing beside them. Raises DamagedError."""
    if connection.execute("PRAGMA user_version").fetchone()[0] != version:
        return False
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        raise DamagedError("it has a journal of another kind")
    made = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return sorted(statement for (statement,) in made) == sorted(table.statement for table in tables)


def _copied(file: Path, tables: Sequence[Table], version: int) -> sqlite3.Connection | None:
    """Return a database in memory with what is in a file, None where that has not these tables or cannot be read."""
    copy = _connect(":memory:")
    try:
        if not is_plain(file):
            return None
        stored = _connect(f"{file.absolute().as_uri()}?mode=ro", is_address=True)
        try:
            stored.execute("BEGIN")  # and with it the lock, for which a copy would wait for ever
            if _has_tables(stored, tables, version):
                stored.backup(copy)
                return copy
        finally:
            stored.close()
    except (OSError, *_FAULTS):
        return None
    return None


def holds_just(file: Path, statements: Sequence[str]) -> bool:
    """Whether a file is a database with the tables that these statements make, and nothing beside them."""
    if not is_plain(file) or not file.exists():
        return False
    try:
        with contextlib.closing(_connect(f"{file.absolute().as_uri()}?mode=ro", is_address=True)) as connection:
            made = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
            return sorted(statement for (statement,) in made) == sorted(statements)
    except _FAULTS:
        return False


def remove_database(file: Path) -> None:
    """Remove a database with all that SQLite keeps beside it; of a link the link. Raises OSError.

    A folder in the place of one is removed where the folder that it is in is this tool's.
    """
    for beside in (*_BESIDE, ""):
        each = file.with_name(file.name + beside)
        if each.is_dir() and not each.is_symlink() and _is_in_cache(file):
            import shutil  # which good runs need not

            shutil.rmtree(each)
        else:
            each.unlink(missing_ok=True)


def _is_in_cache(file: Path) -> bool:
    """Whether a folder is marked as the cache of this tool, so that what is odd in it may be replaced."""
    try:
        return TAG.encode() in read_regular(file.with_name("CACHEDIR.TAG"))
    except OSError:
        return False


def _is_writable(file: Path) -> bool:
    """Whether a file could be written, or made, by its rights and those of its folder."""
    return os.access(file.parent, os.W_OK | os.X_OK) and (not file.exists() or os.access(file, os.W_OK))


def _is_one_of_several() -> bool:
    """Whether this process works for another one, which sees to the cache."""
    from multiprocessing import parent_process

    return parent_process() is not None


def _identity(file: Path) -> tuple[int, int] | None:
    """Return what tells a file from the one that takes its place; None where there is none."""
    try:
        status = os.lstat(file)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def is_plain(file: Path) -> bool:
    """Whether a database and what is beside it are regular files, none of which leads SQLite to other files.

    Raises OSError where that cannot be found out.
    """
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
