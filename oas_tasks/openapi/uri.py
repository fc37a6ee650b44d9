"""Joins URI references with their base."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin


def join(base: str, uri: str) -> str:
    """Return a URI reference resolved against a base.

    If one of the two is not a URI at all (`http://[a`), the reference is returned as it is written: it leads nowhere.
    """
    try:
        return urljoin(base, uri)
    except ValueError:
        return uri


def uri_around(scopes: Mapping[tuple[str, ...], str], tokens: tuple[str, ...]) -> str | None:
    """Return the base URI at a place: that of the innermost scope around it, None without any.

    scopes: the URIs of schemas that have an `$id`, by their places.
    """
    if not scopes:
        return None
    return next((scopes[tokens[:n]] for n in range(len(tokens), -1, -1) if tokens[:n] in scopes), None)
