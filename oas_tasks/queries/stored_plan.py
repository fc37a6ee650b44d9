"""The endpoints of the plan that the last build stored, for shell completion: no document is read, nothing written."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Sequence

from oas_tasks.plan.plan import Endpoint, decoded_plan
from oas_tasks.settings import Settings
from oas_tasks.state.database import has_tables, is_plain
from oas_tasks.state.store import DAMAGE, SCHEMA_VERSION, STORE_NAME, TABLES

#: Seconds to wait for a run that is just writing: somebody waits at a prompt.
_PATIENCE = 0.05

_PLANS = "SELECT key, files FROM plan ORDER BY seen_ns DESC"
_ENDPOINTS = "SELECT value FROM planned WHERE key = ? AND what = 'endpoints'"


def stored_endpoints(settings: Settings) -> Sequence[Endpoint]:
    """Return the endpoints in the newest stored plan of a document, whatever its other settings; none without a plan.

    The plan may be outdated, or planted: its texts are as untrusted as those of a document.
    """
    file = settings.cache_dir / STORE_NAME
    try:
        if not file.exists() or not is_plain(file):
            return ()
        address = f"{file.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, timeout=_PATIENCE, uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            if not has_tables(connection, TABLES, SCHEMA_VERSION):
                return ()
            for key, files in connection.execute(_PLANS):
                if json.loads(files)[0][0] == str(settings.spec):
                    found = connection.execute(_ENDPOINTS, (key,)).fetchone()
                    return decoded_plan(found[0]).endpoints if found is not None else ()
    except (OSError, sqlite3.Error, *DAMAGE):
        return ()
    return ()
