"""The cache folder and its one database: plans, records of what earlier runs wrote, and the state of doit's tasks.

It is only a cache: if it is missing, damaged or of another version, it starts empty and everything is made again
(`database.py`). Slice tasks never write to it: the main process does so for them, in transactions, so that a killed run
loses at most its last second. All users of a store in one process share one object with one connection (`open_store`):
a second connection would wait for the first, or keep using a database that the first found damaged and replaced.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, Self

from oas_tasks.document.place import EndpointKey
from oas_tasks.errors import UserError, Where
from oas_tasks.plan.plan import is_file_name
from oas_tasks.settings import Settings
from oas_tasks.slices.diagnostic import decoded
from oas_tasks.state.database import TAG, Database, Table, holds_just, remove_database

#: What decoding damaged stored values raises.
DAMAGE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)

STORE_NAME = "store.sqlite3"
#: The report about an output folder (`report_file.py`).
REPORT_NAME = "index.html"
SCHEMA_VERSION = 13

PLAN = Table("plan", {"key": str}, {"digest": str, "seen_ns": int, "files": str})
#: The parts of a plan (`endpoints`, `dependencies`, `digests`), in rows of their own since most runs need only one.
PLANNED = Table("planned", {"key": str, "what": str}, {"value": str})
FACTS = Table("facts", {"key": str}, {"value": bytes})
RECORD = Table(
    "record",
    {"output": str, "path": str, "method": str},
    {
        "file": str,
        "fingerprint": str,
        "status": str,
        "reason": str,
        "size": int,
        "stamp": str,
        "digest": str,
        "created_at": str,
        "milliseconds": float,
        "warnings": str,
        "schema_count": int,
        "faults": str,
        "is_tolerable": int,
    },
)
STAMP = Table("stamp", {"output": str}, {"value": str})
INTENDED = Table("intended", {"output": str}, {"files": str})
OWNER = Table("owner", {"output": str}, {"spec": str})
WHOLE = Table("whole", {"output": str}, {"key": str, "digest": str, "endpoints": int, "files": str, "warned": int})
#: The state of doit's tasks, as doit encodes it, and the tasks that `doit forget` named.
TASK = Table("task", {"name": str}, {"state": str})
FORGOTTEN = Table("forgotten", {"name": str}, {})
TABLES = (PLAN, PLANNED, FACTS, RECORD, STAMP, INTENDED, OWNER, WHOLE, TASK, FORGOTTEN)

#: The database of doit's state in earlier versions, and its tables.
_EARLIER = "doit.sqlite3"
_EARLIER_TABLES = (
    "CREATE TABLE task (name TEXT PRIMARY KEY, state TEXT) WITHOUT ROWID",
    "CREATE TABLE forgotten (name TEXT PRIMARY KEY) WITHOUT ROWID",
)

_SIGNATURE = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    f"# This folder is {TAG} and can be deleted at any time: the next build makes it anew.\n"
    "# For the meaning of this file see https://bford.info/cachedir/\n"
)


#: The file that says whose the folder is comes first: a process can be killed between the two.
_NOTES = {"CACHEDIR.TAG": _SIGNATURE, ".gitignore": "*\n"}


class Record(NamedTuple):
    """The result of the last run for one endpoint.

    file: name of the slice in the output folder; "" where there is none because of a fault.
    fingerprint: the endpoint's when the slice was made; "" when the machine failed, so that the next run tries again.
    status, reason: as in the index.
    size, stamp, digest: the file's as written (`file_stamp`, xxh3-128); where there is none 0, "", and the digest of
        the document to which the reason refers.
    created_at: UTC, `2025-12-18T14:30:45Z`, when the bytes last changed.
    milliseconds: the time that making the slice took.
    warnings: losses of a conversion, and notices (`told.encoded`).
    schema_count: the number of schemas in the slice's components.
    faults: the faults in the reason (`told.encoded`); "" where the machine failed.
    is_tolerable: the setting `source_faults` decided whether there is a slice with these faults.
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
    def key(self) -> EndpointKey:
        """The path and method of its endpoint."""
        return self[:2]

    @property
    def has_slice(self) -> bool:
        """Whether there is a slice, with or without faults of the document."""
        return self.file != ""


