"""doit's own state, in a database that is read task by task and written while a run is under way.

doit's backends read and write the state of all tasks at once, or only at the end; this one costs what the tasks of a
run cost, and a killed run loses at most its last second. The entry point `doit.BACKEND` makes it known to doit.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Protocol

from doit.exceptions import InvalidDodoFile

from oas_tasks.printable import printable
from oas_tasks.state.database import open_database, remove_database
from oas_tasks.tasks.names import is_own_task

#: As the entry point in pyproject.toml calls it.
NAME = "oas-tasks"

_TABLES = (
    "CREATE TABLE task (name TEXT PRIMARY KEY, state TEXT) WITHOUT ROWID",
    "CREATE TABLE forgotten (name TEXT PRIMARY KEY) WITHOUT ROWID",
)
_VERSION = 1

#: Seconds between two writings while a run is under way.
_INTERVAL = 1.0

#: What doit sets last when it records that a task succeeded.
_LAST_SET = "deps:"

#: Under what doit keeps what a task returned.
_VALUES = "_values_:"

#: What doit sets of a task that `doit ignore` names.
_IGNORED = "ignore:"


class Codec(Protocol):
    """How doit wants a task's state written."""

    def encode(self, data: object) -> str:
        """Return the text of a state."""

    def decode(self, data: str) -> object:
        """Return the state of a text."""


class Backend:
    """A backend of doit: what it remembers of each task, by the task's name."""

    desc = "state of oas-tasks, written while a run is under way"

    def __init__(self, name: str, codec: Codec, *, module_name: str | None = None) -> None:
        self.name = name
        self._codec = codec
        self._connection, self._stored, self._forgotten = _opened(Path(name))
        self._states: dict[str, dict[str, object]] = {}
        self._changed: set[str] = set()
        self._written_at = time.monotonic()

    def get(self, task_id: str, dependency: str) -> object:
        """Return one thing that is remembered of a task, None where it is not.

        Tasks of this tool are never ignored: a build that leaves slices out and succeeds would deceive.
        """
        if dependency == _IGNORED and is_own_task(task_id):
            return None
        return self._state(task_id).get(dependency)

    def set(self, task_id: str, dependency: str, value: object) -> None:
        """Remember one thing of a task."""
        self._state(task_id)[dependency] = value
        self._changed.add(task_id)
        if dependency == _LAST_SET and time.monotonic() - self._written_at >= _INTERVAL:
            self._write()

    def in_(self, task_id: str) -> bool:
        """Whether anything is remembered of a task."""
        return task_id in self._stored or task_id in self._states

    def remove(self, task_id: str) -> None:
        """Forget a task."""
        self._states.pop(task_id, None)
        self._changed.discard(task_id)
        if task_id in self._stored:
            self._stored.discard(task_id)
            self._connection.execute("INSERT OR IGNORE INTO forgotten VALUES (?)", (task_id,))
            self._connection.execute("DELETE FROM task WHERE name = ?", (task_id,))

    def remove_all(self) -> None:
        """Forget every task."""
        self._states.clear()
        self._changed.clear()
        self._stored.clear()
        self._connection.execute("INSERT OR IGNORE INTO forgotten SELECT name FROM task")
        self._connection.execute("DELETE FROM task")

    def forgotten(self) -> frozenset[str]:
        """Return the names of the tasks that somebody made doit forget, and that did not succeed since."""
        return self._forgotten

    def dump(self) -> None:
        """Write what is not written and close the database."""
        self._write()
        self._connection.close()

    def _state(self, task_id: str) -> dict[str, object]:
        state = self._states.get(task_id)
        if state is None:
            state = self._states[task_id] = {}
            if task_id in self._stored:
                # What cannot be read is done again.
                with contextlib.suppress(sqlite3.Error, ValueError, TypeError, RecursionError):
                    row = self._connection.execute("SELECT state FROM task WHERE name = ?", (task_id,)).fetchone()
                    stored = self._codec.decode(row[0]) if row else {}
                    if isinstance(stored, dict) and isinstance(stored.get(_VALUES, {}), dict):
                        state.update(stored)
        return state

    def _write(self) -> None:
        """Write the states that changed; where that cannot be done, those tasks are done again."""
        rows = [(name, self._codec.encode(self._states[name])) for name in self._changed]
        with contextlib.suppress(sqlite3.Error), self._connection as connection:
            connection.executemany("INSERT OR REPLACE INTO task VALUES (?, ?)", rows)
            connection.executemany("DELETE FROM forgotten WHERE name = ?", [(name,) for name, _ in rows])
            self._stored |= self._changed
            self._changed.clear()
        self._written_at = time.monotonic()


#: The database, the names of the tasks in it, and of those that were forgotten.
_Opened = tuple[sqlite3.Connection, set[str], frozenset[str]]


def _opened(file: Path) -> _Opened:
    """Open the database; one that is damaged is replaced, since all that is lost is what can be done again."""
    try:
        try:
            return _connected(file)
        except sqlite3.OperationalError:  # it cannot be reached, which is no reason to delete it
            raise
        except sqlite3.DatabaseError:
            remove_database(file)
            return _connected(file)
    except (OSError, sqlite3.Error) as error:
        raise InvalidDodoFile(printable(f"{file}: doit's state cannot be opened: {error}")) from None


def _connected(file: Path) -> _Opened:
    connection = open_database(file, _TABLES, _VERSION)
    names, forgotten = (
        [row[0] for row in connection.execute(f"SELECT name FROM {table}")]  # noqa: S608  our own names
        for table in ("task", "forgotten")
    )
    return connection, set(names), frozenset(forgotten)


def is_known_to_doit() -> bool:
    """Whether doit finds this backend: not where the package is used without being installed."""
    try:
        return any(
            point.group == "doit.BACKEND" and point.name == NAME for point in distribution("oas-tasks").entry_points
        )
    except PackageNotFoundError:
        return False
