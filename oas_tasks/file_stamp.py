"""Tells from a file's metadata whether it has changed, without reading it.

Size and modification time are not enough: tar, `git archive`, container builds and Nix pin the latter, so an edit of
the same length shows in neither. No tool sets the inode's number and the time of its last change, so these are used as
well, as in git's index (https://git-scm.com/docs/index-format). Windows has no such time.
"""

from __future__ import annotations

import os

#: Whether a stamp shows every change of a file that was not written just before.
IS_TELLING = os.name != "nt"

#: The stamp of a file that does not exist.
NO_STAMP = ""


def stamp_of(status: os.stat_result) -> str:
    """Return a text that changes when the file is changed or replaced, even by one of the same size."""
    if IS_TELLING:
        return f"{status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"
    return str(status.st_mtime_ns)


def changed_ns(status: os.stat_result) -> int:
    """Return the time of the last change of a file, as far as it is known, in nanoseconds since the epoch."""
    return max(status.st_mtime_ns, status.st_ctime_ns) if IS_TELLING else status.st_mtime_ns
