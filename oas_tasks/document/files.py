"""The files of a document: the entry and every file that references lead to, each read once.

A file is named by its path relative to the entry's folder, with `/` (by its absolute path if it is on another drive);
the entry itself is "". A file with several names (through links, in other case where the file system ignores case,
`a/../b.yaml`) always gets the same one. A file that is wanted as a text gets `AS_TEXT` appended, and a value that means
something else apart from its file gets `AS_OBJECTS` and its place. Files outside of the entry's folder are read only
where that is allowed, symbolic links included. Nothing is ever fetched.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from xxhash import xxh3_128_hexdigest

from oas_tasks import formats
from oas_tasks.document.document import family_of
from oas_tasks.document.place import ENTRY, Place, SourceFile, note_around
from oas_tasks.document.trace import Read, Trace
from oas_tasks.errors import FormatError
from oas_tasks.file_stamp import NO_STAMP, stamp_of
from oas_tasks.formats import Value
from oas_tasks.formats.text import decode
from oas_tasks.openapi.merge_keys import merged, merged_at
from oas_tasks.openapi.model import FieldType, Model
from oas_tasks.openapi.pointer import readable, resolve
from oas_tasks.regular_files import NotRegularError, read_regular

if TYPE_CHECKING:
    from oas_tasks.openapi.conversion import Loss


#: Marks a file that is taken as a text instead of being parsed. No path contains it.
AS_TEXT = "\0text"

#: Between the path of a file and a place in it, for the object that a reference makes of the value there: merge keys
#: are resolved in what is data in the file, and a schema names the dialect that only the schema around it named.
AS_OBJECTS = "\0objects"

#: The endings of files that are taken as a text only if they cannot be parsed.
_STRUCTURED = (".yaml", ".yml", ".json")

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # at least two letters: `C:` is a Windows drive
_DRIVE = re.compile(r"/[A-Za-z]:[/\\]")  # what `file:///C:/` leaves of a Windows path


#: The type of a field that may hold any data.
_DATA = FieldType("any", "one", False)


class Unreadable(NamedTuple):
    """The reason why a file cannot be read, in words."""

    reason: str


@dataclass
class Sources:
    """The entry document's file and the files that it refers to.

    entry: the path of the entry.
    shown: the same as the user wrote it.
    root: the entry's value.
    allow_outside: files outside of the entry's folder may be read.
    bring: puts a file of another revision in place before it is first looked at.
    model: the entry's model, which tells objects, where merge keys are resolved, from data; None: none are resolved.
    merged: by file, the places of entries that came from merge keys.
    unmerged: by file, the value before merge keys were resolved, where there may be some.
    trace: notes which files are read or looked for.
    """

    entry: Path
    shown: str
    root: Value
    allow_outside: bool = False
    bring: Callable[[Path], object] | None = None
    model: Model | None = None
    trace: Trace = field(default_factory=lambda: Trace(is_on=False))
    #: Files whose current content is known already, by path.
    known: Mapping[str, SourceFile] = field(default_factory=dict)
    merged: dict[str, tuple[tuple[str, ...], ...]] = field(init=False, default_factory=dict)
    unmerged: dict[str, Value] = field(init=False, default_factory=dict)
    _naming_dialects: set[str] = field(init=False, default_factory=set)
    _folder: Path = field(init=False)
    _real_folder: Path = field(init=False)
    _values: dict[str, Value | Unreadable] = field(init=False)
    _files: dict[str, SourceFile] = field(init=False, default_factory=dict)
    _looked_at: dict[str, SourceFile] = field(init=False, default_factory=dict)

    #: What files lost that are OpenAPI documents of another version and were converted to the entry's: by the places at
    #: or below which it was lost.
    losses: dict[Place, list[Loss]] = field(init=False, default_factory=dict)
    #: For the same files: the places that moved in the conversion, and the schemas that have plain names.
    _moved: dict[str, Mapping[tuple[str, ...], tuple[str, ...]]] = field(init=False, default_factory=dict)
    _moved_from: dict[str, Mapping[tuple[str, ...], tuple[str, ...]]] = field(init=False, default_factory=dict)
    _anchors: dict[str, Mapping[str, tuple[str, ...]]] = field(init=False, default_factory=dict)
    #: Answers that were worked out, by what was asked.
    _joined: dict[tuple[str, str], tuple[str | Unreadable, Collection[Read]]] = field(init=False, default_factory=dict)
    _identities: dict[str, str] = field(init=False, default_factory=dict)
    _reals: dict[str, str] = field(init=False, default_factory=dict)
    _inside: dict[str, str] = field(init=False, default_factory=dict)
    _names: dict[str, dict[str, list[str]]] = field(init=False, default_factory=dict)
    #: A place that was asked for as an object -> the name of the file that has it as one.
    _as_objects: dict[tuple[str, tuple[str, ...]], str] = field(init=False, default_factory=dict)
    #: The files in which one of these places is.
    _with_objects: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        plain = Path(os.path.abspath(self.entry))  # noqa: PTH100  links are left alone
        is_there = not self.entry.exists() or (plain.exists() and plain.samefile(self.entry))
        self._folder = plain.parent if is_there else self.entry.resolve().parent  # `..` after a link to a folder
        self._real_folder = self._folder.resolve()
        self._values = {ENTRY: self.root}

    @cached_property
    def _real_entry(self) -> str:
        return self._real(self._absolute(ENTRY))

    @cached_property
    def _ignores_case(self) -> bool:
        """Whether the file system ignores the case of letters in names."""
        with contextlib.suppress(OSError):
            return os.path.samefile(self._folder / self.entry.name.swapcase(), self._folder / self.entry.name)  # noqa: PTH121
        return False

    def join(self, base: str, uri: str) -> str | Unreadable:
        """Return the file that a relative reference without its fragment leads to from the file `base`.

        A file with several names is always returned under the same one (`_identified`).
        """
        key = (base, uri)
        found = self._joined.get(key)
        if found is None:
            self.trace.begin()
            where = self._found(base, uri)
            found = self._joined[key] = (where, self.trace.end())
        else:
            self.trace.note_all(found[1])
        return found[0]

    def _found(self, base: str, uri: str) -> str | Unreadable:
        written = self._written(base, uri)
        if isinstance(written, Unreadable) or written == self.entry.name:
            return ENTRY if written == self.entry.name else written
        self.trace.note(("file", written))
        known = self._identities.get(written)
        if known is None:
            known = self._identities[written] = self._identified(written)
            if known != written:  # another file may take its place
                self._files[written] = self._source_file(written)
        return known

    def _written(self, base: str, uri: str) -> str | Unreadable:
        """Return the file that a reference leads to as it is written, without following symbolic links."""
        is_file_uri = uri[:5].lower() == "file:"
        if not is_file_uri and _SCHEME.match(uri):
            return Unreadable(f"'{uri}' is remote, and remote documents are never fetched")
        path = unquote(uri[5:] if is_file_uri else uri)
        if not _can_be_called(path):
            return Unreadable(f"no file can be called '{path}'")
        if path.startswith("//"):
            path = "/" + path.lstrip("/").partition("/")[2] if path[2:3] != "/" else path[2:]
        if _DRIVE.match(path) and os.name == "nt":
            path = path[1:]
        if not Path(path).is_absolute():
            joined = posixpath.normpath(posixpath.join(posixpath.dirname(base), path))
            if not _leads_out(joined):
                return joined
            path = os.path.join(self._folder, joined)  # noqa: PTH118
        return self._named(os.path.normpath(path))

    def _named(self, path: str) -> str:
        """Return the name of the file at an absolute path. A folder that is left and entered again cancels out."""
        for folder in (str(self._folder), str(self._real_folder)):
            if path.startswith(os.path.join(folder, "")):  # noqa: PTH118
                return Path(path[len(folder) :].lstrip(os.sep)).as_posix()
        above = os.path.dirname(path)  # noqa: PTH120
        inside = self._inside.get(above)
        if inside is None:
            inside = self._inside[above] = self._named_folder(above)
        return posixpath.normpath(posixpath.join(inside, os.path.basename(path)))  # noqa: PTH119

    def _named_folder(self, path: str) -> str:
        """Return the name of a folder whose path does not begin with that of the entry's folder."""
        for parent in (Path(path), *Path(path).parents):
            with contextlib.suppress(OSError):
                if os.path.samefile(parent, self._folder):  # noqa: PTH121
                    return Path(path).relative_to(parent).as_posix()
        try:
            return Path(os.path.relpath(path, self._folder)).as_posix()
        except ValueError:  # it is on another drive
            return Path(path).as_posix()

    def _identified(self, written: str) -> str:
        """Return the one name of a file, whichever links lead to it and however its letters are written.

        That is its real path. But references in a file are relative to the path by which it was reached, as in other
        tools. So a link from whose place they would lead to other files counts as a file of its own.
        """
        self._look_for(written)
        path = self._absolute(written)
        real = self._real(path)
        if not os.path.exists(real):  # noqa: PTH110
            return written
        folder, name = os.path.split(path)
        for candidate in (real, os.path.join(self._real(folder), name)):  # noqa: PTH118
            found = self._named(candidate)
            if found == written:
                break
            if _leads_out(found) and not self.allow_outside:
                continue
            found = ENTRY if candidate == self._real_entry else found
            if self._means_the_same(found, written):
                return found
        return written

    def _means_the_same(self, file: str, other: str) -> bool:
        """Whether the references in a file lead to the same files under another name of it."""
        if posixpath.dirname(file) == posixpath.dirname(other):
            return True
        value = self.value(file)
        return isinstance(value, Unreadable) or all(
            self._place(file, uri) == self._place(other, uri) for uri in _relative_references(value)
        )

    def _place(self, base: str, uri: str) -> str | None:
        written = self._written(base, uri)
        if isinstance(written, Unreadable):
            return None
        self._look_for(written)
        return self._real(self._absolute(written))

    def _real(self, path: str) -> str:
        """Return the real path of a file: links followed, and letters in the case that the folder lists."""
        found = self._reals.get(path)
        if found is None:
            folder, name = os.path.split(path)
            if not name:
                return path
            found = os.path.join(self._real(folder), name)  # noqa: PTH118
            if os.path.islink(found):  # noqa: PTH114
                found = os.path.realpath(found)
            found = self._reals[path] = self._spelt(found) if self._ignores_case else found
        return found

    def _spelt(self, path: str) -> str:
        """Return a path with its last name as the folder lists it, where the file system ignores case."""
        folder, name = os.path.split(path)
        with contextlib.suppress(OSError):
            alike = self._names_in(folder).setdefault(_folded(name), [])
            for known in alike:
                same = os.path.join(folder, known)  # noqa: PTH118
                if os.path.samefile(same, path):  # noqa: PTH121
                    return same
            if os.path.exists(path):  # noqa: PTH110
                alike.append(name)  # it was created since, under this name
        return path

    def _names_in(self, folder: str) -> dict[str, list[str]]:
        """Return the names in a folder, grouped by what a file system that ignores case makes of them."""
        names = self._names.get(folder)
        if names is None:
            names = self._names[folder] = {}
            for name in sorted(os.listdir(folder)):  # noqa: PTH208
                names.setdefault(_folded(name), []).append(name)
        return names

    def _absolute(self, file: str) -> str:
        return os.path.normpath(os.path.join(self._folder, file or self.entry.name))  # noqa: PTH118

    def _look_for(self, file: str) -> None:
        if self.bring is not None:
            self.bring(self.path(file))

    def value(self, file: str) -> Value | Unreadable:
        """Return the value of a file, or why it cannot be read."""
        if file != ENTRY:
            self.trace.note(("file", plain(file)))
        if file not in self._values:
            self._values[file] = self._read(file)
        return self._values[file]

    def for_text(self, file: str) -> str:
        """Return the name of a file where a text is allowed: it is taken as a text, unless it is YAML or JSON.

        Its ending decides, and that it can be parsed: Markdown may happen to be YAML as well.
        """
        is_structured = file.lower().endswith(_STRUCTURED) or file == ENTRY
        if is_structured and not isinstance(self.value(file), Unreadable):
            return file
        text = file + AS_TEXT
        return file if isinstance(self.value(text), Unreadable) and is_structured else text

    def path(self, file: str) -> Path:
        """Return the path of a file."""
        file = plain(file)
        return self.entry if file == ENTRY else Path(self._absolute(file))

    def shown_path(self, file: str) -> str:
        """Return a file's path as the user would write it."""
        file = plain(file)
        if file == ENTRY:
            return self.shown
        if os.path.isabs(file):  # noqa: PTH117  on another drive
            return file
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.shown.replace("\\", "/")), file))

    def holds(self, file: str, tokens: tuple[str, ...]) -> bool:
        """Whether a place would exist in a file if merge keys were resolved in data as well."""
        known = self.unmerged.get(file)
        return known is not None and merged_at(self._model, _DATA, known, tokens) is not None

    def as_object(self, file: str, tokens: tuple[str, ...], kind: FieldType | None, dialect: str = "") -> str:
        """Return the name of the file in which a place holds what a reference makes of it; mostly the same file.

        kind: the type that the reference expects; None where it does not matter.
        dialect: the dialect to add to a schema that does not name it; "" for none.
        """
        known = self._as_objects.get((file, tokens))
        if known is None and kind is not None and (dialect or file in self.unmerged):
            before = resolve(self._values[file], tokens)  # type: ignore[arg-type]  # it was read
            found = merged_at(self._model, kind, self.unmerged[file], tokens) if file in self.unmerged else None
            value = before if found is None else found.value
            if dialect and isinstance(value, dict):
                value = {"$schema": dialect, **value}
            known = file if value == before else f"{file}{AS_OBJECTS}{readable(tokens)}"
            self._as_objects[file, tokens] = known
            if known != file:
                self._with_objects.add(plain(file))
                for token in reversed(tokens):
                    value = {token: value}
                self._values[known] = value  # type: ignore[assignment]
                self.merged[known] = tuple((*tokens, *place) for place in found.places) if found is not None else ()
        return known or file

    @property
    def _model(self) -> Model:
        assert self.model is not None  # else nothing is merged
        return self.model

    def files(self) -> tuple[SourceFile, ...]:
        """Return every file that was read or looked for, without the entry, in order of first use."""
        return tuple(self._files.values())

    def identity(self, file: str) -> str:
        """Return the identity of a file's content and of its real path, "" where it cannot be read.

        The path is part of it since the references in the file depend on the links that lead to it.
        """
        found = self._files.get(file) or self._looked_at.get(file)
        if found is None:
            if not self._may_be_read(file):
                return ""
            known = self.known.get(str(self._near_entry(file)))
            found = self._looked_at[file] = known or self._source_file(file)
        return f"{found.digest} {self._named(self._real(self._absolute(file)))}" if found.digest else ""

    def use(self, file: str) -> None:
        """Make slices depend on a file that was looked at without being read."""
        if file in self._looked_at:
            self._files.setdefault(file, self._looked_at[file])

    @property
    def names_dialects(self) -> bool:
        """Whether a schema in one of the files may name its dialect of JSON Schema."""
        return bool(self._naming_dialects)

    def note_telling(self, file: str) -> None:
        """Note a file in which a schema may name its dialect."""
        self._naming_dialects.add(file)

    def telling_files(self) -> list[str]:
        """Return the files in which a schema may name its dialect."""
        return sorted(self._naming_dialects)

    def is_plain(self, file: str) -> bool:
        """Whether a file means the same everywhere: no merge keys, and the version and dialect of the entry."""
        return not (file in self.merged or file in self._moved or file in self._with_objects)

    def _may_be_read(self, file: str) -> bool:
        return self.allow_outside or not (_leads_out(file) or self._is_outside(file))

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
        if b"$schema" in content:
            self.note_telling(path)
        if self.model is not None and formats.may_have_merge_keys(content):
            read, (value, self.merged[file]) = value, merged(self.model, value)
            made = self._in_own_version(file, value)
            if made is value:
                self.unmerged[file] = read
            return made
        return self._in_own_version(file, value)

    def _content(self, file: str) -> bytes | Unreadable:
        """Return the bytes of a file. From now on slices depend on it."""
        self._look_for(file)
        path = self._near_entry(file)
        if not self._may_be_read(file):
            return Unreadable(
                f"'{file}' is outside of the document's folder, where nothing is read unless allow_outside is true"
            )
        try:
            status = path.stat()
            content = read_regular(path)
        except NotRegularError as error:
            return Unreadable(f"'{file}' cannot be read: {error.strerror}")
        except OSError as error:
            self._files[file] = SourceFile(str(path), -1, NO_STAMP, "")
            missing = isinstance(error, FileNotFoundError | NotADirectoryError)
            return Unreadable(f"there is no file '{file}'" if missing else f"'{file}' cannot be read: {error.strerror}")
        self._files[file] = SourceFile(str(path), status.st_size, stamp_of(status), xxh3_128_hexdigest(content))
        return content

    def _in_own_version(self, file: str, value: Value) -> Value:
        """Return the value of a file, converted to the entry's version if it is an OpenAPI document of another one."""
        own = family_of(self.root.get("openapi")) if isinstance(self.root, dict) else None
        its = family_of(value.get("openapi")) if isinstance(value, dict) else None
        if own is None or its is None or its == own:
            return value
        from oas_tasks.document.other_versions import in_version  # it loads a quarter of all code and is seldom needed

        assert isinstance(value, dict)
        made = in_version(its, own, value)
        for loss in made.losses:
            if loss.kind != "ambiguous":
                note_around(self.losses, (file, loss.tokens), loss)
        self._moved[file] = made.moved
        self._moved_from[file] = {now: written for written, now in made.moved.items()}
        self._anchors[file] = made.anchors
        return made.value

    def anchor(self, file: str, name: str) -> tuple[str, ...] | None:
        """Return the place of a schema by its plain name, in a file converted to a version without such names."""
        return self._anchors[file].get(name) if file in self._anchors else None

    def place_now(self, file: str, tokens: tuple[str, ...]) -> tuple[str, ...]:
        """Return the place in the value of a file that corresponds to a place in the file as it is written."""
        return _moved_by(self._moved.get(file), tokens)

    def place_written(self, file: str, tokens: tuple[str, ...]) -> tuple[str, ...]:
        """Return the place in a file as it is written that corresponds to a place in its value."""
        return _moved_by(self._moved_from.get(file), tokens)

    def _source_file(self, file: str) -> SourceFile:
        """Return a file, hashed but not parsed."""
        path = self._near_entry(file)
        try:
            status = path.stat()
            return SourceFile(str(path), status.st_size, stamp_of(status), xxh3_128_hexdigest(read_regular(path)))
        except OSError:
            return SourceFile(str(path), -1, NO_STAMP, "")

    def _near_entry(self, file: str) -> Path:
        """Return a file's path, relative if the entry's is, so that stored facts about it hold in a clone as well."""
        path = self.entry.parent / file
        # After a link to a folder, `..` leads the file system to the parent of the folder that it links to.
        return Path(os.path.normpath(path)) if _leads_out(file) else path

    def _is_outside(self, file: str) -> bool:
        """Whether a file is outside of the entry's folder once symbolic links are followed."""
        return _leads_out(self._named(self._real(self._absolute(file))))


