"""Defines the settings (`table`), and reads and checks them (`reading`).

Every run imports this, even one with nothing to do, so it imports only the standard library.
"""

from oas_tasks.settings.reading import MissingSpec, check_spelling, configured_names, load_settings, settings_of
from oas_tasks.settings.table import DEFAULT_CACHE_DIR, SETTINGS, Kind, Setting, Settings

__all__ = [
    "DEFAULT_CACHE_DIR",
    "SETTINGS",
    "Kind",
    "MissingSpec",
    "Setting",
    "Settings",
    "check_spelling",
    "configured_names",
    "load_settings",
    "settings_of",
]
