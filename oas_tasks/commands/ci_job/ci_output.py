"""Writes what a CI system reads: annotations in its log, outputs of a step, variables for later jobs.

Each value may come from a document, a branch or the name of a file. In a log nothing of it can begin a command of its
own, and in a file of outputs nothing of it can begin another output.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from oas_tasks.errors import UserError, Where
from oas_tasks.printable import printable
from oas_tasks.queries.ci_system import CiKind

#: The most bytes of a matrix: GitHub takes 1 MB of outputs of a job, counted in UTF-16, and a matrix is ASCII.
LONGEST_MATRIX = 500_000


def annotation(kind: CiKind, level: str, text: str) -> str:
    """Return a line that the system shows beside the job, or in the log where it has nothing of the kind.

    level: error, warning or notice.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands,
    https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
    """
    plain = printable(text)
    if kind is CiKind.GITHUB:
        return f"::{level}::{plain.replace('%', '%25')}\n"
    if kind is CiKind.AZURE and level != "notice":
        return f"##vso[task.logissue type={level}]{plain.replace('%', '%AZP25')}\n"
    return f"slice-oas: {plain}\n"


def write_outputs(kind: CiKind, file: str, outputs: Mapping[str, str], out: TextIO) -> None:
    """Hand the outputs of a step to the system, where it has such. Raises UserError.

    file: of the environment, for GitHub; "" for none.
    """
    if kind is CiKind.GITHUB and file:
        text = ""
        for name, value in outputs.items():
            end = f"end-{secrets.token_hex(16)}"  # which no value can know
            text += f"{name}<<{end}\n{value}\n{end}\n"
        append(Path(file), text)
    elif kind is CiKind.AZURE:
        for name, value in outputs.items():
            if name != "matrix":
                # `variable` is shown as it is: our own names and numbers.
                out.write(f"##vso[task.setvariable variable={name};isOutput=true]{printable(value)}\n")


def dotenv(outputs: Mapping[str, str]) -> str:
    """Return outputs as variables of a dotenv report, in which GitLab allows 5 KB and one line for each."""
    return "".join(
        f"SLICE_OAS_{name.upper()}={value}\n" for name, value in outputs.items() if name != "matrix"
    )  # the values are numbers, `true` and `false`


def append(file: Path, text: str) -> None:
    """Append a text to a file, which may be a pipe that nobody reads yet. Raises UserError."""
    try:
        with open(file, "a", encoding="utf-8", errors="backslashreplace", newline="", opener=_opened) as stream:
            stream.write(text)
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror or error}", Where(str(file))) from None


def _opened(file: str, flags: int) -> int:
    """Return the descriptor of a file, without waiting for a reader if it is a pipe."""
    return os.open(file, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


def write_report(file: Path, text: str) -> None:
    """Write a report; a link in its place is replaced, since a repository could have planted it. Raises UserError."""
    from oas_tasks.state.output_folder import write_atomically

    if file.is_dir():
        raise UserError("this is a folder, not a file", Where(str(file)), "Name a file")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror or error}", Where(str(file))) from None
