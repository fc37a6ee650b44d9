"""The members of a document, as what an edit changes, adds or removes: which edits matter only to what reaches them.

A document is a sequence of members: root fields, path items, components. As long as no rule looks further than from
reference to target, an edit of one matters to nothing but the endpoints that reach it; which members some rule looks at
from elsewhere is known when a document is planned, and noted for the next time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from oas_tasks.document.document import CONTAINERS, cut_document
from oas_tasks.document.place import ENDPOINT_FIELDS, PATHS
from oas_tasks.formats import Format, Span, may_have_merge_keys
from oas_tasks.formats.resplit import Cut, compared, cut_again
from oas_tasks.openapi.model import Model
from oas_tasks.openapi.pointer import decode
from oas_tasks.parts.part import Parts
from oas_tasks.plan.fingerprints import shared_identities
from oas_tasks.plan.plan import Plan
from oas_tasks.plan.planned import Digests
from oas_tasks.slices.slicer import Slicer

#: More than this share of the members, and planning from the whole document costs less.
_MOST = 0.3

#: More new components than this are not looked for one by one.
_MOST_ADDED = 100

#: What makes a schema known by another name than its own, or looked up while evaluating (3.1 on).
_IDENTIFIERS = (b"$id", b"$anchor", b"$dynamicAnchor", b"$dynamicRef", b"$self", b"$schema")
_DISCRIMINATOR = b"discriminator"
_ALL_OF = b"allOf"
#: References to what an excerpt may lack, as most are written; of the others `may_await` tells.
_ANYWHERE = re.compile(rb"\$ref[^#]{0,80}#/(?!components/)")
#: References that have nothing to do with the document, or to components, which are looked for by name.
_ELSEWHERE = re.compile(r"https?:|#/components/|[^#]*\Z")
_DEEP_REFERENCE = re.compile(rb"#/components/([^\s\"'/]+/[^\s\"'/]+)/")
#: What stands in names and references (a letter, a digit, `#`, `$`, `%`, `-`, `.`, `/`, `_`, `~`) escaped, so that none
#: of the above can be told by their bytes; and a reference that is encoded where nobody looks for it. Two expressions,
#: since each is found by its first letter, which is fast.
_ESCAPED = re.compile(rb"\\(?:/|[xuU]0*(?:2[345dDeEfF]|3[0-9]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aAeE]))")
_ENCODED = re.compile(rb"#(?:%2[fF]|/[^\s\"'/]*%|/components/[^\s\"']*%2[fF])")
#: A line that goes on where the next one begins, if it is in double quotes.
_FOLDED = re.compile(rb"\\\r?\n[ \t]*")
#: A reference in which not all is written as it is called.
_ENCODED_REFERENCE = re.compile(rb"#/components/[^\s\"']*[%~]")
_NAME = re.compile(r"[A-Za-z0-9._-]+")

Keys = tuple[str, ...]


class Members(NamedTuple):
    """The members of a document that was planned.

    cut: where they stand, and what later ones are compared by.
    length: of the document, in bytes.
    sensitive: the keys of members on whose content more depends than what reaches them, by what is or was in others.
    has_discriminators: there are schemas with one, so that what builds on others through `allOf` is sensitive.
    left_out: the root extensions that slices do without for what the whole document is, each with why.
    texts: what is said in root extensions, where the name of an endpoint would leave one out.
    """

    cut: Cut
    length: int
    sensitive: frozenset[Keys]
    has_discriminators: bool
    left_out: Mapping[str, str]
    texts: frozenset[str]


class Edit(NamedTuple):
    """What is not as it was.

    changed: members with other bytes, and new ones.
    added, gone: the keys of those that are new, and of those that are no more.
    """

    changed: list[Span]
    added: frozenset[Keys]
    gone: frozenset[Keys]


def members_of(content: bytes, spans: Sequence[Span], slicer: Slicer) -> Members | None:
    """Return the members of a document that was planned as a whole; None where an excerpt can never stand for it."""
    parts = slicer.parts
    if slicer.conversion is not None:
        return None  # what is left of a piece depends on others
    if may_have_merge_keys(content):
        return None  # what they bring is not in the member that has it
    if slicer.sources.files() or not is_plain(parts) or not _is_legible(content):
        return None
    text = _searched(content)
    if _has_identifiers(slicer.document.model, text) or may_await(slicer):
        return None
    has_discriminators = _DISCRIMINATOR in text
    sensitive: set[Keys] = set()
    for match in _DEEP_REFERENCE.finditer(text):
        tokens = decode(f"/{match[1].decode()}")
        sensitive.add(("components", *(tokens or ())))
    for part in parts.shared.values():
        if is_reference(part.value):
            sensitive.add(("components", part.section, part.name))
    for span in spans if has_discriminators else ():
        chunk = _searched(content[span.start : span.end])
        if _DISCRIMINATOR in chunk or (span.keys[:2] == ("components", "schemas") and _ALL_OF in chunk):
            sensitive.add(span.keys)
    extensions = slicer.extensions
    return Members(
        compared(content, spans),
        len(content),
        frozenset(sensitive),
        has_discriminators,
        extensions.left_out,
        extensions.texts,
    )


def members_again(content: bytes, shown: str, before: Members) -> Cut | None:
    """Return the members of a document that was edited; None where they cannot be told without reading it.

    shown: the document's path as the user wrote it.
    """
    again = cut_again(content, before.cut, before.length, CONTAINERS)
    if again is not None:
        return again
    spans = cut_document(content, shown)
    return None if spans is None else compared(content, spans)


def edit_of(model: Model, content: bytes, cut: Cut, before: Members) -> Edit | None:
    """Return what became of a document's members; None where that may matter to more than what reaches them.

    cut: those that it has now, of which it had the ones that are still there in the same order.
    """
    was = {span.keys: digest for span, digest in zip(before.cut.spans, before.cut.digests, strict=True)}
    changed = [span for span, digest in zip(cut.spans, cut.digests, strict=True) if was.get(span.keys) != digest]
    edit = Edit(changed, frozenset(), frozenset())
    now = [span.keys for span in cut.spans]
    if now != list(was):
        present = frozenset(now)
        edit = Edit(changed, frozenset(span.keys for span in changed if span.keys not in was), frozenset(was) - present)
        if [keys for keys in was if keys in present] != [keys for keys in now if keys in was]:
            return None  # the order of slices is that of the document
        if list(dict.fromkeys(keys[0] for keys in was)) != list(dict.fromkeys(keys[0] for keys in now)):
            return None
        if any(is_everywhere(keys) or keys in before.sensitive for keys in edit.gone):
            return None
    if len(changed) > _MOST * len(cut.spans):
        return None
    if not all(_is_harmless(model, content[span.start : span.end], span.keys, before) for span in changed):
        return None
    components = [keys for keys in edit.added if keys[0] == "components"]
    return None if components and _may_be_awaited(content, cut, edit, components, before) else edit


def is_plain(parts: Parts) -> bool:
    """Whether every part stands where the document has it and reads as it does there, whatever slice it is in."""
    if parts.heading.holes or parts.heading.inlined:
        return False
    return all(not part.moved and not part.holes and not part.inlined for part in parts.shared.values()) and all(
        not endpoint.part.holes and len(endpoint.part.inlined) == 1 for endpoint in parts.endpoints
    )


def may_await(slicer: Slicer) -> bool:
    """Whether something refers to what is not there, and would mean it if it were.

    In an `x-` field that is data, and no fault tells of it: in a whole document it may await a path, and in an excerpt
    it may be what that lacks.
    """
    return not all(_ELSEWHERE.match(target) for target in slicer.nowhere)


def is_everywhere(keys: Keys) -> bool:
    """Whether a member belongs into every excerpt: not a path item, and no component but a security scheme."""
    if keys[0] in ENDPOINT_FIELDS:
        return len(keys) < 2 or (keys[0] == PATHS and keys[1].startswith("x-"))
    return keys[0] != "components" or len(keys) < 3 or keys[1] == "securitySchemes"


def is_reference(value: object) -> bool:
    """Whether a component is but a reference to another one."""
    return isinstance(value, dict) and "$ref" in value


def may_have_alternates(chunk: bytes) -> bool:
    """Whether the text of a schema may be of one whose alternates belong to it."""
    return _DISCRIMINATOR in _searched(chunk)


def _has_identifiers(model: Model, content: bytes) -> bool:
    return model.schema_ref_is_keyword and any(name in content for name in _IDENTIFIERS)


def _is_legible(content: bytes) -> bool:
    """Whether bytes can be searched for the names above."""
    return _ESCAPED.search(content) is None and _ENCODED.search(content) is None


def _searched(content: bytes) -> bytes:
    """Return a text in which names stand in one piece; where a text goes on behind a line break, twice over."""
    return content if _FOLDED.search(content) is None else b"\n".join((content, _FOLDED.sub(b"", content)))


def _is_harmless(model: Model, chunk: bytes, keys: Keys, before: Members) -> bool:
    """Whether a member's change matters to nothing but what reaches it, as far as its bytes tell."""
    if keys in before.sensitive or is_everywhere(keys):
        return False
    if not _is_legible(chunk) or may_have_merge_keys(chunk):
        return False
    chunk = _searched(chunk)
    if _has_identifiers(model, chunk):
        return False
    if _DISCRIMINATOR in chunk or _DEEP_REFERENCE.search(chunk) or _ANYWHERE.search(chunk):
        return False
    return not (before.has_discriminators and _ALL_OF in chunk)


