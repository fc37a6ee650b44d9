"""One run over one document, as the main process sees it: what is up to date, what became of the rest, the rows.

Every run that this process began is in `RUNS`, in the order of the specs, for what is left to do at exit.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import signal
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from xxhash import xxh3_128_hexdigest

from oas_tasks.errors import CRASHES, Crash, UserError, Where
from oas_tasks.file_stamp import NO_STAMP, stamp_of
from oas_tasks.plan.plan import Endpoint, Plan, decoded_dependencies
from oas_tasks.processes import made_to_stay
from oas_tasks.regular_files import read_regular
from oas_tasks.settings import SETTINGS, Settings
from oas_tasks.slices.told import Told, decoded
from oas_tasks.state.fault_list import Faulty, faulty
from oas_tasks.state.index_csv import FAIL, FILE_NAME, SKIPPED, WARN, index_bytes, index_stamp, read_index, when_made
from oas_tasks.state.output_folder import write_atomically
from oas_tasks.state.plans import PlannedBuild, forget_slicers, let_read, plan_build, planned_before
from oas_tasks.state.store import DAMAGE, Intent, Record, Store, Whole, open_store, output_key

if TYPE_CHECKING:
    from oas_tasks.state.common_cause import CommonCause

#: Seconds between two writings of the index while a run is under way.
_LIVE_INTERVAL = 1.0

Key = tuple[str, str]


class Run:
    """The state of one run over one document.

    processes: how many may be at work on one thing.
    index_wanted: the index is part of this run, so that it is kept alive while slices are made.
    asked: the endpoints that the run is for, by path and method; None for all.
    common_cause: what makes most endpoints stale, where that is one thing.
    made, unchanged: how many slices were written and how many came out as they were.
    refused: the endpoints that were asked for alone and have no slice; of a task that fails there is no record.
    """

    def __init__(
        self, settings: Settings, digest: str | None = None, store: Store | None = None, processes: int = 1
    ) -> None:
        """Plan, or with `digest` take the plan that the main process made of the document with this xxh3-128.

        store: that of the settings' cache folder where it is None.
        """
        self.settings = settings
        self.processes = processes
        self.store = open_store(settings.cache_dir) if store is None else store
        self.output = output_key(settings)
        self.planned: PlannedBuild = (
            plan_build(settings, self.store, processes)
            if digest is None
            else planned_before(settings, self.store, digest)
        )
        #: Ends with the separator: a name is added to it thousands of times.
        self._folder = os.path.join(settings.output_dir, "")  # noqa: PTH118
        self.index_wanted = False
        self.asked: frozenset[Key] | None = None
        self.common_cause: CommonCause | None = None
        self.made = 0
        self.unchanged = 0
        self.refused: dict[Key, Faulty] = {}
        self.finished_now: set[Key] = set()
        self._unsaved: list[Record] = []
        #: Size and stamp of an index whose rows were taken into the records, and must not be once more.
        self._taken: tuple[int, str] | None = None
        self._saved_at = time.monotonic()
        self._written_at = time.monotonic()
        self._index_cost = 0.0

    @property
    def plan(self) -> Plan:
        """The plan of the document."""
        return self.planned.plan

    @cached_property
    def records(self) -> dict[Key, Record]:
        """What this run and earlier ones did, by path and method.

        When a slice was made and how long that took is told by an index from elsewhere: builds of the same document on
        other machines have other times, and the ones that were committed are to stay.
        """
        found = self.store.records(self.output)
        for key, row in self.rows_from_elsewhere.items():
            record = found.get(key)
            if record is None or (row["validation_status"], row["failure_reason"]) != (record.status, record.reason):
                continue
            told = when_made(row)
            if told is not None and told != (record.created_at, record.milliseconds):
                found[key] = record._replace(created_at=told.created_at, milliseconds=told.milliseconds)
                self._unsaved.append(found[key])
        return found

    @cached_property
    def rows_from_elsewhere(self) -> Mapping[Key, dict[str, str]]:
        """The rows of an index that is not the one that the last whole run left: it was checked out since, say.

        Or it is what a run that was stopped had got round to, whose rows are as good.
        """
        stamp = self.store.stamp(self.output) if self.settings.csv else None
        with contextlib.suppress(OSError):
            status = (self.settings.output_dir / FILE_NAME).lstat()
            if stamp is not None and stamp[1:] != [status.st_size, stamp_of(status)]:
                self._taken = (status.st_size, stamp_of(status))
                return self._earlier_rows
        return {}

    @cached_property
    def whole(self) -> Whole | None:
        """What is known of the output where every file in it is as it was when all was up to date, else None.

        Found out without a look at any endpoint.
        """
        known = self.store.whole(self.output, self.planned.key, self.planned.digest)
        return known if known is not None and files_in(self.settings.output_dir, known.files) == known.files else None

    @cached_property
    def total(self) -> int:
        """How many endpoints there are."""
        return len(self.plan.endpoints) if self.whole is None else self.whole.endpoints

    @cached_property
    def stale(self) -> frozenset[Key]:
        """The endpoints whose slices are not what the document asks for, as the run found them."""
        if self.whole is not None:
            return frozenset()
        found = frozenset((e.path, e.method) for e in self.plan.endpoints if not self._is_current(e))
        let_read(self.settings, self.processes)
        return found

    @cached_property
    def intended_before(self) -> list[Intent]:
        """The slices that earlier runs set out to write and have not come to an end with."""
        return self.store.intended(self.output)

    @cached_property
    def own_files(self) -> frozenset[str]:
        """The names of the files in the output folder that earlier runs wrote, as far as is remembered."""
        if self.whole is not None:
            return frozenset(self.whole.files)
        names = {record.file for record in self.records.values()} | {each.file for each in self.intended_before}
        return frozenset(names - {""})

    def never_recorded(self) -> list[Intent]:
        """Return the slices that a run which was killed may have written, and had no time to say so."""
        recorded = {key: record.fingerprint for key, record in self.records.items() if record.has_slice}
        return [each for each in self.intended_before if recorded.get((each.path, each.method)) != each.fingerprint]

    def begin(self, asked: frozenset[Key] | None, index_wanted: bool) -> None:
        """Take what the run is for, before anything is written."""
        self.asked, self.index_wanted = asked, index_wanted
        if asked is None or asked:
            self._intend()

    def _intend(self) -> None:
        """Note what is going to be written: a run that is killed has no time to say what it did."""
        if not self.stale:
            return
        stale = (e for e in self.plan.endpoints if not self.is_current(e) and self.is_asked_for(e))
        new = [Intent(e.path, e.method, e.file, e.fingerprint) for e in stale]
        last = {(each.path, each.method): each for each in (*self.intended_before, *new)}
        self.store.save_intended(self.output, last.values())

    def is_asked_for(self, endpoint: Endpoint) -> bool:
        """Whether the run is for this endpoint, among others or alone."""
        key = (endpoint.path, endpoint.method)
        return self.asked is None or key in self.asked or key in self.refused

    def is_current(self, endpoint: Endpoint) -> bool:
        """Whether an endpoint's slice is there as it was made, for this very fingerprint."""
        return (endpoint.path, endpoint.method) not in self.stale

    def is_fault(self, endpoint: Endpoint) -> bool:
        """Whether the fault of an endpoint is known already, so that no file is to be expected."""
        record = self.records.get((endpoint.path, endpoint.method))
        if record is None or record.fingerprint != endpoint.fingerprint:
            return False
        return record.status == FAIL and not self.is_decided_otherwise(record)

    def is_decided_otherwise(self, record: Record) -> bool:
        """Whether the setting `source_faults` had another value when it decided whether there is a slice."""
        return record.is_tolerable and (record.status == FAIL) == (self.settings.source_faults == "warn")

    def has_no_slice(self, endpoint: Endpoint) -> bool:
        """Whether an endpoint has no slice for a fault, known before or found by this run."""
        key = (endpoint.path, endpoint.method)
        found = key in self.finished_now and self.records[key].status == FAIL
        return found or key in self.refused or self.is_fault(endpoint)

    def _is_current(self, endpoint: Endpoint) -> bool:
        record = self.records.get((endpoint.path, endpoint.method))
        if record is None or record.fingerprint != endpoint.fingerprint:
            return False
        file = self._folder + endpoint.file
        if record.is_tolerable and self.is_decided_otherwise(record):  # which is asked of few
            return False
        if record.status == FAIL:  # its reason names a line, which any edit may move
            return record.digest == self.planned.digest and not Path(file).exists()
        if record.file != endpoint.file:
            return False
        try:
            status = os.lstat(file)
            if status.st_size != record.size:
                return False
            stamp = stamp_of(status)
            if stamp == record.stamp:
                return True
            if xxh3_128_hexdigest(read_regular(file, follow=False)) != record.digest:
                return False
        except OSError:
            return False
        self._unsaved.append(record._replace(stamp=stamp))
        self.records[endpoint.path, endpoint.method] = self._unsaved[-1]
        return True

    def finished(self, endpoint: Endpoint, values: Mapping[str, object]) -> None:
        """Take what a slice task returned: make its record, and keep the index on disk alive."""
        key = (endpoint.path, endpoint.method)
        if values["traceback"]:
            CRASHES.append(Crash(f"{key[1]} {key[0]}", str(values["reason"]), str(values["traceback"])))
        changed = bool(values["changed"])
        status = str(values["status"])
        record = Record(
            endpoint.path,
            endpoint.method,
            endpoint.file if status != FAIL else "",
            str(values["fingerprint"]),
            status,
            str(values["reason"]),
            int(str(values["size"])),
            str(values["stamp"]),
            str(values["digest"]) if status != FAIL else self.planned.digest,
            "" if status == FAIL else datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            float(str(values["milliseconds"])),
            str(values["warnings"]),
            int(str(values["schema_count"])),
            str(values.get("faults", "")),
            bool(values.get("is_tolerable")),
        )
        if not changed:
            record = self._as_before(key, record)
        self.records[key] = record
        self.finished_now.add(key)
        self._unsaved.append(record)
        if status != FAIL:
            self.made += changed
            self.unchanged += not changed
        now = time.monotonic()
        if now - self._saved_at >= _LIVE_INTERVAL:
            self.save()
        if (
            self.index_wanted
            and self.settings.csv
            and now - self._written_at >= max(_LIVE_INTERVAL, 20 * self._index_cost)
        ):
            with contextlib.suppress(OSError):  # the index task will say it
                self.write_live_index()

    def refuse(self, endpoint: Endpoint, reason: str, traceback: str, faults: str, is_tolerable: bool) -> None:
        """Take why an endpoint that was asked for alone has no slice, and where this tool went wrong, if it did.

        faults, is_tolerable: as a record has them.
        """
        told = decoded(faults) or [Told("", "", reason.strip())]
        self.refused[endpoint.path, endpoint.method] = Faulty(endpoint, told, is_tolerable, faults != "")
        if traceback:
            CRASHES.append(Crash(endpoint.label, reason, traceback))

    def _as_before(self, key: Key, record: Record) -> Record:
        """Return the record of a slice that did not change with the time and cost it was made at, where known."""
        before = self.records.get(key)
        if before is not None and (before.status, before.reason) == (record.status, record.reason):
            return record._replace(created_at=before.created_at, milliseconds=before.milliseconds)
        row = self._earlier_rows.get(key)
        if row is not None and (row["validation_status"], row["failure_reason"]) == (record.status, record.reason):
            told = when_made(row)
            if told is not None:
                return record._replace(created_at=told.created_at, milliseconds=told.milliseconds)
        return record

    @cached_property
    def _earlier_rows(self) -> dict[Key, dict[str, str]]:
        return read_index(self.settings.output_dir / FILE_NAME)

    def save(self) -> None:
        """Store the records made since the last time."""
        if self._unsaved:
            self.store.save_records(self.output, self._unsaved)
            self._unsaved = []
            if self._taken is not None:
                self.store.save_stamp(self.output, ["", *self._taken])
                self._taken = None
        self._saved_at = time.monotonic()

    def rows(self, interrupted: bool = False) -> Iterator[tuple[Endpoint, Record]]:
        """Yield endpoints in document order with their records: those that are as the document asks.

        interrupted: with a SKIPPED row for all others.
        """
        records, stale, finished = self.records, self.stale, self.finished_now
        for endpoint in self.plan.endpoints:
            key = (endpoint.path, endpoint.method)
            record = records.get(key)
            untried = record is None or (key in stale and key not in finished)
            if record is not None and (not untried or not record.fingerprint):
                yield endpoint, record
            elif interrupted:
                yield endpoint, Record(*key, "", "", SKIPPED, "", 0, NO_STAMP, "", "", 0.0, "", 0)

    def write_live_index(self, interrupted: bool = False) -> None:
        """Write the index with the rows so far. Raises OSError."""
        _ = self._earlier_rows  # before they are replaced
        started = time.monotonic()
        self.settings.output_dir.mkdir(parents=True, exist_ok=True)
        content = index_bytes(self.rows(interrupted), self.plan.family)
        write_atomically(self.settings.output_dir / FILE_NAME, content)
        self._written_at = time.monotonic()
        self._index_cost = self._written_at - started

    @property
    def index_is_current(self) -> bool:
        """Whether index.csv is as the last run wrote it for this very plan, and no row changed since."""
        if not self.settings.csv or (self.whole is not None and not self.finished_now):
            return True
        try:
            status = (self.settings.output_dir / FILE_NAME).lstat()
        except OSError:
            return False
        return self.store.stamp(self.output) == index_stamp(self.plan.digest, status)

    def come_to_end(self) -> None:
        """Note that all that was to be written is recorded, and what was left over is removed."""
        if self.intended_before or (self.finished_now and self.store.intended(self.output)):
            self.save()
            self.store.save_intended(self.output, ())

    def note_whole(self) -> None:
        """Remember the output as it is, for a run that finds it unchanged; all of it was found up to date."""
        if self.whole is not None and not self.finished_now:
            return
        rows = list(self.rows())
        if self.plan.idle or any(record.warnings or not record.has_slice for _, record in rows):
            return
        files = {record.file: (record.size, record.stamp) for _, record in rows}
        files |= files_in(self.settings.output_dir, [FILE_NAME]) if self.settings.csv else {}
        if len(files) == len(rows) + self.settings.csv:
            self.save()
            whole = Whole(len(rows), files, sum(record.status == WARN for _, record in rows))
            self.store.save_whole(self.output, self.planned.key, self.planned.digest, whole)

    @property
    def notices(self) -> list[str]:
        """What the settings ask for in vain, though there are other endpoints."""
        return [] if self.whole is not None else [str(each) for each in self.plan.idle]

    @property
    def _may_have_failed(self) -> bool:
        """Whether an endpoint may have no slice for a reason, told without a look at the plan."""
        if self.refused:
            return True
        if self.whole is not None and not self.finished_now:
            return False
        return any(record.status == FAIL for record in self.records.values())

    def failures(self) -> list[Faulty]:
        """Return the endpoints that the run is for and that have no slice, in document order."""
        if not self._may_have_failed:
            return []
        failed = {(e.path, e.method): faulty(e, r) for e, r in self.rows() if r.status == FAIL and self.is_asked_for(e)}
        failed |= self.refused
        found = (failed.get((e.path, e.method)) for e in self.plan.endpoints)
        return [each for each in found if each is not None]

    @property
    def warned(self) -> int:
        """How many slices have faults of the document, of those that the run is for."""
        if self.whole is not None and not self.finished_now:
            return self.whole.warned
        return sum(record.status == WARN and self.is_asked_for(endpoint) for endpoint, record in self.rows())

    def warned_now(self) -> list[Faulty]:
        """Return the slices that this run has made and that have faults of the document, in document order."""
        if not self.finished_now:
            return []
        rows = ((e, r) for e, r in self.rows() if (e.path, e.method) in self.finished_now)
        return [faulty(endpoint, record) for endpoint, record in rows if record.status == WARN]

    def dependencies_of(self, number: int) -> tuple[str, ...]:
        """Return the ids of the parts that the endpoint of this number in the plan reaches."""
        text = self.store.dependencies(self.planned.key)
        try:
            return decoded_dependencies(text or "").of(number)
        except DAMAGE:
            self.planned.renewed()
        return decoded_dependencies(self.store.dependencies(self.planned.key) or "").of(number)

    def leave(self) -> None:
        """Save what is not saved; an interrupted run leaves an index that says so."""
        with contextlib.suppress(Exception):
            self.save()
            # The index task leaves a stamp, and every record that is saved takes it away.
            is_unfinished = self.index_wanted and self.settings.csv and self.finished_now
            if is_unfinished and self.store.stamp(self.output) is None:
                self.write_live_index(interrupted=True)
            self.store.close()