def _moved_by(table: Mapping[tuple[str, ...], tuple[str, ...]] | None, tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Return where a place has moved; a place moves together with everything below it."""
    for length in range(len(tokens), 0, -1) if table else ():
        if table is not None and tokens[:length] in table:
            return table[tokens[:length]] + tokens[length:]
    return tokens


def plain(file: str) -> str:
    """Return the name of a file without a mark such as `AS_TEXT`."""
    return file.partition("\0")[0]


def _leads_out(file: str) -> bool:
    """Whether a file is outside of the entry's folder, judged by its name."""
    return file == ".." or file.startswith("../") or os.path.isabs(file)  # noqa: PTH117


def _can_be_called(name: str) -> bool:
    """Whether the file system allows a name."""
    try:
        return b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        return False


def _folded(name: str) -> str:
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


#: Keys whose values are taken for URI references anywhere: the types of objects are not known here, and one too many
#: does no harm.
_REFERRING = frozenset({"$ref", "$dynamicRef", "operationRef", "defaultMapping"})


def _relative_references(value: Value) -> Iterator[str]:
    """Yield every text that may be a reference to another file, without its fragment."""
    pending = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            mapping = node.get("mapping")
            texts = [node[key] for key in _REFERRING if key in node]
            texts += mapping.values() if isinstance(mapping, dict) else ()
            for text in texts:
                uri = text.partition("#")[0] if isinstance(text, str) else ""
                if uri and not _SCHEME.match(uri):
                    yield uri
            pending += node.values()
