"""The files that a document is made of: the entry and everything that references lead to, each read once.

Files are known by their path relative to the entry's folder, with `/`; the entry itself is "". One that is wanted as a
text, whatever it holds, is known by that and `AS_TEXT` behind it. Only files below that folder are read unless allowed,
symbolic links included, and nothing is ever fetched.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from xxhash import xxh3_128_hexdigest

from oas_tasks import formats
from oas_tasks.errors import FormatError
from oas_tasks.formats import Value
from oas_tasks.formats.encoding import decode
from oas_tasks.openapi.merge_keys import merged
from oas_tasks.openapi.model import Model
from oas_tasks.regular_files import NotRegularError, read_regular
from oas_tasks.slicing.source_file import SourceFile

ENTRY = ""

#: Behind the path of a file that is a text and not what YAML or JSON make of it. No path has it.
AS_TEXT = "\0text"

#: The endings of files that are never wanted as a text where they can be read as what they say they are.
_STRUCTURED = (".yaml", ".yml", ".json")

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # at least two letters: `C:` is a Windows drive


class Unreadable(NamedTuple):
    """Why a reference to a file leads nowhere, in words."""

    reason: str


@dataclass(slots=True)
class Sources:
    """The entry document's file and those that it refers to.

    entry: its path.
    shown: its path as the user wrote it.
    root: its value.
    allow_outside: files outside of the entry's folder may be read.
    model: that of the entry, by which what is merged by YAML's merge keys is told from data; None: nothing is merged.
    merged: by file, the places of what merge keys brought there.
    names_dialects: a schema in one of the files may say which dialect of JSON Schema it is of.
    """

    entry: Path
    shown: str
    root: Value
    allow_outside: bool = False
    model: Model | None = None
    merged: dict[str, tuple[tuple[str, ...], ...]] = field(init=False, default_factory=dict)
    names_dialects: bool = field(init=False, default=False)
    _folder: Path = field(init=False)
    _real_folder: Path = field(init=False)
    _values: dict[str, Value | Unreadable] = field(init=False)
    _files: dict[str, SourceFile] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._folder = self.entry.absolute().parent
        self._real_folder = self._folder.resolve()
        self._values = {ENTRY: self.root}

    def join(self, base: str, uri: str) -> str | Unreadable:
        """Return the file that a relative reference without its fragment leads to from the file `base`."""
        if _SCHEME.match(uri) and not uri.lower().startswith("file:"):
            return Unreadable(f"'{uri}' is remote, and remote documents are never fetched")
        path = unquote(uri[5:] if uri.lower().startswith("file:") else uri)
        if path.startswith("//"):
            path = "/" + path.lstrip("/").partition("/")[2] if path[2:3] != "/" else path[2:]
        if path.startswith("/"):
            try:
                path = Path(path).resolve().relative_to(self._real_folder).as_posix()
            except ValueError:
                return Unreadable(f"'{uri}' is an absolute path outside of the document's folder")
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(base), path))
        return ENTRY if joined == self.entry.name else joined

    def value(self, file: str) -> Value | Unreadable:
        """Return what a file holds, or why that cannot be had."""
        if file not in self._values:
            self._values[file] = self._read(file)
        return self._values[file]

    def for_text(self, file: str) -> str:
        """Return what a file is known by where a text may stand: as one, unless it is YAML or JSON.

        It is by its ending, and where it can be read so: what is Markdown may happen to be YAML as well.
        """
        is_structured = file.lower().endswith(_STRUCTURED) or file == ENTRY
        if is_structured and not isinstance(self.value(file), Unreadable):
            return file
        text = file + AS_TEXT
        return file if isinstance(self.value(text), Unreadable) and is_structured else text

    def values(self) -> list[tuple[str, Value]]:
        """Return every file that was read, with what it holds."""
        return [(file, value) for file, value in self._values.items() if not isinstance(value, Unreadable)]

    def path(self, file: str) -> Path:
        """Return where a file is."""
        file = file.removesuffix(AS_TEXT)
        return self.entry if file == ENTRY else self._folder / file

    def shown_path(self, file: str) -> str:
        """Return a file's path as the user would write it."""
        file = file.removesuffix(AS_TEXT)
        if file == ENTRY:
            return self.shown
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.shown.replace("\\", "/")), file))

    def files(self) -> tuple[SourceFile, ...]:
        """Return every file but the entry that was read or looked for, in order of first use."""
        return tuple(self._files.values())

    def _read(self, file: str) -> Value | Unreadable:
        path = file.removesuffix(AS_TEXT)
        content = self._content(path)
        if isinstance(content, Unreadable):
            return content
        try:
            if path != file:
                return decode(content, self.shown_path(file))
            value = formats.read(content, self.shown_path(file))
        except FormatError as error:
            return Unreadable(str(error))
        self.names_dialects = self.names_dialects or b"$schema" in content
        if self.model is not None and formats.may_have_merge_keys(content):
            value, self.merged[file] = merged(self.model, value)
        return value

    def _content(self, file: str) -> bytes | Unreadable:
        """Return the bytes of a file, which is one that slices depend on from now on."""
        # As relative as the entry is, so that what is known of a file holds in a clone as well.
        path = self.entry.parent / file
        if not self.allow_outside and (file.startswith("../") or not self._is_below(path)):
            return Unreadable(
                f"'{file}' is outside of the document's folder, where nothing is read unless allow_outside is true"
            )
        try:
            status = path.stat()
            content = read_regular(path)
        except NotRegularError as error:
            return Unreadable(f"'{file}' cannot be read: {error.strerror}")
        except OSError as error:
            self._files[file] = SourceFile(str(path), -1, -1, "")
            missing = isinstance(error, FileNotFoundError | NotADirectoryError)
            return Unreadable(f"there is no file '{file}'" if missing else f"'{file}' cannot be read: {error.strerror}")
        self._files[file] = SourceFile(str(path), status.st_size, status.st_mtime_ns, xxh3_128_hexdigest(content))
        return content

    def _is_below(self, path: Path) -> bool:
        """Whether a path stays below the entry's folder when symbolic links are followed."""
        try:
            return path.resolve().is_relative_to(self._real_folder)
        except (OSError, RuntimeError):  # links that lead in a circle, the latter before Python 3.13
            return False
