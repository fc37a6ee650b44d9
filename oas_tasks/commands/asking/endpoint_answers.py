"""Understands answers to the question which endpoints to slice: all, a pattern, a tag, or endpoints by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, NamedTuple

from oas_tasks.errors import UserError
from oas_tasks.plan.filters import Candidate, idle, selected
from oas_tasks.plan.plan import Endpoint
from oas_tasks.settings import Settings, settings_of

_ALL = frozenset({"all", "a", "y", "yes", "*", "/*", "everything"})

#: The answers that ask for the list, of which the first is the one that is offered.
LIST = ("list", "?", "pick", "choose", "some", "one", "n", "no")

#: How many matches are named.
_NAMED = 3


class EndpointAnswer(NamedTuple):
    """An answer.

    numbers: the positions of the endpoints that it means among those that there are.
    filters: the values of filters that mean the same, by setting; none for all endpoints and for single ones.
    is_all: all endpoints, without a filter.
    list_of: what the list that the user wants is filtered by at first; None where the answer is an answer.
    """

    numbers: Sequence[int] = ()
    filters: Mapping[str, tuple[str, ...]] = {}
    is_all: bool = False
    list_of: str | None = None


class EndpointAnswers:
    """Understands answers about some endpoints."""

    def __init__(self, endpoints: Sequence[tuple[Settings, Endpoint]]) -> None:
        """Take all endpoints, each with the settings of its document."""
        self._settings = endpoints[0][0]
        self._candidates = [
            Candidate(each.path, each.method, each.cells.tags, each.cells.operation_id) for _, each in endpoints
        ]
        #: The names by which `--endpoint` finds each.
        self.labels = [
            f"{settings.name}:{each.method} {each.path}" if settings.name else f"{each.method} {each.path}"
            for settings, each in endpoints
        ]
        self._by_name: dict[str, list[int]] = {}
        for number, (label, each) in enumerate(zip(self.labels, self._candidates, strict=True)):
            names = {label, f"{each.method} {each.path}", each.path, each.path.lstrip("/"), each.operation_id} - {""}
            for name in names:
                self._by_name.setdefault(name, []).append(number)
        self._by_folded: dict[str, list[int]] = {}
        for name, numbers in self._by_name.items():
            self._by_folded.setdefault(name.casefold(), []).extend(numbers)
        self._tags = {tag.casefold(): tag for each in self._candidates for tag in each.tags}
        self._methods = {each.method.casefold(): each.method for each in self._candidates}

    @property
    def example(self) -> str:
        """A pattern that matches some of the endpoints."""
        path = self._candidates[len(self._candidates) // 2].path
        end = path.find("/", 1)
        return f"{path[:end] if end > 0 else path}*"

    def read(self, text: str) -> EndpointAnswer:
        """Return what an answer means. Raises UserError where it means nothing, with what to type."""
        answer = _unquoted(text)
        first, _, rest = answer.partition(" ")
        if answer.casefold() in _ALL or not answer:
            return EndpointAnswer(range(len(self.labels)), is_all=True)
        named = self._named(answer)
        if named:
            return EndpointAnswer(named)
        if first.casefold() in LIST and (not rest or first.casefold() == LIST[0]):
            return EndpointAnswer(list_of=rest.strip())
        found = self._filtered(answer)
        if found is None:
            raise self._nothing(answer)
        return found

    def comment(self, text: str) -> list[str]:
        """Return what an answer means so far, in lines: how many endpoints match, and the first of them."""
        total = len(self.labels)
        answer = _unquoted(text)
        if not answer:
            return [f"Enter: all {total:,}. Down arrow: a list."]
        try:
            found = self.read(answer)
        except UserError:
            longer = self._longer(answer)
            more = f"; {_as_typed(longer)} matches {len(longer.numbers):,}" if longer is not None else ""
            return [f"0 of {total:,} match{more}"]
        if found.list_of is not None:
            return ["Enter opens the list"]
        names = [self.labels[number] for number in found.numbers[:_NAMED]]
        rest = len(found.numbers) - len(names)
        return [f"{len(found.numbers):,} of {total:,} match", *names, *([f"and {rest:,} more"] if rest else [])]

    def complete(self, text: str) -> list[str]:
        """Return the paths and endpoints that begin like a text."""
        typed = text.lstrip()
        folded = typed.casefold()
        names = (name for each, label in zip(self._candidates, self.labels, strict=True) for name in (each.path, label))
        return list(dict.fromkeys(name for name in names if name.casefold().startswith(folded)))[:100]

    def _named(self, answer: str) -> list[int]:
        """Return the endpoints that an answer names, several with commas between them; none where it names none."""
        whole = self._by_one_name(answer)
        if whole or "," not in answer:
            return whole
        each = [self._by_one_name(part) for part in answer.split(",") if part.strip()]
        return sorted({number for found in each for number in found}) if all(each) else []

    def _by_one_name(self, answer: str) -> list[int]:
        name = " ".join(_unquoted(answer).split())
        return self._by_name.get(name) or self._by_folded.get(name.casefold(), [])

    def _filtered(self, answer: str) -> EndpointAnswer | None:
        """Return the endpoints that an answer matches as a filter, None where it matches none."""
        for filters in self._readings(answer):
            if not all(filters.values()):  # nothing but commas, which as a filter would let everything through
                continue
            passing = selected(self._only(filters), self._candidates)
            numbers = [number for number, passes in enumerate(passing) if passes]
            if numbers:
                return EndpointAnswer(numbers, filters)
        return None

    def _only(self, filters: Mapping[str, tuple[str, ...]]) -> Settings:
        """Return the settings with these filters and no others."""
        values: dict[str, Any] = {"filter": (), "methods": (), "tags": (), "operation_ids": ()} | dict(filters)
        return replace(self._settings, **values)

    def _readings(self, answer: str) -> list[dict[str, tuple[str, ...]]]:
        """Return the filters that an answer may stand for, the likelier ones first."""
        folded = answer.casefold()
        found: list[dict[str, tuple[str, ...]]] = []
        if folded in self._methods:
            found.append({"methods": (self._methods[folded],)})
        first, _, rest = answer.partition(" ")
        methods = {"methods": (self._methods[first.casefold()],)} if rest and first.casefold() in self._methods else {}
        pattern = rest.strip() if methods else answer
        found.append(methods | {"filter": self._patterns(pattern)})
        if folded in self._tags:
            found.append({"tags": (self._tags[folded],)})
        if self._settings.filter_type == "glob" and re.match(r"[\w{]", pattern):
            found.append(methods | {"filter": self._patterns(f"/{pattern}")})
        return found

    def _patterns(self, text: str) -> tuple[str, ...]:
        """Return the patterns in a text. Raises UserError for a regular expression that is none."""
        return settings_of({"spec": "-", "filter": text, "filter_type": self._settings.filter_type}).filter

    def _longer(self, answer: str) -> EndpointAnswer | None:
        """Return what a pattern would match that has the answer in front, or in it; None where that is nothing."""
        if self._settings.filter_type == "regex" or set(answer) & set("*?[!"):
            return None
        return self._filtered(f"{answer}*") or self._filtered(f"*{answer}*")

    def _nothing(self, answer: str) -> UserError:
        """Return the error for an answer that means nothing."""
        message = f"nothing matches '{answer}'"
        longer = self._longer(answer)
        if longer is not None:
            return UserError(message, None, f"Did you mean {_as_typed(longer)}?")
        reading = self._readings(answer)[-1]
        method = "".join(f"{each} " for each in reading.get("methods", ()))
        for each in idle(self._only(reading), self._candidates):
            if each.name == "filter" and each.guess:
                return UserError(message, None, f"Did you mean {method}{each.guess}?")
        names = [*dict.fromkeys(each.path for each in self._candidates), *self.labels, *self._tags.values()]
        close = get_close_matches(answer, names, n=1)
        return UserError(
            message, None, f"Did you mean {close[0]}?" if close else f"Type {LIST[0]} to see what there is"
        )


def _as_typed(answer: EndpointAnswer) -> str:
    """Return what to type for an answer with a pattern."""
    return " ".join((*answer.filters.get("methods", ()), answer.filters["filter"][0]))


def _unquoted(text: str) -> str:
    """Return a text without blanks and quotes around it."""
    answer = text.strip()
    if len(answer) > 1 and answer[0] == answer[-1] and answer[0] in "'\"`":
        answer = answer[1:-1].strip()
    return answer