def files_in(folder: Path, names: Collection[str]) -> dict[str, tuple[int, str]]:
    """Return size and stamp of those files in a folder that have one of these names."""
    found: dict[str, tuple[int, str]] = {}
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in names:
                status = entry.stat(follow_symlinks=False)
                found[entry.name] = (status.st_size, stamp_of(status))
    return found


def abandon(runs: Sequence[Run]) -> None:
    """Let go of runs that must not go on, before they did anything."""
    for run in runs:
        RUNS.remove(run)
        run.store.close()


RUNS: list[Run] = []
#: The process that began them; its children have what it had when they were forked.
_process = 0


def run_of_this_process(settings: Settings) -> Run | None:
    """Return the run over a document that this very process began, if it did."""
    return next((run for run in RUNS if run.settings == settings), None) if os.getpid() == _process else None


def start_run(settings: Settings, processes: int) -> Run:
    """Begin a run in the main process; what it still has to do is done at the latest when the process ends.

    processes: how many may be at work on one thing.
    """
    global _process
    check_output_folder(settings)
    _process = os.getpid()
    if not RUNS:
        atexit.register(_leave_all, os.getpid())
    with made_to_stay():
        run = run_with(settings, open_store(settings.cache_dir), processes)
    RUNS.append(run)
    return run


