"""Makes the `DOIT_CONFIG` of a build: state in the cache folder, our reporter, continue after a failure.

`dep_file` names the database of the cache folder, which also holds doit's state (`doit_backend.py`). A repository can
name another file or another backend.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from doit.exceptions import InvalidDodoFile

from oas_tasks.errors import UserError
from oas_tasks.regular_files import read_regular
from oas_tasks.settings import DEFAULT_CACHE_DIR, load_settings
from oas_tasks.state.store import STORE_NAME, prepare_folder
from oas_tasks.tasks.doit_backend import NAME, is_known_to_doit
from oas_tasks.tasks.reporter import Reporter


def doit_config(cache_dir: Path) -> dict[str, object]:
    """Return doit's configuration for a build with this cache folder."""
    backend, file = (NAME, STORE_NAME) if is_known_to_doit() else ("json", "doit.json")
    if backend == "json":
        _check_json(cache_dir / file)
    return {
        "backend": backend,
        "dep_file": str(cache_dir / file),
        "reporter": Reporter,
        "continue": True,
        "verbosity": 0,
    }


def _check_json(file: Path) -> None:
    """Remove a damaged file of doit's JSON backend, which would stop with a traceback."""
    try:
        states = json.loads(read_regular(file))
        is_good = isinstance(states, dict) and all(isinstance(each, dict) for each in states.values())
    except FileNotFoundError:
        return
    except (OSError, ValueError, RecursionError):
        is_good = False
    if not is_good:
        with suppress(OSError):
            file.unlink()


def repository_doit_config() -> dict[str, object]:
    """Return doit's configuration for the current folder's settings. The tasks report invalid settings."""
    cache_dir = Path(DEFAULT_CACHE_DIR)
    with suppress(UserError):
        cache_dir = load_settings(Path.cwd(), {})[0].cache_dir
    try:
        prepare_folder(cache_dir)
    except UserError as error:
        raise InvalidDodoFile(str(error)) from None
    return doit_config(cache_dir)
