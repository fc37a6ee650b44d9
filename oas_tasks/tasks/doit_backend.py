"""Keeps doit's state in the cache's database, read task by task and written during a run.

doit's own backends read and write the state of all tasks at once, or only at the end. This one handles just the tasks
of a run, and a killed run loses at most its last second. The entry point `doit.BACKEND` makes it known to doit, which
hands it a file name (`dep_file`): the store of a cache folder, or another database.

The state of a task is text in doit's codec, which is JSON unless a dodo.py names another. It is validated before doit
gets it, since the file may be planted, and doit would end in a traceback.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Protocol

from doit.exceptions import InvalidDodoFile

from oas_tasks.errors import UserError
from oas_tasks.printable import printable
from oas_tasks.state.store import DAMAGE, STORE_NAME, Store, open_store
from oas_tasks.tasks.names import is_own_task

#: The name of the entry point in pyproject.toml.
NAME = "oas-tasks"

#: Seconds between two transactions during a run.
_INTERVAL = 1.0

#: The last key that doit sets when it records a success.
_LAST_SET = "deps:"

#: The key that `doit ignore` sets.
_IGNORED = "ignore:"


def _is_names(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


#: Validators of the keys that doit stores for every task (`doit.dependency.Dependency`).
_SHAPES: Mapping[str, Callable[[object], bool]] = {
    "_values_:": lambda value: isinstance(value, dict),
    "result:": lambda value: isinstance(value, dict | str),
    "checker:": lambda value: isinstance(value, str),
    _LAST_SET: _is_names,
    _IGNORED: lambda value: isinstance(value, str),
}


def _is_file_state(value: object, checker: object) -> bool:
    """Whether a value is valid as the state of a file; that of an unknown checker always is."""
    if checker == "MD5Checker":
        return isinstance(value, list | tuple) and list(map(type, value)) in ([float, int, str], [int, int, str])
    return checker != "TimestampChecker" or isinstance(value, float | int)


def _is_state(state: object) -> bool:
    """Whether doit can have stored this state of a task."""
    if not isinstance(state, dict):
        return False
    checker = state.get("checker:")
    return all(
        isinstance(name, str) and (_SHAPES[name](value) if name in _SHAPES else _is_file_state(value, checker))
        for name, value in state.items()
    )


class Codec(Protocol):
    """doit's encoding of a task's state."""

    def encode(self, data: object) -> str:
        """Return the text of a state."""

    def decode(self, data: str) -> object:
        """Return the state of a text."""


class Backend:
    """A backend of doit: the state of each task, by the task's name."""

    desc = "state of oas-tasks, written while a run is under way"

    def __init__(self, name: str, codec: Codec, *, module_name: str | None = None) -> None:
        self.name = name
        self._codec = codec
        self._store = _opened(Path(name))
        self._states: dict[str, dict[str, object]] = {}
        self._changed: set[str] = set()
        self._removed: set[str] = set()
        self._is_all_removed = False
        self._forgotten: frozenset[str] | None = None
        self._written_at = time.monotonic()

    def get(self, task_id: str, dependency: str) -> object:
        """Return one value of a task's state, None where there is none.

        Our own tasks are never ignored: a build that left out slices and succeeded would be misleading.
        """
        if dependency == _IGNORED and is_own_task(task_id):
            return None
        return self._state(task_id).get(dependency)

    def set(self, task_id: str, dependency: str, value: object) -> None:
        """Set one value of a task's state."""
        self._state(task_id)[dependency] = value
        self._changed.add(task_id)
        if dependency == _LAST_SET:
            self._write_if_due()

    def in_(self, task_id: str) -> bool:
        """Whether a task has a state."""
        return bool(self._state(task_id))

    def remove(self, task_id: str) -> None:
        """Delete the state of a task."""
        self._states[task_id] = {}
        self._changed.discard(task_id)
        self._removed.add(task_id)
        self._write_if_due()

    def remove_all(self) -> None:
        """Delete the state of every task."""
        self._states.clear()
        self._changed.clear()
        self._removed.clear()
        self._is_all_removed = True

    def forgotten(self) -> frozenset[str]:
        """Return the names of the tasks that `doit forget` named and that have not succeeded since."""
        if self._forgotten is None:
            self._forgotten = self._store.forgotten_tasks()
        return self._forgotten

    def dump(self) -> None:
        """Write pending changes and close the database."""
        self._write()
        self._store.close()

    def _state(self, task_id: str) -> dict[str, object]:
        state = self._states.get(task_id)
        if state is None:
            state = self._states[task_id] = {} if self._is_all_removed else self._stored(task_id)
        return state

    def _stored(self, task_id: str) -> dict[str, object]:
        """Return the stored state of a task; without a valid one the task runs again."""
        text = self._store.task_state(task_id)
        try:
            state = {} if text is None else self._codec.decode(text)
        except DAMAGE:
            return {}
        return state if isinstance(state, dict) and _is_state(state) else {}

    def _write_if_due(self) -> None:
        if time.monotonic() - self._written_at >= _INTERVAL:
            self._write()

    def _write(self) -> None:
        """Write pending changes."""
        if self._changed or self._removed or self._is_all_removed:
            states = {name: self._codec.encode(self._states[name]) for name in self._changed}
            self._store.save_tasks(states, self._removed, self._is_all_removed)
            self._changed.clear()
            self._removed.clear()
            self._is_all_removed = False
        self._written_at = time.monotonic()


def _opened(file: Path) -> Store:
    """Open the store in a file. Raises InvalidDodoFile, which doit shows as a sentence."""
    if file.name != STORE_NAME and not file.parent.is_dir():  # a cache folder is made if it is missing
        raise InvalidDodoFile(printable(f"{file}: doit's state cannot be opened: there is no folder '{file.parent}'"))
    try:
        return open_store(file.parent, file.name)
    except UserError as error:
        raise InvalidDodoFile(str(error)) from None


def is_known_to_doit() -> bool:
    """Whether doit finds this backend, which it does not if the package is not installed."""
    try:
        return any(
            point.group == "doit.BACKEND" and point.name == NAME for point in distribution("oas-tasks").entry_points
        )
    except PackageNotFoundError:
        return False
