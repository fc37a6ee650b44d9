"""Tells from a file's metadata whether it has changed, without reading it.

Size and modification time are not enough: tar, `git archive`, container builds and Nix pin the latter, so that an edit
of the same length shows in neither. The time of the last change of the inode and its number, which no tool sets, do it,
as in git's index (https://git-scm.com/docs/index-format). Windows has no such time.
"""

from __future__ import annotations

import os

#: Whether stamps tell of every change of a file that was left alone for a while.
IS_TELLING = os.name != "nt"

#: The stamp of a file that is not there.
NO_STAMP = ""


def stamp_of(status: os.stat_result) -> str:
    """Return a text that differs after the file was changed or replaced, even by one of the same size."""
    if IS_TELLING:
        return f"{status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"
    return str(status.st_mtime_ns)


def changed_ns(status: os.stat_result) -> int:
    """Return when a file was last changed, as far as is known, in nanoseconds since the epoch."""
    return max(status.st_mtime_ns, status.st_ctime_ns) if IS_TELLING else status.st_mtime_ns
