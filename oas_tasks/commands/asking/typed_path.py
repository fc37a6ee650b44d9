"""Reads the path of a file or folder as people type, paste and drag it, and completes it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

#: The most completions.
_MOST = 200


def typed_path(text: str) -> str:
    """Return the path that a text means: without the quotes of a dragged file, as a path where it is a file's address.

    `~` is the user's folder. A path into the current folder becomes relative. Backslashes in front of characters, as
    some terminals have them in the paths of dragged files, are understood.
    """
    path = text.strip()
    path = re.sub(r"\A&\s+(?=['\"])", "", path)  # PowerShell
    if len(path) > 1 and path[0] == path[-1] and path[0] in "'\"":
        path = path[1:-1].replace("'\\''", "'").replace("''", "'") if path[0] == "'" else path[1:-1]
    elif sys.platform != "win32" and "\\" in path and not os.path.lexists(path):
        path = re.sub(r"\\(.)", r"\1", path)
    if path[:7].lower() == "file://":
        from urllib.parse import unquote, urlsplit
        from urllib.request import url2pathname

        address = urlsplit(path)
        host = "" if address.netloc in ("", "localhost") else f"//{address.netloc}"
        path = host + (url2pathname(address.path) if sys.platform == "win32" else unquote(address.path))
    path = os.path.expanduser(path)  # noqa: PTH111  Path.expanduser raises where there is no such user
    inside = os.path.join(os.getcwd(), "")  # noqa: PTH109, PTH118
    return path[len(inside) :] if path.startswith(inside) and len(path) > len(inside) else path


def completed_paths(text: str, is_wanted: Callable[[Path], bool]) -> list[str]:
    """Return the paths that begin like a text, folders with a separator at their ends.

    is_wanted: whether to return a file; folders always are.
    """
    quote = text[:1] if text[:1] in ("'", '"') else ""
    typed = text[len(quote) :]
    head, name = os.path.split(typed)
    folder = Path(os.path.expanduser(head) or ".")  # noqa: PTH111
    found: list[str] = []
    try:
        for each in sorted(folder.iterdir()):
            if not each.name.startswith(name) or (each.name.startswith(".") and not name):
                continue
            is_folder = each.is_dir()
            if is_folder or is_wanted(each):
                found.append(f"{quote}{os.path.join(head, each.name)}{os.sep if is_folder else ''}")  # noqa: PTH118
    except (OSError, ValueError):
        return []
    return found[:_MOST]
