"""Looking at a build without changing anything, neither slices nor cache: for commands that only tell something."""

from __future__ import annotations

from pathlib import Path

from oas_tasks.settings import Settings
from oas_tasks.state.database import Database
from oas_tasks.state.run import Key, Run, run_with
from oas_tasks.state.store import DAMAGE, SCHEMA_VERSION, STORE_NAME, TABLES, Record, Store, output_key


class CopiedStore(Store):
    """What is stored in a cache folder now, in memory: what is written to it is gone with it.

    Where there is no cache folder none is made, and where its database cannot be read it counts as empty.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(Database.copy_of(folder / STORE_NAME, TABLES, SCHEMA_VERSION))


class EmptyStore(Store):
    """A store that remembers nothing, in memory."""

    def __init__(self) -> None:
        super().__init__(Database(None, TABLES, SCHEMA_VERSION))


def look(settings: Settings) -> Run:
    """Return a run over a document that is never carried out. Raises UserError where the document cannot be sliced."""
    return run_with(settings, CopiedStore(settings.cache_dir), settings.concurrency)


def remembered_records(settings: Settings) -> dict[Key, Record]:
    """Return the records of earlier runs as they stand in the cache; none where that cannot be read."""
    store = CopiedStore(settings.cache_dir)
    try:
        return store.records(output_key(settings))
    except DAMAGE:
        return {}
    finally:
        store.close()


def look_afresh(settings: Settings) -> Run:
    """Return such a run that believes nothing of what is remembered: a cache can come from anywhere."""
    return run_with(settings, EmptyStore(), settings.concurrency)
