"""Joins URI references with their base."""

from __future__ import annotations

from urllib.parse import urljoin


def join(base: str, uri: str) -> str:
    """Return a URI reference resolved against a base.

    If one of the two is not a URI at all (`http://[a`), the reference is returned as it is written: it leads nowhere.
    """
    try:
        return urljoin(base, uri)
    except ValueError:
        return uri
