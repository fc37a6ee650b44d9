"""The cache folder and the one database in it: plans, records of what earlier runs wrote, and what doit remembers.

Only a cache: where it is missing, damaged or of another version, it starts empty and everything is worked out anew
(`database.py`). Slice tasks never write here: the main process does it for them, in transactions, so that a killed run
loses at most its last second. Whoever needs it in a process has the same object (`open_store`), with one connection: a
second one would wait for the first, or keep what that one found damaged and replaced.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, Self

from oas_tasks.errors import UserError, Where
from oas_tasks.plan.plan import is_file_name
from oas_tasks.settings import Settings
from oas_tasks.slices.told import decoded
from oas_tasks.state.database import TAG, Database, Table, holds_just, remove_database

#: What reading something that was stored, and is not what it should be, ends in.
DAMAGE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)

STORE_NAME = "store.sqlite3"
SCHEMA_VERSION = 13

PLAN = Table("plan", {"key": str}, {"digest": str, "seen_ns": int, "files": str})
#: What is kept beside a plan, apart from it, since most runs need but one of them: `endpoints`, `dependencies`,
#: `digests`.
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
#: What doit remembers of a task, in doit's words, and the tasks that it was made to forget.
TASK = Table("task", {"name": str}, {"state": str})
FORGOTTEN = Table("forgotten", {"name": str}, {})
TABLES = (PLAN, PLANNED, FACTS, RECORD, STAMP, INTENDED, OWNER, WHOLE, TASK, FORGOTTEN)

#: Where doit's state was in earlier versions, by the tables that it had.
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


#: The one that says whose the folder is comes first: a process can be killed between the two.
_NOTES = {"CACHEDIR.TAG": _SIGNATURE, ".gitignore": "*\n"}


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


def _record(row: tuple[object, ...]) -> Record:
    """Return the record that stands in a row. Raises ValueError or TypeError where there is none.

    Its file is going to be looked for, compared and removed by its name.
    """
    *values, is_tolerable = row[1:]
    record = Record(*values, bool(is_tolerable))  # type: ignore[arg-type, call-arg]  # the table has looked
    if record.file and not is_file_name(record.file):
        raise ValueError(f"no slice is called {record.file!r}")
    for text in (record.warnings, record.faults):
        if text and not all(isinstance(word, str) for told in decoded(text) for word in told):
            raise ValueError("what is told of an endpoint is no text")
    return record


def prepare_folder(folder: Path) -> None:
    """Make the cache folder, with a note that it is one. Raises UserError where that cannot be done.

    A folder that has something else in it already gets none: the note would have git and backups leave that out.
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
        raise UserError(
            f"the cache folder cannot be written: {reason}", Where(str(folder)), "Choose another with 'cache_dir'"
        ) from None


def key_before(key: str) -> str:
    """Return the key of the plan that a plan took the place of."""
    return f"before {key}"