def _may_be_awaited(content: bytes, cut: Cut, edit: Edit, added: Sequence[Keys], before: Members) -> bool:
    """Whether something that did not change may refer to a new component, whose absence was a fault so far."""
    if len(added) > _MOST_ADDED or not all(_NAME.fullmatch(keys[-1]) and keys[1].isalnum() for keys in added):
        return True
    looked_at = {span.keys for span in edit.changed}
    others = [span for span in cut.spans if span.keys not in looked_at]
    text = _searched(b"\n".join(content[span.start : span.end] for span in others))
    if _ENCODED_REFERENCE.search(text):
        return True
    if before.has_discriminators:  # whose mappings may name schemas alone
        names = _values("|".join(re.escape(keys[-1]) for keys in added), cut.spans[0].form)
        sensitive = (content[span.start : span.end] for span in others if span.keys in before.sensitive)
        if any(names.search(_searched(chunk)) for chunk in sensitive):
            return True
    return any(_is_referred_to(keys, text) for keys in added)


def _values(texts: str, form: Format) -> re.Pattern[bytes]:
    """Return what finds values that may be one of these texts, an expression."""
    if form == "json":
        return re.compile(rf'"(?:{texts})"'.encode())
    return re.compile(rf"[:\s][\"']?(?:{texts})[\"']?[ \t]*(?:[,}}#\r\n]|\Z)".encode())


