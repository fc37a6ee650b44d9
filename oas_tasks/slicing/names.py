"""File names of slices: `/users/{id}` GET -> `users-id_GET.yaml`.

Readable first; where two names would be the same file on some file system, or one is too long, all concerned get a hash.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from xxhash import xxh3_64_hexdigest

#: Bytes of UTF-8 that a whole file name may have.
MAX_BYTES = 200

_UNFIT = re.compile(r"[^\w~-]+|-{2,}")
_RUN = re.compile(r"-{2,}")


def file_names(endpoints: Sequence[tuple[str, str]], form: str) -> list[str]:
    """Return a file name for each (path, method); no two are the same ignoring case, whatever their order.

    form: "yaml" or "json", the ending.
    """
    plain = [_name(path, method, form, "") for path, method in endpoints]
    counts = Counter(map(_folded, plain))
    hashed = {index for index, name in enumerate(plain) if counts[_folded(name)] > 1 or len(name.encode()) > MAX_BYTES}
    #: How many endpoints of a path have methods that read the same in a name.
    alike = Counter((path, _folded(_fit(method))) for path, method in endpoints)
    digits = 8
    while True:
        names = list(plain)
        for index in hashed:
            path, method = endpoints[index]
            exact = path if alike[path, _folded(_fit(method))] == 1 else f"{path}\0{method}"
            digest = xxh3_64_hexdigest(exact.encode("utf-8", "surrogatepass"))[:digits]
            names[index] = _name(path, method, form, f"~{digest}")
        taken = Counter(map(_folded, names))
        clashing = {index for index, name in enumerate(names) if taken[_folded(name)] > 1}
        if not clashing:
            return names
        if clashing <= hashed:
            digits = 16  # eight did not tell them apart
        hashed |= clashing  # a plain name can look like another's name with its hash


def _folded(name: str) -> str:
    """Return what file systems that ignore case or normalise Unicode take a name for."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _fit(text: str) -> str:
    """Return a text with every run of other characters than letters, digits, `_`, `~` and `-` made one `-`."""
    return _RUN.sub("-", _UNFIT.sub("-", text)).strip("-")


def _name(path: str, method: str, form: str, mark: str) -> str:
    """Return a file name with a mark before its method; one with a mark is cut to the length that is allowed."""
    stem = _fit(path) or "root"
    ending = f"{mark}_{_fit(method) or 'method'}.{form}"
    if mark:
        stem = stem.encode()[: max(MAX_BYTES - len(ending.encode()), 1)].decode("utf-8", "ignore").rstrip("-")
    return stem + ending