class Store:
    """What is stored in a cache folder. Nothing of it raises an error of the database's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def replaced(self) -> int:
        """How many times all that was stored has gone, since it was damaged."""
        return self._database.replaced

    def start_anew(self) -> None:
        """Replace the database, in which something stands that cannot be, by an empty one."""
        self._database.replace("something stands in it that cannot be")

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
        """Return the dependencies stored beside a plan, as JSON."""
        return self._planned(key, "dependencies")

    def digests(self, key: str) -> str | None:
        """Return the digests of the parts that were stored beside a plan, as JSON."""
        return self._planned(key, "digests")

    def _planned(self, key: str, what: str) -> str | None:
        row = self._database.find(PLANNED, key, what)
        return None if row is None else str(row[2])

    def save_plan(self, key: str, plan: StoredPlan, dependencies: str, digests: str) -> None:
        """Store a plan in the place of the one under this key, which is kept under the key of the one before it."""
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

        self._database.write(work)

    def touch_plan(self, key: str, files: str, seen_ns: int) -> None:
        """Remember that files with these sizes and times hold the bytes that a plan was made from."""

        def work() -> None:
            found = self._database.find(PLAN, key)
            if found is not None:
                self._database.put(PLAN, [(key, found[1], seen_ns, files)])

        self._database.write(work)

    def facts(self, key: str) -> bytes | None:
        """Return the facts stored for the plan under a key."""
        row = self._database.find(FACTS, key)
        return None if row is None else bytes(row[1])  # type: ignore[arg-type]  # the table has looked

    def save_facts(self, key: str, blob: bytes) -> None:
        """Store the facts for the plan under a key, whether or not that is stored yet; those of no plan go."""

        def work() -> None:
            used = {key, *self.plan_keys()}
            self._database.delete(FACTS, [(each,) for each in self._database.keys(FACTS) if each not in used])
            self._database.put(FACTS, [(key, blob)])

        self._database.write(work)

    def record(self, output: str, path: str, method: str) -> Record | None:
        """Return what an earlier run did for one endpoint.

        Raises ValueError or TypeError for what no record has, such as a file that this tool gives no such name.
        """
        row = self._database.find(RECORD, output, path, method)
        return None if row is None else _record(row)

    def records(self, output: str) -> dict[tuple[str, str], Record]:
        """Return what earlier runs did in an output folder, by path and method.

        Raises ValueError or TypeError for what no record has, such as a file that this tool gives no such name.
        """
        records = map(_record, self._database.rows(RECORD, is_complete=True, output=output))
        return {(record.path, record.method): record for record in records}

    def endpoints(self, output: str, status: str) -> list[tuple[str, str]]:
        """Return path and method of the endpoints that were left with a status in an output folder."""
        rows = self._database.rows(RECORD, output=output, status=status)
        return [(str(row[1]), str(row[2])) for row in rows]

    def save_records(self, output: str, records: Iterable[Record]) -> None:
        """Store records; the output's stamp vouches for no plan any more, just for who wrote the file."""
        rows = [(output, *record[:-1], int(record.is_tolerable)) for record in records]

        def work() -> None:
            self._database.put(RECORD, rows)
            stamp = self.stamp(output)
            if stamp is not None:
                self.save_stamp(output, ["", *stamp[1:]])
            self._database.delete(WHOLE, [(output,)])

        self._database.write(work)

    def forget_records(self, output: str, keys: Iterable[tuple[str, str]]) -> None:
        """Delete the records of endpoints, by path and method."""
        self._database.delete(RECORD, [(output, *key) for key in keys])

    def stamp(self, output: str) -> list[object] | None:
        """Return the stamp of an output folder's index: what it was made from, and its size and time."""
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
        """Return the document whose slices an output folder was last made for, as a path from the cache folder."""
        row = self._database.find(OWNER, output)
        return None if row is None else str(row[1])

    def save_owner(self, output: str, spec: str) -> None:
        """Store for which document's slices an output folder is."""
        self._database.put(OWNER, [(output, spec)])

    def intended(self, output: str) -> list[Intent]:
        """Return the slices that runs set out to write and have not come to an end with; none of what is damaged."""
        row = self._database.find(INTENDED, output)
        try:
            found = [Intent(*each) for each in json.loads(str(row[1]))] if row else []
        except (ValueError, TypeError, RecursionError):
            return []
        return [each for each in found if all(isinstance(text, str) for text in each) and is_file_name(each.file)]

    def save_intended(self, output: str, files: Iterable[Intent]) -> None:
        """Store the slices that a run sets out to write."""
        self._database.put(INTENDED, [(output, json.dumps(list(files)))])

    def whole(self, output: str, key: str, digest: str) -> Whole | None:
        """Return what was found when all of an output was up to date with a plan of these bytes."""
        row = self._database.find(WHOLE, output)
        if row is None or row[1:3] != (key, digest):
            return None
        endpoints, files, warned = row[3:]
        try:
            found = {str(name): (int(size), str(stamp)) for name, size, stamp in json.loads(str(files))}
        except (ValueError, TypeError, RecursionError):
            return None
        return Whole(int(endpoints), found, int(warned))

    def save_whole(self, output: str, key: str, digest: str, whole: Whole) -> None:
        """Store that all of an output is up to date; the next record that is saved deletes it."""
        files = json.dumps([(name, *found) for name, found in whole.files.items()])
        self._database.put(WHOLE, [(output, key, digest, whole.endpoints, files, whole.warned)])

    def task_state(self, name: str) -> str | None:
        """Return what doit remembers of a task, in its own words."""
        row = self._database.find(TASK, name)
        return None if row is None else str(row[1])

    def forgotten_tasks(self) -> frozenset[str]:
        """Return the names of the tasks that doit was made to forget, and that did not succeed since."""
        return frozenset(str(name) for (name,) in self._database.rows(FORGOTTEN, is_complete=True))

    def save_tasks(self, states: Mapping[str, str], removed: Iterable[str], is_all_removed: bool) -> None:
        """Store what doit remembers of tasks, once others were removed, or all of them.

        states: in doit's own words, by the tasks' names.
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
    """The store of a cache folder for all of this process; it is closed once everybody is done with it."""

    def __init__(self, file: Path, place: tuple[int, str]) -> None:
        super().__init__(Database(file, TABLES, SCHEMA_VERSION))
        self._place = place
        self._users = 1
        if self._database.was_made:
            _remove_earlier(file.parent)

    def taken(self) -> Self:
        """Return this to one more who is going to close it."""
        self._users += 1
        return self

    def close(self) -> None:
        """Say that one of those who have this is done with it."""
        with _stores_lock:
            self._users -= 1
            if self._users:
                return
            _stores.pop(self._place, None)
        super().close()


#: The stores that are open, by process and file. It is here, and not with a run, since doit makes its backend by
#: itself, knowing the file alone. A forked process has what its parent had, and must not touch it.
_stores: dict[tuple[int, str], SharedStore] = {}
_stores_lock = threading.Lock()


def open_store(folder: Path, name: str = STORE_NAME) -> Store:
    """Return the store of a cache folder, to be closed; the one that this process has, where it has it already.

    name: of the file in the folder; where it is not the usual one, the folder may be for something else.

    Raises UserError where the folder cannot be made, or another run has the store, or the file is somebody else's.
    """
    if name == STORE_NAME:
        prepare_folder(folder)
    place = (os.getpid(), os.path.join(os.path.realpath(folder), name))  # noqa: PTH118
    with _stores_lock:
        known = _stores.get(place)
        if known is not None:
            return known.taken()
        made = _stores[place] = SharedStore(folder / name, place)
        return made


def _remove_earlier(folder: Path) -> None:
    """Remove the database that doit's state was in, where it is there and nothing else's."""
    file = folder / _EARLIER
    if holds_just(file, _EARLIER_TABLES):
        with contextlib.suppress(OSError):
            remove_database(file)


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
