"""The plan of a build: from the cache while the bytes of the document's files are the same, else from the document."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from xxhash import xxh3_128_hexdigest

from oas_tasks import __version__
from oas_tasks.amounts import size
from oas_tasks.document.place import SourceFile
from oas_tasks.errors import DocumentError, Where
from oas_tasks.file_stamp import IS_TELLING, NO_STAMP, changed_ns, stamp_of
from oas_tasks.plan.plan import (
    OUTPUT_VERSION,
    Cells,
    Dependencies,
    Endpoint,
    Plan,
    decoded_dependencies,
    decoded_plan,
    encoded_dependencies,
    encoded_plan,
)
from oas_tasks.processes import collection_held, is_worker
from oas_tasks.regular_files import read_regular
from oas_tasks.settings import Settings
from oas_tasks.state.index_csv import COLUMNS
from oas_tasks.state.store import DAMAGE, Store, StoredPlan, open_store

if TYPE_CHECKING:
    from oas_tasks.plan.kept_rows import EarlierPlan
    from oas_tasks.slices.slicer import Slicer

#: The shape of a stored plan and of what is made of it. It is part of the key: plans of another shape are not found.
_SHAPE = (Plan._fields, Dependencies._fields, Endpoint._fields, Cells._fields, tuple(COLUMNS))

#: A file that changed less than this before it was examined may change again without its time changing.
_SETTLED_NS = 2_000_000_000


#: A size that no file has, so that the next run plans the document again.
_NEVER = -2


#: Takes the slicer that planning made, with the digest of its document.
KeepSlicer = Callable[[str, "Slicer"], None]

#: Takes what is done next, in words, and the size in bytes of the document that it is done with.
Announce = Callable[[str, int], object]


def unannounced(what: str, size: int) -> None:
    """Take an announcement and tell nobody."""


class PlanBefore(NamedTuple):
    """A plan, and the identity of the bytes that it was made from."""

    digest: str
    plan: Plan


class PlannedBuild:
    """A plan, and the identity of the bytes that it was made from.

    key: the plan's key in the store.
    digest: xxh3-128 of the document and all files that it refers to, 32 hex digits.
    before: the plan that it replaced, if that helped to make it.
    """

    def __init__(
        self,
        key: str,
        digest: str,
        plan: Plan | str,
        plan_anew: Callable[[], PlannedBuild],
        before: PlanBefore | None = None,
    ) -> None:
        """Take the plan itself or its stored text, which is decoded when the plan is needed.

        plan_anew: plans the document again, whatever is stored.
        """
        self.before = before
        self.key = key
        self.digest = digest
        self._plan = plan
        self._plan_anew = plan_anew

    @property
    def plan(self) -> Plan:
        """The plan. Raises what `read` raises."""
        return self._plan if isinstance(self._plan, Plan) else self.read()

    def read(self) -> Plan:
        """Decode the stored plan; if it is damaged, plan the document again. Raises UserError."""
        if not isinstance(self._plan, Plan):
            try:
                self._plan = decoded_plan(self._plan)
            except DAMAGE:
                return self.renew()
        return self._plan

    def renew(self) -> Plan:
        """Plan the document again, and store the plan with all that is kept beside it. Raises UserError."""
        anew = self._plan_anew()
        self.digest = anew.digest
        self._plan = plan = anew.plan
        return plan


def plan_build(
    settings: Settings, store: Store, processes: int, keep: KeepSlicer, announce: Announce = unannounced
) -> PlannedBuild:
    """Return the plan for these settings. Raises UserError where the document cannot be sliced.

    processes: how many may read the document.
    announce: called before the document is read, and before it is planned.
    """
    source = _Source(settings, store, plan_key(settings), processes, keep, announce)
    stored = store.plan(source.key)
    now = time.time_ns()
    if stored is not None:
        try:
            files = _files_of(stored)
            again = [_unchanged(file, stored.seen_ns) for file in files]
        except DAMAGE:
            return source.planned()
        found = [each.file for each in again if each is not None]
        if len(found) == len(files) and _is_of_document(files, settings):
            if found != files or not all(each.is_settled for each in again if each is not None):
                store.touch_plan(source.key, _files_text(found), now)
            return PlannedBuild(source.key, stored.digest, stored.endpoints, source.planned)
    return source.planned(stored)


class _Source(NamedTuple):
    """The document to be planned, and where the plan goes."""

    settings: Settings
    store: Store
    key: str
    processes: int
    keep: KeepSlicer
    announce: Announce

    def planned(self, stored: StoredPlan | None = None) -> PlannedBuild:
        """Plan the document and store the plan. Raises UserError.

        stored: the last plan, whose facts are used again.
        """
        from oas_tasks.plan.digests import digests_of
        from oas_tasks.plan.planned_document import encoded

        key, store, now = self.key, self.store, time.time_ns()
        with collection_held():
            files, slicer, before = _read(self.settings, stored, store, self.processes, self.announce)
            digest = _digest(files)
            if slicer.parts.has_crashed:  # a later version may do better, and must not find this plan up to date
                files = [files[0]._replace(size=_NEVER), *files[1:]]
            self.keep(digest, slicer)
            store.save_plan(
                key,
                StoredPlan(digest, now, _files_text(files), encoded_plan(slicer.plan)),
                encoded_dependencies(slicer.dependencies),
                encoded(digests_of(slicer.parts, slicer.plan, self.settings), slicer.dependencies.parts),
                None if slicer.parts.has_crashed else slicer.cut.memory.encoded(slicer.parts.shared),
            )
        return PlannedBuild(key, digest, slicer.plan, self.planned, before)


def read_slicer(settings: Settings, processes: int) -> tuple[str, Slicer]:
    """Return the slicer of a document with the digest of its bytes. Raises UserError.

    processes: how many may read the document; a process that is one of several itself reads alone.
    """
    store = open_store(settings.cache_dir)
    try:
        stored = store.plan(plan_key(settings))
        files, slicer, _ = _read(settings, stored, store, 1 if is_worker() else processes)
    finally:
        store.close()
    return _digest(files), slicer


def _read(
    settings: Settings,
    stored: StoredPlan | None,
    store: Store,
    processes: int,
    announce: Announce = unannounced,
) -> tuple[list[SourceFile], Slicer, PlanBefore | None]:
    """Return the files of a document, its own first, its slicer, and the last plan. Raises UserError.

    stored: its last plan; facts and files of that are used again as long as they are unchanged.
    """
    from oas_tasks.document.document import load_document, read_bytes
    from oas_tasks.document.files import Sources
    from oas_tasks.parts.facts import decoded_facts, known_members
    from oas_tasks.plan.cut_document import cut_and_plan
    from oas_tasks.slices.slicer import Slicer

    shown = str(settings.spec)
    try:
        status = settings.spec.stat()
        stamp = stamp_of(status)
        announce(f"Reading {shown} ({size(status.st_size)})", status.st_size)
    except OSError:
        stamp = NO_STAMP  # the reading below says what is wrong
    content = read_bytes(settings.spec, shown)
    known = [] if stored is None else _unchanged_files(stored)
    with collection_held():
        facts = None if stored is None else decoded_facts(store.facts(plan_key(settings)))
        earlier = None if stored is None or facts is None else _earlier_plan(stored, store, plan_key(settings))
        document = load_document(content, shown, known_members(facts), processes)
        announce(f"Planning {shown}", len(content))
        sources = Sources(settings.spec, shown, document.root, settings.allow_outside)
        sources.known = {file.path: file for file in known}
        slicer = Slicer(cut_and_plan(document, sources, settings, facts, earlier), settings)
    slicer.document.trace.stop()
    entry = SourceFile(shown, len(content), stamp, xxh3_128_hexdigest(content))
    before = None if stored is None or earlier is None else PlanBefore(stored.digest, earlier.plan)
    return [entry, *slicer.sources.files()], slicer, before


def _earlier_plan(stored: StoredPlan, store: Store, key: str) -> EarlierPlan | None:
    """Return a stored plan with its dependencies, None where they are damaged."""
    from oas_tasks.plan.kept_rows import EarlierPlan

    try:
        plan, dependencies = decoded_plan(stored.endpoints), decoded_dependencies(store.dependencies(key) or "")
    except DAMAGE:
        return None
    return EarlierPlan(plan, dependencies) if len(plan.endpoints) == len(dependencies.closures) else None


def _unchanged_files(stored: StoredPlan) -> list[SourceFile]:
    """Return the files of a plan that have not changed since, none where their list is damaged."""
    try:
        again = [_unchanged(file, stored.seen_ns) for file in _files_of(stored)]
    except DAMAGE:
        return []
    return [each.file for each in again if each is not None]


def stored_files(store: Store, key: str) -> list[SourceFile]:
    """Return the files that a stored plan was made from, the document's own first; none where there is no such plan."""
    stored = store.plan(key)
    return [] if stored is None else _files_of(stored)


