"""Reads, writes and resolves JSON Pointers (RFC 6901) in the fragments of references.

Decoding order (RFC 6901 section 6): percent-encoding first, then `~1`, then `~0`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import quote, unquote

from oas_tasks.formats import Value

#: A place in a document while it is walked: () for its root, else (parent's path, key or index). Cheap to make,
#: turned into text only for messages.
Path: TypeAlias = "tuple[()] | tuple[Path, str | int]"

#: The tokens of a JSON Pointer, from the root to a place: keys as they are in the document, list indexes as digits.
Pointer: TypeAlias = tuple[str, ...]

# The characters that RFC 3986 allows in a fragment unencoded, besides letters, digits and "_.-~".
_FRAGMENT_SAFE = "/?:@!$&'()*+,;="


@lru_cache(maxsize=16_384)  # many references are the same
def decode(fragment: str) -> Pointer | None:
    """Return the tokens of a URI fragment without its `#`, or None where it is no JSON Pointer."""
    text = unquote(fragment)
    if text == "":
        return ()
    if not text.startswith("/"):
        return None
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in text[1:].split("/"))


def escape(token: str) -> str:
    """Return a key as one token of a JSON Pointer."""
    return token if "/" not in token and "~" not in token else token.replace("~", "~0").replace("/", "~1")


def encode(tokens: Iterable[str]) -> str:
    """Return tokens as a JSON Pointer in a URI fragment, with its `#`."""
    return "#" + quote("".join("/" + escape(token) for token in tokens), safe=_FRAGMENT_SAFE)


def tokens_of(path: Path) -> Pointer:
    """Return the tokens from the root to a place of a walk."""
    tokens: list[str] = []
    while path:
        path, token = path
        tokens.append(str(token))
    return tuple(reversed(tokens))


def indexes_of(path: Path) -> tuple[str | int, ...]:
    """Return the tokens to a place of a walk, list indexes as numbers."""
    tokens: list[str | int] = []
    while path:
        path, token = path
        tokens.append(token)
    return tuple(reversed(tokens))


def readable(tokens: Iterable[str]) -> str:
    """Return tokens as a JSON Pointer for people: `#/paths/~1users/get`, without percent-encoding."""
    return "#" + "".join("/" + escape(token) for token in tokens)


def from_readable(pointer: str) -> tuple[str, ...]:
    """Return the tokens of a pointer that `readable` returned."""
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


MISSING = object()


def resolve(value: Value, tokens: Iterable[str]) -> object:
    """Return the value that the tokens lead to below `value`, or MISSING."""
    for token in tokens:
        if isinstance(value, dict):
            try:
                value = value[token]
            except KeyError:
                return MISSING
        elif isinstance(value, list):
            if not (token.isascii() and token.isdigit()) or (len(token) > 1 and token[0] == "0"):
                return MISSING
            index = int(token)
            if index >= len(value):
                return MISSING
            value = value[index]
        else:
            return MISSING
    return value
