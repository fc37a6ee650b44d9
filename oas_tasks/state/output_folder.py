"""Tells which files in an output folder this tool wrote, and so may overwrite or remove; writes files atomically."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xxhash import xxh3_128_hexdigest

from oas_tasks.document.place import EndpointKey
from oas_tasks.errors import UserError, Where
from oas_tasks.plan.plan import is_file_name
from oas_tasks.regular_files import check_replaceable, read_regular
from oas_tasks.settings import Settings
from oas_tasks.state.store import Record, open_store, output_key

if TYPE_CHECKING:
    from oas_tasks.formats import Value
    from oas_tasks.slices.slicer import Slicer


def check_writable(folder: Path) -> None:
    """Raise UserError where slices cannot be written to a folder, which need not exist yet."""
    existing = folder.absolute()
    while not os.path.lexists(existing) and existing != existing.parent:
        existing = existing.parent
    where = Where(str(folder))
    hint = "Choose another with 'output_dir' (--output-dir)"
    if not existing.is_dir():
        raise UserError(f"slices cannot be written there: {existing} is not a folder", where, hint)
    if not os.access(existing, os.W_OK | os.X_OK):
        raise UserError(f"slices cannot be written there: {existing} is not writable", where, hint)


def make_folder(folder: Path) -> None:
    """Make the folder for slices, unless it exists. Raises UserError where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"slices cannot be written there: the folder cannot be made ({error.strerror or error})"
        raise UserError(message, Where(str(folder)), "Choose another with 'output_dir' (--output-dir)") from None


def is_as_written(file: Path, digest: str) -> bool:
    """Whether a file still has the content (xxh3-128) that was written to it."""
    with contextlib.suppress(OSError):
        return xxh3_128_hexdigest(read_regular(file, follow=False)) == digest
    return False


def is_ours(folder: Path, record: Record) -> bool:
    """Whether the file of a record is still as it was written, and looks like a slice of that endpoint.

    The record alone is no proof: a planted cache can name any file with its digest.
    """
    if not _has_name_of(record.file, record.key):
        return False
    with contextlib.suppress(OSError):
        content = read_regular(folder / record.file, follow=False)
        return xxh3_128_hexdigest(content) == record.digest and b"openapi" in content
    return False


def is_slice_of(folder: Path, name: str, key: EndpointKey) -> bool:
    """Whether a file looks like the slice of an endpoint: it has its file name and holds that endpoint alone.

    For folders without records, such as a fresh clone with slices but no cache.
    """
    found = endpoint_contents(folder / name) if _has_name_of(name, key) else None
    return found is not None and found.key == key


def is_foreign(file: Path, key: EndpointKey) -> bool:
    """Whether a file has the name of an endpoint's slice but is not one, so that this tool did not write it.

    A folder does not count: it cannot be overwritten.
    """
    return os.path.lexists(file) and not file.is_dir() and not is_slice_of(file.parent, file.name, key)


def foreign_fault(file: Path) -> str:
    """Return the fault of an endpoint with a foreign file."""
    return (
        f"{file}: this file exists, is not a slice of this endpoint, and was left alone. Rename it, or choose another "
        "folder with 'output_dir' (--output-dir)"
    )


def slice_contents(folder: Path, name: str) -> SliceContents | None:
    """Return the contents of a file that looks like the slice of some endpoint, None where it does not."""
    found = endpoint_contents(folder / name) if is_file_name(name) else None
    return found if found is not None and _has_name_of(name, found.key) else None


def _has_name_of(name: str, key: EndpointKey) -> bool:
    from oas_tasks.plan.file_names import file_names

    return is_file_name(name) and _without_hash(name) == _without_hash(file_names([key], Path(name).suffix[1:])[0])


class SliceContents(NamedTuple):
    """What is read of an OpenAPI document with one endpoint.

    title: its `info.title`, "" where it has none.
    """

    path: str
    method: str
    title: str

    @property
    def key(self) -> EndpointKey:
        """The path and method."""
        return self[:2]


#: The mappings whose members are read one by one, and the root fields that are read at all.
_CONTAINERS = (("paths",), ("webhooks",), ("components",))
_IDENTIFYING = frozenset({"openapi", "info", "paths", "webhooks"})


def _identifying_fields(file: Path) -> Value:
    """Return the fields by which an OpenAPI document is known. Raises OSError or UserError."""
    from oas_tasks import formats

    content = read_regular(file, follow=False)
    spans = formats.cut(content, file.name, _CONTAINERS)
    if spans is not None:
        found = formats.read_spans(content, [span for span in spans if span.keys[0] in _IDENTIFYING])
        if found is not None:
            return formats.nested(found)
    return formats.read(content, file.name)


def endpoint_contents(file: Path) -> SliceContents | None:
    """Read an OpenAPI document with one endpoint; None where it has more, or the file is no such document."""
    from oas_tasks.openapi.model import FAMILIES, model_of
    from oas_tasks.plan.planner import title_of

    try:
        value = _identifying_fields(file)
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
    fields = model_of(FAMILIES[-1]).types["PathItem"].fields  # the latest version has the fields of all others
    methods = [
        name.upper()
        for name in item
        if name in fields and fields[name].holds == "Operation" and name != "additionalOperations"
    ]
    methods += list(extra) if isinstance(extra, dict) else []
    return SliceContents(found[0], methods[0], title_of(value)) if len(methods) == 1 else None


def _without_hash(name: str) -> str:
    return name.rpartition("_")[0].partition("~")[0]


@dataclass(frozen=True)
class RemoveSlice:
    """The `clean` action of a slice task: removes the slice's file if this tool wrote it."""

    settings: Settings
    key: EndpointKey
    file: str

    def __call__(self) -> None:
        """Remove the slice."""
        file = self.settings.output_dir / self.file
        if not file.is_file():
            return
        store = open_store(self.settings.cache_dir)
        try:
            record = store.record(output_key(self.settings), self.key)
        finally:
            store.close()
        digest = record.digest if record is not None and record.file == self.file else ""
        if is_as_written(file, digest) or is_slice_of(file.parent, self.file, self.key):
            file.unlink(missing_ok=True)

    def __repr__(self) -> str:
        return f" remove {self.settings.output_dir / self.file}"  # doit drops the first character


#: The suffix of temporary files, by which those that killed runs left behind are known.
TEMPORARY_SUFFIX = ".oas-tmp"


def write_atomically(file: Path, content: bytes) -> None:
    """Write `content` under a temporary name in the same folder, then rename it to `file`. Raises OSError.

    A symbolic link is replaced, not followed; a pipe, device or socket is an error.
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
    """Return the descriptor of a new file; an existing one, such as a killed run leaves, is removed first."""
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
    """Whether a file has this content apart from line ends, which git may convert on checkout."""
    with contextlib.suppress(OSError):
        return read_regular(file, follow=False).replace(b"\r\n", b"\n") == content.replace(b"\r\n", b"\n")
    return False


def up_to_date_content(file: Path, content: bytes, slicer: Slicer) -> bytes | None:
    """Return the content of a slice's file if it is up to date, else None.

    content: the slice as the document gives it; the file may differ from it in volatile places.
    """
    volatile = slicer.volatile_in_slices
    try:
        if not volatile and file.lstat().st_size != len(content):
            return None
        found = read_regular(file, follow=False)
    except OSError:
        return None
    if found == content:
        return content
    if not volatile:
        return None
    from oas_tasks.slices.alike import are_alike  # only needed where a file differs

    return found if are_alike(content, found, slicer.format, volatile) else None