def known_files(settings: Settings, store: Store) -> list[SourceFile] | None:
    """Return the files of a document, its own first; None where no plan is stored that was made from their content."""
    stored = store.plan(plan_key(settings))
    if stored is None:
        return None
    try:
        files = _files_of(stored)
        is_same = _is_of_document(files, settings) and all(_unchanged(file, stored.seen_ns) for file in files)
        return files if is_same else None
    except DAMAGE:
        return None


def _is_of_document(files: Sequence[SourceFile], settings: Settings) -> bool:
    """Whether the first file of a plan is the document: a planted plan of other files would always be up to date."""
    return bool(files) and files[0].path == str(settings.spec)


def _files_of(stored: StoredPlan) -> list[SourceFile]:
    return [SourceFile(*each) for each in json.loads(stored.files)]


class _Unchanged(NamedTuple):
    """A file whose content is unchanged.

    is_settled: any later change will show in its stamp.
    """

    file: SourceFile
    is_settled: bool = True


def _unchanged(file: SourceFile, seen_ns: int) -> _Unchanged | None:
    """Return a file as it is now if its content is unchanged, else None.

    seen_ns: when it was last known to have this content, in nanoseconds since the epoch.
    """
    try:
        status = os.stat(file.path)  # noqa: PTH116  thousands of them, on the path of a run with nothing to do
    except OSError:
        return _Unchanged(file) if file.size == -1 else None
    if status.st_size != file.size:
        return None
    stamp = stamp_of(status)
    is_settled = not IS_TELLING or changed_ns(status) < seen_ns - _SETTLED_NS
    if IS_TELLING and is_settled and stamp == file.stamp:
        return _Unchanged(file)
    try:
        digest = xxh3_128_hexdigest(read_regular(file.path))
    except OSError:
        return None
    return _Unchanged(SourceFile(file.path, file.size, stamp, digest), is_settled) if digest == file.digest else None