def run_with(settings: Settings, store: Store, processes: int) -> Run:
    """Return a run that has read what is remembered of earlier ones; where that cannot be read, nothing is.

    Raises UserError where the document cannot be sliced.
    """
    before = store.replaced
    try:
        run = _remembering(Run(settings, store=store, processes=processes))
        if store.replaced == before:
            return run
    except DAMAGE:
        store.start_anew()
    return _remembering(Run(settings, store=store, processes=processes))


def _remembering(run: Run) -> Run:
    """Read what is remembered, so that damage shows here; a plan that is not read yet sees to that itself."""
    _ = run.intended_before, (run.store.stamp(run.output) or [])[1:]
    if run.whole is None:
        _ = run.plan, run.records
    return run


def check_not_empty(runs: Sequence[Run]) -> None:
    """Raise UserError where no document has an endpoint that is asked for: a mistake, for which nothing is removed."""
    if any(run.total for run in runs):
        return
    settings = runs[0].settings
    from oas_tasks.plan.filters import filters_of  # which a run with nothing to do needs not

    filters = [f"{SETTINGS[name].option} {value}" for name, value in filters_of(settings).items()]
    if filters:
        guesses = " or ".join(
            f"'{each.guess}'" for each in runs[0].plan.idle if each.guess and each.name in filters_of(settings)
        )
        hint = f"Did you mean {guesses}?" if guesses else None
        raise UserError(f"no endpoint of {settings.spec} matches {' and '.join(filters)}", None, hint)
    message = f"{settings.spec} has no endpoints: nothing stands under 'paths'"
    if settings.webhooks or not _has_webhooks(settings):
        raise UserError(message)
    if settings.output_version == "3.0.x":
        raise UserError(f"{message}, and its webhooks do not exist in OpenAPI 3.0")
    raise UserError(f"{message}, but it has webhooks", None, "They are sliced with --webhooks")


