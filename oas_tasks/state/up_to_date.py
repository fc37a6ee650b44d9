"""Decides which endpoints are up to date: from their records and files, or from the clean output of an earlier run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from pathlib import Path

from xxhash import xxh3_128_hexdigest

from oas_tasks.document.place import EndpointKey
from oas_tasks.file_stamp import stamp_of
from oas_tasks.plan.plan import Endpoint
from oas_tasks.regular_files import read_regular
from oas_tasks.settings import Settings
from oas_tasks.slices.diagnostic import Diagnostic, decoded
from oas_tasks.state.fault_places import fault_places, moved_faults
from oas_tasks.state.index_csv import FAIL, FILE_NAME, WARN
from oas_tasks.state.last_output import LastOutput
from oas_tasks.state.plans import PlannedBuild
from oas_tasks.state.records import Records
from oas_tasks.state.store import REPORT_NAME, CleanOutput, Record, Store, output_key


class UpToDateChecker:
    """Decides which endpoints of a plan are up to date, as a run finds them when it begins."""

    def __init__(self, settings: Settings, store: Store, planned: PlannedBuild, records: Records) -> None:
        self._settings = settings
        self._store = store
        self._planned = planned
        self._records = records
        #: Ends with the separator: a name is added to it thousands of times.
        self._folder = os.path.join(settings.output_dir, "")  # noqa: PTH118

    @cached_property
    def clean_output(self) -> CleanOutput | None:
        """The output as an earlier run left it, if all of it was up to date then and no file changed since.

        Finding that out needs neither the plan nor any record.
        """
        return self._clean_output_by(self._planned.digest)

    def _clean_output_by(self, digest: str) -> CleanOutput | None:
        known = self._store.clean_output(output_key(self._settings), self._planned.key, digest)
        if known is None or _files_in(self._settings.output_dir, known.files) != known.files:
            return None
        return known

    @cached_property
    def last_output(self) -> LastOutput | None:
        """The clean output of the run before the document was edited, if that is all that happened since."""
        before = self._planned.before
        if before is None or self.clean_output is not None or self._store.intended(output_key(self._settings)):
            return None
        clean = self._clean_output_by(before.digest)
        # The records alone tell whose faults the warnings were.
        return None if clean is None or clean.warned else LastOutput.of(clean, before.plan, self._planned.plan)

    @cached_property
    def stale(self) -> frozenset[EndpointKey]:
        """The endpoints whose slices have to be made."""
        if self.clean_output is not None:
            return frozenset()
        last, plan = self.last_output, self._planned.plan
        if last is not None:
            return frozenset(e.key for e in plan.endpoints if e.key in last.changed and not last.has_slice_of(e))
        return frozenset(each.key for each in plan.endpoints if not self._has_current_file(each))

    def is_up_to_date(self, endpoint: Endpoint) -> bool:
        """Whether an endpoint's slice does not have to be made."""
        return endpoint.key not in self.stale

    def is_known_failure(self, endpoint: Endpoint) -> bool:
        """Whether an earlier run found the fault for which an endpoint has no slice."""
        record = self._records.get(endpoint.key)
        if record is None or record.fingerprint != endpoint.fingerprint:
            return False
        return record.status == FAIL and not self.is_decided_otherwise(record)

    def is_decided_otherwise(self, record: Record) -> bool:
        """Whether another value of the setting `source_faults` decided if there is a slice."""
        return record.is_tolerable and (record.status == FAIL) == (self._settings.source_faults == "warn")

    def _has_current_file(self, endpoint: Endpoint) -> bool:
        """Whether the last record is for an endpoint's fingerprint, and its file is as it was written."""
        record = self._records.by_key.get(endpoint.key)
        if record is None or record.fingerprint != endpoint.fingerprint:
            return False
        file = self._folder + endpoint.file
        if record.is_tolerable and self.is_decided_otherwise(record):  # few are tolerable, and calls cost time
            return False
        if record.status == FAIL:
            return not Path(file).exists() and self._has_current_reason(endpoint, record)
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
        except (OSError, UnicodeEncodeError):  # a name that this locale has no characters for
            return False
        self._records.restamp(record, stamp)
        return True

    def _has_current_reason(self, endpoint: Endpoint, record: Record) -> bool:
        """Whether the lines in the reason of a failure are those of the document as it is now, or could be renewed."""
        if record.digest == self._planned.digest:
            return True
        faults = moved_faults(endpoint, decoded(record.faults), self._settings, self._located)
        if faults is not None:
            self._records.renew_reason(record, faults, self._planned.digest)
        return faults is not None

    @cached_property
    def _located(self) -> Callable[[Diagnostic], Diagnostic]:
        return fault_places(self._settings)


def clean_output_of(rows: Sequence[tuple[Endpoint, Record]], settings: Settings) -> CleanOutput | None:
    """Return an output folder as it is, None where an endpoint has no slice, lost something or has no file.

    rows: all endpoints, each found up to date.
    """
    if any(record.warnings or not record.has_slice for _, record in rows):
        return None
    files = {record.file: (record.size, record.stamp) for _, record in rows}
    files |= files_beside(settings)
    if len(files) != len(rows) + settings.csv + settings.html:
        return None
    return CleanOutput(len(rows), files, sum(record.status == WARN for _, record in rows))


def files_beside(settings: Settings) -> dict[str, tuple[int, str]]:
    """Return size and stamp of the files beside the slices by their names, as far as they are wanted and exist."""
    return _files_in(settings.output_dir, [FILE_NAME] * settings.csv + [REPORT_NAME] * settings.html)


def _files_in(folder: Path, names: Collection[str]) -> dict[str, tuple[int, str]]:
    """Return size and stamp of those files in a folder that have one of these names."""
    found: dict[str, tuple[int, str]] = {}
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in names:
                status = entry.stat(follow_symlinks=False)
                found[entry.name] = (status.st_size, stamp_of(status))
    return found