def _files_text(files: Iterable[SourceFile]) -> str:
    return json.dumps(list(files))


def _digest(files: Sequence[SourceFile]) -> str:
    """Return the identity of a document's bytes, those of the files that it refers to included."""
    if len(files) == 1:
        return files[0].digest
    others = sorted(files[1:], key=lambda file: file.path)  # facts bring them in another order
    return xxh3_128_hexdigest("".join(file.digest or "-" for file in (files[0], *others)).encode())


def hand_on_facts(source: Store, source_key: str, settings: Settings) -> None:
    """Have the first build with these settings find the facts of a plan that was made with others.

    They stand beside a plan that is never up to date. An earlier build's facts are left alone. Raises UserError.

    source, source_key: where the plan is.
    """
    stored, facts = source.plan(source_key), source.facts(source_key)
    if stored is None or facts is None:
        return
    key = plan_key(settings)
    store = open_store(settings.cache_dir)
    try:
        if store.plan(key) is None:
            first, *others = _files_of(stored)
            files = _files_text([first._replace(size=_NEVER), *others])
            beside = (source.dependencies(source_key) or "", source.digests(source_key) or "")
            store.save_plan(key, stored._replace(files=files), *beside, facts)
    finally:
        store.close()


def planned_before(settings: Settings, store: Store, digest: str) -> PlannedBuild:
    """Return the plan that the main process of this run stored. Raises UserError where the document changed since."""
    key = plan_key(settings)
    stored = store.plan(key)
    if stored is None or stored.digest != digest:
        raise document_changed(settings)

    def plan_anew() -> PlannedBuild:
        anew = plan_build(settings, store, 1, lambda digest, slicer: None)
        if anew.digest != digest:
            raise document_changed(settings)
        return anew

    return PlannedBuild(key, digest, stored.endpoints, plan_anew)


def plan_key(settings: Settings) -> str:
    """Return the key under which the store has the plan for these settings."""
    return xxh3_128_hexdigest(f"{__version__} {OUTPUT_VERSION} {_SHAPE} {settings!r}".encode())


def document_changed(settings: Settings) -> DocumentError:
    """Return the error for a document that is not as it was planned any more."""
    where = Where(str(settings.spec))
    return DocumentError("the document was changed while it was being sliced", where, "Run the build again")