def _has_webhooks(settings: Settings) -> bool:
    """Whether a document has webhooks, which are no endpoints unless they are asked for."""
    from oas_tasks.document.document import parse_document, read_bytes  # which a run with nothing to do needs not

    return bool(parse_document(read_bytes(settings.spec, str(settings.spec)), str(settings.spec)).root.get("webhooks"))


def check_output_folder(settings: Settings) -> None:
    """Raise UserError where the output folder cannot be one; it is made when the first file is written."""
    folder = settings.output_dir
    existing = folder.absolute()
    while not os.path.lexists(existing) and existing != existing.parent:
        existing = existing.parent
    where = Where(str(folder))
    hint = "Choose another with 'output_dir'"
    if not existing.is_dir():
        raise UserError(f"slices cannot be written there: {existing} is not a folder", where, hint)
    if not os.access(existing, os.W_OK | os.X_OK):
        raise UserError(f"slices cannot be written there: {existing} is not writable", where, hint)


def _leave_all(process: int) -> None:
    if os.getpid() == process:
        with contextlib.suppress(ValueError):  # in another thread than the main one
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is impatient would lose what is saved here
        for run in RUNS:
            run.leave()
        RUNS.clear()
        forget_slicers()
        gc.unfreeze()  # Python brings to an end what it finds, such as a file that dodo.py has opened
