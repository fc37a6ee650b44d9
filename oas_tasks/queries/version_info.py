"""Finds the losses of conversions to other versions, by making the slices without writing them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from oas_tasks.document.document import Document
from oas_tasks.document.files import Sources
from oas_tasks.document.place import EndpointKey
from oas_tasks.errors import Crash, UserError, keep_crash
from oas_tasks.openapi.conversion import LossKind
from oas_tasks.openapi.model import FAMILIES, Family, model_of
from oas_tasks.plan.cut_document import cut_and_plan, target_of
from oas_tasks.plan.plan import Endpoint
from oas_tasks.processes import SECONDS_PER_SLICE, collection_held, parallel_map
from oas_tasks.settings import Settings
from oas_tasks.slices.diagnostic import reason_of
from oas_tasks.slices.slice_result import ReportedLoss
from oas_tasks.slices.slicer import Slicer


@dataclass(frozen=True, slots=True)
class Survey:
    """The result of a build to one version.

    endpoints: all endpoints of that build.
    losses: in order of occurrence, each with the numbers of its endpoints.
    failed: why endpoints get no slice, by number.
    blocked: the failed ones that have losses, and not just a fault of the document.
    """

    target: Family
    endpoints: Sequence[Endpoint]
    losses: dict[ReportedLoss, list[int]]
    failed: dict[int, str]
    blocked: set[int]


def surveys(document: Document, settings: Settings, only: EndpointKey | None) -> Iterator[Survey]:
    """Yield the results of builds to the version in the settings, or to every version but the document's.

    only: the endpoint of interest; None for all that the filters select.

    Raises UserError where the document cannot be sliced.
    """
    own = document.model.family
    asked = None if settings.output_version == "auto" else target_of(settings, own)
    sources = Sources(settings.spec, str(settings.spec), document.root, settings.allow_outside)
    for target in FAMILIES if asked is None else (asked,):
        if target != own or asked is not None:
            with collection_held():
                to_target = replace(settings, output_version=f"{target}.x")  # type: ignore[arg-type]  # a choice
                slicer = Slicer(cut_and_plan(document, sources, to_target), to_target)
            chosen = [e for e in slicer.plan.endpoints if only is None or e.key == only]
            yield _survey(slicer, target, chosen, settings.concurrency)


def _survey(slicer: Slicer, target: Family, endpoints: Sequence[Endpoint], concurrency: int) -> Survey:
    found = Survey(target, endpoints, {}, {}, set())
    seconds = len(endpoints) * SECONDS_PER_SLICE
    outcomes = parallel_map(partial(_outcome, slicer), endpoints, concurrency, seconds)
    for number, outcome in enumerate(outcomes):
        for lost in dict.fromkeys(outcome.losses):
            found.losses.setdefault(lost, []).append(number)
        if outcome.traceback:
            endpoint = endpoints[number]
            keep_crash(Crash(endpoint.label, outcome.reason, outcome.traceback))
        if outcome.reason:
            found.failed[number] = outcome.reason
            if outcome.losses:
                found.blocked.add(number)
    return found


class _Outcome(NamedTuple):
    """The outcome of slicing an endpoint, without the slice.

    reason: why it gets no slice, "" where it gets one.
    """

    reason: str
    losses: tuple[ReportedLoss, ...] = ()
    traceback: str = ""


def _outcome(slicer: Slicer, endpoint: Endpoint) -> _Outcome:
    try:
        made = slicer.make(*endpoint.key)
    except UserError as error:
        return _Outcome(str(error))
    reason = "" if made.content is not None else reason_of(made.faults) or made.reason
    return _Outcome(reason, made.losses, made.traceback)


class Group(NamedTuple):
    """Losses with the same wording.

    what, became: as in a loss, with `'…'` for quoted words that differ.
    endpoints: the numbers of their endpoints.
    """

    kind: LossKind
    what: str
    became: str
    places: list[ReportedLoss]
    endpoints: set[int]


def grouped(survey: Survey) -> list[Group]:
    """Return the losses grouped by wording, whatever of the document it quotes, those with most places first."""
    sorts: dict[tuple[LossKind, str, str], list[ReportedLoss]] = {}
    for lost in survey.losses:
        loss = lost.loss
        key = (loss.kind, _general(loss.what, loss.tokens), _general(loss.became, loss.tokens))
        sorts.setdefault(key, []).append(lost)
    groups = [
        Group(
            kind,
            _common([lost.loss.what for lost in places], what),
            _common([lost.loss.became for lost in places], became),
            places,
            {number for lost in places for number in survey.losses[lost]},
        )
        for (kind, what, became), places in sorts.items()
    ]
    return sorted(groups, key=lambda group: (-len(group.places), group.what, group.became))


#: A quoted name or value in a sentence, which may contain quotes, so that its end depends on what follows.
_QUOTED = re.compile(r"'(.*?)'(?=[\s,;:.)]|$)", re.DOTALL)
_LIST = re.compile(r"'…'(?:, '…')+ were")
#: The field names of OpenAPI.
_WORDS = frozenset(
    name for family in FAMILIES for object_type in model_of(family).types.values() for name in object_type.fields
)


def _general(words: str, tokens: Sequence[str]) -> str:
    """Return a sentence with `'…'` for what it quotes of the document.

    tokens: the place of the loss; an OpenAPI field at its end is part of the wording and stays.
    """
    field = tokens[-1] if tokens and tokens[-1] in _WORDS else None
    general = _QUOTED.sub(lambda quoted: quoted[0] if quoted[1] == field else "'…'", words)
    return _LIST.sub("'…' was", general)


def _common(said: Sequence[str], general: str) -> str:
    """Return sentences of one wording as one, with `'…'` for quotes that differ; `general` where their number does."""
    quoted = [_QUOTED.findall(each) for each in said]
    if len({len(each) for each in quoted}) > 1:
        return general
    alike = iter([of_all[0] if len(set(of_all)) == 1 else "…" for of_all in zip(*quoted, strict=True)])
    return _QUOTED.sub(lambda _: f"'{next(alike)}'", said[0])
