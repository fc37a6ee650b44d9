"""Defines the plan: for every endpoint its file, its fingerprint, its dependencies and its cells of the index.

A plan is stored, so that a run over an unchanged document starts from it without reading the document. `planner.py`
makes it. A run with nothing to do imports this module, so it imports next to nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from oas_tasks.document.place import ANY_METHOD, EndpointKey
from oas_tasks.printable import printable

#: Goes up when the same document and settings result in other bytes or another verdict than before.
OUTPUT_VERSION = 9


class Cells(NamedTuple):
    """The cells of an endpoint's row in the index that follow from the document alone.

    schema_count: the schemas that it reaches in the document. A conversion may leave some out of its slice.
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
    """An endpoint that is to have a slice.

    path, method: as in the index.
    file: the slice's file name in the output folder.
    fingerprint: 32 hex digits, a hash of everything that the slice's bytes and verdict depend on.
    cells: its cells in the index that follow from the document.
    """

    path: str
    method: str
    file: str
    fingerprint: str
    cells: Cells

    @property
    def key(self) -> EndpointKey:
        """The path and method."""
        return self[:2]

    @property
    def label(self) -> str:
        """The endpoint as messages show it, on one line: `GET /users/{id}`."""
        return printable(f"{self.path} (all methods)" if self.method == ANY_METHOD else f"{self.method} {self.path}")


def is_file_name(text: object) -> bool:
    """Whether a text may be the name of a slice's file: a plain name, not a path (see `file_names.py`)."""
    if not isinstance(text, str):
        return False
    stem, _, ending = text.partition(".")
    letters = stem.replace("_", "a").replace("-", "a").replace("~", "a")
    return letters.isalnum() and ending in ("yaml", "json")


class Idle(NamedTuple):
    """A value of a filter that lets no endpoint through.

    name: the setting.
    message: a sentence. guess: the value that was probably meant, or "".
    there_is: what the document has instead, as a sentence, or ""; told where no endpoint is left.
    """

    name: str
    message: str
    guess: str
    there_is: str = ""

    def __str__(self) -> str:
        return f"{self.message}. Did you mean '{self.guess}'?" if self.guess else self.message


class Plan(NamedTuple):
    """The plan of one document under one set of settings.

    family: the version of the slices, "3.1".
    digest: identity of the whole plan, 32 hex digits.
    endpoints: the selected ones, in document order.
    title: the document's `info.title`, which tells its slices from those of another document.
    idle: the values of filters that let no endpoint through.
    """

    family: str
    digest: str
    endpoints: tuple[Endpoint, ...]
    title: str = ""
    idle: tuple[Idle, ...] = ()


class Dependencies(NamedTuple):
    """The parts that each endpoint of a plan reaches. Kept apart from the plan, since most runs do not need them.

    parts: the ids of all shared parts, in document order.
    closures: for each endpoint the parts that it reaches, as ascending indexes into `parts`.
    basis: the identity of what the rows of all endpoints depend on.
    """

    parts: tuple[str, ...]
    closures: tuple[tuple[int, ...], ...]
    basis: str

    def of(self, number: int) -> tuple[str, ...]:
        """Return the ids of the parts that the endpoint of this number in the plan reaches."""
        return tuple(self.parts[index] for index in self.closures[number])


def encoded_plan(plan: Plan) -> str:
    """Return a plan as text."""
    import msgspec  # a run with nothing to do reads no plan

    # Values of filters come from the command line, where bytes that are no text become halves of surrogate pairs.
    idle = tuple(Idle(*(text.encode("utf-8", "backslashreplace").decode() for text in each)) for each in plan.idle)
    return msgspec.json.encode(plan._replace(idle=idle)).decode()


def decoded_plan(text: str) -> Plan:
    """Return the plan that such a text is of. Raises ValueError where it is of none."""
    import msgspec

    plan = msgspec.json.decode(text, type=Plan)
    for endpoint in plan.endpoints:
        if not is_file_name(endpoint.file):  # it is going to be written and removed
            raise ValueError(f"no slice is called {endpoint.file!r}")
    return plan


def encoded_dependencies(dependencies: Dependencies) -> str:
    """Return what a plan's endpoints depend on as text."""
    import msgspec

    return msgspec.json.encode(dependencies).decode()


def decoded_dependencies(text: str) -> Dependencies:
    """Return what such a text says. Raises ValueError where it says nothing."""
    import msgspec

    found = msgspec.json.decode(text, type=Dependencies)
    numbers = set[int]().union(*found.closures)
    if numbers and (min(numbers) < 0 or max(numbers) >= len(found.parts)):
        raise ValueError("a number leads to no part")
    return found
