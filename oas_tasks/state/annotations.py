"""Faults as annotations, which GitHub shows at their lines: `::error file=api.yaml,line=4,col=7,title=...::message`.

They are workflow commands, lines that GitHub's runner obeys. So whatever comes from a document is escaped here, and
`printable.py` makes sure that no other line is taken for a command.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands and `escapeData`,
`escapeProperty` in https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from oas_tasks.amounts import counted
from oas_tasks.printable import printable
from oas_tasks.slices.diagnostic import Diagnostic
from oas_tasks.state.fault_list import FaultyEndpoint, endpoints_by_fault, named
from oas_tasks.state.run import Run

#: The most annotations of a level that GitHub shows for a step.
MOST_OF_A_LEVEL = 10

#: What is escaped in a message, and in a property besides.
_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_MESSAGE, ":": "%3A", ",": "%2C"}

#: The parts of a place: file, line, column.
_WITH_POSITION = 3


class Level(Enum):
    """How GitHub shows an annotation."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Annotation(NamedTuple):
    """A message at a place.

    file: relative to the folder that GitHub checked out, with slashes; "" where it is in no file there.
    line, column: counted from 1; None where they are not known.
    """

    level: Level
    title: str
    message: str
    file: str = ""
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Return the workflow command, without a line break."""
        given: dict[str, object] = {"file": self.file, "line": self.line, "col": self.column, "title": self.title}
        shown = {name: printable(str(value)).strip() for name, value in given.items() if value}
        listed = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in shown.items() if value)
        message = "\n".join(map(printable, self.message.split("\n")))
        return f"::{self.level.value} {listed}::{_escaped(message, _MESSAGE)}"


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)


def is_on_github(environment: Mapping[str, str]) -> bool:
    """Whether this is a step of GitHub Actions."""
    return environment.get("GITHUB_ACTIONS") == "true"


def annotations_of(runs: Iterable[Run], environment: Mapping[str, str]) -> str:
    """Return the lines that annotate what runs found; "" outside of GitHub Actions.

    Slices with faults are annotated where this run made them; they are no news otherwise.
    """
    if not is_on_github(environment):
        return ""
    found: list[Annotation] = []
    for run in runs:
        found += fault_annotations(run.failures(), Level.ERROR, environment)
        warned = run.warned_now()
        if warned:
            from oas_tasks.state.fault_places import fault_places

            located = fault_places(run.settings)
            warned = [each._replace(faults=[located(fault) for fault in each.faults]) for each in warned]
            found += fault_annotations(warned, Level.WARNING, environment)
    return annotation_lines(found)


def fault_annotations(
    found: Sequence[FaultyEndpoint], level: Level, environment: Mapping[str, str]
) -> list[Annotation]:
    """Return an annotation for each fault, those that affect the most endpoints first.

    level: an error where the endpoints have no slice, a warning where they have one all the same.
    """
    faults = sorted(endpoints_by_fault(found).items(), key=lambda each: -len(each[1]))
    return [_annotation(fault, tuple(labels), level, environment) for fault, labels in faults]


def annotation_lines(annotations: Iterable[Annotation]) -> str:
    """Return annotations as lines: as many of each level as GitHub shows, and how many more there are."""
    by_level: dict[Level, list[Annotation]] = {}
    for each in annotations:
        by_level.setdefault(each.level, []).append(each)
    lines: list[str] = []
    for level, listed in by_level.items():
        lines += map(str, listed[:MOST_OF_A_LEVEL])
        left = len(listed) - MOST_OF_A_LEVEL
        if left > 0:
            what = f"GitHub shows {MOST_OF_A_LEVEL} {level.value}s of a step; the log has more"
            lines.append(str(Annotation(Level.NOTICE, f"{counted(left, f'more {level.value}')} of oas-tasks", what)))
    return "".join(f"{line}\n" for line in lines)


def _annotation(fault: Diagnostic, labels: Sequence[str], level: Level, environment: Mapping[str, str]) -> Annotation:
    what = (
        "No slice for"
        if level is Level.ERROR
        else "Fault in the slice of"
        if len(labels) == 1
        else "Fault in slices of"
    )
    title = f"{what} {labels[0] if len(labels) == 1 else counted(len(labels), 'endpoint')}"
    message = fault.message if len(labels) == 1 else f"{fault.message} ({named(labels)})"
    name, line, column = _position(fault.place)
    file = _in_workspace(name, environment)
    if not file:
        return Annotation(level, title, f"{fault.place}: {message}" if fault.place else message)
    return Annotation(level, title, message, file, line, column)


def _position(place: str) -> tuple[str, int | None, int | None]:
    """Return the file, line and column of a place such as `api.yaml:104:20`."""
    parts = place.rsplit(":", 2)
    if len(parts) == _WITH_POSITION and all(part.isascii() and part.isdigit() for part in parts[1:]):
        return parts[0], int(parts[1]), int(parts[2])
    return place, None, None


def _in_workspace(name: str, environment: Mapping[str, str]) -> str:
    """Return a file relative to the folder that GitHub checked out; "" where it is outside, or there is none."""
    if not name:
        return ""
    workspace = environment.get("GITHUB_WORKSPACE") or str(Path.cwd())
    try:
        file = Path(os.path.normpath(Path.cwd() / name))
        for place, folder in ((file, Path(workspace)), (file.resolve(), Path(workspace).resolve())):
            if place.is_relative_to(folder):
                return place.relative_to(folder).as_posix()
    except (OSError, RuntimeError, ValueError):  # no such working folder, circular links, a zero byte
        pass
    return ""
