"""`slice-oas --sample`: slices the document that the package brings, so that there is something to look at.

It has a folder of its own, with a copy of the document that can be edited, its slices and its cache. The current
folder's pyproject.toml is not read, and nothing else is touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from oas_tasks.commands.given_settings import GivenSettings
from oas_tasks.errors import UserError, Where
from oas_tasks.settings import Settings, settings_of

#: The folder, unless another is named.
FOLDER = "sample-slices"

_NAME = "library.yaml"


@dataclass
class SampleSettings(GivenSettings):
    """The settings of the sample: those that were given as options, and none of pyproject.toml."""

    def load(self) -> tuple[Settings, ...]:
        """Return the settings. Raises UserError."""
        return (settings_of(self.overrides),)


def sample_settings(given: GivenSettings, is_written: bool) -> SampleSettings:
    """Return the settings with which to slice the sample, a copy of which is made. Raises UserError.

    is_written: make the copy; otherwise the document of the package is used.
    """
    for name, option in (("spec", "a document of your own"), ("cache_dir", "--cache-dir")):
        if name in given.overrides:
            raise UserError(f"--sample goes without {option}", None, "Leave out one of them")
    if given.spec_names:
        raise UserError("--sample goes without --spec", None, "Leave out one of them")
    folder = Path(str(given.overrides.get("output_dir") or FOLDER))
    file = folder / _NAME
    original = files("oas_tasks") / "sample" / _NAME
    own = {"output_dir": str(folder), "cache_dir": str(folder / ".oas_tasks")}
    if not is_written:
        return SampleSettings({**given.overrides, **own, "spec": str(file if file.is_file() else original)})
    try:
        if not file.exists():
            if folder.is_dir() and any(folder.iterdir()):
                message = "this folder has other files, and the sample is to stand alone"
                raise UserError(message, Where(str(folder)), "Name another one with --output-dir")
            folder.mkdir(parents=True, exist_ok=True)
            file.write_bytes(original.read_bytes())
    except OSError as error:
        message = f"the sample cannot be written there: {error.strerror or error}"
        raise UserError(message, Where(str(folder)), "Name another folder with --output-dir") from None
    return SampleSettings({**given.overrides, **own, "spec": str(file)})
