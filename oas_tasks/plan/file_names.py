"""Names the files of slices: `/users/{id}` GET -> `users-id_GET.yaml`.

A name shows its endpoint at a glance, is valid on every file system, and is unique even where a file system ignores
case or the encoding of accents. It may depend on the other endpoints of the document, but never on their order.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence

from xxhash import xxh3_64_hexdigest

from oas_tasks.document.place import EndpointKey

#: The longest name, in bytes of UTF-8. File systems allow 255, and temporary names are longer.
LONGEST = 200

#: The longest method in it, so that there is room for the path.
_LONGEST_METHOD = 100

#: Characters that become `-`; a run of them, `-` included, becomes a single one.
_UNSAFE = re.compile(r"[^\w~]+")


def file_names(endpoints: Sequence[EndpointKey], format: str) -> list[str]:  # noqa: A002  the setting's name
    """Return the file names of all endpoints of a document, given as (path, method), in the same order.

    If a name is taken twice or too long, the hash of the path is added to it. If that is not enough (methods that
    differ only in characters that file names cannot have), the hash covers the method too.
    """
    names = {endpoint: _name(endpoint, "", format) for endpoint in endpoints}
    marks = dict.fromkeys(names, 0)
    rivals = {endpoint for endpoint, name in names.items() if len(_bytes(name)) > LONGEST} | _rivals(names, marks)
    while rivals:
        for endpoint in rivals:
            names[endpoint] = _name(endpoint, _MARKS[marks[endpoint]](*endpoint), format)
            marks[endpoint] += 1
        rivals = _rivals(names, marks)
    _number(names, format)
    return [names[endpoint] for endpoint in endpoints]


#: The mark that is added to a name at its first clash, and at its second.
_MARKS = (
    lambda path, method: f"~{_digits(path)}",
    lambda path, method: f"~{_digits(f'{method} {path}')}",
)


def _digits(text: str) -> str:
    return xxh3_64_hexdigest(_bytes(text))[:8]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _name(endpoint: EndpointKey, mark: str, format: str) -> str:  # noqa: A002
    """Return an endpoint's file name; one with a mark is cut to the allowed length.

    Windows' reserved names (`CON`, `NUL.txt`) cannot occur: what counts is the text before the first dot, and that
    always has `_` and the method.
    """
    path, method = endpoint
    method = _cut(_safe(method) or "method", _LONGEST_METHOD)
    ending = f"{mark}_{method}.{format}"
    stem = _safe(path) or "root"
    return (_cut(stem, LONGEST - len(_bytes(ending))) if mark else stem) + ending


def _safe(text: str) -> str:
    return _UNSAFE.sub("-", unicodedata.normalize("NFC", text)).strip("-")


def _cut(text: str, size: int) -> str:
    """Return as many whole characters of a text as fit into `size` bytes."""
    encoded = text.encode()
    return text if len(encoded) <= size else encoded[:size].decode("utf-8", "ignore").rstrip("-")


def _key(name: str) -> str:
    """Return a key that is equal for names that some file system takes as equal (Unicode, "Caseless Matching")."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


def _clashes(names: Mapping[EndpointKey, str]) -> list[list[EndpointKey]]:
    """Return groups of endpoints that have the same name."""
    groups: defaultdict[str, list[EndpointKey]] = defaultdict(list)
    for endpoint, name in names.items():
        groups[_key(name)].append(endpoint)
    return [group for group in groups.values() if len(group) > 1]


def _rivals(names: Mapping[EndpointKey, str], marks: Mapping[EndpointKey, int]) -> set[EndpointKey]:
    """Return the endpoints whose names have to change: among those with the same name, the ones with fewest marks.

    So a path that is literally `/a~12345678` gives way to one that got this name by its mark, not the other way round.
    """
    found: set[EndpointKey] = set()
    for group in _clashes(names):
        least = min(marks[endpoint] for endpoint in group)
        if least < len(_MARKS):
            found.update(endpoint for endpoint in group if marks[endpoint] == least)
    return found


def _number(names: dict[EndpointKey, str], format: str) -> None:  # noqa: A002
    """Number the names that still clash, of endpoints with equal hashes."""
    clashes = [sorted(group) for group in _clashes(names)]
    taken = {_key(name) for name in names.values()}
    for endpoint in sorted(endpoint for group in clashes for endpoint in group[1:]):
        number = 1
        while _key(names[endpoint]) in taken:
            number += 1
            names[endpoint] = _name(endpoint, f"{_MARKS[-1](*endpoint)}-{number}", format)
        taken.add(_key(names[endpoint]))
