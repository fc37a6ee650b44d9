"""The settings: what there is to set (`table`), and how it is read and checked (`reading`).

Everything imports this, a run with nothing to do included, so it takes only what Python brings along.
"""

from oas_tasks.settings.reading import MissingSpec, check_spelling, load_settings
from oas_tasks.settings.table import DEFAULT_CACHE_DIR, SETTINGS, Kind, Setting, Settings

__all__ = [
    "DEFAULT_CACHE_DIR",
    "SETTINGS",
    "Kind",
    "MissingSpec",
    "Setting",
    "Settings",
    "check_spelling",
    "load_settings",
]
