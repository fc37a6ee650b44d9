"""Makes slices of one document: assembled, validated, as bytes or as faults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from traceback import format_exception
from typing import TYPE_CHECKING, NamedTuple

from oas_tasks import __version__, formats
from oas_tasks.document.document import CONTAINERS, Document
from oas_tasks.document.files import Sources, plain
from oas_tasks.document.place import ENDPOINT_FIELDS, ENTRY, PATHS, TAGS, WEBHOOKS, Place
from oas_tasks.document.root import Entry
from oas_tasks.errors import NOT_OURS, DocumentError, FormatError, Where, crash_reason
from oas_tasks.formats import Value
from oas_tasks.formats.locate import Locator, locate
from oas_tasks.openapi.faults import Fault, FaultKind, Phase
from oas_tasks.openapi.model import FAMILIES, ComponentName, Family, Model, model_of
from oas_tasks.openapi.pointer import MISSING, readable
from oas_tasks.parts.cut import cut
from oas_tasks.parts.facts import Facts, Memory
from oas_tasks.parts.part import EndpointPart, Part, Parts, ValuesOfParts
from oas_tasks.parts.root_extensions import choose
from oas_tasks.plan.closure import Recent
from oas_tasks.plan.moved_names import own_names
from oas_tasks.plan.plan import OUTPUT_VERSION, Dependencies, Endpoint, Plan
from oas_tasks.plan.planner import make_plan
from oas_tasks.plan.volatile import Volatile
from oas_tasks.printable import printable
from oas_tasks.regular_files import read_regular
from oas_tasks.settings import Settings
from oas_tasks.slices.assemble import Assembler, Draft, FilledPart, Gathered, draft, gathered
from oas_tasks.slices.equivalence import Source
from oas_tasks.slices.fill import Filling, dropped_links, filling_of, roles_in_slices
from oas_tasks.slices.notices import Notices, each_once
from oas_tasks.slices.told import Told, reason_of
from oas_tasks.slices.validate import Verdicts

if TYPE_CHECKING:
    from oas_tasks.openapi.conversion import Loss
    from oas_tasks.slices.convert_parts import Conversion


class Lost(NamedTuple):
    """A loss of a slice, with its place in the sources: the same of all parts that have that place.

    file: as the user would write it. pointer: in it, for people; `loss.tokens` are the same.
    """

    loss: Loss
    file: str
    pointer: str

    @property
    def told(self) -> Told:
        """The warning that it is."""
        return Told("", "", printable(f"{self.file}{self.pointer}: {self.loss.what}; {self.loss.became}"))


class Slice(NamedTuple):
    """What became of an endpoint.

    content: the slice's bytes, or None where a fault leaves the endpoint without a slice.
    reason: the first fault in words, with its place in the document; empty where there is none.
    warnings: what a slice could not keep, and what else is to be told of it; without lines, as faults of the document.
    schema_count: the schemas in its components, 0 where there is no slice.
    losses: what the conversion loses, which are warnings too; where there is no slice for that, just what forbids it.
    traceback: where this tool went wrong, for which there is no slice; "" where it did not.
    faults: where there is no slice those that forbid it, else those of the document that the slice has as well. The
        latter are told without their lines, which edits elsewhere move.
    is_tolerable: faults of the document alone, such that the setting `source_faults` decides whether there is a slice.
    document: what the content says, which shares its values with other slices; None where there is none.
    """

    endpoint: Endpoint
    content: bytes | None
    reason: str
    warnings: tuple[Told, ...] = ()
    schema_count: int = 0
    losses: tuple[Lost, ...] = ()
    traceback: str = ""
    faults: tuple[Told, ...] = ()
    is_tolerable: bool = False
    document: Mapping[str, Value] | None = None


#: How many faults of one endpoint are told at most.
_MOST_TOLD = 25


class _Reached(NamedTuple):
    """The shared parts that a slice reaches, and what is found of all of them together.

    faults: what is wrong with their pointing.
    telling: those that a slice may have to fill in or say something of.
    reads_alike: all of them read the same in each slice.
    own_names: what those of the document's own components are called, where others are moved beside them.
    notices: what is to be told of every slice that one of them is in.
    """

    parts: list[Part]
    faults: list[Fault]
    telling: list[Part]
    reads_alike: bool
    own_names: frozenset[ComponentName]
    notices: tuple[Told, ...]


class _Located(NamedTuple):
    """Where the components of a slice are from.

    parts: by section and name. faults: those of the slice in components, with their places in the sources.
    """

    parts: dict[ComponentName, Part]
    faults: dict[Fault, Fault]

    @classmethod
    def of(cls, components: Mapping[str, Sequence[FilledPart]]) -> _Located:
        """Return what is known at first."""
        return cls({(kind, each.name): each.part for kind, members in components.items() for each in members}, {})


class Slicer:
    """One document, cut and planned, from which slices are made.

    sources: the files that it is made of.
    """

    def __init__(
        self,
        document: Document,
        sources: Sources,
        settings: Settings,
        facts: Facts | None = None,
    ) -> None:
        """Cut and plan a document.

        facts: what is remembered of it.

        Raises DocumentError where the endpoints are kept in a file that cannot be read.
        """
        self.document = document
        self.sources = sources
        entry = Entry.of(document, sources)
        for fault in entry.faults:
            if fault.tokens[0] in ENDPOINT_FIELDS:  # nobody knows which endpoints there are
                line, column = locate(read_regular(sources.entry), document.file, fault.tokens) or (None, None)
                raise DocumentError(fault.message, Where(document.file, line, column, readable(fault.tokens)))
        if settings.webhooks:
            _check_webhooks(document)
        target = target_of(settings, document.model.family)
        #: What is remembered of the document, and what was found of it.
        self.memory = Memory(facts, document.table, sources)
        kept_in = {plain(file) for file, _ in entry.resolver.origins.values()} - {ENTRY}
        self.memory.enter(_context_of(entry, target, settings), document.root, kept_in)
        self.extensions = choose(entry, settings.drop_extensions, settings.keep_extensions, self.memory)
        self.memory.choose(self.extensions.dropped)
        self.parts: Parts = cut(entry, model_of(target), self.extensions.dropped, settings.webhooks, self.memory)
        self._entry = entry
        self._target = target
        self._is_strict = settings.strict
        #: Faults of the document cost no slice.
        self.is_lenient = settings.source_faults == "warn"
        self.format = settings.format
        self._is_full = settings.validate == "full"
        self.volatile = Volatile(settings.volatile)
        self.plan: Plan
        self.dependencies: Dependencies
        self.plan, self.dependencies = make_plan(self.parts, settings, self.volatile)
        self._recent: Recent[Gathered] = Recent()
        self._recently_reached: Recent[_Reached] = Recent()
        self._recently_located: Recent[_Located] = Recent()
        self._assembler = Assembler(settings.format)
        self._numbers = {(e.path, e.method): number for number, e in enumerate(self.plan.endpoints)}
        self._files = {(e.path, e.method): e.file for e in self.plan.endpoints}
        self._source = Source(entry, self.extensions.dropped, self._files)
        self._own_names = own_names(self.parts.shared.values())
        self._left_out = [
            Told("", "", f"{document.file}{readable((name,))}: left out of slices, since {why}; {_keeping(name)}")
            for name, why in self.extensions.left_out.items()
        ]
        self._own = {(e.path, e.method): e for e in self.parts.endpoints}
        self._shared: list[Part] = list(self.parts.shared.values())
        #: Many endpoints share a fault.
        self._told_faults: dict[tuple[Fault, bool], Told] = {}
        #: Of the files that have one, which they keep as they were read.
        self._locators: dict[str, Locator] = {}
        #: What is to be told of every slice that a part is in, by the part's id.
        self._notices = Notices(document, sources)
        #: Nor need it be said again for each slice what a part loses.
        self._told: dict[tuple[str, Loss], tuple[Lost, Told]] = {}

    @cached_property
    def conversion(self) -> Conversion | None:
        """How parts become those of another version; None where slices are in the document's own."""
        if self._target == self.document.model.family:
            return None
        from oas_tasks.slices.convert_parts import Conversion  # a quarter of all code, and seldom used

        return Conversion.of(self._entry, self._target, self.parts.shared)

    @cached_property
    def _verdicts(self) -> Verdicts:
        # What is moved has another name in each slice, and is nobody's in the document.
        own = (part for part in self.parts.shared.values() if part.section == "schemas" and not part.moved)
        schemas = ValuesOfParts({part.name: part for part in own})
        names_dialects = self.document.names_dialects or self.sources.names_dialects
        return Verdicts(self.target_model, schemas, self._source, self.conversion, names_dialects)

    @cached_property
    def volatile_in_slices(self) -> Volatile:
        """The volatile places of slices: not those where a conversion keeps what is none in the document."""
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
        """Return the ids of the parts that an endpoint's own part needs, or what every slice has of the root."""
        return tuple(dict.fromkeys((*self.own_part(path, method).needs, *self.parts.heading.needs)))

    def make(self, path: str, method: str) -> Slice:
        """Return the slice of one endpoint of the plan. Raises KeyError where there is none.

        What goes wrong here costs this endpoint its slice and no other: a fault of this tool is a reason like any.
        """
        number = self._numbers[path, method]
        try:
            return self._made(number)
        except NOT_OURS:
            raise
        except BaseException as error:  # noqa: BLE001  the border of one slice; a panic in Rust is no Exception
            lines = format_exception(error)
            return Slice(self.plan.endpoints[number], None, crash_reason(error), traceback="".join(lines))

    def _made(self, number: int) -> Slice:
        endpoint = self.plan.endpoints[number]
        own = self._own[endpoint.path, endpoint.method]
        reached = self._reached(number)
        faults = self._pointing_faults(own, reached)
        crash = next((fault for fault in faults if fault.traceback), None)
        if crash is not None:
            return Slice(endpoint, None, crash.message, traceback=crash.traceback)
        in_files = dict.fromkeys(each for part in (own.part, *reached.telling) for each in part.losses)
        if not faults and in_files:
            faults = self._lost_in_files(in_files)
        if faults:
            return self._refused(endpoint, faults)._replace(is_tolerable=False)  # nobody could put it together
        if own.part.section == WEBHOOKS and WEBHOOKS not in model_of(self._target).types["OpenAPI"].fields:
            place = own.part.source((own.path,))
            message = f"this is a webhook, and OpenAPI {self._target} has none"
            fault = Fault(Phase.VERSION, message, place[1], place[0], kind=FaultKind.MADE)
            return self._refused(endpoint, [fault], (self._webhook_lost(fault),))
        made, filling = self._drafted(number, own, reached)
        if made.losses:
            faults = self._grave_losses(made, own)
            if faults:
                return self._refused(endpoint, faults, self._lost_at(made, faults))
        found = self._verdicts.faults(made, own, self.parts.heading)
        faults = [*self.parts.misshapen, *(self._in_sources(fault, made, own) for fault in found)]
        if self._forbid(faults):
            return self._refused(endpoint, faults)
        try:
            content = self._assembler.content(made)
        except FormatError as error:
            return Slice(endpoint, None, str(error), faults=(Told("", "", str(error)),))
        if self._is_full:
            others = self._second_opinion(content, made, faults)
            faults += [self._in_sources(fault, made, own) for fault in others]
            if self._forbid(faults):
                return self._refused(endpoint, faults)
        losses = [self._loss(*each) for each in made.losses]
        told_of_parts = (*self._notices.of(self.parts.heading), *self._notices.of(own.part), *reached.notices)
        warnings = (
            *self._left_out,
            *(
                Lost(loss, self.sources.shown_path(file), readable(self.sources.place_written(file, loss.tokens))).told
                for file, loss in in_files
            ),
            *self._warnings(own, reached, filling),
            *each_once(told_of_parts),
            *(told for _, told in losses),
        )
        schema_count = len(made.components.get("schemas", ()))
        lost = tuple(lost for lost, _ in losses)
        if not faults:
            return Slice(endpoint, content, "", warnings, schema_count, lost, document=made.value)
        told = self._told_of(faults, with_lines=False)
        is_tolerable = any(fault.is_of_source for fault in faults)
        reason = reason_of(told[:1])
        clean = Slice(endpoint, content, reason, warnings, schema_count, lost, document=made.value)
        return clean._replace(faults=told, is_tolerable=is_tolerable)

    def _drafted(self, number: int, own: EndpointPart, reached: _Reached) -> tuple[Draft, Filling]:
        """Return the slice of the endpoint of this number before it is written, and what fills the holes in it."""
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

    def _refused(self, endpoint: Endpoint, faults: Sequence[Fault], losses: tuple[Lost, ...] = ()) -> Slice:
        """Return what becomes of an endpoint that gets no slice for its faults, with their places in the sources."""
        grave = [fault for fault in faults if fault.kind is not FaultKind.ADVICE]
        if self.is_lenient:  # which would have let the others pass
            grave = [fault for fault in grave if not fault.is_of_source] or grave
        told = self._told_of(grave, with_lines=True)
        is_tolerable = not self.is_lenient and all(fault.is_of_source for fault in grave)
        return Slice(endpoint, None, reason_of(told[:1]), losses=losses, faults=told, is_tolerable=is_tolerable)

    def _grave_losses(self, made: Draft, own: EndpointPart) -> list[Fault]:
        """Return the losses that leave no slice of use, or all where none is let pass; the worst first."""
        impossible = [each for each in made.losses if each[1].kind == "impossible"]
        if any(not loss.stays and part is not own.part for part, loss in impossible):
            from oas_tasks.slices.convert_parts import outside_callbacks

            direct = outside_callbacks(self.document.model, own, self.parts.shared)
            impossible = [(part, loss) for part, loss in impossible if loss.stays or part.id in direct]
        others = [each for each in made.losses if each not in impossible]
        at = ([(part.source(loss.tokens), loss) for part, loss in listed] for listed in (impossible, others))
        return self._as_faults(*at)

    def _as_faults(self, impossible: Iterable[tuple[Place, Loss]], others: Iterable[tuple[Place, Loss]]) -> list[Fault]:
        """Return losses that leave no slice of use as faults, and the others too where nothing may be lost."""
        found = [(place, loss.what) for place, loss in impossible]
        if self._is_strict:
            reason = "and 'strict' lets nothing be lost"
            found += [(place, f"{loss.what}, {reason}") for place, loss in others if loss.kind != "ambiguous"]
        return [Fault(Phase.VERSION, said, tokens, file, kind=FaultKind.MADE) for (file, tokens), said in found]

    def _loss(self, part: Part, loss: Loss) -> tuple[Lost, Told]:
        """Return a loss with its place in the sources, and in words."""
        known = self._told.get((part.id, loss))
        if known is None:
            file, tokens = part.source(loss.tokens)
            shown = readable(self.sources.place_written(file, tokens))
            lost = Lost(replace(loss, tokens=tokens), self.sources.shown_path(file), shown)
            known = self._told[part.id, loss] = (lost, lost.told)
        return known

    def _lost_at(self, made: Draft, faults: Sequence[Fault]) -> tuple[Lost, ...]:
        """Return the losses that are these faults."""
        places = {(fault.file, fault.tokens) for fault in faults}
        return tuple(self._loss(part, loss)[0] for part, loss in made.losses if part.source(loss.tokens) in places)

    def _webhook_lost(self, fault: Fault) -> Lost:
        """Return the loss of a whole webhook."""
        from oas_tasks.openapi.conversion import Loss

        loss = Loss(fault.tokens, fault.message, "left out", "impossible")
        return Lost(loss, self.sources.shown_path(fault.file), readable(fault.tokens))

    def _reached(self, number: int) -> _Reached:
        """Return the shared parts that the endpoint of this number reaches; for those that reach the same, the same."""
        key = self.dependencies.closures[number]
        return self._recently_reached.by(key, key, lambda: self._looked_at(key))

    def _looked_at(self, closure: Sequence[int]) -> _Reached:
        parts = [self._shared[index] for index in closure]
        return _Reached(
            parts,
            [fault for part in parts for fault in part.faults],
            [part for part in parts if self._is_telling(part)],
            not any(part.holes or part.moved for part in parts),
            own_names(parts) if any(part.moved for part in parts) else frozenset(),
            each_once(told for part in parts for told in self._notices.of(part)),
        )

    def _is_telling(self, part: Part) -> bool:
        return bool(part.holes or part.moved or part.operation_ids or part.dynamic_anchors or part.losses)

    def _gathered(self, number: int, reached: _Reached, filling: Filling) -> Gathered | None:
        """Return the shared parts of a slice put together, the same object where they read the same in each slice."""
        if not reached.reads_alike or filling.ambiguous:
            return None
        key = self.dependencies.closures[number]
        return self._recent.by(key, key, lambda: gathered(self.parts, reached.parts, filling, self.conversion))

    def _second_opinion(self, content: bytes, made: Draft, faults: Sequence[Fault]) -> list[Fault]:
        """Return what is wrong with a slice's bytes as somebody else reads them.

        faults: what is known to be wrong with the document, which the other one says in words of its own.
        """
        from oas_tasks.openapi.validation import second_opinion

        read_back = formats.read(content, "slice.json" if self.format == "json" else "slice.yaml")
        if read_back != made.value:
            message = "the slice reads otherwise than it was meant, which is a fault of oas-tasks; please report it"
            return [Fault(Phase.EQUIVALENCE, message, ())]
        found = second_opinion.faults(self._target, made.value)
        if any(fault.is_of_source for fault in faults):
            return [fault for fault in found if fault.phase is Phase.REFERENCES]
        return [fault for fault in found if fault.kind is not FaultKind.ADVICE] if faults else found

    def _lost_in_files(self, found: Iterable[tuple[str, Loss]]) -> list[Fault]:
        """Return what files in other versions lost that leaves no slice of use, or all where no loss is let pass."""
        at = [((file, loss.tokens), loss) for file, loss in found]
        impossible = [each for each in at if each[1].kind == "impossible"]
        return self._as_faults(impossible, (each for each in at if each not in impossible))

    def _warnings(self, own: EndpointPart, reached: _Reached, filling: Filling) -> Iterator[Told]:
        for part in (own.part, *reached.telling):
            for hole in dropped_links(part, filling) if part.holes else ():
                file, tokens = part.source(tuple(map(str, hole.tokens[:-1])))
                names = hole.operation_id or hole.operation
                named = f", '{hole.operation_id or ' '.join(reversed(hole.operation or ()))}'," if names else ""
                place = f"{self.sources.shown_path(file)}{readable(tokens) if tokens else ''}"
                text = f"the link at {place} was left out: the operation that it names{named} has no slice"
                yield Told("", "", printable(text))

    def _pointing_faults(self, own: EndpointPart, reached: _Reached) -> list[Fault]:
        """Return what is wrong with the pointing of the heading, an endpoint's own part and all that it reaches."""
        return [*self.parts.faults, *own.part.faults, *reached.faults]

    def _in_sources(self, fault: Fault, made: Draft, own: EndpointPart) -> Fault:
        """Return a fault whose place is in a slice with its place in the sources."""
        part, inside = own.part, fault.tokens[1:]
        match fault.tokens:
            case ():
                part, inside = self.parts.heading, ()
            case ("components", section, wanted, *below):
                located = self._recently_located.of(made.components, _Located.of)
                known = located.faults.get(fault)
                if known is None:
                    part, inside = located.parts.get((section, wanted), part), tuple(below)
                    known = self._standing(fault, part, inside)
                    if part is not own.part:  # it is the same in each slice that has the same components
                        located.faults[fault] = known
                return known
            case ("tags", index, *below) if index.isdigit():
                part, inside = made.tags[int(index)].part, tuple(below)
            case (field_name, *_) if field_name != own.part.section:
                part, inside = self.parts.heading, fault.tokens
        return self._standing(fault, part, inside)

    def _standing(self, fault: Fault, part: Part, inside: tuple[str, ...]) -> Fault:
        """Return a fault that is inside of a part with its place in the sources."""
        file, tokens = part.source(inside)
        if self.conversion is not None:  # which may have made the place
            while tokens and self._entry.resolver.value((file, tokens)) is MISSING:
                tokens = tokens[:-1]
        if fault.phase is Phase.COMPLETENESS:  # nobody but this tool puts slices together
            said = f"{fault.message}, which is a fault of oas-tasks; please report it"
            return fault._replace(message=said, tokens=tokens, file=file)
        return fault._replace(tokens=tokens, file=file)

    def _told_of(self, faults: Sequence[Fault], with_lines: bool) -> tuple[Told, ...]:
        """Return faults as they are told, each once; of too many rather those that say different things."""
        if len(faults) > _MOST_TOLD:
            first = {fault.message: fault for fault in reversed(faults)}
            faults = [*(each for each in faults if each is first[each.message]), *faults][:_MOST_TOLD]
        return tuple(dict.fromkeys(self._told_fault(fault, with_lines) for fault in faults))

    def _told_fault(self, fault: Fault, with_lines: bool) -> Told:
        """Return a fault as it is told: `api.yaml:11:20: 'strng' is not a type (at #/components/schemas/User/type)`."""
        told = self._told_faults.get((fault, with_lines))
        if told is None:
            shown = self.sources.shown_path(fault.file)
            tokens = self.sources.place_written(fault.file, fault.tokens)
            place = self._place(fault.file, shown, tokens, fault.key) if with_lines else None
            key = "" if with_lines else fault.key
            told = Told(str(Where(shown, *(place or ()))), readable(tokens or ("",)), fault.message, key)
            self._told_faults[fault, with_lines] = told
        return told

    def _place(self, file: str, shown: str, tokens: Sequence[str], key: str = "") -> tuple[int, int] | None:
        """Return line and column of a place in one of the files, None where that cannot be read any more.

        key: those of the key of this field there, where one is given.
        """
        locator = self._locators.get(file)
        if locator is None:
            try:
                content = read_regular(self.sources.path(file))
            except OSError:
                return None
            locator = self._locators[file] = Locator(content, shown, CONTAINERS)
        return locator.locate((*tokens, key), key=True) if key else locator.locate(tokens)


