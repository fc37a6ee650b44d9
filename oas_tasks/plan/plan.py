"""The plan: for every endpoint its file, its fingerprint, what it depends on, and its cells of the index.

Small and plain, so that it can be stored and a run over an unchanged document starts from it without reading the
document. `planner.py` makes it; this module imports next to nothing: it lies on the path of a run with nothing to do.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

from typing import NamedTuple

from oas_tasks.printable import printable

#: Counts up when the same document and settings give other bytes or another verdict than before.
OUTPUT_VERSION = 9


class Cells(NamedTuple):
    """What the index says of an endpoint that follows from the document alone.

    schema_count: the schemas that it reaches, in the document's version. A conversion may leave some out of its slice.
    """

    summary: str
    operation_id: str
    tags: tuple[str, ...]
    schema_count: int
    parameter_count: int
    response_codes: tuple[str, ...]
    security_required: bool
    deprecated: bool


class Endpoint(NamedTuple):
    """One slice to be made.

    path, method: as in the index.
    file: the slice's file name in the output folder.
    fingerprint: 32 hex digits over everything that the slice's bytes and its verdict depend on.
    cells: its cells of the index that follow from the document.
    """

    path: str
    method: str
    file: str
    fingerprint: str
    cells: Cells

    @property
    def label(self) -> str:
        """What people are shown of it, on one line: `GET /users/{id}`."""
        return printable(f"{self.method} {self.path}")


def is_file_name(text: object) -> bool:
    """Whether a slice can be called so: a plain name, which leads out of no folder (see `file_names.py`)."""
    if not isinstance(text, str):
        return False
    stem, _, ending = text.partition(".")
    letters = stem.replace("_", "a").replace("-", "a").replace("~", "a")
    return letters.isalnum() and ending in ("yaml", "json")


class Idle(NamedTuple):
    """A value of a filter that lets no endpoint through.

    name: the filter's, as a setting.
    message: what there is not, in words. guess: the value that was probably meant, or "".
    """

    name: str
    message: str
    guess: str

    def __str__(self) -> str:
        return f"{self.message}. Did you mean '{self.guess}'?" if self.guess else self.message


class Plan(NamedTuple):
    """What a build of one document with one set of settings consists of.

    family: the version of the slices, "3.1".
    digest: identity of the whole plan, 32 hex digits.
    endpoints: the selected ones, in document order.
    title: the document's `info.title`, by which its slices are told from those of another one.
    idle: the values of filters that let nothing through.
    """

    family: str
    digest: str
    endpoints: tuple[Endpoint, ...]
    title: str = ""
    idle: tuple[Idle, ...] = ()


class Dependencies(NamedTuple):
    """What every endpoint of a plan reaches; kept apart, since most runs do not ask.

    parts: the ids of all shared parts, in document order.
    closures: for each endpoint the parts that it reaches, as ascending indexes into `parts`.
    """

    parts: tuple[str, ...]
    closures: tuple[tuple[int, ...], ...]

    def of(self, number: int) -> tuple[str, ...]:
        """Return the ids of the parts that the endpoint of this number in the plan reaches."""
        return tuple(self.parts[index] for index in self.closures[number])


def encoded_plan(plan: Plan) -> str:
    """Return a plan as text."""
    return json.dumps(plan)


def decoded_plan(text: str) -> Plan:
    """Return the plan that such a text is of. Raises ValueError or TypeError where it is of none."""
    family, digest, rows, title, idle = json.loads(text)
    endpoints = (
        Endpoint(path, method, _file_name(file), fingerprint, _decoded_cells(*cells))
        for path, method, file, fingerprint, cells in rows
    )
    return Plan(family, digest, tuple(endpoints), title, tuple(Idle(*each) for each in idle))


def _file_name(text: str) -> str:
    """Return the name of a slice, which is going to be written and removed. Raises ValueError where it is none."""
    if not is_file_name(text):
        raise ValueError(f"no slice is called {text!r}")
    return text


def _decoded_cells(
    summary: str,
    operation_id: str,
    tags: list[str],
    schema_count: int,
    parameter_count: int,
    response_codes: list[str],
    security_required: bool,
    deprecated: bool,
) -> Cells:
    return Cells(
        summary,
        operation_id,
        tuple(tags),
        schema_count,
        parameter_count,
        tuple(response_codes),
        security_required,
        deprecated,
    )


def encoded_dependencies(dependencies: Dependencies) -> str:
    """Return what a plan's endpoints depend on as text."""
    return json.dumps(dependencies)


def decoded_dependencies(text: str) -> Dependencies:
    """Return what such a text says."""
    parts, closures = json.loads(text)
    return Dependencies(tuple(parts), tuple(map(tuple, closures)))
