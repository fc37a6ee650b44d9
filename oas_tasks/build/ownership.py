"""Which files in an output folder this tool wrote, and so may remove."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from xxhash import xxh3_128_hexdigest

from oas_tasks.build.run import output_key
from oas_tasks.build.store import Record, Store
from oas_tasks.config import Settings
from oas_tasks.regular_files import read_regular
from oas_tasks.slicing.plan import is_file_name


def is_as_written(file: Path, digest: str) -> bool:
    """Whether a file still has the content (xxh3-128) that was written to it."""
    with contextlib.suppress(OSError):
        return xxh3_128_hexdigest(read_regular(file, follow=False)) == digest
    return False


def is_ours(folder: Path, record: Record) -> bool:
    """Whether the file of a record is still as it was written, and what this tool writes for that endpoint.

    The record alone is no proof: whoever writes a cache can name any file in it, with what that holds.
    """
    if not _has_name_of(record.file, record.path, record.method):
        return False
    with contextlib.suppress(OSError):
        content = read_regular(folder / record.file, follow=False)
        return xxh3_128_hexdigest(content) == record.digest and b"openapi" in content
    return False


def is_slice_of(folder: Path, name: str, path: str, method: str) -> bool:
    """Whether a file is one that this tool makes: it has the endpoint's name, and that endpoint alone inside.

    For folders without records: a fresh clone that has slices but no cache.
    """
    return _has_name_of(name, path, method) and _endpoint_in(folder / name) == (path, method)


def is_slice(folder: Path, name: str) -> bool:
    """Whether a file is one that this tool makes, by its look: one endpoint inside, and that one's name."""
    found = _endpoint_in(folder / name) if is_file_name(name) else None
    return found is not None and _has_name_of(name, *found)


def _has_name_of(name: str, path: str, method: str) -> bool:
    from oas_tasks.slicing.names import file_names

    return is_file_name(name) and _without_hash(name) == _without_hash(
        file_names([(path, method)], Path(name).suffix[1:])[0]
    )


def _endpoint_in(file: Path) -> tuple[str, str] | None:
    """Return path and method of the one endpoint of an OpenAPI document, None where it has more or the file is none."""
    from oas_tasks import formats
    from oas_tasks.errors import UserError
    from oas_tasks.openapi.model import FAMILIES, model_of

    try:
        value = formats.read(read_regular(file, follow=False), file.name)
    except (OSError, UserError):
        return None
    if not isinstance(value, dict) or "openapi" not in value:
        return None
    paths = value.get("paths") or value.get("webhooks")
    found = [key for key in paths if not key.startswith("x-")] if isinstance(paths, dict) else []
    item = paths[found[0]] if len(found) == 1 and isinstance(paths, dict) else None
    if not isinstance(item, dict):
        return None
    extra = item.get("additionalOperations")
    fields = model_of(FAMILIES[-1]).types["PathItem"].fields  # the latest version has all that others have
    methods = [
        name.upper()
        for name in item
        if name in fields and fields[name].holds == "Operation" and name != "additionalOperations"
    ]
    methods += list(extra) if isinstance(extra, dict) else []
    return (found[0], methods[0]) if len(methods) == 1 else None


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