def _is_referred_to(keys: Keys, text: bytes) -> bool:
    """Whether something refers to a component, or into it."""
    wanted = "/".join(("#", *keys)).encode()
    place = text.find(wanted)
    while place >= 0:
        following = text[place + len(wanted) : place + len(wanted) + 1].decode("latin-1")
        if not _NAME.fullmatch(following):
            return True
        place = text.find(wanted, place + 1)
    return False


def digests_with(
    before: Digests, was: Plan, ids: Sequence[str], now: Plan, parts: Sequence[str], slicer: Slicer
) -> Digests:
    """Return the digests of a document of which just some parts have changed, came or went.

    before: those of the plan `was`, of parts with these ids.
    now, parts: the plan that it has now, and the ids of its parts; of tags the same ones.
    slicer: of the parts in question and of the endpoints that have others now.
    """
    made = slicer.parts
    names = dict(zip(ids, before.names, strict=True))
    shared = dict(zip(ids, before.shared, strict=True))
    of_shared = shared_identities(made.shared, slicer.volatile)
    shared |= {part_id: each.hex() for part_id, each in zip(made.shared, of_shared, strict=True)}
    own = {(each.path, each.method): digest for each, digest in zip(was.endpoints, before.own, strict=True)}
    own |= {(each.path, each.method): each.part.digest.hex() for each in made.endpoints}
    return Digests(
        before.settings,
        before.root,
        before.volatile,
        tuple(names.get(part_id, part_id) for part_id in parts),
        tuple(shared[part_id] for part_id in parts),
        tuple(own[each.path, each.method] for each in now.endpoints),
    )


def encoded_members(members: Members) -> str:
    """Return a document's members as text."""
    spans, digests, gaps = members.cut
    form = spans[0].form if spans else ""
    places = [(span.keys, span.start, span.end) for span in spans]
    return json.dumps(
        [
            form,
            places,
            digests,
            gaps,
            members.length,
            sorted(members.sensitive),
            members.has_discriminators,
            members.left_out,
            sorted(members.texts),
        ]
    )


def decoded_members(text: str) -> Members:
    """Return the members that such a text is of."""
    from oas_tasks.formats import Span
    from oas_tasks.formats.resplit import Cut

    form, places, digests, gaps, length, sensitive, has_discriminators, left_out, texts = json.loads(text)
    spans = tuple(Span(tuple(keys), start, end, form) for keys, start, end in places)
    cut = Cut(spans, tuple(digests), tuple(gaps))
    return Members(cut, length, frozenset(map(tuple, sensitive)), has_discriminators, left_out, frozenset(texts))
