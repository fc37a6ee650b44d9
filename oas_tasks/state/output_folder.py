"""Which files in an output folder this tool wrote, and so may write over or remove."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xxhash import xxh3_128_hexdigest

from oas_tasks.plan.plan import is_file_name
from oas_tasks.regular_files import check_replaceable, read_regular
from oas_tasks.settings import Settings
from oas_tasks.state.store import Record, open_store, output_key

if TYPE_CHECKING:
    from oas_tasks.formats import Value


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
    found = seen_in(folder / name) if _has_name_of(name, path, method) else None
    return found is not None and (found.path, found.method) == (path, method)


def is_foreign(file: Path, path: str, method: str) -> bool:
    """Whether there is a file by the name of an endpoint's slice that is none, and so is somebody else's.

    A folder is not: it cannot be written over.
    """
    return os.path.lexists(file) and not file.is_dir() and not is_slice_of(file.parent, file.name, path, method)


def foreign_fault(file: Path) -> str:
    """Return what to say of such a file."""
    return (
        f"{file}: there is another file by this name already, which is no slice of this endpoint, and it stays as it "
        "is. Rename it, or choose another folder with 'output_dir'"
    )


def is_slice(folder: Path, name: str) -> bool:
    """Whether a file is one that this tool makes, by its look: one endpoint inside, and that one's name."""
    return slice_by_look(folder, name) is not None


def slice_by_look(folder: Path, name: str) -> Seen | None:
    """Return what a file says that is a slice by its look, None where it is none."""
    found = seen_in(folder / name) if is_file_name(name) else None
    return found if found is not None and _has_name_of(name, found.path, found.method) else None


def _has_name_of(name: str, path: str, method: str) -> bool:
    from oas_tasks.plan.file_names import file_names

    return is_file_name(name) and _without_hash(name) == _without_hash(
        file_names([(path, method)], Path(name).suffix[1:])[0]
    )


class Seen(NamedTuple):
    """What an OpenAPI document with one endpoint says.

    title: its `info.title`, "" where it has none.
    """

    path: str
    method: str
    title: str


#: The mappings of which each member is read by itself, and the root fields that are read at all.
_CONTAINERS = (("paths",), ("webhooks",), ("components",))
_TELLING = frozenset({"openapi", "info", "paths", "webhooks"})


def _telling_fields(file: Path) -> Value:
    """Return what an OpenAPI document is known by; of a large one the rest is not read. Raises OSError, UserError."""
    from oas_tasks import formats

    content = read_regular(file, follow=False)
    spans = formats.cut(content, file.name, _CONTAINERS)
    if spans is not None:
        found = formats.read_spans(content, [span for span in spans if span.keys[0] in _TELLING])
        if found is not None:
            return formats.nested(found)
    return formats.read(content, file.name)


def seen_in(file: Path) -> Seen | None:
    """Return what an OpenAPI document of one endpoint says, None where it has more or the file is none."""
    from oas_tasks.errors import UserError
    from oas_tasks.openapi.model import FAMILIES, model_of
    from oas_tasks.plan.planner import title_of

    try:
        value = _telling_fields(file)
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
    return Seen(found[0], methods[0], title_of(value)) if len(methods) == 1 else None


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
        store = open_store(self.settings.cache_dir)
        try:
            record = store.record(output_key(self.settings), self.path, self.method)
        finally:
            store.close()
        digest = record.digest if record is not None and record.file == self.file else ""
        if is_as_written(file, digest) or is_slice_of(file.parent, self.file, self.path, self.method):
            file.unlink(missing_ok=True)

    def __repr__(self) -> str:
        return f" remove {self.settings.output_dir / self.file}"  # doit drops the first character


#: What temporary files end in; one that a killed run left behind is known by it.
TEMPORARY_SUFFIX = ".oas-tmp"


def write_atomically(file: Path, content: bytes) -> None:
    """Write `content` to a temporary name in the same folder, then rename it to `file`. Raises OSError.

    A symbolic link is replaced, and what it leads to is left alone; a pipe, device or socket is left where it is.
    """
    check_replaceable(file)
    temporary = file.with_name(f".{os.getpid()}-{threading.get_ident()}{TEMPORARY_SUFFIX}")
    try:
        with os.fdopen(_created(temporary), "wb") as stream:
            stream.write(content)
        temporary.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _created(temporary: Path) -> int:
    """Return a descriptor of a new file; what a killed run, or somebody else, left under its name goes."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        return os.open(temporary, flags, 0o666)
    except FileExistsError:
        temporary.unlink()
        return os.open(temporary, flags, 0o666)


def holds(file: Path, content: bytes) -> bool:
    """Whether a file has exactly this content."""
    with contextlib.suppress(OSError):
        return file.lstat().st_size == len(content) and read_regular(file, follow=False) == content
    return False


def holds_but_for_line_ends(file: Path, content: bytes) -> bool:
    """Whether a file has this content when line ends do not count, as where git converts them on checkout."""
    with contextlib.suppress(OSError):
        return read_regular(file, follow=False).replace(b"\r\n", b"\n") == content.replace(b"\r\n", b"\n")
    return False
