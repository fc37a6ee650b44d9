"""Loads an OpenAPI document and checks that it can be sliced at all.

Only faults that leave nothing to slice are reported here: no mapping, no version, another version, no paths. Validation
checks the content, endpoint by endpoint.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from oas_tasks import formats
from oas_tasks.document.members import KnownMembers, MemberTable
from oas_tasks.document.trace import Trace
from oas_tasks.errors import DocumentError, Where
from oas_tasks.formats import Value
from oas_tasks.formats.decimals import is_number
from oas_tasks.formats.locate import locate
from oas_tasks.openapi.model import FAMILIES, Family, Model, model_of
from oas_tasks.regular_files import NotRegularError, read_regular

_VERSION = re.compile(r"(3)\.(0|1|2)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?")

#: A version in a text that is none, such as `v3.1.0` and `3.1`.
_VERSION_WITHIN = re.compile(r"(?<![\d.])(3\.[012])(?:\.(\d{1,2}))?(?![\d.])")

#: What to do about a file that is no OpenAPI document.
_BEGINS = "OpenAPI documents have a field with their version, such as openapi: 3.1.0"


#: The mappings whose members a document is split into.
CONTAINERS = (("paths",), ("webhooks",), ("components",), ("components", "*"))


class Document(NamedTuple):
    """An OpenAPI document as read.

    file: its path as the user wrote it, for messages.
    root: the whole document.
    model: the object model of its version.
    merged: the places of entries that came from YAML's merge keys.
    unmerged: the root before merge keys were resolved, None where there can be none.
    names_dialects: its schemas may name their dialect of JSON Schema.
    table: its members, where they are read one by one; then `root` and the mappings in it are `Members`.
    trace: notes what is read of it.
    """

    file: str
    root: dict[str, Value]
    model: Model
    merged: tuple[tuple[str, ...], ...] = ()
    names_dialects: bool = False
    unmerged: Value = None
    table: MemberTable | None = None
    trace: Trace = Trace(is_on=False)


def read_bytes(file: Path, shown: str) -> bytes:
    """Return a document's bytes. Raises DocumentError where the file is not there or cannot be read."""
    try:
        return read_regular(file)
    except NotRegularError as error:
        raise DocumentError(
            f"{error.strerror}, and a document is read more than once", Where(shown), "Save it first"
        ) from None
    except FileNotFoundError:
        raise DocumentError("there is no such file", Where(shown), _nearby(file)) from None
    except IsADirectoryError:
        raise _folder_fault(file, shown) from None
    except OSError as error:
        if file.is_dir():  # what Windows calls a permission error
            raise _folder_fault(file, shown) from None
        raise DocumentError(f"cannot be read: {error.strerror}", Where(shown)) from None


NOTHING_KNOWN = KnownMembers({}, {})

#: The keyword by which a schema names its dialect.
_DIALECT = b"$schema"

#: No merge key is longer, in bytes, with the white space around it.
_MARGIN = 1 << 12


def load_document(content: bytes, shown: str, known: KnownMembers = NOTHING_KNOWN, processes: int = 1) -> Document:
    """Return the document in `content`. Members that are known are read only when they are needed.

    shown: the file's path as the user wrote it, whose ending also tells the format.
    known: members of earlier documents, which were readable.
    processes: how many processes may read.

    Raises FormatError for text that is neither YAML nor JSON, DocumentError for anything but OpenAPI 3.0 to 3.2.
    """
    chunks = formats.Chunks.of(content)
    again = None if known.split is None else formats.split_again(content, chunks, known.split, CONTAINERS)
    spans = formats.cut(content, shown, CONTAINERS) if again is None else again.spans
    if spans is None:
        return parse_document(content, shown)
    from oas_tasks.document.parallel import read_members

    # Merge keys refer from one member to another. Only documents without are split again.
    changed = content if again is None else content[max(0, again.begin - _MARGIN) : again.end + _MARGIN]
    if formats.may_have_merge_keys(changed):
        values = read_members(content, spans, processes)
        return parse_document(content, shown, None if values is None else formats.nested(values))
    table = MemberTable(content, formats.Split(spans, chunks), known, again)
    values = read_members(content, table.unknown, processes) if table.unknown else {}
    if values is None:
        return parse_document(content, shown)
    trace = Trace()
    # What was not there before can only be in what changed.
    table.names_dialects = _DIALECT in (content if known.names_dialects else changed)
    document = parse_document(content, shown, table.root(trace, values), is_plain=True, dialects=table.names_dialects)
    return document._replace(table=table, trace=trace)


