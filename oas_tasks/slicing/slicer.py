"""Makes slices of one document: assembled, validated, as bytes or as faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oas_tasks.config import Settings
from oas_tasks.errors import FormatError, Where
from oas_tasks.formats.locate import locate
from oas_tasks.openapi.faults import Fault
from oas_tasks.openapi.pointer import readable
from oas_tasks.slicing.assembly import Assembler, slice_value
from oas_tasks.slicing.document import Document
from oas_tasks.slicing.parts import EndpointPart, Part, Parts, cut
from oas_tasks.slicing.plan import Dependencies, Endpoint, Plan, make_plan
from oas_tasks.slicing.verdict import Verdicts


@dataclass(frozen=True, slots=True)
class Slice:
    """What became of an endpoint.

    content: the slice's bytes, or None where the endpoint has a fault.
    reason: the fault in words, with its place in the document; empty where there is none.
    """

    endpoint: Endpoint
    content: bytes | None
    reason: str


class Slicer:
    """One document, cut and planned, from which slices are made.

    read: returns the document's bytes once more; called only to find the line of a fault.
    """

    def __init__(self, document: Document, settings: Settings, read: Callable[[], bytes]) -> None:
        self.document = document
        self.read = read
        self.parts: Parts = cut(document, settings.drop_extensions)
        self.plan: Plan
        self.dependencies: Dependencies
        self.plan, self.dependencies = make_plan(self.parts, settings)
        self._assembler = Assembler(self.parts, settings.format)
        self._verdicts = Verdicts(document.model, settings.validate)
        self._numbers = {(e.path, e.method): number for number, e in enumerate(self.plan.endpoints)}
        self._own = {(e.path, e.method): e for e in self.parts.endpoints}
        self._shared: list[Part] = list(self.parts.shared.values())

    def make(self, path: str, method: str) -> Slice:
        """Return the slice of one endpoint of the plan. Raises KeyError where there is none."""
        number = self._numbers[path, method]
        endpoint = self.plan.endpoints[number]
        own = self._own[path, method]
        closure = [self._shared[index] for index in self.dependencies.closures[number]]
        faults = pointing_faults(own, closure)
        if not faults:
            value = slice_value(self.parts, own, closure)
            faults = self._verdicts.faults(value, own, closure)
        if faults:
            return Slice(endpoint, None, self.reason(faults[0]))
        try:
            content = self._assembler.text(own, closure).encode()
        except FormatError as error:
            return Slice(endpoint, None, str(error))
        faults = self._verdicts.faults_of_bytes(content)
        if faults:
            return Slice(endpoint, None, self.reason(faults[0]))
        return Slice(endpoint, content, "")

    def reason(self, fault: Fault) -> str:
        """Return a fault in words: `api.yaml:11:20: 'strng' is not a type (at #/components/schemas/User/type)`."""
        line, column = locate(self.read(), self.document.file, fault.tokens) or (None, None)
        return f"{Where(self.document.file, line, column)}: {fault.message} (at {readable(fault.tokens)})"


def pointing_faults(own: EndpointPart, closure: list[Part]) -> list[Fault]:
    """Return what is wrong with the pointing of an endpoint's own part and of all that it reaches."""
    found = [fault for part in (own.part, *closure) for fault in part.faults]
    return sorted(found, key=lambda fault: fault.phase) if found else found