def _added(before: Value, after: Value, at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the places of mappings that only the latter of two values has."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in after.items():
            if key in before:
                yield from _added(before[key], value, (*at, key))
            else:
                yield (*at, key)


def _keeping(name: str) -> str:
    return f"--keep-extension {name} keeps it"


def _check_webhooks(document: Document) -> None:
    """Raise DocumentError where a webhook is called like a path, so that nobody could tell their endpoints apart."""
    webhooks, paths = document.root.get(WEBHOOKS), document.root.get(PATHS)
    if not isinstance(webhooks, dict) or not isinstance(paths, dict):
        return
    for name in webhooks:
        if name in paths:
            where = Where(document.file, pointer=readable((WEBHOOKS, name)))
            raise DocumentError(
                f"the webhook '{name}' is called like a path", where, "Rename it, or leave webhooks out of the slicing"
            )


def target_of(settings: Settings, own: Family) -> Family:
    """Return the version that slices are made in.

    own: the document's.
    """
    return next((each for each in FAMILIES if settings.output_version == f"{each}.x"), own)


def _context_of(entry: Entry, target: Family, settings: Settings) -> list[object]:
    """Return all that each fact of a document depends on, whatever part it is of."""
    resolver = entry.resolver
    return [
        __version__,
        OUTPUT_VERSION,
        entry.model.family,
        target,
        settings.webhooks,
        settings.allow_outside,
        resolver.self_uri,
        sorted(resolver.origins.items()),
        sorted(resolver.lost.items()),
        sorted(entry.aliases.items()),
    ]
