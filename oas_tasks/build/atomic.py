"""Files as a whole: comparing them, and writing them so that nobody ever sees a half-written one."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from oas_tasks.regular_files import check_replaceable, read_regular

#: What temporary files end in; one that a killed run left behind is known by it.
TEMPORARY_SUFFIX = ".oas-tmp"


def write_atomically(file: Path, content: bytes) -> None:
    """Write `content` to a temporary name in the same folder, then rename it to `file`. Raises OSError.

    A symbolic link is replaced, and what it leads to is left alone; a pipe, device or socket is left where it is.
    """
    check_replaceable(file)
    temporary = file.with_name(f".{os.getpid()}-{threading.get_ident()}{TEMPORARY_SUFFIX}")
    try:
        with os.fdopen(_created(temporary), "wb") as stream:
            stream.write(content)
        temporary.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _created(temporary: Path) -> int:
    """Return a descriptor of a new file; what a killed run, or somebody else, left under its name goes."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        return os.open(temporary, flags, 0o666)
    except FileExistsError:
        temporary.unlink()
        return os.open(temporary, flags, 0o666)


def holds(file: Path, content: bytes) -> bool:
    """Whether a file has exactly this content."""
    with contextlib.suppress(OSError):
        return file.lstat().st_size == len(content) and read_regular(file, follow=False) == content
    return False


def holds_but_for_line_ends(file: Path, content: bytes) -> bool:
    """Whether a file has this content when line ends do not count, as where git converts them on checkout."""
    with contextlib.suppress(OSError):
        return read_regular(file, follow=False).replace(b"\r\n", b"\n") == content.replace(b"\r\n", b"\n")
    return False