def parse_document(
    content: bytes, shown: str, root: Value = None, is_plain: bool = False, dialects: bool | None = None
) -> Document:
    """Return the document in `content`.

    shown: the file's path as the user wrote it, whose ending also tells the format.
    root: the value of `content`, if it was read already.
    is_plain: it is known to have no merge keys.
    dialects: its schemas may name their dialect, as far as that is known.

    Raises FormatError for text that is neither YAML nor JSON, DocumentError for anything but OpenAPI 3.0 to 3.2.
    """
    root = formats.read(content, shown) if root is None else root

    def fault(message: str, *tokens: str, hint: str | None = None) -> DocumentError:
        line, column = locate(content, shown, tokens) or (None, None)
        return DocumentError(message, Where(shown, line, column), hint)

    if not isinstance(root, dict):
        formats.check_kind(content, shown)
        raise fault(f"an OpenAPI document is a mapping, and this is {words_for(root)}", hint=_BEGINS)
    has_merge_keys = not is_plain and formats.may_have_merge_keys(content)
    if has_merge_keys:
        from oas_tasks.openapi.merge_keys import followed, merged  # few documents need it

        own = root.keys()
        root = followed(root)
    if "openapi" not in root:
        message, field, hint = _without_version(root, content, shown)
        raise fault(message, *field, hint=hint)
    family = family_of(root["openapi"])
    if family is None:
        message, hint = _version_fault(root["openapi"])
        raise fault(message, "openapi", hint=hint)
    paths = root.get("paths")
    if "paths" in root and not isinstance(paths, dict) and not isinstance(root.get("webhooks"), dict):
        raise fault(f"'paths' must be a mapping, and this is {words_for(paths)}", "paths")
    if family == "3.0" and "paths" not in root:  # later versions need only webhooks or components
        raise fault("an OpenAPI 3.0 document must have 'paths', and this one has none", hint=meant_by("paths", root))
    model = model_of(family)
    places: list[tuple[str, ...]] = []
    unmerged = root if has_merge_keys else None
    if has_merge_keys:
        places += ((key,) for key in root if key not in own)
        found = merged(model, root)
        root, places = found.value, [*places, *found.places]
    assert isinstance(root, dict)
    names_dialects = _DIALECT in content if dialects is None else dialects
    return Document(shown, root, model, tuple(places), names_dialects, unmerged)


def _without_version(root: Mapping[str, Value], content: bytes, shown: str) -> tuple[str, tuple[str, ...], str | None]:
    """Return what a document without an `openapi` field is, the field that tells, and what to do.

    Raises FormatError for the text of another format that can be read as YAML.
    """
    if "swagger" in root:
        message = f"this is a Swagger {root['swagger']} document, and only OpenAPI 3.0, 3.1 and 3.2 can be sliced"
        return message, ("swagger",), "Upgrade it first, for example with swagger2openapi or the Swagger Editor"
    from oas_tasks.document.foreign_documents import foreign_document, misspelt_field

    message = "this is not an OpenAPI document: it has no 'openapi' field"
    misspelt = misspelt_field(root)
    if misspelt is not None:
        hint = f"Did you mean 'openapi' by '{misspelt}'?"
        is_spelt = misspelt.lower().strip() == "openapi"
        return message, (misspelt,), f"{hint} It is written in small letters" if is_spelt else hint
    kind = foreign_document(root)
    if kind is not None:
        return f"this is {kind.name}, not an OpenAPI document", (), kind.hint
    formats.check_kind(content, shown)
    return message, (), _BEGINS


def family_of(version: Value) -> Family | None:
    """Return the family of versions that an `openapi` field names, None for any other value."""
    match = _VERSION.fullmatch(version) if isinstance(version, str) else None
    return next((f for f in FAMILIES if match and f == f"{match[1]}.{match[2]}"), None)


def _version_fault(version: Value) -> tuple[str, str | None]:
    """Return what is wrong with a version, and what to do."""
    if isinstance(version, float | int) and not isinstance(version, bool):
        return f"'openapi' must be a string such as '3.1.0', and {version} is a number; put it in quotes", None
    if not isinstance(version, str):
        return f"'openapi' must be a string such as '3.1.0', and this is {words_for(version)}", None
    message = f"OpenAPI version {version!r} is not one that can be sliced (3.0.x, 3.1.x or 3.2.x)"
    found = _VERSION_WITHIN.search(version)
    if found is None or found[1] not in FAMILIES:
        return message, None
    return message, f"Did you mean '{found[1]}.{found[2] or 0}'?"


def words_for(value: Value) -> str:
    """Return the kind of a value in JSON's terms."""
    for kind, words in (
        (bool, "a boolean"),
        (dict, "a mapping"),
        (list, "a list"),
        (str, "a string"),
    ):
        if isinstance(value, kind):
            return words
    return "a number" if is_number(value) else "empty"


def _folder_fault(folder: Path, shown: str) -> DocumentError:
    return DocumentError("this is a folder, not a file", Where(shown), _documents_of(folder) or "Name the file in it")


def _documents_of(folder: Path) -> str | None:
    """Return the question whether a document in a folder was meant, None where there is none."""
    from oas_tasks.document.foreign_documents import documents_in

    names = [f"'{each}'" for each in documents_in(folder)]
    return f"Did you mean {' or '.join(names[:3])}?" if names else None


def meant_by(field: str, root: Mapping[str, Value]) -> str | None:
    """Return the question whether another root field was meant to be this one, None if none is similar."""
    from difflib import get_close_matches

    close = [name for name in root if name.lower() == field] or get_close_matches(field, root, n=1)
    return f"Did you mean '{field}' by '{close[0]}'?" if close else None


def _nearby(file: Path) -> str | None:
    """Return a hint that names the most similar file beside a missing one."""
    from difflib import get_close_matches

    try:
        names = [entry.name for entry in file.parent.iterdir() if entry.is_file()]
    except OSError:
        return None
    guess = [each for each in names if each.casefold() == file.name.casefold()]
    guess = guess or get_close_matches(file.name, names, n=1)
    if not guess:  # the same name with another ending
        endings = (".yaml", ".yml", ".json")
        guess = [each for each in names if Path(each).stem == file.stem and each.lower().endswith(endings)]
    if guess:
        return f"Did you mean '{file.parent / guess[0]}'?"
    return _documents_of(file.parent)
