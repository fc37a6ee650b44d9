"""Questions to git, of which the build asks none: for commands that compare with what is committed."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

from oas_tasks.errors import UserError

#: What git says of a repository of another user, as a job in a container has it.
_NOT_TRUSTED = b"safe.directory"


#: A repository that is committed as files into another one is none, and no setting of one names a program to run.
CAUTIOUS = ("-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false")


@cache
def git_program() -> str:
    """Return the path of git. Raises UserError where there is none.

    Only absolute folders of PATH count: Windows looks in the current folder first, which is whoever's was checked out.
    """
    name = "git.exe" if os.name == "nt" else "git"
    for folder in map(Path, os.get_exec_path()):
        if folder.is_absolute() and os.access(folder / name, os.X_OK):
            return str(folder / name)
    raise UserError("git is not installed, and revisions are its business", None, "Name two files instead")


def git(*arguments: str) -> str | None:
    """Return what git answers, None where it has nothing to say.

    Raises UserError where there is no git, or where it refuses to read the repository.
    """
    command = [git_program(), "--literal-pathspecs", *CAUTIOUS, *arguments]
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603
    if _NOT_TRUSTED in done.stderr and done.returncode != 0:
        message = "git reads nothing here, since the repository belongs to another user"
        raise UserError(message, None, "'git status' says how to allow it")
    answer = done.stdout.decode("utf-8", "surrogateescape").rstrip("\r\n")
    return answer if done.returncode == 0 else None


def paths(*arguments: str) -> set[Path] | None:
    """Return the files that git lists with `-z`, None where it lists none because it failed. Raises UserError."""
    answer = git(arguments[0], "-z", *arguments[1:])
    return None if answer is None else {Path(name) for name in answer.split("\0") if name}
