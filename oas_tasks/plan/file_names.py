"""What the files of slices are called: `/users/{id}` GET -> `users-id_GET.yaml`.

A name says at a glance which endpoint it is, can stand on every file system, and belongs to one endpoint alone, also
where a file system ignores case or how an accent is written. Which name an endpoint gets depends on the other endpoints
of its document, on their order never.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence

from xxhash import xxh3_64_hexdigest

#: The most that a name may have, in bytes of UTF-8: file systems take 255, and a temporary name is longer.
LONGEST = 200

#: The most of it that is the method's, so that something is left of the path.
_LONGEST_METHOD = 100

#: What becomes `-`. A `-` is among it, so that runs become one.
_UNSAFE = re.compile(r"[^\w~]+")

_Endpoint = tuple[str, str]  # its path and its method


def file_names(endpoints: Sequence[_Endpoint], format: str) -> list[str]:  # noqa: A002  the setting's name
    """Return the file names of all endpoints of a document, given as (path, method), in the same order.

    An endpoint whose plain name another one has too, or whose name is too long, is marked with its path's hash. Where
    that does not tell them apart (methods that differ in what a file name cannot hold), the method is hashed too.
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


#: What an endpoint's name is marked with when it first clashes, and when it does so again.
_MARKS = (
    lambda path, method: f"~{_digits(path)}",
    lambda path, method: f"~{_digits(f'{method} {path}')}",
)


def _digits(text: str) -> str:
    return xxh3_64_hexdigest(_bytes(text))[:8]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _name(endpoint: _Endpoint, mark: str, format: str) -> str:  # noqa: A002
    """Return an endpoint's file name; one with a mark is cut to the length that is allowed.

    Windows' reserved names (`CON`, `NUL.txt`) need no care: they are such only up to the first dot, and here `_` and
    the method stand before it.
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
    """Return what is the same for names that some file system takes for the same (Unicode, "Caseless Matching")."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


def _clashes(names: Mapping[_Endpoint, str]) -> list[list[_Endpoint]]:
    """Return the endpoints that have the same name, together."""
    groups: defaultdict[str, list[_Endpoint]] = defaultdict(list)
    for endpoint, name in names.items():
        groups[_key(name)].append(endpoint)
    return [group for group in groups.values() if len(group) > 1]


def _rivals(names: Mapping[_Endpoint, str], marks: Mapping[_Endpoint, int]) -> set[_Endpoint]:
    """Return the endpoints that have to change their names: of those with the same name, the least marked.

    So a path that is literally `/a~12345678` gives way to one that got this name as its mark, not the other way round.
    """
    found: set[_Endpoint] = set()
    for group in _clashes(names):
        least = min(marks[endpoint] for endpoint in group)
        if least < len(_MARKS):
            found.update(endpoint for endpoint in group if marks[endpoint] == least)
    return found


def _number(names: dict[_Endpoint, str], format: str) -> None:  # noqa: A002
    """Number those that still have the same name: endpoints whose hashes are the same in all their digits."""
    clashes = [sorted(group) for group in _clashes(names)]
    taken = {_key(name) for name in names.values()}
    for endpoint in sorted(endpoint for group in clashes for endpoint in group[1:]):
        number = 1
        while _key(names[endpoint]) in taken:
            number += 1
            names[endpoint] = _name(endpoint, f"{_MARKS[-1](*endpoint)}-{number}", format)
        taken.add(_key(names[endpoint]))
