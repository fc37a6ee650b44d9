"""Asks openapi-spec-validator about a slice: the second opinion of `validate = full`.

Most Python projects rely on this validator. It is slow, and by default it reads files and fetches URLs. Here it gets
only the slice, always uses the same backend, and keeps no slice in memory.
"""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

from oas_tasks.formats import Value
from oas_tasks.openapi.faults import Fault, FaultKind, Phase
from oas_tasks.openapi.model import Family, model_of
from oas_tasks.openapi.pointer import decode, encode, resolve, tokens_of
from oas_tasks.openapi.validation.structure import official_schema
from oas_tasks.openapi.walk import walk

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_BACKEND = "OPENAPI_SPEC_VALIDATOR_SCHEMA_VALIDATOR_BACKEND"


def faults(family: Family, document: Mapping[str, Value]) -> list[Fault]:
    """Return the faults that openapi-spec-validator finds in a document, in its words.

    Formats are not checked: which ones could be depends on other installed packages. Crashes are ignored as long as the
    structure is right: it crashes on every `x-` field of `paths`.
    """
    try:
        return _all_faults(family, _as_it_is_understood(family, document))
    finally:
        gc.collect(0)  # it leaves cycles behind, and the collector may be off (`oas_tasks.processes`)


def _all_faults(family: Family, document: Mapping[str, Value]) -> list[Fault]:
    if _steps(_renaming(document)) > _MOST_NAMES:
        return [Fault(Phase.STRUCTURE, _ENDED, (), kind=FaultKind.ADVICE)]
    # Not its `iter_errors`, which keeps every document in memory.
    validator = _validator_classes()[family](document)
    left_out: list[Fault] = []
    if _steps(_parents(document.get("tags"))) > _MOST_STEPS:  # it goes from each tag to the last of its parents
        validator.keyword_validators_registry.keyword_validators = {
            name: each for name, each in validator.keyword_validators.items() if name != "tags"
        }
        left_out.append(Fault(Phase.STRUCTURE, _TAGS_LEFT_OUT, ("tags",), kind=FaultKind.ADVICE))
    found = _faults(validator.schema_validator.iter_errors(document))
    if found:
        return found
    try:
        return _faults(validator.root_validator(validator.schema_path), are_defaults=True) + left_out
    except (RecursionError, _too_much()):
        return [Fault(Phase.STRUCTURE, _ENDED, (), kind=FaultKind.ADVICE)]
    except _unresolvable() as error:  # raised instead of reported
        return [Fault(Phase.REFERENCES, _shown(str(error)), ())]
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return []