class StoredPlan(NamedTuple):
    """A stored plan, with the identity of the document that it was made from.

    digest: xxh3-128 of the document's bytes, all files together, 32 hex digits.
    seen_ns: when the files were last known to hold these bytes, in nanoseconds since the epoch.
    files: the files as JSON, the entry first.
    endpoints: the plan as JSON.
    """

    digest: str
    seen_ns: int
    files: str
    endpoints: str


class Intent(NamedTuple):
    """A slice that a run set out to write.

    fingerprint: the endpoint's; a record with the same one shows that the slice was written.
    """

    path: str
    method: str
    file: str
    fingerprint: str

    @property
    def key(self) -> EndpointKey:
        """The path and method of its endpoint."""
        return self[:2]


class CleanOutput(NamedTuple):
    """An output folder of which every file was up to date, with no failures and nothing lost by a conversion.

    endpoints: how many there are.
    files: size and stamp of every file in it, by name.
    warned: how many slices have faults of the document.
    """

    endpoints: int
    files: dict[str, tuple[int, str]]
    warned: int = 0


def _record(row: tuple[object, ...]) -> Record:
    """Return the record in a row. Raises ValueError or TypeError where it is damaged.

    A planted record could name any file, and files of records are compared and removed.
    """
    *values, is_tolerable = row[1:]
    record = Record(*values, bool(is_tolerable))  # type: ignore[arg-type, call-arg]  # the table has looked
    if record.file and not is_file_name(record.file):
        raise ValueError(f"no slice is called {record.file!r}")
    for text in (record.warnings, record.faults):
        if text and not all(isinstance(word, str) for told in decoded(text) for word in told):
            raise ValueError("a fault or warning is no text")
    return record


