"""Makes slices of one document: assembled, validated, as bytes or as faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from oas_tasks import formats
from oas_tasks.config import Settings
from oas_tasks.errors import FormatError, Where
from oas_tasks.formats.locate import locate
from oas_tasks.openapi.faults import Fault, Phase
from oas_tasks.openapi.pointer import readable
from oas_tasks.slicing.assembly import Assembler, Draft, draft
from oas_tasks.slicing.cutting import cut
from oas_tasks.slicing.document import Document
from oas_tasks.slicing.entry import Entry
from oas_tasks.slicing.equivalence import Source
from oas_tasks.slicing.filling import Filling, dropped_links, filling_of
from oas_tasks.slicing.parts import EndpointPart, Part, Parts
from oas_tasks.slicing.plan import Dependencies, Endpoint, Plan
from oas_tasks.slicing.planning import make_plan
from oas_tasks.slicing.sources import Sources
from oas_tasks.slicing.verdict import Verdicts


@dataclass(frozen=True, slots=True)
class Slice:
    """What became of an endpoint.

    content: the slice's bytes, or None where the endpoint has a fault.
    reason: the fault in words, with its place in the document; empty where there is none.
    warnings: what a slice could not keep, in words.
    """

    endpoint: Endpoint
    content: bytes | None
    reason: str
    warnings: tuple[str, ...] = ()


class Slicer:
    """One document, cut and planned, from which slices are made.

    sources: the files that it is made of.
    """

    def __init__(
        self,
        document: Document,
        sources: Sources,
        settings: Settings,
        files: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        """Cut and plan a document.

        files: the files of the slices by path and method, where they are not to be named by what is in this document.
        """
        self.document = document
        self.sources = sources
        entry = Entry.of(document, sources)
        self.parts: Parts = cut(entry, settings.drop_extensions, settings.webhooks)
        self.format = settings.format
        self._is_full = settings.validate == "full"
        self.plan: Plan
        self.dependencies: Dependencies
        self.plan, self.dependencies = make_plan(self.parts, settings, files)
        self._assembler = Assembler(self.parts, settings.format)
        schemas = {part.name: part.value for part in self.parts.shared.values() if part.section == "schemas"}
        self._numbers = {(e.path, e.method): number for number, e in enumerate(self.plan.endpoints)}
        self._files = {(e.path, e.method): e.file for e in self.plan.endpoints}
        source = Source(entry, settings.drop_extensions, self._files)
        self._verdicts = Verdicts(document.model, schemas, source)
        self._own = {(e.path, e.method): e for e in self.parts.endpoints}
        self._shared: list[Part] = list(self.parts.shared.values())
        #: Finding a line reads the file, and many endpoints share a fault.
        self._reasons: dict[Fault, str] = {}

    def holds(self, path: str, method: str) -> bool:
        """Whether an endpoint is in the plan."""
        return (path, method) in self._numbers

    def own_part(self, path: str, method: str) -> Part:
        """Return an endpoint's own part."""
        return self._own[path, method].part

    def has_pointing_faults(self, path: str, method: str) -> bool:
        """Whether what an endpoint points at, however indirectly, is not all there."""
        number = self._numbers[path, method]
        closure = [self._shared[index] for index in self.dependencies.closures[number]]
        return bool(self._pointing_faults(self._own[path, method], closure))

    def make(self, path: str, method: str) -> Slice:
        """Return the slice of one endpoint of the plan. Raises KeyError where there is none."""
        number = self._numbers[path, method]
        endpoint = self.plan.endpoints[number]
        own = self._own[path, method]
        closure = [self._shared[index] for index in self.dependencies.closures[number]]
        faults = self._pointing_faults(own, closure)
        if faults:
            return Slice(endpoint, None, self._reason(faults[0]))
        filling = filling_of(own, closure, self._files, self.parts.shared)
        made = draft(self.parts, own, closure, filling)
        faults = self._verdicts.faults(made, own, self.parts.heading)
        if faults:
            return Slice(endpoint, None, self._reason(self._in_sources(faults[0], made, own)))
        try:
            content = self._assembler.text(made).encode()
        except FormatError as error:
            return Slice(endpoint, None, str(error))
        if self._is_full:
            faults = self._second_opinion(content, made)
            if faults:
                return Slice(endpoint, None, self._reason(self._in_sources(faults[0], made, own)))
        return Slice(endpoint, content, "", tuple(self._warnings(own, closure, filling)))

    def _second_opinion(self, content: bytes, made: Draft) -> list[Fault]:
        """Return what is wrong with a slice's bytes as somebody else reads them."""
        from oas_tasks.openapi.validation import reference_validator

        read_back = formats.read(content, "slice.json" if self.format == "json" else "slice.yaml")
        if read_back != made.value:
            message = "the slice reads otherwise than it was meant, which is a fault of oas-tasks; please report it"
            return [Fault(Phase.EQUIVALENCE, message, ())]
        return reference_validator.faults(self.document.model.family, made.value)

    def _warnings(self, own: EndpointPart, closure: list[Part], filling: Filling) -> Iterator[str]:
        for part in (own.part, *closure):
            for hole in dropped_links(part, filling) if part.holes else ():
                file, tokens = part.source(tuple(map(str, hole.tokens[:-1])))
                named = hole.operation_id or " ".join(reversed(hole.operation or ("by no path and method",)))
                place = f"{self.sources.shown_path(file)}{readable(tokens) if tokens else ''}"
                yield f"the link at {place} was left out: the operation that it names, '{named}', has no slice"

    def _pointing_faults(self, own: EndpointPart, closure: list[Part]) -> list[Fault]:
        """Return what is wrong with the pointing of the heading, an endpoint's own part and all that it reaches."""
        found = [*self.parts.faults, *own.part.faults]
        found += [fault for part in closure if part.faults for fault in part.faults]
        return found

    def _in_sources(self, fault: Fault, made: Draft, own: EndpointPart) -> Fault:
        """Return a fault whose place is in a slice with its place in the sources."""
        part, inside = own.part, fault.tokens[1:]
        match fault.tokens:
            case ("components", section, wanted, *below):
                found = (member.part for member in made.components.get(section, ()) if member.name == wanted)
                part, inside = next(found, part), tuple(below)
            case ("tags", index, *below) if index.isdigit():
                part, inside = made.tags[int(index)][0], tuple(below)
            case (field_name, *_) if field_name != own.part.section:
                return fault  # the heading is as the entry has it
        file, tokens = part.source(inside)
        return Fault(fault.phase, fault.message, tokens, file)

    def _reason(self, fault: Fault) -> str:
        """Return a fault in words: `api.yaml:11:20: 'strng' is not a type (at #/components/schemas/User/type)`."""
        reason = self._reasons.get(fault)
        if reason is None:
            shown = self.sources.shown_path(fault.file)
            try:
                place = locate(self.sources.path(fault.file).read_bytes(), shown, fault.tokens)
            except OSError:
                place = None
            line, column = place or (None, None)
            reason = f"{Where(shown, line, column)}: {fault.message} (at {readable(fault.tokens)})"
            self._reasons[fault] = reason
        return reason
