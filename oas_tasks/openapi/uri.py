"""Joins URI references with their base."""

from __future__ import annotations

from urllib.parse import urljoin


def join(base: str, uri: str) -> str:
    """Return a URI reference as the URI that it is relative to a base.

    Where one of the two is no URI at all (`http://[a`), the reference as it is written: it leads nowhere.
    """
    try:
        return urljoin(base, uri)
    except ValueError:
        return uri
