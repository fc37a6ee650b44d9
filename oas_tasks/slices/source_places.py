"""Reports faults and losses of slices where they stand in the sources: file, line and pointer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from oas_tasks.document.document import CONTAINERS
from oas_tasks.document.files import Sources
from oas_tasks.document.resolver import Resolver
from oas_tasks.errors import Where
from oas_tasks.formats.locate import Locator
from oas_tasks.openapi.faults import Fault, Phase
from oas_tasks.openapi.model import ComponentName
from oas_tasks.openapi.pointer import MISSING, readable
from oas_tasks.parts.part import EndpointPart, Part
from oas_tasks.parts.placeholders import AnyLink, LinkById
from oas_tasks.plan.recent import Recent
from oas_tasks.printable import printable
from oas_tasks.regular_files import read_regular
from oas_tasks.slices.assemble import Draft, FilledPart
from oas_tasks.slices.diagnostic import Diagnostic
from oas_tasks.slices.slice_result import ReportedLoss

if TYPE_CHECKING:
    from oas_tasks.openapi.conversion import Loss

#: How many faults of one endpoint are reported at most.
_MOST_REPORTED = 25


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


class SourcePlaces:
    """Finds the places of one document's sources that its slices come from.

    heading: the root fields that every slice has.
    converts: slices are in another version than the document, so that a place may have been made by the conversion.
    """

    def __init__(self, sources: Sources, resolver: Resolver, heading: Part, converts: bool) -> None:
        self._sources = sources
        self._resolver = resolver
        self._heading = heading
        self._converts = converts
        self._recently_located: Recent[_Located] = Recent()
        #: Many endpoints share a fault.
        self._diagnostics: dict[tuple[Fault, bool], Diagnostic] = {}
        #: Of the files that have a fault; each keeps its file as it was read.
        self._locators: dict[str, Locator] = {}
        self._losses: dict[tuple[str, Loss], ReportedLoss] = {}

    # --- faults ---------------------------------------------------------------------------------------------------

    def fault(self, fault: Fault, made: Draft, own: EndpointPart) -> Fault:
        """Return a fault whose place is in a slice with its place in the sources."""
        part, inside = own.part, fault.tokens[1:]
        match fault.tokens:
            case ():
                part, inside = self._heading, ()
            case ("components", section, wanted, *below):
                located = self._recently_located.of(made.components, _Located.of)
                known = located.faults.get(fault)
                if known is None:
                    part, inside = located.parts.get((section, wanted), part), tuple(below)
                    known = self._in_part(fault, part, inside)
                    if part is not own.part:  # it is the same in each slice that has the same components
                        located.faults[fault] = known
                return known
            case ("tags", index, *below) if index.isdigit():
                part, inside = made.tags[int(index)].part, tuple(below)
            case (field_name, *_) if field_name != own.part.section:
                part, inside = self._heading, fault.tokens
        return self._in_part(fault, part, inside)

    def _in_part(self, fault: Fault, part: Part, inside: tuple[str, ...]) -> Fault:
        """Return a fault at a place in a part with its place in the sources."""
        file, tokens = part.source(inside)
        while self._converts and tokens and self._resolver.value((file, tokens)) is MISSING:
            tokens = tokens[:-1]  # the conversion made it
        message = fault.message
        if fault.phase is Phase.COMPLETENESS:  # of how the slice was assembled
            message += ", which is a fault of oas-tasks; please report it"
        return fault._replace(message=message, tokens=tokens, file=file)

    def diagnostics(self, faults: Sequence[Fault], with_lines: bool) -> tuple[Diagnostic, ...]:
        """Return faults as diagnostics, each once; of too many rather those that say different things.

        faults: with their places in the sources.
        """
        if len(faults) > _MOST_REPORTED:
            first = {fault.message: fault for fault in reversed(faults)}
            faults = [*(each for each in faults if each is first[each.message]), *faults][:_MOST_REPORTED]
        return tuple(dict.fromkeys(self._diagnostic(fault, with_lines) for fault in faults))

    def _diagnostic(self, fault: Fault, with_lines: bool) -> Diagnostic:
        """Return a fault as `api.yaml:11:20: 'strng' is not a type (at #/components/schemas/User/type)`."""
        known = self._diagnostics.get((fault, with_lines))
        if known is None:
            shown = self._sources.shown_path(fault.file)
            tokens = self._sources.place_written(fault.file, fault.tokens)
            position = self._position(fault.file, shown, tokens, fault.key) if with_lines else None
            place = str(Where(shown, *(position or ())))
            known = Diagnostic(place, readable(tokens or ("",)), fault.message, fault.key)
            self._diagnostics[fault, with_lines] = known
        return known

    def _position(self, file: str, shown: str, tokens: Sequence[str], key: str) -> tuple[int, int] | None:
        """Return line and column of a place in one of the files, None where that cannot be read any more.

        key: the field there whose key is meant, "" where none is.
        """
        locator = self._locators.get(file)
        if locator is None:
            try:
                content = read_regular(self._sources.path(file))
            except OSError:
                return None
            locator = self._locators[file] = Locator(content, shown, CONTAINERS)
        return locator.locate((*tokens, key), key=True) if key else locator.locate(tokens)

    # --- losses ---------------------------------------------------------------------------------------------------

    def loss(self, part: Part, loss: Loss) -> ReportedLoss:
        """Return a loss of a part with its place in the sources."""
        known = self._losses.get((part.id, loss))
        if known is None:
            file, tokens = part.source(loss.tokens)
            shown = readable(self._sources.place_written(file, tokens))
            known = ReportedLoss.of(replace(loss, tokens=tokens), self._sources.shown_path(file), shown)
            self._losses[part.id, loss] = known
        return known

    def losses_at(self, made: Draft, faults: Iterable[Fault]) -> tuple[ReportedLoss, ...]:
        """Return the losses of a slice that stand where faults do."""
        places = {(fault.file, fault.tokens) for fault in faults}
        return tuple(self.loss(part, loss) for part, loss in made.losses if part.source(loss.tokens) in places)

    def loss_in_file(self, file: str, loss: Loss) -> ReportedLoss:
        """Return a loss of a file that is in another version than the document."""
        pointer = readable(self._sources.place_written(file, loss.tokens))
        return ReportedLoss.of(loss, self._sources.shown_path(file), pointer)

    def lost_webhook(self, fault: Fault) -> ReportedLoss:
        """Return the loss of a whole webhook. fault: of that, in the sources."""
        from oas_tasks.openapi.conversion import Loss

        loss = Loss(fault.tokens, fault.message, "left out", "impossible")
        return ReportedLoss.of(loss, self._sources.shown_path(fault.file), readable(fault.tokens))

    def dropped_link(self, part: Part, link: AnyLink) -> Diagnostic:
        """Return the warning that a Link of a part was left out."""
        file, tokens = part.source(tuple(map(str, link.tokens[:-1])))
        operation_id = link.operation_id if isinstance(link, LinkById) else ""
        name = operation_id or " ".join(reversed(link.operation or ()))
        named = f", '{name}'," if name else ""
        place = f"{self._sources.shown_path(file)}{readable(tokens) if tokens else ''}"
        text = f"the link at {place} was left out: the operation that it names{named} has no slice"
        return Diagnostic("", "", printable(text))