def prepare_folder(folder: Path) -> None:
    """Make the cache folder, with files that mark it as one. Raises UserError where that fails.

    A folder that already holds other files is not marked: git and backups would leave those files out.
    """
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
        missing = [name for name in _NOTES if not (folder / name).exists()]
        if missing and all(each.name in _NOTES for each in folder.iterdir()):
            for name in missing:
                (folder / name).write_text(_NOTES[name], encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "Choose another with 'cache_dir' (--cache-dir)"
        raise UserError(f"the cache folder cannot be written: {reason}", Where(str(folder)), hint) from None


def key_before(key: str) -> str:
    """Return the key under which the plan before the current one is kept."""
    return f"before {key}"


class Store:
    """What is stored in a cache folder. No method raises an error of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def replaced(self) -> int:
        """How many times a damaged database was replaced by an empty one."""
        return self._database.replaced

    def start_anew(self) -> None:
        """Replace the database by an empty one, since it holds values that nobody stored."""
        self._database.replace("it holds values that cannot be right")

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def plan(self, key: str) -> StoredPlan | None:
        """Return the plan stored under a key."""
        row = self._database.find(PLAN, key)
        endpoints = None if row is None else self._planned(key, "endpoints")
        if row is None or endpoints is None:
            return None
        _, digest, seen_ns, files = row
        return StoredPlan(str(digest), int(seen_ns), str(files), endpoints)

    def plan_keys(self) -> list[str]:
        """Return the keys of all plans, the one stored last first."""
        found = [(int(seen_ns), str(key)) for key, _, seen_ns, _ in self._database.rows(PLAN)]
        return [key for _, key in sorted(found, reverse=True)]

    def dependencies(self, key: str) -> str | None:
        """Return the dependencies of a stored plan, as JSON."""
        return self._planned(key, "dependencies")

    def digests(self, key: str) -> str | None:
        """Return the digests of the parts of a stored plan, as JSON."""
        return self._planned(key, "digests")

    def _planned(self, key: str, what: str) -> str | None:
        row = self._database.find(PLANNED, key, what)
        return None if row is None else str(row[2])

    def save_plan(self, key: str, plan: StoredPlan, dependencies: str, digests: str, facts: bytes | None) -> None:
        """Store a plan; the one that it replaces is kept under the key `key_before`, without its facts.

        facts: those behind it, None where there are none. Facts of plans that are gone are deleted.
        """
        beside = {"endpoints": plan.endpoints, "dependencies": dependencies, "digests": digests}

        def work() -> None:
            found = self._database.find(PLAN, key)
            if found is not None and found[1] != plan.digest:
                before = key_before(key)
                kept = [(before, what, value) for _, what, value in self._database.rows(PLANNED, key=key)]
                self._database.delete(PLANNED, [(before,)])
                self._database.put(PLAN, [(before, *found[1:])])
                self._database.put(PLANNED, kept)
            self._database.delete(PLANNED, [(key,)])
            self._database.put(PLAN, [(key, plan.digest, plan.seen_ns, plan.files)])
            self._database.put(PLANNED, [(key, what, text) for what, text in beside.items()])
            used = set(self.plan_keys()) - {key}
            self._database.delete(FACTS, [(each,) for each in self._database.keys(FACTS) if each not in used])
            self._database.put(FACTS, [] if facts is None else [(key, facts)])

        self._database.write(work)

    def touch_plan(self, key: str, files: str, seen_ns: int) -> None:
        """Store that files with these sizes and times hold the bytes that a plan was made from."""

        def work() -> None:
            found = self._database.find(PLAN, key)
            if found is not None:
                self._database.put(PLAN, [(key, found[1], seen_ns, files)])

        self._database.write(work)

    def facts(self, key: str) -> bytes | None:
        """Return the facts stored for the plan under a key."""
        row = self._database.find(FACTS, key)
        return None if row is None else bytes(row[1])  # type: ignore[arg-type]  # the table has looked

    def record(self, output: str, key: EndpointKey) -> Record | None:
        """Return the record of one endpoint.

        Raises ValueError or TypeError where it is damaged, or names a file that cannot be a slice.
        """
        row = self._database.find(RECORD, output, *key)
        return None if row is None else _record(row)

    def records(self, output: str) -> dict[EndpointKey, Record]:
        """Return the records of an output folder.

        Raises ValueError or TypeError where one is damaged, or names a file that cannot be a slice.
        """
        records = map(_record, self._database.rows(RECORD, is_complete=True, output=output))
        return {record.key: record for record in records}

    def save_records(self, output: str, records: Iterable[Record]) -> None:
        """Store records. Index and report are then out of date; the index's stamp still says that a run wrote it."""
        rows = [(output, *record[:-1], int(record.is_tolerable)) for record in records]

        def work() -> None:
            self._database.put(RECORD, rows)
            stamp = self.stamp(output)
            if stamp is not None:
                self.save_stamp(output, ["", *stamp[1:]])
            self._database.delete(STAMP, [(report_key(output),)])
            self._database.delete(WHOLE, [(output,)])

        self._database.write(work)

    def forget_records(self, output: str, keys: Iterable[EndpointKey]) -> None:
        """Delete the records of endpoints."""
        self._database.delete(RECORD, [(output, *key) for key in keys])

    def stamp(self, output: str) -> list[object] | None:
        """Return the stamp of an output folder's index (`index_csv.index_stamp`)."""
        row = self._database.find(STAMP, output)
        try:
            found = None if row is None else json.loads(str(row[1]))
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, list) else None

    def save_stamp(self, output: str, value: list[object]) -> None:
        """Store the stamp of an output folder's index."""
        self._database.put(STAMP, [(output, json.dumps(value))])

    def owner(self, output: str) -> str | None:
        """Return the document whose slices an output folder holds, as a path from the cache folder."""
        row = self._database.find(OWNER, output)
        return None if row is None else str(row[1])

    def save_owner(self, output: str, spec: str) -> None:
        """Store which document's slices an output folder holds."""
        self._database.put(OWNER, [(output, spec)])

    def intended(self, output: str) -> list[Intent]:
        """Return the slices that runs set out to write and did not complete, without damaged entries."""
        row = self._database.find(INTENDED, output)
        try:
            found = [Intent(*each) for each in json.loads(str(row[1]))] if row else []
        except (ValueError, TypeError, RecursionError):
            return []
        return [each for each in found if all(isinstance(text, str) for text in each) and is_file_name(each.file)]

    def save_intended(self, output: str, files: Iterable[Intent]) -> None:
        """Store the slices that a run sets out to write."""
        self._database.put(INTENDED, [(output, json.dumps(list(files)))])

    def clean_output(self, output: str, key: str, digest: str) -> CleanOutput | None:
        """Return an output that was clean, with the plan of a document with this digest."""
        row = self._database.find(WHOLE, output)
        if row is None or row[1:3] != (key, digest):
            return None
        endpoints, files, warned = row[3:]
        try:
            found = {str(name): (int(size), str(stamp)) for name, size, stamp in json.loads(str(files))}
        except (ValueError, TypeError, RecursionError):
            return None
        return CleanOutput(int(endpoints), found, int(warned))

    def save_clean_output(self, output: str, key: str, digest: str, clean: CleanOutput) -> None:
        """Store an output that is all up to date; the next record that is saved deletes it."""
        files = json.dumps([(name, *found) for name, found in clean.files.items()])
        self._database.put(WHOLE, [(output, key, digest, clean.endpoints, files, clean.warned)])

    def task_state(self, name: str) -> str | None:
        """Return doit's state of a task, as doit encodes it."""
        row = self._database.find(TASK, name)
        return None if row is None else str(row[1])

    def forgotten_tasks(self) -> frozenset[str]:
        """Return the names of the tasks that `doit forget` named and that have not succeeded since."""
        return frozenset(str(name) for (name,) in self._database.rows(FORGOTTEN, is_complete=True))

    def save_tasks(self, states: Mapping[str, str], removed: Iterable[str], is_all_removed: bool) -> None:
        """Remove the state of some tasks, or of all, then store that of others.

        states: as doit encodes them, by task name.
        """
        gone = list(removed)

        def work() -> None:
            known = (
                list(self._database.keys(TASK))
                if is_all_removed
                else [name for name in gone if self._database.find(TASK, name) is not None]
            )
            self._database.put(FORGOTTEN, [(name,) for name in known])
            self._database.delete(TASK, [(name,) for name in known])
            self._database.put(TASK, list(states.items()))
            self._database.delete(FORGOTTEN, [(name,) for name in states])

        self._database.write(work)


