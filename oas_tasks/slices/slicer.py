"""Makes slices of one document: assembled, validated, as bytes or as faults."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from traceback import format_exception
from typing import TYPE_CHECKING, NamedTuple

from oas_tasks.document.place import TAGS, WEBHOOKS, EndpointKey
from oas_tasks.errors import NOT_OURS, FormatError, crash_reason
from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault, FaultKind, Phase
from oas_tasks.openapi.model import ComponentName, Model, model_of
from oas_tasks.openapi.pointer import readable
from oas_tasks.parts.part import EndpointPart, Part, Parts, ValuesOfParts
from oas_tasks.plan.cut_document import CutDocument
from oas_tasks.plan.moved_names import own_names
from oas_tasks.plan.plan import Dependencies, Endpoint, Plan
from oas_tasks.plan.recent import Recent
from oas_tasks.plan.volatile import Volatile
from oas_tasks.settings import Settings
from oas_tasks.slices.assemble import Draft, Gathered, draft, gathered
from oas_tasks.slices.diagnostic import Diagnostic, reason_of
from oas_tasks.slices.equivalence import Source
from oas_tasks.slices.fatal_losses import fatal_in_files, fatal_losses
from oas_tasks.slices.fill import Filling, dropped_links, filling_of, roles_in_slices
from oas_tasks.slices.part_warnings import PartWarnings, each_once
from oas_tasks.slices.render import Renderer
from oas_tasks.slices.slice_result import ReportedLoss, Slice
from oas_tasks.slices.source_places import SourcePlaces
from oas_tasks.slices.validate import Verdicts

if TYPE_CHECKING:
    from oas_tasks.slices.convert_parts import Conversion


class _Reached(NamedTuple):
    """The shared parts that a slice reaches, and what follows from all of them together.

    faults: of their references.
    telling: those that a slice may have to fill in or warn of.
    is_same_everywhere: each of them is the same in every slice.
    own_names: what those of the document's own components are called, where others are moved beside them.
    warnings: those of every slice that one of them is in.
    """

    parts: list[Part]
    faults: list[Fault]
    telling: list[Part]
    is_same_everywhere: bool
    own_names: frozenset[ComponentName]
    warnings: tuple[Diagnostic, ...]


class Slicer:
    """Makes the slices of one document.

    sources: the files that it is made of.
    """

    def __init__(self, cut: CutDocument, settings: Settings) -> None:
        """Take a document that was cut and planned.

        settings: those that it was planned with.
        """
        self.cut = cut
        self.document = document = cut.document
        self.sources = cut.sources
        self.parts: Parts = cut.parts
        self.plan: Plan = cut.plan
        self.dependencies: Dependencies = cut.dependencies
        self.volatile = cut.volatile
        entry = cut.entry
        self._entry = entry
        self._target = target = cut.target
        self._is_strict = settings.strict
        #: Faults of the document cost no slice.
        self.is_lenient = settings.source_faults == "warn"
        self.format = settings.format
        self._is_full = settings.validate == "full"
        #: The numbers of the endpoints that slices are going to be made of, None for all.
        self._expected: frozenset[int] | None = None
        self._recent: Recent[Gathered] = Recent()
        self._recently_reached: Recent[_Reached] = Recent()
        self._renderer = Renderer(settings.format)
        self._numbers = {e.key: number for number, e in enumerate(self.plan.endpoints)}
        self._files = {e.key: e.file for e in self.plan.endpoints}
        self._source = Source(entry, cut.extensions.dropped, self._files)
        self._own_names = own_names(self.parts.shared.values())
        self._left_out = [
            Diagnostic("", "", f"{document.file}{readable((name,))}: left out of slices, since {why}; {_keeping(name)}")
            for name, why in cut.extensions.left_out.items()
        ]
        self._own = {e.key: e for e in self.parts.endpoints}
        self._shared: list[Part] = list(self.parts.shared.values())
        self._places = SourcePlaces(cut.sources, entry.resolver, self.parts.heading, target != document.model.family)
        self._part_warnings = PartWarnings(document, cut.sources)

    @cached_property
    def conversion(self) -> Conversion | None:
        """How parts become those of another version; None where slices are in the document's own."""
        if self._target == self.document.model.family:
            return None
        from oas_tasks.slices.convert_parts import Conversion  # a quarter of all code, and seldom used

        return Conversion.of(self._entry, self._target, self._expected_parts())

    def expect(self, endpoints: Collection[EndpointKey]) -> None:
        """Prepare for the slices of a few endpoints only; for others, all that was prepared is prepared anew."""
        self._expected = frozenset(self._numbers[key] for key in endpoints)

    def _expected_parts(self) -> Mapping[str, Part]:
        """Return the shared parts that the expected endpoints reach, by id."""
        if self._expected is None:
            return self.parts.shared
        closures = self.dependencies.closures
        reached = sorted(set[int]().union(*(closures[number] for number in self._expected)))
        return {part.id: part for part in (self._shared[index] for index in reached)}

    def _expect_all(self) -> None:
        self._expected = None
        for name in ("conversion", "_verdicts", "volatile_in_slices"):
            self.__dict__.pop(name, None)

    @cached_property
    def _verdicts(self) -> Verdicts:
        # A moved part may have another name in each slice, and has none in the document.
        own = (part for part in self.parts.shared.values() if part.section == "schemas" and not part.moved)
        schemas = ValuesOfParts({part.name: part for part in own})
        names_dialects = self.document.names_dialects or self.sources.names_dialects
        return Verdicts(self.target_model, schemas, self._source, self.conversion, names_dialects)

    @cached_property
    def volatile_in_slices(self) -> Volatile:
        """The volatile places of slices, without those where the conversion keeps something that is not volatile."""
        heading = self.parts.heading
        if self.conversion is None or not self.volatile:
            return self.volatile
        made = self.conversion.converted(heading, (), heading.value).value
        return self.volatile.but_for(_added(heading.value, made, ()))

    @property
    def target_model(self) -> Model:
        """The object model of the version that slices are in."""
        return model_of(self._target)

    def own_part(self, path: str, method: str) -> Part:
        """Return an endpoint's own part."""
        return self._own[path, method].part

    def needs(self, path: str, method: str) -> tuple[str, ...]:
        """Return the ids of the parts that an endpoint's own part or the heading needs."""
        return tuple(dict.fromkeys((*self.own_part(path, method).needs, *self.parts.heading.needs)))

    def make(self, path: str, method: str) -> Slice:
        """Return the slice of one endpoint of the plan. Raises KeyError where there is none.

        An internal error costs only this endpoint its slice, and is a reason like any other.
        """
        number = self._numbers[path, method]
        if self._expected is not None and number not in self._expected:
            self._expect_all()
        try:
            return self._made(number)
        except NOT_OURS:
            raise
        except BaseException as error:  # noqa: BLE001  the border of one slice; a panic in Rust is no Exception
            lines = format_exception(error)
            return Slice(self.plan.endpoints[number], None, crash_reason(error), traceback="".join(lines))

    def _made(self, number: int) -> Slice:
        endpoint = self.plan.endpoints[number]
        own = self._own[endpoint.key]
        reached = self._reached(number)
        faults = self._pointing_faults(own, reached)
        crash = next((fault for fault in faults if fault.traceback), None)
        if crash is not None:
            return Slice(endpoint, None, crash.message, traceback=crash.traceback)
        in_files = dict.fromkeys(each for part in (own.part, *reached.telling) for each in part.losses)
        if not faults and in_files:
            faults = fatal_in_files(in_files, self._is_strict)
        if faults:
            return self._refused(endpoint, faults)._replace(is_tolerable=False)  # it cannot be assembled at all
        if own.part.section == WEBHOOKS and WEBHOOKS not in self.target_model.types["OpenAPI"].fields:
            place = own.part.source((own.path,))
            message = f"this is a webhook, and OpenAPI {self._target} has none"
            fault = Fault(Phase.VERSION, message, place[1], place[0], kind=FaultKind.MADE)
            return self._refused(endpoint, [fault], (self._places.lost_webhook(fault),))
        made, filling = self._drafted(number, own, reached)
        if made.losses:
            faults = fatal_losses(made, own, self.document.model, self.parts.shared, self._is_strict)
            if faults:
                return self._refused(endpoint, faults, self._places.losses_at(made, faults))
        found = self._verdicts.faults(made, own, self.parts.heading)
        faults = [*self.parts.misshapen, *(self._places.fault(fault, made, own) for fault in found)]
        if self._forbid(faults):
            return self._refused(endpoint, faults)
        try:
            content = self._renderer.content(made)
        except FormatError as error:
            return Slice(endpoint, None, str(error), faults=(Diagnostic("", "", str(error)),))
        if self._is_full:
            from oas_tasks.slices.read_back import read_back_faults

            others = read_back_faults(content, self.format, made, self._target, faults)
            faults += [self._places.fault(fault, made, own) for fault in others]
            if self._forbid(faults):
                return self._refused(endpoint, faults)
        losses = tuple(self._places.loss(*each) for each in made.losses)
        warnings = (
            *self._left_out,
            *(self._places.loss_in_file(*each).warning for each in in_files),
            *self._warnings(own, reached, filling),
            *(loss.warning for loss in losses),
        )
        schema_count = len(made.components.get("schemas", ()))
        clean = Slice(endpoint, content, "", warnings, schema_count, losses, document=made.value)
        if not faults:
            return clean
        reported = self._places.diagnostics(faults, with_lines=False)
        is_tolerable = any(fault.is_of_source for fault in faults)
        return clean._replace(reason=reason_of(reported[:1]), faults=reported, is_tolerable=is_tolerable)

    def _drafted(self, number: int, own: EndpointPart, reached: _Reached) -> tuple[Draft, Filling]:
        """Return the slice of the endpoint with this number before it is written, and what it is filled with."""
        shared_parts, held = self.parts.shared, reached.own_names
        heading = self.parts.heading
        tags = (part.id for part in reached.parts if part.section == TAGS)
        filling = filling_of(own, reached.telling, self._files, shared_parts, self._own_names, held, heading, tags)
        if self.conversion is not None:
            roles = roles_in_slices(self.document.model, [own], reached.telling, self.parts.shared)
            loosened = self.conversion.loosened_in((own.part, *reached.telling), filling) if filling.ambiguous else ()
            filling = filling._replace(roles=roles, loosened=frozenset(loosened))
        shared = self._gathered(number, reached, filling)
        return draft(self.parts, own, reached.parts, filling, self.conversion, shared), filling

    def _forbid(self, faults: Sequence[Fault]) -> bool:
        """Whether an endpoint gets no slice for its faults."""
        return any(
            fault.kind is not FaultKind.ADVICE and not (self.is_lenient and fault.is_of_source) for fault in faults
        )

    def _refused(self, endpoint: Endpoint, faults: Sequence[Fault], losses: tuple[ReportedLoss, ...] = ()) -> Slice:
        """Return the outcome of an endpoint that gets no slice.

        faults: for which it gets none, with their places in the sources.
        """
        grave = [fault for fault in faults if fault.kind is not FaultKind.ADVICE]
        if self.is_lenient:  # faults of the document alone would be let pass
            grave = [fault for fault in grave if not fault.is_of_source] or grave
        reported = self._places.diagnostics(grave, with_lines=True)
        is_tolerable = not self.is_lenient and all(fault.is_of_source for fault in grave)
        return Slice(endpoint, None, reason_of(reported[:1]), losses=losses, faults=reported, is_tolerable=is_tolerable)

    def _reached(self, number: int) -> _Reached:
        """Return the shared parts that the endpoint with this number reaches; the same object for the same parts."""
        key = self.dependencies.closures[number]
        return self._recently_reached.by(key, key, lambda: self._looked_at(key))

    def _looked_at(self, closure: Sequence[int]) -> _Reached:
        parts = [self._shared[index] for index in closure]
        return _Reached(
            parts,
            [fault for part in parts for fault in part.faults],
            [part for part in parts if self._is_telling(part)],
            not any(part.placeholders or part.moved for part in parts),
            own_names(parts) if any(part.moved for part in parts) else frozenset(),
            each_once(warning for part in parts for warning in self._part_warnings.of(part)),
        )

    def _is_telling(self, part: Part) -> bool:
        return bool(part.placeholders or part.moved or part.operation_ids or part.dynamic_anchors or part.losses)

    def _gathered(self, number: int, reached: _Reached, filling: Filling) -> Gathered | None:
        """Return the shared parts of a slice, as one object for all slices where they are the same in each."""
        if not reached.is_same_everywhere or filling.ambiguous:
            return None
        key = self.dependencies.closures[number]
        return self._recent.by(key, key, lambda: gathered(self.parts, reached.parts, filling, self.conversion))

    def _warnings(self, own: EndpointPart, reached: _Reached, filling: Filling) -> Iterator[Diagnostic]:
        """Yield the warnings that a slice has for its Links and for what is odd about its parts."""
        for part in (own.part, *reached.telling):
            for link in dropped_links(part, filling) if part.placeholders else ():
                yield self._places.dropped_link(part, link)
        of_parts = (
            *self._part_warnings.of(self.parts.heading),
            *self._part_warnings.of(own.part),
            *reached.warnings,
        )
        yield from each_once(of_parts)

    def _pointing_faults(self, own: EndpointPart, reached: _Reached) -> list[Fault]:
        """Return the faults of the references in the heading, an endpoint's own part and its closure."""
        return [*self.parts.faults, *own.part.faults, *reached.faults]


def _added(before: Value, after: Value, at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the places of the mapping members that `after` has and `before` has not."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in after.items():
            if key in before:
                yield from _added(before[key], value, (*at, key))
            else:
                yield (*at, key)


def _keeping(name: str) -> str:
    return f"--keep-extension {name} keeps it"
