"""The cache folder and the one database in it: plans, and records of what earlier runs wrote.

Only a cache: where it is missing, damaged or of another version, it starts empty and everything is worked out anew.
Slice tasks never write here: the main process does it for them, in transactions, so that a killed run loses at
most its last second.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from oas_tasks.errors import UserError, Where
from oas_tasks.plan.plan import is_file_name
from oas_tasks.settings import Settings
from oas_tasks.state.database import TAG, open_database, remove_database

#: What reading a damaged cache ends in: the database, or what stands in it.
DAMAGE = (sqlite3.DatabaseError, ValueError, TypeError, LookupError, AttributeError, RecursionError)

STORE_NAME = "store.sqlite3"
SCHEMA_VERSION = 11
TABLES = (
    """CREATE TABLE plan (
    key TEXT PRIMARY KEY, digest TEXT, seen_ns INTEGER, files TEXT, endpoints TEXT, dependencies TEXT,
    members TEXT, digests TEXT
)""",
    """CREATE TABLE record (
    output TEXT, path TEXT, method TEXT, file TEXT, fingerprint TEXT, status TEXT, reason TEXT,
    size INTEGER, stamp TEXT, digest TEXT, created_at TEXT, milliseconds REAL, warnings TEXT,
    schema_count INTEGER, faults TEXT, is_tolerable INTEGER,
    PRIMARY KEY (output, path, method)
)""",
    "CREATE TABLE stamp (output TEXT PRIMARY KEY, value TEXT)",
    "CREATE TABLE intended (output TEXT PRIMARY KEY, files TEXT)",
    "CREATE TABLE owner (output TEXT PRIMARY KEY, spec TEXT)",
    """CREATE TABLE whole (
    output TEXT PRIMARY KEY, key TEXT, digest TEXT, endpoints INTEGER, files TEXT, warned INTEGER
)""",
)

_SIGNATURE = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    f"# This folder is {TAG} and can be deleted at any time: the next build makes it anew.\n"
    "# For the meaning of this file see https://bford.info/cachedir/\n"
)


_NOTES = ((".gitignore", "*\n"), ("CACHEDIR.TAG", _SIGNATURE))


class Record(NamedTuple):
    """What the last run did for one endpoint.

    file: name of the slice in the output folder; "" where it has none (a fault).
    fingerprint: of the endpoint when it was made; "" when the machine failed, so that it is tried again.
    status, reason: as in the index.
    size, stamp, digest: of the file as written (`file_stamp`, xxh3-128); where there is none 0, "", and the digest of
        the document that the reason speaks of.
    created_at: UTC, `2025-12-18T14:30:45Z`, when the bytes were last made different.
    milliseconds: what making it took.
    warnings: what the slice could not keep, and what else is to be told of it (`told.encoded`).
    schema_count: of the schemas in its components.
    faults: those that the reason is made of (`told.encoded`); "" where it is one of the machine.
    is_tolerable: the faults are such that the setting `source_faults` decided whether there is a slice.
    """

    path: str
    method: str
    file: str
    fingerprint: str
    status: str
    reason: str
    size: int
    stamp: str
    digest: str
    created_at: str
    milliseconds: float
    warnings: str
    schema_count: int
    faults: str = ""
    is_tolerable: bool = False

    @property
    def has_slice(self) -> bool:
        """Whether there is a slice, faults of the document or not."""
        return self.file != ""


class StoredPlan(NamedTuple):
    """A plan as stored, with the identity of the document that it was made from.

    digest: xxh3-128 of the document's bytes, all files together, 32 hex digits.
    seen_ns: when the files were last known to hold them, in nanoseconds since the epoch.
    files: the files as JSON, the entry first.
    endpoints: the plan as JSON.
    """

    digest: str
    seen_ns: int
    files: str
    endpoints: str


class Intent(NamedTuple):
    """A slice that a run set out to write.

    fingerprint: of the endpoint; a record with the same one says that the slice was written.
    """

    path: str
    method: str
    file: str
    fingerprint: str


class Whole(NamedTuple):
    """An output of which every part was up to date, nothing failed and no conversion lost anything.

    endpoints: how many there are.
    files: size and stamp of every file in it, by name.
    warned: how many slices have faults of the document.
    """

    endpoints: int
    files: dict[str, tuple[int, str]]
    warned: int = 0


def _checked(record: Record) -> Record:
    """Return a record, whose file is going to be looked for, compared and removed by its name. Raises ValueError."""
    if record.file and not is_file_name(record.file):
        raise ValueError(f"no slice is called {record.file!r}")
    return record


_RECORD_COLUMNS = ", ".join(Record._fields)
#: A record with its output in front.
_RECORD_VALUES = ", ".join("?" * (1 + len(Record._fields)))


def prepare_folder(folder: Path) -> None:
    """Make the cache folder, with a note that it is one. Raises UserError where that cannot be done.

    A folder that has something else in it already gets none: the note would have git and backups leave that out.
    """
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
        missing = [note for note in _NOTES if not (folder / note[0]).exists()]
        if missing and not any(folder.iterdir()):
            for name, text in missing:
                (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            f"the cache folder cannot be written: {reason}", Where(str(folder)), "Choose another with 'cache_dir'"
        ) from None


def unusable(file: Path, error: Exception) -> UserError:
    """Return what to say where the cache cannot be read or written though it is not damaged."""
    is_locked = "locked" in str(error)
    hint = "Wait for the other run" if is_locked else "Choose another folder with 'cache_dir', or delete what is there"
    return UserError(f"the cache cannot be used: {error}", Where(str(file)), hint)


def key_before(key: str) -> str:
    """Return the key of the plan that a plan took the place of."""
    return f"before {key}"


class Store:
    """The database in a cache folder; one object for one process."""

    def __init__(self, folder: Path) -> None:
        prepare_folder(folder)
        self._file = folder / STORE_NAME
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            return open_database(self._file, TABLES, SCHEMA_VERSION)
        except (OSError, sqlite3.Error) as error:  # another run has it, or the disk is full: that is no damage
            raise unusable(self._file, error) from None

    def start_anew(self) -> None:
        """Replace the database, which is damaged, by an empty one. Raises UserError."""
        try:
            self._connection.close()
            remove_database(self._file)
        except (OSError, sqlite3.Error) as error:
            raise unusable(self._file, error) from None
        self._connection = self._open()

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def plan(self, key: str) -> StoredPlan | None:
        """Return the plan stored under a key."""
        row = self._connection.execute(
            "SELECT digest, seen_ns, files, endpoints FROM plan WHERE key = ?", (key,)
        ).fetchone()
        return StoredPlan(*row) if row else None

    def plan_keys(self) -> list[str]:
        """Return the keys of all plans, the one stored last first."""
        return [row[0] for row in self._connection.execute("SELECT key FROM plan ORDER BY seen_ns DESC")]

    def dependencies(self, key: str) -> str | None:
        """Return the dependencies stored beside a plan, as JSON."""
        row = self._connection.execute("SELECT dependencies FROM plan WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def members(self, key: str) -> str | None:
        """Return the members of the document that were stored beside a plan, as JSON, where there are any."""
        row = self._connection.execute("SELECT members FROM plan WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def digests(self, key: str) -> str | None:
        """Return the digests of the parts that were stored beside a plan, as JSON."""
        row = self._connection.execute("SELECT digests FROM plan WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def save_plan(self, key: str, plan: StoredPlan, dependencies: str, members: str | None, digests: str) -> None:
        """Store a plan in the place of the one under this key, which is kept under the key of the one before it."""
        with self._connection as connection:
            connection.execute(
                "UPDATE OR REPLACE plan SET key = ?, members = NULL WHERE key = ? AND digest != ?",
                (key_before(key), key, plan.digest),
            )
            row = (key, plan.digest, plan.seen_ns, plan.files, plan.endpoints, dependencies, members, digests)
            connection.execute("INSERT OR REPLACE INTO plan VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def touch_plan(self, key: str, files: str, seen_ns: int) -> None:
        """Remember that files with these sizes and times hold the bytes that a plan was made from."""
        with self._connection as connection:
            connection.execute("UPDATE plan SET files = ?, seen_ns = ? WHERE key = ?", (files, seen_ns, key))

    def record(self, output: str, path: str, method: str) -> Record | None:
        """Return what an earlier run did for one endpoint.

        Raises ValueError for a file that this tool gives no such name.
        """
        row = self._connection.execute(
            f"SELECT {_RECORD_COLUMNS} FROM record WHERE output = ? AND path = ? AND method = ?",  # noqa: S608 - our own constant
            (output, path, method),
        ).fetchone()
        return _checked(Record(*row)) if row else None

    def records(self, output: str) -> dict[tuple[str, str], Record]:
        """Return what earlier runs did in an output folder, by path and method.

        Raises ValueError for a file that this tool gives no such name.
        """
        rows = self._connection.execute(f"SELECT {_RECORD_COLUMNS} FROM record WHERE output = ?", (output,))  # noqa: S608
        return {(row[0], row[1]): _checked(Record(*row)) for row in rows}

    def endpoints(self, output: str, status: str) -> list[tuple[str, str]]:
        """Return path and method of the endpoints that were left with a status in an output folder."""
        rows = self._connection.execute(
            "SELECT path, method FROM record WHERE output = ? AND status = ?", (output, status)
        )
        return [(row[0], row[1]) for row in rows]

    def save_records(self, output: str, records: Iterable[Record]) -> None:
        """Store records; the output's stamp vouches for no plan any more, just for who wrote the file."""
        with self._connection as connection:
            connection.executemany(
                f"INSERT OR REPLACE INTO record VALUES ({_RECORD_VALUES})",  # noqa: S608
                [(output, *record) for record in records],
            )
            stamp = self.stamp(output)
            if stamp is not None:
                connection.execute(
                    "UPDATE stamp SET value = ? WHERE output = ?", (json.dumps(["", *stamp[1:]]), output)
                )
            connection.execute("DELETE FROM whole WHERE output = ?", (output,))

    def forget_records(self, output: str, keys: Iterable[tuple[str, str]]) -> None:
        """Delete the records of endpoints, by path and method."""
        with self._connection as connection:
            connection.executemany(
                "DELETE FROM record WHERE output = ? AND path = ? AND method = ?", [(output, *key) for key in keys]
            )

    def stamp(self, output: str) -> list[object] | None:
        """Return the stamp of an output folder's index: what it was made from, and its size and time."""
        row = self._connection.execute("SELECT value FROM stamp WHERE output = ?", (output,)).fetchone()
        return json.loads(row[0]) if row else None

    def save_stamp(self, output: str, value: list[object]) -> None:
        """Store the stamp of an output folder's index."""
        with self._connection as connection:
            connection.execute("INSERT OR REPLACE INTO stamp VALUES (?, ?)", (output, json.dumps(value)))

    def owner(self, output: str) -> str | None:
        """Return the document whose slices an output folder was last made for, as a path from the cache folder."""
        row = self._connection.execute("SELECT spec FROM owner WHERE output = ?", (output,)).fetchone()
        return str(row[0]) if row else None

    def save_owner(self, output: str, spec: str) -> None:
        """Store for which document's slices an output folder is."""
        with self._connection as connection:
            connection.execute("INSERT OR REPLACE INTO owner VALUES (?, ?)", (output, spec))

    def intended(self, output: str) -> list[Intent]:
        """Return the slices that runs set out to write and have not come to an end with; none of what is damaged."""
        row = self._connection.execute("SELECT files FROM intended WHERE output = ?", (output,)).fetchone()
        try:
            found = [Intent(*each) for each in json.loads(row[0])] if row else []
        except (ValueError, TypeError):
            return []
        return [each for each in found if is_file_name(each.file)]

    def save_intended(self, output: str, files: Iterable[Intent]) -> None:
        """Store the slices that a run sets out to write."""
        with self._connection as connection:
            connection.execute("INSERT OR REPLACE INTO intended VALUES (?, ?)", (output, json.dumps(list(files))))

    def whole(self, output: str, key: str, digest: str) -> Whole | None:
        """Return what was found when all of an output was up to date with a plan of these bytes."""
        row = self._connection.execute(
            "SELECT endpoints, files, warned FROM whole WHERE output = ? AND key = ? AND digest = ?",
            (output, key, digest),
        ).fetchone()
        if row is None:
            return None
        endpoints, files, warned = row
        return Whole(endpoints, {name: (size, stamp) for name, size, stamp in json.loads(files)}, warned)

    def save_whole(self, output: str, key: str, digest: str, whole: Whole) -> None:
        """Store that all of an output is up to date; the next record that is saved deletes it."""
        files = json.dumps([(name, *found) for name, found in whole.files.items()])
        with self._connection as connection:
            connection.execute(
                "INSERT OR REPLACE INTO whole VALUES (?, ?, ?, ?, ?, ?)",
                (output, key, digest, whole.endpoints, files, whole.warned),
            )


def output_key(settings: Settings) -> str:
    """Return the name under which the store keeps what was written to an output folder.

    It is where the folder is from the cache, so that both can be moved or restored together.
    """
    return from_cache(settings.output_dir, settings)


def from_cache(path: Path, settings: Settings) -> str:
    """Return where a path is from the cache folder; the whole path where that is on another drive."""
    try:
        return Path(os.path.relpath(path, settings.cache_dir)).as_posix()
    except ValueError:
        return path.absolute().as_posix()
