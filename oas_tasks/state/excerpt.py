"""Plans again after an edit from those members of a document that the edit touches, without reading the others.

Where an edit matters only to what reaches the members that it touches (`members`), the endpoints that do are planned
and sliced from an excerpt: the root fields, these endpoints' path items, and the components that they reach, in the
document's order. That gives what the whole document gives; wherever it might not, there is no excerpt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import NamedTuple

from oas_tasks.document.document import Document
from oas_tasks.document.files import Sources
from oas_tasks.document.place import ENDPOINT_FIELDS, PATHS, WEBHOOKS
from oas_tasks.formats import Span, Value, read_spans
from oas_tasks.formats.resplit import Cut
from oas_tasks.openapi.model import FieldType, Model, model_of
from oas_tasks.openapi.pointer import decode, resolve
from oas_tasks.openapi.references import Via, connections
from oas_tasks.parts.part import component_id
from oas_tasks.parts.root_extensions import is_name
from oas_tasks.plan.filters import selects_all
from oas_tasks.plan.plan import Dependencies, Plan
from oas_tasks.settings import Settings
from oas_tasks.slices.slicer import Slicer
from oas_tasks.state.members import (
    Edit,
    Members,
    edit_of,
    is_everywhere,
    is_plain,
    is_reference,
    may_await,
    may_have_alternates,
)
from oas_tasks.state.replanning import Key, Names, parts_now, replanned


class Replanned(NamedTuple):
    """A plan that was brought up to date.

    slicer: makes the slices of `stale`, and of no others.
    stale: path and method of every endpoint that may have changed.
    members: for the next time.
    """

    slicer: Slicer
    stale: frozenset[Key]
    plan: Plan
    dependencies: Dependencies
    members: Members


def plan_by_excerpt(
    content: bytes,
    cut: Cut,
    before: Members,
    plan: Plan,
    dependencies: Dependencies,
    settings: Settings,
    wanted: Iterable[Key] = (),
) -> Replanned | None:
    """Return what became of a plan since it was made of the document with these members.

    cut: the members that the document has now.
    wanted: path and method of endpoints whose slices are to be made though nothing has changed that they reach; one
    that points at what is not there is left out.

    Returns None where the whole document has to be planned.
    """
    spans = cut.spans
    edit = edit_of(model_of(plan.family), content, cut, before)
    if edit is None:
        return None
    if settings.webhooks and _has_webhook_like_path(spans):
        return None  # which is told of the whole document
    replaced = _replaced(edit, settings)
    if replaced and not selects_all(settings):
        return None  # endpoints that are not sliced count for the names of files
    keys = [(endpoint.path, endpoint.method) for endpoint in plan.endpoints]
    touched = _touched(plan, dependencies, edit)
    also = frozenset(wanted).difference(keys[number] for number in touched)
    stale = sorted({*touched, *(number for number, key in enumerate(keys) if key in also)})
    dropped = frozenset(settings.drop_extensions).difference(settings.keep_extensions) | before.left_out.keys()
    document = _excerpt(content, spans, edit, plan, dependencies, stale, settings, dropped)
    if document is None:
        return None
    names = Names(plan, replaced, settings.format)
    sources = Sources(settings.spec, str(settings.spec), document.root, settings.allow_outside)
    slicer = Slicer(document, sources, settings, names, before.left_out)
    may_be_named = bool(before.texts and replaced)
    if may_be_named and (settings.webhooks or _names_others(before.texts, plan, slicer, edit, replaced)):
        return None  # an extension may be about other endpoints now, or no longer
    if names.has_moved or sources.files() or not is_plain(slicer.parts) or may_await(slicer):
        return None
    if any(is_reference(resolve(document.root, span.keys)) for span in edit.changed):
        return None
    parts: tuple[str, ...] | None = dependencies.parts
    members = [span.keys for span in spans]
    if edit.added or edit.gone:
        new = [component_id(*keys[1:3]) for keys in edit.added if keys[0] == "components"]
        added = [part_id for part_id in new if part_id in slicer.parts.shared]
        parts = parts_now([span.keys for span in before.cut.spans], members, dependencies.parts, added)
    if parts is None:
        return None
    left_out = {key for key in also if slicer.holds(*key) and slicer.has_pointing_faults(*key)}
    old = frozenset(keys[number] for number in stale) - left_out
    planned = replanned(plan, dependencies, slicer, old, replaced, members, parts)
    if planned is None or (before.texts and _is_alone(plan) != _is_alone(planned[0])):
        return None
    made = frozenset((each.path, each.method) for each in slicer.plan.endpoints)
    now = frozenset(key for key in made if key in old or key[0] in replaced)
    return Replanned(slicer, now, *planned, before._replace(cut=cut, length=len(content)))


def _names_others(texts: Iterable[str], plan: Plan, slicer: Slicer, edit: Edit, replaced: frozenset[str]) -> bool:
    """Whether one of these texts names an endpoint that is new, or is no more.

    replaced: the paths whose endpoints may be others now.
    """
    paths = {keys[1] for keys in (*edit.added, *edit.gone) if keys[0] == PATHS and len(keys) == 2}
    then = {each.cells.operation_id for each in plan.endpoints if each.path in replaced}
    now = {str(each.operation.get("operationId", "")) for each in slicer.parts.endpoints if each.path in replaced}
    return any(is_name(text, paths, then ^ now) for text in texts)


def _is_alone(plan: Plan) -> bool:
    """Whether there are no other endpoints that an extension could be about."""
    methods = {method.upper() for method in model_of(plan.family).methods}
    return sum(each.method in methods for each in plan.endpoints) < 2


def _has_webhook_like_path(spans: Sequence[Span]) -> bool:
    names = [span.keys[1] for span in spans if span.keys[0] in ENDPOINT_FIELDS and len(span.keys) == 2]
    return len(set(names)) < len(names)


def _replaced(edit: Edit, settings: Settings) -> frozenset[str]:
    """Return the paths and the names of webhooks whose endpoints may be others now."""
    fields = ENDPOINT_FIELDS if settings.webhooks else (PATHS,)
    touched = [span.keys for span in edit.changed] + list(edit.gone)
    return frozenset(keys[1] for keys in touched if keys[0] in fields and len(keys) == 2)


def _touched(plan: Plan, dependencies: Dependencies, edit: Edit) -> list[int]:
    """Return the numbers of the endpoints that reached a member of the edit, or whose path is one."""
    touched = {span.keys for span in edit.changed} | edit.gone
    ids = {component_id(keys[1], keys[2]) for keys in touched if keys[0] == "components"}
    numbers = {number for number, part_id in enumerate(dependencies.parts) if part_id in ids}
    return [
        number
        for number, (endpoint, closure) in enumerate(zip(plan.endpoints, dependencies.closures, strict=True))
        if not numbers.isdisjoint(closure) or (PATHS, endpoint.path) in touched or (WEBHOOKS, endpoint.path) in touched
    ]


def _excerpt(
    content: bytes,
    spans: Sequence[Span],
    edit: Edit,
    plan: Plan,
    dependencies: Dependencies,
    stale: Sequence[int],
    settings: Settings,
    dropped: Set[str],
) -> Document | None:
    """Return the document with all root fields and with just those members that stale endpoints need.

    dropped: the root extensions that no slice has.
    """
    by_id = {component_id(*span.keys[1:3]): span for span in spans if len(span.keys) == 3}
    wanted = {span.keys for span in spans if is_everywhere(span.keys) and span.keys[0] not in dropped}
    wanted |= {span.keys for span in edit.changed}
    for number in stale:
        wanted.update({(PATHS, plan.endpoints[number].path), (WEBHOOKS, plan.endpoints[number].path)})
        reached = (dependencies.parts[index] for index in dependencies.closures[number])
        wanted.update(by_id[part_id].keys for part_id in reached if part_id in by_id)
    model = model_of(plan.family)
    values: dict[tuple[str, ...], Value] = {}
    pending = [span for span in spans if span.keys in wanted]
    while pending:
        found = read_spans(content, pending)
        if found is None:
            return None
        values.update(found)
        following = {
            by_id[part_id].keys
            for keys, value in found.items()
            for part_id in _targets(model, keys, value)
            if part_id in by_id
        }
        pending = [span for span in spans if span.keys in following and span.keys not in values]
        if any(may_have_alternates(content[span.start : span.end]) for span in pending):
            return None  # what is reached for the first time may bring its alternates
    root: dict[str, Value] = {}
    for span in spans:
        within = root
        for key in span.keys[:-1]:
            within = within.setdefault(key, {})  # type: ignore[assignment]  # as the spans were cut
        if span.keys in values:
            within[span.keys[-1]] = values[span.keys]
    return Document(str(settings.spec), root, model)


def _targets(model: Model, keys: tuple[str, ...], value: Value) -> Iterator[str]:
    """Yield the ids of the components that a member points at or into."""
    if keys[0] == "components":
        kind = model.component_kinds.get(keys[1]) if len(keys) == 3 else None
    elif keys[0] in (PATHS, WEBHOOKS):
        kind = "PathItem" if len(keys) == 2 else None
        if keys[0] == PATHS and keys[-1].startswith("x-"):
            kind, value = "Paths", {keys[-1]: value}
    else:
        kind, value = "OpenAPI", {keys[0]: value}
    if kind is None:
        return
    for connection in connections(model, FieldType(kind, "one", True), value).found:
        if connection.via in (Via.SECURITY, Via.MAPPING):
            yield component_id(_NAMED[connection.via], connection.target)
        tokens = decode(connection.target[1:]) if connection.target.startswith("#") else None
        if tokens is not None and tokens[:1] == ("components",) and len(tokens) > 2:
            yield component_id(tokens[1], tokens[2])


_NAMED = {Via.SECURITY: "securitySchemes", Via.MAPPING: "schemas"}
