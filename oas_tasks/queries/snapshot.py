"""Looking at a build without changing anything, neither slices nor cache: for commands that only tell something."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from oas_tasks.settings import Settings
from oas_tasks.state.database import has_tables, is_plain, make_tables
from oas_tasks.state.run import Key, Run, run_with
from oas_tasks.state.store import SCHEMA_VERSION, STORE_NAME, TABLES, Record, Store, output_key


class CopiedStore(Store):
    """The database of a cache folder as it is now, in memory: what is written to it is gone with it.

    Where there is no cache folder none is made, and where its database cannot be read it counts as empty.
    """

    def __init__(self, folder: Path) -> None:  # the folder is not prepared, and no file is opened for writing
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        file = (folder / STORE_NAME).absolute()
        if not is_plain(file):
            self.start_anew()
            return
        try:
            stored = sqlite3.connect(f"{file.as_uri()}?mode=ro", timeout=30, uri=True)
            try:
                stored.backup(self._connection)
            finally:
                stored.close()
            is_usable = has_tables(self._connection, TABLES, SCHEMA_VERSION)
        except sqlite3.Error:
            is_usable = False
        if not is_usable:
            self.start_anew()

    def start_anew(self) -> None:
        """Go on with an empty database, and leave the one in the folder as it is."""
        self._connection.close()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        make_tables(self._connection, TABLES, SCHEMA_VERSION)


class EmptyStore(CopiedStore):
    """A database that remembers nothing, in memory."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self.start_anew()


def look(settings: Settings) -> Run:
    """Return a run over a document that is never carried out. Raises UserError where the document cannot be sliced."""
    return run_with(settings, CopiedStore(settings.cache_dir), settings.concurrency)


def remembered_records(settings: Settings) -> dict[Key, Record]:
    """Return the records of earlier runs as they stand in the cache; none where that cannot be read."""
    store = CopiedStore(settings.cache_dir)
    try:
        return store.records(output_key(settings))
    except (sqlite3.Error, ValueError, TypeError):
        return {}
    finally:
        store.close()


def look_afresh(settings: Settings) -> Run:
    """Return such a run that believes nothing of what is remembered: a cache can come from anywhere."""
    return run_with(settings, EmptyStore(), settings.concurrency)
