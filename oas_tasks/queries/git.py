"""Asks git for files and revisions, for commands that compare with what is committed; a build does without."""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import Self

from oas_tasks.errors import UserError

#: git's message about a repository of another user, as in a job in a container.
_NOT_TRUSTED = b"safe.directory"


#: Options against planted repositories: ignore one committed as files, and run no program that a setting names.
CAUTIOUS = ("-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false")


@cache
def git_program() -> str:
    """Return the path of git. Raises UserError where there is none.

    Only absolute folders of PATH count: Windows looks in the current folder first, where a planted git could be.
    """
    name = "git.exe" if os.name == "nt" else "git"
    for folder in map(Path, os.get_exec_path()):
        if folder.is_absolute() and os.access(folder / name, os.X_OK):
            return str(folder / name)
    raise UserError("git is not installed, which has the revisions", None, "Name two files instead")


def is_installed() -> bool:
    """Whether there is git."""
    try:
        return bool(git_program())
    except UserError:
        return False


def git(*arguments: str) -> str | None:
    """Return the output of a git command, None where it failed.

    Raises UserError where there is no git, or where it refuses to read the repository.
    """
    done = _finished(*arguments)
    answer = done.stdout.decode("utf-8", "surrogateescape").rstrip("\r\n")
    return answer if done.returncode == 0 else None


def git_done(what: str, *arguments: str) -> None:
    """Run a git command that changes something. Raises UserError with what git says where it failed.

    what: what cannot be done then: `the slices cannot be pushed`.
    """
    done = _finished(*arguments)
    if done.returncode != 0:
        said = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        raise UserError(f"{what}: {said[0] if said else 'git failed'}")


def _finished(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [git_program(), "--literal-pathspecs", *CAUTIOUS, *arguments]
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603
    if _NOT_TRUSTED in done.stderr and done.returncode != 0:
        message = "git reads nothing here, since the repository belongs to another user"
        raise UserError(message, None, "'git status' says how to allow it")
    return done


def paths(*arguments: str) -> set[Path] | None:
    """Return the files that a git command lists, None where it failed. Raises UserError."""
    answer = git(arguments[0], "-z", *arguments[1:])
    return None if answer is None else {Path(name) for name in answer.split("\0") if name}


class Revision:
    """The files of one revision of the repository that the current folder is in.

    name: as the user wrote it.
    folder: a temporary folder for its files, each at its path in the repository.
    """

    def __init__(self, name: str) -> None:
        """Find the revision. Raises UserError where there is no git, no repository or no such revision."""
        top = git("rev-parse", "--show-toplevel")
        if top is None:
            raise UserError(
                "this folder is in no git repository, so that there is no revision to compare with",
                None,
                "Name two files instead: slice-oas affected OLD NEW",
            )
        commit = git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if not commit:
            raise UserError(f"git knows no revision '{name}'", None, "In CI, the checkout may have to fetch more of it")
        self.name = name
        self._top = Path(top)
        self._commit = commit
        self._scratch = tempfile.TemporaryDirectory(prefix="oas-tasks-")
        self.folder = Path(self._scratch.name).resolve()
        self._asked: set[str] = set()
        self._process = subprocess.Popen(  # noqa: S603
            [git_program(), *CAUTIOUS, "-C", top, "cat-file", "--batch", "--follow-symlinks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it would print names with control characters
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End git, and remove the temporary files."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._process.wait()
        self._scratch.cleanup()

    def path_of(self, file: Path) -> Path:
        """Return the path in `folder` of a file of the working tree; one outside the repository is returned as is."""
        top = self._top.resolve()
        absolute = Path(os.path.abspath(file))  # noqa: PTH100  a link here may be none in the revision
        for base in (self._top, top):
            if absolute.is_relative_to(base):
                return self.folder / absolute.relative_to(base)
        resolved = absolute.parent.resolve() / absolute.name
        return self.folder / resolved.relative_to(top) if resolved.is_relative_to(top) else file

    def display_name(self, file: Path) -> str:
        """Return the name of a file of this revision for messages: `main:api/openapi.yaml`."""
        return f"{self.name}:{file.relative_to(self.folder).as_posix()}" if self.holds(file) else str(file)

    def fetch(self, file: Path) -> bool:
        """Write a file of the revision to its path in `folder`; return whether the file exists."""
        file = Path(os.path.normpath(file))
        if not self.holds(file):
            return file.is_file()
        path = file.relative_to(self.folder).as_posix()
        if path not in self._asked:
            self._asked.add(path)
            content = self._blob(path)
            if content is not None and not self._fetch_link(path):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        return file.is_file()

    def _fetch_link(self, path: str) -> bool:
        """Fetch a file behind a symbolic link: the first link on its path, and the link's target."""
        way = PurePosixPath(path)
        link = next((each for each in (*reversed(way.parents), way) if str(each) in self._links), None)
        target = None if link is None else git("-C", str(self._top), "cat-file", "blob", self._links[str(link)])
        if link is None or target is None:
            return False
        place = self.folder / link
        with suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.is_symlink():
                place.symlink_to(target)
            return self.fetch(place.parent / target / way.relative_to(link))
        return False  # making links takes rights on Windows

    @cached_property
    def _links(self) -> dict[str, str]:
        """The symbolic links of the revision: their paths, and the ids of the blobs with their targets."""
        listed = git("-C", str(self._top), "ls-tree", "-r", "-z", "--full-tree", self._commit) or ""
        rows = (row.partition("\t") for row in listed.split("\0") if row.startswith("120000 "))
        return {path: about.split()[2] for about, _, path in rows}

    def holds(self, file: Path) -> bool:
        """Whether a path is in `folder`, and not that of a file outside the repository."""
        return file.is_relative_to(self.folder)

    def _blob(self, path: str) -> bytes | None:
        """Return the content of a file, symbolic links followed; None where there is none."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if "\n" in path or PurePosixPath(path) == PurePosixPath() or stdin is None or stdout is None:
            return None
        stdin.write(f"{self._commit}:{path}\n".encode("utf-8", "surrogateescape"))
        stdin.flush()
        header = stdout.readline().split()
        if len(header) < 2 or not header[-1].isdigit():
            return None  # `<name> missing`
        content = stdout.read(int(header[-1]))
        stdout.read(1)
        return content if header[-2] == b"blob" else None
