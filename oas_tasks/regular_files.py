"""Reads regular files only: pipes and devices are refused, never waited for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

#: O_NONBLOCK, since opening a pipe without a writer would wait for ever; Windows has no pipes in its folders.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)

_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


class NotRegularError(OSError):
    """A path leads to something other than a regular file; `strerror` says in words what it is."""


def read_regular(file: Path | str, follow: bool = True) -> bytes:
    """Return the content of a regular file.

    follow: read the target of a symbolic link; otherwise links are refused too.

    Raises NotRegularError for pipes, devices and sockets (and links, where they are not followed), IsADirectoryError
    for a folder (on Windows PermissionError), and OSError as `open` does.
    """
    if not follow and os.path.islink(file):  # noqa: PTH114  Windows has no O_NOFOLLOW
        raise NotRegularError(errno.EINVAL, "this is a symbolic link", str(file))
    flags = _FLAGS if follow else _FLAGS | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(file, flags)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket
            raise NotRegularError(errno.EINVAL, "this is a socket", str(file)) from None
        raise
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
        if not stat.S_ISREG(mode):
            raise NotRegularError(errno.EINVAL, f"this is {kind_of(mode)}", str(file))
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read()
    finally:
        os.close(descriptor)


def kind_of(mode: int) -> str:
    """Return the kind of a special file in words: `a pipe`.

    mode: `st_mode` of its status.
    """
    return next((words for is_kind, words in _KINDS if is_kind(mode)), "something else")


def check_replaceable(file: Path) -> None:
    """Raise NotRegularError if there is a pipe, device or socket at a path that is going to be written.

    Symbolic links pass: writing by renaming replaces the link and leaves its target alone.
    """
    try:
        mode = os.lstat(file).st_mode
    except OSError:
        return
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode)):
        raise NotRegularError(errno.EEXIST, f"{kind_of(mode)} stands there, which nothing is written to", str(file))
