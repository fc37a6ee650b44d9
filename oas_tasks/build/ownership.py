"""Which files in an output folder this tool wrote, and so may remove."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from xxhash import xxh3_128_hexdigest

from oas_tasks.build.run import output_key
from oas_tasks.build.store import Store
from oas_tasks.config import Settings


def is_as_written(file: Path, digest: str) -> bool:
    """Whether a file still has the content (xxh3-128) that was written to it."""
    with contextlib.suppress(OSError):
        return xxh3_128_hexdigest(file.read_bytes()) == digest
    return False


def is_slice_of(folder: Path, name: str, path: str, method: str) -> bool:
    """Whether a file is one that this tool makes: it has the endpoint's name, and that endpoint alone inside.

    For folders without records: a fresh clone that has slices but no cache.
    """
    from oas_tasks import formats
    from oas_tasks.errors import UserError
    from oas_tasks.slicing.names import file_names

    file = folder / name
    if Path(name).name != name or file.suffix not in (".yaml", ".json"):
        return False
    expected = file_names([(path, method)], file.suffix[1:])[0]
    if _without_hash(name) != _without_hash(expected):
        return False
    try:
        value = formats.read(file.read_bytes(), name)
    except (OSError, UserError):
        return False
    paths = value.get("paths") if isinstance(value, dict) else None
    if not isinstance(paths, dict) or [key for key in paths if not key.startswith("x-")] != [path]:
        return False
    item = paths[path]
    extra = item.get("additionalOperations") if isinstance(item, dict) else None
    return isinstance(item, dict) and (method.lower() in item or (isinstance(extra, dict) and method in extra))


def _without_hash(name: str) -> str:
    return name.rpartition("_")[0].partition("~")[0]


@dataclass(frozen=True)
class RemoveSlice:
    """The clean action of a slice task: removes its file, if this tool wrote it."""

    settings: Settings
    path: str
    method: str
    file: str

    def __call__(self) -> None:
        """Remove the slice."""
        file = self.settings.output_dir / self.file
        if not file.is_file():
            return
        store = Store(self.settings.cache_dir)
        try:
            record = store.record(output_key(self.settings), self.path, self.method)
        finally:
            store.close()
        digest = record.digest if record is not None and record.file == self.file else ""
        if is_as_written(file, digest) or is_slice_of(file.parent, self.file, self.path, self.method):
            file.unlink(missing_ok=True)

    def __repr__(self) -> str:
        return f" remove {self.settings.output_dir / self.file}"  # doit drops the first character
