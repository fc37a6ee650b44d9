"""Changes the database of a cache as an attacker would who knows its format: with valid check values."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oas_tasks.state.store import STORE_NAME, TABLES
from tests.conftest import Done


@contextmanager
def planted(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the database of a cache folder for changes."""
    connection = sqlite3.connect(folder / STORE_NAME)
    try:
        with connection:
            yield connection
            for table in TABLES:
                key = " AND ".join(f"{column} IS ?" for column in table.key)
                rows = [row[:-1] for row in connection.execute(table.select)]
                marks = [(table.mark(row), *row[: len(table.key)]) for row in rows]
                connection.executemany(f"UPDATE {table.name} SET mark = ? WHERE {key}", marks)
    finally:
        connection.close()


def parted(done: Done) -> tuple[list[str], list[str]]:
    """Split the errors of a command into messages about its cache and all others."""
    lines = done.err.splitlines()
    notes = [line for line in lines if line.startswith("Note: the cache ")]
    return notes, [line for line in lines if line not in notes]
