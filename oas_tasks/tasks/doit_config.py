"""The DOIT_CONFIG that suits slices: state in the cache folder, our reporter, go on after a failure.

doit's state is in the one database of that folder, whose file `dep_file` names (`doit_backend.py`). A repository can
name another file, or another backend of doit's.
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
    """Return doit's configuration for a build whose state is in this folder."""
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
    """Remove a file of doit's own JSON backend that is damaged, for which that one has nothing but a traceback."""
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
    """Return it for the current folder's settings. Settings that are wrong are reported by the tasks, not here."""
    cache_dir = Path(DEFAULT_CACHE_DIR)
    with suppress(UserError):
        cache_dir = load_settings(Path.cwd(), {})[0].cache_dir
    try:
        prepare_folder(cache_dir)
    except UserError as error:
        raise InvalidDodoFile(str(error)) from None
    return doit_config(cache_dir)
