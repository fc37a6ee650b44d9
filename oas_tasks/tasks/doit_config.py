"""The DOIT_CONFIG that suits slices: state in the cache folder, our reporter, go on after a failure."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from doit.exceptions import InvalidDodoFile

from oas_tasks.errors import UserError
from oas_tasks.settings import DEFAULT_CACHE_DIR, load_settings
from oas_tasks.state.store import prepare_folder
from oas_tasks.tasks.doit_backend import NAME, is_known_to_doit
from oas_tasks.tasks.reporter import Reporter


def doit_config(cache_dir: Path) -> dict[str, object]:
    """Return doit's configuration for a build whose state is in this folder."""
    backend, file = (NAME, "doit.sqlite3") if is_known_to_doit() else ("json", "doit.json")
    return {
        "backend": backend,
        "dep_file": str(cache_dir / file),
        "reporter": Reporter,
        "continue": True,
        "verbosity": 0,
    }


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