def _as_it_is_understood(family: Family, document: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return a document in which references to anchors are pointers, and no `items` is a list.

    openapi-spec-validator takes every fragment for a pointer, so it does not find the plain names of 3.1. And it takes
    the value of `items` for one schema even in dialects where it may be a list; other phases report a list elsewhere.
    Pointers into the list still lead to its members.
    """
    model = model_of(family)
    if not model.schema_ref_is_keyword:
        return document
    anchors: dict[str, tuple[str, ...]] = {}
    named: list[tuple[tuple[str, ...], str]] = []
    listed: list[tuple[str, ...]] = []
    for site in walk(model, "OpenAPI", dict(document)):
        if site.kind == "Schema":
            for keyword in ("$anchor", "$dynamicAnchor"):
                anchors.setdefault(str(site.value.get(keyword)), tokens_of(site.path))
            if isinstance(site.value.get("items"), list):
                listed.append(tokens_of(site.path))
            target = site.value.get("$ref")
            if isinstance(target, str) and target.startswith("#") and decode(target[1:]) is None:
                named.append((tokens_of(site.path), target[1:]))
    if not named and not listed:
        return document
    copy = deepcopy(dict(document))
    for tokens, name in named:
        schema = resolve(copy, tokens)
        if isinstance(schema, dict) and name in anchors:
            schema["$ref"] = encode(anchors[name])
    for tokens in listed:
        schema = resolve(copy, tokens)
        items = schema.get("items") if isinstance(schema, dict) else None
        if isinstance(schema, dict) and isinstance(items, list):
            schema["items"] = {str(index): item for index, item in enumerate(items)}
    return copy


def _faults(errors: Iterable[ValidationError], are_defaults: bool = False) -> list[Fault]:
    """Return errors as faults; that something was left out is advice.

    are_defaults: errors of no other kind are about defaults that do not fit, which breaks no rule.
    """
    from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

    from oas_tasks.openapi.validation.bounded_opinion import NotCheckedError

    own_rules = _own_rules()
    return [
        _fault(error)._replace(kind=FaultKind.ADVICE)
        if isinstance(error, NotCheckedError) or (are_defaults and not isinstance(error, OpenAPIValidationError))
        else _fault(error)
        for error in errors
        if error.validator != "format" and not isinstance(error, own_rules)
    ]


@cache
def _own_rules() -> tuple[type[Exception], ...]:
    """Return the errors of openapi-spec-validator that no rule of OpenAPI or JSON Schema supports.

    Beside an `allOf` it expects every name in `required` among the properties that it finds, which are not all of them.
    A required name needs no schema at all: 2020-12 Validation 6.5.3.
    """
    from openapi_spec_validator.validation.exceptions import ExtraParametersError

    return (ExtraParametersError,)


class _RetrievalDeniedError(LookupError):
    """A slice leads out of itself."""


def _deny(uri: str) -> object:
    raise _RetrievalDeniedError(f"'{uri}' leads out of the slice")


class _NoHandlers(dict[str, Any]):
    """Accepts every scheme as known, and refuses to retrieve it."""

    def __contains__(self, scheme: object) -> bool:
        return True

    def __missing__(self, scheme: str) -> Any:
        return _deny


def _too_much() -> type[Exception]:
    from oas_tasks.openapi.validation.bounded_opinion import TooMuchOpinionError

    return TooMuchOpinionError


def _unresolvable() -> tuple[type[Exception], ...]:
    from referencing.exceptions import Unresolvable

    return (Unresolvable, _RetrievalDeniedError)


@cache
def _validator_classes() -> dict[str, Any]:
    before = os.environ.get(_BACKEND)
    os.environ[_BACKEND] = "jsonschema"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import openapi_spec_validator as package
            from openapi_spec_validator.schemas.backend import get_validator_for

            found: dict[Family, Any] = {
                "3.0": package.OpenAPIV30SpecValidator,
                "3.1": package.OpenAPIV31SpecValidator,
                "3.2": package.OpenAPIV32SpecValidator,
            }
            # Its own schemas are older ones, with mistakes that OAI has corrected since.
            schemas = {family: get_validator_for(official_schema(family)) for family in found}
    finally:
        if before is None:
            del os.environ[_BACKEND]
        else:
            os.environ[_BACKEND] = before
    from oas_tasks.openapi.validation.bounded_opinion import bounded  # imports openapi-spec-validator

    handlers = _NoHandlers({"<all_urls>": _deny})
    return {
        family: type(
            "Offline",
            (each,),
            {
                "resolver_handlers": handlers,
                "schema_validator": schemas[family],
                "keyword_validators": bounded(each.keyword_validators),
            },
        )
        for family, each in found.items()
    }


#: How many steps from tag to tag it may take, and from one name of a component to the next, which are slower.
_MOST_STEPS = 1_000_000
_MOST_NAMES = 20_000

_TAGS_LEFT_OUT = "the parents of tags were not checked: they stand for too much for openapi-spec-validator"
_ENDED = "it was not checked to its end: it stands for too much, or is nested too deeply, for openapi-spec-validator"


def _parents(tags: Value) -> dict[str, str]:
    listed = [tag for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
    return {str(tag.get("name")): str(tag["parent"]) for tag in listed if "parent" in tag}


def _renaming(document: Mapping[str, Value]) -> dict[str, str]:
    """Return the components that are references, with their targets."""
    components = document.get("components")
    found: dict[str, str] = {}
    for kind, members in components.items() if isinstance(components, dict) else ():
        for name, member in members.items() if isinstance(members, dict) else ():
            target = member.get("$ref") if isinstance(member, dict) else None
            if isinstance(target, str):
                found[encode(("components", kind, name))] = target
    return found


def _steps(following: Mapping[str, str]) -> int:
    """Return how many steps it takes to go from each name to the last that follows it."""
    depths: dict[str, int] = {}
    for name in following:
        trail: list[str] = []
        while name in following and name not in depths:
            depths[name] = 0  # as long as it is not known, and for good where it leads back
            trail.append(name)
            name = following[name]
        for each in reversed(trail):
            depths[each] = depths.get(following[each], 0) + 1
    return sum(depths.values())


def _fault(error: ValidationError) -> Fault:
    return Fault(Phase.STRUCTURE, _shown(str(error.message)), tuple(map(str, error.absolute_path)))


def _shown(message: str) -> str:
    shown = message if len(message) <= 200 else message[:197] + "..."
    return f"openapi-spec-validator: {shown}"
