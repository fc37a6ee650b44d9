"""Runs for queries: they read the cache or ignore it, and write neither to it nor to the output folder."""

from __future__ import annotations

from pathlib import Path

from oas_tasks.document.place import EndpointKey
from oas_tasks.plan.plan import Plan
from oas_tasks.settings import Settings
from oas_tasks.state.database import Database
from oas_tasks.state.plans import plan_build
from oas_tasks.state.run import Run
from oas_tasks.state.runs import run_with
from oas_tasks.state.store import DAMAGE, SCHEMA_VERSION, STORE_NAME, TABLES, Record, Store, output_key


class CopiedStore(Store):
    """A copy of a cache folder's store in memory; changes are lost.

    No cache folder is made, and a database that cannot be read counts as empty.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(Database.copy_of(folder / STORE_NAME, TABLES, SCHEMA_VERSION))


class EmptyStore(Store):
    """An empty store in memory."""

    def __init__(self) -> None:
        super().__init__(Database(None, TABLES, SCHEMA_VERSION))


def read_only_run(settings: Settings) -> Run:
    """Return a run that reads the cache. Raises UserError where the document cannot be sliced."""
    return run_with(settings, CopiedStore(settings.cache_dir), settings.concurrency)


def read_only_plan(settings: Settings) -> Plan:
    """Return the plan of a document, from the cache if it has it; nothing else is kept. Raises UserError."""
    store = CopiedStore(settings.cache_dir)
    try:
        return plan_build(settings, store, settings.concurrency, lambda digest, slicer: None).plan
    except DAMAGE:
        store.start_anew()
        return plan_build(settings, store, settings.concurrency, lambda digest, slicer: None).plan
    finally:
        store.close()


def stored_records(settings: Settings) -> dict[EndpointKey, Record]:
    """Return the records of earlier runs, none where they are damaged."""
    store = CopiedStore(settings.cache_dir)
    try:
        return store.records(output_key(settings))
    except DAMAGE:
        return {}
    finally:
        store.close()


def uncached_run(settings: Settings) -> Run:
    """Return a run that ignores the cache, which may be planted. Raises UserError like `read_only_run`."""
    return run_with(settings, EmptyStore(), settings.concurrency)
