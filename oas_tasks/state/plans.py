"""The plan of a build, from the cache while the document's bytes are the same, else from the document.

Also keeps the slicer of this process: forked workers inherit the one that the main process made, all others read the
document when they get their first endpoint.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from xxhash import xxh3_128_hexdigest

from oas_tasks import __version__
from oas_tasks.document.place import SourceFile
from oas_tasks.errors import DocumentError, Where
from oas_tasks.file_stamp import IS_TELLING, NO_STAMP, changed_ns, stamp_of
from oas_tasks.plan.plan import (
    OUTPUT_VERSION,
    Cells,
    Endpoint,
    Plan,
    decoded_plan,
    encoded_dependencies,
    encoded_plan,
)
from oas_tasks.processes import collection_held
from oas_tasks.regular_files import read_regular
from oas_tasks.settings import Settings
from oas_tasks.state.index_csv import COLUMNS
from oas_tasks.state.store import DAMAGE, Store, StoredPlan, open_store

if TYPE_CHECKING:
    from oas_tasks.parts.facts import Facts
    from oas_tasks.slices.slicer import Slicer

#: What a stored plan consists of, and what is made of it: another shape is another plan, whatever versions say.
_SHAPE = (Plan._fields, Endpoint._fields, Cells._fields, tuple(COLUMNS))

#: A file that was changed less than this before it was looked at may change again without its time changing.
_SETTLED_NS = 2_000_000_000


#: The size of a document that is never the one that is there.
_NEVER = -2


class PlannedBuild:
    """A plan, and the identity of the bytes that it was made from.

    key: the plan's key in the store.
    digest: xxh3-128 of the document and all files that it refers to, 32 hex digits.
    """

    def __init__(self, key: str, digest: str, plan: Plan | str, plan_anew: Callable[[], PlannedBuild]) -> None:
        """Take the plan itself, or as it is stored, to be read when it is needed.

        plan_anew: plans the document whatever is stored of it.
        """
        self.key = key
        self.digest = digest
        self._plan = plan
        self._plan_anew = plan_anew

    @property
    def plan(self) -> Plan:
        """The plan; where what is stored cannot be read, it is worked out anew. Raises UserError."""
        if not isinstance(self._plan, Plan):
            try:
                self._plan = decoded_plan(self._plan)
            except DAMAGE:
                return self.renewed()
        return self._plan

    def renewed(self) -> Plan:
        """Work the plan out anew and store it, with all that is kept beside it. Raises UserError."""
        anew = self._plan_anew()
        self.digest = anew.digest
        self._plan = plan = anew.plan
        return plan


def plan_build(settings: Settings, store: Store, processes: int) -> PlannedBuild:
    """Return the plan for these settings. Raises UserError where the document cannot be sliced.

    processes: how many may read the document.
    """
    key = plan_key(settings)

    def plan_anew(stored: StoredPlan | None = None) -> PlannedBuild:
        with collection_held():
            return _planned_anew(settings, store, key, stored, time.time_ns(), processes, plan_anew)

    stored = store.plan(key)
    now = time.time_ns()
    if stored is not None:
        try:
            files = _files_of(stored)
            again = [_seen_again(file, stored.seen_ns) for file in files]
        except DAMAGE:
            return plan_anew()
        found = [each.file for each in again if each is not None]
        if len(found) == len(files) and _is_entry(files, settings):
            if found != files or not all(each.is_settled for each in again if each is not None):
                store.touch_plan(key, _files_text(found), now)
            return PlannedBuild(key, stored.digest, stored.endpoints, plan_anew)
    return plan_anew(stored)


def _planned_anew(
    settings: Settings,
    store: Store,
    key: str,
    stored: StoredPlan | None,
    now: int,
    processes: int,
    plan_anew: Callable[[], PlannedBuild],
) -> PlannedBuild:
    """Plan a document that is not as it was, and store the plan.

    now: when its files were looked at, in nanoseconds since the epoch.
    """
    from oas_tasks.parts.facts import decoded_facts
    from oas_tasks.plan.digests import digests_of
    from oas_tasks.plan.planned import encoded

    entry, content = _read_entry(settings)
    known = [] if stored is None else _as_they_were(stored)
    facts = decoded_facts(store.facts(key)) if stored is not None else None
    slicer = _new_slicer(settings, content, facts, known, processes)
    slicer.document.trace.stop()
    files = [entry, *slicer.sources.files()]
    digest = _digest(files)
    if slicer.parts.has_crashed:  # of no use to the next run, which may be one of a tool that is mended
        files = [entry._replace(size=_NEVER), *files[1:]]
    _slicers[settings] = _Known(digest, slicer)
    store.save_plan(
        key,
        StoredPlan(digest, now, _files_text(files), encoded_plan(slicer.plan)),
        encoded_dependencies(slicer.dependencies),
        encoded(digests_of(slicer.parts, slicer.plan, settings), slicer.dependencies.parts),
    )
    facts_now = None if slicer.parts.has_crashed else slicer.memory.encoded(slicer.parts.shared)
    if facts_now is not None:
        store.save_facts(key, facts_now)
    return PlannedBuild(key, digest, slicer.plan, plan_anew)


def _as_they_were(stored: StoredPlan) -> list[SourceFile]:
    """Return those of the files of a plan that hold what they held; none where what is stored cannot be read."""
    try:
        again = [_seen_again(file, stored.seen_ns) for file in _files_of(stored)]
    except DAMAGE:
        return []
    return [each.file for each in again if each is not None]


def stored_files(store: Store, key: str) -> list[SourceFile]:
    """Return the files that a stored plan was made of, the document's own first; none where there is no such plan."""
    stored = store.plan(key)
    return [] if stored is None else _files_of(stored)


