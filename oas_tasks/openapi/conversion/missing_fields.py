"""Derives rules for fields that one version has and another lacks from the tables of the object model.

A field that the target lacks is set aside under an `x-` name, unless it has a rule of its own. So is a field that has
no meaning in the document's version and would get one in the target's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from oas_tasks.openapi.conversion.rules import Rule, Spot, rule
from oas_tasks.openapi.model import Family, model_of

#: Phrases for the owners of fields, used in messages. Keywords of schemas are clear without one.
_OWNERS = {
    "OpenAPI": "the document",
    "Info": "'info'",
    "License": "a license",
    "Server": "a server",
    "Components": "'components'",
    "PathItem": "a path item",
    "MediaType": "a media type",
    "Encoding": "an encoding",
    "Response": "a response",
    "Example": "an example",
    "Tag": "a tag",
    "Discriminator": "a discriminator",
    "XML": "'xml'",
    "SecurityScheme": "a security scheme",
    "OAuthFlows": "'flows'",
    "OAuthFlow": "an OAuth flow",
}


def set_aside_downwards(
    source: Family, target: Family, treated: frozenset[tuple[str, str]], where: str
) -> Iterator[Rule]:
    """Yield the rules for the fields that the target does not have.

    treated: the kinds and fields that have rules of their own.
    where: the versions that lack them, as messages say it: "before 3.2".
    """
    for kind, names in _only_in(source, target):
        rest = {name for name in names if (kind, name) not in treated}
        if rest:
            yield rule(kind, rest, _setting_aside(kind, frozenset(rest), f"{{}} does not exist {where}"), f"'{kind}'")


def set_aside_upwards(source: Family, target: Family) -> Iterator[Rule]:
    """Yield rules for fields that have no meaning in the source's version but would have one in the target's."""
    for kind, names in _only_in(target, source):
        said = f"{{}} means nothing before {target} and would come alive"
        yield rule(kind, names, _setting_aside(kind, names, said), f"'{kind}'")


def _only_in(family: Family, other: Family) -> Iterator[tuple[str, frozenset[str]]]:
    mine, others = model_of(family).types, model_of(other).types
    for kind, object_type in mine.items():
        if kind in others:
            names = object_type.fields.keys() - others[kind].fields.keys()
            # In 3.0 `$ref` makes a Reference Object. Validation reports one that is not a string.
            if names - {"$ref"}:
                yield kind, frozenset(names - {"$ref"})


def _setting_aside(kind: str, names: frozenset[str], said: str) -> Callable[[Spot], None]:
    of = f" of {_OWNERS[kind]}" if kind in _OWNERS else ""

    def apply(spot: Spot) -> None:
        for name in [each for each in spot.fields if each in names]:
            spot.set_aside(name, said.format(f"'{name}'{of}"))

    return apply
