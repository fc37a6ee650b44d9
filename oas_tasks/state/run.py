"""One run over one document, as the main process sees it; `runs.py` begins and ends it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from oas_tasks.document.place import EndpointKey
from oas_tasks.errors import Crash, keep_crash
from oas_tasks.file_stamp import NO_STAMP
from oas_tasks.plan.plan import Endpoint, Plan, decoded_dependencies
from oas_tasks.printable import printable
from oas_tasks.regular_files import read_regular
from oas_tasks.settings import Settings
from oas_tasks.slices.diagnostic import Diagnostic, decoded
from oas_tasks.state.index_csv import (
    FAIL,
    FILE_NAME,
    SKIPPED,
    WARN,
    LiveIndex,
    index_bytes,
    index_stamp,
    with_kept_rows,
)
from oas_tasks.state.last_output import updated_index
from oas_tasks.state.plans import PlannedBuild
from oas_tasks.state.records import IntentJournal, Records, record_of
from oas_tasks.state.store import DAMAGE, REPORT_NAME, CleanOutput, Record, Store, output_key, report_key
from oas_tasks.state.up_to_date import UpToDateChecker, clean_output_of, files_beside

if TYPE_CHECKING:
    from oas_tasks.state.fault_list import FaultyEndpoint


class CommonCause(NamedTuple):
    """One change that makes most endpoints stale, as `common_cause.py` finds it.

    what: in words, `info.description changed, which every slice carries`.
    hint: the setting with which they would not be stale, or "".
    """

    endpoints: frozenset[EndpointKey]
    what: str
    hint: str

    def sentence(self, made: int) -> str:
        """Return the change in words, given how many slices were made."""
        count = min(made, len(self.endpoints))
        slices = "1 slice was" if count == 1 else f"{count:,} slices were"
        sentence = f"{slices} rebuilt because {self.what}"
        return printable(f"{sentence}. {self.hint}" if self.hint else sentence)


class Run:
    """A plan with what is stored of earlier runs, and what becomes of its endpoints in this one.

    processes: how many may work at the same time.
    output: the name under which the store keeps what is written to the output folder.
    checker: decides what is up to date.
    records: what became of each endpoint.
    journal: the slices that runs set out to write.
    index_wanted: the index is part of this run, so that index.csv is renewed while slices are made.
    asked: the endpoints that the run is for; None for all.
    kept: the endpoints of earlier runs that the run is not for and whose slices, records and rows it keeps.
    common_cause: what makes most endpoints stale, where that is one thing.
    made: how many slices were written.
    refused: the endpoints that were asked for alone and have no slice; a failed task leaves no record.
    """

    def __init__(self, settings: Settings, store: Store, planned: PlannedBuild, processes: int = 1) -> None:
        self.settings = settings
        self.store = store
        self.planned = planned
        self.processes = processes
        self.output = output_key(settings)
        self.records = Records(store, settings)
        self.checker = UpToDateChecker(settings, store, planned, self.records)
        self.journal = IntentJournal(store, self.output)
        self.index_wanted = False
        self.asked: frozenset[EndpointKey] | None = None
        self.kept: frozenset[EndpointKey] = frozenset()
        self.common_cause: CommonCause | None = None
        self.made = 0
        self.refused: dict[EndpointKey, FaultyEndpoint] = {}
        self._live_index = LiveIndex(settings.output_dir / FILE_NAME)

    @property
    def plan(self) -> Plan:
        """The plan of the document."""
        return self.planned.plan

    @property
    def clean_output(self) -> CleanOutput | None:
        """The output as an earlier run left it, while it is all up to date; None once this run finished a task."""
        return None if self.records.finished else self.checker.clean_output

    @cached_property
    def total(self) -> int:
        """How many endpoints the plan has."""
        clean = self.checker.clean_output
        return len(self.plan.endpoints) if clean is None else clean.endpoints

    @property
    def asked_total(self) -> int:
        """How many endpoints the run is for."""
        return self.total if self.asked is None else len(self.asked | self.refused.keys())

    @cached_property
    def own_files(self) -> frozenset[str]:
        """The names of the files in the output folder that earlier runs wrote, as far as is stored."""
        last = self.checker.last_output
        clean = self.checker.clean_output if last is None else last.clean
        if clean is not None:
            return frozenset(clean.files.keys() - {FILE_NAME, REPORT_NAME})
        names = {record.file for record in self.records.by_key.values()}
        return frozenset((names | {each.file for each in self.journal.unfinished}) - {""})

    @property
    def has_records(self) -> bool:
        """Whether an earlier run left records."""
        return self.checker.last_output is not None or bool(self.records.by_key)

    @property
    def earlier_records(self) -> Mapping[EndpointKey, Record]:
        """The records of the endpoints that may not be what they were: of all, unless the last run left all clean."""
        last = self.checker.last_output
        if last is None:
            return self.records.by_key
        found = {key: self.records.get(key) for key in (*last.changed, *last.gone)}
        return {key: record for key, record in found.items() if record is not None}

    def check_stored(self) -> None:
        """Read what the run is going to need of what is stored, so that damage shows now. Raises one of `DAMAGE`.

        Where the output is clean it needs neither plan nor records.
        """
        self.journal.read()
        self.store.stamp(self.output)
        if self.checker.clean_output is None:
            self.planned.read()
            last = self.checker.last_output
            if last is None:
                self.records.read()
            else:
                for key in (*last.changed, *last.gone):
                    self.records.get(key)

    def begin(self, asked: frozenset[EndpointKey] | None, index_wanted: bool) -> None:
        """Take what the run is for, and store which slices it is going to write."""
        self.asked, self.index_wanted = asked, index_wanted
        if self.checker.stale and (asked is None or asked):
            endpoints = self.plan.endpoints
            self.journal.begin(e for e in endpoints if not self.checker.is_up_to_date(e) and self.is_asked_for(e))

    def keep(self, endpoints: frozenset[EndpointKey]) -> None:
        """Keep slices, records and rows of endpoints that are not in the plan."""
        self.kept = endpoints
        self.records.keep_index_rows()

    def is_asked_for(self, endpoint: Endpoint) -> bool:
        """Whether the run is for an endpoint, among others or alone."""
        return self.asked is None or endpoint.key in self.asked or endpoint.key in self.refused

    def has_no_slice(self, endpoint: Endpoint) -> bool:
        """Whether an endpoint has no slice because of a fault, which this run or an earlier one found."""
        key = endpoint.key
        record = self.records.get(key) if key in self.records.finished else None
        failed = record is not None and record.status == FAIL
        return failed or key in self.refused or self.checker.is_known_failure(endpoint)

    def finished(self, endpoint: Endpoint, values: Mapping[str, object]) -> None:
        """Record what a slice task returned, and renew index.csv from time to time."""
        if values["traceback"]:
            keep_crash(Crash(endpoint.label, str(values["reason"]), str(values["traceback"])))
        record = record_of(endpoint, values, self.planned.digest)
        is_changed = bool(values["changed"])
        self.made += is_changed and record.status != FAIL
        self.records.add(record, is_changed)
        if self.index_wanted and self.settings.csv and self._live_index.is_due(self.total):
            with contextlib.suppress(OSError):  # the index task fails with the same error, and says so
                self._write_live_index()

    def refuse(self, endpoint: Endpoint, reason: str, traceback: str, faults: str, is_tolerable: bool) -> None:
        """Keep why an endpoint that was asked for alone has no slice.

        traceback: where this tool itself went wrong, "" where it did not.
        faults, is_tolerable: as in a record.
        """
        from oas_tasks.state.fault_list import FaultyEndpoint  # a run with nothing to do does not need it

        known = decoded(faults) or [Diagnostic("", "", reason.strip())]
        self.refused[endpoint.key] = FaultyEndpoint(endpoint, known, is_tolerable, faults != "")
        if traceback:
            keep_crash(Crash(endpoint.label, reason, traceback))

    def rows(self, interrupted: bool = False) -> Iterator[tuple[Endpoint, Record]]:
        """Yield the endpoints that are not stale any more, in document order, each with its record.

        interrupted: yield the others as well, with a SKIPPED record.
        """
        return self._rows_of(self.plan.endpoints, self.records.by_key.get, interrupted)

    def new_rows(self, interrupted: bool = False) -> Iterator[tuple[Endpoint, Record]]:
        """Yield the rows that may be others than in the last run, which left all others without a fault or a loss.

        interrupted: as for `rows`.
        """
        if self.checker.last_output is None:
            return self.rows(interrupted)
        new = self._new_keys
        return self._rows_of((e for e in self.plan.endpoints if e.key in new), self.records.get, interrupted)

    @property
    def _new_keys(self) -> Set[EndpointKey]:
        """The endpoints that changed since the last run or that this one made again, where that left all clean."""
        last = self.checker.last_output
        return self.records.finished if last is None else last.changed | self.records.finished

    def _rows_of(
        self, endpoints: Iterable[Endpoint], find: Callable[[EndpointKey], Record | None], interrupted: bool
    ) -> Iterator[tuple[Endpoint, Record]]:
        stale, finished = self.checker.stale, self.records.finished
        for endpoint in endpoints:
            key = endpoint.key
            record = find(key)
            untried = record is None or (key in stale and key not in finished)
            if record is not None and (not untried or not record.fingerprint):
                yield endpoint, record
            elif interrupted:
                yield endpoint, Record(*key, "", "", SKIPPED, "", 0, NO_STAMP, "", "", 0.0, "", 0)

    def _write_live_index(self, interrupted: bool = False) -> None:
        """Write index.csv with the rows so far. Raises OSError."""
        self.records.keep_index_rows()
        self._live_index.write(lambda: self.index_content(interrupted))

    def index_content(self, interrupted: bool = False) -> bytes:
        """Return the content of index.csv with the rows so far, and with those that the run keeps.

        interrupted: as for `rows`.
        """
        if self.kept:
            content = index_bytes(self.rows(interrupted), self.plan.family)
            return with_kept_rows(content, self.records.keep_index_rows(), self.kept)
        last, before = self.checker.last_output, self._index_before
        if last is not None and before is not None:
            new = list(self.new_rows(interrupted))
            without = self._new_keys - {endpoint.key for endpoint, _ in new}
            found = updated_index(before, last, self.plan, new, without)
            if found is not None:
                return found
        return index_bytes(self.rows(interrupted), self.plan.family)

    @cached_property
    def _index_before(self) -> bytes | None:
        """The content of index.csv that the last run left, where only some of its rows have to be replaced."""
        if self.checker.last_output is not None:
            with contextlib.suppress(OSError):
                return read_regular(self.settings.output_dir / FILE_NAME, follow=False)
        return None

    def save_index_stamp(self, status: os.stat_result) -> None:
        """Store what index.csv is up to date with, given its status.

        With rows that were kept it is no file of a complete run: its rows may be all that is known of slices.
        """
        self.store.save_stamp(self.output, ["", 0, ""] if self.kept else index_stamp(self.plan.digest, status))

    def is_index_up_to_date(self) -> bool:
        """Whether index.csv is as the last run wrote it for this very plan, and no row changed since."""
        if not self.settings.csv or self.clean_output is not None:
            return True
        try:
            status = (self.settings.output_dir / FILE_NAME).lstat()
        except OSError:
            return False
        return self.store.stamp(self.output) == index_stamp(self.plan.digest, status)

    def is_report_up_to_date(self) -> bool:
        """Whether index.html is as the last run wrote it for this very document, and no row changed since."""
        if not self.settings.html or self.clean_output is not None:
            return True
        from oas_tasks.state.report_file import report_stamp  # a run with nothing to do does not need it

        try:
            status = (self.settings.output_dir / REPORT_NAME).lstat()
        except OSError:
            return False
        stamp = report_stamp(self.planned.digest, self.plan.digest, status)
        return self.store.stamp(report_key(self.output)) == stamp

    def complete(self) -> None:
        """Store that the run did all it was for; a later run finds a clean output with little effort."""
        if self.clean_output is None and not self.plan.idle and not self.kept:
            clean = self._clean_output_now()
            if clean is not None:
                self.records.save()
                self.store.save_clean_output(self.output, self.planned.key, self.planned.digest, clean)
        self.journal.end(self.records, self.kept)

    def _clean_output_now(self) -> CleanOutput | None:
        last = self.checker.last_output
        if last is not None:
            new = {endpoint.key: record for endpoint, record in self.new_rows()}
            beside = files_beside(self.settings)
            clean = last.updated(self.plan, new, beside)
            is_whole = len(new) == len(self._new_keys) and len(beside) == self.settings.csv + self.settings.html
            if is_whole and clean is not None:
                return clean
        rows = list(self.rows())  # without those whose tasks are to be ignored
        return clean_output_of(rows, self.settings) if len(rows) == len(self.plan.endpoints) else None

    @property
    def notices(self) -> list[str]:
        """Values of filters that match nothing, though others do."""
        return [] if self.checker.clean_output is not None else [str(each) for each in self.plan.idle]

    def failures(self) -> list[FaultyEndpoint]:
        """Return the endpoints that the run is for and that have no slice, in document order."""
        if not self.refused:
            # A run with nothing to do does not read its plan.
            if self.clean_output is not None:
                return []
            if self.checker.last_output is None and all(
                record.status != FAIL for record in self.records.by_key.values()
            ):
                return []
        from oas_tasks.state.fault_list import faulty_endpoint  # a run with nothing to do does not need it

        failed = {e.key: faulty_endpoint(e, r) for e, r in self.new_rows() if r.status == FAIL and self.is_asked_for(e)}
        if not failed and not self.refused:
            return []
        failed |= self.refused
        found = (failed.get(e.key) for e in self.plan.endpoints)
        return [each for each in found if each is not None]

    def warned(self) -> int:
        """Return how many slices that the run is for have faults of the document."""
        if self.clean_output is not None:
            return self.clean_output.warned
        return sum(record.status == WARN and self.is_asked_for(endpoint) for endpoint, record in self.new_rows())

    def sliced(self) -> list[Endpoint]:
        """Return the endpoints that the run is for and that have a slice, in document order."""
        if self.clean_output is not None:
            return list(filter(self.is_asked_for, self.plan.endpoints))
        made = {endpoint.key for endpoint, record in self.new_rows() if record.status != FAIL}
        new = self._new_keys
        has_others = self.checker.last_output is not None
        return [
            endpoint
            for endpoint in self.plan.endpoints
            if self.is_asked_for(endpoint) and (endpoint.key in made or (has_others and endpoint.key not in new))
        ]

    def warned_now(self) -> list[FaultyEndpoint]:
        """Return the slices that this run made and that have faults of the document, in document order."""
        finished = self.records.finished
        if not finished:
            return []
        from oas_tasks.state.fault_list import faulty_endpoint  # a run with nothing to do does not need it

        rows = ((e, r) for e, r in self.new_rows() if e.key in finished)
        return [faulty_endpoint(endpoint, record) for endpoint, record in rows if record.status == WARN]

    def dependencies_of(self, number: int) -> tuple[str, ...]:
        """Return the ids of the parts that the endpoint with this number in the plan reaches."""
        try:
            return decoded_dependencies(self.store.dependencies(self.planned.key) or "").of(number)
        except DAMAGE:
            self.planned.renew()
        return decoded_dependencies(self.store.dependencies(self.planned.key) or "").of(number)

    def leave(self) -> None:
        """Save what is not saved yet; an interrupted run leaves an index that says so."""
        with contextlib.suppress(Exception):
            self.records.save()
            # The index task leaves a stamp, and every record that is saved takes it away.
            is_unfinished = self.index_wanted and self.settings.csv and self.records.finished
            if is_unfinished and self.store.stamp(self.output) is None:
                self._write_live_index(interrupted=True)
            self.store.close()