def known_files(settings: Settings, store: Store) -> list[SourceFile] | None:
    """Return the files that a document is made of, the entry first; None where no plan is stored of what they hold."""
    stored = store.plan(plan_key(settings))
    if stored is None:
        return None
    try:
        files = _files_of(stored)
        is_same = _is_entry(files, settings) and all(_seen_again(file, stored.seen_ns) for file in files)
        return files if is_same else None
    except DAMAGE:
        return None


def _is_entry(files: Sequence[SourceFile], settings: Settings) -> bool:
    """Whether the first of a plan's files is the document: a plan of others would be up to date whatever it says."""
    return bool(files) and files[0].path == str(settings.spec)


def _files_of(stored: StoredPlan) -> list[SourceFile]:
    return [SourceFile(*each) for each in json.loads(stored.files)]


class _Again(NamedTuple):
    """A file that holds the bytes that it held.

    is_settled: the next look at it can go by its stamp.
    """

    file: SourceFile
    is_settled: bool = True


def _seen_again(file: SourceFile, seen_ns: int) -> _Again | None:
    """Return a file as it is now where it holds the bytes that it held, None where it does not.

    seen_ns: when it was last known to hold them, in nanoseconds since the epoch.
    """
    try:
        status = os.stat(file.path)  # noqa: PTH116  thousands of them, on the path of a run with nothing to do
    except OSError:
        return _Again(file) if file.size == -1 else None
    if status.st_size != file.size:
        return None
    stamp = stamp_of(status)
    is_settled = not IS_TELLING or changed_ns(status) < seen_ns - _SETTLED_NS
    if IS_TELLING and is_settled and stamp == file.stamp:
        return _Again(file)
    try:
        digest = xxh3_128_hexdigest(read_regular(file.path))
    except OSError:
        return None
    return _Again(SourceFile(file.path, file.size, stamp, digest), is_settled) if digest == file.digest else None


def _read_entry(settings: Settings) -> tuple[SourceFile, bytes]:
    """Return the document's identity and its bytes. Raises DocumentError."""
    from oas_tasks.document.document import read_bytes

    try:
        stamp = stamp_of(settings.spec.stat())
    except OSError:
        stamp = NO_STAMP  # reading it says what is wrong
    content = read_bytes(settings.spec, str(settings.spec))
    return SourceFile(str(settings.spec), len(content), stamp, xxh3_128_hexdigest(content)), content


