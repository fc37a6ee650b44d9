"""Plans a document from its files: cut into parts, with the facts of earlier plans, and everything that slices need."""

from __future__ import annotations

from dataclasses import dataclass

from oas_tasks import __version__
from oas_tasks.document.document import Document
from oas_tasks.document.files import Sources, plain
from oas_tasks.document.place import ENDPOINT_FIELDS, ENTRY, PATHS, WEBHOOKS
from oas_tasks.document.root import Entry
from oas_tasks.errors import DocumentError, Where
from oas_tasks.formats.locate import locate
from oas_tasks.openapi.model import FAMILIES, Family, model_of
from oas_tasks.openapi.pointer import readable
from oas_tasks.parts.cut import cut
from oas_tasks.parts.facts import Facts, Memory
from oas_tasks.parts.part import Parts
from oas_tasks.parts.root_extensions import Choice, choose
from oas_tasks.plan.kept_rows import EarlierPlan
from oas_tasks.plan.plan import OUTPUT_VERSION, Dependencies, Plan
from oas_tasks.plan.planner import make_plan
from oas_tasks.plan.volatile import Volatile
from oas_tasks.regular_files import read_regular
from oas_tasks.settings import Settings


@dataclass(frozen=True, slots=True)
class CutDocument:
    """A document, cut into parts and planned.

    sources: the files that it is made of.
    entry: the document with the containers that are kept in other files.
    target: the version that slices are in.
    extensions: which root extensions slices do not have.
    memory: the facts of the document.
    volatile: the places that are in no fingerprint.
    """

    document: Document
    sources: Sources
    entry: Entry
    target: Family
    extensions: Choice
    memory: Memory
    parts: Parts
    plan: Plan
    dependencies: Dependencies
    volatile: Volatile


def cut_and_plan(
    document: Document,
    sources: Sources,
    settings: Settings,
    facts: Facts | None = None,
    earlier: EarlierPlan | None = None,
) -> CutDocument:
    """Cut and plan a document.

    facts, earlier: those of an earlier plan, and that plan itself.

    Raises DocumentError where the endpoints are kept in a file that cannot be read.
    """
    entry = Entry.of(document, sources)
    for fault in entry.faults:
        if fault.tokens[0] in ENDPOINT_FIELDS:  # the endpoints cannot be found out
            line, column = locate(read_regular(sources.entry), document.file, fault.tokens) or (None, None)
            raise DocumentError(fault.message, Where(document.file, line, column, readable(fault.tokens)))
    if settings.webhooks:
        _check_webhooks(document)
    target = target_of(settings, document.model.family)
    memory = Memory(facts, document.table, sources)
    kept_in = {plain(file) for file, _ in entry.resolver.origins.values()} - {ENTRY}
    memory.enter(_context_of(entry, target, settings), document.root, kept_in)
    extensions = choose(entry, settings.drop_extensions, settings.keep_extensions, memory)
    memory.choose(extensions.dropped)
    parts = cut(entry, model_of(target), extensions.dropped, settings.webhooks, memory)
    volatile = Volatile(settings.volatile)
    plan, dependencies = make_plan(parts, settings, volatile, memory, earlier)
    return CutDocument(document, sources, entry, target, extensions, memory, parts, plan, dependencies, volatile)


def _check_webhooks(document: Document) -> None:
    """Raise DocumentError where a webhook has the name of a path, and their endpoints could not be told apart."""
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
    """Return what every fact of a document depends on."""
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