class SharedStore(Store):
    """The store of a cache folder, shared by all its users in a process; the last one closes it."""

    def __init__(self, file: Path, place: tuple[int, str]) -> None:
        super().__init__(Database(file, TABLES, SCHEMA_VERSION))
        self._place = place
        self._users = 1
        if self._database.was_made:
            _remove_earlier(file.parent)

    def shared(self) -> Self:
        """Return this store to one more user."""
        self._users += 1
        return self

    def close(self) -> None:
        """Close the database, if this was the last user."""
        with _stores_lock:
            self._users -= 1
            if self._users:
                return
            _stores.pop(self._place, None)
        super().close()


#: The open stores, by process and file. They are global since doit makes its backend itself, from the name of a file.
#: A forked process inherits the stores of its parent and must not use them.
_stores: dict[tuple[int, str], SharedStore] = {}
_stores_lock = threading.Lock()


def open_store(folder: Path, name: str = STORE_NAME) -> Store:
    """Return the store of a cache folder, which the caller has to close; a process has just one of each.

    name: the file in the folder; with another name than the usual one the folder need not be a cache.

    Raises UserError where the folder cannot be made, or another run has the store, or the file is somebody else's.
    """
    if name == STORE_NAME:
        prepare_folder(folder)
    place = (os.getpid(), os.path.join(os.path.realpath(folder), name))  # noqa: PTH118
    with _stores_lock:
        known = _stores.get(place)
        if known is not None:
            return known.shared()
        made = _stores[place] = SharedStore(folder / name, place)
        return made


def _remove_earlier(folder: Path) -> None:
    """Remove the database that earlier versions kept doit's state in, if it has just those tables."""
    file = folder / _EARLIER
    if holds_just(file, _EARLIER_TABLES):
        with contextlib.suppress(OSError):
            remove_database(file)


def report_key(output: str) -> str:
    """Return the name under which the store keeps the stamp of a folder's report, given the folder's own."""
    return f"{output}/{REPORT_NAME}"


def output_key(settings: Settings) -> str:
    """Return the name under which the store keeps what was written to an output folder.

    It is the folder's path from the cache folder, so that both can be moved or restored together.
    """
    return from_cache(settings.output_dir, settings)


def from_cache(path: Path, settings: Settings) -> str:
    """Return a path relative to the cache folder, or absolute where that is on another drive."""
    try:
        return Path(os.path.relpath(path, settings.cache_dir)).as_posix()
    except ValueError:
        return path.absolute().as_posix()