def _files_text(files: Iterable[SourceFile]) -> str:
    return json.dumps(list(files))


def _digest(files: Sequence[SourceFile]) -> str:
    """Return the identity of a document's bytes: of its file, and of those that it refers to."""
    if len(files) == 1:
        return files[0].digest
    others = sorted(files[1:], key=lambda file: file.path)  # what is remembered is met in another order
    return xxh3_128_hexdigest("".join(file.digest or "-" for file in (files[0], *others)).encode())


def planned_before(settings: Settings, store: Store, digest: str) -> PlannedBuild:
    """Return the plan that the main process of this run stored. Raises UserError where it is another by now."""
    key = plan_key(settings)
    stored = store.plan(key)
    if stored is None or stored.digest != digest:
        raise _changed(settings)

    def plan_anew() -> PlannedBuild:
        anew = plan_build(settings, store, 1)
        if anew.digest != digest:
            raise _changed(settings)
        return anew

    return PlannedBuild(key, digest, stored.endpoints, plan_anew)


def plan_key(settings: Settings) -> str:
    """Return the key under which the store has the plan for these settings."""
    return xxh3_128_hexdigest(f"{__version__} {OUTPUT_VERSION} {_SHAPE} {settings!r}".encode())


def _changed(settings: Settings) -> DocumentError:
    where = Where(str(settings.spec))
    return DocumentError("the document was changed while it was being sliced", where, "Run the build again")


class _Known(NamedTuple):
    """The slicer that a process has.

    digest: of the document's bytes.
    """

    digest: str
    slicer: Slicer


_slicers: dict[Settings, _Known] = {}
#: How many processes may read a document.
_readers: dict[Settings, int] = {}
_slicers_lock = threading.Lock()


def slicer_of(settings: Settings, digest: str) -> Slicer:
    """Return this process's slicer of the document whose bytes have this xxh3-128.

    Raises UserError where the document cannot be read or is another by now.
    """
    with _slicers_lock:
        known = _slicers.get(settings)
        if known is None or known.digest != digest:
            known = _slicers[settings] = _read_slicer(settings)
        if known.digest != digest:
            raise _changed(settings)
        return known.slicer


def forget_slicers() -> None:
    """Let go of the documents that this process has read."""
    with _slicers_lock:
        _slicers.clear()


def let_read(settings: Settings, processes: int) -> None:
    """Say how many processes may read a document of which slices are going to be made."""
    _readers[settings] = processes


def _read_slicer(settings: Settings) -> _Known:
    from multiprocessing import parent_process

    from oas_tasks.parts.facts import decoded_facts

    entry, content = _read_entry(settings)
    store = open_store(settings.cache_dir)
    key = plan_key(settings)
    stored = store.plan(key)
    known = [] if stored is None else _as_they_were(stored)
    facts = decoded_facts(store.facts(key)) if stored is not None else None
    store.close()
    # A process that is one of several itself reads alone.
    processes = _readers.get(settings, 1) if parent_process() is None else 1
    slicer = _new_slicer(settings, content, facts, known, processes)
    slicer.document.trace.stop()
    return _Known(_digest([entry, *slicer.sources.files()]), slicer)


def _new_slicer(
    settings: Settings, content: bytes, facts: Facts | None, files: Iterable[SourceFile], processes: int
) -> Slicer:
    """Return the slicer of a document.

    facts: what is remembered of it. files: those that hold what they held.
    """
    from oas_tasks.document.document import load_document
    from oas_tasks.document.files import Sources
    from oas_tasks.parts.facts import known_members
    from oas_tasks.slices.slicer import Slicer

    with collection_held():
        document = load_document(content, str(settings.spec), known_members(facts), processes)
        sources = Sources(settings.spec, str(settings.spec), document.root, settings.allow_outside)
        sources.known = {file.path: file for file in files}
        return Slicer(document, sources, settings, facts)
